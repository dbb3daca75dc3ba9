//! Geometries as GeoJSON (RFC 7946).

use super::geometry::{DEEPEST, Geometry, GeometryFault};
use super::parts::{is_empty_point, rings};
use super::wkt::OPEN_RING;
use geo::{
    Coord, Geometry as Inner, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon,
    Point, Polygon,
};
use serde_json::{Map, Value};
use std::fmt::Write as _;

type Read<T> = Result<T, GeometryFault>;

impl Geometry {
    /// The geometry of a GeoJSON text: a geometry, a Feature's, or all of a `FeatureCollection` as
    /// one collection. Other members are passed over, and numbers of a position beyond the second; a
    /// feature without a geometry is an empty collection.
    ///
    /// Cost: 0.2 µs a position, and memory of some 40 times the text for a moment.
    ///
    /// # Errors
    /// Text that is not JSON, with the character; all else with its path, such as
    /// `coordinates[0][3]`: as for [`from_wkt`](Self::from_wkt).
    ///
    /// ```
    /// use derek::geo::Geometry;
    ///
    /// let point = Geometry::from_geojson(r#"{"type": "Point", "coordinates": [71.4, 51.1, 350]}"#)?;
    /// assert_eq!(point.to_wkt(), "POINT(71.4 51.1)");
    /// let fault = Geometry::from_geojson(r#"{"type": "LineString", "coordinates": [[71, 51], [72]]}"#);
    /// assert_eq!(
    ///     fault.expect_err("a number is missing").to_string(),
    ///     "coordinates[1] is not a position: two numbers at least"
    /// );
    /// # Ok::<(), derek::geo::GeometryFault>(())
    /// ```
    pub fn from_geojson(text: &str) -> Result<Self, GeometryFault> {
        let value: Value = serde_json::from_str(text).map_err(|fault| syntax(text, &fault))?;
        object(&value, &Path::Root, 0).map(Self)
    }

    /// The GeoJSON of the geometry, without blanks, with the shortest numbers that read back as the
    /// same. Empty points among several are left out, for JSON has no word for them.
    ///
    /// ```
    /// use derek::geo::{Geometry, Position};
    ///
    /// let point = Geometry::point(Position::new(71.4, 51.1));
    /// assert_eq!(point.to_geojson(), r#"{"type":"Point","coordinates":[71.4,51.1]}"#);
    /// ```
    #[must_use]
    pub fn to_geojson(&self) -> String {
        let mut out = String::new();
        write_geometry(&mut out, &self.0);
        out
    }
}

/// The place in the text of what `serde_json` stumbled over.
fn syntax(text: &str, fault: &serde_json::Error) -> GeometryFault {
    let lines_before = fault.line().saturating_sub(1);
    let line: usize = text.split_inclusive('\n').take(lines_before).map(str::len).sum();
    let message = fault.to_string();
    let said = message.rsplit_once(" at line ").map_or(message.as_str(), |(said, _)| said);
    GeometryFault::in_text(text, line + fault.column().saturating_sub(1), format!("not JSON: {said}"))
}

/// Where a value stands, for messages: written only when there is something to say.
enum Path<'a> {
    Root,
    Member(&'a Path<'a>, &'static str),
    Item(&'a Path<'a>, usize),
}

impl Path<'_> {
    fn write(&self, out: &mut String) {
        match self {
            Self::Root => {}
            Self::Member(before, name) => {
                before.write(out);
                out.push_str(if out.is_empty() { "" } else { "." });
                out.push_str(name);
            }
            Self::Item(before, index) => {
                before.write(out);
                write!(out, "[{index}]").expect("a String takes all");
            }
        }
    }

    fn fault(&self, message: &str) -> GeometryFault {
        let mut path = String::new();
        self.write(&mut path);
        let subject = if path.is_empty() { "the GeoJSON" } else { &path };
        GeometryFault::unplaced(format!("{subject} {message}"))
    }
}

fn object(value: &Value, path: &Path, depth: usize) -> Read<Inner<f64>> {
    let Value::Object(members) = value else { return Err(path.fault("is not an object")) };
    let kind = members.get("type").and_then(Value::as_str);
    let kind = kind.ok_or_else(|| Path::Member(path, "type").fault("is missing"))?;
    if let "GeometryCollection" | "FeatureCollection" = kind {
        let name = if kind == "FeatureCollection" { "features" } else { "geometries" };
        if depth == DEEPEST {
            return Err(path.fault(&format!("nests collections more than {DEEPEST} deep")));
        }
        let all = member(members, path, name, |value, path| {
            list(value, path, |value, path| object(value, path, depth + 1))
        })?;
        return Ok(Inner::GeometryCollection(GeometryCollection(all)));
    }
    if kind == "Feature" {
        return member(members, path, "geometry", |value, path| match value {
            Value::Null => Ok(Inner::GeometryCollection(GeometryCollection(Vec::new()))),
            // A feature in a feature in a feature is nothing that anybody means.
            _ if depth == DEEPEST => Err(path.fault("is nested too deep")),
            geometry => object(geometry, path, depth + 1),
        });
    }
    member(members, path, "coordinates", |value, path| match kind {
        "Point" => point(value, path).map(|at| Inner::Point(Point(at))),
        "LineString" => line(value, path).map(Inner::LineString),
        "Polygon" => polygon(value, path).map(Inner::Polygon),
        "MultiPoint" => {
            let points = list(value, path, |value, path| position(value, path).map(Point));
            points.map(|points| Inner::MultiPoint(MultiPoint(points)))
        }
        "MultiLineString" => Ok(Inner::MultiLineString(MultiLineString(list(value, path, line)?))),
        "MultiPolygon" => Ok(Inner::MultiPolygon(MultiPolygon(list(value, path, polygon)?))),
        other => {
            let other: String = other.chars().take(24).collect();
            Err(GeometryFault::unplaced(format!("'{other}' is no kind of geometry")))
        }
    })
}

fn member<T>(
    members: &Map<String, Value>,
    path: &Path,
    name: &'static str,
    read: impl FnOnce(&Value, &Path) -> Read<T>,
) -> Read<T> {
    let path = Path::Member(path, name);
    let value = members.get(name).ok_or_else(|| path.fault("is missing"))?;
    read(value, &path)
}

fn list<T>(value: &Value, path: &Path, item: impl Fn(&Value, &Path) -> Read<T>) -> Read<Vec<T>> {
    let Value::Array(values) = value else { return Err(path.fault("is not a list")) };
    values.iter().enumerate().map(|(index, value)| item(value, &Path::Item(path, index))).collect()
}

fn position(value: &Value, path: &Path) -> Read<Coord<f64>> {
    match value.as_array().map(Vec::as_slice) {
        Some([lon, lat, ..]) => match (lon.as_f64(), lat.as_f64()) {
            (Some(x), Some(y)) if x.is_finite() && y.is_finite() => Ok(Coord { x, y }),
            _ => Err(path.fault("is not a position: a longitude and a latitude are numbers")),
        },
        _ => Err(path.fault("is not a position: two numbers at least")),
    }
}

/// A position, or an empty list for an empty point.
fn point(value: &Value, path: &Path) -> Read<Coord<f64>> {
    let is_empty = value.as_array().is_some_and(Vec::is_empty);
    if is_empty { Ok(Coord { x: f64::NAN, y: f64::NAN }) } else { position(value, path) }
}

fn line(value: &Value, path: &Path) -> Read<LineString<f64>> {
    list(value, path, position).map(LineString)
}

fn polygon(value: &Value, path: &Path) -> Read<Polygon<f64>> {
    let rings = list(value, path, |value, path| {
        let ring = line(value, path)?;
        let is_closed = ring.0.first() == ring.0.last();
        if is_closed { Ok(ring) } else { Err(path.fault(&format!("is open: {OPEN_RING}"))) }
    });
    let mut rings = rings?.into_iter();
    Ok(Polygon::new(rings.next().unwrap_or(LineString(Vec::new())), rings.collect()))
}

fn write_geometry(out: &mut String, geometry: &Inner<f64>) {
    let mut write = |kind: &str, list: &str, content: &dyn Fn(&mut String)| {
        write!(out, r#"{{"type":"{kind}","{list}":"#).expect("a String takes all");
        content(out);
        out.push('}');
    };
    match geometry {
        Inner::Point(point) if is_empty_point(point.0) => {
            write("Point", "coordinates", &|out| out.push_str("[]"));
        }
        Inner::Point(point) => write("Point", "coordinates", &|out| write_position(out, &point.0)),
        Inner::LineString(line) => write("LineString", "coordinates", &|out| write_line(out, line)),
        Inner::Polygon(polygon) => write("Polygon", "coordinates", &|out| write_polygon(out, polygon)),
        Inner::MultiPoint(all) => write("MultiPoint", "coordinates", &|out| {
            let points = all.iter().map(|point| &point.0).filter(|at| !is_empty_point(**at));
            write_list(out, points, write_position);
        }),
        Inner::MultiLineString(all) => {
            write("MultiLineString", "coordinates", &|out| write_list(out, &all.0, write_line));
        }
        Inner::MultiPolygon(all) => {
            write("MultiPolygon", "coordinates", &|out| write_list(out, &all.0, write_polygon));
        }
        Inner::GeometryCollection(all) => {
            write("GeometryCollection", "geometries", &|out| write_list(out, &all.0, write_geometry));
        }
        Inner::Line(_) | Inner::Rect(_) | Inner::Triangle(_) => {}
    }
}

fn write_list<'a, T: 'a>(
    out: &mut String,
    items: impl IntoIterator<Item = &'a T>,
    write: impl Fn(&mut String, &T),
) {
    out.push('[');
    for (index, item) in items.into_iter().enumerate() {
        out.push_str(if index == 0 { "" } else { "," });
        write(out, item);
    }
    out.push(']');
}

fn write_position(out: &mut String, at: &Coord<f64>) {
    write!(out, "[{},{}]", at.x, at.y).expect("a String takes all");
}

fn write_line(out: &mut String, line: &LineString<f64>) {
    write_list(out, &line.0, write_position);
}

fn write_polygon(out: &mut String, polygon: &Polygon<f64>) {
    let is_empty = polygon.exterior().0.is_empty() && polygon.interiors().is_empty();
    write_list(out, rings(polygon).filter(|_| !is_empty), write_line);
}

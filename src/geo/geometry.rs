//! Points, lines and polygons, and collections of them.

use super::bounds::Bounds;
use super::parts::{Part, is_empty_point, parts};
use super::position::Position;
use geo::{Coord, Geometry as Inner, LineString, MultiPoint, Point, Polygon};
use std::fmt;

/// How deep collections may be nested in a text or in bytes.
pub(super) const DEEPEST: usize = 32;

/// A geometry on WGS 84, longitude first: a point, line, polygon, several of these, or a collection.
///
/// A polygon's edges are **straight in longitude and latitude** (RFC 7946), so that a box, an
/// envelope and a polygon of the same corners agree; between places there are geodesic metres. A
/// polygon over the date line is either split in two at 180, or goes on beyond ±180.
///
/// `POINT EMPTY` is a point of NaNs, as WKB has it; as with NaN it is not equal to itself. Rings are
/// closed, otherwise nothing is checked: ask [`validity`](Self::validity).
///
/// ```
/// use derek::geo::{Geometry, Position};
///
/// let area = Geometry::from_wkt("POLYGON((71 51, 72 51, 72 52, 71 52, 71 51))")?;
/// let town = Geometry::point(Position::new(71.43, 51.13));
/// assert!(town.is_within_m(&area, 0.0).expect("both are on the globe"));
/// assert!(area.contains(&town));
/// # Ok::<(), derek::geo::GeometryFault>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Geometry(pub(super) Inner<f64>);

/// Why a text or bytes are no geometry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeometryFault {
    /// What was found and what was expected.
    pub message: String,
    /// Where: the character in WKT or GeoJSON, from 1; the byte in WKB, from 0; none where unknown.
    pub at: Option<usize>,
    /// What `at` counts.
    pub(super) unit: Unit,
}

/// What a fault's place counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Character,
    Byte,
}

impl GeometryFault {
    /// A fault at a byte of a text.
    pub(super) fn in_text(text: &str, byte: usize, message: impl Into<String>) -> Self {
        let before = text.as_bytes().iter().take(byte).filter(|&&byte| byte & 0xC0 != 0x80).count();
        Self { message: message.into(), at: Some(before + 1), unit: Unit::Character }
    }

    /// A fault at a byte of WKB.
    pub(super) fn in_bytes(byte: usize, message: impl Into<String>) -> Self {
        Self { message: message.into(), at: Some(byte), unit: Unit::Byte }
    }

    /// A fault whose message says where.
    pub(super) fn unplaced(message: impl Into<String>) -> Self {
        Self { message: message.into(), at: None, unit: Unit::Character }
    }
}

impl fmt::Display for GeometryFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match (self.at, self.unit) {
            (Some(at), Unit::Character) => write!(f, " (character {at})"),
            (Some(at), Unit::Byte) => write!(f, " (byte {at})"),
            (None, _) => Ok(()),
        }
    }
}

impl std::error::Error for GeometryFault {}

pub(super) fn coord(at: Position) -> Coord<f64> {
    Coord { x: at.lon, y: at.lat }
}

pub(super) fn position_of(at: Coord<f64>) -> Position {
    Position::new(at.x, at.y)
}

/// A longitude within ±360 as one within ±180; others, and those within already, as they are.
pub(super) fn wrapped(lon: f64) -> f64 {
    if lon > 180.0 && lon <= 360.0 {
        lon - 360.0
    } else if (-360.0..-180.0).contains(&lon) {
        lon + 360.0
    } else {
        lon
    }
}

impl Geometry {
    /// The geometry of a text: GeoJSON if it starts with a brace, WKT otherwise.
    ///
    /// # Errors
    /// As [`from_geojson`](Self::from_geojson) and [`from_wkt`](Self::from_wkt).
    ///
    /// ```
    /// use derek::geo::Geometry;
    ///
    /// let one = Geometry::from_text("POINT(71.4 51.1)")?;
    /// let other = Geometry::from_text(r#"{"type":"Point","coordinates":[71.4,51.1]}"#)?;
    /// assert_eq!(one, other);
    /// # Ok::<(), derek::geo::GeometryFault>(())
    /// ```
    pub fn from_text(text: &str) -> Result<Self, GeometryFault> {
        let is_json = text.trim_start().starts_with('{');
        if is_json { Self::from_geojson(text) } else { Self::from_wkt(text) }
    }

    /// A point.
    #[must_use]
    pub fn point(at: Position) -> Self {
        Self(Inner::Point(Point(coord(at))))
    }

    /// Several points as one geometry.
    #[must_use]
    pub fn multi_point(points: impl IntoIterator<Item = Position>) -> Self {
        let points = points.into_iter().map(|at| Point(coord(at))).collect();
        Self(Inner::MultiPoint(MultiPoint(points)))
    }

    /// The polygon of a box in degrees. With `west > east` the box crosses the date line: the polygon
    /// goes from `west` to `east + 360`, or from `west - 360` to `east` where that is nearer.
    ///
    /// None unless all are finite, `south <= north`, latitudes within ±90 and longitudes within ±360
    /// (the polygon's own, too).
    ///
    /// ```
    /// use derek::geo::{Geometry, Position};
    ///
    /// let fiji = Geometry::envelope(176.0, -21.0, -178.0, -12.0).expect("a box");
    /// assert_eq!(fiji.to_wkt(), "POLYGON((176 -21,182 -21,182 -12,176 -12,176 -21))");
    /// assert!(fiji.contains(&Geometry::point(Position::new(-179.0, -16.5))));
    /// assert!(Geometry::envelope(0.0, 10.0, 1.0, 9.0).is_none());
    /// ```
    #[must_use]
    pub fn envelope(west: f64, south: f64, east: f64, north: f64) -> Option<Self> {
        let (west, east) = match (west > east, east + 360.0 <= 360.0) {
            (true, true) => (west, east + 360.0),
            (true, false) => (west - 360.0, east),
            (false, _) => (west, east),
        };
        let is_box = west.abs() <= 360.0
            && east.abs() <= 360.0
            && west <= east
            && south.abs() <= 90.0
            && north.abs() <= 90.0
            && south <= north;
        is_box.then(|| Self::of_bounds(Bounds { west, south, east, north }))
    }

    /// The polygon of a box whatever its numbers, in the order of [`envelope`](Self::envelope): of
    /// [`bounds`](Self::bounds) also where these are off the globe, such as those of `POINT(71 95)`.
    ///
    /// ```
    /// use derek::geo::Geometry;
    ///
    /// let bounds = Geometry::from_wkt("LINESTRING(71 51, 400 95)")?.bounds().expect("it is not empty");
    /// assert_eq!(Geometry::of_bounds(bounds).to_wkt(), "POLYGON((71 51,400 51,400 95,71 95,71 51))");
    /// # Ok::<(), derek::geo::GeometryFault>(())
    /// ```
    #[must_use]
    pub fn of_bounds(Bounds { west, south, east, north }: Bounds) -> Self {
        let corners = vec![(west, south), (east, south), (east, north), (west, north), (west, south)];
        Self(Inner::Polygon(Polygon::new(LineString::from(corners), Vec::new())))
    }

    /// The position of a point that is not empty; none for all other geometries.
    #[must_use]
    pub fn as_point(&self) -> Option<Position> {
        match &self.0 {
            Inner::Point(point) => (!is_empty_point(point.0)).then(|| position_of(point.0)),
            _ => None,
        }
    }

    /// The kind, as PostGIS' `ST_GeometryType` names it: `ST_Point`, `ST_MultiPolygon` and so on.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match &self.0 {
            Inner::Point(_) => "ST_Point",
            Inner::LineString(_) | Inner::Line(_) => "ST_LineString",
            Inner::Polygon(_) | Inner::Rect(_) | Inner::Triangle(_) => "ST_Polygon",
            Inner::MultiPoint(_) => "ST_MultiPoint",
            Inner::MultiLineString(_) => "ST_MultiLineString",
            Inner::MultiPolygon(_) => "ST_MultiPolygon",
            Inner::GeometryCollection(_) => "ST_GeometryCollection",
        }
    }

    /// Whether there is no position in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        parts(&self.0).is_empty()
    }

    /// Whether it is a polygon, a multipolygon, or a collection of nothing else. Empty ones are not.
    ///
    /// ```
    /// use derek::geo::Geometry;
    ///
    /// assert!(Geometry::from_wkt("POLYGON((0 0,1 0,1 1,0 0))")?.is_areal());
    /// assert!(!Geometry::from_wkt("LINESTRING(0 0,1 0,1 1,0 0)")?.is_areal());
    /// # Ok::<(), derek::geo::GeometryFault>(())
    /// ```
    #[must_use]
    pub fn is_areal(&self) -> bool {
        let parts = parts(&self.0);
        !parts.is_empty() && parts.iter().all(|part| matches!(part, Part::Area(_)))
    }

    /// The smallest box around it, longitudes as they are; none if it is empty.
    ///
    /// Nothing is wrapped, cut or refused: a position off the globe, a point's as well, widens the box
    /// to beyond ±90 or ±180, and of a polygon split at the date line the box goes around the Earth.
    /// [`of_bounds`](Self::of_bounds) makes a polygon of any such box.
    #[must_use]
    pub fn bounds(&self) -> Option<Bounds> {
        let parts = parts(&self.0);
        Bounds::of_points(parts.iter().flat_map(Part::coords).map(position_of))
    }
}

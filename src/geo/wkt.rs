//! Geometries as text: WKT, as PostGIS reads and writes it.

use super::geometry::{DEEPEST, Geometry, GeometryFault};
use super::parts::{is_empty_point, rings};
use geo::{
    Coord, Geometry as Inner, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon,
    Point, Polygon,
};
use std::fmt::Write as _;

type Read<T> = Result<T, GeometryFault>;

const NAN: Coord<f64> = Coord { x: f64::NAN, y: f64::NAN };

impl Geometry {
    /// The geometry of a WKT: all seven kinds, `EMPTY` everywhere, in any letter case, with
    /// `SRID=4326;` before it or not. Z and M are read and dropped.
    ///
    /// Cost: 60 ns a position.
    ///
    /// # Errors
    /// With the place: another SRID, a kind that is not known, a number that is not finite, a ring that
    /// does not end where it starts, collections nested more than 32 deep, text after the end.
    ///
    /// ```
    /// use derek::geo::Geometry;
    ///
    /// let line = Geometry::from_wkt("SRID=4326;LineString Z (71 51 340, 72 52 350)")?;
    /// assert_eq!(line.to_wkt(), "LINESTRING(71 51,72 52)");
    /// let fault = Geometry::from_wkt("POINT(71.4 north)").expect_err("that is no number");
    /// assert_eq!(fault.to_string(), "'north' is not a number (character 12)");
    /// # Ok::<(), derek::geo::GeometryFault>(())
    /// ```
    pub fn from_wkt(text: &str) -> Result<Self, GeometryFault> {
        let mut reader = Reader { text, at: 0, ordinates: 2..=4 };
        reader.srid()?;
        let inner = reader.geometry(0)?;
        reader.blank();
        if reader.at < text.len() {
            return Err(reader.fault(reader.at, "text after the geometry's end"));
        }
        Ok(Self(inner))
    }

    /// The WKT, as PostGIS' `ST_AsText` writes it, with the shortest numbers that read back as the
    /// same.
    ///
    /// ```
    /// use derek::geo::{Geometry, Position};
    ///
    /// assert_eq!(Geometry::point(Position::new(71.4, 51.1)).to_wkt(), "POINT(71.4 51.1)");
    /// ```
    #[must_use]
    pub fn to_wkt(&self) -> String {
        let mut out = String::new();
        write_geometry(&mut out, &self.0);
        out
    }
}

/// Where the reading of a text is.
struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// How many numbers a position has.
    ordinates: std::ops::RangeInclusive<usize>,
}

impl<'a> Reader<'a> {
    fn fault(&self, byte: usize, message: impl Into<String>) -> GeometryFault {
        GeometryFault::in_text(self.text, byte, message)
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn blank(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    /// What stands here up to a blank or a sign, after blanks; empty before a sign.
    fn word(&mut self) -> (usize, &'a str) {
        self.blank();
        let ends = |letter: char| letter.is_whitespace() || matches!(letter, '(' | ')' | ',' | ';' | '=');
        let rest = self.rest();
        let word = &rest[..rest.find(ends).unwrap_or(rest.len())];
        let start = self.at;
        self.at += word.len();
        (start, word)
    }

    /// Whether this sign is next; then it is passed.
    fn passes(&mut self, sign: char) -> bool {
        self.blank();
        let is_next = self.rest().starts_with(sign);
        self.at += if is_next { sign.len_utf8() } else { 0 };
        is_next
    }

    fn expect(&mut self, sign: char) -> Read<()> {
        if self.passes(sign) {
            return Ok(());
        }
        let found = self.rest().chars().next().map_or("the end".to_owned(), |found| format!("'{found}'"));
        Err(self.fault(self.at, format!("expected '{sign}', found {found}")))
    }

    /// Whether the word `EMPTY` is next; then it is passed.
    fn is_empty(&mut self) -> bool {
        let before = self.at;
        let is_empty = self.word().1.eq_ignore_ascii_case("EMPTY");
        if !is_empty {
            self.at = before;
        }
        is_empty
    }

    fn srid(&mut self) -> Read<()> {
        let before = self.at;
        if !self.word().1.eq_ignore_ascii_case("SRID") {
            self.at = before;
            return Ok(());
        }
        self.expect('=')?;
        let (at, number) = self.word();
        if number.parse::<u32>() != Ok(4326) {
            return Err(self.fault(at, format!("SRID {} is not 4326", short(number))));
        }
        self.expect(';')
    }

    /// A geometry with its kind before it.
    fn geometry(&mut self, depth: usize) -> Read<Inner<f64>> {
        let (at, word) = self.word();
        let name = word.to_ascii_uppercase();
        let (kind, suffix) = KINDS
            .iter()
            .find_map(|kind| Some((*kind, name.strip_prefix(*kind)?)))
            .filter(|(_, suffix)| matches!(*suffix, "" | "Z" | "M" | "ZM"))
            .ok_or_else(|| self.fault(at, format!("'{}' is no kind of geometry", short(word))))?;
        self.ordinates(suffix);
        match kind {
            "POINT" => self.point().map(|at| Inner::Point(Point(at))),
            "LINESTRING" => self.line().map(Inner::LineString),
            "POLYGON" => self.polygon().map(Inner::Polygon),
            "MULTIPOINT" => {
                let points = self.list(|reader| reader.bare_point().map(Point))?;
                Ok(Inner::MultiPoint(MultiPoint(points)))
            }
            "MULTILINESTRING" => Ok(Inner::MultiLineString(MultiLineString(self.list(Self::line)?))),
            "MULTIPOLYGON" => Ok(Inner::MultiPolygon(MultiPolygon(self.list(Self::polygon)?))),
            _ if depth == DEEPEST => {
                Err(self.fault(at, format!("collections nest more than {DEEPEST} deep")))
            }
            _ => {
                let all = self.list(|reader| reader.geometry(depth + 1))?;
                Ok(Inner::GeometryCollection(GeometryCollection(all)))
            }
        }
    }

    /// Takes the letters for more ordinates, in the kind's word or after it.
    fn ordinates(&mut self, suffix: &str) {
        let before = self.at;
        let word = self.word().1.to_ascii_uppercase();
        let found = if suffix.is_empty() && matches!(word.as_str(), "Z" | "M" | "ZM") {
            word.as_str()
        } else {
            self.at = before;
            suffix
        };
        self.ordinates = match found {
            "" => 2..=4,
            "ZM" => 4..=4,
            _ => 3..=3,
        };
    }

    /// What stands between brackets with commas; nothing for `EMPTY`.
    fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        let mut items = Vec::new();
        if self.is_empty() {
            return Ok(items);
        }
        self.expect('(')?;
        loop {
            items.push(item(self)?);
            if !self.passes(',') {
                self.expect(')')?;
                return Ok(items);
            }
        }
    }

    fn point(&mut self) -> Read<Coord<f64>> {
        if self.is_empty() {
            return Ok(NAN);
        }
        self.expect('(')?;
        let at = self.position()?;
        self.expect(')')?;
        Ok(at)
    }

    /// A point of several, in brackets or not.
    fn bare_point(&mut self) -> Read<Coord<f64>> {
        self.blank();
        let is_bare = self.rest().starts_with(|next: char| next != '(' && !next.eq_ignore_ascii_case(&'e'));
        if is_bare { self.position() } else { self.point() }
    }

    fn line(&mut self) -> Read<LineString<f64>> {
        self.list(Self::position).map(LineString)
    }

    fn polygon(&mut self) -> Read<Polygon<f64>> {
        let mut rings = self.list(Self::ring)?.into_iter();
        let outer = rings.next().unwrap_or(LineString(Vec::new()));
        Ok(Polygon::new(outer, rings.collect()))
    }

    fn ring(&mut self) -> Read<LineString<f64>> {
        self.blank();
        let start = self.at;
        let ring = self.line()?;
        if ring.0.first() == ring.0.last() { Ok(ring) } else { Err(self.fault(start, OPEN_RING)) }
    }

    fn position(&mut self) -> Read<Coord<f64>> {
        let mut numbers = [0.0; 4];
        let mut count = 0;
        let start = loop {
            self.blank();
            let start = self.at;
            // At the text's end a bracket is what is missing.
            if count > 0 && (self.rest().is_empty() || self.rest().starts_with([',', ')'])) {
                break start;
            }
            if count == *self.ordinates.end() {
                return Err(self.fault(start, format!("more than {count} numbers in a position")));
            }
            numbers[count] = self.number()?;
            count += 1;
        };
        if count < *self.ordinates.start() {
            let least = self.ordinates.start();
            return Err(self.fault(start, format!("a position has {least} numbers, this one {count}")));
        }
        Ok(Coord { x: numbers[0], y: numbers[1] })
    }

    fn number(&mut self) -> Read<f64> {
        let (at, word) = self.word();
        let is_written =
            word.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
        match word.parse::<f64>() {
            Ok(number) if is_written && number.is_finite() => Ok(number),
            Ok(_) if is_written => Err(self.fault(at, format!("{} is beyond all numbers", short(word)))),
            _ if word.is_empty() => Err(self.fault(at, "expected a number")),
            _ => Err(self.fault(at, format!("'{}' is not a number", short(word)))),
        }
    }
}

/// What is said of a ring that is none.
pub(super) const OPEN_RING: &str = "a ring must end where it starts";

const KINDS: [&str; 7] =
    ["POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRYCOLLECTION"];

/// The start of a word, for a message.
fn short(word: &str) -> &str {
    word.char_indices().nth(24).map_or(word, |(end, _)| &word[..end])
}

fn write_geometry(out: &mut String, geometry: &Inner<f64>) {
    match geometry {
        Inner::Point(point) => write_item(out, "POINT", point, |out, point| write_point(out, point.0)),
        Inner::LineString(line) => write_item(out, "LINESTRING", line, write_line),
        Inner::Polygon(polygon) => write_item(out, "POLYGON", polygon, write_polygon),
        Inner::MultiPoint(all) => {
            write_item(out, "MULTIPOINT", &all.0, |out, all| {
                write_list(out, all, |out, at| write_point(out, at.0));
            });
        }
        Inner::MultiLineString(all) => {
            write_item(out, "MULTILINESTRING", &all.0, |out, all| write_list(out, all, write_line));
        }
        Inner::MultiPolygon(all) => {
            write_item(out, "MULTIPOLYGON", &all.0, |out, all| write_list(out, all, write_polygon));
        }
        Inner::GeometryCollection(all) => {
            write_item(out, "GEOMETRYCOLLECTION", &all.0, |out, all| write_list(out, all, write_geometry));
        }
        Inner::Line(_) | Inner::Rect(_) | Inner::Triangle(_) => {}
    }
}

/// The kind's word, then what it holds; `EMPTY` is a word apart.
fn write_item<T: ?Sized>(out: &mut String, kind: &str, item: &T, write: impl Fn(&mut String, &T)) {
    out.push_str(kind);
    let start = out.len();
    write(out, item);
    if out[start..].starts_with('E') {
        out.insert(start, ' ');
    }
}

fn write_list<'a, T: 'a>(
    out: &mut String,
    items: impl IntoIterator<Item = &'a T>,
    write: impl Fn(&mut String, &T),
) {
    let start = out.len();
    for item in items {
        out.push(if out.len() == start { '(' } else { ',' });
        write(out, item);
    }
    out.push_str(if out.len() == start { "EMPTY" } else { ")" });
}

fn write_point(out: &mut String, at: Coord<f64>) {
    if is_empty_point(at) { out.push_str("EMPTY") } else { write_list(out, [&at], write_position) }
}

fn write_line(out: &mut String, line: &LineString<f64>) {
    write_list(out, &line.0, write_position);
}

fn write_polygon(out: &mut String, polygon: &Polygon<f64>) {
    let is_empty = polygon.exterior().0.is_empty() && polygon.interiors().is_empty();
    write_list(out, rings(polygon).filter(|_| !is_empty), write_line);
}

fn write_position(out: &mut String, at: &Coord<f64>) {
    write!(out, "{} {}", at.x, at.y).expect("a String takes all");
}

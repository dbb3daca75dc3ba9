//! Geometries as bytes: WKB, ISO's and PostGIS' (EWKB), and the Arrow column of it.

use std::collections::HashMap;

use arrow::datatypes::{DataType, Field};
use geo::{
    Coord, Geometry as Inner, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon,
    Point, Polygon,
};

use super::geometry::{DEEPEST, Geometry, GeometryFault, coord};
use super::parts::rings;
use super::point::{EXTENSION_METADATA, EXTENSION_NAME, WGS84};
use super::position::Position;
use super::wkt::OPEN_RING;

type Read<T> = Result<T, GeometryFault>;

const WKB: &str = "geoarrow.wkb";

/// EWKB's flags in the kind.
const HAS_Z: u32 = 0x8000_0000;
const HAS_M: u32 = 0x4000_0000;
const HAS_SRID: u32 = 0x2000_0000;

/// The bytes of a geometry's head: byte order and kind; of a count.
const HEAD_BYTES: usize = 5;
const COUNT_BYTES: usize = 4;

/// The metadata that makes a column of bytes one of geometries: GeoArrow's WKB on WGS 84, longitude
/// first.
#[must_use]
pub fn geometry_metadata() -> HashMap<String, String> {
    HashMap::from([
        (EXTENSION_NAME.to_owned(), WKB.to_owned()),
        (EXTENSION_METADATA.to_owned(), WGS84.to_owned()),
    ])
}

/// Whether a column is one of geometries as WKB.
///
/// ```
/// use arrow::datatypes::{DataType, Field};
/// use derek::geo::{geometry_metadata, is_geometry};
///
/// let bytes = Field::new("shape", DataType::Binary, true);
/// assert!(!is_geometry(&bytes));
/// assert!(is_geometry(&bytes.with_metadata(geometry_metadata())));
/// ```
#[must_use]
pub fn is_geometry(field: &Field) -> bool {
    field.metadata().get(EXTENSION_NAME).is_some_and(|name| name == WKB)
        && matches!(field.data_type(), DataType::Binary | DataType::LargeBinary | DataType::BinaryView)
}

/// The WKB of a point: [`Geometry::to_wkb`] without an allocation.
///
/// ```
/// use derek::geo::{Geometry, Position, point_wkb};
///
/// let astana = Position::new(71.4304, 51.1282);
/// assert_eq!(point_wkb(astana).as_slice(), Geometry::point(astana).to_wkb());
/// ```
#[must_use]
pub fn point_wkb(at: Position) -> [u8; 21] {
    let mut bytes = [0; 21];
    bytes[..HEAD_BYTES].copy_from_slice(&[1, 1, 0, 0, 0]);
    bytes[5..13].copy_from_slice(&at.lon.to_le_bytes());
    bytes[13..].copy_from_slice(&at.lat.to_le_bytes());
    bytes
}

impl Geometry {
    /// The geometry of a WKB: either byte order, ISO's kinds or PostGIS' flags. Z and M are dropped.
    ///
    /// Cost: 5 ns a position; memory follows the bytes' length, whatever they claim to hold.
    ///
    /// # Errors
    /// With the byte: bytes that end early or go on after the end, a kind that is not known, an SRID
    /// other than 4326 and 0, a number that is not finite (two NaNs are an empty point), a ring that
    /// does not end where it starts, collections nested more than 32 deep.
    ///
    /// ```
    /// use derek::geo::{Geometry, Position};
    ///
    /// let point = Geometry::point(Position::new(71.4, 51.1));
    /// assert_eq!(Geometry::from_wkb(&point.to_wkb())?, point);
    /// let fault = Geometry::from_wkb(&point.to_wkb()[..20]).expect_err("a byte is missing");
    /// assert_eq!(fault.to_string(), "the bytes end in the middle (byte 13)");
    /// # Ok::<(), derek::geo::GeometryFault>(())
    /// ```
    pub fn from_wkb(bytes: &[u8]) -> Result<Self, GeometryFault> {
        let mut reader = Reader { bytes, at: 0 };
        let inner = reader.geometry(0)?;
        if reader.at < bytes.len() {
            return Err(GeometryFault::in_bytes(reader.at, "bytes after the geometry's end"));
        }
        Ok(Self(inner))
    }

    /// The WKB as ISO has it: little endian, two dimensions.
    #[must_use]
    pub fn to_wkb(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(32);
        write_geometry(&mut out, &self.0);
        out
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// What a geometry's first bytes say.
#[derive(Clone, Copy)]
struct Head {
    is_little: bool,
    kind: u32,
    /// Bytes of a position.
    stride: usize,
}

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Read<[u8; N]> {
        let rest = self.bytes.get(self.at..).and_then(<[u8]>::first_chunk::<N>);
        let taken = rest.ok_or_else(|| GeometryFault::in_bytes(self.at, "the bytes end in the middle"))?;
        self.at += N;
        Ok(*taken)
    }

    fn number(&mut self, is_little: bool) -> Read<u32> {
        let bytes = self.take()?;
        Ok(if is_little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    fn head(&mut self) -> Read<Head> {
        let start = self.at;
        let is_little = match self.take()? {
            [0] => false,
            [1] => true,
            [other] => {
                return Err(GeometryFault::in_bytes(start, format!("byte order {other} is not 0 or 1")));
            }
        };
        let written = self.number(is_little)?;
        if written & HAS_SRID != 0 {
            let at = self.at;
            let srid = self.number(is_little)?;
            if srid != 0 && srid != 4326 {
                return Err(GeometryFault::in_bytes(at, format!("SRID {srid} is not 4326")));
            }
        }
        let iso = written & !(HAS_Z | HAS_M | HAS_SRID);
        let more = match iso / 1000 {
            0 => (written & HAS_Z).count_ones() + (written & HAS_M).count_ones(),
            1 | 2 => 1,
            3 => 2,
            _ => return Err(unknown(start, iso)),
        };
        Ok(Head { is_little, kind: iso % 1000, stride: 16 + 8 * more as usize })
    }

    /// How many items follow, each of some bytes at least: no more than there are bytes for.
    fn count(&mut self, head: Head, item_bytes: usize) -> Read<usize> {
        let at = self.at;
        let count = self.number(head.is_little)? as usize;
        if count > (self.bytes.len() - self.at) / item_bytes {
            return Err(GeometryFault::in_bytes(at, format!("{count} items, but too few bytes for them")));
        }
        Ok(count)
    }

    fn geometry(&mut self, depth: usize) -> Read<Inner<f64>> {
        let start = self.at;
        let head = self.head()?;
        match head.kind {
            1 => self.point(head).map(|at| Inner::Point(Point(at))),
            2 => self.line(head).map(Inner::LineString),
            3 => self.polygon(head).map(Inner::Polygon),
            4 => {
                let points = self.items(head, 1, |reader, head| reader.point(head).map(Point))?;
                Ok(Inner::MultiPoint(MultiPoint(points)))
            }
            5 => Ok(Inner::MultiLineString(MultiLineString(self.items(head, 2, Self::line)?))),
            6 => Ok(Inner::MultiPolygon(MultiPolygon(self.items(head, 3, Self::polygon)?))),
            7 if depth == DEEPEST => {
                Err(GeometryFault::in_bytes(start, format!("collections nest more than {DEEPEST} deep")))
            }
            7 => {
                let mut all = Vec::new();
                for _ in 0..self.count(head, HEAD_BYTES)? {
                    all.push(self.geometry(depth + 1)?);
                }
                Ok(Inner::GeometryCollection(GeometryCollection(all)))
            }
            other => Err(unknown(start, other)),
        }
    }

    /// Geometries of one kind, each with its own head.
    fn items<T>(&mut self, head: Head, kind: u32, item: impl Fn(&mut Self, Head) -> Read<T>) -> Read<Vec<T>> {
        let count = self.count(head, HEAD_BYTES + COUNT_BYTES)?;
        let mut items = Vec::new();
        for _ in 0..count {
            let start = self.at;
            let head = self.head()?;
            if head.kind != kind {
                let message = format!("kind {} in a geometry of kind {}", head.kind, kind + 3);
                return Err(GeometryFault::in_bytes(start, message));
            }
            items.push(item(self, head)?);
        }
        Ok(items)
    }

    fn ordinates(&mut self, head: Head) -> Read<Coord<f64>> {
        let start = self.at;
        let mut float = || -> Read<f64> {
            let bytes = self.take()?;
            Ok(if head.is_little { f64::from_le_bytes(bytes) } else { f64::from_be_bytes(bytes) })
        };
        let at = Coord { x: float()?, y: float()? };
        self.at = start + head.stride;
        if self.at > self.bytes.len() {
            return Err(GeometryFault::in_bytes(start, "the bytes end in the middle"));
        }
        Ok(at)
    }

    fn position(&mut self, head: Head) -> Read<Coord<f64>> {
        let start = self.at;
        let at = self.ordinates(head)?;
        let is_finite = at.x.is_finite() && at.y.is_finite();
        if is_finite { Ok(at) } else { Err(GeometryFault::in_bytes(start, "a number that is not finite")) }
    }

    fn point(&mut self, head: Head) -> Read<Coord<f64>> {
        let start = self.at;
        let at = self.ordinates(head)?;
        if at.x.is_nan() && at.y.is_nan() {
            return Ok(at);
        }
        self.at = start;
        self.position(head)
    }

    fn line(&mut self, head: Head) -> Read<LineString<f64>> {
        let count = self.count(head, head.stride)?;
        (0..count).map(|_| self.position(head)).collect::<Read<Vec<_>>>().map(LineString)
    }

    fn polygon(&mut self, head: Head) -> Read<Polygon<f64>> {
        let mut rings = Vec::new();
        for _ in 0..self.count(head, COUNT_BYTES)? {
            let start = self.at;
            let ring = self.line(head)?;
            if ring.0.first() != ring.0.last() {
                return Err(GeometryFault::in_bytes(start, OPEN_RING));
            }
            rings.push(ring);
        }
        let mut rings = rings.into_iter();
        Ok(Polygon::new(rings.next().unwrap_or(LineString(Vec::new())), rings.collect()))
    }
}

fn unknown(at: usize, kind: u32) -> GeometryFault {
    GeometryFault::in_bytes(at, format!("{kind} is no kind of geometry"))
}

fn write_geometry(out: &mut Vec<u8>, geometry: &Inner<f64>) {
    match geometry {
        Inner::Point(point) => write_point(out, point),
        Inner::LineString(line) => write_line(out, line),
        Inner::Polygon(polygon) => write_polygon(out, polygon),
        Inner::MultiPoint(all) => write_items(out, 4, &all.0, write_point),
        Inner::MultiLineString(all) => write_items(out, 5, &all.0, write_line),
        Inner::MultiPolygon(all) => write_items(out, 6, &all.0, write_polygon),
        Inner::GeometryCollection(all) => write_items(out, 7, &all.0, write_geometry),
        Inner::Line(_) | Inner::Rect(_) | Inner::Triangle(_) => {}
    }
}

fn write_head(out: &mut Vec<u8>, kind: u8) {
    out.extend([1, kind, 0, 0, 0]);
}

/// A count and as many items: no geometry of 2³² positions fits into a text or bytes read here.
fn write_list<T>(out: &mut Vec<u8>, items: &[T], write: impl Fn(&mut Vec<u8>, &T)) {
    let count = u32::try_from(items.len()).unwrap_or(u32::MAX);
    out.extend(count.to_le_bytes());
    items.iter().take(count as usize).for_each(|item| write(out, item));
}

fn write_items<T>(out: &mut Vec<u8>, kind: u8, items: &[T], write: impl Fn(&mut Vec<u8>, &T)) {
    write_head(out, kind);
    write_list(out, items, write);
}

fn write_position(out: &mut Vec<u8>, at: &Coord<f64>) {
    out.extend(at.x.to_le_bytes());
    out.extend(at.y.to_le_bytes());
}

fn write_point(out: &mut Vec<u8>, point: &Point<f64>) {
    write_head(out, 1);
    write_position(out, &coord(Position::new(point.x(), point.y())));
}

fn write_line(out: &mut Vec<u8>, line: &LineString<f64>) {
    write_items(out, 2, &line.0, write_position);
}

fn write_polygon(out: &mut Vec<u8>, polygon: &Polygon<f64>) {
    let is_empty = polygon.exterior().0.is_empty() && polygon.interiors().is_empty();
    let rings: Vec<&LineString<f64>> = rings(polygon).filter(|_| !is_empty).collect();
    write_items(out, 3, &rings, |out, ring| write_list(out, &ring.0, write_position));
}

//! What a geometry is made of, whatever collections it is wrapped in.

use super::position::Position;
use geo::{Coord, Geometry, LineString, Polygon};

/// A geometry that is one piece and not empty.
#[derive(Clone, Copy)]
pub(super) enum Part<'a> {
    Point(Coord<f64>),
    /// With a position at least.
    Line(&'a LineString<f64>),
    /// With a position in its outer ring at least.
    Area(&'a Polygon<f64>),
}

/// The parts in the order of the text. Collections nest 32 levels at most, as their readers hold.
pub(super) fn parts(geometry: &Geometry<f64>) -> Vec<Part<'_>> {
    let mut found = Vec::new();
    collect(geometry, &mut found);
    found
}

/// The parts without the points off the globe, which are nowhere: a point is a
/// [position](Position::is_on_globe) whose longitude is not wrapped.
pub(super) fn parts_on_globe(geometry: &Geometry<f64>) -> Vec<Part<'_>> {
    let mut found = parts(geometry);
    found.retain(|part| !part.is_nowhere());
    found
}

fn collect<'a>(geometry: &'a Geometry<f64>, found: &mut Vec<Part<'a>>) {
    match geometry {
        Geometry::Point(point) => found.extend(point_part(point.0)),
        Geometry::LineString(line) => found.extend(line_part(line)),
        Geometry::Polygon(polygon) => found.extend(area_part(polygon)),
        Geometry::MultiPoint(all) => found.extend(all.iter().filter_map(|point| point_part(point.0))),
        Geometry::MultiLineString(all) => found.extend(all.iter().filter_map(line_part)),
        Geometry::MultiPolygon(all) => found.extend(all.iter().filter_map(area_part)),
        Geometry::GeometryCollection(all) => all.iter().for_each(|inner| collect(inner, found)),
        // Kinds of the crate's own, which no reader makes.
        Geometry::Line(_) | Geometry::Rect(_) | Geometry::Triangle(_) => {}
    }
}

fn point_part<'a>(at: Coord<f64>) -> Option<Part<'a>> {
    (!is_empty_point(at)).then_some(Part::Point(at))
}

fn line_part(line: &LineString<f64>) -> Option<Part<'_>> {
    (!line.0.is_empty()).then_some(Part::Line(line))
}

fn area_part(polygon: &Polygon<f64>) -> Option<Part<'_>> {
    (!polygon.exterior().0.is_empty()).then_some(Part::Area(polygon))
}

/// Whether this stands for no point: WKB has only NaN to say so.
pub(super) fn is_empty_point(at: Coord<f64>) -> bool {
    at.x.is_nan() || at.y.is_nan()
}

/// A polygon's rings, the outer one first.
pub(super) fn rings(polygon: &Polygon<f64>) -> impl Iterator<Item = &LineString<f64>> {
    std::iter::once(polygon.exterior()).chain(polygon.interiors())
}

impl Part<'_> {
    /// Whether it is a point off the globe.
    pub(super) fn is_nowhere(&self) -> bool {
        matches!(self, Self::Point(at) if !Position::new(at.x, at.y).is_on_globe())
    }

    /// How many dimensions it has: 0, 1 or 2.
    pub(super) fn dimension(&self) -> u8 {
        match self {
            Self::Point(_) => 0,
            Self::Line(_) => 1,
            Self::Area(_) => 2,
        }
    }

    /// One of its positions.
    pub(super) fn first(&self) -> Coord<f64> {
        match self {
            Self::Point(at) => *at,
            Self::Line(line) => line.0[0],
            Self::Area(polygon) => polygon.exterior().0[0],
        }
    }

    /// All its positions.
    pub(super) fn coords(&self) -> impl Iterator<Item = Coord<f64>> {
        let (point, line, area) = match self {
            Self::Point(at) => (Some(*at), None, None),
            Self::Line(line) => (None, Some(*line), None),
            Self::Area(polygon) => (None, None, Some(rings(polygon))),
        };
        let lines = line.into_iter().chain(area.into_iter().flatten());
        point.into_iter().chain(lines.flat_map(|line| line.0.iter().copied()))
    }
}

//! Whether two geometries have places in common: DE-9IM, edges straight in longitude and latitude.

use super::edges::Edges;
use super::geometry::{Geometry, position_of};
use super::parts::{Part, parts, parts_on_globe};
use super::region::{Location, Region};
use super::work::{TooMuch, Work};
use geo::relate::IntersectionMatrix;
use geo::{Coord, Geometry as Inner, GeometryCollection, MapCoords as _, Polygon, Relate as _};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Whole turns that may bring one geometry over another, both within ±360.
const TURNS: [f64; 4] = [360.0, -360.0, 720.0, -720.0];

/// The memory that a matrix may take, in bytes, and what it takes for an edge with those that it always
/// meets, and for each pair of others whose boxes meet (measured: 640 and 250 at worst).
const MATRIX_BYTES: usize = 100 << 20;
const EDGE_BYTES: usize = 650;
const MEETING_BYTES: usize = 250;
/// Edges that one always meets: itself, those beside it, and one of the other geometry.
const USUAL_MEETING: usize = 4;
/// What a matrix costs for each edge and each pair, in the units of [`Work`] (2 µs and 1 µs).
const EDGE_UNITS: usize = 40;
const MEETING_UNITS: usize = 20;

impl Geometry {
    /// Whether the two have a place in common, borders included. Exact, edges being straight in
    /// longitude and latitude; longitudes 360 apart are one place. Nothing meets what is empty.
    ///
    /// Cost: the edges that are near each other, and 10 ns for each other edge.
    ///
    /// ```
    /// use derek::geo::Geometry;
    ///
    /// let area = Geometry::from_wkt("POLYGON((71 51,72 51,72 52,71 52,71 51))")?;
    /// assert!(area.intersects(&Geometry::from_wkt("POINT(71 51.5)")?));
    /// assert!(!area.intersects(&Geometry::from_wkt("LINESTRING(70 51,70.9 52)")?));
    /// # Ok::<(), derek::geo::GeometryFault>(())
    /// ```
    #[must_use]
    pub fn intersects(&self, other: &Self) -> bool {
        self.intersects_for(other, &Work::unlimited())
    }

    /// [`intersects`](Self::intersects), within about 1 s and 100 MB. With points there is always an
    /// answer.
    ///
    /// # Errors
    /// If that is not enough.
    pub fn try_intersects(&self, other: &Self) -> Result<bool, TooMuch> {
        let work = self.work_with(other);
        work.answer(self.intersects_for(other, &work))
    }

    pub(super) fn intersects_for(&self, other: &Self, work: &Work) -> bool {
        let (Some(own), Some(others)) = (self.bounds(), other.bounds()) else { return false };
        let mut turns =
            std::iter::once(0.0).chain(TURNS).filter(|turn| own.meets(others.shifted(*turn))).peekable();
        if turns.peek().is_none() {
            return false;
        }
        // Of points a region tells all, and always the same.
        if other.is_points() {
            return has_place_of(self, other);
        }
        if self.is_points() {
            return has_place_of(other, self);
        }
        // Each part has a place in the other's polygons, or its edges touch those of the other.
        if has_place_of(self, other) || has_place_of(other, self) {
            return true;
        }
        let (own, others) = (Edges::of(&self.0), Edges::of(&other.0));
        turns.any(|turn| own.touch(&others, turn, work))
    }

    /// Whether it is points and nothing else.
    fn is_points(&self) -> bool {
        parts(&self.0).iter().all(|part| part.dimension() == 0)
    }

    /// What may be computed of the two: without a limit where one is a point.
    pub(super) fn work_with(&self, other: &Self) -> Work {
        let is_simple = self.as_point().is_some() || other.as_point().is_some();
        if is_simple { Work::unlimited() } else { Work::limited() }
    }

    /// Whether the two have no place in common: not [`intersects`](Self::intersects).
    #[must_use]
    pub fn disjoint(&self, other: &Self) -> bool {
        !self.intersects(other)
    }

    /// Whether every place of the other is in this one, and one of them in its interior: a polygon
    /// does not contain a point on its border, which it [covers](Self::covers). False for what is
    /// empty.
    ///
    /// Edges are straight in longitude and latitude, longitudes 360 apart are one place. Exact for
    /// points; for lines and polygons where borders cross, crossings are rounded to a number. A line or
    /// polygon that lies across the line at which a geometry is split in two is not found to be in it.
    /// Of geometries that are not [valid](Self::validity) the answer may mean nothing.
    ///
    /// ```
    /// use derek::geo::Geometry;
    ///
    /// let area = Geometry::from_wkt("POLYGON((71 51,72 51,72 52,71 52,71 51))")?;
    /// let border = Geometry::from_wkt("POINT(71 51.5)")?;
    /// assert!(area.covers(&border) && !area.contains(&border));
    /// # Ok::<(), derek::geo::GeometryFault>(())
    /// ```
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        holds(self, other, &Work::unlimited()) == Some(Held::WithInterior)
    }

    /// [`contains`](Self::contains), within about 1 s and 100 MB. Of points there is always an answer.
    ///
    /// # Errors
    /// If that is not enough.
    pub fn try_contains(&self, other: &Self) -> Result<bool, TooMuch> {
        let work = self.work_with(other);
        work.answer(holds(self, other, &work) == Some(Held::WithInterior))
    }

    /// Whether every place of the other is in this one, borders included; else as
    /// [`contains`](Self::contains).
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        holds(self, other, &Work::unlimited()).is_some()
    }

    /// [`covers`](Self::covers), within about 1 s and 100 MB. Of points there is always an answer.
    ///
    /// # Errors
    /// If that is not enough.
    pub fn try_covers(&self, other: &Self) -> Result<bool, TooMuch> {
        let work = self.work_with(other);
        work.answer(holds(self, other, &work).is_some())
    }

    /// Whether the other [contains](Self::contains) this one.
    #[must_use]
    pub fn within(&self, other: &Self) -> bool {
        other.contains(self)
    }

    /// Whether the other [covers](Self::covers) this one.
    #[must_use]
    pub fn covered_by(&self, other: &Self) -> bool {
        other.covers(self)
    }
}

/// How a geometry is in another one that covers it.
#[derive(Clone, Copy, PartialEq)]
enum Held {
    WithInterior,
    OnBoundary,
}

/// Whether a part of `inner` has its first place in `outer`.
fn has_place_of(outer: &Geometry, inner: &Geometry) -> bool {
    let region = Region::new(outer);
    let first = |part: &Part| match part {
        Part::Point(at) => region.locate(position_of(*at)),
        Part::Line(_) | Part::Area(_) => region.locate_anywhere(position_of(part.first())),
    };
    parts(&inner.0).iter().any(|part| first(part) != Location::Outside)
}

/// How the inner is in the outer one; none where a place of it is not.
fn holds(outer: &Geometry, inner: &Geometry, work: &Work) -> Option<Held> {
    let (own, others) = (outer.bounds()?, inner.bounds()?);
    let inner_parts = parts(&inner.0);
    if inner_parts.iter().any(Part::is_nowhere) {
        return None;
    }
    let all = |mut held: Vec<Option<Held>>| -> Option<Held> {
        let has_interior = held.contains(&Some(Held::WithInterior));
        let last = held.pop()?;
        let is_held = last.is_some() && held.iter().all(Option::is_some);
        is_held.then_some(if has_interior { Held::WithInterior } else { Held::OnBoundary })
    };
    if inner_parts.iter().all(|part| part.dimension() == 0) {
        let region = Region::new(outer);
        let held = inner_parts.iter().map(|part| match region.locate(position_of(part.first())) {
            Location::Inside => Some(Held::WithInterior),
            Location::Boundary => Some(Held::OnBoundary),
            Location::Outside => None,
        });
        return all(held.collect());
    }
    let outer_whole = whole(&parts_on_globe(&outer.0), 0.0)?;
    let held_at = |parts: &[Part], turn: f64| held(&outer_whole, &whole(parts, turn)?, work);
    let is_near = own.west <= others.west && others.east <= own.east;
    if let Some(held) = is_near.then(|| held_at(&inner_parts, 0.0)).flatten() {
        return Some(held);
    }
    // Each part for itself, a turn away: only where a turn could bring it here.
    if !TURNS.iter().any(|turn| own.meets(others.shifted(*turn))) {
        return None;
    }
    let each = inner_parts.iter().map(|part| {
        let mut turns = std::iter::once(0.0).chain(TURNS);
        turns.find_map(|turn| held_at(std::slice::from_ref(part), turn))
    });
    all(each.collect())
}

/// What one geometry says of another that it covers.
fn held(outer: &Inner<f64>, inner: &Inner<f64>, work: &Work) -> Option<Held> {
    if work.is_limited() {
        take_matrix(outer, inner, work);
    }
    if work.is_spent() {
        return None;
    }
    let matrix = matrix(outer, inner)?;
    let held = if matrix.is_contains() { Held::WithInterior } else { Held::OnBoundary };
    matrix.is_covers().then_some(held)
}

/// Takes from the work what the matrix will cost, and all of it if that is too much memory.
fn take_matrix(outer: &Inner<f64>, inner: &Inner<f64>, work: &Work) {
    let (own, others) = (Edges::of(outer), Edges::of(inner));
    let edges = own.all().len() + others.all().len();
    let usual = USUAL_MEETING * edges;
    let room = MATRIX_BYTES.saturating_sub(EDGE_BYTES * edges) / MEETING_BYTES;
    let limit = usual + room;
    let meeting = |one: &Edges, other: &Edges| one.meeting(other, limit, work);
    let all = meeting(&own, &own) + meeting(&others, &others) + meeting(&own, &others);
    if room == 0 || all >= limit {
        work.spend();
    }
    work.take(EDGE_UNITS * edges + MEETING_UNITS * all);
}

/// The matrix of two geometries; none where one is so far from valid that the algorithm gives up,
/// which in the `geo` crate is a panic.
pub(super) fn matrix(one: &Inner<f64>, other: &Inner<f64>) -> Option<IntersectionMatrix> {
    catch_unwind(AssertUnwindSafe(|| one.relate(other))).ok()
}

/// How many different positions a line or an outer ring has: 1, 2 or 3 for more.
fn corners(part: &Part) -> usize {
    let first = part.first();
    let line = match part {
        Part::Point(_) => return 1,
        Part::Line(line) => line,
        Part::Area(polygon) => polygon.exterior(),
    };
    let Some(second) = line.0.iter().find(|at| **at != first) else { return 1 };
    2 + usize::from(line.0.iter().any(|at| *at != first && at != second))
}

/// Parts as one geometry again, without what is empty, moved this many degrees east. None with
/// numbers that no geometry has.
///
/// Lines of one place are points, and polygons of one edge lines: of others the `geo` crate's
/// algorithm does not know what to make.
fn whole(parts: &[Part], turn: f64) -> Option<Inner<f64>> {
    let moved = |at: Coord<f64>| Coord { x: at.x + turn, y: at.y };
    if !parts.iter().flat_map(Part::coords).all(|at| at.x.is_finite() && at.y.is_finite()) {
        return None;
    }
    let (mut points, mut lines, mut areas) = (Vec::new(), Vec::new(), Vec::new());
    for part in parts {
        match (part, corners(part)) {
            (Part::Point(at), _) => points.push(geo::Point(moved(*at))),
            (_, 1) => points.push(geo::Point(moved(part.first()))),
            (Part::Line(line), _) => lines.push(line.map_coords(moved)),
            (Part::Area(polygon), 2) => lines.push(polygon.exterior().map_coords(moved)),
            (Part::Area(polygon), _) => {
                let holes = polygon
                    .interiors()
                    .iter()
                    .filter(|hole| !hole.0.is_empty() && corners(&Part::Line(hole)) > 2);
                let holes = holes.map(|hole| hole.map_coords(moved)).collect();
                areas.push(Polygon::new(polygon.exterior().map_coords(moved), holes));
            }
        }
    }
    let mut all = Vec::new();
    all.extend((!points.is_empty()).then_some(Inner::MultiPoint(geo::MultiPoint(points))));
    all.extend((!lines.is_empty()).then_some(Inner::MultiLineString(geo::MultiLineString(lines))));
    all.extend((!areas.is_empty()).then_some(Inner::MultiPolygon(geo::MultiPolygon(areas))));
    if all.len() == 1 { all.pop() } else { Some(Inner::GeometryCollection(GeometryCollection(all))) }
}

//! A geometry prepared for being asked about many positions.

use super::area::{Area, between};
use super::bounds::Bounds;
use super::edges::{Edges, edges_of_part};
use super::geometry::{Geometry, coord, position_of};
use super::parts::{Part, parts};
use super::position::Position;
use geo::{Coord, LineString};

/// Where a position is, as seen from a geometry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location {
    /// In a polygon, on a line but not at its ends, or at a point.
    Inside,
    /// On a polygon's edge, outer or of a hole, or at a line's end.
    Boundary,
    /// Elsewhere.
    Outside,
}

impl Location {
    /// Where a position is in both together.
    fn or(self, other: impl FnOnce() -> Self) -> Self {
        match self {
            Self::Outside => other(),
            Self::Boundary if other() == Self::Inside => Self::Inside,
            Self::Inside | Self::Boundary => self,
        }
    }
}

/// Where the positions of a box are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlap {
    /// All of them are [`Location::Inside`].
    Inside,
    /// All of them are [`Location::Outside`].
    Outside,
    /// Not told: ask for each.
    Partly,
}

/// A geometry prepared for being asked about many positions; shared between threads as it is.
///
/// A polygon's edges are straight in longitude and latitude, and the answer is exact for them, not
/// within a tolerance. Polygons are indexed by stripes of latitude: a position looks at the few
/// edges that reach its own.
///
/// ```
/// use derek::geo::{Geometry, Location, Position, Region};
///
/// let region = Region::new(&Geometry::from_wkt("POLYGON((71 51,72 51,72 52,71 52,71 51))")?);
/// assert_eq!(region.locate(Position::new(71.4, 51.1)), Location::Inside);
/// assert_eq!(region.locate(Position::new(71.0, 51.1)), Location::Boundary);
/// assert_eq!(region.locate(Position::new(70.9, 51.1)), Location::Outside);
/// # Ok::<(), derek::geo::GeometryFault>(())
/// ```
#[derive(Debug)]
pub struct Region {
    bounds: Option<Bounds>,
    /// The first polygon, most often the only one, and the others.
    area: Option<Area>,
    more: Vec<Area>,
    /// The edges of all lines.
    lines: Edges,
    /// The ends of lines that are no line's middle, sorted.
    ends: Vec<(f64, f64)>,
    /// All points, sorted.
    points: Vec<(f64, f64)>,
}

impl Region {
    /// The region of a geometry. Of its points those off the globe are left out.
    ///
    /// Cost: 30 ns an edge or so, and 32 to 160 bytes.
    #[must_use]
    pub fn new(geometry: &Geometry) -> Self {
        let parts = parts(&geometry.0);
        let mut areas = parts.iter().filter_map(|part| match part {
            Part::Area(polygon) => Area::new(polygon),
            _ => None,
        });
        let lines = parts.iter().filter(|part| part.dimension() == 1).flat_map(edges_of_part);
        let points = parts.iter().filter(|part| part.dimension() == 0 && !part.is_nowhere());
        let points = points.map(|part| key(part.first()));
        let ends = parts.iter().filter_map(|part| match part {
            Part::Line(line) => Some(*line),
            _ => None,
        });
        Self {
            bounds: Bounds::of_points(parts.iter().flat_map(Part::coords).map(position_of)),
            area: areas.next(),
            more: areas.collect(),
            lines: Edges::new(lines.collect()),
            ends: odd_ends(ends),
            points: sorted(points.collect()),
        }
    }

    /// The smallest box around the geometry, longitudes as they are; none if it is empty.
    #[must_use]
    pub fn bounds(&self) -> Option<Bounds> {
        self.bounds
    }

    /// The memory this region holds, in bytes, without what the allocator adds.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        let areas: usize = self.areas().map(Area::memory_bytes).sum();
        let sites = self.ends.capacity() + self.points.capacity();
        size_of::<Self>()
            + self.more.capacity() * size_of::<Area>()
            + areas
            + self.lines.memory_bytes()
            + sites * size_of::<(f64, f64)>()
    }

    fn areas(&self) -> impl Iterator<Item = &Area> {
        self.area.iter().chain(&self.more)
    }

    /// Where a position is. Longitudes 360 more and less are tried where the geometry reaches there;
    /// a position [off the globe](Position::is_on_globe) is outside.
    ///
    /// A position on the line where two polygons of one geometry meet is on the boundary, also at 180
    /// where a polygon is split at the date line.
    ///
    /// Cost: 20 to 50 ns for a polygon of hundreds of edges.
    #[must_use]
    #[inline]
    pub fn locate(&self, at: Position) -> Location {
        let Some(bounds) = self.bounds else { return Location::Outside };
        if !at.is_on_globe() || at.lat < bounds.south || at.lat > bounds.north {
            return Location::Outside;
        }
        let try_at = |lon: f64| {
            let is_reached = bounds.west <= lon && lon <= bounds.east;
            if is_reached { self.locate_as_is(Position::new(lon, at.lat)) } else { Location::Outside }
        };
        let found = try_at(at.lon);
        if bounds.west > -180.0 && bounds.east < 180.0 {
            return found;
        }
        found.or(|| try_at(at.lon + 360.0)).or(|| try_at(at.lon - 360.0))
    }

    /// [`locate`](Self::locate) for a longitude that may be beyond ±180, and need not be wrapped to be
    /// found: what is rounded is not exact.
    pub(super) fn locate_anywhere(&self, at: Position) -> Location {
        let turns = [0.0, 360.0, -360.0, 720.0, -720.0].map(|turn| Position::new(at.lon + turn, at.lat));
        let held =
            turns.into_iter().filter(|at| self.bounds.is_some_and(|own| own.meets(Bounds::of_point(*at))));
        held.fold(Location::Outside, |found, at| found.or(|| self.locate_as_is(at)))
    }

    /// Where a position is, its longitude as it is.
    #[inline]
    fn locate_as_is(&self, at: Position) -> Location {
        if let (Some(area), [], [], []) = (&self.area, &*self.more, &*self.points, self.lines.all()) {
            return area.locate(at);
        }
        let areas = self.areas().map(|area| area.locate(at));
        let found = areas.fold(Location::Outside, |found, location| found.or(|| location));
        found.or(|| self.locate_on_lines(at))
    }

    fn locate_on_lines(&self, at: Position) -> Location {
        let place = coord(at);
        let holds = |sites: &[(f64, f64)]| sites.binary_search_by(|site| order(site, &key(place))).is_ok();
        if holds(&self.points) {
            return Location::Inside;
        }
        if !self.lines.near(Bounds::of_point(at)).any(|(_, edge)| edge.holds(place)) {
            return Location::Outside;
        }
        if holds(&self.ends) { Location::Boundary } else { Location::Inside }
    }

    /// Calls `reached` with the longitudes from west to east, as they are, that each edge and point has
    /// between two latitudes, but for rounding: elsewhere all positions are alike.
    pub(super) fn reach(&self, south: f64, north: f64, reached: &mut impl FnMut(f64, f64)) {
        self.areas().for_each(|area| area.reach(south, north, reached));
        let lines = self.lines.all().iter().filter_map(|edge| between(*edge, south, north));
        let points = self.points.iter().filter(|point| south <= point.1 && point.1 <= north);
        for (west, east) in lines.chain(points.map(|point| (point.0, point.0))) {
            reached(west, east);
        }
    }

    /// Where all positions of a box are, its longitudes within ±180. Inside and outside are proven.
    ///
    /// Cost: the edges in the box's stripes, 50 ns for a small box.
    ///
    /// ```
    /// use derek::geo::{Bounds, Geometry, Overlap, Region};
    ///
    /// let region = Region::new(&Geometry::from_wkt("POLYGON((71 51,73 51,73 53,71 51))")?);
    /// let in_it = Bounds { west: 72.4, south: 51.4, east: 72.6, north: 51.6 };
    /// assert_eq!(region.covers_box(in_it), Overlap::Inside);
    /// # Ok::<(), derek::geo::GeometryFault>(())
    /// ```
    #[must_use]
    pub fn covers_box(&self, bounds: Bounds) -> Overlap {
        let Some(own) = self.bounds else { return Overlap::Outside };
        let mut found = Overlap::Outside;
        for shift in [0.0, 360.0, -360.0] {
            let bounds = bounds.shifted(shift);
            if !own.meets(bounds) {
                continue;
            }
            let has_lines = !self.points.is_empty() || self.lines.near(bounds).next().is_some();
            if has_lines {
                found = Overlap::Partly;
            }
            for area in self.areas() {
                match area.covers_box(bounds) {
                    Overlap::Inside => return Overlap::Inside,
                    Overlap::Partly => found = Overlap::Partly,
                    Overlap::Outside => {}
                }
            }
        }
        found
    }
}

/// A position to sort by; −0 is 0.
fn key(at: Coord<f64>) -> (f64, f64) {
    (at.x + 0.0, at.y + 0.0)
}

fn order(one: &(f64, f64), other: &(f64, f64)) -> std::cmp::Ordering {
    one.0.total_cmp(&other.0).then(one.1.total_cmp(&other.1))
}

fn sorted(mut sites: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    sites.sort_unstable_by(order);
    sites
}

/// The ends at which an odd number of lines end: where two meet, a line goes on (the OGC's rule).
fn odd_ends<'a>(lines: impl Iterator<Item = &'a LineString<f64>>) -> Vec<(f64, f64)> {
    let ends = lines.flat_map(|line| [line.0[0], line.0[line.0.len() - 1]]).map(key);
    let ends = sorted(ends.collect());
    ends.chunk_by(|one, other| one == other).filter(|same| same.len() % 2 == 1).map(|same| same[0]).collect()
}

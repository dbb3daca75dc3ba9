//! One polygon, prepared for being asked where positions are.

use super::bounds::Bounds;
use super::edges::{Edge, edges_of_line, side};
use super::parts::rings;
use super::position::Position;
use super::region::{Location, Overlap};
use geo::{Coord, Polygon};

/// Edges a stripe has on average, when they are short.
const EDGES_A_STRIPE: usize = 2;
/// Stripes at most: more would not be quicker, for real borders.
const STRIPES: usize = 1 << 16;

/// A polygon's edges by stripes of latitude: an edge stands in every stripe that it reaches, so that
/// a position asks one stripe.
#[derive(Debug)]
pub(super) struct Area {
    bounds: Bounds,
    stripes_a_degree: f64,
    /// Where each stripe's edges start, and where the last one's end.
    starts: Vec<u32>,
    edges: Vec<Edge>,
}

impl Area {
    /// None where a polygon has no position.
    pub(super) fn new(polygon: &Polygon<f64>) -> Option<Self> {
        let edges: Vec<Edge> = rings(polygon).flat_map(edges_of_line).collect();
        let bounds = edges.iter().map(|edge| edge.bounds()).reduce(Bounds::merge)?;
        let height = bounds.north - bounds.south;
        let mut count = (edges.len() / EDGES_A_STRIPE).clamp(1, STRIPES);
        loop {
            let stripes_a_degree = if height > 0.0 { count_of(count) / height } else { 0.0 };
            let area = Self { bounds, stripes_a_degree, starts: vec![0; count + 1], edges: Vec::new() };
            // Long edges stand in many stripes: fewer stripes rather than much more memory.
            let reached: usize = edges.iter().map(|edge| area.stripes_of(edge.bounds()).count()).sum();
            if reached <= 4 * edges.len() + 16 || count == 1 {
                return Some(area.filled(&edges, reached));
            }
            count /= 2;
        }
    }

    /// Sorts the edges into their stripes.
    fn filled(mut self, edges: &[Edge], reached: usize) -> Self {
        for edge in edges {
            for stripe in self.stripes_of(edge.bounds()) {
                self.starts[stripe + 1] += 1;
            }
        }
        for stripe in 1..self.starts.len() {
            self.starts[stripe] += self.starts[stripe - 1];
        }
        let mut next = self.starts.clone();
        self.edges = vec![Edge { from: Coord::zero(), to: Coord::zero() }; reached];
        for edge in edges {
            for stripe in self.stripes_of(edge.bounds()) {
                self.edges[next[stripe] as usize] = *edge;
                next[stripe] += 1;
            }
        }
        self
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.starts.capacity() * size_of::<u32>() + self.edges.capacity() * size_of::<Edge>()
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    #[inline]
    fn stripe(&self, lat: f64) -> usize {
        // Below the box and NaN are 0.
        let stripe = ((lat - self.bounds.south) * self.stripes_a_degree) as usize;
        stripe.min(self.starts.len() - 2)
    }

    /// The stripes that a box reaches: rounding never sends a position of it elsewhere, since a
    /// stripe's number grows with the latitude.
    fn stripes_of(&self, bounds: Bounds) -> std::ops::Range<usize> {
        self.stripe(bounds.south)..self.stripe(bounds.north) + 1
    }

    #[inline]
    fn in_stripe(&self, stripe: usize) -> &[Edge] {
        &self.edges[self.starts[stripe] as usize..self.starts[stripe + 1] as usize]
    }

    /// Where a position is, its longitude as it is. Exact: sides are told by robust orientation.
    #[inline]
    pub(super) fn locate(&self, at: Position) -> Location {
        let Bounds { west, south, east, north } = self.bounds;
        if !(west <= at.lon && at.lon <= east && south <= at.lat && at.lat <= north) {
            return Location::Outside;
        }
        let mut is_inside = false;
        for edge in self.in_stripe(self.stripe(at.lat)) {
            match crossing(edge, at) {
                Crossing::None => {}
                Crossing::On => return Location::Boundary,
                Crossing::East => is_inside = !is_inside,
            }
        }
        if is_inside { Location::Inside } else { Location::Outside }
    }

    /// Calls `reached` with the longitudes from west to east that each edge has between two latitudes,
    /// but for rounding (less than 10⁻¹² degrees).
    pub(super) fn reach(&self, south: f64, north: f64, reached: &mut impl FnMut(f64, f64)) {
        if north < self.bounds.south || south > self.bounds.north {
            return;
        }
        for stripe in self.stripe(south)..=self.stripe(north) {
            for edge in self.in_stripe(stripe) {
                if let Some((west, east)) = between(*edge, south, north) {
                    reached(west, east);
                }
            }
        }
    }

    /// Whether a box is inside or outside as a whole, longitudes as they are.
    pub(super) fn covers_box(&self, bounds: Bounds) -> Overlap {
        if !self.bounds.meets(bounds) {
            return Overlap::Outside;
        }
        let stripes = self.stripes_of(bounds);
        if stripes.into_iter().any(|stripe| self.in_stripe(stripe).iter().any(|edge| may_cut(*edge, bounds)))
        {
            return Overlap::Partly;
        }
        // No edge comes in: where one place is, all are.
        match self.locate(Position::new(bounds.west, bounds.south)) {
            Location::Inside => Overlap::Inside,
            Location::Outside => Overlap::Outside,
            Location::Boundary => Overlap::Partly,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "at most 65,536")]
fn count_of(stripes: usize) -> f64 {
    stripes as f64
}

enum Crossing {
    None,
    /// The position is on the edge.
    On,
    /// A line from the position to the east crosses it.
    East,
}

/// How an edge is passed on the way east. A vertex belongs to the edge that ends there in the south.
#[inline]
fn crossing(edge: &Edge, at: Position) -> Crossing {
    let (low, high) = if edge.from.y <= edge.to.y { (edge.from, edge.to) } else { (edge.to, edge.from) };
    if at.lat < low.y || at.lat > high.y || (at.lon > low.x && at.lon > high.x) {
        return Crossing::None;
    }
    let counts = at.lat < high.y;
    if at.lon < low.x && at.lon < high.x {
        return if counts { Crossing::East } else { Crossing::None };
    }
    if low.y >= high.y {
        return Crossing::On;
    }
    match side(low, high, Coord { x: at.lon, y: at.lat }) {
        0 => Crossing::On,
        1 if counts => Crossing::East,
        _ => Crossing::None,
    }
}

/// From which longitude to which an edge goes between two latitudes.
pub(super) fn between(edge: Edge, south: f64, north: f64) -> Option<(f64, f64)> {
    let (low, high) = if edge.from.y <= edge.to.y { (edge.from, edge.to) } else { (edge.to, edge.from) };
    if high.y < south || low.y > north {
        return None;
    }
    let at = |lat: f64| {
        if lat <= low.y {
            low.x
        } else if lat >= high.y {
            high.x
        } else {
            low.x + (high.x - low.x) * ((lat - low.y) / (high.y - low.y))
        }
    };
    let (one, other) = (at(south), at(north));
    Some((one.min(other), one.max(other)))
}

/// Whether an edge may have a place in a box: false only where it has none.
fn may_cut(edge: Edge, bounds: Bounds) -> bool {
    if !edge.bounds().meets(bounds) {
        return false;
    }
    let Bounds { west, south, east, north } = bounds;
    let corners = [(west, south), (east, south), (east, north), (west, north)];
    let sides: i8 = corners.map(|(x, y)| side(edge.from, edge.to, Coord { x, y })).iter().sum();
    sides.abs() < 4
}

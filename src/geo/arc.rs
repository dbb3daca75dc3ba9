//! An edge in space: a curve on the ellipsoid, straight in longitude and latitude.

use super::distance::{chord_m2, geodesic_m};
use super::edges::Edge;
use super::geometry::{coord, wrapped};
use super::position::{Ecef, Position, ecef};
use geo::Coord;

/// No radius of curvature of the ellipsoid is larger, in metres (6 399 594 at the poles).
const RADIUS_M: f64 = 6_400_000.0;
/// Arcs up to this many degrees, in longitude and in latitude, are nearly straight in space.
const SHORT_DEGREES: f64 = 1.0;

/// An edge, or a piece of one, and where its ends are in space. A point is an arc to itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arc {
    edge: Edge,
    pub(super) from: Ecef,
    pub(super) to: Ecef,
    /// No place of the arc is farther than this from the straight line between its ends.
    pub(super) sagitta_m: f64,
}

/// A place in space and how far all of something is from it at most, in metres.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ball {
    pub(super) centre: Ecef,
    pub(super) radius_m: f64,
}

fn place(at: Coord<f64>) -> Ecef {
    ecef(Position::new(wrapped(at.x), at.y))
}

impl Arc {
    pub(super) fn new(edge: Edge) -> Self {
        Self::between(edge, place(edge.from), place(edge.to))
    }

    /// The arc that is a position on the globe.
    pub(super) fn of_point(at: Position) -> Self {
        let at = coord(at);
        Self::new(Edge { from: at, to: at })
    }

    /// The arc of an edge whose ends in space are known.
    ///
    /// A curve leaves its chord by an eighth of its second derivative at most. Along an edge, with
    /// `dφ` and `dλ` radians from end to end, that is `ρ (dφ² + 2 dφ dλ + dλ²)` or less, but for the
    /// flattening's some thousandths.
    fn between(edge: Edge, from: Ecef, to: Ecef) -> Self {
        let span = edge.to - edge.from;
        let turn = (span.x.abs() + span.y.abs()).to_radians();
        Self { edge, from, to, sagitta_m: RADIUS_M * 1.05 * turn * turn / 8.0 }
    }

    /// The longer of its extents in longitude and latitude, in degrees.
    pub(super) fn degrees(&self) -> f64 {
        let span = self.edge.to - self.edge.from;
        span.x.abs().max(span.y.abs())
    }

    pub(super) fn is_short(&self) -> bool {
        self.degrees() <= SHORT_DEGREES
    }

    pub(super) fn is_point(&self) -> bool {
        self.edge.from == self.edge.to
    }

    fn at_degrees(&self, share: f64) -> Coord<f64> {
        self.edge.from + (self.edge.to - self.edge.from) * share
    }

    /// The place at a share of the arc, 0 to 1, by longitude and latitude.
    pub(super) fn at(&self, share: f64) -> Ecef {
        if share <= 0.0 {
            self.from
        } else if share >= 1.0 {
            self.to
        } else {
            place(self.at_degrees(share))
        }
    }

    /// Both halves.
    pub(super) fn halves(&self) -> [Self; 2] {
        let middle = self.at_degrees(0.5);
        let there = place(middle);
        [
            Self::between(Edge { from: self.edge.from, to: middle }, self.from, there),
            Self::between(Edge { from: middle, to: self.edge.to }, there, self.to),
        ]
    }

    /// A ball around it.
    pub(super) fn ball(&self) -> Ball {
        if self.is_short() {
            let centre = std::array::from_fn(|axis| f64::midpoint(self.from[axis], self.to[axis]));
            return Ball { centre, radius_m: length_m(minus(self.to, self.from)) / 2.0 + self.sagitta_m };
        }
        Ball { centre: self.at(0.5), radius_m: self.half_m() }
    }

    /// No path along the arc from its middle to an end is longer, in metres.
    fn half_m(&self) -> f64 {
        let span = self.edge.to - self.edge.from;
        RADIUS_M * span.x.hypot(span.y).to_radians() / 2.0
    }

    /// No geodesic from a place of one arc to one of the other is shorter, in metres, by the triangle
    /// inequality: what is between their middles, less half of each.
    pub(super) fn far_floor_m(&self, other: &Self) -> f64 {
        let (from, to) = (self.at(0.5), other.at(0.5));
        geodesic_m(from, to, chord_m2(from, to)) - self.half_m() - other.half_m() - 1e-3
    }

    /// No two places of the arcs are nearer to each other in space than this, in metres.
    pub(super) fn floor_m(&self, other: &Self) -> f64 {
        if self.is_short() && other.is_short() {
            let (m, _) = chords_m([self.from, self.to], [other.from, other.to]);
            return m - self.sagitta_m - other.sagitta_m;
        }
        let (one, two) = (self.ball(), other.ball());
        length_m(minus(one.centre, two.centre)) - one.radius_m - two.radius_m
    }
}

pub(super) fn minus(a: Ecef, b: Ecef) -> Ecef {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

fn dot(a: Ecef, b: Ecef) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

pub(super) fn length_m(a: Ecef) -> f64 {
    dot(a, a).sqrt()
}

/// How far apart two straight pieces in space are, in metres, and at which share of each.
///
/// Ericson, "Real-Time Collision Detection" (2005), 5.1.9: the places nearest to each other on the
/// lines, the second brought into its piece, and the first one chosen again.
pub(super) fn chords_m([a, b]: [Ecef; 2], [c, d]: [Ecef; 2]) -> (f64, [f64; 2]) {
    let (one, two, apart) = (minus(b, a), minus(d, c), minus(a, c));
    let (one_2, two_2, along) = (dot(one, one), dot(two, two), dot(one, two));
    let (from_one, from_two) = (dot(one, apart), dot(two, apart));
    let share = |part: f64, whole: f64| if whole > 0.0 { (part / whole).clamp(0.0, 1.0) } else { 0.0 };
    let first = share(along * from_two - from_one * two_2, one_2 * two_2 - along * along);
    let second = share(along * first + from_two, two_2);
    let first = share(along * second - from_one, one_2);
    let second = share(along * first + from_two, two_2);
    let between = [0, 1, 2].map(|axis| apart[axis] + one[axis] * first - two[axis] * second);
    (length_m(between), [first, second])
}

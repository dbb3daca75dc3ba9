//! How far apart two geometries are: geodesic metres between the nearest places of their edges.

use super::arc::{Arc, chords_m, length_m, minus};
use super::distance::{chord_m2, geodesic_m, reach_m2};
use super::geometry::Geometry;
use super::minimum::least_m;
use super::position::Ecef;
use super::shape::{FEW, Node, Shape, floor_m, gap_m};
use super::work::{TooMuch, Work};

/// What a bound in space may be wrong by, in metres.
pub(super) const SLACK_M: f64 = 1e-5;
/// From this gap on a bound is also measured by geodesics, see [`floor_m`].
const FAR_M: f64 = 1_000_000.0;
/// What a geodesic to a place of an arc costs, in the units of [`Work`].
const GEODESIC: usize = 4;
const FAR_GEODESIC: usize = 24;
/// Geodesics that find the nearest place of an arc, about.
const INNER: usize = 12;

impl Geometry {
    /// The distance in metres between the nearest places of the two, 0 where they
    /// [intersect](Self::intersects). None if one is empty or has a position off the globe (longitudes
    /// of lines and polygons are taken within ±360, those of points within ±180).
    ///
    /// An edge is straight in longitude and latitude, the distance to it the length of the shortest
    /// geodesic to a place of it, so that what touches a border is 0 from it. Between points it is
    /// [`distance_m`](super::distance_m), to the bit; to edges within 1 mm.
    ///
    /// Cost: 20 µs between a point and a polygon of 100 edges, most of it to bring these into space
    /// (for many points see [`Prepared`](super::Prepared)); two polygons 0.2 ms. Each pair of edges that
    /// might be the nearest costs 5 to 100 µs, and of two lines all pairs might be: see
    /// [`try_distance_m`](Self::try_distance_m).
    ///
    /// ```
    /// use derek::geo::{Geometry, Position};
    ///
    /// let parallel = Geometry::from_wkt("LINESTRING(70 51, 75 51)")?;
    /// let town = Geometry::point(Position::new(71.43, 51.13));
    /// assert_eq!(town.distance_m(&parallel).map(f64::round), Some(14_462.0));
    /// assert_eq!(town.distance_m(&Geometry::from_wkt("POINT EMPTY")?), None);
    /// # Ok::<(), derek::geo::GeometryFault>(())
    /// ```
    #[must_use]
    pub fn distance_m(&self, other: &Self) -> Option<f64> {
        self.distance_for(other, &Work::unlimited())
    }

    /// [`distance_m`](Self::distance_m), within about 1 s and 100 MB. With a point there is always an
    /// answer.
    ///
    /// # Errors
    /// If that is not enough.
    ///
    /// ```
    /// use derek::geo::Geometry;
    ///
    /// let (one, other) = (Geometry::from_wkt("POINT(71 51)")?, Geometry::from_wkt("LINESTRING(71 51, 72 52)")?);
    /// assert_eq!(one.try_distance_m(&other), Ok(Some(0.0)));
    /// # Ok::<(), derek::geo::GeometryFault>(())
    /// ```
    pub fn try_distance_m(&self, other: &Self) -> Result<Option<f64>, TooMuch> {
        let work = self.work_with(other);
        work.answer(self.distance_for(other, &work))
    }

    /// Whether the two are not farther apart than this many metres: [`distance_m`](Self::distance_m)
    /// `<= m`, but quicker where that is clear. None as there; nothing is within NaN or a negative
    /// distance.
    #[must_use]
    pub fn is_within_m(&self, other: &Self, m: f64) -> Option<bool> {
        self.is_within_for(other, m, &Work::unlimited())
    }

    /// [`is_within_m`](Self::is_within_m), within about 1 s and 100 MB. With a point there is always an
    /// answer.
    ///
    /// # Errors
    /// If that is not enough.
    pub fn try_is_within_m(&self, other: &Self, m: f64) -> Result<Option<bool>, TooMuch> {
        let work = self.work_with(other);
        work.answer(self.is_within_for(other, m, &work))
    }

    fn distance_for(&self, other: &Self, work: &Work) -> Option<f64> {
        let (own, others) = (Shape::of(self)?, Shape::of(other)?);
        let touch = !own.is_point() || !others.is_point();
        if touch && self.intersects_for(other, work) {
            return Some(0.0);
        }
        Some(Search::without_limit(work).shapes(&own, &others))
    }

    fn is_within_for(&self, other: &Self, m: f64, work: &Work) -> Option<bool> {
        let (own, others) = (Shape::of(self)?, Shape::of(other)?);
        if m.is_nan() || m < 0.0 {
            return Some(false);
        }
        let touch = !own.is_point() || !others.is_point();
        Some(
            Search::within(m, work).shapes(&own, &others) <= m || (touch && self.intersects_for(other, work)),
        )
    }
}

/// The nearest pair of places so far; all in metres.
pub(super) struct Search<'a> {
    best: f64,
    /// What is farther in space than this is farther than the best.
    reach: f64,
    /// What is farther than this is not asked for.
    most: f64,
    /// From here on nothing nearer is asked for.
    enough: f64,
    work: &'a Work,
}

impl<'a> Search<'a> {
    /// A search for the least distance.
    pub(super) fn without_limit(work: &'a Work) -> Self {
        let most = f64::INFINITY;
        Self { best: most, reach: most, most, enough: f64::NEG_INFINITY, work }
    }

    /// A search for any distance up to this one.
    pub(super) fn within(m: f64, work: &'a Work) -> Self {
        Self { best: f64::INFINITY, reach: reach_m2(m).sqrt(), most: m, enough: m, work }
    }

    /// The least distance of two shapes, or one that is enough, or any above what is asked for.
    pub(super) fn shapes(mut self, own: &Shape, others: &Shape) -> f64 {
        let (one, other) = (own.root(), others.root());
        self.nodes((own, one), (others, other), gap_m(own.cuboid(one), others.cuboid(other)));
        self.best
    }

    fn offer(&mut self, m: f64) {
        if m < self.best {
            self.best = m;
            self.reach = self.reach.min(reach_m2(m).sqrt());
        }
    }

    fn is_over(&self) -> bool {
        self.best <= self.enough || self.best == 0.0 || self.work.is_spent()
    }

    /// Whether what is at least so far away by a geodesic need not be looked at.
    fn is_too_far(&self, floor_m: f64) -> bool {
        floor_m > self.best.min(self.most)
    }

    /// Everything in two boxes, so far apart: the boxes in the larger one in turn, the nearest first.
    fn nodes(&mut self, one: (&Shape, Node), other: (&Shape, Node), gap: f64) {
        if gap - SLACK_M > self.reach || self.is_over() {
            return;
        }
        let (own, others) = (one.0.cuboid(one.1), other.0.cuboid(other.1));
        if gap > FAR_M && !(one.0.is_point() && other.0.is_point()) {
            self.work.take(FAR_GEODESIC);
            if self.is_too_far(floor_m(own, others)) {
                return;
            }
        }
        if one.1.level == 0 && other.1.level == 0 {
            self.blocks(one.0.block(one.1), other.0.block(other.1));
            return;
        }
        let is_own =
            one.1.level > other.1.level || (one.1.level == other.1.level && size_m(own) >= size_m(others));
        let (split, rest) = if is_own { (one, others) } else { (other, own) };
        let mut inner = [(f64::INFINITY, split.1); FEW];
        let mut count = 0;
        for (slot, child) in inner.iter_mut().zip(split.0.children(split.1)) {
            *slot = (gap_m(split.0.cuboid(child), rest), child);
            count += 1;
        }
        self.work.take(count);
        let inner = &mut inner[..count];
        inner.sort_unstable_by(|one, other| one.0.total_cmp(&other.0));
        for (gap, child) in inner {
            if is_own {
                self.nodes((one.0, *child), other, *gap);
            } else {
                self.nodes(one, (other.0, *child), *gap);
            }
        }
    }

    /// All pairs of arcs, those first that may be nearest.
    fn blocks(&mut self, own: &[Arc], others: &[Arc]) {
        let mut pairs = [(f64::INFINITY, 0, 0); FEW * FEW];
        let all = (0..own.len()).flat_map(|i| (0..others.len()).map(move |j| (i, j)));
        for (slot, (i, j)) in pairs.iter_mut().zip(all) {
            *slot = (own[i].floor_m(&others[j]), i, j);
        }
        self.work.take(2 * own.len() * others.len());
        if own.len() > 1 && others.len() > 1 {
            self.starts(own, others);
        }
        let pairs = &mut pairs[..own.len() * others.len()];
        pairs.sort_unstable_by(|one, other| one.0.total_cmp(&other.0));
        for (floor_m, i, j) in pairs {
            // At the limit of reach a computed bound may be off.
            if self.is_over() || *floor_m - SLACK_M > self.reach {
                return;
            }
            self.arcs(&own[*i], &others[*j], *floor_m);
        }
    }

    /// The nearest two starts of arcs: most pairs of long arcs are then out of reach.
    fn starts(&mut self, own: &[Arc], others: &[Arc]) {
        let pairs = own.iter().flat_map(|one| others.iter().map(move |other| (one.from, other.from)));
        let chords = pairs.map(|(from, to)| (chord_m2(from, to), from, to));
        if let Some((chord_m2, from, to)) = chords.min_by(|one, other| one.0.total_cmp(&other.0)) {
            self.offer(geodesic_m(from, to, chord_m2));
        }
    }

    /// One pair of arcs, in space so far apart at least. Long ones are halved until they are nearly
    /// straight in space, for along a long one there may be several places that are nearer than those
    /// beside them.
    fn arcs(&mut self, one: &Arc, other: &Arc, floor_m: f64) {
        if floor_m - SLACK_M > self.reach || self.is_over() {
            return;
        }
        if one.is_short() && other.is_short() {
            // One geodesic may spare many.
            let is_edge = !(one.is_point() && other.is_point());
            if floor_m > FAR_M && is_edge && self.is_too_far(one.far_floor_m(other)) {
                self.work.take(FAR_GEODESIC);
                return;
            }
            self.short_arcs(one, other);
            return;
        }
        let (long, rest) = if one.degrees() >= other.degrees() { (one, other) } else { (other, one) };
        self.work.take(8);
        let mut halves = long.halves().map(|half| (half.floor_m(rest), half));
        if halves[1].0 < halves[0].0 {
            halves.swap(0, 1);
        }
        for (floor_m, half) in halves {
            self.arcs(&half, rest, floor_m);
        }
    }

    fn short_arcs(&mut self, one: &Arc, other: &Arc) {
        let is_far = self.reach > 250_000.0;
        let geodesic = if is_far { FAR_GEODESIC } else { GEODESIC };
        self.work.take(INNER * geodesic);
        let (_, [first, second]) = chords_m([one.from, one.to], [other.from, other.to]);
        let least = match (one.is_point(), other.is_point()) {
            (true, true) => geodesic_m(one.from, other.from, chord_m2(one.from, other.from)),
            (true, false) => to_arc_m(one.from, other, second),
            (false, true) => to_arc_m(other.from, one, first),
            // Both bend, so that the nearest places may be in the middle of both.
            (false, false) => {
                let from_first = |share: f64| {
                    let from = one.at(share);
                    let (_, [_, near]) = chords_m([from, from], [other.from, other.to]);
                    self.work.take(INNER * geodesic);
                    to_arc_m(from, other, near)
                };
                least_m(from_first, first, length_m(minus(one.to, one.from)))
            }
        };
        self.offer(least);
    }
}

/// How far a place is from an arc, which is nearest about at a share of it.
fn to_arc_m(from: Ecef, arc: &Arc, near: f64) -> f64 {
    let distance_m = |share: f64| {
        let to = arc.at(share);
        geodesic_m(from, to, chord_m2(from, to))
    };
    least_m(distance_m, near, length_m(minus(arc.to, arc.from)))
}

/// A measure of a box's size, in metres.
fn size_m([low, high]: &[Ecef; 2]) -> f64 {
    length_m(minus(*high, *low))
}

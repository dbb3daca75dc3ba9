//! The rows within a distance of a place, or within a region, without an order.

use rstar::{ParentNode, RTreeNode, RTreeObject as _};

use super::distance::{chord_m2, geodesic_m, longest_m, reach_m2};
use super::frontier::gap_m2;
use super::index::{Block, Site, SphereIndex};
use super::position::{ECCENTRICITY_2, Ecef, Position, ecef};
use super::{Bounds, Overlap, Region};

/// What degrees may be wrong by that are computed back from space: a tenth of a millimetre, where the
/// error of a coordinate is some nanometres.
const MARGIN_DEGREES: f64 = 1e-9;
/// Nearer to the axis than this, a longitude is not worth computing from space.
const NEAR_AXIS_M: f64 = 1_000.0;

/// What a search looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Probe {
    /// Nodes of the tree that were opened or decided as a whole.
    pub nodes: usize,
    /// Places of which one by one something was computed.
    pub places: usize,
}

impl SphereIndex {
    /// Every row that is not farther than `max_m` metres from a position, in no order; with NaN or a
    /// negative limit, and from a position [off the globe](Position::is_on_globe), there is none.
    ///
    /// Distances are those of [`distance_m`](super::distance_m) to the bit.
    ///
    /// Cost: 10 ns a row where most of what is found lies in whole nodes within the distance.
    ///
    /// ```
    /// use derek::geo::{Position, SphereIndex};
    ///
    /// let along_a_parallel = (0..100).map(|row| (row, Position::new(50.0 + f64::from(row), 45.0)));
    /// let index = SphereIndex::build(along_a_parallel);
    /// let mut rows = Vec::new();
    /// index.within_m(Position::new(60.1, 45.0), 90_000.0, |row| rows.push(row));
    /// rows.sort_unstable();
    /// assert_eq!(rows, [9, 10, 11]);
    /// ```
    pub fn within_m(&self, from: Position, max_m: f64, found: impl FnMut(u32)) -> Probe {
        if !from.is_on_globe() || max_m.is_nan() || max_m < 0.0 {
            return Probe::default();
        }
        let from = ecef(from);
        let mut walk = Walk::new(self, found);
        let reach_m2 = reach_m2(max_m);
        let decide = |lower: Ecef, upper: Ecef| {
            if gap_m2(from, lower, upper) > reach_m2 {
                return Overlap::Outside;
            }
            let to = |axis: usize| (upper[axis] - from[axis]).abs().max((from[axis] - lower[axis]).abs());
            let farthest_m = to(0).hypot(to(1)).hypot(to(2));
            if longest_m(farthest_m) <= max_m { Overlap::Inside } else { Overlap::Partly }
        };
        let is_near = |site: &Site| {
            let chord_m2 = chord_m2(from, site.at);
            chord_m2 <= reach_m2 && geodesic_m(from, site.at, chord_m2) <= max_m
        };
        walk.run(&decide, &mut |walk: &mut Walk<'_, _>, block| {
            walk.probe.places += block.range().len();
            for site in &walk.index.sites()[block.range()] {
                if is_near(site) {
                    walk.site(site);
                }
            }
        });
        walk.probe
    }

    /// Every row that can be in a region, in no order, and whether it is known to be inside: of the
    /// others, `Region::locate` tells by the position as it was published, which the index does not keep.
    ///
    /// Cost: 10 ns a row where most of what is found lies in whole nodes inside the region.
    ///
    /// ```
    /// use derek::geo::{Geometry, Location, Position, Region, SphereIndex};
    ///
    /// let places: Vec<Position> = (0..100).map(|at| Position::new(50.0 + 0.1 * f64::from(at), 45.0)).collect();
    /// let index = SphereIndex::build((0..).zip(places.iter().copied()));
    /// let region = Region::new(&Geometry::envelope(50.95, 44.0, 51.25, 46.0).expect("it is a box"));
    /// let mut rows = Vec::new();
    /// index.in_region(&region, |row, is_inside| {
    ///     if is_inside || region.locate(places[row as usize]) == Location::Inside {
    ///         rows.push(row);
    ///     }
    /// });
    /// rows.sort_unstable();
    /// assert_eq!(rows, [10, 11, 12]);
    /// ```
    pub fn in_region(&self, region: &Region, mut found: impl FnMut(u32, bool)) -> Probe {
        // The walk hands rows to one function; blocks that are inside or not go through this cell.
        let is_inside = std::cell::Cell::new(true);
        let mut walk = Walk::new(self, |row| found(row, is_inside.get()));
        let decide = |lower: Ecef, upper: Ecef| region.covers_box(degrees(lower, upper));
        walk.run(&decide, &mut |walk: &mut Walk<'_, _>, block| {
            walk.probe.places += block.range().len();
            is_inside.set(false);
            walk.block(block);
            is_inside.set(true);
        });
        walk.probe
    }

    /// Every row that the index has, in no order.
    pub fn rows(&self) -> impl Iterator<Item = u32> + '_ {
        self.sites().iter().flat_map(|site| std::iter::once(site.row).chain(self.twins(site).iter().copied()))
    }
}

/// A walk down the tree that opens what is partly within.
pub(super) struct Walk<'a, F> {
    index: &'a SphereIndex,
    found: F,
    pub(super) probe: Probe,
}

impl<'a, F: FnMut(u32)> Walk<'a, F> {
    pub(super) fn new(index: &'a SphereIndex, found: F) -> Self {
        Self { index, found, probe: Probe::default() }
    }

    /// Hands over all rows of nodes that are inside, and blocks that are partly so to `partly`.
    pub(super) fn run(
        &mut self,
        decide: &impl Fn(Ecef, Ecef) -> Overlap,
        partly: &mut impl FnMut(&mut Self, &'a Block),
    ) {
        self.parent(self.index.tree().root(), decide, partly);
    }

    fn parent(
        &mut self,
        parent: &'a ParentNode<Block>,
        decide: &impl Fn(Ecef, Ecef) -> Overlap,
        partly: &mut impl FnMut(&mut Self, &'a Block),
    ) {
        for node in parent.children() {
            self.probe.nodes += 1;
            let bounds = node.envelope();
            match (decide(bounds.lower(), bounds.upper()), node) {
                (Overlap::Outside, _) => {}
                (Overlap::Inside, node) => self.all(node),
                (Overlap::Partly, RTreeNode::Parent(parent)) => self.parent(parent, decide, partly),
                (Overlap::Partly, RTreeNode::Leaf(block)) => partly(self, block),
            }
        }
    }

    fn all(&mut self, node: &RTreeNode<Block>) {
        match node {
            RTreeNode::Leaf(block) => self.block(block),
            RTreeNode::Parent(parent) => parent.children().iter().for_each(|node| self.all(node)),
        }
    }

    fn block(&mut self, block: &Block) {
        let index = self.index;
        index.sites()[block.range()].iter().for_each(|site| self.site(site));
    }

    pub(super) fn site(&mut self, site: &Site) {
        (self.found)(site.row);
        self.index.twins(site).iter().for_each(|row| (self.found)(*row));
    }
}

/// A box in degrees around every place of the ellipsoid that lies in a box in space.
///
/// With `p` the distance from the axis, `tan(latitude) = z / ((1 − e²) p)` on the ellipsoid, which grows
/// with `z`, and with `p` falls in the north and grows in the south. Longitudes are extreme at the
/// corners, unless the box reaches over the axis or the date line: then it may be any.
pub(super) fn degrees(lower: Ecef, upper: Ecef) -> Bounds {
    let nearest = |axis: usize| (lower[axis].max(0.0) - upper[axis].min(0.0)).max(0.0);
    let farthest = |axis: usize| upper[axis].abs().max(lower[axis].abs());
    let nearest_m = nearest(0).hypot(nearest(1));
    let farthest_m = farthest(0).hypot(farthest(1));
    let latitude = |z: f64, p: f64| z.atan2((1.0 - ECCENTRICITY_2) * p).to_degrees();
    let north = latitude(upper[2], if upper[2] > 0.0 { nearest_m } else { farthest_m });
    let south = latitude(lower[2], if lower[2] < 0.0 { nearest_m } else { farthest_m });
    let is_over_date_line = lower[0] < 0.0 && lower[1] <= 0.0 && upper[1] >= 0.0;
    let (mut west, mut east) = (-180.0, 180.0);
    if !is_over_date_line && nearest_m > NEAR_AXIS_M {
        let corner = |x: f64, y: f64| y.atan2(x).to_degrees();
        let corners = [
            corner(lower[0], lower[1]),
            corner(lower[0], upper[1]),
            corner(upper[0], lower[1]),
            corner(upper[0], upper[1]),
        ];
        west = (corners.into_iter().fold(f64::INFINITY, f64::min) - MARGIN_DEGREES).max(-180.0);
        east = (corners.into_iter().fold(f64::NEG_INFINITY, f64::max) + MARGIN_DEGREES).min(180.0);
    }
    Bounds {
        west,
        south: (south - MARGIN_DEGREES).max(-90.0),
        east,
        north: (north + MARGIN_DEGREES).min(90.0),
    }
}

//! The walk through the tree: blocks of places in order of the chord they cannot be nearer than.

use super::distance::{chord_m2, geodesic_m, longest_m, reach_m2};
use super::index::{Block, Tree};
use super::position::{Ecef, Position, ecef, position};
use rstar::{ParentNode, RTreeNode, RTreeObject as _};
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// From this chord on a box is also measured by a geodesic, see [`Frontier::far_floor_m2`].
const FAR_M: f64 = 6_000_000.0;

/// The nodes of the tree that are known and not yet opened, the nearest on top.
///
/// rstar's own iterator was two thirds of a look-up's instructions (14 500 of 21 800; it compares
/// floats that may be NaN, and its heap moves from the stack to the heap in every look-up). This
/// walk over the same tree takes 7 000, goes on from any limit, and bounds a far node by more than
/// its chord.
pub(super) struct Frontier<'a> {
    from: Ecef,
    nodes: BinaryHeap<Open<'a>>,
}

impl<'a> Frontier<'a> {
    /// A walk that starts at a position; off the globe it leads nowhere.
    pub(super) fn new(tree: &'a Tree, from: Position) -> Self {
        // A look-up among a million holds about 60 nodes.
        let mut frontier = Self { from: ecef(from), nodes: BinaryHeap::with_capacity(64) };
        if from.is_on_globe() {
            frontier.open(tree.root());
        }
        frontier
    }

    /// Where it started.
    #[inline]
    pub(super) fn from(&self) -> Ecef {
        self.from
    }

    /// The next block that may hold a place within this squared chord, if there is one. With a
    /// longer chord the walk goes on where it stopped.
    #[inline]
    pub(super) fn next_within(&mut self, chord_m2: f64) -> Option<&'a Block> {
        while self.nodes.peek()?.floor_m2 <= chord_m2 {
            let open = self.nodes.pop()?;
            if open.floor_m2 >= FAR_M * FAR_M && !open.is_measured {
                let floor_m2 = open.floor_m2.max(self.far_floor_m2(open.node));
                self.nodes.push(Open { floor_m2, is_measured: true, ..open });
                continue;
            }
            match open.node {
                RTreeNode::Leaf(block) => return Some(block),
                RTreeNode::Parent(parent) => self.open(parent),
            }
        }
        None
    }

    #[inline]
    fn open(&mut self, parent: &'a ParentNode<Block>) {
        for node in parent.children() {
            let bounds = node.envelope();
            let floor_m2 = gap_m2(self.from, bounds.lower(), bounds.upper());
            self.nodes.push(Open { floor_m2, node, is_measured: false });
        }
    }

    /// The floor of a node by the triangle inequality: the geodesic to a place amid its box, less
    /// the longest one from there to a corner.
    ///
    /// Far away a chord hardly grows with the distance and says little about it: without this, ten
    /// rows of a million in one city took 1 s from the other side of the Earth, with it 0.6 ms.
    #[cold]
    #[inline(never)]
    fn far_floor_m2(&self, node: &RTreeNode<Block>) -> f64 {
        let bounds = node.envelope();
        let (lower, upper) = (bounds.lower(), bounds.upper());
        let middle = |axis: usize| f64::midpoint(lower[axis], upper[axis]);
        let amid = ecef(position([middle(0), middle(1), middle(2)]));
        let to_corner = |axis: usize| (upper[axis] - amid[axis]).max(amid[axis] - lower[axis]);
        let to_corner_m = to_corner(0).hypot(to_corner(1)).hypot(to_corner(2));
        let to_amid_m = geodesic_m(self.from, amid, chord_m2(self.from, amid));
        // 1 mm is far more than what rounding can add up to here.
        reach_m2((to_amid_m - longest_m(to_corner_m) - 1e-3).max(0.0))
    }
}

/// The squared distance from a point to a box, 0 inside.
///
/// Without branches, as it compiles: they were mispredicted so often that a look-up took 4.2 µs
/// instead of 3.4.
#[inline]
pub(super) fn gap_m2(from: Ecef, lower: Ecef, upper: Ecef) -> f64 {
    let or_0 = |length: f64| if length > 0.0 { length } else { 0.0 };
    let gap = |axis: usize| or_0(lower[axis] - from[axis]) + or_0(from[axis] - upper[axis]);
    let [x, y, z] = [gap(0), gap(1), gap(2)];
    x * x + y * y + z * z
}

/// A node to be opened; the greatest is the one with the lowest floor.
struct Open<'a> {
    /// The squared chord within which nothing in the node's box is; what is not within a chord is
    /// farther, in the sense of [`reach_m2`].
    floor_m2: f64,
    node: &'a RTreeNode<Block>,
    is_measured: bool,
}

impl Ord for Open<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        // Floors are not negative, and such numbers are ordered as their bits are.
        other.floor_m2.to_bits().cmp(&self.floor_m2.to_bits())
    }
}

impl PartialOrd for Open<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Open<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Open<'_> {}

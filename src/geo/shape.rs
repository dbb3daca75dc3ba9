//! A geometry in space: its arcs, and a tree of boxes over them.

use super::arc::{Arc, length_m};
use super::distance::{chord_m2, geodesic_m, longest_m};
use super::edges::edges_of_part;
use super::geometry::{Geometry, position_of};
use super::measure::is_near_globe;
use super::parts::{Part, parts};
use super::position::{Ecef, Position, ecef, position};

/// Arcs in a block, and boxes in a box. Neighbours in a line are near each other.
pub(super) const FEW: usize = 8;
/// What the bounds in [`Shape::floor_m`] may be wrong by.
const ROUNDING_M: f64 = 1e-3;

/// A box in space: its lowest corner and its highest.
pub(super) type Cuboid = [Ecef; 2];

/// The arcs of a geometry, at least one, and boxes around every few, and around every few of these.
#[derive(Debug)]
pub(super) struct Shape {
    arcs: Vec<Arc>,
    /// The boxes around blocks of arcs first, the box around everything last.
    levels: Vec<Vec<Cuboid>>,
}

/// A box of a shape's tree; at level 0 it is one around a block of arcs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    pub(super) level: usize,
    index: usize,
}

impl Shape {
    /// None if it is empty or a position is off the globe.
    pub(super) fn of(geometry: &Geometry) -> Option<Self> {
        let parts = parts(&geometry.0);
        let is_measurable = |part: &Part| match part {
            Part::Point(at) => position_of(*at).is_on_globe(),
            Part::Line(_) | Part::Area(_) => part.coords().all(is_near_globe),
        };
        if parts.is_empty() || !parts.iter().all(is_measurable) {
            return None;
        }
        Some(Self::new(parts.iter().flat_map(edges_of_part).map(Arc::new).collect()))
    }

    /// The shape of a position on the globe.
    pub(super) fn of_point(at: Position) -> Self {
        Self::new(vec![Arc::of_point(at)])
    }

    fn new(arcs: Vec<Arc>) -> Self {
        let mut boxes: Vec<Cuboid> = arcs.chunks(FEW).map(around_arcs).collect();
        let mut levels = Vec::new();
        while boxes.len() > 1 {
            let above = boxes.chunks(FEW).map(around).collect();
            levels.push(std::mem::replace(&mut boxes, above));
        }
        levels.push(boxes);
        Self { arcs, levels }
    }

    /// The box around everything.
    pub(super) fn root(&self) -> Node {
        Node { level: self.levels.len() - 1, index: 0 }
    }

    pub(super) fn cuboid(&self, node: Node) -> &Cuboid {
        &self.levels[node.level][node.index]
    }

    /// The boxes in a box above level 0.
    pub(super) fn children(&self, node: Node) -> impl Iterator<Item = Node> + use<> {
        let level = node.level - 1;
        let start = node.index * FEW;
        let end = (start + FEW).min(self.levels[level].len());
        (start..end).map(move |index| Node { level, index })
    }

    /// The arcs in a box of level 0.
    pub(super) fn block(&self, node: Node) -> &[Arc] {
        let start = node.index * FEW;
        &self.arcs[start..(start + FEW).min(self.arcs.len())]
    }

    pub(super) fn is_point(&self) -> bool {
        matches!(self.arcs.as_slice(), [arc] if arc.is_point())
    }

    /// Whether no arc is in space within this many metres of a box.
    pub(super) fn is_beyond(&self, cuboid: &Cuboid, reach_m: f64) -> bool {
        self.is_node_beyond(self.root(), cuboid, reach_m)
    }

    fn is_node_beyond(&self, node: Node, cuboid: &Cuboid, reach_m: f64) -> bool {
        if gap_m(self.cuboid(node), cuboid) > reach_m {
            return true;
        }
        node.level > 0 && self.children(node).all(|child| self.is_node_beyond(child, cuboid, reach_m))
    }

    /// The end of an arc, one of those near a place in space.
    pub(super) fn end_near(&self, place: Ecef) -> Ecef {
        let mut node = self.root();
        let gap = |node: &Node| gap_m(self.cuboid(*node), &[place, place]);
        while node.level > 0 {
            let nearest = self.children(node).min_by(|one, other| gap(one).total_cmp(&gap(other)));
            node = nearest.unwrap_or(node);
        }
        let ends = self.block(node).iter().map(|arc| arc.from);
        let nearest = ends.min_by(|one, other| chord_m2(*one, place).total_cmp(&chord_m2(*other, place)));
        nearest.unwrap_or(place)
    }

    /// The memory this holds beside itself, in bytes.
    pub(super) fn memory_bytes(&self) -> usize {
        let boxes: usize = self.levels.iter().map(Vec::capacity).sum();
        self.arcs.capacity() * size_of::<Arc>()
            + boxes * size_of::<Cuboid>()
            + self.levels.capacity() * size_of::<Vec<Cuboid>>()
    }
}

/// The box around boxes.
fn around(boxes: &[Cuboid]) -> Cuboid {
    let none = [[f64::INFINITY; 3], [f64::NEG_INFINITY; 3]];
    boxes.iter().fold(none, |[low, high], [other_low, other_high]| {
        [
            std::array::from_fn(|axis| low[axis].min(other_low[axis])),
            std::array::from_fn(|axis| high[axis].max(other_high[axis])),
        ]
    })
}

/// The box in space around these arcs.
fn around_arcs(arcs: &[Arc]) -> Cuboid {
    let none = [[f64::INFINITY; 3], [f64::NEG_INFINITY; 3]];
    arcs.iter().map(Arc::ball).fold(none, |[low, high], ball| {
        [
            std::array::from_fn(|axis| low[axis].min(ball.centre[axis] - ball.radius_m)),
            std::array::from_fn(|axis| high[axis].max(ball.centre[axis] + ball.radius_m)),
        ]
    })
}

/// How far apart two boxes are, in metres.
#[inline]
pub(super) fn gap_m([low, high]: &Cuboid, [other_low, other_high]: &Cuboid) -> f64 {
    length_m([0, 1, 2].map(|axis| (other_low[axis] - high[axis]).max(low[axis] - other_high[axis]).max(0.0)))
}

/// No geodesic from a place of the ellipsoid in one box to one in the other is shorter, in metres, by
/// the triangle inequality: what is between the middles of both, less what is from these to a corner.
///
/// Far away a chord hardly grows with the distance and says little about it.
pub(super) fn floor_m(one: &Cuboid, other: &Cuboid) -> f64 {
    let ((from, from_m), (to, to_m)) = (middle(one), middle(other));
    geodesic_m(from, to, chord_m2(from, to)) - from_m - to_m - ROUNDING_M
}

/// A place of the ellipsoid amid a box, and how far at most a place in the box is from it.
fn middle([low, high]: &Cuboid) -> (Ecef, f64) {
    let amid = ecef(position([0, 1, 2].map(|axis| f64::midpoint(low[axis], high[axis]))));
    (amid, longest_m(farthest_m(amid, &[*low, *high])))
}

/// How far a box's farthest corner is from a place, in metres.
pub(super) fn farthest_m(from: Ecef, [low, high]: &Cuboid) -> f64 {
    length_m([0, 1, 2].map(|axis| (high[axis] - from[axis]).abs().max((from[axis] - low[axis]).abs())))
}

//! Edges straight in longitude and latitude, and whether two of them touch: exactly, not within a
//! tolerance.

use super::bounds::Bounds;
use super::parts::{Part, parts_on_globe, rings};
use super::work::Work;
use geo::kernels::{Kernel as _, RobustKernel};
use geo::{Coord, Geometry, LineString, Orientation};

/// Edges whose box is kept. Neighbours in a ring are near each other.
const BLOCK: usize = 16;

/// What a unit of [`Work`] is worth: boxes that are compared.
const BOXES_A_UNIT: usize = 16;
/// Units that it takes to compare an edge with a block of them.
const TOUCHES: usize = 4;

/// From one position to the next one; a point is an edge to itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge {
    pub(super) from: Coord<f64>,
    pub(super) to: Coord<f64>,
}

/// On which side of a line from `a` to `b` a place is: 1 left, −1 right, 0 on it. Exact.
#[inline]
pub(super) fn side(a: Coord<f64>, b: Coord<f64>, at: Coord<f64>) -> i8 {
    match RobustKernel::orient2d(a, b, at) {
        Orientation::CounterClockwise => 1,
        Orientation::Clockwise => -1,
        Orientation::Collinear => 0,
    }
}

impl Edge {
    pub(super) fn bounds(self) -> Bounds {
        Bounds {
            west: self.from.x.min(self.to.x),
            south: self.from.y.min(self.to.y),
            east: self.from.x.max(self.to.x),
            north: self.from.y.max(self.to.y),
        }
    }

    fn shifted(self, lon: f64) -> Self {
        let shifted = |at: Coord<f64>| Coord { x: at.x + lon, y: at.y };
        Self { from: shifted(self.from), to: shifted(self.to) }
    }

    /// Whether the two have a place in common, ends included.
    ///
    /// Neither may have both ends on one side of the other; what is left are edges on one line, of
    /// which the boxes tell.
    pub(super) fn touches(self, other: Self) -> bool {
        let parted =
            |edge: Self, by: Self| side(by.from, by.to, edge.from) * side(by.from, by.to, edge.to) > 0;
        self.bounds().meets(other.bounds()) && !parted(self, other) && !parted(other, self)
    }

    /// Whether a place is on the edge, ends included.
    pub(super) fn holds(self, at: Coord<f64>) -> bool {
        self.touches(Self { from: at, to: at })
    }
}

/// Many edges, with a box around every few.
#[derive(Debug, Default)]
pub(super) struct Edges {
    edges: Vec<Edge>,
    boxes: Vec<Bounds>,
}

impl Edges {
    /// These edges, in an order in which neighbours are near each other.
    pub(super) fn new(edges: Vec<Edge>) -> Self {
        let around = |block: &[Edge]| block.iter().map(|edge| edge.bounds()).reduce(Bounds::merge);
        let boxes = edges.chunks(BLOCK).filter_map(around).collect();
        Self { edges, boxes }
    }

    /// All edges of a geometry, and its points but those off the globe.
    pub(super) fn of(geometry: &Geometry<f64>) -> Self {
        Self::new(parts_on_globe(geometry).iter().flat_map(edges_of_part).collect())
    }

    pub(super) fn all(&self) -> &[Edge] {
        &self.edges
    }

    fn blocks(&self) -> impl Iterator<Item = (&[Edge], Bounds)> {
        self.edges.chunks(BLOCK).zip(self.boxes.iter().copied())
    }

    /// The edges in blocks whose box meets this one, with the number of each.
    pub(super) fn near(&self, bounds: Bounds) -> impl Iterator<Item = (usize, Edge)> {
        let blocks =
            (0..).step_by(BLOCK).zip(self.blocks()).filter(move |(_, (_, around))| around.meets(bounds));
        blocks.flat_map(|(start, (block, _))| (start..).zip(block.iter().copied()))
    }

    /// Whether an edge of these touches one of the others, those moved this many degrees east.
    pub(super) fn touch(&self, others: &Self, shift: f64, work: &Work) -> bool {
        others.blocks().any(|(block, around)| {
            let around = around.shifted(shift);
            work.take(self.boxes.len().div_ceil(BOXES_A_UNIT));
            let near = self.blocks().filter(|(_, bounds)| !work.is_spent() && bounds.meets(around));
            near.into_iter().any(|(mine, bounds)| {
                let near =
                    block.iter().map(|edge| edge.shifted(shift)).filter(|edge| edge.bounds().meets(bounds));
                near.into_iter().any(|edge| {
                    work.take(TOUCHES * mine.len().div_ceil(BLOCK));
                    mine.iter().any(|own| own.touches(edge))
                })
            })
        })
    }

    /// How many pairs of an edge of these and one of the others have boxes that meet, or the limit.
    pub(super) fn meeting(&self, others: &Self, limit: usize, work: &Work) -> usize {
        let mut found = 0;
        for (block, around) in others.blocks() {
            work.take(self.boxes.len().div_ceil(BOXES_A_UNIT));
            for (mine, _) in self.blocks().filter(|(_, bounds)| bounds.meets(around)) {
                work.take(TOUCHES);
                let meets = |edge: &Edge| mine.iter().filter(|own| own.bounds().meets(edge.bounds())).count();
                found += block.iter().map(meets).sum::<usize>();
                if found >= limit || work.is_spent() {
                    return limit;
                }
            }
        }
        found
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.edges.capacity() * size_of::<Edge>() + self.boxes.capacity() * size_of::<Bounds>()
    }
}

/// The edges of a line; a line of one position is that point.
pub(super) fn edges_of_line(line: &LineString<f64>) -> impl Iterator<Item = Edge> {
    let only = match line.0.as_slice() {
        [at] => Some(Edge { from: *at, to: *at }),
        _ => None,
    };
    only.into_iter().chain(line.0.windows(2).map(|ends| Edge { from: ends[0], to: ends[1] }))
}

pub(super) fn edges_of_part<'a>(part: &Part<'a>) -> Box<dyn Iterator<Item = Edge> + 'a> {
    match *part {
        Part::Point(at) => Box::new(std::iter::once(Edge { from: at, to: at })),
        Part::Line(line) => Box::new(edges_of_line(line)),
        Part::Area(polygon) => Box::new(rings(polygon).flat_map(edges_of_line)),
    }
}

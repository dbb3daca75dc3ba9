//! Look-ups of a few nearest rows, one after another: depth first, with buffers that are kept.

use rstar::{ParentNode, RTreeNode, RTreeObject as _};

use super::distance::{chord_m2, geodesic_m, longest_m, reach_m2};
use super::frontier::gap_m2;
use super::index::{Block, SphereIndex};
use super::nearest::Neighbour;
use super::position::{Ecef, Position, ecef};

/// The most rows for which places are kept in order by inserting them.
const MOST_ROWS: usize = 32;
/// Places beyond which chords have said too little: from the other side of the Earth.
const MOST_PLACES: usize = 512;

/// Looks up the few nearest rows again and again, see [`SphereIndex::searcher`].
///
/// [`Nearest`](super::Nearest) gives rows one by one and can go on for ever; for that it keeps heaps. Where
/// the number of rows is known, a walk that opens the nearest node first and leaves out what is beyond the
/// k-th chord visits about as many nodes and keeps next to nothing: half the time.
#[derive(Debug)]
pub struct Searcher<'a> {
    index: &'a SphereIndex,
    /// Nodes to be opened, the nearest of one parent last.
    open: Vec<Open<'a>>,
    /// Places in order of their chords.
    reached: Vec<Reached>,
    /// Where the nearest of the look-up before this one were: they bound this one.
    last: Vec<Ecef>,
}

struct Open<'a> {
    floor_m2: f64,
    node: &'a RTreeNode<Block>,
}

impl std::fmt::Debug for Open<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} m²", self.floor_m2)
    }
}

#[derive(Debug, Clone, Copy)]
struct Reached {
    chord_m2: f64,
    site: usize,
}

impl SphereIndex {
    /// Buffers for many look-ups by one thread.
    ///
    /// ```
    /// use derek::geo::{Position, SphereIndex};
    ///
    /// let index = SphereIndex::build((0..100).map(|row| (row, Position::new(f64::from(row), 45.0))));
    /// let (mut searcher, mut found) = (index.searcher(), Vec::new());
    /// searcher.nearest_k(Position::new(60.2, 45.0), 2, f64::INFINITY, &mut found);
    /// assert_eq!(found.iter().map(|it| it.row).collect::<Vec<_>>(), [60, 61]);
    /// ```
    #[must_use]
    pub fn searcher(&self) -> Searcher<'_> {
        let (open, reached) = (Vec::with_capacity(64), Vec::with_capacity(64));
        Searcher { index: self, open, reached, last: Vec::new() }
    }
}

impl<'a> Searcher<'a> {
    /// Appends what [`SphereIndex::nearest_k`] returns.
    ///
    /// Cost: as that, and about half where the look-up before was near by and for as many rows.
    pub fn nearest_k(&mut self, from: Position, k: usize, max_m: f64, found: &mut Vec<Neighbour>) {
        let is_asked = k > 0 && from.is_on_globe() && max_m >= 0.0;
        if !is_asked {
            return;
        }
        let is_found = k <= MOST_ROWS && self.walk(ecef(from), k, max_m);
        if !is_found {
            let nearest = self.index.nearest_within(from, max_m);
            found.extend(nearest.take_while(|found| found.distance_m <= max_m).take(k));
            return;
        }
        self.last.clear();
        self.last.extend(self.reached.iter().map(|reached| self.index.sites()[reached.site].at));
        let start = found.len();
        self.rank(ecef(from), k, max_m, found);
        found[start..].sort_unstable_by(|one, other| {
            one.distance_m.total_cmp(&other.distance_m).then(one.row.cmp(&other.row))
        });
        found.truncate(start + k);
    }

    /// Reaches every place that can be among the nearest; false where there are too many to tell by chords.
    fn walk(&mut self, from: Ecef, k: usize, max_m: f64) -> bool {
        self.reached.clear();
        self.open.clear();
        let mut limit_m2 = reach_m2(max_m).min(self.known_reach_m2(from, k));
        self.open(self.index.tree().root(), from, limit_m2);
        while let Some(Open { floor_m2, node }) = self.open.pop() {
            if floor_m2 > limit_m2 {
                continue;
            }
            match node {
                RTreeNode::Parent(parent) => self.open(parent, from, limit_m2),
                RTreeNode::Leaf(block) => {
                    if self.reach(block, from, k, &mut limit_m2) > MOST_PLACES {
                        return false;
                    }
                }
            }
        }
        true
    }

    /// The squared chord within which there are k places, as the look-up before this one knows: after one
    /// near by, most nodes need not be opened.
    fn known_reach_m2(&self, from: Ecef, k: usize) -> f64 {
        let Some(last) = self.last.get(..k) else { return f64::INFINITY };
        let farthest_m2 = last.iter().map(|at| chord_m2(from, *at)).fold(0.0, f64::max);
        reach_m2(longest_m(farthest_m2.sqrt()))
    }

    /// Puts a node's children on the stack, the nearest on top.
    #[inline]
    fn open(&mut self, parent: &'a ParentNode<Block>, from: Ecef, limit_m2: f64) {
        let start = self.open.len();
        for node in parent.children() {
            let bounds = node.envelope();
            let floor_m2 = gap_m2(from, bounds.lower(), bounds.upper());
            if floor_m2 <= limit_m2 {
                let above = self.open[start..].iter().rposition(|open| open.floor_m2 >= floor_m2);
                self.open.insert(above.map_or(start, |at| start + at + 1), Open { floor_m2, node });
            }
        }
    }

    /// Measures the chords to the places of a block; returns how many places are kept.
    #[inline]
    fn reach(&mut self, block: &Block, from: Ecef, k: usize, limit_m2: &mut f64) -> usize {
        for site in block.range() {
            let chord_m2 = chord_m2(from, self.index.sites()[site].at);
            if chord_m2 > *limit_m2 {
                continue;
            }
            let before = self.reached.iter().rposition(|reached| reached.chord_m2 <= chord_m2);
            self.reached.insert(before.map_or(0, |at| at + 1), Reached { chord_m2, site });
            // With k places within a chord, nothing farther than the longest way over it is among the k.
            if let Some(kth) = self.reached.get(k - 1) {
                *limit_m2 = limit_m2.min(reach_m2(longest_m(kth.chord_m2.sqrt())));
                let within = self.reached.partition_point(|reached| reached.chord_m2 <= *limit_m2);
                self.reached.truncate(within);
            }
        }
        self.reached.len()
    }

    /// Appends the rows at the places that were reached.
    fn rank(&self, from: Ecef, k: usize, max_m: f64, found: &mut Vec<Neighbour>) {
        for Reached { chord_m2, site } in &self.reached {
            let site = &self.index.sites()[*site];
            let distance_m = geodesic_m(from, site.at, *chord_m2);
            if distance_m <= max_m {
                let rows = std::iter::once(site.row).chain(self.index.twins(site).iter().copied());
                // A thousand rows at one place cost no more than k.
                found.extend(rows.take(k).map(|row| Neighbour { row, distance_m }));
            }
        }
    }
}

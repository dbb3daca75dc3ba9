//! The index: an R-tree in space over blocks of places.

use super::nearest::{Nearest, Neighbour};
use super::position::{Ecef, Position, ecef};
use rstar::{AABB, Envelope as _, ParentNode, RTree, RTreeNode, RTreeObject};
use std::cmp::Ordering;
use std::fmt;
use std::ops::Range;

/// Places in a block. With 8, 12, 16, 24 and 32 the 10 nearest of 1 M take 16 800 to 18 300
/// instructions, and the index 44 to 35 bytes a place.
const BLOCK: usize = 16;

/// Threads that build an index. The same index comes out whatever their number.
const THREADS: usize = 4;
/// Fewer sites are sorted before a thread has started; and so many at once, between two looks at whether
/// they are still wanted.
const WORTH_A_THREAD: usize = 50_000;

/// An immutable index over positions of rows, which finds the nearest ones by geodesic distance.
///
/// The order is exact everywhere on the globe, poles, date line and antipodes included: an R-tree of
/// points in space gives candidates, a proven bound says how far to look, and the candidates are
/// ranked by [`distance_m`](super::distance_m). Rows at the very same position are kept as one place,
/// so that a thousand rows geocoded to one town hall cost as much as one.
///
/// For 1 M rows: 0.3 s to build, 40 bytes a row, 3.4 µs for the 10 nearest, in cities and in the
/// steppe alike (rstar alone over unit vectors, beside it on two busy cores: 0.5 s, 94 bytes, 5.2 µs,
/// not yet ranked). Built once and then only read, it is shared between threads as it is.
///
/// ```
/// use derek::geo::{Position, SphereIndex};
///
/// let index = SphereIndex::build([
///     (7, Position::new(76.9286, 43.2567)),
///     (8, Position::new(71.4304, 51.1282)),
/// ]);
/// assert_eq!(index.len(), 2);
/// assert_eq!(index.nearest_k(Position::new(71.0, 51.0), 1, f64::INFINITY)[0].row, 8);
/// ```
pub struct SphereIndex {
    tree: Tree,
    sites: Vec<Site>,
    /// For each place with several rows: how many more, then these, ascending. Starts with the empty
    /// list of all other places.
    twins: Vec<u32>,
    len: usize,
}

impl SphereIndex {
    /// The index of these rows and their positions. A row may come several times, with a position
    /// each.
    ///
    /// Positions [off the globe](Position::is_on_globe) are left out: finding them is the caller's
    /// part, and [`len`](Self::len) tells how many were kept.
    ///
    /// Cost: n log n; 0.3 s for 1 M points, a third of it to find equal positions.
    ///
    /// # Panics
    ///
    /// With more than 2³² points at positions that occur several times.
    #[must_use]
    pub fn build(points: impl IntoIterator<Item = (u32, Position)>) -> Self {
        Self::build_while(points, &|| true)
    }

    /// The same as long as it is wanted: `is_wanted` is asked every few milliseconds, and when it says no,
    /// what comes out at once is an index of no use.
    ///
    /// # Panics
    ///
    /// As [`build`](Self::build).
    #[must_use]
    pub fn build_while(
        points: impl IntoIterator<Item = (u32, Position)>,
        is_wanted: &(impl Fn() -> bool + Sync),
    ) -> Self {
        let places: Vec<(u32, Position)> =
            points.into_iter().filter(|(_, position)| position.is_on_globe()).collect();
        let len = places.len();
        let mut sites = sorted_sites(&places, THREADS, is_wanted);
        drop(places);
        let twins = merge_twins(&mut sites);
        let mut blocks = Vec::with_capacity(len.div_ceil(BLOCK));
        split(&mut sites, 0, THREADS, is_wanted, &mut blocks);
        if !is_wanted() {
            return Self { tree: Tree::new(), sites: Vec::new(), twins: vec![0], len: 0 };
        }
        Self { tree: Tree::bulk_load(blocks), sites, twins, len }
    }

    /// How many positions are indexed.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether no position is indexed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The memory this index holds, in bytes, without what the allocator adds (some 1 %).
    ///
    /// Cost: a walk through the tree's nodes, some ms for 1 M points.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        size_of::<Self>()
            + self.sites.capacity() * size_of::<Site>()
            + self.twins.capacity() * size_of::<u32>()
            + nodes_bytes(self.tree.root())
    }

    /// All rows in order of their geodesic distance from a position, found one by one as they are
    /// asked for; rows at the same distance (to the bit) in order of their numbers.
    ///
    /// A position [off the globe](Position::is_on_globe) has no neighbours.
    ///
    /// Cost: for 1 M rows 2 µs to the first row, then 0.1 µs each; 1 µs each beyond 250 km, where a
    /// geodesic takes that long, see [`distance_m`](super::distance_m). At worst, from the other side
    /// of the Earth to a million rows in one city, 1 ms to the first.
    ///
    /// ```
    /// use derek::geo::{Position, SphereIndex};
    ///
    /// let along_a_parallel = (0..100).map(|row| (row, Position::new(50.0 + f64::from(row), 45.0)));
    /// let index = SphereIndex::build(along_a_parallel);
    ///
    /// // The nearest rows with a property that only the caller knows of.
    /// let even = index.nearest(Position::new(60.2, 45.0)).filter(|found| found.row % 2 == 0);
    /// assert_eq!(even.take(3).map(|found| found.row).collect::<Vec<_>>(), [10, 12, 8]);
    /// ```
    #[must_use]
    pub fn nearest(&self, from: Position) -> Nearest<'_> {
        Nearest::new(self, from, f64::INFINITY)
    }

    /// The first `k` rows of [`nearest`](Self::nearest) that are not farther than `max_m` metres
    /// (`f64::INFINITY` for no limit; with NaN or a negative limit nothing is near enough).
    ///
    /// Cost: as [`nearest`](Self::nearest), 3.4 µs for 10 of 1 M rows; what is beyond the limit costs
    /// nothing.
    ///
    /// ```
    /// use derek::geo::{Position, SphereIndex};
    ///
    /// let along_a_parallel = (0..100).map(|row| (row, Position::new(50.0 + f64::from(row), 45.0)));
    /// let index = SphereIndex::build(along_a_parallel);
    ///
    /// let within = index.nearest_k(Position::new(60.1, 45.0), 10, 90_000.0);
    /// assert_eq!(within.iter().map(|found| found.row).collect::<Vec<_>>(), [10, 11, 9]);
    /// ```
    #[must_use]
    pub fn nearest_k(&self, from: Position, k: usize, max_m: f64) -> Vec<Neighbour> {
        // Room for the usual few: `k` may be "all".
        let mut found = Vec::with_capacity(k.min(32));
        self.searcher().nearest_k(from, k, max_m, &mut found);
        found
    }

    /// Rows not farther than `max_m`, and perhaps some more, but these after them.
    pub(super) fn nearest_within(&self, from: Position, max_m: f64) -> Nearest<'_> {
        Nearest::new(self, from, max_m)
    }

    /// The tree of the blocks.
    pub(super) fn tree(&self) -> &Tree {
        &self.tree
    }

    /// All places; a block is a range of them.
    #[inline]
    pub(super) fn sites(&self) -> &[Site] {
        &self.sites
    }

    /// The rows at a place beyond its first, ascending.
    #[inline]
    pub(super) fn twins(&self, site: &Site) -> &[u32] {
        let count = site.twins as usize;
        &self.twins[count + 1..][..self.twins[count] as usize]
    }
}

impl fmt::Debug for SphereIndex {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("SphereIndex").field("len", &self.len).finish_non_exhaustive()
    }
}

/// A place where rows are.
pub(super) struct Site {
    /// Where it is in space.
    pub(super) at: Ecef,
    /// The lowest of the rows here.
    pub(super) row: u32,
    /// Where the list of the others starts in [`SphereIndex::twins`].
    twins: u32,
}

/// Up to [`BLOCK`] neighbouring places, and the box around them.
///
/// A tree of places takes 94 bytes each, for in rstar a leaf is as large as a node; over blocks it
/// takes 40 in all, the places included, and has 16 times fewer nodes to walk through.
pub(super) struct Block {
    bounds: AABB<Ecef>,
    start: usize,
    len: usize,
}

impl Block {
    /// Which of [`SphereIndex::sites`] these are.
    #[inline]
    pub(super) fn range(&self) -> Range<usize> {
        self.start..self.start + self.len
    }
}

impl RTreeObject for Block {
    type Envelope = AABB<Ecef>;

    fn envelope(&self) -> Self::Envelope {
        self.bounds
    }
}

/// The R-tree over blocks. Its node size is rstar's own: with 6 to 26 bulk loading halves each axis
/// and so makes nodes of 8, and with up to 64 none was quicker.
pub(super) type Tree = RTree<Block>;

/// The order that brings equal places together, the lowest row first.
fn order(one: &Site, other: &Site) -> Ordering {
    let by_place = one.at.partial_cmp(&other.at).unwrap_or(Ordering::Equal);
    by_place.then(one.row.cmp(&other.row))
}

/// A site for each row, in [`order`], made and sorted by up to this many threads.
fn sorted_sites(
    places: &[(u32, Position)],
    threads: usize,
    is_wanted: &(impl Fn() -> bool + Sync),
) -> Vec<Site> {
    if !is_wanted() {
        return Vec::new();
    }
    if places.len() < WORTH_A_THREAD {
        let site = |(row, position): &(u32, Position)| Site { at: ecef(*position), row: *row, twins: 0 };
        let mut sites: Vec<Site> = places.iter().map(site).collect();
        sites.sort_unstable_by(order);
        return sites;
    }
    let (left, right) = places.split_at(places.len() / 2);
    let (left, right) = if threads < 2 {
        (sorted_sites(left, 1, is_wanted), sorted_sites(right, 1, is_wanted))
    } else {
        std::thread::scope(|scope| {
            let right = scope.spawn(|| sorted_sites(right, threads / 2, is_wanted));
            let left = sorted_sites(left, threads / 2, is_wanted);
            (left, right.join().expect("sorting does not panic"))
        })
    };
    let mut sites = Vec::with_capacity(places.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some(one), Some(other)) = (left.peek(), right.peek()) {
        let next = if order(one, other).is_le() { left.next() } else { right.next() };
        sites.extend(next);
    }
    sites.extend(left.chain(right));
    sites
}

/// Leaves one site a place, of sites in [`order`], and lists the other rows there.
fn merge_twins(sites: &mut Vec<Site>) -> Vec<u32> {
    let mut twins = vec![0];
    sites.dedup_by(|next, first| {
        let same = next.at.partial_cmp(&first.at) == Some(Ordering::Equal);
        if same {
            if first.twins == 0 {
                first.twins = u32::try_from(twins.len()).expect("fewer than 2^32 points share a place");
                twins.push(0);
            }
            twins[first.twins as usize] += 1;
            twins.push(next.row);
        }
        same
    });
    sites.shrink_to_fit();
    twins.shrink_to_fit();
    twins
}

/// Brings neighbours together by halving along the longest side again and again, and lists the
/// blocks that this ends in. `start` is where these sites are among all.
fn split(
    sites: &mut [Site],
    start: usize,
    threads: usize,
    is_wanted: &(impl Fn() -> bool + Sync),
    blocks: &mut Vec<Block>,
) {
    let len = sites.len();
    if len >= WORTH_A_THREAD && !is_wanted() {
        return;
    }
    if len <= BLOCK {
        let bounds = bounds(sites.iter());
        blocks.extend((len > 0).then_some(Block { bounds, start, len }));
        return;
    }
    let middle = halve(sites);
    let (left, right) = sites.split_at_mut(middle);
    if threads < 2 || len < WORTH_A_THREAD {
        split(left, start, 1, is_wanted, blocks);
        split(right, start + middle, 1, is_wanted, blocks);
        return;
    }
    let on_the_right = std::thread::scope(|scope| {
        let right = scope.spawn(|| {
            let mut blocks = Vec::with_capacity(right.len().div_ceil(BLOCK));
            split(right, start + middle, threads / 2, is_wanted, &mut blocks);
            blocks
        });
        split(left, start, threads / 2, is_wanted, blocks);
        right.join().expect("splitting does not panic")
    });
    blocks.extend(on_the_right);
}

/// Brings the sites that are low along the longest side before the others; returns how many.
fn halve(sites: &mut [Site]) -> usize {
    let len = sites.len();
    // Which side is the longest, some of the sites tell as well as all.
    let bounds = bounds(sites.iter().step_by(len / 64 + 1));
    let side = |axis: &usize| bounds.upper()[*axis] - bounds.lower()[*axis];
    let axis = (0..3).max_by(|one, other| side(one).total_cmp(&side(other))).unwrap_or(0);
    // Whole blocks on the left, so that all but the last are full.
    let middle = len.div_ceil(BLOCK) / 2 * BLOCK;
    sites.select_nth_unstable_by(middle, |one, other| one.at[axis].total_cmp(&other.at[axis]));
    middle
}

/// The box around these places.
fn bounds<'a>(sites: impl Iterator<Item = &'a Site>) -> AABB<Ecef> {
    sites.fold(AABB::new_empty(), |mut bounds, site| {
        bounds.merge(&AABB::from_point(site.at));
        bounds
    })
}

/// The memory of the nodes below this one.
fn nodes_bytes(parent: &ParentNode<Block>) -> usize {
    let inner = parent.children().iter().filter_map(|child| match child {
        RTreeNode::Leaf(_) => None,
        RTreeNode::Parent(parent) => Some(nodes_bytes(parent)),
    });
    let below: usize = inner.sum();
    // rstar collects inner nodes into a growing vector, whose capacity it does not tell: powers of
    // two from 4. Leaves are collected to measure.
    let count = parent.children().len();
    let capacity = if below == 0 { count } else { count.next_power_of_two().max(4) };
    below + capacity * size_of::<RTreeNode<Block>>()
}

//! The answer: rows in order of their distance, one by one.
//!
//! Heaps here are keyed by the bits of distances: these are not negative, and such numbers are
//! ordered as their bits are.

use super::distance::{chord_m2, geodesic_m, reach_m2};
use super::frontier::Frontier;
use super::index::{Block, Site, SphereIndex};
use super::position::Position;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::iter::FusedIterator;

/// A row and how far away it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Neighbour {
    /// The row's number, as given to [`SphereIndex::build`].
    pub row: u32,
    /// The geodesic distance in metres, equal to [`distance_m`](super::distance_m) to the bit.
    pub distance_m: f64,
}

/// Rows in order of their distance, see [`SphereIndex::nearest`].
///
/// Places wait in three heaps, each knowing less about more of them: of the ranked the geodesic is
/// known, of the reached the chord, and in the frontier only a box around many. The first of the
/// ranked comes out as soon as no chord and no box lets anything in that could be as near.
pub struct Nearest<'a> {
    index: &'a SphereIndex,
    frontier: Frontier<'a>,
    reached: BinaryHeap<Reverse<Reached>>,
    ranked: BinaryHeap<Reverse<Ranked>>,
    /// The squared chord to look within.
    limit_m2: f64,
    left: usize,
}

/// The squared chord in m², as bits, and which site it leads to.
type Reached = (u64, usize);

/// The distance in metres, as bits, a row there, how many of the site's twins come before it, and
/// the site.
type Ranked = (u64, u32, usize, usize);

impl<'a> Nearest<'a> {
    /// Rows not farther than `max_m`, and perhaps some more, but these after them.
    pub(super) fn new(index: &'a SphereIndex, from: Position, max_m: f64) -> Self {
        Self {
            index,
            frontier: Frontier::new(index.tree(), from),
            reached: BinaryHeap::with_capacity(128),
            ranked: BinaryHeap::with_capacity(16),
            limit_m2: reach_m2(max_m),
            left: if from.is_on_globe() { index.len() } else { 0 },
        }
    }

    /// Measures the chords to the places of a block.
    fn reach(&mut self, block: &Block) {
        let from = self.frontier.from();
        let sites = self.index.sites()[block.range()].iter().zip(block.range());
        let reached = |(site, which): (&Site, usize)| Reverse((chord_m2(from, site.at).to_bits(), which));
        self.reached.extend(sites.map(reached));
    }

    /// Measures the geodesic to a place, and brings in its first row.
    fn rank(&mut self, (chord_bits, which): Reached) {
        let site = &self.index.sites()[which];
        let distance_m = geodesic_m(self.frontier.from(), site.at, f64::from_bits(chord_bits));
        self.ranked.push(Reverse((distance_m.to_bits(), site.row, 0, which)));
    }

    /// Takes out the first row, and brings in the next one at its place.
    fn take(&mut self) -> Option<Neighbour> {
        let Reverse((bits, row, before, which)) = self.ranked.pop()?;
        let twins = self.index.twins(&self.index.sites()[which]);
        if let Some(&twin) = twins.get(before) {
            self.ranked.push(Reverse((bits, twin, before + 1, which)));
        }
        self.left -= 1;
        Some(Neighbour { row, distance_m: f64::from_bits(bits) })
    }
}

impl Iterator for Nearest<'_> {
    type Item = Neighbour;

    fn next(&mut self) -> Option<Neighbour> {
        loop {
            let first = self.ranked.peek().map(|Reverse((bits, ..))| f64::from_bits(*bits));
            let within_m2 = first.map_or(self.limit_m2, |m| reach_m2(m).min(self.limit_m2));
            let chord = self.reached.peek().map(|Reverse(reached)| *reached);
            let chord_m2 = chord.map_or(f64::INFINITY, |(bits, _)| f64::from_bits(bits));
            if let Some(block) = self.frontier.next_within(within_m2.min(chord_m2)) {
                self.reach(block);
            } else if let Some(reached) = chord.filter(|_| chord_m2 <= within_m2) {
                self.reached.pop();
                self.rank(reached);
            } else {
                return self.take();
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Nearest<'_> {}

impl FusedIterator for Nearest<'_> {}

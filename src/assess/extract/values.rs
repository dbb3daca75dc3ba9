//! The different values of a field: how many, and which are frequent.

use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher;

use foldhash::quality::RandomState;

use super::excerpt;

/// Different values that are counted one by one.
pub(super) const MOST_COUNTED: usize = 10_000;

/// What the fields of one extract may keep together, so that no extract fills the memory.
#[derive(Debug)]
pub(super) struct Room {
    /// Counted values, about 100 bytes each.
    counted: usize,
    /// Hashes of values beyond them, about 16 bytes each.
    hashes: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self { counted: 4_000_000, hashes: 16_000_000 }
    }
}

impl Room {
    fn take(left: &mut usize) -> bool {
        let is_there = *left > 0;
        *left = left.saturating_sub(1);
        is_there
    }
}

/// The different values of a field, told apart by a hash of 64 bits with a secret key.
#[derive(Debug, Default)]
pub(super) struct Values {
    counted: HashMap<u64, Counted, RandomState>,
    /// The values beyond the counted ones, as long as each value so far is another: only then the number of
    /// them still matters, since the field may be a key.
    others: HashSet<u64, RandomState>,
    repeats: bool,
    is_cut: bool,
}

#[derive(Debug)]
struct Counted {
    text: Box<str>,
    count: u64,
}

impl Values {
    pub(super) fn add(&mut self, text: &str, state: &RandomState, room: &mut Room) {
        let hash = state.hash_one(text);
        if let Some(known) = self.counted.get_mut(&hash) {
            known.count += 1;
            self.repeats = true;
        } else if self.counted.len() < MOST_COUNTED && !self.is_cut && Room::take(&mut room.counted) {
            self.counted.insert(hash, Counted { text: excerpt(text).into(), count: 1 });
        } else if self.repeats || self.is_cut || !Room::take(&mut room.hashes) {
            self.cut(room);
        } else if !self.others.insert(hash) {
            self.repeats = true;
            self.cut(room);
        }
    }

    /// Counts no further values.
    fn cut(&mut self, room: &mut Room) {
        self.is_cut = true;
        room.hashes += std::mem::take(&mut self.others).len();
    }

    /// How many different values there are: exactly, or where [`Values::is_exact`] denies it, at least.
    pub(super) fn distinct(&self) -> u64 {
        (self.counted.len() + self.others.len()) as u64
    }

    pub(super) const fn is_exact(&self) -> bool {
        !self.is_cut
    }

    /// Whether no value came twice, as far as is known.
    pub(super) const fn are_all_different(&self) -> bool {
        !self.repeats && !self.is_cut
    }

    /// The most frequent of the counted values, with how often they came; of those that came equally often the
    /// first in the order of their letters.
    pub(super) fn top(&self, most: usize) -> Vec<(&str, u64)> {
        let mut all: Vec<(&str, u64)> =
            self.counted.values().map(|it| (it.text.as_ref(), it.count)).collect();
        all.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        all.truncate(most);
        all
    }

    /// How many of the counted values' occurrences are among `keys`, which are hashes of the same state.
    pub(super) fn found_in(&self, keys: &HashSet<u64, RandomState>) -> (u64, u64) {
        let found = self.counted.iter().filter(|(hash, _)| keys.contains(hash)).map(|(_, it)| it.count).sum();
        (found, self.counted.values().map(|it| it.count).sum())
    }
}

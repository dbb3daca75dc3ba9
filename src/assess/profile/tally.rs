//! How often each value is there, as long as they are not too many.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;

use foldhash::fast::RandomState;

use super::Distinct;

/// The different values that are told apart.
pub(super) const MOST_VALUES: usize = 10_000;

/// What they may take together, in bytes.
const MOST_BYTES: usize = 4 << 20;

/// Values with their exact numbers: all of them, or the first ones.
#[derive(Debug)]
pub(super) struct Tally<K> {
    counts: HashMap<K, u64, RandomState>,
    most: usize,
    /// Bytes that further values may take.
    room: usize,
    is_more: bool,
}

impl<K: Hash + Ord> Tally<K> {
    /// Tells at most so many values apart.
    pub(super) fn new(most: usize) -> Self {
        Self { counts: HashMap::default(), most, room: MOST_BYTES, is_more: false }
    }

    /// Counts a value.
    pub(super) fn add<Q>(&mut self, value: &Q)
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
    {
        if let Some(count) = self.counts.get_mut(value) {
            *count += 1;
            return;
        }
        let bytes = size_of_val(value);
        if self.counts.len() < self.most && bytes <= self.room {
            self.room -= bytes;
            self.counts.insert(value.to_owned(), 1);
        } else {
            self.is_more = true;
        }
    }

    /// How many there are.
    pub(super) fn distinct(&self) -> Distinct {
        Distinct { count: self.counts.len() as u64, is_more: self.is_more }
    }

    /// The most frequent ones first; of equally frequent ones the least.
    pub(super) fn top(&self, most: usize) -> Vec<(&K, u64)> {
        let mut all: Vec<(&K, u64)> = self.counts.iter().map(|(value, count)| (value, *count)).collect();
        all.sort_unstable_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(other.0)));
        all.truncate(most);
        all
    }
}

//! Characters of a field that the order does not list for String (order 144/2021, annex 1, part 3, row 3).

use std::cmp::Reverse;
use std::collections::HashMap;

use foldhash::quality::RandomState;

use crate::document::is_in_alphabet;

/// Different characters that are counted, and those that are shown, as in the profile of a dataset.
const MOST_COUNTED: usize = 1_000;
const MOST_SHOWN: usize = 20;

/// How often each was seen.
#[derive(Debug, Default)]
pub(super) struct Beyond {
    counts: HashMap<char, u64, RandomState>,
}

impl Beyond {
    pub(super) fn add(&mut self, text: &str) {
        for letter in text.chars().filter(|letter| !is_in_alphabet(*letter)) {
            if let Some(count) = self.counts.get_mut(&letter) {
                *count += 1;
            } else if self.counts.len() < MOST_COUNTED {
                self.counts.insert(letter, 1);
            }
        }
    }

    /// The most frequent ones.
    pub(super) fn top(&self) -> Vec<char> {
        let mut all: Vec<(char, u64)> = self.counts.iter().map(|(letter, count)| (*letter, *count)).collect();
        all.sort_unstable_by_key(|(letter, count)| (Reverse(*count), *letter));
        all.into_iter().take(MOST_SHOWN).map(|(letter, _)| letter).collect()
    }
}

/// Whether all characters of a text are listed.
pub(super) fn is_plain(text: &str) -> bool {
    text.chars().all(is_in_alphabet)
}

//! How values are written, without what they say.

use std::collections::HashMap;

/// Signs of a value that its pattern shows.
const MOST_SIGNS: usize = 40;

/// Different patterns of a field that are counted.
const MOST_KEPT: usize = 200;

/// The patterns of a field's values: digits are `9`, letters `A` and `a`, other signs themselves.
#[derive(Debug, Default)]
pub(super) struct Patterns {
    counts: HashMap<String, u64>,
    next: String,
}

impl Patterns {
    pub(super) fn add(&mut self, text: &str) {
        self.next.clear();
        let mut signs = text.chars();
        self.next.extend(signs.by_ref().take(MOST_SIGNS).map(class));
        if signs.next().is_some() {
            self.next.push('…');
        }
        if let Some(count) = self.counts.get_mut(&self.next) {
            *count += 1;
        } else if self.counts.len() < MOST_KEPT {
            self.counts.insert(self.next.clone(), 1);
        }
    }

    /// The most frequent ones, with how many values have them.
    pub(super) fn top(&self, most: usize) -> Vec<(&str, u64)> {
        let mut all: Vec<(&str, u64)> =
            self.counts.iter().map(|(text, count)| (text.as_str(), *count)).collect();
        all.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        all.truncate(most);
        all
    }
}

/// What a sign stands for in a pattern. A sign that is no letter by itself, such as an accent, says nothing.
fn class(sign: char) -> char {
    match sign {
        _ if sign.is_numeric() => '9',
        _ if sign.is_uppercase() => 'A',
        _ if sign.is_alphabetic() => 'a',
        _ if sign.is_control() => ' ',
        _ => sign,
    }
}

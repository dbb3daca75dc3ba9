//! Full names in two fields: surnames in one, given names in the other.
//!
//! Neither says anything alone: `Иванов` may be a street, and `Айгүл` a shop. Both side by side are persons where
//!
//! - each of the fields has values in [`LEAST_VALUES`] rows or more;
//! - of the values of one, [`LEAST_SHARE`] or more are a known given name and nothing else, at least
//!   [`LEAST_DIFFERENT`] different ones: the name of the region of Abai in each row is none;
//! - as many of the other are one word with a capital letter that ends as surnames do (patronymics such as
//!   `Серікұлы` too, which many have for a surname), and is no known given name; as many different ones.
//!
//! Towns, regions, districts and streets have such endings now and then, but seldom most of them; and shops have
//! women's names, but seldom most of them. Not found: surnames without an ending (`Ахмет`), given names that are not
//! among the frequent ones, and both in Latin or in small letters.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::chance::float;
use super::field::{FieldHit, FieldScan, MOST_SAMPLES};
use super::mask::masked;

/// Values that a field of parts of names has at least.
const LEAST_VALUES: u64 = 5;

/// The share of its values that have to be such parts.
const LEAST_SHARE: f64 = 0.6;

/// Different ones among them, at least.
const LEAST_DIFFERENT: usize = 3;

/// A part of a full name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Part {
    Given,
    Surname,
}

/// Values that are such a part and nothing else.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) count: u64,
    /// Hashes of the first different ones: no value is kept.
    different: Vec<u64>,
    /// A few of them, masked.
    pub(super) samples: Vec<String>,
}

impl Tally {
    pub(super) fn add(&mut self, text: &str) {
        self.count += 1;
        if self.samples.len() < MOST_SAMPLES {
            let sample = masked(text);
            if !self.samples.contains(&sample) {
                self.samples.push(sample);
            }
        }
        if self.different.len() < LEAST_DIFFERENT {
            let mut hasher = DefaultHasher::new();
            text.hash(&mut hasher);
            let hash = hasher.finish();
            if !self.different.contains(&hash) {
                self.different.push(hash);
            }
        }
    }

    /// Whether a field of so many values is one of such parts, `more` of which were counted elsewhere.
    pub(super) fn is_most(&self, more: u64, values: u64) -> bool {
        values >= LEAST_VALUES
            && float(self.count + more) >= LEAST_SHARE * float(values)
            && self.different.len() >= LEAST_DIFFERENT
    }
}

/// What the fields of one table hold, as [`FieldScan::finish`] says it, and besides full names whose surnames are in one
/// field and whose given names in another. Each field has its group: fields of one group stand side by side, as those
/// of one Object do. The answer is in the order of the fields.
///
/// ```
/// # use derek::assess::restricted::{Day, FieldScan, finish_together};
/// let scan = |values: [&str; 5]| {
///     let mut scan = FieldScan::new(Day::new(2026, 11, 1).expect("a day"));
///     values.iter().for_each(|value| scan.add(value));
///     scan
/// };
/// let surnames = || scan(["Қасымов", "Иванов", "Ким", "Ахметова", "Серікқызы"]);
/// let given = scan(["Ерлан", "Пётр", "Анна", "Айгүл", "Нұргүл"]);
/// assert!(surnames().finish().is_empty());
/// let found = finish_together([("", surnames()), ("", given)]);
/// assert!(found.iter().all(|hits| hits[0].is_restricting));
/// ```
pub fn finish_together<'g>(scans: impl IntoIterator<Item = (&'g str, FieldScan)>) -> Vec<Vec<FieldHit>> {
    let scans: Vec<(&str, Option<Part>, FieldScan)> =
        scans.into_iter().map(|(group, scan)| (group, scan.part(), scan)).collect();
    let parts: HashSet<(&str, Part)> =
        scans.iter().filter_map(|(group, part, _)| Some((*group, (*part)?))).collect();
    let is_pair =
        |group: &str| parts.contains(&(group, Part::Given)) && parts.contains(&(group, Part::Surname));
    scans.into_iter().map(|(group, part, scan)| scan.finish_as(part.filter(|_| is_pair(group)))).collect()
}

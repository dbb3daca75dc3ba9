//! Numbers in a text: identification numbers, cards, telephones.

use std::ops::Range;

use super::border::{digits_end, is_number_alone};
use super::day::Day;
use super::kind::Kind;
use super::sighting::{Evidence, Sighting};
use super::{card, identity, label, phone};

/// Groups of digits are at most as long as this in a number that is written with gaps.
const LONGEST_GROUP: usize = 11;

/// Adds what the numbers of a text are.
pub(super) fn scan(text: &str, as_of: Day, found: &mut Vec<Sighting>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(skipped) = bytes.get(at..).and_then(|rest| rest.iter().position(u8::is_ascii_digit)) {
        let start = at + skipped;
        let end = digits_end(bytes, start);
        at = spaced(text, start..end, as_of, found).unwrap_or_else(|| {
            alone(text, start, end, as_of, found);
            end
        });
    }
}

/// A number that is written with gaps, brackets or a plus sign, by its first digits; where it ends.
fn spaced(text: &str, first: Range<usize>, as_of: Day, found: &mut Vec<Sighting>) -> Option<usize> {
    let (start, length) = (first.start, first.len());
    if length > LONGEST_GROUP || text.len() < *phone::LENGTHS.start() {
        return None;
    }
    let (kind, range, evidence) = if let Some(range) = phone::written(text, start) {
        (Kind::Phone, range, Evidence::Written)
    } else if length == 4
        && let Some((range, evidence)) = card::grouped(text, start)
    {
        (Kind::BankCard, range, evidence)
    } else if matches!(length, 3 | 4 | 6) {
        let (kind, range, evidence) = identity::grouped(text, start, as_of)?;
        let (kind, evidence) = named(text, start, (kind, evidence));
        (kind, range, evidence)
    } else {
        return None;
    };
    let end = range.end;
    found.push(Sighting { kind, range, evidence });
    Some(end)
}

/// A number that is written in one.
fn alone(text: &str, start: usize, end: usize, as_of: Day, found: &mut Vec<Sighting>) {
    let length = end - start;
    if !(*phone::LENGTHS.start()..=*card::LENGTHS.end()).contains(&length)
        || !is_number_alone(text, start, end)
    {
        return;
    }
    let mut values = [0; 19];
    for (value, byte) in values.iter_mut().zip(text.as_bytes().get(start..end).unwrap_or_default()) {
        *value = byte - b'0';
    }
    let digits = values.get(..length).unwrap_or_default();
    let mut add = |kind, evidence| found.push(Sighting { kind, range: start..end, evidence });
    if let Ok(digits) = <&[u8; identity::LENGTH]>::try_from(digits) {
        let (kind, evidence) = named(text, start, identity::number(digits, as_of));
        add(kind, evidence);
    } else if length > identity::LENGTH {
        add(Kind::BankCard, card::number(digits));
    } else {
        let is_whole = text.trim().len() == length;
        match identity::without_zeros(digits, as_of).filter(|_| is_whole) {
            Some(evidence) => add(Kind::Iin, evidence),
            None => add(Kind::Phone, phone::bare(digits)),
        }
    }
}

/// What twelve digits at `start` are, with regard to the words before them.
fn named(text: &str, start: usize, found: (Kind, Evidence)) -> (Kind, Evidence) {
    let (_, evidence) = found;
    let is_slip = evidence != Evidence::Checked && label::is_of_person(text, start);
    if is_slip { (Kind::Iin, Evidence::Named) } else { found }
}

//! Telephone numbers of Kazakhstan: country code 7 (8 within the country), a code of three digits, seven more.

use std::ops::Range;

use super::border::{after, before, blank, digits_end, hyphen};
use super::sighting::Evidence;

/// Lengths of numbers that are written in one.
pub(super) const LENGTHS: std::ops::RangeInclusive<usize> = 10..=11;

/// Digits of a number with its country code.
const MOST_DIGITS: usize = 11;

/// How sure it is that digits (as values) that are written in one are a telephone number.
pub(super) fn bare(digits: &[u8]) -> Evidence {
    match digits {
        [7 | 8, 7, _, _, _, _, _, _, _, _, _] | [7, _, _, _, _, _, _, _, _, _] => {
            let national = digits.get(digits.len() - 10..).unwrap_or_default();
            if is_code(national) { Evidence::Checked } else { Evidence::Shaped }
        }
        _ => Evidence::Sized,
    }
}

/// A number that is written as one: `+7 701 123 45 67`, `8 (7172) 12-34-56`, `(727) 2 123 456`, `701 123 45 67`,
/// with its plus sign where it has one. `start` is its first digit.
pub(super) fn written(text: &str, start: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let opening = bytes.get(..start)?.iter().rev().take_while(|byte| matches!(byte, b'+' | b'(')).count();
    let from = start - opening.min(2);
    if opening == 0 && bytes.get(start..start + 1).is_none_or(|first| !matches!(first, b"7" | b"8")) {
        return None;
    }
    let has_plus = bytes.get(from..start)?.contains(&b'+');
    let mut dial = Dial { has_plus, is_behind_number: is_behind_number(text, from), ..Dial::default() };
    if !is_start(text, from) {
        return None;
    }
    let mut at = start;
    loop {
        let end = digits_end(bytes, at);
        dial.push(bytes.get(at..end)?)?;
        if dial.is_whole() {
            return is_end(text, end).then_some(from..end);
        }
        at = separator(bytes, end)?;
    }
}

/// Digits as they are read, and the sizes of the groups they stand in.
#[derive(Default)]
struct Dial {
    digits: [u8; MOST_DIGITS],
    count: usize,
    groups: usize,
    first_group: usize,
    longest_group: usize,
    has_plus: bool,
    is_behind_number: bool,
}

impl Dial {
    /// Takes a group in; nothing if it is one too many.
    fn push(&mut self, group: &[u8]) -> Option<()> {
        let place = self.digits.get_mut(self.count..self.count + group.len())?;
        for (digit, byte) in place.iter_mut().zip(group) {
            *digit = byte - b'0';
        }
        self.count += group.len();
        self.groups += 1;
        if self.groups == 1 {
            self.first_group = group.len();
        } else {
            self.longest_group = self.longest_group.max(group.len());
        }
        (self.groups <= 6).then_some(())
    }

    fn is_whole(&self) -> bool {
        let is_spelled = self.groups > 1 || self.has_plus;
        match (self.count, self.digits) {
            (11, [7 | 8, national @ ..]) if !(self.has_plus && self.digits[0] == 8) => {
                // `87 715 000 000` is an amount: 8 stands alone, or the code stands with it.
                let is_coded = self.has_plus || !matches!(self.first_group, 2 | 3);
                is_spelled && is_coded && (is_code(&national) || national.starts_with(&[8, 0, 0]))
            }
            // Without its country code: the code, then 1 to 4 digits a group, or all of the rest in one.
            (10, [7, ..]) if !self.has_plus && !self.is_behind_number => {
                let is_grouped = self.longest_group <= 4 || self.groups == 2;
                let is_coded = (3..=5).contains(&self.first_group) && is_grouped;
                self.groups > 1 && is_coded && is_code(&self.digits)
            }
            _ => false,
        }
    }
}

/// The next digit after blanks, hyphens and brackets, at most four of them, at least one.
fn separator(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    for _ in 0..4 {
        let byte = *bytes.get(at)?;
        if byte.is_ascii_digit() {
            break;
        }
        let is_bracket = matches!(byte, b'(' | b')');
        at += if is_bracket { 1 } else { blank(bytes, at).or_else(|| hyphen(bytes, at))? };
    }
    (at > from && bytes.get(at).is_some_and(u8::is_ascii_digit)).then_some(at)
}

/// Whether a number may start here: not inside a word, a longer number or a code with hyphens.
fn is_start(text: &str, from: usize) -> bool {
    match before(text, from) {
        None => true,
        Some(sign @ ('-' | '.' | ',' | ':' | '/')) => {
            !before(text, from - sign.len_utf8()).is_some_and(|beyond| beyond.is_ascii_digit())
        }
        Some(sign) => !sign.is_alphanumeric() && sign != '_',
    }
}

/// Whether digits and a blank stand before: `+1 701 …` is no number without a country code.
fn is_behind_number(text: &str, from: usize) -> bool {
    let head = text.get(..from).unwrap_or_default();
    let trimmed = head.trim_end_matches([' ', '\u{a0}', '-', '(']);
    trimmed.len() < head.len() && trimmed.ends_with(|sign: char| sign.is_ascii_digit())
}

fn is_end(text: &str, end: usize) -> bool {
    match after(text, end) {
        None => true,
        Some(sign @ ('-' | '.' | ':')) => {
            !after(text, end + sign.len_utf8()).is_some_and(|beyond| beyond.is_ascii_digit())
        }
        // `7012 345 678,50` is an amount; `…01,8 701 …` goes on with the next number.
        Some(',') => {
            let decimals = digits_end(text.as_bytes(), end + 1) - end - 1;
            decimals == 0
                || decimals > 2
                || after(text, end + 1 + decimals).is_some_and(|sign| " (-".contains(sign))
        }
        Some(sign) => !sign.is_alphanumeric() && sign != '_',
    }
}

/// Whether a national number starts with a code that is in use: regions 710 to 729 and 736, mobile networks 700 to
/// 708, 747, 771, 775 to 778, numbers without a place 750, 751, 760 to 764. 41 of 1,000.
fn is_code(national: &[u8]) -> bool {
    let [7, tens, ones, ..] = national else { return false };
    matches!(
        tens * 10 + ones,
        0..=8 | 10..=18 | 21..=29 | 36 | 47 | 50 | 51 | 60..=64 | 71 | 75..=78
    )
}

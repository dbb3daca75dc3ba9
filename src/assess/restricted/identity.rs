//! Identification numbers of persons (ЖСН, ИИН) and of organisations (БСН, БИН).
//!
//! Both have twelve digits, the last of which is a check digit. Of a person: year, month and day of birth (two
//! digits each), a digit for century and sex, four of a counter. Of an organisation: year and month of
//! registration, its type (4 resident, 5 not resident, 6 joint entrepreneurship), what it is of that (0 the head,
//! 1 a branch, 2 a representation, 3 a peasant's farm), five of a counter. The fifth digit tells them apart: no day
//! of a month starts with 4, 5 or 6.

use std::ops::Range;

use super::border::{digits_end, gap, is_number_alone};
use super::day::Day;
use super::kind::Kind;
use super::sighting::Evidence;

/// Length of both numbers.
pub(super) const LENGTH: usize = 12;

/// What twelve digits (`0` to `9`, as values) are, and how sure that is. What is neither is a person's, and `Sized`.
pub(super) fn number(digits: &[u8; LENGTH], as_of: Day) -> (Kind, Evidence) {
    let checked = |kind| match check_digit(digits) {
        Some(check) if check == digits[LENGTH - 1] => (kind, Evidence::Checked),
        _ => (kind, Evidence::Shaped),
    };
    if is_registration(digits) {
        checked(Kind::Bin)
    } else if birth(digits).is_some_and(|born| born <= as_of) {
        checked(Kind::Iin)
    } else {
        (Kind::Iin, Evidence::Sized)
    }
}

/// The sizes of the groups that people write such a number in: the date first, or in equal parts.
const GROUPS: [[usize; 4]; 7] =
    [[6, 6, 0, 0], [6, 3, 3, 0], [6, 2, 4, 0], [6, 4, 2, 0], [6, 1, 5, 0], [4, 4, 4, 0], [3, 3, 3, 3]];

/// A number that is written in groups, `900101 300 017` or `900101-300017`, whatever it turns out to be; `start` is its
/// first digit. A series of numbers that goes on before or behind it is none.
pub(super) fn grouped(text: &str, start: usize, as_of: Day) -> Option<(Kind, Range<usize>, Evidence)> {
    let bytes = text.as_bytes();
    let (mut digits, mut count) = ([0; LENGTH], 0);
    let (mut sizes, mut groups, mut at) = ([0; 4], 0, start);
    let end = loop {
        let end = digits_end(bytes, at);
        let group = digits.get_mut(count..count + (end - at))?;
        for (digit, byte) in group.iter_mut().zip(bytes.get(at..end)?) {
            *digit = byte - b'0';
        }
        *sizes.get_mut(groups)? = end - at;
        (count, groups) = (count + (end - at), groups + 1);
        if count == LENGTH {
            break end;
        }
        at = end + gap(bytes, end)?;
        bytes.get(at).filter(|byte| byte.is_ascii_digit())?;
    };
    let last = sizes.get(groups - 1)?;
    let follows = gap(bytes, end).is_some_and(|gap| digits_end(bytes, end + gap) - end - gap == *last);
    let is_alone = is_number_alone(text, start, end) && !is_behind_digits(text, start) && !follows;
    let (kind, evidence) = number(&digits, as_of);
    (is_alone && GROUPS.contains(&sizes)).then_some((kind, start..end, evidence))
}

/// Whether digits and a blank stand before.
fn is_behind_digits(text: &str, at: usize) -> bool {
    let head = text.get(..at).unwrap_or_default();
    let digits = head.strip_suffix([' ', '\u{a0}', '\u{202f}']).unwrap_or_default();
    digits.ends_with(|sign: char| sign.is_ascii_digit())
}

/// The number of a person whose leading zeros a spreadsheet dropped: born in the last three months of 2000 (ten
/// digits) or in 2001 to 2009 (eleven). Ten and eleven digits of telephones never pass: their month would be 70 or more.
pub(super) fn without_zeros(digits: &[u8], as_of: Day) -> Option<Evidence> {
    if !(10..LENGTH).contains(&digits.len()) {
        return None;
    }
    let mut whole = [0; LENGTH];
    whole.get_mut(LENGTH - digits.len()..)?.copy_from_slice(digits);
    match number(&whole, as_of) {
        (Kind::Iin, evidence @ (Evidence::Checked | Evidence::Shaped)) => Some(evidence),
        _ => None,
    }
}

/// The check digit of the first eleven. Weights 1 to 11, the sum modulo 11; where that is 10, weights 3 to 11, 1, 2;
/// where that is 10 too, the number is given to nobody.
fn check_digit(digits: &[u8; LENGTH]) -> Option<u8> {
    let rest = |weights: [u16; 11]| {
        digits.iter().zip(weights).map(|(digit, weight)| u16::from(*digit) * weight).sum::<u16>() % 11
    };
    match rest([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]) {
        10 => u8::try_from(rest([3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2])).ok().filter(|rest| *rest < 10),
        rest => u8::try_from(rest).ok(),
    }
}

/// The day of birth. Centuries: 3 and 4 the twentieth, 5 and 6 the twenty-first. 1 and 2, the nineteenth, are no
/// longer plausible: such a person would be 125 years old.
fn birth(digits: &[u8; LENGTH]) -> Option<Day> {
    let century = match digits[6] {
        3 | 4 => 1900,
        5 | 6 => 2000,
        _ => return None,
    };
    let pair = |at: usize| digits[at] * 10 + digits[at + 1];
    Day::new(century + u16::from(pair(0)), pair(2), pair(4))
}

fn is_registration(digits: &[u8; LENGTH]) -> bool {
    let month = digits[2] * 10 + digits[3];
    (1..=12).contains(&month) && (4..=6).contains(&digits[4]) && digits[5] <= 3
}

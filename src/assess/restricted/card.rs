//! Numbers of bank cards.

use std::ops::Range;

use super::border::{after, before, blank, digits_end, hyphen};
use super::sighting::Evidence;

/// Lengths of card numbers.
pub(super) const LENGTHS: std::ops::RangeInclusive<usize> = 13..=19;

/// How sure it is that digits (as values) are a card's number.
pub(super) fn number(digits: &[u8]) -> Evidence {
    if !has_known_prefix(digits) || is_barcode(digits) {
        Evidence::Sized
    } else if is_luhn(digits) {
        Evidence::Checked
    } else {
        Evidence::Shaped
    }
}

/// A number written as on the card: `4400 4301 2345 6789`, hyphens or blanks, the same ones throughout. `start` is
/// the first digit of the first group.
pub(super) fn grouped(text: &str, start: usize) -> Option<(Range<usize>, Evidence)> {
    let bytes = text.as_bytes();
    if before(text, start).is_some_and(|sign| sign.is_alphanumeric() || "-+.".contains(sign)) {
        return None;
    }
    let (mut digits, mut count) = ([0; 19], 0);
    let (mut groups, mut at) = (0_u32, start);
    let first_end = digits_end(bytes, start);
    let is_hyphen = hyphen(bytes, first_end).is_some();
    loop {
        let end = digits_end(bytes, at);
        // Sizes 4 4 4 4, 4 4 4 4 3, 4 6 5: three decimal digits a group.
        groups = groups.checked_mul(10)?.checked_add(u32::try_from(end - at).ok()?)?;
        let group = digits.get_mut(count..count + (end - at))?;
        for (digit, byte) in group.iter_mut().zip(bytes.get(at..end)?) {
            *digit = byte - b'0';
        }
        count += end - at;
        let gap = if is_hyphen { hyphen(bytes, end) } else { blank(bytes, end) };
        let next = gap.map(|gap| end + gap).filter(|next| bytes.get(*next).is_some_and(u8::is_ascii_digit));
        let goes_on = groups == 4444 && next.is_some_and(|next| digits_end(bytes, next) - next == 3);
        if matches!(groups, 44_443 | 465) || groups == 4444 && !goes_on {
            let is_alone =
                !(after(text, end).is_some_and(char::is_alphanumeric) || is_hyphen && next.is_some());
            return is_alone.then(|| (start..end, number(digits.get(..count).unwrap_or_default())));
        }
        at = next.filter(|_| matches!(groups, 4 | 44 | 444 | 46 | 4444))?;
    }
}

/// Luhn's check: from the right, every second digit doubled, the digits of all summed up, a multiple of ten.
fn is_luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| match (at % 2, *digit) {
            (0, digit) => u32::from(digit),
            (_, digit @ 0..=4) => u32::from(digit) * 2,
            (_, digit) => u32::from(digit) * 2 - 9,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Prefixes of the systems whose cards are used, with their lengths: Visa, Mastercard, Maestro, American Express,
/// Мир, `UnionPay`, JCB, Diners Club, Discover.
fn has_known_prefix(digits: &[u8]) -> bool {
    let mut prefix = digits.iter().map(|digit| u32::from(*digit));
    let mut next = || prefix.next().unwrap_or_default();
    let one = next();
    let two = one * 10 + next();
    let three = two * 10 + next();
    let four = three * 10 + next();
    match digits.len() {
        13 | 19 if one == 4 => true,
        14 => matches!(three, 300..=305) || matches!(two, 36 | 38 | 39),
        15 => matches!(two, 34 | 37),
        16 if one == 4 || matches!(two, 51..=55 | 65) => true,
        16 if matches!(four, 2221..=2720 | 3528..=3589 | 6011) || matches!(three, 644..=649) => true,
        16..=19 if matches!(four, 2200..=2204) || two == 62 => true,
        13..=19 => matches!(four, 5018 | 5020 | 5038 | 5893 | 6304 | 6759 | 6761..=6763),
        _ => false,
    }
}

/// A bar code of goods (EAN-13) has the old length of a Visa card and, of Kazakhstan (487) and Russia (46), its
/// prefix; weights 1 and 3 in turn, a multiple of ten.
fn is_barcode(digits: &[u8]) -> bool {
    let weigh = |(at, digit): (usize, &u8)| u32::from(*digit) * if at % 2 == 0 { 1 } else { 3 };
    digits.len() == 13 && digits.iter().enumerate().map(weigh).sum::<u32>().is_multiple_of(10)
}

//! Samples that show what was found without telling it.

use chrono::{DateTime, Utc};

use super::{Day, kinds_of};

/// Numbers of this many digits or more show their first two; of fewer (a flat, a house) they show none.
const LONG_NUMBER: usize = 10;

/// Digits of a long number that are shown.
const SHOWN_DIGITS: usize = 2;

/// A text with `*` for its letters and digits, but for the first letter of each word of two letters or more, and
/// for the first two digits of a number of ten or more: `А****** Б**** С*******`, `90**********`, `+7 7** *** ** **`.
/// Signs and lengths stay, so that a person who knows the extract sees what it is.
#[must_use]
pub fn masked(text: &str) -> String {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let mut shown_digits = if digits >= LONG_NUMBER { SHOWN_DIGITS } else { 0 };
    let mut is_inside = false;
    let mut signs = text.chars().peekable();
    let mut masked = String::with_capacity(text.len());
    while let Some(sign) = signs.next() {
        let is_first = !std::mem::replace(&mut is_inside, sign.is_alphabetic());
        let goes_on = signs.peek().is_some_and(|next| next.is_alphabetic());
        let is_shown = if sign.is_numeric() {
            let is_shown = shown_digits > 0;
            shown_digits = shown_digits.saturating_sub(1);
            is_shown
        } else {
            !sign.is_alphabetic() || is_first && goes_on
        };
        masked.push(if is_shown { sign } else { '*' });
    }
    masked
}

/// Masks what in a text tells of a person, at a moment: nobody in it was born later.
///
/// ```
/// let mut text = "Менің ЖСН 900101300017, тізім керек".to_owned();
/// derek::assess::restricted::mask_persons(&mut text, chrono::Utc::now());
/// assert_eq!(text, "Менің ЖСН 90**********, тізім керек");
/// ```
pub fn mask_persons(text: &mut String, at: DateTime<Utc>) {
    let Some(day) = Day::of(at.date_naive()) else { return };
    let found: Vec<_> = kinds_of(text, day).filter(|(kind, _)| kind.is_personal()).collect();
    for (_, range) in found.into_iter().rev() {
        if let Some(personal) = text.get(range.clone()).map(masked) {
            text.replace_range(range, &personal);
        }
    }
}

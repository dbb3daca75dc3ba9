//! Samples that show what was found without telling it.

use std::ops::Range;

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
    if let Some(masked) = Day::of(at.date_naive()).and_then(|day| without_persons(text, day)) {
        *text = masked;
    }
}

/// A text in which is masked what tells of a person; none where nothing does, so that the text may stay as it is.
///
/// What overlaps is masked as one: an address with a flat may hold the name of who lives there.
#[must_use]
pub fn without_persons(text: &str, as_of: Day) -> Option<String> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (_, range) in kinds_of(text, as_of).filter(|(kind, _)| kind.is_personal()) {
        match found.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => found.push(range),
        }
    }
    // A place that is none in the text hides all of it.
    (!found.is_empty()).then(|| replaced(text, found).unwrap_or_else(|| masked(text)))
}

/// A text with these places masked, which follow one another; none where one of them is none.
fn replaced(text: &str, places: Vec<Range<usize>>) -> Option<String> {
    let (mut out, mut end) = (String::with_capacity(text.len()), 0);
    for place in places {
        out.push_str(text.get(end..place.start)?);
        end = place.end;
        out.push_str(&masked(text.get(place)?));
    }
    out.push_str(text.get(end..)?);
    Some(out)
}

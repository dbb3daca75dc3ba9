//! Numbers with a decimal comma, as spreadsheets in Kazakhstan write them: `12,5`, `1 234,50`.
//!
//! They are numbers only in a table whose cells a semicolon parts, and in a field of which every value is such a number or
//! a whole one: elsewhere a comma may part two values.

use super::range::Range;

/// The numbers of a field.
#[derive(Debug, Default)]
pub(super) struct Decimals {
    /// Those with a comma.
    fractions: u64,
    /// Those without.
    whole: u64,
    range: Range<f64>,
}

impl Decimals {
    /// Takes in a value, which may be none.
    pub(super) fn add(&mut self, text: &str) {
        let Some((number, has_comma)) = number(text) else { return };
        let count = if has_comma { &mut self.fractions } else { &mut self.whole };
        *count += 1;
        self.range.add(number, text);
    }

    /// Whether all of so many values are numbers, and one of them has a comma.
    pub(super) const fn are_all(&self, values: u64) -> bool {
        self.fractions > 0 && self.fractions + self.whole == values
    }

    /// The texts of the least and the greatest.
    pub(super) fn texts(&self) -> Option<[&str; 2]> {
        self.range.texts()
    }
}

/// A number, and whether it has a comma. There may be spaces between thousands, also ones that do not break; a number that
/// begins with a zero is a code.
fn number(text: &str) -> Option<(f64, bool)> {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) =
        unsigned.split_once(',').map_or((unsigned, None), |(whole, rest)| (whole, Some(rest)));
    let mut thousands = whole.split([' ', '\u{a0}', '\u{202f}']);
    let first = thousands.next().filter(|digits| is_digits(digits))?;
    let is_code = first.len() > 1 && first.starts_with('0');
    let mut digits = first.to_owned();
    for group in thousands {
        if group.len() != 3 || !is_digits(group) || first.len() > 3 || first == "0" {
            return None;
        }
        digits.push_str(group);
    }
    if is_code || fraction.is_some_and(|digits| !is_digits(digits)) {
        return None;
    }
    let number: f64 = format!("{digits}.{}", fraction.unwrap_or("0")).parse().ok()?;
    let number = if unsigned.len() < text.len() { -number } else { number };
    number.is_finite().then_some((number, fraction.is_some()))
}

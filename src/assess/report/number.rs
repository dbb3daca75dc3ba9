//! Numbers and cells as each language writes them.

use super::day::day;
use super::table::Cell;
use crate::encode::Language;

/// What is shown where nothing is known.
pub(crate) const MISSING: &str = "–";

/// A number with its thousands and decimals apart: `1 234,5` in Kazakh and in Russian (spaces that do not
/// break), `1,234.5` in English. One that is not finite is missing.
pub(crate) fn number(value: f64, decimals: u8, language: Language) -> String {
    if !value.is_finite() {
        return MISSING.to_owned();
    }
    let (thousands, point) = match language {
        Language::English => (',', '.'),
        Language::Kazakh | Language::Russian => ('\u{a0}', ','),
    };
    let plain = format!("{:.*}", usize::from(decimals), value.abs());
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    let mut text = String::with_capacity(plain.len() + 8);
    // What is rounded to nothing has no sign.
    if value < 0.0 && plain.contains(|digit: char| digit.is_ascii_digit() && digit != '0') {
        text.push('\u{2212}');
    }
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            text.push(thousands);
        }
        text.push(digit);
    }
    if !fraction.is_empty() {
        text.push(point);
        text.push_str(fraction);
    }
    text
}

/// A number that says by how much something changed: `+3`, `−2,5`; without a sign where it is rounded to nothing.
pub(crate) fn signed(value: f64, decimals: u8, language: Language) -> String {
    let text = number(value, decimals, language);
    let is_more = value > 0.0 && text.contains(|digit: char| ('1'..='9').contains(&digit));
    if is_more { format!("+{text}") } else { text }
}

/// A number with as few decimals as it needs, one at most.
pub(crate) fn short(value: f64, language: Language) -> String {
    number(value, decimals_of(value), language)
}

/// How many decimals a number needs, one at most.
pub(crate) fn decimals_of(value: f64) -> u8 {
    u8::from((value - value.round()).abs() >= 0.05)
}

/// A share of 0 to 1 in per cent, without decimals: `86 %`, in English `86%`.
pub(crate) fn share(value: f64, language: Language) -> String {
    let space = if language == Language::English { "" } else { "\u{a0}" };
    format!("{}{space}%", number(value * 100.0, 0, language))
}

/// A cell as it is shown in a table. `is_share` says that its number of 0 to 1 is shown in per cent.
pub(crate) fn cell(cell: &Cell, is_share: bool, language: Language) -> String {
    match cell {
        Cell::Text(text) if text.trim().is_empty() => MISSING.to_owned(),
        Cell::Text(text) => text.clone(),
        Cell::Number(value, decimals) if is_share => {
            number(value * 100.0, decimals.saturating_sub(2), language)
        }
        Cell::Number(value, decimals) => number(*value, *decimals, language),
        Cell::Flag(true) => language.of(["yes", "иә", "да"]).to_owned(),
        Cell::Flag(false) => language.of(["no", "жоқ", "нет"]).to_owned(),
        Cell::Date(date) => day(*date, language),
        Cell::Missing => MISSING.to_owned(),
    }
}

//! Texts that no spreadsheet runs, alters or loses: what a written cell may hold.
//!
//! A spreadsheet runs a CSV cell that starts with `=`, `+`, `-` or `@`. It also takes `;` for the separator where its
//! locale says so, so that a cell could start in the middle of a quoted text. Both are kept from happening.

use serde_json::Value;

use crate::convert::number;

/// What a text is written into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Medium {
    Xlsx,
    Csv,
}

/// The signs that make a formula of a cell that starts with them; the last four count in some locales.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// The signs after which another reader of a CSV file may see the start of a cell.
const SEPARATORS: [char; 4] = [';', '\t', '\n', '\r'];

/// Whether a spreadsheet could run a text that stands in a cell of its own.
pub(super) fn starts_formula(text: &str) -> bool {
    text.starts_with(['\t', '\r', '\n']) || text.trim_start().starts_with(FORMULA)
}

/// Whether a formula could start inside of a text, where a reader takes another sign for the separator.
fn hides_formula(text: &str) -> bool {
    text.split(SEPARATORS).skip(1).any(|part| part.trim_start_matches(is_passed).starts_with(FORMULA))
}

/// Whether a letter may stand before a formula.
fn is_passed(letter: char) -> bool {
    letter == '"' || letter.is_whitespace()
}

/// Whether a text can be written as it is and comes back so.
pub(super) fn carries(text: &str, medium: Medium) -> bool {
    let is_plain = !text.chars().any(|letter| !matches!(letter, '\n' | '\t') && is_special(letter));
    is_plain
        && match medium {
            Medium::Xlsx => !has_code(text),
            Medium::Csv => number::is_number(text) || !(starts_formula(text) || hides_formula(text)),
        }
}

/// Whether a letter is no part of a text that files keep: a control character, or none at all.
fn is_special(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}')
}

/// Whether a workbook would read `_x0041_` in a text as a letter.
fn has_code(text: &str) -> bool {
    text.match_indices("_x").any(|(at, _)| {
        let code = text.get(at + 2..at + 7).unwrap_or_default();
        code.ends_with('_') && code.bytes().take(4).all(|byte| byte.is_ascii_hexdigit())
    })
}

/// A value as JSON that every file keeps: what could be run, altered or lost is written as `\uXXXX`.
pub(super) fn json(value: &Value, medium: Medium) -> String {
    guarded(&value.to_string(), medium)
}

/// Writes the letters of a text as `\uXXXX` that could be run, altered or lost.
pub(super) fn guarded(text: &str, medium: Medium) -> String {
    let mut written = String::with_capacity(text.len());
    let mut before = ' ';
    for letter in text.chars() {
        let is_run = medium == Medium::Csv && before == ';' && FORMULA.contains(&letter);
        let is_code = medium == Medium::Xlsx && letter == 'x' && before == '_';
        if is_run || is_code || is_special(letter) {
            written.extend([format!("\\u{:04x}", u32::from(letter))]);
        } else {
            written.push(letter);
        }
        if letter == ';' || !is_passed(letter) {
            before = letter;
        }
    }
    written
}

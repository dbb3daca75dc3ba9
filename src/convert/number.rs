//! Numbers as JSON spells them, and which of them a spreadsheet holds without loss.

use serde_json::{Number, Value};

/// A spreadsheet keeps this many significant digits of a number, and zeros after them.
const SHEET_DIGITS: usize = 15;

/// Whole numbers from here on have more digits than a spreadsheet keeps.
pub(crate) const SHEET_WHOLE: f64 = 1e15;

/// Whether a text is a number of JSON.
pub(crate) fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let is_whole = is_digits(whole) && (whole == "0" || !whole.starts_with('0'));
    let exponent = exponent.map(|exponent| exponent.strip_prefix(['+', '-']).unwrap_or(exponent));
    is_whole && fraction.is_none_or(is_digits) && exponent.is_none_or(is_digits)
}

/// Whether a text is a whole number of JSON without an exponent.
pub(crate) fn is_whole(text: &str) -> bool {
    is_number(text) && !text.contains(['.', 'e', 'E'])
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The value of a number of JSON: a whole number of 64 bits, or the double that is nearest to one with a point or an
/// exponent. None where the text is no such number, or a number that neither holds: that stays the text of its digits.
pub(crate) fn parse(text: &str) -> Option<Value> {
    if !is_number(text) {
        return None;
    }
    if is_whole(text) {
        let whole = text.parse::<i64>().map(Number::from).ok();
        return whole.or_else(|| text.parse::<u64>().map(Number::from).ok()).map(Value::Number);
    }
    // A number that is not zero, and is too small for a double, is not held either.
    let is_zero = !text.split(['e', 'E']).next()?.bytes().any(|byte| matches!(byte, b'1'..=b'9'));
    let double = text.parse::<f64>().ok().filter(|double| is_zero || *double != 0.0)?;
    Number::from_f64(double).map(Value::Number)
}

/// A number of a sheet as JSON spells it: the shortest digits that stand for it.
pub(crate) fn spelled(number: f64) -> String {
    let size = number.abs();
    if size != 0.0 && !(1e-7..1e21).contains(&size) { format!("{number:e}") } else { number.to_string() }
}

/// The number of a sheet that has all digits of a number of JSON, or none where there is no such: where it has
/// more than 15 significant digits, is very large or small, or is a negative zero.
pub(crate) fn in_sheet(literal: &str) -> Option<f64> {
    let mantissa = literal.split(['e', 'E']).next().unwrap_or_default();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let number: f64 = literal.parse().ok()?;
    let is_zero = digits.bytes().all(|digit| digit == b'0');
    let is_kept = digits.trim_matches('0').len() <= SHEET_DIGITS;
    let is_of_size = if is_zero { !literal.starts_with('-') } else { (1e-6..1e15).contains(&number.abs()) };
    (is_kept && is_of_size).then_some(number)
}

/// A document in which each number that a sheet can hold is spelled as it comes back from one: `60.0` and `6e1`
/// as `60`, `1.50` as `1.5`. Their values are the same; all other numbers keep their spelling.
///
/// Two documents that are equal after this have the same values to the last digit.
#[must_use]
pub fn spelled_shortest(value: &Value) -> Value {
    match value {
        Value::Number(number) => {
            let shortest = in_sheet(&number.to_string()).and_then(|number| parse(&spelled(number)));
            shortest.unwrap_or_else(|| value.clone())
        }
        Value::Array(elements) => elements.iter().map(spelled_shortest).collect(),
        Value::Object(members) => {
            members.iter().map(|(key, value)| (key.clone(), spelled_shortest(value))).collect()
        }
        _ => value.clone(),
    }
}

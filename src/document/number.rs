//! Numbers and booleans as real documents write them (format.md 2).

use std::borrow::Cow;

use super::json::Scalar;

/// What a value turned out to be for the type it was declared as.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Reading<T> {
    Value(T),
    /// Nothing was meant: null, `-`, or an empty text.
    Null,
    /// Something was meant, but not a value of this type.
    Bad,
}

impl<T> From<Option<T>> for Reading<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Bad, Self::Value)
    }
}

/// Whether a text in a column that is not a String says that there is no value.
#[inline]
pub(super) fn says_null(text: &str) -> bool {
    // A digit first, as most values have it, says something.
    !text.as_bytes().first().is_some_and(u8::is_ascii_digit) && matches!(text.trim(), "" | "-" | "null")
}

/// Reads `scalar` with `parse` where it is a number or a text, as null where it says so.
#[inline]
pub(super) fn read<T>(scalar: &Scalar<'_>, parse: impl FnOnce(&str) -> Option<T>) -> Reading<T> {
    match scalar {
        Scalar::Null => Reading::Null,
        Scalar::Boolean(_) => Reading::Bad,
        Scalar::Number(text) => parse(text).into(),
        Scalar::Text(text) if says_null(text) => Reading::Null,
        Scalar::Text(text) => parse(text).into(),
    }
}

/// A whole number: `12`, `"1 234"` (spaces of any kind between thousands), `12.0`; not `12.5`.
#[inline]
pub(super) fn int(text: &str) -> Option<i64> {
    digits(text.as_bytes()).or_else(|| {
        let text = without_spaces(text.trim());
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let whole_is_plain = fraction.bytes().all(|byte| byte == b'0');
        if whole_is_plain { whole.parse().ok() } else { None }
    })
}

/// The fast path of [`int`]: an optional sign and at most 18 digits.
#[inline]
fn digits(text: &[u8]) -> Option<i64> {
    let (negative, text) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    if text.is_empty() || text.len() > 18 {
        return None;
    }
    let mut value = 0_i64;
    for byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + i64::from(digit);
    }
    Some(if negative { -value } else { value })
}

/// A number: `164.8`, `"164,8"`, `"1 234,5"`, `1e3`; infinity and NaN are no numbers.
#[inline]
pub(super) fn double(text: &str) -> Option<f64> {
    decimal(text, true).or_else(|| {
        let text = without_spaces(text.trim());
        let text = if text.contains('.') { text } else { Cow::Owned(text.replacen(',', ".", 1)) };
        let is_numeric =
            text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'+' | b'-' | b'e' | b'E'));
        if is_numeric { text.parse().ok().filter(|value: &f64| value.is_finite()) } else { None }
    })
}

/// The fast path of [`double`]: at most 15 digits, and a point or a comma if that is allowed. Both the digits and the power of ten
/// are exact in a double, so that one division rounds correctly (Clinger 1990).
#[inline]
pub(super) fn decimal(text: &str, may_have_comma: bool) -> Option<f64> {
    const POWERS: [f64; 16] =
        [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
    let (negative, digits) = match text.as_bytes() {
        [b'-', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    if digits.is_empty() || digits.len() > 16 {
        return None;
    }
    let mut mantissa = 0_u64;
    let mut point = None;
    for (at, byte) in digits.iter().enumerate() {
        let digit = byte.wrapping_sub(b'0');
        match digit {
            0..=9 => mantissa = mantissa * 10 + u64::from(digit),
            _ if (*byte == b'.' || (*byte == b',' && may_have_comma)) && point.is_none() => point = Some(at),
            _ => return None,
        }
    }
    let fraction_digits = point.map_or(0, |at| digits.len() - at - 1);
    let number_digits = digits.len() - usize::from(point.is_some());
    if number_digits == 0 || number_digits > 15 {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "15 digits are exact in a double")]
    let value = mantissa as f64 / POWERS[fraction_digits];
    Some(if negative { -value } else { value })
}

/// A boolean: `true`, `false` in any letter case, `0`, `1`, as a text too.
pub(super) fn boolean(scalar: &Scalar<'_>) -> Reading<bool> {
    match scalar {
        Scalar::Boolean(value) => Reading::Value(*value),
        other => read(other, |text| match text.trim() {
            "1" => Some(true),
            "0" => Some(false),
            word if word.eq_ignore_ascii_case("true") => Some(true),
            word if word.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }),
    }
}

/// The text without the spaces that separate thousands: each stands between a digit and exactly three.
fn without_spaces(text: &str) -> Cow<'_, str> {
    let is_space = |letter: char| matches!(letter, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}');
    if !text.contains(is_space) {
        return Cow::Borrowed(text);
    }
    let mut compact = String::with_capacity(text.len());
    for (at, letter) in text.char_indices() {
        let rest = &text[at + letter.len_utf8()..];
        let digits_after = rest.bytes().take(4).take_while(u8::is_ascii_digit).count();
        let after_digit = compact.ends_with(|last: char| last.is_ascii_digit());
        if !(is_space(letter) && after_digit && digits_after == 3) {
            compact.push(letter);
        }
    }
    Cow::Owned(compact)
}

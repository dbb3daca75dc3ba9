//! What stands before and after a place in a text.

/// The sign that ends at `at`.
pub(super) fn before(text: &str, at: usize) -> Option<char> {
    text.get(..at)?.chars().next_back()
}

/// The sign that starts at `at`.
pub(super) fn after(text: &str, at: usize) -> Option<char> {
    text.get(at..)?.chars().next()
}

/// The end of the digits that start at `at`.
pub(super) fn digits_end(bytes: &[u8], at: usize) -> usize {
    at + bytes.get(at..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// Names of numbers in Latin letters, in lower case: they stand before a number without a blank now and then.
const LABELS: [&str; 5] = ["bin", "bsn", "iin", "jsn", "zhsn"];

/// Letters of a word that stands before a number without a blank, at least: `ИИН900101300017`. Fewer are a series.
const LEAST_BEFORE: usize = 3;

/// The same of a word behind it: `900101300017бар`.
const LEAST_BEHIND: usize = 2;

/// Whether a number stands for itself: not part of a code, a decimal, a time, a cadastral number or a UUID. A word of
/// Cyrillic letters may stand next to it, as a blank was forgotten.
pub(super) fn is_number_alone(text: &str, start: usize, end: usize) -> bool {
    let is_free = |sign: Option<char>, beyond: Option<char>| match sign {
        None => true,
        Some('-' | '_') => !beyond.is_some_and(char::is_alphanumeric),
        Some('.' | ',' | ':') => !beyond.is_some_and(|next| next.is_ascii_digit()),
        Some(sign) => !sign.is_alphanumeric() && sign != '+',
    };
    let (left, right) = (before(text, start), after(text, end));
    let beyond_left = left.and_then(|sign| before(text, start - sign.len_utf8()));
    let beyond_right = right.and_then(|sign| after(text, end + sign.len_utf8()));
    (is_free(left, beyond_left) || is_behind_word(text, start))
        && (is_free(right, beyond_right) || is_before_word(text, end))
}

/// Whether a word ends at `at`: of Cyrillic letters, or the name of a number in Latin ones.
fn is_behind_word(text: &str, at: usize) -> bool {
    let head = text.get(..at).unwrap_or_default();
    let word = head.trim_end_matches(char::is_alphabetic);
    if word.ends_with(|sign: char| sign.is_ascii_digit() || sign == '_') {
        return false;
    }
    let word = head.get(word.len()..).unwrap_or_default();
    let is_wide = word.chars().all(|letter| !letter.is_ascii()) && word.chars().count() >= LEAST_BEFORE;
    is_wide || LABELS.iter().any(|label| label.eq_ignore_ascii_case(word))
}

/// Whether a word of Cyrillic letters starts at `at`.
fn is_before_word(text: &str, at: usize) -> bool {
    let tail = text.get(at..).unwrap_or_default();
    let rest = tail.trim_start_matches(|letter: char| letter.is_alphabetic() && !letter.is_ascii());
    let is_whole = !rest.starts_with(|sign: char| sign.is_ascii_alphanumeric() || sign == '_');
    let word = tail.get(..tail.len() - rest.len()).unwrap_or_default();
    is_whole && word.chars().nth(LEAST_BEHIND - 1).is_some()
}

/// The length in bytes of a blank or a hyphen at `at`.
pub(super) fn gap(bytes: &[u8], at: usize) -> Option<usize> {
    blank(bytes, at).or_else(|| hyphen(bytes, at))
}

/// The length in bytes of a blank at `at`: a space, or one that does not break.
pub(super) fn blank(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at..)? {
        [b' ', ..] => Some(1),
        [0xC2, 0xA0, ..] => Some(2),
        [0xE2, 0x80, 0xAF, ..] => Some(3),
        _ => None,
    }
}

/// The length in bytes of a hyphen or dash at `at`.
pub(super) fn hyphen(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at..)? {
        [b'-', ..] => Some(1),
        [0xE2, 0x80, 0x90..=0x95, ..] => Some(3),
        _ => None,
    }
}

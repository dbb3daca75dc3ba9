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

/// Whether a number stands for itself: not part of a word, a decimal, a time, a cadastral number or a UUID.
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
    is_free(left, beyond_left) && is_free(right, beyond_right)
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

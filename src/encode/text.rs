//! Texts in JSON: where one can be copied as it is, and how the rest is written.

/// The first byte from `at` on that a JSON string cannot hold as it is (a quote, a backslash or a
/// control character), or the end of the text. Eight bytes at a time.
#[inline]
pub(crate) fn plain_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(word) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let special = special_bytes(u64::from_le_bytes(*word));
        if special != 0 {
            return at + (special.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while bytes.get(at).is_some_and(|byte| *byte >= 0x20 && *byte != b'"' && *byte != b'\\') {
        at += 1;
    }
    at.min(bytes.len())
}

/// The high bit of each byte that is a quote, a backslash or below a space ("Bit Twiddling Hacks",
/// haszero and hasless): exact up to the lowest such byte, which is the only one that is used.
#[inline]
fn special_bytes(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let quote = word ^ (ONES * 0x22);
    let backslash = word ^ (ONES * 0x5C);
    let is_quote = quote.wrapping_sub(ONES) & !quote;
    let is_backslash = backslash.wrapping_sub(ONES) & !backslash;
    let is_control = word.wrapping_sub(ONES * 0x20) & !word;
    (is_quote | is_backslash | is_control) & HIGH
}

/// Appends a text as a JSON string.
#[inline]
pub(super) fn write_json_string(text: &str, out: &mut Vec<u8>) {
    let bytes = text.as_bytes();
    if plain_end(bytes, 0) == bytes.len() {
        out.reserve(bytes.len() + 2);
        out.push(b'"');
        out.extend_from_slice(bytes);
        out.push(b'"');
    } else {
        serde_json::to_writer(out, text).expect("a text is valid JSON and a vector takes all bytes");
    }
}

/// Appends a finite number in the shortest form that reads back as the same number.
#[inline]
pub(super) fn write_double(value: f64, out: &mut Vec<u8>) {
    out.extend_from_slice(ryu::Buffer::new().format(value).as_bytes());
}

/// Appends a whole number.
#[inline]
pub(super) fn write_int(value: impl itoa::Integer, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

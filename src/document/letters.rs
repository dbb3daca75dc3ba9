//! What the letters of a text tell: the order's alphabet for String, look-alikes, and Kazakh letters
//! that were read in a wrong encoding (format.md 4.5).

use std::borrow::Cow;

/// The letters of windows-1251 that stand where KZ-1048 has Kazakh ones, each with that one.
const PAIRS: [(char, char); 16] = [
    ('Ќ', 'Қ'),
    ('ќ', 'қ'),
    ('Ћ', 'Һ'),
    ('ћ', 'һ'),
    ('Ў', 'Ұ'),
    ('ў', 'ұ'),
    ('Ј', 'Ә'),
    ('ј', 'ә'),
    ('Ґ', 'Ө'),
    ('ґ', 'ө'),
    ('Є', 'Ғ'),
    ('є', 'ғ'),
    ('Ї', 'Ү'),
    ('ї', 'ү'),
    ('Ѕ', 'Ң'),
    ('ѕ', 'ң'),
];

/// The Kazakh letters that KZ-1048 and windows-1251 do not share.
const KAZAKH: &str = "ҚқҺһҰұӘәӨөҒғҮүҢң";

/// What is wrong with a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Traits {
    /// It has a character that the order does not list for String.
    pub(super) is_outside_alphabet: bool,
    /// A word of it has Latin and Cyrillic letters.
    pub(super) mixes_scripts: bool,
    /// It has Kazakh letters that were read in a wrong encoding.
    pub(super) is_mojibake: bool,
}

/// Marks each byte of some texts that cannot be of the order's alphabet, or may not be, with 1, and all
/// others with 0.
///
/// Every test is one on a byte and the two before it, without a branch, so that the compiler makes
/// vector instructions of it: a pass takes a tenth of the time that reading the texts took.
pub(super) fn mark(texts: &[u8], marks: &mut Vec<u8>) {
    marks.clear();
    let [first, second] = [texts.first(), texts.get(1)].map(|byte| byte.copied().unwrap_or_default());
    marks.extend(
        texts.iter().take(2).zip([[0, 0, first], [0, first, second]]).map(|(_, [a, b, c])| is_odd(a, b, c)),
    );
    let (after, before) = (texts.get(2..).unwrap_or_default(), texts.get(1..).unwrap_or_default());
    marks.extend(texts.iter().zip(before).zip(after).map(|((a, b), c)| is_odd(*a, *b, *c)));
}

/// 1 where the byte `c` after `a` and `b` cannot be of the order's alphabet, or may not be.
#[inline]
fn is_odd(a: u8, b: u8, c: u8) -> u8 {
    let flag = u8::from;
    let is_plain_ascii = flag(c.wrapping_sub(b'0') < 10)
        | flag(c == b' ')
        | flag(c.wrapping_sub(b'(') < 2)
        | flag(c.wrapping_sub(b',') < 3);
    // U+0400 to U+047F begin with D0 or D1, the letters of Kazakh alone with D2 or D3, № is E2 84 96.
    let is_known_lead = flag(c.wrapping_sub(0xD0) < 4) | flag(c == 0xE2);
    let is_odd_start = (flag(c < 0x80) & (is_plain_ascii ^ 1)) | (flag(c >= 0xC0) & (is_known_lead ^ 1));
    // U+0400 to U+040F but Ё and І; U+0450 to U+045F but ё and і.
    let is_odd_d0 = flag(b == 0xD0) & flag(c < 0x90) & flag(c != 0x81) & flag(c != 0x86);
    let is_odd_d1 = flag(b == 0xD1) & flag(c >= 0x90) & flag(c != 0x91) & flag(c != 0x96);
    // Ғғ Ққ Ңң Үү Ұұ Һһ, Әә Өө: a capital and its small letter differ in the last bit.
    let pair = c & 0xFE;
    let is_of_d2 = flag(pair == 0x92)
        | flag(pair == 0x9A)
        | flag(pair == 0xA2)
        | flag(pair == 0xAE)
        | flag(pair == 0xB0)
        | flag(pair == 0xBA);
    let is_of_d3 = flag(pair == 0x98) | flag(pair == 0xA8);
    let is_odd_kazakh = (flag(b == 0xD2) & (is_of_d2 ^ 1)) | (flag(b == 0xD3) & (is_of_d3 ^ 1));
    let is_odd_sign =
        (flag(b == 0xE2) & flag(c != 0x84)) | (flag(a == 0xE2) & flag(b == 0x84) & flag(c != 0x96));
    is_odd_start | is_odd_d0 | is_odd_d1 | is_odd_kazakh | is_odd_sign
}

/// What is wrong with a text that is not plain at a glance.
pub(super) fn traits(text: &[u8]) -> Traits {
    let text = match simdutf8::basic::from_utf8(text) {
        Ok(text) if !text.is_ascii() => text,
        _ => return Traits { is_outside_alphabet: true, ..Traits::default() },
    };
    let (mixes_scripts, is_mojibake) = (mixes_scripts(text), is_mojibake(text));
    // What another trait explains is not told twice.
    let is_explained = |letter: char| {
        (mixes_scripts && letter.is_ascii_alphabetic()) || (is_mojibake && is_of_pairs(letter))
    };
    let is_outside_alphabet = text.chars().any(|letter| !is_in_alphabet(letter) && !is_explained(letter));
    Traits { is_outside_alphabet, mixes_scripts, is_mojibake }
}

/// The order's characters for String: Kazakh and Russian letters, digits, №, hyphen, round brackets,
/// space, comma and full stop (order 144/2021, annex 1, part 3, row 3).
#[must_use]
pub fn is_in_alphabet(letter: char) -> bool {
    match letter {
        '0'..='9' | ' ' | '-' | '(' | ')' | ',' | '.' | '№' | 'А'..='я' | 'Ё' | 'ё' | 'І' | 'і' => {
            true
        }
        _ => KAZAKH.contains(letter),
    }
}

/// Whether a word has both Latin and Cyrillic letters (`әлеуметтiк` with a Latin i).
pub(super) fn mixes_scripts(text: &str) -> bool {
    let (mut has_latin, mut has_cyrillic) = (false, false);
    for letter in text.chars() {
        match letter {
            'a'..='z' | 'A'..='Z' => has_latin = true,
            '\u{400}'..='\u{52F}' => has_cyrillic = true,
            _ => (has_latin, has_cyrillic) = (false, false),
        }
        if has_latin && has_cyrillic {
            return true;
        }
    }
    false
}

/// Whether a text has letters of the pairs and no real Kazakh one beside them: where those survived,
/// the text was never read in the wrong encoding, and the letters are of another language.
pub(super) fn is_mojibake(text: &str) -> bool {
    text.chars().any(is_of_pairs) && !text.chars().any(|letter| KAZAKH.contains(letter))
}

fn is_of_pairs(letter: char) -> bool {
    PAIRS.iter().any(|(wrong, _)| *wrong == letter)
}

/// The text with each wrong letter replaced by the Kazakh one that it stands for.
#[must_use]
pub fn repair(text: &str) -> String {
    let mended =
        |letter: char| PAIRS.iter().find(|(wrong, _)| *wrong == letter).map_or(letter, |(_, right)| *right);
    text.chars().map(mended).collect()
}

/// The text as it is meant: repaired where it needs it.
pub(super) fn repaired(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || !is_mojibake(text) { Cow::Borrowed(text) } else { Cow::Owned(repair(text)) }
}

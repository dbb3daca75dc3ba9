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

/// Whether all of a text is in the order's alphabet, at a glance: false where it takes a closer look.
///
/// Every test is one on a byte and the byte before it, without a branch, so that the compiler
/// makes vector instructions of it.
#[inline]
pub(super) fn is_plain(text: &[u8]) -> bool {
    const STEP: usize = 64;
    let mut before = 0_u8;
    let mut chunks = text.chunks_exact(STEP);
    for chunk in &mut chunks {
        let mut is_odd = is_odd_pair(before, chunk[0]);
        for at in 1..STEP {
            is_odd |= is_odd_pair(chunk[at - 1], chunk[at]);
        }
        if is_odd != 0 {
            return false;
        }
        before = chunk[STEP - 1];
    }
    let mut is_odd = 0;
    for byte in chunks.remainder() {
        is_odd |= is_odd_pair(before, *byte);
        before = *byte;
    }
    is_odd == 0
}

/// Not 0 where a byte after another cannot be of the order's alphabet, or may not be.
#[inline]
fn is_odd_pair(before: u8, byte: u8) -> u8 {
    let flag = u8::from;
    let is_plain_ascii = flag(byte.wrapping_sub(b'0') < 10)
        | flag(byte == b' ')
        | flag(byte.wrapping_sub(b'(') < 2)
        | flag(byte.wrapping_sub(b',') < 3);
    let is_ascii = flag(byte < 0x80);
    // U+0400 to U+047F begin with D0 or D1, those of Kazakh alone with D2 or D3; the numero sign is E2 84 96.
    let is_known_lead = flag(byte.wrapping_sub(0xD0) < 4);
    let is_lead = flag(byte >= 0xC0);
    // U+0400 to U+040F but Ё and І; U+0450 to U+045F but ё and і.
    let is_odd_d0 = flag(before == 0xD0) & flag(byte < 0x90) & flag(byte != 0x81) & flag(byte != 0x86);
    let is_odd_d1 = flag(before == 0xD1) & flag(byte >= 0x90) & flag(byte != 0x91) & flag(byte != 0x96);
    let is_odd_d2 = flag(before == 0xD2)
        & flag(!matches!(byte, 0x92 | 0x93 | 0x9A | 0x9B | 0xA2 | 0xA3 | 0xAE..=0xB1 | 0xBA | 0xBB));
    let is_odd_d3 = flag(before == 0xD3) & flag(!matches!(byte, 0x98 | 0x99 | 0xA8 | 0xA9));
    (is_ascii & !is_plain_ascii) | (is_lead & !is_known_lead) | is_odd_d0 | is_odd_d1 | is_odd_d2 | is_odd_d3
}

/// What is wrong with a text that is not plain at a glance.
pub(super) fn traits(text: &[u8]) -> Traits {
    let text = match std::str::from_utf8(text) {
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
/// space, comma and full stop (annex 1, part 3, row 3).
fn is_in_alphabet(letter: char) -> bool {
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
pub(super) fn repair(text: &str) -> String {
    let mended =
        |letter: char| PAIRS.iter().find(|(wrong, _)| *wrong == letter).map_or(letter, |(_, right)| *right);
    text.chars().map(mended).collect()
}

/// The text as it is meant: repaired where it needs it.
pub(super) fn repaired(text: &str) -> Cow<'_, str> {
    if is_plain(text.as_bytes()) || !is_mojibake(text) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(repair(text))
    }
}

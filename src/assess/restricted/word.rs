//! A text as words: how each is written, and what parts it from the one before.

use std::ops::Range;

use super::border::digits_end;
use super::letter::Sign;

/// How a word is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Digits.
    Number,
    /// `пәтер`.
    Lower,
    /// `Ахметов`, `Ахметова-Ким`, `Б`.
    Capital,
    /// `АХМЕТОВ`, two letters or more.
    Upper,
    /// `кВ`.
    Mixed,
}

/// What parts a word from the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    /// It is the first.
    Start,
    /// Nothing: digits meet letters.
    None,
    /// Blanks, or a number sign: `пәтер № 5`.
    Blank,
    /// A full stop, with or without blanks: `кв. 5`.
    Dot,
    /// A hyphen without blanks: `5-пәтер`.
    Hyphen,
    /// Anything else.
    Other,
}

/// A word: a run of letters with hyphens inside, or a run of digits.
#[derive(Debug, Clone)]
pub(super) struct Word {
    /// Its bytes in the text.
    pub(super) range: Range<usize>,
    /// Letters and hyphens, or digits.
    pub(super) length: usize,
    pub(super) shape: Shape,
    /// What parts it from the word before.
    pub(super) gap: Gap,
    /// Its bytes in [`Words::lower`].
    lower: Range<usize>,
}

/// The words of a text, in memory that is used again for the next one.
#[derive(Debug, Default)]
pub(super) struct Words {
    list: Vec<Word>,
    lower: Vec<u8>,
}

impl Gap {
    fn with(self, sign: char) -> Self {
        match (self, sign) {
            (Self::Start, _) => Self::Start,
            (Self::None | Self::Blank, ' ' | '\u{a0}' | '\u{202f}' | '№' | '#') => Self::Blank,
            (Self::Dot, ' ' | '\u{a0}' | '\u{202f}' | '№' | '#') | (Self::None, '.') => Self::Dot,
            (Self::None, '-' | '‑' | '–') => Self::Hyphen,
            _ => Self::Other,
        }
    }
}

impl Words {
    /// Takes the words of a text in place of those before.
    pub(super) fn split(&mut self, text: &str) {
        self.list.clear();
        self.lower.clear();
        let (mut gap, mut at) = (Gap::Start, 0);
        while let Some(sign) = Sign::at(text, at) {
            let word = if sign.sign.is_ascii_digit() {
                self.number(text, at, gap)
            } else if sign.lower.is_some() {
                self.letters(text, at, gap)
            } else {
                gap = gap.with(sign.sign);
                at += sign.sign.len_utf8();
                continue;
            };
            (at, gap) = (word.range.end, Gap::None);
            self.list.push(word);
        }
    }

    pub(super) const fn len(&self) -> usize {
        self.list.len()
    }

    pub(super) fn get(&self, at: usize) -> Option<&Word> {
        self.list.get(at)
    }

    /// The word in lower case, `ё` as `е`, in UTF-8; empty beyond the last.
    pub(super) fn lower(&self, at: usize) -> &[u8] {
        self.list.get(at).and_then(|word| self.lower.get(word.lower.clone())).unwrap_or_default()
    }

    fn number(&mut self, text: &str, start: usize, gap: Gap) -> Word {
        let range = start..digits_end(text.as_bytes(), start);
        let from = self.lower.len();
        self.lower.extend_from_slice(text.as_bytes().get(range.clone()).unwrap_or_default());
        Word { length: range.len(), range, shape: Shape::Number, gap, lower: from..self.lower.len() }
    }

    /// The word of letters that starts at `start`.
    fn letters(&mut self, text: &str, start: usize, gap: Gap) -> Word {
        let from = self.lower.len();
        let (mut at, mut length, mut capitals, mut smalls) = (start, 0, 0_usize, 0_usize);
        // Capitals after the first letter of a part: `Ахметова-Ким` has none.
        let (mut inner, mut is_first, mut starts_upper) = (0_usize, true, false);
        while let Some(sign) = Sign::at(text, at) {
            if let Some(lower) = sign.lower {
                let is_upper = sign.is_upper();
                starts_upper |= length == 0 && is_upper;
                capitals += usize::from(is_upper);
                smalls += usize::from(!is_upper);
                inner += usize::from(is_upper && !is_first);
                is_first = false;
                self.push(lower);
            } else if sign.sign == '-' && Sign::at(text, at + 1).is_some_and(|next| next.lower.is_some()) {
                is_first = true;
                self.lower.push(b'-');
            } else {
                break;
            }
            length += 1;
            at += sign.sign.len_utf8();
        }
        let shape = match (capitals, smalls) {
            (0, _) => Shape::Lower,
            (2.., 0) => Shape::Upper,
            _ if starts_upper && inner == 0 => Shape::Capital,
            _ => Shape::Mixed,
        };
        Word { range: start..at, length, shape, gap, lower: from..self.lower.len() }
    }

    fn push(&mut self, letter: char) {
        let code = u32::from(letter);
        match (u8::try_from(code), u8::try_from(code >> 6)) {
            (Ok(byte @ 0..0x80), _) => self.lower.push(byte),
            (_, Ok(lead @ 0..0x20)) => self.lower.extend([0xC0 | lead, 0x80 | letter_tail(code)]),
            _ => self.lower.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

/// The last six bits of a letter.
const fn letter_tail(code: u32) -> u8 {
    (code & 0x3F) as u8
}

/// Whether a word in lower case is in a sorted list.
pub(super) fn is_in(list: &[&str], lower: &[u8]) -> bool {
    list.binary_search_by(|entry| entry.as_bytes().cmp(lower)).is_ok()
}

/// Whether a list is sorted as [`is_in`] needs it; asked when the program is built.
pub(super) const fn is_sorted(list: &[&str]) -> bool {
    let mut rest = list;
    while let [first, tail @ ..] = rest {
        if let [second, ..] = tail
            && !is_less(first.as_bytes(), second.as_bytes())
        {
            return false;
        }
        rest = tail;
    }
    true
}

const fn is_less(mut left: &[u8], mut right: &[u8]) -> bool {
    loop {
        match (left, right) {
            ([a, left_rest @ ..], [b, right_rest @ ..]) => {
                if *a != *b {
                    return *a < *b;
                }
                (left, right) = (left_rest, right_rest);
            }
            ([], [_, ..]) => return true,
            _ => return false,
        }
    }
}

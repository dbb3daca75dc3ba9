//! One value: everything in it.

use super::day::Day;
use super::sighting::Sighting;
use super::word::Words;
use super::{email, flat, iban, name, number};

/// Signs that a value has.
const DIGIT: u8 = 1;
const AT: u8 = 2;
const LETTER_Z: u8 = 4;
const CAPITAL: u8 = 8;
/// Letters that are not Latin, above all.
const WIDE: u8 = 16;
/// A name has at least one of these between its words.
const BLANK: u8 = 32;

/// What each byte is.
const SIGNS: [u8; 256] = {
    let mut signs = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        signs[byte] = match byte {
            0x30..=0x39 => DIGIT,
            0x40 => AT,
            0x5A => LETTER_Z | CAPITAL,
            0x7A => LETTER_Z,
            0x41..=0x59 => CAPITAL,
            0x20 | 0x2E => BLANK,
            0x80..=0xFF => WIDE,
            _ => 0,
        };
        byte += 1;
    }
    signs
};

/// Scans values one after the other, in the same memory.
#[derive(Debug, Default)]
pub(super) struct Scanner {
    words: Words,
    found: Vec<Sighting>,
}

impl Scanner {
    /// All that a value holds or nearly holds; in no order.
    pub(super) fn scan(&mut self, value: &str, as_of: Day) -> &[Sighting] {
        self.found.clear();
        let signs = value.bytes().fold(0, |signs, byte| signs | SIGNS[usize::from(byte)]);
        let has = |sign: u8| signs & sign != 0;
        if has(DIGIT) {
            number::scan(value, as_of, &mut self.found);
        }
        if has(AT) {
            email::scan(value, &mut self.found);
        }
        if has(DIGIT) && has(LETTER_Z) {
            iban::scan(value, &mut self.found);
        }
        if has(WIDE) || has(CAPITAL) && has(BLANK) {
            self.words.split(value);
            name::scan(value, &self.words, &mut self.found);
            if has(DIGIT) && has(WIDE) {
                flat::scan(value, &self.words, &mut self.found);
            }
        }
        &self.found
    }

    /// What the last scan found.
    pub(super) fn into_found(self) -> Vec<Sighting> {
        self.found
    }
}

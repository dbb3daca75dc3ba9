//! Texts: how long they are, what they look like, and which characters they have.

use std::borrow::Cow;
use std::collections::BTreeSet;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::buffer::NullBuffer;

use super::tally::{MOST_VALUES, Tally};
use super::{CharacterCount, ColumnProfile, Pattern, ValueCount};
use crate::document::is_in_alphabet;
use crate::geo::Geometry;

/// The bytes of a text that are kept; of a longer one its hash is kept, too, so that no two are taken for one.
const KEPT_BYTES: usize = 256;

/// The hexadecimal digits of such a hash.
const HASH_DIGITS: usize = 64;

/// The longest pattern, in characters.
const PATTERN_CHARACTERS: usize = 64;

/// Patterns and characters that are told apart, and those that are told of.
const MOST_PATTERNS: usize = 1_000;
const SHOWN_PATTERNS: usize = 5;
const MOST_CHARACTERS: usize = 1_000;
const SHOWN_CHARACTERS: usize = 20;

/// The texts of one column.
#[derive(Debug)]
pub(super) struct Texts {
    tally: Tally<String>,
    patterns: Tally<String>,
    beyond: Tally<char>,
    /// The first and the last text, as [`kept`] has them.
    bounds: Option<(String, String)>,
    lengths: Option<[u64; 2]>,
    /// Texts that are blank, and others.
    blank: u64,
    filled: u64,
    /// The kinds of geometries; none where a text is none.
    geometries: Option<BTreeSet<&'static str>>,
    /// The pattern that is being made.
    pattern: String,
}

impl Texts {
    pub(super) fn new() -> Self {
        Self {
            tally: Tally::new(MOST_VALUES),
            patterns: Tally::new(MOST_PATTERNS),
            beyond: Tally::new(MOST_CHARACTERS),
            bounds: None,
            lengths: None,
            blank: 0,
            filled: 0,
            geometries: Some(BTreeSet::new()),
            pattern: String::new(),
        }
    }

    /// Takes over what is there; how many texts.
    pub(super) fn add(&mut self, array: &ArrayRef, nulls: Option<&NullBuffer>) -> u64 {
        let Some(texts) = array.as_string_opt::<i32>() else { return 0 };
        let mut values = 0;
        for row in (0..texts.len()).filter(|row| nulls.is_none_or(|nulls| nulls.is_valid(*row))) {
            values += 1;
            self.add_text(texts.value(row));
        }
        values
    }

    fn add_text(&mut self, text: &str) {
        let key = kept(text);
        self.tally.add(&*key);
        match &mut self.bounds {
            None => self.bounds = Some((key.to_string(), key.to_string())),
            Some((least, _)) if *key < **least => *least = key.into_owned(),
            Some((_, greatest)) if *key > **greatest => *greatest = key.into_owned(),
            Some(_) => {}
        }
        let length = self.look_at_characters(text);
        let [least, most] = self.lengths.unwrap_or([length, length]);
        self.lengths = Some([least.min(length), most.max(length)]);
        if text.trim().is_empty() {
            self.blank += 1;
            return;
        }
        self.filled += 1;
        self.patterns.add(self.pattern.as_str());
        if let Some(kinds) = &mut self.geometries {
            match Geometry::from_text(text) {
                Ok(geometry) => {
                    kinds.insert(geometry.kind());
                }
                Err(_) => self.geometries = None,
            }
        }
    }

    /// Makes the text's pattern, counts what is beyond the alphabet; how many characters there are.
    fn look_at_characters(&mut self, text: &str) -> u64 {
        self.pattern.clear();
        let mut length = 0;
        for letter in text.chars() {
            if length < PATTERN_CHARACTERS {
                self.pattern.push(sign_of(letter));
            }
            length += 1;
            if !is_in_alphabet(letter) {
                self.beyond.add(&letter);
            }
        }
        if length > PATTERN_CHARACTERS {
            self.pattern.push('…');
        }
        length as u64
    }

    pub(super) fn finish(self, into: &mut ColumnProfile) {
        into.distinct = Some(self.tally.distinct());
        into.blank = self.blank;
        into.lengths = self.lengths;
        into.least = self.bounds.as_ref().map(|(least, _)| shown(least));
        into.greatest = self.bounds.as_ref().map(|(_, greatest)| shown(greatest));
        let top = self.tally.top(super::column::MOST_TOP).into_iter();
        into.top = top.map(|(value, count)| ValueCount { value: shown(value), count }).collect();
        let patterns = self.patterns.top(SHOWN_PATTERNS).into_iter();
        into.patterns = patterns
            .map(|(pattern, count)| {
                let share = share(count, self.filled);
                Pattern { pattern: pattern.clone(), count, share }
            })
            .collect();
        let beyond = self.beyond.top(SHOWN_CHARACTERS).into_iter();
        into.beyond_alphabet =
            beyond.map(|(character, count)| CharacterCount { character: *character, count }).collect();
        into.geometries = self.geometries.into_iter().flatten().collect();
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of rows are far below 2⁵³")]
fn share(count: u64, of: u64) -> f64 {
    count as f64 / of.max(1) as f64
}

/// What stands for a character in a pattern.
fn sign_of(letter: char) -> char {
    match letter {
        '0'..='9' => '9',
        letter if letter.is_uppercase() => 'A',
        letter if letter.is_alphabetic() => 'a',
        letter => letter,
    }
}

/// A text as it is kept: as it is, or its beginning and its hash.
fn kept(text: &str) -> Cow<'_, str> {
    if text.len() <= KEPT_BYTES {
        return Cow::Borrowed(text);
    }
    let (beginning, _) = text.split_at(text.floor_char_boundary(KEPT_BYTES));
    Cow::Owned(format!("{beginning}{}", blake3::hash(text.as_bytes()).to_hex()))
}

/// A text that was kept, as it is shown: one that was cut is longer than all that were not.
fn shown(kept: &str) -> String {
    match kept.len().checked_sub(HASH_DIGITS).filter(|_| kept.len() > KEPT_BYTES) {
        Some(end) => format!("{}…", kept.get(..end).unwrap_or_default()),
        None => kept.to_owned(),
    }
}

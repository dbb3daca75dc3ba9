//! Rows that hold something else than data: the header once more, or a total (format.md 4.5).

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::field::{FieldSpec, Type};
use super::finding::Findings;
use super::rule::Rule;
use super::texts::Texts;

/// The words that a row of totals has in place of a name, in lower case.
const TOTALS: [&str; 10] =
    ["итог", "итоги", "итого", "всего", "жиыны", "жиынтығы", "барлығы", "қорытынды", "қорытындысы", "total"];
/// No word of totals is longer, with what may stand around it, in bytes.
const TOTALS_BYTES: usize = 32;

/// What the fields are called, so that a row of names is known as one.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// By the field's path: whether it is a String, its name and labels in lower case, and how they look.
    fields: HashMap<String, (bool, Vec<String>, Signs)>,
    /// How texts look that only a word for a total could be.
    totals: Signs,
}

impl Names {
    /// The names of a document's fields, those of a row itself.
    pub(super) fn new(specs: &[FieldSpec]) -> Self {
        let field = |spec: &FieldSpec| {
            let names = std::iter::once(&spec.name).chain(&spec.labels).filter(|name| !name.is_empty());
            let names: Vec<String> = names.map(|name| name.to_lowercase()).collect();
            let signs = Signs::new(&names);
            (spec.name.clone(), (spec.kind == Type::String, names, signs))
        };
        Self { fields: specs.iter().map(field).collect(), totals: Signs::new(&[]) }
    }
}

/// Whether a text is a word for a total, with a colon or a full stop after it perhaps.
fn says_total(text: &str) -> bool {
    let word = text.trim().trim_end_matches([':', '.', ' ']);
    TOTALS.iter().any(|total| is_in_lower_case(word, total))
}

/// Whether a text in lower case is this one.
fn is_in_lower_case(text: &str, lower: &str) -> bool {
    text.chars().flat_map(char::to_lowercase).eq(lower.chars())
}

/// Rows that hold something else than data, in a part of a document.
#[derive(Debug, Default)]
pub(super) struct OddRows {
    known: Arc<Names>,
    /// Rows with names or labels of fields as values: how many, and whether one is no String.
    names: BTreeMap<u64, (usize, bool)>,
    /// Rows with a word for a total, and that word.
    totals: BTreeMap<u64, String>,
}

impl OddRows {
    pub(super) fn new(known: &Arc<Names>) -> Self {
        Self { known: Arc::clone(known), ..Self::default() }
    }

    /// Looks at all texts of a column.
    pub(super) fn note_texts(&mut self, texts: &Texts, path: &str) {
        let known = Arc::clone(&self.known);
        let (names, signs) = match known.fields.get(path) {
            Some((_, names, signs)) => (names.as_slice(), signs),
            None => (&[][..], &known.totals),
        };
        texts.for_each(|at, bytes| {
            if signs.may_be_odd(bytes)
                && let Ok(text) = std::str::from_utf8(bytes)
            {
                self.note_text(at as u64 + 1, text, names);
            }
        });
    }

    /// Looks at a value that does not fit its field's type.
    pub(super) fn note(&mut self, row: u64, raw: &str, path: &str) {
        let known = Arc::clone(&self.known);
        match known.fields.get(path) {
            // Its texts are looked at in any case.
            Some((true, ..)) => {}
            Some((_, names, signs)) if signs.may_be_odd(raw.as_bytes()) => {
                self.note_text(row, raw, names);
                // A name where a number is due says more than one among texts.
                self.names.entry(row).and_modify(|found| found.1 = true);
            }
            None if known.totals.may_be_odd(raw.as_bytes()) => self.note_text(row, raw, &[]),
            _ => {}
        }
    }

    fn note_text(&mut self, row: u64, text: &str, names: &[String]) {
        if text.len() <= TOTALS_BYTES && says_total(text) {
            self.totals.entry(row).or_insert_with(|| text.to_owned());
        }
        let text = text.trim();
        if names.iter().any(|name| is_in_lower_case(text, name)) {
            self.names.entry(row).or_default().0 += 1;
        }
    }

    /// Notes the rows. A word may happen to be a label; most of a row's words do not.
    pub(super) fn into_findings(self, findings: &mut Findings) {
        let fields = self.known.fields.len();
        let is_header = |(names, is_telling): (usize, bool)| names * 2 > fields && (names > 1 || is_telling);
        for (row, _) in self.names.into_iter().filter(|(_, names)| is_header(*names)) {
            findings.add(Rule::RowHeader, &"".into(), Some(row), || None);
        }
        for (row, word) in self.totals {
            findings.add(Rule::RowTotals, &"".into(), Some(row), || Some(word));
        }
    }
}

/// What a text that is a name, a label or a word for a total looks like at a glance: how long it is at
/// most, and its first two letters in any letter case.
#[derive(Debug)]
struct Signs {
    most_bytes: usize,
    /// The last bytes of first letters: tells most texts apart.
    is_first: [bool; 256],
    /// The first two letters, in order.
    starts: Vec<u32>,
}

impl Default for Signs {
    fn default() -> Self {
        Self::new(&[])
    }
}

impl Signs {
    fn new(names: &[String]) -> Self {
        let mut signs = Self { most_bytes: TOTALS_BYTES, is_first: [false; 256], starts: Vec::new() };
        // White space around a name, and another letter case, may make it longer.
        let longest = names.iter().map(|name| name.len() + name.len() / 4 + 4).max();
        signs.most_bytes = signs.most_bytes.max(longest.unwrap_or_default());
        for name in TOTALS.into_iter().chain(names.iter().map(String::as_str)) {
            let mut letters =
                name.trim_start().chars().map(|letter| [Some(letter), letter.to_uppercase().next()]);
            let first = letters.next().unwrap_or_default();
            let second = letters.next().unwrap_or_default();
            for start in first.into_iter().flatten().flat_map(|first| second.map(|second| (first, second))) {
                let text: String = std::iter::once(start.0).chain(start.1).collect();
                signs.is_first[usize::from(first_letter(text.as_bytes()).1)] = true;
                signs.starts.push(start_of(text.as_bytes()));
            }
        }
        signs.starts.sort_unstable();
        signs.starts.dedup();
        signs
    }

    #[inline]
    fn may_be_odd(&self, bytes: &[u8]) -> bool {
        // What precedes a letter is white space: its first byte is that of no letter.
        let is_space = |bytes: &[u8]| bytes.first().is_some_and(|first| *first <= b' ' || *first == 0xC2);
        bytes.len() <= self.most_bytes
            && (is_space(bytes)
                || self.is_first[usize::from(first_letter(bytes).1)]
                    && self.starts.binary_search(&start_of(bytes)).is_ok())
    }
}

/// The length of a text's first letter, up to two bytes, and the last of these.
#[inline]
fn first_letter(bytes: &[u8]) -> (usize, u8) {
    match bytes {
        [first, second, ..] if *first >= 0xC0 => (2, *second),
        [first, ..] => (1, *first),
        [] => (0, 0),
    }
}

/// The first two letters as a number.
#[inline]
fn start_of(bytes: &[u8]) -> u32 {
    let (one, _) = first_letter(bytes);
    let (two, _) = first_letter(&bytes[one..]);
    bytes[..one + two].iter().fold(0, |start, byte| start << 8 | u32::from(*byte))
}

//! What texts and rows look like, once a part of the document is read: on all cores, while the part is
//! still in the processor's cache (format.md 4.5).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::column::{Cells, Column};
use super::field::FieldSpec;
use super::finding::Findings;
use super::letters;
use super::record::Record;
use super::rule::Rule;
use super::texts::Texts;

/// The words that a row of totals has in place of a name, in lower case.
const TOTALS: [&str; 10] =
    ["итог", "итоги", "итого", "всего", "жиыны", "жиынтығы", "барлығы", "қорытынды", "қорытындысы", "total"];
/// No word of totals is longer, with what may stand around it, in bytes.
const TOTALS_BYTES: usize = 32;

impl Record {
    /// Adds what the texts and the rows look like; `findings` has those of the values already.
    pub(super) fn inspect(&self, specs: &[FieldSpec], findings: &mut Findings) {
        let mut rows = OddRows::default();
        rows.note_raw_values(specs, findings);
        let mut marks = Vec::new();
        for column in self.columns() {
            column.inspect(&|at| at, &mut marks, findings);
            if let Cells::String(texts) = column.cells() {
                rows.note_texts(texts, specs.iter().find(|spec| *spec.name == *column.path()));
            }
        }
        // A word may happen to be a label; a row of them does not.
        for (row, _) in rows.names.into_iter().filter(|(_, fields)| fields * 2 > specs.len()) {
            findings.add(Rule::RowHeader, &"".into(), Some(row), || None);
        }
        for (row, word) in rows.totals {
            findings.add(Rule::RowTotals, &"".into(), Some(row), || Some(word));
        }
    }
}

impl Column {
    /// Adds what the texts look like; `row_of` is the row of a value, from 0, and `marks` room to work in.
    fn inspect(&self, row_of: &dyn Fn(usize) -> usize, marks: &mut Vec<u8>, findings: &mut Findings) {
        match self.cells() {
            Cells::String(texts) => inspect_texts(texts, &self.path(), row_of, marks, findings),
            Cells::Object { record, .. } => {
                for column in record.columns() {
                    column.inspect(row_of, marks, findings);
                }
            }
            Cells::List { element, ends, .. } => {
                let is_before = |end: &i32, at: usize| usize::try_from(*end).is_ok_and(|end| end <= at);
                let list_of = |at: usize| ends.partition_point(|end| is_before(end, at));
                element.inspect(&|at| row_of(list_of(at)), marks, findings);
            }
            _ => {}
        }
    }
}

fn inspect_texts(
    texts: &Texts,
    path: &Arc<str>,
    row_of: &dyn Fn(usize) -> usize,
    marks: &mut Vec<u8>,
    findings: &mut Findings,
) {
    let mut counts = [0_u64; 2];
    texts.for_each_odd(marks, |at, bytes| {
        if texts.containers() > 0 && matches!(bytes, [b'{' | b'[', ..]) {
            // The publisher wrote an object or a list, and no brackets in a text.
            return;
        }
        let traits = letters::traits(bytes);
        let mut note = |rule: Rule| {
            let raw = || Some(String::from_utf8_lossy(bytes).into_owned());
            findings.add(rule, path, Some(row_of(at) as u64 + 1), raw);
        };
        let notes = [(traits.is_outside_alphabet, Rule::TextAlphabet), (traits.mixes_scripts, Rule::TextLookAlike)];
        for ((is_broken, rule), count) in notes.into_iter().zip(&mut counts) {
            *count += u64::from(is_broken);
            // Beyond those that are kept, counting is all there is to do.
            if is_broken && *count <= rule_kept(rule) {
                note(rule);
            }
        }
        if traits.is_mojibake {
            note(Rule::TextMojibake);
        }
    });
    for (rule, count) in [Rule::TextAlphabet, Rule::TextLookAlike].into_iter().zip(counts) {
        findings.count(rule, path, count.saturating_sub(rule_kept(rule)));
    }
}

fn rule_kept(rule: Rule) -> u64 {
    rule.kept() as u64
}

/// Whether a text is a word for a total, with a colon or a full stop after it perhaps.
fn says_total(text: &str) -> bool {
    let word = text.trim().trim_end_matches([':', '.', ' ']).to_lowercase();
    TOTALS.contains(&word.as_str())
}

/// Whether a text is the name or a label of a field, letter case aside.
fn names_field(text: &str, spec: &FieldSpec) -> bool {
    let text = text.trim().to_lowercase();
    names_of(spec).any(|name| name.to_lowercase() == text)
}

fn names_of(spec: &FieldSpec) -> impl Iterator<Item = &String> + Clone {
    std::iter::once(&spec.name).chain(&spec.labels).filter(|name| !name.is_empty())
}

/// Rows that hold something else than data.
#[derive(Default)]
struct OddRows {
    /// Rows with names or labels of fields as values, and how many.
    names: BTreeMap<u64, usize>,
    /// Rows with a word for a total, and that word.
    totals: BTreeMap<u64, String>,
}

impl OddRows {
    fn note_texts(&mut self, texts: &Texts, spec: Option<&FieldSpec>) {
        let signs = Signs::new(spec);
        texts.for_each(|at, bytes| {
            if signs.may_be_odd(bytes)
                && let Ok(text) = std::str::from_utf8(bytes)
            {
                self.note(at as u64 + 1, text, spec);
            }
        });
    }

    /// Names, labels and words for totals among the values that did not fit their field's type.
    fn note_raw_values(&mut self, specs: &[FieldSpec], findings: &Findings) {
        for finding in findings.iter() {
            let (Some(row), Some(raw)) = (finding.row, &finding.raw) else { continue };
            let spec = specs.iter().find(|spec| *spec.name == *finding.field);
            self.note(row, raw, spec.filter(|spec| spec.kind != super::Type::String));
        }
    }

    fn note(&mut self, row: u64, text: &str, spec: Option<&FieldSpec>) {
        if text.len() <= TOTALS_BYTES && says_total(text) {
            self.totals.entry(row).or_insert_with(|| text.to_owned());
        }
        if spec.is_some_and(|spec| names_field(text, spec)) {
            *self.names.entry(row).or_default() += 1;
        }
    }
}

/// What a text that is a name, a label or a word for a total looks like at a glance: how long it is at
/// most, and how its first letter begins.
struct Signs {
    most_bytes: usize,
    is_start: [bool; 256],
}

impl Signs {
    fn new(spec: Option<&FieldSpec>) -> Self {
        let names = spec.into_iter().flat_map(names_of).map(String::as_str);
        let mut signs = Self { most_bytes: TOTALS_BYTES, is_start: [false; 256] };
        // White space around a name, and another letter case, may make it longer.
        let longest = names.clone().map(|name| name.len() + name.len() / 4 + 4).max();
        signs.most_bytes = signs.most_bytes.max(longest.unwrap_or_default());
        for name in TOTALS.into_iter().chain(names) {
            for name in [name.to_lowercase(), name.to_uppercase(), format!(" {name}")] {
                signs.is_start[usize::from(telling_byte(name.as_bytes()))] = true;
            }
        }
        signs
    }

    #[inline]
    fn may_be_odd(&self, bytes: &[u8]) -> bool {
        bytes.len() <= self.most_bytes && self.is_start[usize::from(telling_byte(bytes))]
    }
}

/// The byte that tells most of a text's first letter: its second, where it has more than one.
#[inline]
fn telling_byte(bytes: &[u8]) -> u8 {
    match bytes {
        [first, second, ..] if *first >= 0xC0 => *second,
        [first, ..] => *first,
        [] => 0,
    }
}

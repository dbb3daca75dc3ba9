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
        let mut matches = BTreeMap::new();
        let mut totals = BTreeMap::new();
        note_raw_values(specs, findings, &mut matches, &mut totals);
        for column in self.columns() {
            column.inspect(&|at| at, findings);
            if let Cells::String(texts) = column.cells() {
                note_totals(texts, &mut totals);
                if let Some(spec) = specs.iter().find(|spec| *spec.name == *column.path()) {
                    note_headers(texts, spec, &mut matches);
                }
            }
        }
        for (row, _) in matches.into_iter().filter(|(_, fields)| fields * 2 > specs.len()) {
            findings.add(Rule::RowHeader, &"".into(), Some(row), || None);
        }
        for (row, word) in totals {
            findings.add(Rule::RowTotals, &"".into(), Some(row), || Some(word));
        }
    }
}

impl Column {
    /// Adds what the texts look like; `row_of` is the row of a value, from 0.
    fn inspect(&self, row_of: &dyn Fn(usize) -> usize, findings: &mut Findings) {
        match self.cells() {
            Cells::String(texts) => inspect_texts(texts, &self.path(), row_of, findings),
            Cells::Object { record, .. } => {
                for column in record.columns() {
                    column.inspect(row_of, findings);
                }
            }
            Cells::List { element, ends, .. } => {
                let list_of =
                    |at: usize| ends.partition_point(|end| usize::try_from(*end).is_ok_and(|end| end <= at));
                element.inspect(&|at| row_of(list_of(at)), findings);
            }
            _ => {}
        }
    }
}

fn inspect_texts(texts: &Texts, path: &Arc<str>, row_of: &dyn Fn(usize) -> usize, findings: &mut Findings) {
    if texts.all_bytes().is_some_and(letters::is_plain) {
        return;
    }
    let mut tally = [0_u64; 2];
    for at in 0..texts.len() {
        let Some(bytes) = texts.bytes(at).filter(|bytes| !letters::is_plain(bytes)) else { continue };
        if texts.containers() > 0 && matches!(bytes, [b'{' | b'[', ..]) {
            // The publisher wrote an object or a list, and no brackets in a text.
            continue;
        }
        let traits = letters::traits(bytes);
        let mut note = |rule, tally: Option<&mut u64>| match tally {
            // Beyond those that are kept, counting is all there is to do.
            Some(count) if *count >= rule_kept(rule) => *count += 1,
            tally => {
                if let Some(count) = tally {
                    *count += 1;
                }
                let raw = || Some(String::from_utf8_lossy(bytes).into_owned());
                findings.add(rule, path, Some(row_of(at) as u64 + 1), raw);
            }
        };
        if traits.is_outside_alphabet {
            note(Rule::TextAlphabet, Some(&mut tally[0]));
        }
        if traits.mixes_scripts {
            note(Rule::TextLookAlike, Some(&mut tally[1]));
        }
        if traits.is_mojibake {
            note(Rule::TextMojibake, None);
        }
    }
    for (rule, count) in [Rule::TextAlphabet, Rule::TextLookAlike].into_iter().zip(tally) {
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

fn note_totals(texts: &Texts, totals: &mut BTreeMap<u64, String>) {
    for at in 0..texts.len() {
        let Some(bytes) = texts.bytes(at).filter(|bytes| may_say_total(bytes)) else { continue };
        if let Some(text) = std::str::from_utf8(bytes).ok().filter(|text| says_total(text)) {
            totals.entry(at as u64 + 1).or_insert_with(|| text.to_owned());
        }
    }
}

/// Whether a text is short and has the length of a letter that such a word begins with.
#[inline]
fn may_say_total(bytes: &[u8]) -> bool {
    match bytes {
        _ if bytes.len() > TOTALS_BYTES => false,
        // И и, В в, Б б, Ж ж; Қ қ; T t; a space.
        [0xD0, 0x98 | 0xB8 | 0x92 | 0xB2 | 0x91 | 0xB1 | 0x96 | 0xB6, ..]
        | [0xD2, 0x9A | 0x9B, ..]
        | [b'T' | b't' | b' ', ..] => true,
        _ => false,
    }
}

/// Whether a text is the name or a label of a field, letter case aside.
fn names_field(text: &str, spec: &FieldSpec) -> bool {
    let text = text.trim().to_lowercase();
    let mut names = std::iter::once(&spec.name).chain(&spec.labels).filter(|name| !name.is_empty());
    names.any(|name| name.to_lowercase() == text)
}

fn note_headers(texts: &Texts, spec: &FieldSpec, matches: &mut BTreeMap<u64, usize>) {
    let lengths: Vec<usize> = std::iter::once(&spec.name)
        .chain(&spec.labels)
        .map(String::len)
        .filter(|length| *length > 0)
        .collect();
    let (least, most) =
        (lengths.iter().min().copied().unwrap_or(1), lengths.iter().max().copied().unwrap_or(0));
    // Letter case seldom changes a text's length; white space around it does.
    let lengths = least..=most + 2;
    for at in 0..texts.len() {
        let Some(bytes) = texts.bytes(at).filter(|bytes| lengths.contains(&bytes.len())) else { continue };
        if std::str::from_utf8(bytes).is_ok_and(|text| names_field(text, spec)) {
            *matches.entry(at as u64 + 1).or_default() += 1;
        }
    }
}

/// Names, labels and words for totals among the values that did not fit their field's type.
fn note_raw_values(
    specs: &[FieldSpec],
    findings: &Findings,
    matches: &mut BTreeMap<u64, usize>,
    totals: &mut BTreeMap<u64, String>,
) {
    for finding in findings.iter() {
        let (Some(row), Some(raw)) = (finding.row, &finding.raw) else { continue };
        if raw.len() <= TOTALS_BYTES && says_total(raw) {
            totals.entry(row).or_insert_with(|| raw.clone());
        }
        let spec = specs.iter().find(|spec| *spec.name == *finding.field && spec.kind != super::Type::String);
        if spec.is_some_and(|spec| names_field(raw, spec)) {
            *matches.entry(row).or_default() += 1;
        }
    }
}

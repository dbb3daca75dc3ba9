//! What texts and rows look like, once a part of the document is read: on all cores, while the part is
//! still in the processor's cache (format.md 4.5).

use std::sync::Arc;

use super::column::{Cells, Column};
use super::finding::{Findings, Report};
use super::letters;
use super::record::Record;
use super::rule::Rule;
use super::texts::Texts;

impl Record {
    /// Adds what the texts and the rows look like; `report` has the findings of the values already.
    pub(super) fn inspect(&self, report: &mut Report) {
        let mut marks = Vec::new();
        for column in self.columns() {
            column.inspect(&|at| at, &mut marks, &mut report.findings);
            if let Cells::String(texts) = column.cells() {
                report.odd.note_texts(texts, &column.path());
            }
        }
        std::mem::take(&mut report.odd).into_findings(&mut report.findings);
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
        if texts.is_container(at) {
            // The publisher wrote an object or a list, and no brackets in a text.
            return;
        }
        let traits = letters::traits(bytes);
        let mut note = |rule: Rule| {
            let raw = || Some(String::from_utf8_lossy(bytes).into_owned());
            findings.add(rule, path, Some(row_of(at) as u64 + 1), raw);
        };
        let notes =
            [(traits.is_outside_alphabet, Rule::TextAlphabet), (traits.mixes_scripts, Rule::TextLookAlike)];
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

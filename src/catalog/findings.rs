//! Findings as tables: one by one, by rule and field, and the rules themselves.

use std::sync::Arc;

use arrow::array::RecordBatch;

use super::dataset::Dataset;
use super::snapshot::Snapshot;
use super::system::{batch, ints, not_empty, texts};
use crate::document::{Findings, Rule, Severity};
use crate::encode::Language;
use crate::error::Error;

/// A finding as a row of a table.
#[derive(Debug, Clone)]
pub struct FindingRow {
    /// The dataset, or the file's name where the document was refused.
    pub dataset: String,
    /// The dataset's version; none where the document was refused.
    pub version: Option<u32>,
    /// The rule's code, or the error's.
    pub rule: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// Position in `data`, from 1.
    pub row: Option<u64>,
    /// The row's primary key, as text.
    pub key: Option<String>,
    /// Path of the field; empty for the document itself.
    pub field: String,
    /// The value as the document has it.
    pub raw_value: Option<String>,
    /// What was expected, and what was found.
    pub message: String,
}

impl FindingRow {
    /// A document that was refused, as a finding.
    #[must_use]
    pub fn refusal(dataset: String, error: &Error) -> Self {
        Self {
            dataset,
            version: None,
            rule: error.code.as_str(),
            severity: Severity::Error,
            row: None,
            key: None,
            field: String::new(),
            raw_value: None,
            message: without_folder(error),
        }
    }
}

/// The error as a sentence; clients are shown the file's name, but not where it lies.
fn without_folder(error: &Error) -> String {
    let mut place = error.place.as_deref().cloned().unwrap_or_default();
    place.file = place.file.map(|file| file.rsplit('/').next().unwrap_or_default().to_owned());
    format!("{} ({place})", error.message)
}

/// The findings of a dataset that were kept, as rows.
pub fn finding_rows<'a>(
    dataset: &'a str,
    version: Option<u32>,
    findings: &'a Findings,
    language: Language,
) -> impl Iterator<Item = FindingRow> + 'a {
    findings.iter().map(move |finding| FindingRow {
        dataset: dataset.to_owned(),
        version,
        rule: finding.rule.code(),
        severity: finding.rule.severity(),
        row: finding.row,
        key: finding.key.clone(),
        field: finding.field.to_string(),
        raw_value: finding.raw.clone(),
        message: finding.message(language),
    })
}

/// Findings as a table: dataset, version, rule, severity, row, key, field, `raw_value`, message.
#[must_use]
pub fn finding_table(rows: &[FindingRow]) -> RecordBatch {
    batch(vec![
        texts("dataset", rows, |row| Some(&row.dataset)),
        ints("version", rows, |row| row.version.map(u64::from)),
        texts("rule", rows, |row| Some(row.rule)),
        texts("severity", rows, |row| Some(row.severity.as_str())),
        ints("row", rows, |row| row.row),
        texts("key", rows, |row| row.key.as_deref()),
        texts("field", rows, |row| not_empty(&row.field)),
        texts("raw_value", rows, |row| row.raw_value.as_deref()),
        texts("message", rows, |row| Some(&row.message)),
    ])
}

/// Every finding that was kept, and one for each refused file.
pub(super) fn all(snapshot: &Snapshot) -> RecordBatch {
    let mut rows = Vec::new();
    for dataset in snapshot.datasets() {
        let version = Some(dataset.version);
        rows.extend(finding_rows(dataset.name(), version, dataset.findings(), Language::English));
    }
    rows.extend(snapshot.files().iter().filter_map(|(file, state)| {
        let error = state.refused.as_ref()?;
        let dataset = state.dataset.clone().unwrap_or_else(|| super::file::stem(file));
        Some(FindingRow::refusal(dataset, error))
    }));
    finding_table(&rows)
}

/// The exact number of findings by rule and field.
pub(super) fn totals(all: &[&Arc<Dataset>]) -> RecordBatch {
    let totals = |dataset: &Arc<Dataset>| {
        let totals = dataset.findings().totals();
        totals.map(|(rule, field, total)| (rule, field.to_owned(), total)).collect::<Vec<_>>()
    };
    let mut rows = Vec::new();
    for dataset in all {
        rows.extend(totals(dataset).into_iter().map(|total| (*dataset, total)));
    }
    batch(vec![
        texts("dataset", &rows, |(dataset, _)| Some(dataset.name())),
        ints("version", &rows, |(dataset, _)| Some(u64::from(dataset.version))),
        texts("rule", &rows, |(_, (rule, ..))| Some(rule.code())),
        texts("severity", &rows, |(_, (rule, ..))| Some(rule.severity().as_str())),
        texts("field", &rows, |(_, (_, field, _))| not_empty(field)),
        ints("total", &rows, |(_, (.., total))| Some(*total)),
    ])
}

/// Every rule there is: what it expects, and where it comes from.
pub(super) fn rules() -> RecordBatch {
    let sentence = |language| move |rule: &Rule| Some(rule.sentence(language));
    batch(vec![
        texts("rule", Rule::ALL, |rule| Some(rule.code())),
        texts("severity", Rule::ALL, |rule| Some(rule.severity().as_str())),
        texts("source", Rule::ALL, |rule| Some(rule.source())),
        texts("expected_en", Rule::ALL, sentence(Language::English)),
        texts("expected_kk", Rule::ALL, sentence(Language::Kazakh)),
        texts("expected_ru", Rule::ALL, sentence(Language::Russian)),
    ])
}

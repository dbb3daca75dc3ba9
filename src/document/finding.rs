//! What a document breaks, as data: findings are counted exactly but kept one by one only up to a
//! cap, so that a column of bad values costs no memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::odd::OddRows;
use super::rule::{Rule, Severity};
use crate::encode::Language;

/// How many findings of one rule in one field are kept one by one (of a rule that is only worth a
/// note, three); the total is always exact.
pub const KEPT_PER_RULE_AND_FIELD: usize = 1_000;

/// The longest raw value that a finding keeps, in bytes: a thousand values of a megabyte each would
/// take as much memory as the document.
const RAW_BYTES: usize = 4 << 10;

/// One place where a document breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule that is broken.
    pub rule: Rule,
    /// Position in `data`, from 1; none where the finding is about a whole column or document.
    pub row: Option<u64>,
    /// The row's primary key, as text.
    pub key: Option<String>,
    /// Path of the field, such as `schedule.open`; empty for the document itself.
    pub field: Arc<str>,
    /// The value as the document has it; one of more than 4 KiB is cut and ends in `…`.
    pub raw: Option<String>,
}

impl Finding {
    /// The finding as a sentence: what was expected, and what was found.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        let sentence = self.rule.sentence(language);
        match &self.raw {
            Some(raw) => {
                format!("{sentence}; {}: {}", language.of(["found", "табылғаны", "найдено"]), quoted(raw))
            }
            None => sentence.to_owned(),
        }
    }
}

/// A raw value as a message shows it: quoted, and cut after 120 characters.
#[must_use]
pub fn quoted(raw: &str) -> String {
    match raw.char_indices().nth(120) {
        Some((end, _)) => format!("\"{}…\"", &raw[..end]),
        None => format!("\"{raw}\""),
    }
}

/// A raw value as a finding keeps it.
pub(super) fn capped(mut raw: String) -> String {
    if raw.len() > RAW_BYTES {
        raw.truncate(raw.floor_char_boundary(RAW_BYTES));
        raw.push('…');
        raw.shrink_to_fit();
    }
    raw
}

/// Where findings go while rows are read, and which row is being read.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) findings: Findings,
    /// Position of the row in its part of the document, from 1.
    pub(super) row: u64,
    /// Rows that hold something else than data, as far as values that do not fit their type tell.
    pub(super) odd: OddRows,
    /// Rows with a value that could not be read, or not whole, in order.
    pub(super) unread: Vec<u64>,
    /// How many cells may still be filled for want of a value, beyond those that rows fill.
    pub(super) gaps_left: u64,
    /// Paths of declared fields that one row has in two letter cases, each with a value of its own.
    pub(super) two_spellings: Vec<String>,
}

impl Report {
    pub(super) fn value(&mut self, rule: Rule, field: &Arc<str>, raw: &str) {
        let is_read = rule.severity() < Severity::Error && rule != Rule::ValueTimeDropped;
        if !is_read && self.unread.last() != Some(&self.row) {
            self.unread.push(self.row);
        }
        self.odd.note(self.row, raw, field);
        self.findings.add(rule, field, Some(self.row), || Some(raw.to_owned()));
    }
}

/// The findings of one rule in one field.
#[derive(Debug, Clone, Default)]
struct Tally {
    total: u64,
    kept: Vec<Finding>,
}

/// The findings of a document: at most [`KEPT_PER_RULE_AND_FIELD`] of each kind, and exact totals.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    tallies: BTreeMap<(Rule, Arc<str>), Tally>,
}

impl Findings {
    /// Notes one more finding. `raw` is called only when the finding is kept.
    pub(crate) fn add(
        &mut self,
        rule: Rule,
        field: &Arc<str>,
        row: Option<u64>,
        raw: impl FnOnce() -> Option<String>,
    ) {
        let tally = self.tallies.entry((rule, Arc::clone(field))).or_default();
        tally.total += 1;
        if tally.kept.len() < rule.kept() {
            tally.kept.push(Finding {
                rule,
                row,
                key: None,
                field: Arc::clone(field),
                raw: raw().map(capped),
            });
        }
    }

    /// Notes findings that were only counted, beyond those that were kept.
    pub(crate) fn count(&mut self, rule: Rule, field: &Arc<str>, more: u64) {
        if more > 0 {
            self.tallies.entry((rule, Arc::clone(field))).or_default().total += more;
        }
    }

    /// Takes over findings of one rule and field that were kept before, with their exact number.
    pub(super) fn restore(&mut self, rule: Rule, field: &Arc<str>, total: u64, kept: Vec<Finding>) {
        self.tallies.insert((rule, Arc::clone(field)), Tally { total, kept });
    }

    /// Takes over the findings of a later part of the document, whose first row is `rows_before` + 1.
    pub(crate) fn append(&mut self, later: Self, rows_before: u64) {
        for (kind, tally) in later.tallies {
            let kept = kind.0.kept();
            let own = self.tallies.entry(kind).or_default();
            own.total += tally.total;
            let room = kept.saturating_sub(own.kept.len());
            own.kept.extend(tally.kept.into_iter().take(room).map(|mut finding| {
                finding.row = finding.row.map(|row| row + rows_before);
                finding
            }));
        }
    }

    /// The same findings with each field's path as `name` has it.
    pub(super) fn with_fields(self, name: impl Fn(&str) -> String) -> Self {
        let mut named = Self::default();
        for ((rule, field), mut tally) in self.tallies {
            let field: Arc<str> = name(&field).into();
            for finding in &mut tally.kept {
                finding.field = Arc::clone(&field);
            }
            named.append(Self { tallies: BTreeMap::from([((rule, field), tally)]) }, 0);
        }
        named
    }

    /// Every finding that was kept, by rule, field and row.
    pub fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.tallies.values().flat_map(|tally| &tally.kept)
    }

    /// Every finding that was kept, to fill in what was not known when it was noted.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Finding> {
        self.tallies.values_mut().flat_map(|tally| &mut tally.kept)
    }

    /// Exact number of findings by rule and field.
    pub fn totals(&self) -> impl Iterator<Item = (Rule, &str, u64)> {
        self.tallies.iter().map(|((rule, field), tally)| (*rule, field.as_ref(), tally.total))
    }

    /// Exact number of findings of all rules.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.tallies.values().map(|tally| tally.total).sum()
    }

    /// Exact number of findings of one severity.
    #[must_use]
    pub fn total_of(&self, severity: Severity) -> u64 {
        self.totals().filter(|(rule, _, _)| rule.severity() == severity).map(|(_, _, total)| total).sum()
    }
}

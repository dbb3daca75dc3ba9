//! Part 3: rows that no finding names, and rows that break a rule.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};

use arrow::array::RecordBatch;

use super::language::Bilingual;
use super::placed::{Placed, placed, texts};
use super::record::{BrokenRule, CheckedValue, RecordCheck};
use crate::catalog::Dataset;
use crate::document::{Finding, Rule, Type, is_in_alphabet};
use crate::encode::Language;
use crate::error::Result;

/// Examples of each.
const MOST_GOOD: usize = 3;
const MOST_BROKEN: usize = 10;

/// The first rows, among which good ones are looked for, and how many good ones are compared.
const MOST_LOOKED_AT: u64 = 10_000;
const MOST_COMPARED: usize = 100;

/// What stands for a value that is not to be shown.
const MASK: &str = "•••";

/// Rows of a dataset with the rules that they break.
pub(super) struct Examples<'a> {
    dataset: &'a Dataset,
    /// The fields that have values of their own.
    fields: Vec<Placed<'a>>,
    /// Paths of fields whose values are not to be shown.
    restricted: &'a [String],
    columns: Vec<usize>,
}

/// A row, with the texts of each field.
struct Row {
    /// From 1.
    number: u64,
    texts: Vec<Vec<String>>,
}

impl Row {
    /// How many fields have a value.
    fn values(&self) -> usize {
        self.texts.iter().filter(|texts| !texts.is_empty()).count()
    }
}

impl<'a> Examples<'a> {
    pub(super) fn new(dataset: &'a Dataset, restricted: &'a [String]) -> Self {
        let document = &dataset.document;
        let fields = placed(&document.fields).into_iter().filter(Placed::is_leaf).collect();
        Self { dataset, fields, restricted, columns: (0..document.schema.fields().len()).collect() }
    }

    /// Good rows, then rows that break a rule, the worst first. Cost: at most 10,000 rows are looked at, and one
    /// batch is read for each of ten more.
    ///
    /// # Errors
    /// `store.damaged`, `store.io` where rows cannot be read.
    pub(super) fn checks(&self) -> Result<Vec<RecordCheck>> {
        let mut checks = self.good()?;
        checks.extend(self.broken()?);
        Ok(checks)
    }

    fn row(&self, rows: &RecordBatch, at: usize, number: u64) -> Row {
        let document = &self.dataset.document;
        let mut found = Vec::with_capacity(self.fields.len());
        texts(&document.fields, document.schema.fields(), rows.columns(), &[at], &mut found);
        Row { number, texts: found }
    }

    /// Rows that no finding names: of the first ones, those with the most values.
    fn good(&self) -> Result<Vec<RecordCheck>> {
        let named: HashSet<u64> = self.dataset.findings().iter().filter_map(|it| it.row).collect();
        let kept = Kept::of(self.dataset);
        let end = kept.end.min(MOST_LOOKED_AT);
        let mut good: Vec<Row> = Vec::new();
        for batch in 0..self.dataset.rows.batches() {
            let first = self.dataset.rows.first(batch);
            if first >= end || good.len() >= MOST_COMPARED {
                break;
            }
            let rows = self.dataset.rows.read(batch, &self.columns)?;
            for (at, number) in (0..rows.num_rows()).zip(first + 1..=end) {
                if good.len() < MOST_COMPARED && !named.contains(&number) {
                    let row = self.row(&rows, at, number);
                    good.extend(Some(row).filter(|row| kept.is_plain(row, &self.fields)));
                }
            }
        }
        good.sort_by_key(|row| Reverse(row.values()));
        good.truncate(MOST_GOOD);
        good.sort_by_key(|row| row.number);
        Ok(good.into_iter().map(|row| self.check(&row, &[])).collect())
    }

    /// A row for each rule and field, the worst first; a row that breaks several is there once.
    fn broken(&self) -> Result<Vec<RecordCheck>> {
        let mut findings: Vec<&Finding> =
            self.dataset.findings().iter().filter(|it| it.row.is_some()).collect();
        findings.sort_by_key(|it| Reverse(it.rule.severity()));
        let mut seen: HashSet<(Rule, &str)> = HashSet::new();
        let mut checks = Vec::new();
        for finding in &findings {
            if checks.len() == MOST_BROKEN {
                break;
            }
            let Some(number) = finding.row.filter(|_| !seen.contains(&kind(finding))) else { continue };
            let mut own: Vec<&Finding> =
                findings.iter().copied().filter(|it| it.row == finding.row).collect();
            // Those of one rule in the order of the fields.
            own.sort_by_key(|it| (Reverse(it.rule.severity()), it.rule, self.place_of(it)));
            seen.extend(own.iter().copied().map(kind));
            let Some(row) = number.checked_sub(1).filter(|row| *row < self.dataset.document.rows) else {
                continue;
            };
            let (batch, at) = self.dataset.locate(u32::try_from(row).unwrap_or(u32::MAX));
            let rows = self.dataset.rows.read(batch, &self.columns)?;
            checks.push(self.check(&self.row(&rows, at, number), &own));
        }
        Ok(checks)
    }

    /// What is shown of a row and what it breaks.
    fn check(&self, row: &Row, findings: &[&Finding]) -> RecordCheck {
        let keys = self.fields.iter().zip(&row.texts);
        let keys = keys.filter(|(field, _)| field.spec.is_key && field.group.is_none());
        let is_masked = keys.clone().any(|(field, _)| self.is_restricted(&field.path()));
        let own: Vec<String> = keys.map(|(_, texts)| texts.concat()).collect();
        let own = Some(own.join("/")).filter(|_| !own.concat().is_empty());
        let key = findings.iter().find_map(|it| it.key.clone()).or(own);
        let values = self.fields.iter().zip(&row.texts).map(|(field, texts)| {
            let is_own = |it: &Finding| self.field_of(it).is_some_and(|it| it.shown == field.shown);
            // What the document has: a value that was not understood is none in the table.
            let mut shown = findings.iter().filter(|it| is_own(it) && is_of_values(it.rule));
            let raw = shown.find_map(|it| it.raw.clone());
            let raw = raw.filter(|_| field.spec.kind != Type::List);
            let path = field.path();
            let value = raw.or_else(|| (!texts.is_empty()).then(|| texts.join("; ")));
            CheckedValue { value: value.map(|value| self.masked(&path, value)), attribute: path }
        });
        RecordCheck {
            row: row.number,
            key: if is_masked { Some(MASK.to_owned()) } else { key },
            values: values.collect(),
            broken: findings.iter().map(|finding| self.breach(finding)).collect(),
        }
    }

    fn breach(&self, finding: &Finding) -> BrokenRule {
        let attribute = self.field_of(finding).map_or_else(|| finding.field.to_string(), Placed::path);
        let sentence = |language| finding.rule.sentence(language);
        BrokenRule {
            code: finding.rule.code().to_owned(),
            expected: Bilingual::new(sentence(Language::Kazakh), sentence(Language::Russian)),
            found: finding.raw.clone().map(|raw| self.masked(&attribute, raw)),
            attribute,
        }
    }

    /// The field that a finding is about.
    fn field_of(&self, finding: &Finding) -> Option<&Placed<'a>> {
        self.place_of(finding).and_then(|at| self.fields.get(at))
    }

    /// Its place among those that have values.
    fn place_of(&self, finding: &Finding) -> Option<usize> {
        let path: &str = &finding.field;
        self.fields.iter().position(|field| field.shown == path || field.values_shown() == path)
    }

    fn masked(&self, path: &str, value: String) -> String {
        if self.is_restricted(path) { MASK.to_owned() } else { value }
    }

    fn is_restricted(&self, path: &str) -> bool {
        self.restricted.iter().any(|it| it == path)
    }
}

/// What is counted together.
fn kind(finding: &Finding) -> (Rule, &str) {
    (finding.rule, finding.field.as_ref())
}

/// How far the findings tell which rows are good: of most rules only the first ones are kept one by one.
struct Kept {
    /// Up to this row, from 1, all are kept but those about texts.
    end: u64,
    /// Paths of the fields in which not all findings about texts are kept.
    fields: HashSet<String>,
}

impl Kept {
    fn of(dataset: &Dataset) -> Self {
        let mut kept: BTreeMap<(Rule, &str), (u64, u64)> = BTreeMap::new();
        for finding in dataset.findings().iter() {
            let (count, last) = kept.entry(kind(finding)).or_default();
            *count += 1;
            *last = (*last).max(finding.row.unwrap_or_default());
        }
        let mut known = Self { end: dataset.document.rows, fields: HashSet::new() };
        for (rule, field, total) in dataset.findings().totals() {
            let (count, last) = kept.get(&(rule, field)).copied().unwrap_or_default();
            if total == count {
                continue;
            }
            if is_of_letters(rule) {
                known.fields.insert(field.to_owned());
            } else {
                known.end = known.end.min(last);
            }
        }
        known
    }

    /// Whether the texts in those fields break no rule: all their characters are of the order's alphabet.
    fn is_plain(&self, row: &Row, fields: &[Placed<'_>]) -> bool {
        let is_looked_at = |field: &Placed<'_>| self.fields.contains(&field.values_shown());
        let mut texts = fields.iter().zip(&row.texts).filter(|(field, _)| is_looked_at(field));
        texts.all(|(_, texts)| texts.iter().all(|text| text.chars().all(is_in_alphabet)))
    }
}

/// Whether what a finding of the rule shows is the value as the document has it.
fn is_of_values(rule: Rule) -> bool {
    ["value.", "position."].iter().any(|group| rule.code().starts_with(group))
}

/// Whether the letters of a text tell that it breaks the rule.
fn is_of_letters(rule: Rule) -> bool {
    matches!(rule, Rule::TextAlphabet | Rule::TextLookAlike | Rule::TextMojibake | Rule::TextLoneSurrogate)
}

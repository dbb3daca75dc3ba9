//! Part 3: rows that no finding names, and rows that break a rule.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};

use arrow::array::RecordBatch;

use super::language::Bilingual;
use super::placed::{Placed, placed, texts};
use super::privacy::Privacy;
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

/// Rows of a dataset with the rules that they break.
pub(super) struct Examples<'a> {
    dataset: &'a Dataset,
    /// The fields that have values of their own.
    fields: Vec<Placed<'a>>,
    privacy: Privacy<'a>,
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
    pub(super) fn new(dataset: &'a Dataset, privacy: Privacy<'a>) -> Self {
        let document = &dataset.document;
        let fields = placed(&document.fields).into_iter().filter(Placed::is_leaf).collect();
        Self { dataset, fields, privacy, columns: (0..document.schema.fields().len()).collect() }
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
        let values: Vec<_> = self.fields.iter().zip(&row.texts).map(|it| value(it, findings)).collect();
        let has_person = values.iter().flatten().any(|value| self.privacy.identifies(value))
            || findings.iter().filter_map(|it| it.raw.as_ref()).any(|raw| self.privacy.identifies(raw));
        let shown = self.fields.iter().zip(values).map(|(field, value)| {
            let path = field.path();
            let value = value.map(|value| self.privacy.shown(&path, value, has_person));
            CheckedValue { attribute: path, value }
        });
        RecordCheck {
            row: row.number,
            key: self.key(row, findings, has_person),
            values: shown.collect(),
            broken: findings.iter().map(|finding| self.breach(finding, has_person)).collect(),
        }
    }

    /// The row's key as it is shown.
    fn key(&self, row: &Row, findings: &[&Finding], has_person: bool) -> Option<String> {
        let keys = self.fields.iter().zip(&row.texts);
        let keys = keys.filter(|(field, _)| field.spec.is_key && field.group.is_none());
        let hidden = keys.clone().map(|(field, _)| field.path()).find(|path| self.privacy.hides(path));
        let own: Vec<String> = keys.map(|(_, texts)| texts.concat()).collect();
        let own = Some(own.join("/")).filter(|_| !own.concat().is_empty());
        let key = findings.iter().find_map(|it| it.key.clone()).or(own);
        key.map(|key| self.privacy.shown(&hidden.unwrap_or_default(), key, has_person))
    }

    fn breach(&self, finding: &Finding, has_person: bool) -> BrokenRule {
        let attribute = self.field_of(finding).map_or_else(|| finding.field.to_string(), Placed::path);
        let sentence = |language| finding.rule.sentence(language);
        let hidden = self.hidden_in(&finding.field).unwrap_or_else(|| attribute.clone());
        BrokenRule {
            code: finding.rule.code().to_owned(),
            expected: Bilingual::new(sentence(Language::Kazakh), sentence(Language::Russian)),
            found: finding.raw.clone().map(|raw| self.privacy.shown(&hidden, raw, has_person)),
            attribute,
        }
    }

    /// Of the fields that lie in a place of findings, the path of one whose values are not shown: what was found in
    /// place of an Object, or of the whole row (an empty place), may be such a value.
    fn hidden_in(&self, place: &str) -> Option<String> {
        let lies_in = |field: &&Placed<'_>| {
            let rest = field.shown.strip_prefix(place);
            rest.is_some_and(|rest| place.is_empty() || rest.starts_with('.') || rest.starts_with("[]"))
        };
        self.fields.iter().filter(lies_in).map(Placed::path).find(|path| self.privacy.hides(path))
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
}

/// What the document has in a field: a value that was not understood is none in the table, and stands in a finding.
fn value((field, texts): (&Placed<'_>, &Vec<String>), findings: &[&Finding]) -> Option<String> {
    let is_own = |it: &Finding| *it.field == *field.shown || *it.field == *field.values_shown();
    let mut shown = findings.iter().filter(|it| is_own(it) && is_of_values(it.rule));
    let raw = shown.find_map(|it| it.raw.clone()).filter(|_| field.spec.kind != Type::List);
    raw.or_else(|| (!texts.is_empty()).then(|| texts.join("; ")))
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

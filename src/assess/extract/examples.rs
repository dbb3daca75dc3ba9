//! Examples of checked records: the first rows, in memory until the report is made, and masked there.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::alphabet::is_plain;
use super::excerpt;
use super::field::Field;
use super::report::FieldReport;
use crate::assess::passport::{Bilingual, BrokenRule, CheckedValue, RecordCheck};
use crate::assess::restricted::masked;
use crate::document::{Rule, Type, reads_as, type_of_text};
use crate::encode::Language;

/// The first rows, among which examples are looked for, and the values of one of them.
const MOST_ROWS: usize = 20;
const MOST_VALUES: usize = 2_000;

/// Examples of rows that are good, and of rows that are not.
const MOST_GOOD: usize = 3;
const MOST_BROKEN: usize = 10;

/// The first rows.
#[derive(Debug, Default)]
pub(super) struct FirstRows {
    rows: Vec<Vec<FirstValue>>,
}

/// A value of a first row.
#[derive(Debug)]
struct FirstValue {
    field: usize,
    /// Its start.
    text: Box<str>,
    /// Whether all of it is in the alphabet of String.
    is_plain: bool,
}

impl FirstRows {
    /// Takes in a value of a row, which counts from 0. One that says that there is none does not count.
    pub(super) fn add(&mut self, row: u64, field: usize, text: &str) {
        let Some(row) = usize::try_from(row).ok().filter(|row| *row < MOST_ROWS) else { return };
        let text = text.trim();
        if type_of_text(text).is_none() {
            return;
        }
        if self.rows.len() <= row {
            self.rows.resize_with(row + 1, Vec::new);
        }
        if let Some(values) = self.rows.get_mut(row).filter(|values| values.len() < MOST_VALUES) {
            values.push(FirstValue { field, text: excerpt(text).into(), is_plain: is_plain(text) });
        }
    }

    /// Good rows, those with the most values, then rows with values that are not of their field's type, or have other
    /// characters than a String may have. No value of a
    /// field that is masked in its report stands here.
    pub(super) fn checks(&self, all: &[Field], reports: &[FieldReport]) -> Vec<RecordCheck> {
        let checks: Vec<RecordCheck> = (1..)
            .zip(&self.rows)
            .filter(|(_, values)| !values.is_empty())
            .map(|(row, values)| check(row, values, all, reports))
            .collect();
        let (mut good, mut broken): (Vec<_>, Vec<_>) = checks.into_iter().partition(RecordCheck::is_good);
        good.sort_by_key(|check| Reverse(check.values.iter().filter(|it| it.value.is_some()).count()));
        good.truncate(MOST_GOOD);
        good.sort_by_key(|check| check.row);
        broken.truncate(MOST_BROKEN);
        good.append(&mut broken);
        good
    }
}

fn check(row: u64, values: &[FirstValue], all: &[Field], reports: &[FieldReport]) -> RecordCheck {
    let mut found_in: HashMap<&str, Vec<&FirstValue>> = HashMap::new();
    for value in values {
        if let Some(field) = all.get(value.field) {
            found_in.entry(&field.path).or_default().push(value);
        }
    }
    let mut found = RecordCheck { row, ..RecordCheck::default() };
    for report in reports {
        let values = found_in.get(report.field.as_str()).map(Vec::as_slice).unwrap_or_default();
        let shown = |text: &str| if report.is_masked { masked(text) } else { text.to_owned() };
        let kind = Type::named(report.kind).unwrap_or(Type::String);
        for value in values {
            let rule = broken_rule(kind, value);
            found.broken.extend(rule.map(|rule| breach(&report.field, rule, shown(&value.text))));
        }
        let texts = || values.iter().map(|value| shown(&value.text)).collect::<Vec<_>>();
        let value = (!values.is_empty()).then(|| texts().join("; "));
        found.values.push(CheckedValue { attribute: report.field.clone(), value });
    }
    found
}

/// What a value of a field of that type breaks, as the passport of a dataset would tell it.
fn broken_rule(kind: Type, value: &FirstValue) -> Option<Rule> {
    let rule = match kind {
        Type::Int => Rule::ValueNotAnInt,
        Type::Double => Rule::ValueNotADouble,
        Type::Boolean => Rule::ValueNotABoolean,
        Type::Date => Rule::ValueNotADate,
        Type::Geoposition => Rule::ValueNotAPosition,
        Type::String => return (!value.is_plain).then_some(Rule::TextAlphabet),
        Type::Object | Type::List => return None,
    };
    (!reads_as(&value.text, kind)).then_some(rule)
}

fn breach(field: &str, rule: Rule, found: String) -> BrokenRule {
    let sentence = |language| rule.sentence(language);
    BrokenRule {
        attribute: field.to_owned(),
        code: rule.code().to_owned(),
        expected: Bilingual::new(sentence(Language::Kazakh), sentence(Language::Russian)),
        found: Some(found),
    }
}

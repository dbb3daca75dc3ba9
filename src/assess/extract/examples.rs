//! Examples of checked records: the first rows, in memory until the report is made, and masked there.

use std::cmp::Reverse;
use std::collections::HashMap;

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

/// The first rows: of each value its field and its start.
#[derive(Debug, Default)]
pub(super) struct FirstRows {
    rows: Vec<Vec<(usize, Box<str>)>>,
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
            values.push((field, excerpt(text).into()));
        }
    }

    /// Good rows, those with the most values, then rows with values that are not of their field's type. No value of a
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

fn check(row: u64, values: &[(usize, Box<str>)], all: &[Field], reports: &[FieldReport]) -> RecordCheck {
    let mut texts: HashMap<&str, Vec<&str>> = HashMap::new();
    for (field, text) in values {
        if let Some(field) = all.get(*field) {
            texts.entry(&field.path).or_default().push(text);
        }
    }
    let mut found = RecordCheck { row, ..RecordCheck::default() };
    for report in reports {
        let texts = texts.get(report.field.as_str()).map(Vec::as_slice).unwrap_or_default();
        let shown = |text: &str| if report.is_masked { masked(text) } else { text.to_owned() };
        let kind = Type::named(report.kind).unwrap_or(Type::String);
        for text in texts.iter().filter(|text| !reads_as(text, kind)) {
            found.broken.extend(breach(&report.field, kind, shown(text)));
        }
        let value =
            (!texts.is_empty()).then(|| texts.iter().map(|text| shown(text)).collect::<Vec<_>>().join("; "));
        found.values.push(CheckedValue { attribute: report.field.clone(), value });
    }
    found
}

/// What a value breaks that is not of its field's type.
fn breach(field: &str, kind: Type, found: String) -> Option<BrokenRule> {
    let rule = match kind {
        Type::Int => Rule::ValueNotAnInt,
        Type::Double => Rule::ValueNotADouble,
        Type::Boolean => Rule::ValueNotABoolean,
        Type::Date => Rule::ValueNotADate,
        Type::Geoposition => Rule::ValueNotAPosition,
        Type::String | Type::Object | Type::List => return None,
    };
    let sentence = |language| rule.sentence(language);
    Some(BrokenRule {
        attribute: field.to_owned(),
        code: rule.code().to_owned(),
        expected: Bilingual::new(sentence(Language::Kazakh), sentence(Language::Russian)),
        found: Some(found),
    })
}

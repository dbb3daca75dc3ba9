//! What is told of an extract.

use serde::Serialize;

use super::criteria::{Criterion, Said};
use super::field::Field;
use super::profile::Profile;
use super::readiness::{Part, Readiness};
use super::sheet::SheetReport;
use super::{Form, Options};
use crate::assess::passport::RecordCheck;
use crate::assess::restricted::{Day, FieldHit, FieldScan, finish_together, kinds_of, masked, restricting};
use crate::error::Result;

/// Frequent values that are shown of a field.
const MOST_TOP: usize = 10;

/// Patterns that are shown of a field.
const MOST_PATTERNS: usize = 5;

/// The score from which on an extract is ready.
pub(super) const READY_FROM: f64 = 70.0;

/// What an extract holds, and what is to be thought of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Its rows.
    pub rows: u64,
    /// Whether it may be opened.
    pub verdict: Verdict,
    /// Why.
    pub reasons: Vec<Reason>,
    /// The four criteria (order 111 of 2021, paragraph 7).
    pub criteria: Vec<Criterion>,
    /// Why it is not restricted though it holds personal data, where a person said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_restricted: Option<String>,
    /// How ready it is.
    pub readiness: Readiness,
    /// Its fields, in their order.
    pub fields: Vec<FieldReport>,
    /// The other sheets of a workbook that have rows; all above is of the first one with a head, but for the verdict,
    /// its reasons and the first criterion.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sheets: Vec<SheetReport>,
    /// What it came in; the order's template is read as the JSON that it stands for.
    #[serde(skip)]
    pub form: Form,
    /// The first rows as examples of checked records, with what is masked above masked here: for the passport's draft.
    #[serde(skip)]
    pub examples: Vec<RecordCheck>,
}

/// What is to be thought of an extract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It holds personal data or bank accounts: it must not be opened until a person says otherwise (order 111 of
    /// 2021, paragraph 7, 1).
    Restricted,
    /// It holds none that was found, and its score is 70 or more.
    Ready,
    /// It holds none that was found, and its score is less.
    NotReady,
}

impl Verdict {
    /// The verdict on an extract that is not restricted.
    pub(super) const fn of_score(score: f64) -> Self {
        if score >= READY_FROM { Self::Ready } else { Self::NotReady }
    }

    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Restricted => "restricted",
            Self::Ready => "ready",
            Self::NotReady => "not_ready",
        }
    }
}

/// A reason for a verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// The rule of the scan, such as `iin`, or the part of the score that is not full.
    pub code: &'static str,
    /// The field that it is about, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The sheet of a workbook, where it is about another than the first one with a head.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// The reason as a sentence.
    pub text: String,
}

/// What a field holds.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FieldReport {
    /// Its path: `schedule.open`, `phones[]`.
    pub field: String,
    /// The type that is declared, else the one that more than half of its values have.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The sign before the fraction of its numbers, where that is a comma: in a table whose cells a semicolon parts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimal_sign: Option<char>,
    /// Characters that the order does not list for String, the most frequent first: for the passport's draft.
    #[serde(skip)]
    pub beyond_alphabet: Vec<char>,
    /// Whether a document declares it.
    pub is_declared: bool,
    /// Its labels in Kazakh and in Russian, where a document has them.
    #[serde(skip)]
    pub labels: [String; 2],
    /// Whether it holds addresses.
    pub is_address: bool,
    /// Its values that are not null: more than rows in a List.
    pub values: u64,
    /// Rows without a value.
    pub nulls: u64,
    /// Values that are of its type.
    pub typed: u64,
    /// Its different values: exactly, or at least so many.
    pub distinct: u64,
    /// Whether `distinct` is exact.
    pub is_distinct_exact: bool,
    /// Whether each row has a value and each another.
    pub is_key: bool,
    /// The least value: by number, by time, or by letters.
    pub least: Option<String>,
    /// The greatest value.
    pub greatest: Option<String>,
    /// Characters of the shortest value.
    pub least_length: Option<u64>,
    /// Characters of the longest value.
    pub greatest_length: Option<u64>,
    /// How its values are written: digits are 9, letters A and a.
    pub patterns: Vec<Counted>,
    /// Its frequent values.
    pub top: Vec<Counted>,
    /// Whether its values are masked here.
    pub is_masked: bool,
    /// What the scan for restricted data found.
    pub restricted: Vec<RuleHit>,
}

/// A text, and how many values are so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// The value, or the pattern.
    pub text: String,
    /// How many.
    pub count: u64,
}

/// What the scan found of one kind.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RuleHit {
    /// The rule: `iin`, `full_name`.
    pub rule: &'static str,
    /// Its name in Kazakh.
    pub name_kk: &'static str,
    /// Its name in Russian.
    pub name_ru: &'static str,
    /// Values with a hit.
    pub count: u64,
    /// `count` of the field's values, from 0 to 1.
    pub share: f64,
    /// Whether chance does not explain them.
    pub is_beyond_chance: bool,
    /// Whether it restricts the table.
    pub is_restricting: bool,
    /// Different ones of those found, masked.
    pub samples: Vec<String>,
}

/// What the scans of all fields found. Members of one Object, and columns of one table, stand side by side.
pub(super) fn field_hits(profile: &mut Profile<'_>, options: &Options<'_>) -> Vec<Vec<FieldHit>> {
    let scan = |field: &mut Field| std::mem::replace(&mut field.scan, FieldScan::new(options.as_of));
    let scans: Vec<FieldScan> = profile.fields.iter_mut().map(scan).collect();
    let group = |path| match (options.form, str::rsplit_once(path, '.')) {
        (Form::Json, Some((object, _))) => object,
        _ => "",
    };
    finish_together(profile.fields.iter().map(|field| group(field.path.as_str())).zip(scans))
}

/// The report over an extract that was taken in, with that over the other sheets.
pub(super) fn of(
    mut profile: Profile<'_>,
    sheets: Vec<SheetReport>,
    options: &Options<'_>,
) -> Result<Report> {
    let hits = field_hits(&mut profile, options);
    let all = &profile.fields;
    let shown = all.iter().zip(hits).filter(|(field, _)| !is_container(field, all));
    let (fields, hits): (Vec<&Field>, Vec<Vec<FieldHit>>) = shown.unzip();
    let readiness = Readiness::of(&profile, &fields, options.datasets)?;
    let table: Vec<(&str, Vec<FieldHit>)> =
        fields.iter().zip(hits).map(|(field, hits)| (field.path.as_str(), hits)).collect();
    let restricting: Vec<(&str, &FieldHit)> = restricting(&table).collect();
    let is_restricted = !restricting.is_empty();
    let reports = fields.iter().zip(&table).map(|(field, (_, hits))| {
        let restricts = |hit: &FieldHit| restricting.iter().any(|(_, it)| std::ptr::eq(*it, hit));
        let rules = hits.iter().map(|hit| rule_hit(hit, restricts(hit))).collect();
        let is_masked = is_restricted || hits.iter().any(|hit| hit.kind.is_personal());
        field_report(field, profile.rows, is_masked, rules, options.as_of)
    });
    let reports: Vec<FieldReport> = reports.collect();
    let mut report = Report {
        rows: profile.rows,
        verdict: Verdict::of_score(readiness.score),
        reasons: restricting.iter().map(|(field, hit)| restriction(field, hit)).collect(),
        criteria: Vec::new(),
        not_restricted: None,
        examples: profile.first.checks(all, &reports),
        fields: reports,
        sheets,
        form: options.form,
        readiness,
    };
    if is_restricted || report.has_restricted_sheet() {
        report.verdict = Verdict::Restricted;
    }
    report.reasons.extend(report.reasons_of_sheets());
    report.reasons.extend(missing(&report.readiness));
    report.criteria = report.judged(&Said::default());
    Ok(report)
}

/// Whether a field without values is the name of an Object or a List that other rows have there.
fn is_container(field: &Field, all: &[Field]) -> bool {
    let is_inside = |other: &Field| {
        let rest = other.path.strip_prefix(field.path.as_str());
        rest.is_some_and(|rest| rest.starts_with('.') || rest.starts_with("[]"))
    };
    field.values == 0 && field.declared.is_none() && all.iter().any(is_inside)
}

fn restriction(field: &str, hit: &FieldHit) -> Reason {
    let FieldHit { kind, hits, values, .. } = hit;
    let text = format!("{} ({}) in {hits} of {values} values", kind.name_kk(), kind.name_ru());
    Reason { code: kind.code(), field: Some(field.to_owned()), sheet: None, text }
}

/// The parts of the score that are not full.
fn missing(readiness: &Readiness) -> impl Iterator<Item = Reason> {
    let is_missing = |part: &&Part| part.share.is_some_and(|share| share < 1.0);
    readiness.parts.iter().filter(is_missing).map(|part| {
        let Part { part, count, of, about, .. } = part;
        Reason { code: part, field: None, sheet: None, text: format!("{about}: {count} of {of}") }
    })
}

pub(super) fn rule_hit(hit: &FieldHit, is_restricting: bool) -> RuleHit {
    RuleHit {
        rule: hit.kind.code(),
        name_kk: hit.kind.name_kk(),
        name_ru: hit.kind.name_ru(),
        count: hit.hits,
        share: hit.share,
        is_beyond_chance: hit.is_beyond_chance,
        is_restricting,
        samples: hit.samples.clone(),
    }
}

fn field_report(
    field: &Field,
    rows: u64,
    is_masked: bool,
    restricted: Vec<RuleHit>,
    as_of: Day,
) -> FieldReport {
    // Nobody is named by a label either.
    let is_personal = |label: &str| kinds_of(label, as_of).any(|(kind, _)| kind.is_personal());
    let label = |label: &String| if is_personal(label) { masked(label) } else { label.clone() };
    let shown = |text: &str| if is_masked { masked(text) } else { text.to_owned() };
    let range = field.range();
    FieldReport {
        field: field.path.clone(),
        kind: field.kind().word(),
        decimal_sign: field.has_decimal_comma().then_some(','),
        beyond_alphabet: field.beyond.top(),
        is_declared: field.declared.is_some(),
        labels: field.declared.as_ref().map_or_else(Default::default, |it| it.labels.each_ref().map(label)),
        is_address: field.is_address(),
        values: field.values,
        nulls: rows - field.rows,
        typed: field.typed(),
        distinct: field.distinct.distinct(),
        is_distinct_exact: field.distinct.is_exact(),
        is_key: field.is_key(rows),
        least: range.map(|[least, _]| shown(least)),
        greatest: range.map(|[_, greatest]| shown(greatest)),
        least_length: field.lengths.map(|[least, _]| least),
        greatest_length: field.lengths.map(|[_, greatest]| greatest),
        patterns: counted(&field.patterns.top(MOST_PATTERNS), str::to_owned),
        top: counted(&field.distinct.top(MOST_TOP), shown),
        is_masked,
        restricted,
    }
}

fn counted(texts: &[(&str, u64)], shown: impl Fn(&str) -> String) -> Vec<Counted> {
    texts.iter().map(|(text, count)| Counted { text: shown(text), count: *count }).collect()
}

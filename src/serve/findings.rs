//! `GET /datasets/{apiUri}/findings`: what a dataset's document breaks.

use axum::response::Response;
use serde_json::{Value, json};

use super::links;
use super::request::Call;
use super::response::{list, not_modified, tagged};
use crate::catalog::{FindingRow, finding_rows, finding_table};
use crate::document::{Findings, Rule, Severity};
use crate::encode::{Format, Language, Outcome};
use crate::error::Result;

/// What is asked for.
struct Wanted<'a> {
    rule: Option<Rule>,
    severity: Option<Severity>,
    field: Option<&'a str>,
}

impl Wanted<'_> {
    fn has(&self, rule: Rule, field: &str) -> bool {
        self.rule.is_none_or(|wanted| wanted == rule)
            && self.severity.is_none_or(|wanted| wanted == rule.severity())
            && self.field.is_none_or(|wanted| wanted == field)
    }
}

/// The findings that were kept one by one, and in JSON the exact totals by rule and field.
pub(super) async fn findings(call: Call) -> Result<Response> {
    let params = call.params()?;
    let (format, labels) = (params.format(call.headers())?, params.language()?);
    let language = labels.unwrap_or_default();
    let wanted = Wanted {
        rule: params.one_of("rule", Rule::ALL, Rule::code)?,
        severity: params.one_of("severity", &Severity::ALL, Severity::as_str)?,
        field: params.text("field"),
    };
    let (dataset, snapshot) = call.dataset_in()?;
    links::counted(&call.app, &snapshot, Some(dataset.name())).await?;
    let parts =
        [dataset.fingerprint(), snapshot.surroundings(&dataset), links::completeness([&dataset].into_iter())];
    let fingerprint = call.fingerprint(format, parts);
    if call.has(fingerprint) {
        return Ok(not_modified(fingerprint));
    }
    let findings = dataset.findings();
    let kept = findings.iter().map(|finding| wanted.has(finding.rule, &finding.field));
    let rows = finding_rows(dataset.name(), Some(dataset.version), findings, language).zip(kept);
    let rows: Vec<FindingRow> = rows.filter(|(_, is_wanted)| *is_wanted).map(|(row, _)| row).collect();
    let totals = (format == Format::Json).then(|| ("totals", totals(findings, &wanted, language)));
    let outcome = Outcome {
        members: totals.into_iter().collect(),
        elapsed: call.started.elapsed(),
        ..Outcome::default()
    };
    Ok(tagged(list(&finding_table(&rows), (format, labels), &outcome)?, fingerprint))
}

/// The exact totals by rule and field, with what the rule expects and where it comes from.
fn totals(findings: &Findings, wanted: &Wanted<'_>, language: Language) -> Value {
    let totals = findings.totals().filter(|(rule, field, _)| wanted.has(*rule, field));
    let totals = totals.map(|(rule, field, total)| {
        json!({
            "rule": rule.code(),
            "severity": rule.severity().as_str(),
            "field": Some(field).filter(|field| !field.is_empty()),
            "total": total,
            "expected": rule.sentence(language),
            "source": rule.source_in(language),
        })
    });
    totals.collect()
}

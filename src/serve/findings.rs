//! `GET /datasets/{apiUri}/findings`: what a dataset's document breaks.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value, json};

use super::App;
use super::request::{Params, dataset_name};
use super::response::{answer, whole, whole_json};
use crate::catalog::{FindingRow, finding_rows, finding_table};
use crate::document::{Findings, Rule, Severity};
use crate::encode::{Format, Language};
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
pub(super) async fn findings(
    State(app): State<Arc<App>>,
    name: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let run = || {
        let started = Instant::now();
        let params = Params::parse(query.as_deref(), &["rule", "severity", "field", "lang", "format"])?;
        let (format, language) = (params.format(&headers)?, params.language()?);
        let wanted = Wanted {
            rule: params.one_of("rule", Rule::ALL, Rule::code)?,
            severity: params.one_of("severity", &Severity::ALL, Severity::as_str)?,
            field: params.text("field"),
        };
        let snapshot = app.catalog().snapshot();
        let dataset = snapshot.require(&dataset_name(name)?)?;
        let document = &dataset.document;
        let kept = document.findings.iter().map(|finding| wanted.has(finding.rule, &finding.field));
        let rows = finding_rows(document, Some(dataset.version), language).zip(kept);
        let rows: Vec<FindingRow> = rows.filter(|(_, is_wanted)| *is_wanted).map(|(row, _)| row).collect();
        let table = finding_table(&rows);
        if format != Format::Json {
            return whole(&table, format, started);
        }
        whole_json(&table, ("totals", totals(&document.findings, &wanted, language)), started)
    };
    answer(run())
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

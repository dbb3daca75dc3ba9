//! `GET /report`: the monthly report as a page.

use std::sync::Arc;

use axum::response::Response;
use chrono::{NaiveDate, Utc};

use super::request::{Call, wrong};
use super::response::{bytes, status};
use crate::assess::report::{Inquiry, QUERIES, Report, iso, today};
use crate::encode::Language;
use crate::error::Result;

/// The report of a day: the rows of its queries, asked one after the other. A query that is at fault is left out,
/// and the page and the log say so; where the server cannot answer now, neither can the report.
pub(super) async fn report(call: Call) -> Result<Response> {
    let (as_of, language) = asked(&call)?;
    let (app, client) = (Arc::clone(&call.app), call.client());
    let inquiry = Inquiry { queries: &app.queries, named: &app.named, as_of, client, door: "GET /report" };
    let (mut tables, mut unanswered) = (Vec::new(), Vec::new());
    for name in QUERIES {
        match inquiry.table(name).await {
            Ok(table) => tables.extend(table),
            Err(error) if status(error.code).is_server_error() => return Err(error),
            Err(error) => {
                tracing::warn!(code = %error.code, "the report lacks {name}: {error}");
                unanswered.push(name);
            }
        }
    }
    let report = Report { as_of, language, publisher: None, tables, unanswered };
    let page = app.queries.apart(move || Ok(report.to_html())).await?;
    Ok(bytes("text/html; charset=utf-8", page))
}

/// The day and the language that are asked for.
fn asked(call: &Call) -> Result<(NaiveDate, Language)> {
    let params = call.params()?;
    let as_of = match params.text("as_of") {
        None => today(Utc::now()),
        Some(text) => iso(text).ok_or_else(|| {
            wrong("as_of", format!("'as_of' is '{text}'; expected a day such as 2026-11-01"))
        })?,
    };
    Ok((as_of, params.language()?.unwrap_or(Language::Kazakh)))
}

//! `GET /report`: the monthly report as a page.

use std::sync::Arc;

use axum::response::Response;
use chrono::{DateTime, NaiveDate, Utc};

use super::request::{Call, wrong};
use super::response::{bytes, status};
use crate::assess::moment::{self, EXPECTED_DAY, end_of};
use crate::assess::report::{Inquiry, QUERIES, Report, today};
use crate::encode::Language;
use crate::error::Result;

/// The report of a day, or of this moment: the rows of its queries, asked one after the other. A query that is at fault is left out,
/// and the page and the log say so; where the server cannot answer now, neither can the report.
pub(super) async fn report(call: Call) -> Result<Response> {
    let (day, as_of, language) = asked(&call)?;
    let app = Arc::clone(&call.app);
    let inquiry = Inquiry { queries: &app.queries, named: &app.named, as_of };
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
    let report = Report { as_of: day, language, publisher: None, tables, unanswered };
    let page = app.queries.apart(move || Ok(report.to_html())).await?;
    Ok(bytes("text/html; charset=utf-8", page))
}

/// The day, the moment up to which things count, and the language that are asked for.
fn asked(call: &Call) -> Result<(NaiveDate, DateTime<Utc>, Language)> {
    let params = call.params()?;
    let language = params.language()?.unwrap_or(Language::Kazakh);
    let Some(text) = params.text("as_of") else {
        let now = Utc::now();
        return Ok((today(now), now, language));
    };
    let day = moment::day(text)
        .ok_or_else(|| wrong("as_of", format!("'as_of' is '{text}'; expected {EXPECTED_DAY}")))?;
    Ok((day, end_of(day), language))
}

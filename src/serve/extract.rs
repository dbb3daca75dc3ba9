//! `POST /assess/extract`: what an extract holds. Nothing of it is kept.

use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use chrono::Utc;

use super::request::{Call, wrong};
use super::response::object;
use crate::assess::extract::{Form, MOST_BYTES, Options, analyse as analyse_bytes};
use crate::assess::moment::{self, EXPECTED_DAY};
use crate::assess::restricted::Day;
use crate::error::{Code, Error, Result};

/// Judges the extract in the body.
pub(super) async fn analyse(mut call: Call) -> Result<Response> {
    let as_of = {
        let params = call.params()?;
        day(params.text("as_of"))?
    };
    let kind = call.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let form = Form::of_media_type(kind.unwrap_or_default())?;
    // Each holds its file in memory: few at a time, and those that wait have sent nothing yet.
    let timeout = call.app.queries.limits().timeout;
    let app = std::sync::Arc::clone(&call.app);
    let busy =
        || Error::new(Code::QueryBusy, "other extracts are being judged").hint("try again in a moment");
    let turn = tokio::time::timeout(timeout, app.extracts.acquire()).await.map_err(|_late| busy())?;
    let _turn = turn.map_err(|_closed| busy())?;
    let bytes = call.body(MOST_BYTES).await?;
    let snapshot = call.app.catalog().snapshot();
    let work = call.app.queries.apart_checked(move |check| {
        analyse_bytes(&bytes, &Options { form, as_of, datasets: Some(&snapshot), check })
    });
    let report = work.await?;
    let report = serde_json::to_value(&report)
        .map_err(|error| Error::new(Code::Internal, "the report cannot be written").caused_by(error))?;
    Ok(object(&report))
}

/// The day that is asked for, or today.
fn day(text: Option<&str>) -> Result<Day> {
    let date = match text {
        None => Some(Utc::now().date_naive()),
        Some(text) => moment::day(text),
    };
    let found = text.unwrap_or_default();
    date.and_then(Day::of)
        .ok_or_else(|| wrong("as_of", format!("'as_of' is '{found}'; expected {EXPECTED_DAY}")))
}

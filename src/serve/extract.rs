//! `POST /assess/extract`: what an extract holds. Nothing of it is kept.

use std::sync::Arc;

use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use chrono::{DateTime, Utc};
use serde_json::Value;

use super::App;
use super::request::{Call, wrong};
use super::response::object;
use crate::assess::extract::{
    Demand, EXPECTED_LINK, Form, MOST_BYTES, Options, Report, Said, analyse as analyse_bytes, is_link,
};
use crate::assess::moment::{self, EXPECTED_DAY};
use crate::assess::passport::{Form as DraftForm, Language};
use crate::assess::restricted::Day;
use crate::error::{Code, Error, Result};

/// What is asked of an extract.
struct Asked {
    as_of: Day,
    /// The end of that day, or now: later requests do not count.
    until: DateTime<Utc>,
    /// What it is about.
    topic: Option<String>,
    said: Said,
    /// The form of the draft that is to go with the answer.
    draft: Option<DraftForm>,
    language: Language,
}

/// Judges the extract in the body.
pub(super) async fn analyse(mut call: Call) -> Result<Response> {
    let mut asked = asked(&call)?;
    let kind = call.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let form = Form::of_media_type(kind.unwrap_or_default())?;
    let app = Arc::clone(&call.app);
    if let Some(topic) = &asked.topic {
        asked.said.demand = demand(&app, topic, asked.until).await?;
    }
    // Each holds its file in memory and takes a core: one at a time, and those that wait have sent nothing yet.
    let timeout = app.queries.limits().timeout;
    let busy =
        || Error::new(Code::QueryBusy, "other extracts are being judged").hint("try again in a moment");
    let turn = tokio::time::timeout(timeout, app.extracts.acquire()).await.map_err(|_late| busy())?;
    let _turn = turn.map_err(|_closed| busy())?;
    let bytes = call.body(MOST_BYTES).await?;
    let snapshot = app.catalog().snapshot();
    let work = app.queries.beside(move |check| {
        let options = Options { form, as_of: asked.as_of, datasets: Some(&snapshot), check };
        answer(&analyse_bytes(&bytes, &options)?.with_said(&asked.said), &asked)
    });
    Ok(object(&work.await?))
}

/// The report, with the draft of a passport where one is asked for: an object of both languages, or a text.
fn answer(report: &Report, asked: &Asked) -> Result<Value> {
    let mut answer = serde_json::to_value(report)
        .map_err(|error| Error::new(Code::Internal, "the report cannot be written").caused_by(error))?;
    if let Some(form) = asked.draft {
        let draft = report.draft(asked.topic.as_deref().unwrap_or("extract"));
        answer["passport"] = match form {
            DraftForm::Json => draft.to_json(),
            DraftForm::Html | DraftForm::Markdown => draft.written(form, asked.language).into(),
        };
    }
    Ok(answer)
}

fn asked(call: &Call) -> Result<Asked> {
    let params = call.params()?;
    let text = |name| params.text(name).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    let published_at = text("published_at");
    if let Some(address) = published_at.as_ref().filter(|address| !is_link(address)) {
        let message = format!("'published_at' is '{address}'; expected {EXPECTED_LINK}");
        return Err(wrong("published_at", message));
    }
    Ok(Asked {
        as_of: day(params.text("as_of"))?,
        until: params.text("as_of").and_then(moment::day).map_or_else(Utc::now, moment::end_of),
        topic: text("topic"),
        said: Said { demand: None, not_restricted: text("not_restricted"), published_at },
        draft: params.one_of("passport", &DraftForm::ALL, DraftForm::name)?,
        language: params.one_of("lang", &Language::ALL, Language::code)?.unwrap_or(Language::Kk),
    })
}

/// Who asks for the topic; none where this server keeps no requests.
async fn demand(app: &App, topic: &str, until: DateTime<Utc>) -> Result<Option<Demand>> {
    if app.catalog().requests()?.is_none() {
        return Ok(None);
    }
    Demand::of_topic(topic, (&app.queries, &app.named), until).await
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

//! `POST /datasets/{apiUri}/passport/steps`: how far the passport of a dataset has come.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::json;

use super::App;
use super::publishing::{authorised, require_name};
use super::request::Call;
use super::requests::blocking;
use super::response::object;
use crate::assess::moment::{self, EXPECTED_DAY};
use crate::assess::passport::{History, Step};
use crate::assess::report::today;
use crate::assess::restricted::mask_persons;
use crate::catalog::{NewStep, PassportSteps, Record, RequestForm, records};
use crate::error::{Code, Error, Place, Result};

/// The longest body.
const MOST_BYTES: usize = 128 << 10;

/// A step as somebody says it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    step: String,
    /// `2026-11-20`; today in Kazakhstan, where nothing is said.
    at: Option<String>,
    by: Option<String>,
    note: Option<String>,
}

impl Record for Said {
    const WHAT: &'static str = "a step";
    const MEMBERS: &'static str = "step; where known at, by, note";
}

/// Keeps a step, and answers all that the passport has taken. It takes the right to publish the dataset: the body that
/// answers for the set agrees, approves and publishes, and whoever acts for the integrator gets a token for the same set
/// or for all; whose token it was is kept with each step. The dataset need not be there: its passport comes first.
pub(super) async fn add(mut call: Call) -> Result<Response> {
    call.params()?;
    // Where letter case differs, the name is as it is published, or as its first step has it.
    let published = call.dataset().map(|dataset| dataset.name().to_owned()).ok();
    let asked = call.segment("apiUri").to_owned();
    let dataset = match published {
        Some(dataset) => dataset,
        None => first_name(&call.app, asked).await?,
    };
    let token = authorised(&call, &dataset)?;
    require_name(&dataset)?;
    let steps = kept(&call)?;
    let body = call.body(MOST_BYTES).await?;
    let now = Utc::now();
    let step = said(&body, dataset, now)?;
    let (dataset, word) = (step.dataset.clone(), step.step.clone());
    let written_by = token.name.clone();
    let add = move || {
        let history =
            steps.add(&step, (now, &written_by), |before| History::may_add(before, &step, today(now)))?;
        History::of_kept(&history)
    };
    let history = blocking(add).await??;
    tracing::info!(token = token.name, dataset, step = word, "a step of a passport");
    let state = history.last().map(|state| state.step.name());
    let mut response = object(&json!({"dataset": dataset, "state": state, "history": history.to_json()}));
    *response.status_mut() = StatusCode::CREATED;
    Ok(response)
}

/// A name as the first step that is kept of it has it, in whatever letter case; itself where there is none.
async fn first_name(app: &App, name: String) -> Result<String> {
    let Some(steps) = app.catalog().passport_steps()?.cloned() else { return Ok(name) };
    let first = move || {
        let first = steps.of_dataset(&name)?.into_iter().next();
        Ok(first.map_or(name, |kept| kept.said.dataset))
    };
    blocking(first).await?
}

fn kept(call: &Call) -> Result<Arc<PassportSteps>> {
    call.app.catalog().passport_steps()?.cloned().ok_or_else(|| {
        Error::new(Code::StoreReadOnly, "there is no store to keep steps in")
            .hint("start with derek serve --store DIR")
    })
}

/// The step in a body, with what tells of persons masked: everybody reads the steps.
fn said(body: &[u8], dataset: String, now: DateTime<Utc>) -> Result<NewStep> {
    let expected = |error: Error| {
        let words = Step::ALL.map(Step::name).join(", ");
        error.hint(format!(
            "expected {{\"step\": one of {words}, \"at\": \"2026-11-20\", \"by\": who, \"note\": a text}}"
        ))
    };
    let (said, is_one) = records::<Said>(RequestForm::Json, body).map_err(expected)?;
    let one = said.into_iter().next().filter(|_| is_one);
    let many =
        || expected(Error::new(Code::RequestBody, "expected one step, which is an object; found a list"));
    let Said { step, at, mut by, mut note } = one.ok_or_else(many)?;
    by.iter_mut().chain(&mut note).for_each(|text| mask_persons(text, now));
    let at = at.map_or_else(|| Ok(today(now)), |text| day(&text))?;
    Ok(NewStep { dataset, step, at, by, note })
}

fn day(text: &str) -> Result<NaiveDate> {
    moment::day(text).ok_or_else(|| {
        let message = format!("'at' is '{text}'; expected {EXPECTED_DAY}");
        Error::new(Code::RequestBody, message).at(Place::field("at"))
    })
}

//! `POST /datasets/{apiUri}/passport/steps`: how far the passport of a dataset has come.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::json;

use super::publishing::{authorised, require_name};
use super::request::Call;
use super::requests::blocking;
use super::response::object;
use crate::assess::moment::{self, EXPECTED_DAY};
use crate::assess::passport::{History, Step};
use crate::assess::report::today;
use crate::assess::restricted::mask_persons;
use crate::catalog::{NewStep, PassportSteps};
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

/// Keeps a step, and answers all that the passport has taken. It takes the right to publish the dataset: the body that
/// answers for the set agrees, approves and publishes, and whoever acts for the integrator gets a token for the same set
/// or for all; whose token it was is kept with each step. The dataset need not be there: its passport comes first.
pub(super) async fn add(mut call: Call) -> Result<Response> {
    call.params()?;
    // The name as it is published, where letter case differs.
    let dataset =
        call.dataset().map_or_else(|_| call.segment("apiUri").to_owned(), |it| it.name().to_owned());
    let token = authorised(&call, &dataset)?;
    require_name(&dataset)?;
    let steps = kept(&call)?;
    let body = call.body(MOST_BYTES).await?;
    let now = Utc::now();
    let step = said(&body, dataset, now)?;
    let (name, word) = (step.dataset.clone(), step.step.clone());
    let written_by = token.name.clone();
    let add = move || {
        let history =
            steps.add(&step, (now, &written_by), |before| History::may_add(before, &step, today(now)))?;
        History::of_kept(&history)
    };
    let history = blocking(add).await??;
    tracing::info!(token = token.name, dataset = name, step = word, "a step of a passport");
    let state = history.last().map(|state| state.step.name());
    let mut response = object(&json!({"dataset": name, "state": state, "history": history.to_json()}));
    *response.status_mut() = StatusCode::CREATED;
    Ok(response)
}

fn kept(call: &Call) -> Result<Arc<PassportSteps>> {
    call.app.catalog().passport_steps().cloned().ok_or_else(|| {
        Error::new(Code::StoreReadOnly, "there is no store to keep steps in")
            .hint("start with derek serve --store DIR")
    })
}

/// The step in a body, with what tells of persons masked: everybody reads the steps.
fn said(body: &[u8], dataset: String, now: DateTime<Utc>) -> Result<NewStep> {
    let Said { step, at, mut by, mut note } = serde_json::from_slice(body).map_err(|error| {
        let words = Step::ALL.map(Step::name).join(", ");
        Error::new(Code::RequestBody, format!("the body is not what was expected: {error}")).hint(format!(
            "expected {{\"step\": one of {words}, \"at\": \"2026-11-20\", \"by\": who, \"note\": a text}}"
        ))
    })?;
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

//! `GET /datasets/{apiUri}/passport`: the technological passport of a dataset (order 111/НҚ/2021, annex 2).

use std::sync::Arc;

use axum::http::header::X_CONTENT_TYPE_OPTIONS;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use chrono::Utc;

use super::format::chosen;
use super::request::Call;
use super::requests::blocking;
use super::response::{bytes, not_modified, status, tagged};
use super::{App, links};
use crate::assess::passport::{Form, History, Language, Passport, PlanRow};
use crate::assess::restricted::Day;
use crate::encode::Format;
use crate::error::{Code, Error, Result};

/// The passport, filled as far as the dataset, its plan and its steps tell, in the language of the order where none is
/// asked for. Cost: a look at the plan; the profile and the scan of the dataset where nobody asked for them lately.
pub(super) async fn passport(call: Call) -> Result<Response> {
    let (form, language) = {
        let params = call.params()?;
        let language = params.one_of("lang", &Language::ALL, Language::code)?;
        let told = |form: Form| (form.name(), form.content_type());
        let form = chosen(params.text("format"), call.headers(), &Form::ALL, told)?;
        (form, language.unwrap_or(Language::Kk))
    };
    let (dataset, snapshot) = call.dataset_in()?;
    links::counted(&call.app, &snapshot, Some(dataset.name())).await?;
    let plan = plan(&call.app, dataset.name()).await?;
    let history = history(&call.app, dataset.name()).await?;
    let as_of = Day::of(Utc::now().date_naive())
        .ok_or_else(|| Error::new(Code::Internal, "the clock tells no day"))?;
    let version = [
        dataset.name(),
        dataset.fingerprint(),
        snapshot.surroundings(&dataset),
        links::completeness([&dataset].into_iter()),
        &format!("{as_of:?}"),
    ]
    .join("\n");
    let beside = format!("{plan:?} {history:?}");
    let fingerprint =
        call.fingerprint(Format::Json, [version.as_str(), beside.as_str(), form.name(), language.code()]);
    if call.has(fingerprint) {
        return Ok(not_modified(fingerprint));
    }
    let app = Arc::clone(&call.app);
    let write = move |check: &dyn Fn() -> Result<()>| {
        let draft = if let Some(draft) = app.drafts.get(&version) {
            draft
        } else {
            let draft = Arc::new(Passport::draft(&dataset, as_of, check)?);
            app.drafts.keep(version, &draft);
            draft
        };
        let passport = Passport { history, ..Passport::clone(&draft) };
        let passport = match &plan {
            Some(plan) => passport.with_plan(plan),
            None => passport,
        };
        Ok(passport.written(form, language))
    };
    let body = call.app.queries.apart_checked(write).await?;
    let mut response = bytes(form.content_type(), body);
    // Whatever a publisher's values are, they are no program.
    response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok(tagged(response, fingerprint))
}

/// What a publication plan says of a dataset. A plan that is at fault, such as an operator's own, is told in the log, and
/// leaves the passport without it; a server that cannot answer now does not.
async fn plan(app: &App, dataset: &str) -> Result<Option<PlanRow>> {
    match PlanRow::of_dataset(dataset, (&app.queries, &app.named), Utc::now()).await {
        Err(error) if !is_of_the_moment(&error) => {
            tracing::warn!(code = %error.code, "the passport of {dataset} lacks the plan: {error}");
            Ok(None)
        }
        answered => answered,
    }
}

/// Whether the same question may be answered later.
fn is_of_the_moment(error: &Error) -> bool {
    matches!(status(error.code), StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT)
}

/// The steps that the passport has taken.
async fn history(app: &App, dataset: &str) -> Result<History> {
    let Some(steps) = app.catalog().passport_steps().cloned() else { return Ok(History::default()) };
    let dataset = dataset.to_owned();
    History::of_kept(&blocking(move || steps.of_dataset(&dataset)).await??)
}

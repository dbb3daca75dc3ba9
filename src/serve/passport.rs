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
use crate::catalog::{Dataset, KeptStep, Snapshot};
use crate::encode::Format;
use crate::error::{Code, Error, Result};
use crate::query::Fingerprint;

/// How a passport is wanted.
#[derive(Debug, Clone, Copy)]
struct Wanted {
    form: Form,
    language: Language,
}

/// What is told of a passport by others than its dataset.
#[derive(Debug)]
struct Told {
    plan: Option<PlanRow>,
    /// The steps that it has taken; none where they cannot be read.
    history: Option<History>,
}

impl Told {
    fn added_to(self, passport: Passport) -> Passport {
        let passport = passport.with_history(self.history);
        match &self.plan {
            Some(plan) => passport.with_plan(plan),
            None => passport,
        }
    }
}

/// The passport, filled as far as the dataset, its plan and its steps tell, in the language of the order where none is
/// asked for; before the dataset is published, what the plan and the steps tell. Cost: a look at the plan; the profile
/// and the scan of the dataset where nobody asked for them lately.
pub(super) async fn passport(call: Call) -> Result<Response> {
    let wanted = {
        let params = call.params()?;
        let language = params.one_of("lang", &Language::ALL, Language::code)?;
        let told = |form: Form| (form.name(), form.content_type());
        let form = chosen(params.text("format"), call.headers(), &Form::ALL, told)?;
        Wanted { form, language: language.unwrap_or(Language::Kk) }
    };
    let found = call.dataset_in();
    match found {
        Ok((dataset, snapshot)) => of_dataset(call, wanted, dataset, snapshot).await,
        Err(error) if error.code == Code::CatalogUnknownDataset => of_steps(call, wanted, error).await,
        Err(error) => Err(error),
    }
}

async fn of_dataset(
    call: Call,
    wanted: Wanted,
    dataset: Arc<Dataset>,
    snapshot: Arc<Snapshot>,
) -> Result<Response> {
    links::counted(&call.app, &snapshot, Some(dataset.name())).await?;
    let told = told(&call.app, dataset.name()).await?;
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
    let fingerprint = tag(&call, &version, &told, wanted);
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
        Ok(told.added_to(Passport::clone(&draft)).written(wanted.form, wanted.language))
    };
    let body = call.app.queries.apart_checked(write).await?;
    Ok(page(body, wanted, fingerprint))
}

/// The passport of a dataset that is yet to be published, which has steps all the same: the last of them publishes it.
/// All that a dataset tells is missing. Without steps there is no passport, and the error stands.
async fn of_steps(call: Call, wanted: Wanted, unknown: Error) -> Result<Response> {
    let asked = call.segment("apiUri").to_owned();
    let kept = match steps(&call.app, &asked).await {
        Ok(kept) => kept,
        Err(error) if is_of_the_moment(&error) => return Err(error),
        Err(error) => {
            tracing::error!(code = %error.code, "{error}");
            Vec::new()
        }
    };
    let Some(first) = kept.first() else { return Err(unknown) };
    let name = first.said.dataset.clone();
    let told = told(&call.app, &name).await?;
    let fingerprint = tag(&call, &name, &told, wanted);
    if call.has(fingerprint) {
        return Ok(not_modified(fingerprint));
    }
    let passport = told.added_to(Passport { dataset: Some(name), ..Passport::default() });
    Ok(page(passport.written(wanted.form, wanted.language), wanted, fingerprint))
}

/// What tells this passport from any other one at its address.
fn tag(call: &Call, version: &str, told: &Told, Wanted { form, language }: Wanted) -> Fingerprint {
    let told = format!("{told:?}");
    call.fingerprint(Format::Json, [version, told.as_str(), form.name(), language.code()])
}

fn page(body: String, wanted: Wanted, fingerprint: Fingerprint) -> Response {
    let mut response = bytes(wanted.form.content_type(), body);
    // Whatever a publisher's values are, they are no program.
    response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    tagged(response, fingerprint)
}

async fn told(app: &App, dataset: &str) -> Result<Told> {
    Ok(Told { plan: plan(app, dataset).await?, history: history(app, dataset).await? })
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

/// The steps that the passport has taken. Steps that are damaged are told in the log, and leave the passport without
/// them, which it then says; a server that cannot answer now does not.
async fn history(app: &App, dataset: &str) -> Result<Option<History>> {
    match steps(app, dataset).await.and_then(|steps| History::of_kept(&steps)) {
        Err(error) if !is_of_the_moment(&error) => {
            tracing::error!(code = %error.code, "the passport of {dataset} lacks its steps: {error}");
            Ok(None)
        }
        read => read.map(Some),
    }
}

/// The steps that are kept of a dataset; none where there is no store to keep them.
async fn steps(app: &App, dataset: &str) -> Result<Vec<KeptStep>> {
    let Some(steps) = app.catalog().passport_steps()?.cloned() else { return Ok(Vec::new()) };
    let dataset = dataset.to_owned();
    blocking(move || steps.of_dataset(&dataset)).await?
}

//! `POST /requests`, `POST /requests/events`, `POST /requests/{id}/events` and `GET /requests/{id}`: what people ask
//! public bodies for, what became of it, and how it stands.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::header::{
    ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_TYPE, LOCATION, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use chrono::Utc;
use serde_json::{Value, json};

use super::format::chosen;
use super::publishing::authorised_for;
use super::request::Call;
use super::response::{bytes, object};
use crate::assess::passport::Language;
use crate::assess::requests::{
    Form, Inquiry, Unpublished, filed, happened, of_request, secret, unknown_page, unpublished,
};
use crate::catalog::{RequestForm, Requests, Token};
use crate::error::{Code, Error, Result};

/// The longest body: some hundred thousand requests.
const MOST_BYTES: usize = 128 << 20;

/// What search engines are told.
const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");

/// What somebody may write, read.
struct Sent {
    requests: Arc<Requests>,
    token: Token,
    form: RequestForm,
    body: Bytes,
}

/// Keeps one request, or many.
pub(super) async fn file(mut call: Call) -> Result<Response> {
    let Sent { requests, token, form, body } = received(&mut call).await?;
    let keep = move || {
        let now = Utc::now();
        let (filed, is_one) = filed(form, &body, now)?;
        Ok::<_, Error>((requests.file(&filed, (now, &token.name), secret)?, is_one))
    };
    let (ids, is_one) = blocking(keep).await??;
    let mut response = match ids.as_slice() {
        [id] if is_one => object(&json!({ "id": id })),
        _ => object(&json!({ "count": ids.len(), "ids": ids })),
    };
    let place = ids.first().filter(|_| is_one).map(|id| HeaderValue::try_from(of_request(id)));
    if let Some(Ok(place)) = place {
        response.headers_mut().insert(LOCATION, place);
    }
    *response.status_mut() = StatusCode::CREATED;
    Ok(response)
}

/// Keeps what happened to a request.
pub(super) async fn note(call: Call) -> Result<Response> {
    let id = call.segment("id").to_owned();
    noted(call, Some(id)).await
}

/// Keeps what happened to requests that each event names.
pub(super) async fn note_all(call: Call) -> Result<Response> {
    noted(call, None).await
}

async fn noted(mut call: Call, id: Option<String>) -> Result<Response> {
    let Sent { requests, token, form, body } = received(&mut call).await?;
    let snapshot = call.app.catalog().snapshot();
    let answer = blocking(move || {
        let now = Utc::now();
        let happened = happened(form, &body, id.as_deref(), now)?;
        requests.note(&happened, (now, &token.name))?;
        // From here on nothing may fail: who is told of a fault sends again what is kept.
        let standing = id.and_then(|id| or_logged(requests.status(&id)));
        let unpublished = or_logged(unpublished(&happened, || snapshot.versions(None))).unwrap_or_default();
        let mut answer = standing.map_or_else(|| json!({}), |standing| standing.to_json());
        answer["added"] = json!(happened.len());
        answer["warnings"] = unpublished.iter().map(Unpublished::to_json).collect();
        Ok::<Value, Error>(answer)
    });
    let mut response = object(&answer.await??);
    *response.status_mut() = StatusCode::CREATED;
    Ok(response)
}

/// What an answer can do without; why it must is logged.
fn or_logged<T>(told: Result<T>) -> Option<T> {
    told.inspect_err(
        |error| tracing::error!(code = %error.code, "events are kept; of them is not told: {error}"),
    )
    .ok()
}

/// How a request stands, for who asked: whoever has its name may see it.
pub(super) async fn status(call: Call) -> Result<Response> {
    let (form, language) = {
        let params = call.params()?;
        let language = params.one_of("lang", &Language::ALL, Language::code)?;
        let told = |form: Form| (form.name(), form.content_type());
        let form = chosen(params.text("format"), call.headers(), &Form::ALL, told)?;
        (form, language.unwrap_or_else(|| preferred_language(call.headers())))
    };
    let (requests, id) = (kept(&call)?, call.segment("id").to_owned());
    let standing = match blocking(move || requests.status(&id)).await? {
        Err(error) if form == Form::Html && error.code == Code::CatalogUnknownObject => {
            let mut page = bytes(form.content_type(), unknown_page(language));
            *page.status_mut() = StatusCode::NOT_FOUND;
            return Ok(discreet(page));
        }
        standing => standing?,
    };
    let app = &call.app;
    let inquiry = Inquiry { queries: &app.queries, named: &app.named, now: Utc::now() };
    let status = inquiry.status(standing).await?;
    let response = match form {
        Form::Json => object(&status.to_json()),
        Form::Html => bytes(form.content_type(), status.to_html(language)),
    };
    Ok(discreet(response))
}

/// The first of the page's languages that a browser asks for, else that of the order.
fn preferred_language(headers: &HeaderMap) -> Language {
    let asked = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut asked = asked.split([',', ';']).map(|tag| tag.trim().split('-').next().unwrap_or_default());
    let of = |code: &str| Language::ALL.into_iter().find(|known| known.code().eq_ignore_ascii_case(code));
    asked.find_map(of).unwrap_or(Language::Kk)
}

/// An answer whose address is a secret: nobody keeps it, no other site is told of it, and no engine lists it.
fn discreet(mut response: Response) -> Response {
    for (name, value) in [
        (CACHE_CONTROL, "private, no-store"),
        (REFERRER_POLICY, "no-referrer"),
        (ROBOTS, "noindex"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (VARY, "accept, accept-language"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// What a request brings to be kept, from who may.
async fn received(call: &mut Call) -> Result<Sent> {
    call.params()?;
    let token = authorised_for(call, "requests", Token::can_request)?;
    let requests = kept(call)?;
    let kind = call.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let form = RequestForm::of_media_type(kind);
    Ok(Sent { requests, token, form, body: call.body(MOST_BYTES).await? })
}

fn kept(call: &Call) -> Result<Arc<Requests>> {
    call.app.catalog().requests()?.cloned().ok_or_else(|| {
        Error::new(Code::StoreReadOnly, "there is no store to keep requests in")
            .hint("start with derek serve --store DIR")
    })
}

/// Runs what waits for the disk.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let broke_off = |error| Error::new(Code::Internal, "what waits for the disk broke off").caused_by(error);
    tokio::task::spawn_blocking(work).await.map_err(broke_off)
}

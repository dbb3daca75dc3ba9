//! `POST /requests`, `POST /requests/{id}/events` and `GET /requests/{id}`: what people ask public bodies for.

use std::fs::File;
use std::io::Read;
use std::sync::Arc;

use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use chrono::Utc;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::publishing::authorised_for;
use super::request::Call;
use super::response::object;
use crate::assess::restricted::{Day, kinds_of, masked};
use crate::catalog::{Filed, Happened, Requests};
use crate::error::{Code, Error, Result};

/// The longest body: some hundred thousand requests.
const MOST_BYTES: usize = 128 << 20;

/// Keeps one request, or many.
pub(super) async fn file(mut call: Call) -> Result<Response> {
    call.params()?;
    let token = authorised_for(&call, "requests", crate::catalog::Token::can_request)?;
    let requests = kept(&call)?;
    let body = call.body(MOST_BYTES).await?;
    let is_csv = is_csv(&call);
    let keep = move || {
        let (mut filed, is_one) = parsed::<Filed>(is_csv, &body)?;
        filed.iter_mut().for_each(without_persons);
        Ok::<_, Error>((requests.file(&filed, (Utc::now(), &token.name), random)?, is_one))
    };
    let (ids, is_one) = blocking(keep).await??;
    let mut response = match ids.as_slice() {
        [id] if is_one => object(&json!({ "id": id })),
        _ => object(&json!({ "count": ids.len(), "ids": ids })),
    };
    let place = ids.first().filter(|_| is_one).map(|id| HeaderValue::try_from(format!("/requests/{id}")));
    if let Some(Ok(place)) = place {
        response.headers_mut().insert(LOCATION, place);
    }
    *response.status_mut() = StatusCode::CREATED;
    Ok(response)
}

/// Keeps what happened to a request.
pub(super) async fn note(mut call: Call) -> Result<Response> {
    call.params()?;
    let token = authorised_for(&call, "requests", crate::catalog::Token::can_request)?;
    let requests = kept(&call)?;
    let body = call.body(MOST_BYTES).await?;
    let (id, is_csv) = (call.segment("id").to_owned(), is_csv(&call));
    let status = blocking(move || {
        let (mut happened, _) = parsed::<Happened>(is_csv, &body)?;
        for event in &mut happened {
            event.request = Some(id.clone());
        }
        requests.note(&happened, (Utc::now(), &token.name))?;
        let mut status = requests.status(&id)?;
        status["added"] = json!(happened.len());
        Ok::<_, Error>(status)
    });
    let status = status.await??;
    let mut response = object(&status);
    *response.status_mut() = StatusCode::CREATED;
    Ok(response)
}

/// How a request stands, for who asked: whoever has its name may see it.
pub(super) async fn status(call: Call) -> Result<Response> {
    call.params()?;
    let requests = kept(&call)?;
    let id = call.segment("id").to_owned();
    Ok(object(&blocking(move || requests.status(&id)).await??))
}

fn kept(call: &Call) -> Result<Arc<Requests>> {
    call.app.catalog().requests().cloned().ok_or_else(|| {
        Error::new(Code::StoreReadOnly, "there is no store to keep requests in")
            .hint("start with derek serve --store DIR")
    })
}

/// Runs what waits for the disk.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let broke_off = |error| Error::new(Code::Internal, "keeping the requests broke off").caused_by(error);
    tokio::task::spawn_blocking(work).await.map_err(broke_off)
}

/// What is asked for, with what tells of persons masked: a request says what is wanted, and not by whom.
fn without_persons(filed: &mut Filed) {
    let Some(day) = Day::of(Utc::now().date_naive()) else { return };
    for text in std::iter::once(&mut filed.text).chain(filed.topic.as_mut()) {
        let found: Vec<_> = kinds_of(text, day).filter(|(kind, _)| kind.is_personal()).collect();
        for (_, range) in found.into_iter().rev() {
            if let Some(personal) = text.get(range.clone()).map(masked) {
                text.replace_range(range, &personal);
            }
        }
    }
}

fn is_csv(call: &Call) -> bool {
    let kind = call.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.starts_with("text/csv")
}

/// The things in a body: a JSON object, a list of them, or CSV with a head; and whether it is one alone.
fn parsed<T: DeserializeOwned>(is_csv: bool, body: &[u8]) -> Result<(Vec<T>, bool)> {
    if is_csv {
        return Ok((crate::catalog::from_csv(body)?, false));
    }
    let wrong = |error: serde_json::Error| {
        let message = format!("the body is not what was expected: {error}");
        Error::new(Code::RequestBody, message)
            .hint("expected a JSON object, a list of them, or CSV with Content-Type: text/csv")
    };
    match serde_json::from_slice::<Value>(body).map_err(wrong)? {
        Value::Array(all) => {
            let things = all.into_iter().map(serde_json::from_value).collect::<Result<_, _>>();
            Ok((things.map_err(wrong)?, false))
        }
        one => Ok((vec![serde_json::from_value(one).map_err(wrong)?], true)),
    }
}

/// What nobody guesses, of the system.
fn random() -> [u8; 16] {
    let mut bytes = [0; 16];
    if File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes)).is_ok() {
        return bytes;
    }
    // Without the system's, two hashes with keys of their own, which the standard library takes from it.
    let key = || std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), 0).to_le_bytes();
    let (one, other) = (key(), key());
    std::array::from_fn(|at| if at < 8 { one[at] } else { other[at - 8] })
}

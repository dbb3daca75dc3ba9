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
use crate::catalog::{Filed, Happened, Requests};
use crate::error::{Code, Error, Result};

/// The longest body: a million short requests.
const MOST_BYTES: usize = 256 << 20;

/// Keeps one request, or many.
pub(super) async fn file(mut call: Call) -> Result<Response> {
    call.params()?;
    let token = authorised_for(&call, "requests", crate::catalog::Token::can_request)?;
    let requests = kept(&call)?;
    let body = call.body(MOST_BYTES).await?;
    let (filed, is_one) = parsed::<Filed>(&call, &body)?;
    let ids = blocking(move || requests.file(&filed, (Utc::now(), &token.name), random)).await??;
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
    let (mut happened, _) = parsed::<Happened>(&call, &body)?;
    let id = call.segment("id").to_owned();
    for event in &mut happened {
        event.request = Some(id.clone());
    }
    let count = happened.len();
    let status = blocking(move || {
        requests.note(&happened, (Utc::now(), &token.name))?;
        requests.status(&id)
    });
    let mut status = status.await??;
    status["added"] = json!(count);
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

/// The things in a body: a JSON object, a list of them, or CSV with a head; and whether it is one alone.
fn parsed<T: DeserializeOwned>(call: &Call, body: &[u8]) -> Result<(Vec<T>, bool)> {
    let kind = call.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.starts_with("text/csv") {
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

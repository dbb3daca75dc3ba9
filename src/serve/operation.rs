//! What operators ask: whether it lives, whether it is ready, what it counts, how it is called.

use axum::body::Body;
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::json;

use super::request::Call;
use super::response::{bytes, object};
use super::{docs, openapi};
use crate::error::Result;

/// `GET /health`: the process lives.
pub(super) fn health(call: &Call) -> Result<Response> {
    call.params()?;
    Ok(object(&json!({ "status": "ok" })))
}

/// `GET /ready`: whether the documents are loaded (503 until then), how many are served, and how many
/// were refused.
pub(super) fn ready(call: &Call) -> Result<Response> {
    call.params()?;
    let (snapshot, is_loaded) = (call.app.catalog().snapshot(), call.app.catalog().is_loaded());
    let mut response = object(&json!({
        "status": if is_loaded { "ready" } else { "loading" },
        "datasets": snapshot.datasets().len(),
        "refused": snapshot.refused().count(),
    }));
    if !is_loaded {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    }
    Ok(response)
}

/// `GET /metrics`, as Prometheus reads it.
pub(super) fn metrics(call: &Call) -> Result<Response> {
    call.params()?;
    let text = call.app.metrics.text(&call.app)?;
    Ok(bytes("application/openmetrics-text; version=1.0.0; charset=utf-8", text))
}

/// `GET /openapi.json`
pub(super) fn openapi(call: &Call) -> Result<Response> {
    call.params()?;
    let description = openapi::description().to_json();
    let text = description.map_err(|error| {
        crate::error::Error::new(crate::error::Code::Internal, "the description cannot be written")
            .caused_by(error)
    })?;
    Ok(bytes("application/json", text))
}

/// `GET /docs`
pub(super) fn docs(call: &Call) -> Result<Response> {
    call.params()?;
    Ok(bytes("text/html; charset=utf-8", docs::page()))
}

/// `GET /`: the documentation is the front page.
pub(super) fn front(call: &Call) -> Result<Response> {
    call.params()?;
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
    response.headers_mut().insert(LOCATION, HeaderValue::from_static("/docs"));
    Ok(response)
}

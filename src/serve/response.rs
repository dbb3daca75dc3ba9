//! Answers: in the form that was asked for, streamed; errors as data with their HTTP status.

use std::time::Instant;

use arrow::array::RecordBatch;
use arrow::error::ArrowError;
use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::encode::{Encoder, Format, JsonEncoder, Outcome};
use crate::error::{Code, Error, Result};
use crate::query::Rows;

/// A piece of an answer is sent when it is this long.
const PIECE_BYTES: usize = 64 << 10;

const JSON: &str = "application/json";

/// The HTTP status of an error.
pub(super) fn status(code: Code) -> StatusCode {
    match code {
        Code::CatalogUnknownDataset | Code::RequestNotFound => StatusCode::NOT_FOUND,
        Code::RequestMethod => StatusCode::METHOD_NOT_ALLOWED,
        Code::RequestNotAcceptable => StatusCode::NOT_ACCEPTABLE,
        Code::RequestTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
        Code::QueryBusy | Code::QueryMemory | Code::ServerBusy => StatusCode::SERVICE_UNAVAILABLE,
        Code::QueryTimeout => StatusCode::GATEWAY_TIMEOUT,
        Code::Internal | Code::ServerSetup | Code::DocumentIo => StatusCode::INTERNAL_SERVER_ERROR,
        code if code.as_str().starts_with("document.") => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::BAD_REQUEST,
    }
}

/// An error as the body of an answer.
pub(super) fn failure(error: &Error) -> impl IntoResponse + use<> {
    let status = status(error.code);
    if status.is_server_error() {
        let cause = std::error::Error::source(error).map(|cause| format!(", because {cause}"));
        tracing::warn!(code = %error.code, "{error}{}", cause.unwrap_or_default());
    }
    let mut body = json!({ "error": error }).to_string();
    body.push('\n');
    let mut response = bytes(JSON, body);
    *response.status_mut() = status;
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

/// A whole answer.
pub(super) fn bytes(content_type: &'static str, body: impl Into<Bytes>) -> Response {
    let mut response = Response::new(Body::from(body.into()));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// One thing, as a JSON object.
pub(super) fn object(value: &serde_json::Value) -> Response {
    let mut body = value.to_string();
    body.push('\n');
    bytes(JSON, body)
}

/// The answer to a request, or its error.
pub(super) fn answer(result: Result<Response>) -> Response {
    result.unwrap_or_else(|error| failure(&error).into_response())
}

/// The rows of a query in one of the forms. What fails before the first piece is sent is an error with
/// a status; what fails later ends the answer so that it cannot be taken for a whole one.
pub(super) async fn stream(mut rows: Rows, format: Format) -> Result<Response> {
    let mut encoder = format.encoder();
    let content_type = encoder.content_type();
    let mut first = Vec::new();
    encoder.start(&rows.schema, &mut first);
    let mut cut = None;
    while first.len() < PIECE_BYTES && cut.is_none() {
        match piece(&mut rows, encoder.as_mut(), &mut first).await {
            Ok(true) => {}
            Ok(false) => return Ok(bytes(content_type, first)),
            Err(error) if error.code == Code::QueryTruncated => cut = Some(error),
            Err(error) => return Err(error),
        }
    }
    let state = Some((rows, encoder, cut));
    let rest = futures::stream::unfold(state, |state| async move {
        let (mut rows, mut encoder, cut) = state?;
        if let Some(error) = cut {
            return Some((Err(error), None));
        }
        let mut out = Vec::with_capacity(PIECE_BYTES);
        while out.len() < PIECE_BYTES {
            match piece(&mut rows, encoder.as_mut(), &mut out).await {
                Ok(true) => {}
                Ok(false) => return Some((Ok(Bytes::from(out)), None)),
                Err(error) if encoder.fail(&error, &mut out) => return Some((Ok(Bytes::from(out)), None)),
                // Without an end of the form, the connection is cut after the rows that there are.
                Err(error) => return Some((Ok(Bytes::from(out)), Some((rows, encoder, Some(error))))),
            }
        }
        Some((Ok(Bytes::from(out)), Some((rows, encoder, None))))
    });
    let first = futures::stream::once(async { Ok(Bytes::from(first)) });
    let body = Body::from_stream(futures::StreamExt::chain(first, rest));
    let mut response = Response::new(body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    Ok(response)
}

/// Appends the next batch, or the end; false after the end.
async fn piece(rows: &mut Rows, encoder: &mut dyn Encoder, out: &mut Vec<u8>) -> Result<bool> {
    let Some(batch) = rows.next().await? else {
        let outcome = Outcome { is_truncated: rows.is_truncated(), elapsed: rows.elapsed() };
        return if encoder.finish(&outcome, out) { Ok(false) } else { Err(rows.truncated()) };
    };
    encoder.batch(&batch, out).map_err(not_written)?;
    Ok(true)
}

/// A table that is at hand, whole, in one of the forms.
pub(super) fn whole(table: &RecordBatch, format: Format, started: Instant) -> Result<Response> {
    let mut encoder = format.encoder();
    let mut body = Vec::new();
    encoder.start(table.schema_ref(), &mut body);
    encoder.batch(table, &mut body).map_err(not_written)?;
    encoder.finish(&Outcome { is_truncated: false, elapsed: started.elapsed() }, &mut body);
    Ok(bytes(encoder.content_type(), body))
}

/// A table that is at hand as JSON, with one more member after its rows.
pub(super) fn whole_json(
    table: &RecordBatch,
    member: (&str, &serde_json::Value),
    started: Instant,
) -> Result<Response> {
    let mut encoder = JsonEncoder::default();
    let mut body = Vec::new();
    encoder.start(table.schema_ref(), &mut body);
    encoder.batch(table, &mut body).map_err(not_written)?;
    encoder.finish_with(member, &Outcome { is_truncated: false, elapsed: started.elapsed() }, &mut body);
    Ok(bytes(JSON, body))
}

/// The error of rows that a form has no way to write.
pub(super) fn not_written(error: ArrowError) -> Error {
    Error::new(Code::Internal, "the rows cannot be written in this form").caused_by(error)
}

//! Answers: in the form that was asked for, streamed; errors as data with their HTTP status.

use std::time::Duration;

use arrow::array::RecordBatch;
use arrow::error::ArrowError;
use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, RETRY_AFTER, VARY, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::response::Response;
use prometheus_client::metrics::counter::Counter;
use serde_json::json;

use super::request::{Call, has};
use super::route::Route;
use crate::encode::{Encoder, Format, Language, Outcome};
use crate::error::{Code, Error, Result, nearest_name};
use crate::query::{Answer, AnswerBody, Fingerprint, Pieces, Question, Timings};

/// Another version of the program may write the same rows in another way.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

const JSON: &str = "application/json";

/// How long the steps of an answer took (W3C Server Timing).
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// The HTTP status of an error.
pub(super) fn status(code: Code) -> StatusCode {
    match code {
        Code::CatalogUnknownDataset
        | Code::CatalogUnknownObject
        | Code::CatalogUnknownVersion
        | Code::QueryUnknownQuery
        | Code::RequestNotFound => StatusCode::NOT_FOUND,
        Code::RequestUnauthorized => StatusCode::UNAUTHORIZED,
        Code::RequestForbidden => StatusCode::FORBIDDEN,
        Code::RequestPrecondition => StatusCode::PRECONDITION_FAILED,
        Code::StoreReadOnly | Code::AssessStep => StatusCode::CONFLICT,
        Code::StoreIo | Code::StoreDamaged | Code::StoreLocked => StatusCode::INTERNAL_SERVER_ERROR,
        Code::RequestMethod => StatusCode::METHOD_NOT_ALLOWED,
        Code::RequestNotAcceptable => StatusCode::NOT_ACCEPTABLE,
        Code::RequestTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::RequestEncoding => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Code::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
        Code::RequestRateLimited => StatusCode::TOO_MANY_REQUESTS,
        Code::QueryBusy | Code::QueryMemory | Code::DocumentChanged | Code::ServerBusy => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        Code::QueryTimeout => StatusCode::GATEWAY_TIMEOUT,
        Code::Internal | Code::ServerSetup | Code::QueryHeader | Code::DocumentIo => {
            StatusCode::INTERNAL_SERVER_ERROR
        }
        Code::ConvertTemplate | Code::ConvertDocument => StatusCode::UNPROCESSABLE_ENTITY,
        code if code.as_str().starts_with("document.") => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::BAD_REQUEST,
    }
}

/// An error as an answer. What caused it goes to the log, under the request's id.
pub(super) fn failure(error: &Error, request_id: &str) -> Response {
    let status = status(error.code);
    if status.is_server_error() {
        let cause = std::error::Error::source(error).map(|cause| format!(", because {cause}"));
        tracing::warn!(code = %error.code, request_id, "{error}{}", cause.unwrap_or_default());
    }
    let mut error = json!(error);
    error["request_id"] = json!(request_id);
    let mut body = json!({ "error": error }).to_string();
    body.push('\n');
    let mut response = bytes(JSON, body);
    *response.status_mut() = status;
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
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

/// One thing that is written as a JSON object already.
pub(super) fn object_bytes(body: Vec<u8>) -> Response {
    bytes(JSON, body)
}

/// That the asker has the answer already.
pub(super) fn not_modified(fingerprint: Fingerprint) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    tagged(response, fingerprint)
}

/// An answer with its entity tag, where it has one. A weak one: the same rows are sent with another `elapsed_ms`, or compressed.
pub(super) fn tagged(mut response: Response, fingerprint: impl Into<Option<Fingerprint>>) -> Response {
    let Some(fingerprint) = fingerprint.into() else { return response };
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::try_from(format!("W/\"{fingerprint}\"")) {
        headers.insert(ETAG, tag);
    }
    // To be asked for each time: whether a dataset has a new version is known only here.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.append(VARY, HeaderValue::from_static("accept"));
    response
}

/// The answer to a query in one of the forms, streamed. What fails before the first piece is sent is an
/// error with a status; what fails later ends the answer so that it cannot be taken for a whole one.
pub(super) async fn rows(
    call: Call,
    question: Question,
    format: Format,
    language: Option<Language>,
) -> Result<Response> {
    let known = call.headers().clone();
    let may_be_known = call.parts.method != Method::POST;
    let max_rows = call.app.queries.limits().max_rows.to_string();
    let words = [VERSION, format.name(), language.map_or("", Language::code), max_rows.as_str()];
    let tagged_with = words.map(str::to_owned);
    let is_known = move |fingerprint: Option<Fingerprint>| {
        let words = tagged_with.iter().map(String::as_str);
        may_be_known && fingerprint.is_some_and(|fingerprint| has(&known, fingerprint.with(words)))
    };
    let answer = call.app.queries.answer(question, format.encoder(language), is_known).await;
    let answer = answer.map_err(|error| hinted(error, call.route))?;
    let Answer { fingerprint, timings, body } = answer;
    let fingerprint = fingerprint.map(|fingerprint| fingerprint.with(words));
    let mut response = match body {
        None => Response::new(Body::empty()),
        Some(AnswerBody { first, rest: None }) => bytes(format.content_type(), first),
        Some(AnswerBody { first, rest: Some(rest) }) => {
            let sent = call.app.metrics.bytes().clone();
            streamed(format.content_type(), first, rest, sent)
        }
    };
    if response.headers().is_empty() {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    timed(&mut response, timings);
    Ok(tagged(response, fingerprint))
}

/// A parameter that neither the query nor the route has may be one of the route's, mistyped.
fn hinted(error: Error, route: &Route) -> Error {
    let field = error.place.as_ref().and_then(|place| place.field.as_deref());
    let name = field.and_then(|field| field.strip_prefix('$')).filter(|_| error.code == Code::QueryParameter);
    let Some(name) = name.filter(|name| route.parameter(name).is_none()) else { return error };
    match nearest_name(name, route.parameters.iter().map(|parameter| parameter.name)) {
        Some(nearest) if error.message.starts_with("the query has no") => {
            error.hint(format!("did you mean '{nearest}'?"))
        }
        _ => error,
    }
}

/// An answer that is still being written.
fn streamed(content_type: &'static str, first: Vec<u8>, rest: Pieces, sent: Counter) -> Response {
    sent.inc_by(first.len() as u64);
    let first = futures::stream::once(async { Ok(Bytes::from(first)) });
    let rest = futures::stream::unfold(Some((rest, sent)), |state| async move {
        let (mut rest, sent) = state?;
        match rest.next().await {
            Ok(Some(piece)) => {
                sent.inc_by(piece.len() as u64);
                Some((Ok(Bytes::from(piece)), Some((rest, sent))))
            }
            Ok(None) => None,
            // An error in the body cuts the connection: there is no other way to say that it is broken.
            Err(error) => {
                // What was written before it is sent first: a connection that is cut loses what waits.
                tokio::task::yield_now().await;
                Some((Err(error), None))
            }
        }
    });
    let mut response = Response::new(Body::from_stream(futures::StreamExt::chain(first, rest)));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// Adds how long the steps took.
fn timed(response: &mut Response, timings: Timings) {
    let ms = |duration: Duration| (duration.as_secs_f64() * 1e6).round() / 1e3;
    let Timings { parse, plan, run, encode } = timings;
    let steps = [("parse", parse), ("plan", plan), ("run", run), ("encode", encode)];
    let steps = steps.map(|(step, took)| format!("{step};dur={}", ms(took))).join(", ");
    if let Ok(steps) = HeaderValue::try_from(steps) {
        response.headers_mut().insert(SERVER_TIMING, steps);
    }
}

/// A table that is at hand, whole, in one of the forms.
pub(super) fn whole<'a>(
    batches: impl IntoIterator<Item = &'a RecordBatch>,
    schema: &arrow::datatypes::Schema,
    (format, language): (Format, Option<Language>),
    outcome: &Outcome,
) -> Result<Vec<u8>> {
    let mut encoder: Box<dyn Encoder> = format.encoder(language);
    let mut body = Vec::new();
    encoder.start(schema, &mut body).map_err(not_written)?;
    for batch in batches {
        encoder.batch(batch, &mut body).map_err(not_written)?;
    }
    encoder.finish(outcome, &mut body).map_err(not_written)?;
    Ok(body)
}

/// A list that is at hand as one table.
pub(super) fn list(
    table: &RecordBatch,
    (format, language): (Format, Option<Language>),
    outcome: &Outcome,
) -> Result<Response> {
    let body = whole([table], table.schema_ref(), (format, language), outcome)?;
    Ok(bytes(format.content_type(), body))
}

/// The error of rows that a form has no way to write.
pub(super) fn not_written(error: ArrowError) -> Error {
    Error::new(Code::QueryInvalid, format!("the rows cannot be written in this form: {error}"))
        .hint("select other columns, or take format=json")
        .caused_by(error)
}

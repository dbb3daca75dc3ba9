//! `GET /datasets/{apiUri}/document`: the bytes as they were published.

use axum::body::Body;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, Request};
use axum::response::{IntoResponse, Response};
use tower::ServiceExt;
use tower_http::services::ServeFile;

use super::request::Call;
use crate::error::{Code, Error, Result};

/// The file that a dataset was read from, with ranges and conditions (RFC 9110, 13 and 14).
pub(super) async fn document(call: Call) -> Result<Response> {
    call.params()?;
    let dataset = call.dataset()?;
    if !dataset.is_current() {
        let message = format!("the document of '{}' was changed since it was read", dataset.name());
        return Err(Error::new(Code::DocumentChanged, message).hint("try again when it is read anew"));
    }
    call.used(&dataset, 0);
    let name = dataset.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let request = Request::from_parts(call.parts, Body::empty());
    let served = ServeFile::new(&dataset.file).oneshot(request).await;
    let mut response = served.map_err(|error| match error {})?.into_response().map(Body::new);
    let headers = response.headers_mut();
    // A weak tag: the same bytes may be sent compressed, and ranges of both must not be mixed.
    let tag = headers.get(ETAG).and_then(|tag| tag.to_str().ok()).filter(|tag| !tag.starts_with("W/"));
    if let Some(tag) = tag.and_then(|tag| HeaderValue::try_from(format!("W/{tag}")).ok()) {
        headers.insert(ETAG, tag);
    }
    // A publisher's bytes are data, whatever a browser would make of them.
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if headers.contains_key(CONTENT_TYPE) {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type(&name)));
        // ASCII for old clients, UTF-8 for all others (RFC 6266).
        let encoded: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
        let disposition = format!("attachment; filename*=UTF-8''{}", encoded.replace('+', "%20"));
        if let Ok(disposition) = HeaderValue::try_from(disposition) {
            headers.insert(CONTENT_DISPOSITION, disposition);
        }
    }
    Ok(response)
}

/// The media type of a document by its ending.
fn media_type(name: &str) -> &'static str {
    let name = name.to_lowercase();
    match name.rsplit('.').next() {
        Some("gz") => "application/gzip",
        Some("zst") => "application/zstd",
        Some("xml") => "application/xml",
        Some("csv") => "text/csv; charset=utf-8",
        Some("xlsx") => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _ => "application/json",
    }
}

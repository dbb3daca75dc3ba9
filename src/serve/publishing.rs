//! `PUT` and `DELETE /datasets/{apiUri}`: who may, receives a document, and publishes it.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Body;
use axum::http::header::{AUTHORIZATION, ETAG, IF_MATCH, IF_NONE_MATCH};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use futures::StreamExt;
use serde_json::json;

use super::coding::Coding;
use super::datasets;
use super::request::Call;
use super::response::object;
use crate::catalog::{Catalog, Dataset, LoadOptions, Precondition, Token, Upload, Uploaded};
use crate::document::Severity;
use crate::error::{Code, Error, Place, Result};

static UPLOADS: AtomicU64 = AtomicU64::new(1);

/// Publishes the document in the body.
pub(super) async fn put(mut call: Call) -> Result<Response> {
    let (is_strict, is_dry_run) = {
        let params = call.params()?;
        let is_set = |name: &str| Ok::<_, Error>(params.one_of(name, &[()], |()| "true")?.is_some());
        (is_set("strict")?, is_set("dry_run")?)
    };
    let dataset = call.segment("apiUri").to_owned();
    let token = authorised(&call, &dataset)?;
    call.app.catalog().require_loaded()?;
    let expected = preconditions(&call)?;
    // A document that is packed by gzip or zstd is told by its first bytes, and kept as it came.
    Coding::of(call.headers())?;
    require_name(&dataset)?;
    let catalog = Arc::clone(call.app.queries.catalog());
    let received =
        Received::receive(&catalog, &dataset, std::mem::replace(&mut call.body, Body::empty())).await?;
    let written_by = token.name.clone();
    let publish = move || {
        let upload = Upload {
            file: received.file(),
            dataset: &dataset,
            is_strict,
            is_dry_run,
            expected: &expected,
            written_by: &written_by,
        };
        catalog.publish(&upload)
    };
    let broke_off = |error| Error::new(Code::Internal, "publishing broke off").caused_by(error);
    let published = tokio::task::spawn_blocking(publish).await.map_err(broke_off)?;
    let published = published.map_err(without_folder)?;
    let (name, version) = (published.version.name(), published.version.version);
    tracing::info!(
        token = token.name,
        dataset = name,
        version,
        is_dry_run,
        is_new = published.is_new,
        "published"
    );
    Ok(answer(&published, is_dry_run))
}

/// That a dataset can have this name.
///
/// # Errors
/// `request.parameter`.
pub(super) fn require_name(dataset: &str) -> Result<()> {
    if dataset.contains('/') || dataset.len() > 200 {
        return Err(Error::new(Code::RequestParameter, format!("'{dataset}' cannot name a dataset"))
            .at(Place::field("apiUri")));
    }
    Ok(())
}

/// Where the server keeps what it receives is nobody's business.
fn without_folder(mut error: Error) -> Error {
    if let Some(place) = &mut error.place {
        place.file = None;
    }
    error
}

fn answer(published: &Uploaded, is_dry_run: bool) -> Response {
    let (version, findings) = (&published.version, &published.version.document.findings);
    let mut response = object(&json!({
        "dataset": version.name(),
        "version": version.version,
        "is_new": published.is_new,
        "dry_run": is_dry_run,
        "rows": version.document.rows,
        "findings": {
            "total": findings.total(),
            "errors": findings.total_of(Severity::Error),
            "warnings": findings.total_of(Severity::Warning),
            "notes": findings.total_of(Severity::Note),
        },
    }));
    if published.is_new && !is_dry_run {
        *response.status_mut() = StatusCode::CREATED;
    }
    if let Ok(tag) = HeaderValue::try_from(format!("\"v{}\"", version.version)) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}

/// Deletes a dataset: its versions stay in the store.
pub(super) async fn delete(call: Call) -> Result<Response> {
    call.params()?;
    // What is damaged is not served, and can be deleted.
    let dataset = match (call.dataset(), call.app.catalog().store()) {
        (Ok(dataset), _) => dataset.name().to_owned(),
        (Err(error), None) => return Err(error),
        (Err(error), Some(store)) => {
            let last = tokio::task::block_in_place(|| store.last(call.segment("apiUri")))?;
            last.filter(|last| !last.is_deleted).ok_or(error)?.dataset
        }
    };
    let token = authorised(&call, &dataset)?;
    call.app.catalog().require_loaded()?;
    let expected = preconditions(&call)?;
    let catalog = Arc::clone(call.app.queries.catalog());
    let (name, written_by) = (dataset.clone(), token.name.clone());
    let delete = move || catalog.delete(&name, &expected, &written_by);
    let broke_off = |error| Error::new(Code::Internal, "deleting broke off").caused_by(error);
    let version = tokio::task::spawn_blocking(delete).await.map_err(broke_off)??;
    tracing::info!(token = token.name, dataset, version, "deleted");
    Ok(object(&json!({ "dataset": dataset, "version": version, "is_deleted": true })))
}

/// The token of a request, which is good for publishing this dataset.
pub(super) fn authorised(call: &Call, dataset: &str) -> Result<Token> {
    authorised_for(call, &format!("publish:{dataset}"), |token| token.can_publish(dataset))
}

/// The token of a request, where it is good for what is asked.
///
/// # Errors
/// `store.read_only` where there is nothing to write to; `request.unauthorized`, `request.forbidden`.
pub(super) fn authorised_for(call: &Call, what: &str, can: impl Fn(&Token) -> bool) -> Result<Token> {
    if call.app.catalog().store().is_none() {
        return Err(Error::new(Code::StoreReadOnly, "there is no store to write to")
            .hint("start with derek serve --store DIR"));
    }
    let unauthorised = |message: &str| {
        let make = format!("derek token create --store DIR --name NAME --can {what} makes one");
        Error::new(Code::RequestUnauthorized, message.to_owned())
            .hint(format!("send it as Authorization: Bearer TOKEN; {make}"))
    };
    if !call.headers().contains_key(AUTHORIZATION) {
        return Err(unauthorised("writing takes a token"));
    }
    let token = call.token()?.ok_or_else(|| unauthorised("the token is unknown, revoked or expired"))?;
    if can(&token) {
        return Ok(token);
    }
    let has: Vec<String> = token.can.iter().map(ToString::to_string).collect();
    let message = format!("the token '{}' is for {}, not for {what}", token.name, has.join(", "));
    Err(Error::new(Code::RequestForbidden, message))
}

/// What must be there: one of the versions of `If-Match` (`"v3"`, or the tag of `GET` of the same address), or `*`
/// for any; nothing with `If-None-Match: *`. All that is given must hold (RFC 9110, 13.1 and 13.2).
///
/// The tag of `GET` is a weak one, since an answer may be packed in several ways; it names one version all the same,
/// and is taken here.
fn preconditions(call: &Call) -> Result<Vec<Precondition>> {
    let given = |name| {
        let values = call.headers().get_all(name).iter().map(|value| value.to_str().unwrap_or_default());
        values.flat_map(|list| list.split(',')).map(str::trim).filter(|tag| !tag.is_empty())
    };
    let mut conditions = Vec::new();
    if call.headers().contains_key(IF_MATCH) {
        let mut versions = Vec::new();
        for tag in given(IF_MATCH) {
            match tag {
                "*" => conditions.push(Precondition::Any),
                tag => versions.extend(version_of(call, tag)),
            }
        }
        // A tag of something else names what is not there.
        if conditions.is_empty() {
            conditions.push(Precondition::Versions(versions));
        }
    }
    if let Some(unwanted) = given(IF_NONE_MATCH).next() {
        if unwanted != "*" {
            let message = "If-None-Match of a PUT or DELETE is * or nothing";
            return Err(Error::new(Code::RequestParameter, message)
                .hint("If-Match names the version that must be there"));
        }
        conditions.push(Precondition::Nothing);
    }
    Ok(conditions)
}

/// The version that a tag is of.
fn version_of(call: &Call, given: &str) -> Option<u32> {
    let is_weak = given.starts_with("W/");
    let tag = given.trim_start_matches("W/").strip_prefix('"')?.strip_suffix('"')?;
    let version = tag.strip_prefix('v').filter(|_| !is_weak).and_then(|version| version.parse().ok());
    let snapshot = call.app.catalog().snapshot();
    let current = snapshot.named(call.segment("apiUri"));
    let is_seen = |dataset: &&Arc<Dataset>| datasets::tag_of(call, dataset, &snapshot).to_string() == tag;
    version.or_else(|| current.filter(is_seen).map(|dataset| dataset.version))
}

/// A document that was received, in a folder of its own that goes with it.
struct Received {
    folder: PathBuf,
    file: PathBuf,
}

impl Drop for Received {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Received {
    fn file(&self) -> &Path {
        &self.file
    }

    /// Takes a body as it comes: no more of it is in memory than one piece.
    async fn receive(catalog: &Catalog, dataset: &str, body: Body) -> Result<Self> {
        let number = UPLOADS.fetch_add(1, Ordering::Relaxed);
        let folder = catalog.incoming(&format!("upload-{}-{number}", std::process::id()))?;
        let mut received = Self { file: folder.join(format!("{dataset}.json")), folder };
        let failed = |error: std::io::Error| {
            Error::new(Code::StoreIo, format!("cannot keep the document: {error}")).caused_by(error)
        };
        let mut file = File::create_new(&received.file).map_err(failed)?;
        let (mut bytes, mut start) = (0, Vec::new());
        let mut pieces = body.into_data_stream();
        while let Some(piece) = pieces.next().await {
            let piece = piece
                .map_err(|error| Error::new(Code::RequestBody, "the body broke off").caused_by(error))?;
            bytes += piece.len() as u64;
            if bytes > LoadOptions::MAX_DOCUMENT_BYTES {
                let message =
                    format!("the document is longer than {} bytes", LoadOptions::MAX_DOCUMENT_BYTES);
                return Err(Error::new(Code::RequestTooLarge, message));
            }
            if start.len() < 64 {
                start.extend_from_slice(&piece[..piece.len().min(64)]);
            }
            tokio::task::block_in_place(|| file.write_all(&piece)).map_err(failed)?;
        }
        drop(file);
        let named = received.folder.join(format!("{dataset}{}", ending(&start)));
        fs::rename(&received.file, &named).map_err(failed)?;
        received.file = named;
        Ok(received)
    }
}

/// The ending of a document that starts like this; inside a packed one, JSON is as good a guess as XML.
fn ending(start: &[u8]) -> &'static str {
    match start {
        [0x1F, 0x8B, ..] => ".json.gz",
        [0x28, 0xB5, 0x2F, 0xFD, ..] => ".json.zst",
        _ if first_sign(start) == Some(b'<') => ".xml",
        _ => ".json",
    }
}

/// The first sign that is neither white space nor a byte order mark.
fn first_sign(start: &[u8]) -> Option<u8> {
    let start = start.strip_prefix("\u{feff}".as_bytes()).unwrap_or(start);
    start.iter().copied().find(|byte| !byte.is_ascii_whitespace() && *byte != 0)
}

//! The catalog, and one dataset of it.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Map, Value, json};
use std::time::Instant;

use super::App;
use super::request::{Params, dataset_name};
use super::response::{answer, object, whole};
use crate::catalog::Dataset;
use crate::document::{FieldSpec, Severity, Type};
use crate::error::{Code, Error, Result};

/// `GET /datasets`: the table `system.datasets`.
pub(super) async fn list(
    State(app): State<Arc<App>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let run = || {
        let started = Instant::now();
        let format = Params::parse(query.as_deref(), &["format"])?.format(&headers)?;
        let snapshot = app.catalog().snapshot();
        let table = snapshot.system().table("datasets");
        let table = table.ok_or_else(|| Error::new(Code::Internal, "the catalog has no list"))?;
        whole(table, format, started)
    };
    answer(run())
}

/// `GET /datasets/{apiUri}`
pub(super) async fn show(
    State(app): State<Arc<App>>,
    name: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Response {
    let run = || {
        Params::parse(query.as_deref(), &[])?;
        Ok(object(&describe(app.catalog().snapshot().require(&dataset_name(name)?)?)))
    };
    answer(run())
}

/// What there is to know of a dataset, as one JSON object.
#[must_use]
pub(super) fn describe(dataset: &Dataset) -> Value {
    let document = &dataset.document;
    json!({
        "dataset": dataset.name(),
        "version": dataset.version,
        "published_at": dataset.published_at().to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        "rows": document.rows,
        "points": dataset.point_count(),
        "meta": document.meta.members,
        "fields": document.fields.iter().map(describe_field).collect::<Vec<_>>(),
        "geo": document.orders.iter().map(|(field, counts)| json!({
            "field": field,
            "as_read": counts.as_read,
            "swapped": counts.swapped,
            "undecided": counts.undecided,
            "is_swapped": document.is_swapped(field),
        })).collect::<Vec<_>>(),
        "findings": {
            "total": document.findings.total(),
            "errors": document.findings.total_of(Severity::Error),
            "warnings": document.findings.total_of(Severity::Warning),
            "notes": document.findings.total_of(Severity::Note),
            "rules": document.findings.totals().map(|(rule, field, total)| json!({
                "rule": rule.code(), "severity": rule.severity().as_str(), "field": field, "total": total,
            })).collect::<Vec<_>>(),
        },
    })
}

fn describe_field(field: &FieldSpec) -> Value {
    let mut members = Map::new();
    members.insert("name".to_owned(), json!(field.name));
    members.insert("type".to_owned(), json!(field.declared_type));
    for (key, label) in ["labelKk", "labelRu", "labelEn"].into_iter().zip(&field.labels) {
        if !label.is_empty() {
            members.insert(key.to_owned(), json!(label));
        }
    }
    if field.is_key {
        members.insert("pkey".to_owned(), json!(true));
    }
    for (key, value) in [("datapath", &field.datapath), ("format", &field.format)] {
        if let Some(value) = value {
            members.insert(key.to_owned(), json!(value));
        }
    }
    if let (Type::List, Some(element)) = (field.kind, &field.element) {
        members.insert("elementType".to_owned(), json!(element.declared_type));
    }
    let fields = field.element.as_ref().map_or(&field.fields, |element| &element.fields);
    if !fields.is_empty() {
        members.insert("fields".to_owned(), fields.iter().map(describe_field).collect());
    }
    if !field.declared {
        members.insert("declared".to_owned(), json!(false));
    }
    members.extend(field.other.clone());
    Value::Object(members)
}

/// `GET /health`: the process lives.
pub(super) async fn health() -> Response {
    object(&json!({ "status": "ok" }))
}

/// `GET /ready`: whether the documents are loaded (503 until then), how many are served, and how many
/// were refused.
pub(super) async fn ready(State(app): State<Arc<App>>) -> Response {
    let snapshot = app.catalog().snapshot();
    let is_loaded = app.catalog().is_loaded();
    let mut response = object(&json!({
        "status": if is_loaded { "ready" } else { "loading" },
        "datasets": snapshot.datasets().len(),
        "refused": snapshot.refused().count(),
    }));
    if !is_loaded {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    }
    response
}

//! The catalog, and one dataset of it.

use arrow::array::{ArrayRef, RecordBatch, StringArray, UInt32Array};
use arrow::compute::take_record_batch;
use arrow::datatypes::{DataType, Field, Schema};
use axum::response::Response;
use serde_json::{Map, Value, json};
use std::sync::Arc;

use super::links;
use super::request::{Call, wrong};
use super::response::{list as list_of, not_modified, not_written, object, tagged};
use crate::catalog::{Dataset, Snapshot, VersionRecord, diff as compared, search, version_table};
use crate::document::{FieldSpec, Severity, Type};
use crate::encode::{Format, Language, Outcome};
use crate::error::{Code, Error, Result};
use crate::query::Fingerprint;

/// `GET /datasets`: the table `system.datasets`, or the rows of it that a search finds, best first.
pub(super) async fn list(call: Call) -> Result<Response> {
    let params = call.params()?;
    let (format, language) = (params.format(call.headers())?, params.language()?);
    let snapshot = call.app.catalog().snapshot();
    links::counted(&call.app, &snapshot, None).await?;
    // Where its rows lie changes while the dataset stays what it is; what they take is as of the first look.
    let states = snapshot.datasets().flat_map(|it| [it.fingerprint(), it.storage().as_str()]);
    let states = states.chain([links::completeness(snapshot.datasets())]);
    let fingerprint = call.fingerprint(format, states);
    if call.has(fingerprint) {
        return Ok(not_modified(fingerprint));
    }
    let mut table = found(&snapshot, params.text("q"), params.text("keyword"))?;
    if let Some(q) = params.text("q").filter(|_| table.num_rows() == 0) {
        call.searched_in_vain(q);
    }
    if let Some(language) = language {
        table = named(&snapshot, &table, language)?;
    }
    let outcome = Outcome { elapsed: call.started.elapsed(), ..Outcome::default() };
    Ok(tagged(list_of(&table, (format, language), &outcome)?, fingerprint))
}

/// The catalog, or those of its rows that a search finds.
fn found(snapshot: &Snapshot, q: Option<&str>, keyword: Option<&str>) -> Result<RecordBatch> {
    // Its tables are made at the first look.
    let table = tokio::task::block_in_place(|| snapshot.system()).table("datasets");
    let table = table.ok_or_else(|| Error::new(Code::Internal, "the catalog has no list"))?;
    if q.is_none() && keyword.is_none() {
        return Ok(table.clone());
    }
    let found = search(snapshot, q, keyword);
    // The table has a row a dataset, in the order of their names.
    let place = |dataset: &Arc<Dataset>| snapshot.datasets().position(|known| known.id == dataset.id);
    let places = found.iter().filter_map(|dataset| u32::try_from(place(dataset)?).ok());
    take_record_batch(table, &places.collect::<UInt32Array>()).map_err(not_written)
}

/// The same with a column `name`: the name in a language, or else in one that there is.
fn named(snapshot: &Snapshot, table: &RecordBatch, language: Language) -> Result<RecordBatch> {
    let datasets = table.column_by_name("dataset").and_then(|column| column.as_any().downcast_ref());
    let datasets: &StringArray =
        datasets.ok_or_else(|| Error::new(Code::Internal, "the catalog's list has no datasets"))?;
    let name = |dataset: Option<&str>| {
        let names = &snapshot.named(dataset?)?.document.meta.names;
        let wanted = Language::ALL.iter().position(|known| *known == language)?;
        // Names stand in the order Kazakh, Russian, English; languages begin with English.
        let order = [(wanted + 2) % 3, 0, 1, 2];
        order.into_iter().map(|at| names[at].as_str()).find(|name| !name.is_empty())
    };
    let names: ArrayRef = Arc::new(datasets.iter().map(name).collect::<StringArray>());
    let mut fields = table.schema().fields().to_vec();
    let mut columns = table.columns().to_vec();
    fields.insert(1, Arc::new(Field::new("name", DataType::Utf8, true)));
    columns.insert(1, names);
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).map_err(not_written)
}

/// `GET /datasets/{apiUri}`
pub(super) async fn show(call: Call) -> Result<Response> {
    call.params()?;
    let (dataset, snapshot) = call.dataset_in()?;
    links::counted(&call.app, &snapshot, Some(dataset.name())).await?;
    let fingerprint = tag_of(&call, &dataset, &snapshot);
    if call.has(fingerprint) {
        return Ok(not_modified(fingerprint));
    }
    let mut described = describe(&dataset);
    described["links"] = links::of_dataset(&snapshot, dataset.name());
    Ok(tagged(object(&described), fingerprint))
}

/// `GET /datasets/{apiUri}/versions`: also of a dataset that was deleted, whose versions stay in the store.
pub(super) fn versions(call: &Call) -> Result<Response> {
    let params = call.params()?;
    let form = (params.format(call.headers())?, params.language()?);
    let (snapshot, asked) = (call.app.catalog().snapshot(), call.segment("apiUri"));
    let served = snapshot.dataset(asked);
    let name = served.map_or(asked, |dataset| dataset.name());
    let records = tokio::task::block_in_place(|| snapshot.versions(Some(name)))?;
    if records.is_empty() {
        snapshot.require(asked)?;
    }
    // Versions are dropped while the last one stays what it is.
    let kept = |record: &VersionRecord| if record.is_readable() { "+" } else { "-" };
    let known: String =
        records.iter().flat_map(|record| [kept(record), record.document_hash.as_str()]).collect();
    let fingerprint = served.map_or("", |dataset| dataset.fingerprint());
    let fingerprint = call.fingerprint(form.0, [fingerprint, &known]);
    if call.has(fingerprint) {
        return Ok(not_modified(fingerprint));
    }
    let table = version_table(&records);
    let outcome = Outcome { elapsed: call.started.elapsed(), ..Outcome::default() };
    Ok(tagged(list_of(&table, form, &outcome)?, fingerprint))
}

/// `GET /datasets/{apiUri}/diff?from=&to=`
pub(super) async fn diff(call: Call) -> Result<Response> {
    let (form, from, to) = {
        let params = call.params()?;
        let version = |name: &str| -> Result<Option<u32>> {
            let Some(text) = params.text(name) else { return Ok(None) };
            let version = text.trim_start_matches('v').parse().ok();
            version
                .map(Some)
                .ok_or_else(|| wrong(name, format!("'{name}' is '{text}'; expected a version, such as 1")))
        };
        params.required("from")?;
        ((params.format(call.headers())?, params.language()?), version("from")?, version("to")?)
    };
    let (dataset, snapshot) = call.dataset_in()?;
    let name = dataset.name().to_owned();
    let compare = move |check: &dyn Fn() -> Result<()>| {
        let from = snapshot.version(&name, from.unwrap_or_default())?;
        let to = to.map_or(Ok(dataset), |version| snapshot.version(&name, version))?;
        Ok((compared(&from, &to, check)?, from.fingerprint().to_owned(), to.fingerprint().to_owned()))
    };
    let (found, from, to) = call.app.queries.apart_checked(compare).await?;
    let fingerprint = call.fingerprint(form.0, [from.as_str(), to.as_str()]);
    if call.has(fingerprint) {
        return Ok(not_modified(fingerprint));
    }
    let members = [
        ("added", json!(found.added)),
        ("removed", json!(found.removed)),
        ("changed", json!(found.changed)),
        ("new_fields", json!(found.new_fields)),
        ("old_fields", json!(found.old_fields)),
    ];
    let elapsed = call.started.elapsed();
    let outcome = Outcome { elapsed, members: members.to_vec(), ..Outcome::default() };
    Ok(tagged(list_of(&found.table, form, &outcome)?, fingerprint))
}

/// What tells the page of a dataset that is served now from that of every other version.
pub(super) fn tag_of(call: &Call, dataset: &Dataset, snapshot: &Snapshot) -> Fingerprint {
    let near = snapshot.datasets().filter(|it| it.name() == dataset.name());
    let parts = [dataset.fingerprint(), snapshot.surroundings(dataset), links::completeness(near)];
    call.fingerprint_of("", Format::Json, parts)
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
            "total": dataset.findings().total(),
            "errors": dataset.findings().total_of(Severity::Error),
            "warnings": dataset.findings().total_of(Severity::Warning),
            "notes": dataset.findings().total_of(Severity::Note),
            "rules": dataset.findings().totals().map(|(rule, field, total)| json!({
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

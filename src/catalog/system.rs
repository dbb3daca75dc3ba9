//! The catalog about itself: the tables of the schema `system`.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray,
};
use arrow::datatypes::{DataType, Field, FieldRef};

use super::dataset::Dataset;
use super::findings;
use super::link::{Link, LinkCounts, Target};
use super::snapshot::Snapshot;
use super::store::VersionRecord;
use crate::document::Severity;
use crate::encode::attribute::{self, attribute};

/// The tables of the schema `system`.
#[derive(Debug)]
pub struct SystemTables {
    tables: Vec<(&'static str, RecordBatch)>,
}

/// A column under construction: its name and its values.
pub(super) struct Column(pub(super) &'static str, pub(super) ArrayRef);

impl SystemTables {
    /// The names of the tables.
    pub const NAMES: [&'static str; 6] =
        ["datasets", "fields", "findings", "finding_totals", "rules", "links"];
    /// The name of the one that is read from the store ([`Snapshot::version_table`]).
    pub const VERSIONS: &'static str = "versions";

    pub(super) fn of(snapshot: &Snapshot) -> Self {
        let all: Vec<&Arc<Dataset>> = snapshot.datasets().collect();
        let batches = [
            datasets(&all),
            fields(&all),
            findings::all(snapshot),
            findings::totals(&all),
            findings::rules(),
            links(snapshot),
        ];
        Self { tables: Self::NAMES.into_iter().zip(batches).collect() }
    }

    /// The table of this name.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&RecordBatch> {
        self.tables.iter().find(|(known, _)| *known == name).map(|(_, batch)| batch)
    }
}

pub(super) fn batch(columns: Vec<Column>) -> RecordBatch {
    let columns = columns.into_iter().map(|Column(name, array)| (name, array, true));
    RecordBatch::try_from_iter_with_nullable(columns).expect("columns of one table have one length")
}

pub(super) fn texts<'a, T>(
    name: &'static str,
    rows: &'a [T],
    value: impl Fn(&'a T) -> Option<&'a str>,
) -> Column {
    Column(name, Arc::new(rows.iter().map(value).collect::<StringArray>()))
}

pub(super) fn ints<T>(name: &'static str, rows: &[T], value: impl Fn(&T) -> Option<u64>) -> Column {
    let values = rows.iter().map(|row| value(row).and_then(|value| i64::try_from(value).ok()));
    Column(name, Arc::new(values.collect::<Int64Array>()))
}

fn flags<T>(name: &'static str, rows: &[T], value: impl Fn(&T) -> bool) -> Column {
    Column(name, Arc::new(rows.iter().map(|row| Some(value(row))).collect::<BooleanArray>()))
}

pub(super) fn not_empty(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

/// One row a dataset.
fn datasets(all: &[&Arc<Dataset>]) -> RecordBatch {
    let published = all.iter().map(|dataset| Some(dataset.published_at().timestamp_millis()));
    let severity = |severity| move |dataset: &&Arc<Dataset>| Some(dataset.findings().total_of(severity));
    batch(vec![
        texts("dataset", all, |dataset| Some(dataset.name())),
        ints("version", all, |dataset| Some(u64::from(dataset.version))),
        texts("name_kk", all, |dataset| not_empty(&dataset.document.meta.names[0])),
        texts("name_ru", all, |dataset| not_empty(&dataset.document.meta.names[1])),
        texts("name_en", all, |dataset| not_empty(&dataset.document.meta.names[2])),
        ints("rows", all, |dataset| Some(dataset.document.rows)),
        ints("fields", all, |dataset| Some(dataset.document.fields.len() as u64)),
        ints("points", all, |dataset| Some(dataset.point_count())),
        ints("findings", all, |dataset| Some(dataset.findings().total())),
        ints("errors", all, severity(Severity::Error)),
        ints("warnings", all, severity(Severity::Warning)),
        Column(
            "published_at",
            Arc::new(published.collect::<TimestampMillisecondArray>().with_timezone("+00:00")),
        ),
        ints("memory_bytes", all, |dataset| Some(dataset.memory_bytes() as u64)),
        texts("storage", all, |dataset| Some(dataset.storage().as_str())),
    ])
}

/// Versions as a table: dataset, version, `published_at`, rows, findings, errors, warnings, `schema_changes`,
/// `document_blake3`, `document_bytes`, `is_deleted`, `is_kept`, `written_by`.
#[must_use]
pub fn version_table(records: &[VersionRecord]) -> RecordBatch {
    let published = records.iter().map(|record| Some(record.published_at.timestamp_millis()));
    batch(vec![
        texts("dataset", records, |record| Some(&record.dataset)),
        ints("version", records, |record| Some(u64::from(record.version))),
        Column(
            "published_at",
            Arc::new(published.collect::<TimestampMillisecondArray>().with_timezone("+00:00")),
        ),
        ints("rows", records, |record| Some(record.rows)),
        ints("findings", records, |record| Some(record.findings)),
        ints("errors", records, |record| Some(record.errors)),
        ints("warnings", records, |record| Some(record.warnings)),
        texts("schema_changes", records, |record| not_empty(&record.schema_changes)),
        texts("document_blake3", records, |record| not_empty(&record.document_hash)),
        ints("document_bytes", records, |record| Some(record.document_bytes)),
        flags("is_deleted", records, |record| record.is_deleted),
        flags("is_kept", records, |record| !record.is_dropped),
        texts("written_by", records, |record| not_empty(&record.written_by)),
    ])
}

/// One row a link: which field refers to which dataset, and how many of its values lead to an object.
fn links(snapshot: &Snapshot) -> RecordBatch {
    let all: Vec<&Arc<Link>> = snapshot.links().collect();
    let counts = |link: &Arc<Link>| link.target.as_ref().and_then(Target::counts);
    let count = |count: fn(&LinkCounts) -> u64| move |link: &&Arc<Link>| counts(link).as_ref().map(count);
    let flags = |is: fn(&Target) -> bool| -> ArrayRef {
        Arc::new(all.iter().map(|link| link.target.as_ref().map(is)).collect::<BooleanArray>())
    };
    let resolved = all.iter().map(|link| Some(link.target.is_some())).collect::<BooleanArray>();
    let shares =
        all.iter().map(|link| counts(link).as_ref().and_then(LinkCounts::share)).collect::<Float64Array>();
    batch(vec![
        texts("dataset", &all, |link| Some(link.from.name())),
        texts("field", &all, |link| Some(&link.path.shown)),
        texts("datapath", &all, |link| Some(&link.datapath)),
        texts("to_dataset", &all, |link| Some(link.to())),
        texts("to_field", &all, |link| Some(link.to_field())),
        Column("is_resolved", Arc::new(resolved)),
        Column("is_key", flags(|target| target.is_key)),
        ints("values", &all, count(|it| it.values)),
        ints("resolved", &all, count(|it| it.resolved)),
        ints("dangling", &all, count(LinkCounts::dangling)),
        ints("distinct", &all, count(|it| it.distinct)),
        Column("share", Arc::new(shares)),
        ints("memory_bytes", &all, |link| Some(link.memory_bytes() as u64)),
    ])
}

/// One row a field; those of Objects and of Lists' elements by their path.
struct FieldRow {
    dataset: String,
    path: String,
    field: FieldRef,
}

fn collect_fields(dataset: &str, prefix: &str, field: &FieldRef, rows: &mut Vec<FieldRow>) {
    let path = if prefix.is_empty() { field.name().clone() } else { format!("{prefix}.{}", field.name()) };
    rows.push(FieldRow { dataset: dataset.to_owned(), path: path.clone(), field: Arc::clone(field) });
    match field.data_type() {
        _ if crate::geo::is_point(field) => {}
        DataType::Struct(members) => {
            for member in members {
                collect_fields(dataset, &path, member, rows);
            }
        }
        DataType::List(item) => {
            if let DataType::Struct(members) = item.data_type() {
                for member in members {
                    collect_fields(dataset, &format!("{path}[]"), member, rows);
                }
            }
        }
        _ => {}
    }
}

fn fields(all: &[&Arc<Dataset>]) -> RecordBatch {
    let mut rows = Vec::new();
    for dataset in all {
        for field in dataset.document.schema.fields() {
            collect_fields(dataset.name(), "", field, &mut rows);
        }
    }
    let types: Vec<String> = rows.iter().map(|row| crate::encode::type_name(&row.field)).collect();
    let arrow_types: Vec<String> = rows.iter().map(|row| arrow_type(&row.field)).collect();
    let flag = |key: &str, value: &str| -> ArrayRef {
        let flags = rows.iter().map(|row| Some(attribute(&row.field, key) == Some(value)));
        Arc::new(flags.collect::<BooleanArray>())
    };
    let text = |name, key: &'static str| texts(name, &rows, move |row| attribute(&row.field, key));
    batch(vec![
        texts("dataset", &rows, |row| Some(&row.dataset)),
        texts("field", &rows, |row| Some(&row.path)),
        texts("type", &types, |text| Some(text)),
        texts("arrow_type", &arrow_types, |text| Some(text)),
        text("label_kk", attribute::LABEL_KK),
        text("label_ru", attribute::LABEL_RU),
        text("label_en", attribute::LABEL_EN),
        Column("is_key", flag(attribute::KEY, "true")),
        text("datapath", attribute::DATAPATH),
        Column("is_undeclared", flag(attribute::DECLARED, "false")),
    ])
}

/// Arrow's name of a column's type, short for types with members.
fn arrow_type(field: &Field) -> String {
    match field.data_type() {
        _ if crate::geo::is_point(field) => "geoarrow.point".to_owned(),
        DataType::Struct(_) => "Struct".to_owned(),
        DataType::List(item) => format!("List({})", arrow_type(item)),
        other => other.to_string(),
    }
}

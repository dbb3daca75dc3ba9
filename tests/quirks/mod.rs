//! Bytes → table: every quirk that real documents have, one test a quirk, named after it.
//!
//! What is expected here is what the format says, line by line; how a document came to be so is in the
//! comments. Values of one type in all their writings are in `tests/values.rs`.

mod encodings;
mod envelopes;
mod markup;
mod names;
mod positions;
mod same;
mod texts;
mod values;

use derek::document::{self, Document, ReadOptions, Severity};
use derek::encode::{Encoder, JsonEncoder, Outcome};
use derek::error::{Code, Error};
use serde_json::Value;

/// What a finding says: its rule, its row and the raw value.
type Found<'a> = (&'a str, Option<u64>, Option<&'a str>);

/// No finding at all.
const NOTHING: [Found; 0] = [];

/// The document that a file `test` with these bytes holds.
fn read(bytes: impl AsRef<[u8]>) -> Document {
    let bytes = bytes.as_ref();
    document::read(bytes, &ReadOptions::new("test"))
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(bytes)))
}

/// What a document is refused with.
fn refusal(bytes: impl AsRef<[u8]>) -> Error {
    let bytes = bytes.as_ref();
    match document::read(bytes, &ReadOptions::new("test")) {
        Ok(_) => panic!("it must be refused: {}", String::from_utf8_lossy(bytes)),
        Err(error) => error,
    }
}

/// The code that a document is refused with.
fn refused(bytes: impl AsRef<[u8]>) -> Code {
    refusal(bytes).code
}

/// A document with these fields and rows, both without their brackets.
fn dataset(fields: &str, rows: &str) -> Document {
    read(format!(r#"{{"meta":{{"apiUri":"t"}},"fields":{{{fields}}},"data":[{rows}]}}"#))
}

/// A document of one column `v`, declared by `field`, with these JSON values.
fn column(field: &str, values: &[&str]) -> Document {
    let rows: Vec<String> = values.iter().map(|value| format!(r#"{{"v":{value}}}"#)).collect();
    dataset(&format!(r#""v":{field}"#), &rows.join(","))
}

/// The rows as the JSON encoder writes them.
fn rows(document: &Document) -> Value {
    let mut encoder = JsonEncoder::default();
    let mut out = Vec::new();
    encoder.start(&document.schema, &mut out).expect("every column can be written");
    for batch in &document.batches {
        encoder.batch(batch, &mut out).expect("every column can be written");
    }
    encoder.finish(&Outcome::default(), &mut out).expect("the end can be written");
    let answer: Value = serde_json::from_slice(&out).expect("the encoder writes JSON");
    answer["rows"].clone()
}

/// The values of a column from the first row to the last.
fn values(document: &Document, name: &str) -> Vec<Value> {
    let rows = rows(document);
    rows.as_array().expect("rows are a list").iter().map(|row| row[name].clone()).collect()
}

/// The findings about fields, rows and values, without those only worth a note.
fn findings(document: &Document) -> Vec<Found<'_>> {
    let found = document
        .findings
        .iter()
        .filter(|it| it.rule.severity() > Severity::Note && !it.rule.code().starts_with("meta."));
    found.map(|it| (it.rule.code(), it.row, it.raw.as_deref())).collect()
}

/// The field, the row and the raw value of each finding of one rule.
fn found<'a>(document: &'a Document, rule: &str) -> Vec<Found<'a>> {
    let found = document.findings.iter().filter(|it| it.rule.code() == rule);
    found.map(|it| (&*it.field, it.row, it.raw.as_deref())).collect()
}

/// How often a rule is broken in a field.
fn total(document: &Document, rule: &str, field: &str) -> u64 {
    let totals = document.findings.totals();
    totals.filter(|(known, path, _)| known.code() == rule && *path == field).map(|(.., total)| total).sum()
}

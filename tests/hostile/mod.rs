//! Hostile input at the boundary bytes → table: nothing ends the process, what is no document is
//! refused with its place, and no way of cutting a document into parts changes what is read.

#![expect(clippy::format_collect, reason = "documents are made of many small texts")]

mod budgets;
mod cuts;
mod encodings;
mod found;
mod json_invalid;
mod json_suite;
mod json_valid;
mod limits;
mod mutations;
mod sources;
mod verdict;
mod xml_suite;

use derek::document::{self, Document, ReadOptions, Source};
use derek::error::{Code, Error};
use verdict::{Outcome, agrees_with_serde, verdict};

/// A document's outcome, whole: the same in parts, and for JSON the one that `serde_json` has.
fn try_outcome(bytes: &[u8]) -> Result<Outcome, String> {
    let outcome = verdict(bytes).and_then(|outcome| {
        agrees_with_serde(bytes, &outcome)?;
        Ok(outcome)
    });
    outcome.map_err(|broken| format!("{broken}\nin {}", shown(bytes)))
}

fn outcome(bytes: &[u8]) -> Outcome {
    try_outcome(bytes).unwrap_or_else(|broken| panic!("{broken}"))
}

/// The start of a document, as a failure shows it.
fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(1_000)]).into_owned()
}

/// A document that must be accepted.
fn accepted(bytes: &[u8]) -> Document {
    outcome(bytes).unwrap_or_else(|error| panic!("{error}\nin {}", shown(bytes)))
}

/// The error of a document that must be refused.
fn refused(bytes: &[u8]) -> Error {
    outcome(bytes).map_or_else(|error| error, |_| panic!("accepted: {}", shown(bytes)))
}

/// Documents that must all be accepted, or all be refused with a code: every one that is not is named.
fn all(documents: impl IntoIterator<Item = impl AsRef<str>>, expected: Result<(), Code>) {
    let broken = |text: &str| match try_outcome(text.as_bytes()) {
        Err(broken) => Some(broken),
        Ok(Ok(_)) => expected.err().map(|_| format!("accepted: {}", shown(text.as_bytes()))),
        Ok(Err(error)) if Err(error.code) == expected => None,
        Ok(Err(error)) => Some(format!("{error}\nin {}", shown(text.as_bytes()))),
    };
    let broken: Vec<String> = documents.into_iter().filter_map(|text| broken(text.as_ref())).collect();
    assert!(broken.is_empty(), "{} documents:\n{}", broken.len(), broken.join("\n\n"));
}

/// The code and the byte that a document is refused with.
fn refusal(bytes: &[u8]) -> (Code, Option<u64>) {
    let error = refused(bytes);
    (error.code, error.place.and_then(|place| place.byte))
}

/// A source as a table, on two threads, in parts of a usual size.
fn read<S: Source + ?Sized>(source: &S) -> Outcome {
    document::read(source, &ReadOptions { threads: 2, ..ReadOptions::new("hostile") })
}

/// The rows as the JSON encoder writes them.
fn rows(document: &Document) -> serde_json::Value {
    use derek::encode::{Encoder, JsonEncoder};
    let (mut encoder, mut out) = (JsonEncoder::default(), Vec::new());
    encoder.start(&document.schema, &mut out).expect("every column can be written");
    for batch in &document.batches {
        encoder.batch(batch, &mut out).expect("every column can be written");
    }
    encoder.finish(&derek::encode::Outcome::default(), &mut out).expect("the end can be written");
    let answer: serde_json::Value = serde_json::from_slice(&out).expect("the encoder writes JSON");
    answer["rows"].clone()
}

/// Field, row and raw value of the findings of one rule.
fn found(document: &Document, rule: &str) -> Vec<(String, Option<u64>, String)> {
    let all = document.findings.iter().filter(|finding| finding.rule.code() == rule);
    all.map(|it| (it.field.to_string(), it.row, it.raw.clone().unwrap_or_default())).collect()
}

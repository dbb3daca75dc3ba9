//! What must hold for any bytes at all, however they are cut into parts: the property that the tests of
//! hostile input and the fuzz targets share.

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use derek::document::{self, Document, Finding, ReadOptions};
use derek::error::{Code, Error, Place};
use serde::de::IgnoredAny;

/// What a document came to.
pub(crate) type Outcome = Result<Document, Error>;

/// Part sizes and threads that must not matter: parts of about one row, and several parts at once.
pub(crate) const CUTS: [(usize, usize); 2] = [(24, 1), (150, 2)];

/// Reads a document whole and in parts; an `Err` says what must not be.
pub(crate) fn verdict(bytes: &[u8]) -> Result<Outcome, String> {
    verdict_of_cuts(bytes, &CUTS)
}

/// The same with parts of other sizes, on as many threads as each says.
pub(crate) fn verdict_of_cuts(bytes: &[u8], cuts: &[(usize, usize)]) -> Result<Outcome, String> {
    let whole = document::read(bytes, &ReadOptions::new("hostile"));
    match &whole {
        Ok(document) => holds_together(document)?,
        Err(error) => names_its_place(error, bytes)?,
    }
    for &(part_bytes, threads) in cuts {
        let options = ReadOptions { part_bytes, threads, ..ReadOptions::new("hostile") };
        let parts = document::read(bytes, &options);
        difference(&whole, &parts).map_or(Ok(()), |difference| {
            Err(format!("parts of {part_bytes} bytes on {threads} threads: {difference}"))
        })?;
    }
    Ok(whole)
}

/// Whether a JSON document is accepted and refused as `serde_json` does it, as far as syntax goes.
pub(crate) fn agrees_with_serde(bytes: &[u8], outcome: &Outcome) -> Result<(), String> {
    let Some(json) = json_of(bytes) else { return Ok(()) };
    // What is skipped is not decoded by `serde_json`.
    let utf8 = std::str::from_utf8(json).map_err(|error| error.to_string());
    let value = serde_json::from_slice::<IgnoredAny>(json).map_err(|error| error.to_string());
    let verdict = utf8.and(value);
    let is_container = matches!(json.trim_ascii_start().first(), Some(b'{' | b'['));
    match (verdict, outcome) {
        (Err(reason), Ok(_)) => Err(format!("accepted, and serde_json says: {reason}")),
        (Err(reason), Err(error)) => {
            let may_come_first = [Code::DocumentTooDeep, Code::DocumentTooLarge];
            let is_syntax = [Code::DocumentSyntax, Code::DocumentNotUtf8].contains(&error.code);
            if is_syntax || may_come_first.contains(&error.code) {
                Ok(())
            } else {
                Err(format!("refused with {error}, and serde_json says: {reason}"))
            }
        }
        (Ok(_), Err(error))
            if is_container && [Code::DocumentSyntax, Code::DocumentNotUtf8].contains(&error.code) =>
        {
            Err(format!("refused, and serde_json accepts it: {error}"))
        }
        (Ok(_), _) => Ok(()),
    }
}

/// The JSON text of a document, or none where it is XML or not in UTF-8.
fn json_of(bytes: &[u8]) -> Option<&[u8]> {
    let is_utf16 =
        matches!(bytes, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [b'{' | b'[', 0, ..] | [0, b'{' | b'[', ..]);
    let json = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let is_markup = json.trim_ascii_start().first() == Some(&b'<') || json.starts_with(b"\0");
    (!is_utf16 && !is_markup).then_some(json)
}

/// What holds for every document that was read.
fn holds_together(document: &Document) -> Result<(), String> {
    let rows: usize = document.batches.iter().map(RecordBatch::num_rows).sum();
    if rows as u64 != document.rows {
        return Err(format!("{} rows are {rows}", document.rows));
    }
    if let Some(batch) = document.batches.iter().find(|batch| batch.schema() != document.schema) {
        return Err(format!("a batch has another schema: {:?}", batch.schema()));
    }
    let mut findings = document.findings.iter();
    match findings.find(|finding| finding.row.is_some_and(|row| row == 0 || row > document.rows)) {
        Some(finding) => Err(format!("a finding in a row that is not there: {finding:?}")),
        None => Ok(()),
    }
}

/// A fault in the bytes has a line, a column and a byte that agree, unless the text had to be decoded.
fn names_its_place(error: &Error, bytes: &[u8]) -> Result<(), String> {
    let is_in_the_bytes = [
        Code::DocumentSyntax,
        Code::DocumentNotUtf8,
        Code::DocumentTooDeep,
        Code::DocumentDtdRefused,
        Code::DocumentTooLarge,
    ];
    match (error.code, error.place.as_deref()) {
        (Code::Internal, _) => Err(format!("a fault of derek's own: {error}")),
        (Code::DocumentEncoding, _) => Ok(()),
        (code, _) if !is_in_the_bytes.contains(&code) => Ok(()),
        (_, Some(&Place { line: Some(_), column: Some(_), byte: None, .. })) => Ok(()),
        (_, Some(&Place { line: Some(line), column: Some(_), byte: Some(byte), .. })) => {
            let before = usize::try_from(byte).ok().and_then(|byte| bytes.get(..byte));
            let lines = before.map(|text| text.split(|byte| *byte == b'\n').count() as u64);
            if lines == Some(line) { Ok(()) } else { Err(format!("byte and line do not agree: {error}")) }
        }
        _ => Err(format!("no place: {error}")),
    }
}

/// What differs between two readings of one document.
fn difference(whole: &Outcome, parts: &Outcome) -> Option<String> {
    match (whole, parts) {
        (Ok(whole), Ok(parts)) => difference_of_documents(whole, parts),
        (Err(whole), Err(parts)) => {
            let is_same =
                (whole.code, &whole.message, &whole.place) == (parts.code, &parts.message, &parts.place);
            (!is_same).then(|| format!("refused with\n {parts}\nand not with\n {whole}"))
        }
        (Ok(_), Err(error)) => Some(format!("refused, and whole it is not: {error}")),
        (Err(error), Ok(_)) => Some(format!("accepted, and whole it is refused: {error}")),
    }
}

fn difference_of_documents(whole: &Document, parts: &Document) -> Option<String> {
    if (&whole.name, &whole.meta) != (&parts.name, &parts.meta) {
        return Some(format!("{:?} and not {:?}", parts.meta, whole.meta));
    }
    if whole.fields != parts.fields || whole.schema != parts.schema {
        return Some(format!("fields {:?} and not {:?}", parts.schema, whole.schema));
    }
    if whole.orders != parts.orders {
        return Some(format!("orders {:?} and not {:?}", parts.orders, whole.orders));
    }
    let totals = |document: &Document| {
        let totals = document.findings.totals();
        totals.map(|(rule, field, total)| (rule.code(), field.to_owned(), total)).collect::<Vec<_>>()
    };
    let (own, other) = (totals(whole), totals(parts));
    if own != other {
        return Some(format!("findings\n {other:?}\nand not\n {own:?}"));
    }
    let mut kept = whole.findings.iter().zip(parts.findings.iter());
    if let Some((own, other)) = kept.find(|(own, other)| own != other) {
        return Some(format!("finding {other:?} and not {own:?}"));
    }
    let kept = |document: &Document| document.findings.iter().collect::<Vec<&Finding>>().len();
    if kept(whole) != kept(parts) {
        return Some(format!("{} findings are kept and not {}", kept(parts), kept(whole)));
    }
    let table = |document: &Document| concat_batches(&document.schema, &document.batches);
    match (table(whole), table(parts)) {
        (Ok(own), Ok(other)) if own == other => None,
        (own, other) => Some(format!("rows {other:?} and not {own:?}")),
    }
}

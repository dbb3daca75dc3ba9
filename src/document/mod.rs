//! What does this file say, and does it keep its own word?
//!
//! Bytes in; fields, typed rows and findings out. A reader touches no disk, clock or network: bytes
//! come through a [`Source`]. No deviation loses a row, a column or a raw value: what does not fit its
//! declared type is null and stands in [`Findings`]. A document is refused only where no table can be
//! made of it.
//!
//! The pipeline of a JSON document: `envelope` (where are the rows?), `rows` (all cores, part by
//! part, into the columns of a `record`), `facts` (what all rows together decide), Arrow.

mod column;
mod date;
mod envelope;
mod facts;
mod field;
mod finding;
mod json;
mod meta;
mod number;
mod points;
mod position;
mod record;
mod refusal;
mod rows;
mod source;
mod texts;
mod values;

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions};

pub use field::{AxisOrder, FieldSpec, Type};
pub use finding::{Finding, Findings, KEPT_PER_RULE_AND_FIELD, Rule, Severity};
pub use meta::Meta;
pub use position::OrderCounts;
pub use source::{Source, window_bytes};

use crate::error::{Code, Error, Result};
use envelope::{Envelope, Head};
use facts::Facts;
use field::{arrow_fields, join};
use json::Fault;
use record::Separate;
use refusal::Refusal;
use rows::{Part, RowsReader};

/// How a document is read.
pub struct ReadOptions<'a> {
    /// The name that a table gets where the document's `apiUri` is none: the file's, without ending.
    pub file_stem: &'a str,
    /// How many threads read rows.
    pub threads: usize,
    /// About how many bytes of rows make one batch.
    pub part_bytes: usize,
    /// Is told the bytes read since it was told last, from any thread.
    pub progress: Option<&'a (dyn Fn(u64) + Sync)>,
}

impl<'a> ReadOptions<'a> {
    /// One thread, batches of 4 MiB of JSON, no progress.
    #[must_use]
    pub fn new(file_stem: &'a str) -> Self {
        Self { file_stem, threads: 1, part_bytes: 4 << 20, progress: None }
    }
}

/// A published document as typed tables: what it says of itself, its rows, and what it breaks.
#[derive(Debug, Clone)]
pub struct Document {
    /// The table's name: `apiUri`, or what was derived in its place.
    pub name: String,
    /// What the document says of itself.
    pub meta: Meta,
    /// The fields in their order, those met only in the rows last.
    pub fields: Vec<FieldSpec>,
    /// The fields as Arrow has them; labels and roles are in their metadata.
    pub schema: SchemaRef,
    /// The rows in the document's order.
    pub batches: Vec<RecordBatch>,
    /// Number of rows.
    pub rows: u64,
    /// What the document breaks.
    pub findings: Findings,
    /// How the points of each Geoposition field lie, by its path.
    pub orders: BTreeMap<String, OrderCounts>,
}

/// Reads a JSON document.
///
/// Cost: one pass over the bytes, or two where `fields` stands after `data`. Memory: the table, and a
/// window of [`ReadOptions::part_bytes`] for each thread.
///
/// # Errors
/// `document.*`, with line, column and byte, where no table can be made of the bytes.
///
/// ```
/// use derek::document::{ReadOptions, read_json};
/// let bytes = br#"{"fields": {"id": {"type": "Int"}}, "data": [{"id": "1 234"}, {"id": "x"}]}"#.to_vec();
/// let document = read_json(&bytes, &ReadOptions::new("counts"))?;
/// assert_eq!((document.name.as_str(), document.rows), ("counts", 2));
/// assert_eq!(document.findings.iter().next().map(|finding| finding.rule.code()), Some("meta.api_uri"));
/// # Ok::<(), derek::error::Error>(())
/// ```
pub fn read_json<S: Source + ?Sized>(source: &S, options: &ReadOptions<'_>) -> Result<Document> {
    Reader { source, options }.read().map_err(|refusal| refusal.into_error(source))
}

struct Reader<'a, S: Source + ?Sized> {
    source: &'a S,
    options: &'a ReadOptions<'a>,
}

/// What was read before the parts become one table.
struct Reading {
    envelope: Envelope,
    parts: Vec<Part>,
}

impl<S: Source + ?Sized> Reader<'_, S> {
    fn read(&self) -> Result<Document, Refusal> {
        let (mut envelope, start) = self.head()?;
        let mut unknown = Vec::new();
        let declared = envelope.fields().cloned();
        let mut specs =
            declared.as_ref().map_or_else(Vec::new, |it| FieldSpec::parse_all(it, "", &mut unknown));
        let mut parts = self.rows(&specs, start, &mut envelope)?;
        if declared.is_none()
            && let Some(fields) = envelope.fields()
        {
            // `fields` stands after `data`: now that they are known, read the rows as what they are.
            specs = FieldSpec::parse_all(fields, "", &mut unknown);
            drop(parts);
            parts = self.rows(&specs, start, &mut envelope.clone())?;
        }
        let reading = Reading { envelope, parts };
        reading.into_document(specs, &unknown, self.options).map_err(Refusal::Other)
    }

    /// The document up to its first row, through a window that grows until it holds that much.
    fn head(&self) -> Result<(Envelope, u64), Refusal> {
        let (mut window, mut length) = (Vec::new(), 1 << 16);
        self.source.read(0, 3, &mut window)?;
        let base = if window == "\u{feff}".as_bytes() { 3 } else { 0 };
        loop {
            let wanted = window_bytes(self.source.len_bytes(), base, length);
            self.source.read(base, wanted, &mut window)?;
            let is_last = base + wanted as u64 >= self.source.len_bytes();
            let text = rows::text(&window, base, is_last)?;
            if text.trim_start().starts_with('<') {
                return Err(Refusal::Other(markup(text)));
            }
            match Envelope::head(text) {
                Ok(Head::Rows { at, envelope }) => return Ok((envelope, base + at as u64)),
                Ok(Head::NoRows(envelope)) => return Err(Refusal::Other(envelope.without_rows())),
                Err(Fault::Incomplete { .. }) if !is_last => length = length.saturating_mul(4),
                Err(fault) => return Err(Refusal::Fault { base, fault }),
            }
        }
    }

    /// All rows as `specs` declare them; what follows them is added to `envelope`.
    fn rows(&self, specs: &[FieldSpec], start: u64, envelope: &mut Envelope) -> Result<Vec<Part>, Refusal> {
        let mut separate = Separate::new();
        let (parts, end) = loop {
            let reader =
                RowsReader { source: self.source, specs, separate: &separate, options: self.options, start };
            match reader.read() {
                // Met once, the two spellings are two columns in every row: from the start again.
                Err(Refusal::Fault { fault: Fault::TwoSpellings(path), .. }) => separate.insert(path),
                other => break other?,
            };
        };
        let rest = window_bytes(self.source.len_bytes(), end, usize::MAX);
        let mut window = Vec::new();
        self.source.read(end, rest, &mut window)?;
        let text = rows::text(&window, end, true)?;
        envelope.tail(text).map_err(|fault| Refusal::Fault { base: end, fault })?;
        Ok(parts)
    }
}

/// What a document that starts with `<` is taken for.
fn markup(text: &str) -> Error {
    let start: String = text.trim_start().chars().take(15).collect::<String>().to_lowercase();
    if start.starts_with("<!doctype html") || start.starts_with("<html") {
        return Error::new(Code::DocumentErrorBody, "this is an HTML page, not a dataset")
            .hint("the address answers with a page; download the dataset itself");
    }
    Error::new(Code::DocumentSyntax, "not JSON: the file starts with '<'")
}

impl Document {
    /// Whether the points of the field at this path were swapped: its column's verdict, unless the
    /// publisher states the order.
    #[must_use]
    pub fn is_swapped(&self, path: &str) -> bool {
        self.findings.totals().any(|(rule, field, _)| rule == Rule::PositionOrder && field == path)
    }
}

impl Reading {
    fn into_document(
        self,
        mut specs: Vec<FieldSpec>,
        unknown: &[(String, String)],
        options: &ReadOptions<'_>,
    ) -> Result<Document> {
        let meta = Meta::parse(self.envelope.members.get("meta"));
        let (name, is_derived) = meta.table_name(options.file_stem);
        let mut findings = Findings::default();
        if is_derived {
            let raw = Some(meta.api_uri.clone()).filter(|uri| !uri.is_empty());
            findings.add(Rule::MetaApiUri, &"".into(), None, || raw);
        }
        if self.envelope.fields().is_none() {
            findings.add(Rule::DocumentNoFields, &"".into(), None, || None);
        }
        for (path, word) in unknown {
            findings.add(Rule::FieldUnknownType, &path.as_str().into(), None, || Some(word.clone()));
        }
        let mut facts = Facts::default();
        for part in &self.parts {
            part.record.gather(&mut facts);
            part.record.extend(&mut specs);
        }
        note_fields(&specs, "", &facts, self.envelope.fields().is_some(), &mut findings);
        let schema = Arc::new(Schema::new(arrow_fields(&specs, "", &facts)));
        let (batches, rows) =
            finish(self.parts, &specs, &schema, &facts, &mut findings).map_err(|error| {
                Error::new(Code::Internal, "the columns do not fit together").caused_by(error)
            })?;
        name_keys(&mut findings, &specs, &batches);
        Ok(Document { name, meta, fields: specs, schema, batches, rows, findings, orders: facts.orders })
    }
}

/// Notes the fields that the rows do not have, have under another spelling, or have undeclared.
fn note_fields(specs: &[FieldSpec], path: &str, facts: &Facts, declares: bool, findings: &mut Findings) {
    for spec in specs {
        let path = join(path, &spec.name);
        let field: Arc<str> = Arc::from(path.as_str());
        if !spec.declared && declares {
            findings.add(Rule::FieldUndeclared, &field, None, || None);
        }
        if spec.declared && !facts.present.contains(&path) {
            findings.add(Rule::FieldAbsent, &field, None, || None);
            continue;
        }
        if let Some(spelled) = facts.spelled.get(&path) {
            findings.add(Rule::FieldCase, &field, None, || Some(spelled.clone()));
        }
        let (points, path) = match &spec.element {
            Some(element) => (element.as_ref(), format!("{path}[]")),
            None => (spec, path),
        };
        if points.kind == Type::Geoposition && points.order.is_none() && facts.is_swapped(&path) {
            findings.add(Rule::PositionOrder, &path.as_str().into(), None, || None);
        }
        note_fields(&points.fields, &path, facts, declares, findings);
    }
}

/// One batch a part, and the number of all rows.
fn finish(
    parts: Vec<Part>,
    specs: &[FieldSpec],
    schema: &SchemaRef,
    facts: &Facts,
    findings: &mut Findings,
) -> Result<(Vec<RecordBatch>, u64), ArrowError> {
    let (mut batches, mut rows) = (Vec::with_capacity(parts.len()), 0);
    for part in parts {
        let count = part.record.rows();
        let mut found = part.findings;
        let columns = part.record.finish(specs, schema.fields(), facts, &mut found);
        findings.append(found, rows);
        if count > 0 {
            let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(count));
            batches.push(RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)?);
        }
        rows += count as u64;
    }
    Ok((batches, rows))
}

/// Puts the row's primary key into each finding that names a row.
fn name_keys(findings: &mut Findings, specs: &[FieldSpec], batches: &[RecordBatch]) {
    let keys: Vec<usize> =
        specs.iter().enumerate().filter(|(_, spec)| spec.is_key).map(|(at, _)| at).collect();
    let mut starts = vec![0];
    for batch in batches {
        starts.push(starts[starts.len() - 1] + batch.num_rows() as u64);
    }
    let options = FormatOptions::default();
    for finding in findings.iter_mut().filter(|_| !keys.is_empty()) {
        let Some(row) = finding.row.map(|row| row - 1) else { continue };
        let index = starts.partition_point(|start| *start <= row) - 1;
        let at = usize::try_from(row - starts[index]).unwrap_or_default();
        let texts = keys.iter().filter_map(|key| {
            let column = batches.get(index)?.column(*key);
            ArrayFormatter::try_new(column, &options).ok().map(|formatter| formatter.value(at).to_string())
        });
        finding.key = Some(texts.collect::<Vec<_>>().join("/")).filter(|key| !key.is_empty());
    }
}

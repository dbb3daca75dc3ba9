//! The parts of a document become one table; what only all rows together tell is settled.

use std::sync::Arc;

use arrow::array::{RecordBatch, RecordBatchOptions};
use arrow::datatypes::{Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use serde_json::{Map, Value};

use super::envelope::Envelope;
use super::facts::Facts;
use super::field::{Broken, FieldSpec, Type, arrow_fields, elements, join, shown};
use super::finding::{Findings, capped};
use super::meta::{self, Meta};
use super::rows::Part;
use super::rule::Rule;
use super::{Document, ReadOptions, keys, pair};
use crate::error::{Code, Error, Result};

/// What was read before the parts become one table.
pub(super) struct Reading {
    pub(super) envelope: Envelope,
    pub(super) parts: Vec<Part>,
    /// The object in the file with the metadata, or why it is none.
    pub(super) meta_file: Option<Result<Map<String, Value>, String>>,
    pub(super) specs: Vec<FieldSpec>,
    pub(super) broken: Broken,
    /// Whether there is a description of the fields.
    pub(super) declares: bool,
}

impl Reading {
    pub(super) fn into_document(self, options: &ReadOptions<'_>) -> Result<Document> {
        let mut findings = Findings::default();
        let meta = self.meta(&mut findings);
        let (name, is_derived) = meta.table_name(options.file_stem);
        if meta.members.is_empty() {
            findings.add(Rule::MetaMissing, &"".into(), None, || None);
        } else {
            meta.check(is_derived, &mut findings);
        }
        self.note_envelope(&mut findings);
        let mut facts = Facts { repairs_text: options.repairs_text, ..Facts::default() };
        for part in &self.parts {
            part.record.gather(&mut facts);
        }
        let mut specs = self.specs;
        note_fields(&specs, "", &facts, self.declares, &mut findings);
        let mut schema = Arc::new(Schema::new(arrow_fields(&specs, "", &facts)));
        let table = |findings: &mut Findings| {
            let unread = unread_rows(&self.parts);
            let (mut batches, rows) = finish(self.parts, &specs, &schema, &facts, findings)?;
            pair::add(&mut specs, &mut schema, &mut batches, findings)?;
            if options.inspects {
                keys::check(&specs, &batches, &unread, options.threads, findings)?;
            }
            Ok::<_, ArrowError>((batches, rows))
        };
        let (batches, rows) = table(&mut findings).map_err(|error| {
            Error::new(Code::Internal, "the columns do not fit together").caused_by(error)
        })?;
        let mut findings = findings.with_fields(shown);
        name_keys(&mut findings, &specs, &batches);
        let orders = facts.orders.into_iter().map(|(path, counts)| (shown(&path), counts)).collect();
        Ok(Document { name, meta, fields: specs, schema, batches, rows, findings, orders })
    }

    /// The document's own metadata, or those of the file beside it.
    fn meta(&self, findings: &mut Findings) -> Meta {
        let own = self.envelope.members.get("meta").filter(|meta| meta.as_object().is_some_and(has_meta));
        let beside = match &self.meta_file {
            Some(Err(error)) => {
                findings.add(Rule::DocumentMetaFile, &"".into(), None, || Some(error.clone()));
                None
            }
            Some(Ok(file)) => Some(meta::meta_of(file)),
            None => None,
        };
        Meta::parse(own.or(beside.as_ref()))
    }

    fn note_envelope(&self, findings: &mut Findings) {
        if !self.declares {
            findings.add(Rule::DocumentNoFields, &"".into(), None, || None);
        }
        for path in &self.envelope.repeated {
            findings.add(Rule::DocumentDuplicateKey, &path.as_str().into(), None, || None);
        }
        for path in &self.envelope.lone_surrogates {
            findings.add(Rule::TextLoneSurrogate, &path.as_str().into(), None, || None);
        }
        for (rule, path, raw) in &self.broken {
            findings.add(*rule, &path.as_str().into(), None, || raw.clone());
        }
    }
}

/// Whether an object says more than its fields.
fn has_meta(members: &Map<String, Value>) -> bool {
    members.keys().any(|key| key != "fields")
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
            Some(element) => (element.as_ref(), elements(&path)),
            None => (spec, path),
        };
        if points.kind == Type::Geoposition && points.order.is_none() && facts.is_swapped(&path) {
            findings.add(Rule::PositionOrder, &path.as_str().into(), None, || None);
        }
        note_fields(&points.fields, &path, facts, declares, findings);
    }
}
/// The rows of the document with a value that could not be read, from 1 and in order.
fn unread_rows(parts: &[Part]) -> Vec<u64> {
    let mut before = 0;
    let mut unread = Vec::new();
    for part in parts {
        unread.extend(part.unread.iter().map(|row| row + before));
        before += part.record.rows() as u64;
    }
    unread
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
            let options = RecordBatchOptions::new().with_row_count(Some(count));
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
        finding.key = Some(capped(texts.collect::<Vec<_>>().join("/"))).filter(|key| !key.is_empty());
    }
}

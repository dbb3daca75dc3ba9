//! A document without its rows, as JSON, and back: what a store keeps beside the table.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Document;
use super::field::FieldSpec;
use super::finding::{Finding, Findings};
use super::meta::Meta;
use super::position::OrderCounts;
use super::rule::Rule;
use crate::geo::{Points, is_point};

/// What is written.
#[derive(Serialize, Deserialize)]
struct Description {
    name: String,
    rows: u64,
    size: TableSize,
    meta: Map<String, Value>,
    fields: Vec<FieldSpec>,
    orders: BTreeMap<String, OrderCounts>,
    findings: Vec<OfRule>,
}

/// What a table takes where it is in memory, and how many points it has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableSize {
    /// Bytes of its columns.
    pub memory_bytes: u64,
    /// Points on the globe, by column of points.
    pub points: Vec<u64>,
}

impl TableSize {
    /// That of a document with its rows. Cost: a look at each point.
    #[must_use]
    pub fn of(document: &Document) -> Self {
        let bytes = document.batches.iter().map(RecordBatch::get_array_memory_size).sum::<usize>();
        let count = |column: usize| {
            let points = document.batches.iter().filter_map(|it| Points::of(it.column(column).as_ref()));
            points.flat_map(Points::iter).filter(|(_, point)| point.is_on_globe()).count() as u64
        };
        let fields = document.schema.fields().iter().enumerate();
        let points = fields.filter(|(_, field)| is_point(field)).map(|(column, _)| count(column));
        Self { memory_bytes: bytes as u64, points: points.collect() }
    }
}

/// The findings of one rule in one field.
#[derive(Serialize, Deserialize)]
struct OfRule {
    rule: String,
    field: String,
    total: u64,
    kept: Vec<Kept>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    row: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    raw: Option<String>,
}

impl Document {
    /// All but the rows, as JSON that [`Document::restored`] reads.
    ///
    /// # Errors
    /// None that a document could cause.
    pub fn description(&self) -> serde_json::Result<Vec<u8>> {
        let kept = |rule: Rule, field: &str| {
            let of_kind = self.findings.iter().filter(|it| it.rule == rule && *it.field == *field);
            let kept = |it: &Finding| Kept { row: it.row, key: it.key.clone(), raw: it.raw.clone() };
            of_kind.map(kept).collect()
        };
        let findings = self.findings.totals().map(|(rule, field, total)| OfRule {
            rule: rule.code().to_owned(),
            field: field.to_owned(),
            total,
            kept: kept(rule, field),
        });
        serde_json::to_vec(&Description {
            name: self.name.clone(),
            rows: self.rows,
            size: TableSize::of(self),
            meta: self.meta.members.clone(),
            fields: self.fields.clone(),
            orders: self.orders.clone(),
            findings: findings.collect(),
        })
    }

    /// The document that a description is of, without its rows, and what these take; `schema` and `rows` are
    /// those of its table.
    ///
    /// # Errors
    /// Where the description is none, or has another number of rows than the table.
    pub fn restored(description: &[u8], schema: SchemaRef, rows: u64) -> Result<(Self, TableSize), String> {
        let described: Description =
            serde_json::from_slice(description).map_err(|error| error.to_string())?;
        if rows != described.rows {
            return Err(format!("the table has {rows} rows, the description {}", described.rows));
        }
        let mut findings = Findings::default();
        for of_rule in described.findings {
            let rule = Rule::ALL.iter().find(|rule| rule.code() == of_rule.rule);
            let rule = *rule.ok_or_else(|| format!("there is no rule {}", of_rule.rule))?;
            let field: Arc<str> = of_rule.field.into();
            let kept = of_rule.kept.into_iter().map(|it| Finding {
                rule,
                row: it.row,
                key: it.key,
                field: Arc::clone(&field),
                raw: it.raw,
            });
            findings.restore(rule, &field, of_rule.total, kept.collect());
        }
        let document = Self {
            name: described.name,
            meta: Meta::parse(Some(&Value::Object(described.meta))),
            fields: described.fields,
            schema,
            batches: Vec::new(),
            rows,
            findings,
            orders: described.orders,
        };
        Ok((document, described.size))
    }
}

//! What changed between two versions of a dataset, by key.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{DynComparator, RecordBatch, make_comparator};
use arrow::compute::SortOptions;
use arrow::datatypes::FieldRef;
use arrow::error::ArrowError;

use super::dataset::Dataset;
use super::key::KeyIndex;
use super::key_value::KeyValue;
use super::system::{batch, ints, texts};
use crate::error::{Code, Error, Result};

/// Changes that are told one by one; all are counted.
const MOST_TOLD: usize = 10_000;

/// What became of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Added,
    Removed,
    Changed,
}

impl Change {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
        }
    }
}

/// An object that is not the same in both versions.
struct Difference {
    change: Change,
    key: Option<String>,
    from_row: Option<u64>,
    to_row: Option<u64>,
    fields: String,
}

/// What changed between two versions.
#[derive(Debug)]
pub struct Diff {
    /// The first changes: change (`added`, `removed`, `changed`), key, `from_row`, `to_row` (from 1), fields
    /// (those that differ, separated by commas); removed ones after the others, each in its document's order.
    pub table: RecordBatch,
    /// Objects that are new.
    pub added: u64,
    /// Objects that are gone.
    pub removed: u64,
    /// Objects that have another value in some field.
    pub changed: u64,
    /// Fields that only the later version has.
    pub new_fields: Vec<String>,
    /// Fields that only the earlier version has, or has with another type.
    pub old_fields: Vec<String>,
}

/// Compares two versions. Objects are told apart by their key; of several with one key, the first counts, and
/// rows without a key are left out. Cost: a look-up and a comparison for each row.
///
/// # Errors
/// `catalog.unknown_object` where one of them has no key, or another one than the other.
pub fn diff(from: &Dataset, to: &Dataset) -> Result<Diff> {
    let fields = |of: &Dataset| of.document.schema.fields().clone();
    let (old, new) = (fields(from), fields(to));
    let is_in = |field: &FieldRef, all: &[FieldRef]| {
        all.iter().any(|it| it.name() == field.name() && it.data_type() == field.data_type())
    };
    let only = |these: &[FieldRef], those: &[FieldRef]| -> Vec<String> {
        these.iter().filter(|field| !is_in(field, those)).map(|field| field.name().clone()).collect()
    };
    let mut diff = Diff {
        table: RecordBatch::new_empty(Arc::clone(&to.document.schema)),
        added: 0,
        removed: 0,
        changed: 0,
        new_fields: only(&new, &old),
        old_fields: only(&old, &new),
    };
    let (old_keys, new_keys) = (index(from)?, index(to)?);
    let mut compared = Compared::new(from, to);
    let mut told = Vec::new();
    for (row, key) in firsts(to, new_keys) {
        let before = old_keys.rows(from, &key).next();
        let fields =
            before.map(|before| compared.differing(before, row)).transpose().map_err(not_compared)?;
        let change = match &fields {
            None => Change::Added,
            Some(fields) if fields.is_empty() => continue,
            Some(_) => Change::Changed,
        };
        *if change == Change::Added { &mut diff.added } else { &mut diff.changed } += 1;
        if told.len() < MOST_TOLD {
            let (from_row, to_row) = (before.map(|row| u64::from(row) + 1), Some(u64::from(row) + 1));
            let (key, fields) = (to.key_text(u64::from(row)), fields.unwrap_or_default().join(","));
            told.push(Difference { change, key, from_row, to_row, fields });
        }
    }
    for (row, key) in firsts(from, old_keys) {
        if new_keys.rows(to, &key).next().is_none() {
            diff.removed += 1;
            if told.len() < MOST_TOLD {
                let (key, from_row) = (from.key_text(u64::from(row)), Some(u64::from(row) + 1));
                let change = Change::Removed;
                told.push(Difference { change, key, from_row, to_row: None, fields: String::new() });
            }
        }
    }
    diff.table = batch(vec![
        texts("change", &told, |it| Some(it.change.as_str())),
        texts("key", &told, |it| it.key.as_deref()),
        ints("from_row", &told, |it| it.from_row),
        ints("to_row", &told, |it| it.to_row),
        texts("fields", &told, |it| Some(it.fields.as_str()).filter(|fields| !fields.is_empty())),
    ]);
    Ok(diff)
}

fn not_compared(error: ArrowError) -> Error {
    Error::new(Code::Internal, "the versions cannot be compared").caused_by(error)
}

/// The rows that are the first ones of their key.
fn firsts<'d>(
    dataset: &'d Dataset,
    index: &'d KeyIndex,
) -> impl Iterator<Item = (u32, Vec<KeyValue<'d>>)> + 'd {
    let rows = u32::try_from(dataset.document.rows).unwrap_or(u32::MAX);
    (0..rows).filter_map(move |row| {
        let key = index.values_of(dataset, row)?;
        let first = index.rows(dataset, &key).next();
        (first == Some(row)).then_some((row, key))
    })
}

fn index(dataset: &Dataset) -> Result<&KeyIndex> {
    dataset.key_index().ok_or_else(|| {
        let message = format!("version {} of '{}' declares no key", dataset.version, dataset.name());
        Error::new(Code::CatalogUnknownObject, message).hint("versions are compared by their keys")
    })
}

/// The fields that both versions have, ready to be compared, batch by batch.
struct Compared<'a> {
    from: &'a Dataset,
    to: &'a Dataset,
    /// Their name, and their places in both.
    fields: Vec<(&'a str, usize, usize)>,
    /// For each pair of batches that was met a comparison for each field.
    by_batches: HashMap<(usize, usize), Vec<DynComparator>>,
}

impl<'a> Compared<'a> {
    fn new(from: &'a Dataset, to: &'a Dataset) -> Self {
        let (old, new) = (&from.document.schema, &to.document.schema);
        let both = new.fields().iter().enumerate().filter_map(|(at, field)| {
            let before = old.index_of(field.name()).ok()?;
            (old.field(before).data_type() == field.data_type()).then_some((
                field.name().as_str(),
                before,
                at,
            ))
        });
        Self { from, to, fields: both.collect(), by_batches: HashMap::new() }
    }

    /// The fields in which two rows differ.
    fn differing(&mut self, before: u32, now: u32) -> Result<Vec<&'a str>, ArrowError> {
        let ((from_batch, from_at), (to_batch, to_at)) = (self.from.locate(before), self.to.locate(now));
        let pair = (from_batch, to_batch);
        if !self.by_batches.contains_key(&pair) {
            let (old, new) = (&self.from.document.batches[from_batch], &self.to.document.batches[to_batch]);
            let comparisons = self.fields.iter().map(|(_, before, now)| {
                make_comparator(old.column(*before), new.column(*now), SortOptions::default())
            });
            self.by_batches.insert(pair, comparisons.collect::<Result<_, _>>()?);
        }
        let differs = |comparison: &DynComparator| comparison(from_at, to_at) != Ordering::Equal;
        let fields = self.fields.iter().zip(&self.by_batches[&pair]);
        Ok(fields.filter(|(_, comparison)| differs(comparison)).map(|((name, ..), _)| *name).collect())
    }
}

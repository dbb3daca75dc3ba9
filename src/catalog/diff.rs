//! What changed between two versions of a dataset, by key.

use std::cmp::Ordering;
use std::collections::HashMap;

use arrow::array::{DynComparator, RecordBatch, make_comparator};
use arrow::compute::SortOptions;
use arrow::datatypes::{FieldRef, Fields};
use arrow::error::ArrowError;

use super::dataset::Dataset;
use super::key::KeyIndex;
use super::system::{batch, ints, texts};
use crate::error::{Code, Error, Result};

/// Changes that are told one by one; all are counted.
const MOST_TOLD: usize = 10_000;
/// Pairs of batches whose columns are held at once.
const MOST_PAIRS: usize = 64;

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
    let (old_keys, new_keys) = (index(from)?, index(to)?);
    require_same_key((from, old_keys), (to, new_keys))?;
    let mut found = Found::default();
    let mut compared = Compared::new(from, to);
    let mut failed = None;
    new_keys.each_first(to, |row, key| {
        let before = old_keys.rows(from, key).next();
        match before.map(|before| compared.differing(before, row)).transpose() {
            Ok(fields) => found.note(to, (before, Some(row)), fields),
            Err(error) => failed = Some(error),
        }
    });
    if let Some(error) = failed {
        return Err(Error::new(Code::Internal, "the versions cannot be compared").caused_by(error));
    }
    old_keys.each_first(from, |row, key| {
        if new_keys.rows(to, key).next().is_none() {
            found.note(from, (Some(row), None), None);
        }
    });
    let (old, new) = (from.document.schema.fields(), to.document.schema.fields());
    Ok(Diff {
        table: found.table(),
        added: found.added,
        removed: found.removed,
        changed: found.changed,
        new_fields: only_in(new, old),
        old_fields: only_in(old, new),
    })
}

/// The names of the fields that are not among others with the same type.
fn only_in(these: &Fields, others: &Fields) -> Vec<String> {
    let is_there = |field: &FieldRef| {
        others.iter().any(|it| it.name() == field.name() && it.data_type() == field.data_type())
    };
    these.iter().filter(|field| !is_there(field)).map(|field| field.name().clone()).collect()
}

/// What was found so far: all are counted, the first are told.
#[derive(Default)]
struct Found {
    told: Vec<Difference>,
    added: u64,
    removed: u64,
    changed: u64,
}

impl Found {
    /// Notes an object by its rows in the earlier and in the later version; `of` is one that has it.
    fn note(&mut self, of: &Dataset, rows: (Option<u32>, Option<u32>), fields: Option<Vec<&str>>) {
        let (change, count) = match (rows, &fields) {
            ((_, None), _) => (Change::Removed, &mut self.removed),
            ((None, _), _) => (Change::Added, &mut self.added),
            (_, Some(fields)) if fields.is_empty() => return,
            _ => (Change::Changed, &mut self.changed),
        };
        *count += 1;
        let Some(row) = rows.1.or(rows.0).filter(|_| self.told.len() < MOST_TOLD) else { return };
        let number = |row: Option<u32>| row.map(|row| u64::from(row) + 1);
        let (key, fields) = (of.key_text(u64::from(row)), fields.unwrap_or_default().join(","));
        self.told.push(Difference { change, key, from_row: number(rows.0), to_row: number(rows.1), fields });
    }

    fn table(&self) -> RecordBatch {
        let told = &self.told;
        batch(vec![
            texts("change", told, |it| Some(it.change.as_str())),
            texts("key", told, |it| it.key.as_deref()),
            ints("from_row", told, |it| it.from_row),
            ints("to_row", told, |it| it.to_row),
            texts("fields", told, |it| Some(it.fields.as_str()).filter(|fields| !fields.is_empty())),
        ])
    }
}

/// That both versions have keys of the same fields.
fn require_same_key(old: (&Dataset, &KeyIndex), new: (&Dataset, &KeyIndex)) -> Result<()> {
    let key = |(dataset, index): (&Dataset, &KeyIndex)| {
        let fields = index.fields(dataset).map(|field| format!("{} {}", field.name(), field.data_type()));
        fields.collect::<Vec<_>>().join(", ")
    };
    let (old_key, new_key) = (key(old), key(new));
    if old_key == new_key {
        return Ok(());
    }
    let message = format!("the key was ({old_key}) and is ({new_key})");
    Err(Error::new(Code::CatalogUnknownObject, message).hint("versions are compared by their keys"))
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
    /// For pairs of batches that were met a comparison for each field.
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
            if self.by_batches.len() >= MOST_PAIRS {
                self.by_batches.clear();
            }
            let comparisons = self.fields.iter().map(|(_, before, now)| {
                let (old, new) =
                    (self.from.rows.column(from_batch, *before), self.to.rows.column(to_batch, *now));
                make_comparator(old.as_ref(), new.as_ref(), SortOptions::default())
            });
            self.by_batches.insert(pair, comparisons.collect::<Result<_, _>>()?);
        }
        let differs = |comparison: &DynComparator| comparison(from_at, to_at) != Ordering::Equal;
        let fields = self.fields.iter().zip(&self.by_batches[&pair]);
        Ok(fields.filter(|(_, comparison)| differs(comparison)).map(|((name, ..), _)| *name).collect())
    }
}

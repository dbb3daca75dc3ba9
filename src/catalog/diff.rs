//! What changed between two versions of a dataset, by key.

use std::cmp::Ordering;

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
    from_row: Option<u32>,
    to_row: Option<u32>,
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
/// rows without a key are left out. `check` is asked again and again whether somebody still waits. Cost: a
/// look-up and a comparison for each row; two batches are in memory at once, and 12 bytes a row.
///
/// # Errors
/// `catalog.unknown_object` where one of them has no key, or another one than the other; what `check` says.
pub fn diff(from: &Dataset, to: &Dataset, check: &dyn Fn() -> Result<()>) -> Result<Diff> {
    let (old_keys, new_keys) = (index(from)?, index(to)?);
    require_same_key((from, old_keys), (to, new_keys))?;
    let (mut met, mut added, mut removed) = (Vec::new(), Vec::new(), Vec::new());
    new_keys.each_first(to, check, |row, key| match old_keys.rows(from, key).next() {
        Some(before) => met.push((before, row)),
        None => added.push(row),
    })?;
    old_keys.each_first(from, check, |row, key| {
        if new_keys.rows(to, key).next().is_none() {
            removed.push(row);
        }
    })?;
    let compared = Compared::new(from, to);
    let mut changed = Vec::new();
    compared.differing(&met, check, |at, _| changed.push(met[at]))?;
    drop(met);
    changed.sort_unstable_by_key(|(_, row)| *row);
    let (old, new) = (from.document.schema.fields(), to.document.schema.fields());
    Ok(Diff {
        table: told(&compared, (&changed, &added, &removed), check)?,
        added: added.len() as u64,
        removed: removed.len() as u64,
        changed: changed.len() as u64,
        new_fields: only_in(new, old),
        old_fields: only_in(old, new),
    })
}

/// The first changes as a table.
fn told(
    compared: &Compared<'_>,
    (changed, added, removed): (&[(u32, u32)], &[u32], &[u32]),
    check: &dyn Fn() -> Result<()>,
) -> Result<RecordBatch> {
    let changed = &changed[..changed.len().min(MOST_TOLD)];
    let mut fields = vec![String::new(); changed.len()];
    compared.differing(changed, check, |at, names| fields[at] = names.join(","))?;
    let changed = changed.iter().zip(fields).map(|((before, row), fields)| Difference {
        change: Change::Changed,
        from_row: Some(*before),
        to_row: Some(*row),
        fields,
    });
    let alone = |change, from_row, to_row| Difference { change, from_row, to_row, fields: String::new() };
    let added = added.iter().take(MOST_TOLD).map(|row| alone(Change::Added, None, Some(*row)));
    let mut told: Vec<Difference> = changed.chain(added).collect();
    told.sort_by_key(|difference| difference.to_row);
    told.extend(removed.iter().take(MOST_TOLD).map(|row| alone(Change::Removed, Some(*row), None)));
    told.truncate(MOST_TOLD);
    let keys: Vec<Option<String>> = told.iter().map(|difference| compared.key(difference)).collect();
    let number = |row: Option<u32>| row.map(|row| u64::from(row) + 1);
    let rows: Vec<(&Difference, Option<String>)> = told.iter().zip(keys).collect();
    Ok(batch(vec![
        texts("change", &rows, |(it, _)| Some(it.change.as_str())),
        texts("key", &rows, |(_, key)| key.as_deref()),
        ints("from_row", &rows, |(it, _)| number(it.from_row)),
        ints("to_row", &rows, |(it, _)| number(it.to_row)),
        texts("fields", &rows, |(it, _)| Some(it.fields.as_str()).filter(|fields| !fields.is_empty())),
    ]))
}

/// The names of the fields that are not among others with the same type.
fn only_in(these: &Fields, others: &Fields) -> Vec<String> {
    let is_there = |field: &FieldRef| {
        others.iter().any(|it| it.name() == field.name() && it.data_type() == field.data_type())
    };
    these.iter().filter(|field| !is_there(field)).map(|field| field.name().clone()).collect()
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

/// The fields that both versions have.
struct Compared<'a> {
    from: &'a Dataset,
    to: &'a Dataset,
    /// Their name, and their places in both.
    fields: Vec<(&'a str, usize, usize)>,
}

impl<'a> Compared<'a> {
    fn new(from: &'a Dataset, to: &'a Dataset) -> Self {
        let (old, new) = (&from.document.schema, &to.document.schema);
        let both = new.fields().iter().enumerate().filter_map(|(at, field)| {
            let before = old.index_of(field.name()).ok()?;
            let is_alike = old.field(before).data_type() == field.data_type();
            is_alike.then_some((field.name().as_str(), before, at))
        });
        Self { from, to, fields: both.collect() }
    }

    /// Hands the places of those pairs of rows to `take` that differ, with the fields in which they do: batch
    /// by batch of both versions, whatever the order of the pairs.
    fn differing(
        &self,
        pairs: &[(u32, u32)],
        check: &dyn Fn() -> Result<()>,
        mut take: impl FnMut(usize, &[&'a str]),
    ) -> Result<()> {
        let batches = |at: u32| {
            let (before, row) = pairs[at as usize];
            (self.from.locate(before).0, self.to.locate(row).0)
        };
        let mut order: Vec<u32> = (0..u32::try_from(pairs.len()).unwrap_or(u32::MAX)).collect();
        order.sort_by_key(|at| batches(*at));
        let mut fields = Vec::new();
        for group in order.chunk_by(|one, other| batches(*one) == batches(*other)) {
            check()?;
            let comparisons = self.comparisons(batches(group[0])).map_err(|error| {
                Error::new(Code::Internal, "the versions cannot be compared").caused_by(error)
            })?;
            for at in group {
                let (before, row) = pairs[*at as usize];
                let (before, row) = (self.from.locate(before).1, self.to.locate(row).1);
                let of_fields = self.fields.iter().zip(&comparisons);
                let differs = of_fields.filter(|(_, compare)| compare(before, row) != Ordering::Equal);
                fields.clear();
                fields.extend(differs.map(|((name, ..), _)| *name));
                if !fields.is_empty() {
                    take(*at as usize, &fields);
                }
            }
        }
        Ok(())
    }

    /// A comparison for each field between the rows of two batches.
    fn comparisons(&self, (from, to): (usize, usize)) -> Result<Vec<DynComparator>, ArrowError> {
        let comparisons = self.fields.iter().map(|(_, before, now)| {
            let (old, new) = (self.from.rows.column(from, *before), self.to.rows.column(to, *now));
            make_comparator(old.as_ref(), new.as_ref(), SortOptions::default())
        });
        comparisons.collect()
    }

    /// The key of an object that is not the same in both.
    fn key(&self, difference: &Difference) -> Option<String> {
        match (difference.to_row, difference.from_row) {
            (Some(row), _) => self.to.key_text(u64::from(row)),
            (None, Some(row)) => self.from.key_text(u64::from(row)),
            (None, None) => None,
        }
    }
}

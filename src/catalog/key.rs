//! Which rows have this key?
//!
//! A hash table in two arrays: the row numbers, bucket by bucket, and where each bucket starts. The keys
//! themselves stay where they are, in the table's columns, and are compared there.

use std::hash::{BuildHasher, Hasher};

use arrow::array::ArrayRef;
use arrow::datatypes::{FieldRef, Schema};
use foldhash::quality::RandomState;

use super::key_value::{KeyColumn, KeyValue, parts};
use super::version::Version;
use crate::encode::attribute::{KEY, attribute};
use crate::error::{Code, Error, Result};

/// The rows of a dataset by the value of its primary key, of one field or several.
///
/// A row without a value in one of these fields is not in it. Memory: 6 to 8 bytes a row, and as much
/// again while it is built.
#[derive(Debug)]
pub struct KeyIndex {
    /// The key's columns, in the table's order.
    columns: Vec<usize>,
    /// Not the same in every run: nobody can publish keys that all meet in one bucket. What is found
    /// does not depend on it.
    state: RandomState,
    /// There are two to the power of this many buckets.
    bits: u32,
    /// Where each bucket's rows start in `rows`, and where those of the last one end.
    starts: Vec<u32>,
    /// Row numbers, bucket by bucket, in order within each.
    rows: Vec<u32>,
}

impl KeyIndex {
    /// The index over the key that a document declares, or none where no field is declared one, or one of
    /// them is a point, an Object or a List.
    pub(super) fn of_key(dataset: &Version) -> Option<Self> {
        Self::build(dataset, key_columns(&dataset.document.schema)?)
    }

    /// The index over the values of some columns, or none where one of them is a point, an Object or a List.
    pub(super) fn build(dataset: &Version, columns: Vec<usize>) -> Option<Self> {
        let fields = dataset.document.schema.fields();
        if !columns.iter().all(|column| KeyColumn::can_be(fields[*column].data_type())) {
            return None;
        }
        let bits = dataset.document.rows.max(1).ilog2();
        let mut index =
            Self { columns, state: RandomState::default(), bits, starts: Vec::new(), rows: Vec::new() };
        let entries = index.entries(dataset);
        // Each bucket's end, from which its rows are then put in place, the last one first.
        let mut starts = vec![0_u32; (1 << bits) + 1];
        for (bucket, _) in &entries {
            starts[*bucket as usize] += 1;
        }
        let mut end = 0;
        for start in &mut starts {
            end += *start;
            *start = end;
        }
        let mut rows = vec![0; entries.len()];
        for (bucket, row) in entries.into_iter().rev() {
            let place = &mut starts[bucket as usize];
            *place -= 1;
            rows[*place as usize] = row;
        }
        (index.starts, index.rows) = (starts, rows);
        Some(index)
    }

    /// Every row that has a key, with its bucket.
    fn entries(&self, dataset: &Version) -> Vec<(u32, u32)> {
        let mut entries = Vec::with_capacity(usize::try_from(dataset.document.rows).unwrap_or_default());
        for number in 0..dataset.rows.batches() {
            let columns: Vec<_> = self.columns.iter().map(|at| dataset.rows.once(number, *at)).collect();
            let columns: Vec<_> =
                columns.iter().filter_map(|column| KeyColumn::of(column.as_ref())).collect();
            let first = dataset.first_row(number);
            entries.extend((0..dataset.rows.count(number)).filter_map(|at| {
                let bucket = self.bucket(columns.iter().map(|column| column.value(at)))?;
                Some((bucket, u32::try_from(first + at as u64).ok()?))
            }));
        }
        entries
    }

    /// The bucket of a key, or none where one of its values is missing.
    fn bucket<'k>(&self, values: impl Iterator<Item = Option<KeyValue<'k>>>) -> Option<u32> {
        let mut hasher = self.state.build_hasher();
        for value in values {
            value?.put(&mut hasher);
        }
        // The highest bits; two steps, since with one bucket all 64 go.
        u32::try_from(hasher.finish() >> 1 >> (63 - self.bits)).ok()
    }

    /// The fields of the key, in the order in which [`KeyIndex::rows`] takes their values.
    pub fn fields<'a>(&'a self, dataset: &'a Version) -> impl ExactSizeIterator<Item = &'a FieldRef> {
        self.columns.iter().map(|at| &dataset.document.schema.fields()[*at])
    }

    /// The rows whose key has these values, in order: the first is the object, any further ones repeat
    /// its key. None where there are more or fewer values than fields. `dataset` is the one that the
    /// index is of. Cost: one hash, and a comparison for each row of the bucket, 1 to 2 on average where
    /// keys are unique.
    ///
    /// ```
    /// use derek::catalog::{Catalog, KeyValue, LoadOptions};
    /// let (catalog, _) = Catalog::open(&["fixtures/regions.json".into()], LoadOptions::default())?;
    /// let snapshot = catalog.snapshot();
    /// let regions = snapshot.require("regions")?;
    /// let keys = regions.key_index().expect("regions declares a key");
    /// assert_eq!(keys.rows(regions, &[KeyValue::Int(11)]).collect::<Vec<_>>(), [1]);
    /// # Ok::<(), derek::error::Error>(())
    /// ```
    pub fn rows<'a>(
        &'a self,
        dataset: &'a Version,
        values: &'a [KeyValue<'a>],
    ) -> impl Iterator<Item = u32> + 'a {
        let bucket =
            self.bucket(values.iter().copied().map(Some)).filter(|_| values.len() == self.columns.len());
        let rows = bucket.map_or(&[][..], |bucket| {
            let bucket = bucket as usize;
            &self.rows[self.starts[bucket] as usize..self.starts[bucket + 1] as usize]
        });
        rows.iter().copied().filter(move |row| self.has(dataset, *row, values))
    }

    /// Hands every row that is the first one of its key to `visit`, with the key, in order.
    ///
    /// # Errors
    /// What `check` says, which is asked before each batch.
    pub(super) fn each_first(
        &self,
        dataset: &Version,
        check: &dyn Fn() -> Result<()>,
        mut visit: impl FnMut(u32, &[KeyValue<'_>]),
    ) -> Result<()> {
        for number in 0..dataset.rows.batches() {
            check()?;
            let columns: Vec<_> = self.columns.iter().map(|at| dataset.rows.once(number, *at)).collect();
            let columns: Vec<_> =
                columns.iter().filter_map(|column| KeyColumn::of(column.as_ref())).collect();
            for at in 0..dataset.rows.count(number) {
                let row = u32::try_from(dataset.first_row(number) + at as u64).unwrap_or(u32::MAX);
                let key: Option<Vec<KeyValue<'_>>> = columns.iter().map(|column| column.value(at)).collect();
                let Some(key) = key else { continue };
                let first = self.rows(dataset, &key).next();
                if first == Some(row) {
                    visit(row, &key);
                }
            }
        }
        Ok(())
    }

    /// Ready to look up many keys of one field; `column` has all its values.
    pub(super) fn finder<'a>(&'a self, column: &'a ArrayRef) -> Option<Finder<'a>> {
        Some(Finder { index: self, column: KeyColumn::of(column)? })
    }

    /// Whether a row's key has these values.
    fn has(&self, dataset: &Version, row: u32, values: &[KeyValue<'_>]) -> bool {
        let (batch, at) = dataset.locate(row);
        self.columns.iter().zip(values).all(|(column, value)| {
            let column = dataset.rows.column(batch, *column);
            KeyColumn::of(column.as_ref()).and_then(|column| column.value(at)) == Some(*value)
        })
    }

    /// The rows whose key is written like this in an address: a key of one field is the whole text; the
    /// values of a composite key are separated by commas, and one in double quotes may hold commas (a
    /// quote in it stands twice). No row where the text is a key that none has.
    ///
    /// # Errors
    /// `request.parameter` where the text is no key of this dataset: it names the field, and says what
    /// was expected.
    pub fn find(&self, dataset: &Version, text: &str) -> Result<Vec<u32>> {
        let parts = parts(text, self.columns.len());
        if parts.len() != self.columns.len() {
            let names: Vec<&str> = self.fields(dataset).map(|field| field.name().as_str()).collect();
            let message = format!(
                "'{text}' has {} parts; the key of {} has {}: {}",
                parts.len(),
                dataset.name(),
                names.len(),
                names.join(",")
            );
            return Err(Error::new(Code::RequestParameter, message)
                .hint("commas separate the parts; one that holds a comma stands in double quotes"));
        }
        let fields = self.fields(dataset).zip(&parts);
        let values = fields.map(|(field, part)| KeyValue::parse(part, field)).collect::<Result<Vec<_>>>()?;
        Ok(self.rows(dataset, &values).collect())
    }

    /// Number of rows that have a key.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether no row has a key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Bytes of the index in memory.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        (self.rows.capacity() + self.starts.capacity()) * size_of::<u32>()
    }
}

/// An index of one column, with the column as what it is.
pub(super) struct Finder<'a> {
    index: &'a KeyIndex,
    column: KeyColumn<'a>,
}

/// Values that are looked up together.
const TOGETHER: usize = 128;

impl Finder<'_> {
    /// For each value, of the index's own type, the first row that has it, or `none`.
    pub(super) fn first_rows(&self, values: &ArrayRef, none: u32, rows: &mut [u32]) {
        let Some(values) = KeyColumn::of(values) else { return };
        let (mut buckets, mut spans, mut firsts) = ([None; TOGETHER], [(0, 0); TOGETHER], [none; TOGETHER]);
        // Step by step for many values: each step waits for memory, for all of them at once.
        for (number, rows) in rows.chunks_mut(TOGETHER).enumerate() {
            let (first, count) = (number * TOGETHER, rows.len());
            for (at, bucket) in buckets[..count].iter_mut().enumerate() {
                *bucket = self.index.bucket(std::iter::once(values.value(first + at)));
            }
            for (bucket, span) in buckets[..count].iter().zip(&mut spans) {
                let bucket = bucket.map(|bucket| bucket as usize);
                *span = bucket.map_or((0, 0), |it| (self.index.starts[it], self.index.starts[it + 1]));
            }
            for (span, row) in spans[..count].iter().zip(&mut firsts) {
                *row = if span.0 < span.1 { self.index.rows[span.0 as usize] } else { none };
            }
            let candidates = firsts[..count].iter().filter(|row| **row != none);
            std::hint::black_box(
                candidates.map(|row| u64::from(self.column.touch(*row as usize))).sum::<u64>(),
            );
            for (at, row) in rows.iter_mut().enumerate() {
                let value = values.value(first + at);
                let is_it = |row: &u32| self.column.value(*row as usize) == value;
                *row = match firsts[at] {
                    candidate if candidate == none || is_it(&candidate) => candidate,
                    _ => {
                        let (start, end) = (spans[at].0 as usize + 1, spans[at].1 as usize);
                        self.index.rows[start..end].iter().copied().find(is_it).unwrap_or(none)
                    }
                };
            }
        }
    }
}

/// The columns of the primary key, or none where there is no key that can be looked up.
fn key_columns(schema: &Schema) -> Option<Vec<usize>> {
    let fields = schema.fields().iter().enumerate();
    let keys: Vec<_> = fields.filter(|(_, field)| attribute(field, KEY) == Some("true")).collect();
    let all_can = keys.iter().all(|(_, field)| KeyColumn::can_be(field.data_type()));
    (!keys.is_empty() && all_can).then(|| keys.into_iter().map(|(at, _)| at).collect())
}

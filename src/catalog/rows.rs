//! The rows of a version, in batches: in memory, or in the store's file until somebody asks for them.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions, UInt32Array, new_empty_array};
use arrow::compute::{interleave, take};
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;

use super::store::Pages;
use crate::error::Result;

/// Where rows lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storage {
    /// As Arrow, in memory.
    Memory,
    /// As Parquet, in a store: read when they are asked for.
    Parquet,
}

impl Storage {
    /// How `system.datasets` calls it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Parquet => "parquet",
        }
    }
}

/// The rows of a version in the document's order.
#[derive(Debug)]
pub struct Rows {
    schema: SchemaRef,
    /// Row number of each batch's first row, and of the row after the last.
    starts: Vec<u64>,
    source: Source,
}

#[derive(Debug)]
enum Source {
    Memory(Vec<RecordBatch>),
    Parquet(Arc<Pages>),
}

/// The row numbers of each batch's first row, and of the row after the last.
fn starts(counts: impl Iterator<Item = usize>) -> Vec<u64> {
    let mut starts = vec![0];
    for count in counts {
        starts.push(starts[starts.len() - 1] + count as u64);
    }
    starts
}

impl Rows {
    pub(super) fn in_memory(schema: SchemaRef, batches: Vec<RecordBatch>) -> Self {
        Self {
            schema,
            starts: starts(batches.iter().map(RecordBatch::num_rows)),
            source: Source::Memory(batches),
        }
    }

    pub(super) fn stored(pages: Arc<Pages>) -> Self {
        let starts = starts(pages.counts());
        Self { schema: Arc::clone(pages.schema()), starts, source: Source::Parquet(pages) }
    }

    /// Where they lie.
    #[must_use]
    pub fn storage(&self) -> Storage {
        match self.source {
            Source::Memory(_) => Storage::Memory,
            Source::Parquet(_) => Storage::Parquet,
        }
    }

    /// All batches, where they are in memory.
    #[must_use]
    pub fn memory(&self) -> Option<&[RecordBatch]> {
        match &self.source {
            Source::Memory(batches) => Some(batches),
            Source::Parquet(_) => None,
        }
    }

    /// The store's file, where they are not in memory.
    #[must_use]
    pub fn pages(&self) -> Option<&Arc<Pages>> {
        match &self.source {
            Source::Memory(_) => None,
            Source::Parquet(pages) => Some(pages),
        }
    }

    /// How many batches there are.
    #[must_use]
    pub fn batches(&self) -> usize {
        self.starts.len() - 1
    }

    /// How many rows a batch has.
    #[must_use]
    pub fn count(&self, batch: usize) -> usize {
        usize::try_from(self.starts[batch + 1] - self.starts[batch]).unwrap_or(usize::MAX)
    }

    /// Row number of a batch's first row; of the row after the last one for the batch after the last one.
    #[must_use]
    pub fn first(&self, batch: usize) -> u64 {
        self.starts[batch]
    }

    /// Where a row lies: its batch, and its place in it.
    #[must_use]
    pub fn locate(&self, row: u32) -> (usize, usize) {
        let row = u64::from(row);
        let batch = self.starts.partition_point(|start| *start <= row) - 1;
        (batch, usize::try_from(row - self.starts[batch]).unwrap_or_default())
    }

    /// A column of a batch. Cost: nothing in memory; else reading and decoding it, unless it was read lately.
    ///
    /// A file that cannot be read any more unwinds with the error `store.damaged` or `store.io`, which becomes
    /// the answer of the request or query that wanted it: rows are read in a hundred places, and no answer may
    /// be made without them.
    #[must_use]
    pub fn column(&self, batch: usize, column: usize) -> Cow<'_, ArrayRef> {
        match &self.source {
            Source::Memory(batches) => Cow::Borrowed(batches[batch].column(column)),
            Source::Parquet(pages) => Cow::Owned(must(pages.column(batch, column))),
        }
    }

    /// Some columns of a batch. Cost: as [`Rows::column`], but nothing that was read is kept: for whoever goes
    /// through all rows.
    ///
    /// # Errors
    /// `store.damaged`, `store.io`.
    ///
    /// # Panics
    /// If there is no such column.
    pub fn read(&self, batch: usize, columns: &[usize]) -> Result<RecordBatch> {
        match &self.source {
            Source::Memory(batches) => Ok(batches[batch].project(columns).expect("the columns are there")),
            Source::Parquet(pages) => pages.read(batch, columns),
        }
    }

    /// All values of a column as one array. Cost: a copy, unless there is one batch alone.
    ///
    /// # Errors
    /// Arrow's, where the texts of the column are longer than 2 GiB together.
    pub fn whole(&self, column: usize) -> std::result::Result<ArrayRef, ArrowError> {
        match self.batches() {
            0 => Ok(new_empty_array(self.schema.field(column).data_type())),
            1 => Ok(self.column(0, column).into_owned()),
            count => {
                let parts: Vec<_> = (0..count).map(|batch| self.once(batch, column)).collect();
                let parts: Vec<_> = parts.iter().map(|part| part.as_ref().as_ref()).collect();
                arrow::compute::concat(&parts)
            }
        }
    }

    /// A column of a batch for whoever goes through all of them.
    pub(super) fn once(&self, batch: usize, column: usize) -> Cow<'_, ArrayRef> {
        match &self.source {
            Source::Memory(_) => self.column(batch, column),
            Source::Parquet(pages) => Cow::Owned(Arc::clone(must(pages.read(batch, &[column])).column(0))),
        }
    }
}

/// What was read, or the end of whatever needs it, with the error.
pub(super) fn must<T>(read: Result<T>) -> T {
    read.unwrap_or_else(|error| std::panic::resume_unwind(Box::new(error)))
}

/// Batches whose columns are held at once where values of many are gathered.
const MOST_HELD: usize = 4;

/// Values of a column in the rows at these places, out of the columns of the batches that they lie in.
pub(super) fn gathered<'c>(
    places: &[(usize, usize)],
    column: impl Fn(usize) -> Cow<'c, ArrayRef>,
) -> std::result::Result<ArrayRef, ArrowError> {
    // Rows that follow one another in one batch are there already.
    if let [(batch, first), rest @ ..] = places {
        let follow = |(at, place): (usize, &(usize, usize))| *place == (*batch, first + at + 1);
        if rest.iter().enumerate().all(follow) {
            return Ok(column(*batch).slice(*first, places.len()));
        }
    }
    let mut used: Vec<usize> = places.iter().map(|(batch, _)| *batch).collect();
    used.sort_unstable();
    used.dedup();
    let part = |batch: &usize| used.binary_search(batch).unwrap_or_default();
    if used.len() <= MOST_HELD {
        let parts: Vec<Cow<'_, ArrayRef>> = used.iter().map(|batch| column(*batch)).collect();
        let parts: Vec<_> = parts.iter().map(|part| part.as_ref().as_ref()).collect();
        let among = |(batch, at): &(usize, usize)| (part(batch), *at);
        return interleave(&parts, &places.iter().map(among).collect::<Vec<_>>());
    }
    // Of each batch only what is wanted is held: together, columns on disk may be larger than memory.
    let mut wanted = vec![Vec::new(); used.len()];
    let among = |(batch, at): &(usize, usize)| {
        let of_part: &mut Vec<u32> = &mut wanted[part(batch)];
        of_part.push(u32::try_from(*at).unwrap_or(u32::MAX));
        (part(batch), of_part.len() - 1)
    };
    let among: Vec<(usize, usize)> = places.iter().map(among).collect();
    let parts = used.iter().zip(wanted).map(|(batch, wanted)| {
        let column = column(*batch);
        take(column.as_ref(), &UInt32Array::from(wanted), None)
    });
    let parts = parts.collect::<std::result::Result<Vec<ArrayRef>, _>>()?;
    interleave(&parts.iter().map(AsRef::as_ref).collect::<Vec<_>>(), &among)
}

/// A batch of so many rows, also where it has no column.
pub(super) fn batch_of(
    schema: SchemaRef,
    columns: Vec<ArrayRef>,
    rows: usize,
) -> std::result::Result<RecordBatch, ArrowError> {
    RecordBatch::try_new_with_options(schema, columns, &RecordBatchOptions::new().with_row_count(Some(rows)))
}

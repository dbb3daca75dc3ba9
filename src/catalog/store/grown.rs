//! A table of a database that is only added to, as far as it was read.

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use rusqlite::types::ValueRef;
use rusqlite::{Row, Rows, Statement};

use crate::error::{Code, Error, Result};

/// Batches of a table, beyond which they are put together.
const MOST_BATCHES: usize = 32;
/// What batches that are put together take at most, in bytes.
const MOST_BYTES: usize = 256 << 20;
/// Rows that are read into one batch at most, and the bytes of their texts: a column of texts has places of 32 bits, so
/// that 2 GiB of them are no column.
const MOST_ROWS: usize = 65_536;
const MOST_TEXT_BYTES: usize = 64 << 20;

/// A table that only grows.
#[derive(Debug, Default)]
pub(super) struct Grown {
    /// The last row that was read.
    pub(super) last: i64,
    batches: Vec<RecordBatch>,
    /// How many of the batches, from the first one on, are put together for good.
    full: usize,
}

impl Grown {
    /// All rows, with those that were added up to a last one; no batch where there is no row.
    ///
    /// # Errors
    /// `internal` where the batches are of different tables.
    pub(super) fn add(&mut self, added: Vec<RecordBatch>, last: i64) -> Result<Vec<RecordBatch>> {
        if !added.is_empty() {
            self.batches.extend(added);
            self.last = last;
        }
        let small = self.batches.get(self.full..).unwrap_or_default();
        if small.len() > MOST_BATCHES {
            let together = put_together(small)?;
            self.batches.truncate(self.full);
            self.batches.extend(together);
            // The last one may grow.
            self.full = self.batches.len().saturating_sub(1);
        }
        Ok(self.batches.clone())
    }
}

/// The same rows in fewer batches, each as large as it may be.
fn put_together(batches: &[RecordBatch]) -> Result<Vec<RecordBatch>> {
    let mut groups: Vec<(usize, Vec<&RecordBatch>)> = Vec::new();
    for batch in batches {
        let bytes = batch.get_array_memory_size();
        match groups.last_mut() {
            Some((sum, group)) if *sum + bytes <= MOST_BYTES => {
                *sum += bytes;
                group.push(batch);
            }
            _ => groups.push((bytes, vec![batch])),
        }
    }
    let one = |(_, group): (usize, Vec<&RecordBatch>)| match group.as_slice() {
        [] => Ok(None),
        [only] => Ok(Some(RecordBatch::clone(only))),
        [first, ..] => concat_batches(first.schema_ref(), group.iter().copied()).map(Some),
    };
    let together = groups.into_iter().map(one).filter_map(Result::transpose).collect::<Result<_, _>>();
    together.map_err(|error| {
        Error::new(Code::Internal, "the rows of a table cannot be put together").caused_by(error)
    })
}

/// Reads rows into batches of a bounded size; none where there is no row. Columns under construction begin with `new`,
/// take a row with `add` and become a batch with `finish`.
pub(super) fn read<C>(
    mut rows: Rows<'_>,
    new: impl Fn() -> C,
    mut add: impl FnMut(&mut C, &Row<'_>) -> rusqlite::Result<()>,
    finish: impl Fn(C) -> RecordBatch,
) -> rusqlite::Result<Vec<RecordBatch>> {
    let width = rows.as_ref().map_or(0, Statement::column_count);
    let (mut batches, mut columns, mut count, mut bytes) = (Vec::new(), new(), 0, 0);
    while let Some(row) = rows.next()? {
        add(&mut columns, row)?;
        count += 1;
        for at in 0..width {
            if let ValueRef::Text(text) = row.get_ref(at)? {
                bytes += text.len();
            }
        }
        if count == MOST_ROWS || bytes >= MOST_TEXT_BYTES {
            batches.push(finish(std::mem::replace(&mut columns, new())));
            (count, bytes) = (0, 0);
        }
    }
    if count > 0 {
        batches.push(finish(columns));
    }
    Ok(batches)
}

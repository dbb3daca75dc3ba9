//! A table of a database that is only added to, as far as it was read.

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;

use crate::error::{Code, Error, Result};

/// Batches of a table, beyond which they are made one.
const MOST_BATCHES: usize = 32;

/// A table that only grows.
#[derive(Debug, Default)]
pub(super) struct Grown {
    /// The last row that was read.
    pub(super) last: i64,
    batches: Vec<RecordBatch>,
}

impl Grown {
    /// All rows, with those that were added up to a last one.
    ///
    /// # Errors
    /// `internal` where the batches are of different tables.
    pub(super) fn add(&mut self, batch: RecordBatch, last: i64) -> Result<Vec<RecordBatch>> {
        if batch.num_rows() > 0 || self.batches.is_empty() {
            self.batches.retain(|batch| batch.num_rows() > 0);
            self.batches.push(batch);
            self.last = last;
        }
        if let [first, ..] = self.batches.as_slice()
            && self.batches.len() > MOST_BATCHES
        {
            let one = concat_batches(first.schema_ref(), &self.batches).map_err(|error| {
                Error::new(Code::Internal, "the rows of a table cannot be put together").caused_by(error)
            })?;
            self.batches = vec![one];
        }
        Ok(self.batches.clone())
    }
}

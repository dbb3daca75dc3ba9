//! A table that only grows, as far as it was read.

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;

use crate::error::{Code, Error, Result};

/// Batches of a table, beyond which they are made one.
const MOST_BATCHES: usize = 32;

/// What was read of a table so far.
#[derive(Debug, Default)]
pub(super) struct Grown {
    /// The last row that was read, or the first that was not: as who reads it has it.
    pub(super) last: i64,
    pub(super) batches: Vec<RecordBatch>,
}

impl Grown {
    /// All of it, with what was read now.
    pub(super) fn add(&mut self, batch: RecordBatch, last: i64) -> Result<Vec<RecordBatch>> {
        if batch.num_rows() > 0 || self.batches.is_empty() {
            self.batches.retain(|batch| batch.num_rows() > 0);
            self.batches.push(batch);
            self.last = last;
        }
        if self.batches.len() > MOST_BATCHES {
            let one = concat_batches(&self.batches[0].schema(), &self.batches);
            let one = one.map_err(|error| {
                Error::new(Code::Internal, "the rows of a table cannot be put together").caused_by(error)
            })?;
            self.batches = vec![one];
        }
        Ok(self.batches.clone())
    }
}

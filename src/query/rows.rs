//! Rows of a dataset by their numbers, as one batch.

use arrow::array::{RecordBatch, RecordBatchOptions};
use arrow::compute::interleave_record_batch;
use arrow::error::ArrowError;

use crate::catalog::Dataset;

/// These of [`Dataset::schema`]'s columns, of the rows with these numbers, in their order. Cost: the batches
/// that the rows lie in are projected, and each value is copied once.
pub(super) fn gather(dataset: &Dataset, columns: &[usize], rows: &[u32]) -> Result<RecordBatch, ArrowError> {
    let batches = dataset.batches();
    if columns.is_empty() || rows.is_empty() {
        // Of no column nothing can be copied, but the number of rows counts.
        let empty = RecordBatch::new_empty(std::sync::Arc::clone(dataset.schema())).project(columns)?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
        let arrays = if rows.is_empty() { empty.columns().to_vec() } else { Vec::new() };
        return RecordBatch::try_new_with_options(empty.schema(), arrays, &options);
    }
    let mut places: Vec<(usize, usize)> = rows.iter().map(|row| dataset.locate(*row)).collect();
    let mut used: Vec<usize> = places.iter().map(|(batch, _)| *batch).collect();
    used.sort_unstable();
    used.dedup();
    for (batch, _) in &mut places {
        *batch = used.binary_search(batch).unwrap_or_default();
    }
    let used = used.iter().map(|batch| batches[*batch].project(columns)).collect::<Result<Vec<_>, _>>()?;
    // Rows that follow one another are there already.
    if let [only] = used.as_slice() {
        let (first, last) = (places[0].1, places[places.len() - 1].1);
        let follow = last + 1 == first + places.len() && rows.windows(2).all(|pair| pair[0] + 1 == pair[1]);
        if follow {
            return Ok(only.slice(first, places.len()));
        }
    }
    interleave_record_batch(&used.iter().collect::<Vec<_>>(), &places)
}

//! Which different values has a column, and which of them has each row?
//!
//! What is grouped by a column that many rows refer to needs no value of it before the end: a small number
//! for each row is enough.

use std::collections::HashMap;

use arrow::array::{ArrayRef, UInt32Array};
use arrow::compute::take;
use arrow::error::ArrowError;
use arrow::row::{RowConverter, SortField};
use foldhash::fast::RandomState;

/// A column as numbers: the different values in the order in which they are met first (null is one of
/// them), and for each row the number of its value. Memory: 4 bytes a row and the values.
#[derive(Debug)]
pub struct Codes {
    /// The different values.
    pub values: ArrayRef,
    /// For each row the place of its value.
    pub of_row: Vec<u32>,
}

impl Codes {
    /// The codes of a column. Cost: each value is hashed once.
    ///
    /// # Errors
    /// Arrow's, where values of the type cannot be compared.
    pub fn of(column: &ArrayRef) -> Result<Self, ArrowError> {
        let converter = RowConverter::new(vec![SortField::new(column.data_type().clone())])?;
        let mut firsts: Vec<u32> = Vec::new();
        let mut of_row = Vec::with_capacity(column.len());
        // In pieces: the bytes that values are compared by take as much memory as the values.
        let mut known: HashMap<Box<[u8]>, u32, RandomState> = HashMap::default();
        for start in (0..column.len()).step_by(PIECE_ROWS) {
            let piece = column.slice(start, PIECE_ROWS.min(column.len() - start));
            let rows = converter.convert_columns(&[piece])?;
            for (at, row) in rows.iter().enumerate() {
                let code = if let Some(code) = known.get(row.data()) {
                    *code
                } else {
                    let code = u32::try_from(firsts.len()).unwrap_or(u32::MAX);
                    firsts.push(u32::try_from(start + at).unwrap_or(u32::MAX));
                    known.insert(row.data().into(), code);
                    code
                };
                of_row.push(code);
            }
        }
        Ok(Self { values: take(column, &UInt32Array::from(firsts), None)?, of_row })
    }

    /// Bytes in memory.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.of_row.capacity() * size_of::<u32>() + self.values.get_array_memory_size()
    }
}

/// Rows that are turned into comparable bytes at once.
const PIECE_ROWS: usize = 8_192;

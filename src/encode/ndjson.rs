//! Newline-delimited JSON: an object a line, a line a row, the cells as JSON has them.

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use arrow::error::ArrowError;

use super::cells::{PointForm, cells, keys, write_object};
use super::plain::plain;
use super::{Encoder, Outcome};
use crate::error::Error;

/// Writes an answer as one JSON object a line. The form has no place for anything but rows, so that
/// nothing in it can say that it is broken or cut at the limit.
#[derive(Debug, Default)]
pub struct NdjsonEncoder {
    keys: Vec<Vec<u8>>,
}

impl Encoder for NdjsonEncoder {
    fn start(&mut self, schema: &Schema, _out: &mut Vec<u8>) -> Result<(), ArrowError> {
        self.keys = keys(schema.fields().iter().map(|field| field.name()));
        Ok(())
    }

    fn batch(&mut self, batch: &RecordBatch, out: &mut Vec<u8>) -> Result<(), ArrowError> {
        let batch = plain(batch)?;
        let cells = cells(&batch, PointForm::Members);
        for row in 0..batch.num_rows() {
            write_object(self.keys.iter().zip(&cells), row, out);
            out.push(b'\n');
        }
        Ok(())
    }

    fn finish(&mut self, outcome: &Outcome, _out: &mut Vec<u8>) -> Result<bool, ArrowError> {
        Ok(!outcome.is_truncated)
    }

    fn fail(&mut self, _error: &Error, _out: &mut Vec<u8>) -> bool {
        false
    }
}

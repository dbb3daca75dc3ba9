//! CSV (RFC 4180): a header of names or labels, then a line a row; points as `lat,lon` in one quoted cell.

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use arrow::error::ArrowError;

use super::attribute::label;
use super::cells::{PointForm, cells};
use super::plain::plain;
use super::{Encoder, Language, Outcome};
use crate::error::Error;

/// Writes an answer as CSV, batch by batch.
#[derive(Debug, Default)]
pub struct CsvEncoder {
    language: Option<Language>,
}

impl CsvEncoder {
    /// With a language, the header has the columns' labels, and the names of those that have none.
    #[must_use]
    pub fn new(language: Option<Language>) -> Self {
        Self { language }
    }
}

impl Encoder for CsvEncoder {
    fn start(&mut self, schema: &Schema, out: &mut Vec<u8>) -> Result<(), ArrowError> {
        let mut writer = ::csv::Writer::from_writer(out);
        let names = schema.fields().iter().map(|field| match self.language {
            Some(language) => label(field, language),
            None => field.name(),
        });
        writer.write_record(names).expect("a vector takes all bytes");
        Ok(())
    }

    fn batch(&mut self, batch: &RecordBatch, out: &mut Vec<u8>) -> Result<(), ArrowError> {
        let batch = plain(batch)?;
        let cells = cells(&batch, PointForm::Members);
        let mut writer = ::csv::Writer::from_writer(out);
        let mut cell = Vec::new();
        for row in 0..batch.num_rows() {
            for cells in &cells {
                cell.clear();
                cells.write_text(row, &mut cell);
                writer.write_field(&cell).expect("a vector takes all bytes");
            }
            writer.write_record(None::<&[u8]>).expect("a vector takes all bytes");
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

//! Rows out, in which form? A stream of batches becomes a stream of bytes.
//!
//! An encoder is told the columns, then each batch, then how it ended, and appends bytes to a buffer
//! that its caller sends on. An answer that breaks off is never taken for a whole one: see
//! [`Encoder::fail`].

pub mod attribute;
mod cells;
mod csv;
mod json;
mod language;
mod moment;
mod screen;
mod table;
mod text;

use std::time::Duration;

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use arrow::error::ArrowError;

pub use attribute::type_name;
pub use csv::CsvEncoder;
pub use json::{DISTANCE_M, JsonEncoder, JsonRows, write_outcome};
pub use language::Language;
pub use screen::{Layout, Screen};
pub use table::TableEncoder;
pub(crate) use text::plain_end;

use crate::error::Error;

/// How an answer ended.
#[derive(Debug, Clone, Copy, Default)]
pub struct Outcome {
    /// Whether rows were left out because of the limit on one answer.
    pub is_truncated: bool,
    /// From the request to the last row.
    pub elapsed: Duration,
}

/// Writes one answer: `start`, then `batch` as often as there are batches, then `finish` or `fail`.
pub trait Encoder: Send {
    /// The media type of the answer.
    fn content_type(&self) -> &'static str;

    /// Appends what stands before the first row.
    fn start(&mut self, schema: &Schema, out: &mut Vec<u8>);

    /// Appends the rows of a batch.
    ///
    /// # Errors
    /// Where a column cannot be written in this form.
    fn batch(&mut self, batch: &RecordBatch, out: &mut Vec<u8>) -> Result<(), ArrowError>;

    /// Appends what stands after the last row; false where rows were left out and the form has no way to
    /// say so: then, too, the answer must not end cleanly.
    fn finish(&mut self, outcome: &Outcome, out: &mut Vec<u8>) -> bool;

    /// Appends, in place of the end, that the answer is broken; false where the form has no way to say
    /// so, and the connection must be cut instead.
    fn fail(&mut self, error: &Error, out: &mut Vec<u8>) -> bool;
}

/// The forms of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One JSON object: columns, rows, and how it ended.
    Json,
    /// A header line and a line a row.
    Csv,
    /// A table for a terminal.
    Table,
}

impl Format {
    /// The forms by the names that `format=` and `--format` take.
    pub const NAMES: [(&'static str, Self); 3] =
        [("json", Self::Json), ("csv", Self::Csv), ("table", Self::Table)];

    /// The form of this name, whatever its letter case.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, format)| *format)
    }

    /// A new encoder of this form.
    #[must_use]
    pub fn encoder(self) -> Box<dyn Encoder> {
        match self {
            Self::Json => Box::new(JsonEncoder::default()),
            Self::Csv => Box::new(CsvEncoder),
            Self::Table => Box::new(TableEncoder::default()),
        }
    }
}

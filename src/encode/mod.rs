//! Rows out, in which form? A stream of batches becomes a stream of bytes.
//!
//! An encoder is told the columns, then each batch, then how it ended, and appends bytes to a buffer
//! that its caller sends on. An answer that breaks off is never taken for a whole one: see
//! [`Encoder::fail`].

pub mod attribute;
mod cells;
mod csv;
mod format;
mod geojson;
mod geoparquet;
mod ipc;
mod json;
mod language;
mod moment;
mod mvt;
mod ndjson;
mod parquet;
mod plain;
mod screen;
mod storage;
mod table;
mod text;

use std::time::Duration;

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use arrow::error::ArrowError;

pub use self::csv::CsvEncoder;
pub use self::parquet::ParquetEncoder;
pub use attribute::type_name;
pub(crate) use cells::cell_text;
pub use format::Format;
pub use geojson::GeoJsonEncoder;
pub use ipc::ArrowEncoder;
pub use json::{DISTANCE_M, JsonEncoder, JsonRows, write_outcome};
pub use language::Language;
pub use mvt::{TileLayer, TileValue};
pub use ndjson::NdjsonEncoder;
pub(crate) use plain::plain;
pub use screen::{Layout, Screen};
pub use table::TableEncoder;
pub(crate) use text::plain_end;

use crate::error::Error;

/// How an answer ended.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Whether rows were left out because of the limit on one answer.
    pub is_truncated: bool,
    /// From the request to the last row.
    pub elapsed: Duration,
    /// What asks for the rows after these, where there are such.
    pub next: Option<String>,
    /// Further members of the answer, by name: JSON has them after the rows, `GeoJSON` after the
    /// features, the other forms leave them out.
    pub members: Vec<(&'static str, serde_json::Value)>,
}

/// Writes one answer: `start`, then `batch` as often as there are batches, then `finish` or `fail`.
///
/// What is appended to `out` at each call is sent on as it is; a form that writes by blocks (Parquet) may
/// append nothing for many batches.
///
/// ```
/// use arrow::array::RecordBatch;
/// use derek::encode::{Format, Outcome};
///
/// let rows = RecordBatch::new_empty(std::sync::Arc::new(arrow::datatypes::Schema::empty()));
/// let (mut encoder, mut out) = (Format::GeoJson.encoder(None), Vec::new());
/// encoder.start(rows.schema_ref(), &mut out)?;
/// encoder.batch(&rows, &mut out)?;
/// assert!(encoder.finish(&Outcome::default(), &mut out)?);
/// assert!(out.starts_with(b"{\"type\":\"FeatureCollection\""));
/// # Ok::<(), arrow::error::ArrowError>(())
/// ```
pub trait Encoder: Send {
    /// Appends what stands before the first row.
    ///
    /// # Errors
    /// Where a column cannot be written in this form.
    fn start(&mut self, schema: &Schema, out: &mut Vec<u8>) -> Result<(), ArrowError>;

    /// Appends the rows of a batch.
    ///
    /// # Errors
    /// Where a column cannot be written in this form, or the batch is not of the columns that the answer
    /// started with.
    fn batch(&mut self, batch: &RecordBatch, out: &mut Vec<u8>) -> Result<(), ArrowError>;

    /// Appends what stands after the last row; false where rows were left out and the form has no way to
    /// say so: then, too, the answer must not end cleanly.
    ///
    /// # Errors
    /// Where rows that were held back cannot be written.
    fn finish(&mut self, outcome: &Outcome, out: &mut Vec<u8>) -> Result<bool, ArrowError>;

    /// Appends, in place of the end, that the answer is broken; false where the form has no way to say
    /// so, and the connection must be cut instead.
    fn fail(&mut self, error: &Error, out: &mut Vec<u8>) -> bool;
}

/// The error of a call that came before `start`.
fn not_started() -> ArrowError {
    ArrowError::InvalidArgumentError("an answer starts with its columns".to_owned())
}

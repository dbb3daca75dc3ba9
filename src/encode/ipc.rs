//! Arrow's IPC stream: the columns as they are, with their metadata.

use std::sync::Arc;

use arrow::array::{RecordBatch, RecordBatchOptions};
use arrow::datatypes::{Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::ipc::writer::StreamWriter;

use super::{Encoder, Outcome, not_started};
use crate::error::Error;

/// Writes an answer as an Arrow IPC stream, a message a batch. Points stay `geoarrow.point`, and what a
/// field says of itself (`derek.*`) stays in its metadata.
///
/// An answer that is broken or cut at the limit has no end-of-stream marker; since readers also take the
/// end of the bytes for the end of the stream, the connection must be cut, too.
#[derive(Default)]
pub struct ArrowEncoder {
    started: Option<(SchemaRef, StreamWriter<Vec<u8>>)>,
}

impl Encoder for ArrowEncoder {
    fn start(&mut self, schema: &Schema, out: &mut Vec<u8>) -> Result<(), ArrowError> {
        let mut writer = StreamWriter::try_new(Vec::new(), schema)?;
        out.append(writer.get_mut());
        self.started = Some((Arc::new(schema.clone()), writer));
        Ok(())
    }

    fn batch(&mut self, batch: &RecordBatch, out: &mut Vec<u8>) -> Result<(), ArrowError> {
        let (schema, writer) = self.started.as_mut().ok_or_else(not_started)?;
        // Columns of other types than the stream says would be read as garbage.
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        let batch =
            RecordBatch::try_new_with_options(Arc::clone(schema), batch.columns().to_vec(), &options)?;
        writer.write(&batch)?;
        out.append(writer.get_mut());
        Ok(())
    }

    fn finish(&mut self, outcome: &Outcome, out: &mut Vec<u8>) -> Result<bool, ArrowError> {
        let (_, mut writer) = self.started.take().ok_or_else(not_started)?;
        if outcome.is_truncated {
            return Ok(false);
        }
        writer.finish()?;
        out.append(writer.get_mut());
        Ok(true)
    }

    fn fail(&mut self, _error: &Error, _out: &mut Vec<u8>) -> bool {
        false
    }
}

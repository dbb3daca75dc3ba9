//! Parquet: columns in row groups, compressed, and a footer that says where they are.

use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use ::parquet::basic::{Compression, ZstdLevel};
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::WriterProperties;
use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{Schema, SchemaRef};
use arrow::error::ArrowError;

use super::geoparquet::{GEO, PointColumn, geo_metadata, wkb_field};
use super::storage::{stored_array, stored_field};
use super::{Encoder, Outcome, not_started};
use crate::error::Error;
use crate::geo::{is_geometry, is_point};

/// A row group ends at the first of these: rows, bytes as written, bytes in memory. It stays in memory
/// until then.
const ROW_GROUP_ROWS: usize = 128 << 10;
const ROW_GROUP_BYTES: usize = 16 << 20;
const ROW_GROUP_MEMORY_BYTES: usize = 32 << 20;
/// As many rows are written at once, so that the sizes are looked at often enough. A row group is a
/// multiple of it.
const STEP_ROWS: usize = 8 << 10;

/// Writes an answer as a Parquet file (zstd), and as a `GeoParquet` 1.1 one where there are points: those
/// columns are well-known binary, longitude first. Types that Parquet lacks are stored as the nearest that
/// it has: moments in seconds as milliseconds, intervals as texts.
///
/// Memory: a row group of at most 131,072 rows or about 16 MiB (see [`Self::memory_bytes`]), and some
/// hundred bytes for each column of those before it. A file that is broken or cut at the limit has no footer, and
/// no reader opens it.
#[derive(Debug, Default)]
pub struct ParquetEncoder {
    file: Option<File>,
}

/// A file that is being written.
#[derive(Debug)]
struct File {
    writer: ArrowWriter<Vec<u8>>,
    schema: SchemaRef,
    /// For each column, where it has points: what is known of them.
    points: Vec<Option<PointColumn>>,
}

impl ParquetEncoder {
    /// Bytes in memory for the rows that are not written out yet.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.file.as_ref().map_or(0, |file| file.writer.memory_size())
    }
}

impl Encoder for ParquetEncoder {
    fn start(&mut self, schema: &Schema, out: &mut Vec<u8>) -> Result<(), ArrowError> {
        let file = self.file.insert(File::new(schema)?);
        out.append(file.writer.inner_mut());
        Ok(())
    }

    fn batch(&mut self, batch: &RecordBatch, out: &mut Vec<u8>) -> Result<(), ArrowError> {
        let file = self.file.as_mut().ok_or_else(not_started)?;
        for start in (0..batch.num_rows()).step_by(STEP_ROWS) {
            file.write(&batch.slice(start, STEP_ROWS.min(batch.num_rows() - start)))?;
            out.append(file.writer.inner_mut());
        }
        Ok(())
    }

    fn finish(&mut self, outcome: &Outcome, out: &mut Vec<u8>) -> Result<bool, ArrowError> {
        let mut file = self.file.take().ok_or_else(not_started)?;
        if outcome.is_truncated {
            return Ok(false);
        }
        file.finish()?;
        out.append(file.writer.inner_mut());
        Ok(true)
    }

    fn fail(&mut self, _error: &Error, _out: &mut Vec<u8>) -> bool {
        self.file = None;
        false
    }
}

impl File {
    fn new(schema: &Schema) -> Result<Self, ArrowError> {
        let fields = schema.fields().iter();
        let is_geo = |field: &arrow::datatypes::Field| is_point(field) || is_geometry(field);
        let points = fields.clone().map(|field| is_geo(field).then(|| PointColumn::new(field.name())));
        let stored =
            fields.map(|field| if is_geo(field) { Ok(wkb_field(field)) } else { stored_field(field) });
        let stored = stored.collect::<Result<Vec<_>, _>>()?;
        let stored = Arc::new(Schema::new_with_metadata(stored, schema.metadata().clone()));
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
            .build();
        let writer = ArrowWriter::try_new(Vec::new(), Arc::clone(&stored), Some(properties))?;
        Ok(Self { writer, schema: stored, points: points.collect() })
    }

    /// Writes some rows, and the row group that they are in if it is large.
    fn write(&mut self, batch: &RecordBatch) -> Result<(), ArrowError> {
        let columns = self.columns(batch)?;
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        let stored = RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)?;
        self.writer.write(&stored)?;
        if self.writer.in_progress_size() >= ROW_GROUP_BYTES
            || self.writer.memory_size() >= ROW_GROUP_MEMORY_BYTES
        {
            self.writer.flush()?;
        }
        Ok(())
    }

    /// The columns of a batch as they are stored.
    fn columns(&mut self, batch: &RecordBatch) -> Result<Vec<ArrayRef>, ArrowError> {
        let fields = self.schema.fields().iter().zip(&mut self.points);
        let columns = fields.zip(batch.columns()).map(|((field, points), column)| match points {
            Some(points) => match points.wkb(column) {
                Some(wkb) => Ok(Arc::new(wkb) as ArrayRef),
                None => Err(ArrowError::CastError(format!("'{}' is not of points", field.name()))),
            },
            None => stored_array(column, field.data_type()),
        });
        columns.collect()
    }

    /// Writes the last row group and the footer.
    fn finish(&mut self) -> Result<(), ArrowError> {
        // Where the points lie is known only now.
        if let Some(geo) = geo_metadata(self.points.iter().flatten()) {
            self.writer.append_key_value_metadata(KeyValue::new(GEO.to_owned(), geo));
        }
        self.writer.finish()?;
        Ok(())
    }
}

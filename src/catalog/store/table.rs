//! The rows of a version as Parquet (zstd), and back: the same batches, types and metadata.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use ::parquet::arrow::ArrowWriter;
use ::parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use ::parquet::arrow::arrow_writer::{
    ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves,
};
use ::parquet::errors::{ParquetError, Result};
use ::parquet::file::metadata::KeyValue;
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use bytes::Bytes;

use super::hollow::{emptied, emptied_schema, filled, filled_schema};
use super::layout;
use super::parallel::in_order;
use crate::document::Document;

/// Rows of a row group at most: what one thread encodes or decodes at once.
const ROW_GROUP_ROWS: usize = 128 << 10;

/// Writes all rows, with what GeoParquet says of the points; these stay two numbers, whose least and greatest
/// are in each row group's statistics. Row groups are encoded by so many threads.
pub(super) fn write(document: &Document, threads: usize, out: &mut (dyn Write + Send)) -> io::Result<()> {
    let schema = filled_schema(&document.schema);
    let properties = layout::properties(document);
    let mut writer = ArrowWriter::try_new(out, Arc::clone(&schema), Some(properties))?;
    if let Some(geo) = layout::geo(document) {
        writer.append_key_value_metadata(KeyValue::new(layout::GEO.to_owned(), geo));
    }
    let (mut file, factory) = writer.into_serialized_writer()?;
    let groups = groups(&document.batches);
    let encode = |at: usize| encode(&factory, &schema, at, &groups[at]);
    in_order(groups.len(), threads, encode, |chunks: Vec<ArrowColumnChunk>| {
        let mut group = file.next_row_group()?;
        for chunk in chunks {
            chunk.append_to_row_group(&mut group)?;
        }
        group.close().map(|_| ())
    })?;
    file.close()?;
    Ok(())
}

/// The rows of each row group, as slices of batches.
fn groups(batches: &[RecordBatch]) -> Vec<Vec<RecordBatch>> {
    let (mut groups, mut left) = (Vec::<Vec<RecordBatch>>::new(), 0);
    for batch in batches {
        let mut start = 0;
        while start < batch.num_rows() {
            if left == 0 {
                groups.push(Vec::new());
                left = ROW_GROUP_ROWS;
            }
            let count = left.min(batch.num_rows() - start);
            if let Some(group) = groups.last_mut() {
                group.push(batch.slice(start, count));
            }
            (start, left) = (start + count, left - count);
        }
    }
    groups
}

/// A row group, encoded.
fn encode(
    factory: &ArrowRowGroupWriterFactory,
    schema: &SchemaRef,
    number: usize,
    batches: &[RecordBatch],
) -> Result<Vec<ArrowColumnChunk>> {
    let mut writers = factory.create_column_writers(number)?;
    for batch in batches {
        let batch = filled(batch, schema)?;
        let mut writers = writers.iter_mut();
        for (field, column) in schema.fields().iter().zip(batch.columns()) {
            for leaf in compute_leaves(field, column)? {
                writers.next().ok_or_else(broke_off)?.write(&leaf)?;
            }
        }
    }
    writers.into_iter().map(ArrowColumnWriter::close).collect()
}

type Parts = Vec<(usize, Vec<RecordBatch>)>;

/// All rows, in their order, decoded by so many threads.
pub(super) fn read(bytes: Vec<u8>, threads: usize) -> Result<(SchemaRef, Vec<RecordBatch>)> {
    let bytes = Bytes::from(bytes);
    let metadata = ArrowReaderMetadata::load(&bytes, ArrowReaderOptions::new())?;
    let schema = emptied_schema(metadata.schema());
    let groups = Mutex::new(0..metadata.metadata().num_row_groups());
    let next = || groups.lock().unwrap_or_else(PoisonError::into_inner).next();
    let decode = || -> Result<Parts> {
        let mut parts = Vec::new();
        while let Some(group) = next() {
            let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(bytes.clone(), metadata.clone())
                .with_row_groups(vec![group])
                .with_batch_size(ROW_GROUP_ROWS)
                .build()?;
            let batches = reader.map(|batch| emptied(&batch?, &schema));
            parts.push((group, batches.collect::<std::result::Result<Vec<_>, _>>()?));
        }
        Ok(parts)
    };
    let decoded = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(decode)).collect();
        let done = workers.into_iter().map(|worker| worker.join().unwrap_or_else(|_| Err(broke_off())));
        done.collect::<Result<Vec<Parts>>>()
    });
    let mut parts: Parts = decoded?.into_iter().flatten().collect();
    parts.sort_by_key(|(group, _)| *group);
    Ok((Arc::clone(&schema), parts.into_iter().flat_map(|(_, batches)| batches).collect()))
}

fn broke_off() -> ParquetError {
    ParquetError::General("the table met a fault of its own".to_owned())
}

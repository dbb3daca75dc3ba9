//! The rows of a version as Parquet (zstd), and back: the same batches, types and metadata.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use ::parquet::arrow::ArrowWriter;
use ::parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use ::parquet::basic::{Compression, ZstdLevel};
use ::parquet::file::properties::WriterProperties;
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use bytes::Bytes;

use super::hollow::{emptied, emptied_schema, filled, filled_schema};
use crate::document::Document;

/// Rows of a row group at most: what one thread decodes at once.
const ROW_GROUP_ROWS: usize = 128 << 10;

/// Writes all rows; points stay two numbers, whose least and greatest are in each row group's statistics.
pub(super) fn write(document: &Document, out: &mut (dyn Write + Send)) -> io::Result<()> {
    let schema = filled_schema(&document.schema);
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .build();
    let mut writer = ArrowWriter::try_new(out, Arc::clone(&schema), Some(properties))?;
    for batch in &document.batches {
        writer.write(&filled(batch, &schema).map_err(io::Error::other)?)?;
    }
    writer.close()?;
    Ok(())
}

type Parts = Vec<(usize, Vec<RecordBatch>)>;

/// All rows, in their order, decoded by so many threads.
pub(super) fn read(
    bytes: Vec<u8>,
    threads: usize,
) -> ::parquet::errors::Result<(SchemaRef, Vec<RecordBatch>)> {
    let bytes = Bytes::from(bytes);
    let metadata = ArrowReaderMetadata::load(&bytes, ArrowReaderOptions::new())?;
    let schema = emptied_schema(metadata.schema());
    let groups = Mutex::new(0..metadata.metadata().num_row_groups());
    let next = || groups.lock().unwrap_or_else(PoisonError::into_inner).next();
    let decode = || -> ::parquet::errors::Result<Parts> {
        let mut parts = Vec::new();
        while let Some(group) = next() {
            let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(bytes.clone(), metadata.clone())
                .with_row_groups(vec![group])
                .with_batch_size(ROW_GROUP_ROWS)
                .build()?;
            let batches = reader.map(|batch| emptied(&batch?, &schema));
            parts.push((group, batches.collect::<Result<Vec<_>, _>>()?));
        }
        Ok(parts)
    };
    let decoded = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(decode)).collect();
        let done = workers.into_iter().map(|worker| worker.join().unwrap_or_else(|_| Err(broke_off())));
        done.collect::<Result<Vec<Parts>, _>>()
    });
    let mut parts: Parts = decoded?.into_iter().flatten().collect();
    parts.sort_by_key(|(group, _)| *group);
    Ok((Arc::clone(&schema), parts.into_iter().flat_map(|(_, batches)| batches).collect()))
}

fn broke_off() -> ::parquet::errors::ParquetError {
    ::parquet::errors::ParquetError::General("the reader met a fault of its own".to_owned())
}

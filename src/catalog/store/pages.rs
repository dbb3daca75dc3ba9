//! The table of a version on disk, read piece by piece: row groups of Parquet, column by column.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use ::parquet::arrow::ProjectionMask;
use ::parquet::arrow::arrow_reader::statistics::StatisticsConverter;
use ::parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use ::parquet::file::metadata::ParquetMetaData;
use ::parquet::file::reader::{ChunkReader, Length};
use ::parquet::file::statistics::Statistics;
use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::compute::concat_batches;
use arrow::datatypes::SchemaRef;
use bytes::Bytes;

use super::folder::{Folder, TABLE, unreadable};
use super::hollow::{emptied, emptied_schema};
use super::{cannot, damaged};
use crate::catalog::budget::MemoryBudget;
use crate::catalog::rows::batch_of;
use crate::error::{Code, Error, Result};
use crate::geo::Bounds;

static NEXT_ID: AtomicU64 = AtomicU64::new(1);

/// The memory that what is read from a store may take.
#[derive(Debug, Clone)]
pub(in crate::catalog) struct Memory {
    pub(in crate::catalog) budget: Arc<MemoryBudget>,
    pages: Arc<PageCache>,
}

impl Memory {
    /// The least that columns which were read lately may take, and their share of the budget.
    const LEAST_PAGE_BYTES: usize = 16 << 20;
    const PAGE_SHARE: usize = 8;

    /// So many bytes, of which some are for columns that were read lately.
    pub(super) fn new(bytes: usize) -> Self {
        let pages = (bytes / Self::PAGE_SHARE).max(Self::LEAST_PAGE_BYTES);
        let budget = MemoryBudget::new(bytes.saturating_sub(pages));
        Self { budget: Arc::new(budget), pages: Arc::new(PageCache::new(pages)) }
    }
}

/// A file that is read at many places at once.
#[derive(Debug, Clone)]
struct Placed {
    file: Arc<File>,
    bytes: u64,
}

/// A reader from a place on.
struct ReadFrom {
    placed: Placed,
    at: u64,
}

impl Read for ReadFrom {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.placed.file.read_at(into, self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Length for Placed {
    fn len(&self) -> u64 {
        self.bytes
    }
}

impl ChunkReader for Placed {
    type T = io::BufReader<ReadFrom>;

    fn get_read(&self, start: u64) -> ::parquet::errors::Result<Self::T> {
        Ok(io::BufReader::new(ReadFrom { placed: self.clone(), at: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> ::parquet::errors::Result<Bytes> {
        let mut bytes = vec![0; length];
        self.file.read_exact_at(&mut bytes, start)?;
        Ok(bytes.into())
    }
}

/// The table of one version in its file. The file stays open: what is read is what was there when it was
/// opened, whatever becomes of its folder.
#[derive(Debug)]
pub struct Pages {
    id: u64,
    path: PathBuf,
    folder: Folder,
    file: Placed,
    metadata: ArrowReaderMetadata,
    schema: SchemaRef,
    /// Whether all its bytes are those that were written, once they were compared.
    is_whole: OnceLock<Result<()>>,
    checking: Mutex<()>,
    memory: Memory,
}

impl Pages {
    /// Cost: reading the end of the file.
    pub(super) fn open(folder: Folder, memory: Memory) -> Result<Self> {
        let path = folder.file(TABLE);
        let file = File::open(&path).map_err(|error| unreadable(&error, &path))?;
        let bytes = file.metadata().map_err(|error| cannot(&error, "read", &path))?.len();
        folder.check_footer(&file, bytes)?;
        let file = Placed { file: Arc::new(file), bytes };
        let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())
            .map_err(|error| damaged(&path, &error.to_string()))?;
        let schema = emptied_schema(metadata.schema());
        let (id, is_whole) = (NEXT_ID.fetch_add(1, Ordering::Relaxed), OnceLock::new());
        let checking = Mutex::default();
        Ok(Self { id, path, folder, file, metadata, schema, is_whole, checking, memory })
    }

    pub(in crate::catalog) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    pub(in crate::catalog) fn budget(&self) -> &Arc<MemoryBudget> {
        &self.memory.budget
    }

    fn parquet(&self) -> &ParquetMetaData {
        self.metadata.metadata()
    }

    /// The rows of each row group.
    pub(in crate::catalog) fn counts(&self) -> impl Iterator<Item = usize> + '_ {
        self.parquet().row_groups().iter().map(|group| usize::try_from(group.num_rows()).unwrap_or_default())
    }

    /// Compares the whole file with its checksum, once. Cost: reading it, the first time.
    ///
    /// # Errors
    /// `store.damaged`.
    pub(in crate::catalog) fn verify(&self) -> Result<()> {
        let known = || Some(self.is_whole.get()?.as_ref().copied().map_err(Error::again));
        if let Some(known) = known() {
            return known;
        }
        // Who comes meanwhile waits for the one that reads.
        let _turn = self.checking.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known() {
            return known;
        }
        let from = ReadFrom { placed: self.file.clone(), at: 0 };
        let checked = self.folder.check(TABLE, from);
        // What could not be read now may be readable the next time.
        if checked.as_ref().map_or_else(|error| error.code == Code::StoreDamaged, |()| true) {
            let kept = checked.as_ref().copied().map_err(Error::again);
            let _ = self.is_whole.set(kept);
        }
        checked
    }

    /// Some columns of a row group. Cost: reading and decoding them; the first read of all compares the whole
    /// file with its checksum.
    ///
    /// # Errors
    /// `store.damaged`.
    pub(in crate::catalog) fn read(&self, group: usize, columns: &[usize]) -> Result<RecordBatch> {
        self.verify()?;
        let rows = self.counts().nth(group).unwrap_or_default();
        let mut roots = columns.to_vec();
        roots.sort_unstable();
        roots.dedup();
        let decode = || -> ::parquet::errors::Result<RecordBatch> {
            let wanted = Arc::new(self.schema.project(columns)?);
            if columns.is_empty() {
                return Ok(batch_of(wanted, Vec::new(), rows)?);
            }
            let descriptor = self.parquet().file_metadata().schema_descr();
            let mask = ProjectionMask::roots(descriptor, roots.iter().copied());
            let (file, metadata) = (self.file.clone(), self.metadata.clone());
            let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata)
                .with_row_groups(vec![group])
                .with_projection(mask)
                .with_batch_size(rows.max(1))
                .build()?;
            let schema = Arc::new(self.schema.project(&roots)?);
            let read = reader.map(|batch| emptied(&batch?, &schema)).collect::<Result<Vec<_>, _>>()?;
            let read =
                if let [only] = read.as_slice() { only.clone() } else { concat_batches(&schema, &read)? };
            let place = |column| roots.binary_search(column).unwrap_or_default();
            Ok(read.project(&columns.iter().map(place).collect::<Vec<_>>())?)
        };
        decode().map_err(|error| damaged(&self.path, &error.to_string()))
    }

    /// A column of a row group, kept for a while. Cost: as [`Pages::read`], unless it is kept.
    pub(in crate::catalog) fn column(&self, group: usize, column: usize) -> Result<ArrayRef> {
        let key = (self.id, group, column);
        if let Some(values) = self.memory.pages.get(key) {
            return Ok(values);
        }
        let values = Arc::clone(self.read(group, &[column])?.column(0));
        self.memory.pages.put(key, &values);
        Ok(values)
    }

    /// The box around the points of a column in a row group; none where it has none.
    #[must_use]
    pub fn bounds(&self, group: usize, column: usize) -> Option<Bounds> {
        let descriptor = self.parquet().file_metadata().schema_descr();
        let leaves =
            (0..descriptor.num_columns()).filter(|leaf| descriptor.get_column_root_idx(*leaf) == column);
        let mut ranges =
            leaves.map(|leaf| match self.parquet().row_group(group).column(leaf).statistics()? {
                Statistics::Double(values) => Some((*values.min_opt()?, *values.max_opt()?)),
                _ => None,
            });
        let ((west, east), (south, north)) = (ranges.next()??, ranges.next()??);
        Some(Bounds { west, south, east, north })
    }

    /// The statistics of a column that is no Object and no List, a value for each of these row groups: none
    /// where the file has none.
    #[must_use]
    pub fn statistics(&self, column: &str, groups: &[usize]) -> Option<ColumnStatistics> {
        let descriptor = self.parquet().file_metadata().schema_descr();
        let converter = StatisticsConverter::try_new(column, self.metadata.schema(), descriptor).ok()?;
        let groups: Vec<_> = groups.iter().map(|group| self.parquet().row_group(*group)).collect();
        Some(ColumnStatistics {
            least: converter.row_group_mins(groups.iter().copied()).ok()?,
            greatest: converter.row_group_maxes(groups.iter().copied()).ok()?,
            nulls: Arc::new(converter.row_group_null_counts(groups.iter().copied()).ok()?),
        })
    }
}

/// What is known of a column's values without reading them, row group by row group.
#[derive(Debug)]
pub struct ColumnStatistics {
    /// No value is less.
    pub least: ArrayRef,
    /// No value is greater.
    pub greatest: ArrayRef,
    /// How many are missing.
    pub nulls: ArrayRef,
}

/// A version, a row group, a column.
type Key = (u64, usize, usize);

/// Columns of row groups that were read lately.
#[derive(Debug)]
struct PageCache {
    bytes: usize,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    pages: HashMap<Key, Page>,
    bytes: usize,
    /// Counts the looks: the page with the least was not looked at for the longest.
    looks: u64,
}

#[derive(Debug)]
struct Page {
    values: ArrayRef,
    bytes: usize,
    look: u64,
}

impl PageCache {
    fn new(bytes: usize) -> Self {
        Self { bytes, kept: Mutex::default() }
    }

    fn get(&self, key: Key) -> Option<ArrayRef> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.looks += 1;
        let look = kept.looks;
        let page = kept.pages.get_mut(&key)?;
        page.look = look;
        Some(Arc::clone(&page.values))
    }

    fn put(&self, key: Key, values: &ArrayRef) {
        let bytes = values.get_array_memory_size();
        if bytes > self.bytes {
            return;
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.looks += 1;
        let page = Page { values: Arc::clone(values), bytes, look: kept.looks };
        if let Some(before) = kept.pages.insert(key, page) {
            kept.bytes -= before.bytes;
        }
        kept.bytes += bytes;
        while kept.bytes > self.bytes {
            let oldest = kept.pages.iter().min_by_key(|(_, page)| page.look).map(|(key, _)| *key);
            let Some(page) = oldest.and_then(|oldest| kept.pages.remove(&oldest)) else { break };
            kept.bytes -= page.bytes;
        }
    }
}

//! One version of a dataset in memory: its document as a table, and its points in sphere indexes.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::array::RecordBatch;
use arrow::datatypes::FieldRef;
use chrono::{DateTime, Utc};

use super::file::Stamp;
use super::key::KeyIndex;
use super::search::SearchText;
use crate::document::Document;
use crate::encode::attribute::{KEY, attribute};
use crate::error::{Code, Error, Result};
use crate::geo::{Points, Position, SphereIndex, is_point};

/// The most rows that one dataset can have: a row number fits in 32 bits.
const MAX_ROWS: u64 = u32::MAX as u64;

static NEXT_ID: AtomicU64 = AtomicU64::new(1);

/// A Geoposition column and the index over its points.
#[derive(Debug)]
pub struct PointColumn {
    /// The column's place in the table.
    pub column: usize,
    /// The points by row number.
    pub index: SphereIndex,
}

/// One version of a dataset; it never changes.
#[derive(Debug)]
pub struct Dataset {
    /// What was published.
    pub document: Document,
    /// Tells this version of this dataset from every other one that the process has read: what is kept
    /// for later requests is kept under it.
    pub id: u64,
    /// Version, from 1, counted since the program started.
    pub version: u32,
    /// The file it was read from.
    pub file: PathBuf,
    /// The state of the file when it was read.
    pub stamp: Stamp,
    /// The Geoposition columns with their indexes.
    pub points: Vec<PointColumn>,
    /// Row number of each batch's first row, and of the row after the last.
    starts: Vec<u64>,
    /// The rows by their key, once somebody looked for one; none where there is no key.
    keys: OnceLock<Option<KeyIndex>>,
    fingerprint: String,
    /// What a search looks through, once there was one.
    search_text: OnceLock<SearchText>,
}

impl Dataset {
    /// A version of a dataset. Cost: building the indexes, 0.3 s for a million points.
    ///
    /// # Errors
    /// `document.too_large` for more than 2³² − 1 rows.
    pub(super) fn new(document: Document, version: u32, file: PathBuf, stamp: Stamp) -> Result<Self> {
        if document.rows > MAX_ROWS {
            return Err(Error::new(Code::DocumentTooLarge, format!("more than {MAX_ROWS} rows")));
        }
        let mut starts = vec![0];
        for batch in &document.batches {
            starts.push(starts[starts.len() - 1] + batch.num_rows() as u64);
        }
        let fields = document.schema.fields().iter().enumerate();
        let points = fields.filter(|(_, field)| is_point(field)).map(|(column, _)| PointColumn {
            column,
            index: SphereIndex::build(positions(&document.batches, &starts, column)),
        });
        let points = points.collect();
        let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
        let fingerprint = format!("{}@{}", document.name, stamp.text());
        let (keys, search_text) = (OnceLock::new(), OnceLock::new());
        Ok(Self { document, id, version, file, stamp, points, starts, keys, fingerprint, search_text })
    }

    /// What tells this version from every other one, in every process: its name and the state of its
    /// file. Answers that are made of it say so in their tag.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Whether its file is still the one that was read.
    #[must_use]
    pub fn is_current(&self) -> bool {
        Stamp::of(&self.file).is_ok_and(|now| now == self.stamp)
    }

    /// The table's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.document.name
    }

    /// The field that alone is the key, if there is one.
    #[must_use]
    pub fn single_key(&self) -> Option<&str> {
        let is_key = |field: &&FieldRef| attribute(field, KEY) == Some("true");
        let mut keys = self.document.schema.fields().iter().filter(is_key);
        keys.next().filter(|_| keys.next().is_none()).map(|field| field.name().as_str())
    }

    /// When it was published: when its file was changed last.
    #[must_use]
    pub fn published_at(&self) -> DateTime<Utc> {
        self.stamp.modified.into()
    }

    /// Number of rows that have a point, over all Geoposition columns.
    #[must_use]
    pub fn point_count(&self) -> u64 {
        self.points.iter().map(|points| points.index.len() as u64).sum()
    }

    /// The dataset's first column of points.
    ///
    /// # Errors
    /// `request.parameter` where it has none.
    pub fn require_points(&self) -> Result<&PointColumn> {
        self.points.first().ok_or_else(|| {
            let message = format!("the dataset '{}' has no Geoposition", self.name());
            Error::new(Code::RequestParameter, message)
                .hint("system.datasets shows how many points each dataset has")
        })
    }

    /// The point of a row in one of its columns of points, as it was published; none where it is null.
    #[must_use]
    pub fn position(&self, points: &PointColumn, row: u32) -> Option<Position> {
        let (batch, at) = self.locate(row);
        Points::of(self.document.batches[batch].column(points.column).as_ref())?.get(at)
    }

    /// Where a row lies: its batch, and its place in it.
    #[must_use]
    pub fn locate(&self, row: u32) -> (usize, usize) {
        let row = u64::from(row);
        let batch = self.starts.partition_point(|start| *start <= row) - 1;
        (batch, usize::try_from(row - self.starts[batch]).unwrap_or_default())
    }

    /// Row number of a batch's first row.
    #[must_use]
    pub fn first_row(&self, batch: usize) -> u64 {
        self.starts[batch]
    }

    /// The rows by their primary key, or none where the document declares no key (or declares a point,
    /// an Object or a List as one). Cost: the first call builds it, 0.07 s for a million whole numbers,
    /// 0.15 s for texts.
    #[must_use]
    pub fn key_index(&self) -> Option<&KeyIndex> {
        self.keys.get_or_init(|| KeyIndex::build(self)).as_ref()
    }

    /// What a search looks through, folded at the first one.
    pub(super) fn search_text(&self) -> &SearchText {
        self.search_text.get_or_init(|| SearchText::of(&self.document))
    }

    /// Bytes of the table and its indexes in memory.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        let table: usize = self.document.batches.iter().map(RecordBatch::get_array_memory_size).sum();
        let keys = self.keys.get().and_then(Option::as_ref).map_or(0, KeyIndex::memory_bytes);
        table + keys + self.points.iter().map(|points| points.index.memory_bytes()).sum::<usize>()
    }
}

/// The points of a column with their row numbers.
fn positions<'a>(
    batches: &'a [RecordBatch],
    starts: &'a [u64],
    column: usize,
) -> impl Iterator<Item = (u32, Position)> + 'a {
    batches.iter().zip(starts).flat_map(move |(batch, start)| {
        let points = Points::of(batch.column(column).as_ref());
        points
            .into_iter()
            .flat_map(Points::iter)
            .map(move |(row, position)| (u32::try_from(start + row as u64).unwrap_or(u32::MAX), position))
    })
}

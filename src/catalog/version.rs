//! One version of a dataset in memory: its document as a table, its points in sphere indexes, its rows by key.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use arrow::array::{Array, ArrayRef, RecordBatch, UInt32Array, new_empty_array};
use arrow::compute::concat;
use arrow::datatypes::FieldRef;
use arrow::error::ArrowError;
use chrono::{DateTime, Utc};

use super::codes::Codes;
use super::file::Stamp;
use super::key::KeyIndex;
use super::link::{self, FieldPath};
use super::resolve::{NO_ROW, as_keys};
use super::search::SearchText;
use crate::document::Document;
use crate::encode::attribute::{KEY, attribute};
use crate::encode::cell_text;
use crate::error::{Code, Error, Result};
use crate::geo::{Points, Position, SphereIndex, is_point};

/// The most rows that one dataset can have: a row number fits in 32 bits.
const MAX_ROWS: u64 = u32::MAX as u64;

/// A Geoposition column and the index over its points.
#[derive(Debug)]
pub struct PointColumn {
    /// The column's place in the table.
    pub column: usize,
    /// The points by row number.
    pub index: SphereIndex,
}

/// One version of a dataset as its document has it; it never changes.
#[derive(Debug)]
pub struct Version {
    /// What was published.
    pub document: Document,
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
    /// The rows by their key of several fields, once somebody looked for one.
    keys: OnceLock<Option<KeyIndex>>,
    /// By column: what was made of all its rows together, once somebody asked.
    wholes: Box<[Whole]>,
    /// The fields that declare a `datapath`, with what they declare.
    pub(super) references: Vec<(FieldPath, String)>,
    fingerprint: String,
    /// What a search looks through, once there was one.
    search_text: OnceLock<SearchText>,
}

impl Version {
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
        let fingerprint = format!("{}@{}", document.name, stamp.text());
        let wholes = document.schema.fields().iter().map(|_| Whole::default()).collect();
        let (keys, search_text) = (OnceLock::new(), OnceLock::new());
        let references = link::declared(&document.schema);
        Ok(Self {
            document,
            version,
            file,
            stamp,
            points,
            starts,
            keys,
            wholes,
            references,
            fingerprint,
            search_text,
        })
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

    /// The key of a row, from 0, as a finding shows it: its parts separated by slashes. None where there is no
    /// key.
    pub(super) fn key_text(&self, row: u64) -> Option<String> {
        let row = u32::try_from(row).ok()?;
        let (batch, at) = self.locate(row);
        let batch = self.document.batches.get(batch)?;
        let fields = batch.schema_ref().fields().iter().zip(batch.columns());
        let keys = fields.filter(|(field, _)| attribute(field, KEY) == Some("true"));
        let texts: Vec<String> = keys.map(|(field, column)| cell_text(field, column, at)).collect();
        (!texts.is_empty()).then(|| texts.join("/"))
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
        match self.single_key().map(|name| self.document.schema.index_of(name)) {
            Some(Ok(column)) => self.index_of(column),
            _ => self.keys.get_or_init(|| KeyIndex::of_key(self)).as_ref(),
        }
    }

    /// The rows by the value of one column, or none where it holds points, Objects or Lists. Cost: as
    /// [`Version::key_index`].
    #[must_use]
    pub fn index_of(&self, column: usize) -> Option<&KeyIndex> {
        let whole = self.wholes.get(column)?;
        whole.index.get_or_init(|| KeyIndex::build(self, vec![column])).as_ref()
    }

    /// The first rows whose `column` has these values, null where there is none: values of another type are
    /// taken for what they are as text or number. Cost: a look-up each, and the first time an index.
    #[must_use]
    pub fn rows_of_keys(&self, column: usize, keys: &ArrayRef) -> UInt32Array {
        let mut rows = vec![NO_ROW; keys.len()];
        let index = self.index_of(column);
        let kind = self.document.schema.field(column).data_type();
        let whole = self.whole_column(column).ok();
        let finder = index.zip(whole.as_ref()).and_then(|(index, whole)| index.finder(whole));
        if let (Some(finder), Some(keys)) = (finder, as_keys(keys, kind)) {
            finder.first_rows(&keys, NO_ROW, &mut rows);
        }
        rows.into_iter().map(|row| Some(row).filter(|row| *row != NO_ROW)).collect()
    }

    /// All values of a column as one array. Cost: nothing where the table is one batch; else the first call
    /// copies the column, and keeps it.
    ///
    /// # Errors
    /// Arrow's, where the texts of the column are longer than 2 GiB together.
    pub fn whole_column(&self, column: usize) -> std::result::Result<ArrayRef, ArrowError> {
        if let [only] = self.document.batches.as_slice() {
            return Ok(Arc::clone(only.column(column)));
        }
        let whole = &self.wholes[column].values;
        if let Some(values) = whole.get() {
            return Ok(Arc::clone(values));
        }
        let parts: Vec<&dyn Array> =
            self.document.batches.iter().map(|batch| batch.column(column).as_ref()).collect();
        let values = match parts.as_slice() {
            [] => new_empty_array(self.document.schema.field(column).data_type()),
            parts => concat(parts)?,
        };
        Ok(Arc::clone(whole.get_or_init(|| values)))
    }

    /// The different values of a column, and which of them each row has. Cost: the first call hashes the
    /// column, some 80 ms for a million texts, and keeps 4 bytes a row.
    ///
    /// # Errors
    /// As [`Version::whole_column`].
    pub fn codes(&self, column: usize) -> std::result::Result<Arc<Codes>, ArrowError> {
        let kept = &self.wholes[column].codes;
        if let Some(codes) = kept.get() {
            return Ok(Arc::clone(codes));
        }
        let codes = Arc::new(Codes::of(&self.whole_column(column)?)?);
        Ok(Arc::clone(kept.get_or_init(|| codes)))
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
        let wholes: usize = self.wholes.iter().map(Whole::memory_bytes).sum();
        table + keys + wholes + self.points.iter().map(|points| points.index.memory_bytes()).sum::<usize>()
    }
}

/// What is made of all rows of a column together, when it is asked for first.
#[derive(Debug, Default)]
struct Whole {
    index: OnceLock<Option<KeyIndex>>,
    values: OnceLock<ArrayRef>,
    codes: OnceLock<Arc<Codes>>,
}

impl Whole {
    fn memory_bytes(&self) -> usize {
        let index = self.index.get().and_then(Option::as_ref).map_or(0, KeyIndex::memory_bytes);
        let values = self.values.get().map_or(0, Array::get_array_memory_size);
        index + values + self.codes.get().map_or(0, |codes| codes.memory_bytes())
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

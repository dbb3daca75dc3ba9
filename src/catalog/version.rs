//! One version of a dataset in memory: its document as a table, its points in sphere indexes, its rows by key.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use arrow::array::{Array, ArrayRef, RecordBatch, UInt32Array};
use arrow::datatypes::FieldRef;
use arrow::error::ArrowError;
use chrono::{DateTime, Utc};

use super::budget::{Share, bytes_in_memory};
use super::codes::Codes;
use super::file::Stamp;
use super::key::KeyIndex;
use super::link::{self, FieldPath};
use super::resolve::{NO_ROW, as_keys};
use super::rows::{Rows, Storage};
use super::search::SearchText;
use super::store::{Pages, VersionRecord};
use crate::document::{Document, TableSize};
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
    /// How many points on the globe it has.
    pub count: u64,
    /// The points by row number, once somebody asked; none where there is no memory for it.
    index: OnceLock<Option<(SphereIndex, Option<Share>)>>,
}

/// One version of a dataset as its document has it; it never changes.
#[derive(Debug)]
pub struct Version {
    /// What was published, without its rows.
    pub document: Document,
    /// Its rows.
    pub rows: Rows,
    /// Version, from 1, counted since the program started where there is no store.
    pub version: u32,
    /// The file it was read from.
    pub file: PathBuf,
    /// The state of the file when it was read.
    pub stamp: Stamp,
    /// The Geoposition columns with their indexes.
    pub points: Vec<PointColumn>,
    /// Its part of the memory that there is for what a store has.
    _share: Option<Share>,
    /// Of a version on disk: the bytes that its table would take in memory.
    table_bytes: usize,
    /// The rows by their key of several fields, once somebody looked for one.
    keys: OnceLock<Option<KeyIndex>>,
    /// By column: what was made of all its rows together, once somebody asked.
    wholes: Box<[Whole]>,
    /// The fields that declare a `datapath`, with what they declare.
    pub(super) references: Vec<(FieldPath, String)>,
    fingerprint: String,
    /// When it was published.
    published_at: DateTime<Utc>,
    /// What a search looks through, once there was one.
    search_text: OnceLock<SearchText>,
}

impl Version {
    /// A version of a dataset. Cost: building the indexes, 0.3 s for a million points.
    ///
    /// # Errors
    /// `document.too_large` for more than 2³² − 1 rows.
    pub(super) fn new(mut document: Document, version: u32, file: PathBuf, stamp: Stamp) -> Result<Self> {
        let batches = std::mem::take(&mut document.batches);
        let rows = Rows::in_memory(Arc::clone(&document.schema), batches);
        let fields = document.schema.fields().iter().enumerate();
        let points = fields.filter(|(_, field)| is_point(field)).map(|(column, _)| {
            let index = SphereIndex::build(positions(&rows, column));
            PointColumn { column, count: index.len() as u64, index: OnceLock::from(Some((index, None))) }
        });
        let points = points.collect();
        Self::of(document, rows, points, (version, file, stamp))
    }

    /// A version whose rows stay in the store's file until somebody asks for them. Cost: none of its rows is
    /// read.
    ///
    /// # Errors
    /// As [`Version::new`].
    pub(super) fn stored(
        document: Document,
        size: &TableSize,
        pages: Arc<Pages>,
        which: (u32, PathBuf, Stamp),
    ) -> Result<Self> {
        let fields = document.schema.fields().iter().enumerate();
        let columns = fields.filter(|(_, field)| is_point(field)).zip(&size.points);
        let points =
            columns.map(|((column, _), count)| PointColumn { column, count: *count, index: OnceLock::new() });
        let points = points.collect();
        let version = Self::of(document, Rows::stored(pages), points, which)?;
        let table_bytes = usize::try_from(size.memory_bytes).unwrap_or(usize::MAX);
        Ok(Self { table_bytes, ..version })
    }

    /// The same version, with its part of the memory that there is for what a store has.
    pub(super) fn with_share(self, share: Share) -> Self {
        Self { _share: Some(share), ..self }
    }

    /// The same version with this number.
    pub(super) fn numbered(self, version: u32) -> Self {
        Self { version, ..self }
    }

    /// The same version, whose document lies in this file.
    pub(super) fn in_file(self, file: PathBuf, stamp: Stamp) -> Self {
        Self { file, stamp, ..self }
    }

    /// The same version as a store's ledger has it: its number, its moment, and a fingerprint that no copy of the
    /// store changes.
    pub(super) fn published(self, record: &VersionRecord) -> Self {
        let hash = record.manifest_hash.get(..32).unwrap_or_default();
        let fingerprint = format!("{}@v{}-{hash}", record.dataset, record.version);
        Self { version: record.version, published_at: record.published_at, fingerprint, ..self }
    }

    /// About what a version on disk would take in memory, with the indexes over its points.
    pub(super) fn bytes_in_memory(&self) -> usize {
        bytes_in_memory(self.table_bytes, self.point_count())
    }

    fn of(
        document: Document,
        rows: Rows,
        points: Vec<PointColumn>,
        (version, file, stamp): (u32, PathBuf, Stamp),
    ) -> Result<Self> {
        if document.rows > MAX_ROWS {
            return Err(Error::new(Code::DocumentTooLarge, format!("more than {MAX_ROWS} rows")));
        }
        let fingerprint = format!("{}@{}", document.name, stamp.text());
        let wholes = document.schema.fields().iter().map(|_| Whole::default()).collect();
        let (keys, search_text) = (OnceLock::new(), OnceLock::new());
        let references = link::declared(&document.schema);
        Ok(Self {
            document,
            rows,
            version,
            file,
            stamp,
            points,
            _share: None,
            table_bytes: 0,
            keys,
            wholes,
            references,
            fingerprint,
            published_at: stamp.modified.into(),
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
        let row = u32::try_from(row).ok().filter(|row| u64::from(*row) < self.document.rows)?;
        let (batch, at) = self.locate(row);
        let fields = self.document.schema.fields().iter().enumerate();
        let keys = fields.filter(|(_, field)| attribute(field, KEY) == Some("true"));
        let texts = keys.map(|(column, field)| cell_text(field, &self.rows.column(batch, column), at));
        let texts: Vec<String> = texts.collect();
        (!texts.is_empty()).then(|| texts.join("/"))
    }

    /// When it was published: as the store has it, or else when its file was changed last.
    #[must_use]
    pub fn published_at(&self) -> DateTime<Utc> {
        self.published_at
    }

    /// Number of rows that have a point, over all Geoposition columns.
    #[must_use]
    pub fn point_count(&self) -> u64 {
        self.points.iter().map(|points| points.count).sum()
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
        Points::of(self.rows.column(batch, points.column).as_ref())?.get(at)
    }

    /// Where a row lies: its batch, and its place in it.
    #[must_use]
    pub fn locate(&self, row: u32) -> (usize, usize) {
        self.rows.locate(row)
    }

    /// Row number of a batch's first row.
    #[must_use]
    pub fn first_row(&self, batch: usize) -> u64 {
        self.rows.first(batch)
    }

    /// Where its rows lie.
    #[must_use]
    pub fn storage(&self) -> Storage {
        self.rows.storage()
    }

    /// Whether its rows lie on disk, so that reading one may take milliseconds.
    #[must_use]
    pub fn is_on_disk(&self) -> bool {
        self.storage() == Storage::Parquet
    }

    /// The index over a column of points: none where its rows are on disk and there is no memory for an index;
    /// then points are looked at one by one. Cost: the first call builds it for rows on disk, 0.3 s for a
    /// million points.
    ///
    /// # Panics
    /// If there is no such column of points.
    #[must_use]
    pub fn sphere_index(&self, points: usize) -> Option<&SphereIndex> {
        let column = &self.points[points];
        let built = column.index.get_or_init(|| {
            let share = self.rows.pages()?.budget().take(bytes_in_memory(0, column.count))?;
            Some((SphereIndex::build(positions(&self.rows, column.column)), Some(share)))
        });
        built.as_ref().map(|(index, _)| index)
    }

    /// The index over a column of points, where it is there already.
    #[must_use]
    pub fn built_index(&self, points: usize) -> Option<&SphereIndex> {
        self.points.get(points)?.index.get()?.as_ref().map(|(index, _)| index)
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

    /// All values of a column as one array. Cost: nothing where the table is one batch in memory; else the
    /// first call copies the column, and keeps it where there is memory for it.
    ///
    /// # Errors
    /// Arrow's, where the texts of the column are longer than 2 GiB together.
    pub fn whole_column(&self, column: usize) -> std::result::Result<ArrayRef, ArrowError> {
        if let Some([only]) = self.rows.memory() {
            return Ok(Arc::clone(only.column(column)));
        }
        let whole = &self.wholes[column].values;
        if let Some((values, _)) = whole.get() {
            return Ok(Arc::clone(values));
        }
        let values = self.rows.whole(column)?;
        let share = match self.rows.pages() {
            None => None,
            Some(pages) => match pages.budget().take(values.get_array_memory_size()) {
                None => return Ok(values),
                share => share,
            },
        };
        Ok(Arc::clone(&whole.get_or_init(|| (values, share)).0))
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
        let batches = self.rows.memory().unwrap_or_default();
        let table: usize = batches.iter().map(RecordBatch::get_array_memory_size).sum();
        let keys = self.keys.get().and_then(Option::as_ref).map_or(0, KeyIndex::memory_bytes);
        let wholes: usize = self.wholes.iter().map(Whole::memory_bytes).sum();
        let indexes = (0..self.points.len()).filter_map(|points| self.built_index(points));
        table + keys + wholes + indexes.map(SphereIndex::memory_bytes).sum::<usize>()
    }
}

/// What is made of all rows of a column together, when it is asked for first.
#[derive(Debug, Default)]
struct Whole {
    index: OnceLock<Option<KeyIndex>>,
    values: OnceLock<(ArrayRef, Option<Share>)>,
    codes: OnceLock<Arc<Codes>>,
}

impl Whole {
    fn memory_bytes(&self) -> usize {
        let index = self.index.get().and_then(Option::as_ref).map_or(0, KeyIndex::memory_bytes);
        let values = self.values.get().map_or(0, |(values, _)| values.get_array_memory_size());
        index + values + self.codes.get().map_or(0, |codes| codes.memory_bytes())
    }
}

/// The points of a column with their row numbers.
fn positions(rows: &Rows, column: usize) -> impl Iterator<Item = (u32, Position)> + '_ {
    (0..rows.batches()).flat_map(move |batch| {
        let (start, values) = (rows.first(batch), rows.once(batch, column));
        let points: Vec<(usize, Position)> =
            Points::of(values.as_ref().as_ref()).into_iter().flat_map(Points::iter).collect();
        let number = move |row: usize| u32::try_from(start + row as u64).unwrap_or(u32::MAX);
        points.into_iter().map(move |(row, position)| (number(row), position))
    })
}

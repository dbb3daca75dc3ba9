//! A dataset as it stands among the others of a snapshot: one version, and where its references lead.

use std::borrow::Cow;
use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use arrow::array::{Array, ArrayRef, RecordBatch, UInt32Array, new_null_array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;

use super::link::{Link, Target};
use super::links;
use super::rows::{batch_of, gathered, must};
use super::version::Version;
use crate::document::Findings;
use crate::error::Result;

static NEXT_ID: AtomicU64 = AtomicU64::new(1);

/// A version of a dataset in one snapshot. What its document says is reached through it, since it stands for
/// its [`Version`]; beside that it knows its references. Another version of a dataset that these lead
/// to, over any number of them, makes another `Dataset` of the same version.
#[derive(Debug)]
pub struct Dataset {
    version: Arc<Version>,
    /// Tells this version among these others from every other one that the process had: what is kept for
    /// later requests is kept under it.
    pub id: u64,
    /// Its references to other datasets, in the order of the fields.
    pub links: Vec<Arc<Link>>,
    /// The links of which each row has one row number.
    columns: Vec<Arc<Link>>,
    schema: SchemaRef,
    /// The rows with those numbers, where both are in memory, once somebody asked.
    wide: OnceLock<Vec<RecordBatch>>,
    /// What its document and its references break, once somebody asked; none where its references break
    /// nothing.
    findings: OnceLock<Option<Findings>>,
    reach: u64,
}

impl Deref for Dataset {
    type Target = Version;

    fn deref(&self) -> &Version {
        &self.version
    }
}

impl Dataset {
    /// A version with its references; `reach` tells the versions of all datasets that these lead to.
    pub(super) fn new(version: Arc<Version>, links: Vec<Arc<Link>>, reach: u64) -> Self {
        let document = &version.document;
        let mut columns: Vec<Arc<Link>> = Vec::new();
        for link in links.iter().filter(|link| link.target.is_some() && !link.path.is_in_list()) {
            let is_new = document.schema.index_of(&row_column(link)).is_err()
                && columns.iter().all(|known| known.path.shown != link.path.shown);
            if is_new {
                columns.push(Arc::clone(link));
            }
        }
        let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
        let schema = widened(&document.schema, &columns);
        Self { version, id, links, columns, schema, wide: OnceLock::new(), findings: OnceLock::new(), reach }
    }

    /// What its document says, without the others.
    #[must_use]
    pub fn version_of_document(&self) -> &Arc<Version> {
        &self.version
    }

    /// What its document breaks, and what its references break in this snapshot.
    #[must_use]
    pub fn findings(&self) -> &Findings {
        let with_references = self.findings.get_or_init(|| {
            let broken = links::findings(&self.links);
            (broken.total() > 0).then(|| {
                let mut findings = self.document.findings.clone();
                findings.append(broken, 0);
                findings
            })
        });
        with_references.as_ref().unwrap_or(&self.document.findings)
    }

    /// Looks up where its references lead, and what they break.
    ///
    /// # Errors
    /// `store.io` where rows cannot be read now.
    pub fn count(&self) -> Result<()> {
        self.links.iter().filter_map(|link| link.target.as_ref()).try_for_each(Target::count)?;
        let _ = self.findings();
        Ok(())
    }

    /// Whether some of its references lead nobody knows where, since rows are damaged.
    #[must_use]
    pub fn is_uncountable(&self) -> bool {
        let mut targets = self.links.iter().filter_map(|link| link.target.as_ref());
        targets.any(|target| target.counts().is_none())
    }

    /// Whether [`Dataset::count`] costs nothing.
    pub(super) fn is_counted(&self) -> bool {
        self.findings.get().is_some() || !self.links.iter().any(|link| link.is_on_disk())
    }

    /// The columns of its rows: those of the document, and after them one for each reference that a row has
    /// once ([`Dataset::row_column`]).
    #[must_use]
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The document's rows, each with the row numbers of the objects that it refers to, where they are in
    /// memory. Cost: nothing is copied.
    ///
    /// # Panics
    /// Where a link to rows on disk has to be resolved, and these cannot be read: with the error.
    #[must_use]
    pub fn batches(&self) -> Option<&[RecordBatch]> {
        let own = self.rows.memory()?;
        if self.columns.is_empty() {
            return Some(own);
        }
        let wide = self.wide.get_or_init(|| {
            let batches = own.iter().enumerate().map(|(at, batch)| {
                let mut columns = batch.columns().to_vec();
                columns.extend(self.columns.iter().map(|link| self.row_numbers(link, at)));
                batch_of(Arc::clone(&self.schema), columns, batch.num_rows())
                    .expect("a link has a number for each row")
            });
            batches.collect()
        });
        Some(wide)
    }

    /// The row numbers of a link in a batch.
    fn row_numbers(&self, link: &Link, batch: usize) -> ArrayRef {
        let (first, count) =
            (usize::try_from(self.first_row(batch)).unwrap_or_default(), self.rows.count(batch));
        match &link.target {
            Some(target) => Arc::new(target.rows().slice(first, count)),
            None => new_null_array(&DataType::UInt32, count),
        }
    }

    /// A column of [`Dataset::schema`] in a batch. Cost: as [`Rows::column`](super::Rows::column).
    #[must_use]
    pub fn column(&self, batch: usize, column: usize) -> Cow<'_, ArrayRef> {
        match self.link_of_column(column) {
            None => self.rows.column(batch, column),
            Some(link) => Cow::Owned(self.row_numbers(link, batch)),
        }
    }

    /// Some columns of [`Dataset::schema`] in a batch, for whoever goes through all of them. Cost: as
    /// [`Rows::read`](super::Rows::read).
    ///
    /// # Errors
    /// `store.damaged`, `store.io`.
    ///
    /// # Panics
    /// If there is no such column.
    pub fn read(&self, batch: usize, columns: &[usize]) -> Result<RecordBatch> {
        let own: Vec<usize> =
            columns.iter().copied().filter(|it| self.link_of_column(*it).is_none()).collect();
        let read = self.rows.read(batch, &own)?;
        let mut own = read.columns().iter().map(Arc::clone);
        let values = columns.iter().filter_map(|column| match self.link_of_column(*column) {
            None => own.next(),
            Some(link) => Some(self.row_numbers(link, batch)),
        });
        let schema = self.schema.project(columns).expect("the columns are there");
        let made = batch_of(Arc::new(schema), values.collect(), self.rows.count(batch));
        Ok(made.expect("a link has a number for each row"))
    }

    /// The same, where who asks cannot go on without it: as [`Rows::column`](super::Rows::column).
    ///
    /// # Panics
    /// As [`Dataset::read`], and with its errors.
    #[must_use]
    pub fn batch(&self, batch: usize, columns: &[usize]) -> RecordBatch {
        must(self.read(batch, columns))
    }

    /// Some columns of [`Dataset::schema`] in the rows with these numbers, in their order. Cost: each value is
    /// copied once, unless the rows follow one another.
    ///
    /// # Errors
    /// Where there is no such column.
    pub fn gather(&self, columns: &[usize], rows: &[u32]) -> std::result::Result<RecordBatch, ArrowError> {
        let schema = Arc::new(self.schema.project(columns)?);
        if rows.is_empty() {
            return Ok(RecordBatch::new_empty(schema));
        }
        let places: Vec<(usize, usize)> = rows.iter().map(|row| self.locate(*row)).collect();
        let values = columns.iter().map(|at| gathered(&places, |batch| self.column(batch, *at)));
        batch_of(schema, values.collect::<Result<_, _>>()?, rows.len())
    }

    /// The values of a column of [`Dataset::schema`] in the rows with these numbers; null where there is none.
    ///
    /// # Errors
    /// Arrow's, where the texts are longer than 2 GiB together.
    pub fn values(&self, column: usize, rows: &UInt32Array) -> std::result::Result<ArrayRef, ArrowError> {
        let kind = self.schema.field(column).data_type();
        if rows.null_count() == rows.len() {
            return Ok(new_null_array(kind, rows.len()));
        }
        let null = self.rows.batches();
        let places = rows.iter().map(|row| row.map_or((null, 0), |row| self.locate(row)));
        let column = |batch| {
            if batch == null { Cow::Owned(new_null_array(kind, 1)) } else { self.column(batch, column) }
        };
        gathered(&places.collect::<Vec<_>>(), column)
    }

    /// The place in [`Dataset::schema`] of the column with the row numbers that a reference leads to, by the
    /// names of its field. None where it is in a List, or leads nowhere.
    #[must_use]
    pub fn row_column(&self, names: &[&str]) -> Option<usize> {
        let at = self.columns.iter().position(|link| link.path.names == names)?;
        Some(self.document.schema.fields().len() + at)
    }

    /// The link whose row numbers stand in a column of [`Dataset::schema`].
    #[must_use]
    pub fn link_of_column(&self, column: usize) -> Option<&Arc<Link>> {
        self.columns.get(column.checked_sub(self.document.schema.fields().len())?)
    }

    /// The link of the field that is shown like this, such as `region` or `owner.region`.
    #[must_use]
    pub fn link(&self, field: &str) -> Option<&Arc<Link>> {
        self.links.iter().find(|link| link.path.shown == field)
    }

    /// The link of the field with these names.
    #[must_use]
    pub fn link_of(&self, names: &[&str]) -> Option<&Arc<Link>> {
        self.links.iter().find(|link| link.path.names == names)
    }

    /// Bytes of the table, its indexes and the row numbers of its references in memory.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.version.memory_bytes() + self.links.iter().map(|link| link.memory_bytes()).sum::<usize>()
    }

    /// What tells the versions of all datasets that its references lead to, over any number of them, in every
    /// process.
    #[must_use]
    pub fn reach(&self) -> u64 {
        self.reach
    }
}

/// The name of the column with the row numbers of a link. No document is likely to have it; where one does,
/// references are looked up by their keys.
fn row_column(link: &Link) -> String {
    format!("{}→row", link.path.shown)
}

/// The document's schema with a column of row numbers for each link.
fn widened(schema: &SchemaRef, links: &[Arc<Link>]) -> SchemaRef {
    if links.is_empty() {
        return Arc::clone(schema);
    }
    let mut fields = schema.fields().to_vec();
    fields.extend(links.iter().map(|link| Arc::new(Field::new(row_column(link), DataType::UInt32, true))));
    Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()))
}

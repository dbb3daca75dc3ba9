//! A dataset as it stands among the others of a snapshot: one version, and where its references lead.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use super::link::Link;
use super::links;
use super::version::Version;
use crate::document::Findings;

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
    batches: Vec<RecordBatch>,
    /// What its document and its references break; none where its references break nothing.
    findings: Option<Findings>,
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
        let (schema, batches) = if columns.is_empty() {
            (Arc::clone(&document.schema), document.batches.clone())
        } else {
            widened(&version, &columns)
        };
        let broken = links::findings(&links);
        let findings = (broken.total() > 0).then(|| {
            let mut findings = document.findings.clone();
            findings.append(broken, 0);
            findings
        });
        Self { version, id, links, columns, schema, batches, findings, reach }
    }

    /// What its document says, without the others.
    #[must_use]
    pub fn version_of_document(&self) -> &Arc<Version> {
        &self.version
    }

    /// What its document breaks, and what its references break in this snapshot.
    #[must_use]
    pub fn findings(&self) -> &Findings {
        self.findings.as_ref().unwrap_or(&self.document.findings)
    }

    /// The columns of [`Dataset::batches`]: those of the document, and after them one for each reference
    /// that a row has once ([`Dataset::row_column`]).
    #[must_use]
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The document's rows, each with the row numbers of the objects that it refers to.
    #[must_use]
    pub fn batches(&self) -> &[RecordBatch] {
        &self.batches
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

/// The document's schema and batches with a column of row numbers for each link. Cost: nothing is copied.
fn widened(version: &Version, links: &[Arc<Link>]) -> (SchemaRef, Vec<RecordBatch>) {
    let document = &version.document;
    let mut fields = document.schema.fields().to_vec();
    fields.extend(links.iter().map(|link| Arc::new(Field::new(row_column(link), DataType::UInt32, true))));
    let schema = Arc::new(Schema::new_with_metadata(fields, document.schema.metadata().clone()));
    let batches = document.batches.iter().enumerate().map(|(at, batch)| {
        let mut columns = batch.columns().to_vec();
        let first = usize::try_from(version.first_row(at)).unwrap_or_default();
        let rows = links.iter().filter_map(|link| link.target.as_ref());
        columns.extend(rows.map(|target| Arc::new(target.rows.slice(first, batch.num_rows())) as ArrayRef));
        RecordBatch::try_new(Arc::clone(&schema), columns).expect("a link has a number for each row")
    });
    let batches = batches.collect();
    (schema, batches)
}

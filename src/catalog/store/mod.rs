//! Published versions on disk: each a folder that never changes, and a ledger that says which there are.
//!
//! A version is written beside the others, synced, moved into its place, and counts from the moment that the
//! ledger (`SQLite`, write-ahead log, synced at each commit) has it. What a process leaves behind that ends
//! in between is no version, and is removed when the next one opens the store for writing.
//!
//! ```text
//! DIR/ledger.sqlite                          which versions there are
//! DIR/queries.sqlite                         what was asked
//! DIR/requests.sqlite                        what people asked public bodies for, and what became of it
//! DIR/uses.sqlite                            what datasets are used for, and what is asked for in vain: sums by the hour
//! DIR/quality.sqlite                         how good datasets were found, and when
//! DIR/passports.sqlite                       the steps that passports have taken
//! DIR/writer.lock                            held by the one process that writes
//! DIR/incoming/                              versions that are being written
//! DIR/versions/<dataset>/<version>/          table.parquet, description.json, the document, manifest.json
//! ```

mod backup;
mod changes;
mod database;
mod folder;
mod grown;
mod history;
mod hollow;
mod layout;
mod ledger;
mod lock;
mod pages;
mod parallel;
mod passports;
mod quality;
mod quality_columns;
mod queries;
mod request_columns;
mod request_layout;
mod request_writing;
mod requests;
mod standing;
mod table;
mod token;
mod unfinished;
mod use_columns;
mod uses;
mod writing;

use std::fs;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use backup::Backup;
use folder::{Folder, TABLE};
use history::History;
use ledger::Ledger;
pub use ledger::VersionRecord;
use lock::WriterLock;
use pages::Memory;
pub use pages::{ColumnStatistics, Pages};
pub use passports::PassportSteps;
pub use quality::{QualityHistory, QualityTable};
pub(super) use queries::QueryWriter;
pub use requests::{RequestTable, Requests};
pub use standing::{Noted, Standing};
pub use token::{Permission, Token};
pub use use_columns::UseTable;
pub(super) use uses::UseTables;
pub(super) use writing::Staged;

use super::budget::MemoryBudget;
use super::dataset::Dataset;
use super::file::Stamp;
use super::version::Version;
use crate::document::Document;
use crate::error::{Code, Error, Result};

/// The databases beside the ledger: all that a backup copies and that are looked at when a store is verified.
const DATABASES: [&str; 5] =
    ["queries.sqlite", "requests.sqlite", "uses.sqlite", "quality.sqlite", "passports.sqlite"];

/// What is known of a version beside its rows.
const DESCRIPTION: &str = "description.json";

/// What a process may do with a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Look at what is published; any number of processes at once.
    Read,
    /// Publish, too: one process at a time.
    Write,
    /// Make and revoke tokens, also while another process publishes.
    Tokens,
}

/// A folder with published versions.
#[derive(Debug)]
pub struct Store {
    root: PathBuf,
    ledger: Ledger,
    /// Held as long as this process may write.
    lock: Option<WriterLock>,
    history: History,
    memory: Memory,
    /// How many versions of each dataset are kept; all of them where nothing is said.
    kept_versions: Option<NonZeroU32>,
}

/// A file of a version that is not as it was written.
#[derive(Debug)]
pub struct Damage {
    /// The dataset.
    pub dataset: String,
    /// Its version.
    pub version: u32,
    /// What is wrong, with the file.
    pub error: Error,
}

impl Store {
    /// 1 GiB: the memory that tables of a store and their indexes may take unless told otherwise.
    pub const MEMORY_BYTES: usize = 1 << 30;

    /// Whether a store is there and nothing can be written into its folder.
    #[must_use]
    pub fn is_read_only(root: &Path) -> bool {
        use std::io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem, StorageFull};
        let lock = root.join("writer.lock");
        let written = fs::OpenOptions::new().write(true).create(true).truncate(false).open(lock);
        let no_more = |error: std::io::Error| {
            matches!(error.kind(), PermissionDenied | ReadOnlyFilesystem | StorageFull)
        };
        root.join("ledger.sqlite").exists() && written.is_err_and(no_more)
    }

    /// Opens a store; for writing it is made where there is none.
    ///
    /// # Errors
    /// `store.locked` says who writes to it, `store.damaged` where its ledger cannot be read, `store.io`.
    pub fn open(root: &Path, access: Access) -> Result<Self> {
        let lock = match access {
            Access::Read | Access::Tokens => None,
            Access::Write => {
                for folder in ["incoming", "versions"] {
                    fs::create_dir_all(root.join(folder)).map_err(|error| cannot(&error, "make", root))?;
                }
                Some(WriterLock::take(root)?)
            }
        };
        let ledger = Ledger::open(root, access)?;
        let (history, memory) = (History::default(), Memory::new(Self::MEMORY_BYTES));
        let kept_versions = None;
        let store = Self { root: root.to_owned(), ledger, lock, history, memory, kept_versions };
        if access == Access::Write {
            store.remove_unfinished()?;
        }
        Ok(store)
    }

    /// Opens a store for writing where there is one: a name that was mistyped makes no new one.
    ///
    /// # Errors
    /// `store.io` where the folder is no store; else those of [`Self::open`].
    pub fn open_present(root: &Path) -> Result<Self> {
        ledger::require_present(root)?;
        Self::open(root, Access::Write)
    }

    /// The same store, with so much memory for tables and indexes; what does not fit is read from disk when it
    /// is asked for. An eighth, 16 MiB at least, is for columns that were read lately.
    #[must_use]
    pub fn with_memory_bytes(self, bytes: usize) -> Self {
        Self { memory: Memory::new(bytes), ..self }
    }

    /// The memory for tables and indexes.
    pub(super) fn budget(&self) -> &Arc<MemoryBudget> {
        &self.memory.budget
    }

    /// The folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Every version that was published, by dataset and version.
    ///
    /// # Errors
    /// `store.damaged`.
    pub fn versions(&self) -> Result<Vec<VersionRecord>> {
        self.ledger.versions()
    }

    /// Every version that was published of a dataset, the first one first; none of one that never was there.
    ///
    /// # Errors
    /// `store.damaged`.
    pub fn versions_of(&self, dataset: &str) -> Result<Vec<VersionRecord>> {
        self.ledger.versions_of(dataset)
    }

    /// The last version of each dataset.
    ///
    /// # Errors
    /// `store.damaged`.
    pub fn latest(&self) -> Result<Vec<VersionRecord>> {
        self.ledger.latest()
    }

    /// The last version of each dataset that was made of the bytes of a file: of more than one where these do
    /// not say what dataset they are. Cost: hashing the file, where some document has its size.
    pub(super) fn known(&self, file: &Path, bytes: u64) -> Result<Vec<VersionRecord>> {
        if !self.ledger.has_size(bytes)? {
            return Ok(Vec::new());
        }
        self.ledger.of_document(&folder::document_hash(file)?)
    }

    /// A version whose rows stay on disk. Cost: reading what is known of the table.
    ///
    /// # Errors
    /// `store.damaged` names the file that is not as it was written.
    pub(super) fn on_disk(&self, record: &VersionRecord) -> Result<Version> {
        let folder = Folder::open(&self.folder(record), &record.manifest_hash)?;
        let (description, file) = (folder.verified(DESCRIPTION)?, folder.document_file());
        let pages = Pages::open(folder, self.memory.clone())?;
        let rows = pages.counts().map(|count| count as u64).sum();
        let (document, size) = Document::restored(&description, Arc::clone(pages.schema()), rows)
            .map_err(|error| damaged(&self.folder(record).join(DESCRIPTION), &error))?;
        let stamp = Stamp::of(&file).map_err(|error| cannot(&error, "read", &file))?;
        let version = Version::stored(document, &size, Arc::new(pages), (record.version, file, stamp))?;
        Ok(version.published(record))
    }

    /// A version in memory; every byte of its table is compared with its checksum. Cost: reading and decoding
    /// the table, by so many threads.
    ///
    /// # Errors
    /// `store.damaged` names the file that is not as it was written.
    pub(super) fn read(&self, record: &VersionRecord, threads: usize) -> Result<Version> {
        let folder = Folder::open(&self.folder(record), &record.manifest_hash)?;
        let (schema, batches) = table::read(folder.verified(TABLE)?, threads)
            .map_err(|error| damaged(&self.folder(record).join(TABLE), &error.to_string()))?;
        let (description, rows) =
            (folder.verified(DESCRIPTION)?, batches.iter().map(|batch| batch.num_rows() as u64).sum());
        let (document, _) = Document::restored(&description, schema, rows)
            .map_err(|error| damaged(&self.folder(record).join(DESCRIPTION), &error))?;
        let document = Document { batches, ..document };
        let file = folder.document_file();
        let stamp = Stamp::of(&file).map_err(|error| cannot(&error, "read", &file))?;
        Ok(Version::new(document, record.version, file, stamp)?.published(record))
    }

    /// A version that was just written, with the rows that were read; `document` is the name and the state of the
    /// document's copy.
    pub(super) fn written(
        &self,
        version: Version,
        record: &VersionRecord,
        (document, stamp): (String, Stamp),
    ) -> Version {
        version.in_file(self.folder(record).join(document), stamp).published(record)
    }

    /// The last version of a dataset, also where that says that it was deleted.
    ///
    /// # Errors
    /// `store.damaged`.
    pub fn last(&self, dataset: &str) -> Result<Option<VersionRecord>> {
        self.ledger.last(dataset)
    }

    /// Where a version lies.
    #[must_use]
    pub fn folder(&self, record: &VersionRecord) -> PathBuf {
        self.root.join("versions").join(&record.folder)
    }

    /// A version of a dataset, on disk, or none where it never was or is the one that says that the dataset was
    /// deleted.
    ///
    /// # Errors
    /// `store.damaged`.
    pub(super) fn version(&self, dataset: &str, version: u32) -> Result<Option<Arc<Dataset>>> {
        let Some(record) = self.record(dataset, version)?.filter(VersionRecord::is_readable) else {
            return Ok(None);
        };
        match self.history.get(self, &record) {
            // It was dropped in between.
            Err(_) if !self.is_there(&record)? => Ok(None),
            found => found.map(Some),
        }
    }

    /// What the ledger has of a version that is there.
    pub(super) fn require_record(&self, dataset: &str, version: u32) -> Result<VersionRecord> {
        self.record(dataset, version)?.ok_or_else(|| {
            let message = format!("'{dataset}' has no version {version} in {}", self.root.display());
            Error::new(Code::CatalogUnknownVersion, message)
        })
    }

    /// What the ledger has of a version.
    pub(super) fn record(&self, dataset: &str, version: u32) -> Result<Option<VersionRecord>> {
        self.ledger.of_version(dataset, version)
    }

    /// The last version of each dataset on disk, or why it cannot be read. One that is dropped while it is being
    /// opened has a later one, which is taken instead.
    ///
    /// # Errors
    /// `store.damaged` where the ledger cannot be read.
    pub(super) fn open_latest(&self) -> Result<Vec<(VersionRecord, Result<Version>)>> {
        let open = |mut record: VersionRecord| loop {
            let opened = self.on_disk(&record);
            if opened.is_ok() || self.is_there(&record)? {
                return Ok((record, opened));
            }
            match self.last(&record.dataset)?.filter(|last| last.version > record.version) {
                Some(last) if !last.is_deleted => record = last,
                _ => return Ok((record, opened)),
            }
        };
        self.latest()?.into_iter().map(open).collect()
    }

    /// Compares every byte of every version with its checksum, and names every file that is damaged.
    ///
    /// # Errors
    /// `store.damaged` where the ledger itself cannot be read.
    pub fn verify(&self) -> Result<Vec<Damage>> {
        let mut found = Vec::new();
        for record in self.versions()?.into_iter().filter(VersionRecord::is_readable) {
            let errors = match Folder::open(&self.folder(&record), &record.manifest_hash) {
                Ok(folder) => folder.damages(),
                Err(error) => vec![error],
            };
            if !errors.is_empty() && !self.is_there(&record)? {
                // It was dropped meanwhile.
                continue;
            }
            let (dataset, version) = (&record.dataset, record.version);
            found.extend(errors.into_iter().map(|error| Damage { dataset: dataset.clone(), version, error }));
        }
        Ok(found)
    }

    /// Reads every database beside the ledger, and names those that are damaged: whose pages, rows or indexes are not
    /// what they may be. They have no checksums, so that another value in the place of one is not seen. The ledger is
    /// looked at whenever the store is opened.
    #[must_use]
    pub fn damaged_databases(&self) -> Vec<Error> {
        DATABASES.into_iter().filter_map(|name| database::damage(&self.root.join(name))).collect()
    }

    /// Whether a version is still kept.
    fn is_there(&self, record: &VersionRecord) -> Result<bool> {
        Ok(self.record(&record.dataset, record.version)?.is_some_and(|now| now.is_readable()))
    }
}

/// The error for a file of the store that cannot be read or written.
fn cannot(error: &std::io::Error, what: &str, path: &Path) -> Error {
    let message = format!("cannot {what} {}: {error}", path.display());
    let error = Error::new(Code::StoreIo, message).caused_by(error.to_string());
    error
        .hint("look at the disk's space and at who may write there; what was published before is still there")
}

/// The error for a file of the store that is not as it was written.
fn damaged(path: &Path, what: &str) -> Error {
    let error = Error::new(Code::StoreDamaged, format!("{} is damaged: {what}", path.display()));
    error.hint(
        "take the version from a backup, or publish its document again; derek verify names all such files",
    )
}

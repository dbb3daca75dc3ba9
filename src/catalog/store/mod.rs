//! Published versions on disk: each a folder that never changes, and a ledger that says which there are.
//!
//! A version is written beside the others, synced, moved into its place, and counts from the moment that the
//! ledger (`SQLite`, write-ahead log, synced at each commit) has it. What a process leaves behind that ends
//! in between is no version, and is removed when the next one opens the store for writing.
//!
//! ```text
//! DIR/ledger.sqlite                          which versions there are
//! DIR/writer.lock                            held by the one process that writes
//! DIR/incoming/                              versions that are being written
//! DIR/versions/<dataset>/<version>/          table.parquet, description.json, the document, manifest.json
//! ```

mod folder;
mod hollow;
mod ledger;
mod lock;
mod table;

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use folder::Folder;
use ledger::Ledger;
pub use ledger::VersionRecord;
use lock::WriterLock;

use super::file::Stamp;
use super::version::Version;
use crate::document::Document;
use crate::error::{Code, Error, Result};

/// What a process may do with a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Look at what is published; any number of processes at once.
    Read,
    /// Publish, too: one process at a time.
    Write,
}

/// A folder with published versions.
#[derive(Debug)]
pub struct Store {
    root: PathBuf,
    ledger: Ledger,
    /// Held as long as this process may write.
    lock: Option<WriterLock>,
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
    /// Opens a store; for writing it is made where there is none.
    ///
    /// # Errors
    /// `store.locked` says who writes to it, `store.damaged` where its ledger cannot be read, `store.io`.
    pub fn open(root: &Path, access: Access) -> Result<Self> {
        let lock = match access {
            Access::Read => None,
            Access::Write => {
                for folder in ["incoming", "versions"] {
                    fs::create_dir_all(root.join(folder)).map_err(|error| cannot(&error, "make", root))?;
                }
                Some(WriterLock::take(root)?)
            }
        };
        let ledger = Ledger::open(root, access)?;
        let store = Self { root: root.to_owned(), ledger, lock };
        if store.lock.is_some() {
            store.remove_unfinished()?;
        }
        Ok(store)
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

    /// The last version of each dataset.
    ///
    /// # Errors
    /// `store.damaged`.
    pub fn latest(&self) -> Result<Vec<VersionRecord>> {
        self.ledger.latest()
    }

    /// The version of a dataset that was made of these bytes, if it is the last one.
    pub(super) fn known(&self, document_hash: &str) -> Result<Option<VersionRecord>> {
        self.ledger.of_document(document_hash)
    }

    /// The hash of a document's file, and of the file with metadata beside it.
    pub(super) fn hash(file: &Path) -> Result<String> {
        folder::document_hash(file)
    }

    /// Publishes a document that was read from a file which was then in this state: durable when it returns.
    /// The same bytes as those of the last version are no new one.
    ///
    /// # Errors
    /// `store.io` where it cannot be written: nothing of it counts then. `document.changed` where the file is
    /// another one by now. `store.read_only`.
    pub(super) fn publish(
        &self,
        document: &Document,
        file: &Path,
        stamp: Stamp,
        now: DateTime<Utc>,
    ) -> Result<VersionRecord> {
        if self.lock.is_none() {
            let message = format!("{} was opened for reading", self.root.display());
            return Err(Error::new(Code::StoreReadOnly, message));
        }
        let last = self.ledger.last(&document.name)?;
        let version = last.as_ref().map_or(1, |last| last.version + 1);
        let incoming = self.root.join("incoming").join(format!("{}-{version}", folder::safe(&document.name)));
        let written = Folder::write(&incoming, document, file)?;
        if !Stamp::of(file).is_ok_and(|now| now == stamp) {
            return Err(Error::new(Code::DocumentChanged, "the file changed while it was stored")
                .in_file(file.display().to_string()));
        }
        // The same bytes again are no new version, unless those that are here were damaged since.
        let is_whole = |last: &VersionRecord| {
            let folder = Folder::open(&self.folder(last), &last.manifest_hash);
            last.document_hash == written.document_hash && folder.is_ok_and(|folder| folder.verify().is_ok())
        };
        if let Some(last) = last.filter(is_whole) {
            let _ = fs::remove_dir_all(&incoming);
            return Ok(last);
        }
        let record = VersionRecord {
            dataset: document.name.clone(),
            version,
            published_at: now,
            rows: document.rows,
            document_hash: written.document_hash,
            manifest_hash: written.manifest_hash,
            folder: format!("{}/{version}", folder::safe(&document.name)),
        };
        folder::move_into_place(&incoming, &self.folder(&record))?;
        self.ledger.append(&record)?;
        Ok(record)
    }

    /// A version as it was published; every byte of its table is compared with its checksum. Cost: reading
    /// and decoding the table, by so many threads.
    ///
    /// # Errors
    /// `store.damaged` names the file that is not as it was written.
    pub(super) fn read(&self, record: &VersionRecord, threads: usize) -> Result<Version> {
        let folder = Folder::open(&self.folder(record), &record.manifest_hash)?;
        let (schema, batches) = table::read(folder.verified("table.parquet")?, threads)
            .map_err(|error| damaged(&self.folder(record).join("table.parquet"), &error.to_string()))?;
        let description = folder.verified("description.json")?;
        let document = Document::restored(&description, schema, batches)
            .map_err(|error| damaged(&self.folder(record).join("description.json"), &error))?;
        let file = folder.document_file();
        let stamp = Stamp::of(&file).map_err(|error| cannot(&error, "read", &file))?;
        Version::new(document, record.version, file, stamp)
    }

    /// The file with the document of a version, as it was published, packed.
    ///
    /// # Errors
    /// `store.damaged`.
    pub(super) fn document_file(&self, record: &VersionRecord) -> Result<PathBuf> {
        Ok(Folder::open(&self.folder(record), &record.manifest_hash)?.document_file())
    }

    /// Where a version lies.
    #[must_use]
    pub fn folder(&self, record: &VersionRecord) -> PathBuf {
        self.root.join("versions").join(&record.folder)
    }

    /// Compares every byte of every version with its checksum.
    ///
    /// # Errors
    /// `store.damaged` where the ledger itself cannot be read.
    pub fn verify(&self) -> Result<Vec<Damage>> {
        let mut found = Vec::new();
        for record in self.versions()? {
            let path = self.folder(&record);
            let checked = Folder::open(&path, &record.manifest_hash).and_then(|folder| folder.verify());
            if let Err(error) = checked {
                found.push(Damage { dataset: record.dataset, version: record.version, error });
            }
        }
        Ok(found)
    }

    /// Removes what a process left behind that ended while it published.
    fn remove_unfinished(&self) -> Result<()> {
        let remove = |path: &Path| fs::remove_dir_all(path).map_err(|error| cannot(&error, "remove", path));
        for path in entries(&self.root.join("incoming"))? {
            remove(&path)?;
        }
        let known: Vec<PathBuf> = self.versions()?.iter().map(|record| self.folder(record)).collect();
        for dataset in entries(&self.root.join("versions"))? {
            for version in entries(&dataset)? {
                if !known.contains(&version) {
                    remove(&version)?;
                }
            }
        }
        Ok(())
    }
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).map_err(|error| cannot(&error, "read", folder))?;
    entries.map(|entry| Ok(entry.map_err(|error| cannot(&error, "read", folder))?.path())).collect()
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

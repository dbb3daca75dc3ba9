//! What the one process that writes does: it publishes, deletes, and drops old versions.

use std::fs;
use std::io::ErrorKind;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, Utc};

use super::folder::{self, Folder, Written};
use super::{Store, VersionRecord, cannot};
use crate::catalog::file::Stamp;
use crate::document::{Document, Severity};
use crate::error::{Code, Error, Result};

/// A folder that is being written: what is still there in the end is removed.
struct Incoming(PathBuf);

impl Drop for Incoming {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

static STAGED: AtomicU64 = AtomicU64::new(1);

/// What was written beside the versions, and is none yet: dropped, it is removed.
pub(in crate::catalog) struct Staged {
    incoming: Incoming,
    written: Written,
    document_bytes: u64,
    /// The state of the document's copy.
    stored: Stamp,
    /// The version that has the same bytes, where it is whole.
    whole: Option<u32>,
}

impl Staged {
    /// The name and the state of the document's copy.
    pub(in crate::catalog) fn document(&self) -> (String, Stamp) {
        (self.written.document.clone(), self.stored)
    }
}

/// A file's name in the ledger, wherever the process was started.
fn source_name(file: &Path) -> String {
    file.canonicalize().unwrap_or_else(|_| file.to_owned()).display().to_string()
}

impl Store {
    /// The same store, keeping so many versions of each dataset: older ones are dropped, now and at each
    /// publication. What was published of them stays in the list of versions.
    ///
    /// # Errors
    /// `store.read_only`, `store.io`.
    pub fn with_kept_versions(self, kept: NonZeroU32) -> Result<Self> {
        self.require_writer()?;
        self.drop_older(None, kept)?;
        Ok(Self { kept_versions: Some(kept), ..self })
    }

    fn drop_older(&self, dataset: Option<&str>, kept: NonZeroU32) -> Result<()> {
        for folder in self.ledger.drop_older(dataset, kept.get())? {
            let folder = self.root.join("versions").join(folder);
            match fs::remove_dir_all(&folder) {
                // Of one dataset, those before it were removed when they were dropped.
                Err(error) if error.kind() == ErrorKind::NotFound && dataset.is_some() => break,
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(cannot(&error, "remove", &folder));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Writes a document that was read from a file which was then in this state, beside the versions: durable
    /// when it returns, and no version yet. Any number at once.
    ///
    /// # Errors
    /// `store.io` where it cannot be written. `document.changed` where the file is another one by now.
    /// `store.read_only`.
    pub(in crate::catalog) fn stage(
        &self,
        document: &Document,
        file: &Path,
        stamp: Stamp,
        threads: usize,
    ) -> Result<Staged> {
        self.require_writer()?;
        let number = STAGED.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}-{number}", folder::safe(&document.name));
        let incoming = Incoming(self.root.join("incoming").join(name));
        let written = Folder::write(&incoming.0, document, file, threads)?;
        if !Stamp::of(file).is_ok_and(|now| now == stamp) {
            return Err(Error::new(Code::DocumentChanged, "the file changed while it was stored")
                .in_file(file.display().to_string()));
        }
        let stored = incoming.0.join(&written.document);
        let stored = Stamp::of(&stored).map_err(|error| cannot(&error, "read", &stored))?;
        // The same bytes again: whether those that are here are still whole takes reading them.
        let last = self.ledger.last(&document.name)?;
        let whole = last.filter(|last| self.is_whole(last, &written.document_hash)).map(|last| last.version);
        Ok(Staged { incoming, written, document_bytes: stamp.len_bytes, stored, whole })
    }

    /// Makes a version of what was written: durable when it returns. The same bytes as those of the last
    /// version are no new one. One at a time.
    ///
    /// # Errors
    /// `store.io`: nothing of it counts then.
    pub(in crate::catalog) fn commit(
        &self,
        staged: Staged,
        document: &Document,
        (now, written_by): (DateTime<Utc>, &str),
    ) -> Result<VersionRecord> {
        self.require_writer()?;
        let Staged { incoming, written, document_bytes, whole, .. } = staged;
        let last = self.ledger.last(&document.name)?;
        // The same bytes again are no new version, unless those that are here were damaged since.
        let is_whole =
            |last: &VersionRecord| whole == Some(last.version) || self.is_whole(last, &written.document_hash);
        let changes = last.as_ref().map(|last| self.schema_changes(last, document)).unwrap_or_default();
        let version = last.as_ref().map_or(1, |last| last.version + 1);
        if let Some(last) = last.filter(is_whole) {
            return Ok(last);
        }
        let record = VersionRecord {
            dataset: document.name.clone(),
            version,
            published_at: now,
            rows: document.rows,
            document_hash: written.document_hash,
            document_bytes,
            manifest_hash: written.manifest_hash,
            folder: format!("{}/{version}", folder::safe(&document.name)),
            is_deleted: false,
            is_dropped: false,
            findings: document.findings.total(),
            errors: document.findings.total_of(Severity::Error),
            warnings: document.findings.total_of(Severity::Warning),
            schema_changes: changes,
            written_by: written_by.to_owned(),
        };
        let folder = self.folder(&record);
        if folder.exists() {
            self.put_aside(&folder)?;
        }
        folder::move_into_place(&incoming.0, &folder)?;
        if let Err(error) = self.ledger.append(&record) {
            // It goes, unless the ledger has it after all.
            if matches!(self.record(&record.dataset, record.version), Ok(None)) {
                let _ = fs::rename(&folder, &incoming.0);
            }
            return Err(error);
        }
        Ok(record)
    }

    /// Whether a version was made of the document with this hash, and all its files are as they were written.
    fn is_whole(&self, record: &VersionRecord, document_hash: &str) -> bool {
        let is_same = record.is_readable() && record.document_hash == document_hash;
        let folder = || Folder::open(&self.folder(record), &record.manifest_hash);
        is_same && folder().is_ok_and(|folder| folder.verify().is_ok())
    }

    /// Drops what is older than the versions of a dataset that are kept, once the last one is served.
    pub(in crate::catalog) fn retire(&self, dataset: &str) {
        if let Some(kept) = self.kept_versions {
            // What was published is there, whatever becomes of the older ones: they are dropped the next time.
            let _ = self.drop_older(Some(dataset), kept);
        }
    }

    /// Whether a file holds what it held when it was published last.
    pub(in crate::catalog) fn is_source_as_before(&self, file: &Path, document_hash: &str) -> Result<bool> {
        Ok(self.ledger.source(&source_name(file))?.as_deref() == Some(document_hash))
    }

    /// Remembers what a file holds that is published now.
    pub(in crate::catalog) fn note_source(&self, file: &Path, document_hash: &str) -> Result<()> {
        if self.is_source_as_before(file, document_hash)? {
            return Ok(());
        }
        self.ledger.note_source(&source_name(file), document_hash)
    }

    /// Deletes a dataset: its last version is one without rows, those before it stay.
    ///
    /// # Errors
    /// `catalog.unknown_dataset` where it is not there or deleted already; `store.*`.
    pub(in crate::catalog) fn delete(
        &self,
        dataset: &str,
        (now, written_by): (DateTime<Utc>, &str),
    ) -> Result<VersionRecord> {
        self.require_writer()?;
        let last = self.ledger.last(dataset)?.filter(|last| !last.is_deleted);
        let last = last.ok_or_else(|| {
            Error::new(Code::CatalogUnknownDataset, format!("the store has no dataset '{dataset}'"))
        })?;
        let version = last.version + 1;
        let record = VersionRecord {
            version,
            published_at: now,
            rows: 0,
            document_hash: String::new(),
            document_bytes: 0,
            manifest_hash: String::new(),
            folder: format!("{}/{version}", folder::safe(dataset)),
            is_deleted: true,
            findings: 0,
            errors: 0,
            warnings: 0,
            schema_changes: String::new(),
            written_by: written_by.to_owned(),
            ..last
        };
        self.ledger.append(&record)?;
        Ok(record)
    }

    fn require_writer(&self) -> Result<()> {
        if self.lock.is_some() {
            return Ok(());
        }
        Err(Error::new(Code::StoreReadOnly, format!("{} was opened for reading", self.root.display())))
    }

    /// A folder of its own for what is being received; it is removed when the store is opened the next time,
    /// if not before.
    ///
    /// # Errors
    /// `store.io`, `store.read_only`.
    pub(in crate::catalog) fn incoming(&self, name: &str) -> Result<PathBuf> {
        self.require_writer()?;
        let path = self.root.join("incoming").join(name);
        fs::create_dir_all(&path).map_err(|error| cannot(&error, "make", &path))?;
        Ok(path)
    }
}

//! From a file to a version: read, and where there is a store, published there.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use chrono::Utc;

use super::dataset::Dataset;
use super::file::{self, Stamp};
use super::snapshot::{FileState, Snapshot};
use super::store::{Store, VersionRecord};
use super::version::Version;
use super::{Catalog, LoadOptions};
use crate::document::Document;
use crate::error::{Code, Error, Result};

/// Reads one document and nothing else: what it says and what it breaks. A fault of the reader's own
/// refuses this file and no other.
///
/// # Errors
/// `document.*`, with the file's name.
pub fn read_document(file: &Path, options: &LoadOptions<'_>) -> Result<(Document, Stamp)> {
    let read = catch_unwind(AssertUnwindSafe(|| file::read(file, options)));
    read.unwrap_or_else(|_| {
        let error = Error::new(Code::Internal, "the reader met a fault of its own");
        Err(error.in_file(file.display().to_string()).hint("please report it with the document"))
    })
}

/// The dataset in a file, as the version after the last one of its name.
pub(super) fn read(
    file: &Path,
    snapshot: &Snapshot,
    versions: &mut BTreeMap<String, u32>,
    options: LoadOptions<'_>,
) -> Result<(Arc<Version>, Stamp)> {
    let (document, stamp) = read_document(file, &options)?;
    require_alone(&document, file, snapshot)?;
    let version = versions.get(&document.name).map_or(1, |last| last + 1);
    versions.insert(document.name.clone(), version);
    Ok((Arc::new(Version::new(document, version, file.to_owned(), stamp)?), stamp))
}

/// One file holds a dataset.
fn require_alone(document: &Document, file: &Path, snapshot: &Snapshot) -> Result<()> {
    let holds = |state: &FileState| state.dataset.as_ref() == Some(&document.name) && state.stamp.is_some();
    let holder = snapshot.files().iter().find(|(path, state)| *path != file && holds(state));
    let Some((holder, _)) = holder else { return Ok(()) };
    let message = format!("the dataset '{}' is already read from {}", document.name, holder.display());
    Err(Error::new(Code::CatalogDuplicate, message)
        .in_file(file.display().to_string())
        .hint("give one of the two another apiUri"))
}

/// The dataset in a file, published in a store. The same bytes again are not even read.
pub(super) fn store_document(
    store: &Store,
    file: &Path,
    snapshot: &Snapshot,
    options: LoadOptions<'_>,
) -> Result<(Arc<Version>, Stamp)> {
    let in_file = |error: Error| error.in_file(file.display().to_string());
    let before = Stamp::of(file).ok();
    let known = store.known(file, before.map_or(0, |stamp| stamp.len_bytes)).map_err(in_file)?;
    let is_it = |dataset: &&Arc<Dataset>| Some(dataset.version) == known.as_ref().map(|it| it.version);
    let dataset = known.as_ref().and_then(|record| snapshot.named(&record.dataset)).filter(is_it);
    if let Some((dataset, stamp)) = dataset.zip(before) {
        return Ok((Arc::clone(dataset.version_of_document()), stamp));
    }
    let (document, stamp) = read_document(file, &options)?;
    require_alone(&document, file, snapshot)?;
    let record = store.publish(&document, file, stamp, options.threads, (Utc::now(), ""))?;
    Ok((stored_version(store, document, &record)?, stamp))
}

/// A version that was just written: in memory where there is room for it.
fn stored_version(store: &Store, document: Document, record: &VersionRecord) -> Result<Arc<Version>> {
    let on_disk = store.on_disk(record)?;
    let Some(share) = store.budget().take(on_disk.bytes_in_memory()) else { return Ok(Arc::new(on_disk)) };
    let stored = store.document_file(record)?;
    let state = Stamp::of(&stored).map_err(|error| {
        Error::new(Code::StoreIo, format!("cannot read {}: {error}", stored.display())).caused_by(error)
    })?;
    let version = Version::new(document, record.version, stored, state)?;
    Ok(Arc::new(version.with_share(share)))
}

/// The version that must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precondition {
    /// Any.
    Any,
    /// This one.
    Version(u32),
}

/// A document that somebody sends.
#[derive(Debug)]
pub struct Upload<'a> {
    /// Where it lies.
    pub file: &'a Path,
    /// The dataset that it should be of.
    pub dataset: &'a str,
    /// Whether it is refused where it has findings of severity `error`.
    pub is_strict: bool,
    /// Whether nothing is to change.
    pub is_dry_run: bool,
    /// The version that must be there.
    pub expected: Option<Precondition>,
    /// The name of the token that it is sent with.
    pub written_by: &'a str,
}

/// What became of it.
#[derive(Debug)]
pub struct Uploaded {
    /// The version: where nothing was to change, the one that it would be.
    pub version: Arc<Version>,
    /// Whether it is a new one: the same bytes again are none.
    pub is_new: bool,
}

impl Catalog {
    /// Publishes a document that somebody sends; durable when it returns, and served at once.
    ///
    /// # Errors
    /// `document.*` where it is refused: nothing changes then. `request.precondition` where another version is
    /// there than was expected; `request.body` where it is another dataset's; `store.*`.
    pub fn publish(&self, upload: &Upload<'_>) -> Result<Uploaded> {
        let store = self.require_store()?;
        // One at a time: what is there does not change between the look and the write.
        let _turn = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        let snapshot = self.snapshot();
        let published = publish(store, upload, &snapshot, self.options)?;
        if !upload.is_dry_run && published.is_new {
            let (mut datasets, states) = snapshot.parts();
            datasets.insert(published.version.name().to_owned(), Arc::clone(&published.version));
            self.swap(snapshot.next(&datasets, states, self.options.threads));
        }
        Ok(published)
    }

    /// Deletes a dataset: it is no longer served, and its versions stay in the store. Returns the version that
    /// says so.
    ///
    /// # Errors
    /// `catalog.unknown_dataset`, `request.precondition`, `store.*`.
    pub fn delete(&self, dataset: &str, expected: Option<Precondition>, written_by: &str) -> Result<u32> {
        let store = self.require_store()?;
        let _turn = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        let snapshot = self.snapshot();
        require(expected, snapshot.named(dataset))?;
        let record = store.delete(dataset, (Utc::now(), written_by))?;
        let (mut datasets, states) = snapshot.parts();
        datasets.remove(dataset);
        self.swap(snapshot.next(&datasets, states, self.options.threads));
        Ok(record.version)
    }

    fn require_store(&self) -> Result<&Store> {
        self.store.as_deref().ok_or_else(|| {
            Error::new(Code::StoreReadOnly, "there is no store to publish into")
                .hint("start with derek serve --store DIR")
        })
    }

    /// A folder of its own for a document that is being received.
    ///
    /// # Errors
    /// `store.read_only` where there is no store; `store.io`.
    pub fn incoming(&self, name: &str) -> Result<PathBuf> {
        self.require_store()?.incoming(name)
    }
}

/// Publishes what somebody sends.
fn publish(
    store: &Store,
    upload: &Upload<'_>,
    snapshot: &Snapshot,
    options: LoadOptions<'_>,
) -> Result<Uploaded> {
    let current = snapshot.named(upload.dataset);
    require(upload.expected, current)?;
    let options = LoadOptions { is_strict: options.is_strict || upload.is_strict, ..options };
    let (document, stamp) = read_document(upload.file, &options)?;
    if document.name != upload.dataset {
        let message = format!("the document is of '{}', not of '{}'", document.name, upload.dataset);
        return Err(Error::new(Code::RequestBody, message).hint("its meta.apiUri says so"));
    }
    let now = current.map(|dataset| dataset.version);
    if upload.is_dry_run {
        let next = now.map_or(1, |version| version + 1);
        let version = Version::new(document, next, upload.file.to_owned(), stamp)?;
        return Ok(Uploaded { version: Arc::new(version), is_new: true });
    }
    let record =
        store.publish(&document, upload.file, stamp, options.threads, (Utc::now(), upload.written_by))?;
    let is_new = now != Some(record.version);
    let version = match current.filter(|_| !is_new) {
        Some(dataset) => Arc::clone(dataset.version_of_document()),
        None => stored_version(store, document, &record)?,
    };
    Ok(Uploaded { version, is_new })
}

/// That the version is there which is expected.
fn require(expected: Option<Precondition>, current: Option<&Arc<Dataset>>) -> Result<()> {
    let is_met = match (expected, current) {
        (None, _) | (Some(Precondition::Any), Some(_)) => true,
        (Some(Precondition::Version(version)), Some(dataset)) => dataset.version == version,
        (Some(_), None) => false,
    };
    if is_met {
        return Ok(());
    }
    let message = match current {
        Some(dataset) => format!("version {} is there", dataset.version),
        None => "no version is there".to_owned(),
    };
    Err(Error::new(Code::RequestPrecondition, message)
        .hint("somebody published in between: look at what is there, and send If-Match with its version"))
}

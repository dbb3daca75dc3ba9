//! From a file to a version: read, and where there is a store, published there.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use chrono::Utc;

use super::budget::bytes_needed;
use super::file::{self, Stamp};
use super::snapshot::{FileState, Snapshot};
use super::store::{Staged, Store, VersionRecord};
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
    caught(file, || file::read(file, options))
}

/// What is done with a file; a fault of the program's own is an error of this file's.
pub(super) fn caught<T>(file: &Path, work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let error = Error::of_panic(panic.as_ref()).in_file(file.display().to_string());
        Err(if error.code == Code::Internal {
            error.hint("please report it with the document")
        } else {
            error
        })
    })
}

/// What a file holds.
pub(super) enum Reading {
    /// The dataset in this version, which is served already.
    Served(Arc<Version>),
    /// A document that was published before this last version of its dataset.
    Superseded(VersionRecord),
    /// A document that is read, and has no number yet.
    Read(Box<Version>),
    /// A document that is written into the store, and is no version yet.
    Written(Box<Written>),
}

impl Reading {
    /// The document, where it may become a version.
    pub(super) fn document(&self) -> Option<&Document> {
        match self {
            Self::Served(_) | Self::Superseded(_) => None,
            Self::Read(version) => Some(&version.document),
            Self::Written(written) => Some(&written.version.document),
        }
    }
}

/// The dataset in a file.
pub(super) fn read(file: &Path, snapshot: &Snapshot, options: LoadOptions<'_>) -> Result<(Reading, Stamp)> {
    let (document, stamp) = read_document(file, &options)?;
    require_alone(&document, file, snapshot)?;
    let version = Version::new(document, 0, file.to_owned(), stamp)?;
    Ok((Reading::Read(Box::new(version)), stamp))
}

/// One file holds a dataset.
pub(super) fn require_alone(document: &Document, file: &Path, snapshot: &Snapshot) -> Result<()> {
    let holds = |state: &FileState| state.dataset.as_ref() == Some(&document.name) && state.stamp.is_some();
    let holder = snapshot.files().iter().find(|(path, state)| *path != file && holds(state));
    let Some((holder, _)) = holder else { return Ok(()) };
    let message = format!("the dataset '{}' is already read from {}", document.name, holder.display());
    Err(Error::new(Code::CatalogDuplicate, message)
        .in_file(file.display().to_string())
        .hint("give one of the two another apiUri"))
}

/// The dataset in a file, written into a store. The same bytes again are not even read. Where the file `yields`,
/// and holds what it held when it was published last, it is not published again over what came after it.
pub(super) fn write_document(
    store: &Store,
    file: &Path,
    snapshot: &Snapshot,
    (options, yields): (LoadOptions<'_>, bool),
) -> Result<(Reading, Stamp)> {
    let in_file = |error: Error| error.in_file(file.display().to_string());
    let before = Stamp::of(file).ok();
    let known = store.known(file, before.map_or(0, |stamp| stamp.len_bytes)).map_err(in_file)?;
    let superseding = |record: &VersionRecord| -> Result<Option<VersionRecord>> {
        let yields = yields && store.is_source_as_before(file, &record.document_hash)?;
        let last = if yields { store.last(&record.dataset)? } else { None };
        Ok(last.filter(|last| last.version > record.version))
    };
    for (record, stamp) in known.iter().zip(before) {
        let served = snapshot.named(&record.dataset).filter(|it| it.version == record.version);
        let says_so = served.is_some_and(|it| it.document.meta.api_uri == record.dataset);
        if !says_so && file::stem(file) != record.dataset {
            // What dataset the file holds is known once it is read.
            continue;
        }
        if let Some(dataset) = served {
            store.note_source(file, &record.document_hash)?;
            return Ok((Reading::Served(Arc::clone(dataset.version_of_document())), stamp));
        }
        if let Some(last) = superseding(record)? {
            return Ok((Reading::Superseded(last), stamp));
        }
    }
    let (document, stamp) = read_document(file, &options)?;
    require_alone(&document, file, snapshot)?;
    if let Some(record) = known.iter().find(|record| record.dataset == document.name)
        && let Some(last) = superseding(record)?
    {
        return Ok((Reading::Superseded(last), stamp));
    }
    let written = Written::of(store, document, (file, stamp), options.threads)?;
    Ok((Reading::Written(Box::new(written)), stamp))
}

/// A document that was written into a store, and is no version yet.
pub(super) struct Written {
    staged: Staged,
    version: Version,
    /// Whether the version has its rows; else they are read from the store.
    is_in_memory: bool,
}

impl Written {
    /// Writes a document, and makes a version of it: in memory where there is room for it.
    fn of(store: &Store, document: Document, (file, stamp): (&Path, Stamp), threads: usize) -> Result<Self> {
        let staged = store.stage(&document, file, stamp, threads)?;
        let share = store.budget().take(bytes_needed(&document));
        let is_in_memory = share.is_some();
        let document = if is_in_memory { document } else { Document { batches: Vec::new(), ..document } };
        let version = Version::new(document, 0, file.to_owned(), stamp)?;
        let version = share.into_iter().fold(version, Version::with_share);
        Ok(Self { staged, version, is_in_memory })
    }

    /// Publishes it. Durable when it returns.
    pub(super) fn commit(self, store: &Store, written_by: &str) -> Result<(Arc<Version>, VersionRecord)> {
        let document = self.staged.document();
        let record = store.commit(self.staged, &self.version.document, (Utc::now(), written_by))?;
        if self.is_in_memory {
            return Ok((Arc::new(store.written(self.version, &record, document)), record));
        }
        let on_disk = store.on_disk(&record).map_err(|error| {
            let VersionRecord { dataset, version, .. } = &record;
            let message =
                format!("version {version} of '{dataset}' is published, but cannot be read: {error}");
            Error::new(error.code, message).hint("it is served once the server starts again")
        });
        Ok((Arc::new(on_disk?), record))
    }
}

/// The version that must be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Precondition {
    /// Any.
    Any,
    /// One of these.
    Versions(Vec<u32>),
    /// None: the dataset is new, or deleted.
    Nothing,
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
    /// What must be there: all of it.
    pub expected: &'a [Precondition],
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
    /// there than was expected; `request.body` where it is another dataset's; `store.*`; `server.busy` before all
    /// is loaded.
    pub fn publish(&self, upload: &Upload<'_>) -> Result<Uploaded> {
        let store = self.require_store()?;
        self.require_loaded()?;
        require(upload.expected, store.last(upload.dataset)?.as_ref())?;
        let options = LoadOptions { is_strict: self.options.is_strict || upload.is_strict, ..self.options };
        let (document, stamp) = read_document(upload.file, &options)?;
        if document.name != upload.dataset {
            let message = format!("the document is of '{}', not of '{}'", document.name, upload.dataset);
            return Err(Error::new(Code::RequestBody, message).hint("its meta.apiUri says so"));
        }
        if document.schema.fields().is_empty() {
            let message = "the document has neither fields nor rows; expected some";
            return Err(Error::new(Code::RequestBody, message).hint("DELETE is for who wants a dataset gone"));
        }
        if upload.is_dry_run {
            return would_be(store, upload, document, stamp);
        }
        // What takes long comes before others have to wait.
        let written = Written::of(store, document, (upload.file, stamp), options.threads)?;
        let _turn = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        let snapshot = self.snapshot();
        // The ledger knows what is there, whatever is served.
        require(upload.expected, store.last(upload.dataset)?.as_ref())?;
        let (version, record) = written.commit(store, upload.written_by)?;
        let current = snapshot.named(upload.dataset);
        if let Some(dataset) = current.filter(|dataset| dataset.version == record.version) {
            return Ok(Uploaded { version: Arc::clone(dataset.version_of_document()), is_new: false });
        }
        let (mut datasets, mut states) = snapshot.parts();
        forget_damage(store, &record.dataset, &mut states);
        datasets.insert(record.dataset, Arc::clone(&version));
        self.swap(snapshot.next(&datasets, states, self.options.threads));
        store.retire(upload.dataset);
        Ok(Uploaded { version, is_new: true })
    }

    /// Deletes a dataset: it is no longer served, and its versions stay in the store. Returns the version that
    /// says so.
    ///
    /// # Errors
    /// `catalog.unknown_dataset`, `request.precondition`, `store.*`; `server.busy` before all is loaded.
    pub fn delete(&self, dataset: &str, expected: &[Precondition], written_by: &str) -> Result<u32> {
        let store = self.require_store()?;
        self.require_loaded()?;
        let _turn = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        let snapshot = self.snapshot();
        require(expected, store.last(dataset)?.as_ref())?;
        let record = store.delete(dataset, (Utc::now(), written_by))?;
        let (mut datasets, mut states) = snapshot.parts();
        forget_damage(store, dataset, &mut states);
        datasets.remove(dataset);
        self.swap(snapshot.next(&datasets, states, self.options.threads));
        store.retire(dataset);
        Ok(record.version)
    }

    /// What is there is known once all is loaded.
    ///
    /// # Errors
    /// `server.busy` until then.
    pub fn require_loaded(&self) -> Result<()> {
        if self.is_loaded() {
            return Ok(());
        }
        let error = Error::new(Code::ServerBusy, "nothing is published while the datasets are being loaded");
        Err(error.hint("try again: GET /ready says when all are there"))
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

/// What was damaged in the store is so no longer once its dataset is published or deleted.
pub(super) fn forget_damage(store: &Store, dataset: &str, states: &mut BTreeMap<PathBuf, FileState>) {
    states.retain(|file, state| !file.starts_with(store.root()) || state.dataset.as_deref() != Some(dataset));
}

/// What would become of a document, if it were published.
fn would_be(store: &Store, upload: &Upload<'_>, document: Document, stamp: Stamp) -> Result<Uploaded> {
    let last = store.last(upload.dataset)?;
    let known = store.known(upload.file, stamp.len_bytes)?;
    let same = |last: &VersionRecord| known.iter().any(|known| known == last && known.is_readable());
    let is_new = !last.as_ref().is_some_and(same);
    let number = last.map_or(0, |last| last.version) + u32::from(is_new);
    let version = Version::new(document, number, upload.file.to_owned(), stamp)?;
    Ok(Uploaded { version: Arc::new(version), is_new })
}

/// That the version is there which is expected; `last` is the last one, or says that the dataset was deleted.
fn require(expected: &[Precondition], last: Option<&VersionRecord>) -> Result<()> {
    let last = last.filter(|last| !last.is_deleted);
    let is_met = |expected: &Precondition| match (expected, last) {
        (Precondition::Any, last) => last.is_some(),
        (Precondition::Versions(versions), last) => last.is_some_and(|last| versions.contains(&last.version)),
        (Precondition::Nothing, last) => last.is_none(),
    };
    if expected.iter().all(is_met) {
        return Ok(());
    }
    let message = match last {
        Some(last) => format!("version {} is there", last.version),
        None => "no version is there".to_owned(),
    };
    Err(Error::new(Code::RequestPrecondition, message)
        .hint("somebody published in between: look at what is there, and send If-Match with its version"))
}

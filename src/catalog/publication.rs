//! From a file to a version: read, and where there is a store, published there.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use chrono::Utc;

use super::LoadOptions;
use super::dataset::Dataset;
use super::file::{self, Stamp};
use super::snapshot::{FileState, Snapshot};
use super::store::Store;
use super::version::Version;
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
    let known = Store::hash(file).and_then(|hash| store.known(&hash)).map_err(in_file)?;
    let is_it = |dataset: &&Arc<Dataset>| Some(dataset.version) == known.as_ref().map(|it| it.version);
    let dataset = known.as_ref().and_then(|record| snapshot.named(&record.dataset)).filter(is_it);
    if let Some((dataset, stamp)) = dataset.zip(before) {
        return Ok((Arc::clone(dataset.version_of_document()), stamp));
    }
    let (document, stamp) = read_document(file, &options)?;
    require_alone(&document, file, snapshot)?;
    let record = store.publish(&document, file, stamp, Utc::now())?;
    let stored = store.document_file(&record)?;
    let state = Stamp::of(&stored).map_err(|error| {
        Error::new(Code::StoreIo, format!("cannot read {}: {error}", stored.display())).caused_by(error)
    })?;
    Ok((Arc::new(Version::new(document, record.version, stored, state)?), stamp))
}

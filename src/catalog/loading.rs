//! From files and a store to the snapshot: what is new or changed is loaded, what is gone is dropped.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use super::file::Stamp;
use super::publication::{Reading, caught, forget_damage, read, require_alone, write_document};
use super::snapshot::{FileState, Snapshot};
use super::{Catalog, LoadOptions, LoadOutcome, Loaded};
use crate::error::{Code, Error, Result};

impl Catalog {
    /// Puts the last version of each dataset of the store into the snapshot: all of them at once, their rows on
    /// disk. One that is damaged is reported and does not stop the others.
    pub(super) fn load_stored(&self) -> Result<Vec<Loaded>> {
        let Some(store) = &self.store else { return Ok(Vec::new()) };
        let _turn = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        let snapshot = self.snapshot();
        let (mut datasets, mut states) = snapshot.parts();
        let (mut loaded, mut start) = (Vec::new(), Instant::now());
        for (record, opened) in store.open_latest()? {
            let folder = store.folder(&record);
            let outcome = match opened.map(Arc::new) {
                Ok(version) => {
                    datasets.insert(record.dataset, Arc::clone(&version));
                    LoadOutcome::Published(version)
                }
                Err(error) => {
                    let error = Arc::new(error);
                    let (stamp, refused) = (None, Some(Arc::clone(&error)));
                    states
                        .insert(folder.clone(), FileState { stamp, dataset: Some(record.dataset), refused });
                    LoadOutcome::Refused(error)
                }
            };
            loaded.push(Loaded { file: folder, outcome, elapsed: start.elapsed() });
            start = Instant::now();
        }
        self.swap(snapshot.next(&datasets, states, self.options.threads));
        Ok(loaded)
    }

    /// Makes the catalog hold exactly what `files` hold.
    pub(super) fn apply(&self, files: &[PathBuf], options: LoadOptions<'_>) -> Vec<Loaded> {
        let _turn = self.refreshing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changes = self.remove_missing(files);
        for file in files {
            let stamp = Stamp::of(file).ok();
            let known = self.snapshot().files().get(file).and_then(|state| state.stamp);
            if known.is_none() || known != stamp {
                changes.push(self.load(file, options));
            }
        }
        if !changes.is_empty() {
            // A name that another file held may be free now.
            for file in self.refused_as_duplicates() {
                let again = self.load(&file, options);
                if matches!(again.outcome, LoadOutcome::Published(_)) {
                    changes.retain(|change| change.file != file);
                    changes.push(again);
                }
            }
        }
        changes
    }

    fn refused_as_duplicates(&self) -> Vec<PathBuf> {
        let snapshot = self.snapshot();
        let duplicates = snapshot.refused().filter(|(_, error)| error.code == Code::CatalogDuplicate);
        duplicates.map(|(file, _)| file.clone()).collect()
    }

    fn remove_missing(&self, files: &[PathBuf]) -> Vec<Loaded> {
        let _turn = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        let snapshot = self.snapshot();
        let (mut datasets, mut states) = snapshot.parts();
        let mut removed = Vec::new();
        let stored = self.store.as_ref().map(|store| store.root());
        let is_stored = |file: &Path| stored.is_some_and(|root| file.starts_with(root));
        let is_gone = |file: &PathBuf| !files.contains(file) && !is_stored(file);
        for (file, state) in snapshot.files().iter().filter(|(file, _)| is_gone(file)) {
            states.remove(file);
            // What a store has stays until somebody says otherwise.
            if let Some(name) = state.dataset.as_ref().filter(|_| stored.is_none()) {
                datasets.remove(name);
                let outcome = LoadOutcome::Removed(name.clone());
                removed.push(Loaded { file: file.clone(), outcome, elapsed: Duration::ZERO });
            }
        }
        if states.len() != snapshot.files().len() {
            self.swap(snapshot.next(&datasets, states, self.options.threads));
        }
        removed
    }

    /// Reads one file and swaps the snapshot for one that has it. Others publish while it is read.
    fn load(&self, file: &Path, options: LoadOptions<'_>) -> Loaded {
        let start = Instant::now();
        // Before it is read: a change during the reading is then seen as one.
        let stamp = Stamp::of(file).ok();
        let read = caught(file, || match &self.store {
            None => read(file, &self.snapshot(), options),
            Some(store) => write_document(store, file, &self.snapshot(), (options, self.yields)),
        });
        let mut versions = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        let snapshot = self.snapshot();
        let (mut datasets, mut states) = snapshot.parts();
        let before = states.get(file).and_then(|state| state.dataset.clone());
        let settled = read.and_then(|(reading, stamp)| {
            let settle = || self.settle(reading, file, &snapshot, &mut versions);
            Ok((caught(file, settle)?, stamp))
        });
        let (outcome, stamp) = match settled {
            Ok((outcome, stamp)) => (outcome, Some(stamp)),
            Err(error) => (LoadOutcome::Refused(Arc::new(error)), stamp),
        };
        let mut state = FileState { stamp, dataset: before.clone(), refused: None };
        match &outcome {
            LoadOutcome::Published(version) => {
                let name = version.name().to_owned();
                match &self.store {
                    Some(store) => forget_damage(store, &name, &mut states),
                    None => drop(before.filter(|before| *before != name).map(|gone| datasets.remove(&gone))),
                }
                datasets.insert(name.clone(), Arc::clone(version));
                state.dataset = Some(name);
            }
            LoadOutcome::Superseded(last) => state.dataset = Some(last.dataset.clone()),
            LoadOutcome::Refused(error) => state.refused = Some(Arc::clone(error)),
            LoadOutcome::Removed(_) => {}
        }
        states.insert(file.to_owned(), state);
        self.swap(snapshot.next(&datasets, states, options.threads));
        if let (Some(store), LoadOutcome::Published(version)) = (&self.store, &outcome) {
            store.retire(version.name());
        }
        Loaded { file: file.to_owned(), outcome, elapsed: start.elapsed() }
    }

    /// Makes a version of what was read, in its turn.
    fn settle(
        &self,
        reading: Reading,
        file: &Path,
        snapshot: &Snapshot,
        versions: &mut BTreeMap<String, u32>,
    ) -> Result<LoadOutcome> {
        if let Some(document) = reading.document() {
            require_alone(document, file, snapshot)?;
        }
        let version = match (reading, &self.store) {
            (Reading::Superseded(last), _) => return Ok(LoadOutcome::Superseded(Box::new(last))),
            (Reading::Served(version), _) => version,
            (Reading::Read(version), _) => {
                let number = versions.get(version.name()).map_or(1, |last| last + 1);
                versions.insert(version.name().to_owned(), number);
                Arc::new(version.numbered(number))
            }
            (Reading::Written(written), Some(store)) => {
                let (version, record) = written.commit(store, "")?;
                // It is published, whatever becomes of this: at worst the file is published once more.
                let noted = store.note_source(file, &record.document_hash);
                let _ = noted.inspect_err(|error| tracing::warn!(code = %error.code, "{error}"));
                version
            }
            (Reading::Written(_), None) => {
                return Err(Error::new(Code::Internal, "a document was written, and there is no store"));
            }
        };
        Ok(LoadOutcome::Published(version))
    }
}

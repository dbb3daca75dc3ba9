//! Which datasets of a store are in memory: as many as there is room for, the smallest first.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use super::snapshot::FileState;
use super::store::{Store, VersionRecord};
use super::version::Version;
use super::{Catalog, LoadOutcome, Loaded};
use crate::error::{Code, Error, Result};

/// What is read shows at least so often, and not much more often: each time all datasets are looked at.
const SHOWN_EVERY: Duration = Duration::from_millis(200);

impl Catalog {
    /// Reads datasets that lie on disk into memory, the smallest first, as long as there is room: answers stay
    /// the same and become quicker. The others are compared with their checksums. Meanwhile all of them can be
    /// asked. One that turns out to be damaged is no longer served, and is told. Returns how many were read.
    ///
    /// # Errors
    /// `store.damaged` where the ledger cannot be read.
    pub fn fill_memory(&self, mut told: impl FnMut(&Loaded)) -> Result<usize> {
        let Some(store) = self.store() else { return Ok(0) };
        let mut waiting: Vec<Arc<Version>> = {
            let snapshot = self.snapshot();
            let on_disk = snapshot.datasets().filter(|dataset| dataset.is_on_disk());
            on_disk.map(|dataset| Arc::clone(dataset.version_of_document())).collect()
        };
        waiting.sort_by_key(|version| version.bytes_in_memory());
        let (mut read, mut shown, mut count) = (Vec::new(), Instant::now(), 0);
        for version in waiting {
            let start = Instant::now();
            match self.in_memory(store, &version) {
                Ok(None) => {}
                Ok(Some(version)) => {
                    read.push(Arc::new(version));
                    count += 1;
                }
                Err(error) => {
                    let refused = self.withdraw(store, &version, error, start.elapsed())?;
                    refused.iter().for_each(&mut told);
                }
            }
            if shown.elapsed() > SHOWN_EVERY {
                self.show(std::mem::take(&mut read));
                shown = Instant::now();
            }
        }
        self.show(read);
        Ok(count)
    }

    /// The same version in memory, or none where there is no room for it: then its file is compared with its
    /// checksum now, and not when somebody waits for it.
    fn in_memory(&self, store: &Store, version: &Version) -> Result<Option<Version>> {
        let Some(share) = store.budget().take(version.bytes_in_memory()) else {
            return version.rows.pages().map_or(Ok(()), |pages| pages.verify()).map(|()| None);
        };
        let record = store.require_record(version.name(), version.version)?;
        Ok(Some(store.read(&record, self.options.threads)?.with_share(share)))
    }

    /// Puts versions in the place of those on disk that are still the last ones.
    fn show(&self, read: Vec<Arc<Version>>) {
        if read.is_empty() {
            return;
        }
        let _turn = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        let snapshot = self.snapshot();
        let (mut datasets, states) = snapshot.parts();
        for version in read {
            let place = datasets.get_mut(version.name());
            if let Some(place) = place.filter(|it| it.version == version.version && it.is_on_disk()) {
                *place = version;
            }
        }
        self.swap(snapshot.next(&datasets, states, self.options.threads));
    }

    /// Serves a damaged dataset no longer; one that only could not be read now stays. None where another version
    /// has taken its place, and it may be gone.
    fn withdraw(
        &self,
        store: &Store,
        version: &Version,
        error: Error,
        elapsed: Duration,
    ) -> Result<Option<Loaded>> {
        let record = store.record(version.name(), version.version)?.filter(VersionRecord::is_readable);
        let Some(record) = record else { return Ok(None) };
        let (file, is_damaged) = (store.folder(&record), error.code == Code::StoreDamaged);
        let error = Arc::new(error);
        let _turn = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        let snapshot = self.snapshot();
        let (mut datasets, mut states) = snapshot.parts();
        if datasets.get(version.name()).is_none_or(|it| it.version != version.version) {
            return Ok(None);
        }
        if is_damaged {
            datasets.remove(version.name());
            let (dataset, refused) = (Some(version.name().to_owned()), Some(Arc::clone(&error)));
            states.insert(file.clone(), FileState { stamp: None, dataset, refused });
            self.swap(snapshot.next(&datasets, states, self.options.threads));
        }
        Ok(Some(Loaded { file, outcome: LoadOutcome::Refused(error), elapsed }))
    }
}

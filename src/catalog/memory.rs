//! Which datasets of a store are in memory: as many as there is room for, the smallest first.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use super::snapshot::FileState;
use super::store::Store;
use super::version::Version;
use super::{Catalog, LoadOutcome, Loaded};
use crate::error::{Error, Result};

/// What is read shows at least so often, and not much more often: each time all datasets are looked at.
const SHOWN_EVERY: Duration = Duration::from_millis(200);

impl Catalog {
    /// Reads datasets that lie on disk into memory, the smallest first, as long as there is room: answers stay
    /// the same and become quicker. Meanwhile all of them can be asked. One that turns out to be damaged is no
    /// longer served, and is told. Returns how many were read.
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
                // The next ones are larger.
                Ok(None) => break,
                Ok(Some(version)) => {
                    read.push(Arc::new(version));
                    count += 1;
                }
                Err(error) => told(&self.withdraw(store, &version, error, start.elapsed())?),
            }
            if shown.elapsed() > SHOWN_EVERY {
                self.show(std::mem::take(&mut read));
                shown = Instant::now();
            }
        }
        self.show(read);
        Ok(count)
    }

    /// The same version in memory, or none where there is no room for it.
    fn in_memory(&self, store: &Store, version: &Version) -> Result<Option<Version>> {
        let Some(share) = store.budget().take(version.bytes_in_memory()) else { return Ok(None) };
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

    /// Serves a damaged dataset no longer.
    fn withdraw(&self, store: &Store, version: &Version, error: Error, elapsed: Duration) -> Result<Loaded> {
        let file = store.folder(&store.require_record(version.name(), version.version)?);
        let error = Arc::new(error);
        let _turn = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        let snapshot = self.snapshot();
        let (mut datasets, mut states) = snapshot.parts();
        if datasets.get(version.name()).is_some_and(|it| it.version == version.version) {
            datasets.remove(version.name());
            let (dataset, refused) = (Some(version.name().to_owned()), Some(Arc::clone(&error)));
            states.insert(file.clone(), FileState { stamp: None, dataset, refused });
            self.swap(snapshot.next(&datasets, states, self.options.threads));
        }
        Ok(Loaded { file, outcome: LoadOutcome::Refused(error), elapsed })
    }
}

//! Versions before the last one: opened when they are asked for, and a few of them kept with their indexes.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Store, VersionRecord};
use crate::catalog::dataset::Dataset;
use crate::error::Result;

/// How many are kept, and the memory that they may take together.
const MOST_KEPT: usize = 16;
const MOST_BYTES: usize = 1 << 30;

/// The versions that were asked for lately, the latest first.
#[derive(Debug, Default)]
pub(super) struct History {
    kept: Mutex<VecDeque<Arc<Dataset>>>,
}

impl History {
    /// A version, on disk. Its references are looked up by their keys in what is served now.
    pub(super) fn get(&self, store: &Store, record: &VersionRecord) -> Result<Arc<Dataset>> {
        let lock = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |it: &Arc<Dataset>| it.name() == record.dataset && it.version == record.version;
        if let Some(found) = lock().iter().find(|it| is_it(it)) {
            return Ok(Arc::clone(found));
        }
        let version = Arc::new(store.on_disk(record)?);
        let dataset = Arc::new(Dataset::new(version, Vec::new(), 0));
        let mut kept = lock();
        kept.push_front(Arc::clone(&dataset));
        let bytes = |kept: &VecDeque<Arc<Dataset>>| kept.iter().map(|it| it.memory_bytes()).sum::<usize>();
        while kept.len() > MOST_KEPT || kept.len() > 1 && bytes(&kept) > MOST_BYTES {
            kept.pop_back();
        }
        Ok(dataset)
    }
}

//! Drafts of passports that were drawn up lately: each took a look at every value of its dataset.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::assess::passport::{Form, Language, Passport};

/// Drafts that are kept, and the bytes that each may take as JSON: most take some 20 KB.
const MOST_KEPT: usize = 32;
const MOST_BYTES: usize = 1 << 20;

/// The drafts by what tells their datasets' versions, the one that was asked for last at the end.
#[derive(Debug, Default)]
pub(crate) struct Drafts {
    kept: Mutex<VecDeque<(String, Arc<Passport>)>>,
}

impl Drafts {
    fn lock(&self) -> MutexGuard<'_, VecDeque<(String, Arc<Passport>)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The draft of a version, if it is kept.
    pub(super) fn get(&self, version: &str) -> Option<Arc<Passport>> {
        let mut kept = self.lock();
        let at = kept.iter().position(|(known, _)| known == version)?;
        let found = kept.remove(at)?;
        let draft = Arc::clone(&found.1);
        kept.push_back(found);
        Some(draft)
    }

    /// Keeps a draft for who asks next; in its place goes the one that nobody asked for the longest.
    pub(super) fn keep(&self, version: String, draft: &Arc<Passport>) {
        if draft.written(Form::Json, Language::Kk).len() > MOST_BYTES {
            return;
        }
        let mut kept = self.lock();
        kept.retain(|(known, _)| *known != version);
        if kept.len() == MOST_KEPT {
            kept.pop_front();
        }
        kept.push_back((version, Arc::clone(draft)));
    }
}

//! How much memory tables and their indexes may take.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::document::{Document, TableSize};

/// The memory for what could be read from a store again.
#[derive(Debug)]
pub(super) struct MemoryBudget {
    bytes: usize,
    taken: AtomicUsize,
}

/// A part of it, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Share {
    budget: Arc<MemoryBudget>,
    bytes: usize,
}

impl MemoryBudget {
    /// So many bytes.
    #[must_use]
    pub(super) fn new(bytes: usize) -> Self {
        Self { bytes, taken: AtomicUsize::new(0) }
    }

    /// A part, unless less is left.
    pub(super) fn take(self: &Arc<Self>, bytes: usize) -> Option<Share> {
        let fits = |taken: usize| taken.checked_add(bytes).filter(|sum| *sum <= self.bytes);
        self.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).ok()?;
        Some(Share { budget: Arc::clone(self), bytes })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.taken.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// What an index takes of memory for each point, about.
const INDEX_BYTES_A_POINT: usize = 50;

/// About what a table takes with the indexes over its points.
pub(super) fn bytes_in_memory(table_bytes: usize, points: u64) -> usize {
    let points = usize::try_from(points).unwrap_or(usize::MAX);
    table_bytes.saturating_add(points.saturating_mul(INDEX_BYTES_A_POINT))
}

/// About what a document takes in memory, with the indexes over its points.
pub(super) fn bytes_needed(document: &Document) -> usize {
    let size = TableSize::of(document);
    bytes_in_memory(usize::try_from(size.memory_bytes).unwrap_or(usize::MAX), size.points.iter().sum())
}

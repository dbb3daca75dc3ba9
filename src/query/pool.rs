//! The memory of one query: a share of the pool that all of them use.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use datafusion::error::DataFusionError;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryLimit, MemoryPool, MemoryReservation};

/// Grants memory from the pool of all queries, up to the limit of one.
pub(super) struct QueryPool {
    all: Arc<dyn MemoryPool>,
    used_bytes: AtomicUsize,
    limit_bytes: usize,
}

impl QueryPool {
    pub(super) fn new(all: Arc<dyn MemoryPool>, limit_bytes: usize) -> Self {
        Self { all, used_bytes: AtomicUsize::new(0), limit_bytes }
    }
}

impl fmt::Debug for QueryPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for QueryPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let used_bytes = self.used_bytes.load(Ordering::Relaxed);
        write!(f, "{}(used: {used_bytes} of {} bytes)", self.name(), self.limit_bytes)
    }
}

impl MemoryPool for QueryPool {
    fn name(&self) -> &'static str {
        "query"
    }

    fn register(&self, consumer: &MemoryConsumer) {
        self.all.register(consumer);
    }

    fn unregister(&self, consumer: &MemoryConsumer) {
        self.all.unregister(consumer);
    }

    fn grow(&self, reservation: &MemoryReservation, additional: usize) {
        self.used_bytes.fetch_add(additional, Ordering::Relaxed);
        self.all.grow(reservation, additional);
    }

    fn shrink(&self, reservation: &MemoryReservation, shrink: usize) {
        self.used_bytes.fetch_sub(shrink, Ordering::Relaxed);
        self.all.shrink(reservation, shrink);
    }

    fn try_grow(&self, reservation: &MemoryReservation, additional: usize) -> Result<(), DataFusionError> {
        let grown = |used: usize| used.checked_add(additional).filter(|used| *used <= self.limit_bytes);
        let update = self.used_bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, grown);
        if let Err(used) = update {
            let limit = self.limit_bytes;
            return Err(DataFusionError::ResourcesExhausted(format!(
                "it holds {used} bytes, asks for {additional} more, and one query may hold {limit}"
            )));
        }
        self.all.try_grow(reservation, additional).inspect_err(|_| {
            self.used_bytes.fetch_sub(additional, Ordering::Relaxed);
        })
    }

    fn reserved(&self) -> usize {
        self.used_bytes.load(Ordering::Relaxed)
    }

    fn memory_limit(&self) -> MemoryLimit {
        MemoryLimit::Finite(self.limit_bytes)
    }
}

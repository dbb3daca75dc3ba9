//! What queries have done since the start: for `/metrics`.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::error::Code;

/// Counts of queries. Each is read by itself: together they are of no one moment.
#[derive(Debug, Default)]
pub struct QueryCounts {
    /// Queries that run now.
    pub running: AtomicU64,
    /// Queries that wait for their turn now.
    pub waiting: AtomicU64,
    /// Queries that ended, well or not.
    pub done: AtomicU64,
    /// Rows that were sent.
    pub rows: AtomicU64,
    /// Time that queries took together, in microseconds.
    pub elapsed_us: AtomicU64,
    failed: Mutex<BTreeMap<&'static str, u64>>,
}

impl QueryCounts {
    pub(super) fn ended(&self, error: Option<Code>, rows: u64, elapsed: Duration) {
        self.done.fetch_add(1, Ordering::Relaxed);
        self.rows.fetch_add(rows, Ordering::Relaxed);
        let elapsed_us = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
        self.elapsed_us.fetch_add(elapsed_us, Ordering::Relaxed);
        if let Some(code) = error {
            self.failed_with(code);
        }
    }

    pub(super) fn failed_with(&self, code: Code) {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        *failed.entry(code.as_str()).or_default() += 1;
    }

    /// Queries that failed, by the code of their error.
    #[must_use]
    pub fn failed(&self) -> Vec<(&'static str, u64)> {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.iter().map(|(code, count)| (*code, *count)).collect()
    }
}

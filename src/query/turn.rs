//! Whose turn it is: so many queries run at once, a few more wait, all others are told to come again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::{timeout, timeout_at};

use super::answer::Deadline;
use super::{QueryCounts, QueryLimits};
use crate::error::{Code, Error, Result};

/// How long a query waits for its turn before it is told to come again.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a query waits for its reader before it lets another one have its turn.
const STALLED: Duration = Duration::from_millis(500);

/// The turns that there are.
pub(super) struct Turns {
    permits: Arc<Semaphore>,
    counts: Arc<QueryCounts>,
    max_waiting: u64,
}

/// The right to run. A query that waits for a slow reader gives it away until the reader is back: a few
/// clients that do not read would otherwise keep all others out.
pub(super) struct Turn {
    permits: Arc<Semaphore>,
    held: Option<OwnedSemaphorePermit>,
}

impl Turns {
    pub(super) fn new(limits: &QueryLimits, counts: Arc<QueryCounts>) -> Self {
        let permits = Arc::new(Semaphore::new(limits.max_queries));
        Self { permits, counts, max_waiting: limits.max_waiting as u64 }
    }

    /// The right to run, after a short wait in a short queue.
    ///
    /// # Errors
    /// `query.busy`.
    pub(super) async fn take(&self, deadline: Deadline) -> Result<Turn> {
        let turn = |permit| Turn { permits: Arc::clone(&self.permits), held: Some(permit) };
        if let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() {
            return Ok(turn(permit));
        }
        let waiting = Waiting::enter(&self.counts.waiting);
        if waiting.before < self.max_waiting {
            let patience = (deadline.started + deadline.timeout.min(PATIENCE)).into();
            if let Ok(Ok(permit)) = timeout_at(patience, Arc::clone(&self.permits).acquire_owned()).await {
                return Ok(turn(permit));
            }
        }
        self.counts.failed_with(Code::QueryBusy);
        Err(Error::new(Code::QueryBusy, "as many queries are running as are allowed")
            .hint("try again in a moment, or raise --max-queries"))
    }
}

impl Turn {
    /// Sends a piece when there is room for it; false where the reader has left.
    pub(super) async fn send<T>(&mut self, sender: &mpsc::Sender<T>, piece: T) -> bool {
        if let Ok(room) = timeout(STALLED, sender.reserve()).await {
            return room.map(|room| room.send(piece)).is_ok();
        }
        self.held = None;
        let Ok(room) = sender.reserve().await else { return false };
        self.held = Arc::clone(&self.permits).acquire_owned().await.ok();
        room.send(piece);
        true
    }
}

/// A place in the queue, left when it is dropped.
struct Waiting<'a> {
    count: &'a AtomicU64,
    before: u64,
}

impl<'a> Waiting<'a> {
    fn enter(count: &'a AtomicU64) -> Self {
        Self { before: count.fetch_add(1, Ordering::Relaxed), count }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::Relaxed);
    }
}

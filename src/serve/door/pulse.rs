//! What a connection waits for, and how long it may.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering::Relaxed};
use std::task::Poll;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{ConnectionCounts, ConnectionLimits};

/// How long a client has to read what it was told before its connection is closed.
const FAREWELL: Duration = Duration::from_secs(2);

/// Where a connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nothing was read yet.
    Fresh,
    /// A part of a request's headers was read.
    Head,
    /// A request is being answered.
    Answer,
    /// All requests are answered.
    Idle,
    /// All that is to be said was said.
    Farewell,
}

impl Phase {
    const ALL: [Self; 5] = [Self::Fresh, Self::Head, Self::Answer, Self::Idle, Self::Farewell];
}

/// Where one connection stands, told by its socket, its requests and its answers, and read by [`watch`].
///
/// All of them run on the connection's own task, but for a request's body, which may be read on another:
/// so the order in which the values are seen needs no more than each value by itself.
#[derive(Debug, Default)]
pub(super) struct Pulse {
    phase: AtomicU8,
    /// Counts up where a time limit begins.
    turn: AtomicU32,
    is_blocked: AtomicBool,
    has_more: AtomicBool,
    is_late: AtomicBool,
    has_unread: AtomicBool,
}

impl Pulse {
    fn phase(&self) -> Phase {
        Phase::ALL[usize::from(self.phase.load(Relaxed)) % Phase::ALL.len()]
    }

    fn enter(&self, phase: Phase) {
        self.phase.store(phase as u8, Relaxed);
    }

    fn begin_turn(&self) {
        self.turn.fetch_add(1, Relaxed);
    }

    /// Bytes came from the client.
    pub(super) fn has_read(&self) {
        match self.phase() {
            // The first headers have their time from the start of the connection.
            Phase::Fresh => self.enter(Phase::Head),
            Phase::Idle => {
                self.enter(Phase::Head);
                self.begin_turn();
            }
            Phase::Answer => self.has_more.store(true, Relaxed),
            Phase::Head | Phase::Farewell => {}
        }
    }

    /// A request's headers are there.
    pub(super) fn has_request(&self) {
        self.enter(Phase::Answer);
        self.has_more.store(false, Relaxed);
        self.has_unread.store(false, Relaxed);
    }

    /// A request's body came to its end.
    pub(super) fn has_body(&self) {
        self.has_more.store(false, Relaxed);
    }

    /// A request's body was left before its end.
    pub(super) fn leaves_body(&self) {
        self.has_unread.store(true, Relaxed);
    }

    /// A request's body did not come in time.
    pub(super) fn body_is_late(&self) {
        self.is_late.store(true, Relaxed);
    }

    /// Whether the body of the last request did not come in time.
    pub(super) fn is_late(&self) -> bool {
        self.is_late.load(Relaxed)
    }

    /// An answer is made to its last byte (which may still wait for the socket).
    pub(super) fn has_answered(&self) {
        let has_more = self.has_more.load(Relaxed);
        self.enter(if has_more { Phase::Head } else { Phase::Idle });
        self.begin_turn();
    }

    /// The socket takes nothing more.
    pub(super) fn is_blocked(&self) {
        if !self.is_blocked.swap(true, Relaxed) {
            self.begin_turn();
        }
    }

    /// The socket took bytes.
    pub(super) fn has_written(&self) {
        if self.is_blocked.load(Relaxed) {
            self.is_blocked.store(false, Relaxed);
            self.begin_turn();
        }
    }

    /// Whether the socket has not taken anything since it was full.
    pub(super) fn is_stalled(&self) -> bool {
        self.is_blocked.load(Relaxed)
    }

    /// Whether the client may still be sending what nobody will read.
    pub(super) fn has_unread(&self) -> bool {
        self.has_unread.load(Relaxed) || matches!(self.phase(), Phase::Head | Phase::Farewell)
    }

    /// The last byte was sent; the client may read it.
    pub(super) fn says_farewell(&self) {
        if self.phase() != Phase::Farewell {
            self.enter(Phase::Farewell);
            self.begin_turn();
        }
    }

    /// How long the present wait may last; none where the client is waiting for us.
    fn limit(&self, limits: &ConnectionLimits) -> Option<Duration> {
        if self.is_stalled() {
            return Some(limits.write_timeout);
        }
        match self.phase() {
            Phase::Fresh | Phase::Head => Some(limits.header_timeout),
            Phase::Answer => None,
            Phase::Idle => Some(limits.idle_timeout),
            Phase::Farewell => Some(FAREWELL),
        }
    }

    /// Whether a client that is cut now was too slow.
    fn is_owed(&self) -> bool {
        self.is_stalled() || matches!(self.phase(), Phase::Fresh | Phase::Head)
    }
}

/// Drives a connection to its end, or to the end of its client's time.
///
/// One alarm a connection, moved only when it rings or must ring sooner: a request costs a look at the
/// clock, not a timer.
pub(super) async fn watch<E>(
    connection: impl Future<Output = Result<(), E>>,
    pulse: &Pulse,
    limits: &ConnectionLimits,
    counts: &ConnectionCounts,
) {
    let mut connection = pin!(connection);
    let mut alarm = pin!(sleep(limits.header_timeout));
    let (mut turn, mut since) = (0, Instant::now());
    poll_fn(|context| {
        // Why it ended is the client's affair: it left, or what it sent is no HTTP.
        if connection.as_mut().poll(context).is_ready() {
            return Poll::Ready(());
        }
        let turn_now = pulse.turn.load(Relaxed);
        if turn_now != turn {
            (turn, since) = (turn_now, Instant::now());
        }
        let Some(deadline) = pulse.limit(limits).and_then(|limit| since.checked_add(limit)) else {
            return Poll::Pending;
        };
        if alarm.deadline() > deadline {
            alarm.as_mut().reset(deadline);
        }
        while alarm.as_mut().poll(context).is_ready() {
            if Instant::now() >= deadline {
                // Counted before it is dropped: what its end sets free is seen by others at once.
                counts.timed_out.fetch_add(u64::from(pulse.is_owed()), Relaxed);
                return Poll::Ready(());
            }
            alarm.as_mut().reset(deadline);
        }
        Poll::Pending
    })
    .await;
}

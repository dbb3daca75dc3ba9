//! The door: which connections are let in, and how long each may wait.
//!
//! The loop stands over hyper itself, since axum's own has no limits: hyper's time limit on headers is
//! silently off without a timer, and with one it also ends connections that are merely kept alive.
//! `pulse` knows what a connection waits for and cuts it when that takes too long, `socket` sees every
//! read and write, `exchange` sees every request and the end of every answer, `refusal` turns away what
//! is too much.

mod exchange;
mod pulse;
mod refusal;
mod socket;

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1::Builder;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep};

use self::exchange::{Visit, exchange};
use self::pulse::{Pulse, watch};
use self::refusal::Refusals;
use self::socket::Socket;

/// How long requests that are being answered may go on after the server was told to stop.
const GRACE: Duration = Duration::from_secs(10);
/// Bytes of a request before its body, and of an answer that wait for the socket: room for the longest
/// address that is read (64 KiB) and as much again of headers.
const BUFFER_BYTES: usize = 128 << 10;
/// How long nothing is accepted after the system could not: it has no file or memory left, and asking
/// again at once would only spin.
const PAUSE: Duration = Duration::from_millis(100);
/// A flood of connections is not to be one of lines in the log.
const WARNING_EVERY: Duration = Duration::from_secs(10);

/// What connections may use, each and together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// How long the line and the headers of a request may take, from their first byte; on a new
    /// connection from its start.
    pub header_timeout: Duration,
    /// How long a request's body may take as a whole, from the end of its headers.
    pub body_timeout: Duration,
    /// How long a client may take nothing of its answer. The system tells of room only when a part of
    /// its buffer is free (on Linux a third), so a slow reader must take that much in this time.
    pub write_timeout: Duration,
    /// How long a connection is kept for its next request.
    pub idle_timeout: Duration,
    /// Connections that are open at the same time.
    pub max_connections: usize,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_mins(1),
            max_connections: 1024,
        }
    }
}

/// What happened at the door since the start.
#[derive(Debug, Default)]
pub struct ConnectionCounts {
    open: AtomicUsize,
    accepted: AtomicU64,
    refused: AtomicU64,
    timed_out: AtomicU64,
}

impl ConnectionCounts {
    /// Connections that are open now.
    #[must_use]
    pub fn open(&self) -> usize {
        self.open.load(Relaxed)
    }

    /// Connections that were let in.
    #[must_use]
    pub fn accepted(&self) -> u64 {
        self.accepted.load(Relaxed)
    }

    /// Connections that were turned away because too many were open.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.refused.load(Relaxed)
    }

    /// Connections that were cut because their client was too slow: with its headers, with a body, or in
    /// taking an answer. The end of one that was merely kept alive is not among them.
    #[must_use]
    pub fn timed_out(&self) -> u64 {
        self.timed_out.load(Relaxed)
    }
}

/// One of the connections that may be open; free again when it is dropped.
struct Place(Arc<ConnectionCounts>);

impl Place {
    /// Only the loop that accepts takes places, so none can be taken between the look and the count.
    fn take(counts: &Arc<ConnectionCounts>, max_connections: usize) -> Option<Self> {
        if counts.open() >= max_connections {
            return None;
        }
        counts.open.fetch_add(1, Relaxed);
        counts.accepted.fetch_add(1, Relaxed);
        Some(Self(Arc::clone(counts)))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Relaxed);
    }
}

/// Answers requests on `listener` with `router` until `stop` is done; then idle connections end at once
/// and requests that are being answered have ten seconds. Handlers find the client's address as
/// `axum::extract::ConnectInfo<SocketAddr>`.
pub async fn serve_router(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    counts: Arc<ConnectionCounts>,
    stop: impl Future<Output = ()>,
) {
    let mut door = Door::new(router, limits, counts);
    let mut stop = pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            (stream, peer) = next(&listener) => door.admit(stream, peer),
        }
    }
    drop(listener);
    tokio::select! {
        () = door.graceful.shutdown() => {}
        () = sleep(GRACE) => {
            tracing::warn!("requests were still running {} s after the signal: they are cut", GRACE.as_secs());
        }
    }
}

/// The next connection. Whatever hinders the system from accepting one, it is asked again.
async fn next(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    let mut is_hindered = false;
    loop {
        let error = match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) => error,
        };
        // The client left before it was let in.
        if matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset) {
            continue;
        }
        if !is_hindered {
            tracing::error!("cannot accept connections for now: {error}");
        }
        is_hindered = true;
        sleep(PAUSE).await;
    }
}

struct Door {
    http: Builder,
    router: Router,
    limits: ConnectionLimits,
    counts: Arc<ConnectionCounts>,
    refusals: Refusals,
    warned: Option<Instant>,
    graceful: GracefulShutdown,
}

impl Door {
    fn new(router: Router, limits: ConnectionLimits, counts: Arc<ConnectionCounts>) -> Self {
        let mut http = Builder::new();
        // No timer for headers: `pulse` has the time, without an allocation a request. A request has at
        // most 100 headers: hyper's own bound, which lies on the stack only while it is not set.
        http.header_read_timeout(None).max_buf_size(BUFFER_BYTES);
        let (refusals, graceful) = (Refusals::new(limits.max_connections), GracefulShutdown::new());
        Self { http, router, limits, counts, refusals, warned: None, graceful }
    }

    fn admit(&mut self, stream: TcpStream, peer: SocketAddr) {
        let Some(place) = Place::take(&self.counts, self.limits.max_connections) else {
            self.counts.refused.fetch_add(1, Relaxed);
            self.warn();
            return self.refusals.refuse(stream);
        };
        // Answers are written whole: waiting to fill a packet (Nagle) would only delay them.
        let _ = stream.set_nodelay(true);
        let (limits, pulse) = (self.limits, Arc::new(Pulse::default()));
        let visit = Visit::new(peer, Arc::clone(&pulse), Arc::clone(&self.counts), limits.body_timeout);
        let router = self.router.clone();
        let service = service_fn(move |request| exchange(router.clone(), request, Arc::clone(&visit)));
        let io = TokioIo::new(Socket::new(stream, Arc::clone(&pulse)));
        let connection = self.graceful.watch(self.http.serve_connection(io, service));
        tokio::spawn(async move { watch(connection, &pulse, &limits, &place.0).await });
    }

    fn warn(&mut self) {
        if self.warned.is_none_or(|warned| warned.elapsed() >= WARNING_EVERY) {
            let (most, refused) = (self.limits.max_connections, self.counts.refused());
            tracing::warn!("{most} connections are open: new ones are refused, {refused} since the start");
            self.warned = Some(Instant::now());
        }
    }
}

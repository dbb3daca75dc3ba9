//! How often may one client ask?
//!
//! Each client has as many requests as the rate allows for a second, and gets them back as time goes on (the
//! generic cell rate algorithm, ITU-T I.371). A client is who has a token, or else an address; of IPv6 the
//! network, since one client has as many addresses there as it wants.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::error::{Code, Error};

/// What draft-ietf-httpapi-ratelimit-headers called them when clients took them up.
const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// Clients that asked for nothing lately are forgotten after so many requests.
const FORGET_EVERY: u32 = 65_536;

/// Whose requests are counted together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Client {
    Token(String),
    Address(IpAddr),
}

impl Client {
    /// The client at an address.
    pub(super) fn at(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(v6) => {
                let network = v6.to_bits() & !u128::from(u64::MAX);
                Self::Address(IpAddr::V6(network.into()))
            }
            v4 @ IpAddr::V4(_) => Self::Address(v4),
        }
    }
}

/// Counts the requests of each client.
#[derive(Debug)]
pub(crate) struct RateLimit {
    per_second: NonZeroU32,
    clients: RateLimiter<Client, DashMapStateStore<Client>, DefaultClock, StateInformationMiddleware>,
    clock: DefaultClock,
    asked: AtomicU32,
}

/// What a client has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Left {
    per_second: u32,
    requests: u32,
    /// Until there is one more, or until all are back.
    wait: Duration,
}

impl RateLimit {
    pub(super) fn new(per_second: NonZeroU32) -> Self {
        let clients = RateLimiter::keyed(Quota::per_second(per_second)).with_middleware();
        Self { per_second, clients, clock: DefaultClock::default(), asked: AtomicU32::new(0) }
    }

    /// Counts a request. Cost: a look into a map.
    ///
    /// # Errors
    /// `request.rate_limited`, with what is left, which is nothing.
    pub(super) fn take(&self, client: &Client) -> Result<Left, (Error, Left)> {
        if self.asked.fetch_add(1, Ordering::Relaxed) % FORGET_EVERY == FORGET_EVERY - 1 {
            self.clients.retain_recent();
        }
        let per_second = self.per_second.get();
        match self.clients.check_key(client) {
            Ok(state) => {
                let requests = state.remaining_burst_capacity();
                let spent = f64::from(per_second.saturating_sub(requests));
                let wait = Duration::from_secs_f64(spent / f64::from(per_second));
                Ok(Left { per_second, requests, wait })
            }
            Err(until) => {
                let wait = until.wait_time_from(self.clock.now());
                let message = format!("more than {per_second} requests a second");
                let error = Error::new(Code::RequestRateLimited, message)
                    .hint(format!("wait {} s: Retry-After says how long", seconds(wait)));
                Err((error, Left { per_second, requests: 0, wait }))
            }
        }
    }
}

/// Whole seconds, rounded up.
fn seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

impl Left {
    /// Tells the client.
    pub(super) fn write(self, is_refused: bool, headers: &mut HeaderMap) {
        headers.insert(LIMIT, HeaderValue::from(self.per_second));
        headers.insert(REMAINING, HeaderValue::from(self.requests));
        headers.insert(RESET, HeaderValue::from(seconds(self.wait)));
        if is_refused {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds(self.wait).max(1)));
        }
    }
}

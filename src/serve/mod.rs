//! One catalog, many clients.
//!
//! The pipeline of a request: `door` (is its connection let in, and in time?), [`router`] (which
//! route?), `request` (which parameters, of which types?), the route, `response` (which form? errors as
//! data). Look-ups of microseconds run where the request came in; SQL runs on the threads of the query
//! service.

mod area;
mod bodies;
mod coding;
mod datasets;
mod docs;
mod document;
mod door;
mod drafts;
mod extract;
mod findings;
mod format;
mod links;
mod metrics;
mod named;
mod nearest;
mod nested;
mod objects;
mod openapi;
mod operation;
mod parameters;
mod passport;
mod passport_steps;
mod pipeline;
mod projection;
mod publishing;
mod quality;
mod rate;
mod report;
mod request;
mod requests;
mod response;
mod route;
mod router;
mod routes;
mod rows;
mod select;
mod sql;
mod tiles;
mod uses;

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::HeaderValue;
use tokio::net::TcpListener;

pub use docs::page as docs_page;
pub use door::{ConnectionCounts, ConnectionLimits, serve_router};
pub use openapi::description;
pub use quality::{Pace, keep_quality};
pub use route::{Kind, Link, Parameter, Returns, Route};
pub use router::router;
pub use routes::ROUTES;

use crate::assess::NamedQueries;
use crate::assess::restricted::mask_persons;
use crate::catalog::Catalog;
use crate::query::QueryService;

/// What every route has at hand.
pub struct App {
    pub(crate) queries: QueryService,
    pub(crate) named: NamedQueries,
    pub(crate) projections: projection::Projections,
    pub(crate) drafts: drafts::Drafts,
    pub(crate) metrics: metrics::Metrics,
    pub(crate) rate: Option<rate::RateLimit>,
    /// Held by the one that looks up references on disk.
    pub(crate) counting: tokio::sync::Mutex<()>,
    /// Extracts that are judged at the same time.
    pub(crate) extracts: tokio::sync::Semaphore,
    connections: Arc<ConnectionCounts>,
    /// New with each start: hashes of clients cannot be compared with those of another run.
    salt: RandomState,
    requests: AtomicU64,
}

impl App {
    /// The routes' state over one query service.
    #[must_use]
    pub fn new(queries: QueryService, named: NamedQueries) -> Arc<Self> {
        Self::limited(queries, named, None)
    }

    /// The same, where one client may ask so many times a second.
    #[must_use]
    pub fn limited(
        queries: QueryService,
        named: NamedQueries,
        requests_per_second: Option<NonZeroU32>,
    ) -> Arc<Self> {
        // Whoever asks for what is not there may name a person, and everybody may read what was missed.
        queries.catalog().query_log().uses().mask_with(mask_persons);
        Arc::new(Self {
            queries,
            named,
            projections: projection::Projections::default(),
            drafts: drafts::Drafts::default(),
            metrics: metrics::Metrics::default(),
            rate: requests_per_second.map(rate::RateLimit::new),
            counting: tokio::sync::Mutex::default(),
            extracts: tokio::sync::Semaphore::new(1),
            connections: Arc::default(),
            salt: RandomState::new(),
            requests: AtomicU64::new(0),
        })
    }

    /// An id that no other request has: of this start, and of this request.
    pub(crate) fn next_request_id(&self) -> HeaderValue {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let start = self.salt.hash_one("start") >> 32;
        HeaderValue::try_from(format!("{start:08x}-{number:x}"))
            .unwrap_or_else(|_| HeaderValue::from_static("none"))
    }

    /// A client's address, of IPv6 its network, as a number from which it cannot be found.
    pub(crate) fn client(&self, address: IpAddr) -> u64 {
        self.salt.hash_one(rate::Client::at(address))
    }

    /// What [`serve`] has seen at its door.
    #[must_use]
    pub fn connections(&self) -> &ConnectionCounts {
        &self.connections
    }

    pub(crate) fn catalog(&self) -> &Catalog {
        self.queries.catalog()
    }
}

/// Answers requests on `listener` until `stop` is done; then requests that are being answered have ten
/// seconds to end.
pub async fn serve(
    listener: TcpListener,
    app: Arc<App>,
    limits: ConnectionLimits,
    stop: impl Future<Output = ()>,
) {
    let counts = Arc::clone(&app.connections);
    serve_router(listener, router(app), limits, counts, stop).await;
}

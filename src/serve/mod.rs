//! One catalog, many clients.
//!
//! The pipeline of a request: `door` (is its connection let in, and in time?), [`router`] (which
//! route?), `request` (which parameters, of which types?), the route, `response` (which form? errors as
//! data). Look-ups of microseconds run where the request came in; SQL runs on the threads of the query
//! service.

mod datasets;
mod door;
mod findings;
mod nearest;
mod request;
mod response;
mod router;
mod sql;

use std::sync::Arc;

use tokio::net::TcpListener;

pub use door::{ConnectionCounts, ConnectionLimits, serve_router};
pub use router::{ROUTES, router};

use crate::catalog::Catalog;
use crate::query::QueryService;

/// What every route has at hand.
pub struct App {
    pub(crate) queries: QueryService,
    pub(crate) projections: nearest::Projections,
    connections: Arc<ConnectionCounts>,
}

impl App {
    /// The routes' state over one query service.
    #[must_use]
    pub fn new(queries: QueryService) -> Arc<Self> {
        Arc::new(Self { queries, projections: nearest::Projections::default(), connections: Arc::default() })
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

//! One catalog, many clients.
//!
//! The pipeline of a request: [`router`] (which route?), `request` (which parameters, of which
//! types?), the route, `response` (which form? errors as data). Look-ups of microseconds run where
//! the request came in; SQL runs on the threads of the query service.

mod datasets;
mod findings;
mod nearest;
mod request;
mod response;
mod router;
mod sql;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::ListenerExt;
use tokio::net::TcpListener;

pub use router::{ROUTES, router};

use crate::catalog::Catalog;
use crate::error::{Code, Error, Result};
use crate::query::QueryService;

/// How long requests that are being answered may go on after the server was told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// What every route has at hand.
pub struct App {
    pub(crate) queries: QueryService,
    pub(crate) projections: nearest::Projections,
}

impl App {
    /// The routes' state over one query service.
    #[must_use]
    pub fn new(queries: QueryService) -> Arc<Self> {
        Arc::new(Self { queries, projections: nearest::Projections::default() })
    }

    pub(crate) fn catalog(&self) -> &Catalog {
        self.queries.catalog()
    }
}

/// Answers requests on `listener` until `stop` is done; then requests that are being answered have ten
/// seconds to end.
///
/// # Errors
/// `server.setup` where the system refuses connections.
pub async fn serve(
    listener: TcpListener,
    app: Arc<App>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
    let (stopping, mut stopped) = tokio::sync::watch::channel(false);
    let signal = async move {
        stop.await;
        let _ = stopping.send(true);
    };
    // Answers are written whole: waiting to fill a packet (Nagle) would only delay them.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let server = axum::serve(listener, router(app)).with_graceful_shutdown(signal);
    let patience = async move {
        let _ = stopped.wait_for(|stopping| *stopping).await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        ended = server.into_future() => {
            ended.map_err(|error| Error::new(Code::ServerSetup, "cannot accept connections").caused_by(error))
        }
        () = patience => {
            tracing::warn!("requests were still running {} s after the signal: they are cut", GRACE.as_secs());
            Ok(())
        }
    }
}

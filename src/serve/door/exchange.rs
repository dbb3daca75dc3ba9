//! One request and its answer.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::http::header::CONNECTION;
use axum::http::{HeaderValue, Request, Response};
use hyper::body::{Body as _, Frame, Incoming, SizeHint};
use tokio::time::{Sleep, sleep};
use tower::Service;

use super::super::pipeline::REQUEST_ID;
use super::super::response;
use super::ConnectionCounts;
use super::pulse::Pulse;
use crate::error::{Code, Error};

/// What all requests of one connection have in common.
pub(super) struct Visit {
    peer: SocketAddr,
    pulse: Arc<Pulse>,
    counts: Arc<ConnectionCounts>,
    body_timeout: Duration,
}

/// Has a request answered by the router.
pub(super) async fn exchange(
    mut router: Router,
    request: Request<Incoming>,
    visit: Arc<Visit>,
) -> Result<Response<AnswerBody>, Infallible> {
    visit.pulse.has_request();
    let mut request = request.map(|body| visit.body(body));
    request.extensions_mut().insert(ConnectInfo(visit.peer));
    let answer = router.call(request).await?;
    // Whatever the route makes of a body that broke off, the client is told why it did.
    let answer = if visit.pulse.is_late() { visit.too_late(&answer) } else { answer };
    Ok(answer.map(|body| AnswerBody { body, visit }))
}

impl Visit {
    pub(super) fn new(
        peer: SocketAddr,
        pulse: Arc<Pulse>,
        counts: Arc<ConnectionCounts>,
        body_timeout: Duration,
    ) -> Arc<Self> {
        Arc::new(Self { peer, pulse, counts, body_timeout })
    }

    fn body(&self, body: Incoming) -> Body {
        if body.is_end_stream() {
            return Body::empty();
        }
        let deadline = Box::pin(sleep(self.body_timeout));
        Body::new(RequestBody { body, deadline, pulse: Arc::clone(&self.pulse), is_whole: false })
    }

    fn too_late(&self, answer: &Response<Body>) -> Response<Body> {
        self.counts.timed_out.fetch_add(1, Relaxed);
        let message = format!("the body did not come within {} s", self.body_timeout.as_secs_f64());
        let id = answer.headers().get(REQUEST_ID).cloned().unwrap_or_else(|| HeaderValue::from_static(""));
        let error = Error::new(Code::RequestTimeout, message);
        let mut late = response::failure(&error, id.to_str().unwrap_or_default());
        late.headers_mut().insert(REQUEST_ID, id);
        late.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        late
    }
}

/// A request's body, which must be there at its deadline.
struct RequestBody {
    body: Incoming,
    deadline: Pin<Box<Sleep>>,
    pulse: Arc<Pulse>,
    is_whole: bool,
}

impl hyper::body::Body for RequestBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if frame.is_pending() && self.deadline.as_mut().poll(context).is_ready() {
            self.pulse.body_is_late();
            return Poll::Ready(Some(Err(axum::Error::new("the body did not come in time"))));
        }
        if !self.is_whole && (matches!(frame, Poll::Ready(None)) || self.body.is_end_stream()) {
            self.is_whole = true;
            self.pulse.has_body();
        }
        frame.map_err(axum::Error::new)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        if !self.is_whole {
            self.pulse.leaves_body();
        }
    }
}

/// An answer's body. It is dropped when its last byte was handed on.
pub(super) struct AnswerBody {
    body: Body,
    visit: Arc<Visit>,
}

impl hyper::body::Body for AnswerBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for AnswerBody {
    fn drop(&mut self) {
        self.visit.pulse.has_answered();
    }
}

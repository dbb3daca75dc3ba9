//! What happens to every request: it is given an id, answered by its route, counted, and no fault of
//! that route reaches anybody else.

use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{ConnectInfo, RawPathParams, Request, State};
use axum::http::header::ALLOW;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use futures::FutureExt;
use hyper::body::Body as _;

use super::App;
use super::rate::{Client, Left};
use super::request::Call;
use super::response::failure;
use super::route::Route;
use super::routes::ROUTES;
use super::uses;
use crate::error::{Code, Error, Result};

pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that a client may choose, in bytes.
const MOST_ID_BYTES: usize = 64;

/// Answers a request by its route.
pub(super) async fn answer(
    route: &'static Route,
    app: Arc<App>,
    path: Result<RawPathParams, RawPathParamsRejection>,
    request: Request,
) -> Response {
    let started = Instant::now();
    let (parts, body) = request.into_parts();
    let id = request_id(&app, &parts.headers);
    let uri = parts.uri.clone();
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    let call = segments(path.as_ref()).map(|path| {
        let app = Arc::clone(&app);
        Call { app, route, path, parts, body, started, peer }
    });
    let taken = call.as_ref().ok().and_then(|call| take(&app, call));
    let (left, refused) = match taken {
        Some(Ok(left)) => (Some(left), None),
        Some(Err((error, left))) => (Some(left), Some(error)),
        None => (None, None),
    };
    let answered = match refused.map_or(call, Err) {
        Ok(call) => {
            let answered = AssertUnwindSafe(async { (route.handler)(call).await }).catch_unwind().await;
            answered.unwrap_or_else(|panic| Err(Error::of_panic(panic.as_ref())))
        }
        Err(error) => Err(error),
    };
    let shown = id.to_str().unwrap_or_default();
    let mut response = answered.unwrap_or_else(|error| {
        uses::missed(&app, route, &uri, peer.map(|peer| app.client(peer)), &error);
        failure(&error, shown)
    });
    if let Some(left) = left {
        left.write(response.status() == StatusCode::TOO_MANY_REQUESTS, response.headers_mut());
    }
    let (status, elapsed) = (response.status().as_u16(), started.elapsed());
    tracing::debug!(request_id = shown, status, elapsed_ms = elapsed.as_secs_f64() * 1e3, "{}", route.path);
    app.metrics.answered(route.name, status, elapsed);
    app.metrics.bytes().inc_by(response.body().size_hint().exact().unwrap_or_default());
    response.headers_mut().insert(REQUEST_ID, id);
    response
}

/// Counts a request among those of its client, where these are limited.
fn take(app: &App, call: &Call) -> Option<std::result::Result<Left, (Error, Left)>> {
    let rate = app.rate.as_ref().filter(|_| call.route.is_limited())?;
    // A token counts only where it is worth something: else each request would bring a new one.
    let token = call.token().ok().flatten();
    let client = token.map(|token| Client::Token(token.name)).or_else(|| call.peer.map(Client::at))?;
    Some(rate.take(&client))
}

/// The parts of a path that its route names.
fn segments(path: Result<&RawPathParams, &RawPathParamsRejection>) -> Result<Vec<(String, String)>> {
    let path = path.map_err(|error| Error::new(Code::RequestParameter, error.body_text()))?;
    Ok(path.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

/// The id that the client gave, if it can stand in a log, else a new one.
fn request_id(app: &App, headers: &HeaderMap) -> HeaderValue {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte);
    let given = headers
        .get(REQUEST_ID)
        .filter(|id| !id.is_empty() && id.len() <= MOST_ID_BYTES && id.as_bytes().iter().all(is_plain));
    given.cloned().unwrap_or_else(|| app.next_request_id())
}

/// The error of an address that no route has.
pub(super) async fn not_found(State(app): State<Arc<App>>, request: Request) -> Response {
    let error = Error::new(Code::RequestNotFound, format!("no route {}", request.uri().path()));
    refused(&app, &request, &error.hint(format!("routes: {}", titles(|_| true))))
}

/// The error of a method that a route does not take.
pub(super) async fn wrong_method(State(app): State<Arc<App>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    // An address that a route has as it stands is none of those with parts to fill in.
    let is_fixed = ROUTES.iter().any(|route| route.path == path);
    let is_here = |route: &Route| if is_fixed { route.path == path } else { is_of(route, &path) };
    let message = format!("{} does not take {}", request.uri().path(), request.method());
    let error = Error::new(Code::RequestMethod, message).hint(format!("routes: {}", titles(is_here)));
    let mut response = refused(&app, &request, &error);
    let mut methods: Vec<&str> = ROUTES.iter().filter(|route| is_here(route)).map(|it| it.method).collect();
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    methods.sort_unstable();
    methods.dedup();
    if let Ok(methods) = HeaderValue::try_from(methods.join(", ")) {
        response.headers_mut().insert(ALLOW, methods);
    }
    response
}

/// Whether a path is one of a route's.
fn is_of(route: &Route, path: &str) -> bool {
    let (mut own, mut asked) = (route.path.split('/'), path.split('/'));
    loop {
        match (own.next(), asked.next()) {
            (None, None) => return true,
            (Some(own), Some(asked)) if own == asked || own.starts_with('{') => {}
            _ => return false,
        }
    }
}

fn titles(is_meant: impl Fn(&Route) -> bool) -> String {
    ROUTES.iter().filter(|route| is_meant(route)).map(Route::title).collect::<Vec<_>>().join(", ")
}

fn refused(app: &App, request: &Request, error: &Error) -> Response {
    let id = request_id(app, request.headers());
    let mut response = failure(error, id.to_str().unwrap_or_default());
    app.metrics.answered("none", response.status().as_u16(), std::time::Duration::ZERO);
    response.headers_mut().insert(REQUEST_ID, id);
    response
}

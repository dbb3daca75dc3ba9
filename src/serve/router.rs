//! Every route, on one screen.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};

use super::{App, datasets, findings, nearest, response, sql};
use crate::error::{Code, Error};

/// The routes as the documentation names them.
pub const ROUTES: [&str; 8] = [
    "GET /datasets",
    "GET /datasets/{apiUri}",
    "GET /datasets/{apiUri}/findings",
    "GET /datasets/{apiUri}/nearest",
    "GET /sql",
    "POST /sql",
    "GET /health",
    "GET /ready",
];

/// All routes over one state.
pub fn router(app: Arc<App>) -> Router {
    let route = |methods: MethodRouter<Arc<App>>| methods.fallback(wrong_method);
    Router::new()
        .route("/datasets", route(get(datasets::list)))
        .route("/datasets/{apiUri}", route(get(datasets::show)))
        .route("/datasets/{apiUri}/findings", route(get(findings::findings)))
        .route("/datasets/{apiUri}/nearest", route(get(nearest::nearest)))
        .route("/sql", route(get(sql::get).merge(post(sql::post))))
        .route("/health", route(get(datasets::health)))
        .route("/ready", route(get(datasets::ready)))
        .fallback(not_found)
        .with_state(app)
}

async fn not_found(request: Request) -> Response {
    response::failure(
        &Error::new(Code::RequestNotFound, format!("no route {}", request.uri().path()))
            .hint(format!("routes: {}", ROUTES.join(", "))),
    )
    .into_response()
}

async fn wrong_method(request: Request) -> Response {
    let message = format!("{} does not take {}", request.uri().path(), request.method());
    response::failure(
        &Error::new(Code::RequestMethod, message).hint(format!("routes: {}", ROUTES.join(", "))),
    )
    .into_response()
}

//! Which route answers an address: the list of them as axum takes it.

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{RawPathParams, Request, State};
use axum::routing::{MethodFilter, MethodRouter, on};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};
use tower_http::cors::{Any, CorsLayer};

use super::App;
use super::pipeline::{answer, not_found, wrong_method};
use super::route::Route;
use super::routes::ROUTES;

/// Answers shorter than this are sent as they are, in bytes.
const COMPRESSED_FROM_BYTES: u64 = 1_024;

/// All routes over one state.
pub fn router(app: Arc<App>) -> Router {
    let mut router = Router::new();
    for route in ROUTES {
        router = router.route(route.path, methods(route));
    }
    let plain = SizeAbove::new(COMPRESSED_FROM_BYTES)
        .and(NotForContentType::const_new("application/vnd.apache.parquet"))
        .and(NotForContentType::const_new("application/gzip"))
        .and(NotForContentType::const_new("application/zstd"));
    let cors = CorsLayer::new().allow_origin(Any).allow_headers(Any).expose_headers(Any);
    router
        .method_not_allowed_fallback(wrong_method)
        .fallback(not_found)
        .layer(CompressionLayer::new().quality(tower_http::CompressionLevel::Fastest).compress_when(plain))
        .layer(cors.allow_methods([axum::http::Method::GET, axum::http::Method::HEAD]))
        .with_state(app)
}

fn methods(route: &'static Route) -> MethodRouter<Arc<App>> {
    let method = match route.method {
        "POST" => MethodFilter::POST,
        "PUT" => MethodFilter::PUT,
        "DELETE" => MethodFilter::DELETE,
        _ => MethodFilter::GET,
    };
    on(
        method,
        move |State(app): State<Arc<App>>,
              path: Result<RawPathParams, RawPathParamsRejection>,
              request: Request| { answer(route, app, path, request) },
    )
}

//! derek's tests, in one binary: at the three boundaries (bytes → table, SQL → rows, request →
//! response), on the sphere, and on what is said about the code.

#![expect(
    clippy::panic,
    clippy::unreadable_literal,
    reason = "a test fails by it; coordinates are read as such"
)]

#[path = "../benches/generator.rs"]
mod generator;
#[path = "../benches/generator_xml.rs"]
mod generator_xml;

mod assess;
mod bounds;
mod broken;
mod convert;
mod crash;
mod databases;
mod docs;
mod documents;
mod door;
mod encodings;
mod expand;
mod extract;
mod findings;
mod geometry;
mod hostile;
mod http;
mod keys;
mod layers;
mod links;
mod named_queries;
mod nearest;
mod objects;
mod openapi;
mod paging;
mod parameters;
mod passport;
mod process;
mod publishing;
mod quality;
mod quirks;
mod rate;
mod recovery;
mod report;
mod requests;
mod restricted;
mod same;
mod search;
mod shell;
mod site;
mod snapshots;
mod spatial;
mod sphere;
mod sql;
mod storage;
mod store;
mod surface;
mod unpacking;
mod uses;
mod values;
mod within;
mod worlds;

use std::path::Path;
use std::sync::Arc;

use derek::assess::NamedQueries;
use derek::catalog::{Catalog, LoadOptions};
use derek::query::{QueryLimits, QueryService};
use derek::serve::App;

/// The folder of the published examples.
fn fixtures() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures"))
}

/// The catalog over some paths, none of which is refused.
fn catalog(paths: &[&Path]) -> Arc<Catalog> {
    let paths: Vec<_> = paths.iter().map(|path| path.to_path_buf()).collect();
    let (catalog, _) = Catalog::open(&paths, LoadOptions::default()).expect("the paths are there");
    assert_eq!(catalog.snapshot().refused().count(), 0, "a test's documents are sound");
    Arc::new(catalog)
}

/// A query service with the limits of a small machine.
fn queries(catalog: &Arc<Catalog>) -> QueryService {
    let limits = QueryLimits { is_yielding: false, ..QueryLimits::for_machine(4 << 30, 2) };
    QueryService::with_views(Arc::clone(catalog), limits, named().views()).expect("threads can be started")
}

/// The built-in queries.
fn named() -> NamedQueries {
    NamedQueries::open(None).expect("the built-in queries are sound")
}

/// What the routes have at hand, with the built-in queries.
fn app(queries: QueryService) -> Arc<App> {
    App::new(queries, named())
}

//! The part of derek that reads documents, under derek's name.
//!
//! The modules are taken by their paths and not from the crate, which needs DataFusion and an hour to
//! build with coverage. They use nothing that stands to their right in derek's import order, and
//! `tests/layers.rs` holds them to it.

#[path = "../../src/document/mod.rs"]
pub mod document;
#[path = "../../src/encode/mod.rs"]
pub mod encode;
#[path = "../../src/error.rs"]
pub mod error;
#[path = "../../src/geo/mod.rs"]
pub mod geo;

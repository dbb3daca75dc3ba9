//! derek
pub mod error;
pub mod geo;
pub mod encode;
pub mod document;
pub mod catalog;
pub mod query;
pub mod serve;
pub mod cli;

//! The conversion tool of order 144 of 2021, annex 2: the order's document as JSON, as XML and as the tabular template
//! in XLSX and CSV, each turned into the other without loss. It works in memory: a document, its values and its file
//! lie there side by side.
//!
//! A document is a `serde_json::Value` with `meta`, `fields` and `data`. What every conversion gives back is its
//! normal form: [`normal`], and for workbooks [`spelled_shortest`] besides.

pub mod bounds;
mod date;
mod document;
mod fault;
pub mod json;
mod kind;
mod number;
pub mod quotation;
pub mod template;
pub mod workbook;
pub mod xml;

pub use document::normal;
pub use fault::Fault;
pub use number::spelled_shortest;

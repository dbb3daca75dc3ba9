//! The conversion tool of order 144, annex 2: the forms at their boundary, and the program's command.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod command;
mod faults;
mod round_trips;
mod template;
mod worlds;
mod xml;

use derek::convert::Fault;
use serde_json::Value;

/// A document among the published examples.
fn fixture(name: &str) -> Vec<u8> {
    let path = crate::fixtures().join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn json(text: impl AsRef<[u8]>) -> Value {
    derek::convert::json::read(text.as_ref()).expect("it is JSON")
}

/// The document of a workbook of at most a gigabyte.
fn read_xlsx(bytes: impl AsRef<[u8]>) -> Result<Value, Fault> {
    derek::convert::template::read_xlsx(bytes.as_ref(), 1 << 30)
}

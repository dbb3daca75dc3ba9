//! The scan for restricted data: single values, fields, tables; then precision and recall on a labelled set.

#![expect(clippy::print_stdout, reason = "what is measured is shown")]

mod addresses;
mod columns;
mod fields;
mod labelled;
mod masks;
mod measured;
mod numbers;
mod parts;
mod people;
mod speed;
mod things;
mod values;

use derek::assess::restricted::{Day, Kind, kinds_of};

/// The day on which everything is judged.
fn as_of() -> Day {
    Day::new(2026, 11, 1).expect("a day of the calendar")
}

/// What a text holds, with the texts of the places.
fn found(text: &str) -> Vec<(Kind, &str)> {
    kinds_of(text, as_of()).map(|(kind, at)| (kind, &text[at])).collect()
}

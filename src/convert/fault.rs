//! Why something could not be converted, and where.

use std::fmt;

use crate::error::{Code, Error, Place};

/// Why something could not be converted: what was found and what was expected, where, and what to try.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fault {
    /// What was found, and what was expected.
    pub message: String,
    /// The sheet of a workbook, or the part of a CSV file; none for JSON and XML.
    pub sheet: Option<String>,
    /// From 1: the row of a sheet, the line of a CSV file, or the place of a row in `data`.
    pub row: Option<u64>,
    /// The letters of a column with its heading, or the path of a field.
    pub column: Option<String>,
    /// What to try.
    pub hint: Option<String>,
}

impl Fault {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), ..Self::default() }
    }

    /// What a cell or an element holds, against what it should hold.
    pub(crate) fn unlike(found: &str, expected: &str) -> Self {
        Self::new(format!("found {}, expected {expected}", shown(found)))
    }

    /// The error that a user reads, without the file's name: row and column are its place.
    #[must_use]
    pub fn into_error(self, code: Code) -> Error {
        let sheet = self.sheet.map(|sheet| format!("sheet '{sheet}': ")).unwrap_or_default();
        let mut error = Error::new(code, sheet + &self.message);
        if self.row.is_some() || self.column.is_some() {
            error = error.at(Place { row: self.row, field: self.column, ..Place::default() });
        }
        match self.hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) fn in_sheet(mut self, sheet: &str) -> Self {
        self.sheet.get_or_insert_with(|| sheet.to_owned());
        self
    }

    pub(crate) fn in_row(mut self, row: u64) -> Self {
        self.row.get_or_insert(row);
        self
    }

    pub(crate) fn in_column(mut self, column: impl Into<String>) -> Self {
        self.column.get_or_insert_with(|| column.into());
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sheet = self.sheet.as_ref().map(|sheet| format!("sheet '{sheet}'"));
        let row = self.row.map(|row| format!("row {row}"));
        let column = self.column.as_ref().map(|column| format!("column {column}"));
        let place: Vec<String> = [sheet, row, column].into_iter().flatten().collect();
        if !place.is_empty() {
            write!(formatter, "{}: ", place.join(", "))?;
        }
        formatter.write_str(&self.message)?;
        self.hint.as_ref().map_or(Ok(()), |hint| write!(formatter, " ({hint})"))
    }
}

impl std::error::Error for Fault {}

/// The most characters of a value that a message repeats.
const SHOWN: usize = 80;

/// A value as a message shows it: quoted, and cut where it is long.
pub(crate) fn shown(text: &str) -> String {
    let cut: String = text.chars().take(SHOWN).collect();
    let more = if cut.len() < text.len() { "…" } else { "" };
    format!("'{cut}{more}'")
}

//! What the template's tables are made of, whatever file they come from.

use crate::convert::bounds::MOST_CELLS;
use crate::convert::date::Moment;
use crate::convert::fault::Fault;

/// What a cell holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Text(String),
    /// A number of a workbook.
    Number(f64),
    /// A boolean of a workbook.
    Bool(bool),
    /// A date of a workbook, and the number format to show it in; empty where it was read.
    Date(Moment, String),
    /// An error of a workbook, such as `#N/A`.
    Error(String),
}

/// A row: the cells that hold something, by column from 0, in the sequence of the columns.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Row {
    /// Its number in the sheet, or its line in a CSV file, from 1.
    pub(super) number: u64,
    pub(super) cells: Vec<(usize, Cell)>,
}

/// A sheet of a workbook, or a part of a CSV file.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Sheet {
    pub(super) name: String,
    pub(super) rows: Vec<Row>,
}

/// What may still be read of a template.
#[derive(Debug)]
pub(super) struct Room {
    left: u64,
}

impl Default for Room {
    fn default() -> Self {
        Self { left: MOST_CELLS }
    }
}

impl Room {
    /// Takes a row in: itself and its cells.
    pub(super) fn take(&mut self, row: &Row) -> Result<(), Fault> {
        self.take_cells(row.cells.len() as u64 + 1, row.number)
    }

    /// Takes some cells of a row in.
    pub(super) fn take_cells(&mut self, cells: u64, row: u64) -> Result<(), Fault> {
        self.left = self.left.checked_sub(cells).ok_or_else(|| {
            let message = format!("found more than {MOST_CELLS} rows and cells, expected at most so many");
            let fault = Fault::new(message).in_row(row);
            fault.hint("publish the rows in several documents, or as JSON, whose rows are read in parts")
        })?;
        Ok(())
    }
}

/// The three sheets: description, fields, data.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Template {
    pub(super) sheets: [Sheet; 3],
}

impl Row {
    pub(super) fn get(&self, column: usize) -> Option<&Cell> {
        let place = self.cells.binary_search_by_key(&column, |(at, _)| *at).ok()?;
        self.cells.get(place).map(|(_, cell)| cell)
    }

    /// The text of a cell, none where it is empty or holds something else.
    pub(super) fn text(&self, column: usize) -> Option<&str> {
        match self.get(column) {
            Some(Cell::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// Whether nothing but white space is in it.
    pub(super) fn is_blank(&self) -> bool {
        self.cells.iter().all(|(_, cell)| matches!(cell, Cell::Text(text) if text.trim().is_empty()))
    }

    /// The only text in it, where that stands in the first column.
    pub(super) fn only_text(&self) -> Option<&str> {
        let mut filled =
            self.cells.iter().filter(|(_, cell)| !matches!(cell, Cell::Text(text) if text.trim().is_empty()));
        match (filled.next(), filled.next()) {
            (Some((0, Cell::Text(text))), None) => Some(text),
            _ => None,
        }
    }
}

impl Cell {
    /// What the cell holds, as a message shows it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => crate::convert::number::spelled(*number),
            Self::Bool(value) => value.to_string(),
            Self::Date(moment, _) => moment.iso(),
            Self::Error(error) => error.clone(),
        }
    }
}

impl Fault {
    /// Adds the place of a cell: its column's letters, and its heading where there is one.
    pub(super) fn in_cell(self, column: usize, heading: &str) -> Self {
        let letters = letters(column);
        self.in_column(if heading.is_empty() { letters } else { format!("{letters} ({heading})") })
    }
}

/// The letters of a column: A, …, Z, AA, …
fn letters(column: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        letters.push(char::from(b'A' + u8::try_from((rest - 1) % 26).unwrap_or_default()));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

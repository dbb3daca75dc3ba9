//! Where the cells of a CSV file begin and end, told before any of them is kept.
//!
//! A quotation mark opens a cell only where it is the cell's first sign, and a quoted cell goes on to the mark that closes
//! it, over line ends too (RFC 4180). So one that is not closed takes all that follows into its cell, and readers of
//! CSV say nothing of it. A mark inside of a cell that did not start with one is a letter as any other: `ЖШС "Үлгі"`.

use super::bounds::MOST_CELL_BYTES;
use crate::error::{Code, Error, Place};

/// A cell that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flaw {
    /// What it is.
    pub kind: FlawKind,
    /// The line in which the cell begins, from 1.
    pub line: u64,
    /// The record that it is in, from 1; lines with nothing in them are none.
    pub record: u64,
    /// Its place in the record, from 0.
    pub column: usize,
}

/// What is wrong with a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlawKind {
    /// A quotation mark opens it, and none closes it.
    Unclosed,
    /// It is longer than [`MOST_CELL_BYTES`].
    TooLong,
}

impl FlawKind {
    /// What was found, and what was expected.
    #[must_use]
    pub fn message(self) -> String {
        match self {
            Self::Unclosed => {
                "found a quotation mark that opens a cell and that nothing closes, so that all that \
                               follows would be in this cell; expected a mark that closes it"
                    .to_owned()
            }
            Self::TooLong => {
                format!("found a cell of more than {MOST_CELL_BYTES} bytes, expected at most so many")
            }
        }
    }

    /// What to try.
    #[must_use]
    pub const fn hint(self) -> &'static str {
        match self {
            Self::Unclosed => "a quotation mark inside a quoted cell is written twice",
            Self::TooLong => {
                "a quotation mark that opens a cell goes on to the next one, over many lines: is it closed in its line?"
            }
        }
    }
}

impl Flaw {
    /// The error of a client that sent a table with a head, whose rows are counted from the one below it: `request.body`
    /// or `request.too_large`. No cell is shown.
    #[must_use]
    pub fn in_body(&self) -> Error {
        let (line, column) = (self.line, self.column + 1);
        let message = format!("line {line}, column {column}: {}", self.kind.message());
        let code = match self.kind {
            FlawKind::Unclosed => Code::RequestBody,
            FlawKind::TooLong => Code::RequestTooLarge,
        };
        let row = self.record.checked_sub(1).filter(|row| *row > 0);
        let place = Place { row, field: Some(format!("column {column}")), ..Place::default() };
        Error::new(code, message).at(place).hint(self.kind.hint())
    }
}

/// The first cell that cannot be read, if there is one. Cost: one pass over the bytes up to it; no memory.
///
/// ```
/// use derek::convert::quotation::{FlawKind, flaw};
/// assert_eq!(flaw("аты,саны\n\"Үлгі, \"\"А\"\"\",5\nЖШС \"Үлгі\",7\n".as_bytes(), b','), None);
/// let found = flaw("аты,саны\nАлма,\"5\nӨрік,7\n".as_bytes(), b',').expect("it is open");
/// assert_eq!((found.kind, found.line, found.record, found.column), (FlawKind::Unclosed, 2, 2, 1));
/// ```
#[must_use]
pub fn flaw(bytes: &[u8], delimiter: u8) -> Option<Flaw> {
    let mut cells = Cells { rest: bytes, delimiter, line: 1, record: 1, column: 0 };
    while !cells.rest.is_empty() {
        let (line, record, column) = (cells.line, cells.record, cells.column);
        if let Err(kind) = cells.pass() {
            return Some(Flaw { kind, line, record, column });
        }
    }
    None
}

/// A file while it is gone over.
struct Cells<'b> {
    /// What is left of it: it begins with a cell.
    rest: &'b [u8],
    delimiter: u8,
    line: u64,
    record: u64,
    column: usize,
}

impl<'b> Cells<'b> {
    /// Goes over a cell and what ends it.
    fn pass(&mut self) -> Result<(), FlawKind> {
        let is_first = self.column == 0;
        let quoted = self.quoted()?;
        let bare = self.window(quoted);
        let end = memchr::memchr3(self.delimiter, b'\n', b'\r', bare).unwrap_or(bare.len());
        if quoted + end > MOST_CELL_BYTES {
            return Err(FlawKind::TooLong);
        }
        let cell = quoted + end;
        self.rest = self.rest.get(cell..).unwrap_or_default();
        if self.rest.first() == Some(&self.delimiter) {
            self.column += 1;
            self.rest = self.rest.get(1..).unwrap_or_default();
            return Ok(());
        }
        let ended = if self.rest.starts_with(b"\r\n") { 2 } else { 1 };
        self.rest = self.rest.get(ended..).unwrap_or_default();
        self.line += 1;
        self.record += u64::from(!is_first || cell > 0);
        self.column = 0;
        Ok(())
    }

    /// The length of the quoted part that a cell begins with, its marks among them; 0 where it is not quoted.
    fn quoted(&mut self) -> Result<usize, FlawKind> {
        if self.rest.first() != Some(&b'"') {
            return Ok(0);
        }
        let mut end = 1;
        loop {
            let inside = self.window(end);
            let Some(mark) = memchr::memchr(b'"', inside) else {
                let is_all = end + inside.len() == self.rest.len();
                return Err(if is_all { FlawKind::Unclosed } else { FlawKind::TooLong });
            };
            let text = inside.get(..mark).unwrap_or_default();
            self.line += memchr::memchr_iter(b'\n', text).count() as u64;
            end += mark + 1;
            if self.rest.get(end) != Some(&b'"') {
                return Ok(end);
            }
            end += 1;
        }
    }

    /// What follows `from` in the cell, at most one byte more than a cell may have.
    fn window(&self, from: usize) -> &'b [u8] {
        let end = self.rest.len().min(MOST_CELL_BYTES + 1);
        self.rest.get(from.min(end)..end).unwrap_or_default()
    }
}

//! Reads a table of separated cells.

use std::borrow::Cow;

use encoding_rs::WINDOWS_1251;

use super::columns::Columns;
use super::in_row;
use super::profile::Profile;
use crate::convert::quotation::{Flaw, flaw};
use crate::document::repair;
use crate::error::{Code, Error, Result};

/// What can stand between cells; where none does, the table has one column.
const DELIMITERS: [u8; 3] = *b",;\t";

/// Takes in the rows of a table, one by one.
pub(super) fn read(text: &str, profile: &mut Profile<'_>) -> Result<()> {
    let said = said_delimiter(text);
    let (delimiter, text) = said.unwrap_or_else(|| (delimiter(text), text));
    if let Some(flaw) = flaw(text.as_bytes(), delimiter) {
        let line = flaw.line + u64::from(said.is_some());
        return Err(Flaw { line, ..flaw }.in_body());
    }
    if delimiter == b';' {
        profile.read_decimal_commas();
    }
    let mut reader = ::csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut record = ::csv::StringRecord::new();
    let mut columns: Option<Columns> = None;
    loop {
        let is_there = reader.read_record(&mut record).map_err(|error| unreadable(&error, profile.row()))?;
        if !is_there {
            return Ok(());
        }
        match &mut columns {
            None => columns = Some(Columns::of_head(record.iter(), profile)?),
            Some(columns) => {
                for (column, cell) in record.iter().enumerate() {
                    columns.cell(column, cell, profile)?;
                }
                profile.end_row()?;
            }
        }
    }
}

/// The text of a table: UTF-8 with or without a byte order mark; what is not UTF-8 is windows-1251, with the
/// Kazakh letters of KZ-1048 in the places of letters that no language here has.
pub(super) fn text(bytes: &[u8]) -> Result<Cow<'_, str>> {
    if matches!(bytes, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]) {
        return Err(Error::new(Code::RequestBody, "the table is in UTF-16; expected UTF-8 or windows-1251")
            .hint("save it as 'CSV UTF-8'"));
    }
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    if let Ok(text) = simdutf8::basic::from_utf8(bytes) {
        return Ok(Cow::Borrowed(text));
    }
    let (text, _) = WINDOWS_1251.decode_without_bom_handling(bytes);
    Ok(Cow::Owned(repair(&text)))
}

/// What a first line `sep=;` says to spreadsheets, and what follows it: that line is no row.
fn said_delimiter(text: &str) -> Option<(u8, &str)> {
    let (line, rest) = text.split_once('\n')?;
    let line = line.strip_suffix('\r').unwrap_or(line);
    let (word, sign) = line.split_at_checked(4)?;
    let delimiter = DELIMITERS.into_iter().find(|known| sign.as_bytes() == [*known])?;
    word.eq_ignore_ascii_case("sep=").then_some((delimiter, rest))
}

/// Where in a cell of the head something stands.
#[derive(Clone, Copy)]
enum Within {
    /// At its beginning.
    Start,
    /// In a cell that began without a quotation mark: there it is a letter.
    Bare,
    Quoted,
    /// Behind a mark that closed a quoted cell, or is the first of two that stand for one.
    Closed,
}

/// The sign that stands most often between the cells of the head.
fn delimiter(text: &str) -> u8 {
    let mut counts = [0_u64; DELIMITERS.len()];
    let mut within = Within::Start;
    for byte in text.trim_start().bytes() {
        within = match (within, byte) {
            (Within::Quoted, b'"') => Within::Closed,
            (Within::Quoted, _) | (Within::Start | Within::Closed, b'"') => Within::Quoted,
            (_, b'\n' | b'\r') => break,
            (_, byte) => {
                for (count, known) in counts.iter_mut().zip(DELIMITERS) {
                    *count += u64::from(byte == known);
                }
                if DELIMITERS.contains(&byte) { Within::Start } else { Within::Bare }
            }
        };
    }
    let all = counts.into_iter().zip(DELIMITERS).rev();
    all.max_by_key(|(count, _)| *count).map_or(b',', |(_, delimiter)| delimiter)
}

fn unreadable(error: &::csv::Error, row: u64) -> Error {
    // The library's own words name places, never cells.
    Error::new(Code::RequestBody, "the table cannot be read as CSV")
        .at(in_row(row))
        .hint("expected cells separated by commas, semicolons or tabs, quoted by \"")
        .caused_by(error.to_string())
}

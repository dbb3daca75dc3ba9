//! The template as one CSV file: its three parts, each below its title, one after the other.

use csv::{ReaderBuilder, StringRecord, Terminator, WriterBuilder};

use super::headings::{self, DESCRIPTION, TITLES, said};
use super::sheet::{Cell, Room, Row, Template};
use crate::convert::fault::Fault;
use crate::convert::quotation::flaw;
use crate::encode::Language;

/// Titles and headings are much shorter.
const MOST_TITLE_BYTES: usize = 1_000;

/// What a program writes before UTF-8 so that spreadsheets read it as such.
const BOM: &str = "\u{feff}";

/// Reads the parts of a file.
pub(super) fn read(bytes: &[u8]) -> Result<Template, Fault> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = bytes.get(..error.valid_up_to()).unwrap_or_default().split(|byte| *byte == b'\n').count();
        let fault = Fault::new(format!("found bytes that are no UTF-8 ({error}), expected UTF-8"));
        fault.in_row(line as u64).hint("save the file as 'CSV UTF-8'")
    })?;
    let text = text.strip_prefix(BOM).unwrap_or(text);
    let delimiter = delimiter(text)?;
    if let Some(flaw) = flaw(text.as_bytes(), delimiter) {
        let fault = Fault::new(flaw.kind.message()).in_row(flaw.line).in_cell(flaw.column, "");
        return Err(fault.hint(flaw.kind.hint()));
    }
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let mut template = Template::default();
    let (mut part, mut room) = (0, Room::default());
    for (sheet, [kazakh, _]) in template.sheets.iter_mut().zip(TITLES) {
        kazakh.clone_into(&mut sheet.name);
    }
    for record in reader.records() {
        let record = record.map_err(|error| Fault::new(format!("found no row of CSV: {error}")))?;
        let row = row(&record);
        room.take(&row)?;
        // What follows the third title is data, whatever it says.
        let text = row.only_text().filter(|text| part < 2 && text.len() <= MOST_TITLE_BYTES);
        let title = text.and_then(|text| headings::titled(text).map(|part| (part, text)));
        if let Some((found, title)) = title {
            let sheet = template.sheets.get_mut(found).filter(|sheet| sheet.rows.is_empty());
            let Some(sheet) = sheet.filter(|_| found >= part) else {
                return Err(
                    Fault::new(format!("found the title '{title}' out of its place")).in_row(row.number)
                );
            };
            title.clone_into(&mut sheet.name);
            part = found;
        } else if let Some(sheet) = template.sheets.get_mut(part) {
            sheet.rows.push(row);
        }
    }
    if part < 2 {
        let [kazakh, russian] = TITLES.get(part + 1).copied().unwrap_or_default();
        let fault =
            Fault::new(format!("found no title '{kazakh}' ('{russian}'), expected it in a line of its own"));
        return Err(fault.hint("the three parts of order 144, annex 2 follow one another in one file"));
    }
    Ok(template)
}

fn row(record: &StringRecord) -> Row {
    let cells = record.iter().enumerate().filter(|(_, text)| !text.is_empty());
    Row {
        number: record.position().map_or(0, csv::Position::line),
        cells: cells.map(|(at, text)| (at, Cell::Text(text.to_owned()))).collect(),
    }
}

/// The sign between the cells: what follows the first heading.
fn delimiter(text: &str) -> Result<u8, Fault> {
    let heading = DESCRIPTION.first().copied().unwrap_or_default();
    let after = |line: &str, sign: char| {
        let (first, _) = line.split_once(sign).filter(|(first, _)| first.len() <= MOST_TITLE_BYTES)?;
        headings::is_one_of(first.trim().trim_matches('"'), heading).then_some(sign)
    };
    let sign = text.lines().find_map(|line| after(line, ',').or_else(|| after(line, ';')));
    match sign {
        Some(';') => Ok(b';'),
        Some(_) => Ok(b','),
        None => {
            let [kazakh, russian] = heading;
            let message = format!(
                "found no line that starts with '{kazakh}' or '{russian}' and a comma or a semicolon"
            );
            Err(Fault::new(message).hint("the first table is the description of order 144, annex 2 part 1"))
        }
    }
}

/// A file in parts: UTF-8 with a byte order mark, commas, CRLF (RFC 4180).
pub(super) struct Writer {
    writer: csv::Writer<Vec<u8>>,
}

impl Writer {
    pub(super) fn new() -> Self {
        let writer = WriterBuilder::new().flexible(true).terminator(Terminator::CRLF).from_writer(BOM.into());
        Self { writer }
    }

    /// Writes the title of a part.
    pub(super) fn title(&mut self, part: usize, language: Language) -> Result<(), Fault> {
        if part > 0 {
            self.line(&[""])?;
        }
        self.line(&[said(language, TITLES.get(part).copied().unwrap_or_default())])
    }

    /// Writes a row.
    pub(super) fn row(&mut self, cells: &[Option<Cell>]) -> Result<(), Fault> {
        let texts: Vec<String> =
            cells.iter().map(|cell| cell.as_ref().map(Cell::shown).unwrap_or_default()).collect();
        self.line(&texts)
    }

    fn line(&mut self, texts: &[impl AsRef<[u8]>]) -> Result<(), Fault> {
        self.writer.write_record(texts).map_err(|error| Fault::new(error.to_string()))
    }

    /// The bytes of the file.
    pub(super) fn end(self) -> Result<Vec<u8>, Fault> {
        self.writer.into_inner().map_err(|error| Fault::new(error.to_string()))
    }
}

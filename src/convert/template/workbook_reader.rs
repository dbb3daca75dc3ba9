//! Reads the sheets of a workbook.

use std::io::Cursor;

use calamine::{Data, DataRef, ExcelDateTime, Reader, Xlsx, XlsxError};

use super::headings::{self, SHEETS};
use super::sheet::{Cell, Room, Row, Sheet, Template};
use crate::convert::bounds::{MOST_CELL_BYTES, is_in_sheet};
use crate::convert::date::Moment;
use crate::convert::fault::Fault;
use crate::convert::quotation::FlawKind;
use crate::convert::workbook;

type Workbook<'a> = Xlsx<Cursor<&'a [u8]>>;

/// Reads the three sheets: by their names, or else the first three.
pub(super) fn read(bytes: &[u8], max_unpacked_bytes: u64) -> Result<Template, Fault> {
    workbook::check(bytes, max_unpacked_bytes)?;
    let mut workbook: Workbook<'_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| no_workbook(&error))?;
    let names = workbook.sheet_names();
    let mut template = Template::default();
    let mut left = Reading { room: Room::default(), bytes: max_unpacked_bytes };
    let has_all = SHEETS.iter().all(|words| names.iter().any(|name| headings::is_one_of(name, *words)));
    for (at, (sheet, words)) in template.sheets.iter_mut().zip(SHEETS).enumerate() {
        let own = names.iter().find(|name| headings::is_one_of(name, words)).filter(|_| has_all);
        let Some(name) = own.or_else(|| names.get(at)) else {
            let expected: Vec<&str> = SHEETS.iter().map(|[kazakh, _]| *kazakh).collect();
            let fault = Fault::new(format!(
                "found the sheets '{}', expected '{}'",
                names.join("', '"),
                expected.join("', '")
            ));
            return Err(fault.hint("description, fields and data are three sheets of one workbook"));
        };
        let rows = rows(&mut workbook, name, &mut left).map_err(|fault| fault.in_sheet(name))?;
        *sheet = Sheet { name: name.clone(), rows };
    }
    Ok(template)
}

fn no_workbook(error: &dyn std::fmt::Display) -> Fault {
    let fault = Fault::new(format!("found no workbook ({error}), expected an XLSX file"));
    fault.hint("save the file as 'Excel workbook (.xlsx)'")
}

/// What may still be read of a workbook.
struct Reading {
    room: Room,
    /// Bytes of texts: many cells may show one shared text, each of which is a copy.
    bytes: u64,
}

impl Reading {
    /// Takes a cell in, by row and column from 0.
    fn take(&mut self, row: u32, column: u32, value: &Cell) -> Result<(), Fault> {
        let number = u64::from(row) + 1;
        let at = |fault: Fault| fault.in_row(number).in_cell(column as usize, "");
        if !is_in_sheet(row, column) {
            return Err(at(Fault::new("found a cell beyond the last row or column that a sheet has")));
        }
        let length = if let Cell::Text(text) = value { text.len() } else { 0 };
        if length > MOST_CELL_BYTES {
            return Err(at(Fault::new(FlawKind::TooLong.message())));
        }
        self.bytes = self.bytes.checked_sub(length as u64).ok_or_else(|| {
            let message =
                "found more text than a document may have, as cells that show one text over and over";
            at(Fault::new(message).hint("write CSV, JSON or XML, or publish the rows in several documents"))
        })?;
        self.room.take_cells(1, number)
    }
}

/// The rows that hold something. They are read cell by cell: one cell far below costs nothing.
fn rows(workbook: &mut Workbook<'_>, name: &str, left: &mut Reading) -> Result<Vec<Row>, Fault> {
    let mut reader = workbook.worksheet_cells_reader(name).map_err(|error| unreadable(&error))?;
    let mut rows: Vec<Row> = Vec::new();
    while let Some(cell) = reader.next_cell().map_err(|error| unreadable(&error))? {
        let (row, column) = cell.get_position();
        let number = u64::from(row) + 1;
        let Some(value) = value(cell.get_value()) else { continue };
        left.take(row, column, &value)?;
        if rows.last().is_none_or(|last| last.number != number) {
            rows.push(Row { number, cells: Vec::new() });
        }
        if let Some(last) = rows.last_mut() {
            last.cells.push((column as usize, value));
        }
    }
    for row in &mut rows {
        row.cells.sort_by_key(|(column, _)| *column);
    }
    rows.sort_by_key(|row| row.number);
    Ok(rows)
}

fn unreadable(error: &XlsxError) -> Fault {
    Fault::new(format!("found a sheet that cannot be read: {error}"))
}

fn value(value: &DataRef<'_>) -> Option<Cell> {
    let text =
        |text: &str| Some(text).filter(|text| !text.is_empty()).map(|text| Cell::Text(text.to_owned()));
    match Data::from(value.clone()) {
        Data::Empty => None,
        Data::String(it) | Data::DateTimeIso(it) | Data::DurationIso(it) => text(&it),
        Data::Int(number) => text(&number.to_string()),
        Data::Float(number) => Some(Cell::Number(number)),
        Data::Bool(value) => Some(Cell::Bool(value)),
        Data::DateTime(date) => Some(moment(date)),
        Data::Error(error) => Some(Cell::Error(error.to_string())),
    }
}

/// A date, or the text of a time of day or of a duration, which have no date.
fn moment(date: ExcelDateTime) -> Cell {
    let serial = date.as_f64();
    if date.is_duration() || (0.0..1.0).contains(&serial) {
        return Cell::Text(clock(serial));
    }
    let (year, month, day, hour, minute, second, milli) = date.to_ymd_hms_milli();
    let moment = Moment {
        year: u32::from(year),
        month: u32::from(month),
        day: u32::from(day),
        hour: u32::from(hour),
        minute: u32::from(minute),
        second: u32::from(second),
        milli: u32::from(milli),
    };
    Cell::Date(moment, String::new())
}

/// Days as hours and minutes, and seconds where there are some: `09:00`.
fn clock(days: f64) -> String {
    let seconds = (days * 86_400.0).round();
    let minutes = (seconds / 60.0).floor();
    let clock = format!("{:02}:{:02}", (minutes / 60.0).floor(), minutes % 60.0);
    if seconds % 60.0 == 0.0 { clock } else { format!("{clock}:{:02}", seconds % 60.0) }
}

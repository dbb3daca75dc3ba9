//! Reads the first sheet of a workbook that has a head, and scans the others for restricted data.

use std::borrow::Cow;
use std::io::Cursor;

use calamine::{DataRef, ExcelDateTime, Reader, Xlsx, XlsxError};

use super::Options;
use super::columns::Columns;
use super::profile::Profile;
use super::sheet::SheetReport;
use crate::convert::bounds::{MOST_CELL_BYTES, is_in_sheet};
use crate::convert::quotation::FlawKind;
use crate::convert::workbook;
use crate::error::{Code, Error, Place, Result};

/// What a workbook may unpack to.
const MOST_UNPACKED_BYTES: u64 = 256 << 20;

/// A workbook whose sheets are read one by one.
pub(super) type Workbook<'a> = Xlsx<Cursor<&'a [u8]>>;

/// The cells of one row that hold something.
type Row = Vec<(usize, String)>;

/// A workbook, where it unpacks to no more than may be, and the names of its sheets.
pub(super) fn open(bytes: &[u8]) -> Result<(Workbook<'_>, Vec<String>)> {
    workbook::check(bytes, MOST_UNPACKED_BYTES).map_err(|fault| fault.into_error(Code::RequestBody))?;
    let workbook: Workbook<'_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| unreadable(&error))?;
    let names = workbook.sheet_names();
    Ok((workbook, names))
}

/// Takes in the rows of the first of these sheets that has a head, one by one, and scans those behind it.
pub(super) fn read(
    workbook: &mut Workbook<'_>,
    names: &[String],
    profile: &mut Profile<'_>,
    options: &Options<'_>,
) -> Result<Vec<SheetReport>> {
    let mut rest = names;
    while let Some((name, behind)) = rest.split_first() {
        rest = behind;
        if read_sheet(workbook, name, profile)? {
            return scan(workbook, rest, options);
        }
    }
    Err(Error::new(Code::RequestBody, "no sheet of the workbook has a head")
        .hint("the first row of a sheet holds the names of the fields"))
}

/// Scans sheets, each a table of its own. One that cannot be read is told of, with what was found before.
pub(super) fn scan(
    workbook: &mut Workbook<'_>,
    names: &[String],
    options: &Options<'_>,
) -> Result<Vec<SheetReport>> {
    let mut found = Vec::new();
    for name in names {
        (options.check)()?;
        let mut profile = Profile::of_scan(options);
        let error = match read_sheet(workbook, name, &mut profile) {
            Ok(_) => None,
            Err(error) if matches!(error.code, Code::RequestBody | Code::RequestTooLarge) => Some(error),
            Err(error) => return Err(error),
        };
        let sheet = SheetReport::of(name, profile, options, error.as_ref());
        found.extend(Some(sheet).filter(SheetReport::is_told));
    }
    Ok(found)
}

/// Whether the sheet has a head. Cells are read one by one: one far below costs nothing.
fn read_sheet(workbook: &mut Workbook<'_>, name: &str, profile: &mut Profile<'_>) -> Result<bool> {
    let mut reader = match workbook.worksheet_cells_reader(name) {
        Ok(reader) => reader,
        // A sheet of charts has no cells.
        Err(XlsxError::NotAWorksheet(_)) => return Ok(false),
        Err(error) => return Err(unreadable(&error)),
    };
    let mut sheet = Sheet::default();
    let (mut cells, mut number, mut bytes): (Row, Option<u32>, u64) = (Row::new(), None, 0);
    while let Some(cell) = reader.next_cell().map_err(|error| unreadable(&error))? {
        let (row, column) = cell.get_position();
        if number != Some(row) {
            sheet.row(&cells, profile)?;
            cells.clear();
            (number, bytes) = (Some(row), 0);
        }
        if let Some(text) = text(cell.get_value()) {
            bytes += text.len() as u64;
            require_room(row, column, text.len(), bytes)?;
            cells.push((column as usize, text.into_owned()));
        }
    }
    sheet.row(&cells, profile)?;
    sheet.finish(profile)
}

/// That a cell lies in a sheet, and that it and its row so far are not too long: many cells may show one shared text,
/// each of which is a copy.
fn require_room(row: u32, column: u32, length: usize, of_row: u64) -> Result<()> {
    let (code, message) = if !is_in_sheet(row, column) {
        (Code::RequestBody, "a cell lies beyond the last row or column that a sheet has".to_owned())
    } else if length > MOST_CELL_BYTES {
        (Code::RequestTooLarge, FlawKind::TooLong.message())
    } else if of_row > MOST_UNPACKED_BYTES {
        (Code::RequestTooLarge, format!("a row has more than {MOST_UNPACKED_BYTES} bytes of text"))
    } else {
        return Ok(());
    };
    let row = u64::from(row) + 1;
    let place = Place {
        row: Some(row),
        field: Some(format!("column {}", u64::from(column) + 1)),
        ..Place::default()
    };
    Err(Error::new(code, message).at(place).hint("rows are those of the sheet"))
}

/// A sheet that is being read.
#[derive(Default)]
struct Sheet {
    /// A first row of one cell: a title where a wider row follows, else the head of the only column.
    title: Option<Row>,
    columns: Option<Columns>,
}

impl Sheet {
    fn row(&mut self, cells: &[(usize, String)], profile: &mut Profile<'_>) -> Result<()> {
        if cells.is_empty() {
            return Ok(());
        }
        if self.columns.is_none() {
            match self.title.take() {
                None if cells.len() == 1 => {
                    self.title = Some(cells.to_vec());
                    return Ok(());
                }
                Some(title) if cells.len() == 1 => self.columns = Some(columns(&title, profile)?),
                _ => {
                    self.columns = Some(columns(cells, profile)?);
                    return Ok(());
                }
            }
        }
        let Some(columns) = &mut self.columns else { return Ok(()) };
        for (column, text) in cells {
            columns.cell(*column, text, profile)?;
        }
        profile.end_row()
    }

    /// Whether there was a head.
    fn finish(self, profile: &mut Profile<'_>) -> Result<bool> {
        if let Some(title) = self.title {
            columns(&title, profile)?;
            return Ok(true);
        }
        Ok(self.columns.is_some())
    }
}

fn columns(head: &[(usize, String)], profile: &mut Profile<'_>) -> Result<Columns> {
    let width = head.iter().map(|(column, _)| column + 1).max().unwrap_or_default();
    let mut names = vec![""; width];
    for (column, name) in head {
        names[*column] = name;
    }
    Columns::of_head(names.into_iter(), profile)
}

/// A cell as the text that stands for it; nothing where it is empty, or shows an error of a formula.
fn text<'c>(value: &'c DataRef<'_>) -> Option<Cow<'c, str>> {
    let text: Cow<'_, str> = match value {
        DataRef::Empty | DataRef::Error(_) => return None,
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            text.as_str().into()
        }
        DataRef::SharedString(text) => (*text).into(),
        DataRef::Int(number) => number.to_string().into(),
        DataRef::Float(number) => number.to_string().into(),
        DataRef::Bool(value) => value.to_string().into(),
        DataRef::DateTime(moment) => written(*moment).into(),
    };
    Some(text).filter(|text| !text.trim().is_empty())
}

/// A day, with its time where it has one: `2024-12-31`, `2024-12-31T10:00:00`; a time alone as hours and minutes.
fn written(moment: ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    if moment.is_duration() || (0.0..1.0).contains(&moment.as_f64()) {
        return format!("{hour:02}:{minute:02}");
    }
    match (hour, minute, second) {
        (0, 0, 0) => format!("{year:04}-{month:02}-{day:02}"),
        _ => format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"),
    }
}

fn unreadable(error: &XlsxError) -> Error {
    // The library's own words may hold a cell, so that few of them are told.
    let message = match error {
        XlsxError::Zip(_) | XlsxError::Io(_) => "the archive of the workbook is damaged",
        XlsxError::FileNotFound(_) | XlsxError::RelationshipNotFound => {
            "the workbook has not all of its parts"
        }
        _ => "the workbook cannot be read",
    };
    Error::new(Code::RequestBody, message).hint("save the file as 'Excel workbook (.xlsx)'")
}

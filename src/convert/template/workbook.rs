//! Writes the sheets of a workbook.

use rust_xlsxwriter::{
    DataValidation, DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError,
};

use super::headings::{FIELDS, SHEETS, said};
use super::sheet::Cell;
use crate::convert::fault::Fault;
use crate::encode::Language;

/// The types that a field can have; the last two stand in the annex's own example.
pub(super) const TYPES: [&str; 10] =
    ["Int", "Double", "String", "Boolean", "Date", "Geoposition", "Object", "List", "Text", "Address"];

/// Rows of the fields' sheet for which types are to be chosen from a list.
const CHOICES: u32 = 2000;

/// A workbook that grows row by row.
pub(super) struct Writer {
    workbook: Workbook,
    /// The next row of each sheet.
    next: [u32; 3],
    heading: Format,
    text: Format,
}

impl Writer {
    pub(super) fn new(language: Language) -> Result<Self, Fault> {
        Self::laid_out(language).map_err(|error| fault(&error))
    }

    fn laid_out(language: Language) -> Result<Self, XlsxError> {
        let mut workbook = Workbook::new();
        // The same document is the same file, whenever it is written.
        let made = ExcelDateTime::from_ymd(2021, 4, 28)?;
        workbook.set_properties(&DocProperties::new().set_creation_datetime(&made));
        for (at, words) in SHEETS.iter().enumerate() {
            let sheet = workbook.add_worksheet();
            sheet.set_name(said(language, *words))?;
            sheet.set_freeze_panes(1, 0)?;
            match at {
                0 => describe(sheet)?,
                1 => choose(sheet)?,
                _ => {}
            }
        }
        let heading = Format::new().set_bold().set_text_wrap().set_align(FormatAlign::Top);
        Ok(Self { workbook, next: [0; 3], heading, text: Format::new().set_num_format("@") })
    }

    /// Writes the next row of a sheet; the first one holds its headings.
    pub(super) fn row(&mut self, sheet: usize, cells: &[Option<Cell>]) -> Result<(), Fault> {
        self.put_row(sheet, cells).map_err(|error| fault(&error))
    }

    fn put_row(&mut self, sheet: usize, cells: &[Option<Cell>]) -> Result<(), XlsxError> {
        let Some(next) = self.next.get_mut(sheet) else { return Ok(()) };
        let row = *next;
        *next += 1;
        let worksheet = self.workbook.worksheet_from_index(sheet)?;
        for (cell, column) in cells.iter().zip(0..) {
            match cell {
                Some(Cell::Text(text)) if row == 0 => {
                    worksheet.write_string_with_format(row, column, text, &self.heading)?
                }
                // The format keeps what a person changes there a text too.
                Some(Cell::Text(text)) => {
                    worksheet.write_string_with_format(row, column, text, &self.text)?
                }
                Some(Cell::Number(number)) => worksheet.write_number(row, column, *number)?,
                Some(Cell::Date(moment, format)) => {
                    let format = Format::new().set_num_format(format);
                    worksheet.write_number_with_format(
                        row,
                        column,
                        moment.serial().unwrap_or_default(),
                        &format,
                    )?
                }
                Some(Cell::Bool(value)) => worksheet.write_boolean(row, column, *value)?,
                _ => continue,
            };
        }
        Ok(())
    }

    /// Makes texts of what a person writes into these columns of the data, so that `007` is not made a 7.
    pub(super) fn keep_texts(&mut self, columns: &[u16]) -> Result<(), Fault> {
        let text = self.text.clone();
        let sheet = self.sheet(2)?;
        for column in columns {
            sheet.set_column_format(*column, &text).map_err(|error| fault(&error))?;
        }
        Ok(())
    }

    /// The sheet, for what only an empty template has.
    pub(super) fn sheet(&mut self, sheet: usize) -> Result<&mut Worksheet, Fault> {
        self.workbook.worksheet_from_index(sheet).map_err(|error| fault(&error))
    }

    /// The bytes of the file.
    pub(super) fn end(mut self) -> Result<Vec<u8>, Fault> {
        self.workbook.save_to_buffer().map_err(|error| fault(&error))
    }
}

pub(super) fn fault(error: &XlsxError) -> Fault {
    Fault::new(format!("the workbook cannot be written: {error}"))
}

fn describe(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    sheet.set_column_width(0, 48)?;
    sheet.set_column_width(1, 64)?;
    sheet.set_column_width(2, 48)?;
    Ok(())
}

/// Lets types and marks of a key be chosen from a list.
fn choose(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    for ((key, _), column) in FIELDS.iter().zip(0..) {
        sheet.set_column_width(column, 24)?;
        let choices: &[&str] = match *key {
            "type" => &TYPES,
            "elementType" => TYPES.get(..8).unwrap_or(&TYPES),
            "pkey" => &["true", "false"],
            _ => continue,
        };
        let choice = DataValidation::new().allow_list_strings(choices)?;
        sheet.add_data_validation(1, column, CHOICES, column, &choice)?;
    }
    Ok(())
}

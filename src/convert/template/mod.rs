//! The tabular template (order 144, annex 2): a description, the fields and the data, as the three sheets of an XLSX
//! workbook or as the three parts of one CSV file.
//!
//! # The form
//! * **Description** (part 1): a label and its value in each line. Members of `meta` that the annex has no label for
//!   stand below their own names, with dots: `nameEn`, `owner.phone`.
//! * **Fields** (part 2): the annex's columns, and for attributes that it has no column for a column of the
//!   attribute's name: `labelEn`. Members of an Object, and of the Objects of a List, are rows `schedule.open`.
//!   The column of examples is not read.
//! * **Data** (part 3): one column a field, `schedule.open` for members of an Object. A List is one cell: its elements
//!   with `;` or line ends between them, or a list in JSON. Columns that no field declares are texts.
//! * **CSV**, where the annex is silent: each part stands below its title, which is `1. Ашық деректердің сипаттамасы`,
//!   `2. Ашық деректер жолдарының сипаттамасы`, `3. Ашық деректерін қалыптастыру шаблоны` or their translation, with
//!   or without the number. UTF-8, `,` or `;`, quoted as in RFC 4180.
//! * **XLSX**: the sheets are named `Сипаттама`, `Жолдар`, `Деректер` (`Описание`, `Поля`, `Данные`), or else are the
//!   first three.
//!
//! # Values
//! The field's type says what a cell is. An empty cell is no member at all, `-` is null (but in texts). In texts
//! nothing is trimmed or converted: `007` stays `007`. Numbers may have spaces between thousands, and a comma for the
//! point. A date of a workbook becomes a text in the field's `format`, or as ISO 8601.
//!
//! Two marks say what a plain cell cannot, so that nothing is lost:
//! * an apostrophe before a text keeps it as that text in a field of any type: `'=1+1`, `'86,4%`; alone it is the empty
//!   text. In fields of texts it is a mark only before nothing, `'`, `\`, or what a spreadsheet takes for a formula;
//! * a backslash before JSON is that value: `\null`, `\[]`, `\{}`, `\7` in a field of texts; before what is no JSON it
//!   is a letter as any other. `\row` alone in a row is an object without members; a blank row is passed over.
//!
//! **Formulas.** In XLSX a text is a text. In CSV no cell starts with `=`, `+`, `-` or `@` unless it is a number, nor
//! does one of these follow a `;`, a tab or a line end inside of a cell, where another separator could cut it: such
//! texts stand behind an apostrophe or as JSON.

mod csv;
mod declaration;
mod description;
mod empty;
mod headings;
mod inert;
mod path;
mod sheet;
mod table;
mod value;
mod workbook;
mod workbook_reader;

use serde_json::Value;

use crate::convert::bounds::{MOST_SHEET_COLUMNS, MOST_SHEET_ROWS};
use crate::convert::document::{self, Parts};
use crate::convert::fault::Fault;
use crate::convert::kind::Fields;
use crate::encode::Language;
use inert::Medium;
use sheet::Template;
use table::Table;

/// The language of the headings that are written: that of the order's text.
const LANGUAGE: Language = Language::Kazakh;

/// A workbook has this many rows at most.
const SHEET_ROWS: usize = MOST_SHEET_ROWS as usize;

/// A workbook has this many columns at most.
const SHEET_COLUMNS: usize = MOST_SHEET_COLUMNS as usize;

/// The document of a workbook in XLSX, which unpacks to so many bytes at most.
///
/// # Errors
/// With sheet, row and column: what is no workbook, a heading or label that nobody knows, a value that is not of its
/// field's type, a cell that is too long or lies in no sheet, an error value of a formula, a number of which a workbook keeps 15 digits only,
/// a file that unpacks to more.
pub fn read_xlsx(bytes: &[u8], max_unpacked_bytes: u64) -> Result<Value, Fault> {
    read(&workbook_reader::read(bytes, max_unpacked_bytes)?)
}

/// The document of a CSV file in parts.
///
/// # Errors
/// As [`read_xlsx`], with the line for the row; where a part is missing, a quoted cell is not closed, or the bytes are
/// no UTF-8.
pub fn read_csv(bytes: &[u8]) -> Result<Value, Fault> {
    read(&csv::read(bytes)?)
}

fn read(template: &Template) -> Result<Value, Fault> {
    let [description, fields, data] = &template.sheets;
    let meta = description::read(description)?;
    let fields = declaration::read(fields)?;
    let rows = table::read(data, &Fields::parse(&Value::Object(fields.clone())))?;
    document::normal(&document::join(meta, fields, rows))
}

/// The workbook in XLSX of a document, with Kazakh headings. [`read_xlsx`] gives the document's normal form back
/// ([`crate::convert::normal`]), its numbers spelled as [`crate::convert::spelled_shortest`] says.
///
/// # Errors
/// What [`crate::convert::normal`] refuses; more rows or columns, or longer values, than a workbook has room for.
pub fn write_xlsx(document: &Value) -> Result<Vec<u8>, Fault> {
    let document = document::normal(document)?;
    let parts = Parts::of(&document)?;
    let table = Table::of(parts.rows, &parts.kinds, Medium::Xlsx);
    if parts.rows.len() >= SHEET_ROWS {
        let message = format!(
            "found {} rows, which do not fit below a heading into the {SHEET_ROWS} rows of a workbook",
            parts.rows.len()
        );
        return Err(Fault::new(message).hint("write CSV, which has no such bound"));
    }
    if table.width() > SHEET_COLUMNS {
        let message = format!(
            "found {} columns, which do not fit into the {SHEET_COLUMNS} of a workbook",
            table.width()
        );
        return Err(Fault::new(message).hint("write CSV, which has no such bound"));
    }
    let mut writer = workbook::Writer::new(LANGUAGE)?;
    for row in description::write(parts.meta, Medium::Xlsx, LANGUAGE)? {
        writer.row(0, &row)?;
    }
    for row in declaration::write(parts.fields, Medium::Xlsx, LANGUAGE)? {
        writer.row(1, &row)?;
    }
    writer.keep_texts(&table.texts())?;
    writer.row(2, &table.headings())?;
    for (row, number) in parts.rows.iter().filter_map(Value::as_object).zip(1..) {
        writer.row(2, &table.row(row, number)?)?;
    }
    writer.end()
}

/// The CSV file in parts of a document, with Kazakh headings, a byte order mark and commas. [`read_csv`] gives the
/// document's normal form back ([`crate::convert::normal`]).
///
/// # Errors
/// What [`crate::convert::normal`] refuses.
pub fn write_csv(document: &Value) -> Result<Vec<u8>, Fault> {
    let document = document::normal(document)?;
    let parts = Parts::of(&document)?;
    let table = Table::of(parts.rows, &parts.kinds, Medium::Csv);
    let mut writer = csv::Writer::new();
    writer.title(0, LANGUAGE)?;
    for row in description::write(parts.meta, Medium::Csv, LANGUAGE)? {
        writer.row(&row)?;
    }
    writer.title(1, LANGUAGE)?;
    for row in declaration::write(parts.fields, Medium::Csv, LANGUAGE)? {
        writer.row(&row)?;
    }
    writer.title(2, LANGUAGE)?;
    writer.row(&table.headings())?;
    for (row, number) in parts.rows.iter().filter_map(Value::as_object).zip(1..) {
        writer.row(&table.row(row, number)?)?;
    }
    writer.end()
}

/// An empty workbook to fill in: the annex's labels and headings, its examples, lists to choose types from, and notes
/// with an example row, in Russian or else in Kazakh. Read back, it is a document without members.
///
/// # Errors
/// None that a caller could cause.
pub fn empty_xlsx(language: Language) -> Result<Vec<u8>, Fault> {
    empty::write(language)
}

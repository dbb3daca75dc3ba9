//! The order's own tabular template (order 144, annex 2) as an extract: its data part is judged by the fields that it
//! declares, as the same document in JSON is. Its description and its fields say what an extract never says, so that
//! they are no rows.

use super::json;
use super::profile::Profile;
use crate::convert::template::{read_csv, read_xlsx};
use crate::convert::{self, Fault};
use crate::error::{Code, Error, Place, Result};

/// The title of the first part of a CSV file without its number, in Kazakh and in Russian, in lower case.
const TITLES: [&str; 2] = ["ашық деректердің сипаттамасы", "описание открытых данных"];

/// The names of the three sheets in both languages, in lower case.
const SHEETS: [[&str; 2]; 3] = [["сипаттама", "описание"], ["жолдар", "поля"], ["деректер", "данные"]];

/// A title is much shorter.
const MOST_TITLE_BYTES: usize = 1_000;

/// Signs of a CSV file that part cells, and bytes that a workbook unpacks to: all of a template is in memory, some
/// hundred bytes a cell.
const MOST_SIGNS: usize = 10_000_000;
const MOST_UNPACKED_BYTES: u64 = 128 << 20;

/// Whether a text is a template: its first line is the title of the first part, and nothing else.
pub(super) fn is_titled(text: &str) -> bool {
    let is_nothing = |sign: char| sign.is_whitespace() || matches!(sign, ',' | ';' | '"');
    let first = text.lines().map(|line| line.trim_matches(is_nothing)).find(|line| !line.is_empty());
    let title = first.unwrap_or_default().trim_start_matches(|sign: char| sign.is_ascii_digit());
    title.len() <= MOST_TITLE_BYTES && TITLES.contains(&folded(title.trim_start_matches('.')).as_str())
}

/// Whether sheets of these names are a template.
pub(super) fn is_workbook(names: &[String]) -> bool {
    let is_there = |words: &[&str; 2]| names.iter().any(|name| words.contains(&folded(name).as_str()));
    SHEETS.iter().all(is_there)
}

/// Whether a sheet of a template is one of its three.
pub(super) fn is_part(name: &str) -> bool {
    SHEETS.iter().flatten().any(|word| *word == folded(name))
}

/// A text as it is compared.
fn folded(text: &str) -> String {
    text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Takes in the data of a CSV file in parts.
///
/// # Errors
/// `request.body` where it cannot be read, `request.too_large`; those of [`json::read`].
pub(super) fn read_text(text: &str, profile: &mut Profile<'_>) -> Result<()> {
    let is_sign = |byte: &u8| matches!(byte, b',' | b';' | b'\n');
    if text.bytes().filter(|byte| is_sign(byte)).count() > MOST_SIGNS {
        let message = format!("the template has more than {MOST_SIGNS} cells");
        return Err(Error::new(Code::RequestTooLarge, message).hint(HINT));
    }
    read(read_csv(text.as_bytes()), profile)
}

/// Takes in the data of a workbook.
///
/// # Errors
/// As [`read_text`].
pub(super) fn read_workbook(bytes: &[u8], profile: &mut Profile<'_>) -> Result<()> {
    read(read_xlsx(bytes, MOST_UNPACKED_BYTES), profile)
}

const HINT: &str = "derek convert says what is wrong with it, and makes JSON of it, which may be larger";

fn read(document: std::result::Result<serde_json::Value, Fault>, profile: &mut Profile<'_>) -> Result<()> {
    let document = document.and_then(|document| convert::json::write(&document)).map_err(unreadable)?;
    json::read(&document, profile)
}

/// An error of the template. A fault's own words may hold a cell, so that only its place is told.
fn unreadable(fault: Fault) -> Error {
    let part = fault.sheet.filter(|sheet| is_part(sheet) || is_titled(sheet));
    let part = part.map(|part| format!(", in '{part}'")).unwrap_or_default();
    let message = format!("the extract is the order's template, and it cannot be read here{part}");
    // Behind the letters of a column stands its heading.
    let letters = fault.column.and_then(|column| column.split(' ').next().map(str::to_owned));
    let is_column = |letters: &String| letters.bytes().all(|byte| byte.is_ascii_uppercase());
    let field = letters.filter(is_column).map(|letters| format!("column {letters}"));
    Error::new(Code::RequestBody, message).at(Place { row: fault.row, field, ..Place::default() }).hint(HINT)
}

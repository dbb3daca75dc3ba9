//! A cell as a value, and a value as a cell.
//!
//! A value is written plainly where the plain cell reads back as the same value, and marked else, so that nothing
//! can get lost (the marks are described in [`super`]).

use serde_json::Value;

use super::inert::{self, Medium};
use super::sheet::Cell;
use crate::convert::date::{self, Format};
use crate::convert::fault::{Fault, shown};
use crate::convert::json;
use crate::convert::kind::Kind;
use crate::convert::number;

/// The only cell of a row that is an object without members. A blank row is none.
pub(super) const EMPTY_ROW: &str = "\\row";

/// The most UTF-16 units that a cell of a workbook holds.
const CELL_UNITS: usize = 32_767;

/// The value of a cell in a field of a kind; none where the cell says that there is no such member.
pub(super) fn read(cell: &Cell, kind: &Kind) -> Result<Option<Value>, Fault> {
    match cell {
        Cell::Text(text) => read_text(text, kind),
        Cell::Error(error) => {
            Err(Fault::unlike(error, expected(kind)).hint("mend the formula or empty the cell"))
        }
        Cell::Number(number) => of_number(*number, kind).map(Some),
        Cell::Bool(value) => match kind {
            Kind::Boolean => Ok(Some(Value::Bool(*value))),
            Kind::Text => Ok(Some(value.to_string().into())),
            Kind::List(element) => Ok(read(cell, element)?.map(|it| Value::Array(vec![it]))),
            _ => Err(Fault::unlike(&value.to_string(), expected(kind))),
        },
        Cell::Date(moment, _) => match kind {
            Kind::Date(format) => Ok(Some(moment.written(format.as_deref()).into())),
            Kind::Text => Ok(Some(moment.iso().into())),
            Kind::List(element) => Ok(read(cell, element)?.map(|it| Value::Array(vec![it]))),
            _ => {
                let fault =
                    Fault::new(format!("found the date {}, expected {}", moment.iso(), expected(kind)));
                Err(fault.hint("give the cell the number format Text or General"))
            }
        },
    }
}

fn of_number(number: f64, kind: &Kind) -> Result<Value, Fault> {
    let text = number::spelled(number);
    let unlike = || Fault::unlike(&text, expected(kind));
    match kind {
        Kind::Int | Kind::Text if number.abs() >= number::SHEET_WHOLE => {
            let fault =
                Fault::new(format!("found the number {text}, of which a workbook keeps 15 digits only"));
            Err(fault.hint("write the number into a cell with the number format Text"))
        }
        Kind::Int if number.fract() == 0.0 => number::parse(&text).ok_or_else(unlike),
        Kind::Double => Ok(number::parse(&text).unwrap_or_else(|| number.into())),
        Kind::Boolean if matches!(text.as_str(), "0" | "1") => Ok(Value::Bool(text == "1")),
        Kind::Text => Ok(Value::String(text)),
        Kind::Date(format) if date::is_date(&text, format.as_deref()) => Ok(Value::String(text)),
        Kind::Date(_) => Err(unlike().hint("give the cell a number format of dates")),
        Kind::List(element) => Ok(Value::Array(vec![of_number(number, element)?])),
        _ => Err(unlike()),
    }
}

fn read_text(text: &str, kind: &Kind) -> Result<Option<Value>, Fault> {
    if text == EMPTY_ROW {
        return Err(Fault::new("found \\row beside other values, expected it alone in its row"));
    }
    if let Some(value) = text.strip_prefix('\\').and_then(|text| json::parse(text).ok()) {
        return Ok(Some(value));
    }
    if let Some(rest) = text.strip_prefix('\'').filter(|rest| !matches!(kind, Kind::Text) || needs_mark(rest))
    {
        return Ok(Some(rest.into()));
    }
    if matches!(kind, Kind::Text) {
        return Ok(Some(text).filter(|text| !text.is_empty()).map(Value::from));
    }
    match text.trim() {
        "" => Ok(None),
        "-" => Ok(Some(Value::Null)),
        text => typed(text, kind).map(Some),
    }
}

/// Whether a text in a field of texts is written behind an apostrophe. All others may start with one.
fn needs_mark(text: &str) -> bool {
    text.is_empty() || text.starts_with(['\'', '\\']) || inert::starts_formula(text)
}

/// The value of a text that is not blank in a field that is no text.
fn typed(text: &str, kind: &Kind) -> Result<Value, Fault> {
    let unlike = || Fault::unlike(text, expected(kind));
    match kind {
        Kind::Text => Ok(text.into()),
        Kind::Int => {
            let digits = ungrouped(text);
            let whole = digits.split_once('.').filter(|(_, rest)| rest.bytes().all(|it| it == b'0'));
            let whole = whole.map_or(digits.as_str(), |(whole, _)| whole);
            let is_whole = number::is_whole(whole);
            of_digits(whole).filter(|_| is_whole).ok_or_else(|| leading_zeros(&digits, unlike()))
        }
        Kind::Double => {
            let digits = ungrouped(text);
            let digits = if digits.contains('.') { digits } else { digits.replacen(',', ".", 1) };
            of_digits(&digits).ok_or_else(|| leading_zeros(&digits, unlike()))
        }
        Kind::Boolean => match text.to_lowercase().as_str() {
            "true" | "1" | "истина" => Ok(Value::Bool(true)),
            "false" | "0" | "ложь" => Ok(Value::Bool(false)),
            _ => Err(unlike()),
        },
        Kind::Date(format) if date::is_date(text, format.as_deref()) => Ok(text.into()),
        Kind::Geoposition if is_position(text) => Ok(text.into()),
        Kind::Date(_) | Kind::Geoposition => {
            Err(unlike().hint("an apostrophe before a value keeps it as a text, whatever it is"))
        }
        Kind::Object(_) => object(text).ok_or_else(unlike),
        Kind::List(element) => list(text, element),
    }
}

/// The number that digits spell, or their text where no number of 64 bits holds them.
fn of_digits(digits: &str) -> Option<Value> {
    let text = || number::is_number(digits).then(|| Value::from(digits));
    number::parse(digits).or_else(text)
}

/// Adds what to do about zeros that a number would lose.
fn leading_zeros(digits: &str, fault: Fault) -> Fault {
    let bare = digits.trim_start_matches('-');
    if bare.len() > 1 && bare.starts_with('0') && bare.bytes().all(|byte| byte.is_ascii_digit()) {
        return fault.hint("a number has no leading zeros: declare the field String, or leave the zeros out");
    }
    fault.hint("an apostrophe before a value keeps it as a text, whatever it is")
}

/// A number without the spaces between its thousands.
fn ungrouped(text: &str) -> String {
    text.chars().filter(|letter| !matches!(letter, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}')).collect()
}

/// Whether a text has the shape of a point: two numbers and nothing else.
fn is_position(text: &str) -> bool {
    let runs = text.split(|letter: char| !(letter.is_ascii_digit() || letter == '.' || letter == '-'));
    let numbers = runs.filter(|run| run.bytes().any(|byte| byte.is_ascii_digit())).count();
    let is_sign =
        |letter: char| letter.is_ascii_digit() || letter.is_whitespace() || ".,;:-+".contains(letter);
    (2..=4).contains(&numbers) && text.chars().all(is_sign)
}

fn object(text: &str) -> Option<Value> {
    json::parse(text).ok().filter(Value::is_object)
}

/// A list: as JSON, or its elements with `;` or line ends between them.
fn list(text: &str, element: &Kind) -> Result<Value, Fault> {
    if text.starts_with('[') {
        return json::parse(text).map_err(|fault| {
            Fault::unlike(text, "a list in JSON").hint(format!("as JSON: {}", fault.message))
        });
    }
    let parts = text.split([';', '\n']).map(str::trim).filter(|part| !part.is_empty());
    let values = parts.map(|part| read_text(part, element)).filter_map(Result::transpose);
    Ok(Value::Array(values.collect::<Result<_, _>>()?))
}

/// What a cell of a kind should hold, in words.
pub(super) fn expected(kind: &Kind) -> &'static str {
    match kind {
        Kind::Int => "a whole number",
        Kind::Double => "a number",
        Kind::Boolean => "true or false",
        Kind::Text => "a text",
        Kind::Date(_) => "a date in the field's format, as YYYY-MM-DD or as DD.MM.YYYY",
        Kind::Geoposition => "a point as lat,lon",
        Kind::Object(_) => "an object in JSON, or nothing where its members have columns",
        Kind::List(_) => "elements with ; between them, or a list in JSON",
    }
}

/// The cell of a value in a field of a kind.
pub(super) fn write(value: &Value, kind: &Kind, medium: Medium) -> Result<Cell, Fault> {
    let carried = |cell: &Cell| match cell {
        Cell::Text(text) => inert::carries(text, medium),
        _ => true,
    };
    // A sheet's own number has its own spelling, which is no loss where the value is the same.
    let is_same = |cell: &Cell| match (read(cell, kind), cell) {
        (Ok(Some(read)), Cell::Number(_)) => read == number::spelled_shortest(value),
        (Ok(Some(read)), _) => read == *value,
        _ => false,
    };
    let is_sound = |cell: &Cell| carried(cell) && is_same(cell);
    let json = || inert::json(value, medium);
    let bare = || (value.is_array() || value.is_object()).then(|| Cell::Text(json())).filter(is_sound);
    let marked = || value.as_str().map(|text| Cell::Text(format!("'{text}"))).filter(is_sound);
    let cell = plain(value, kind, medium).filter(is_sound).or_else(bare).or_else(marked);
    let cell = cell.unwrap_or_else(|| Cell::Text(format!("\\{}", json())));
    fits(cell, medium)
}

fn fits(cell: Cell, medium: Medium) -> Result<Cell, Fault> {
    match &cell {
        Cell::Text(text) if medium == Medium::Xlsx && text.encode_utf16().count() > CELL_UNITS => {
            let found = shown(text);
            let fault = Fault::new(format!(
                "found a value of more than {CELL_UNITS} characters, {found}, which no cell of a workbook holds"
            ));
            Err(fault.hint("write CSV, JSON or XML"))
        }
        _ => Ok(cell),
    }
}

/// The cell that a person would write, whether or not it reads back so.
fn plain(value: &Value, kind: &Kind, medium: Medium) -> Option<Cell> {
    let is_sheet = medium == Medium::Xlsx;
    match (value, kind) {
        (Value::Number(number), Kind::Int | Kind::Double) => {
            let literal = number.to_string();
            let number = number::in_sheet(&literal).filter(|_| is_sheet);
            Some(number.map_or(Cell::Text(literal), Cell::Number))
        }
        (Value::Bool(value), Kind::Boolean) if is_sheet => Some(Cell::Bool(*value)),
        (Value::Bool(value), Kind::Boolean) => Some(Cell::Text(value.to_string())),
        (Value::String(text), Kind::Date(format)) if is_sheet => {
            let format = Format::parse(format.as_deref().unwrap_or("YYYY-MM-DD"));
            let date = format.as_ref().and_then(|format| Some((format.read(text)?, format.in_workbook())));
            let date = date.filter(|(moment, _)| moment.serial().is_some());
            Some(date.map_or_else(|| Cell::Text(text.clone()), |(moment, format)| Cell::Date(moment, format)))
        }
        (Value::String(text), _) => Some(Cell::Text(text.clone())),
        (Value::Array(elements), Kind::List(_)) => {
            let texts: Option<Vec<String>> = elements.iter().map(scalar).collect();
            texts.map(|texts| Cell::Text(texts.join("; ")))
        }
        _ => None,
    }
}

/// An element of a list as a person would write it.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

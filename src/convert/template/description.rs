//! The description of the open data: `meta` as lines of a label and a value (order 144, annex 2 part 1).

use serde_json::{Map, Value};

use super::headings::{self, DESCRIPTION, LINES, said};
use super::inert::Medium;
use super::path::{self, Heading};
use super::sheet::{Cell, Row, Sheet};
use super::value;
use crate::convert::fault::{Fault, shown};
use crate::convert::kind::Kind;
use crate::encode::Language;

/// The member that holds a list of words.
const KEYWORDS: &str = "keywords";

/// Reads the description. Lines without a value are members that are not there.
pub(super) fn read(sheet: &Sheet) -> Result<Map<String, Value>, Fault> {
    let mut meta = Map::new();
    for row in &sheet.rows {
        if is_passed(row) {
            continue;
        }
        read_line(row, &mut meta).map_err(|fault| fault.in_row(row.number).in_sheet(&sheet.name))?;
    }
    Ok(meta)
}

/// Whether a row says nothing of the data: it is blank, the title, the headings or a note.
fn is_passed(row: &Row) -> bool {
    let is_heading = row.text(0).is_some_and(|text| {
        DESCRIPTION.first().is_some_and(|words| headings::is_one_of(text, *words))
            && row
                .text(1)
                .is_some_and(|text| DESCRIPTION.iter().skip(1).any(|words| headings::is_one_of(text, *words)))
    });
    let is_said = |text| headings::titled(text) == Some(0) || headings::is_note(text);
    row.is_blank() || is_heading || row.only_text().is_some_and(is_said)
}

fn read_line(row: &Row, meta: &mut Map<String, Value>) -> Result<(), Fault> {
    let label = row.get(0).map(Cell::shown).unwrap_or_default();
    if label.trim().is_empty() {
        if row.get(1).is_none() {
            return Ok(());
        }
        let fault = Fault::new("found a value without a label, expected the name of the line before it");
        return Err(fault.in_cell(0, ""));
    }
    let names = names(&label)?;
    let Some(cell) = row.get(1) else { return Ok(()) };
    let is_keywords = matches!(names.as_slice(), [name] if name == KEYWORDS);
    let read = if is_keywords { words(cell) } else { value::read(cell, &Kind::Text) };
    match read.map_err(|fault| fault.in_cell(1, &label))? {
        Some(value) => place(meta, &names, value).map_err(|fault| fault.in_cell(0, &label)),
        None => Ok(()),
    }
}

/// The member of `meta` that a label stands for: the annex's label, or else the member's own name. Names in other
/// letters than Latin ones need an apostrophe, so that a misspelt label is noticed.
fn names(label: &str) -> Result<Vec<String>, Fault> {
    let heading = Heading::parse(label);
    if let Some(key) = headings::member(label).filter(|_| !heading.is_marked) {
        return Ok(key.split('.').map(str::to_owned).collect());
    }
    if heading.is_marked || label.trim().is_ascii() {
        return Ok(heading.names);
    }
    let fault =
        Fault::unlike(label, "a label of order 144, annex 2 part 1, or a member of meta such as nameEn");
    Err(fault.in_cell(0, "").hint("an apostrophe before the label makes any name a member of meta"))
}

/// The keywords of a cell: with commas, semicolons or line ends between them.
fn words(cell: &Cell) -> Result<Option<Value>, Fault> {
    let list = Kind::List(Box::new(Kind::Text));
    match cell {
        Cell::Text(text) if !text.starts_with(['[', '\\', '\'']) => {
            let words = text.split([',', ';', '\n']).map(str::trim).filter(|word| !word.is_empty());
            let words: Vec<Value> = words.map(Value::from).collect();
            Ok(Some(words).filter(|words| !words.is_empty()).map(Value::Array))
        }
        _ => value::read(cell, &list),
    }
}

/// Puts a value where a path leads, making the objects on the way.
fn place(object: &mut Map<String, Value>, names: &[String], value: Value) -> Result<(), Fault> {
    let Some((name, rest)) = names.split_first() else { return Ok(()) };
    if rest.is_empty() {
        return match object.insert(name.clone(), value) {
            None => Ok(()),
            Some(_) => {
                Err(Fault::new(format!("found {} a second time, expected each line once", shown(name))))
            }
        };
    }
    let inner = object.entry(name.clone()).or_insert_with(|| Value::Object(Map::new()));
    match inner {
        Value::Object(inner) => place(inner, rest, value),
        _ => Err(Fault::new(format!(
            "found a member of {}, which has a value of its own already",
            shown(name)
        ))),
    }
}

/// The lines of a description, the headings first.
pub(super) fn write(
    meta: &Map<String, Value>,
    medium: Medium,
    language: Language,
) -> Result<Vec<Vec<Option<Cell>>>, Fault> {
    let heading = DESCRIPTION.iter().map(|words| Some(Cell::Text(said(language, *words).to_owned())));
    let mut lines = vec![heading.collect()];
    write_members(meta, &mut Vec::new(), medium, language, &mut lines)?;
    Ok(lines)
}

fn write_members<'a>(
    members: &'a Map<String, Value>,
    path: &mut Vec<&'a str>,
    medium: Medium,
    language: Language,
    lines: &mut Vec<Vec<Option<Cell>>>,
) -> Result<(), Fault> {
    for (name, value) in members {
        path.push(name);
        match value {
            Value::Object(inner) if !inner.is_empty() => write_members(inner, path, medium, language, lines)?,
            _ => {
                let cell = write_value(path, value, medium);
                let cell = cell.map_err(|fault| fault.in_column(format!("meta.{}", path.join("."))))?;
                lines.push(vec![Some(Cell::Text(label(path, medium, language))), Some(cell)]);
            }
        }
        path.pop();
    }
    Ok(())
}

fn write_value(path: &[&str], value: &Value, medium: Medium) -> Result<Cell, Fault> {
    if let ([KEYWORDS], Value::Array(words)) = (path, value) {
        let texts: Option<Vec<&str>> = words.iter().map(Value::as_str).collect();
        let cell = Cell::Text(texts.unwrap_or_default().join(", "));
        let is_same = matches!(words_of(&cell), Some(read) if read == *value);
        if is_same && super::inert::carries(&cell.shown(), medium) {
            return Ok(cell);
        }
        return value::write(value, &Kind::Object(crate::convert::kind::Fields::default()), medium);
    }
    // A text of keywords would read as a list.
    let kind = if matches!(path, [KEYWORDS]) { Kind::List(Box::new(Kind::Text)) } else { Kind::Text };
    value::write(value, &kind, medium)
}

fn words_of(cell: &Cell) -> Option<Value> {
    words(cell).ok().flatten()
}

fn label(path: &[&str], medium: Medium, language: Language) -> String {
    let key = path.join(".");
    let depth = path.len() == key.split('.').count();
    if let Some(line) = LINES.iter().find(|line| depth && line.key == key) {
        return said(language, line.label).to_owned();
    }
    let is_own = !key.is_ascii() || headings::titled(&key).is_some();
    path::written(path, medium, is_own)
}

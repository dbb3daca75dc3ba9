//! The description of the fields: `fields` as a table, one row a field (order 144, annex 2 part 2).
//!
//! The member `open` of the Object or the List of Objects `schedule` is the row `schedule.open`, below its owner's.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::headings::{self, EXAMPLE, FIELDS, NAME, said};
use super::inert::Medium;
use super::path::{self, Heading};
use super::sheet::{Cell, Row, Sheet};
use super::value;
use crate::convert::fault::{Fault, shown};
use crate::convert::kind::{Fields, Kind};
use crate::encode::Language;

/// The heading of a column for declarations that are no objects of attributes: each as JSON.
const WHOLE: &str = "\\field";

/// A column of the table.
struct Column {
    at: usize,
    heading: String,
    key: Key<'static>,
}

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Key<'a> {
    Name,
    /// An example, which is not read.
    Example,
    /// The whole declaration, see [`WHOLE`].
    Whole,
    Attribute(Cow<'a, str>),
}

impl<'a> Key<'a> {
    /// That of a column of the annex.
    fn annex(key: &'a str) -> Self {
        match key {
            NAME => Self::Name,
            EXAMPLE => Self::Example,
            key => Self::Attribute(key.into()),
        }
    }

    /// What the values in the column are.
    fn kind(&self) -> Kind {
        match self {
            Self::Whole => Kind::Object(Fields::default()),
            Self::Attribute(key) if key == "fields" => Kind::Object(Fields::default()),
            Self::Attribute(key) if key == "pkey" || key == "pk" => Kind::Boolean,
            _ => Kind::Text,
        }
    }
}

/// Reads the fields, in their sequence; none where the sheet is blank.
pub(super) fn read(sheet: &Sheet) -> Result<Map<String, Value>, Fault> {
    let mut rows = sheet.rows.iter().filter(|row| {
        let is_said = |text| headings::titled(text) == Some(1) || headings::is_note(text);
        !row.is_blank() && !row.only_text().is_some_and(is_said)
    });
    let mut fields = Map::new();
    let Some(head) = rows.next() else { return Ok(fields) };
    let columns = columns(head).map_err(|fault| fault.in_row(head.number).in_sheet(&sheet.name))?;
    for row in rows {
        read_field(row, &columns, &mut fields)
            .map_err(|fault| fault.in_row(row.number).in_sheet(&sheet.name))?;
    }
    Ok(fields)
}

fn columns(head: &Row) -> Result<Vec<Column>, Fault> {
    let mut columns: Vec<Column> = Vec::new();
    for (at, cell) in &head.cells {
        let heading = cell.shown();
        if heading.trim().is_empty() {
            continue;
        }
        let key = key(&heading).map_err(|fault| fault.in_cell(*at, ""))?;
        if columns.iter().any(|column| column.key == key) {
            let fault = Fault::new(format!("found the heading {} a second time", shown(&heading)));
            return Err(fault.in_cell(*at, ""));
        }
        columns.push(Column { at: *at, heading, key });
    }
    if columns.iter().any(|column| column.key == Key::Name) {
        return Ok(columns);
    }
    let words = FIELDS.first().map(|(_, [kazakh, russian])| format!("'{kazakh}' or '{russian}'"));
    Err(Fault::new(format!(
        "found no heading {}, expected the table of fields below its headings",
        words.unwrap_or_default()
    ))
    .hint("see order 144, annex 2 part 2"))
}

/// The attribute that a heading stands for. Names in other letters than Latin ones need an apostrophe, so that a
/// misspelt heading is noticed.
fn key(heading: &str) -> Result<Key<'static>, Fault> {
    let parsed = Heading::parse(heading);
    if parsed.is_marked {
        return Ok(Key::Attribute(parsed.joined().into()));
    }
    if heading == WHOLE {
        return Ok(Key::Whole);
    }
    match headings::attribute(heading) {
        Some(key) => Ok(Key::annex(key)),
        None if heading.trim().is_ascii() => Ok(Key::Attribute(parsed.joined().into())),
        None => Err(Fault::unlike(
            heading,
            "a heading of order 144, annex 2 part 2, or an attribute such as labelEn",
        )
        .hint("an apostrophe before the heading makes any name an attribute")),
    }
}

fn read_field(row: &Row, columns: &[Column], fields: &mut Map<String, Value>) -> Result<(), Fault> {
    let Some(column) = columns.iter().find(|column| column.key == Key::Name) else { return Ok(()) };
    let name = row.get(column.at).map(Cell::shown).unwrap_or_default();
    if name.trim().is_empty() {
        let fault =
            Fault::new("found a field without a name, expected the name that its column in the data has");
        return Err(fault.in_cell(column.at, &column.heading));
    }
    let declaration = declaration(row, columns)?;
    let names = Heading::parse(&name).names;
    place(fields, &names, declaration).map_err(|fault| fault.in_cell(column.at, &column.heading))
}

fn declaration(row: &Row, columns: &[Column]) -> Result<Value, Fault> {
    let mut attributes = Map::new();
    for column in columns {
        let read = |cell| {
            value::read(cell, &column.key.kind()).map_err(|fault| fault.in_cell(column.at, &column.heading))
        };
        match (&column.key, row.get(column.at)) {
            (Key::Whole, Some(cell)) => {
                if let Some(value) = read(cell)? {
                    return Ok(value);
                }
            }
            (Key::Attribute(key), Some(cell)) => {
                let Some(value) = read(cell)? else { continue };
                let at = if key == "type" { 0 } else { attributes.len() };
                attributes.shift_insert(at, key.clone().into_owned(), value);
            }
            _ => {}
        }
    }
    Ok(Value::Object(attributes))
}

/// Puts a declaration where its names lead. Its owner must stand above it.
fn place(fields: &mut Map<String, Value>, names: &[String], declaration: Value) -> Result<(), Fault> {
    let Some((name, rest)) = names.split_first() else { return Ok(()) };
    if rest.is_empty() {
        return match fields.insert(name.clone(), declaration) {
            None => Ok(()),
            Some(_) => Err(Fault::new(format!(
                "found the field {} a second time, expected each name once",
                shown(name)
            ))),
        };
    }
    let Some(Value::Object(owner)) = fields.get_mut(name) else {
        let fault = Fault::new(format!(
            "found a member of {}, expected the field {} above it",
            shown(name),
            shown(name)
        ));
        return Err(fault.hint("a dot that belongs to a name is written \\."));
    };
    let inner = owner.entry("fields").or_insert_with(|| Value::Object(Map::new()));
    match inner {
        Value::Object(inner) => place(inner, rest, declaration),
        _ => Err(Fault::new(format!("found a member of {}, whose 'fields' is no object", shown(name)))),
    }
}

/// The rows of the table, the headings first: the annex's columns, then those of all other attributes.
pub(super) fn write(
    fields: &Map<String, Value>,
    medium: Medium,
    language: Language,
) -> Result<Vec<Vec<Option<Cell>>>, Fault> {
    let mut keys: Vec<Key<'_>> = FIELDS.iter().map(|(key, _)| Key::annex(key)).collect();
    other_keys(fields, &mut keys);
    let heading = keys.iter().enumerate().map(|(at, key)| {
        Some(Cell::Text(match (FIELDS.get(at), key) {
            (Some((_, words)), _) => said(language, *words).to_owned(),
            (None, Key::Attribute(key)) => {
                let is_own = !key.is_ascii() || headings::attribute(key).is_some();
                path::written(&[key], medium, is_own)
            }
            (None, _) => WHOLE.to_owned(),
        }))
    });
    let mut rows = vec![heading.collect()];
    write_fields(fields, &mut Vec::new(), &keys, medium, &mut rows)?;
    Ok(rows)
}

/// Adds the attributes of fields that are not among the keys.
fn other_keys<'a>(fields: &'a Map<String, Value>, keys: &mut Vec<Key<'a>>) {
    for declaration in fields.values() {
        let Value::Object(attributes) = declaration else {
            if !keys.contains(&Key::Whole) {
                keys.push(Key::Whole);
            }
            continue;
        };
        for (name, value) in attributes {
            let key = Key::Attribute(name.into());
            match members(name, value) {
                Some(members) => other_keys(members, keys),
                None if !keys.contains(&key) => keys.push(key),
                None => {}
            }
        }
    }
}

/// The declarations of an object's members, which have rows of their own.
fn members<'a>(key: &str, value: &'a Value) -> Option<&'a Map<String, Value>> {
    value.as_object().filter(|members| key == "fields" && !members.is_empty())
}

fn write_fields<'a>(
    fields: &'a Map<String, Value>,
    path: &mut Vec<&'a str>,
    keys: &[Key<'_>],
    medium: Medium,
    rows: &mut Vec<Vec<Option<Cell>>>,
) -> Result<(), Fault> {
    for (name, declaration) in fields {
        path.push(name);
        let mut row = vec![None; keys.len()];
        let mut put = |key: &Key<'_>, cell: Cell| {
            let at = keys.iter().position(|it| it == key);
            if let Some(place) = at.and_then(|at| row.get_mut(at)) {
                *place = Some(cell);
            }
        };
        let text = path.join(".");
        let is_own = headings::titled(&text).is_some() || headings::is_note(&text);
        put(&Key::Name, Cell::Text(path::written(path, medium, is_own)));
        let write = |key: &Key<'_>, value: &Value| {
            value::write(value, &key.kind(), medium)
                .map_err(|fault| fault.in_column(format!("fields.{text}")))
        };
        match declaration {
            Value::Object(attributes) => {
                for (name, value) in attributes.iter().filter(|(key, value)| members(key, value).is_none()) {
                    let key = Key::Attribute(name.into());
                    put(&key, write(&key, value)?);
                }
            }
            other => put(&Key::Whole, write(&Key::Whole, other)?),
        }
        rows.push(row);
        if let Some(inner) = declaration.get("fields").and_then(|fields| members("fields", fields)) {
            write_fields(inner, path, keys, medium, rows)?;
        }
        path.pop();
    }
    Ok(())
}

//! The data: one row an object, one column a field (order 144, annex 2 part 3).
//!
//! The members of an Object have columns of their own, `schedule.open`; the Object has one too where some row's value
//! is not to be said by its members: an empty object, null, or no object at all. A List is one cell.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::headings;
use super::inert::Medium;
use super::path::{self, Heading};
use super::sheet::{Cell, Row, Sheet};
use super::value::{self, EMPTY_ROW};
use crate::convert::fault::{Fault, shown};
use crate::convert::kind::{Fields, Kind, UNDECLARED};

/// A column that is read.
struct Column<'a> {
    at: usize,
    heading: String,
    names: Vec<String>,
    kind: &'a Kind,
}

/// Reads the rows below the headings.
pub(super) fn read(sheet: &Sheet, fields: &Fields) -> Result<Vec<Value>, Fault> {
    let is_title = |text| headings::titled(text) == Some(2);
    let mut rows = sheet
        .rows
        .iter()
        .skip_while(|row| row.is_blank() || row.only_text().is_some_and(is_title))
        .peekable();
    let has_head = rows.peek().is_some_and(|row| row.only_text() != Some(EMPTY_ROW));
    let head = if has_head { rows.next() } else { None };
    let columns = head
        .map(|head| columns(head, fields).map_err(|fault| fault.in_row(head.number).in_sheet(&sheet.name)));
    let columns = columns.transpose()?.unwrap_or_default();
    let mut read = Vec::new();
    for row in rows {
        let object =
            read_row(row, &columns).map_err(|fault| fault.in_row(row.number).in_sheet(&sheet.name))?;
        read.extend(object.map(Value::Object));
    }
    Ok(read)
}

fn columns<'a>(head: &Row, fields: &'a Fields) -> Result<Vec<Column<'a>>, Fault> {
    let mut columns = Vec::new();
    let mut met = HashSet::new();
    for (at, cell) in &head.cells {
        let heading = cell.shown();
        if heading.trim().is_empty() {
            continue;
        }
        let (names, kind) = resolve(&heading, fields);
        if !met.insert(names.clone()) {
            let fault = Fault::new(format!(
                "found the heading {} a second time, expected each field once",
                shown(&heading)
            ));
            return Err(fault.in_cell(*at, ""));
        }
        columns.push(Column { at: *at, heading, names, kind });
    }
    Ok(columns)
}

/// The names that a heading leads by, and the kind of what is there. A dot that leads into no Object is one of the
/// name.
fn resolve<'a>(heading: &str, fields: &'a Fields) -> (Vec<String>, &'a Kind) {
    let parsed = Heading::parse(heading);
    let mut names = Vec::new();
    let mut inside = fields;
    for (at, name) in parsed.names.iter().enumerate() {
        let rest = parsed.names.get(at..).unwrap_or_default();
        match inside.get(name) {
            Some(Kind::Object(members)) if rest.len() > 1 => {
                names.push(name.clone());
                inside = members;
            }
            kind => {
                let is_last = rest.len() == 1;
                let name = if is_last { name.clone() } else { rest.join(".") };
                let kind = if is_last { kind } else { inside.get(&name) };
                names.push(name);
                return (names, kind.unwrap_or(&UNDECLARED));
            }
        }
    }
    (names, &UNDECLARED)
}

/// The object of a row; none where the row is blank.
fn read_row(row: &Row, columns: &[Column<'_>]) -> Result<Option<Map<String, Value>>, Fault> {
    let mut object = Map::new();
    if matches!(row.cells.as_slice(), [(_, Cell::Text(text))] if text == EMPTY_ROW) {
        return Ok(Some(object));
    }
    // Both are in the sequence of the columns.
    let mut cells = row.cells.iter().peekable();
    for column in columns {
        while let Some((at, cell)) = cells.next_if(|(at, _)| *at < column.at) {
            needs_heading(*at, cell)?;
        }
        let Some((_, cell)) = cells.next_if(|(at, _)| *at == column.at) else { continue };
        let value =
            value::read(cell, column.kind).map_err(|fault| fault.in_cell(column.at, &column.heading))?;
        if let Some(value) = value {
            place(&mut object, &column.names, value)
                .map_err(|fault| fault.in_cell(column.at, &column.heading))?;
        }
    }
    for (at, cell) in cells {
        needs_heading(*at, cell)?;
    }
    Ok(Some(object).filter(|object| !object.is_empty()))
}

fn needs_heading(at: usize, cell: &Cell) -> Result<(), Fault> {
    match cell {
        Cell::Text(text) if text.trim().is_empty() => Ok(()),
        _ => {
            let found = shown(&cell.shown());
            let fault = Fault::new(format!(
                "found {found} in a column without a heading, expected the name of a field above"
            ));
            Err(fault.in_cell(at, ""))
        }
    }
}

fn place(object: &mut Map<String, Value>, names: &[String], value: Value) -> Result<(), Fault> {
    let Some((name, rest)) = names.split_first() else { return Ok(()) };
    if rest.is_empty() {
        return match object.insert(name.clone(), value) {
            None => Ok(()),
            Some(_) => Err(Fault::new(format!(
                "found a value of {} beside values of its members, expected one of both",
                shown(name)
            ))),
        };
    }
    match object.entry(name.clone()).or_insert_with(|| Value::Object(Map::new())) {
        Value::Object(inner) => place(inner, rest, value),
        _ => Err(Fault::new(format!(
            "found a member of {} beside a value of its own, expected one of both",
            shown(name)
        ))),
    }
}

/// A node of the columns to write: a member, and its members where it is an Object.
#[derive(Default)]
struct Node<'a> {
    name: &'a str,
    /// Whether it has a column itself.
    has_column: bool,
    members: Vec<Node<'a>>,
    kind: Option<&'a Kind>,
}

/// The table to write.
pub(super) struct Table<'a> {
    root: Node<'a>,
    width: usize,
    medium: Medium,
}

impl<'a> Table<'a> {
    /// Lays the columns out: declared fields first, then the members that only rows have.
    pub(super) fn of(rows: &'a [Value], fields: &'a Fields, medium: Medium) -> Self {
        let mut root = Node { members: declared(fields), ..Node::default() };
        for row in rows.iter().filter_map(Value::as_object) {
            root.meet(row, fields);
        }
        let width = root.width();
        Self { root, width, medium }
    }

    /// The number of columns.
    pub(super) const fn width(&self) -> usize {
        self.width
    }

    /// The columns of fields that are neither numbers nor booleans nor dates.
    pub(super) fn texts(&self) -> Vec<u16> {
        let mut are_texts = Vec::with_capacity(self.width);
        self.root.texts(&mut are_texts);
        are_texts.iter().zip(0..).filter(|(is_text, _)| **is_text).map(|(_, column)| column).collect()
    }

    /// The headings.
    pub(super) fn headings(&self) -> Vec<Option<Cell>> {
        let mut headings = Vec::with_capacity(self.width);
        self.root.headings(&mut Vec::new(), self.medium, &mut headings);
        headings
    }

    /// The cells of a row, whose number in the data is only for faults.
    pub(super) fn row(&self, row: &Map<String, Value>, number: u64) -> Result<Vec<Option<Cell>>, Fault> {
        if row.is_empty() {
            return Ok(vec![Some(Cell::Text(EMPTY_ROW.to_owned()))]);
        }
        let mut cells = Vec::with_capacity(self.width);
        self.root
            .cells(Some(row), self.medium, &mut Vec::new(), &mut cells)
            .map_err(|fault| fault.in_row(number))?;
        Ok(cells)
    }
}

fn declared(fields: &Fields) -> Vec<Node<'_>> {
    let nodes = fields.iter().map(|(name, kind)| match kind {
        Kind::Object(members) => {
            Node { name, has_column: false, members: declared(members), kind: Some(kind) }
        }
        _ => Node { name, has_column: true, members: Vec::new(), kind: Some(kind) },
    });
    nodes.collect()
}

impl<'a> Node<'a> {
    /// Makes room for the members of an object.
    fn meet(&mut self, object: &'a Map<String, Value>, fields: &'a Fields) {
        for (at, (name, value)) in object.iter().enumerate() {
            // Most rows have their members in the columns' sequence.
            let is_there = self.members.get(at).is_some_and(|node| node.name == name);
            let at = if is_there { Some(at) } else { self.members.iter().position(|node| node.name == name) };
            let at = at.unwrap_or_else(|| {
                self.members.push(Node { name, kind: fields.get(name), ..Node::default() });
                self.members.len() - 1
            });
            let Some(node) = self.members.get_mut(at) else { continue };
            match (value, node.kind) {
                (Value::Object(inner), Some(Kind::Object(fields))) if !inner.is_empty() => {
                    node.meet(inner, fields);
                }
                _ => node.has_column = true,
            }
        }
    }

    fn width(&self) -> usize {
        usize::from(self.has_column) + self.members.iter().map(Node::width).sum::<usize>()
    }

    fn texts(&self, are_texts: &mut Vec<bool>) {
        if self.has_column {
            let kind = self.kind.unwrap_or(&UNDECLARED);
            are_texts.push(!matches!(kind, Kind::Int | Kind::Double | Kind::Boolean | Kind::Date(_)));
        }
        for node in &self.members {
            node.texts(are_texts);
        }
    }

    fn headings(&self, path: &mut Vec<&'a str>, medium: Medium, headings: &mut Vec<Option<Cell>>) {
        if self.has_column {
            let heading =
                path::written(path, medium, path.len() == 1 && headings::titled(self.name).is_some());
            headings.push(Some(Cell::Text(heading)));
        }
        for node in &self.members {
            path.push(node.name);
            node.headings(path, medium, headings);
            path.pop();
        }
    }

    fn cells(
        &self,
        object: Option<&Map<String, Value>>,
        medium: Medium,
        path: &mut Vec<&'a str>,
        cells: &mut Vec<Option<Cell>>,
    ) -> Result<(), Fault> {
        for node in &self.members {
            path.push(node.name);
            let value = object.and_then(|object| object.get(node.name));
            let inner = value.and_then(Value::as_object).filter(|it| !it.is_empty());
            let inner = inner.filter(|_| matches!(node.kind, Some(Kind::Object(_))));
            if node.has_column {
                let own = value.filter(|_| inner.is_none());
                let cell = own.map(|value| value::write(value, node.kind.unwrap_or(&UNDECLARED), medium));
                cells.push(cell.transpose().map_err(|fault| fault.in_column(path.join(".")))?);
            }
            node.cells(inner, medium, path, cells)?;
            path.pop();
        }
        Ok(())
    }
}

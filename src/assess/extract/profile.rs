//! Takes in an extract, value by value; keeps counts and never a row.

use std::collections::HashMap;

use foldhash::quality::RandomState;

use super::decimal::Decimals;
use super::declared::Declared;
use super::examples::FirstRows;
use super::field::Field;
use super::values::Room;
use super::{MOST_FIELDS, MOST_PATH, MOST_ROWS, Options, in_row};
use crate::assess::restricted::{Day, kinds_of};
use crate::convert::bounds::MOST_CELL_BYTES;
use crate::error::{Code, Error, Place, Result};

/// Rows after which is asked whether anybody still waits.
const CHECK_EVERY: u64 = 4_096;

/// Bytes of values after which is asked as well: rows may be long.
const CHECK_EVERY_BYTES: usize = 16 << 20;

/// What is known of an extract so far.
pub(super) struct Profile<'a> {
    pub(super) fields: Vec<Field>,
    places: HashMap<String, usize>,
    pub(super) rows: u64,
    pub(super) first: FirstRows,
    room: Room,
    pub(super) state: RandomState,
    as_of: Day,
    check: &'a dyn Fn() -> Result<()>,
    unchecked_bytes: usize,
    /// Whether numbers with a comma may be decimal fractions.
    has_decimal_commas: bool,
    /// Whether values are only scanned for restricted data.
    is_scan: bool,
}

impl<'a> Profile<'a> {
    pub(super) fn new(options: &Options<'a>) -> Self {
        Self {
            fields: Vec::new(),
            places: HashMap::new(),
            rows: 0,
            first: FirstRows::default(),
            room: Room::default(),
            state: RandomState::default(),
            as_of: options.as_of,
            check: options.check,
            unchecked_bytes: 0,
            has_decimal_commas: false,
            is_scan: false,
        }
    }

    /// For a table that is only scanned for restricted data.
    pub(super) fn of_scan(options: &Options<'a>) -> Self {
        Self { is_scan: true, ..Self::new(options) }
    }

    /// Says, before there is a field, that numbers may have a decimal comma.
    pub(super) const fn read_decimal_commas(&mut self) {
        self.has_decimal_commas = true;
    }

    /// Whether a name in a head is to be scanned as a value: where nobody is told the names of fields, a missing head
    /// is no reason to look away.
    pub(super) fn takes_as_value(&self, name: &str) -> bool {
        self.is_scan && self.tells_of_person(name)
    }

    fn tells_of_person(&self, name: &str) -> bool {
        kinds_of(name, self.as_of).any(|(kind, _)| kind.is_personal())
    }

    /// Whether there is a field of this path.
    pub(super) fn has_field(&self, path: &str) -> bool {
        self.places.contains_key(path)
    }

    /// The number of the row that is being read, from 1.
    pub(super) const fn row(&self) -> u64 {
        self.rows + 1
    }

    /// The place of the field at a path, which is new or known.
    ///
    /// # Errors
    /// `request.body` where the name holds personal data: then a head is missing, and nothing may show it.
    /// `request.too_large` where there are too many.
    pub(super) fn field(&mut self, path: &str) -> Result<usize> {
        if let Some(place) = self.places.get(path) {
            return Ok(*place);
        }
        self.add_field(path.to_owned(), None)
    }

    /// Adds a field that a document declares.
    pub(super) fn declare(&mut self, declared: Declared) -> Result<()> {
        if !self.places.contains_key(&declared.path) {
            self.add_field(declared.path.clone(), Some(declared))?;
        }
        Ok(())
    }

    fn add_field(&mut self, path: String, declared: Option<Declared>) -> Result<usize> {
        let place = self.fields.len();
        if place == MOST_FIELDS {
            let message = format!("the extract has more than {MOST_FIELDS} fields");
            return Err(Error::new(Code::RequestTooLarge, message)
                .at(in_row(self.row()))
                .hint("objects whose keys are data are rows of another table"));
        }
        if path.len() > MOST_PATH {
            let message = format!("a field's name has {} bytes; at most {MOST_PATH} are read", path.len());
            return Err(Error::new(Code::RequestBody, message).at(in_row(self.row())));
        }
        if self.tells_of_person(&path) {
            let message = "a field's name holds personal data; expected names of fields";
            let field = format!("number {}", place + 1);
            return Err(Error::new(Code::RequestBody, message)
                .at(Place { field: Some(field), ..Place::default() })
                .hint("the first row of a table holds the names of its fields"));
        }
        self.places.insert(path.clone(), place);
        let mut field = Field::new(path, declared, self.as_of);
        field.decimals = self.has_decimal_commas.then(Decimals::default);
        self.fields.push(field);
        Ok(place)
    }

    /// Takes in a value of the row that is being read.
    ///
    /// # Errors
    /// `request.too_large` where it is too long; that of the check.
    pub(super) fn value(&mut self, field: usize, text: &str) -> Result<()> {
        let row = self.rows;
        let Some(of) = self.fields.get_mut(field) else { return Ok(()) };
        if text.len() > MOST_CELL_BYTES {
            let message = format!("a value has {} bytes; at most {MOST_CELL_BYTES} are read", text.len());
            let place = Place { field: Some(of.path.clone()), ..in_row(row + 1) };
            return Err(Error::new(Code::RequestTooLarge, message).at(place));
        }
        if self.is_scan {
            of.scan_only(text);
        } else {
            of.add(text, row, &self.state, &mut self.room);
            self.first.add(row, field, text);
        }
        self.unchecked_bytes += text.len();
        if self.unchecked_bytes < CHECK_EVERY_BYTES {
            return Ok(());
        }
        self.unchecked_bytes = 0;
        (self.check)()
    }

    /// Ends a row.
    ///
    /// # Errors
    /// `request.too_large` where there are too many; that of the check.
    pub(super) fn end_row(&mut self) -> Result<()> {
        if self.rows == MOST_ROWS {
            let message = format!("the extract has more than {MOST_ROWS} rows");
            let hint = "take an extract of some of the rows";
            return Err(Error::new(Code::RequestTooLarge, message).at(in_row(self.row())).hint(hint));
        }
        self.rows += 1;
        if self.rows.is_multiple_of(CHECK_EVERY) { (self.check)() } else { Ok(()) }
    }
}

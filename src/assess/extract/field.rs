//! One field: counts over its values, kept while they pass by.

use foldhash::quality::RandomState;

use super::alphabet::Beyond;
use super::decimal::Decimals;
use super::declared::Declared;
use super::pattern::Patterns;
use super::place::is_address;
use super::range::{Range, TextRange};
use super::values::{Room, Values};
use crate::assess::restricted::{Day, FieldScan};
use crate::document::{Type, date_seconds, reads_as, type_of_text};

/// Values that are looked at to tell whether a field holds addresses.
const MOST_LOOKED_AT: u64 = 1_000;

/// The types that a text can have by itself, in the order of [`Field::kinds`].
const KINDS: [Type; 6] =
    [Type::Int, Type::Double, Type::Boolean, Type::Date, Type::Geoposition, Type::String];

/// What is known of a field.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) path: String,
    pub(super) declared: Option<Declared>,
    /// Rows that have a value here.
    pub(super) rows: u64,
    last_row: Option<u64>,
    /// Values: more than rows in a List.
    pub(super) values: u64,
    kinds: [u64; KINDS.len()],
    /// Values that can be read as the declared type.
    fitting: u64,
    /// Of the values that were looked at, those that are addresses.
    addresses: u64,
    pub(super) distinct: Values,
    pub(super) patterns: Patterns,
    numbers: Range<f64>,
    dates: Range<i64>,
    texts: TextRange,
    /// Numbers with a decimal comma, where there may be such.
    pub(super) decimals: Option<Decimals>,
    /// Characters that a String must not have.
    pub(super) beyond: Beyond,
    /// Characters of the shortest and of the longest value.
    pub(super) lengths: Option<[u64; 2]>,
    pub(super) scan: FieldScan,
}

impl Field {
    pub(super) fn new(path: String, declared: Option<Declared>, as_of: Day) -> Self {
        Self {
            path,
            declared,
            rows: 0,
            last_row: None,
            values: 0,
            kinds: [0; KINDS.len()],
            fitting: 0,
            addresses: 0,
            distinct: Values::default(),
            patterns: Patterns::default(),
            numbers: Range::default(),
            dates: Range::default(),
            texts: TextRange::default(),
            decimals: None,
            beyond: Beyond::default(),
            lengths: None,
            scan: FieldScan::new(as_of),
        }
    }

    /// Takes in a value of a row. One that says that there is none (blanks, `-`, `null`) does not count.
    pub(super) fn add(&mut self, text: &str, row: u64, state: &RandomState, room: &mut Room) {
        let text = text.trim();
        let Some(kind) = type_of_text(text) else { return };
        self.scan.add(text);
        self.rows += u64::from(self.last_row != Some(row));
        self.last_row = Some(row);
        if self.values < MOST_LOOKED_AT {
            self.addresses += u64::from(is_address(text));
        }
        self.values += 1;
        for (count, known) in self.kinds.iter_mut().zip(KINDS) {
            *count += u64::from(known == kind);
        }
        let declared = self.declared.as_ref().map_or(Type::String, |declared| declared.kind);
        self.fitting += u64::from(reads_as(text, declared));
        match kind {
            Type::Int | Type::Double => {
                if let Ok(number) = text.parse() {
                    self.numbers.add(number, text);
                }
            }
            Type::Date => {
                if let Some(seconds) = date_seconds(text) {
                    self.dates.add(seconds, text);
                }
            }
            _ => {}
        }
        if let Some(decimals) = &mut self.decimals {
            decimals.add(text);
        }
        // Whole numbers, which are many, have none.
        if kind != Type::Int {
            self.beyond.add(text);
        }
        self.texts.add(text);
        self.patterns.add(text);
        let length = text.chars().count() as u64;
        let [least, greatest] = self.lengths.unwrap_or([length, length]);
        self.lengths = Some([least.min(length), greatest.max(length)]);
        self.distinct.add(text, state, room);
    }

    /// Takes in a value of a table that is only scanned.
    pub(super) fn scan_only(&mut self, text: &str) {
        let text = text.trim();
        if type_of_text(text).is_some() {
            self.scan.add(text);
        }
    }

    /// Whether nobody declared it, and its values are numbers some of which have a decimal comma.
    pub(super) fn has_decimal_comma(&self) -> bool {
        let are_all = |decimals: &Decimals| decimals.are_all(self.values);
        self.declared.is_none() && self.decimals.as_ref().is_some_and(are_all)
    }

    fn count(&self, kind: Type) -> u64 {
        self.kinds.iter().zip(KINDS).filter(|(_, known)| *known == kind).map(|(count, _)| count).sum()
    }

    /// The declared type; else Double where all values are numbers with a decimal comma or whole ones; else the one that
    /// more than half of the values have, whole numbers being numbers too; else String.
    pub(super) fn kind(&self) -> Type {
        if let Some(declared) = &self.declared {
            return declared.kind;
        }
        if self.has_decimal_comma() {
            return Type::Double;
        }
        let is_most = |count: u64| count * 2 > self.values;
        if is_most(self.count(Type::Int)) && self.count(Type::Double) == 0 {
            return Type::Int;
        }
        if is_most(self.count(Type::Int) + self.count(Type::Double)) {
            return Type::Double;
        }
        let others = [Type::Boolean, Type::Date, Type::Geoposition];
        others.into_iter().find(|kind| is_most(self.count(*kind))).unwrap_or(Type::String)
    }

    /// Values that are of the field's type. In a String that nobody declared these are the texts that are of no
    /// other type.
    pub(super) fn typed(&self) -> u64 {
        match (&self.declared, self.kind()) {
            (Some(_), _) => self.fitting,
            (None, Type::Double) if self.has_decimal_comma() => self.values,
            (None, Type::Double) => self.count(Type::Int) + self.count(Type::Double),
            (None, kind) => self.count(kind),
        }
    }

    /// Whether each row has one value here, and each another.
    pub(super) fn is_key(&self, rows: u64) -> bool {
        self.rows == rows && self.values == rows && self.distinct.are_all_different()
    }

    /// Whether it holds addresses: by its declaration, or as more than half of its values do.
    pub(super) fn is_address(&self) -> bool {
        let looked_at = self.values.min(MOST_LOOKED_AT);
        self.declared.as_ref().is_some_and(|it| it.is_address)
            || self.kind() == Type::String && self.addresses * 2 > looked_at
    }

    /// The least and the greatest value: by number, by time, or by letters.
    pub(super) fn range(&self) -> Option<[&str; 2]> {
        match self.kind() {
            Type::Double if self.has_decimal_comma() => self.decimals.as_ref().and_then(Decimals::texts),
            Type::Int | Type::Double => self.numbers.texts(),
            Type::Date => self.dates.texts(),
            _ => self.texts.texts(),
        }
    }
}

//! The types of a document that declares none, from all of its rows (format.md 4.1).
//!
//! A type is taken only where every value of the column is written as that type alone would be, so
//! that nothing is lost by it: `007` and `+7` stay texts, as do `1 000` and `12,5`, and whatever only a
//! declaration could explain (0 and 1 for a Boolean, 45477 for a Date).

use serde_json::Value;

use std::collections::HashMap;

use super::Type;
use super::date;
use super::envelope::Envelope;
use super::field::FieldSpec;
use super::json::{Cursor, Scalar};
use super::number::{Reading, boolean, decimal, double, int, read, says_null};
use super::position::{in_country, pair};
use super::record::MAX_KEYS;
use super::texts::Texts;

/// As many digits as a Double holds, whatever they are.
const EXACT_DIGITS: usize = 15;

/// What all values of a column have in common.
#[derive(Debug, Clone, Default)]
pub(super) struct Shape {
    values: u64,
    ints: u64,
    /// Whole numbers that a Double may not hold.
    long_ints: u64,
    doubles: u64,
    booleans: u64,
    dates: u64,
    points: u64,
    objects: u64,
    lists: u64,
    /// The shapes of the members, where values are objects, and the place of each by its name.
    members: Vec<(String, Shape)>,
    places: HashMap<String, usize>,
    /// The shape of the elements, where values are lists.
    element: Option<Box<Shape>>,
}

impl Shape {
    /// Adds the values of a column of texts.
    pub(super) fn add_texts(&mut self, texts: &Texts) {
        // A text that says that there is no value tells nothing of the others.
        let present =
            (0..texts.len()).filter_map(|at| texts.text(at)).filter(|text| !says_null(text)).count();
        let are_containers = present > 0 && texts.containers() == present;
        for text in (0..texts.len()).filter_map(|at| texts.text(at)) {
            if !are_containers || says_null(text) {
                self.add_text(text);
            } else if let Ok(value) = Envelope::default().value(&mut Cursor::new(text, 0), "") {
                self.add(&value);
            }
        }
    }

    fn add(&mut self, value: &Value) {
        match value {
            Value::Null => {}
            Value::Bool(value) => self.add_text(if *value { "true" } else { "false" }),
            Value::Number(number) => self.add_text(&number.to_string()),
            Value::String(text) => self.add_text(text),
            Value::Array(values) => {
                self.values += 1;
                self.lists += 1;
                let element = self.element.get_or_insert_default();
                for value in values {
                    element.add(value);
                }
            }
            Value::Object(members) => {
                self.values += 1;
                self.objects += 1;
                for (name, value) in members {
                    // An object whose keys are data stays JSON text.
                    if self.members.len() > MAX_KEYS {
                        return;
                    }
                    self.member(name).add(value);
                }
            }
        }
    }

    pub(super) fn member(&mut self, name: &str) -> &mut Self {
        let at = self.places.get(name).copied().unwrap_or_else(|| {
            self.places.insert(name.to_owned(), self.members.len());
            self.members.push((name.to_owned(), Self::default()));
            self.members.len() - 1
        });
        &mut self.members[at].1
    }

    fn add_text(&mut self, text: &str) {
        if matches!(read(&Scalar::Text(text.into()), |_| Some(())), Reading::Null) {
            return;
        }
        self.values += 1;
        let so_far = self.values - 1;
        // A column that had one value of no such type has none of it any more.
        if self.ints + self.doubles == so_far {
            match number(text) {
                Some(Type::Int) => {
                    self.ints += 1;
                    self.long_ints += u64::from(text.len() > EXACT_DIGITS);
                }
                Some(_) => self.doubles += 1,
                None => {}
            }
        }
        if self.booleans == so_far
            && (text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false"))
        {
            self.booleans += 1;
        }
        if self.dates == so_far && is_date(text) {
            self.dates += 1;
        }
        if self.points == so_far && is_point(text) {
            self.points += 1;
        }
    }

    /// The fields of an object of this shape.
    pub(super) fn into_fields(self) -> Vec<FieldSpec> {
        self.members.iter().map(|(name, shape)| shape.field(name)).collect()
    }

    /// The type that all values have.
    fn kind(&self) -> Type {
        let all = |count: u64| count > 0 && count == self.values;
        match self {
            _ if all(self.ints) => Type::Int,
            _ if all(self.ints + self.doubles) && self.long_ints == 0 => Type::Double,
            _ if all(self.booleans) => Type::Boolean,
            _ if all(self.dates) => Type::Date,
            _ if all(self.points) => Type::Geoposition,
            _ if all(self.objects) && (1..=MAX_KEYS).contains(&self.members.len()) => Type::Object,
            _ if all(self.lists) => Type::List,
            _ => Type::String,
        }
    }

    /// The field that the column becomes.
    fn field(&self, name: &str) -> FieldSpec {
        let mut spec = FieldSpec::undeclared(name);
        spec.kind = self.kind();
        spec.declared_type = format!("{:?}", spec.kind);
        if spec.kind == Type::Object {
            spec.fields = self.members.iter().map(|(name, shape)| shape.field(name)).collect();
        }
        if spec.kind == Type::List {
            let element = self.element.as_ref().map(|element| element.field("item"));
            spec.element = Some(Box::new(element.unwrap_or_else(|| FieldSpec::undeclared("item"))));
        }
        spec
    }
}

/// Int or Double, where a text is a number as a program writes it and keeps all its digits: `1.10` is two
/// numbers of a heading, or a sum of money, and only a declaration could tell.
fn number(text: &str) -> Option<Type> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) =
        unsigned.split_once(['e', 'E']).map_or((unsigned, None), |(it, exponent)| (it, Some(exponent)));
    let (whole, fraction) =
        mantissa.split_once('.').map_or((mantissa, None), |(whole, rest)| (whole, Some(rest)));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || (whole != "0" && whole.starts_with('0')) {
        return None;
    }
    if fraction.is_none() && exponent.is_none() {
        return (text != "-0" && text.parse::<i64>().is_ok()).then_some(Type::Int);
    }
    let is_short = fraction
        .is_none_or(|digits| is_digits(digits) && (digits == "0" || !digits.ends_with('0')))
        && mantissa.trim_start_matches(['0', '.']).bytes().filter(u8::is_ascii_digit).count() <= EXACT_DIGITS;
    (is_short && text.parse::<f64>().is_ok_and(f64::is_finite)).then_some(Type::Double)
}

/// Whether a text is a date with its parts apart: `31.12.2024`, `2024-12-31T10:00`.
fn is_date(text: &str) -> bool {
    let has_parts = text.len() >= 8 && text.as_bytes()[0].is_ascii_digit() && text.contains(['.', '-', '/']);
    has_parts && date::moment(text, false).is_some_and(|moment| !moment.is_serial)
}

/// Whether a text is two decimal fractions that name a point of Kazakhstan, in either order.
fn is_point(text: &str) -> bool {
    let parts: Vec<&str> = text.split([',', ';', ' ']).filter(|part| !part.is_empty()).collect();
    let [first, second] = parts[..] else { return false };
    [first, second].iter().all(|part| {
        part.contains('.') && decimal(part, false).is_some() || part.len() > 16 && part.parse::<f64>().is_ok()
    }) && pair(text, None).is_some_and(|it| in_country(it.lon, it.lat) || in_country(it.lat, it.lon))
}

/// The type that a text has where nothing declares one, as a document without `fields` is read; none where
/// it says that there is no value.
///
/// ```
/// use derek::document::{Type, type_of_text};
/// let texts = ["12", "1.5", "true", "31.12.2024", "51.128, 71.43", "007", "-"];
/// let kinds = texts.map(|text| type_of_text(text).map(Type::word));
/// let words = ["Int", "Double", "Boolean", "Date", "Geoposition", "String"].map(Some);
/// assert_eq!((&kinds[..6], kinds[6]), (&words[..], None));
/// ```
#[must_use]
pub fn type_of_text(text: &str) -> Option<Type> {
    if says_null(text) {
        return None;
    }
    let is_boolean = || text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false");
    Some(match number(text) {
        Some(kind) => kind,
        None if is_boolean() => Type::Boolean,
        None if is_date(text) => Type::Date,
        None if is_point(text) => Type::Geoposition,
        None => Type::String,
    })
}

/// Whether a text can be read as a value of a declared type; a date in either order of day and month. Objects
/// and Lists are no texts: for them it is true.
#[must_use]
pub fn reads_as(text: &str, kind: Type) -> bool {
    match kind {
        Type::Int => int(text).is_some(),
        Type::Double => double(text).is_some(),
        Type::Boolean => !matches!(boolean(&Scalar::Text(text.into())), Reading::Bad),
        Type::Date => date::moment(text, false).or_else(|| date::moment(text, true)).is_some(),
        Type::Geoposition => pair(text, None).is_some(),
        Type::String | Type::Object | Type::List => true,
    }
}

/// The moment of a date, in seconds since 1970-01-01T00:00 of Kazakhstan's wall clock; the day stands before
/// the month.
#[must_use]
pub fn date_seconds(text: &str) -> Option<i64> {
    date::moment(text, false).map(|moment| moment.seconds)
}

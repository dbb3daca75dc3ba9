//! One value of a primary key: read from a column, or from the text of an address.

use std::borrow::Cow;
use std::hash::Hasher;

use arrow::array::{
    Array, AsArray, BooleanArray, Date32Array, Float64Array, Int64Array, LargeStringArray, StringArray,
    StringViewArray, TimestampSecondArray,
};
use arrow::datatypes::{DataType, Date32Type, Field, Float64Type, Int64Type, TimeUnit, TimestampSecondType};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use crate::error::{Code, Error, Place, Result};

/// The value of one field of a primary key. Only values of the column's own type are found: an `Int`
/// is no key of a String column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum KeyValue<'a> {
    /// A whole number.
    Int(i64),
    /// A number.
    Double(f64),
    /// True or false.
    Boolean(bool),
    /// A text, byte for byte.
    Text(&'a str),
    /// A date: days since 1970-01-01.
    Date(i32),
    /// A date with a time of day: seconds since 1970-01-01T00:00, without zone.
    Moment(i64),
}

impl<'a> KeyValue<'a> {
    /// Reads the text of an address as a value of a field's column: `11`, `2.5`, `true`, any text,
    /// `2024-12-31`, `2024-12-31T10:00:00` (without its time: midnight).
    ///
    /// # Errors
    /// `request.parameter` names the field, and says what was expected.
    ///
    /// ```
    /// use arrow::datatypes::{DataType, Field};
    /// use derek::catalog::KeyValue;
    /// let id = Field::new("id", DataType::Int64, true);
    /// assert_eq!(KeyValue::parse("11", &id)?, KeyValue::Int(11));
    /// let error = KeyValue::parse("Гиппократ", &id).unwrap_err();
    /// assert_eq!(error.message, "'Гиппократ' is no key: 'id' is a whole number, such as 11");
    /// # Ok::<(), derek::error::Error>(())
    /// ```
    pub fn parse(text: &'a str, field: &Field) -> Result<Self> {
        let (value, expected) = match field.data_type() {
            DataType::Int64 => (text.parse().ok().map(Self::Int), "a whole number, such as 11"),
            DataType::Float64 => (double(text).map(Self::Double), "a number, such as 2.5"),
            DataType::Boolean => (text.parse().ok().map(Self::Boolean), "true or false"),
            DataType::Date32 => (date(text).and_then(days).map(Self::Date), "a date, such as 2024-12-31"),
            DataType::Timestamp(TimeUnit::Second, _) => {
                (moment(text).map(Self::Moment), "a date with a time, such as 2024-12-31T10:00:00")
            }
            kind if kind.is_string() => (Some(Self::Text(text)), "a text"),
            _ => (None, "of a type that is no key"),
        };
        value.ok_or_else(|| {
            let message = format!("'{text}' is no key: '{}' is {expected}", field.name());
            Error::new(Code::RequestParameter, message).at(Place::field(field.name()))
        })
    }

    /// Adds the value to a hash: equal values of one type add the same.
    pub(super) fn put(self, hasher: &mut impl Hasher) {
        match self {
            Self::Int(value) | Self::Moment(value) => hasher.write_i64(value),
            // The two zeros are equal, and their sum is the positive one.
            Self::Double(value) => hasher.write_u64((value + 0.0).to_bits()),
            Self::Boolean(value) => hasher.write_u8(value.into()),
            Self::Text(text) => {
                hasher.write(text.as_bytes());
                // What follows belongs to the next value: "ab", "c" is not "a", "bc".
                hasher.write_u8(0xFF);
            }
            Self::Date(days) => hasher.write_i32(days),
        }
    }
}

fn double(text: &str) -> Option<f64> {
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

fn date(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()
}

fn days(date: NaiveDate) -> Option<i32> {
    i32::try_from(date.signed_duration_since(NaiveDate::default()).num_days()).ok()
}

fn moment(text: &str) -> Option<i64> {
    let midnight = || date(text).map(|date| date.and_time(NaiveTime::MIN));
    let moment = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S").ok().or_else(midnight);
    moment.map(|moment| moment.and_utc().timestamp())
}

/// The parts of the key in an address. A key of one field is the whole text. Those of a composite key
/// are separated by commas; a part in double quotes may hold commas, and a quote in it stands twice.
pub(super) fn parts(text: &str, fields: usize) -> Vec<Cow<'_, str>> {
    if fields == 1 {
        return vec![Cow::Borrowed(text)];
    }
    let mut parts = Vec::with_capacity(fields);
    let mut rest = Some(text);
    while let Some(text) = rest {
        let quoted = text.strip_prefix('"').and_then(quoted);
        let (part, after) = quoted.unwrap_or_else(|| {
            let end = text.find(',').unwrap_or(text.len());
            (Cow::Borrowed(&text[..end]), &text[end..])
        });
        parts.push(part);
        rest = after.strip_prefix(',');
    }
    parts
}

/// The part behind an opening quote, and what follows the closing one: a comma or nothing, else the
/// quotes are the part's own.
fn quoted(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let mut from = 0;
    loop {
        let end = from + text[from..].find('"')?;
        let after = &text[end + 1..];
        if after.is_empty() || after.starts_with(',') {
            let part = &text[..end];
            let part = if from == 0 { Cow::Borrowed(part) } else { Cow::Owned(part.replace("\"\"", "\"")) };
            return Some((part, after));
        }
        if !after.starts_with('"') {
            return None;
        }
        from = end + 2;
    }
}

/// Whether values of a type can be keys: not points, Objects and Lists.
pub(super) fn can_be_key(kind: &DataType) -> bool {
    KeyColumn::can_be(kind)
}

/// A column of a batch whose values can be keys, seen as what it is.
pub(super) enum KeyColumn<'a> {
    Int(&'a Int64Array),
    Double(&'a Float64Array),
    Boolean(&'a BooleanArray),
    Text(&'a StringArray),
    LargeText(&'a LargeStringArray),
    TextView(&'a StringViewArray),
    Date(&'a Date32Array),
    Moment(&'a TimestampSecondArray),
}

impl<'a> KeyColumn<'a> {
    /// The column as what it is, or none where its type is no key's: points, Objects and Lists.
    pub(super) fn of(column: &'a dyn Array) -> Option<Self> {
        Some(match column.data_type() {
            DataType::Int64 => Self::Int(column.as_primitive_opt::<Int64Type>()?),
            DataType::Float64 => Self::Double(column.as_primitive_opt::<Float64Type>()?),
            DataType::Boolean => Self::Boolean(column.as_boolean_opt()?),
            DataType::Utf8 => Self::Text(column.as_string_opt()?),
            DataType::LargeUtf8 => Self::LargeText(column.as_string_opt()?),
            DataType::Utf8View => Self::TextView(column.as_string_view_opt()?),
            DataType::Date32 => Self::Date(column.as_primitive_opt::<Date32Type>()?),
            DataType::Timestamp(TimeUnit::Second, _) => {
                Self::Moment(column.as_primitive_opt::<TimestampSecondType>()?)
            }
            _ => return None,
        })
    }

    /// Whether values of this type can be keys.
    pub(super) fn can_be(kind: &DataType) -> bool {
        matches!(kind, DataType::Int64 | DataType::Float64 | DataType::Boolean | DataType::Date32)
            || matches!(kind, DataType::Timestamp(TimeUnit::Second, _))
            || kind.is_string()
    }

    /// A byte of the value in a row: to ask for it brings the value into the cache.
    pub(super) fn touch(&self, at: usize) -> u8 {
        match self {
            Self::Text(array) => {
                let start = usize::try_from(array.value_offsets()[at]).unwrap_or_default();
                array.value_data().get(start).copied().unwrap_or_default()
            }
            Self::Int(array) => u8::from(array.value(at) == 0),
            _ => 0,
        }
    }

    /// The value in a row of the batch, or none where it is null.
    pub(super) fn value(&self, at: usize) -> Option<KeyValue<'a>> {
        match self {
            Self::Int(array) => array.is_valid(at).then(|| KeyValue::Int(array.value(at))),
            Self::Double(array) => array.is_valid(at).then(|| KeyValue::Double(array.value(at))),
            Self::Boolean(array) => array.is_valid(at).then(|| KeyValue::Boolean(array.value(at))),
            Self::Text(array) => array.is_valid(at).then(|| KeyValue::Text(array.value(at))),
            Self::LargeText(array) => array.is_valid(at).then(|| KeyValue::Text(array.value(at))),
            Self::TextView(array) => array.is_valid(at).then(|| KeyValue::Text(array.value(at))),
            Self::Date(array) => array.is_valid(at).then(|| KeyValue::Date(array.value(at))),
            Self::Moment(array) => array.is_valid(at).then(|| KeyValue::Moment(array.value(at))),
        }
    }
}

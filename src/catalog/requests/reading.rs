//! Requests and events as others write them, JSON or a table with a head: each error with its row and its member.

use std::path::Path;

use csv::StringRecord;
use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error as _, IntoDeserializer, MapAccess};
use serde_json::Value;

use super::cell::Cell;
use crate::convert::quotation::flaw;
use crate::error::{Code, Error, Place, Result};

/// The form that requests and events come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestForm {
    /// An object, or a list of them.
    Json,
    /// A table with a head, its cells separated by commas or semicolons, in UTF-8.
    Csv,
}

impl RequestForm {
    /// The form that a file's ending tells: `.json` or `.csv`, in any letter case.
    ///
    /// # Errors
    /// `request.body` where it tells none.
    pub fn of_file(path: &Path) -> Result<Self> {
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        match ending.as_deref() {
            Some("json") => Ok(Self::Json),
            Some("csv") => Ok(Self::Csv),
            _ => Err(Error::new(Code::RequestBody, "the file's ending tells no form of requests")
                .in_file(path.display().to_string())
                .hint("expected .json or .csv")),
        }
    }

    /// The form that a `Content-Type` tells: a table where it says so, else JSON.
    #[must_use]
    pub fn of_media_type(text: &str) -> Self {
        let kind = text.split(';').next().unwrap_or_default().trim();
        if kind.eq_ignore_ascii_case("text/csv") { Self::Csv } else { Self::Json }
    }
}

/// What can be read so.
pub trait Record: DeserializeOwned {
    /// What it is, in a word.
    const WHAT: &'static str;
    /// Its members: those that must be there, then the others.
    const MEMBERS: &'static str;
}

/// The records of a body or of a file, and whether it is one alone: an object of JSON, and no list. Empty cells of a
/// table are missing.
///
/// # Errors
/// `request.body` names the row of a list or a table, from 1, the member, what was found there and what was expected.
///
/// ```
/// use derek::catalog::{Filed, RequestForm, records};
/// let body = r#"[{"kind": "delete", "requester": "citizen", "text": "Мектептер", "body": "Әкімдік"}]"#;
/// let error = records::<Filed>(RequestForm::Json, body.as_bytes()).unwrap_err();
/// assert_eq!(error.message, "'kind': unknown variant `delete`, expected `publish` or `update`");
/// let place = error.place.unwrap_or_default();
/// assert_eq!((place.row, place.field.as_deref()), (Some(1), Some("kind")));
/// ```
pub fn records<T: Record>(form: RequestForm, bytes: &[u8]) -> Result<(Vec<T>, bool)> {
    match form {
        RequestForm::Csv => Ok((of_table(bytes)?, false)),
        RequestForm::Json => of_json(bytes),
    }
}

fn of_json<T: Record>(bytes: &[u8]) -> Result<(Vec<T>, bool)> {
    let no_json = |error: serde_json::Error| {
        let place = Place::at(error.line() as u64, error.column() as u64);
        Error::new(Code::RequestBody, format!("this is no JSON: {error}")).at(place).hint(
            "expected a JSON object, a list of them, or CSV with a head: over HTTP with Content-Type: text/csv",
        )
    };
    match serde_json::from_slice(bytes).map_err(no_json)? {
        Value::Array(all) => {
            let read = (1..).zip(all).map(|(row, one)| of_value(one).map_err(|error| in_row(error, row)));
            Ok((read.collect::<Result<_>>()?, false))
        }
        one => Ok((vec![of_value(one)?], true)),
    }
}

fn of_value<T: Record>(value: Value) -> Result<T> {
    let found = match value {
        Value::Object(members) => return record(members.into_iter()),
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
    };
    let message = format!("expected {}, which is an object; found {found}", T::WHAT);
    Err(Error::new(Code::RequestBody, message).hint(members::<T>()))
}

fn of_table<T: Record>(bytes: &[u8]) -> Result<Vec<T>> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let delimiter = if first.contains(&b';') && !first.contains(&b',') { b';' } else { b',' };
    if let Some(flaw) = flaw(bytes, delimiter) {
        return Err(flaw.in_body());
    }
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).trim(csv::Trim::Headers).from_reader(bytes);
    let head = reader.headers().map_err(|error| broken(&error, &StringRecord::new()))?.clone();
    let rows = (1..).zip(reader.records()).map(|(row, cells)| {
        let cells = cells.map_err(|error| broken(&error, &head));
        let read = cells.and_then(|cells| record(head.iter().zip(cells.iter().map(Cell))));
        read.map_err(|error| in_row(error, row))
    });
    rows.collect()
}

/// What keeps a row from being one.
fn broken(error: &csv::Error, head: &StringRecord) -> Error {
    let wrong = |message: String| Error::new(Code::RequestBody, message);
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            wrong(format!("the row has {len} cells; expected {expected_len}, as the head has"))
        }
        csv::ErrorKind::Utf8 { err, .. } => {
            let column = head.get(err.field());
            let error = wrong("the text is not UTF-8".to_owned()).hint("save the table as UTF-8");
            column.map(Place::field).into_iter().fold(error, Error::at)
        }
        _ => wrong(format!("this is no table: {error}")),
    }
}

/// One record of its members, each with its name.
fn record<'de, T: Record, N: AsRef<str>, V: Deserializer<'de, Error = serde_json::Error>>(
    members: impl Iterator<Item = (N, V)>,
) -> Result<T> {
    let mut at = None;
    let members = Members { rest: members, value: None, at: &mut at };
    let read = T::deserialize(MapAccessDeserializer::new(members));
    read.map_err(|error| wrong::<T>(&error.to_string(), at.as_ref().map(AsRef::as_ref)))
}

/// What is wrong with a record: at the member that was read last, or at one that is not there.
fn wrong<T: Record>(said: &str, at: Option<&str>) -> Error {
    let error = |message: String| Error::new(Code::RequestBody, message).hint(members::<T>());
    let missing = said.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
    match (missing, at) {
        (Some(missing), _) => {
            error(format!("'{missing}' is missing in {}", T::WHAT)).at(Place::field(missing))
        }
        (None, Some(at)) => error(format!("'{at}': {said}")).at(Place::field(at)),
        (None, None) => error(said.to_owned()),
    }
}

fn members<T: Record>() -> String {
    format!("{} has {}", T::WHAT, T::MEMBERS)
}

fn in_row(error: Error, row: u64) -> Error {
    let place = error.place.as_deref().cloned().unwrap_or_default();
    error.at(Place { row: Some(row), ..place })
}

/// Members while they are read; `at` is the one that was read last.
struct Members<'m, I, N, V> {
    rest: I,
    value: Option<V>,
    at: &'m mut Option<N>,
}

impl<'de, I, N, V> MapAccess<'de> for Members<'_, I, N, V>
where
    I: Iterator<Item = (N, V)>,
    N: AsRef<str>,
    V: Deserializer<'de, Error = serde_json::Error>,
{
    type Error = serde_json::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> std::result::Result<Option<S::Value>, Self::Error> {
        let next = self.rest.next();
        let (name, value) = next.map_or((None, None), |(name, value)| (Some(name), Some(value)));
        *self.at = name;
        self.value = value;
        let Some(name) = &*self.at else { return Ok(None) };
        let name: StrDeserializer<'_, Self::Error> = name.as_ref().into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> std::result::Result<S::Value, Self::Error> {
        match self.value.take() {
            Some(value) => seed.deserialize(value),
            None => Err(Self::Error::custom("a member without a value")),
        }
    }
}

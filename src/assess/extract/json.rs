//! Reads a list of objects, or the data of a document.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::cells::{Cells, broken_off};
use super::declared::declared;
use super::profile::Profile;
use super::tree::{MOST_VALUES, Tree};
use crate::error::{Code, Error, Place, Result};

/// The member of a document that holds its rows.
const DATA: &str = "data";

/// Takes in the rows, one by one. A document is passed over twice: its fields may stand after its rows.
pub(super) fn read(bytes: &[u8], profile: &mut Profile<'_>) -> Result<()> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let mut envelope = Envelope::default();
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    reader.deserialize_any(Outline(&mut envelope)).map_err(|error| unreadable(&error))?;
    reader.end().map_err(|error| unreadable(&error))?;
    let rows = match (&envelope.lists[..], envelope.is_list) {
        (_, true) => None,
        (lists, false) if lists.iter().any(|name| name == DATA) => Some(DATA.to_owned()),
        ([first, ..], false) => Some(first.clone()),
        ([], false) => {
            return Err(Error::new(Code::RequestBody, "there is no list of objects in the JSON")
                .hint("expected a list of objects, or a document with data"));
        }
    };
    let mut fields = Vec::new();
    declared(&envelope.fields, "", &mut fields);
    fields.into_iter().try_for_each(|field| profile.declare(field))?;
    let mut failed = None;
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read = reader.deserialize_any(Rows { member: rows, profile, failed: &mut failed });
    match (failed, read) {
        (Some(error), _) => Err(error),
        (None, read) => read.map_err(|error| unreadable(&error)),
    }
}

/// An error of the JSON. The library's words may hold a value, so only its place is told.
fn unreadable(error: &serde_json::Error) -> Error {
    let place = Place::at(error.line() as u64, error.column() as u64);
    Error::new(Code::RequestBody, "the extract is not JSON here")
        .at(place)
        .hint("expected a list of objects, or a document with data")
}

/// What stands around the rows.
#[derive(Default)]
struct Envelope {
    is_list: bool,
    fields: Value,
    /// Members that are lists.
    lists: Vec<String>,
}

struct Outline<'e>(&'e mut Envelope);

impl<'de> Visitor<'de> for Outline<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of objects, or a document")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> std::result::Result<(), A::Error> {
        self.0.is_list = true;
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> std::result::Result<(), A::Error> {
        let mut left = MOST_VALUES;
        while let Some(name) = members.next_key::<String>()? {
            match name.as_str() {
                "fields" => self.0.fields = members.next_value_seed(Tree { left: &mut left })?,
                "meta" => {
                    let meta = members.next_value_seed(Tree { left: &mut left })?;
                    if let Some(fields) = meta.get("fields").filter(|_| self.0.fields.is_null()) {
                        self.0.fields = fields.clone();
                    }
                }
                _ => {
                    if members.next_value_seed(IsList)? {
                        self.0.lists.push(name);
                    }
                }
            }
        }
        Ok(())
    }
}

/// Passes over a value and tells whether it is a list.
struct IsList;

impl<'de> DeserializeSeed<'de> for IsList {
    type Value = bool;

    fn deserialize<D: serde::Deserializer<'de>>(self, value: D) -> std::result::Result<bool, D::Error> {
        value.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for IsList {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, _: bool) -> std::result::Result<bool, E> {
        Ok(false)
    }

    fn visit_i64<E>(self, _: i64) -> std::result::Result<bool, E> {
        Ok(false)
    }

    fn visit_u64<E>(self, _: u64) -> std::result::Result<bool, E> {
        Ok(false)
    }

    fn visit_f64<E>(self, _: f64) -> std::result::Result<bool, E> {
        Ok(false)
    }

    fn visit_str<E>(self, _: &str) -> std::result::Result<bool, E> {
        Ok(false)
    }

    fn visit_unit<E>(self) -> std::result::Result<bool, E> {
        Ok(false)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> std::result::Result<bool, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(true)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> std::result::Result<bool, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(false)
    }
}

/// Takes in the rows of a list, or of a member.
struct Rows<'r, 'p> {
    member: Option<String>,
    profile: &'r mut Profile<'p>,
    /// Why the reading was broken off.
    failed: &'r mut Option<Error>,
}

impl<'de> DeserializeSeed<'de> for Rows<'_, '_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, value: D) -> std::result::Result<(), D::Error> {
        value.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Rows<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> std::result::Result<(), A::Error> {
        let Self { profile, failed, .. } = self;
        let mut path = String::new();
        loop {
            let cells = Cells { path: &mut path, profile: &mut *profile, failed: &mut *failed };
            if list.next_element_seed(cells)?.is_none() {
                return Ok(());
            }
            broken_off::<A::Error>(profile.end_row(), failed)?;
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> std::result::Result<(), A::Error> {
        let Self { member, profile, failed } = self;
        while let Some(name) = members.next_key::<String>()? {
            if member.as_deref() == Some(name.as_str()) {
                members.next_value_seed(Rows {
                    member: None,
                    profile: &mut *profile,
                    failed: &mut *failed,
                })?;
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

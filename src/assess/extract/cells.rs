//! A row of JSON, taken apart while it is read: nothing of it is held.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

use super::in_row;
use super::profile::Profile;
use crate::error::{Code, Error, Result};

/// Takes in the value at a path: the members of an Object and the elements of a List one by one.
pub(super) struct Cells<'c, 'p> {
    /// Where the value stands; empty for a row.
    pub(super) path: &'c mut String,
    pub(super) profile: &'c mut Profile<'p>,
    /// Why the reading was broken off.
    pub(super) failed: &'c mut Option<Error>,
}

impl<'p> Cells<'_, 'p> {
    /// The same for a value inside of this one.
    fn inner(&mut self) -> Cells<'_, 'p> {
        Cells { path: &mut *self.path, profile: &mut *self.profile, failed: &mut *self.failed }
    }

    fn text<E: serde::de::Error>(mut self, text: &str) -> std::result::Result<(), E> {
        let taken = self.field().and_then(|field| self.profile.value(field, text));
        broken_off(taken, self.failed)
    }

    /// The field of the path.
    fn field(&mut self) -> Result<usize> {
        self.check_row()?;
        self.profile.field(self.path)
    }

    /// Whether this may be something else than an Object: a row may not.
    fn check_row(&self) -> Result<()> {
        if !self.path.is_empty() {
            return Ok(());
        }
        Err(Error::new(Code::RequestBody, "a row is no object")
            .at(in_row(self.profile.row()))
            .hint("expected a list of objects, each with its fields by their names"))
    }
}

/// The error that ends the reading, which is kept: the reader's own errors are texts.
pub(super) fn broken_off<E: serde::de::Error>(
    taken: Result<()>,
    failed: &mut Option<Error>,
) -> std::result::Result<(), E> {
    taken.map_err(|error| {
        *failed = Some(error);
        E::custom("broken off")
    })
}

impl<'de> DeserializeSeed<'de> for Cells<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> std::result::Result<(), D::Error> {
        value.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Cells<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> std::result::Result<(), E> {
        self.text(if value { "true" } else { "false" })
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> std::result::Result<(), E> {
        self.text(&value.to_string())
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> std::result::Result<(), E> {
        self.text(&value.to_string())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> std::result::Result<(), E> {
        self.text(&Number::from_f64(value).map(|number| number.to_string()).unwrap_or_default())
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> std::result::Result<(), E> {
        self.text(text)
    }

    /// A field that is null is one all the same.
    fn visit_unit<E: serde::de::Error>(mut self) -> std::result::Result<(), E> {
        let taken = self.field().map(drop);
        broken_off(taken, self.failed)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> std::result::Result<(), A::Error> {
        broken_off::<A::Error>(self.check_row(), self.failed)?;
        let length = self.path.len();
        self.path.push_str("[]");
        while list.next_element_seed(self.inner())?.is_some() {}
        self.path.truncate(length);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> std::result::Result<(), A::Error> {
        let length = self.path.len();
        while let Some(name) = members.next_key::<String>()? {
            // The empty path is that of a row, so that a member without a name needs a sign there too.
            if length > 0 || name.is_empty() {
                self.path.push('.');
            }
            self.path.push_str(&name);
            members.next_value_seed(self.inner())?;
            self.path.truncate(length);
        }
        Ok(())
    }
}

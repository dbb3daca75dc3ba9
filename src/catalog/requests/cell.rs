//! A cell of a table, read as what it is to be.

use serde::de::value::StrDeserializer;
use serde::de::{Deserializer, Error as _, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::Error;

/// The text of a cell; an empty one is missing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell<'a>(pub(super) &'a str);

impl<'a> Cell<'a> {
    /// The text where something must stand.
    fn text(self) -> Result<&'a str, Error> {
        Some(self.0).filter(|text| !text.is_empty()).ok_or_else(|| Error::custom("the cell is empty"))
    }
}

impl<'de> Deserializer<'de> for Cell<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_str(self.text()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.0.is_empty() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let text = self.text()?;
        let wrong = |_| Error::custom(format!("expected a whole number; found '{text}'"));
        visitor.visit_u32(text.trim().parse().map_err(wrong)?)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let word: StrDeserializer<'_, Error> = self.text()?.into_deserializer();
        visitor.visit_enum(word)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

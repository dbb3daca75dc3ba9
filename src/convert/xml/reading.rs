//! What an element stands for, by where it stands: the rule that the writer and the reader share.

use serde_json::{Map, Value};

use crate::convert::document::spelled;
use crate::convert::fault::Fault;
use crate::convert::kind::{Fields, Kind};

/// The words of a key that is a boolean in a declaration.
static KEY: Kind = Kind::Boolean;

/// How an element is read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Reading<'a> {
    /// As a value of a field.
    Typed(&'a Kind),
    /// As a row, or as an object of declared members.
    Members(&'a Fields),
    /// By its looks: a text, a list of `item`, or an object.
    Free,
    /// As `meta`.
    Meta,
    /// As a list of words.
    Words,
    /// As the declarations of fields.
    Fields,
    /// As one declaration.
    Declaration,
}

impl<'a> Reading<'a> {
    /// How a child of a name is read.
    pub(super) fn child(self, name: &str) -> Reading<'a> {
        match self {
            Self::Typed(Kind::Object(fields)) | Self::Members(fields) => Reading::Typed(fields.kind(name)),
            Self::Typed(Kind::List(element)) => Reading::Typed(element),
            Self::Meta if name == "keywords" => Reading::Words,
            Self::Fields => Reading::Declaration,
            Self::Declaration => match name {
                "pkey" | "pk" => Reading::Typed(&KEY),
                "fields" => Reading::Fields,
                _ => Reading::Free,
            },
            Self::Typed(_) | Self::Free | Self::Meta | Self::Words => Reading::Free,
        }
    }

    /// Whether the element of a value reads back as that value.
    pub(super) fn tells(self, value: &Value) -> bool {
        match value {
            Value::Null => true,
            Value::String(text) => match self {
                Self::Typed(kind) => {
                    self.leaf(text).is_some_and(|read| read == *value) && spelled(text, kind).is_none()
                }
                _ => self.leaf(text).is_some_and(|read| read == *value),
            },
            Value::Bool(_) => matches!(self, Self::Typed(Kind::Boolean)),
            Value::Number(number) => self.leaf(&number.to_string()).is_some_and(|read| read == *value),
            Value::Array(elements) => {
                !elements.is_empty() && matches!(self, Self::Typed(Kind::List(_)) | Self::Free | Self::Words)
            }
            Value::Object(members) => match self {
                Self::Members(_) | Self::Meta | Self::Fields => true,
                Self::Typed(Kind::Object(_)) | Self::Declaration => !members.is_empty(),
                Self::Free => members.len() > 1 || (members.len() == 1 && !members.contains_key("item")),
                Self::Typed(_) | Self::Words => false,
            },
        }
    }

    /// The value of an element without children; none where it must have some.
    pub(super) fn leaf(self, text: &str) -> Option<Value> {
        let is_blank = is_blank(text);
        match self {
            Self::Typed(Kind::Object(_) | Kind::List(_)) | Self::Words if is_blank => Some(Value::Null),
            Self::Members(_) | Self::Meta | Self::Fields if is_blank => Some(Value::Object(Map::new())),
            Self::Members(_) | Self::Meta | Self::Fields => None,
            Self::Typed(kind) => Some(spelled(text, kind).unwrap_or_else(|| text.into())),
            Self::Free | Self::Words | Self::Declaration => Some(text.into()),
        }
    }

    /// The value of an element with children or attributes.
    pub(super) fn gather(self, members: Vec<(String, Value)>, attributes: usize) -> Result<Value, Fault> {
        match self {
            Self::Typed(Kind::List(_)) | Self::Words => {
                Ok(Value::Array(members.into_iter().map(|(_, value)| value).collect()))
            }
            Self::Typed(Kind::Object(_))
            | Self::Members(_)
            | Self::Meta
            | Self::Fields
            | Self::Declaration => {
                let mut object = Map::new();
                for (name, value) in members {
                    if object.insert(name.clone(), value).is_some() {
                        let fault =
                            Fault::new(format!("found '{name}' a second time, expected each member once"));
                        return Err(fault.in_column(name));
                    }
                }
                Ok(Value::Object(object))
            }
            Self::Typed(_) | Self::Free => Ok(by_looks(members, attributes)),
        }
    }
}

/// A list where all children have one name, and are several or an `item`; else an object, in which what is there
/// several times is a list.
fn by_looks(members: Vec<(String, Value)>, attributes: usize) -> Value {
    let first = members.first().map(|(name, _)| name.clone()).unwrap_or_default();
    let is_one_name = attributes == 0 && members.iter().all(|(name, _)| *name == first);
    if is_one_name && (members.len() > 1 || first == "item") {
        return Value::Array(members.into_iter().map(|(_, value)| value).collect());
    }
    let mut object: Map<String, Value> = Map::new();
    let mut repeated: Map<String, Value> = Map::new();
    for (name, value) in members {
        let Some(earlier) = object.get(&name) else {
            object.insert(name, value);
            continue;
        };
        let list = repeated.entry(name).or_insert_with(|| Value::Array(vec![earlier.clone()]));
        if let Value::Array(list) = list {
            list.push(value);
        }
    }
    object.extend(repeated);
    Value::Object(object)
}

/// Whether a text is only the white space between elements.
pub(super) fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
}

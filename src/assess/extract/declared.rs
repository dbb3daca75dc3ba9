//! What a document says of the fields that hold values.

use serde_json::{Map, Value};

use super::MOST_PATH;
use crate::document::Type;

/// A field of a document that holds values: one of a row, of an Object in it, or what a List holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Declared {
    /// Where it stands: `schedule.open`, `phones[]`.
    pub(super) path: String,
    pub(super) kind: Type,
    /// Whether its type is the word Address.
    pub(super) is_address: bool,
    /// Its labels in Kazakh and in Russian; empty where it has none.
    pub(super) labels: [String; 2],
    /// The field of another dataset whose values it holds: `regions.id`.
    pub(super) datapath: Option<String>,
}

/// The fields that an object of `fields` declares, in its order; Objects are taken apart. `path` is that of the
/// object, or empty.
pub(super) fn declared(fields: &Value, path: &str, found: &mut Vec<Declared>) {
    // What lies deeper than any field may is met, and refused, in the rows.
    let Some(fields) = fields.as_object().filter(|_| path.len() <= MOST_PATH) else { return };
    for (name, value) in fields {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        let word = value.as_str().or_else(|| value.get("type")?.as_str()).unwrap_or_default();
        let members = value.as_object();
        let nested = members.and_then(|members| members.get("fields"));
        match Type::named(word) {
            Some(Type::Object) => declared(nested.unwrap_or(&Value::Null), &path, found),
            Some(Type::List) => {
                let path = format!("{path}[]");
                let element = members.and_then(|members| members.get("elementType")?.as_str());
                match nested {
                    Some(nested) => declared(nested, &path, found),
                    None => found.push(field(path, element.unwrap_or("String"), members)),
                }
            }
            _ => found.push(field(path, word, members)),
        }
    }
}

fn field(path: String, word: &str, members: Option<&Map<String, Value>>) -> Declared {
    let text = |name: &str| members.and_then(|members| members.get(name)?.as_str()).map(str::trim);
    let label = |name: &str| text(name).map(super::excerpt).unwrap_or_default().to_owned();
    Declared {
        path,
        kind: Type::named(word).unwrap_or(Type::String),
        is_address: word.trim().eq_ignore_ascii_case("address"),
        labels: [label("labelKk"), label("labelRu")],
        datapath: text("datapath").filter(|path| !path.is_empty()).map(str::to_owned),
    }
}

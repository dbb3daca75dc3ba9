//! The order's document as JSON: `meta`, `fields` and `data` (order 144, annex 1 part 1), and its normal form.

use serde_json::{Map, Value};

use crate::convert::fault::Fault;
use crate::convert::kind::{Fields, Kind};
use crate::convert::number;

/// The members of the order's document.
const MEMBERS: [&str; 3] = ["meta", "fields", "data"];

/// A document in parts.
pub(crate) struct Parts<'a> {
    pub(crate) meta: &'a Map<String, Value>,
    pub(crate) fields: &'a Map<String, Value>,
    pub(crate) rows: &'a [Value],
    /// What `fields` declares.
    pub(crate) kinds: Fields,
}

impl<'a> Parts<'a> {
    /// The parts of a document in normal form.
    pub(crate) fn of(document: &'a Value) -> Result<Self, Fault> {
        let object = |key: &str| document.get(key).and_then(Value::as_object);
        let (Some(meta), Some(fields)) = (object("meta"), object("fields")) else {
            return Err(Fault::new("found no objects 'meta' and 'fields', expected both"));
        };
        let rows = document.get("data").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        Ok(Self { meta, fields, rows, kinds: Fields::parse(&Value::Object(fields.clone())) })
    }
}

/// Puts the parts of a document together, in the order's sequence.
pub(crate) fn join(meta: Map<String, Value>, fields: Map<String, Value>, rows: Vec<Value>) -> Value {
    let mut document = Map::new();
    document.insert("meta".to_owned(), Value::Object(meta));
    document.insert("fields".to_owned(), Value::Object(fields));
    document.insert("data".to_owned(), Value::Array(rows));
    Value::Object(document)
}

/// The normal form of a document: what every conversion gives back, value for value.
///
/// * `meta`, `fields` and `data` are there and stand in this sequence; a missing `meta` or `fields` is an empty
///   object, and `fields` inside `meta` stands beside it.
/// * In fields declared Int, Double or Boolean (in Objects and Lists too), and in the attributes `pkey` and `pk`, a
///   text that spells such a value as JSON does is that value: `"103"` is `103`, `"true"` is `true`. All other texts
///   stay texts (`"164,8"`, `"FALSE"`, `"007"`).
///
/// Of numbers the value counts and not the spelling: those of [`super::json`].
///
/// # Errors
/// Where the document is no object, has other members than the order's, no `data`, or a row that is no object.
pub fn normal(document: &Value) -> Result<Value, Fault> {
    let hint = "see order 144, annex 1 part 1: { \"meta\": {}, \"fields\": {}, \"data\": [{}] }";
    let Value::Object(members) = document else {
        return Err(
            Fault::new("found no object, expected a document with 'meta', 'fields' and 'data'").hint(hint)
        );
    };
    if let Some(other) = members.keys().find(|key| !MEMBERS.contains(&key.as_str())) {
        return Err(Fault::new(format!("found the member '{other}', expected 'meta', 'fields' and 'data'"))
            .hint(hint));
    }
    let mut meta = object(members, "meta")?;
    let inside = if members.contains_key("fields") { None } else { meta.shift_remove("fields") };
    let mut fields = match inside {
        Some(Value::Object(fields)) => fields,
        Some(_) => {
            return Err(Fault::new("found 'fields' in 'meta' that is no object, expected one").hint(hint));
        }
        None => object(members, "fields")?,
    };
    for declaration in fields.values_mut() {
        declare(declaration);
    }
    let Some(Value::Array(rows)) = members.get("data") else {
        return Err(Fault::new("found no list 'data', expected the list of rows").hint(hint));
    };
    let kind = Kind::Object(Fields::parse(&Value::Object(fields.clone())));
    let rows = rows.iter().zip(1..).map(|(row, number)| {
        if row.is_object() { Ok(typed(row, &kind)) } else { Err(not_an_object(row).in_row(number)) }
    });
    Ok(join(meta, fields, rows.collect::<Result<_, _>>()?))
}

fn not_an_object(row: &Value) -> Fault {
    Fault::unlike(&row.to_string(), "an object, as every row is")
}

fn object(members: &Map<String, Value>, key: &str) -> Result<Map<String, Value>, Fault> {
    match members.get(key) {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(object)) => Ok(object.clone()),
        Some(other) => Err(Fault::unlike(&other.to_string(), &format!("an object as '{key}'"))),
    }
}

/// Types the marks of a key in a declaration.
fn declare(declaration: &mut Value) {
    let Value::Object(attributes) = declaration else { return };
    for (key, value) in attributes {
        match key.as_str() {
            "pkey" | "pk" => *value = typed(value, &Kind::Boolean),
            "fields" => {
                for declaration in value.as_object_mut().into_iter().flat_map(Map::values_mut) {
                    declare(declaration);
                }
            }
            _ => {}
        }
    }
}

/// A value with the texts in it typed that spell a value of their field's type.
fn typed(value: &Value, kind: &Kind) -> Value {
    match (value, kind) {
        (Value::String(text), _) => spelled(text, kind).unwrap_or_else(|| value.clone()),
        (Value::Array(elements), Kind::List(kind)) => elements.iter().map(|it| typed(it, kind)).collect(),
        (Value::Object(members), Kind::Object(fields)) => {
            members.iter().map(|(key, value)| (key.clone(), typed(value, fields.kind(key)))).collect()
        }
        _ => value.clone(),
    }
}

/// The number or boolean that a text spells as JSON does, where the kind has such values.
pub(crate) fn spelled(text: &str, kind: &Kind) -> Option<Value> {
    match kind {
        Kind::Int | Kind::Double => number::parse(text),
        Kind::Boolean => match text {
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            _ => None,
        },
        _ => None,
    }
}

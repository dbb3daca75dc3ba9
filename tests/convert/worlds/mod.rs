//! Random documents of all types, with all that has ever got lost on the way through a table.

mod words;

use fastrand::Rng;
use serde_json::{Map, Value};

use crate::convert::json;
use words::{CONTROLS, FORMATS, NAMES, NUMBERS, TEXTS, TYPES};

/// What a world may have.
#[derive(Clone, Copy)]
pub(crate) struct Laws {
    /// Whether texts may hold control characters.
    pub(crate) has_controls: bool,
}

fn one<'a>(rng: &mut Rng, of: &[&'a str]) -> &'a str {
    of[rng.usize(..of.len())]
}

fn text(rng: &mut Rng, laws: Laws) -> String {
    match rng.u8(..12) {
        0 if laws.has_controls => one(rng, CONTROLS).to_owned(),
        0 | 1 => format!("{}{}", one(rng, TEXTS), one(rng, TEXTS)),
        _ => one(rng, TEXTS).to_owned(),
    }
}

fn number(rng: &mut Rng) -> Value {
    match rng.u8(..4) {
        0 => json(rng.i64(..).to_string()),
        1 => json(format!("{}", rng.f64() * 1000.0)),
        _ => json(one(rng, NUMBERS)),
    }
}

/// A random document.
pub(crate) fn document(seed: u64, laws: Laws) -> Value {
    let rng = &mut Rng::with_seed(seed);
    let fields = fields(rng, 0, laws);
    let rows: Vec<Value> = (0..rng.usize(..7)).map(|_| object(rng, &fields, laws)).collect();
    let mut document = Map::new();
    document.insert("meta".to_owned(), meta(rng, laws));
    document.insert("fields".to_owned(), Value::Object(fields));
    document.insert("data".to_owned(), Value::Array(rows));
    Value::Object(document)
}

fn meta(rng: &mut Rng, laws: Laws) -> Value {
    let mut meta = Map::new();
    for key in ["apiUri", "nameKk", "nameRu", "nameEn", "Мәні", "orderNumber"] {
        if rng.bool() {
            meta.insert(key.to_owned(), text(rng, laws).into());
        }
    }
    if rng.bool() {
        let words = (0..rng.usize(..4)).map(|_| text(rng, laws).into()).collect();
        meta.insert("keywords".to_owned(), Value::Array(words));
    }
    for key in ["responsible", "owner", "changeLog", "keywords"] {
        if rng.u8(..3) == 0 {
            meta.insert(key.to_owned(), any(rng, 0, laws));
        }
    }
    Value::Object(meta)
}

fn fields(rng: &mut Rng, depth: u8, laws: Laws) -> Map<String, Value> {
    let mut fields = Map::new();
    for _ in 0..rng.usize(..6) {
        let declaration = if rng.u8(..12) == 0 { any(rng, 2, laws) } else { declaration(rng, depth, laws) };
        fields.insert(one(rng, NAMES).to_owned(), declaration);
    }
    fields
}

fn declaration(rng: &mut Rng, depth: u8, laws: Laws) -> Value {
    let types = if depth > 2 { &TYPES[..10] } else { TYPES };
    let mut attributes = Map::new();
    let mut put = |key: &str, value: Value| attributes.insert(key.to_owned(), value);
    let name = one(rng, types);
    put("type", name.into());
    put("labelKk", text(rng, laws).into());
    if rng.bool() {
        put("labelEn", text(rng, laws).into());
    }
    if name == "Date" && rng.bool() {
        put("format", one(rng, FORMATS).into());
    }
    match rng.u8(..8) {
        0 => drop(put("pkey", rng.bool().into())),
        1 => drop(put("pk", text(rng, laws).into())),
        2 => drop(put("үлгі", any(rng, 1, laws))),
        3 => drop(put("datapath", "regions.id".into())),
        _ => {}
    }
    let element = one(rng, types);
    if name == "List" && rng.u8(..6) > 0 {
        put("elementType", element.into());
    }
    if (name == "Object" || (name == "List" && element == "Object")) && rng.u8(..8) > 0 {
        put("fields", Value::Object(fields(rng, depth + 1, laws)));
    }
    Value::Object(attributes)
}

/// An object of declared and of other members, some missing, some null, some of another type.
fn object(rng: &mut Rng, fields: &Map<String, Value>, laws: Laws) -> Value {
    let mut object = Map::new();
    for (name, declaration) in fields {
        let value = match rng.u8(..10) {
            0 => continue,
            1 => Value::Null,
            2 => any(rng, 0, laws),
            _ => of_type(rng, declaration.get("type"), declaration, laws),
        };
        object.insert(name.clone(), value);
    }
    if rng.u8(..4) == 0 {
        object.insert(one(rng, NAMES).to_owned(), any(rng, 1, laws));
    }
    Value::Object(object)
}

fn of_type(rng: &mut Rng, name: Option<&Value>, declaration: &Value, laws: Laws) -> Value {
    match name.and_then(Value::as_str).unwrap_or_default() {
        "Int" | "int" if rng.bool() => json(rng.i32(..).to_string()),
        "Int" | "int" | "Double" => number(rng),
        "Boolean" => rng.bool().into(),
        "Date" => format!("{:02}.{:02}.{}", rng.u8(1..29), rng.u8(1..13), rng.u16(1890..2100)).into(),
        "Geoposition" => format!("{},{}", rng.f64() * 90.0, rng.f64() * 180.0).into(),
        "Object" => match declaration.get("fields") {
            Some(Value::Object(fields)) => object(rng, fields, laws),
            _ => any(rng, 1, laws),
        },
        "List" => {
            let element = declaration.get("elementType");
            (0..rng.usize(..4))
                .map(|_| {
                    if rng.u8(..8) == 0 {
                        any(rng, 1, laws)
                    } else {
                        element_of(rng, element, declaration, laws)
                    }
                })
                .collect()
        }
        _ => text(rng, laws).into(),
    }
}

fn element_of(rng: &mut Rng, element: Option<&Value>, declaration: &Value, laws: Laws) -> Value {
    match element.and_then(Value::as_str) {
        Some("List") => (0..rng.usize(..3)).map(|_| any(rng, 2, laws)).collect(),
        _ => of_type(rng, element, declaration, laws),
    }
}

/// Any value of JSON.
fn any(rng: &mut Rng, depth: u8, laws: Laws) -> Value {
    match rng.u8(..if depth > 2 { 5 } else { 7 }) {
        0 => Value::Null,
        1 => rng.bool().into(),
        2 => number(rng),
        3 | 4 => text(rng, laws).into(),
        5 => (0..rng.usize(..4)).map(|_| any(rng, depth + 1, laws)).collect(),
        _ => {
            let members =
                (0..rng.usize(..4)).map(|_| (one(rng, NAMES).to_owned(), any(rng, depth + 1, laws)));
            Value::Object(members.collect())
        }
    }
}

//! What `fields` declares, and the Arrow field that a declared field becomes.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, Fields, TimeUnit};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::facts::Facts;
use super::letters;
use super::rule::Rule;
use crate::encode::attribute;
use crate::geo;

/// The types of the format (order 144, annex 1 part 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Type {
    /// A whole number of 64 bits.
    Int,
    /// A floating-point number of 64 bits.
    Double,
    /// True or false.
    Boolean,
    /// A text, kept byte for byte.
    String,
    /// A date, with or without a time of day.
    Date,
    /// A point on the globe.
    Geoposition,
    /// An object with fields of its own.
    Object,
    /// A list of elements of one type.
    List,
}

impl Type {
    /// The type that a document means by a word, whatever its letter case, or none. `Text` and
    /// `Address` are texts, `DateTime` is a date: the order's own template says so.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Some(match word.trim().to_lowercase().as_str() {
            "int" => Self::Int,
            "double" => Self::Double,
            "boolean" => Self::Boolean,
            "string" | "text" | "address" => Self::String,
            "date" | "datetime" => Self::Date,
            "geoposition" => Self::Geoposition,
            "object" => Self::Object,
            "list" => Self::List,
            _ => return None,
        })
    }

    /// The word that the order has for the type.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Int => "Int",
            Self::Double => "Double",
            Self::Boolean => "Boolean",
            Self::String => "String",
            Self::Date => "Date",
            Self::Geoposition => "Geoposition",
            Self::Object => "Object",
            Self::List => "List",
        }
    }
}

/// The order of the two numbers of a Geoposition, where the publisher states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AxisOrder {
    /// Latitude first: `51.117469,71.428171`.
    LatLon,
    /// Longitude first.
    LonLat,
}

impl AxisOrder {
    /// The order of a word, in any letter case.
    fn named(word: &str) -> Option<Self> {
        match word.trim().to_lowercase().as_str() {
            "latlon" => Some(Self::LatLon),
            "lonlat" => Some(Self::LonLat),
            _ => None,
        }
    }
}

/// One field as the document declares it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FieldSpec {
    /// The name, as it is.
    pub name: String,
    /// The type it is read as.
    pub kind: Type,
    /// The word that declares the type, kept for its role (`Address`).
    pub declared_type: String,
    /// Label in Kazakh, Russian and English; empty where there is none.
    pub labels: [String; 3],
    /// Whether it is (part of) the primary key.
    pub is_key: bool,
    /// `<apiUri>.<field>` of the object that its values refer to.
    pub datapath: Option<String>,
    /// The format of a Date, such as `DD.MM.YYYY`.
    pub format: Option<String>,
    /// The order of a Geoposition, where stated.
    pub order: Option<AxisOrder>,
    /// The fields of an Object.
    pub fields: Vec<FieldSpec>,
    /// What a List holds.
    pub element: Option<Box<FieldSpec>>,
    /// Whether `fields` declares it; else it was met in the rows.
    pub declared: bool,
    /// The attributes that derek has no use for.
    pub other: Map<String, Value>,
}

/// What a description of fields breaks: the rule, the field's path, and what stands there.
pub(super) type Broken = Vec<(Rule, String, Option<String>)>;

impl FieldSpec {
    /// A text that no `fields` declares: what an undeclared key becomes.
    pub(super) fn undeclared(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            kind: Type::String,
            declared_type: "String".to_owned(),
            labels: [const { String::new() }; 3],
            is_key: false,
            datapath: None,
            format: None,
            order: None,
            fields: Vec::new(),
            element: None,
            declared: false,
            other: Map::new(),
        }
    }

    /// The field that an object of `fields` declares; `broken` gets what
    /// the description breaks.
    pub(super) fn parse(name: &str, value: &Value, path: &str, broken: &mut Broken) -> Self {
        let mut spec = Self { declared: true, ..Self::undeclared(name) };
        let Value::Object(members) = value else {
            // "name": "Int" is what a hand-written document says for short.
            spec.set_type(value.as_str().unwrap_or_default(), path, broken);
            return spec;
        };
        for (key, value) in members {
            spec.set_member(key, value, path, broken);
        }
        spec.set_type(text(members.get("type")).as_str(), path, broken);
        if spec.kind == Type::List {
            spec.element = Some(Box::new(spec.element_spec(members, path, broken)));
            spec.fields.clear();
        }
        spec.check(members, path, broken);
        spec
    }

    /// Adds what the description breaks but its type.
    fn check(&self, members: &Map<String, Value>, path: &str, broken: &mut Broken) {
        let mut note = |rule, raw: Option<&str>| broken.push((rule, path.to_owned(), raw.map(str::to_owned)));
        if self.labels[..2].iter().any(|label| label.trim().is_empty()) {
            note(Rule::FieldNoLabel, None);
        }
        if letters::mixes_scripts(&self.name) {
            note(Rule::FieldLookAlike, Some(&self.name));
        }
        if self.kind == Type::List && text(members.get("elementType")).is_empty() {
            note(Rule::FieldNoElementType, None);
        }
        if let Some(label) = self.labels.iter().find(|label| letters::is_mojibake(label)) {
            note(Rule::TextMojibake, Some(label));
        }
        let object = self.element.as_deref().unwrap_or(self);
        if object.kind == Type::Object && object.fields.is_empty() {
            note(Rule::FieldNoMembers, None);
        }
        let is_path = |path: &str| {
            path.rsplit_once('.').is_some_and(|(dataset, field)| !dataset.is_empty() && !field.is_empty())
        };
        if let Some(datapath) = self.datapath.as_deref().filter(|datapath| !is_path(datapath)) {
            note(Rule::FieldDatapath, Some(datapath));
        }
        if let Some(order) =
            members.get("order").filter(|_| self.order.is_none() && self.kind == Type::Geoposition)
        {
            note(Rule::FieldOrder, Some(&order.as_str().map_or_else(|| order.to_string(), str::to_owned)));
        }
    }

    fn set_type(&mut self, word: &str, path: &str, broken: &mut Broken) {
        self.kind = Type::named(word).unwrap_or_else(|| {
            broken.push((Rule::FieldUnknownType, path.to_owned(), Some(word.to_owned())));
            Type::String
        });
        word.clone_into(&mut self.declared_type);
    }

    fn set_member(&mut self, key: &str, value: &Value, path: &str, broken: &mut Broken) {
        match key {
            "type" | "elementType" => {}
            "labelKk" => self.labels[0] = text(Some(value)),
            "labelRu" => self.labels[1] = text(Some(value)),
            "labelEn" => self.labels[2] = text(Some(value)),
            "pkey" | "pk" => self.is_key = text(Some(value)).eq_ignore_ascii_case("true"),
            "datapath" => self.datapath = Some(text(Some(value))).filter(|path| !path.is_empty()),
            "format" => self.format = Some(text(Some(value))).filter(|format| !format.is_empty()),
            "order" if AxisOrder::named(&text(Some(value))).is_some() => {
                self.order = AxisOrder::named(&text(Some(value)));
            }
            "fields" => self.fields = Self::parse_all(value, path, broken),
            _ => {
                self.other.insert(key.to_owned(), value.clone());
            }
        }
    }

    fn element_spec(&self, members: &Map<String, Value>, path: &str, broken: &mut Broken) -> Self {
        let mut element = Self { declared: true, ..Self::undeclared("item") };
        let word = text(members.get("elementType"));
        let fallback = if self.fields.is_empty() { "String" } else { "Object" };
        element.set_type(if word.is_empty() { fallback } else { &word }, &elements(path), broken);
        element.fields.clone_from(&self.fields);
        element.format.clone_from(&self.format);
        element.datapath.clone_from(&self.datapath);
        element.order = self.order;
        element
    }

    /// The fields that an object declares, in its order; `path` is that of the object, or empty.
    pub(super) fn parse_all(value: &Value, path: &str, broken: &mut Broken) -> Vec<Self> {
        let Value::Object(members) = value else { return Vec::new() };
        members.iter().map(|(name, value)| Self::parse(name, value, &join(path, name), broken)).collect()
    }

    /// The Arrow field of the column, once all rows are read (`facts` decides between a date and a
    /// timestamp). The metadata keys are those of [`crate::encode::attribute`].
    pub(super) fn arrow_field(&self, path: &str, facts: &Facts) -> Field {
        let data_type = match self.kind {
            Type::Int => DataType::Int64,
            Type::Double => DataType::Float64,
            Type::Boolean => DataType::Boolean,
            Type::String => DataType::Utf8,
            Type::Date if facts.date_has_time(path, self.format.as_deref()) => {
                DataType::Timestamp(TimeUnit::Second, None)
            }
            Type::Date => DataType::Date32,
            Type::Geoposition => geo::point_type(),
            Type::Object => DataType::Struct(arrow_fields(&self.fields, path, facts)),
            Type::List => DataType::List(self.arrow_element(path, facts)),
        };
        let field = Field::new(&self.name, data_type, true);
        let mut metadata =
            if self.kind == Type::Geoposition { geo::point_metadata() } else { HashMap::new() };
        self.describe(&mut metadata);
        field.with_metadata(metadata)
    }

    /// The Arrow field of a List's elements.
    pub(super) fn arrow_element(&self, path: &str, facts: &Facts) -> FieldRef {
        match &self.element {
            Some(element) => Arc::new(element.arrow_field(&elements(path), facts)),
            None => Arc::new(Field::new("item", DataType::Utf8, true)),
        }
    }

    fn describe(&self, metadata: &mut HashMap<String, String>) {
        let mut put = |key: &str, value: &str| {
            if !value.is_empty() {
                metadata.insert(key.to_owned(), value.to_owned());
            }
        };
        put(attribute::TYPE, &self.declared_type);
        put(attribute::LABEL_KK, &self.labels[0]);
        put(attribute::LABEL_RU, &self.labels[1]);
        put(attribute::LABEL_EN, &self.labels[2]);
        put(attribute::KEY, if self.is_key { "true" } else { "" });
        put(attribute::DATAPATH, self.datapath.as_deref().unwrap_or_default());
        put(attribute::DECLARED, if self.declared { "" } else { "false" });
        if !self.other.is_empty() {
            put(attribute::OTHER, &Value::Object(self.other.clone()).to_string());
        }
    }
}

/// The Arrow fields of an object's fields; `path` is that of the object, or empty for a row.
pub(super) fn arrow_fields(specs: &[FieldSpec], path: &str, facts: &Facts) -> Fields {
    specs.iter().map(|spec| spec.arrow_field(&join(path, &spec.name), facts)).collect()
}

/// What stands between the names of a path while a document is read. Names may hold any sign that could be
/// typed: the field `a.b` and the member `b` of the field `a` are two.
const STEP: char = '\u{1f}';

/// The path of a member of the object at `path`.
pub(super) fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}{STEP}{name}") }
}

/// The path of the elements of the list at `path`.
pub(super) fn elements(path: &str) -> String {
    format!("{path}{STEP}[]")
}

/// A path as users read it: `schedule.open`, `rooms[].number`.
pub(super) fn shown(path: &str) -> String {
    path.replace("\u{1f}[]", "[]").replace(STEP, ".")
}

/// A scalar as text: a string as it is, a number or a boolean as JSON writes it, else nothing.
pub(super) fn text(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(scalar @ (Value::Number(_) | Value::Bool(_))) => scalar.to_string(),
        _ => String::new(),
    }
}

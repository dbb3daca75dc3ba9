//! What `fields` declares, and the Arrow field that a declared field becomes.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, Fields, TimeUnit};
use serde_json::{Map, Value};

use super::facts::Facts;
use crate::encode::attribute;
use crate::geo;

/// The types of the format (order 144, annex 1 part 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
}

/// The order of the two numbers of a Geoposition, where the publisher states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AxisOrder {
    /// Latitude first: `51.117469,71.428171`.
    LatLon,
    /// Longitude first.
    LonLat,
}

/// One field as the document declares it.
#[derive(Debug, Clone, PartialEq)]
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

    /// The field that an object of `fields` declares; `unknown` gets the path of each field whose
    /// type is none of the format's, with the word that it has instead.
    pub(super) fn parse(name: &str, value: &Value, path: &str, unknown: &mut Vec<(String, String)>) -> Self {
        let mut spec = Self { declared: true, ..Self::undeclared(name) };
        let Value::Object(members) = value else {
            // "name": "Int" is what a hand-written document says for short.
            spec.set_type(value.as_str().unwrap_or_default(), path, unknown);
            return spec;
        };
        for (key, value) in members {
            spec.set_member(key, value, path, unknown);
        }
        spec.set_type(text(members.get("type")).as_str(), path, unknown);
        if spec.kind == Type::List {
            spec.element = Some(Box::new(spec.element_spec(members, path, unknown)));
            spec.fields.clear();
        }
        spec
    }

    fn set_type(&mut self, word: &str, path: &str, unknown: &mut Vec<(String, String)>) {
        self.kind = Type::named(word).unwrap_or_else(|| {
            unknown.push((path.to_owned(), word.to_owned()));
            Type::String
        });
        word.clone_into(&mut self.declared_type);
    }

    fn set_member(&mut self, key: &str, value: &Value, path: &str, unknown: &mut Vec<(String, String)>) {
        match key {
            "type" | "elementType" => {}
            "labelKk" => self.labels[0] = text(Some(value)),
            "labelRu" => self.labels[1] = text(Some(value)),
            "labelEn" => self.labels[2] = text(Some(value)),
            "pkey" | "pk" => self.is_key = text(Some(value)).eq_ignore_ascii_case("true"),
            "datapath" => self.datapath = Some(text(Some(value))).filter(|path| !path.is_empty()),
            "format" => self.format = Some(text(Some(value))).filter(|format| !format.is_empty()),
            "order" if text(Some(value)).eq_ignore_ascii_case("latlon") => {
                self.order = Some(AxisOrder::LatLon);
            }
            "order" if text(Some(value)).eq_ignore_ascii_case("lonlat") => {
                self.order = Some(AxisOrder::LonLat);
            }
            "fields" => self.fields = Self::parse_all(value, path, unknown),
            _ => {
                self.other.insert(key.to_owned(), value.clone());
            }
        }
    }

    fn element_spec(
        &self,
        members: &Map<String, Value>,
        path: &str,
        unknown: &mut Vec<(String, String)>,
    ) -> Self {
        let mut element = Self { declared: true, ..Self::undeclared("item") };
        let word = text(members.get("elementType"));
        let fallback = if self.fields.is_empty() { "String" } else { "Object" };
        element.set_type(if word.is_empty() { fallback } else { &word }, &format!("{path}[]"), unknown);
        element.fields.clone_from(&self.fields);
        element.format.clone_from(&self.format);
        element.datapath.clone_from(&self.datapath);
        element.order = self.order;
        element
    }

    /// The fields that an object declares, in its order; `path` is that of the object, or empty.
    pub(super) fn parse_all(value: &Value, path: &str, unknown: &mut Vec<(String, String)>) -> Vec<Self> {
        let Value::Object(members) = value else { return Vec::new() };
        members.iter().map(|(name, value)| Self::parse(name, value, &join(path, name), unknown)).collect()
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
            Some(element) => Arc::new(element.arrow_field(&format!("{path}[]"), facts)),
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

/// The path of a member of the object at `path`.
pub(super) fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// A scalar as text: a string as it is, a number or a boolean as JSON writes it, else nothing.
pub(super) fn text(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(scalar @ (Value::Number(_) | Value::Bool(_))) => scalar.to_string(),
        _ => String::new(),
    }
}

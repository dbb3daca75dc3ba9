//! What a published field says of itself, carried by its Arrow field's metadata.
//!
//! The reader of documents writes these keys, every encoder and `system.fields` read them, and they
//! travel with a table into Arrow IPC and Parquet.

use arrow::datatypes::{DataType, Field};

use super::Language;

/// The type as the document declares it, such as `Int` or `Address`.
pub const TYPE: &str = "derek.type";
/// The label in Kazakh.
pub const LABEL_KK: &str = "derek.labelKk";
/// The label in Russian.
pub const LABEL_RU: &str = "derek.labelRu";
/// The label in English.
pub const LABEL_EN: &str = "derek.labelEn";
/// `true` on a field of the primary key.
pub const KEY: &str = "derek.pkey";
/// `<apiUri>.<field>`: the values are keys of another dataset's objects.
pub const DATAPATH: &str = "derek.datapath";
/// `false` on a column that the document's `fields` do not declare.
pub const DECLARED: &str = "derek.declared";
/// The attributes of the field that derek has no use for, as one JSON object.
pub const OTHER: &str = "derek.other";

/// The value of an attribute of a field, if the field has it.
#[must_use]
pub fn attribute<'a>(field: &'a Field, key: &str) -> Option<&'a str> {
    field.metadata().get(key).map(String::as_str)
}

/// The label of a field in a language, or its name where it has none.
///
/// ```
/// use std::collections::HashMap;
/// use arrow::datatypes::{DataType, Field};
/// use derek::encode::{Language, attribute};
/// let labels = HashMap::from([(attribute::LABEL_KK.to_owned(), "Атауы".to_owned())]);
/// let field = Field::new("name", DataType::Utf8, true).with_metadata(labels);
/// assert_eq!(attribute::label(&field, Language::Kazakh), "Атауы");
/// assert_eq!(attribute::label(&field, Language::Russian), "name");
/// ```
#[must_use]
pub fn label(field: &Field, language: Language) -> &str {
    let key = language.of([LABEL_EN, LABEL_KK, LABEL_RU]);
    attribute(field, key).filter(|label| !label.trim().is_empty()).unwrap_or(field.name())
}

/// Whether a field of this declared type is read as a column of this Arrow type (format.md 2).
fn is_read_as(word: &str, field: &Field) -> bool {
    let kind = field.data_type();
    match word.to_lowercase().as_str() {
        "int" => *kind == DataType::Int64,
        "double" => *kind == DataType::Float64,
        "boolean" => *kind == DataType::Boolean,
        "date" | "datetime" => matches!(kind, DataType::Date32 | DataType::Timestamp(..)),
        "geoposition" => crate::geo::is_point(field),
        "object" => matches!(kind, DataType::Struct(_)),
        "list" => matches!(kind, DataType::List(_)),
        _ => matches!(kind, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View),
    }
}

/// The name of a column's type as users see it: the declared one, else that of format.md which
/// comes nearest to the Arrow type, else Arrow's own.
///
/// ```
/// use arrow::datatypes::{DataType, Field};
/// use derek::encode::type_name;
/// assert_eq!(type_name(&Field::new("n", DataType::Int64, true)), "Int");
/// ```
#[must_use]
pub fn type_name(field: &Field) -> String {
    // A cast keeps the metadata of what was cast: the declared word counts where it still fits.
    if let Some(declared) = attribute(field, TYPE).filter(|word| is_read_as(word, field)) {
        return declared.to_owned();
    }
    match field.data_type() {
        _ if crate::geo::is_point(field) => "Geoposition".to_owned(),
        _ if crate::geo::is_geometry(field) => "Geometry".to_owned(),
        DataType::Dictionary(_, value) => type_name(&Field::new("", value.as_ref().clone(), true)),
        kind if kind.is_integer() => "Int".to_owned(),
        kind if kind.is_numeric() => "Double".to_owned(),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "String".to_owned(),
        DataType::Boolean => "Boolean".to_owned(),
        DataType::Date32 | DataType::Date64 | DataType::Timestamp(..) => "Date".to_owned(),
        DataType::Struct(_) => "Object".to_owned(),
        DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..) => "List".to_owned(),
        other => other.to_string(),
    }
}

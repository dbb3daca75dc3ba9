//! What a published field says of itself, carried by its Arrow field's metadata.
//!
//! The reader of documents writes these keys, every encoder and `system.fields` read them, and they
//! travel with a table into Arrow IPC and Parquet.

use arrow::datatypes::{DataType, Field};

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
    if let Some(declared) = attribute(field, TYPE) {
        return declared.to_owned();
    }
    match field.data_type() {
        _ if crate::geo::is_point(field) => "Geoposition".to_owned(),
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

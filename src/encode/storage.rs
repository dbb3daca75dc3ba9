//! The types that a column has in a Parquet file, so that every reader of it sees the same values.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Field, FieldRef, Fields, TimeUnit};
use arrow::error::ArrowError;
use arrow::util::display::FormatOptions;

/// A value that the stored type cannot hold is an error, never a null.
const OPTIONS: CastOptions<'static> = CastOptions { safe: false, format_options: FormatOptions::new() };

/// A field as it is stored: of the same name and attributes, of a type that Parquet has.
///
/// Parquet has no seconds: a reader without Arrow's schema (`DuckDB`, Spark) would see plain integers, so
/// that moments are milliseconds. Intervals are texts as in JSON, since Parquet's have neither signs nor
/// nanoseconds. Durations are whole numbers, of the unit that Arrow's schema in the file names.
/// Dictionaries are unpacked: Parquet makes its own.
///
/// # Errors
/// Unions and objects without members have no place in Parquet.
pub(super) fn stored_field(field: &Field) -> Result<Field, ArrowError> {
    let stored = stored_type(field.data_type()).map_err(|reason| {
        ArrowError::NotYetImplemented(format!("Parquet cannot hold the column '{}': {reason}", field.name()))
    })?;
    Ok(field.clone().with_data_type(stored))
}

/// The stored type of a type, or why there is none.
fn stored_type(data_type: &DataType) -> Result<DataType, &'static str> {
    let item = |item: &FieldRef| -> Result<FieldRef, &'static str> {
        Ok(Arc::new(item.as_ref().clone().with_data_type(stored_type(item.data_type())?)))
    };
    Ok(match data_type {
        DataType::Timestamp(TimeUnit::Second, zone) => {
            DataType::Timestamp(TimeUnit::Millisecond, zone.clone())
        }
        DataType::Date64 => DataType::Timestamp(TimeUnit::Millisecond, None),
        DataType::Time32(TimeUnit::Second) => DataType::Time32(TimeUnit::Millisecond),
        DataType::Interval(_) => DataType::Utf8,
        DataType::Float16 => DataType::Float32,
        DataType::Dictionary(_, value) => stored_type(value)?,
        DataType::RunEndEncoded(_, value) => stored_type(value.data_type())?,
        DataType::List(of) | DataType::ListView(of) => DataType::List(item(of)?),
        DataType::LargeList(of) | DataType::LargeListView(of) => DataType::LargeList(item(of)?),
        DataType::FixedSizeList(of, length) => DataType::FixedSizeList(item(of)?, *length),
        DataType::Map(entries, is_sorted) => DataType::Map(item(entries)?, *is_sorted),
        DataType::Struct(members) if members.is_empty() => return Err("an object without members"),
        DataType::Struct(members) => {
            DataType::Struct(members.iter().map(item).collect::<Result<Fields, _>>()?)
        }
        DataType::Union(..) => return Err("a union"),
        other => other.clone(),
    })
}

/// A column as the type that [`stored_field`] gave. Cost: nothing where that is its own.
///
/// # Errors
/// Where a value does not fit, such as a moment whose milliseconds overflow.
pub(super) fn stored_array(array: &ArrayRef, stored: &DataType) -> Result<ArrayRef, ArrowError> {
    if array.data_type() == stored {
        return Ok(Arc::clone(array));
    }
    cast_with_options(array, stored, &OPTIONS)
}

//! How the columns of a table are laid out in Parquet, and what GeoParquet says of its points.

use std::collections::HashSet;

use ::parquet::basic::{Compression, Encoding, ZstdLevel};
use ::parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use ::parquet::schema::types::ColumnPath;
use arrow::array::{ArrayRef, AsArray};
use arrow::datatypes::{DataType, Field, Int64Type};
use serde_json::json;

use crate::document::Document;
use crate::geo::{Bounds, Points, is_point};

/// The key of GeoParquet's metadata.
pub(super) const GEO: &str = "geo";
/// The values that tell whether a column repeats itself.
const SAMPLE: usize = 4_096;

/// A dictionary where values repeat; points and whole numbers byte by byte or by their differences, so that
/// zstd finds what they have in common. Statistics are those of row groups: nothing smaller is chosen by them.
pub(super) fn properties(document: &Document) -> WriterProperties {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(None)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_offset_index_disabled(true);
    for (at, field) in document.schema.fields().iter().enumerate() {
        let first = document.batches.first().map(|batch| batch.column(at));
        properties = of_column(properties, field, first);
    }
    properties.build()
}

fn of_column(
    properties: WriterPropertiesBuilder,
    field: &Field,
    first: Option<&ArrayRef>,
) -> WriterPropertiesBuilder {
    let own = |properties: WriterPropertiesBuilder, names: &[&str], encoding: Encoding| {
        let path = ColumnPath::new(names.iter().map(|name| (*name).to_owned()).collect());
        properties.set_column_dictionary_enabled(path.clone(), false).set_column_encoding(path, encoding)
    };
    let name = field.name().as_str();
    match field.data_type() {
        _ if is_point(field) => ["x", "y"].iter().fold(properties, |properties, member| {
            own(properties, &[name, member], Encoding::BYTE_STREAM_SPLIT)
        }),
        DataType::Int64 if first.is_some_and(|first| !repeats_numbers(first)) => {
            own(properties, &[name], Encoding::DELTA_BINARY_PACKED)
        }
        DataType::Float64 => own(properties, &[name], Encoding::BYTE_STREAM_SPLIT),
        DataType::Utf8 if first.is_some_and(|first| !repeats_texts(first)) => {
            own(properties, &[name], Encoding::DELTA_LENGTH_BYTE_ARRAY)
        }
        _ => properties,
    }
}

/// Whether fewer than half of the first values are different ones.
fn is_repetitive(different: usize, values: usize) -> bool {
    different * 2 < values
}

fn repeats_numbers(column: &ArrayRef) -> bool {
    let Some(numbers) = column.as_primitive_opt::<Int64Type>() else { return true };
    let first = &numbers.values()[..numbers.len().min(SAMPLE)];
    is_repetitive(first.iter().collect::<HashSet<_>>().len(), first.len())
}

fn repeats_texts(column: &ArrayRef) -> bool {
    let Some(texts) = column.as_string_opt::<i32>() else { return true };
    let first: Vec<Option<&str>> = texts.iter().take(SAMPLE).collect();
    is_repetitive(first.iter().collect::<HashSet<_>>().len(), first.len())
}

/// GeoParquet 1.1 for points as they lie in the table: separated coordinates, longitude first. None where
/// there is no column of points.
pub(super) fn geo(document: &Document) -> Option<String> {
    let fields = document.schema.fields().iter().enumerate();
    let columns = fields.filter(|(_, field)| is_point(field)).map(|(at, field)| {
        let points = document.batches.iter().filter_map(|batch| Points::of(batch.column(at).as_ref()));
        let bounds = Bounds::of_points(points.flat_map(Points::iter).map(|(_, point)| point));
        let mut column = json!({"encoding": "point", "geometry_types": ["Point"]});
        if let Some(bounds) = bounds {
            column["bbox"] = json!([bounds.west, bounds.south, bounds.east, bounds.north]);
        }
        (field.name().clone(), column)
    });
    let columns: serde_json::Map<_, _> = columns.collect();
    let first = document.schema.fields().iter().find(|field| is_point(field))?;
    Some(json!({"version": "1.1.0", "primary_column": first.name(), "columns": columns}).to_string())
}

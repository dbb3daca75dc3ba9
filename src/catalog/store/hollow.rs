//! Objects without members: Parquet has no such type, so they get a member that is always missing.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, ListArray, RecordBatch, RecordBatchOptions, StructArray, new_null_array,
};
use arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema, SchemaRef};
use arrow::error::ArrowError;

use super::layout::GEO;

/// The name of that member. A field of a document can hardly have it.
const NOTHING: &str = "derek.nothing";

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    Fill,
    Empty,
}

/// The schema with a member in each Object without members.
pub(super) fn filled_schema(schema: &Schema) -> SchemaRef {
    changed_schema(schema, Way::Fill)
}

/// The schema as it was before [`filled_schema`].
pub(super) fn emptied_schema(schema: &Schema) -> SchemaRef {
    let mut schema = schema.clone();
    // It is the file's.
    schema.metadata.remove(GEO);
    changed_schema(&schema, Way::Empty)
}

/// A batch of the filled schema. Cost: nothing where no Object lacks members.
pub(super) fn filled(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    changed_batch(batch, schema, Way::Fill)
}

/// A batch as it was before [`filled`].
pub(super) fn emptied(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    changed_batch(batch, schema, Way::Empty)
}

fn changed_schema(schema: &Schema, way: Way) -> SchemaRef {
    let fields: Fields = schema.fields().iter().map(|field| changed_field(field, way)).collect();
    Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()))
}

fn changed_field(field: &FieldRef, way: Way) -> FieldRef {
    let changed = match field.data_type() {
        DataType::Struct(members) if way == Way::Fill && members.is_empty() => {
            DataType::Struct([Arc::new(Field::new(NOTHING, DataType::Boolean, true))].into_iter().collect())
        }
        DataType::Struct(members) if way == Way::Empty && is_nothing(members) => {
            DataType::Struct(Fields::empty())
        }
        DataType::Struct(members) => {
            DataType::Struct(members.iter().map(|member| changed_field(member, way)).collect())
        }
        DataType::List(element) => DataType::List(changed_field(element, way)),
        _ => return Arc::clone(field),
    };
    Arc::new(field.as_ref().clone().with_data_type(changed))
}

fn is_nothing(members: &Fields) -> bool {
    matches!(members.iter().as_slice(), [only] if only.name() == NOTHING)
}

fn changed_batch(batch: &RecordBatch, schema: &SchemaRef, way: Way) -> Result<RecordBatch, ArrowError> {
    let columns =
        batch.columns().iter().zip(schema.fields()).map(|(column, field)| changed(column, field, way));
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(Arc::clone(schema), columns.collect::<Result<_, _>>()?, &options)
}

/// An array as the type of a changed field.
fn changed(array: &ArrayRef, field: &FieldRef, way: Way) -> Result<ArrayRef, ArrowError> {
    if array.data_type() == field.data_type() {
        return Ok(Arc::clone(array));
    }
    Ok(match field.data_type() {
        DataType::Struct(members) => {
            let objects = array.as_struct();
            let columns = match way {
                Way::Fill if objects.num_columns() == 0 => {
                    vec![new_null_array(&DataType::Boolean, array.len())]
                }
                Way::Empty if members.is_empty() => Vec::new(),
                _ => {
                    let columns = objects.columns().iter().zip(members);
                    columns.map(|(column, member)| changed(column, member, way)).collect::<Result<_, _>>()?
                }
            };
            let (nulls, count) = (objects.nulls().cloned(), array.len());
            Arc::new(StructArray::try_new_with_length(members.clone(), columns, nulls, count)?)
        }
        DataType::List(element) => {
            let list = array.as_list::<i32>();
            let values = changed(list.values(), element, way)?;
            Arc::new(ListArray::try_new(
                Arc::clone(element),
                list.offsets().clone(),
                values,
                list.nulls().cloned(),
            )?)
        }
        _ => Arc::clone(array),
    })
}

//! The rows of a selection as columns, with objects within them.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, Int64Array, ListArray, RecordBatch, RecordBatchOptions, StructArray,
    UInt32Array,
};
use arrow::buffer::OffsetBuffer;
use arrow::compute::{is_null, nullif};
use arrow::datatypes::{DataType, Field, FieldRef, Schema, UInt32Type};

use super::nested::{Column, Nested, Of, Shape};
use super::response::not_written;
use crate::catalog::Link;
use crate::encode::attribute::TYPE;
use crate::error::{Code, Error, Place, Result};

/// Cells of all levels together, beyond which an answer is refused: they are made before a byte is written.
const MOST_CELLS: usize = 4_000_000;

/// Columns with their fields.
type Table = (Vec<FieldRef>, Vec<ArrayRef>);

/// How many cells may still be made.
struct Budget(usize);

impl Budget {
    fn take(&mut self, rows: usize, columns: usize) -> Result<()> {
        self.0 = self.0.checked_sub(rows.saturating_mul(columns)).ok_or_else(|| {
            let message = format!("more than {MOST_CELLS} values, those of all objects together");
            Error::new(Code::QueryTooComplex, message)
                .at(Place::field("select"))
                .hint("ask for fewer rows or columns: limit, expand_limit, select")
        })?;
        Ok(())
    }
}

impl Nested {
    /// The rows with these numbers; with `is_flat` each field of an object that a row refers to is a column
    /// of its own, such as `region.nameRu`. Cost: each value is copied once, rows that refer to an object
    /// are found the first time by going through all of them.
    ///
    /// # Errors
    /// `query.too_complex` where that is too many values.
    pub(super) fn batch(&self, rows: &[u32], is_flat: bool) -> Result<RecordBatch> {
        let rows = UInt32Array::from(rows.to_vec());
        let (mut fields, mut columns) = self.table(&rows, &mut Budget(MOST_CELLS))?;
        if is_flat {
            let mut flat = (Vec::new(), Vec::new());
            for ((column, field), values) in self.columns.iter().zip(&fields).zip(&columns) {
                column.flatten(column.name.clone(), field, values, &mut flat)?;
            }
            (fields, columns) = flat;
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
        let schema = Arc::new(Schema::new(fields));
        RecordBatch::try_new_with_options(schema, columns, &options).map_err(not_written)
    }

    fn table(&self, rows: &UInt32Array, budget: &mut Budget) -> Result<Table> {
        budget.take(rows.len(), self.columns.len())?;
        let (mut fields, mut columns) = (Vec::new(), Vec::new());
        for Column { name, of } in &self.columns {
            let (field, values) = match of {
                Of::Own(at, shape) => self.own(*at, name, shape, rows, budget)?,
                Of::Referrers { link, below, most } => referrers(name, link, below, *most, rows, budget)?,
            };
            fields.push(field);
            columns.push(values);
        }
        Ok((fields, columns))
    }

    fn own(
        &self,
        at: usize,
        name: &str,
        shape: &Shape,
        rows: &UInt32Array,
        budget: &mut Budget,
    ) -> Result<(FieldRef, ArrayRef)> {
        let field = self.dataset.document.schema.field(at).clone().with_name(name);
        if let Shape::Objects { below, .. } = shape
            && let Some(rows_of) = self.dataset.row_column(&[self.dataset.document.schema.field(at).name()])
        {
            let to = self.taken(rows_of, rows)?.as_primitive::<UInt32Type>().clone();
            return below.objects(&field, &to, budget);
        }
        shape.of(&field, self.taken(at, rows)?, budget)
    }

    /// The objects in these rows, as the values of a field; null where there is no row.
    fn objects(
        &self,
        field: &Field,
        rows: &UInt32Array,
        budget: &mut Budget,
    ) -> Result<(FieldRef, ArrayRef)> {
        let (fields, columns) = self.table(rows, budget)?;
        let kind = DataType::Struct(fields.clone().into());
        Ok((object_field(field, kind), objects(fields, columns, rows)?))
    }

    /// The values of a column in these rows; null where there is no row.
    fn taken(&self, column: usize, rows: &UInt32Array) -> Result<ArrayRef> {
        self.dataset.values(column, rows).map_err(not_written)
    }
}

impl Shape {
    fn of(&self, field: &Field, values: ArrayRef, budget: &mut Budget) -> Result<(FieldRef, ArrayRef)> {
        match self {
            Self::AsIs => Ok((Arc::new(field.clone()), values)),
            Self::Members(members) => {
                let DataType::Struct(known) = field.data_type() else { return Err(no_object(field)) };
                let object = values.as_struct();
                let (mut fields, mut columns) = (Vec::new(), Vec::new());
                for (name, at, shape) in members {
                    let member = known[*at].as_ref().clone().with_name(name);
                    let (field, values) = shape.of(&member, Arc::clone(object.column(*at)), budget)?;
                    fields.push(field);
                    columns.push(values);
                }
                let kind = DataType::Struct(fields.clone().into());
                let (nulls, count) = (object.nulls().cloned(), values.len());
                let made = StructArray::try_new_with_length(fields.into(), columns, nulls, count);
                Ok((object_field(field, kind), Arc::new(made.map_err(not_written)?)))
            }
            Self::Elements(shape) => {
                let DataType::List(element) = field.data_type() else { return Err(no_object(field)) };
                let list = values.as_list::<i32>();
                let (element, values) = shape.of(element, Arc::clone(list.values()), budget)?;
                let (offsets, nulls) = (list.offsets().clone(), list.nulls().cloned());
                let made = ListArray::try_new(Arc::clone(&element), offsets, values, nulls);
                let field = field.clone().with_data_type(DataType::List(element));
                Ok((Arc::new(field), Arc::new(made.map_err(not_written)?)))
            }
            Self::Objects { key, below } => {
                below.objects(field, &below.dataset.rows_of_keys(*key, &values), budget)
            }
        }
    }

    /// Whether a value becomes an object, in it or in a member of it.
    fn leads(&self) -> bool {
        match self {
            Self::Objects { .. } => true,
            Self::Members(members) => members.iter().any(|(.., shape)| shape.leads()),
            Self::AsIs | Self::Elements(_) => false,
        }
    }

    /// Puts a column for each field of the objects that values became.
    fn flatten(&self, name: String, field: &FieldRef, values: &ArrayRef, flat: &mut Table) -> Result<()> {
        let (DataType::Struct(fields), true) = (field.data_type(), self.leads()) else {
            flat.0.push(Arc::new(field.as_ref().clone().with_name(name)));
            flat.1.push(Arc::clone(values));
            return Ok(());
        };
        for (at, inner) in fields.iter().enumerate() {
            let (name, values) = (format!("{name}.{}", inner.name()), member(values, at)?);
            match self {
                Self::Objects { below, .. } => below.columns[at].flatten(name, inner, &values, flat)?,
                Self::Members(members) => members[at].2.flatten(name, inner, &values, flat)?,
                Self::AsIs | Self::Elements(_) => {}
            }
        }
        Ok(())
    }
}

impl Column {
    fn flatten(&self, name: String, field: &FieldRef, values: &ArrayRef, flat: &mut Table) -> Result<()> {
        let (Of::Referrers { .. }, DataType::Struct(fields)) = (&self.of, field.data_type()) else {
            let shape = if let Of::Own(_, shape) = &self.of { shape } else { &Shape::AsIs };
            return shape.flatten(name, field, values, flat);
        };
        for (at, inner) in fields.iter().enumerate() {
            flat.0.push(Arc::new(inner.as_ref().clone().with_name(format!("{name}.{}", inner.name()))));
            flat.1.push(member(values, at)?);
        }
        Ok(())
    }
}

/// A member of objects: null where the object is.
fn member(objects: &ArrayRef, at: usize) -> Result<ArrayRef> {
    let values = objects.as_struct().column(at);
    if objects.null_count() == 0 {
        return Ok(Arc::clone(values));
    }
    is_null(objects).and_then(|gone| nullif(values, &gone)).map_err(not_written)
}

/// The rows that refer to each of these rows: how many, and the first of them.
fn referrers(
    name: &str,
    link: &Link,
    below: &Nested,
    most: usize,
    rows: &UInt32Array,
    budget: &mut Budget,
) -> Result<(FieldRef, ArrayRef)> {
    let (mut counts, mut lengths, mut referring) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows {
        let of_row = row.and_then(|row| Some(link.referrers()?.to(row))).unwrap_or_default();
        let given = &of_row[..of_row.len().min(most)];
        budget.take(given.len(), 1)?;
        counts.push(i64::try_from(of_row.len()).unwrap_or(i64::MAX));
        lengths.push(given.len());
        referring.extend_from_slice(given);
    }
    let element = Field::new("item", DataType::Null, true);
    let (element, values) = below.objects(&element, &UInt32Array::from(referring), budget)?;
    let lists = ListArray::try_new(element, OffsetBuffer::from_lengths(lengths), values, None);
    let lists: ArrayRef = Arc::new(lists.map_err(not_written)?);
    let fields = vec![
        Arc::new(Field::new("count", DataType::Int64, true)),
        Arc::new(Field::new("rows", lists.data_type().clone(), true)),
    ];
    let field = Field::new(name, DataType::Struct(fields.clone().into()), true);
    Ok((Arc::new(field), objects(fields, vec![Arc::new(Int64Array::from(counts)), lists], rows)?))
}

/// Objects of these columns; null where there is no row.
fn objects(fields: Vec<FieldRef>, columns: Vec<ArrayRef>, rows: &UInt32Array) -> Result<ArrayRef> {
    let made = StructArray::try_new_with_length(fields.into(), columns, rows.nulls().cloned(), rows.len());
    Ok(Arc::new(made.map_err(not_written)?))
}

/// A field whose values became objects.
fn object_field(field: &Field, kind: DataType) -> FieldRef {
    let mut metadata = field.metadata().clone();
    metadata.insert(TYPE.to_owned(), "Object".to_owned());
    Arc::new(Field::new(field.name(), kind, true).with_metadata(metadata))
}

fn no_object(field: &Field) -> Error {
    Error::new(Code::Internal, format!("'{}' is no longer what it was", field.name()))
}

//! Rows of a named query as a table of the report.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, Field, Float64Type, Schema};
use arrow::error::ArrowError;
use chrono::NaiveDate;

use super::table::{Cell, Column, Table};
use crate::assess::NamedQuery;
use crate::document::Type;
use crate::encode::{cell_text, plain};
use crate::error::{Code, Error, Result};

/// Decimals of a number at most.
const MOST_DECIMALS: u8 = 2;

/// The rows of a named query as a table of this name, with the units that the query declares.
///
/// Columns keep their names. Whole numbers have no decimals; all others have as many as the column needs, two at
/// most, so that its digits stand below one another. Dates are days, and so are moments, in their own zone; what is
/// neither is a text, Lists and Objects as JSON. Null is missing, and so is a number that is not finite.
///
/// # Errors
/// `internal` where a column cannot be read, which names it.
pub fn table(
    name: &'static str,
    query: &NamedQuery,
    schema: &Schema,
    batches: &[RecordBatch],
) -> Result<Table> {
    let unreadable = |column: &str, error: ArrowError| {
        let message = format!("the column '{column}' of '{name}' cannot be shown in a report");
        Error::new(Code::Internal, message).caused_by(error)
    };
    let columns = schema.fields().iter().map(|field| column(query, field)).collect();
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for batch in batches {
        let batch = plain(batch).map_err(|error| unreadable("*", error))?;
        let fields = batch.schema_ref().fields();
        let read = fields.iter().zip(batch.columns()).map(|(field, array)| {
            cells(field, array).map_err(|error| unreadable(field.name(), error)).map(Vec::into_iter)
        });
        let mut read = read.collect::<Result<Vec<_>>>()?;
        rows.extend((0..batch.num_rows()).map(|_| -> Vec<Cell> {
            read.iter_mut().map(|cells| cells.next().unwrap_or(Cell::Missing)).collect()
        }));
    }
    align(&mut rows, schema.fields().len());
    Ok(Table { name, columns, rows })
}

/// A column, with what the query declares of it.
fn column(query: &NamedQuery, field: &Field) -> Column {
    let declared = query.columns.iter().find(|column| column.name == *field.name());
    let is_number = match field.data_type() {
        // Nothing but nulls: what is declared tells.
        DataType::Null => declared.is_some_and(|column| matches!(column.kind, Type::Int | Type::Double)),
        DataType::Dictionary(_, value) => value.is_numeric(),
        DataType::RunEndEncoded(_, value) => value.data_type().is_numeric(),
        kind => kind.is_numeric(),
    };
    Column { name: field.name().clone(), unit: declared.and_then(|column| column.unit.clone()), is_number }
}

/// The cells of a column of one of the types that [`plain`] leaves.
fn cells(field: &Field, array: &ArrayRef) -> Result<Vec<Cell>, ArrowError> {
    Ok(match array.data_type() {
        DataType::Null => vec![Cell::Missing; array.len()],
        DataType::Boolean => collect(array.as_boolean().iter(), Cell::Flag),
        kind if kind.is_integer() => numbers(array, |_| 0)?,
        kind if kind.is_numeric() => numbers(array, decimals)?,
        DataType::Date32 | DataType::Date64 | DataType::Timestamp(..) => days(array)?,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
            let texts = cast(array, &DataType::Utf8)?;
            collect(texts.as_string::<i32>().iter(), |text| Cell::Text(text.to_owned()))
        }
        _ => {
            let text = |row| if array.is_null(row) { None } else { Some(cell_text(field, array, row)) };
            collect((0..array.len()).map(text), Cell::Text)
        }
    })
}

fn collect<T>(values: impl Iterator<Item = Option<T>>, cell: impl Fn(T) -> Cell) -> Vec<Cell> {
    values.map(|value| value.map_or(Cell::Missing, &cell)).collect()
}

fn numbers(array: &ArrayRef, decimals: impl Fn(f64) -> u8) -> Result<Vec<Cell>, ArrowError> {
    let numbers = cast(array, &DataType::Float64)?;
    let finite = numbers.as_primitive::<Float64Type>().iter().map(|it| it.filter(|it| it.is_finite()));
    Ok(collect(finite, |number| Cell::Number(number, decimals(number))))
}

fn days(array: &ArrayRef) -> Result<Vec<Cell>, ArrowError> {
    let days = cast(array, &DataType::Date32)?;
    let day = |days: Option<i32>| NaiveDate::from_epoch_days(days?);
    Ok(collect(days.as_primitive::<Date32Type>().iter().map(day), Cell::Date))
}

/// How many decimals a number needs, of those that are shown.
fn decimals(number: f64) -> u8 {
    let text = format!("{number:.*}", usize::from(MOST_DECIMALS));
    let kept = text.trim_end_matches('0').split_once('.').map_or(0, |(_, fraction)| fraction.len());
    u8::try_from(kept).unwrap_or(MOST_DECIMALS)
}

/// Gives each number of a column as many decimals as the one that needs most.
fn align(rows: &mut [Vec<Cell>], columns: usize) {
    for at in 0..columns {
        let decimals = |cells: &Vec<Cell>| match cells.get(at) {
            Some(Cell::Number(_, decimals)) => *decimals,
            _ => 0,
        };
        let most = rows.iter().map(decimals).max().unwrap_or(0);
        for cells in rows.iter_mut() {
            if let Some(Cell::Number(_, decimals)) = cells.get_mut(at) {
                *decimals = most;
            }
        }
    }
}

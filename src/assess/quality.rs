//! How good is each dataset now, as a measure that a store can keep?
//!
//! The named query `quality_parts` answers that, the program's own or an operator's of the same name.

use std::collections::BTreeMap;

use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, PrimitiveArray, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use chrono::{DateTime, Utc};

use super::{NamedQueries, moment};
use crate::catalog::{Measure, QualityPart};
use crate::error::{Code, Error, Result};
use crate::query::{QueryService, Question};

/// The query that is asked, and its parameter that is the moment.
const QUERY: &str = "quality_parts";
const AS_OF: &str = "as_of";

/// The quality of all datasets at a moment, by dataset. Nobody uses what is read for it: it is not logged.
///
/// # Errors
/// `query.*`: `query.busy` and `query.timeout` where there is no time for it now, `query.header` where the query
/// does not answer what a measure is made of, `query.truncated`.
pub async fn measures(
    queries: &QueryService,
    named: &NamedQueries,
    at: DateTime<Utc>,
) -> Result<Vec<Measure>> {
    let query = named.get(QUERY)?;
    let takes_moment = query.parameters.iter().any(|parameter| parameter.name == AS_OF);
    let given = takes_moment.then(|| (AS_OF.to_owned(), moment::written(at)));
    let parameters = query.values(given, at)?;
    let mut rows =
        queries.query(Question { parameters, is_inner: true, ..Question::new(&query.sql) }).await?;
    let mut measures = BTreeMap::new();
    while let Some(batch) = rows.next().await? {
        add(&mut measures, &batch)?;
    }
    if rows.is_truncated() {
        let message = format!("'{QUERY}' has more rows than --max-rows says: the quality is not known");
        return Err(Error::new(Code::QueryTruncated, message).hint("raise --max-rows"));
    }
    Ok(measures.into_values().collect())
}

/// Adds the parts of a batch to the measures of their datasets.
fn add(measures: &mut BTreeMap<String, Measure>, batch: &RecordBatch) -> Result<()> {
    let (datasets, parts) = (texts(batch, "dataset")?, texts(batch, "part")?);
    let int = |name| numbers::<Int64Type>(batch, name);
    let (versions, algorithms, good, judged) =
        (int("version")?, int("algorithm")?, int("good")?, int("judged")?);
    let double = |name| numbers::<Float64Type>(batch, name).and_then(|column| finite(column, name));
    let (scores, weights, points) = (double("score")?, double("weight")?, double("points")?);
    for row in 0..batch.num_rows() {
        let dataset = datasets.value(row);
        let measure = measures.entry(dataset.to_owned()).or_insert_with(|| Measure {
            dataset: dataset.to_owned(),
            version: u32::try_from(versions.value(row)).unwrap_or_default(),
            algorithm: algorithms.value(row),
            score: scores.value(row),
            parts: Vec::new(),
        });
        measure.parts.push(QualityPart {
            part: parts.value(row).to_owned(),
            weight: weights.value(row),
            good: good.value(row),
            judged: judged.value(row),
            points: points.value(row),
        });
    }
    Ok(())
}

fn texts(batch: &RecordBatch, name: &str) -> Result<StringArray> {
    Ok(column(batch, name, &DataType::Utf8)?.as_string::<i32>().clone())
}

fn numbers<T: ArrowPrimitiveType>(batch: &RecordBatch, name: &str) -> Result<PrimitiveArray<T>> {
    Ok(column(batch, name, &T::DATA_TYPE)?.as_primitive::<T>().clone())
}

fn finite(column: PrimitiveArray<Float64Type>, name: &str) -> Result<PrimitiveArray<Float64Type>> {
    let is_finite = column.values().iter().all(|value| value.is_finite());
    if is_finite { Ok(column) } else { Err(wrong(name, "a value that is no number")) }
}

/// A column of a type, in which no value is missing.
fn column(batch: &RecordBatch, name: &str, kind: &DataType) -> Result<ArrayRef> {
    let found = batch.column_by_name(name).ok_or_else(|| wrong(name, "no such column"))?;
    let column = cast(found, kind).map_err(|error| wrong(name, "another type").caused_by(error))?;
    // What cannot be cast becomes null.
    if column.null_count() > 0 { Err(wrong(name, "a value that is missing")) } else { Ok(column) }
}

fn wrong(name: &str, found: &str) -> Error {
    let message =
        format!("a measure of quality needs the column '{name}' of '{QUERY}', whole; found {found}");
    Error::new(Code::QueryHeader, message)
        .hint("a file of this name in --queries DIR answers the columns of the built-in one")
        .in_file(format!("{QUERY}.sql"))
}

//! The columns that a request selects, looked at once and kept for the next request.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use arrow::array::RecordBatch;
use arrow::compute::interleave_record_batch;
use arrow::datatypes::{Schema, SchemaRef};

use super::response::not_written;
use crate::catalog::Dataset;
use crate::encode::JsonRows;
use crate::error::{Code, Error, Place, Result, nearest_name};

/// Selections that are kept, with the start of the answer written, for the next request, and the columns
/// of batches that they have together: each takes about 200 bytes.
const KEPT_PROJECTIONS: usize = 1_024;
const KEPT_PIECES: usize = 400_000;

/// Some columns of one version of a dataset.
#[derive(Debug)]
pub(crate) struct Projection {
    id: u64,
    /// The columns' fields.
    pub(super) schema: SchemaRef,
    /// The columns' values.
    pub(super) batches: Vec<RecordBatch>,
    /// The same, ready to be written row by row.
    pub(super) json: JsonRows,
}

/// Projections by dataset and `select`.
#[derive(Debug, Default)]
pub(crate) struct Projections {
    kept: RwLock<HashMap<String, HashMap<String, Arc<Projection>>>>,
}

impl Projections {
    /// The columns that `select` names, all of them where it is empty.
    ///
    /// # Errors
    /// `query.unknown_column`.
    pub(super) fn get(&self, dataset: &Dataset, select: &str) -> Result<Arc<Projection>> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        let found = kept.get(dataset.name()).and_then(|of| of.get(select));
        if let Some(projection) = found.filter(|projection| projection.id == dataset.id) {
            return Ok(Arc::clone(projection));
        }
        drop(kept);
        let projection = Arc::new(Projection::new(dataset, select)?);
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        let all = || kept.values().flat_map(HashMap::values);
        let pieces: usize = all().map(|projection| projection.pieces()).sum();
        if all().count() >= KEPT_PROJECTIONS || pieces + projection.pieces() > KEPT_PIECES {
            kept.clear();
        }
        let of_dataset = kept.entry(dataset.name().to_owned()).or_default();
        // Those of a version before this one would keep its rows in memory.
        of_dataset.retain(|_, projection| projection.id == dataset.id);
        of_dataset.insert(select.to_owned(), Arc::clone(&projection));
        Ok(projection)
    }
}

impl Projection {
    fn new(dataset: &Dataset, select: &str) -> Result<Self> {
        let columns = columns(dataset, select)?;
        let document = &dataset.document;
        let json = JsonRows::new(&document.schema, &document.batches, &columns).map_err(not_written)?;
        let schema: Schema = document.schema.project(&columns).map_err(not_written)?;
        let batches = document.batches.iter().map(|batch| batch.project(&columns));
        let batches = batches.collect::<Result<_, _>>().map_err(not_written)?;
        Ok(Self { id: dataset.id, schema: Arc::new(schema), batches, json })
    }

    fn pieces(&self) -> usize {
        self.batches.len() * self.schema.fields().len()
    }

    /// The rows of these numbers, as one batch. `dataset` is the one that the projection is of.
    pub(super) fn rows(&self, dataset: &Dataset, rows: &[u32]) -> Result<RecordBatch> {
        if rows.is_empty() {
            return Ok(RecordBatch::new_empty(Arc::clone(&self.schema)));
        }
        let places: Vec<(usize, usize)> = rows.iter().map(|row| dataset.locate(*row)).collect();
        // Rows that follow one another in one batch are there already.
        let [(batch, first), .., (last_batch, last)] = places[..] else {
            let (batch, row) = places[0];
            return Ok(self.batches[batch].slice(row, 1));
        };
        let follow = rows.windows(2).all(|pair| pair[0] + 1 == pair[1]);
        if follow && batch == last_batch {
            return Ok(self.batches[batch].slice(first, last - first + 1));
        }
        interleave_record_batch(&self.batches.iter().collect::<Vec<_>>(), &places).map_err(not_written)
    }
}

/// The places of the columns that `select` names, all of them where it is empty.
fn columns(dataset: &Dataset, select: &str) -> Result<Vec<usize>> {
    let fields = dataset.document.schema.fields();
    if select.is_empty() {
        return Ok((0..fields.len()).collect());
    }
    let find = |name: &str| {
        if let Some(exact) = fields.iter().position(|field| field.name() == name) {
            return Ok(exact);
        }
        let folded = name.to_lowercase();
        let mut alike = fields.iter().enumerate().filter(|(_, field)| field.name().to_lowercase() == folded);
        match (alike.next(), alike.next()) {
            (Some((at, _)), None) => Ok(at),
            _ => Err(unknown_column(dataset, name)),
        }
    };
    let mut columns = Vec::new();
    for name in select.split(',') {
        let column = find(name.trim())?;
        if columns.contains(&column) {
            let message = format!("'select' names the column '{}' twice", name.trim());
            return Err(Error::new(Code::RequestParameter, message).at(Place::field("select")));
        }
        columns.push(column);
    }
    Ok(columns)
}

fn unknown_column(dataset: &Dataset, name: &str) -> Error {
    let names = || dataset.document.schema.fields().iter().map(|field| field.name().as_str());
    let error = Error::new(Code::QueryUnknownColumn, format!("no column '{name}' in {}", dataset.name()));
    let hint = match nearest_name(name, names()) {
        Some(nearest) => format!("did you mean '{nearest}'?"),
        None => format!("columns: {}", names().collect::<Vec<_>>().join(", ")),
    };
    error.at(Place::field("select")).hint(hint)
}

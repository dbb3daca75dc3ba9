//! A condition over the rows of one dataset, and the nearest rows that meet it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch, RecordBatchOptions};
use arrow::buffer::BooleanBuffer;
use arrow::compute::interleave_record_batch;
use arrow::datatypes::DataType;

use super::expression::Expressions;
use super::service::Cancelled;
use super::session::Session;
use super::{QueryService, TextLimits, fault, text};
use crate::catalog::{Dataset, PointColumn};
use crate::error::{Code, Error, Result};
use crate::geo::{Neighbour, Points, Position, distance_m};

/// Candidates of the first batch on which a condition is tried, beside twice those that are wanted; the
/// next batches double.
const FIRST_BATCH: usize = 8;
const LARGEST_BATCH: usize = 8_192;
/// Trying a candidate costs about as much as scanning this many rows; a condition that is met so
/// seldom that candidates would cost more than a scan of all rows is answered by the scan.
const ROWS_A_CANDIDATE: u64 = 128;
/// Conditions that are kept, compiled, for the next request.
const KEPT_FILTERS: usize = 256;

/// A condition over the rows of one version of one dataset, ready to be evaluated.
#[derive(Debug, Clone)]
pub struct Filter {
    condition: Expressions,
}

/// Conditions that were compiled before, by a dataset's id and their text.
#[derive(Debug, Default)]
pub(super) struct Filters {
    kept: Mutex<HashMap<(u64, String), Filter>>,
}

impl Filters {
    pub(super) fn get(
        &self,
        session: &Session,
        dataset: &Dataset,
        condition: &str,
        limits: &TextLimits,
    ) -> Result<Filter> {
        let key = (dataset.id, condition.to_owned());
        let lock = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(filter) = lock().get(&key) {
            return Ok(filter.clone());
        }
        let filter = Filter::compile(session, dataset, condition, limits)?;
        if filter.condition.is_stable {
            let mut kept = lock();
            if kept.len() >= KEPT_FILTERS {
                kept.clear();
            }
            // Conditions over versions that are no longer served would keep their rows in memory.
            kept.retain(|(id, _), _| session.snapshot.datasets().any(|dataset| dataset.id == *id));
            kept.insert(key, filter.clone());
        }
        Ok(filter)
    }
}

impl Filter {
    fn compile(session: &Session, dataset: &Dataset, sql: &str, limits: &TextLimits) -> Result<Self> {
        let parsed = text::expression(sql, limits)?;
        let condition = Expressions::compile(session, dataset, vec![parsed])?;
        let empty = condition.batches.first().map(|batch| batch.slice(0, 0));
        let kind = empty.map(|empty| condition.evaluate(&empty)).transpose()?;
        match kind.as_ref().map(|values| values[0].data_type()) {
            None | Some(DataType::Boolean | DataType::Null) => Ok(Self { condition }),
            Some(_) => Err(Error::new(Code::QueryInvalid, "the condition is neither true nor false")
                .hint("compare something: name = 'Гиппократ'")),
        }
    }

    /// Which rows of a batch of the dataset meet the condition.
    pub(super) fn of_batch(&self, batch: usize) -> Result<BooleanArray> {
        self.evaluate(&self.condition.batches[batch])
    }

    /// Which rows meet the condition, given the columns that it reads; null counts as no.
    fn evaluate(&self, batch: &RecordBatch) -> Result<BooleanArray> {
        let values = self.condition.evaluate(batch)?;
        let Some(met) = values[0].as_boolean_opt() else {
            return Ok(BooleanArray::new(BooleanBuffer::new_unset(batch.num_rows()), None));
        };
        Ok(match met.nulls() {
            Some(nulls) => BooleanArray::new(met.values() & nulls.inner(), None),
            None => met.clone(),
        })
    }
}

/// What the nearest rows are asked for.
#[derive(Debug, Clone)]
pub struct NearestRows {
    /// From where.
    pub from: Position,
    /// How many.
    pub k: usize,
    /// Not farther than this; infinity for no limit.
    pub max_m: f64,
}

impl QueryService {
    /// The nearest rows of a dataset that meet a SQL condition, nearest first: the condition is applied
    /// before the k nearest are taken.
    ///
    /// # Errors
    /// `query.*` where the condition cannot be planned or fails.
    pub async fn nearest_where(
        &self,
        dataset: Arc<Dataset>,
        points: usize,
        nearest: NearestRows,
        condition: String,
    ) -> Result<Vec<Neighbour>> {
        let (limits, filters) = (self.limits().text, Arc::clone(self.filters()));
        self.run(self.catalog().snapshot(), move |session, cancelled| {
            let filter = filters.get(session, &dataset, &condition, &limits)?;
            let points = &dataset.points[points];
            Search { dataset: &dataset, points, nearest: &nearest, filter: &filter, cancelled }.run()
        })
        .await
    }
}

struct Search<'a> {
    dataset: &'a Dataset,
    points: &'a PointColumn,
    nearest: &'a NearestRows,
    filter: &'a Filter,
    cancelled: &'a Cancelled,
}

impl Search<'_> {
    /// Tries the candidates in order of distance, until enough of them meet the condition.
    fn run(&self) -> Result<Vec<Neighbour>> {
        let NearestRows { from, k, max_m } = *self.nearest;
        let worth = (self.dataset.document.rows / ROWS_A_CANDIDATE).max(LARGEST_BATCH as u64);
        let mut candidates = self.points.index.nearest(from).take_while(|it| it.distance_m <= max_m);
        let (mut found, mut tried, mut size) = (Vec::new(), 0, FIRST_BATCH + 2 * k);
        while found.len() < k {
            let batch: Vec<Neighbour> = candidates.by_ref().take(size).collect();
            if batch.is_empty() {
                break;
            }
            self.cancelled.check()?;
            tried += batch.len() as u64;
            self.keep(&batch, &mut found)?;
            if found.len() < k && tried > worth {
                return self.scan();
            }
            size = (size * 2).min(LARGEST_BATCH);
        }
        found.truncate(k);
        Ok(found)
    }

    /// Appends the candidates that meet the condition.
    fn keep(&self, candidates: &[Neighbour], found: &mut Vec<Neighbour>) -> Result<()> {
        let places: Vec<(usize, usize)> = candidates.iter().map(|it| self.dataset.locate(it.row)).collect();
        let met = self.filter.evaluate(&self.gather(&places)?)?;
        let meets = |at: usize| met.is_valid(at) && met.value(at);
        found.extend(
            candidates.iter().enumerate().filter(|(at, _)| meets(*at)).map(|(_, candidate)| *candidate),
        );
        Ok(())
    }

    /// What the condition reads of the rows at these places, as one batch.
    fn gather(&self, places: &[(usize, usize)]) -> Result<RecordBatch> {
        let batches = &self.filter.condition.batches;
        if batches[0].num_columns() == 0 {
            // A condition such as 1 = 1 reads no column.
            let options = RecordBatchOptions::new().with_row_count(Some(places.len()));
            let rows = RecordBatch::try_new_with_options(batches[0].schema(), Vec::new(), &options);
            return rows.map_err(|error| fault::running(&error.into()));
        }
        let mut used: Vec<usize> = places.iter().map(|(batch, _)| *batch).collect();
        used.sort_unstable();
        used.dedup();
        let place = |(batch, row): &(usize, usize)| (used.binary_search(batch).unwrap_or_default(), *row);
        let places: Vec<(usize, usize)> = places.iter().map(place).collect();
        let used: Vec<&RecordBatch> = used.iter().map(|batch| &batches[*batch]).collect();
        interleave_record_batch(&used, &places).map_err(|error| fault::running(&error.into()))
    }

    /// Evaluates the condition on all rows and ranks those that meet it.
    fn scan(&self) -> Result<Vec<Neighbour>> {
        let NearestRows { from, k, max_m } = *self.nearest;
        let mut found = Vec::new();
        for (at, batch) in self.dataset.document.batches.iter().enumerate() {
            self.cancelled.check()?;
            let met = self.filter.of_batch(at)?;
            let points = Points::of(batch.column(self.points.column).as_ref());
            let first = self.dataset.first_row(at);
            found.extend(met.values().set_indices().filter(|row| met.is_valid(*row)).filter_map(|row| {
                let position = points.as_ref()?.get(row)?;
                let distance_m = distance_m(from, position);
                let row = u32::try_from(first + row as u64).ok()?;
                (distance_m <= max_m).then_some(Neighbour { row, distance_m })
            }));
        }
        found.sort_by(|a, b| a.distance_m.total_cmp(&b.distance_m).then(a.row.cmp(&b.row)));
        found.truncate(k);
        Ok(found)
    }
}

//! A condition over the rows of one dataset, kept for the next request that has it, and the nearest rows
//! that meet it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray};
use arrow::buffer::BooleanBuffer;
use arrow::datatypes::DataType;

use super::expression::Expressions;
use super::search::{Conditions, NearestRows, NearestSearch};
use super::service::Cancelled;
use super::session::Session;
use super::{Area, QueryService, TextLimits, area, text};
use crate::catalog::Dataset;
use crate::error::{Code, Error, Result};
use crate::geo::{Location, Neighbour, Points, Region, SphereIndex};

/// Conditions that are kept, compiled, for the next request.
const KEPT_FILTERS: usize = 256;
/// The memory that indexes over the rows which meet kept conditions may take in all.
const KEPT_INDEX_BYTES: usize = 256 << 20;
/// A condition that at most one of this many rows meets gets an index of its own when it is asked again:
/// otherwise the index over all rows finds enough of them soon.
const ROWS_A_MATCH: u64 = 4;
/// One of so many rows is where it is looked whether anybody still waits.
const ROWS_A_LOOK: u32 = 256;
/// A condition gets an index of its own when it is asked for the third time: it will be asked again.
const USES: u32 = 3;

/// A condition over the rows of one version of one dataset, ready to be evaluated.
#[derive(Debug, Clone)]
pub struct Filter {
    condition: Expressions,
}

/// A condition that is kept.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) filter: Filter,
    uses: AtomicU32,
    /// For each column of points the index over the rows that meet the condition; none where it is not
    /// worth its memory.
    indexes: OnceLock<Option<Vec<SphereIndex>>>,
}

/// Conditions that were compiled before, by a dataset's id and their text.
#[derive(Debug, Default)]
pub(super) struct Filters {
    kept: Mutex<HashMap<u64, HashMap<String, Arc<Kept>>>>,
    index_bytes: AtomicUsize,
}

impl Filters {
    pub(super) fn get(
        &self,
        session: &Session,
        dataset: &Dataset,
        condition: &str,
        limits: &TextLimits,
    ) -> Result<Arc<Kept>> {
        if let Some(kept) = self.known(dataset, condition) {
            return Ok(kept);
        }
        let filter = Filter::compile(session, dataset, condition, limits)?;
        let is_stable = filter.condition.is_stable;
        let found = Arc::new(Kept { filter, uses: AtomicU32::new(0), indexes: OnceLock::new() });
        if is_stable {
            let mut kept = self.lock();
            if kept.values().map(HashMap::len).sum::<usize>() >= KEPT_FILTERS {
                kept.clear();
            }
            // Conditions over versions that are no longer served would keep indexes in memory.
            kept.retain(|id, _| session.snapshot.datasets().any(|dataset| dataset.id == *id));
            kept.entry(dataset.id).or_default().insert(condition.to_owned(), Arc::clone(&found));
            let indexes = kept.values().flat_map(HashMap::values).filter_map(|it| it.indexes.get()?.as_ref());
            let bytes = indexes.flatten().map(SphereIndex::memory_bytes).sum();
            self.index_bytes.store(bytes, Ordering::Relaxed);
        }
        Ok(found)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<u64, HashMap<String, Arc<Kept>>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn known(&self, dataset: &Dataset, condition: &str) -> Option<Arc<Kept>> {
        self.lock().get(&dataset.id)?.get(condition).cloned()
    }

    /// The index over the rows that meet a condition, built when it is asked for again and again.
    fn index<'k>(
        &self,
        kept: &'k Kept,
        dataset: &Dataset,
        points: usize,
        cancelled: &Cancelled,
    ) -> Result<Option<&'k SphereIndex>> {
        if kept.uses.fetch_add(1, Ordering::Relaxed) + 1 < USES {
            return Ok(None);
        }
        if kept.indexes.get().is_none() {
            let indexes = self.build(&kept.filter, dataset, cancelled)?;
            // Another request may have been quicker.
            let _ = kept.indexes.set(indexes);
        }
        Ok(kept.indexes.get().and_then(|indexes| indexes.as_ref()?.get(points)))
    }

    fn build(
        &self,
        filter: &Filter,
        dataset: &Dataset,
        cancelled: &Cancelled,
    ) -> Result<Option<Vec<SphereIndex>>> {
        let mut met = Vec::with_capacity(dataset.rows.batches());
        let mut count = 0;
        for batch in 0..dataset.rows.batches() {
            cancelled.check()?;
            let rows = filter.of_batch(dataset, batch)?;
            count += rows.true_count() as u64;
            met.push(rows);
        }
        // Some 50 bytes a row and column.
        let bytes = usize::try_from(count * 50).unwrap_or(usize::MAX).saturating_mul(dataset.points.len());
        let taken = self.index_bytes.load(Ordering::Relaxed);
        if count * ROWS_A_MATCH > dataset.document.rows || taken.saturating_add(bytes) > KEPT_INDEX_BYTES {
            return Ok(None);
        }
        self.index_bytes.fetch_add(bytes, Ordering::Relaxed);
        let places = |column: usize| {
            met.iter().enumerate().flat_map(move |(at, met)| {
                let (first, values) = (dataset.first_row(at), dataset.rows.column(at, column));
                let points = Points::of(values.as_ref().as_ref());
                let place =
                    |row: usize| Some((u32::try_from(first + row as u64).ok()?, points.as_ref()?.get(row)?));
                met.values().set_indices().filter_map(place).collect::<Vec<_>>()
            })
        };
        Ok(Some(dataset.points.iter().map(|points| SphereIndex::build(places(points.column))).collect()))
    }
}

impl Filter {
    fn compile(session: &Session, dataset: &Dataset, sql: &str, limits: &TextLimits) -> Result<Self> {
        let parsed = text::expression(sql, limits)?;
        let condition = Expressions::compile(session, dataset, vec![parsed])?;
        let kind = condition.of_rows(dataset, &[])?;
        match kind[0].data_type() {
            DataType::Boolean | DataType::Null => Ok(Self { condition }),
            _ => Err(Error::new(Code::QueryInvalid, "the condition is neither true nor false")
                .hint("compare something: name = 'Гиппократ'")),
        }
    }

    /// A condition of a plan.
    pub(super) fn planned(condition: Expressions) -> Self {
        Self { condition }
    }

    /// Which rows of a batch of the dataset meet the condition; null counts as no.
    pub(super) fn of_batch(&self, dataset: &Dataset, batch: usize) -> Result<BooleanArray> {
        Ok(met(&self.condition.of_batch(dataset, batch)?[0]))
    }

    /// Which of the rows with these numbers meet the condition; null counts as no.
    pub(super) fn of_rows(&self, dataset: &Dataset, rows: &[u32]) -> Result<BooleanArray> {
        Ok(met(&self.condition.of_rows(dataset, rows)?[0]))
    }
}

fn met(values: &ArrayRef) -> BooleanArray {
    let Some(met) = values.as_boolean_opt() else {
        return BooleanArray::new(BooleanBuffer::new_unset(values.len()), None);
    };
    match met.nulls() {
        Some(nulls) => BooleanArray::new(met.values() & nulls.inner(), None),
        None => met.clone(),
    }
}

/// Whether more than an eighth of a dataset's rows, as some of them say, lie in a region, or there is no index.
fn is_scanned(dataset: &Dataset, region: &Region) -> bool {
    const SAMPLES: u32 = 256;
    if dataset.is_on_disk() {
        return dataset.sphere_index(0).is_none();
    }
    let Some(points) = dataset.points.first() else { return false };
    let rows = u32::try_from(dataset.document.rows).unwrap_or(u32::MAX);
    let is_in = |row: &u32| {
        dataset.position(points, *row).is_some_and(|point| region.locate(point) != Location::Outside)
    };
    let samples = (0..rows).step_by((rows / SAMPLES).max(1) as usize);
    let asked = samples.len();
    samples.filter(is_in).count() * 8 > asked
}

impl QueryService {
    /// The nearest rows of a dataset that meet a SQL condition, where an index over such rows is there
    /// already because the condition was asked for again and again. Cost: some microseconds.
    #[must_use]
    pub fn nearest_known(
        &self,
        dataset: &Dataset,
        points: usize,
        nearest: NearestRows,
        condition: &str,
    ) -> Option<Vec<Neighbour>> {
        let kept = self.filters().known(dataset, condition)?;
        let index = kept.indexes.get()?.as_ref()?.get(points)?;
        Some(index.nearest_k(nearest.from, nearest.k, nearest.max_m))
    }

    /// The nearest rows of a dataset that meet a SQL condition and lie in an area, nearest first: both are
    /// applied before the k nearest are taken.
    ///
    /// # Errors
    /// `query.*` where the condition cannot be planned or fails.
    pub async fn nearest_where(
        &self,
        dataset: Arc<Dataset>,
        points: usize,
        nearest: NearestRows,
        condition: Option<String>,
        area: Option<Area>,
    ) -> Result<Vec<Neighbour>> {
        let (limits, filters, areas) =
            (self.limits().text, Arc::clone(self.filters()), Arc::clone(self.areas()));
        self.run(self.catalog().snapshot(), move |session, cancelled| {
            let kept = condition.map(|it| filters.get(session, &dataset, &it, &limits)).transpose()?;
            let area = area.map(|area| area.resolved(&areas)).transpose()?;
            if let Some(kept) = kept.as_ref().filter(|_| area.is_none())
                && let Some(index) = filters.index(kept, &dataset, points, cancelled)?
            {
                return Ok(index.nearest_k(nearest.from, nearest.k, nearest.max_m));
            }
            let rows = area.map(|area| area.rows(&dataset, points, cancelled)).transpose()?;
            let filter = kept.as_ref().map(|kept| &kept.filter);
            let conditions = Conditions { filter, rows: rows.as_deref() };
            let mut search = NearestSearch::new(&dataset, points, nearest, false, conditions);
            while !search.step()? {
                cancelled.check()?;
            }
            Ok(search.into_found())
        })
        .await
    }

    /// The rows of a dataset in a region that meet a condition, in no order, each handed to `visit` and in
    /// the end what that made of them to `finish`, on the threads for queries. No row number is kept where
    /// there is no condition, and then rows outside may come, too.
    ///
    /// # Errors
    /// `query.*` where the condition cannot be planned or fails, and what `finish` says.
    pub async fn visit_region<S: Send + 'static, T: Send + 'static>(
        &self,
        dataset: Arc<Dataset>,
        region: Arc<Region>,
        condition: Option<String>,
        mut state: S,
        visit: impl Fn(&mut S, u32) + Send + 'static,
        finish: impl FnOnce(S) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (limits, filters) = (self.limits().text, Arc::clone(self.filters()));
        self.run(self.catalog().snapshot(), move |session, cancelled| {
            if let Some(condition) = condition {
                let kept = filters.get(session, &dataset, &condition, &limits)?;
                let rows = Area::In(region).rows(&dataset, 0, cancelled)?;
                let rows = area::meeting(&dataset, Some(&kept), rows, cancelled)?;
                for row in rows {
                    visit(&mut state, row);
                }
            } else if is_scanned(&dataset, &region) {
                // One row after the other, as they lie in memory: the index would lead back and forth.
                for batch in 0..dataset.rows.batches() {
                    cancelled.check()?;
                    let rows = dataset.first_row(batch)..dataset.first_row(batch + 1);
                    rows.filter_map(|row| u32::try_from(row).ok()).for_each(|row| visit(&mut state, row));
                }
            } else if let Some(index) = dataset.sphere_index(0) {
                let mut is_wanted = true;
                index.in_region(&region, |row, _| {
                    // A walk cannot be left, but it can be hurried.
                    is_wanted = is_wanted && (row % ROWS_A_LOOK != 0 || cancelled.check().is_ok());
                    if is_wanted {
                        visit(&mut state, row);
                    }
                });
            }
            cancelled.check()?;
            finish(state)
        })
        .await
    }
}

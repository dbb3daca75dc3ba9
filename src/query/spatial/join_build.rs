//! The built side of a spatial join: its rows, and the index that is asked about them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use arrow::array::{ArrayRef, AsArray, RecordBatch, UInt32Array};
use arrow::compute::{concat_batches, take};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::physical_plan::metrics::{ExecutionPlanMetricsSet, MetricBuilder};
use futures::StreamExt;
use tokio::task::{spawn_blocking, yield_now};

use super::join::{Alone, Match, Parts, Table};
use super::selection::in_order;
use super::shapes::Shapes;
use crate::catalog::Dataset;
use crate::geo::{Neighbour, Position, Region, Regions, Searcher, SphereIndex};

/// What an index over points takes for each of them, in bytes, before it is known.
const INDEX_BYTES_A_POINT: usize = 48;

/// Regions that are prepared before others have their turn.
const REGIONS_A_TURN: usize = 64;

/// The built side.
pub(super) struct Built {
    rows: Rows,
    index: Index,
    /// A bit for each row that was found, where rows come out by themselves.
    found: Vec<AtomicU64>,
    memory: MemoryReservation,
}

impl std::fmt::Debug for Built {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Built").field("rows", &self.len()).finish_non_exhaustive()
    }
}

enum Rows {
    Batch(RecordBatch),
    Dataset { dataset: Arc<Dataset>, columns: Vec<usize> },
}

enum Index {
    Points(SphereIndex),
    OfDataset(Arc<Dataset>, usize),
    Regions(Regions),
}

impl Built {
    pub(super) async fn new(
        parts: &Parts,
        context: &Arc<TaskContext>,
        metrics: &ExecutionPlanMetricsSet,
        partition: usize,
    ) -> Result<Arc<Self>> {
        let memory = MemoryConsumer::new("SpatialJoin").register(context.memory_pool());
        let time = MetricBuilder::new(metrics).subset_time("build_time", partition);
        let (rows, index) = match &parts.build {
            Table::Dataset { dataset, points, columns } => (
                Rows::Dataset { dataset: Arc::clone(dataset), columns: columns.clone() },
                Index::OfDataset(Arc::clone(dataset), *points),
            ),
            Table::Plan(plan) => {
                let mut stream = plan.execute(0, Arc::clone(context))?;
                let mut batches = Vec::new();
                while let Some(batch) = stream.next().await {
                    let batch = batch?;
                    // Once as it comes, once as it is put together with the others.
                    memory.try_grow(2 * rows_bytes(&batch))?;
                    batches.push(batch);
                }
                let _timer = time.timer();
                let batch = concat_batches(&plan.schema(), &batches)?;
                drop(batches);
                memory.try_resize(batch.get_array_memory_size())?;
                let index = index(parts, &batch, &memory).await?;
                (Rows::Batch(batch), index)
            }
        };
        let built = Self { rows, index, found: Vec::new(), memory };
        MetricBuilder::new(metrics).counter("build_rows", partition).add(built.len());
        let words = if parts.build_alone() == Alone::None { 0 } else { built.len().div_ceil(64) };
        built.memory.try_grow(words * 8)?;
        let found = std::iter::repeat_with(AtomicU64::default).take(words).collect();
        Ok(Arc::new(Self { found, ..built }))
    }

    /// The number of rows.
    pub(super) fn len(&self) -> usize {
        match &self.rows {
            Rows::Batch(batch) => batch.num_rows(),
            Rows::Dataset { dataset, .. } => usize::try_from(dataset.document.rows).unwrap_or(usize::MAX),
        }
    }

    /// What looks rows up for one place after the other.
    pub(super) fn look_ups(&self, kind: Match) -> LookUps<'_> {
        let index = match &self.index {
            Index::Points(points) => Some(points),
            Index::OfDataset(dataset, points) => dataset.built_index(*points),
            Index::Regions(_) => None,
        };
        let searcher = index.map(SphereIndex::searcher);
        LookUps { index: &self.index, searcher, kind, near: Vec::new(), rows: self.len() }
    }

    /// Columns of the rows with these numbers.
    pub(super) fn take(&self, columns: &[usize], rows: &[u32]) -> Result<Vec<ArrayRef>> {
        match &self.rows {
            Rows::Batch(batch) => {
                let rows = UInt32Array::from(rows.to_vec());
                columns.iter().map(|at| Ok(take(batch.column(*at), &rows, None)?)).collect()
            }
            Rows::Dataset { dataset, columns: own } => {
                let columns: Vec<usize> = columns.iter().map(|at| own[*at]).collect();
                Ok(dataset.gather(&columns, rows)?.columns().to_vec())
            }
        }
    }

    pub(super) fn mark(&self, rows: &[u32]) {
        for row in rows.iter().filter(|_| !self.found.is_empty()) {
            self.found[*row as usize / 64].fetch_or(1 << (row % 64), Ordering::Relaxed);
        }
    }

    /// The rows from this one on that were found, or were not, up to a number of them; and where to go on.
    pub(super) fn alone(&self, alone: Alone, from: usize, most: usize) -> (Vec<u32>, usize) {
        let mut rows = Vec::new();
        let mut at = from;
        while at < self.len() && rows.len() < most {
            let is_found = self.found[at / 64].load(Ordering::Relaxed) >> (at % 64) & 1 == 1;
            if is_found == (alone == Alone::Matched) {
                rows.push(u32::try_from(at).unwrap_or(u32::MAX));
            }
            at += 1;
        }
        (rows, at)
    }
}

/// Looks rows up for one place after the other, with buffers that are kept.
pub(super) struct LookUps<'a> {
    index: &'a Index,
    searcher: Option<Searcher<'a>>,
    kind: Match,
    near: Vec<Neighbour>,
    /// All rows of the built side.
    rows: usize,
}

impl LookUps<'_> {
    /// Appends the rows that a place looks for, in the order of the rows, or of their distance.
    pub(super) fn at(&mut self, from: Position, rows: &mut Vec<u32>) {
        let points = match self.index {
            Index::Points(points) => points,
            Index::OfDataset(dataset, points) => match dataset.built_index(*points) {
                Some(index) => index,
                // The plan was made because it is there.
                None => return,
            },
            Index::Regions(regions) => {
                let Match::In { relation } = self.kind else { return };
                regions.locate(from, &mut |region, location| {
                    if relation.of_point(location).unwrap_or(false) {
                        rows.push(region);
                    }
                });
                return;
            }
        };
        match (self.kind, &mut self.searcher) {
            (Match::Nearest { k }, Some(searcher)) => {
                self.near.clear();
                searcher.nearest_k(from, k, f64::INFINITY, &mut self.near);
                rows.extend(self.near.iter().map(|found| found.row));
            }
            (Match::Near { max_m }, _) => {
                let mut near = Vec::new();
                points.within_m(from, max_m, |row| near.push(row));
                rows.append(&mut in_order(near, self.rows));
            }
            _ => {}
        }
    }
}

/// The memory of a batch's rows: a slice of a larger one holds all of its buffers.
fn rows_bytes(batch: &RecordBatch) -> usize {
    let bytes = |column: &ArrayRef| column.to_data().get_slice_memory_size();
    batch
        .columns()
        .iter()
        .map(|column| bytes(column).unwrap_or_else(|_| column.get_array_memory_size()))
        .sum()
}

async fn index(parts: &Parts, batch: &RecordBatch, memory: &MemoryReservation) -> Result<Index> {
    let rows = batch.num_rows();
    let met = parts.before.as_ref().map(|before| before.evaluate(batch)?.into_array(rows)).transpose()?;
    let met = met.as_ref().map(AsArray::as_boolean);
    let is_met = |row: usize| met.is_none_or(|met| !arrow::array::Array::is_null(met, row) && met.value(row));
    let values = parts.on.build.evaluate(batch)?.into_array(rows)?;
    let shapes = Shapes::of(&values)?;
    if matches!(parts.on.kind, Match::In { .. }) {
        memory.try_grow(rows * size_of::<Option<Region>>())?;
        let mut regions = Vec::with_capacity(rows);
        for row in 0..rows {
            if row % REGIONS_A_TURN == 0 {
                yield_now().await;
            }
            let geometry = if is_met(row) { shapes.get(row)? } else { None };
            let region = geometry.map(|it| Region::new(&it));
            memory.try_grow(region.as_ref().map_or(0, Region::memory_bytes))?;
            regions.push(region);
        }
        memory.try_grow(Regions::grid_bytes(rows))?;
        let built = spawn_blocking(move || Regions::new(regions)).await;
        return Ok(Index::Regions(built.map_err(|error| DataFusionError::ExecutionJoin(Box::new(error)))?));
    }
    memory.try_grow(rows * (INDEX_BYTES_A_POINT + size_of::<(u32, Position)>()))?;
    let points = (0..rows)
        .filter(|row| is_met(*row))
        .filter_map(|row| Some((u32::try_from(row).ok()?, shapes.point(row)?)));
    let points: Vec<(u32, Position)> = points.collect();
    Ok(Index::Points(built_aside(points).await?))
}

/// The index over these points, built on a thread of its own: who leaves before it is done is not waited for.
async fn built_aside(points: Vec<(u32, Position)>) -> Result<SphereIndex> {
    let wanted = Wanted(Arc::new(AtomicBool::new(true)));
    let flag = Arc::clone(&wanted.0);
    let built = spawn_blocking(move || SphereIndex::build_while(points, &|| flag.load(Ordering::Relaxed)));
    let built = built.await.map_err(|error| DataFusionError::ExecutionJoin(Box::new(error)));
    drop(wanted);
    built
}

/// Says when it is dropped that nothing is wanted any more.
struct Wanted(Arc<AtomicBool>);

impl Drop for Wanted {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

//! The rows of a dataset that meet a spatial condition, by the index.

use std::sync::Arc;

use arrow::buffer::BooleanBuffer;
use datafusion::physical_plan::metrics::{Count, ExecutionPlanMetricsSet, MetricBuilder, Time};

use tokio::task::yield_now;

use super::predicate::{Condition, Test};
use super::relate::Relation;
use crate::catalog::Dataset;
use crate::geo::{Bounds, Location, Points, Probe};
use crate::query::Area;

/// Rows whose positions are looked at before others have their turn.
const STEP_ROWS: usize = 16_384;
/// From this share of a dataset's rows on, row numbers are put in order by marking them.
const MARKED_SHARE: usize = 64;

/// What a search through the index did, for EXPLAIN ANALYZE.
#[derive(Debug, Clone)]
pub(super) struct Counters {
    nodes: Count,
    places: Count,
    rows: Count,
    pub(super) time: Time,
}

impl Counters {
    pub(super) fn new(metrics: &ExecutionPlanMetricsSet, partition: usize) -> Self {
        Self {
            nodes: MetricBuilder::new(metrics).counter("index_nodes", partition),
            places: MetricBuilder::new(metrics).counter("index_places", partition),
            rows: MetricBuilder::new(metrics).counter("index_rows", partition),
            time: MetricBuilder::new(metrics).subset_time("index_time", partition),
        }
    }

    fn add(&self, probe: Probe, rows: usize) {
        self.nodes.add(probe.nodes);
        self.places.add(probe.places);
        self.rows.add(rows);
    }
}

/// What the index says: rows that meet the condition, and rows whose position must be looked at.
struct Candidates {
    rows: Vec<u32>,
    unsure: Vec<u32>,
    probe: Probe,
}

/// A condition on a dataset's column of points, to be answered by its index.
#[derive(Debug, Clone)]
pub(in crate::query) struct Selection {
    dataset: Arc<Dataset>,
    /// The place among the dataset's columns of points.
    points: usize,
    condition: Condition,
}

impl Selection {
    /// None where the column has no index.
    pub(in crate::query) fn new(dataset: &Arc<Dataset>, condition: Condition) -> Option<Self> {
        let column = dataset.document.schema.index_of(&condition.column).ok()?;
        let points = dataset.points.iter().position(|points| points.column == column)?;
        Some(Self { dataset: Arc::clone(dataset), points, condition })
    }

    /// The rows in an area; none where the dataset has no such column of points.
    pub(in crate::query) fn of(dataset: &Arc<Dataset>, points: usize, area: &Area) -> Option<Self> {
        let column = dataset.points.get(points)?.column;
        let test = match area {
            Area::Near { from, max_m } => Test::Near { from: *from, max_m: *max_m, is_strict: false },
            Area::In(region) => Test::In { region: Arc::clone(region), relation: Relation::CoveredBy },
            Area::OfObject { .. } => return None,
        };
        let column = dataset.document.schema.field(column).name().clone();
        Some(Self { dataset: Arc::clone(dataset), points, condition: Condition { column, test } })
    }

    /// The rows that meet the condition, ascending; `go_on` is asked between its steps.
    ///
    /// # Errors
    /// What `go_on` says.
    pub(in crate::query) fn find<E>(&self, go_on: impl Fn() -> Result<(), E>) -> Result<Vec<u32>, E> {
        let Candidates { mut rows, unsure, .. } = self.candidates();
        for some in unsure.chunks(STEP_ROWS) {
            go_on()?;
            self.settle(some, &mut rows);
        }
        Ok(in_order(rows, self.all_rows()))
    }

    fn all_rows(&self) -> usize {
        usize::try_from(self.dataset.document.rows).unwrap_or(usize::MAX)
    }

    /// Whether it is a condition on the dataset's column of points with this number.
    pub(super) fn is_on(&self, points: usize) -> bool {
        self.points == points
    }

    /// What stands in a plan.
    pub(super) fn describe(&self) -> String {
        format!("{}: {}", self.condition.column, self.condition.test)
    }

    /// The rows that meet the condition, ascending. Cost: some 10 ns a row where most lie in whole nodes
    /// inside, some 100 ns for each near an edge; others have their turn between.
    pub(super) async fn rows(&self, counters: &Counters) -> Vec<u32> {
        let timer = counters.time.timer();
        let Candidates { mut rows, unsure, probe } = self.candidates();
        timer.done();
        for some in unsure.chunks(STEP_ROWS) {
            yield_now().await;
            let timer = counters.time.timer();
            self.settle(some, &mut rows);
            timer.done();
        }
        let rows = in_order(rows, self.all_rows());
        counters.add(probe, rows.len());
        rows
    }

    fn candidates(&self) -> Candidates {
        let Some(index) = self.dataset.sphere_index(self.points) else { return self.by_bounds() };
        let (mut rows, mut unsure) = (Vec::new(), Vec::new());
        let probe = match &self.condition.test {
            Test::Near { from, max_m, is_strict } => {
                let max_m = if *is_strict { max_m.next_down() } else { *max_m };
                index.within_m(*from, max_m, |row| rows.push(row))
            }
            Test::NearShape { shape, max_m } => index.near(shape, *max_m, |row, is_near| {
                if is_near { &mut rows } else { &mut unsure }.push(row);
            }),
            test @ Test::In { region, .. } => {
                let takes_inside = test.takes(Location::Inside);
                index.in_region(region, |row, is_inside| match (is_inside, takes_inside) {
                    (true, true) => rows.push(row),
                    (true, false) => {}
                    (false, _) => unsure.push(row),
                })
            }
        };
        Candidates { rows, unsure, probe }
    }

    /// What the boxes of the batches on disk say, where there is no index.
    fn by_bounds(&self) -> Candidates {
        let column = self.dataset.points[self.points].column;
        let mut candidates = Candidates { rows: Vec::new(), unsure: Vec::new(), probe: Probe::default() };
        let wanted = self.condition.test.bounds();
        for batch in 0..self.dataset.rows.batches() {
            candidates.probe.nodes += 1;
            let bounds = self.dataset.rows.pages().and_then(|pages| pages.bounds(batch, column));
            let is_apart = |bounds: Bounds| wanted.is_some_and(|wanted| !wanted.overlaps(bounds));
            if bounds.is_none_or(is_apart) {
                continue;
            }
            let rows = self.dataset.first_row(batch)..self.dataset.first_row(batch + 1);
            candidates.probe.places += self.dataset.rows.count(batch);
            candidates.unsure.extend(rows.filter_map(|row| u32::try_from(row).ok()));
        }
        candidates
    }

    /// Appends those of the rows, which ascend, whose position, as it was published, meets the condition.
    fn settle(&self, unsure: &[u32], rows: &mut Vec<u32>) {
        let column = &self.dataset.points[self.points];
        let test = &self.condition.test;
        if self.dataset.built_index(self.points).is_some() {
            let is_met =
                |row: &u32| self.dataset.position(column, *row).is_some_and(|point| test.is_met(point));
            rows.extend(unsure.iter().copied().filter(is_met));
            return;
        }
        // They lie on disk, one batch after the other.
        let batch = |row: u32| self.dataset.locate(row).0;
        for some in unsure.chunk_by(|one, next| batch(*one) == batch(*next)) {
            let values = self.dataset.rows.column(batch(some[0]), column.column);
            let points = Points::of(values.as_ref().as_ref());
            let is_met = |row: &u32| {
                let point = points.and_then(|points| points.get(self.dataset.locate(*row).1));
                point.is_some_and(|point| test.is_met(point) && test.is_met_without_index(point))
            };
            rows.extend(some.iter().copied().filter(is_met));
        }
    }
}

/// These rows, of so many in all, ascending. Cost: 1 ns a row where there are many.
pub(super) fn in_order(mut rows: Vec<u32>, all: usize) -> Vec<u32> {
    if rows.len() < all / MARKED_SHARE {
        rows.sort_unstable();
        return rows;
    }
    let mut marked = vec![0_u64; all.div_ceil(64)];
    for row in &rows {
        marked[*row as usize / 64] |= 1 << (row % 64);
    }
    let marked = BooleanBuffer::new(arrow::buffer::Buffer::from_vec(marked), 0, all);
    rows.clear();
    rows.extend(marked.set_indices_u32());
    rows
}

//! The rows of a dataset that meet a spatial condition, by the index.

use std::sync::Arc;

use arrow::buffer::BooleanBuffer;
use datafusion::physical_plan::metrics::{Count, ExecutionPlanMetricsSet, MetricBuilder, Time};

use super::predicate::{Condition, Test};
use super::relate::Relation;
use crate::catalog::Dataset;
use crate::geo::{Location, Points, Probe};
use crate::query::Area;

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
        };
        let column = dataset.document.schema.field(column).name().clone();
        Some(Self { dataset: Arc::clone(dataset), points, condition: Condition { column, test } })
    }

    /// The rows that meet the condition, ascending, of which nobody counts what it took.
    pub(in crate::query) fn find(&self) -> Vec<u32> {
        self.rows(&Counters::new(&ExecutionPlanMetricsSet::new(), 0))
    }

    /// What stands in a plan.
    pub(super) fn describe(&self) -> String {
        format!("{}: {}", self.condition.column, self.condition.test)
    }

    /// The rows that meet the condition, ascending. Cost: some 10 ns a row.
    pub(super) fn rows(&self, counters: &Counters) -> Vec<u32> {
        let _timer = counters.time.timer();
        let index = &self.dataset.points[self.points].index;
        let mut rows = Vec::new();
        let probe = match &self.condition.test {
            Test::Near { from, max_m, is_strict } => {
                let max_m = if *is_strict { max_m.next_down() } else { *max_m };
                index.within_m(*from, max_m, |row| rows.push(row))
            }
            test @ Test::In { region, .. } => {
                let batches = &self.dataset.document.batches;
                let column = self.dataset.points[self.points].column;
                let points: Vec<Option<Points<'_>>> =
                    batches.iter().map(|batch| Points::of(batch.column(column).as_ref())).collect();
                let takes_inside = test.takes(Location::Inside);
                index.in_region(region, |row, is_inside| {
                    let is_met = if is_inside {
                        takes_inside
                    } else {
                        let (batch, at) = self.dataset.locate(row);
                        let point = points[batch].as_ref().and_then(|points| points.get(at));
                        point.is_some_and(|point| test.takes(region.locate(point)))
                    };
                    if is_met {
                        rows.push(row);
                    }
                })
            }
        };
        counters.add(probe, rows.len());
        self.in_order(rows)
    }

    fn in_order(&self, mut rows: Vec<u32>) -> Vec<u32> {
        let all = usize::try_from(self.dataset.document.rows).unwrap_or(usize::MAX);
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
}

//! `ORDER BY ST_Distance(column, point) LIMIT k` through the index, with conditions applied before the k.

use std::fmt;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::common::Statistics;
use datafusion::common::stats::Precision;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{EquivalenceProperties, Partitioning};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::metrics::{
    BaselineMetrics, ExecutionPlanMetricsSet, MetricBuilder, MetricsSet,
};
use datafusion::physical_plan::statistics::StatisticsArgs;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, PhysicalExpr, PlanProperties, ReplaceChildrenOptions,
};
use futures::TryStreamExt;
use tokio::task::yield_now;

use super::selection::{Counters, Selection};
use super::source::stream_rows;
use crate::catalog::Dataset;
use crate::geo::Points;
use crate::query::filter::Filter;
use crate::query::search::{Conditions, NearestRows, NearestSearch, meeting};

/// The rows of a dataset that are nearest to a place and meet the conditions, nearest first, those at
/// the same distance in the document's order; then, as long as fewer than k were found, those that have
/// no place, in the document's order.
#[derive(Debug, Clone)]
pub(super) struct NearestExec {
    pub(super) search: Search,
    /// Whether rows as far as the k-th follow: further terms of the order choose among them.
    takes_ties: bool,
    schema: SchemaRef,
    properties: Arc<PlanProperties>,
    metrics: ExecutionPlanMetricsSet,
}

/// What is searched.
#[derive(Debug, Clone)]
pub(super) struct Search {
    pub(super) dataset: Arc<Dataset>,
    /// The place among the dataset's columns of points.
    pub(super) points: usize,
    pub(super) asked: NearestRows,
    /// The places of the columns that come out.
    pub(super) columns: Vec<usize>,
    pub(super) filter: Option<(Filter, Arc<dyn PhysicalExpr>)>,
    pub(super) selection: Option<Selection>,
}

impl NearestExec {
    pub(super) fn new(search: Search, takes_ties: bool, schema: SchemaRef) -> Self {
        let properties = PlanProperties::new(
            EquivalenceProperties::new(Arc::clone(&schema)),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Final,
            Boundedness::Bounded,
        );
        let metrics = ExecutionPlanMetricsSet::new();
        Self { search, takes_ties, schema, properties: Arc::new(properties), metrics }
    }
}

impl Search {
    /// The rows, nearest first. Others have their turn between its steps.
    async fn rows(
        &self,
        takes_ties: bool,
        counters: &Counters,
        metrics: &ExecutionPlanMetricsSet,
        memory: &MemoryReservation,
    ) -> Result<Vec<u32>> {
        let selected = match &self.selection {
            Some(selection) => Some(selection.rows(counters).await),
            None => None,
        };
        memory.try_grow(selected.as_ref().map_or(0, Vec::len) * size_of::<u32>())?;
        let conditions =
            Conditions { filter: self.filter.as_ref().map(|(filter, _)| filter), rows: selected.as_deref() };
        let mut search = NearestSearch::new(&self.dataset, self.points, self.asked, takes_ties, conditions);
        let held_bytes = memory.size();
        while !search.step().map_err(failed)? {
            memory.try_resize(held_bytes + search.memory_bytes())?;
            yield_now().await;
        }
        let tried = usize::try_from(search.tried()).unwrap_or(usize::MAX);
        MetricBuilder::new(metrics).counter("candidates", 0).add(tried);
        MetricBuilder::new(metrics).counter("scans", 0).add(usize::from(search.is_scan()));
        let mut rows: Vec<u32> = search.into_found().into_iter().map(|found| found.row).collect();
        // What passed a condition on this column has a place; on another one, it may have none here.
        let may_lack_place = self.selection.as_ref().is_none_or(|it| !it.is_on(self.points));
        if rows.len() < self.asked.k && may_lack_place {
            self.add_placeless(conditions, takes_ties, &mut rows).await?;
        }
        Ok(rows)
    }

    /// Appends the rows whose distance is null.
    async fn add_placeless(
        &self,
        conditions: Conditions<'_>,
        takes_ties: bool,
        rows: &mut Vec<u32>,
    ) -> Result<()> {
        let column = self.dataset.points[self.points].column;
        for at in 0..self.dataset.rows.batches() {
            let values = self.dataset.rows.column(at, column);
            let points = Points::of(values.as_ref().as_ref());
            let has_place = |row: usize| {
                points
                    .as_ref()
                    .and_then(|points| points.get(row))
                    .is_some_and(crate::geo::Position::is_on_globe)
            };
            if (0..self.dataset.rows.count(at)).all(has_place) {
                continue;
            }
            let first = self.dataset.first_row(at);
            let placeless = meeting(&self.dataset, at, conditions).map_err(failed)?;
            let placeless = placeless.into_iter().filter(|row| !has_place(*row));
            rows.extend(placeless.map(|row| u32::try_from(first + row as u64).unwrap_or(u32::MAX)));
            if rows.len() >= self.asked.k && !takes_ties {
                rows.truncate(self.asked.k);
                break;
            }
            yield_now().await;
        }
        Ok(())
    }
}

fn failed(error: crate::error::Error) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

impl DisplayAs for NearestExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Search { dataset, points, asked, filter, selection, .. } = &self.search;
        let column = dataset.points[*points].column;
        let column = dataset.document.schema.field(column).name();
        let NearestRows { from, k, .. } = asked;
        write!(f, "NearestExec: dataset={}, k={k}, ", dataset.name())?;
        write!(f, "index=[{column}: distance to POINT({} {})]", from.lon, from.lat)?;
        if let Some((_, predicate)) = filter {
            write!(f, ", filter before k=[{predicate}]")?;
        }
        if let Some(selection) = selection {
            write!(f, ", rows before k=[{}]", selection.describe())?;
        }
        if self.takes_ties { f.write_str(", with ties") } else { Ok(()) }
    }
}

impl ExecutionPlan for NearestExec {
    fn name(&self) -> &'static str {
        "NearestExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        self.search.filter.as_ref().map_or(Ok(TreeNodeRecursion::Continue), |(_, predicate)| f(predicate))
    }

    fn replace_children(
        self: Arc<Self>,
        _: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn with_new_children(self: Arc<Self>, _: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn statistics_from_inputs(&self, _: &[Arc<Statistics>], _: &StatisticsArgs) -> Result<Arc<Statistics>> {
        // So few rows that nobody shares them out, and they stay in order.
        let rows = usize::try_from(self.search.dataset.document.rows).unwrap_or(usize::MAX);
        let mut statistics = Statistics::new_unknown(&self.schema);
        statistics.num_rows = Precision::Inexact(self.search.asked.k.min(rows));
        Ok(Arc::new(statistics))
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let (search, takes_ties) = (self.search.clone(), self.takes_ties);
        let counters = Counters::new(&self.metrics, partition);
        let memory = MemoryConsumer::new("Nearest").register(context.memory_pool());
        let (metrics, baseline) = (self.metrics.clone(), BaselineMetrics::new(&self.metrics, partition));
        let batches = futures::stream::once(async move {
            let rows = search.rows(takes_ties, &counters, &metrics, &memory).await?;
            memory.try_resize(rows.len() * size_of::<u32>())?;
            let batches = stream_rows(search.dataset, search.columns, rows);
            Ok::<_, DataFusionError>(batches.inspect_ok(move |batch| {
                // It holds the memory of the row numbers as long as batches are made of them.
                let _held = &memory;
                baseline.record_output(batch.num_rows());
            }))
        });
        let batches = batches.try_flatten();
        Ok(Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), batches)))
    }
}

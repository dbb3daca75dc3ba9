//! The scan of a dataset whose rows are on disk: row group by row group, without those that cannot hold a row
//! which meets the conditions.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, RecordBatch, UInt64Array};
use arrow::datatypes::SchemaRef;
use datafusion::common::config::ConfigOptions;
use datafusion::common::pruning::PruningStatistics;
use datafusion::common::stats::Precision;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Column, ScalarValue, Statistics};
use datafusion::datasource::source::DataSource;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::memory_pool::MemoryConsumer;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::projection::ProjectionExprs;
use datafusion::physical_expr::utils::conjunction;
use datafusion::physical_expr::{EquivalenceProperties, LexOrdering, Partitioning, PhysicalExpr};
use datafusion::physical_expr_common::physical_expr::snapshot_physical_expr;
use datafusion::physical_optimizer::pruning::PruningPredicateBuilder;
use datafusion::physical_plan::DisplayFormatType;
use datafusion::physical_plan::expressions::Column as ColumnExpr;
use datafusion::physical_plan::filter_pushdown::{FilterPushdownPropagation, PushedDown};
use datafusion::physical_plan::metrics::{BaselineMetrics, Count, ExecutionPlanMetricsSet, MetricBuilder};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use futures::StreamExt;

use crate::catalog::{Dataset, Pages};

/// Rows that are handed on at once.
const BATCH_ROWS: usize = 8_192;

/// A scan of a dataset's columns.
#[derive(Debug, Clone)]
pub(super) struct StoredScan {
    dataset: Arc<Dataset>,
    /// The places of the columns that it gives.
    columns: Vec<usize>,
    schema: SchemaRef,
    /// The row groups of each partition.
    partitions: Vec<Vec<usize>>,
    /// What somebody above asks of the rows: a hint, since they are asked again.
    predicate: Option<Arc<dyn PhysicalExpr>>,
    fetch: Option<usize>,
    metrics: ExecutionPlanMetricsSet,
}

impl StoredScan {
    pub(super) fn new(dataset: &Arc<Dataset>, columns: Vec<usize>) -> Result<Self> {
        Ok(Self {
            dataset: Arc::clone(dataset),
            schema: Arc::new(dataset.schema().project(&columns)?),
            columns,
            partitions: vec![(0..dataset.rows.batches()).collect()],
            predicate: None,
            fetch: None,
            metrics: ExecutionPlanMetricsSet::new(),
        })
    }

    /// The rows of a row group, some at a time.
    fn pieces(&self, group: usize) -> Result<Vec<RecordBatch>> {
        let read = self.dataset.read(group, &self.columns);
        let read = read.map_err(|error| DataFusionError::External(Box::new(error)))?;
        let starts = (0..read.num_rows()).step_by(BATCH_ROWS);
        Ok(starts.map(|start| read.slice(start, BATCH_ROWS.min(read.num_rows() - start))).collect())
    }
}

/// What is known of one row group.
struct OfGroup<'a> {
    pages: &'a Pages,
    group: usize,
    rows: usize,
}

impl PruningStatistics for OfGroup<'_> {
    fn min_values(&self, column: &Column) -> Option<ArrayRef> {
        self.pages.statistics(&column.name, &[self.group]).map(|it| it.least)
    }

    fn max_values(&self, column: &Column) -> Option<ArrayRef> {
        self.pages.statistics(&column.name, &[self.group]).map(|it| it.greatest)
    }

    fn num_containers(&self) -> usize {
        1
    }

    fn null_counts(&self, column: &Column) -> Option<ArrayRef> {
        self.pages.statistics(&column.name, &[self.group]).map(|it| it.nulls)
    }

    fn row_counts(&self) -> Option<ArrayRef> {
        Some(Arc::new(UInt64Array::from(vec![self.rows as u64])))
    }

    fn contained(&self, _: &Column, _: &HashSet<ScalarValue>) -> Option<BooleanArray> {
        None
    }
}

/// Which row groups a scan reads, counted for EXPLAIN ANALYZE.
struct Choice {
    dataset: Arc<Dataset>,
    schema: SchemaRef,
    predicate: Option<Arc<dyn PhysicalExpr>>,
    read: Count,
    pruned: Count,
}

impl Choice {
    /// Whether a row group can hold a row that meets the conditions, as they stand now: what a join or a limit
    /// asks becomes narrower while the scan goes on.
    fn takes(&self, group: usize) -> bool {
        let may_hold = || {
            let (predicate, pages) = (self.predicate.as_ref()?, self.dataset.rows.pages()?);
            let now = snapshot_physical_expr(Arc::clone(predicate)).ok()?;
            let pruning = PruningPredicateBuilder::new()
                .with_file_schema(Arc::clone(&self.schema))
                .try_build(now)
                .ok()?;
            let of_group = OfGroup { pages, group, rows: self.dataset.rows.count(group) };
            pruning.prune(&of_group).ok()?.first().copied()
        };
        let takes = may_hold().unwrap_or(true);
        if takes { &self.read } else { &self.pruned }.add(1);
        takes
    }
}

impl DataSource for StoredScan {
    fn open(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let baseline = BaselineMetrics::new(&self.metrics, partition);
        let memory = MemoryConsumer::new("StoredScan").register(context.memory_pool());
        let choice = Choice {
            dataset: Arc::clone(&self.dataset),
            schema: Arc::clone(&self.schema),
            predicate: self.predicate.clone(),
            read: MetricBuilder::new(&self.metrics).counter("row_groups", partition),
            pruned: MetricBuilder::new(&self.metrics).counter("row_groups_pruned", partition),
        };
        let groups = self.partitions.get(partition).cloned().unwrap_or_default();
        let (scan, mut left) = (self.clone(), self.fetch.unwrap_or(usize::MAX));
        let chosen =
            futures::stream::iter(groups).filter(move |group| futures::future::ready(choice.takes(*group)));
        let pieces = chosen.flat_map(move |group| {
            let pieces = scan.pieces(group).and_then(|pieces| {
                // Those of one row group share their memory.
                memory.try_resize(pieces.first().map_or(0, RecordBatch::get_array_memory_size))?;
                Ok(pieces)
            });
            let pieces =
                pieces.map_or_else(|error| vec![Err(error)], |pieces| pieces.into_iter().map(Ok).collect());
            futures::stream::iter(pieces)
        });
        let limited = pieces.scan((), move |(), piece: Result<RecordBatch>| {
            let piece = piece.map(|piece| piece.slice(0, left.min(piece.num_rows())));
            left -= piece.as_ref().map_or(0, RecordBatch::num_rows);
            let is_over = piece.as_ref().is_ok_and(|piece| piece.num_rows() == 0);
            baseline.record_output(piece.as_ref().map_or(0, RecordBatch::num_rows));
            futures::future::ready((!is_over).then_some(piece))
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), limited)))
    }

    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let groups: usize = self.partitions.iter().map(Vec::len).sum();
        write!(f, "dataset={}, storage=parquet, row_groups={groups}", self.dataset.name())?;
        if let Some(predicate) = &self.predicate {
            write!(f, ", pruned by=[{predicate}]")?;
        }
        self.fetch.map_or(Ok(()), |fetch| write!(f, ", fetch={fetch}"))
    }

    fn repartitioned(
        &self,
        partitions: usize,
        _: usize,
        ordering: Option<LexOrdering>,
    ) -> Result<Option<Arc<dyn DataSource>>> {
        let groups: Vec<usize> = self.partitions.concat();
        if self.partitions.len() >= partitions
            || groups.len() < 2
            || ordering.is_some()
            || self.fetch.is_some()
        {
            return Ok(None);
        }
        // Each takes rows that follow one another.
        let size = groups.len().div_ceil(partitions);
        let partitions = groups.chunks(size).map(<[usize]>::to_vec).collect();
        Ok(Some(Arc::new(Self { partitions, ..self.clone() })))
    }

    fn output_partitioning(&self) -> Partitioning {
        Partitioning::UnknownPartitioning(self.partitions.len())
    }

    fn eq_properties(&self) -> EquivalenceProperties {
        EquivalenceProperties::new(Arc::clone(&self.schema))
    }

    fn partition_statistics(&self, partition: Option<usize>) -> Result<Arc<Statistics>> {
        let mut statistics = Statistics::new_unknown(&self.schema);
        let groups = match partition {
            Some(partition) => self.partitions.get(partition).cloned().unwrap_or_default(),
            None => self.partitions.concat(),
        };
        let rows: usize = groups.iter().map(|group| self.dataset.rows.count(*group)).sum();
        statistics.num_rows = match (self.fetch, partition) {
            (Some(fetch), None) => Precision::Exact(rows.min(fetch)),
            (Some(fetch), Some(_)) => Precision::Inexact(rows.min(fetch)),
            (None, _) => Precision::Exact(rows),
        };
        Ok(Arc::new(statistics))
    }

    fn with_fetch(&self, limit: Option<usize>) -> Option<Arc<dyn DataSource>> {
        Some(Arc::new(Self { fetch: limit, ..self.clone() }))
    }

    fn fetch(&self) -> Option<usize> {
        self.fetch
    }

    fn metrics(&self) -> ExecutionPlanMetricsSet {
        self.metrics.clone()
    }

    fn try_swapping_with_projection(
        &self,
        projection: &ProjectionExprs,
    ) -> Result<Option<Arc<dyn DataSource>>> {
        let own = |expr: &Arc<dyn PhysicalExpr>, alias: &str| {
            let column = expr.downcast_ref::<ColumnExpr>()?;
            (self.schema.field(column.index()).name() == alias).then(|| self.columns[column.index()])
        };
        let columns: Option<Vec<usize>> = projection.iter().map(|it| own(&it.expr, &it.alias)).collect();
        // The conditions count the columns as they are.
        let Some(columns) = columns.filter(|_| self.predicate.is_none()) else { return Ok(None) };
        let schema = Arc::new(self.dataset.schema().project(&columns)?);
        Ok(Some(Arc::new(Self { columns, schema, ..self.clone() })))
    }

    fn try_pushdown_filters(
        &self,
        filters: Vec<Arc<dyn PhysicalExpr>>,
        _: &ConfigOptions,
    ) -> Result<FilterPushdownPropagation<Arc<dyn DataSource>>> {
        let asked =
            FilterPushdownPropagation::with_parent_pushdown_result(vec![PushedDown::No; filters.len()]);
        if filters.is_empty() || self.fetch.is_some() {
            return Ok(asked);
        }
        let predicate = Some(conjunction(self.predicate.iter().cloned().chain(filters)));
        Ok(asked.with_updated_node(Arc::new(Self { predicate, ..self.clone() })))
    }

    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        self.predicate.as_ref().map_or(Ok(TreeNodeRecursion::Continue), f)
    }
}

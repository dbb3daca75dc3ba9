//! The scan of a dataset: its batches as they lie in memory, or the rows that an index finds.

use std::fmt;
use std::sync::Arc;

use arrow::array::{AsArray, BooleanArray, RecordBatch};
use arrow::compute::{and, filter_record_batch};
use arrow::datatypes::SchemaRef;
use datafusion::common::Statistics;
use datafusion::common::config::ConfigOptions;
use datafusion::common::stats::Precision;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::datasource::source::{DataSource, DataSourceExec};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::memory_pool::MemoryConsumer;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::projection::ProjectionExprs;
use datafusion::physical_expr::{EquivalenceProperties, LexOrdering, Partitioning};
use datafusion::physical_plan::execution_plan::SchedulingType;
use datafusion::physical_plan::expressions::Column;
use datafusion::physical_plan::filter_pushdown::FilterPushdownPropagation;
use datafusion::physical_plan::metrics::{BaselineMetrics, ExecutionPlanMetricsSet};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayFormatType, ExecutionPlan, PhysicalExpr};
use futures::{StreamExt, TryStreamExt};

use super::selection::{Counters, Selection};
use crate::catalog::Dataset;
use crate::query::datapath::ReferredCondition;
use crate::query::stored::StoredScan;

/// Rows that are copied at once.
const BATCH_ROWS: usize = 8_192;
/// The share of rows that a planner expects a spatial condition to leave: one of this many.
const EXPECTED_SHARE: usize = 5;

/// A scan of one version of a dataset. All its columns are the dataset's own, in some order.
#[derive(Debug, Clone)]
pub(in crate::query) struct DatasetSource {
    pub(super) dataset: Arc<Dataset>,
    /// The places of the columns that it gives.
    pub(super) columns: Vec<usize>,
    pub(super) selection: Option<Selection>,
    /// Conditions about the objects that the rows refer to; none where there is a selection.
    pub(super) referred: Vec<ReferredCondition>,
    /// Gives the rows; does all but what the selection changes.
    rows: Arc<dyn DataSource>,
    schema: SchemaRef,
    fetch: Option<usize>,
    metrics: ExecutionPlanMetricsSet,
}

impl DatasetSource {
    /// A scan of these columns, of the rows that meet the condition where there is one.
    pub(in crate::query) fn exec(
        dataset: &Arc<Dataset>,
        columns: Option<&Vec<usize>>,
        selection: Option<Selection>,
        referred: Vec<ReferredCondition>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let own = || (0..dataset.document.schema.fields().len()).collect();
        let columns = columns.cloned().unwrap_or_else(own);
        let schema = Arc::new(dataset.schema().project(&columns)?);
        // What the conditions read comes after the columns that are asked for.
        let read = columns.iter().copied().chain(referred.iter().map(|condition| condition.column)).collect();
        // The batches are not cloned where the index finds the rows.
        let rows = if selection.is_some() { nothing(dataset, read)? } else { rows(dataset, read)? };
        let source = Self {
            dataset: Arc::clone(dataset),
            columns,
            selection,
            referred,
            rows,
            schema,
            fetch: None,
            metrics: ExecutionPlanMetricsSet::new(),
        };
        Ok(DataSourceExec::from_data_source(source))
    }

    /// The scan that a plan is, if it is one of all columns' own.
    pub(in crate::query) fn of(plan: &Arc<dyn ExecutionPlan>) -> Option<&Self> {
        let exec = plan.downcast_ref::<DataSourceExec>()?;
        exec.data_source().downcast_ref::<Self>()
    }

    /// The rows whose objects meet the conditions, without the columns that these read.
    fn meeting(&self, batches: SendableRecordBatchStream, partition: usize) -> SendableRecordBatchStream {
        let (referred, columns) = (self.referred.clone(), self.columns.len());
        let baseline = BaselineMetrics::new(&self.metrics, partition);
        let met = batches.try_filter_map(move |batch| {
            let (referred, baseline) = (referred.clone(), baseline.clone());
            async move {
                let met = filtered(&referred, &batch, columns).await?;
                baseline.record_output(met.num_rows());
                Ok(Some(met).filter(|met| met.num_rows() > 0))
            }
        });
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), met))
    }

    pub(in crate::query) fn dataset(&self) -> &Arc<Dataset> {
        &self.dataset
    }

    /// Whether all rows come that meet the condition.
    pub(super) fn is_unlimited(&self) -> bool {
        self.fetch.is_none()
    }
}

/// The scan of all rows, from where they lie.
fn rows(dataset: &Arc<Dataset>, columns: Vec<usize>) -> Result<Arc<dyn DataSource>> {
    let Some(batches) = dataset.batches() else { return Ok(Arc::new(StoredScan::new(dataset, columns)?)) };
    let all = Arc::clone(dataset.schema());
    Ok(Arc::new(MemorySourceConfig::try_new(&[batches.to_vec()], all, Some(columns))?))
}

/// A scan of no row.
fn nothing(dataset: &Arc<Dataset>, columns: Vec<usize>) -> Result<Arc<dyn DataSource>> {
    let all = Arc::clone(dataset.schema());
    Ok(Arc::new(MemorySourceConfig::try_new(&[Vec::new()], all, Some(columns))?))
}

/// The first columns of the rows of a batch that meet the conditions, whose own columns come after them.
async fn filtered(
    referred: &[ReferredCondition],
    batch: &RecordBatch,
    columns: usize,
) -> Result<RecordBatch> {
    let mut met: Option<BooleanArray> = None;
    for (condition, rows) in referred.iter().zip(&batch.columns()[columns..]) {
        let rows = condition.rows(rows.as_primitive()).await?;
        met = Some(match met {
            Some(met) => and(&met, &rows)?,
            None => rows,
        });
    }
    let wanted = batch.project(&(0..columns).collect::<Vec<_>>())?;
    Ok(match met {
        Some(met) => filter_record_batch(&wanted, &met)?,
        None => wanted,
    })
}

/// The rows with these numbers, some at a time.
pub(super) fn stream_rows(
    dataset: Arc<Dataset>,
    columns: Vec<usize>,
    rows: Vec<u32>,
) -> impl futures::Stream<Item = Result<RecordBatch>> {
    let starts = (0..rows.len()).step_by(BATCH_ROWS);
    futures::stream::iter(starts).map(move |start| {
        let some = &rows[start..rows.len().min(start + BATCH_ROWS)];
        Ok(dataset.gather(&columns, some)?)
    })
}

impl DataSource for DatasetSource {
    fn open(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let Some(selection) = self.selection.clone() else {
            let batches = self.rows.open(partition, context)?;
            return Ok(if self.referred.is_empty() { batches } else { self.meeting(batches, partition) });
        };
        let (counters, baseline) =
            (Counters::new(&self.metrics, partition), BaselineMetrics::new(&self.metrics, partition));
        let (dataset, columns, fetch) = (Arc::clone(&self.dataset), self.columns.clone(), self.fetch);
        let reservation = MemoryConsumer::new("SpatialScan").register(context.memory_pool());
        let rows = futures::stream::once(async move {
            let mut rows = selection.rows(&counters).await;
            rows.truncate(fetch.unwrap_or(usize::MAX));
            reservation.try_grow(rows.len() * size_of::<u32>())?;
            let batches = stream_rows(dataset, columns, rows).map(move |batch| {
                // It holds the memory of the row numbers as long as batches are made of them.
                let _held = &reservation;
                let batch = batch?;
                baseline.record_output(batch.num_rows());
                Ok::<_, DataFusionError>(batch)
            });
            Ok::<_, DataFusionError>(batches)
        });
        let batches = futures::TryStreamExt::try_flatten(rows);
        Ok(Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), batches)))
    }

    fn fmt_as(&self, kind: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(selection) = &self.selection else {
            self.rows.fmt_as(kind, f)?;
            let referred: Vec<&str> = self.referred.iter().map(ReferredCondition::describe).collect();
            return if referred.is_empty() {
                Ok(())
            } else {
                write!(f, ", objects=[{}]", referred.join(", "))
            };
        };
        write!(f, "dataset={}, index=[{}]", self.dataset.name(), selection.describe())?;
        self.fetch.map_or(Ok(()), |fetch| write!(f, ", fetch={fetch}"))
    }

    fn repartitioned(
        &self,
        partitions: usize,
        least_bytes: usize,
        ordering: Option<LexOrdering>,
    ) -> Result<Option<Arc<dyn DataSource>>> {
        match self.selection {
            Some(_) => Ok(None),
            None if self.referred.is_empty() => self.rows.repartitioned(partitions, least_bytes, ordering),
            None => {
                let parts = self.rows.repartitioned(partitions, least_bytes, ordering)?;
                Ok(parts.map(|rows| Arc::new(Self { rows, ..self.clone() }) as _))
            }
        }
    }

    fn output_partitioning(&self) -> Partitioning {
        self.rows.output_partitioning()
    }

    fn eq_properties(&self) -> EquivalenceProperties {
        if self.referred.is_empty() {
            return self.rows.eq_properties();
        }
        EquivalenceProperties::new(Arc::clone(&self.schema))
    }

    fn scheduling_type(&self) -> SchedulingType {
        match self.selection {
            Some(_) => SchedulingType::NonCooperative,
            None => self.rows.scheduling_type(),
        }
    }

    fn partition_statistics(&self, partition: Option<usize>) -> Result<Arc<Statistics>> {
        if self.selection.is_none() && self.referred.is_empty() {
            return self.rows.partition_statistics(partition);
        }
        let rows = usize::try_from(self.dataset.document.rows).unwrap_or(usize::MAX);
        let expected = (rows / EXPECTED_SHARE + 1).min(self.fetch.unwrap_or(usize::MAX));
        let mut statistics = Statistics::new_unknown(&self.schema);
        statistics.num_rows = Precision::Inexact(expected);
        Ok(Arc::new(statistics))
    }

    fn with_fetch(&self, limit: Option<usize>) -> Option<Arc<dyn DataSource>> {
        match self.selection {
            Some(_) => Some(Arc::new(Self { fetch: limit, ..self.clone() })),
            // Rows are left out after they are read: who takes some of them stops reading.
            None if !self.referred.is_empty() => None,
            None => self.rows.with_fetch(limit),
        }
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
        if self.selection.is_none() {
            let is_plain = self.referred.is_empty();
            return if is_plain { self.rows.try_swapping_with_projection(projection) } else { Ok(None) };
        }
        let names = self.schema.fields();
        let own = |expr: &Arc<dyn PhysicalExpr>, alias: &str| {
            let column = expr.downcast_ref::<Column>()?;
            (names.get(column.index())?.name() == alias).then(|| self.columns[column.index()])
        };
        let columns: Option<Vec<usize>> = projection.iter().map(|it| own(&it.expr, &it.alias)).collect();
        let Some(columns) = columns else { return Ok(None) };
        let schema = Arc::new(self.dataset.schema().project(&columns)?);
        let rows = nothing(&self.dataset, columns.clone())?;
        Ok(Some(Arc::new(Self { columns, rows, schema, ..self.clone() })))
    }

    fn try_pushdown_filters(
        &self,
        filters: Vec<Arc<dyn PhysicalExpr>>,
        config: &ConfigOptions,
    ) -> Result<FilterPushdownPropagation<Arc<dyn DataSource>>> {
        let asked = self.rows.try_pushdown_filters(filters, config)?;
        let updated = asked.updated_node.filter(|_| self.selection.is_none());
        let updated_node = updated.map(|rows| Arc::new(Self { rows, ..self.clone() }) as Arc<dyn DataSource>);
        Ok(FilterPushdownPropagation { filters: asked.filters, updated_node })
    }

    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        self.rows.apply_expressions(f)
    }
}

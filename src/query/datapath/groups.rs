//! Groups by fields of referred objects: told apart by a small number for each object.
//!
//! `GROUP BY region.nameRu` would make a text of each row, and hash it. All rows that lead to one object are
//! of one group, so each object has the number of its group beforehand, and a row costs a look at its
//! object's. This replaces the first of the two steps of an aggregate; the second, over the few groups of
//! each part, is DataFusion's own.

use std::fmt;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::common::config::ConfigOptions;
use datafusion::common::internal_err;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::error::Result;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{EquivalenceProperties, Partitioning, PhysicalExpr};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateMode};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::expressions::Column;
use datafusion::physical_plan::metrics::{BaselineMetrics, ExecutionPlanMetricsSet, MetricsSet};
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, PlanProperties,
};
use futures::{StreamExt, TryStreamExt};
use tokio::sync::OnceCell;

use super::function::Follow;
use super::grouping::{Codes, Groups, Wanted};
use super::path::Path;
use crate::query::spatial::DatasetSource;

/// Rows that are grouped at once, and groups that are handed on at once.
const BATCH_ROWS: usize = 8_192;
/// Objects get their groups' numbers only where they are at most so many times as many as the rows.
const OBJECTS_A_ROW: usize = 4;

/// Puts [`GroupByCode`] in place of the first step of an aggregate by fields of one reference's objects.
#[derive(Debug)]
pub(super) struct ByCode;

impl PhysicalOptimizerRule for ByCode {
    fn name(&self) -> &'static str {
        "group_by_code"
    }

    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        let replaced = plan.transform_up(|plan| {
            let by_code = plan.downcast_ref::<AggregateExec>().and_then(by_code);
            Ok(by_code
                .map_or_else(|| Transformed::no(plan), |by_code| Transformed::yes(Arc::new(by_code) as _)))
        });
        Ok(replaced?.data)
    }

    fn schema_check(&self) -> bool {
        true
    }
}

fn by_code(aggregate: &AggregateExec) -> Option<GroupByCode> {
    let aggregates = aggregate.aggr_expr();
    let is_plain = *aggregate.mode() == AggregateMode::Partial
        && aggregate.group_expr().is_single()
        && aggregate.limit_options().is_none()
        && aggregates.iter().all(|it| it.groups_accumulator_supported() && it.order_bys().is_empty());
    let groups: Vec<_> = aggregate.group_expr().expr().iter().map(|(expr, _)| Arc::clone(expr)).collect();
    let (groups, input) = match aggregate.input().downcast_ref::<ProjectionExec>() {
        // DISTINCT groups by the columns of the projection that it stands on.
        Some(projection) if aggregates.is_empty() => {
            let defined = |expr: &Arc<dyn PhysicalExpr>| {
                let column = expr.downcast_ref::<Column>()?;
                Some(Arc::clone(&projection.expr().get(column.index())?.expr))
            };
            (groups.iter().map(defined).collect::<Option<Vec<_>>>()?, projection.input())
        }
        _ => (groups, aggregate.input()),
    };
    let mut paths = Vec::new();
    let mut column: Option<&Column> = None;
    for expr in &groups {
        let (follow, argument) = Follow::of_physical(expr).filter(|(follow, _)| follow.takes_row())?;
        let argument = argument.downcast_ref::<Column>()?;
        if column.get_or_insert(argument).index() != argument.index() {
            return None;
        }
        paths.push(Arc::clone(&follow.path));
    }
    let column = column?.index();
    let objects = usize::try_from(paths.first()?.objects().document.rows).unwrap_or(usize::MAX);
    let is_worth = objects <= rows_read(input).saturating_mul(OBJECTS_A_ROW);
    (is_plain && is_worth).then(|| GroupByCode::new(aggregate, Arc::clone(input), column, paths))
}

/// The rows of the datasets that a plan reads: more than come out of it, or as many.
fn rows_read(plan: &Arc<dyn ExecutionPlan>) -> usize {
    if let Some(source) = DatasetSource::of(plan) {
        return usize::try_from(source.dataset().document.rows).unwrap_or(usize::MAX);
    }
    plan.children().into_iter().map(rows_read).max().unwrap_or_default()
}

/// The first step of an aggregate: the state of each group in each part of the rows.
#[derive(Debug)]
struct GroupByCode {
    input: Arc<dyn ExecutionPlan>,
    paths: Vec<Arc<Path>>,
    wanted: Wanted,
    schema: SchemaRef,
    codes: Arc<OnceCell<Codes>>,
    properties: Arc<PlanProperties>,
    metrics: ExecutionPlanMetricsSet,
}

impl GroupByCode {
    fn new(
        aggregate: &AggregateExec,
        input: Arc<dyn ExecutionPlan>,
        column: usize,
        paths: Vec<Arc<Path>>,
    ) -> Self {
        let schema = aggregate.schema();
        Self {
            paths,
            wanted: Wanted {
                column,
                aggregates: aggregate.aggr_expr().to_vec(),
                filters: aggregate.filter_expr().to_vec(),
            },
            properties: properties(&input, &schema),
            input,
            schema,
            codes: Arc::default(),
            metrics: ExecutionPlanMetricsSet::new(),
        }
    }

    fn over(&self, input: Arc<dyn ExecutionPlan>) -> Self {
        Self {
            properties: properties(&input, &self.schema),
            input,
            paths: self.paths.clone(),
            wanted: self.wanted.clone(),
            schema: Arc::clone(&self.schema),
            codes: Arc::clone(&self.codes),
            metrics: ExecutionPlanMetricsSet::new(),
        }
    }
}

fn properties(input: &Arc<dyn ExecutionPlan>, schema: &SchemaRef) -> Arc<PlanProperties> {
    Arc::new(PlanProperties::new(
        EquivalenceProperties::new(Arc::clone(schema)),
        Partitioning::UnknownPartitioning(input.output_partitioning().partition_count()),
        EmissionType::Final,
        Boundedness::Bounded,
    ))
}

async fn group(
    plan: Arc<GroupByCode>,
    mut input: SendableRecordBatchStream,
    memory: MemoryReservation,
) -> Result<RecordBatch> {
    // To hash a million objects takes some 80 ms: other queries go on meanwhile.
    let codes = || tokio::task::block_in_place(|| Codes::of(&plan.paths));
    let codes = plan.codes.get_or_try_init(async || codes()).await?;
    let mut groups = Groups::new(&plan.wanted, codes)?;
    while let Some(batch) = input.next().await {
        let batch = batch?;
        // What is worked out for a row is small enough to stay in the cache until it is used.
        for start in (0..batch.num_rows()).step_by(BATCH_ROWS) {
            groups.add(&batch.slice(start, BATCH_ROWS.min(batch.num_rows() - start)))?;
        }
        memory.try_resize(groups.memory_bytes())?;
    }
    groups.finish(&plan.schema)
}

impl DisplayAs for GroupByCode {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let groups: Vec<String> = self.paths.iter().map(|path| path.describe()).collect();
        let aggregates: Vec<&str> = self.wanted.aggregates.iter().map(|aggregate| aggregate.name()).collect();
        write!(f, "GroupByCode: groups=[{}], aggr=[{}]", groups.join(", "), aggregates.join(", "))
    }
}

impl ExecutionPlan for GroupByCode {
    fn name(&self) -> &'static str {
        "GroupByCode"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn with_new_children(
        self: Arc<Self>,
        mut children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let Some(input) = children.pop() else { return internal_err!("a group of nothing") };
        Ok(Arc::new(self.over(input)))
    }

    fn apply_expressions(
        &self,
        visit: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        for filter in self.wanted.filters.iter().flatten() {
            if visit(filter)? == TreeNodeRecursion::Stop {
                return Ok(TreeNodeRecursion::Stop);
            }
        }
        Ok(TreeNodeRecursion::Continue)
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let input = self.input.execute(partition, Arc::clone(&context))?;
        let memory = MemoryConsumer::new("GroupByCode").register(context.memory_pool());
        let baseline = BaselineMetrics::new(&self.metrics, partition);
        let plan = Arc::new(self.over(Arc::clone(&self.input)));
        let groups = futures::stream::once(group(plan, input, memory)).map_ok(move |batch| {
            baseline.record_output(batch.num_rows());
            let starts = (0..batch.num_rows()).step_by(BATCH_ROWS);
            let pieces = starts.map(move |at| Ok(batch.slice(at, BATCH_ROWS.min(batch.num_rows() - at))));
            futures::stream::iter(pieces)
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), groups.try_flatten())))
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }
}

//! Joins of two tables by a spatial condition: points in regions, points within a distance, the k nearest.
//!
//! One side is built: its rows are kept and indexed, or a dataset's own index is used. The other side is
//! read batch by batch, on all cores, and each of its rows looks for its matches.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use arrow::datatypes::{Schema, SchemaRef};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{JoinType, Statistics};
use datafusion::error::Result;
use datafusion::execution::memory_pool::MemoryConsumer;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{Distribution, EquivalenceProperties, Partitioning, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::expressions::Column;
use datafusion::physical_plan::joins::utils::JoinFilter;
use datafusion::physical_plan::metrics::{ExecutionPlanMetricsSet, MetricsSet};
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::statistics::StatisticsArgs;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    ChildrenPropertiesMode, DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties,
    InputDistributionRequirements, PlanProperties, ReplaceChildrenOptions,
};
use futures::TryStreamExt;
use tokio::sync::OnceCell;

use super::join_build::Built;
use super::join_probe::Probing;
use super::relate::Relation;
use crate::catalog::Dataset;

/// What a row looks for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Match {
    /// Points not farther than this.
    Near { max_m: f64 },
    /// The nearest points.
    Nearest { k: usize },
    /// Geometries to which the point that looks is in this relation.
    In { relation: Relation },
}

/// The two expressions that are compared, each over its own table's columns.
#[derive(Debug, Clone)]
pub(super) struct On {
    pub(super) probe: Arc<dyn PhysicalExpr>,
    pub(super) build: Arc<dyn PhysicalExpr>,
    pub(super) kind: Match,
}

/// The built side.
#[derive(Debug, Clone)]
pub(super) enum Table {
    /// The rows of a plan, which are indexed first.
    Plan(Arc<dyn ExecutionPlan>),
    /// A dataset as it is: its own index answers.
    Dataset { dataset: Arc<Dataset>, points: usize, columns: Vec<usize> },
}

/// Which rows of one side come out by themselves, beside pairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alone {
    None,
    /// Those that have a match.
    Matched,
    /// Those that have none.
    Unmatched,
}

/// What comes out of a join.
#[derive(Debug, Clone, Copy)]
pub(super) struct Emits {
    pub(super) join_type: JoinType,
    pub(super) pairs: bool,
    left: Alone,
    right: Alone,
}

impl Emits {
    /// None for a type of join that has no use here.
    pub(super) fn of(join_type: JoinType) -> Option<Self> {
        let (pairs, left, right) = match join_type {
            JoinType::Inner => (true, Alone::None, Alone::None),
            JoinType::Left => (true, Alone::Unmatched, Alone::None),
            JoinType::Right => (true, Alone::None, Alone::Unmatched),
            JoinType::Full => (true, Alone::Unmatched, Alone::Unmatched),
            JoinType::LeftSemi => (false, Alone::Matched, Alone::None),
            JoinType::LeftAnti => (false, Alone::Unmatched, Alone::None),
            JoinType::RightSemi => (false, Alone::None, Alone::Matched),
            JoinType::RightAnti => (false, Alone::None, Alone::Unmatched),
            _ => return None,
        };
        Some(Self { join_type, pairs, left, right })
    }
}

/// What a join is made of.
#[derive(Debug, Clone)]
pub(super) struct Parts {
    pub(super) probe: Arc<dyn ExecutionPlan>,
    pub(super) build: Table,
    pub(super) build_is_left: bool,
    /// What a row of the built side must meet to be looked for.
    pub(super) before: Option<Arc<dyn PhysicalExpr>>,
    pub(super) on: On,
    /// What pairs must meet.
    pub(super) after: Option<JoinFilter>,
    pub(super) emits: Emits,
    pub(super) schema: SchemaRef,
}

impl Parts {
    /// Which rows of the side that looks come out by themselves.
    pub(super) fn probe_alone(&self) -> Alone {
        if self.build_is_left { self.emits.right } else { self.emits.left }
    }

    /// Which rows of the built side come out by themselves.
    pub(super) fn build_alone(&self) -> Alone {
        if self.build_is_left { self.emits.left } else { self.emits.right }
    }

    pub(super) fn build_schema(&self) -> Result<SchemaRef> {
        Ok(match &self.build {
            Table::Plan(plan) => plan.schema(),
            Table::Dataset { dataset, columns, .. } => Arc::new(dataset.schema().project(columns)?),
        })
    }

    /// Where each column comes from: whether it is the built side's, and its place there.
    fn origins(&self) -> Result<Vec<(bool, usize)>> {
        let (build, probe) = (self.build_schema()?.fields().len(), self.probe.schema().fields().len());
        let of_build = (0..build).map(|at| (true, at));
        let of_probe = (0..probe).map(|at| (false, at));
        Ok(match (self.emits.join_type, self.build_is_left) {
            (JoinType::LeftSemi | JoinType::LeftAnti, true)
            | (JoinType::RightSemi | JoinType::RightAnti, false) => of_build.collect(),
            (JoinType::LeftSemi | JoinType::LeftAnti, false)
            | (JoinType::RightSemi | JoinType::RightAnti, true) => of_probe.collect(),
            (_, true) => of_build.chain(of_probe).collect(),
            (_, false) => of_probe.chain(of_build).collect(),
        })
    }
}

/// A join by a spatial condition.
#[derive(Debug)]
pub(super) struct SpatialJoinExec {
    parts: Arc<Parts>,
    /// Where each column that comes out is from: see [`Parts::origins`].
    origins: Vec<(bool, usize)>,
    schema: SchemaRef,
    properties: Arc<PlanProperties>,
    metrics: ExecutionPlanMetricsSet,
    built: Arc<OnceCell<Arc<Built>>>,
    /// Partitions that still look: the last one tells what was never found.
    looking: Arc<AtomicUsize>,
}

impl SpatialJoinExec {
    pub(super) fn new(parts: Parts) -> Result<Self> {
        let (origins, schema) = (parts.origins()?, Arc::clone(&parts.schema));
        Ok(Self::with(Arc::new(parts), origins, schema))
    }

    fn with(parts: Arc<Parts>, origins: Vec<(bool, usize)>, schema: SchemaRef) -> Self {
        let partitions = parts.probe.output_partitioning().partition_count();
        let properties = PlanProperties::new(
            EquivalenceProperties::new(Arc::clone(&schema)),
            Partitioning::UnknownPartitioning(partitions),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        Self {
            parts,
            origins,
            schema,
            properties: Arc::new(properties),
            metrics: ExecutionPlanMetricsSet::new(),
            built: Arc::default(),
            looking: Arc::new(AtomicUsize::new(partitions)),
        }
    }
}

impl DisplayAs for SpatialJoinExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Parts { build, build_is_left, before, on, after, emits, .. } = self.parts.as_ref();
        let side = if *build_is_left { "left" } else { "right" };
        write!(f, "SpatialJoinExec: join_type={}, build={side}", emits.join_type)?;
        if let Table::Dataset { dataset, .. } = build {
            write!(f, ", index of {}", dataset.name())?;
        }
        match on.kind {
            Match::Near { max_m } => write!(f, ", on=[distance({}, {}) <= {max_m} m]", on.probe, on.build)?,
            Match::Nearest { k } => write!(f, ", on=[{k} nearest {} of each {}]", on.build, on.probe)?,
            Match::In { relation } => {
                let relation = format!("{relation:?}").to_lowercase();
                write!(f, ", on=[{} {relation} {}]", on.probe, on.build)?;
            }
        }
        if let Some(before) = before {
            write!(f, ", build where=[{before}]")?;
        }
        if let Some(after) = after {
            write!(f, ", filter=[{}]", after.expression())?;
        }
        let names: Vec<&str> = self.schema.fields().iter().map(|field| field.name().as_str()).collect();
        write!(f, ", projection=[{}]", names.join(", "))
    }
}

impl ExecutionPlan for SpatialJoinExec {
    fn name(&self) -> &'static str {
        "SpatialJoinExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        match &self.parts.build {
            Table::Plan(build) => vec![build, &self.parts.probe],
            Table::Dataset { .. } => vec![&self.parts.probe],
        }
    }

    fn input_distribution_requirements(&self) -> InputDistributionRequirements {
        InputDistributionRequirements::new(match self.parts.build {
            Table::Plan(_) => vec![Distribution::SinglePartition, Distribution::UnspecifiedDistribution],
            Table::Dataset { .. } => vec![Distribution::UnspecifiedDistribution],
        })
    }

    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        let Parts { on, before, .. } = self.parts.as_ref();
        for expr in [&on.probe, &on.build].into_iter().chain(before) {
            if f(expr)? == TreeNodeRecursion::Stop {
                return Ok(TreeNodeRecursion::Stop);
            }
        }
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        mut children: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let mut parts = Parts::clone(&self.parts);
        if let Some(probe) = children.pop() {
            parts.probe = probe;
        }
        if let Some(build) = children.pop() {
            parts.build = Table::Plan(build);
        }
        Ok(Arc::new(Self::with(Arc::new(parts), self.origins.clone(), Arc::clone(&self.schema))))
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        self.replace_children(children, ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute))
    }

    fn statistics_from_inputs(&self, _: &[Arc<Statistics>], _: &StatisticsArgs) -> Result<Arc<Statistics>> {
        Ok(Arc::new(Statistics::new_unknown(&self.schema)))
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }

    /// Only the columns that are asked for are copied for each pair.
    fn try_swapping_with_projection(
        &self,
        projection: &ProjectionExec,
    ) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        let own = |expr: &Arc<dyn PhysicalExpr>| {
            expr.downcast_ref::<Column>().map(|column| self.origins[column.index()])
        };
        let origins: Option<Vec<_>> = projection.expr().iter().map(|it| own(&it.expr)).collect();
        let Some(origins) = origins else { return Ok(None) };
        let schema = Schema::new_with_metadata(
            projection.schema().fields().clone(),
            projection.schema().metadata().clone(),
        );
        Ok(Some(Arc::new(Self::with(Arc::clone(&self.parts), origins, Arc::new(schema)))))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let input = self.parts.probe.execute(partition, Arc::clone(&context))?;
        let (parts, built) = (Arc::clone(&self.parts), Arc::clone(&self.built));
        let metrics = self.metrics.clone();
        let (origins, schema) = (self.origins.clone(), Arc::clone(&self.schema));
        let looking = Arc::clone(&self.looking);
        let batches = futures::stream::once(async move {
            let new = Built::new(&parts, &context, &metrics, partition);
            let built = Arc::clone(built.get_or_try_init(|| new).await?);
            let memory = MemoryConsumer::new("SpatialJoinPairs").register(context.memory_pool());
            let probing =
                Probing::new(parts, built, input, origins, schema, looking, memory, &metrics, partition);
            Ok::<_, datafusion::error::DataFusionError>(futures::stream::try_unfold(
                probing,
                |mut probing| async move { Ok(probing.next().await?.map(|batch| (batch, probing))) },
            ))
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), batches.try_flatten())))
    }
}

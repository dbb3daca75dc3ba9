//! Joins, sorts and windows that let go of the processor.
//!
//! A query is stopped where it yields: a task that never does runs to its end, whoever waits. DataFusion
//! yields where batches are read, but a join makes millions of rows of two batches that it has read, and
//! may throw all of them away before anything above it is asked. So what comes out of joins is paced, and
//! what goes in on the side that is read piece by piece comes in pieces that take a join a moment each.

use std::fmt;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{RecordBatchStream, SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::execution_plan::replace_children_if_necessary;
use datafusion::physical_plan::{
    ChildrenPropertiesMode, DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties,
    ReplaceChildrenOptions,
};
use futures::Stream;
use tokio::task::yield_now;

use super::spatial;

/// How long a query holds a thread before it lets others have it, and may be stopped.
const TURN: Duration = Duration::from_millis(10);
/// A piece that takes a join less than this is too small.
const MOMENT: Duration = Duration::from_millis(2);
/// The rows of the largest piece: DataFusion's batches have as many.
const LARGEST_PIECE: usize = 8_192;

/// Nodes that make many rows of few.
const MULTIPLYING: [&str; 8] = [
    "CrossJoinExec",
    "HashJoinExec",
    "NestedLoopJoinExec",
    "PiecewiseMergeJoin",
    "SortMergeJoinExec",
    "SpatialJoinExec",
    "UnnestExec",
    "RecursiveQueryExec",
];
/// Nodes that take all rows in before they give any, and think about each batch.
const GATHERING: [&str; 3] = ["BoundedWindowAggExec", "SortExec", "WindowAggExec"];
/// Of those that multiply, the ones that compare a piece of the right side with all of the left.
const PROBING: [&str; 2] = ["HashJoinExec", "NestedLoopJoinExec"];

/// Paces what multiplies.
#[derive(Debug)]
pub(super) struct Pace;

impl PhysicalOptimizerRule for Pace {
    fn name(&self) -> &'static str {
        "pace"
    }

    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(plan.transform_up(pace)?.data)
    }

    fn schema_check(&self) -> bool {
        true
    }
}

fn pace(plan: Arc<dyn ExecutionPlan>) -> Result<Transformed<Arc<dyn ExecutionPlan>>> {
    // With a limit, a sort keeps few rows and asks its input for less and less.
    let is_gathering = GATHERING.contains(&plan.name()) && plan.fetch().is_none();
    if !is_gathering && !MULTIPLYING.contains(&plan.name()) {
        return pace_functions(plan);
    }
    let is_in_pieces = PROBING.contains(&plan.name());
    let mut children: Vec<Arc<dyn ExecutionPlan>> = plan.children().into_iter().cloned().collect();
    let plan = match children.pop() {
        Some(last) if is_in_pieces || is_gathering => {
            children.push(Arc::new(Paced { input: last, is_in_pieces }));
            replace_children_if_necessary(plan, children)?
        }
        _ => plan,
    };
    Ok(Transformed::yes(Arc::new(Paced { input: plan, is_in_pieces: false })))
}

/// Gives what calls slow functions its rows in pieces: a batch of outlines can take a second.
fn pace_functions(plan: Arc<dyn ExecutionPlan>) -> Result<Transformed<Arc<dyn ExecutionPlan>>> {
    let [input] = plan.children()[..] else { return Ok(Transformed::no(plan)) };
    let (input, mut is_slow) = (Arc::clone(input), false);
    plan.apply_expressions(&mut |expr| {
        is_slow |= spatial::is_slow(expr, &input.schema());
        Ok(TreeNodeRecursion::Continue)
    })?;
    if !is_slow {
        return Ok(Transformed::no(plan));
    }
    let paced = Arc::new(Paced { input, is_in_pieces: true });
    Ok(Transformed::yes(replace_children_if_necessary(plan, vec![paced])?))
}

/// The rows of its input, at a pace.
#[derive(Debug)]
struct Paced {
    input: Arc<dyn ExecutionPlan>,
    is_in_pieces: bool,
}

impl DisplayAs for Paced {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PacedExec{}", if self.is_in_pieces { ": in pieces" } else { "" })
    }
}

impl ExecutionPlan for Paced {
    fn name(&self) -> &'static str {
        "PacedExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.input.properties()
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        mut children: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let one = || DataFusionError::Internal("PacedExec has one input".to_owned());
        Ok(Arc::new(Self { input: children.pop().ok_or_else(one)?, is_in_pieces: self.is_in_pieces }))
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        self.replace_children(children, ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let input = self.input.execute(partition, context)?;
        Ok(Box::pin(PacedStream {
            schema: input.schema(),
            input,
            turn: None,
            pieces: self.is_in_pieces.then(|| Pieces { rest: None, rows: 1, given: None }),
        }))
    }
}

/// A batch that is given in pieces.
struct Pieces {
    rest: Option<RecordBatch>,
    /// The rows of the next piece.
    rows: usize,
    /// When the last one was given.
    given: Option<Instant>,
}

impl Pieces {
    /// The next piece of the batch at hand. Its size follows the time that the last one took.
    fn next(&mut self) -> Option<RecordBatch> {
        if let Some(given) = self.given.take() {
            let spent = given.elapsed();
            if spent > TURN {
                self.rows = (self.rows / 4).max(1);
            } else if spent < MOMENT {
                self.rows = (self.rows * 4).min(LARGEST_PIECE);
            }
        }
        let batch = self.rest.take()?;
        self.given = Some(Instant::now());
        if batch.num_rows() <= self.rows {
            return Some(batch);
        }
        self.rest = Some(batch.slice(self.rows, batch.num_rows() - self.rows));
        Some(batch.slice(0, self.rows))
    }
}

struct PacedStream {
    schema: SchemaRef,
    input: SendableRecordBatchStream,
    /// When the thread was last let go of.
    turn: Option<Instant>,
    pieces: Option<Pieces>,
}

impl PacedStream {
    fn poll_batch(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<RecordBatch>>> {
        let Some(pieces) = &mut self.pieces else { return self.input.as_mut().poll_next(context) };
        if let Some(piece) = pieces.next() {
            return Poll::Ready(Some(Ok(piece)));
        }
        match self.input.as_mut().poll_next(context) {
            Poll::Ready(Some(Ok(batch))) => {
                pieces.rest = Some(batch);
                Poll::Ready(pieces.next().map(Ok))
            }
            other => other,
        }
    }
}

impl Stream for PacedStream {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let turn = *self.turn.get_or_insert_with(Instant::now);
        if turn.elapsed() > TURN {
            self.turn = None;
            // Not by waking itself: the thread would take it up again before it looks whether it was stopped.
            return pin!(yield_now()).poll(context).map(|()| None);
        }
        let polled = self.poll_batch(context);
        if polled.is_pending() {
            self.turn = None;
        }
        polled
    }
}

impl RecordBatchStream for PacedStream {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}

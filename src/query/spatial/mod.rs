//! Spatial SQL: functions with PostGIS's names and meaning for geography, and plans that go through the
//! R-tree of a dataset.
//!
//! What a condition or an order has that the index understands (`predicate`, `nearest_rule`, `join_rule`) is
//! answered by it exactly; all else stays as it is and is computed row by row by the functions.

mod aggregate;
mod build;
mod cluster;
mod function;
mod functions;
mod join;
mod join_build;
mod join_probe;
mod join_rule;
mod measure;
mod nearest;
mod nearest_rule;
mod predicate;
mod relate;
mod selection;
mod shapes;
mod source;

use std::sync::Arc;

use arrow::datatypes::Schema;
use datafusion::common::tree_node::TreeNode;
use datafusion::execution::SessionStateBuilder;
use datafusion::logical_expr::{AggregateUDF, Expr, LogicalPlan, ScalarUDF, WindowUDF};
use datafusion::physical_expr::{PhysicalExpr, ScalarFunctionExpr};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;

use crate::geo::point_type;

pub use aggregate::{AGGREGATES, SpatialAggregate};
pub use cluster::{SpatialWindow, WINDOWS};
pub use function::{Returns, SpatialFunction, Takes};
pub use functions::FUNCTIONS;
pub(super) use predicate::{condition, is_condition};
pub(super) use selection::Selection;
pub(super) use source::DatasetSource;

/// A session that knows the spatial functions. They hold no state, so that a plan can travel.
pub(super) fn register_all(mut builder: SessionStateBuilder) -> SessionStateBuilder {
    let scalar = FUNCTIONS.iter().map(|it| Arc::new(ScalarUDF::new_from_impl(function::Callable::new(it))));
    builder.scalar_functions().get_or_insert_default().extend(scalar);
    let aggregates =
        AGGREGATES.iter().map(|it| Arc::new(AggregateUDF::new_from_impl(aggregate::Aggregate::new(it))));
    builder.aggregate_functions().get_or_insert_default().extend(aggregates);
    let windows = WINDOWS.iter().map(|it| Arc::new(WindowUDF::new_from_impl(cluster::Cluster::new(it))));
    builder.window_functions().get_or_insert_default().extend(windows);
    builder
}

/// What goes through the R-tree, before any other rule moves the scans away from it.
pub(super) fn rules() -> Vec<Arc<dyn PhysicalOptimizerRule + Send + Sync>> {
    vec![Arc::new(nearest_rule::Nearest), Arc::new(join_rule::Joins)]
}

/// The one of them that matters where rows are only picked.
pub(super) fn rule_in_order() -> Arc<dyn PhysicalOptimizerRule + Send + Sync> {
    Arc::new(nearest_rule::Nearest)
}

/// Whether a plan sorts by a distance, so that the index may have the rows in order.
pub(super) fn may_be_nearest(plan: &LogicalPlan) -> bool {
    let is_distance = |expr: &Expr| {
        let is_it = |expr: &Expr| matches!(expr, Expr::ScalarFunction(it) if it.func.name() == "st_distance");
        expr.exists(|expr| Ok(is_it(expr))).unwrap_or(false)
    };
    let has_distance = |plan: &LogicalPlan| Ok(plan.expressions().iter().any(is_distance));
    let is_sort = |plan: &LogicalPlan| Ok(matches!(plan, LogicalPlan::Sort(sort) if sort.fetch.is_some()));
    plan.exists(is_sort).unwrap_or(false) && plan.exists(has_distance).unwrap_or(false)
}

/// Whether an expression calls a function that may take long for a row: one of other geometries than points.
pub(super) fn is_slow(expr: &Arc<dyn PhysicalExpr>, schema: &Schema) -> bool {
    let is_shape = |arg: &Arc<dyn PhysicalExpr>| {
        arg.data_type(schema).is_ok_and(|kind| shapes::is_shape(&kind) && kind != point_type())
    };
    let is_slow = |expr: &Arc<dyn PhysicalExpr>| {
        let Some(call) = expr.downcast_ref::<ScalarFunctionExpr>() else { return false };
        let function = FUNCTIONS.iter().find(|it| it.name.eq_ignore_ascii_case(call.fun().name()));
        function.is_some() && call.args().iter().any(is_shape)
    };
    expr.exists(|expr| Ok(is_slow(expr))).unwrap_or(false)
}

/// Whether an expression numbers what it finds by the order of rows that nothing orders.
pub(super) fn is_unordered(expr: &Expr) -> bool {
    let Expr::WindowFunction(window) = expr else { return false };
    WINDOWS.iter().any(|it| it.name.eq_ignore_ascii_case(window.fun.name()))
        && window.params.order_by.is_empty()
}

/// Whether the index has the rows of a plan in order.
pub(super) fn is_nearest(plan: &Arc<dyn ExecutionPlan>) -> bool {
    plan.exists(|plan| Ok(plan.is::<nearest::NearestExec>())).unwrap_or(false)
}

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

use datafusion::execution::SessionStateBuilder;
use datafusion::logical_expr::{AggregateUDF, ScalarUDF, WindowUDF};
use datafusion::physical_optimizer::PhysicalOptimizerRule;

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

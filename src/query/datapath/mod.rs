//! References between datasets in SQL: `region.nameRu`, where the field `region` declares a `datapath`.
//!
//! The planner turns such a name into a function of the reference ([`function`]): it reads a field of the
//! object that the value leads to. Where a scan can give the row that the reference was resolved to when it
//! was published, the function takes that instead of the key ([`rows`]), a condition about it alone is
//! asked of the objects and not of the rows ([`condition`]), and groups are told apart by the objects' codes
//! ([`groups`]). A function of one row adds and drops none.

mod condition;
mod function;
mod grouping;
mod groups;
mod path;
mod planner;
mod rows;

use std::sync::Arc;

use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::error::Result;
use datafusion::execution::SessionStateBuilder;
use datafusion::logical_expr::{LogicalPlan, ScalarUDF};
use datafusion::physical_optimizer::PhysicalOptimizerRule;

use crate::catalog::{Dataset, Snapshot};

pub(super) use condition::{ReferredCondition, condition};
pub(super) use path::{leads_nowhere, target, unknown_field};
pub(super) use rows::{by_row, expression_by_row};

/// A session that follows references between the datasets of a snapshot.
pub(super) fn register(mut builder: SessionStateBuilder, snapshot: &Arc<Snapshot>) -> SessionStateBuilder {
    let planner = planner::Follows::new(Arc::clone(snapshot));
    builder.expr_planners().get_or_insert_default().insert(0, Arc::new(planner));
    let functions = builder.scalar_functions().get_or_insert_default();
    functions.push(Arc::new(ScalarUDF::new_from_impl(function::Reference::default())));
    builder
}

/// Groups by fields of referred objects, before any other rule moves the scans away from them.
pub(super) fn rule() -> Arc<dyn PhysicalOptimizerRule + Send + Sync> {
    Arc::new(groups::ByCode)
}

/// The datasets that the first references of a plan lead to; what these reach is read, too.
pub(super) fn reads(plan: &LogicalPlan) -> Result<Vec<Arc<Dataset>>> {
    let mut datasets = Vec::new();
    plan.apply_with_subqueries(|plan| {
        plan.apply_expressions(|expr| {
            expr.apply(|expr| {
                if let Some(follow) = function::Follow::of(expr) {
                    datasets.push(Arc::clone(follow.path.objects()));
                }
                Ok(TreeNodeRecursion::Continue)
            })
        })
    })?;
    Ok(datasets)
}

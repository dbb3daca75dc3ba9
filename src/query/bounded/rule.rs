//! Where bounded functions get into a plan: everywhere.

use arrow::datatypes::DataType;
use datafusion::common::DFSchema;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{Expr, ExprSchemable, LogicalPlan, Operator, WindowFunctionDefinition};
use datafusion::optimizer::optimizer::ApplyOrder;
use datafusion::optimizer::{AnalyzerRule, OptimizerConfig, OptimizerRule};

use super::function::check_type;
use super::operated::operated;
use super::size::array_bytes;
use super::{CONSTANT_BYTES, bind};

/// The bytes of a constant that may stand in every row of a batch: as much as the text of a query.
const REPEATED_BYTES: u64 = 64 << 10;
/// Aggregates whose value grows with every row: over a window there would be one for every row.
const GROWING: [&str; 2] = ["array_agg", "string_agg"];

/// Puts bounded functions where the planner put others by itself, as it does for `OVERLAY`, `[…]`, `{…}`
/// and `||`.
#[derive(Debug)]
pub(super) struct Bind;

impl AnalyzerRule for Bind {
    fn name(&self) -> &'static str {
        "bounded_functions"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        Ok(plan.transform_up_with_subqueries(bind_plan)?.data)
    }
}

fn bind_plan(plan: LogicalPlan) -> Result<Transformed<LogicalPlan>> {
    let schema = merge_schema(&plan.inputs());
    let names = NamePreserver::new(&plan);
    let plan = plan.map_expressions(|expr| {
        let name = names.save(&expr);
        let bound =
            bind(expr)?.transform_data(|expr| expr.transform_up(|expr| bind_operator(expr, &schema)))?;
        Ok(bound.update_data(|expr| name.restore(expr)))
    })?;
    plan.map_data(LogicalPlan::recompute_schema)
}

fn bind_operator(expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    match expr {
        Expr::BinaryExpr(binary) if binary.op == Operator::StringConcat => {
            let is_text = |expr: &Expr| expr.get_type(schema).is_ok_and(|it| is_text(&it));
            if !is_text(&binary.left) || !is_text(&binary.right) {
                return Ok(Transformed::no(Expr::BinaryExpr(binary)));
            }
            Ok(Transformed::yes(operated(binary)))
        }
        Expr::Cast(cast) => {
            check_type(cast.field.data_type())?;
            Ok(Transformed::no(Expr::Cast(cast)))
        }
        Expr::TryCast(cast) => {
            check_type(cast.field.data_type())?;
            Ok(Transformed::no(Expr::TryCast(cast)))
        }
        Expr::WindowFunction(window) => {
            if let WindowFunctionDefinition::AggregateUDF(function) = &window.fun
                && GROWING.contains(&function.name())
            {
                let message = format!("{} over a window; GROUP BY takes it", function.name());
                return Err(DataFusionError::NotImplemented(message));
            }
            Ok(Transformed::no(Expr::WindowFunction(window)))
        }
        other => Ok(Transformed::no(other)),
    }
}

fn is_text(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

/// Refuses long constants beside rows: a constant is repeated for every row of a batch.
#[derive(Debug)]
pub(super) struct Constants;

impl OptimizerRule for Constants {
    fn name(&self) -> &'static str {
        "bounded_constants"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::BottomUp)
    }

    fn rewrite(&self, plan: LogicalPlan, _: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        // One row at most: a constant is there once.
        let is_one_row = plan.inputs().iter().all(|input| input.max_rows().is_some_and(|rows| rows <= 1));
        let most = if is_one_row { CONSTANT_BYTES } else { REPEATED_BYTES };
        plan.apply_expressions(|expr| expr.apply(|expr| check_constant(expr, most)))?;
        Ok(Transformed::no(plan))
    }
}

fn check_constant(expr: &Expr, most: u64) -> Result<TreeNodeRecursion> {
    if let Expr::Literal(value, _) = expr {
        // Most constants are a few bytes, which is known without making an array.
        let bytes = if value.size() as u64 > most { array_bytes(&value.to_array()?) } else { 0 };
        if bytes > most {
            let message = format!("a constant of {bytes} bytes in every row; at most {most} are given");
            return Err(DataFusionError::ResourcesExhausted(message));
        }
    }
    Ok(TreeNodeRecursion::Continue)
}

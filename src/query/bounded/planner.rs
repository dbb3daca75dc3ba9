//! Structs and maps of literals, `{a: x}`, `(x, y)` and `MAP {…}`, as the bounded functions they are.
//!
//! The planner puts these functions in by itself, and each nests a type: bound when the plan is whole,
//! they would be too late for forty of them inside one another, whose type has 2⁴⁰ parts.

use datafusion::common::DFSchema;
use datafusion::error::Result;
use datafusion::functions::core::planner::CoreFunctionPlanner;
use datafusion::functions_nested::planner::NestedFunctionPlanner;
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawDictionaryExpr};

use super::bind;

#[derive(Debug)]
pub(super) struct Literals;

impl ExprPlanner for Literals {
    fn plan_dictionary_literal(
        &self,
        expr: RawDictionaryExpr,
        schema: &DFSchema,
    ) -> Result<PlannerResult<RawDictionaryExpr>> {
        bound(CoreFunctionPlanner::default().plan_dictionary_literal(expr, schema)?)
    }

    fn plan_struct_literal(&self, args: Vec<Expr>, is_named: bool) -> Result<PlannerResult<Vec<Expr>>> {
        bound(CoreFunctionPlanner::default().plan_struct_literal(args, is_named)?)
    }

    fn plan_make_map(&self, args: Vec<Expr>) -> Result<PlannerResult<Vec<Expr>>> {
        bound(NestedFunctionPlanner.plan_make_map(args)?)
    }
}

fn bound<T>(planned: PlannerResult<T>) -> Result<PlannerResult<T>> {
    Ok(match planned {
        PlannerResult::Planned(expr) => PlannerResult::Planned(bind(expr)?.data),
        original @ PlannerResult::Original(_) => original,
    })
}

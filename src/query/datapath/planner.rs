//! Names that lead through references, as the planner meets them.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{Column, DFSchema, TableReference};
use datafusion::error::{DataFusionError, Result};
use datafusion::functions::core::get_field;
use datafusion::logical_expr::expr::Unnest;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawFieldAccessExpr};
use datafusion::logical_expr::{Expr, ExprSchemable, GetFieldAccess, lit};

use super::function::{Broken, Follow};
use super::path::Path;
use crate::catalog::Snapshot;
use crate::encode::attribute::{DATAPATH, attribute};
use crate::error::Error;

/// Plans `region.nameRu` where `region` declares a `datapath` to a dataset of the snapshot.
#[derive(Debug)]
pub(super) struct Follows {
    snapshot: Arc<Snapshot>,
}

impl Follows {
    pub(super) fn new(snapshot: Arc<Snapshot>) -> Self {
        Self { snapshot }
    }

    /// The field `name` of what an expression leads to; none where it is no reference.
    fn follow(&self, expr: &Expr, field: Option<&Field>, name: &str) -> Option<Result<Expr, Error>> {
        if let (Some(follow), Expr::ScalarFunction(call)) = (Follow::of(expr), expr) {
            let longer = follow.path.then(&self.snapshot, name);
            let longer = longer.map(|path| Follow::by_key(path).inside(follow.inside.clone()));
            return Some(longer.map(|follow| follow.call(call.args[0].clone())));
        }
        let field = field?;
        let datapath = attribute(field, DATAPATH).filter(|_| !field.data_type().is_nested())?;
        let path = Path::start(&self.snapshot, field.name(), datapath, name);
        let (object, members) = outer_member(expr).unwrap_or_else(|| (expr.clone(), Vec::new()));
        Some(path.map(|path| Follow::by_key(path).inside(members).call(object)))
    }
}

impl ExprPlanner for Follows {
    fn plan_compound_identifier(
        &self,
        field: &Field,
        qualifier: Option<&TableReference>,
        nested_names: &[String],
    ) -> Result<PlannerResult<Vec<Expr>>> {
        let mut expr = Expr::Column(Column::from((qualifier, field)));
        let mut field = Some(Arc::new(field.clone()));
        let mut is_followed = false;
        for name in nested_names {
            match self.follow(&expr, field.as_deref(), name) {
                Some(Ok(followed)) => {
                    is_followed = true;
                    expr = followed;
                    field = None;
                }
                // An error here would be passed over.
                Some(Err(error)) => return Ok(PlannerResult::Planned(Broken::call(error, expr))),
                None => {
                    field = field.as_deref().and_then(|field| member(field, name));
                    expr = get_field().call(vec![expr, lit(name.as_str())]);
                }
            }
        }
        // What leads through no reference is planned by those who know more about it.
        if is_followed { Ok(PlannerResult::Planned(expr)) } else { Ok(PlannerResult::Original(Vec::new())) }
    }

    fn plan_field_access(
        &self,
        access: RawFieldAccessExpr,
        schema: &DFSchema,
    ) -> Result<PlannerResult<RawFieldAccessExpr>> {
        if let GetFieldAccess::NamedStructField { name } = &access.field_access
            && let Some(name) = name.try_as_str().flatten()
        {
            let field = field(&access.expr, schema);
            if let Some(followed) = self.follow(&access.expr, field.as_deref(), name) {
                let own = |error: Error| DataFusionError::External(Box::new(error));
                return followed.map(PlannerResult::Planned).map_err(own);
            }
        }
        Ok(PlannerResult::Original(access))
    }
}

/// The Object of an outer query that an expression is a member of, and the member's names: DataFusion loses a
/// member of an outer column on its way into a join (55.2, leaves extracted below a semi join).
fn outer_member(expr: &Expr) -> Option<(Expr, Vec<String>)> {
    match expr {
        Expr::OuterReferenceColumn(..) => Some((expr.clone(), Vec::new())),
        Expr::ScalarFunction(call) if call.func.name() == "get_field" => {
            let (object, names) = call.args.split_first()?;
            let (object, mut members) = outer_member(object)?;
            for name in names {
                let Expr::Literal(name, _) = name else { return None };
                members.push(name.try_as_str().flatten()?.to_owned());
            }
            Some((object, members))
        }
        _ => None,
    }
}

fn member(field: &Field, name: &str) -> Option<FieldRef> {
    let DataType::Struct(members) = field.data_type() else { return None };
    members.iter().find(|member| member.name() == name).map(Arc::clone)
}

/// The field that an expression is, with what it declares: the functions that reach into Objects and Lists
/// do not all say.
fn field(expr: &Expr, schema: &DFSchema) -> Option<FieldRef> {
    let element = |list: FieldRef| match list.data_type() {
        DataType::List(element) | DataType::LargeList(element) => Some(Arc::clone(element)),
        _ => None,
    };
    match expr {
        Expr::Alias(alias) => field(&alias.expr, schema),
        Expr::Unnest(Unnest { expr, .. }) => field(expr, schema).and_then(element),
        Expr::ScalarFunction(call) if call.func.name() == "array_element" => {
            field(&call.args[0], schema).and_then(element)
        }
        other => other.to_field(schema).ok().map(|(_, field)| field),
    }
}

//! References by the row that they lead to, in place of the key that is looked up.
//!
//! A dataset has a column of row numbers for each of its references beside those that its document has. No
//! query names it. A function that follows a reference asks its plan for it, downwards: a scan can give it,
//! and filters, sorts, joins, windows, aliases and projections pass it on. Where something else stands
//! between, such as a group by the reference, the key is looked up.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema, JoinType};
use datafusion::datasource::{provider_as_source, source_as_provider};
use datafusion::error::Result;
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{Distinct, DistinctOn, Expr, Join, LogicalPlan, Projection, TableScanBuilder};

use super::function::Follow;
use crate::catalog::Dataset;
use crate::query::scan::DatasetTable;

/// A reference of which the row number is wanted: a column, or a member of an Object in it.
#[derive(Debug, Clone, PartialEq)]
struct Wanted {
    column: Column,
    members: Vec<String>,
}

impl Wanted {
    /// The reference that an expression is.
    fn of(expr: &Expr) -> Option<Self> {
        match expr {
            Expr::Column(column) => Some(Self { column: column.clone(), members: Vec::new() }),
            Expr::ScalarFunction(call) if call.func.name() == "get_field" => {
                let (object, names) = call.args.split_first()?;
                let mut wanted = Self::of(object)?;
                for name in names {
                    let Expr::Literal(name, _) = name else { return None };
                    wanted.members.push(name.try_as_str().flatten()?.to_owned());
                }
                Some(wanted)
            }
            _ => None,
        }
    }

    /// As the dataset shows it: `owner.region`.
    fn shown(&self) -> String {
        self.names().join(".")
    }

    fn names(&self) -> Vec<&str> {
        std::iter::once(&self.column.name).chain(&self.members).map(String::as_str).collect()
    }

    /// The column with its row numbers, where there is one.
    fn row_column(&self) -> Column {
        Column::new(self.column.relation.clone(), format!("{}→row", self.shown()))
    }

    fn is_of(&self, schema: &DFSchema) -> bool {
        schema.has_column(&self.column)
    }
}

/// The plan with references by row, as far as scans can give the rows. It returns the same columns.
pub(in crate::query) fn by_row(plan: LogicalPlan) -> Result<LogicalPlan> {
    let has_follow = |expr: &Expr| expr.exists(|expr| Ok(Follow::of(expr).is_some()));
    let mut found = false;
    plan.apply_with_subqueries(|plan| {
        plan.apply_expressions(|expr| {
            found |= has_follow(expr)?;
            Ok(TreeNodeRecursion::Continue)
        })
    })?;
    if found { alone(plan) } else { Ok(plan) }
}

/// An expression over the columns of a dataset, with references by row.
pub(in crate::query) fn expression_by_row(expr: Expr, dataset: &Dataset) -> Result<Expr> {
    // Between two snapshots, the expression may have been planned for another version of what is referred to.
    let is_same = |follow: &Follow, names: &[&str]| {
        let target = dataset.link_of(names).and_then(|link| link.target.as_ref());
        target.is_some_and(|it| Arc::ptr_eq(&it.version, follow.path.objects().version_of_document()))
    };
    let is_there = |wanted: &Wanted, follow: &Follow| {
        let names = wanted.names();
        dataset.row_column(&names).is_some() && is_same(follow, &names)
    };
    replaced(expr, is_there).map(|expr| expr.data)
}

/// The same expression with those references by row whose rows are there.
fn replaced(expr: Expr, is_there: impl Fn(&Wanted, &Follow) -> bool) -> Result<Transformed<Expr>> {
    expr.transform_up(|expr| {
        let follow = Follow::of(&expr).filter(|follow| !follow.takes_row() && follow.inside.is_empty());
        let (Some(follow), Expr::ScalarFunction(call)) = (follow, &expr) else {
            return Ok(Transformed::no(expr));
        };
        let Some(wanted) = Wanted::of(&call.args[0]).filter(|wanted| is_there(wanted, follow)) else {
            return Ok(Transformed::no(expr));
        };
        let by_row = follow.by_row(&expr);
        Ok(Transformed::yes(by_row.call(Expr::Column(wanted.row_column()))))
    })
}

/// The references whose rows a node's own expressions want.
fn own(plan: &LogicalPlan) -> Result<Vec<Wanted>> {
    let mut found = Vec::new();
    plan.apply_expressions(|expr| {
        expr.apply(|expr| {
            if let (Some(follow), Expr::ScalarFunction(call)) = (Follow::of(expr), expr)
                && !follow.takes_row()
            {
                found.extend(Wanted::of(&call.args[0]).filter(|wanted| !found.contains(wanted)));
            }
            Ok(TreeNodeRecursion::Continue)
        })
    })?;
    Ok(found)
}

/// The plan with references by row, and which of the references that the plan above wants have the column
/// with their rows in it.
fn rewrite(plan: LogicalPlan, wanted: &[Wanted]) -> Result<(LogicalPlan, Vec<Wanted>)> {
    let plan = plan.map_subqueries(|plan| Ok(Transformed::yes(alone(plan)?)))?.data;
    match plan {
        LogicalPlan::TableScan(_) => scan(plan, wanted),
        LogicalPlan::Projection(projection) => project(projection, wanted),
        LogicalPlan::Join(join) => self::join(join, wanted),
        LogicalPlan::SubqueryAlias(_) => alias(plan, wanted),
        LogicalPlan::Filter(_) | LogicalPlan::Sort(_) | LogicalPlan::Limit(_) | LogicalPlan::Window(_) => {
            let mut all = own(&plan)?;
            all.extend(wanted.iter().filter(|wanted| !all.contains(wanted)).cloned().collect::<Vec<_>>());
            let input = plan.inputs()[0].clone();
            let (input, there) = rewrite(input, &all)?;
            let plan = with(plan, vec![input], &there)?;
            let passed = wanted.iter().filter(|wanted| there.contains(wanted)).cloned();
            Ok((plan, passed.collect()))
        }
        LogicalPlan::Aggregate(_) => {
            let all = own(&plan)?;
            let (input, there) = rewrite(plan.inputs()[0].clone(), &all)?;
            Ok((with(plan, vec![input], &there)?, Vec::new()))
        }
        // DataFusion cannot put it together again from its expressions.
        LogicalPlan::Distinct(Distinct::On(on)) => {
            let input = Arc::new(alone(on.input.as_ref().clone())?);
            Ok((LogicalPlan::Distinct(Distinct::On(DistinctOn { input, ..on })), Vec::new()))
        }
        // All others take their inputs as they are, each column by its place.
        other => {
            let inputs = other.inputs().into_iter().map(|input| alone(input.clone()));
            let inputs = inputs.collect::<Result<Vec<_>>>()?;
            Ok((with(other, inputs, &[])?, Vec::new()))
        }
    }
}

/// The plan with references by row, and with the columns that it had before.
fn alone(plan: LogicalPlan) -> Result<LogicalPlan> {
    let before = Arc::clone(plan.schema());
    let (plan, _) = rewrite(plan, &[])?;
    if plan.schema().fields().len() == before.fields().len() {
        return Ok(plan);
    }
    let columns = before.iter().map(|field| Expr::Column(Column::from(field))).collect();
    Ok(LogicalPlan::Projection(Projection::try_new(columns, Arc::new(plan))?))
}

/// A node over other inputs, its own references by row where the rows are there.
fn with(plan: LogicalPlan, inputs: Vec<LogicalPlan>, there: &[Wanted]) -> Result<LogicalPlan> {
    if there.is_empty() && plan.inputs().into_iter().eq(inputs.iter()) {
        return Ok(plan);
    }
    // Names of columns that other nodes find may hold how an expression is shown.
    let names = NamePreserver::new(&plan);
    let is_named = !matches!(plan, LogicalPlan::Sort(_));
    let exprs = plan.expressions().into_iter().map(|expr| {
        let name = is_named.then(|| names.save(&expr));
        let expr = replaced(expr, |it, _| there.contains(it))?.data;
        Ok(name.map_or_else(|| expr.clone(), |name| name.restore(expr.clone())))
    });
    plan.with_new_exprs(exprs.collect::<Result<Vec<_>>>()?, inputs)
}

fn scan(plan: LogicalPlan, wanted: &[Wanted]) -> Result<(LogicalPlan, Vec<Wanted>)> {
    let LogicalPlan::TableScan(scan) = plan else { return Ok((plan, Vec::new())) };
    let provider = source_as_provider(&scan.source).ok();
    let table = provider.as_deref().and_then(|provider| provider.downcast_ref::<DatasetTable>());
    let can_give = |wanted: &&Wanted| {
        scan.projection.is_none()
            && wanted.is_of(&scan.projected_schema)
            && table.is_some_and(|table| table.dataset().row_column(&wanted.names()).is_some())
    };
    let there: Vec<Wanted> = wanted.iter().filter(can_give).cloned().collect();
    let (Some(table), false) = (table, there.is_empty()) else {
        return Ok((LogicalPlan::TableScan(scan), Vec::new()));
    };
    let source = provider_as_source(Arc::new(table.with_rows()));
    let scan = TableScanBuilder::new(scan.table_name.clone(), source)
        .with_filters(scan.filters.clone())
        .with_fetch(scan.fetch)
        .build()?;
    Ok((LogicalPlan::TableScan(scan), there))
}

/// Projections pass the row numbers of the references that they pass on.
fn project(projection: Projection, wanted: &[Wanted]) -> Result<(LogicalPlan, Vec<Wanted>)> {
    let below = |wanted: &Wanted| {
        let at = projection.schema.maybe_index_of_column(&wanted.column)?;
        let expr = match &projection.expr[at] {
            Expr::Alias(alias) => alias.expr.as_ref(),
            other => other,
        };
        if projection.schema.has_column(&wanted.row_column()) {
            return None;
        }
        let mut below = Wanted::of(expr)?;
        below.members.extend(wanted.members.iter().cloned());
        Some(below)
    };
    let passed: Vec<(Wanted, Wanted)> =
        wanted.iter().filter_map(|wanted| Some((wanted.clone(), below(wanted)?))).collect();
    let plan = LogicalPlan::Projection(projection);
    let mut all = own(&plan)?;
    for (_, below) in &passed {
        if !all.contains(below) {
            all.push(below.clone());
        }
    }
    let (input, there) = rewrite(plan.inputs()[0].clone(), &all)?;
    let LogicalPlan::Projection(projection) = with(plan, vec![input], &there)? else {
        return datafusion::common::internal_err!("a projection became something else");
    };
    let (mut exprs, mut given) = (projection.expr.clone(), Vec::new());
    for (above, below) in passed.into_iter().filter(|(_, below)| there.contains(below)) {
        let (from, to) = (below.row_column(), above.row_column());
        let expr = Expr::Column(from.clone());
        exprs.push(if from == to { expr } else { expr.alias_qualified(to.relation, to.name) });
        given.push(above);
    }
    if given.is_empty() {
        return Ok((LogicalPlan::Projection(projection), given));
    }
    Ok((LogicalPlan::Projection(Projection::try_new(exprs, projection.input)?), given))
}

fn alias(plan: LogicalPlan, wanted: &[Wanted]) -> Result<(LogicalPlan, Vec<Wanted>)> {
    let inner = plan.inputs()[0].clone();
    let below = |wanted: &Wanted| {
        let at = plan.schema().maybe_index_of_column(&wanted.column)?;
        let column = Column::from(inner.schema().qualified_field(at));
        Some((wanted.clone(), Wanted { column, members: wanted.members.clone() }))
    };
    let passed: Vec<(Wanted, Wanted)> = wanted.iter().filter_map(below).collect();
    let all: Vec<Wanted> = passed.iter().map(|(_, below)| below.clone()).collect();
    let (input, there) = rewrite(inner.clone(), &all)?;
    let given = passed.into_iter().filter(|(_, below)| there.contains(below)).map(|(above, _)| above);
    Ok((with(plan, vec![input], &there)?, given.collect()))
}

fn join(join: Join, wanted: &[Wanted]) -> Result<(LogicalPlan, Vec<Wanted>)> {
    let passes = match join.join_type {
        JoinType::Inner | JoinType::Left | JoinType::Right | JoinType::Full => [true, true],
        JoinType::LeftSemi | JoinType::LeftAnti | JoinType::LeftMark => [true, false],
        JoinType::RightSemi | JoinType::RightAnti | JoinType::RightMark => [false, true],
    };
    let plan = LogicalPlan::Join(join);
    let own = own(&plan)?;
    let (mut inputs, mut there, mut given) = (Vec::new(), Vec::new(), Vec::new());
    for (input, may_pass) in plan.inputs().into_iter().zip(passes) {
        let from_above = wanted.iter().filter(|wanted| may_pass && !own.contains(wanted));
        let all: Vec<Wanted> =
            own.iter().chain(from_above).filter(|wanted| wanted.is_of(input.schema())).cloned().collect();
        let (input, found) = rewrite(input.clone(), &all)?;
        given.extend(wanted.iter().filter(|wanted| may_pass && found.contains(wanted)).cloned());
        there.extend(found);
        inputs.push(input);
    }
    Ok((with(plan, inputs, &there)?, given))
}

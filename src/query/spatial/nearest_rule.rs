//! Finds `ORDER BY ST_Distance(column, point) LIMIT k` in a plan, through projections and conditions.

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::arrow::compute::SortOptions;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::Result;
use datafusion::logical_expr::Operator;
use datafusion::physical_expr::{PhysicalExpr, ScalarFunctionExpr};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::execution_plan::replace_children_if_necessary;
use datafusion::physical_plan::expressions::{BinaryExpr, Column, Literal};
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::sorts::sort::SortExec;

use super::nearest::{NearestExec, Search};
use super::shapes::constant;
use super::source::DatasetSource;
use crate::geo::Position;
use crate::query::expression::Expressions;
use crate::query::filter::Filter;
use crate::query::search::NearestRows;

/// With more rows a sort of all is as quick, and asks the pool for its memory.
const MOST_ROWS: usize = 100_000;
/// With more rows the sort stays: batches of them may be shared out, and come back in another order.
const MOST_IN_ORDER: usize = 8_192;

/// Puts [`NearestExec`] in place of a sort by distance.
#[derive(Debug)]
pub(in crate::query) struct Nearest;

impl PhysicalOptimizerRule for Nearest {
    fn name(&self) -> &'static str {
        "nearest"
    }

    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        let replaced = plan.transform_up(|plan| {
            let nearest = plan.downcast_ref::<SortExec>().map(by_distance).transpose()?.flatten();
            Ok(nearest.map_or_else(|| Transformed::no(plan), Transformed::yes))
        });
        Ok(replaced?.data)
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// The plan that does what this sort does, if it is one by distance.
fn by_distance(sort: &SortExec) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let first = sort.expr().first();
    let nearest_first = SortOptions { descending: false, nulls_first: false };
    let is_few = |k: &usize| *k <= MOST_ROWS && first.options == nearest_first;
    let Some(k) = sort.fetch().filter(is_few) else { return Ok(None) };
    let is_alone = sort.expr().len() == 1 && k <= MOST_IN_ORDER;
    let Some(input) = nearest(sort.input(), &first.expr, k, !is_alone)? else { return Ok(None) };
    if is_alone {
        return Ok(Some(input));
    }
    Ok(Some(Arc::new(SortExec::new(sort.expr().clone(), input).with_fetch(Some(k)))))
}

/// This plan with [`NearestExec`] in place of its scan, where `distance`, of its columns, is the distance
/// from a column of points.
fn nearest(
    plan: &Arc<dyn ExecutionPlan>,
    distance: &Arc<dyn PhysicalExpr>,
    k: usize,
    takes_ties: bool,
) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    if let Some(projection) = plan.downcast_ref::<ProjectionExec>() {
        let Some(below) = below(projection, distance) else { return Ok(None) };
        let Some(input) = nearest(projection.input(), &below, k, takes_ties)? else { return Ok(None) };
        return Ok(Some(replace_children_if_necessary(Arc::clone(plan), vec![input])?));
    }
    let (scan, filter) = match plan.downcast_ref::<FilterExec>() {
        Some(filter) if filter.fetch().is_none() => (filter.input(), Some(filter)),
        Some(_) => return Ok(None),
        None => (plan, None),
    };
    let Some(source) = DatasetSource::of(scan).filter(|source| source.is_unlimited()) else {
        return Ok(None);
    };
    let given: Vec<usize> = match filter.and_then(|filter| filter.projection().as_ref()) {
        Some(projection) => projection.iter().map(|at| source.columns[*at]).collect(),
        None => source.columns.clone(),
    };
    let Some((points, from)) = column_and_place(distance, &given, source) else { return Ok(None) };
    let search = Search {
        dataset: Arc::clone(&source.dataset),
        points,
        asked: NearestRows { from, k, max_m: f64::INFINITY },
        columns: given,
        filter: condition(filter, source)?,
        selection: source.selection.clone(),
    };
    Ok(Some(Arc::new(NearestExec::new(search, takes_ties, plan.schema()))))
}

/// An expression over a projection's columns as one over its input's, where it is a column or the distance
/// itself.
fn below(projection: &ProjectionExec, expr: &Arc<dyn PhysicalExpr>) -> Option<Arc<dyn PhysicalExpr>> {
    let defined = |column: &Column| Some(Arc::clone(&projection.expr().get(column.index())?.expr));
    if let Some(column) = expr.downcast_ref::<Column>() {
        return defined(column);
    }
    let replaced = Arc::clone(expr).transform_up(|expr| {
        let definition = expr.downcast_ref::<Column>().and_then(defined);
        Ok(definition.map_or_else(|| Transformed::no(expr), Transformed::yes))
    });
    replaced.ok().map(|replaced| replaced.data)
}

/// The indexed column and the place of `ST_Distance(column, place)`, where it is that.
fn column_and_place(
    distance: &Arc<dyn PhysicalExpr>,
    given: &[usize],
    source: &DatasetSource,
) -> Option<(usize, Position)> {
    let function = distance.downcast_ref::<ScalarFunctionExpr>()?;
    let [one, other] = function.args() else { return None };
    if function.fun().name() != "st_distance" {
        return None;
    }
    let (column, place) = match (one.downcast_ref::<Column>(), other.downcast_ref::<Column>()) {
        (Some(column), None) => (column, other),
        (None, Some(column)) => (column, one),
        _ => return None,
    };
    let place = constant(place.downcast_ref::<Literal>()?.value()).ok()??.as_point()?;
    let column = *given.get(column.index())?;
    let points = source.dataset.points.iter().position(|points| points.column == column)?;
    Some((points, place)).filter(|(_, place)| place.is_on_globe())
}

/// The condition of a filter over a scan and those of the scan itself about what its rows refer to, to be
/// evaluated on some rows at a time; none where there is neither.
fn condition(
    filter: Option<&FilterExec>,
    source: &DatasetSource,
) -> Result<Option<(Filter, Arc<dyn PhysicalExpr>)>> {
    let mut columns = source.columns.clone();
    let mut all: Vec<Arc<dyn PhysicalExpr>> =
        filter.map(|it| Arc::clone(it.predicate())).into_iter().collect();
    for referred in &source.referred {
        all.push(moved(&referred.predicate, |_| Some(columns.len()))?);
        columns.push(referred.column);
    }
    let Some(predicate) = all.into_iter().reduce(|a, b| Arc::new(BinaryExpr::new(a, Operator::And, b)) as _)
    else {
        return Ok(None);
    };
    let read: BTreeSet<usize> =
        datafusion::physical_expr::utils::collect_columns(&predicate).iter().map(Column::index).collect();
    let read: Vec<usize> = read.into_iter().collect();
    let compiled = moved(&predicate, |at| read.binary_search(&at).ok())?;
    let columns = read.iter().map(|at| columns[*at]).collect();
    Ok(Some((Filter::planned(Expressions::planned(compiled, columns)), predicate)))
}

/// An expression with its columns at other places.
fn moved(
    expr: &Arc<dyn PhysicalExpr>,
    place: impl Fn(usize) -> Option<usize>,
) -> Result<Arc<dyn PhysicalExpr>> {
    let moved = Arc::clone(expr).transform_up(|expr| {
        let column = expr.downcast_ref::<Column>();
        let column = column.and_then(|it| Some(Column::new(it.name(), place(it.index())?)));
        Ok(match column {
            Some(column) => Transformed::yes(Arc::new(column) as Arc<dyn PhysicalExpr>),
            None => Transformed::no(expr),
        })
    })?;
    Ok(moved.data)
}

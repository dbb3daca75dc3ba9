//! Finds joins by a spatial condition in a plan.

use std::sync::Arc;

use datafusion::common::JoinSide;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::Operator;
use datafusion::physical_expr::utils::{collect_columns, conjunction};
use datafusion::physical_expr::{PhysicalExpr, ScalarFunctionExpr, split_conjunction};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::expressions::{BinaryExpr, Column, Literal};
use datafusion::physical_plan::joins::NestedLoopJoinExec;
use datafusion::physical_plan::joins::utils::JoinFilter;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::scalar::ScalarValue;

use super::functions::KNN_ALONE;
use super::join::{Emits, Match, On, Parts, SpatialJoinExec, Table};
use super::relate::Relation;
use super::source::DatasetSource;
use crate::geo::{Location, point_type};

/// The most neighbours of a row: for each row as many rows come out.
const MOST_NEIGHBOURS: f64 = 1_000.0;

/// Puts [`SpatialJoinExec`] in place of a join that compares each row with each.
#[derive(Debug)]
pub(in crate::query) struct Joins;

impl PhysicalOptimizerRule for Joins {
    fn name(&self) -> &'static str {
        "spatial_joins"
    }

    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        let replaced = plan.transform_up(|plan| {
            let join = plan.downcast_ref::<NestedLoopJoinExec>().map(spatial).transpose()?.flatten();
            Ok(join.map_or_else(|| Transformed::no(plan), |join| Transformed::yes(Arc::new(join) as _)))
        });
        Ok(replaced?.data)
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// Conditions that hold together.
type Exprs = Vec<Arc<dyn PhysicalExpr>>;

/// A condition that compares geometries of two tables, each side's expression over that table's columns.
struct Comparison {
    left: Arc<dyn PhysicalExpr>,
    right: Arc<dyn PhysicalExpr>,
    /// How the left side is to the right one; for the nearest, whether the left looks for them.
    kind: Kind,
}

enum Kind {
    Relation(Relation),
    Near { max_m: f64, is_strict: bool },
    Nearest { k: usize, left_looks: bool },
}

fn spatial(join: &NestedLoopJoinExec) -> Result<Option<SpatialJoinExec>> {
    let Some(filter) = join.filter().filter(|_| join.projection().is_none()) else { return Ok(None) };
    let Some(emits) = Emits::of(*join.join_type()) else { return Ok(None) };
    let conditions = split_conjunction(filter.expression());
    let mut found = None;
    for (at, expr) in conditions.iter().enumerate() {
        let comparison = comparison(expr, filter).transpose()?;
        let oriented = comparison.map(|comparison| orient(join, comparison)).transpose()?.flatten();
        // The nearest are looked for before any other condition is tried.
        let is_nearest = matches!(&oriented, Some((On { kind: Match::Nearest { .. }, .. }, _)));
        if is_nearest || found.is_none() {
            found = oriented.map(|oriented| (at, oriented)).or(found);
        }
    }
    let Some((at, (on, build_is_left))) = found else { return Ok(None) };
    let rest = conditions.iter().enumerate().filter(|(other, _)| *other != at);
    let rest: Vec<Arc<dyn PhysicalExpr>> = rest.map(|(_, expr)| Arc::clone(expr)).collect();
    let (before, after) = split(&on, build_is_left, rest, filter)?;
    let is_all = |parts: &[Arc<dyn PhysicalExpr>]| !parts.is_empty();
    let after = is_all(&after).then(|| {
        let indices = filter.column_indices().to_vec();
        JoinFilter::new(conjunction(after), indices, Arc::clone(filter.schema()))
    });
    let build = if build_is_left { join.left() } else { join.right() };
    let probe = if build_is_left { join.right() } else { join.left() };
    let parts = Parts {
        probe: Arc::clone(probe),
        build: table(build, &on, is_all(&before)),
        build_is_left,
        before: is_all(&before).then(|| conjunction(before)),
        on,
        after,
        emits,
        schema: join.schema(),
    };
    Ok(Some(SpatialJoinExec::new(parts)?))
}

/// The comparison that a condition is; an error where it asks for the nearest in a way that has no answer.
fn comparison(expr: &Arc<dyn PhysicalExpr>, filter: &JoinFilter) -> Option<Result<Comparison>> {
    if let Some(binary) = expr.downcast_ref::<BinaryExpr>() {
        let (distance, metres, is_strict) = match binary.op() {
            Operator::Lt => (binary.left(), binary.right(), true),
            Operator::LtEq => (binary.left(), binary.right(), false),
            Operator::Gt => (binary.right(), binary.left(), true),
            Operator::GtEq => (binary.right(), binary.left(), false),
            _ => return None,
        };
        let function = distance.downcast_ref::<ScalarFunctionExpr>()?;
        let [one, other] = function.args() else { return None };
        // Nothing is nearer than what is no distance; the function itself tells.
        let max_m = number(metres).filter(|it| *it >= 0.0 && function.fun().name() == "st_distance")?;
        return sided(one, other, filter, |_| Kind::Near { max_m, is_strict }).map(Ok);
    }
    let function = expr.downcast_ref::<ScalarFunctionExpr>()?;
    let name = function.fun().name();
    let [one, other, rest @ ..] = function.args() else { return None };
    match (name, rest) {
        ("st_knn", [k]) => {
            let nearest = number(k).filter(|k| (1.0..=MOST_NEIGHBOURS).contains(k));
            let comparison = nearest.and_then(|k| {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "it is within bounds"
                )]
                let k = k as usize;
                sided(one, other, filter, |left_looks| Kind::Nearest { k, left_looks })
            });
            Some(comparison.ok_or_else(|| DataFusionError::Plan(KNN_ALONE.to_owned())))
        }
        ("st_dwithin", [metres]) => {
            let max_m = number(metres).filter(|max_m| *max_m >= 0.0)?;
            sided(one, other, filter, |_| Kind::Near { max_m, is_strict: false }).map(Ok)
        }
        (name, []) => {
            let relation = Relation::named(name)?;
            let turned = |is_in_order| if is_in_order { relation } else { relation.turned() };
            sided(one, other, filter, |is_in_order| Kind::Relation(turned(is_in_order))).map(Ok)
        }
        _ => None,
    }
}

/// A comparison of what stands on different sides; `kind` is told whether the first is the left one.
fn sided(
    one: &Arc<dyn PhysicalExpr>,
    other: &Arc<dyn PhysicalExpr>,
    filter: &JoinFilter,
    kind: impl FnOnce(bool) -> Kind,
) -> Option<Comparison> {
    let (one_side, one) = on_side(one, filter)?;
    let (other_side, other) = on_side(other, filter)?;
    match (one_side, other_side) {
        (JoinSide::Left, JoinSide::Right) => Some(Comparison { left: one, right: other, kind: kind(true) }),
        (JoinSide::Right, JoinSide::Left) => Some(Comparison { left: other, right: one, kind: kind(false) }),
        _ => None,
    }
}

/// The side whose columns an expression reads, and the expression over that side's own columns.
fn on_side(expr: &Arc<dyn PhysicalExpr>, filter: &JoinFilter) -> Option<(JoinSide, Arc<dyn PhysicalExpr>)> {
    let [only] = sides(expr, filter)[..] else { return None };
    let own = Arc::clone(expr).transform_up(|expr| {
        let column = expr.downcast_ref::<Column>();
        Ok(match column {
            Some(column) => {
                let index = filter.column_indices()[column.index()].index;
                Transformed::yes(Arc::new(Column::new(column.name(), index)) as Arc<dyn PhysicalExpr>)
            }
            None => Transformed::no(expr),
        })
    });
    Some((only, own.ok()?.data))
}

/// The sides whose columns an expression reads.
fn sides(expr: &Arc<dyn PhysicalExpr>, filter: &JoinFilter) -> Vec<JoinSide> {
    let columns = collect_columns(expr);
    let reads =
        |side: &JoinSide| columns.iter().any(|column| filter.column_indices()[column.index()].side == *side);
    [JoinSide::Left, JoinSide::Right, JoinSide::None].into_iter().filter(reads).collect()
}

fn number(expr: &Arc<dyn PhysicalExpr>) -> Option<f64> {
    let value = expr.downcast_ref::<Literal>()?.value();
    match value.cast_to(&datafusion::arrow::datatypes::DataType::Float64) {
        Ok(ScalarValue::Float64(number)) => number,
        _ => None,
    }
}

/// Which side is built, and what the other one asks of it; none where each row must be compared with each.
fn orient(join: &NestedLoopJoinExec, comparison: Comparison) -> Result<Option<(On, bool)>> {
    let Comparison { left, right, kind } = comparison;
    let is_point = |expr: &Arc<dyn PhysicalExpr>, of: &Arc<dyn ExecutionPlan>| {
        Ok::<_, DataFusionError>(expr.data_type(&of.schema())? == point_type())
    };
    let points = (is_point(&left, join.left())?, is_point(&right, join.right())?);
    let (build_is_left, kind) = match kind {
        Kind::Nearest { k, left_looks } if points == (true, true) => (!left_looks, Match::Nearest { k }),
        Kind::Nearest { .. } => return Err(DataFusionError::Plan(KNN_ALONE.to_owned())),
        Kind::Near { max_m, is_strict } if points == (true, true) => {
            let max_m = if is_strict { max_m.next_down() } else { max_m };
            (is_cheaper_to_build_left(join), Match::Near { max_m })
        }
        Kind::Relation(relation) => {
            // The points look for the regions that they are in.
            let (build_is_left, of_probe) = match points {
                (true, _) => (false, relation),
                (false, true) => (true, relation.turned()),
                (false, false) => return Ok(None),
            };
            let is_known = of_probe.of_point(Location::Inside).is_some() && of_probe != Relation::Disjoint;
            if !is_known {
                return Ok(None);
            }
            (build_is_left, Match::In { relation: of_probe })
        }
        Kind::Near { .. } => return Ok(None),
    };
    let (probe, build) = if build_is_left { (right, left) } else { (left, right) };
    Ok(Some((On { probe, build, kind }, build_is_left)))
}

/// To build an index costs about a third of a look-up for each row, and nothing where there is one.
fn is_cheaper_to_build_left(join: &NestedLoopJoinExec) -> bool {
    #[expect(deprecated, reason = "what replaces it needs the statistics of all children computed first")]
    let rows = |plan: &Arc<dyn ExecutionPlan>| {
        let statistics = plan.partition_statistics(None);
        statistics.ok().and_then(|it| it.num_rows.get_value().copied()).unwrap_or(usize::MAX / 4)
    };
    let build = |plan: &Arc<dyn ExecutionPlan>| if bare(plan).is_some() { 0 } else { rows(plan) / 3 };
    build(join.left()) + rows(join.right()) < build(join.right()) + rows(join.left())
}

/// The conditions that rows of the built side must meet to be looked for, and those that pairs must meet.
///
/// # Errors
/// Where a condition on both sides stands beside the nearest: whether it counts before or after the k is
/// anybody's guess.
fn split(on: &On, build_is_left: bool, rest: Exprs, filter: &JoinFilter) -> Result<(Exprs, Exprs)> {
    let built = if build_is_left { JoinSide::Left } else { JoinSide::Right };
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for expr in rest {
        match on_side(&expr, filter) {
            Some((side, own)) if side == built => before.push(own),
            None if matches!(on.kind, Match::Nearest { .. }) && !sides(&expr, filter).is_empty() => {
                return Err(DataFusionError::Plan(KNN_ALONE.to_owned()));
            }
            _ => after.push(expr),
        }
    }
    Ok((before, after))
}

/// The dataset whose rows a plan gives, all of them in their order, with the places of the columns that come
/// out, whatever they are called there.
fn bare(plan: &Arc<dyn ExecutionPlan>) -> Option<(&DatasetSource, Vec<usize>)> {
    if let Some(projection) = plan.downcast_ref::<ProjectionExec>() {
        let (source, columns) = bare(projection.input())?;
        let own = |expr: &Arc<dyn PhysicalExpr>| {
            expr.downcast_ref::<Column>().map(|column| columns[column.index()])
        };
        return Some((source, projection.expr().iter().map(|it| own(&it.expr)).collect::<Option<_>>()?));
    }
    let is_plain =
        |it: &&DatasetSource| it.selection.is_none() && it.referred.is_empty() && it.is_unlimited();
    let source = DatasetSource::of(plan).filter(is_plain)?;
    Some((source, source.columns.clone()))
}

/// The built side: a dataset whose own index answers, or a plan whose rows are indexed first.
fn table(plan: &Arc<dyn ExecutionPlan>, on: &On, is_filtered: bool) -> Table {
    let indexed = bare(plan).filter(|_| !is_filtered && !matches!(on.kind, Match::In { .. }));
    let indexed = indexed.and_then(|(source, columns)| {
        let column = *columns.get(on.build.downcast_ref::<Column>()?.index())?;
        let points = source.dataset.points.iter().position(|points| points.column == column)?;
        source.dataset.built_index(points)?;
        Some(Table::Dataset { dataset: Arc::clone(&source.dataset), points, columns })
    });
    indexed.unwrap_or_else(|| Table::Plan(Arc::clone(plan)))
}

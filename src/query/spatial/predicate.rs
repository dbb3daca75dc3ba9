//! Conditions that an index over a column of points can answer.

use std::fmt;
use std::sync::Arc;

use datafusion::logical_expr::{BinaryExpr, Expr, Operator};
use datafusion::scalar::ScalarValue;

use super::relate::Relation;
use super::shapes::constant;
use crate::geo::{Bounds, Geometry, Location, Position, Prepared, Region, distance_m};

/// A condition on one column of points.
#[derive(Debug, Clone)]
pub(in crate::query) struct Condition {
    /// The column's name.
    pub(super) column: String,
    pub(super) test: Test,
}

/// What a point must meet.
#[derive(Debug, Clone)]
pub(super) enum Test {
    /// Not farther than this, or nearer.
    Near { from: Position, max_m: f64, is_strict: bool },
    /// The same of a geometry that is no point.
    NearShape { shape: Arc<Prepared>, max_m: f64 },
    /// In this relation to a region.
    In { region: Arc<Region>, relation: Relation },
}

impl Test {
    /// Whether a point that is inside the region, or on its edge, is meant.
    pub(super) fn takes(&self, location: Location) -> bool {
        match self {
            Self::Near { .. } | Self::NearShape { .. } => false,
            Self::In { relation, .. } => relation.of_point(location).unwrap_or(false),
        }
    }

    /// Whether a point as it was published meets the test.
    pub(super) fn is_met(&self, point: Position) -> bool {
        match self {
            // The index answers this by itself.
            Self::Near { .. } => true,
            Self::NearShape { shape, max_m } => shape.is_within_m(point, *max_m).unwrap_or(false),
            Self::In { region, .. } => self.takes(region.locate(point)),
        }
    }
}

impl Test {
    /// What an index would have answered by itself.
    pub(super) fn is_met_without_index(&self, point: Position) -> bool {
        let is_near = |from: Position, max_m: f64, is_strict: bool| {
            let distance_m = distance_m(from, point);
            if is_strict { distance_m < max_m } else { distance_m <= max_m }
        };
        match self {
            Self::Near { from, max_m, is_strict } => {
                point.is_on_globe() && is_near(*from, *max_m, *is_strict)
            }
            Self::NearShape { .. } | Self::In { .. } => point.is_on_globe(),
        }
    }

    /// A box that holds every point that meets the test; none where all of the globe may.
    pub(super) fn bounds(&self) -> Option<Bounds> {
        match self {
            Self::Near { from, max_m, .. } => Some(Bounds::around(*from, *max_m)),
            Self::NearShape { .. } => None,
            Self::In { region, .. } => region.bounds(),
        }
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Near { from, max_m, is_strict } => {
                let sign = if *is_strict { "<" } else { "<=" };
                write!(f, "distance to POINT({} {}) {sign} {max_m} m", from.lon, from.lat)
            }
            Self::NearShape { shape, max_m } => {
                write!(f, "distance to {} <= {max_m} m", shape.geometry().kind())
            }
            Self::In { region, relation } => {
                write!(f, "{}", format!("{relation:?}").to_lowercase())?;
                match region.bounds() {
                    Some(it) => {
                        write!(f, " geometry in box({} {}, {} {})", it.west, it.south, it.east, it.north)
                    }
                    None => f.write_str(" empty geometry"),
                }
            }
        }
    }
}

/// The two sides of a condition: the column of points, and what is the same in all rows.
struct Sides<'e> {
    column: &'e str,
    fixed: &'e Expr,
    kind: Kind<'e>,
}

enum Kind<'e> {
    Near { metres: &'e Expr, is_strict: bool },
    In(Relation),
}

/// Whether [`condition`] will understand an expression once its parameters have values.
pub(in crate::query) fn is_condition(expr: &Expr, is_indexed: &impl Fn(&str) -> bool) -> bool {
    sides(expr, is_indexed).is_some()
}

/// The condition that an expression is; none where the index cannot answer it, or the expression is an
/// error or null, which evaluating it tells.
pub(in crate::query) fn condition(expr: &Expr, is_indexed: &impl Fn(&str) -> bool) -> Option<Condition> {
    let Sides { column, fixed, kind } = sides(expr, is_indexed)?;
    let geometry = geometry(fixed)?;
    let test = match kind {
        Kind::Near { metres, is_strict } => {
            // What is no distance is an error, or true of nothing: the function itself tells.
            let max_m = number(metres).filter(|max_m| *max_m >= 0.0)?;
            if let Some(from) = geometry.as_point() {
                from.is_on_globe().then_some(Test::Near { from, max_m, is_strict })?
            } else {
                let max_m = if is_strict { max_m.next_down() } else { max_m };
                Test::NearShape { shape: Arc::new(Prepared::new(&geometry)), max_m }
            }
        }
        Kind::In(relation) => Test::In { region: Arc::new(Region::new(&geometry)), relation },
    };
    Some(Condition { column: column.to_owned(), test })
}

fn sides<'e>(expr: &'e Expr, is_indexed: &impl Fn(&str) -> bool) -> Option<Sides<'e>> {
    match expr {
        Expr::ScalarFunction(function) => {
            let name = function.func.name();
            let [one, other, rest @ ..] = function.args.as_slice() else { return None };
            let (column, fixed, is_turned) = column_and_fixed(one, other, is_indexed)?;
            let kind = match rest {
                [metres] if name == "st_dwithin" && is_fixed(metres) => {
                    Kind::Near { metres, is_strict: false }
                }
                [] => {
                    let relation = Relation::named(name)?;
                    let relation = if is_turned { relation.turned() } else { relation };
                    // Most rows are disjoint: the index has nothing to leave out.
                    let is_known =
                        relation.of_point(Location::Inside).is_some() && relation != Relation::Disjoint;
                    Kind::In(is_known.then_some(relation)?)
                }
                _ => return None,
            };
            Some(Sides { column, fixed, kind })
        }
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => {
            let (distance, metres, is_strict) = match op {
                Operator::Lt => (left, right, true),
                Operator::LtEq => (left, right, false),
                Operator::Gt => (right, left, true),
                Operator::GtEq => (right, left, false),
                _ => return None,
            };
            let Expr::ScalarFunction(function) = distance.as_ref() else { return None };
            let [one, other] = function.args.as_slice() else { return None };
            if function.func.name() != "st_distance" || !is_fixed(metres) {
                return None;
            }
            let (column, fixed, _) = column_and_fixed(one, other, is_indexed)?;
            Some(Sides { column, fixed, kind: Kind::Near { metres, is_strict } })
        }
        _ => None,
    }
}

/// The column of points, what it is compared with, and whether it is the second.
fn column_and_fixed<'e>(
    one: &'e Expr,
    other: &'e Expr,
    is_indexed: &impl Fn(&str) -> bool,
) -> Option<(&'e str, &'e Expr, bool)> {
    match (one, other) {
        (Expr::Column(column), fixed) if is_indexed(column.name()) && is_fixed(fixed) => {
            Some((column.name(), fixed, false))
        }
        (fixed, Expr::Column(column)) if is_indexed(column.name()) && is_fixed(fixed) => {
            Some((column.name(), fixed, true))
        }
        _ => None,
    }
}

/// Whether an expression has one value in all rows: it is made of literals and parameters.
fn is_fixed(expr: &Expr) -> bool {
    match expr {
        Expr::Literal(..) | Expr::Placeholder(_) => true,
        Expr::Cast(cast) => is_fixed(&cast.expr),
        Expr::TryCast(cast) => is_fixed(&cast.expr),
        Expr::Negative(expr) => is_fixed(expr),
        Expr::BinaryExpr(binary) => is_fixed(&binary.left) && is_fixed(&binary.right),
        Expr::ScalarFunction(function) => {
            function.func.signature().volatility == datafusion::logical_expr::Volatility::Immutable
                && function.args.iter().all(is_fixed)
        }
        _ => false,
    }
}

fn geometry(expr: &Expr) -> Option<Geometry> {
    match expr {
        Expr::Literal(value, _) => constant(value).ok().flatten(),
        _ => None,
    }
}

fn number(expr: &Expr) -> Option<f64> {
    let Expr::Literal(value, _) = expr else { return None };
    match value.cast_to(&datafusion::arrow::datatypes::DataType::Float64) {
        Ok(ScalarValue::Float64(number)) => number,
        _ => None,
    }
}

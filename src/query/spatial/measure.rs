//! Distances and directions between two geometries.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Float64Array};
use datafusion::error::{DataFusionError, Result};

use super::function::Arguments;
use super::shapes::{Shapes, too_much};
use crate::geo::{Position, Prepared, azimuth as azimuth_between, distance_m, haversine_m};

/// A distance that is none (off the globe) is null.
fn some(metres: f64) -> Option<f64> {
    (!metres.is_nan()).then_some(metres)
}

/// The value for two points of each row; where they are points on both sides it costs no geometry.
fn of_points(
    args: &Arguments,
    name: &str,
    value: impl Fn(Position, Position) -> Option<f64>,
) -> Result<ArrayRef> {
    let (one, other) = (args.shapes(0)?, args.shapes(1)?);
    for shapes in [one, other].into_iter().filter(|shapes| !shapes.is_of_points()) {
        // Binary and texts can be points as well.
        for row in 0..args.rows {
            if let Some(geometry) = shapes.get(row)?
                && geometry.kind() != "ST_Point"
            {
                let message = format!("{name} takes points, not {}", geometry.kind());
                return Err(DataFusionError::Execution(message));
            }
        }
    }
    let values = args.each(|row| {
        let points = one.place(row)?.zip(other.place(row)?);
        Ok(points.and_then(|(one, other)| value(one, other)))
    })?;
    Ok(Arc::new(Float64Array::from(values)))
}

pub(super) fn distance(args: &Arguments) -> Result<ArrayRef> {
    let (one, other) = (args.shapes(0)?, args.shapes(1)?);
    let values = match (one, other) {
        (points, constant) | (constant, points)
            if points.points().is_some()
                && matches!(constant, Shapes::Constant(_))
                && constant.is_of_points() =>
        {
            let (points, from) = (points.points(), constant.point(0));
            args.each(|row| {
                let to = points.as_ref().and_then(|points| points.get(row));
                Ok(from.zip(to).and_then(|(from, to)| some(distance_m(from, to))))
            })?
        }
        _ if one.is_of_points() && other.is_of_points() => args.each(|row| {
            Ok(one.point(row).zip(other.point(row)).and_then(|(one, other)| some(distance_m(one, other))))
        })?,
        (Shapes::Points(_), Shapes::Constant(Some(shape))) => {
            let shape = Prepared::new(shape);
            args.each(|row| Ok(one.point(row).and_then(|point| shape.distance_m(point))))?
        }
        (Shapes::Constant(Some(shape)), Shapes::Points(_)) => {
            let shape = Prepared::new(shape);
            args.each(|row| Ok(other.point(row).and_then(|point| shape.distance_m(point))))?
        }
        _ => args.each(|row| match (one.get(row)?, other.get(row)?) {
            (Some(one), Some(other)) => one.try_distance_m(&other).map_err(too_much),
            _ => Ok(None),
        })?,
    };
    Ok(Arc::new(Float64Array::from(values)))
}

pub(super) fn distance_sphere(args: &Arguments) -> Result<ArrayRef> {
    of_points(args, "ST_DistanceSphere", |one, other| some(haversine_m(one, other)))
}

pub(super) fn azimuth(args: &Arguments) -> Result<ArrayRef> {
    of_points(args, "ST_Azimuth", azimuth_between)
}

pub(super) fn is_within(args: &Arguments) -> Result<ArrayRef> {
    let (one, other) = (args.shapes(0)?, args.shapes(1)?);
    let are_points = one.is_of_points() && other.is_of_points();
    // What is the same in all rows is made ready once.
    let (points, shape) = match (one, other) {
        (points @ Shapes::Points(_), Shapes::Constant(Some(shape)))
        | (Shapes::Constant(Some(shape)), points @ Shapes::Points(_))
            if !are_points =>
        {
            (points, Some(Prepared::new(shape)))
        }
        _ => (one, None),
    };
    let values = args.each(|row| {
        let metres = args.double(2, row);
        if metres.is_nan() || metres < 0.0 {
            let message = format!("ST_DWithin takes metres, 0 or more, not {metres}");
            return Err(DataFusionError::Execution(message));
        }
        let is_within = if are_points {
            one.point(row).zip(other.point(row)).map(|(one, other)| distance_m(one, other) <= metres)
        } else if let Some(shape) = &shape {
            points.point(row).and_then(|point| shape.is_within_m(point, metres))
        } else {
            match (one.get(row)?, other.get(row)?) {
                (Some(one), Some(other)) => one.try_is_within_m(&other, metres).map_err(too_much)?,
                _ => None,
            }
        };
        Ok(Some(is_within.unwrap_or(false)))
    })?;
    Ok(Arc::new(BooleanArray::from(values)))
}

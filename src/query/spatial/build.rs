//! Functions that make geometries and cells, and read coordinates.

use std::ops::RangeInclusive;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, StringArray};
use arrow::buffer::NullBuffer;
use datafusion::error::{DataFusionError, Result};

use super::function::Arguments;
use super::shapes::binary;
use crate::geo::{Geometry, Position, point_array};

/// The number of WGS 84 in the EPSG registry, the only system that geometries here are in.
const WGS_84: i64 = 4326;

pub(super) fn point(args: &Arguments) -> ArrayRef {
    let coordinate = |argument: usize| {
        (0..args.rows)
            .map(|row| if args.is_valid(row) { args.double(argument, row) } else { 0.0 })
            .collect::<Vec<f64>>()
    };
    Arc::new(point_array(coordinate(0), coordinate(1), args.valid.clone()))
}

/// Geometries that are read from texts or bytes.
pub(super) fn parsed(
    args: &Arguments,
    parse: impl Fn(&Arguments, usize) -> Result<Geometry>,
) -> Result<ArrayRef> {
    let geometries = args.each(|row| {
        check_system(args, 1, row)?;
        parse(args, row).map(Some)
    })?;
    Ok(binary(geometries.into_iter()))
}

pub(super) fn envelope(args: &Arguments) -> Result<ArrayRef> {
    let geometries = args.each(|row| {
        check_system(args, 4, row)?;
        let [west, south, east, north] = [0, 1, 2, 3].map(|argument| args.double(argument, row));
        Geometry::envelope(west, south, east, north).map(Some).ok_or_else(|| {
            let message = format!(
                "ST_MakeEnvelope({west}, {south}, {east}, {north}) is no box: expected minlon, minlat, maxlon, \
                 maxlat in degrees, with minlat at most maxlat"
            );
            DataFusionError::Execution(message)
        })
    })?;
    Ok(binary(geometries.into_iter()))
}

fn check_system(args: &Arguments, argument: usize, row: usize) -> Result<()> {
    let system = if args.has(argument) { args.int(argument, row) } else { WGS_84 };
    if system == WGS_84 {
        return Ok(());
    }
    let message = format!("the reference system {system} is not known: geometries are in {WGS_84} (WGS 84)");
    Err(DataFusionError::Execution(message))
}

pub(super) fn coordinate(args: &Arguments, name: &str, of: impl Fn(Position) -> f64) -> Result<ArrayRef> {
    let shapes = args.shapes(0)?;
    if let Some(points) = shapes.points() {
        let coordinates = (0..args.rows).map(|row| points.get(row).map(&of));
        return Ok(Arc::new(coordinates.collect::<Float64Array>()));
    }
    let coordinates = args.each(|row| {
        let Some(geometry) = shapes.get(row)? else { return Ok(None) };
        match geometry.as_point() {
            Some(point) => Ok(Some(of(point))),
            None if geometry.kind() == "ST_Point" => Ok(None),
            None => {
                let message = format!("{name} takes a point, not {}", geometry.kind());
                Err(DataFusionError::Execution(message))
            }
        }
    })?;
    Ok(Arc::new(Float64Array::from(coordinates)))
}

pub(super) fn centroid(args: &Arguments) -> Result<ArrayRef> {
    let shapes = args.shapes(0)?;
    let points = args.each(|row| Ok(shapes.get(row)?.and_then(|geometry| geometry.centroid())))?;
    Ok(points_of(&points))
}

/// Points as a column.
pub(super) fn points_of(points: &[Option<Position>]) -> ArrayRef {
    let coordinate = |of: fn(Position) -> f64| points.iter().map(|it| it.map_or(0.0, of)).collect::<Vec<_>>();
    let valid: NullBuffer = points.iter().map(Option::is_some).collect();
    Arc::new(point_array(coordinate(|it| it.lon), coordinate(|it| it.lat), Some(valid)))
}

/// The cell of each point at a precision within bounds.
pub(super) fn cell(
    args: &Arguments,
    otherwise: i64,
    bounds: RangeInclusive<i64>,
    what: &str,
    of: impl Fn(Position, usize) -> Option<String>,
) -> Result<ArrayRef> {
    let shapes = args.shapes(0)?;
    let cells = args.each(|row| {
        let precision = if args.has(1) { args.int(1, row) } else { otherwise };
        if !bounds.contains(&precision) {
            let (least, most) = (bounds.start(), bounds.end());
            let message = format!("{what} {precision} was asked for; expected {least} to {most}");
            return Err(DataFusionError::Execution(message));
        }
        let precision = usize::try_from(precision).unwrap_or_default();
        Ok(shapes.place(row)?.and_then(|point| of(point, precision)))
    })?;
    Ok(Arc::new(StringArray::from(cells)))
}

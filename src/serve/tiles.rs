//! `GET /datasets/{apiUri}/tiles/{z}/{x}/{y}`: a vector tile, so that any map can show a million points.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, RecordBatch};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use axum::response::Response;

use super::projection::{Projection, Wanted};
use super::request::{Call, wrong};
use super::response::{bytes, not_modified, tagged};
use crate::catalog::Dataset;
use crate::encode::{Format, TileLayer, TileValue, cell_text, plain};
use crate::error::Result;
use crate::geo::{Geometry, Position, Region, TILE_UNITS, Tile};

/// Up to this zoom, points that are close together are one feature with a count.
const MOST_CLUSTERED_ZOOM: u8 = 14;
/// The side of the squares whose points are one feature, in units of a tile: 64 squares across.
const CLUSTER_UNITS: i32 = 64;
/// The squares across a tile and its margins on both sides.
const SQUARES: usize = 67;
/// Beyond this many points in one tile they are clustered at any zoom.
const MOST_POINTS: usize = 20_000;

/// A vector tile.
pub(super) async fn tile(call: Call) -> Result<Response> {
    let params = call.params()?;
    let (zoom, tile) = tile_of(&call)?;
    let (dataset, snapshot) = call.dataset_in()?;
    dataset.require_points()?;
    call.used(&dataset, 0);
    let condition = params.owned("where");
    let is_stable = condition.as_deref().is_none_or(|it| !call.app.queries.is_of_the_moment(it));
    let fingerprint =
        is_stable.then(|| call.fingerprint(Format::Json, [call.versions(&dataset, &snapshot).as_ref()]));
    if let Some(fingerprint) = fingerprint.filter(|fingerprint| call.has(*fingerprint)) {
        return Ok(not_modified(fingerprint));
    }
    let select = match params.text("select") {
        Some(select) => select.to_owned(),
        None => dataset.single_key().unwrap_or_default().to_owned(),
    };
    let projection = if select.is_empty() {
        None
    } else {
        Some(call.app.projections.get(&dataset, &snapshot, &Wanted::columns(&select))?)
    };
    let bounds = tile.bounds();
    let square = Geometry::envelope(bounds.west, bounds.south, bounds.east, bounds.north);
    let square = square.ok_or_else(|| wrong("z", "there is no such tile".to_owned()))?;
    let spots = Spots::new(&dataset, tile, zoom);
    let written = move |spots: Spots| written(&spots.dataset, projection.as_deref(), &spots.drawn());
    let region = Arc::new(Region::new(&square));
    let queries = &call.app.queries;
    let body = queries.visit_region(dataset, region, condition, spots, Spots::add, written).await?;
    Ok(tagged(bytes("application/vnd.mapbox-vector-tile", body), fingerprint))
}

fn tile_of(call: &Call) -> Result<(u8, Tile)> {
    let number = |name: &str, text: &str| {
        text.parse::<u32>()
            .map_err(|_ignored| wrong(name, format!("'{name}' is '{text}'; expected a whole number")))
    };
    let y = call.segment("y");
    let Some(y) = y.strip_suffix(".mvt") else {
        return Err(wrong("y", format!("'{y}' is no tile")).hint("expected tiles/{z}/{x}/{y}.mvt"));
    };
    let (z, x, y) = (number("z", call.segment("z"))?, number("x", call.segment("x"))?, number("y", y)?);
    let zoom = u8::try_from(z).unwrap_or(u8::MAX);
    let tile = Tile::new(zoom, x, y).ok_or_else(|| {
        wrong("z", format!("no tile {z}/{x}/{y}")).hint("z goes from 0 to 30, x and y from 0 to 2^z - 1")
    })?;
    Ok((zoom, tile))
}

/// What is drawn: where, the first row there, and how many rows.
#[derive(Debug, Clone, Copy)]
struct Spot {
    place: (i32, i32),
    row: u32,
    count: u64,
}

/// The points of a tile as they come: some of them one by one, and all of them by squares.
struct Spots {
    dataset: Arc<Dataset>,
    /// The coordinates of each batch's points; none where they lie on disk.
    points: Option<Vec<Option<Coordinates>>>,
    tile: Tile,
    /// None where there are to be clusters.
    single: Option<Vec<Spot>>,
    /// Of each square, row by row, what lies in it.
    squares: Vec<Square>,
}

/// The points of a batch, ready to be read: looking at a column for each of ten million rows takes longer than
/// the rest.
struct Coordinates {
    lon: Float64Array,
    lat: Float64Array,
    valid: Option<NullBuffer>,
}

impl Coordinates {
    fn of(column: &ArrayRef) -> Option<Self> {
        let points = column.as_struct_opt()?;
        let [lon, lat] = points.columns() else { return None };
        let (lon, lat) = (lon.as_primitive_opt()?.clone(), lat.as_primitive_opt()?.clone());
        Some(Self { lon, lat, valid: points.nulls().cloned() })
    }

    fn get(&self, at: usize) -> Option<Position> {
        let is_valid = self.valid.as_ref().is_none_or(|valid| valid.is_valid(at));
        is_valid.then(|| Position::new(self.lon.value(at), self.lat.value(at)))
    }
}

/// The points of one square: the first row, how many they are, and the sum of their places.
#[derive(Debug, Clone, Copy)]
struct Square {
    row: u32,
    count: u64,
    sum: (i64, i64),
}

impl Spots {
    fn new(dataset: &Arc<Dataset>, tile: Tile, zoom: u8) -> Self {
        let column = dataset.points[0].column;
        let batches = dataset.rows.memory();
        let coordinates =
            |batches: &[RecordBatch]| batches.iter().map(|it| Coordinates::of(it.column(column))).collect();
        Self {
            points: batches.map(coordinates),
            dataset: Arc::clone(dataset),
            tile,
            single: (zoom > MOST_CLUSTERED_ZOOM).then(Vec::new),
            squares: vec![Square { row: u32::MAX, count: 0, sum: (0, 0) }; SQUARES * SQUARES],
        }
    }

    /// Adds a row, if it lies in the tile.
    fn add(&mut self, row: u32) {
        let point = match &self.points {
            Some(points) => {
                let (batch, at) = self.dataset.locate(row);
                points[batch].as_ref().and_then(|points| points.get(at))
            }
            None => self.dataset.position(&self.dataset.points[0], row),
        };
        let Some((x, y)) = point.and_then(|point| self.tile.place(point)) else { return };
        if let Some(single) = &mut self.single {
            single.push(Spot { place: (x, y), row, count: 1 });
            if single.len() > MOST_POINTS {
                self.single = None;
            }
        }
        // The first square lies in the margin.
        let square = |at: i32| usize::try_from(at.div_euclid(CLUSTER_UNITS) + 1).unwrap_or_default();
        let Some(square) = self.squares.get_mut(square(y) * SQUARES + square(x)) else { return };
        square.row = square.row.min(row);
        square.count += 1;
        square.sum = (square.sum.0 + i64::from(x), square.sum.1 + i64::from(y));
    }

    /// What is drawn, in order of the first rows: clusters lie in the middle of their points.
    fn drawn(&self) -> Vec<Spot> {
        let middle =
            |sum: i64, count: u64| i32::try_from(sum / i64::try_from(count).unwrap_or(1)).unwrap_or_default();
        let cluster = |Square { row, count, sum }: &Square| Spot {
            place: (middle(sum.0, *count), middle(sum.1, *count)),
            row: *row,
            count: *count,
        };
        let mut spots = self
            .single
            .clone()
            .unwrap_or_else(|| self.squares.iter().filter(|square| square.count > 0).map(cluster).collect());
        spots.sort_unstable_by_key(|spot| spot.row);
        spots
    }
}

/// The tile: single rows with their values, clusters with `point_count`.
fn written(dataset: &Dataset, projection: Option<&Projection>, spots: &[Spot]) -> Result<Vec<u8>> {
    let mut layer = TileLayer::new(dataset.name(), TILE_UNITS);
    let rows: Vec<u32> = spots.iter().filter(|spot| spot.count == 1).map(|spot| spot.row).collect();
    let values = projection.map(|projection| projection.rows(dataset, &rows, true)).transpose()?;
    let values = values.map(|values| plain(&values)).transpose().map_err(super::response::not_written)?;
    let keys: Vec<usize> = match &values {
        Some(values) => values.schema_ref().fields().iter().map(|it| layer.key(it.name())).collect(),
        None => Vec::new(),
    };
    let count = layer.key("point_count");
    let mut at = 0;
    for spot in spots {
        if spot.count > 1 {
            let value = TileValue { int: i64::try_from(spot.count).ok(), ..TileValue::default() };
            layer.point(spot.place, None, [(count, value)]);
            continue;
        }
        let cells = values.iter().flat_map(|values| properties(values, at));
        let cells = keys.iter().copied().zip(cells).filter_map(|(key, value)| Some((key, value?)));
        layer.point(spot.place, Some(u64::from(spot.row)), cells);
        at += 1;
    }
    Ok(layer.finish())
}

/// The values of a row that a tile can hold.
fn properties(values: &RecordBatch, row: usize) -> impl Iterator<Item = Option<TileValue>> + '_ {
    values.columns().iter().zip(values.schema_ref().fields()).map(move |(column, field)| {
        if column.is_null(row) {
            return None;
        }
        let value = TileValue::default();
        Some(match column.data_type() {
            DataType::Boolean => TileValue { boolean: Some(column.as_boolean().value(row)), ..value },
            DataType::Int64 => {
                TileValue { int: Some(column.as_primitive::<Int64Type>().value(row)), ..value }
            }
            DataType::Float64 => {
                TileValue { double: Some(column.as_primitive::<Float64Type>().value(row)), ..value }
            }
            _ => TileValue { text: Some(cell_text(field, column, row)), ..value },
        })
    })
}

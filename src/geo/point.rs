//! Points as an Arrow column: GeoArrow's separated coordinates, longitude first.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, Float64Array, StructArray};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{DataType, Field, Fields};

use super::Position;

pub(super) const EXTENSION_NAME: &str = "ARROW:extension:name";
pub(super) const EXTENSION_METADATA: &str = "ARROW:extension:metadata";
/// The coordinate reference system of all columns: WGS 84, longitude first.
pub(super) const WGS84: &str = r#"{"crs":"OGC:CRS84","crs_type":"authority_code"}"#;
const POINT: &str = "geoarrow.point";

fn coordinate_fields() -> Fields {
    Fields::from(vec![Field::new("x", DataType::Float64, false), Field::new("y", DataType::Float64, false)])
}

/// The type of a column of points: a struct of `x` (longitude) and `y` (latitude), degrees.
#[must_use]
pub fn point_type() -> DataType {
    DataType::Struct(coordinate_fields())
}

/// The metadata that makes a struct of `x` and `y` a GeoArrow point on WGS 84, longitude first.
#[must_use]
pub fn point_metadata() -> HashMap<String, String> {
    HashMap::from([
        (EXTENSION_NAME.to_owned(), POINT.to_owned()),
        (EXTENSION_METADATA.to_owned(), WGS84.to_owned()),
    ])
}

/// Whether a column is one of points.
#[must_use]
pub fn is_point(field: &Field) -> bool {
    field.metadata().get(EXTENSION_NAME).is_some_and(|name| name == POINT)
        && *field.data_type() == point_type()
}

/// A column of points; a row that is not valid is no point.
///
/// # Panics
/// If the three differ in length: they are made together.
#[must_use]
pub fn point_array(lon: Vec<f64>, lat: Vec<f64>, valid: Option<NullBuffer>) -> StructArray {
    let columns = vec![Arc::new(Float64Array::from(lon)) as _, Arc::new(Float64Array::from(lat)) as _];
    StructArray::new(coordinate_fields(), columns, valid)
}

/// The coordinates of a column of points, for reading.
#[derive(Debug, Clone, Copy)]
pub struct Points<'a> {
    array: &'a StructArray,
    lon: &'a Float64Array,
    lat: &'a Float64Array,
}

impl<'a> Points<'a> {
    /// The points of an array, or none where it is not of [`point_type`].
    #[must_use]
    pub fn of(array: &'a dyn Array) -> Option<Self> {
        let array = array.as_any().downcast_ref::<StructArray>()?;
        let [lon, lat] = array.columns() else { return None };
        let coordinate = |column: &'a Arc<dyn Array>| column.as_any().downcast_ref::<Float64Array>();
        Some(Self { array, lon: coordinate(lon)?, lat: coordinate(lat)? })
    }

    /// The point in a row, or none where it is null.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<Position> {
        self.array.is_valid(row).then(|| Position::new(self.lon.value(row), self.lat.value(row)))
    }

    /// Every point with its row.
    pub fn iter(self) -> impl Iterator<Item = (usize, Position)> + use<'a> {
        (0..self.array.len()).filter_map(move |row| Some((row, self.get(row)?)))
    }
}

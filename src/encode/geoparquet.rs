//! `GeoParquet` 1.1: points as well-known binary, and the file's `geo` key.

use std::collections::HashMap;

use arrow::array::{Array, AsArray, BinaryArray, BinaryBuilder};
use arrow::datatypes::{DataType, Field};
use serde_json::{Value, json};

use crate::geo::{Points, Position};

/// The name of the file's metadata key.
pub(super) const GEO: &str = "geo";

const EXTENSION_NAME: &str = "ARROW:extension:name";
const WKB: &str = "geoarrow.wkb";
/// A byte for the order of bytes, four for the kind of geometry, eight for each coordinate.
const WKB_POINT_BYTES: usize = 21;

/// A column of points as it is stored: binary, of the same name and attributes.
pub(super) fn wkb_field(field: &Field) -> Field {
    let mut metadata: HashMap<_, _> = field.metadata().clone();
    metadata.insert(EXTENSION_NAME.to_owned(), WKB.to_owned());
    Field::new(field.name(), DataType::Binary, field.is_nullable()).with_metadata(metadata)
}

/// A column of points or geometries on its way into a file, and the box around those that were written.
#[derive(Debug)]
pub(super) struct PointColumn {
    name: String,
    /// West, south, east, north in degrees.
    bounds: Option<[f64; 4]>,
    /// Whether there are other geometries than points.
    is_mixed: bool,
}

impl PointColumn {
    pub(super) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), bounds: None, is_mixed: false }
    }

    /// The points of an array as well-known binary, longitude first; geometries are that already. What is no
    /// point on the globe (not a number) is null, as in JSON.
    pub(super) fn wkb(&mut self, array: &dyn Array) -> Option<BinaryArray> {
        if let Some(geometries) = array.as_binary_opt() {
            self.is_mixed = true;
            return Some(geometries.clone());
        }
        let points = Points::of(array)?;
        let mut wkb = BinaryBuilder::with_capacity(array.len(), array.len() * WKB_POINT_BYTES);
        for row in 0..array.len() {
            match points.get(row).filter(|it| it.lon.is_finite() && it.lat.is_finite()) {
                Some(point) => {
                    self.extend(point);
                    wkb.append_value(point_bytes(point));
                }
                None => wkb.append_null(),
            }
        }
        Some(wkb.finish())
    }

    fn extend(&mut self, Position { lon, lat }: Position) {
        let [west, south, east, north] = self.bounds.unwrap_or([lon, lat, lon, lat]);
        self.bounds = Some([west.min(lon), south.min(lat), east.max(lon), north.max(lat)]);
    }

    /// What the file says of the column. Without `crs`, coordinates are OGC:CRS84.
    fn describe(&self) -> Value {
        let types: &[&str] = if self.is_mixed { &[] } else { &["Point"] };
        let mut column = json!({ "encoding": "WKB", "geometry_types": types });
        if let Some(bounds) = self.bounds {
            column["bbox"] = json!(bounds);
        }
        column
    }
}

/// The value of the `geo` key, or none where there is no column of points; the first is the primary one.
pub(super) fn geo_metadata<'a>(columns: impl Iterator<Item = &'a PointColumn> + Clone) -> Option<String> {
    let primary = columns.clone().next()?;
    let described: serde_json::Map<_, _> =
        columns.map(|column| (column.name.clone(), column.describe())).collect();
    let geo = json!({ "version": "1.1.0", "primary_column": primary.name, "columns": described });
    Some(geo.to_string())
}

fn point_bytes(point: Position) -> [u8; WKB_POINT_BYTES] {
    let mut bytes = [0; WKB_POINT_BYTES];
    // Little endian, geometry 1: a point.
    bytes[..5].copy_from_slice(&[1, 1, 0, 0, 0]);
    bytes[5..13].copy_from_slice(&point.lon.to_le_bytes());
    bytes[13..].copy_from_slice(&point.lat.to_le_bytes());
    bytes
}

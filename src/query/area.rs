//! The rows of a dataset in an area, for the routes that ask the index without SQL.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{Array, AsArray};

use super::filter::Kept;
use super::service::Cancelled;
use super::spatial::Selection;
use crate::catalog::Dataset;
use crate::error::{Code, Error, Place, Result};
use crate::geo::{Geometry, Position, Region};

/// Rows whose condition is evaluated at once.
const STEP_ROWS: usize = 8_192;

/// Where rows must be; what lies on an edge is in.
#[derive(Debug, Clone)]
pub enum Area {
    /// Within a distance of a position, in metres on the ellipsoid.
    Near {
        /// The position.
        from: Position,
        /// The distance.
        max_m: f64,
    },
    /// Inside a geometry or on its edge, edges straight in longitude and latitude.
    In(Arc<Region>),
    /// In the first text of a dataset's object that is an area in WKT or `GeoJSON`.
    OfObject {
        /// The dataset.
        dataset: Arc<Dataset>,
        /// The object's row.
        row: u32,
    },
}

/// Areas of objects that are kept, and the memory that they may take together.
const KEPT_AREAS: usize = 256;
const KEPT_AREA_BYTES: usize = 64 << 20;

/// Areas of objects that were asked for before, by the dataset's id and the row.
#[derive(Debug, Default)]
pub(super) struct Areas {
    kept: Mutex<HashMap<(u64, u32), Arc<Region>>>,
}

impl Areas {
    /// The region of a dataset's object. Cost: reading its text, the first time.
    fn of(&self, dataset: &Dataset, row: u32) -> Result<Arc<Region>> {
        let lock = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (dataset.id, row);
        if let Some(region) = lock().get(&key) {
            return Ok(Arc::clone(region));
        }
        let region = Arc::new(Region::new(&area_of(dataset, row)?));
        let mut kept = lock();
        let bytes: usize = kept.values().map(|region| region.memory_bytes()).sum();
        if kept.len() >= KEPT_AREAS || bytes + region.memory_bytes() > KEPT_AREA_BYTES {
            kept.clear();
        }
        kept.insert(key, Arc::clone(&region));
        Ok(region)
    }
}

/// The first text of a row that is an area.
fn area_of(dataset: &Dataset, row: u32) -> Result<Geometry> {
    let (batch, at) = dataset.locate(row);
    let mut fault = None;
    for (place, field) in dataset.document.schema.fields().iter().enumerate() {
        let column = dataset.rows.column(batch, place);
        let Some(texts) = column.as_string_opt::<i32>().filter(|texts| texts.is_valid(at)) else { continue };
        let text = texts.value(at).trim_start();
        let is_word = |word: &str| text.get(..word.len()).is_some_and(|it| it.eq_ignore_ascii_case(word));
        if !["{", "POLYGON", "MULTIPOLYGON", "GEOMETRYCOLLECTION", "SRID="].into_iter().any(is_word) {
            continue;
        }
        match Geometry::from_text(text) {
            Ok(geometry) if geometry.is_areal() => return Ok(geometry),
            Ok(_) => {}
            Err(found) => fault = fault.or(Some((field.name().clone(), found))),
        }
    }
    let name = dataset.name();
    let message = match fault {
        Some((field, fault)) => format!("the object of {name} has no area: {field} is no geometry: {fault}"),
        None => format!("the object of {name} has no text that is an area in WKT or GeoJSON"),
    };
    Err(Error::new(Code::RequestParameter, message)
        .at(Place::field("in"))
        .hint("name an object with an outline such as POLYGON((71 51, 72 51, 72 52, 71 51))"))
}

impl Area {
    /// The area that a geometry covers.
    #[must_use]
    pub fn of(geometry: &Geometry) -> Self {
        Self::In(Arc::new(Region::new(geometry)))
    }

    /// The same area, of an object's the outline itself.
    pub(super) fn resolved(self, areas: &Areas) -> Result<Self> {
        Ok(match self {
            Self::OfObject { dataset, row } => Self::In(areas.of(&dataset, row)?),
            other => other,
        })
    }

    /// The rows whose point is in the area, in the document's order, by the index of the dataset's column
    /// of points with this number.
    ///
    /// # Errors
    /// `request.parameter` where the dataset has no such column.
    pub(super) fn rows(
        &self,
        dataset: &Arc<Dataset>,
        points: usize,
        cancelled: &Cancelled,
    ) -> Result<Vec<u32>> {
        dataset.require_points()?;
        let selection = Selection::of(dataset, points, self)
            .ok_or_else(|| Error::new(Code::Internal, "an area was asked for before it was resolved"))?;
        selection.find(|| cancelled.check())
    }
}

/// Those of the rows that meet a condition.
pub(super) fn meeting(
    dataset: &Dataset,
    kept: Option<&Arc<Kept>>,
    rows: Vec<u32>,
    cancelled: &Cancelled,
) -> Result<Vec<u32>> {
    let Some(kept) = kept else { return Ok(rows) };
    let mut met = Vec::new();
    for some in rows.chunks(STEP_ROWS) {
        cancelled.check()?;
        let is_met = kept.filter.of_rows(dataset, some)?;
        met.extend(some.iter().zip(is_met.values()).filter(|(_, is_met)| *is_met).map(|(row, _)| *row));
    }
    Ok(met)
}

//! The rows of a dataset in an area, for the routes that ask the index without SQL.

use std::sync::Arc;

use super::filter::Kept;
use super::service::Cancelled;
use super::spatial::Selection;
use crate::catalog::Dataset;
use crate::error::{Code, Error, Result};
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
}

impl Area {
    /// The area that a geometry covers.
    #[must_use]
    pub fn of(geometry: &Geometry) -> Self {
        Self::In(Arc::new(Region::new(geometry)))
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
        let selection = Selection::of(dataset, points, self);
        let selection = selection.ok_or_else(|| {
            let message = format!("the dataset '{}' has no Geoposition", dataset.name());
            Error::new(Code::RequestParameter, message)
                .hint("system.datasets shows how many points each dataset has")
        })?;
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

//! `ST_ClusterDBSCAN(point, metres, least) OVER (…)`: which points are close together.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, Int64Array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::function::{PartitionEvaluatorArgs, WindowUDFFieldArgs};
use datafusion::logical_expr::{PartitionEvaluator, Signature, Volatility, WindowUDFImpl};

use super::shapes::{Shapes, is_shape};
use crate::error::{Code, Error};
use crate::geo::{Position, SphereIndex};

/// The window function as users know it.
#[derive(Debug)]
pub struct SpatialWindow {
    /// Its name as PostGIS writes it.
    pub name: &'static str,
    /// What it does.
    pub about: &'static str,
    /// A call that works.
    pub example: &'static str,
}

/// Every spatial window function.
pub const WINDOWS: &[SpatialWindow] = &[SpatialWindow {
    name: "ST_ClusterDBSCAN",
    about: "The number of the cluster of each point (DBSCAN): points that have at least so many points, \
            themselves among them, within so many metres on the ellipsoid belong together, with what is \
            within reach of them; null for the others. Clusters are numbered from 0 by their first row, \
            which ORDER BY in OVER decides.",
    example: "SELECT id, ST_ClusterDBSCAN(geoposition, 1000, 3) OVER () FROM pharmacies",
}];

/// Pairs of points within reach of one another that one call may look at: a call cannot be broken off.
const PAIRS: usize = 1 << 27;

/// The window function as DataFusion calls it.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Cluster {
    name: String,
    signature: Signature,
}

impl Cluster {
    pub(super) fn new(window: &SpatialWindow) -> Self {
        Self { name: window.name.to_lowercase(), signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl WindowUDFImpl for Cluster {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        match given {
            // The type of a parameter is not known yet.
            [shape, metres, least]
                if is_shape(shape)
                    && (metres.is_numeric() || metres.is_null())
                    && (least.is_integer() || least.is_null()) =>
            {
                Ok(vec![shape.clone(), DataType::Float64, DataType::Int64])
            }
            _ => {
                let message = "ST_ClusterDBSCAN takes a point, metres and a whole number: such as \
                               ST_ClusterDBSCAN(geoposition, 1000, 3) OVER ()";
                Err(DataFusionError::Plan(message.to_owned()))
            }
        }
    }

    fn field(&self, args: WindowUDFFieldArgs<'_>) -> Result<FieldRef> {
        Ok(Arc::new(Field::new(args.name(), DataType::Int64, true)))
    }

    fn partition_evaluator(&self, _: PartitionEvaluatorArgs<'_>) -> Result<Box<dyn PartitionEvaluator>> {
        Ok(Box::new(Clusters))
    }
}

#[derive(Debug)]
struct Clusters;

impl PartitionEvaluator for Clusters {
    fn evaluate_all(&mut self, values: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
        let shapes = Shapes::of(&values[0])?;
        let mut places = Vec::with_capacity(rows);
        for row in 0..rows {
            places.push(shapes.place(row)?.filter(|point| point.is_on_globe()));
        }
        let metres: Float64Array = cast(&values[1], &DataType::Float64)?.as_primitive().clone();
        let least: Int64Array = cast(&values[2], &DataType::Int64)?.as_primitive().clone();
        let is_one = |values: &ArrayRef| {
            let first = values.slice(0, values.len().min(1));
            (1..values.len()).all(|row| values.slice(row, 1).as_ref() == first.as_ref())
        };
        if !is_one(&values[1]) || !is_one(&values[2]) {
            let message = "ST_ClusterDBSCAN takes the same metres and number for all rows of a partition";
            return Err(DataFusionError::Execution(message.to_owned()));
        }
        if rows == 0 || metres.is_null(0) || least.is_null(0) {
            return Ok(Arc::new(Int64Array::new_null(rows)));
        }
        Ok(Arc::new(Int64Array::from(clusters(&places, metres.value(0), least.value(0))?)))
    }
}

/// DBSCAN (Ester, Kriegel, Sander and Xu, 1996). Cost: a look-up in the index for each point.
///
/// # Errors
/// Where more than [`PAIRS`] points are within reach of one another.
fn clusters(places: &[Option<Position>], max_m: f64, least: i64) -> Result<Vec<Option<i64>>> {
    let known = (0..).zip(places).filter_map(|(row, place)| Some((row, (*place)?)));
    let index = SphereIndex::build(known);
    let mut clusters: Vec<Option<i64>> = vec![None; places.len()];
    let mut is_tried = vec![false; places.len()];
    let (mut count, mut pairs) = (0, 0);
    let (mut near, mut open) = (Vec::new(), Vec::new());
    for row in 0..places.len() {
        if is_tried[row] || clusters[row].is_some() {
            continue;
        }
        open.push(row);
        let mut is_cluster = false;
        while let Some(row) = open.pop() {
            let Some(place) = places[row].filter(|_| !std::mem::replace(&mut is_tried[row], true)) else {
                continue;
            };
            near.clear();
            index.within_m(place, max_m, |row| near.push(row as usize));
            pairs += near.len();
            if pairs > PAIRS {
                let message =
                    format!("ST_ClusterDBSCAN found more than {PAIRS} pairs of points within {max_m} m");
                let error = Error::new(Code::QueryTooComplex, message);
                let error = error.hint("take fewer metres, or parts of the table with PARTITION BY");
                return Err(DataFusionError::External(Box::new(error)));
            }
            if i64::try_from(near.len()).unwrap_or(i64::MAX) < least {
                continue;
            }
            is_cluster = true;
            clusters[row] = Some(count);
            for row in near.drain(..).filter(|row| clusters[*row].is_none()).collect::<Vec<_>>() {
                clusters[row] = Some(count);
                open.push(row);
            }
        }
        count += i64::from(is_cluster);
    }
    Ok(clusters)
}

//! Geometries of a group: `ST_Collect` and `ST_Extent`.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BinaryArray};
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::AggregateOrderSensitivity;
use datafusion::logical_expr::{Accumulator, AggregateUDFImpl, Signature, Volatility};
use datafusion::scalar::ScalarValue;

use super::shapes::{Shapes, fault, is_shape};
use crate::geo::{Bounds, Geometry, geometry_metadata};

/// A function of a group's geometries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Gathers {
    /// All of them as one: points as a MULTIPOINT, else a collection.
    Collect,
    /// The box in longitude and latitude around them.
    Extent,
}

/// An aggregate as users know it.
#[derive(Debug)]
pub struct SpatialAggregate {
    /// Its name as PostGIS writes it.
    pub name: &'static str,
    /// What it does.
    pub about: &'static str,
    /// A call that works.
    pub example: &'static str,
    gathers: Gathers,
}

/// Every spatial aggregate.
pub const AGGREGATES: &[SpatialAggregate] = &[
    SpatialAggregate {
        name: "ST_Collect",
        about: "The geometries of a group as one, taken apart and put together in an order that does not depend on \
                the rows': a MULTIPOINT, MULTILINESTRING or MULTIPOLYGON where all are of one kind, else a \
                GEOMETRYCOLLECTION. ST_Centroid of it is the centroid of the group.",
        example: "SELECT ST_Centroid(ST_Collect(geoposition)) FROM pharmacies",
        gathers: Gathers::Collect,
    },
    SpatialAggregate {
        name: "ST_Extent",
        about: "The box in longitude and latitude around the geometries of a group; points on both sides of \
                the date line make it as wide as the globe.",
        example: "SELECT ST_AsText(ST_Extent(geoposition)) FROM pharmacies",
        gathers: Gathers::Extent,
    },
];

/// A spatial aggregate as DataFusion calls it.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Aggregate {
    name: String,
    gathers: Gathers,
    signature: Signature,
}

impl Aggregate {
    pub(super) fn new(aggregate: &SpatialAggregate) -> Self {
        let signature = Signature::user_defined(Volatility::Immutable);
        Self { name: aggregate.name.to_lowercase(), gathers: aggregate.gathers, signature }
    }
}

impl AggregateUDFImpl for Aggregate {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        match given {
            [kind] if is_shape(kind) => Ok(given.to_vec()),
            _ => {
                let message = format!("{} takes one geometry, such as a Geoposition", self.name);
                Err(DataFusionError::Plan(message))
            }
        }
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Binary)
    }

    fn return_field(&self, _: &[FieldRef]) -> Result<FieldRef> {
        let field = Field::new(&self.name, DataType::Binary, true);
        Ok(Arc::new(field.with_metadata(geometry_metadata())))
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        Ok(vec![Arc::new(Field::new(format!("{}[geometry]", args.name), DataType::Binary, true))])
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }

    fn accumulator(&self, _: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        Ok(match self.gathers {
            Gathers::Collect => Box::new(Collected::default()),
            Gathers::Extent => Box::new(Extent::default()),
        })
    }
}

/// The geometries so far, each as well-known binary, in their order.
#[derive(Debug, Default)]
struct Collected {
    geometries: Vec<Geometry>,
    bytes: usize,
}

impl Collected {
    fn push(&mut self, geometry: Geometry) {
        self.bytes += size_of::<Geometry>() + geometry.memory_bytes();
        self.geometries.push(geometry);
    }
}

impl Accumulator for Collected {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let shapes = Shapes::of(&values[0])?;
        for row in 0..values[0].len() {
            if let Some(geometry) = shapes.get(row)? {
                self.push(geometry.into_owned());
            }
        }
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        // In which order rows come is another matter each time; what is collected must not be.
        self.geometries.sort_by(|one, other| match (one.as_point(), other.as_point()) {
            (Some(one), Some(other)) => one.lon.total_cmp(&other.lon).then(one.lat.total_cmp(&other.lat)),
            _ => one.to_wkb().cmp(&other.to_wkb()),
        });
        let collected = (!self.geometries.is_empty()).then(|| Geometry::collect(&self.geometries).to_wkb());
        Ok(ScalarValue::Binary(collected))
    }

    fn size(&self) -> usize {
        // Its parts and its bytes are made beside it in the end.
        size_of::<Self>() + 3 * self.bytes
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.evaluate()?])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        for bytes in binaries(&states[0]).iter().flatten() {
            for part in Geometry::from_wkb(bytes).map_err(fault)?.parts() {
                self.push(part);
            }
        }
        Ok(())
    }
}

/// The box so far.
#[derive(Debug, Default)]
struct Extent {
    bounds: Option<Bounds>,
}

impl Extent {
    fn add(&mut self, bounds: Option<Bounds>) {
        self.bounds = match (self.bounds, bounds) {
            (Some(one), Some(other)) => Some(one.merge(other)),
            (one, other) => one.or(other),
        };
    }
}

impl Accumulator for Extent {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let shapes = Shapes::of(&values[0])?;
        if let Some(points) = shapes.points() {
            let places = points.iter().map(|(_, point)| point).filter(|point| point.is_on_globe());
            self.add(Bounds::of_points(places));
            return Ok(());
        }
        for row in 0..values[0].len() {
            self.add(shapes.get(row)?.and_then(|geometry| geometry.bounds()));
        }
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(ScalarValue::Binary(self.bounds.map(|bounds| Geometry::of_bounds(bounds).to_wkb())))
    }

    fn size(&self) -> usize {
        size_of::<Self>()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.evaluate()?])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        for bytes in binaries(&states[0]).iter().flatten() {
            self.add(Geometry::from_wkb(bytes).map_err(fault)?.bounds());
        }
        Ok(())
    }
}

fn binaries(array: &ArrayRef) -> &BinaryArray {
    array.as_binary()
}

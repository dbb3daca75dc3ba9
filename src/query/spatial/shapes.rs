//! The geometries that a function is given: points of a column, well-known binary, or texts.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BinaryArray, StringArray, StructArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::ColumnarValue;
use datafusion::scalar::ScalarValue;

use crate::error::{Code, Error};
use crate::geo::{Geometry, GeometryFault, Points, Position, TooMuch, point_type};

/// Whether a value of this type can be a geometry: a point, well-known binary, or a text of WKT or
/// `GeoJSON` as PostGIS takes it for a literal.
pub(super) fn is_shape(kind: &DataType) -> bool {
    *kind == point_type()
        || matches!(
            kind,
            DataType::Binary
                | DataType::LargeBinary
                | DataType::BinaryView
                | DataType::Utf8
                | DataType::LargeUtf8
                | DataType::Utf8View
                | DataType::Null
        )
}

/// An argument that holds geometries.
#[derive(Debug, Clone)]
pub(super) enum Shapes {
    /// The same in all rows; none where it is null.
    Constant(Option<Geometry>),
    Points(StructArray),
    Binary(BinaryArray),
    Text(StringArray),
}

impl Shapes {
    /// # Errors
    /// Where a constant is no geometry, or the type holds none.
    pub(super) fn new(value: &ColumnarValue) -> Result<Self> {
        match value {
            ColumnarValue::Scalar(value) => Ok(Self::Constant(constant(value)?)),
            ColumnarValue::Array(array) => Self::of(array),
        }
    }

    /// The geometries of an array.
    pub(super) fn of(array: &ArrayRef) -> Result<Self> {
        Ok(match array.data_type() {
            kind if *kind == point_type() => Self::Points(array.as_struct().clone()),
            DataType::Binary | DataType::LargeBinary | DataType::BinaryView => {
                Self::Binary(cast(array, &DataType::Binary)?.as_binary().clone())
            }
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
                Self::Text(cast(array, &DataType::Utf8)?.as_string().clone())
            }
            DataType::Null => Self::Constant(None),
            other => {
                let message = format!("a geometry was expected, not {other}");
                return Err(DataFusionError::Plan(message));
            }
        })
    }

    /// The geometry in a row; none where it is null.
    ///
    /// # Errors
    /// Where what is there is no geometry.
    pub(super) fn get(&self, row: usize) -> Result<Option<Cow<'_, Geometry>>> {
        Ok(match self {
            Self::Constant(geometry) => geometry.as_ref().map(Cow::Borrowed),
            Self::Points(_) => self.point(row).map(|point| Cow::Owned(Geometry::point(point))),
            Self::Binary(array) if array.is_valid(row) => {
                Some(Cow::Owned(Geometry::from_wkb(array.value(row)).map_err(fault)?))
            }
            Self::Text(array) if array.is_valid(row) => {
                Some(Cow::Owned(Geometry::from_text(array.value(row)).map_err(fault)?))
            }
            Self::Binary(_) | Self::Text(_) => None,
        })
    }

    /// The point in a row of a column of points, or of a constant that is a point.
    pub(super) fn point(&self, row: usize) -> Option<Position> {
        match self {
            Self::Points(array) => Points::of(array)?.get(row),
            Self::Constant(geometry) => geometry.as_ref()?.as_point(),
            Self::Binary(_) | Self::Text(_) => None,
        }
    }

    /// The place of the geometry in a row, where it is a point that is not empty.
    ///
    /// # Errors
    /// Where what is there is no geometry.
    pub(super) fn place(&self, row: usize) -> Result<Option<Position>> {
        match self {
            Self::Points(_) | Self::Constant(_) => Ok(self.point(row)),
            Self::Binary(_) | Self::Text(_) => Ok(self.get(row)?.and_then(|geometry| geometry.as_point())),
        }
    }

    /// Whether [`Self::point`] tells every geometry there is.
    pub(super) fn is_of_points(&self) -> bool {
        match self {
            Self::Points(_) => true,
            Self::Constant(geometry) => geometry.as_ref().is_none_or(|it| it.as_point().is_some()),
            Self::Binary(_) | Self::Text(_) => false,
        }
    }

    /// The points, where this is a column of them.
    pub(super) fn points(&self) -> Option<Points<'_>> {
        match self {
            Self::Points(array) => Points::of(array),
            _ => None,
        }
    }
}

/// The geometry that a constant is; none where it is null.
///
/// # Errors
/// Where it is no geometry.
pub(super) fn constant(value: &ScalarValue) -> Result<Option<Geometry>> {
    if value.is_null() {
        return Ok(None);
    }
    match value {
        ScalarValue::Utf8(Some(text))
        | ScalarValue::LargeUtf8(Some(text))
        | ScalarValue::Utf8View(Some(text)) => Geometry::from_text(text).map(Some).map_err(fault),
        ScalarValue::Binary(Some(bytes))
        | ScalarValue::LargeBinary(Some(bytes))
        | ScalarValue::BinaryView(Some(bytes)) => Geometry::from_wkb(bytes).map(Some).map_err(fault),
        other => {
            let shapes = Shapes::of(&other.to_array()?)?;
            Ok(shapes.get(0)?.map(Cow::into_owned))
        }
    }
}

/// The error of a text or of bytes that are no geometry.
pub(super) fn fault(fault: GeometryFault) -> DataFusionError {
    DataFusionError::External(Box::new(fault))
}

/// The error of two geometries that one call cannot compare.
pub(super) fn too_much(cause: TooMuch) -> DataFusionError {
    let error = Error::new(Code::QueryTooComplex, format!("not compared: {cause}"));
    let error = error.hint("simplify the outlines, or compare their parts").caused_by(cause);
    DataFusionError::External(Box::new(error))
}

/// Geometries as an array of well-known binary.
pub(super) fn binary(geometries: impl Iterator<Item = Option<Geometry>>) -> ArrayRef {
    Arc::new(geometries.map(|geometry| geometry.map(|geometry| geometry.to_wkb())).collect::<BinaryArray>())
}

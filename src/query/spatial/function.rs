//! A spatial function: what it takes, what it returns, and how it is called for a batch of rows.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, Int64Array, StringArray};
use arrow::buffer::NullBuffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::scalar::ScalarValue;

use super::shapes::{Shapes, is_shape};
use crate::geo::{geometry_metadata, point_metadata, point_type};

/// What an argument is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// A point, well-known binary, or a text of WKT or `GeoJSON`.
    Geometry,
    /// A number.
    Double,
    /// A whole number.
    Int,
    /// A text.
    Text,
    /// Bytes.
    Binary,
}

/// What a function returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returns {
    /// A point, as a Geoposition is.
    Point,
    /// Well-known binary, marked as a geometry on WGS 84.
    Geometry,
    /// A number.
    Double,
    /// A text.
    Text,
    /// True or false.
    Boolean,
    /// Bytes.
    Binary,
}

impl Returns {
    fn field(self, name: &str) -> Field {
        match self {
            Self::Point => Field::new(name, point_type(), true).with_metadata(point_metadata()),
            Self::Geometry => Field::new(name, DataType::Binary, true).with_metadata(geometry_metadata()),
            Self::Double => Field::new(name, DataType::Float64, true),
            Self::Text => Field::new(name, DataType::Utf8, true),
            Self::Boolean => Field::new(name, DataType::Boolean, true),
            Self::Binary => Field::new(name, DataType::Binary, true),
        }
    }
}

/// A spatial function as users know it. All return null where an argument is null.
pub struct SpatialFunction {
    /// Its name as PostGIS writes it; SQL finds it in any letter case.
    pub name: &'static str,
    /// Other names that PostGIS has for it.
    pub aliases: &'static [&'static str],
    /// Its arguments.
    pub takes: &'static [Takes],
    /// How many of the last arguments may be missing.
    pub optional: usize,
    /// What it returns.
    pub returns: Returns,
    /// What it does: units and edges.
    pub about: &'static str,
    /// A call that works.
    pub example: &'static str,
    pub(super) call: fn(&Arguments) -> Result<ArrayRef>,
}

impl std::fmt::Debug for SpatialFunction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// The arguments of one call, each as what the function takes.
pub(super) struct Arguments {
    pub(super) rows: usize,
    /// The rows in which no argument is null.
    pub(super) valid: Option<NullBuffer>,
    all: Vec<Argument>,
}

enum Argument {
    Shapes(Shapes),
    Double(Float64Array),
    Int(Int64Array),
    Text(StringArray),
    Binary(ArrayRef),
}

impl Arguments {
    fn new(function: &SpatialFunction, args: &[ColumnarValue], rows: usize) -> Result<Self> {
        let mut valid = None;
        let mut all = Vec::with_capacity(args.len());
        for (value, takes) in args.iter().zip(function.takes) {
            // Each reads one value of a constant, in every row.
            let array = match value {
                ColumnarValue::Array(array) => Arc::clone(array),
                ColumnarValue::Scalar(value) => value.to_array()?,
            };
            let is_constant = matches!(value, ColumnarValue::Scalar(_));
            let nulls = if is_constant {
                array.is_null(0).then(|| NullBuffer::new_null(rows))
            } else {
                array.logical_nulls()
            };
            valid = NullBuffer::union(valid.as_ref(), nulls.as_ref());
            all.push(match takes {
                Takes::Geometry => Argument::Shapes(Shapes::new(value)?),
                Takes::Double => Argument::Double(cast(&array, &DataType::Float64)?.as_primitive().clone()),
                Takes::Int => Argument::Int(cast(&array, &DataType::Int64)?.as_primitive().clone()),
                Takes::Text => Argument::Text(cast(&array, &DataType::Utf8)?.as_string().clone()),
                Takes::Binary => Argument::Binary(cast(&array, &DataType::Binary)?),
            });
        }
        Ok(Self { rows, valid, all })
    }

    /// Whether all arguments have a value in this row.
    pub(super) fn is_valid(&self, row: usize) -> bool {
        self.valid.as_ref().is_none_or(|valid| valid.is_valid(row))
    }

    pub(super) fn has(&self, argument: usize) -> bool {
        argument < self.all.len()
    }

    pub(super) fn shapes(&self, argument: usize) -> Result<&Shapes> {
        match self.all.get(argument) {
            Some(Argument::Shapes(shapes)) => Ok(shapes),
            _ => Err(no_such_argument()),
        }
    }

    pub(super) fn double(&self, argument: usize, row: usize) -> f64 {
        match self.all.get(argument) {
            Some(Argument::Double(array)) => array.value(of_row(array.len(), row)),
            _ => f64::NAN,
        }
    }

    pub(super) fn int(&self, argument: usize, row: usize) -> i64 {
        match self.all.get(argument) {
            Some(Argument::Int(array)) => array.value(of_row(array.len(), row)),
            _ => 0,
        }
    }

    pub(super) fn text(&self, argument: usize, row: usize) -> &str {
        match self.all.get(argument) {
            Some(Argument::Text(array)) => array.value(of_row(array.len(), row)),
            _ => "",
        }
    }

    pub(super) fn bytes(&self, argument: usize, row: usize) -> &[u8] {
        match self.all.get(argument) {
            Some(Argument::Binary(array)) => array.as_binary::<i32>().value(of_row(array.len(), row)),
            _ => &[],
        }
    }

    /// A value for each row in which no argument is null.
    pub(super) fn each<T>(
        &self,
        mut value: impl FnMut(usize) -> Result<Option<T>>,
    ) -> Result<Vec<Option<T>>> {
        (0..self.rows).map(|row| if self.is_valid(row) { value(row) } else { Ok(None) }).collect()
    }
}

/// A constant stands there once.
fn of_row(len: usize, row: usize) -> usize {
    if len == 1 { 0 } else { row }
}

fn no_such_argument() -> DataFusionError {
    DataFusionError::Internal("a spatial function asked for an argument that it does not take".to_owned())
}

/// A spatial function as DataFusion calls it. It holds no state: plans can travel.
#[derive(Debug, Clone)]
pub(super) struct Callable {
    function: &'static SpatialFunction,
    name: String,
    aliases: Vec<String>,
    signature: Signature,
}

impl Callable {
    pub(super) fn new(function: &'static SpatialFunction) -> Self {
        let lower = |name: &&str| name.to_lowercase();
        Self {
            function,
            name: function.name.to_lowercase(),
            aliases: function.aliases.iter().map(lower).collect(),
            signature: Signature::user_defined(Volatility::Immutable),
        }
    }

    fn takes(&self, count: usize) -> Result<()> {
        let SpatialFunction { name, takes, optional, example, .. } = self.function;
        let least = takes.len() - optional;
        if (least..=takes.len()).contains(&count) {
            return Ok(());
        }
        let expected = if *optional == 0 { least.to_string() } else { format!("{least} to {}", takes.len()) };
        let message = format!("{name} takes {expected} arguments, not {count}: such as {example}");
        Err(DataFusionError::Plan(message))
    }
}

impl PartialEq for Callable {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Callable {}

impl Hash for Callable {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl ScalarUDFImpl for Callable {
    fn name(&self) -> &str {
        &self.name
    }

    fn aliases(&self) -> &[String] {
        &self.aliases
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        self.takes(given.len())?;
        let numbers = given.iter().zip(self.function.takes).enumerate();
        let coerced = numbers.map(|(at, (kind, takes))| {
            let is_text = matches!(kind, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
            let is_number = kind.is_numeric() || is_text || kind.is_null();
            let is_binary = matches!(kind, DataType::Binary | DataType::LargeBinary | DataType::BinaryView);
            let coerced = match takes {
                Takes::Geometry => is_shape(kind).then(|| kind.clone()),
                Takes::Double => is_number.then_some(DataType::Float64),
                Takes::Int => (kind.is_integer() || is_text || kind.is_null()).then_some(DataType::Int64),
                Takes::Text => (is_text || kind.is_null()).then_some(DataType::Utf8),
                Takes::Binary => (is_binary || kind.is_null()).then_some(DataType::Binary),
            };
            coerced.ok_or_else(|| {
                let SpatialFunction { name, example, .. } = self.function;
                let expected = match takes {
                    Takes::Geometry => "a geometry: a Geoposition, ST_Point(lon, lat), or WKT",
                    Takes::Double => "a number",
                    Takes::Int => "a whole number",
                    Takes::Text => "a text",
                    Takes::Binary => "bytes",
                };
                let message = format!(
                    "argument {} of {name} is {kind}; expected {expected}, such as {example}",
                    at + 1
                );
                DataFusionError::Plan(message)
            })
        });
        coerced.collect()
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.function.returns.field("").data_type().clone())
    }

    fn return_field_from_args(&self, _: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        Ok(Arc::new(self.function.returns.field(&self.name)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let is_constant = args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let rows = if is_constant { 1 } else { args.number_rows };
        let arguments = Arguments::new(self.function, &args.args, rows)?;
        let values = (self.function.call)(&arguments)?;
        if is_constant {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&values, 0)?));
        }
        Ok(ColumnarValue::Array(values))
    }
}

//! One column of a batch, looked at once so that each of its cells can be written at once.

use std::sync::Arc;

use arrow::array::{
    Array, AsArray, BooleanArray, Float64Array, Int64Array, LargeStringArray, ListArray, RecordBatch,
    RecordBatchOptions, StringArray, StringViewArray, StructArray, UInt64Array,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Fields, Float64Type, Int64Type, Schema, UInt64Type};
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions};

use crate::geo::{Points, is_point};

/// Arrow's own forms: ISO 8601 for dates and times.
const OPTIONS: FormatOptions<'static> = FormatOptions::new();

/// A column, seen as what its cells are written as.
pub(super) enum Cells<'a> {
    Null,
    Boolean(&'a BooleanArray),
    Int(&'a Int64Array),
    UnsignedInt(&'a UInt64Array),
    Double(&'a Float64Array),
    Text(&'a StringArray),
    LargeText(&'a LargeStringArray),
    TextView(&'a StringViewArray),
    Points(Points<'a>),
    Object {
        array: &'a StructArray,
        members: Vec<(&'a str, Cells<'a>)>,
    },
    List {
        array: &'a ListArray,
        element: Box<Cells<'a>>,
    },
    /// Decimals: written as a number, digit by digit.
    Number(&'a dyn Array, ArrayFormatter<'a>),
    /// Dates, times, bytes: written as a text.
    Formatted(&'a dyn Array, ArrayFormatter<'a>),
}

/// Whether [`Cells`] knows a type as it is.
fn is_plain(data_type: &DataType) -> bool {
    match data_type {
        DataType::Int64 | DataType::UInt64 | DataType::Float64 => true,
        DataType::List(item) => is_plain(item.data_type()),
        DataType::Struct(fields) => fields.iter().all(|field| is_plain(field.data_type())),
        DataType::Dictionary(..)
        | DataType::LargeList(_)
        | DataType::ListView(_)
        | DataType::LargeListView(_)
        | DataType::FixedSizeList(..)
        | DataType::Float16
        | DataType::Float32 => false,
        other => !other.is_integer(),
    }
}

/// The few types that [`Cells`] knows, in place of the many that Arrow has.
fn plain_type(data_type: &DataType) -> DataType {
    match data_type {
        DataType::UInt64 => DataType::UInt64,
        kind if kind.is_integer() => DataType::Int64,
        DataType::Float16 | DataType::Float32 => DataType::Float64,
        DataType::Dictionary(_, value) => plain_type(value),
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::ListView(item)
        | DataType::LargeListView(item)
        | DataType::FixedSizeList(item, _) => DataType::List(Arc::new(plain_field(item))),
        DataType::Struct(fields) => {
            DataType::Struct(fields.iter().map(|field| plain_field(field)).collect::<Fields>())
        }
        other => other.clone(),
    }
}

fn plain_field(field: &Field) -> Field {
    Field::new(field.name(), plain_type(field.data_type()), field.is_nullable())
        .with_metadata(field.metadata().clone())
}

/// A batch whose columns are all of types that [`Cells`] knows. Cost: nothing where they are already.
pub(super) fn plain(batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let schema = batch.schema_ref();
    if schema.fields().iter().all(|field| is_plain(field.data_type())) {
        return Ok(batch.clone());
    }
    let fields: Fields = schema.fields().iter().map(|field| plain_field(field)).collect();
    let columns = fields.iter().zip(batch.columns()).map(|(field, column)| cast(column, field.data_type()));
    let columns = columns.collect::<Result<_, _>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options)
}

/// The columns of a batch that [`plain`] returned.
pub(super) fn cells(batch: &RecordBatch) -> Result<Vec<Cells<'_>>, ArrowError> {
    batch
        .schema_ref()
        .fields()
        .iter()
        .zip(batch.columns())
        .map(|(field, column)| Cells::of(field, column))
        .collect()
}

impl<'a> Cells<'a> {
    /// A view of a column whose type is plain.
    pub(super) fn of(field: &'a Field, array: &'a dyn Array) -> Result<Self, ArrowError> {
        Ok(match array.data_type() {
            DataType::Null => Self::Null,
            DataType::Boolean => Self::Boolean(array.as_boolean()),
            DataType::Int64 => Self::Int(array.as_primitive::<Int64Type>()),
            DataType::UInt64 => Self::UnsignedInt(array.as_primitive::<UInt64Type>()),
            DataType::Float64 => Self::Double(array.as_primitive::<Float64Type>()),
            DataType::Utf8 => Self::Text(array.as_string()),
            DataType::LargeUtf8 => Self::LargeText(array.as_string()),
            DataType::Utf8View => Self::TextView(array.as_string_view()),
            DataType::Struct(_) if is_point(field) => Points::of(array).map_or(Self::Null, Self::Points),
            DataType::Struct(fields) => {
                let array = array.as_struct();
                let members = fields.iter().zip(array.columns());
                let members =
                    members.map(|(field, column)| Ok((field.name().as_str(), Self::of(field, column)?)));
                Self::Object { array, members: members.collect::<Result<_, ArrowError>>()? }
            }
            DataType::List(item) => {
                let array: &ListArray = array.as_list();
                Self::List { array, element: Box::new(Self::of(item, array.values())?) }
            }
            kind if kind.is_decimal() => Self::Number(array, ArrayFormatter::try_new(array, &OPTIONS)?),
            _ => Self::Formatted(array, ArrayFormatter::try_new(array, &OPTIONS)?),
        })
    }

    fn is_null(&self, row: usize) -> bool {
        match self {
            Self::Null => true,
            Self::Boolean(array) => array.is_null(row),
            Self::Int(array) => array.is_null(row),
            Self::UnsignedInt(array) => array.is_null(row),
            Self::Double(array) => array.is_null(row) || !array.value(row).is_finite(),
            Self::Text(array) => array.is_null(row),
            Self::LargeText(array) => array.is_null(row),
            Self::TextView(array) => array.is_null(row),
            Self::Points(points) => points.get(row).is_none(),
            Self::Object { array, .. } => array.is_null(row),
            Self::List { array, .. } => array.is_null(row),
            Self::Number(array, _) | Self::Formatted(array, _) => array.is_null(row),
        }
    }

    /// The text of a cell that is a text and not null.
    fn text(&self, row: usize) -> Option<&str> {
        match self {
            Self::Text(array) => Some(array.value(row)),
            Self::LargeText(array) => Some(array.value(row)),
            Self::TextView(array) => Some(array.value(row)),
            _ => None,
        }
    }

    /// Appends a cell as JSON. NaN and infinity are null, a point is `{"lon": …, "lat": …}`.
    pub(super) fn write_json(&self, row: usize, out: &mut Vec<u8>) {
        if self.is_null(row) {
            out.extend_from_slice(b"null");
            return;
        }
        match self {
            Self::Points(points) => {
                if let Some(point) = points.get(row) {
                    out.extend_from_slice(b"{\"lon\":");
                    write_double(point.lon, out);
                    out.extend_from_slice(b",\"lat\":");
                    write_double(point.lat, out);
                    out.push(b'}');
                }
            }
            Self::Object { members, .. } => {
                let mut separator = b'{';
                for (name, cells) in members {
                    out.push(separator);
                    write_json_string(name, out);
                    out.push(b':');
                    cells.write_json(row, out);
                    separator = b',';
                }
                out.extend_from_slice(if separator == b'{' { b"{}" } else { b"}" });
            }
            Self::List { array, element } => {
                out.push(b'[');
                let (start, end) = (array.value_offsets()[row], array.value_offsets()[row + 1]);
                for at in start..end {
                    if at > start {
                        out.push(b',');
                    }
                    element.write_json(usize::try_from(at).unwrap_or_default(), out);
                }
                out.push(b']');
            }
            Self::Formatted(_, formatter) => write_json_string(&formatter.value(row).to_string(), out),
            other => match other.text(row) {
                Some(text) => write_json_string(text, out),
                None => other.write_scalar(row, out),
            },
        }
    }

    /// Appends a cell as plain text, null as nothing: a point as the portal writes it (`lat,lon`),
    /// objects and lists as JSON.
    pub(super) fn write_text(&self, row: usize, out: &mut Vec<u8>) {
        if self.is_null(row) {
            return;
        }
        match self {
            Self::Points(points) => {
                if let Some(point) = points.get(row) {
                    write_double(point.lat, out);
                    out.push(b',');
                    write_double(point.lon, out);
                }
            }
            Self::Object { .. } | Self::List { .. } => self.write_json(row, out),
            other => match other.text(row) {
                Some(text) => out.extend_from_slice(text.as_bytes()),
                None => other.write_scalar(row, out),
            },
        }
    }

    fn write_scalar(&self, row: usize, out: &mut Vec<u8>) {
        match self {
            Self::Boolean(array) => out.extend_from_slice(if array.value(row) { b"true" } else { b"false" }),
            Self::Int(array) => {
                out.extend_from_slice(itoa::Buffer::new().format(array.value(row)).as_bytes());
            }
            Self::UnsignedInt(array) => {
                out.extend_from_slice(itoa::Buffer::new().format(array.value(row)).as_bytes());
            }
            Self::Double(array) => write_double(array.value(row), out),
            Self::Number(_, formatter) | Self::Formatted(_, formatter) => {
                out.extend_from_slice(formatter.value(row).to_string().as_bytes());
            }
            _ => {}
        }
    }

    /// Whether cells stand at the right in a table.
    pub(super) fn is_number(&self) -> bool {
        matches!(self, Self::Int(_) | Self::UnsignedInt(_) | Self::Double(_) | Self::Number(..))
    }
}

/// Appends a finite number in the shortest form that reads back as the same number.
pub(super) fn write_double(value: f64, out: &mut Vec<u8>) {
    out.extend_from_slice(ryu::Buffer::new().format(value).as_bytes());
}

/// Appends a text as a JSON string.
pub(super) fn write_json_string(text: &str, out: &mut Vec<u8>) {
    serde_json::to_writer(out, text).expect("a text is valid JSON and a vector takes all bytes");
}

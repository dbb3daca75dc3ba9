//! One column of a batch, looked at once so that each of its cells can be written at once.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BooleanArray, Date32Array, Float64Array, Int64Array,
    LargeStringArray, ListArray, PrimitiveArray, RecordBatch, StringArray, StringViewArray, StructArray,
    UInt64Array,
};
use arrow::datatypes::{
    DataType, Field, Int64Type, TimeUnit, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType,
};
use arrow::util::display::{ArrayFormatter, FormatOptions};

use super::moment::{write_day, write_moment};
use super::text::{write_double, write_int, write_json_string};
use crate::geo::{Geometry, is_geometry, is_point};

/// Arrow's own forms: ISO 8601 for dates and times.
const OPTIONS: FormatOptions<'static> = FormatOptions::new();

/// How a point is written in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PointForm {
    /// `{"lon": …, "lat": …}`
    Members,
    /// `{"type": "Point", "coordinates": [lon, lat]}`
    GeoJson,
}

/// A column, seen as what its cells are written as. Arrays are shared, not copied.
#[derive(Debug)]
pub(super) enum Cells {
    Null,
    Boolean(BooleanArray),
    Int(Int64Array),
    UnsignedInt(UInt64Array),
    Double(Float64Array),
    Text(StringArray),
    LargeText(LargeStringArray),
    TextView(StringViewArray),
    Day(Date32Array),
    /// Moments without zone.
    Moment(Int64Array, TimeUnit),
    Points {
        array: StructArray,
        lon: Float64Array,
        lat: Float64Array,
        form: PointForm,
    },
    /// Well-known binary: GeoJSON in JSON, else WKT.
    Geometry(BinaryArray),
    /// Each member's key is as JSON has it, with its colon and what stands before it.
    Object {
        array: StructArray,
        members: Vec<(Vec<u8>, Cells)>,
    },
    List {
        array: ListArray,
        element: Box<Cells>,
    },
    /// Decimals: written as a number, digit by digit.
    Number(ArrayRef),
    /// Times, intervals, bytes: written as a text.
    Formatted(ArrayRef),
}

/// The columns of a batch that [`super::plain::plain`] returned.
pub(super) fn cells(batch: &RecordBatch, form: PointForm) -> Vec<Cells> {
    batch
        .schema_ref()
        .fields()
        .iter()
        .zip(batch.columns())
        .map(|(field, column)| Cells::of(field, column, form))
        .collect()
}

/// One cell of a column whose type is plain, as a text; null as an empty one.
pub(crate) fn cell_text(field: &Field, column: &ArrayRef, row: usize) -> String {
    let mut text = Vec::new();
    Cells::of(field, column, PointForm::Members).write_text(row, &mut text);
    String::from_utf8(text).unwrap_or_default()
}

/// What stands before each value of an object: `{"name":` for the first, `,"name":` for the others.
pub(super) fn keys<'a>(names: impl Iterator<Item = &'a String>) -> Vec<Vec<u8>> {
    let key = |(at, name): (usize, &String)| {
        let mut key = vec![if at == 0 { b'{' } else { b',' }];
        write_json_string(name, &mut key);
        key.push(b':');
        key
    };
    names.enumerate().map(key).collect()
}

/// Appends a row as a JSON object, of cells after their [`keys`].
pub(super) fn write_object<'a>(
    members: impl ExactSizeIterator<Item = (&'a Vec<u8>, &'a Cells)>,
    row: usize,
    out: &mut Vec<u8>,
) {
    let is_empty = members.len() == 0;
    for (key, cells) in members {
        out.extend_from_slice(key);
        cells.write_json(row, out);
    }
    out.extend_from_slice(if is_empty { b"{}" } else { b"}" });
}

impl Cells {
    /// A view of a column whose type is plain.
    fn of(field: &Field, array: &ArrayRef, form: PointForm) -> Self {
        match array.data_type() {
            DataType::Null => Self::Null,
            DataType::Boolean => Self::Boolean(array.as_boolean().clone()),
            DataType::Int64 => Self::Int(array.as_primitive().clone()),
            DataType::UInt64 => Self::UnsignedInt(array.as_primitive().clone()),
            DataType::Float64 => Self::Double(array.as_primitive().clone()),
            DataType::Utf8 => Self::Text(array.as_string().clone()),
            DataType::LargeUtf8 => Self::LargeText(array.as_string().clone()),
            DataType::Utf8View => Self::TextView(array.as_string_view().clone()),
            DataType::Date32 => Self::Day(array.as_primitive().clone()),
            DataType::Timestamp(unit, None) => Self::Moment(ticks(array, *unit), *unit),
            DataType::Struct(_) if is_point(field) => {
                let array = array.as_struct().clone();
                let coordinate = |at: usize| array.column(at).as_primitive().clone();
                Self::Points { lon: coordinate(0), lat: coordinate(1), array, form }
            }
            DataType::Binary if is_geometry(field) => Self::Geometry(array.as_binary().clone()),
            DataType::Struct(fields) => {
                let array = array.as_struct().clone();
                let members =
                    fields.iter().zip(array.columns()).map(|(field, column)| Self::of(field, column, form));
                let members =
                    keys(fields.iter().map(|field| field.name())).into_iter().zip(members).collect();
                Self::Object { members, array }
            }
            DataType::List(item) => {
                let array: ListArray = array.as_list().clone();
                Self::List { element: Box::new(Self::of(item, array.values(), form)), array }
            }
            kind if kind.is_decimal() => Self::Number(Arc::clone(array)),
            _ => Self::Formatted(Arc::clone(array)),
        }
    }

    /// Reads a little of a cell, so that it lies in the processor's cache when it is written: see
    /// `JsonRows::fetch`.
    pub(super) fn touch(&self, row: usize) -> u64 {
        fn byte(bytes: &[u8], at: usize) -> u64 {
            bytes.get(at).copied().map_or(0, u64::from)
        }
        match self {
            Self::Boolean(array) => u64::from(array.value(row)),
            Self::Int(array) | Self::Moment(array, _) => array.value(row).cast_unsigned(),
            Self::UnsignedInt(array) => array.value(row),
            Self::Double(array) => array.value(row).to_bits(),
            Self::Day(array) => u64::from(array.value(row).cast_unsigned()),
            Self::Points { lon, lat, .. } => lon.value(row).to_bits() ^ lat.value(row).to_bits(),
            Self::Text(array) => {
                byte(array.value_data(), array.value_offsets()[row].cast_unsigned() as usize)
            }
            Self::Object { members, .. } => members.iter().fold(0, |sum, (_, cells)| sum ^ cells.touch(row)),
            Self::List { array, element } => {
                let (start, end) = (array.value_offsets()[row], array.value_offsets()[row + 1]);
                if start < end { element.touch(start.cast_unsigned() as usize) } else { 0 }
            }
            Self::Null
            | Self::LargeText(_)
            | Self::TextView(_)
            | Self::Geometry(_)
            | Self::Number(_)
            | Self::Formatted(_) => 0,
        }
    }

    /// Whether there is nothing to write; what is not finite is nothing, too.
    #[inline]
    pub(super) fn is_null(&self, row: usize) -> bool {
        match self {
            Self::Null => true,
            Self::Boolean(array) => array.is_null(row),
            Self::Int(array) | Self::Moment(array, _) => array.is_null(row),
            Self::UnsignedInt(array) => array.is_null(row),
            Self::Double(array) => array.is_null(row) || !array.value(row).is_finite(),
            Self::Text(array) => array.is_null(row),
            Self::LargeText(array) => array.is_null(row),
            Self::TextView(array) => array.is_null(row),
            Self::Day(array) => array.is_null(row),
            Self::Points { array, lon, lat, .. } => {
                array.is_null(row) || !lon.value(row).is_finite() || !lat.value(row).is_finite()
            }
            Self::Geometry(array) => array.is_null(row),
            Self::Object { array, .. } => array.is_null(row),
            Self::List { array, .. } => array.is_null(row),
            Self::Number(array) | Self::Formatted(array) => array.is_null(row),
        }
    }

    /// The text of a cell that is a text and not null.
    #[inline]
    fn text(&self, row: usize) -> Option<&str> {
        match self {
            Self::Text(array) => Some(array.value(row)),
            Self::LargeText(array) => Some(array.value(row)),
            Self::TextView(array) => Some(array.value(row)),
            _ => None,
        }
    }

    /// Appends a cell as JSON. NaN and infinity are null.
    pub(super) fn write_json(&self, row: usize, out: &mut Vec<u8>) {
        if self.is_null(row) {
            out.extend_from_slice(b"null");
            return;
        }
        match self {
            Self::Points { lon, lat, form, .. } => {
                let [start, between, end]: [&[u8]; 3] = match form {
                    PointForm::Members => [b"{\"lon\":", b",\"lat\":", b"}"],
                    PointForm::GeoJson => [b"{\"type\":\"Point\",\"coordinates\":[", b",", b"]}"],
                };
                out.extend_from_slice(start);
                write_double(lon.value(row), out);
                out.extend_from_slice(between);
                write_double(lat.value(row), out);
                out.extend_from_slice(end);
            }
            Self::Geometry(array) => match Geometry::from_wkb(array.value(row)) {
                Ok(geometry) => out.extend_from_slice(geometry.to_geojson().as_bytes()),
                Err(_) => out.extend_from_slice(b"null"),
            },
            Self::Object { members, .. } => {
                write_object(members.iter().map(|(key, cells)| (key, cells)), row, out);
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
            Self::Day(_) | Self::Moment(..) => {
                out.push(b'"');
                self.write_scalar(row, out);
                out.push(b'"');
            }
            // Among them are maps, whose texts may hold anything.
            Self::Formatted(array) => write_json_string(&formatted(array, row), out),
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
            Self::Points { lon, lat, .. } => {
                write_double(lat.value(row), out);
                out.push(b',');
                write_double(lon.value(row), out);
            }
            Self::Geometry(array) => {
                let wkt = Geometry::from_wkb(array.value(row)).map(|geometry| geometry.to_wkt());
                out.extend_from_slice(wkt.unwrap_or_default().as_bytes());
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
            Self::Int(array) => write_int(array.value(row), out),
            Self::UnsignedInt(array) => write_int(array.value(row), out),
            Self::Double(array) => write_double(array.value(row), out),
            Self::Day(array) => write_day(array.value(row), out),
            Self::Moment(array, unit) => write_moment(array.value(row), *unit, out),
            Self::Number(array) | Self::Formatted(array) => {
                out.extend_from_slice(formatted(array, row).as_bytes());
            }
            _ => {}
        }
    }

    /// Whether JSON has the cells, where they are not null, as strings or numbers.
    pub(super) fn is_string_or_number(&self) -> bool {
        !matches!(
            self,
            Self::Null
                | Self::Boolean(_)
                | Self::Points { .. }
                | Self::Geometry(_)
                | Self::Object { .. }
                | Self::List { .. }
        )
    }

    /// Whether cells stand at the right in a table.
    pub(super) fn is_number(&self) -> bool {
        matches!(self, Self::Int(_) | Self::UnsignedInt(_) | Self::Double(_) | Self::Number(_))
    }
}

/// A cell as Arrow writes it.
fn formatted(array: &ArrayRef, row: usize) -> String {
    ArrayFormatter::try_new(array, &OPTIONS)
        .map_or_else(|_| String::new(), |formatter| formatter.value(row).to_string())
}

/// The numbers of a column of moments, whatever their unit. Shared, not copied.
fn ticks(array: &ArrayRef, unit: TimeUnit) -> Int64Array {
    fn of<T: arrow::array::ArrowPrimitiveType<Native = i64>>(array: &ArrayRef) -> Int64Array {
        let array: &PrimitiveArray<T> = array.as_primitive();
        array.reinterpret_cast::<Int64Type>()
    }
    match unit {
        TimeUnit::Second => of::<TimestampSecondType>(array),
        TimeUnit::Millisecond => of::<TimestampMillisecondType>(array),
        TimeUnit::Microsecond => of::<TimestampMicrosecondType>(array),
        TimeUnit::Nanosecond => of::<TimestampNanosecondType>(array),
    }
}

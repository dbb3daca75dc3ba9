//! How large values are, and how large they become: bytes, elements, rows.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, OffsetSizeTrait, as_map_array};
use arrow::buffer::OffsetBuffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::ColumnarValue;

/// An argument of a function: an array of all rows, or of the one value that all rows share.
pub(super) struct Argument {
    pub(super) array: ArrayRef,
    is_shared: bool,
}

impl Argument {
    pub(super) fn new(value: &ColumnarValue) -> Result<Self, DataFusionError> {
        Ok(match value {
            ColumnarValue::Array(array) => Self { array: Arc::clone(array), is_shared: false },
            ColumnarValue::Scalar(value) => Self { array: value.to_array_of_size(1)?, is_shared: true },
        })
    }

    fn at(&self, row: usize) -> usize {
        if self.is_shared { 0 } else { row }
    }

    pub(super) fn is_null(&self, row: usize) -> bool {
        self.array.is_null(self.at(row))
    }

    /// The bytes of one row's value.
    pub(super) fn bytes(&self, row: usize) -> u64 {
        let at = self.at(row);
        let range = |offsets: (usize, usize)| (offsets.1 - offsets.0) as u64;
        match self.array.data_type() {
            DataType::Utf8 => range(ends(self.array.as_string::<i32>().offsets(), at, 1)),
            DataType::Binary => range(ends(self.array.as_binary::<i32>().offsets(), at, 1)),
            DataType::LargeUtf8 => range(ends(self.array.as_string::<i64>().offsets(), at, 1)),
            DataType::LargeBinary => range(ends(self.array.as_binary::<i64>().offsets(), at, 1)),
            DataType::Utf8View => view_bytes(&self.array.as_string_view().views()[at..=at]),
            DataType::BinaryView => view_bytes(&self.array.as_binary_view().views()[at..=at]),
            other => match other.primitive_width() {
                Some(width) => width as u64,
                None => array_bytes(&self.array.slice(at, 1)),
            },
        }
    }

    /// The bytes of this argument for all rows together, repeated where they share it.
    pub(super) fn all_bytes(&self, rows: usize) -> u64 {
        let bytes = array_bytes(&self.array);
        if self.is_shared { bytes.saturating_mul(rows as u64) } else { bytes }
    }

    /// The elements of one row's list, those of lists within it counted one by one.
    pub(super) fn elements(&self, row: usize) -> u64 {
        elements(&self.array.slice(self.at(row), 1))
    }

    /// One row's whole number; none where it is null or no number.
    pub(super) fn number(&self, row: usize) -> Option<i64> {
        let numbers = self.array.as_primitive_opt::<Int64Type>()?;
        (!numbers.is_null(self.at(row))).then(|| numbers.value(self.at(row)))
    }

    /// The same argument as whole numbers: days for dates, nanoseconds for moments.
    pub(super) fn as_numbers(&self, through: &DataType) -> Result<Self, DataFusionError> {
        let array = cast(&cast(&self.array, through)?, &DataType::Int64)?;
        Ok(Self { array, is_shared: self.is_shared })
    }

    /// One row's text; empty where it is null or no text.
    pub(super) fn text(&self, row: usize) -> &str {
        let at = self.at(row);
        match self.array.data_type() {
            _ if self.array.is_null(at) => "",
            DataType::Utf8 => self.array.as_string::<i32>().value(at),
            DataType::LargeUtf8 => self.array.as_string::<i64>().value(at),
            DataType::Utf8View => self.array.as_string_view().value(at),
            _ => "",
        }
    }

    /// This argument for `rows` rows from `first`.
    pub(super) fn slice(value: &ColumnarValue, first: usize, rows: usize) -> ColumnarValue {
        match value {
            ColumnarValue::Array(array) => ColumnarValue::Array(array.slice(first, rows)),
            ColumnarValue::Scalar(value) => ColumnarValue::Scalar(value.clone()),
        }
    }
}

/// How many different patterns there are in the rows of an argument.
pub(super) fn patterns(argument: &Argument, rows: usize) -> u64 {
    let rows = if argument.is_shared { 1 } else { rows };
    (0..rows).map(|row| argument.text(row)).collect::<HashSet<_>>().len() as u64
}

/// The bytes of an array's own values: of a slice, those of the slice.
pub(super) fn array_bytes(array: &dyn Array) -> u64 {
    let rows = array.len();
    let words = |width: usize| (rows * width) as u64;
    let range = |(first, last): (usize, usize)| (last - first) as u64;
    match array.data_type() {
        DataType::Utf8 => words(4) + range(ends(array.as_string::<i32>().offsets(), 0, rows)),
        DataType::Binary => words(4) + range(ends(array.as_binary::<i32>().offsets(), 0, rows)),
        DataType::LargeUtf8 => words(8) + range(ends(array.as_string::<i64>().offsets(), 0, rows)),
        DataType::LargeBinary => words(8) + range(ends(array.as_binary::<i64>().offsets(), 0, rows)),
        DataType::Utf8View => words(16) + view_bytes(array.as_string_view().views()),
        DataType::BinaryView => words(16) + view_bytes(array.as_binary_view().views()),
        DataType::Struct(_) => array.as_struct().columns().iter().map(|column| array_bytes(column)).sum(),
        other => match (children(array), other.primitive_width()) {
            (Some(values), _) => words(8) + array_bytes(&values),
            (None, Some(width)) => words(width),
            (None, None) => array.to_data().get_slice_memory_size().unwrap_or(0) as u64,
        },
    }
}

fn elements(array: &ArrayRef) -> u64 {
    children(array).map_or(array.len() as u64, |values| elements(&values))
}

/// The elements of all lists of an array; none where it holds none.
fn children(array: &dyn Array) -> Option<ArrayRef> {
    let rows = array.len();
    let cut = |values: &ArrayRef, (first, last): (usize, usize)| values.slice(first, last - first);
    Some(match array.data_type() {
        DataType::List(_) => {
            let list = array.as_list::<i32>();
            cut(list.values(), ends(list.offsets(), 0, rows))
        }
        DataType::LargeList(_) => {
            let list = array.as_list::<i64>();
            cut(list.values(), ends(list.offsets(), 0, rows))
        }
        DataType::FixedSizeList(..) => array.as_fixed_size_list().values().slice(0, fixed_len(array)),
        DataType::Map(..) => {
            let map = as_map_array(array);
            let entries: ArrayRef = Arc::new(map.entries().clone());
            cut(&entries, ends(map.offsets(), 0, rows))
        }
        _ => return None,
    })
}

fn fixed_len(array: &dyn Array) -> usize {
    let list = array.as_fixed_size_list();
    usize::try_from(list.value_length()).unwrap_or(0).saturating_mul(list.len()).min(list.values().len())
}

fn ends<O: OffsetSizeTrait>(offsets: &OffsetBuffer<O>, first: usize, rows: usize) -> (usize, usize) {
    (offsets[first].as_usize(), offsets[first + rows].as_usize())
}

/// The lower half of a view's first word is the length of its text.
fn view_bytes(views: &[u128]) -> u64 {
    views.iter().filter_map(|view| u64::try_from(view & u128::from(u32::MAX)).ok()).sum()
}

/// The types within a type, itself among them; stops counting beyond `most`. Types share their parts,
/// so that a short text can name one of 2⁴⁰.
pub(super) fn type_nodes(data_type: &DataType, most: usize) -> usize {
    let many = |fields: &[&DataType]| {
        fields.iter().fold(1, |sum, field| if sum > most { sum } else { sum + type_nodes(field, most - sum) })
    };
    match data_type {
        DataType::Struct(fields) => many(&fields.iter().map(|field| field.data_type()).collect::<Vec<_>>()),
        DataType::Union(fields, _) => {
            many(&fields.iter().map(|(_, field)| field.data_type()).collect::<Vec<_>>())
        }
        DataType::List(field)
        | DataType::LargeList(field)
        | DataType::ListView(field)
        | DataType::LargeListView(field)
        | DataType::FixedSizeList(field, _)
        | DataType::Map(field, _) => many(&[field.data_type()]),
        DataType::Dictionary(key, value) => many(&[key, value]),
        _ => 1,
    }
}

/// The bytes that a null of a type takes: types of a fixed size have no short values.
pub(super) fn fixed_bytes(data_type: &DataType) -> u64 {
    match data_type {
        DataType::FixedSizeBinary(bytes) => u64::try_from(*bytes).unwrap_or(0),
        DataType::FixedSizeList(field, length) => {
            fixed_bytes(field.data_type()).saturating_mul(u64::try_from(*length).unwrap_or(0))
        }
        DataType::Struct(fields) => {
            fields.iter().fold(0, |sum: u64, field| sum.saturating_add(fixed_bytes(field.data_type())))
        }
        other => other.primitive_width().unwrap_or(16) as u64,
    }
}

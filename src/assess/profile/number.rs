//! Values that have an order and a fixed width: numbers, truth values, days, moments.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Float64Array, Int64Array, TimestampSecondArray,
};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{
    DataType, Date32Type, Field, Float64Type, Int64Type, TimeUnit, TimestampMillisecondType,
    TimestampSecondType,
};

use super::tally::{MOST_VALUES, Tally};
use super::{ColumnProfile, ValueCount};
use crate::encode::cell_text;

/// What a whole number in their order stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Int,
    Double,
    Boolean,
    /// Days since 1970.
    Day,
    /// Seconds since 1970.
    Moment,
}

/// Values of one column, each as a whole number that has its place among them.
#[derive(Debug)]
pub(super) struct Numbers {
    kind: Kind,
    tally: Tally<i64>,
    bounds: Option<(i64, i64)>,
}

impl Numbers {
    /// For a column of such values; none for one of others.
    pub(super) fn of(data_type: &DataType) -> Option<Self> {
        let kind = match data_type {
            DataType::Int64 => Kind::Int,
            DataType::Float64 => Kind::Double,
            DataType::Boolean => Kind::Boolean,
            DataType::Date32 => Kind::Day,
            DataType::Timestamp(TimeUnit::Second | TimeUnit::Millisecond, None) => Kind::Moment,
            _ => return None,
        };
        Some(Self { kind, tally: Tally::new(MOST_VALUES), bounds: None })
    }

    /// Takes over what is there; how many values.
    pub(super) fn add(&mut self, array: &ArrayRef, nulls: Option<&NullBuffer>) -> u64 {
        let Some(number) = numbers(array) else { return 0 };
        let mut values = 0;
        for row in (0..array.len()).filter(|row| nulls.is_none_or(|nulls| nulls.is_valid(*row))) {
            let Some(value) = number(row) else { continue };
            values += 1;
            self.tally.add(&value);
            let (least, greatest) = self.bounds.unwrap_or((value, value));
            self.bounds = Some((least.min(value), greatest.max(value)));
        }
        values
    }

    pub(super) fn finish(&self, into: &mut ColumnProfile) {
        into.distinct = Some(self.tally.distinct());
        into.least = self.bounds.map(|(least, _)| self.kind.text(least));
        into.greatest = self.bounds.map(|(_, greatest)| self.kind.text(greatest));
        let top = self.tally.top(super::column::MOST_TOP).into_iter();
        into.top = top.map(|(value, count)| ValueCount { value: self.kind.text(*value), count }).collect();
    }
}

impl Kind {
    /// The value as an answer in CSV has it.
    fn text(self, value: i64) -> String {
        let (kind, array): (DataType, ArrayRef) = match self {
            Self::Int => (DataType::Int64, Arc::new(Int64Array::from(vec![value]))),
            Self::Double => (DataType::Float64, Arc::new(Float64Array::from(vec![double(value)]))),
            Self::Boolean => (DataType::Boolean, Arc::new(BooleanArray::from(vec![value != 0]))),
            Self::Day => {
                let days = i32::try_from(value).unwrap_or_default();
                (DataType::Date32, Arc::new(Date32Array::from(vec![days])))
            }
            Self::Moment => (
                DataType::Timestamp(TimeUnit::Second, None),
                Arc::new(TimestampSecondArray::from(vec![value])),
            ),
        };
        cell_text(&Field::new("", kind, true), &array, 0)
    }
}

/// The value of a row as a whole number, whether it is null or not; none where it is no number, such as infinity.
type Number<'a> = Box<dyn Fn(usize) -> Option<i64> + 'a>;

fn numbers(array: &ArrayRef) -> Option<Number<'_>> {
    let number: Number<'_> = match array.data_type() {
        DataType::Int64 => {
            let values = array.as_primitive::<Int64Type>().values();
            Box::new(move |row: usize| values.get(row).copied())
        }
        DataType::Float64 => {
            let values = array.as_primitive::<Float64Type>().values();
            Box::new(move |row: usize| {
                values.get(row).filter(|value| value.is_finite()).map(|value| ordered(*value))
            })
        }
        DataType::Boolean => {
            let values = array.as_boolean();
            Box::new(move |row: usize| Some(i64::from(values.value(row))))
        }
        DataType::Date32 => {
            let values = array.as_primitive::<Date32Type>().values();
            Box::new(move |row: usize| values.get(row).map(|days| i64::from(*days)))
        }
        DataType::Timestamp(TimeUnit::Second, None) => {
            let values = array.as_primitive::<TimestampSecondType>().values();
            Box::new(move |row: usize| values.get(row).copied())
        }
        DataType::Timestamp(TimeUnit::Millisecond, None) => {
            let values = array.as_primitive::<TimestampMillisecondType>().values();
            Box::new(move |row: usize| values.get(row).map(|value| value.div_euclid(1_000)))
        }
        _ => return None,
    };
    Some(number)
}

/// A whole number that has the same place among others as the number: its bits, those of negative ones turned.
/// Zero has one sign.
pub(super) fn ordered(value: f64) -> i64 {
    turned((value + 0.0).to_bits().cast_signed())
}

/// The number that [`ordered`] gave.
pub(super) fn double(value: i64) -> f64 {
    f64::from_bits(turned(value).cast_unsigned())
}

fn turned(bits: i64) -> i64 {
    bits ^ ((bits >> 63).cast_unsigned() >> 1).cast_signed()
}

//! The types that documents do not have and queries can make.

use std::sync::Arc;

use arrow::array::builder::{Int32Builder, MapBuilder, StringBuilder};
use arrow::array::{
    Array, ArrayRef, BinaryArray, Date64Array, Decimal32Array, Decimal256Array, DurationSecondArray,
    FixedSizeListArray, Float16Array, Int32Array, IntervalMonthDayNanoArray, IntervalYearMonthArray,
    NullArray, RunArray, StructArray, Time32SecondArray, Time64NanosecondArray, UInt8Array, UInt64Array,
    UnionArray, new_null_array,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Int32Type, IntervalMonthDayNano, TimeUnit, UnionFields};
use derek::encode::Format;

use super::columnar::parquet_rows;
use super::{batch, encoded, parsed};

fn union() -> ArrayRef {
    let fields = UnionFields::try_new([0], [Field::new("n", DataType::Int32, true)]).expect("it is one");
    let values: Vec<ArrayRef> = vec![Arc::new(Int32Array::from(vec![1, 2]))];
    Arc::new(UnionArray::try_new(fields, vec![0, 0].into(), None, values).expect("it is one"))
}

fn map() -> ArrayRef {
    let mut map = MapBuilder::new(None, StringBuilder::new(), Int32Builder::new());
    map.keys().append_value("қ");
    map.values().append_value(1);
    map.append(true).expect("keys and values are alike");
    map.append(false).expect("keys and values are alike");
    Arc::new(map.finish())
}

/// A column of each type, of two rows, and its type in Parquet where it is another one.
fn columns() -> Vec<(&'static str, ArrayRef, Option<DataType>)> {
    let interval = IntervalMonthDayNano::new(1, -2, 3);
    let item = Arc::new(Field::new("item", DataType::Int32, true));
    let runs: RunArray<Int32Type> = ["иә", "иә"].into_iter().collect();
    let nested = |inner: ArrayRef| {
        let field = Field::new("inner", inner.data_type().clone(), true);
        Arc::new(StructArray::new(vec![field].into(), vec![inner], None)) as ArrayRef
    };
    let millis = |zone| DataType::Timestamp(TimeUnit::Millisecond, zone);
    let decimal = Decimal256Array::from_iter_values([arrow::datatypes::i256::from_i128(i128::MAX), 1.into()]);
    let list_view = DataType::ListView(Arc::clone(&item));
    let fixed = FixedSizeListArray::new(Arc::clone(&item), 1, Arc::new(Int32Array::from(vec![1, 2])), None);
    let list = cast(&fixed, &DataType::List(Arc::clone(&item))).expect("they are lists");
    vec![
        ("null", Arc::new(NullArray::new(2)), None),
        ("u8", Arc::new(UInt8Array::from(vec![255, 0])), None),
        ("u64", Arc::new(UInt64Array::from(vec![u64::MAX, 0])), None),
        ("half", Arc::new(Float16Array::new_null(2)), Some(DataType::Float32)),
        ("single", new_null_array(&DataType::Float32, 2), None),
        ("bytes", Arc::new(BinaryArray::from(vec![&b"\xff"[..], b""])), None),
        ("bytes view", new_null_array(&DataType::BinaryView, 2), None),
        ("four bytes", new_null_array(&DataType::FixedSizeBinary(4), 2), None),
        ("decimal 32", Arc::new(Decimal32Array::from(vec![1, 2])), None),
        ("decimal 256", Arc::new(decimal), None),
        ("day", Arc::new(Date64Array::from(vec![86_400_000, 1])), Some(millis(None))),
        (
            "seconds",
            Arc::new(Time32SecondArray::from(vec![1, 2])),
            Some(DataType::Time32(TimeUnit::Millisecond)),
        ),
        ("nanoseconds", Arc::new(Time64NanosecondArray::from(vec![1, 2])), None),
        ("duration", Arc::new(DurationSecondArray::from(vec![1, -2])), None),
        ("interval", Arc::new(IntervalMonthDayNanoArray::from(vec![interval; 2])), Some(DataType::Utf8)),
        ("months", Arc::new(IntervalYearMonthArray::from(vec![1, -2])), Some(DataType::Utf8)),
        ("map", map(), None),
        ("runs", Arc::new(runs), Some(DataType::Utf8)),
        ("fixed list", Arc::new(fixed), None),
        ("view of lists", cast(&list, &list_view).expect("they are lists"), Some(DataType::List(item))),
        ("null in an object", nested(Arc::new(NullArray::new(2))), None),
    ]
}

#[test]
fn every_form_writes_every_type() {
    for (name, array, _) in columns() {
        let rows = batch([(Field::new(name, array.data_type().clone(), true), array)]);
        for format in Format::ALL {
            let bytes = encoded(format, std::slice::from_ref(&rows));
            if format == Format::Json {
                assert_eq!(parsed(&bytes)["rows"].as_array().map(Vec::len), Some(2), "{name}");
            }
        }
    }
}

#[test]
fn parquet_stores_each_type_as_one_it_has() {
    for (name, array, stored) in columns() {
        let stored = stored.unwrap_or_else(|| array.data_type().clone());
        let rows = batch([(Field::new(name, array.data_type().clone(), true), Arc::clone(&array))]);
        let read = parquet_rows(encoded(Format::Parquet, &[rows]));
        let expected = cast(&array, &stored).expect("it has a form");
        assert_eq!((read.column(0).data_type(), read.column(0)), (&stored, &expected), "{name}");
    }
}

#[test]
fn what_parquet_has_no_place_for_is_an_error_that_names_the_column() {
    let empty: ArrayRef = Arc::new(StructArray::new_empty_fields(2, None));
    let list = |of: &ArrayRef| {
        let item = Field::new("item", of.data_type().clone(), true);
        new_null_array(&DataType::List(Arc::new(item)), 2)
    };
    for array in [union(), Arc::clone(&empty), list(&union()), list(&empty)] {
        let rows = batch([(Field::new("бос", array.data_type().clone(), true), array)]);
        let error = Format::Parquet.encoder(None).start(rows.schema_ref(), &mut Vec::new());
        let error = error.expect_err("Parquet cannot hold it").to_string();
        assert!(error.contains("'бос'"), "{error}");
        for format in [Format::Json, Format::Csv, Format::Arrow] {
            encoded(format, std::slice::from_ref(&rows));
        }
    }
}

#[test]
fn a_moment_whose_milliseconds_overflow_is_an_error_and_no_null() {
    let moments = arrow::array::TimestampSecondArray::from(vec![i64::MAX]);
    let rows = batch([(Field::new("t", moments.data_type().clone(), true), Arc::new(moments) as ArrayRef)]);
    let mut encoder = Format::Parquet.encoder(None);
    encoder.start(rows.schema_ref(), &mut Vec::new()).expect("it starts");
    encoder.batch(&rows, &mut Vec::new()).expect_err("it does not fit");
}

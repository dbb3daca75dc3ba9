//! Arrow IPC and Parquet: read back by their own crates' readers.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMillisecondArray,
};
use arrow::compute::{cast, concat_batches};
use arrow::datatypes::{DataType, Schema, TimeUnit};
use arrow::ipc::reader::StreamReader;
use bytes::Bytes;
use derek::encode::{Encoder, Format, Outcome, ParquetEncoder, attribute};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Value, json};

use super::{awkward, batch, column, encoded, parsed, points};

/// The rows of a Parquet file, in one batch.
pub(super) fn parquet_rows(bytes: Vec<u8>) -> RecordBatch {
    let reader = ParquetRecordBatchReaderBuilder::try_new(Bytes::from(bytes)).expect("it is Parquet");
    let schema = Arc::clone(reader.schema());
    let batches = reader.build().expect("it can be read").map(|batch| batch.expect("it can be read"));
    concat_batches(&schema, &batches.collect::<Vec<_>>()).expect("they are of one file")
}

/// The value of a key of a Parquet file's metadata.
fn metadata(bytes: &[u8], key: &str) -> Option<String> {
    let reader =
        ParquetRecordBatchReaderBuilder::try_new(Bytes::copy_from_slice(bytes)).expect("it is Parquet");
    let pairs = reader.metadata().file_metadata().key_value_metadata()?;
    pairs.iter().find(|pair| pair.key == key)?.value.clone()
}

#[test]
fn arrow_has_the_columns_as_they_are() {
    let bytes = encoded(Format::Arrow, &[awkward(), awkward().slice(1, 2)]);
    let reader = StreamReader::try_new(bytes.as_slice(), None).expect("it is a stream");
    assert_eq!(reader.schema(), awkward().schema(), "types, extensions and attributes");
    let batches: Vec<_> = reader.map(|batch| batch.expect("it can be read")).collect();
    let is_same = |a: &RecordBatch, b: &RecordBatch| {
        // A NaN is not equal to itself.
        let texts = [a, b].map(|it| format!("{:?}", it.columns()));
        texts[0] == texts[1]
    };
    assert_eq!(batches.len(), 2);
    assert!(is_same(&batches[0], &awkward()));
    assert_eq!(batches[1].num_rows(), 2);
    assert_eq!(&batches[1]["name"], &awkward().slice(1, 2)["name"]);
    assert!(bytes.ends_with(&[255, 255, 255, 255, 0, 0, 0, 0]), "the end is marked");
}

#[test]
fn dictionaries_that_change_from_batch_to_batch_are_followed() {
    let words = |words: &[&str]| {
        let words: arrow::array::DictionaryArray<arrow::datatypes::Int32Type> =
            words.iter().map(|word| Some(*word)).collect();
        batch([column("word", words)])
    };
    let batches = [words(&["бір", "екі"]), words(&["үш", "бір", "төрт"])];
    let bytes = encoded(Format::Arrow, &batches);
    let read = StreamReader::try_new(bytes.as_slice(), None).expect("it is a stream");
    let read: Vec<_> = read.map(|batch| batch.expect("it can be read")).collect();
    let texts = |batch: &RecordBatch| cast(batch.column(0), &DataType::Utf8).expect("they are texts");
    assert_eq!(read.iter().map(texts).collect::<Vec<_>>(), batches.iter().map(texts).collect::<Vec<_>>());
    let read = parquet_rows(encoded(Format::Parquet, &batches));
    assert_eq!(
        read.column(0).as_string::<i32>(),
        &StringArray::from(vec!["бір", "екі", "үш", "бір", "төрт"])
    );
}

#[test]
fn a_batch_of_other_columns_is_an_error() {
    let rows = batch([column("n", Int64Array::from(vec![1]))]);
    let others = [batch([column("n", Float64Array::from(vec![1.0]))]), batch([points("n", &[None])])];
    for format in [Format::Arrow, Format::Parquet] {
        let mut encoder = format.encoder(None);
        encoder.batch(&rows, &mut Vec::new()).expect_err("it has not started");
        encoder.start(rows.schema_ref(), &mut Vec::new()).expect("it starts");
        encoder.batch(&others[1], &mut Vec::new()).expect_err("points are no numbers");
    }
    let mut encoder = Format::Arrow.encoder(None);
    encoder.start(rows.schema_ref(), &mut Vec::new()).expect("it starts");
    encoder.batch(&others[0], &mut Vec::new()).expect_err("the stream says Int64");
}

#[test]
fn parquet_has_the_columns_in_types_that_every_reader_knows() {
    let (source, read) = (awkward(), parquet_rows(encoded(Format::Parquet, &[awkward()])));
    assert_eq!(read.num_rows(), 4);
    for name in ["id", "name", "large", "view", "price", "day", "offset", "zone", "phones", "object"] {
        assert_eq!(&read[name], &source[name], "{name}");
        let fields = [&read, &source].map(|it| it.schema_ref().field_with_name(name).expect("it is there"));
        assert_eq!(fields[0], fields[1], "{name}");
    }
    let moments = vec![Some(1_735_639_200_000), Some(-1000), None, Some(0)];
    assert_eq!(&read["moment"], &(Arc::new(TimestampMillisecondArray::from(moments)) as ArrayRef));
    let numbers = read["number"].as_primitive::<arrow::datatypes::Float64Type>();
    assert!(numbers.value(0).is_nan() && numbers.value(1).is_infinite());
    let answers = StringArray::from(vec![Some("ия"), None, Some("жоқ"), Some("ия")]);
    assert_eq!(read["answer"].as_string::<i32>(), &answers);
    let label = attribute::attribute(read.schema_ref().field(0), attribute::LABEL_KK).map(str::to_owned);
    assert_eq!(label.as_deref(), Some("Нөмірі"));
}

#[test]
fn points_are_geoparquet() {
    let bytes = encoded(Format::Parquet, &[awkward(), awkward()]);
    let read = parquet_rows(bytes.clone());
    let wkb = read["at"].as_binary::<i32>();
    let mut expected = vec![1, 1, 0, 0, 0];
    expected.extend([71.428171_f64.to_le_bytes(), 51.117469_f64.to_le_bytes()].concat());
    assert_eq!((wkb.value(3), wkb.is_null(1), wkb.len()), (expected.as_slice(), true, 8));
    let second = &read["second"];
    assert_eq!((0..4).map(|row| second.is_null(row)).collect::<Vec<_>>(), [true, false, true, false]);
    let column = |bounds: [f64; 4]| json!({"encoding": "WKB", "geometry_types": ["Point"], "bbox": bounds});
    let geo = parsed(metadata(&bytes, "geo").expect("there are points").as_bytes());
    let expected = json!({"version": "1.1.0", "primary_column": "at", "columns": {
        "at": column([-180.0, -90.0, 180.0, 90.0]), "second": column([0.0, -2.5, 1.5, 0.0])}});
    assert_eq!(geo, expected);
    let extension = read.schema_ref().field_with_name("at").expect("it is there").metadata().clone();
    assert_eq!(extension["ARROW:extension:name"], "geoarrow.wkb");
}

#[test]
fn without_points_there_is_no_box_and_without_their_column_no_geo() {
    let none = encoded(Format::Parquet, &[batch([points("at", &[None, None])])]);
    let geo: Value = parsed(metadata(&none, "geo").expect("there is a column of points").as_bytes());
    assert_eq!(geo["columns"], json!({"at": {"encoding": "WKB", "geometry_types": ["Point"]}}));
    let numbers = encoded(Format::Parquet, &[batch([column("n", Int64Array::from(vec![1]))])]);
    assert_eq!(metadata(&numbers, "geo"), None);
}

#[test]
fn no_columns_no_rows_and_no_batches_are_valid_files() {
    let empty = RecordBatch::new_empty(Arc::new(Schema::empty()));
    let no_rows = RecordBatch::new_empty(awkward().schema());
    for (name, schema, batches) in [
        ("no columns", empty.schema(), vec![empty.clone()]),
        ("no columns, no batches", empty.schema(), vec![]),
        ("no rows", no_rows.schema(), vec![no_rows.clone()]),
        ("no batches", no_rows.schema(), vec![]),
    ] {
        for format in Format::ALL {
            let (mut encoder, mut out) = (format.encoder(None), Vec::new());
            encoder.start(&schema, &mut out).expect("it starts");
            for batch in &batches {
                encoder.batch(batch, &mut out).expect("nothing can be written");
            }
            assert!(encoder.finish(&Outcome::default(), &mut out).expect("it ends"), "{name}");
            match format {
                Format::Json => assert_eq!(parsed(&out)["row_count"], json!(0)),
                Format::GeoJson => assert_eq!(parsed(&out)["features"], json!([])),
                Format::Ndjson => assert!(out.is_empty()),
                Format::Csv => assert_eq!(csv::Reader::from_reader(out.as_slice()).records().count(), 0),
                Format::Arrow => {
                    let reader = StreamReader::try_new(out.as_slice(), None).expect("it is a stream");
                    assert_eq!((reader.schema(), reader.count()), (Arc::clone(&schema), batches.len()));
                }
                Format::Parquet => {
                    let read = parquet_rows(out);
                    assert_eq!((read.num_columns(), read.num_rows()), (schema.fields().len(), 0));
                }
                Format::Table => {}
            }
        }
    }
}

#[test]
fn two_million_rows_never_lie_in_memory() {
    const BATCHES: i32 = 100;
    const BATCH_ROWS: i32 = 20_000;
    let generated = |at: i32| {
        let ids = at * BATCH_ROWS..(at + 1) * BATCH_ROWS;
        let noise = |id: i32| i64::from(id).wrapping_mul(0x1E37_79B9_7F4A_7C15) >> 20;
        let texts = ids.clone().map(|id| format!("Дәріхана № {:x}", noise(id)));
        let places = ids.clone().map(|id| Some((f64::from(id % 360) - 180.0, f64::from(id % 91))));
        batch([
            column("id", ids.map(i64::from).collect::<Int64Array>()),
            column("name", texts.map(Some).collect::<StringArray>()),
            points("at", &places.collect::<Vec<_>>()),
        ])
    };
    let (mut encoder, mut out, mut file) = (ParquetEncoder::default(), Vec::new(), Vec::new());
    let (mut largest_piece, mut most_memory, mut pieces) = (0, 0, 0);
    encoder.start(generated(0).schema_ref(), &mut out).expect("it starts");
    for at in 0..BATCHES {
        encoder.batch(&generated(at), &mut out).expect("it is written");
        largest_piece = largest_piece.max(out.len());
        most_memory = most_memory.max(encoder.memory_bytes());
        pieces += usize::from(!out.is_empty());
        file.append(&mut out);
    }
    assert!(encoder.finish(&Outcome::default(), &mut out).expect("it ends"));
    largest_piece = largest_piece.max(out.len());
    file.append(&mut out);
    assert!(largest_piece < 32 << 20, "a piece of {largest_piece} bytes");
    assert!(most_memory < 40 << 20, "{most_memory} bytes in memory");
    assert!(pieces >= 15, "{pieces} pieces");
    let reader = ParquetRecordBatchReaderBuilder::try_new(Bytes::from(file)).expect("it is Parquet");
    assert_eq!(reader.metadata().file_metadata().num_rows(), i64::from(BATCHES * BATCH_ROWS));
    let rows = reader.with_row_groups(vec![15]).with_limit(1).build().expect("it can be read").next();
    let rows = rows.expect("there is a row").expect("it can be read");
    let id = rows["id"].as_primitive::<arrow::datatypes::Int64Type>().value(0);
    assert_eq!(id, 15 * 131_072);
}

#[test]
fn wide_rows_end_a_row_group_by_its_bytes() {
    let mut random = fastrand::Rng::with_seed(1);
    let (mut encoder, mut out, mut file) = (ParquetEncoder::default(), Vec::new(), Vec::new());
    for at in 0..30 {
        let rows: Vec<Vec<u8>> = (0..1_000).map(|_| (0..2_048).map(|_| random.u8(..)).collect()).collect();
        let rows = batch([column("noise", BinaryArray::from_iter_values(rows))]);
        if at == 0 {
            encoder.start(rows.schema_ref(), &mut out).expect("it starts");
        }
        encoder.batch(&rows, &mut out).expect("it is written");
        assert!(out.len() < 24 << 20 && encoder.memory_bytes() < 40 << 20);
        file.append(&mut out);
    }
    assert!(encoder.finish(&Outcome::default(), &mut out).expect("it ends"));
    file.append(&mut out);
    let reader = ParquetRecordBatchReaderBuilder::try_new(Bytes::from(file)).expect("it is Parquet");
    assert_eq!(
        (reader.metadata().num_row_groups(), reader.metadata().file_metadata().num_rows()),
        (4, 30_000)
    );
}

#[test]
fn seconds_have_a_unit_that_readers_without_arrow_know() {
    let rows = batch([column("t", arrow::array::TimestampSecondArray::from(vec![1]))]);
    let read = parquet_rows(encoded(Format::Parquet, &[rows]));
    assert_eq!(*read.column(0).data_type(), DataType::Timestamp(TimeUnit::Millisecond, None));
}

//! Batches → bytes: every form, read back by a reader that is not ours.

mod columnar;
mod kinds;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use arrow::array::{
    ArrayRef, Date32Array, Decimal128Array, DictionaryArray, Float64Array, Int64Array, LargeStringArray,
    ListArray, RecordBatch, StringArray, StringViewArray, StructArray, TimestampMillisecondArray,
    TimestampSecondArray,
};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{DataType, Field, Int32Type, Schema};
use derek::encode::{Encoder, Format, Language, Outcome, attribute};
use derek::error::{Code, Error};
use derek::geo::{point_array, point_metadata, point_type};
use serde_json::{Value, json};

/// What a form makes of some batches.
fn encoded(format: Format, batches: &[RecordBatch]) -> Vec<u8> {
    written(format.encoder(None), batches, &Outcome::default())
}

fn written(mut encoder: Box<dyn Encoder>, batches: &[RecordBatch], outcome: &Outcome) -> Vec<u8> {
    let mut out = Vec::new();
    encoder.start(batches[0].schema_ref(), &mut out).expect("every column can be written");
    for batch in batches {
        encoder.batch(batch, &mut out).expect("every cell can be written");
    }
    assert!(encoder.finish(outcome, &mut out).expect("the end can be written"));
    out
}

fn column(name: &str, array: impl arrow::array::Array + 'static) -> (Field, ArrayRef) {
    (Field::new(name, array.data_type().clone(), true), Arc::new(array))
}

fn points(name: &str, points: &[Option<(f64, f64)>]) -> (Field, ArrayRef) {
    let valid = NullBuffer::from(points.iter().map(Option::is_some).collect::<Vec<_>>());
    let (lon, lat) = points.iter().map(|it| it.unwrap_or_default()).unzip();
    let field = Field::new(name, point_type(), true).with_metadata(point_metadata());
    (field, Arc::new(point_array(lon, lat, Some(valid))))
}

fn batch(columns: impl IntoIterator<Item = (Field, ArrayRef)>) -> RecordBatch {
    let (fields, columns): (Vec<_>, Vec<_>) = columns.into_iter().unzip();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).expect("the columns fit")
}

/// A field with attributes of the format.
fn attributed((field, array): (Field, ArrayRef), attributes: &[(&str, &str)]) -> (Field, ArrayRef) {
    let mut metadata: HashMap<_, _> = field.metadata().clone();
    metadata.extend(attributes.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
    (field.with_metadata(metadata), array)
}

/// Four rows that have what tends to go wrong: other alphabets, quotes, nulls, no numbers, the ends of
/// the Earth, lists and objects.
fn awkward() -> RecordBatch {
    let labels = [
        (attribute::KEY, "true"),
        (attribute::LABEL_KK, "Нөмірі"),
        (attribute::LABEL_RU, "Номер, \"№\""),
        (attribute::LABEL_EN, " "),
    ];
    let texts = [Some("Әлия \"Ң\", ұзын\r\nжол"), None, Some(""), Some("{\\\u{1}😀}")];
    let phones = vec![Some(vec![Some(7), None]), None, Some(vec![]), Some(vec![Some(-1)])];
    let (place, places) = points("place", &[Some((180.0, 90.0)), None, Some((-180.0, -90.0)), None]);
    let word = Field::new("word", DataType::Utf8, true);
    let object = StructArray::new(
        vec![word, place].into(),
        vec![Arc::new(StringArray::from(texts.to_vec())), places],
        Some(NullBuffer::from(vec![true, true, true, false])),
    );
    let words: DictionaryArray<Int32Type> = [Some("ия"), None, Some("жоқ"), Some("ия")].into_iter().collect();
    let price = Decimal128Array::from(vec![Some(-1), None, Some(12_345), Some(0)]);
    let moments = [Some(1_735_639_200), Some(-1), None, Some(0)];
    let millis = moments.map(|it| it.map(|it| it * 1000)).to_vec();
    batch([
        attributed(column("id", Int64Array::from(vec![i64::MAX, i64::MIN, 0, 3])), &labels),
        column("name", StringArray::from(texts.to_vec())),
        points("at", &[Some((180.0, -90.0)), None, Some((-180.0, 90.0)), Some((71.428171, 51.117469))]),
        column("large", LargeStringArray::from(texts.to_vec())),
        column("view", StringViewArray::from(texts.to_vec())),
        column("number", Float64Array::from(vec![f64::NAN, f64::INFINITY, -0.0, 1e300])),
        column("price", price.with_precision_and_scale(10, 2).expect("it fits")),
        column("day", Date32Array::from(vec![Some(20_088), None, Some(-1), Some(0)])),
        column("moment", TimestampSecondArray::from(moments.to_vec())),
        column("offset", TimestampMillisecondArray::from(millis.clone()).with_timezone("+05:00")),
        column("zone", TimestampMillisecondArray::from(millis).with_timezone("Asia/Almaty")),
        column("phones", ListArray::from_iter_primitive::<Int32Type, _, _>(phones)),
        column("object", object),
        column("answer", words),
        points("second", &[Some((f64::NAN, 1.0)), Some((0.0, 0.0)), None, Some((1.5, -2.5))]),
    ])
}

/// The first and the third of the awkward rows as JSON.
fn awkward_rows() -> [Value; 2] {
    [
        json!({
            "id": i64::MAX, "name": "Әлия \"Ң\", ұзын\r\nжол", "at": {"lon": 180.0, "lat": -90.0},
            "large": "Әлия \"Ң\", ұзын\r\nжол", "view": "Әлия \"Ң\", ұзын\r\nжол", "number": null, "price": -0.01,
            "day": "2024-12-31", "moment": "2024-12-31T10:00:00", "offset": "2024-12-31T15:00:00+05:00",
            "zone": "2024-12-31T15:00:00+05:00", "phones": [7, null],
            "object": {"word": "Әлия \"Ң\", ұзын\r\nжол", "place": {"lon": 180.0, "lat": 90.0}},
            "answer": "ия", "second": null
        }),
        json!({
            "id": 0, "name": "", "at": {"lon": -180.0, "lat": 90.0}, "large": "", "view": "", "number": -0.0,
            "price": 123.45, "day": "1969-12-31", "moment": null, "offset": null, "zone": null, "phones": [],
            "object": {"word": "", "place": {"lon": -180.0, "lat": -90.0}}, "answer": "жоқ", "second": null
        }),
    ]
}

fn parsed(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(bytes)))
}

#[test]
fn names_media_types_and_endings_are_one_table() {
    let expected = [
        ("json", "application/json", "json"),
        ("ndjson", "application/x-ndjson", "ndjson"),
        ("csv", "text/csv; charset=utf-8", "csv"),
        ("arrow", "application/vnd.apache.arrow.stream", "arrows"),
        ("parquet", "application/vnd.apache.parquet", "parquet"),
        ("geojson", "application/geo+json", "geojson"),
        ("table", "text/plain; charset=utf-8", "txt"),
    ];
    let found = Format::ALL.map(|format| (format.name(), format.content_type(), format.ending()));
    assert_eq!(found, expected);
    for format in Format::ALL {
        assert_eq!(Format::named(&format.name().to_uppercase()), Some(format));
    }
    assert_eq!(Format::named("xlsx"), None);
}

#[test]
fn json_and_ndjson_have_the_same_cells() {
    let json = parsed(&encoded(Format::Json, &[awkward(), awkward()]));
    let rows = json["rows"].as_array().expect("rows are a list");
    assert_eq!((rows.len(), &json["row_count"], &json["next"]), (8, &json!(8), &Value::Null));
    assert_eq!([rows[0].clone(), rows[6].clone()], awkward_rows());
    let text = String::from_utf8(encoded(Format::Ndjson, &[awkward(), awkward()])).expect("it is UTF-8");
    assert!(text.ends_with("}\n"));
    let lines: Vec<Value> = text.lines().map(|line| parsed(line.as_bytes())).collect();
    assert_eq!(lines, *rows);
}

#[test]
fn json_has_the_outcome_after_its_rows() {
    let outcome = Outcome {
        is_truncated: true,
        elapsed: Duration::from_micros(1_500),
        next: Some("a\"b".to_owned()),
        members: vec![("totals", json!([{"Қ": 1}])), ("count", json!(9))],
    };
    let rows = batch([column("n", Int64Array::from(vec![1]))]);
    let text =
        String::from_utf8(written(Format::Json.encoder(None), &[rows], &outcome)).expect("it is UTF-8");
    let (_, end) = text.split_once("{\"n\":1}").expect("the row is there");
    let expected = "],\n\"totals\":[{\"Қ\":1}],\n\"count\":9,\n\
                    \"row_count\":1,\"truncated\":true,\"next\":\"a\\\"b\",\"elapsed_ms\":1.5}\n";
    assert_eq!(end, expected);
}

#[test]
fn csv_is_read_back_cell_by_cell() {
    let bytes = encoded(Format::Csv, &[awkward()]);
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    let header: Vec<_> = reader.headers().expect("there is one").iter().map(str::to_owned).collect();
    let schema = awkward().schema();
    assert_eq!(header, schema.fields().iter().map(|field| field.name().clone()).collect::<Vec<_>>());
    let rows: Vec<_> = reader.records().map(|row| row.expect("it is CSV")).collect();
    assert_eq!(rows.len(), 4);
    let text = "Әлия \"Ң\", ұзын\r\nжол";
    let object = r#"{"word":"Әлия \"Ң\", ұзын\r\nжол","place":{"lon":180.0,"lat":90.0}}"#;
    let expected = [
        "9223372036854775807",
        text,
        "-90.0,180.0",
        text,
        text,
        "",
        "-0.01",
        "2024-12-31",
        "2024-12-31T10:00:00",
        "2024-12-31T15:00:00+05:00",
        "2024-12-31T15:00:00+05:00",
        "[7,null]",
        object,
        "ия",
        "",
    ];
    assert_eq!(rows[0].iter().collect::<Vec<_>>(), expected);
    assert_eq!((&rows[1][1], &rows[1][2], &rows[3][1]), ("", "", "{\\\u{1}😀}"));
}

#[test]
fn labels_stand_for_names_in_csv_and_beside_them_in_json() {
    for (language, id) in [
        (Language::Kazakh, "Нөмірі"),
        (Language::Russian, "Номер, \"№\""),
        // The English one is blank.
        (Language::English, "id"),
    ] {
        let csv = written(Format::Csv.encoder(Some(language)), &[awkward()], &Outcome::default());
        let mut reader = csv::Reader::from_reader(csv.as_slice());
        let header = reader.headers().expect("there is one");
        assert_eq!((&header[0], &header[1]), (id, "name"));
        let json = parsed(&written(Format::Json.encoder(Some(language)), &[awkward()], &Outcome::default()));
        let columns = [json["columns"][0].clone(), json["columns"][1].clone()];
        let first = json!({"name": "id", "type": "Int", "labelKk": "Нөмірі", "labelRu": "Номер, \"№\"",
            "labelEn": " ", "label": id});
        assert_eq!(columns, [first, json!({"name": "name", "type": "String", "label": "name"})]);
        assert_eq!(json["rows"][0]["id"], json!(i64::MAX));
        for format in [Format::Ndjson, Format::Arrow, Format::Parquet, Format::GeoJson] {
            let with = written(format.encoder(Some(language)), &[awkward()], &Outcome::default());
            assert_eq!(with, encoded(format, &[awkward()]), "{}", format.name());
        }
    }
    let json = parsed(&encoded(Format::Json, &[awkward()]));
    assert_eq!(json["columns"][0].get("label"), None);
}

#[test]
fn geojson_is_a_collection_of_features() {
    let collection = parsed(&encoded(Format::GeoJson, &[awkward(), awkward()]));
    assert_eq!((&collection["type"], &collection["row_count"]), (&json!("FeatureCollection"), &json!(8)));
    assert_eq!((&collection["truncated"], collection.get("next")), (&json!(false), None));
    let features = collection["features"].as_array().expect("features are a list");
    let point = |lon: f64, lat: f64| json!({"type": "Point", "coordinates": [lon, lat]});
    let [mut first, _] = awkward_rows();
    let properties = first.as_object_mut().expect("a row is an object");
    properties.shift_remove("at");
    properties["object"]["place"] = point(180.0, 90.0);
    let expected = json!({"type": "Feature", "id": i64::MAX, "geometry": point(180.0, -90.0),
        "properties": properties});
    assert_eq!(features[0], expected);
    assert_eq!((features.len(), &features[1]["geometry"]), (8, &Value::Null));
    assert_eq!(features[7]["geometry"], point(71.428171, 51.117469));
    assert_eq!(features[7]["properties"]["second"], point(1.5, -2.5));
}

#[test]
fn geojson_has_ids_where_one_column_is_the_key() {
    let key = [(attribute::KEY, "true")];
    let at = || points("at", &[Some((1.0, 2.0)), None]);
    let code = || attributed(column("code", StringArray::from(vec![Some("Қ1"), None])), &key);
    let feature = |columns: Vec<(Field, ArrayRef)>, row: usize| {
        parsed(&encoded(Format::GeoJson, &[batch(columns)]))["features"][row].clone()
    };
    // The key stands after the geometry, before it, and is null.
    assert_eq!(feature(vec![at(), code()], 0)["id"], json!("Қ1"));
    assert_eq!(feature(vec![code(), at()], 0)["id"], json!("Қ1"));
    assert_eq!(feature(vec![at(), code()], 1).get("id"), None);
    // Two fields are the key; the key is no string or number; the key is the geometry; no geometry.
    let other = attributed(column("other", Int64Array::from(vec![1, 2])), &key);
    assert_eq!(feature(vec![at(), code(), other], 0).get("id"), None);
    let truth = attributed(column("b", arrow::array::BooleanArray::from(vec![true, false])), &key);
    assert_eq!(feature(vec![at(), truth], 0).get("id"), None);
    assert_eq!(feature(vec![attributed(at(), &key)], 0)["properties"], json!({}));
    assert_eq!(feature(vec![code()], 0)["geometry"], Value::Null);
}

#[test]
fn what_is_cut_or_broken_never_looks_whole() {
    let cut = Outcome { is_truncated: true, next: Some("t".to_owned()), ..Outcome::default() };
    let error = Error::new(Code::QueryTimeout, "too slow");
    for format in Format::ALL {
        let start = |out: &mut Vec<u8>| {
            let mut encoder = format.encoder(None);
            encoder.start(awkward().schema_ref(), out).expect("it starts");
            encoder.batch(&awkward(), out).expect("it is written");
            encoder
        };
        let (mut truncated, mut broken) = (Vec::new(), Vec::new());
        let is_said = start(&mut truncated).finish(&cut, &mut truncated).expect("it ends");
        let is_told = start(&mut broken).fail(&error, &mut broken);
        let says = [Format::Json, Format::GeoJson, Format::Table].contains(&format);
        assert_eq!((is_said, is_told), (says, format == Format::Json), "{}", format.name());
        match format {
            Format::Json => {
                assert_eq!(parsed(&truncated)["truncated"], json!(true));
                assert_eq!(parsed(&broken)["error"]["code"], json!("query.timeout"));
                assert_eq!(parsed(&broken).get("row_count"), None);
            }
            Format::GeoJson => {
                let collection = parsed(&truncated);
                assert_eq!((&collection["truncated"], &collection["next"]), (&json!(true), &json!("t")));
                serde_json::from_slice::<Value>(&broken).expect_err("it has no end");
            }
            Format::Parquet => {
                assert!(!truncated.ends_with(b"PAR1") && !broken.ends_with(b"PAR1"));
            }
            // The marker is a continuation and a length of zero.
            Format::Arrow => assert!(!truncated.ends_with(&[255, 255, 255, 255, 0, 0, 0, 0])),
            _ => {}
        }
    }
}

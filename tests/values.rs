//! Bytes → table: single values of each type, one case a line.

use arrow::datatypes::DataType;
use derek::document::{self, Document, ReadOptions, Rule, Severity};
use derek::encode::{Encoder, JsonEncoder, Outcome};
use serde_json::{Value, json};

const NOT_AN_INT: &[&str] = &["value.not_an_int"];
const NOT_A_DOUBLE: &[&str] = &["value.not_a_double"];
const NOT_A_BOOLEAN: &[&str] = &["value.not_a_boolean"];
const NOT_A_DATE: &[&str] = &["value.not_a_date"];
const SERIAL: &[&str] = &["value.excel_date"];
const NOT_A_POSITION: &[&str] = &["value.not_a_geoposition"];
const NOT_AN_OBJECT: &[&str] = &["field.absent", "value.not_an_object"];
const NOT_A_LIST: &[&str] = &["value.not_a_list"];

/// A document of one column `v`, declared by `field`.
fn column(field: &str, values: &[&str]) -> Document {
    let rows: Vec<String> = values.iter().map(|value| format!(r#"{{"v":{value}}}"#)).collect();
    let text = format!(r#"{{"meta":{{"apiUri":"t"}},"fields":{{"v":{field}}},"data":[{}]}}"#, rows.join(","));
    document::read(text.as_bytes(), &ReadOptions::new("t")).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn values(document: &Document) -> Vec<Value> {
    let mut encoder = JsonEncoder::default();
    let mut out = Vec::new();
    encoder.start(&document.schema, &mut out).expect("every column can be written");
    for batch in &document.batches {
        encoder.batch(batch, &mut out).expect("every column can be written");
    }
    encoder.finish(&Outcome::default(), &mut out).expect("the end can be written");
    let answer: Value = serde_json::from_slice(&out).expect("the encoder writes JSON");
    answer["rows"].as_array().expect("rows are a list").iter().map(|row| row["v"].clone()).collect()
}

/// The rules that values and fields break, but those that are only worth a note.
fn broken(document: &Document) -> Vec<&'static str> {
    let rules = document.findings.iter().map(|finding| finding.rule);
    let rules = rules.filter(|rule| rule.severity() > Severity::Note && !rule.code().starts_with("meta."));
    rules.map(Rule::code).collect()
}

/// Checks each value alone: what it is read as, and the rules that it breaks.
fn check(field: &str, cases: &[(&str, Value, &[&str])]) {
    for (raw, expected, rules) in cases {
        let document = column(field, &[raw]);
        let found = broken(&document);
        assert_eq!(
            (values(&document)[0].clone(), found.as_slice()),
            (expected.clone(), *rules),
            "{field} {raw}"
        );
    }
}

#[test]
fn ints() {
    check(
        r#"{"type":"Int"}"#,
        &[
            ("5", json!(5), &[]),
            (r#""-12""#, json!(-12), &[]),
            (r#""1 234 567""#, json!(1_234_567), &[]),
            ("\"1\u{a0}234\"", json!(1234), &[]),
            ("12.0", json!(12), &[]),
            (r#""12.00""#, json!(12), &[]),
            ("12.5", Value::Null, NOT_AN_INT),
            ("1e3", Value::Null, NOT_AN_INT),
            ("9223372036854775807", json!(i64::MAX), &[]),
            ("9223372036854775808", Value::Null, NOT_AN_INT),
            (r#""01 01 01""#, Value::Null, NOT_AN_INT),
            (r#""1 2""#, Value::Null, NOT_AN_INT),
            (r#""1 2345""#, Value::Null, NOT_AN_INT),
            (r#""1  2""#, Value::Null, NOT_AN_INT),
            (r#""-""#, Value::Null, &[]),
            (r#""""#, Value::Null, &[]),
            (r#""null""#, Value::Null, &[]),
            ("null", Value::Null, &[]),
            ("[1]", Value::Null, NOT_AN_INT),
            (r#""12a""#, Value::Null, NOT_AN_INT),
        ],
    );
}

#[test]
fn doubles_and_booleans() {
    check(
        r#"{"type":"Double"}"#,
        &[
            (r#""164,8""#, json!(164.8), &[]),
            ("310.60000000000002", json!(310.6), &[]),
            (r#""1 234,5""#, json!(1234.5), &[]),
            ("-0.000001", json!(-0.000_001), &[]),
            ("1e-7", json!(1e-7), &[]),
            ("123456789012345678", json!(123_456_789_012_345_680.0), &[]),
            ("1e400", Value::Null, NOT_A_DOUBLE),
            (r#""inf""#, Value::Null, NOT_A_DOUBLE),
            (r#""1,2,3""#, Value::Null, NOT_A_DOUBLE),
            ("true", Value::Null, NOT_A_DOUBLE),
        ],
    );
    check(
        r#"{"type":"boolean"}"#,
        &[
            ("true", json!(true), &[]),
            (r#""False""#, json!(false), &[]),
            ("1", json!(true), &[]),
            (r#""0""#, json!(false), &[]),
            (r#""иә""#, Value::Null, NOT_A_BOOLEAN),
            ("2", Value::Null, NOT_A_BOOLEAN),
        ],
    );
}

#[test]
fn strings_are_kept_byte_for_byte() {
    check(
        r#"{"type":"String"}"#,
        &[
            (r#""  Ә \n \" \\ \/ \u04d9 \ud83d\ude00 ""#, json!("  Ә \n \" \\ / ә 😀 "), &[]),
            (r#""-""#, json!("-"), &[]),
            (r#""""#, json!(""), &[]),
            ("1.10", json!("1.10"), &[]),
            ("true", json!("true"), &[]),
            (r#"{"a":1}"#, json!("{\"a\":1}"), &["value.not_a_string"]),
            (r#""\ud800x""#, json!("\u{fffd}x"), &["text.lone_surrogate"]),
        ],
    );
}

#[test]
fn dates_of_every_form_seen() {
    check(
        r#"{"type":"Date"}"#,
        &[
            (r#""01.01.2020""#, json!("2020-01-01"), &[]),
            (r#""31-12-2024""#, json!("2024-12-31"), &[]),
            (r#""31-12-2024 23:59""#, json!("2024-12-31T23:59:00"), &[]),
            (r#""04.12.2020 17:04:18""#, json!("2020-12-04T17:04:18"), &[]),
            (r#""31.12.2024  10:00:00""#, json!("2024-12-31T10:00:00"), &[]),
            (r#""2016-03-29+06:00""#, json!("2016-03-29"), &[]),
            (r#""2025-03-17T20:19:19.3820""#, json!("2025-03-17T20:19:19"), &[]),
            (r#""2025-03-26T11:20:21.143+00:00""#, json!("2025-03-26T16:20:21"), &[]),
            (r#""2023-03-26T11:20:21Z""#, json!("2023-03-26T17:20:21"), &[]),
            (r#""01032025""#, json!("2025-03-01"), &[]),
            (r#""20250301""#, json!("2025-03-01"), &[]),
            (r#""01.01.2025 г.""#, json!("2025-01-01"), &[]),
            (r#""2025 ж. 01.03.""#, json!("2025-03-01"), &[]),
            ("45477", json!("2024-07-04"), SERIAL),
            (r#""45477""#, json!("2024-07-04"), SERIAL),
            (r#""2024-02-30""#, Value::Null, NOT_A_DATE),
            (r#""сентябрь 2024 год""#, Value::Null, NOT_A_DATE),
            (r#""32.01.2024""#, Value::Null, NOT_A_DATE),
            (r#""01.01.2020 1193047:00""#, Value::Null, NOT_A_DATE),
            (r#""01.01.2020 24:00""#, json!("2020-01-02T00:00:00"), &[]),
            (r#""-""#, Value::Null, &[]),
        ],
    );
    check(r#"{"type":"Date","format":"MM/DD/YYYY"}"#, &[(r#""03/04/2024""#, json!("2024-03-04"), &[])]);
    check(
        r#"{"type":"Date","format":"DD.MM.YYYY"}"#,
        &[(r#""03.04.2024 10:00""#, json!("2024-04-03"), &["value.time_dropped"])],
    );
}

#[test]
fn a_date_column_is_a_timestamp_when_its_format_or_a_value_has_a_time() {
    let types = |field: &str, values: &[&str]| column(field, values).schema.field(0).data_type().clone();
    let timestamp = DataType::Timestamp(arrow::datatypes::TimeUnit::Second, None);
    assert_eq!(types(r#"{"type":"Date"}"#, &[r#""01.01.2020""#, "null"]), DataType::Date32);
    assert_eq!(types(r#"{"type":"Date"}"#, &[r#""01.01.2020""#, r#""01.01.2020 10:00""#]), timestamp);
    assert_eq!(types(r#"{"type":"DateTime","format":"DD-MM-YYYY HH:MM"}"#, &[r#""01-01-2020""#]), timestamp);
}

#[test]
fn geopositions_of_every_form() {
    let astana = json!({"lon": 71.428171, "lat": 51.117469});
    let whole = json!({"lon": 71.0, "lat": 51.0});
    check(
        r#"{"type":"Geoposition"}"#,
        &[
            (r#""51.117469,71.428171""#, astana.clone(), &[]),
            (r#"" 51.117469 , 71.428171 ""#, astana.clone(), &[]),
            (r#""51.117469;71.428171""#, astana.clone(), &[]),
            (r#""51,117469;71,428171""#, astana.clone(), &[]),
            (r#""51.117469 71.428171""#, astana.clone(), &[]),
            (r#""51,117469 71,428171""#, astana.clone(), &[]),
            (r#""51,117469, 71,428171""#, astana.clone(), &[]),
            (r#""71.428171:51.117469""#, astana.clone(), &[]),
            ("[71.428171, 51.117469]", astana.clone(), &[]),
            (r#"{"type":"Point","coordinates":[71.428171,51.117469]}"#, astana.clone(), &[]),
            (r#"{"lat":51.117469,"lon":71.428171}"#, astana.clone(), &[]),
            (r#"{"latitude":"51,117469","longitude":"71,428171"}"#, astana.clone(), &[]),
            (r#"{"x":71.428171,"y":51.117469}"#, astana, &[]),
            (r#""51,71""#, whole.clone(), &[]),
            (r#""71,51""#, whole, &["position.order"]),
            (r#""0,0""#, json!({"lon": 0.0, "lat": 0.0}), &["position.zero"]),
            (r#""40.7,-74.0""#, json!({"lon": -74.0, "lat": 40.7}), &["position.outside_country"]),
            (r#""95,200""#, Value::Null, &["position.outside_globe"]),
            (r#""51.1""#, Value::Null, NOT_A_POSITION),
            (r#""солтүстік""#, Value::Null, NOT_A_POSITION),
            ("5", Value::Null, NOT_A_POSITION),
            ("{}", Value::Null, NOT_A_POSITION),
            (r#""-""#, Value::Null, &[]),
        ],
    );
}

#[test]
fn the_order_is_the_columns_verdict_and_the_publishers_word() {
    let swapped = [r#""71.4,51.1""#, r#""76.9,43.2""#, r#""50.1,51.2""#];
    let document = column(r#"{"type":"Geoposition"}"#, &swapped);
    assert_eq!(
        values(&document)[2],
        json!({"lon": 50.1, "lat": 51.2}),
        "a point that fits both ways follows the column"
    );
    let counts = document.orders["v"];
    assert_eq!((counts.as_read, counts.swapped, counts.undecided), (0, 2, 1));
    let stated = column(r#"{"type":"Geoposition","order":"latlon"}"#, &swapped);
    assert_eq!(
        values(&stated)[2],
        json!({"lon": 51.2, "lat": 50.1}),
        "the publisher's word outweighs the verdict"
    );
    let lonlat = column(r#"{"type":"Geoposition","order":"lonlat"}"#, &swapped);
    assert_eq!(values(&lonlat)[0], json!({"lon": 71.4, "lat": 51.1}));
    assert_eq!(broken(&lonlat), Vec::<&str>::new());
    // A few points that are truly abroad do not turn the others round.
    let mixed = column(r#"{"type":"Geoposition"}"#, &[r#""51.1,71.4""#, r#""71.4,51.1""#, r#""51.2,71.5""#]);
    assert_eq!(values(&mixed)[0], json!({"lon": 71.4, "lat": 51.1}));
}

#[test]
fn objects_lists_and_unknown_types() {
    check(
        r#"{"type":"Object","fields":{"a":{"type":"Int"}}}"#,
        &[
            (r#"{"a":"1"}"#, json!({"a": 1}), &[]),
            ("5", Value::Null, NOT_AN_OBJECT),
            ("[1]", Value::Null, NOT_AN_OBJECT),
            (r#""-""#, Value::Null, &["field.absent"]),
        ],
    );
    check(
        r#"{"type":"List","elementType":"Geoposition"}"#,
        &[
            (r#"["51,71"]"#, json!([{"lon": 71.0, "lat": 51.0}]), &[]),
            (r#""x""#, Value::Null, NOT_A_LIST),
            (r#"{"a":1}"#, Value::Null, NOT_A_LIST),
        ],
    );
    check(r#"{"type":"List","elementType":"List"}"#, &[(r#"[["a"]]"#, json!([["a"]]), &[])]);
    check(r#"{"type":"Currency"}"#, &[(r#""5 тг""#, json!("5 тг"), &["field.unknown_type"])]);
    check(r#"{"type":"Address"}"#, &[(r#""Абай 1""#, json!("Абай 1"), &[])]);
}

//! Where the rows stand, and the description of their fields.

use arrow::datatypes::DataType;
use derek::document::{self, Document, ReadOptions};
use derek::error::Code;
use serde_json::json;

use super::{NOTHING, findings, found, read, refusal, refused, rows, values};

/// Checks that a document is the dataset `a` of one row, whose id is 7.
fn is_whole(text: impl AsRef<[u8]>) {
    let document = read(&text);
    let text = String::from_utf8_lossy(text.as_ref());
    assert_eq!((document.name.as_str(), rows(&document)), ("a", json!([{"id": 7}])), "{text}");
    assert_eq!(document.schema.field(0).data_type(), &DataType::Int64, "{text}");
    assert_eq!(findings(&document), NOTHING, "{text}");
    assert_eq!(found(&document, "meta.missing"), NOTHING, "{text}");
    assert_eq!(found(&document, "meta.api_uri"), NOTHING, "{text}");
}

/// Checks that rows under a key of `data` are found, with the counters of a page around them.
fn is_whole_under(key: &str) {
    let head = r#""meta": {"apiUri": "a"}, "fields": {"id": {"type": "Int"}}"#;
    for data in [
        format!(r#"{{"{key}": [{{"id": "7"}}]}}"#),
        format!(r#"{{"total": 1, "{key}": [{{"id": "7"}}]}}"#),
        format!(r#"{{"{key}": [{{"id": "7"}}], "totalCount": 1, "totalPages": 1, "page": 0, "size": 20}}"#),
        format!(
            r#"{{"total": "1", "totalCount": 1, "totalPages": 1, "page": 1, "size": 20, "{key}": [{{"id": "7"}}]}}"#
        ),
    ] {
        is_whole(format!(r#"{{{head}, "data": {data}}}"#));
        is_whole(format!(r#"{{"data": {data}, {head}}}"#));
    }
}

/// The bare array `text` with the file `test.meta.json` beside it.
fn with_meta_file(text: &str, meta_file: &str) -> Document {
    let options = ReadOptions { meta_file: Some(meta_file.as_bytes()), ..ReadOptions::new("test") };
    document::read(text.as_bytes(), &options).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn the_fields_stand_at_the_top_level() {
    is_whole(r#"{"meta": {"apiUri": "a"}, "fields": {"id": {"type": "Int"}}, "data": [{"id": "7"}]}"#);
}

#[test]
fn the_fields_stand_inside_meta() {
    is_whole(r#"{"meta": {"apiUri": "a", "fields": {"id": {"type": "Int"}}}, "data": [{"id": "7"}]}"#);
    is_whole(r#"{"data": [{"id": "7"}], "meta": {"fields": {"id": {"type": "Int"}}, "apiUri": "a"}}"#);
}

#[test]
fn data_is_an_object_with_the_rows_under_result() {
    is_whole_under("result");
}

#[test]
fn data_is_an_object_with_the_rows_under_fields() {
    is_whole_under("fields");
}

#[test]
fn data_is_an_object_with_the_rows_under_elements() {
    is_whole_under("elements");
}

#[test]
fn data_is_an_object_with_the_rows_under_data() {
    is_whole_under("data");
}

#[test]
fn the_keys_stand_in_any_order() {
    let keys =
        [r#""meta": {"apiUri": "a"}"#, r#""fields": {"id": {"type": "Int"}}"#, r#""data": [{"id": "7"}]"#];
    for [first, second, third] in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        is_whole(format!("{{{}, {}, {}}}", keys[first], keys[second], keys[third]));
    }
}

/// The types are known only once all rows were passed over.
#[test]
fn data_stands_before_fields() {
    let data: Vec<String> = (0..5_000).map(|at| format!(r#"{{"id": "{at}", "name": "{at}"}}"#)).collect();
    let fields = r#""fields": {"id": {"type": "Int"}, "name": {"type": "String"}}"#;
    let document = read(format!(r#"{{"data": [{}], {fields}}}"#, data.join(",")));
    assert_eq!(document.rows, 5_000);
    assert_eq!(rows(&document)[4_999], json!({"id": 4_999, "name": "4999"}));
    assert_eq!(findings(&document), NOTHING);
}

#[test]
fn a_bare_array_has_its_metadata_in_a_file_beside_it() {
    let flat = r#"{"apiUri": "a", "nameKk": "Атауы", "fields": {"id": {"type": "Int"}}}"#;
    let nested = r#"{"meta": {"apiUri": "a", "nameKk": "Атауы"}, "fields": {"id": {"type": "Int"}}}"#;
    let inside = r#"{"meta": {"apiUri": "a", "nameKk": "Атауы", "fields": {"id": {"type": "Int"}}}}"#;
    let marked = format!("\u{feff}{flat}");
    for meta_file in [flat, nested, inside, marked.as_str()] {
        let document = with_meta_file(r#"[{"id": "7"}, {"id": null}]"#, meta_file);
        assert_eq!(document.name, "a", "{meta_file}");
        assert_eq!(document.meta.names[0], "Атауы", "{meta_file}");
        assert_eq!(rows(&document), json!([{"id": 7}, {"id": null}]), "{meta_file}");
        assert_eq!(findings(&document), NOTHING, "{meta_file}");
        assert_eq!(found(&document, "meta.missing"), NOTHING, "{meta_file}");
    }
}

#[test]
fn a_bare_array_has_a_file_beside_it_that_describes_no_fields() {
    let document = with_meta_file(r#"[{"id": 7}]"#, r#"{"apiUri": "a", "nameKk": "Атауы"}"#);
    assert_eq!((document.name.as_str(), document.meta.names[0].as_str()), ("a", "Атауы"));
    assert_eq!(rows(&document), json!([{"id": 7}]));
    assert_eq!(findings(&document), [("document.no_fields", None, None)]);
}

#[test]
fn a_bare_array_has_no_metadata_at_all() {
    let document = read(
        r#"[{"n": 1, "d": 0.5, "b": true, "t": "ә"}, {"n": "-2", "d": 12.25, "b": false, "t": "5 тг"}]"#,
    );
    assert_eq!(document.name, "test");
    assert_eq!(
        rows(&document),
        json!([{"n": 1, "d": 0.5, "b": true, "t": "ә"}, {"n": -2, "d": 12.25, "b": false, "t": "5 тг"}])
    );
    assert_eq!(findings(&document), [("document.no_fields", None, None)]);
    assert_eq!(found(&document, "meta.missing"), [("", None, None)]);
}

/// A type that only the last row gives away.
#[test]
fn types_are_inferred_over_all_rows_and_never_the_first_only() {
    for (last, kind, first) in [
        ("2.5", DataType::Float64, json!(0.0)),
        (r#""x""#, DataType::Utf8, json!("0")),
        ("5000", DataType::Int64, json!(0)),
    ] {
        let data: Vec<String> = (0..5_000).map(|at| format!(r#"{{"n": {at}}}"#)).collect();
        let text = format!(r#"[{}, {{"n": {last}}}]"#, data.join(","));
        for (part_bytes, threads) in [(4 << 20, 1), (1_000, 2)] {
            let options = ReadOptions { part_bytes, threads, ..ReadOptions::new("test") };
            let document = document::read(text.as_bytes(), &options).expect("it is sound");
            assert_eq!(document.schema.field(0).data_type(), &kind, "{last}");
            assert_eq!((document.rows, values(&document, "n")[0].clone()), (5_001, first.clone()), "{last}");
            assert_eq!(findings(&document), [("document.no_fields", None, None)], "{last}");
        }
    }
}

/// No raw value may be lost by a guess: an identifier of an enterprise starts with noughts.
#[test]
fn an_inferred_type_loses_no_sign_of_a_value() {
    let document =
        read(r#"[{"bin": "000140001234", "phone": "+77172000000"}, {"bin": "990140001234", "phone": "8"}]"#);
    assert_eq!(
        rows(&document),
        json!([{"bin": "000140001234", "phone": "+77172000000"}, {"bin": "990140001234", "phone": "8"}])
    );
}

#[test]
fn a_byte_order_mark_is_skipped() {
    is_whole(
        "\u{feff}{\"meta\": {\"apiUri\": \"a\"}, \"fields\": {\"id\": {\"type\": \"Int\"}}, \"data\": [{\"id\": 7}]}",
    );
    is_whole(
        "\u{feff}<dataset><meta><apiUri>a</apiUri></meta><fields><id><type>Int</type></id></fields>\
         <data><row><id>7</id></row></data></dataset>",
    );
    let document = read("\u{feff}[{\"id\": 7}]");
    assert_eq!(rows(&document), json!([{"id": 7}]));
}

#[test]
fn an_error_body_with_a_timestamp_is_saved_as_a_dataset() {
    let error = refusal(
        r#"{"timestamp":"2025-03-17T20:19:19.382+00:00","status":500,"error":"Internal Server Error","path":"/api/v4/parks"}"#,
    );
    assert_eq!(error.code, Code::DocumentErrorBody);
    assert!(error.message.contains("error") && error.message.contains("Internal Server Error"), "{error}");
}

#[test]
fn an_error_body_with_a_code_is_saved_as_a_dataset() {
    let error = refusal(r#"{"code":500,"message":"Index not found"}"#);
    assert_eq!(error.code, Code::DocumentErrorBody);
    assert!(error.message.contains("error") && error.message.contains("Index not found"), "{error}");
}

#[test]
fn an_error_body_with_nothing_but_an_error_is_saved_as_a_dataset() {
    let error = refusal(r#"{"error":"Not authorised"}"#);
    assert_eq!(error.code, Code::DocumentErrorBody);
    assert!(error.message.contains("error") && error.message.contains("Not authorised"), "{error}");
    assert_eq!(refused(r#"{"error": {"reason": "no such index"}}"#), Code::DocumentErrorBody);
}

#[test]
fn an_html_page_is_saved_as_a_dataset() {
    for page in [
        "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body></body></html>",
        "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><hr><center>nginx</center></body></html>",
        "\u{feff}\n<!doctype HTML PUBLIC \"-//W3C//DTD HTML 4.01//EN\" \"http://www.w3.org/TR/html4/strict.dtd\">\n<HTML>",
        "<!-- error -->\n<!DOCTYPE html>\n<html lang=\"ru\"><body><p>Ошибка<br></body></html>",
    ] {
        let error = refusal(page);
        assert_eq!(error.code, Code::DocumentErrorBody, "{page}");
        assert!(error.message.contains("HTML"), "{error}");
    }
}

/// Only the envelope tells an error body: the rows of a dataset may have any key.
#[test]
fn a_dataset_about_errors_is_no_error_body() {
    let row = json!({"timestamp": "2025-03-17", "status": "500", "error": "x", "path": "/"});
    for text in [
        format!("[{row}]"),
        format!(r#"{{"data": [{row}]}}"#),
        format!(r#"{{"status": 200, "error": null, "message": "OK", "data": [{row}]}}"#),
    ] {
        let document = read(&text);
        assert_eq!((document.rows, &rows(&document)[0]["error"]), (1, &json!("x")), "{text}");
    }
}

#[test]
fn an_empty_array_of_data_is_a_dataset_of_no_rows() {
    let fields = r#""meta": {"apiUri": "a"}, "fields": {"id": {"type": "Int"}}"#;
    for text in [
        format!(r#"{{{fields}, "data": []}}"#),
        format!(r#"{{"data": [ ], {fields}}}"#),
        format!(r#"{{{fields}, "data": {{"total": 0, "elements": []}}}}"#),
        "<d><meta><apiUri>a</apiUri></meta><fields><id><type>Int</type></id></fields><data></data></d>"
            .to_owned(),
        "<d><meta><apiUri>a</apiUri></meta><fields><id><type>Int</type></id></fields><data/></d>".to_owned(),
    ] {
        let document = read(&text);
        assert_eq!((document.name.as_str(), document.rows, rows(&document)), ("a", 0, json!([])), "{text}");
        assert_eq!(document.schema.field(0).data_type(), &DataType::Int64, "{text}");
    }
    assert_eq!(read("[]").rows, 0);
}

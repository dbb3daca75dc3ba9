//! Bytes → table: documents as they are published, whole.

use arrow::array::{Array, AsArray};
use arrow::datatypes::{DataType, Int64Type};
use derek::document::{self, Document, ReadOptions, Severity};
use derek::encode::{Encoder, JsonEncoder, Outcome};
use derek::error::{Code, Error};
use serde_json::{Value, json};

fn read(text: &str) -> Document {
    try_read(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn try_read(text: &str) -> Result<Document, Error> {
    document::read(text.as_bytes(), &ReadOptions::new("test"))
}

/// The rows as the JSON encoder writes them.
fn rows(document: &Document) -> Value {
    let mut encoder = JsonEncoder::default();
    let mut out = Vec::new();
    encoder.start(&document.schema, &mut out).expect("every column can be written");
    for batch in &document.batches {
        encoder.batch(batch, &mut out).expect("every column can be written");
    }
    encoder.finish(&Outcome::default(), &mut out).expect("the end can be written");
    let answer: Value = serde_json::from_slice(&out).expect("the encoder writes JSON");
    answer["rows"].clone()
}

/// Rule, row and raw value of every finding but those about the metadata, and notes.
fn findings(document: &Document) -> Vec<(&'static str, Option<u64>, Option<String>)> {
    let all = document.findings.iter().filter(|finding| {
        !finding.rule.code().starts_with("meta.") && finding.rule.severity() > Severity::Note
    });
    all.map(|finding| (finding.rule.code(), finding.row, finding.raw.clone())).collect()
}

#[test]
fn all_eight_types_in_one_document() {
    let document = read(
        r#"{"meta": {"apiUri": "pharmacies", "nameKk": "Дәріханалар"},
        "fields": {"id": {"type": "Int", "pkey": true}, "name": {"type": "String", "labelKk": "Атауы"},
          "area": {"type": "Double"}, "open24h": {"type": "Boolean"}, "licence": {"type": "Date", "format": "DD.MM.YYYY"},
          "geoposition": {"type": "Geoposition"},
          "schedule": {"type": "Object", "fields": {"open": {"type": "String"}, "days": {"type": "Int"}}},
          "phones": {"type": "List", "elementType": "Int"}},
        "data": [
          {"id": "1 234", "name": " Ғ \"қ\" ", "area": "164,8", "open24h": "TRUE", "licence": "31.12.2024",
           "geoposition": "51.117469, 71.428171", "schedule": {"open": "09:00", "days": "7"}, "phones": [1, "2", null]},
          {"id": 12.0, "name": null, "area": 1e2, "open24h": 0, "licence": null, "geoposition": null, "schedule": null, "phones": []}]}"#,
    );
    assert_eq!(document.name, "pharmacies");
    assert_eq!(
        rows(&document),
        json!([
            {"id": 1234, "name": " Ғ \"қ\" ", "area": 164.8, "open24h": true, "licence": "2024-12-31",
             "geoposition": {"lon": 71.428171, "lat": 51.117469}, "schedule": {"open": "09:00", "days": 7}, "phones": [1, 2, null]},
            {"id": 12, "name": null, "area": 100.0, "open24h": false, "licence": null, "geoposition": null, "schedule": null, "phones": []}
        ])
    );
    assert_eq!(findings(&document), vec![]);
    let types: Vec<_> = document.schema.fields().iter().map(|field| field.data_type().clone()).collect();
    assert_eq!(
        types[..5],
        [DataType::Int64, DataType::Utf8, DataType::Float64, DataType::Boolean, DataType::Date32]
    );
    let name = document.schema.field(1);
    assert_eq!(name.metadata().get("derek.labelKk").map(String::as_str), Some("Атауы"));
    let point = document.schema.field(5);
    assert_eq!(point.metadata().get("ARROW:extension:name").map(String::as_str), Some("geoarrow.point"));
}

#[test]
fn keys_in_any_order_and_every_envelope() {
    let fields = r#""fields": {"id": {"type": "Int"}}"#;
    for text in [
        format!(r#"{{"data": [{{"id": "7"}}], {fields}, "meta": {{"apiUri": "a"}}}}"#),
        format!(r#"{{"meta": {{"apiUri": "a", {fields}}}, "data": [{{"id": "7"}}]}}"#),
        format!(
            r#"{{{fields}, "data": {{"total": 1, "result": [{{"id": 7}}], "page": 0}}, "meta": {{"apiUri": "a"}}}}"#
        ),
        format!(r#"{{"data": {{"elements": [{{"id": 7}}]}}, {fields}, "meta": {{"apiUri": "a"}}}}"#),
        format!("\u{feff} {{\"meta\": {{\"apiUri\": \"a\"}}, {fields}, \"data\": [ {{\"id\": 7}} ] }} \n"),
    ] {
        let document = read(&text);
        assert_eq!((document.name.as_str(), rows(&document)), ("a", json!([{"id": 7}])), "{text}");
        assert_eq!(document.schema.field(0).data_type(), &DataType::Int64, "{text}");
    }
}

#[test]
fn an_empty_array_is_a_dataset_of_no_rows() {
    let document = read(r#"{"fields": {"id": {"type": "Int"}}, "data": [ ]}"#);
    assert_eq!((document.rows, document.batches.len(), document.schema.fields().len()), (0, 0, 1));
    assert_eq!(findings(&document), vec![("field.absent", None, None)]);
}

#[test]
fn a_bare_array_keeps_every_value_as_text() {
    let document = read(r#"[{"a": 1.10, "b": "x"}, {"a": 12345678901234567890123}]"#);
    assert_eq!(
        rows(&document),
        json!([{"a": "1.10", "b": "x"}, {"a": "12345678901234567890123", "b": null}])
    );
    assert_eq!(findings(&document), vec![("document.no_fields", None, None)]);
}

#[test]
fn values_that_do_not_parse_are_null_and_found() {
    let document = read(
        r#"{"fields": {"id": {"type": "Int", "pkey": true}, "n": {"type": "Int"}, "d": {"type": "Double"}},
        "data": [{"id": 1, "n": "86,4%", "d": 1e400}, {"id": 2, "n": 12.5, "d": "32 685 318 тг"},
                 {"id": 3, "n": 12345678901234567890123, "d": {"a": [1]}}, {"id": 4, "n": "-", "d": ""}, {"id": 5, "n": true, "d": "NaN"}]}"#,
    );
    assert_eq!(document.batches[0].column(1).null_count(), 5);
    assert_eq!(document.batches[0].column(2).null_count(), 5);
    let found: Vec<_> = document.findings.iter().filter(|it| it.row.is_some()).collect();
    let raw = |field: &str| {
        found
            .iter()
            .filter(|it| &*it.field == field)
            .map(|it| it.raw.clone().unwrap_or_default())
            .collect::<Vec<_>>()
    };
    assert_eq!(raw("n"), ["86,4%", "12.5", "12345678901234567890123", "true"]);
    assert_eq!(raw("d"), ["1e400", "32 685 318 тг", r#"{"a": [1]}"#, "NaN"]);
    assert!(found.iter().all(|it| it.key.as_deref() == it.row.map(|row| row.to_string()).as_deref()));
    assert_eq!(document.findings.total_of(Severity::Error), 8);
}

#[test]
fn a_column_of_bad_values_is_counted_exactly_and_kept_up_to_the_cap() {
    let values: Vec<String> = (0..200_000).map(|at| format!(r#"{{"n":"x{at}"}}"#)).collect();
    let document =
        read(&format!(r#"{{"fields": {{"n": {{"type": "Int"}}}}, "data": [{}]}}"#, values.join(",")));
    let totals: Vec<_> =
        document.findings.totals().filter(|(rule, ..)| rule.severity() == Severity::Error).collect();
    assert_eq!(
        totals.iter().map(|(rule, _, total)| (rule.code(), *total)).collect::<Vec<_>>(),
        [("value.not_an_int", 200_000)]
    );
    assert_eq!(document.findings.iter().filter(|it| it.row.is_some()).count(), 1_000);
}

#[test]
fn undeclared_and_absent_fields_lose_nothing() {
    let document = read(
        r#"{"fields": {"id": {"type": "Int"}, "gone": {"type": "Date"}, "o": {"type": "Object", "fields": {"a": {"type": "Int"}}},
                       "l": {"type": "List", "fields": {"x": {"type": "Int"}}}},
        "data": [{"id": 1}, {"id": 2, "оblkaz": {"k": [1, 2]}, "o": {"a": 1, "b": "new"}}, {"id": 3, "l": [{"x": 1, "y": true}]}]}"#,
    );
    assert_eq!(
        rows(&document),
        json!([{"id": 1, "gone": null, "o": null, "l": null, "оblkaz": null},
               {"id": 2, "gone": null, "o": {"a": 1, "b": "new"}, "l": null, "оblkaz": "{\"k\": [1, 2]}"},
               {"id": 3, "gone": null, "o": null, "l": [{"x": 1, "y": "true"}], "оblkaz": null}])
    );
    let broken = document.findings.totals().filter(|(rule, ..)| rule.severity() > Severity::Note);
    let found: Vec<_> = broken.map(|(rule, field, _)| (rule.code(), field.to_owned())).collect();
    let expected = [
        ("meta.missing", ""),
        ("field.no_element_type", "l"),
        ("field.undeclared", "l[].y"),
        ("field.undeclared", "o.b"),
        ("field.undeclared", "оblkaz"),
        ("field.absent", "gone"),
        ("value.not_a_string", "оblkaz"),
    ];
    assert_eq!(found, expected.map(|(rule, field)| (rule, field.to_owned())));
}

#[test]
fn a_declared_name_finds_its_key_in_another_letter_case() {
    let document = read(r#"{"fields": {"id": {"type": "Int"}}, "data": [{"Id": 1}, {"Id": 2}]}"#);
    assert_eq!(rows(&document), json!([{"id": 1}, {"id": 2}]));
    assert_eq!(findings(&document), vec![("field.case", None, Some("Id".to_owned()))]);
}

#[test]
fn two_spellings_in_one_row_are_two_columns_in_every_row() {
    let document = read(r#"{"fields": {"id": {"type": "Int"}}, "data": [{"Id": 1}, {"Id": "a", "id": 2}]}"#);
    assert_eq!(rows(&document), json!([{"id": null, "Id": "1"}, {"id": 2, "Id": "a"}]));
}

#[test]
fn the_last_of_two_equal_keys_is_kept() {
    let document = read(
        r#"{"fields": {"a": {"type": "Int"}, "s": {"type": "String"}, "l": {"type": "List", "elementType": "Int"},
            "o": {"type": "Object", "fields": {"x": {"type": "Int"}}}, "g": {"type": "Geoposition"}},
        "data": [{"a": 1, "s": "x", "l": [1], "o": {"x": 1}, "g": "1,2"},
          {"a": 1, "a": 2, "s": "x", "s": "ү", "l": [1, 2, 3], "l": [4], "o": {"x": 1}, "o": {"x": 2}, "g": "1,2", "g": "51,71"}]}"#,
    );
    let expected = json!({"a": 2, "s": "ү", "l": [4], "o": {"x": 2}, "g": {"lon": 71.0, "lat": 51.0}});
    assert_eq!(rows(&document)[1], expected);
    assert_eq!(document.findings.totals().filter(|(rule, ..)| rule.code() == "row.duplicate_key").count(), 5);
}

/// What one key lost and another never had must not shift any column.
#[test]
fn a_row_with_a_key_twice_and_another_missing_is_whole() {
    let document = read(
        r#"{"fields": {"a": {"type": "Int"}, "b": {"type": "Int"}, "o": {"type": "Object", "fields": {"x": {"type": "Int"}, "y": {"type": "String"}}}},
        "data": [{"a": 1, "a": 2}, {"a": 3, "b": 4, "o": {"x": 5, "x": 6}}, {"o": {"y": "ә", "y": "ү", "x": 1}, "o": {"y": "һ"}}]}"#,
    );
    let expected = json!([{"a": 2, "b": null, "o": null}, {"a": 3, "b": 4, "o": {"x": 6, "y": null}}, {"a": null, "b": null, "o": {"x": null, "y": "һ"}}]);
    assert_eq!(rows(&document), expected);
    let raw: Vec<_> = document
        .findings
        .iter()
        .filter(|it| it.rule.code() == "row.duplicate_key")
        .map(|it| it.raw.clone())
        .collect();
    let expected = ["1", r#"{"y": "ә", "y": "ү", "x": 1}"#, "5", r#""ә""#];
    assert_eq!(
        raw,
        expected.map(|raw| Some(raw.to_owned())),
        "the value that is not kept stands in the finding"
    );
}

#[test]
fn a_column_of_duplicate_keys_takes_no_longer_than_it_is() {
    let text = format!(r#"{{"data": [{}]}}"#, vec![r#"{"a": "x", "a": "y"}"#; 60_000].join(","));
    let start = std::time::Instant::now();
    let document = read(&text);
    assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
    assert_eq!((document.rows, rows(&document)[59_999]["a"].clone()), (60_000, json!("y")));
}

#[test]
fn two_other_spellings_of_a_declared_name_are_two_columns() {
    let document = read(r#"{"fields": {"id": {"type": "Int"}}, "data": [{"ID": 1, "Id": 2}]}"#);
    assert_eq!(rows(&document), json!([{"id": null, "ID": "1", "Id": "2"}]));
}

#[test]
fn a_list_of_points_is_judged_too() {
    let document = read(
        r#"{"fields": {"p": {"type": "List", "elementType": "Geoposition"}}, "data": [{"p": ["71.4,51.1"]}]}"#,
    );
    assert_eq!(rows(&document), json!([{"p": [{"lon": 71.4, "lat": 51.1}]}]));
    assert!(document.is_swapped("p[]"));
}

#[test]
fn a_row_that_is_no_object_is_kept_as_nulls() {
    let document = read(r#"{"fields": {"a": {"type": "Int"}}, "data": [{"a": 1}, 5, [1], null]}"#);
    assert_eq!(rows(&document), json!([{"a": 1}, {"a": null}, {"a": null}, {"a": null}]));
    let rows: Vec<_> = document.findings.iter().filter_map(|finding| finding.row).collect();
    assert_eq!(rows, [2, 3, 4]);
}

#[test]
fn a_table_name_is_derived_where_api_uri_is_none() {
    for (uri, name) in [
        ("", "test"),
        ("https://data.egov.kz/api/v4/astana_parks?page=1", "astana_parks"),
        ("https://a.kz/", "test"),
    ] {
        let document = read(&format!(r#"{{"meta": {{"apiUri": "{uri}"}}, "data": []}}"#));
        assert_eq!(document.name, name);
        assert!(document.findings.iter().any(|finding| finding.rule.code() == "meta.api_uri"));
    }
}

/// What a document is refused with: the code, and line, column and byte where the bytes are at fault.
fn refusal(bytes: &[u8]) -> (Code, Option<(u64, u64, u64)>, String) {
    let error = document::read(bytes, &ReadOptions::new("test")).expect_err("it must be refused");
    let place = error.place.as_ref().and_then(|place| Some((place.line?, place.column?, place.byte?)));
    (error.code, place, error.message)
}

#[test]
fn a_refusal_names_line_column_and_byte() {
    let text = "{\"fields\": {},\n \"data\": [{\"a\": \"қала\"},\n {\"a\": \"қ\" oops}]}";
    let (code, place, message) = refusal(text.as_bytes());
    assert_eq!((code, place), (Code::DocumentSyntax, Some((3, 12, 56))));
    assert_eq!(message, "not JSON: expected ',' or '}', found 'oops}]}'");
    let (code, place, message) = refusal(b"{\"data\": [{\"a\": 1},\n{\"a\": ");
    assert_eq!((code, place), (Code::DocumentSyntax, Some((2, 7, 26))));
    assert_eq!(message, "not JSON: expected a value, found the end of the file");
    assert_eq!(refusal(b"{\"data\": [{\"a\": \"\xff\"}]}").0, Code::DocumentNotUtf8);
    assert_eq!(refusal(b"").0, Code::DocumentSyntax);
    assert_eq!(refusal(b"{\"data\": []} x").1, Some((1, 14, 13)));
    assert_eq!(refusal(b"{\"data\": [{}],}").0, Code::DocumentSyntax);
}

#[test]
fn what_is_no_dataset_is_refused_by_its_name() {
    for (text, code) in [
        (
            r#"{"timestamp": "2025", "status": 500, "error": "Internal Server Error", "path": "/"}"#,
            Code::DocumentErrorBody,
        ),
        (r#"{"code": 500, "message": "x"}"#, Code::DocumentErrorBody),
        (r#"{"error": "no"}"#, Code::DocumentErrorBody),
        ("<!DOCTYPE html><html></html>", Code::DocumentErrorBody),
        (r#"{"meta": {}, "fields": {}}"#, Code::DocumentNoRows),
        (r#"{"data": 5}"#, Code::DocumentNoRows),
        ("5", Code::DocumentSyntax),
    ] {
        assert_eq!(refusal(text.as_bytes()).0, code, "{text}");
    }
}

#[test]
fn keys_that_are_never_the_same_are_refused() {
    let rows: Vec<String> = (0..5_000).map(|at| format!(r#"{{"k{at}": 1}}"#)).collect();
    let (code, place, _) = refusal(format!(r#"{{"data": [{}]}}"#, rows.join(",\n")).as_bytes());
    assert_eq!((code, place.map(|(line, ..)| line)), (Code::DocumentTooLarge, Some(1_001)));
}

#[test]
fn depth_is_bounded() {
    let deep =
        |levels: usize| format!(r#"{{"data": [{{"a": {}1{}}}]}}"#, "[".repeat(levels), "]".repeat(levels));
    assert!(try_read(&deep(60)).is_ok());
    assert_eq!(refusal(deep(100).as_bytes()).0, Code::DocumentTooDeep);
    assert_eq!(refusal(deep(1_000_000).as_bytes()).0, Code::DocumentTooDeep);
}

#[test]
fn parts_and_threads_never_change_the_table() {
    let bytes = crate::generator::document(3_000, 7);
    let whole = document::read(&bytes, &ReadOptions::new("g")).expect("it is sound");
    let whole_rows = rows(&whole);
    assert_eq!((whole.rows, whole.findings.total_of(Severity::Error)), (3_000, 0));
    for (part_bytes, threads) in [(64, 1), (1_000, 2), (4_096, 2), (100_000, 3)] {
        let options = ReadOptions { part_bytes, threads, ..ReadOptions::new("g") };
        let parts = document::read(&bytes, &options).expect("it is sound");
        assert_eq!(parts.schema, whole.schema);
        assert!(rows(&parts) == whole_rows, "{part_bytes} bytes on {threads} threads");
    }
}

/// Rows whose strings and nested lists look like the start of a row: every guess must be found out.
#[test]
fn guesses_that_fall_into_strings_and_lists_are_found_out() {
    let row = |at: usize| {
        let trap = r#"}, {\"id\": 5, \"t\": 1}, {\"id\": 6}"#;
        let start = if at.is_multiple_of(5) {
            format!(r#""other": 1, "id": {at}"#)
        } else {
            format!(r#""id": {at}"#)
        };
        format!(r#"{{{start}, "t": "{trap}", "l": [{{"id": 1}}, {{"id": 2}}, {{"id": 3}}]}}"#)
    };
    let data: Vec<String> = (0..400).map(row).collect();
    let text = format!(
        r#"{{"fields": {{"id": {{"type": "Int"}}, "other": {{"type": "Int"}}, "t": {{"type": "String"}},
        "l": {{"type": "List", "fields": {{"id": {{"type": "Int"}}}}}}}}, "data": [{}], "meta": {{"apiUri": "traps"}}}}"#,
        data.join(",\n")
    );
    let whole = read(&text);
    for part_bytes in [50, 100, 333, 1_000, 5_000] {
        let options = ReadOptions { part_bytes, threads: 2, ..ReadOptions::new("test") };
        let parts = document::read(text.as_bytes(), &options).expect("it is sound");
        assert_eq!(parts.name, "traps");
        assert!(rows(&parts) == rows(&whole), "{part_bytes} bytes");
    }
    let ids: Vec<i64> = whole
        .batches
        .iter()
        .flat_map(|it| it.column(0).as_primitive::<Int64Type>().values().to_vec())
        .collect();
    assert_eq!(ids, (0..400).collect::<Vec<i64>>());
}

#[test]
fn a_fault_in_any_part_has_the_same_place() {
    let mut bytes = crate::generator::document(1_000, 7);
    let at = bytes.len() * 2 / 3;
    let at = at + bytes[at..].iter().position(|byte| *byte == b':').expect("there is a colon");
    bytes[at] = b';';
    let whole = refusal(&bytes);
    for threads in [1, 2] {
        let options = ReadOptions { part_bytes: 2_000, threads, ..ReadOptions::new("g") };
        let error = document::read(&bytes, &options).expect_err("it must be refused");
        assert_eq!((error.message, error.place.and_then(|it| it.byte)), (whole.2.clone(), Some(at as u64)));
    }
}

#[test]
fn xml_in_parts_and_on_threads_is_the_table_of_json() {
    let json =
        document::read(&crate::generator::document(3_000, 7), &ReadOptions::new("g")).expect("it is sound");
    let bytes = crate::generator_xml::xml_document(3_000, 7);
    let json_rows = rows(&json);
    for (part_bytes, threads) in [(4 << 20, 1), (64, 1), (1_000, 2), (4_096, 2), (100_000, 3)] {
        let options = ReadOptions { part_bytes, threads, ..ReadOptions::new("g") };
        let parts = document::read(&bytes, &options).expect("it is sound");
        assert_eq!(parts.schema, json.schema);
        assert!(rows(&parts) == json_rows, "{part_bytes} bytes on {threads} threads");
    }
}

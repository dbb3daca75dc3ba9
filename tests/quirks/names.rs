//! What fields and datasets are called.

use arrow::datatypes::{DataType, TimeUnit};
use serde_json::{Value, json};

use super::{NOTHING, dataset, findings, found, read, rows, values};

#[test]
fn pkey_and_pk_both_flag_the_key() {
    for word in ["pkey", "pk"] {
        let fields =
            format!(r#""id": {{"type": "Int", "{word}": true}}, "n": {{"type": "Int", "{word}": false}}"#);
        let document = dataset(&fields, r#"{"id": "1", "n": "5"}, {"id": "1", "n": "x"}"#);
        let keys: Vec<bool> = document.fields.iter().map(|field| field.is_key).collect();
        assert_eq!(keys, [true, false], "{word}");
        assert_eq!(rows(&document), json!([{"id": 1, "n": 5}, {"id": 1, "n": null}]), "{word}");
        let rules: Vec<_> = findings(&document).into_iter().map(|(rule, row, _)| (rule, row)).collect();
        assert_eq!(rules, [("key.duplicate", Some(2)), ("value.not_an_int", Some(2))], "{word}");
        let bad = document.findings.iter().find(|it| it.rule.code() == "value.not_an_int");
        assert_eq!(bad.and_then(|it| it.key.as_deref()), Some("1"), "{word}");
    }
}

/// 8 of 11 captured documents do so.
#[test]
fn the_declared_id_is_sent_with_a_capital_letter() {
    let document = dataset(r#""id": {"type": "Int", "pkey": true}"#, r#"{"Id": "11"}, {"Id": "12"}"#);
    assert_eq!(rows(&document), json!([{"id": 11}, {"id": 12}]));
    assert_eq!(findings(&document), [("field.case", None, Some("Id"))]);
    assert_eq!(found(&document, "field.case"), [("id", None, Some("Id"))]);
}

#[test]
fn a_cyrillic_name_is_sent_in_another_letter_case() {
    let document =
        dataset(r#""Атауы": {"type": "String"}, "жыл": {"type": "Int"}"#, r#"{"атауы": "а", "ЖЫЛ": "5"}"#);
    assert_eq!(rows(&document), json!([{"Атауы": "а", "жыл": 5}]));
    assert_eq!(found(&document, "field.case"), [("Атауы", None, Some("атауы")), ("жыл", None, Some("ЖЫЛ"))]);
}

#[test]
fn an_exact_name_goes_before_one_in_another_letter_case() {
    let fields = r#""ID": {"type": "String"}, "id": {"type": "Int"}, "Id": {"type": "Double"}"#;
    let document = dataset(fields, r#"{"Id": "1,5", "id": "2", "ID": "3"}"#);
    assert_eq!(rows(&document), json!([{"ID": "3", "id": 2, "Id": 1.5}]));
    assert_eq!(findings(&document), NOTHING);
}

#[test]
fn some_rows_send_the_declared_name_and_some_another_letter_case() {
    let document = dataset(r#""id": {"type": "Int"}"#, r#"{"id": "1"}, {"Id": "2"}, {"id": "3"}"#);
    assert_eq!(rows(&document), json!([{"id": 1}, {"id": 2}, {"id": 3}]));
    assert_eq!(findings(&document), [("field.case", None, Some("Id"))]);
}

#[test]
fn two_spellings_in_one_row_are_two_columns() {
    let document = dataset(r#""id": {"type": "Int"}"#, r#"{"Id": "a", "id": "2"}, {"id": "3"}"#);
    assert_eq!(rows(&document), json!([{"id": 2, "Id": "a"}, {"id": 3, "Id": null}]));
    assert_eq!(found(&document, "field.undeclared"), [("Id", None, None)]);
    assert_eq!(found(&document, "field.case"), NOTHING);
}

/// Which of the two declared fields is meant, nobody can tell.
#[test]
fn a_third_spelling_of_two_declared_names_is_a_column_of_its_own() {
    let document = dataset(r#""id": {"type": "Int"}, "ID": {"type": "Int"}"#, r#"{"Id": "1"}"#);
    assert_eq!(rows(&document), json!([{"id": null, "ID": null, "Id": "1"}]));
    assert_eq!(found(&document, "field.undeclared"), [("Id", None, None)]);
    assert_eq!(found(&document, "field.absent"), [("ID", None, None), ("id", None, None)]);
}

#[test]
fn a_key_that_no_field_declares_is_a_string() {
    let document =
        dataset(r#""id": {"type": "Int"}"#, r#"{"id": 1}, {"id": 2, "new": 1.10}, {"id": 3, "new": "-"}"#);
    assert_eq!(
        rows(&document),
        json!([{"id": 1, "new": null}, {"id": 2, "new": "1.10"}, {"id": 3, "new": "-"}])
    );
    assert_eq!(document.schema.field(1).data_type(), &DataType::Utf8);
    assert_eq!(findings(&document), [("field.undeclared", None, None)]);
    assert_eq!(found(&document, "field.undeclared"), [("new", None, None)]);
}

#[test]
fn a_declared_field_that_no_row_has_is_null() {
    let document = dataset(r#""id": {"type": "Int"}, "gone": {"type": "Double"}"#, r#"{"id": 1}, {"id": 2}"#);
    assert_eq!(rows(&document), json!([{"id": 1, "gone": null}, {"id": 2, "gone": null}]));
    assert_eq!(document.schema.field(1).data_type(), &DataType::Float64);
    assert_eq!(found(&document, "field.absent"), [("gone", None, None)]);
    assert_eq!(findings(&document).len(), 1);
}

#[test]
fn rows_lack_keys() {
    let fields = r#""id": {"type": "Int"}, "name": {"type": "String"}, "on": {"type": "Date"}"#;
    let document = dataset(fields, r#"{"id": 1}, {"name": "а"}, {}, {"on": "01.01.2020"}"#);
    assert_eq!(
        rows(&document),
        json!([
            {"id": 1, "name": null, "on": null},
            {"id": null, "name": "а", "on": null},
            {"id": null, "name": null, "on": null},
            {"id": null, "name": null, "on": "2020-01-01"}
        ])
    );
    assert_eq!(findings(&document), NOTHING);
}

/// Checks that a name is kept as it is, on a declared field and on one that only the rows have.
fn is_kept(name: &str) {
    let name_json = Value::from(name).to_string();
    let declared =
        dataset(&format!(r#"{name_json}: {{"type": "Int"}}"#), &format!(r#"{{{name_json}: "5"}}"#));
    assert_eq!((declared.fields[0].name.as_str(), rows(&declared)), (name, json!([{name: 5}])));
    assert_eq!(findings(&declared), NOTHING, "{name}");
    let undeclared = dataset(r#""id": {"type": "Int"}"#, &format!(r#"{{"id": 1, {name_json}: "5"}}"#));
    assert_eq!(rows(&undeclared), json!([{"id": 1, name: "5"}]));
    assert_eq!(found(&undeclared, "field.undeclared"), [(name, None, None)]);
    let alone =
        dataset(&format!(r#"{name_json}: {{"type": "Int"}}"#), &format!(r#"{{{name_json}: "86,4%"}}"#));
    assert_eq!(found(&alone, "value.not_an_int"), [(name, Some(1), Some("86,4%"))]);
}

#[test]
fn names_are_cyrillic() {
    is_kept("Наименование");
    is_kept("Өңір_атауы");
}

#[test]
fn names_start_with_a_digit() {
    is_kept("4kv2022");
    is_kept("2023");
}

#[test]
fn names_hold_signs_and_spaces() {
    for sign in ["/", "(", ")", "<", ">", ".", "-", " "] {
        is_kept(&format!("саны{sign}жылы"));
        is_kept(&format!("{sign}саны"));
        is_kept(&format!("саны{sign}"));
    }
    is_kept("Адрес / мекенжай (көше, үй) <2024-2025 г.>");
}

/// A full stop in a name is not the step into an object.
#[test]
fn a_date_whose_name_has_a_full_stop_is_not_the_member_of_an_object() {
    let fields = r#""a.b": {"type": "Date"}, "a": {"type": "Object", "fields": {"b": {"type": "Date"}}}"#;
    let document = dataset(fields, r#"{"a.b": "01.01.2020 10:00", "a": {"b": "02.01.2020"}}"#);
    assert_eq!(rows(&document), json!([{"a.b": "2020-01-01T10:00:00", "a": {"b": "2020-01-02"}}]));
    assert_eq!(document.schema.field(0).data_type(), &DataType::Timestamp(TimeUnit::Second, None));
}

#[test]
fn a_point_whose_name_has_a_full_stop_is_not_the_member_of_an_object() {
    let fields = r#""a.b": {"type": "Geoposition"}, "a": {"type": "Object", "fields": {"b": {"type": "Geoposition"}}}"#;
    let document = dataset(
        fields,
        r#"{"a.b": "51.1,71.4"}, {"a": {"b": "71.5,51.2"}}, {"a": {"b": "76.9,43.2"}}, {"a": {"b": "69.6,42.3"}}"#,
    );
    assert_eq!(values(&document, "a.b")[0], json!({"lon": 71.4, "lat": 51.1}));
    assert_eq!(values(&document, "a")[1], json!({"b": {"lon": 71.5, "lat": 51.2}}));
}

#[test]
fn a_name_mixes_scripts() {
    is_kept("оblkaz");
    let document = dataset(r#""оblkaz": {"type": "String"}"#, r#"{"оblkaz": "а"}"#);
    assert_eq!(found(&document, "field.look_alike"), [("оblkaz", None, Some("оblkaz"))]);
}

#[test]
fn a_field_is_called_undefined() {
    is_kept("undefined");
}

#[test]
fn the_templates_own_name_was_never_replaced() {
    is_kept("<название_поля_1>");
}

#[test]
fn a_name_is_84_characters_long() {
    let name = "kolichestvo_subektov_malogo_i_srednego_predprinimatelstva_po_regionam_za_2023_god_ed";
    assert_eq!(name.chars().count(), 84);
    is_kept(name);
    let name = "мемлекеттік_қызметтер_көрсету_мәселелері_жөніндегі_бірыңғай_байланыс_орталығы_өтініш";
    assert_eq!(name.chars().count(), 84);
    is_kept(name);
}

/// Checks the name of the table that a document with this `apiUri` becomes, and the finding.
fn is_named(uri: &str, name: &str) {
    let document = read(json!({"meta": {"apiUri": uri}, "data": []}).to_string());
    assert_eq!(document.name, name, "{uri}");
    assert_eq!(document.meta.api_uri, uri, "it is kept as it is");
    let raw = Some(uri).filter(|uri| !uri.is_empty());
    assert_eq!(found(&document, "meta.api_uri"), [("meta.apiUri", None, raw)], "{uri}");
}

#[test]
fn api_uri_is_empty() {
    is_named("", "test");
    is_named(" ", "test");
    let document = read(r#"{"meta": {"nameKk": "Атауы"}, "data": []}"#);
    assert_eq!(document.name, "test");
    assert_eq!(found(&document, "meta.api_uri"), [("meta.apiUri", None, None)]);
}

#[test]
fn api_uri_is_a_whole_url() {
    is_named("https://data.egov.kz/api/v4/astana_parks", "astana_parks");
    is_named("https://data.egov.kz/api/v4/astana_parks/", "astana_parks");
    is_named("http://data.egov.kz/api/v4/astana_parks?page=1&source={\"size\": 5}#top", "astana_parks");
}

#[test]
fn api_uri_is_a_url_without_a_path() {
    is_named("https://data.egov.kz", "test");
    is_named("https://data.egov.kz/", "test");
    is_named("https://data.egov.kz/?index=astana_parks", "test");
}

/// What is no name of a table, a file or a route must not become one.
#[test]
fn api_uri_is_a_url_whose_last_step_is_unsafe() {
    is_named("https://data.egov.kz/api/..", "test");
    is_named("https://data.egov.kz/api/.", "test");
}

#[test]
fn api_uri_is_longer_than_100_characters() {
    is_named(&"ә".repeat(101), "test");
    let longest = "ә".repeat(100);
    let document = read(json!({"meta": {"apiUri": longest}, "data": []}).to_string());
    assert_eq!((document.name.as_str(), found(&document, "meta.api_uri")), (longest.as_str(), vec![]));
}

#[test]
fn metadata_that_nobody_knows_is_kept() {
    let meta = json!({"apiUri": "a", "orderNumber": 7, "changeLog": [{"date": "2025-03-17", "what": "жаңа"}],
        "modifiedDate": "2025-03-26T11:20:21.143+00:00", "version": "v4", "extra": {"x": [null, 1.5]}});
    let document =
        read(json!({"meta": meta, "fields": {"id": {"type": "Int"}}, "data": [{"id": 1}]}).to_string());
    assert_eq!(Value::Object(document.meta.members.clone()), meta);
    assert_eq!(rows(&document), json!([{"id": 1}]));
    assert_eq!(findings(&document), NOTHING);
}

#[test]
fn attributes_of_a_field_that_nobody_knows_are_kept() {
    let document = dataset(r#""id": {"type": "Int", "orderNumber": 7, "isSearch": "true"}"#, r#"{"id": 1}"#);
    assert_eq!(
        Value::Object(document.fields[0].other.clone()),
        json!({"orderNumber": 7, "isSearch": "true"})
    );
    let metadata = document.schema.field(0).metadata();
    assert!(metadata.values().any(|value| value.contains("orderNumber")), "{metadata:?}");
}

//! What single values look like.

use arrow::datatypes::{DataType, TimeUnit};
use derek::document::Document;
use serde_json::{Value, json};

use super::{NOTHING, column, dataset, findings, found, read, rows, values};

/// The portal sends every value so.
#[test]
fn every_value_is_a_json_string() {
    let document = dataset(
        r#""id": {"type": "Int", "pkey": true}, "area": {"type": "Double"}, "open": {"type": "Boolean"}, "name": {"type": "String"},
           "on": {"type": "Date"}, "at": {"type": "Geoposition"}"#,
        r#"{"id": "11", "area": "164.8", "open": "true", "name": "Гиппократ", "on": "2024-12-31", "at": "51.117469,71.428171"}"#,
    );
    assert_eq!(
        rows(&document),
        json!([{"id": 11, "area": 164.8, "open": true, "name": "Гиппократ", "on": "2024-12-31",
                "at": {"lon": 71.428171, "lat": 51.117469}}])
    );
    assert_eq!(findings(&document), NOTHING);
}

const PLAIN_TYPES: [&str; 7] = [
    r#"{"type": "Int"}"#,
    r#"{"type": "Double"}"#,
    r#"{"type": "Boolean"}"#,
    r#"{"type": "Date"}"#,
    r#"{"type": "Geoposition"}"#,
    r#"{"type": "Object", "fields": {"a": {"type": "Int"}}}"#,
    r#"{"type": "List", "elementType": "Int"}"#,
];

/// Checks that a text means that there is no value, but is a String as it is.
fn is_no_value(text: &str) {
    let quoted = Value::from(text).to_string();
    for field in PLAIN_TYPES {
        let document = column(field, &[&quoted, "null"]);
        assert_eq!(values(&document, "v"), [Value::Null, Value::Null], "{field} {quoted}");
        let broken: Vec<_> =
            findings(&document).into_iter().filter(|(rule, ..)| *rule != "field.absent").collect();
        assert_eq!(broken, NOTHING, "{field} {quoted}");
    }
    for field in [r#"{"type": "String"}"#, r#"{"type": "Text"}"#, r#"{"type": "Address"}"#] {
        let document = column(field, &[&quoted]);
        assert_eq!(values(&document, "v"), [json!(text)], "{field} {quoted}");
        assert_eq!(findings(&document), NOTHING, "{field} {quoted}");
    }
}

#[test]
fn a_hyphen_is_no_value() {
    is_no_value("-");
}

#[test]
fn an_empty_text_is_no_value() {
    is_no_value("");
}

#[test]
fn the_word_null_is_no_value() {
    is_no_value("null");
}

/// Checks that a text is null in a column of Ints and Doubles, and kept in a finding with its row and key.
fn is_no_number(text: &str) {
    for (kind, rule) in [("Int", "value.not_an_int"), ("Double", "value.not_a_double")] {
        let fields = format!(r#""id": {{"type": "Int", "pkey": true}}, "v": {{"type": "{kind}"}}"#);
        let document = dataset(&fields, &format!(r#"{{"id": 10, "v": "5"}}, {{"id": 20, "v": "{text}"}}"#));
        assert!(values(&document, "v")[1].is_null(), "{kind} {text}");
        assert_eq!(findings(&document), [(rule, Some(2), Some(text))], "{kind}");
        assert_eq!(found(&document, rule), [("v", Some(2), Some(text))], "{kind}");
        let key = document.findings.iter().find(|it| it.row == Some(2)).and_then(|it| it.key.clone());
        assert_eq!(key.as_deref(), Some("20"), "{kind} {text}");
    }
}

#[test]
fn a_share_with_a_sign_of_per_cent_in_a_number() {
    is_no_number("86,4%");
}

#[test]
fn a_sum_with_its_currency_in_a_number() {
    is_no_number("32 685 318 тг");
}

/// Three numbers of a classification, and not ten thousand one hundred and one.
#[test]
fn a_code_with_spaces_in_a_number() {
    is_no_number("01 01 01");
}

#[test]
fn a_value_that_does_not_parse_is_kept_in_a_finding() {
    for (field, value, rule) in [
        (r#"{"type": "Int"}"#, r#""бар""#, "value.not_an_int"),
        (r#"{"type": "Double"}"#, r#""12.5.7""#, "value.not_a_double"),
        (r#"{"type": "Boolean"}"#, r#""иә""#, "value.not_a_boolean"),
        (r#"{"type": "Date"}"#, r#""кеше""#, "value.not_a_date"),
        (r#"{"type": "Geoposition"}"#, r#""Астана""#, "value.not_a_geoposition"),
        (r#"{"type": "List", "elementType": "Int"}"#, r#""жоқ""#, "value.not_a_list"),
    ] {
        let document = column(field, &[value]);
        assert_eq!(values(&document, "v"), [Value::Null], "{field} {value}");
        assert_eq!(
            found(&document, rule),
            [("v", Some(1), Some(value.trim_matches('"')))],
            "{field} {value}"
        );
    }
    let document =
        column(r#"{"type": "Object", "fields": {"a": {"type": "Int"}}}"#, &[r#"{"a": 1}"#, r#""жоқ""#]);
    assert_eq!(values(&document, "v"), [json!({"a": 1}), Value::Null]);
    assert_eq!(findings(&document), [("value.not_an_object", Some(2), Some("жоқ"))]);
}

/// A column of dates with these texts.
fn dates(texts: &[&str]) -> Document {
    let values: Vec<String> = texts.iter().map(|text| Value::from(*text).to_string()).collect();
    column(r#"{"type": "Date"}"#, &values.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Checks what a text is read as in a column of its own, without a finding.
fn is_date(text: &str, expected: &str) {
    let document = dates(&[text]);
    assert_eq!(values(&document, "v"), [json!(expected)], "{text}");
    assert_eq!(findings(&document), NOTHING, "{text}");
    let has_time = expected.contains('T');
    let kind = if has_time { DataType::Timestamp(TimeUnit::Second, None) } else { DataType::Date32 };
    assert_eq!(document.schema.field(0).data_type(), &kind, "{text}");
}

#[test]
fn a_date_with_full_stops() {
    is_date("01.01.2020", "2020-01-01");
}

#[test]
fn a_date_with_full_stops_and_a_time() {
    is_date("04.12.2020 17:04:18", "2020-12-04T17:04:18");
}

#[test]
fn a_date_with_two_spaces_before_its_time() {
    is_date("31.12.2024  10:00:00", "2024-12-31T10:00:00");
}

#[test]
fn a_date_with_an_offset_and_no_time() {
    is_date("2016-03-29+06:00", "2016-03-29");
}

#[test]
fn a_date_with_four_digits_after_the_seconds() {
    is_date("2025-03-17T20:19:19.3820", "2025-03-17T20:19:19");
}

/// Kazakhstan was six hours ahead until 1 March 2024, and has been five hours ahead since.
#[test]
fn a_time_with_an_offset_becomes_kazakhstans_wall_clock_time() {
    is_date("2025-03-26T11:20:21.143+00:00", "2025-03-26T16:20:21");
    is_date("2023-03-26T11:20:21.143+00:00", "2023-03-26T17:20:21");
    is_date("2025-03-26T20:00:00+00:00", "2025-03-27T01:00:00");
    is_date("2025-03-26T11:20:21.143+05:00", "2025-03-26T11:20:21");
    is_date("2025-03-26T11:20:21.143+06:00", "2025-03-26T10:20:21");
}

/// Day, month and year without anything between them.
#[test]
fn a_date_of_eight_digits() {
    is_date("01032025", "2025-03-01");
}

#[test]
fn a_date_followed_by_the_russian_word_for_year() {
    is_date("01.01.2025 г.", "2025-01-01");
}

#[test]
fn a_date_with_the_kazakh_word_for_year_in_it() {
    is_date("2025 ж. 01.03.", "2025-03-01");
}

#[test]
fn the_orders_own_form_of_a_date() {
    is_date("31-12-2024 10:00", "2024-12-31T10:00:00");
}

#[test]
fn all_forms_of_dates_in_one_column() {
    let forms = [
        ("01.01.2020", "2020-01-01T00:00:00"),
        ("04.12.2020 17:04:18", "2020-12-04T17:04:18"),
        ("31.12.2024  10:00:00", "2024-12-31T10:00:00"),
        ("2016-03-29+06:00", "2016-03-29T00:00:00"),
        ("2025-03-17T20:19:19.3820", "2025-03-17T20:19:19"),
        ("2025-03-26T11:20:21.143+00:00", "2025-03-26T16:20:21"),
        ("01032025", "2025-03-01T00:00:00"),
        ("01.01.2025 г.", "2025-01-01T00:00:00"),
        ("2025 ж. 01.03.", "2025-03-01T00:00:00"),
        ("45477", "2024-07-04T00:00:00"),
        ("сентябрь 2024 год", ""),
        ("-", ""),
    ];
    let data: Vec<String> =
        forms.iter().enumerate().map(|(at, (text, _))| format!(r#"{{"id": {at}, "v": "{text}"}}"#)).collect();
    let document = dataset(r#""id": {"type": "Int"}, "v": {"type": "Date"}"#, &data.join(","));
    let expected = forms.map(|(_, date)| if date.is_empty() { Value::Null } else { Value::from(date) });
    assert_eq!(values(&document, "v"), expected);
    assert_eq!(
        findings(&document),
        [
            ("value.not_a_date", Some(11), Some("сентябрь 2024 год")),
            ("value.excel_date", Some(10), Some("45477"))
        ]
    );
}

#[test]
fn an_excel_serial_in_a_date() {
    for value in ["45477", r#""45477""#] {
        for field in [r#"{"type": "Date"}"#, r#"{"type": "Date", "format": "DD.MM.YYYY"}"#] {
            let document = column(field, &[r#""05.07.2024""#, value]);
            assert_eq!(values(&document, "v"), ["2024-07-05", "2024-07-04"], "{field} {value}");
            assert_eq!(
                findings(&document),
                [("value.excel_date", Some(2), Some("45477"))],
                "{field} {value}"
            );
        }
    }
}

/// Only a declaration makes a day of a number.
#[test]
fn an_excel_serial_in_no_date_is_a_number() {
    for (field, expected) in [
        (r#"{"type": "Int"}"#, json!(45477)),
        (r#"{"type": "Double"}"#, json!(45477.0)),
        (r#"{"type": "String"}"#, json!("45477")),
    ] {
        let document = column(field, &[r#""45477""#]);
        assert_eq!(
            (values(&document, "v"), findings(&document)),
            (vec![expected], NOTHING.to_vec()),
            "{field}"
        );
    }
    let bare = read(r#"[{"date": "45477", "on": "01.01.2020"}, {"date": "45478", "on": "02.01.2020"}]"#);
    assert_eq!(values(&bare, "date"), [45477, 45478], "an inferred type is no declaration");
}

#[test]
fn words_in_a_date() {
    let document = dates(&["01.09.2024", "сентябрь 2024 год"]);
    assert_eq!(values(&document, "v"), [json!("2024-09-01"), Value::Null]);
    assert_eq!(findings(&document), [("value.not_a_date", Some(2), Some("сентябрь 2024 год"))]);
}

/// The name says date, the declaration Int, and the value is a head count.
#[test]
fn a_head_count_in_a_field_called_date() {
    for value in ["45712", r#""45712""#] {
        let document = dataset(r#""date2023": {"type": "Int"}"#, &format!(r#"{{"date2023": {value}}}"#));
        assert_eq!(rows(&document), json!([{"date2023": 45712}]));
        assert_eq!(document.schema.field(0).data_type(), &DataType::Int64);
        assert_eq!(findings(&document), NOTHING);
        let undeclared = dataset(r#""id": {"type": "Int"}"#, &format!(r#"{{"id": 1, "date2023": {value}}}"#));
        assert_eq!(rows(&undeclared), json!([{"id": 1, "date2023": "45712"}]));
        let bare = read(format!(r#"[{{"date2023": {value}}}]"#));
        assert_eq!(rows(&bare), json!([{"date2023": 45712}]));
    }
}

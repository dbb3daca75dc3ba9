//! The same dataset in JSON and in XML: one table, byte for byte.

use derek::document::{Document, Finding};
use serde_json::{Value, json};

use super::{read, rows};

/// Checks that two documents are one: their tables, their metadata and their findings.
fn are_same(json: &Document, xml: &Document) {
    assert_eq!(rows(xml), rows(json));
    assert_eq!(xml.schema, json.schema);
    assert_eq!(xml.batches, json.batches);
    assert_eq!(xml.fields, json.fields);
    assert_eq!(xml.orders, json.orders);
    assert_eq!((&xml.name, &xml.meta), (&json.name, &json.meta));
    let findings = |document: &Document| document.findings.iter().cloned().collect::<Vec<Finding>>();
    assert_eq!(findings(xml), findings(json));
}

/// A value as elements: a list as `item`s, an object as an element a key.
fn elements(value: &Value) -> String {
    match value {
        Value::Object(members) => members.iter().map(|(name, value)| element(name, value)).collect(),
        Value::Array(values) => values.iter().map(|value| element("item", value)).collect(),
        Value::String(text) => text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"),
        other => other.to_string(),
    }
}

/// A member as an element: by its name where that is one of XML, else as a `field`; null in none.
fn element(name: &str, value: &Value) -> String {
    let is_xml_name = name.chars().enumerate().all(|(at, letter)| {
        letter.is_alphabetic()
            || letter == '_'
            || (at > 0 && (letter.is_numeric() || letter == '-' || letter == '.'))
    });
    match value {
        Value::Null => String::new(),
        _ if is_xml_name => format!("<{name}>{}</{name}>\n", elements(value)),
        _ => {
            let name = elements(&json!(name)).replace('"', "&quot;");
            format!("<field name=\"{name}\">{}</field>\n", elements(value))
        }
    }
}

/// Checks that a document in JSON and what it is in XML are the same, in every order of their keys.
fn is_same(document: &Value) {
    let keys = ["meta", "fields", "data"].map(|key| (key, &document[key]));
    let json = read(document.to_string());
    for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0]] {
        let members: String =
            order.map(|at| keys[at]).iter().map(|(key, value)| element(key, value)).collect();
        let xml = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- one element a key -->\n<dataset>{members}</dataset>\n"
        );
        are_same(&json, &read(xml));
    }
}

#[test]
fn sound_documents_of_all_types() {
    is_same(&json!({
        "meta": {"apiUri": "astana_pharmacies", "nameKk": "Дәріханалар", "nameRu": "Аптеки", "descriptionKk": "а", "descriptionRu": "б",
            "keywords": ["дәріхана", "аптека"], "orderNumber": "7",
            "responsible": {"fullnameKk": "Ә", "fullnameRu": "А", "phone": "+7", "email": "a@b.kz"}},
        "fields": {"id": {"type": "Int", "labelKk": "ИД", "labelRu": "ИД", "pkey": "true"}, "4kv2022": {"type": "Double", "labelKk": "а", "labelRu": "б"},
            "open": {"type": "Boolean"}, "name": {"type": "String"}, "on": {"type": "Date", "format": "DD.MM.YYYY"}, "at": {"type": "Date"},
            "geoposition": {"type": "Geoposition"}, "schedule": {"type": "Object", "fields": {"open": {"type": "String"}, "days": {"type": "Int"}}},
            "phones": {"type": "List", "elementType": "String"}, "rooms": {"type": "List", "elementType": "Object", "fields": {"no": {"type": "Int"}}},
            "grid": {"type": "List", "elementType": "List"}},
        "data": [
            {"id": "11", "4kv2022": "1.5", "open": "true", "name": "Гиппократ", "on": "31.12.2024", "at": "31-12-2024 10:00",
             "geoposition": "51.117469,71.428171", "schedule": {"open": "09:00", "days": "7"}, "phones": ["+71", "+72"],
             "rooms": [{"no": "1"}, {"no": "2"}], "grid": [["а", "б"], ["в"]]},
            {"id": "12", "4kv2022": null, "open": null, "name": "", "on": null, "at": null, "geoposition": null, "schedule": null,
             "phones": null, "rooms": null, "grid": null},
            {"id": "13"}
        ]
    }));
}

#[test]
fn documents_that_break_what_can_be_broken() {
    is_same(&json!({
        "meta": {"apiUri": "https://data.egov.kz/api/v4/astana_parks", "nameKk": "Саябақтар", "version": "v4",
            "changeLog": [{"date": "2025-03-17", "what": "жаңа"}, {"date": "2025-03-18", "what": "түзету"}]},
        "fields": {"id": {"type": "int", "pk": "true"}, "n": {"type": "Int"}, "d": {"type": "Double"}, "b": {"type": "Boolean"}, "on": {"type": "Date"},
            "at": {"type": "Geoposition"}, "o": {"type": "Object", "fields": {"a": {"type": "Int"}}}, "l": {"type": "List", "elementType": "Int"},
            "gone": {"type": "Currency"}, "оblkaz": {"type": "String"}, "<название_поля_1>": {"type": "Int"}},
        "data": [
            {"Id": "1", "n": "86,4%", "d": "32 685 318 тг", "b": "иә", "on": "сентябрь 2024 год", "at": "Астана", "o": "жоқ", "оblkaz": "АЌКҐЛ"},
            {"Id": "2", "n": "01 01 01", "d": "164,8", "b": "1", "on": "45477", "at": "71.4,51.1", "l": ["1", "екі"], "оblkaz": "әлеуметтiк"},
            {"Id": "2", "n": "-", "d": "null", "on": "31.12.2024  10:00:00", "at": "76.9;43.2", "o": {"a": "х", "new": "5"}, "<название_поля_1>": "5"},
            {"Id": "ИД", "at": "0,0", "оblkaz": "Итог:", "саны (жылы)": "«ә»"},
            {"Id": "4", "at": "95,200", "n": "5", "on": "2025-03-26T11:20:21.143+00:00"},
            {"Id": "4", "at": "95,200", "n": "5", "on": "2025-03-26T11:20:21.143+00:00"}
        ]
    }));
}

#[test]
fn points_in_all_their_forms() {
    is_same(&json!({
        "meta": {"apiUri": "points"},
        "fields": {"id": {"type": "Int"}, "at": {"type": "Geoposition"}},
        "data": [
            {"id": "1", "at": "51.117469,71.428171"}, {"id": "2", "at": "71,428171:51,117469"},
            {"id": "3", "at": {"lat": "51.117469", "lon": "71.428171"}}, {"id": "4", "at": {"latitude": "51,117469", "longitude": "71,428171"}},
            {"id": "5", "at": {"x": "71.428171", "y": "51.117469"}}, {"id": "6", "at": ["71.428171", "51.117469"]},
            {"id": "7", "at": {"type": "Point", "coordinates": ["71.428171", "51.117469"]}}
        ]
    }));
    is_same(&json!({
        "meta": {"apiUri": "points"}, "fields": {"id": {"type": "Int"}},
        "data": [{"id": "1", "lat": "51.1", "lon": "71.4"}, {"id": "2", "lat": "51.1"}]
    }));
}

/// Types that nobody declares are inferred from what is written, which is the same in both.
#[test]
fn documents_without_fields() {
    is_same(&json!({
        "meta": {"apiUri": "bare"}, "fields": null,
        "data": [{"n": "1", "d": "0.5", "s": "007", "o": {"a": "1"}, "l": ["1", "2"]}, {"n": "2", "d": "1.25", "s": "x", "o": {"a": "2"}, "l": ["3", "4"]}]
    }));
}

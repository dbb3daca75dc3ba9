//! The order's own template: its data are judged as those of the document that it stands for.

use derek::assess::extract::{Form, Report};
use derek::convert::template::{write_csv, write_xlsx};
use derek::error::Code;
use serde_json::{Value, json};

use super::{DOCUMENT, judged, names, report};

fn document() -> Value {
    serde_json::from_str(DOCUMENT).expect("it is JSON")
}

fn csv(document: &Value) -> String {
    String::from_utf8(write_csv(document).expect("it can be written")).expect("it is UTF-8")
}

#[track_caller]
fn is_the_same(form: Form, bytes: impl AsRef<[u8]>, expected: &Report) {
    assert_eq!(&report(form, bytes), expected);
}

#[test]
fn a_template_is_judged_as_its_document_is() {
    let expected = report(Form::Json, DOCUMENT);
    assert_eq!((names(&expected), expected.rows), (vec!["id", "region", "geo"], 2));
    is_the_same(Form::Xlsx, write_xlsx(&document()).expect("it can be written"), &expected);
    is_the_same(Form::Csv, csv(&document()), &expected);
    let russian = csv(&document()).replace("1. Ашық деректердің сипаттамасы", "Описание открытых данных");
    assert!(russian.contains("Описание открытых данных"), "it has the title");
    is_the_same(Form::Csv, russian, &expected);
}

#[test]
fn objects_of_a_template_are_taken_apart_and_its_persons_found() {
    let mut document = document();
    document["fields"]["owner"] = json!({"type": "Object", "fields": {"name": {"type": "String"}}});
    document["data"][0]["owner"] = json!({"name": "Үлгіев Болат Серікұлы"});
    document["data"][1]["owner"] = json!({"name": "Үлгіева Айгүл Серікқызы"});
    let expected = report(Form::Json, document.to_string());
    assert!(names(&expected).contains(&"owner.name") && !expected.criteria[0].is_met.expect("it is known"));
    is_the_same(Form::Xlsx, write_xlsx(&document).expect("it can be written"), &expected);
    is_the_same(Form::Csv, csv(&document), &expected);
}

#[test]
fn a_template_that_cannot_be_read_shows_no_cell() {
    let text = csv(&document());
    let wrong = text.replace("99999", "Болат");
    assert_ne!(wrong, text, "the region was there");
    let error = judged(Form::Csv, wrong.as_bytes()).expect_err("a name is no number");
    assert_eq!(error.code, Code::RequestBody);
    assert!(error.message.contains("template") && error.place.is_some(), "{error}");
    assert!(!format!("{error} {error:?}").contains("Болат"), "{error:?}");
    // A table whose first cell is called so is none.
    assert_eq!(names(&report(Form::Csv, "Описание открытых данных,саны\nҒасыр,5\n")).len(), 2);
}

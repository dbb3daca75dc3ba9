//! The classes of the well-known suites of JSON parsers: what RFC 8259 allows is accepted, and what it
//! does not is refused with a place. `serde_json` judges each text too.

use derek::error::Code;
use serde::de::IgnoredAny;

use super::json_invalid::{INVALID, INVALID_DOCUMENTS};
use super::json_valid::VALID;

/// A text in the places where a document can have a value.
fn documents(text: &str) -> [String; 7] {
    [
        format!(r#"{{"data":[{{"a":{text}}}]}}"#),
        format!(r#"{{"data":[{{"b":1,"a":{text},"c":2}},{{"a":1}}]}}"#),
        format!(r#"{{"fields":{{"a":{{"type":"List","elementType":"Int"}}}},"data":[{{"a":[{text}]}}]}}"#),
        format!(r#"{{"data":[1,{text}]}}"#),
        format!(r#"{{"meta":{{"note":{text}}},"data":[]}}"#),
        format!(r#"{{"data":{{"total":{text},"result":[]}}}}"#),
        format!(r#"{{"data":[],"note":{text}}}"#),
    ]
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

#[test]
fn every_value_that_json_allows_is_accepted() {
    let values = VALID.concat();
    assert!(values.len() >= 100, "{}", values.len());
    for value in &values {
        assert!(is_json(value), "the case itself: {value}");
    }
    super::all(values.iter().flat_map(|value| documents(value)), Ok(()));
    // By itself a value is no dataset, but what is said of it is not that it is no JSON.
    for value in values.iter().filter(|value| value.trim_start().starts_with(['[', '{'])) {
        let outcome = super::outcome(value.as_bytes());
        assert!(!matches!(outcome, Err(error) if error.code == Code::DocumentSyntax), "{value}");
    }
}

#[test]
fn every_text_that_json_forbids_is_refused_with_its_place() {
    let texts = INVALID.concat();
    assert!(texts.len() + INVALID_DOCUMENTS.len() >= 130);
    for text in &texts {
        assert!(!is_json(text), "the case itself: {text}");
    }
    // A text that is no value may be one and a half in a list: `1,5`.
    let texts = texts.iter().flat_map(|text| documents(text).into_iter().chain([(*text).to_owned()]));
    super::all(texts.filter(|document| !is_json(document)), Err(Code::DocumentSyntax));
    super::all(INVALID_DOCUMENTS, Err(Code::DocumentSyntax));
}

/// Where a value cannot be read its start is named, elsewhere the sign that is not the expected one.
#[test]
fn the_place_is_where_the_grammar_breaks() {
    for (text, byte) in [
        (r#"{"data":[{"a":tru}]}"#, 14),
        (r#"{"data":[{"a":01}]}"#, 15),
        (r#"{"data":[{"a":1.}]}"#, 16),
        (r#"{"data":[{"a":-}]}"#, 15),
        (r#"{"data":[{"a":1e}]}"#, 16),
        (r#"{"data":[{"a":"\x"}]}"#, 16),
        (r#"{"data":[{"a":"\u12g"}]}"#, 19),
        (r#"{"data":[{"a" 1}]}"#, 14),
        (r#"{"data":[{"a":1 "b"}]}"#, 16),
        (r#"{"data":[{"a":[1 2]}]}"#, 17),
        (r#"{"data":[{"a":1},]}"#, 17),
        (r#"{"data":[{"a":1}}"#, 16),
        (r#"{"data":[{"a":1}]]"#, 17),
        (r#"{"data":[{"a":"қ" x"#, 19),
        ("{\"data\":[{\"a\":\"b\nc\"}]}", 16),
        (r#"{"data":[{"a":"b"#, 16),
        (r#"{"data":[{"a":nul"#, 17),
        (r#"{"meta":{"a":1,},"data":[]}"#, 15),
        (r#"{"data":[],"meta":{"a":}}"#, 23),
    ] {
        assert_eq!(super::refusal(text.as_bytes()), (Code::DocumentSyntax, Some(byte)), "{text}");
    }
}

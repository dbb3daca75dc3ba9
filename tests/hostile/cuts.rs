//! Documents made so that something depends on where they are cut into parts: it must not.

use derek::document::Document;
use derek::error::Code;

use super::verdict::{Outcome, agrees_with_serde, verdict_of_cuts};

/// Parts much smaller than a document of some hundred kilobytes.
const CUTS: [(usize, usize); 3] = [(1_000, 1), (5_000, 2), (40_000, 2)];

fn outcome(text: &[u8]) -> Outcome {
    let outcome = verdict_of_cuts(text, &CUTS).unwrap_or_else(|broken| panic!("{}", start(&broken)));
    agrees_with_serde(text, &outcome).unwrap_or_else(|broken| panic!("{}", start(&broken)));
    outcome
}

fn accepted(text: &str) -> Document {
    outcome(text.as_bytes()).unwrap_or_else(|error| panic!("{error}"))
}

fn start(text: &str) -> String {
    text.chars().take(1_000).collect()
}

fn list(times: usize, item: impl Fn(usize) -> String) -> String {
    (0..times).map(item).collect::<Vec<_>>().join(",\n")
}

/// Objects in a list look like rows. What is learnt of rows must not come from them.
#[test]
fn what_is_no_row_leaves_nothing_behind() {
    // Another spelling of a declared name.
    let inner = list(30, |at| format!(r#"{{"x":{at},"ID":3}}"#));
    let rows = list(60, |at| format!(r#"{{"x":1,"id":{at},"l":[{inner}]}}"#));
    let document =
        accepted(&format!(r#"{{"fields":{{"x":{{"type":"Int"}},"id":{{"type":"Int"}}}},"data":[{rows}]}}"#));
    assert!(super::found(&document, "field.case").is_empty());
    // Keys in another order.
    let inner = list(30, |at| format!(r#"{{"x":{at},"z":1,"y":2}}"#));
    let rows = list(60, |at| {
        let more = if at > 50 { r#","y":1,"z":2"# } else { "" };
        format!(r#"{{"x":1,"l":[{inner}]{more}}}"#)
    });
    accepted(&format!(r#"{{"fields":{{"x":{{"type":"Int"}}}},"data":[{rows}]}}"#));
    // More keys than a row may have.
    let inner = list(30, |at| format!(r#"{{"x":{at},"k{at}":1}}"#));
    let rows = list(100, |at| format!(r#"{{"x":1,"l":[{}]}}"#, inner.replace("\"k", &format!("\"k{at}_"))));
    accepted(&format!(r#"{{"fields":{{"x":{{"type":"Int"}}}},"data":[{rows}]}}"#));
    let inner: String = (0..30).map(|at| format!("<r><x>{at}</x><k{at}>1</k{at}><ID>3</ID></r>\n")).collect();
    let rows: String = (0..100)
        .map(|at| format!("<r><x>1</x><id>1</id><l>{}</l></r>", inner.replace('k', &format!("k{at}_"))))
        .collect();
    let fields = "<fields><x><type>Int</type></x><id><type>Int</type></id></fields>";
    let document = accepted(&format!("<d>{fields}<data>{rows}</data></d>"));
    assert!(super::found(&document, "field.case").is_empty());
}

#[test]
fn keys_that_are_never_the_same_are_refused_in_any_parts() {
    let rows = list(1_500, |at| format!(r#"{{"k{at}":1}}"#));
    let error = outcome(format!(r#"{{"data":[{rows}]}}"#).as_bytes()).expect_err("it must be refused");
    assert_eq!((error.code, error.place.and_then(|place| place.line)), (Code::DocumentTooLarge, Some(1_001)));
    let rows = list(1_500, |at| format!(r#"{{"x":1,"k{at}":1}}"#));
    assert!(outcome(format!(r#"{{"data":[{rows}]}}"#).as_bytes()).is_err());
    let rows = list(1_500, |at| format!(r#"{{"o":{{"k{at}":1}}}}"#));
    let fields = r#""fields":{"o":{"type":"Object"}}"#;
    assert!(outcome(format!(r#"{{{fields},"data":[{rows}]}}"#).as_bytes()).is_err());
}

/// A row of totals is one, also after more bad values than are kept.
#[test]
fn a_row_of_totals_is_found_after_any_number_of_bad_values() {
    let rows = list(3_000, |at| format!(r#"{{"n":"x{at}"}}"#));
    let fields = r#""fields":{"n":{"type":"Int","labelRu":"Число"}}"#;
    let document = accepted(&format!(r#"{{{fields},"data":[{rows},{{"n":"Число"}},{{"n":"Итого"}}]}}"#));
    let rows: Vec<_> = ["row.header", "row.totals"].map(|rule| super::found(&document, rule)[0].1).into();
    assert_eq!(rows, [Some(3_001), Some(3_002)]);
}

/// Of each rule the first thousand are kept: none is crowded out by another.
#[test]
fn points_that_are_elsewhere_are_kept_by_their_rules() {
    let rows = list(3_000, |at| {
        let point = match at {
            0..1_500 => "10.5,20.5",
            1_500..2_000 => "0,0",
            2_000..2_500 => "100.5,200.5",
            _ => "51.1,71.4",
        };
        format!(r#"{{"p":"{point}"}}"#)
    });
    let fields = r#""fields":{"p":{"type":"Geoposition","order":"latlon"}}"#;
    let document = accepted(&format!(r#"{{{fields},"data":[{rows}]}}"#));
    let kept = ["position.outside_country", "position.zero", "position.outside_globe"]
        .map(|rule| super::found(&document, rule).len());
    assert_eq!(kept, [1_000, 500, 500]);
}

/// Of two faults the first one is named, whatever part the second one lies in.
#[test]
fn the_first_of_two_faults_is_named() {
    let rows = list(20_000, |at| format!(r#"{{"a":{at}}}"#));
    let deep = format!(r#"{{"a":{}1{}}}"#, "[".repeat(100), "]".repeat(100));
    let row = |at: usize| rows.match_indices("},").nth(at).expect("it is there").0 + 2;
    let faults: [(&[u8], Code); 3] = [
        (b"{\"a\":oops},", Code::DocumentSyntax),
        (b"{\"a\":\"\xff\"},", Code::DocumentNotUtf8),
        (deep.as_bytes(), Code::DocumentTooDeep),
    ];
    for (first, code) in &faults {
        for (second, _) in &faults {
            let mut bytes = rows.clone().into_bytes();
            let (early, late) = (row(100), row(15_000));
            bytes.splice(late..late, second.iter().copied());
            bytes.splice(early..early, first.iter().copied());
            let text = [b"{\"data\":[", &bytes[..], b"]}"].concat();
            let error = outcome(&text).expect_err("it must be refused");
            assert_eq!(
                (error.code, error.place.and_then(|place| place.line)),
                (*code, Some(101)),
                "then {second:x?}"
            );
        }
    }
}

/// A document without rows is read to its end too.
#[test]
fn what_follows_a_document_without_rows_is_read() {
    let space = " ".repeat(100_000);
    for text in ["{}", r#"{"data":5}"#, r#"{"error":"no"}"#] {
        let error = outcome(format!("{text}{space}oops").as_bytes()).expect_err("it must be refused");
        assert_eq!(error.code, Code::DocumentSyntax, "{text}");
    }
}

/// A list that cannot be read as a whole (a number no type holds, half a surrogate pair) is a list.
#[test]
fn a_type_is_inferred_from_lists_that_hold_the_impossible_too() {
    for impossible in ["[1e400]", r#"{"x":"\ud800"}"#, r#"{"\ud800":1}"#, "[1,1e999]", r#"[{"x":-1e400}]"#] {
        for other in ["5", "[5]", r#"{"x":5}"#, "\"51.1,71.4\"", "null"] {
            let text =
                format!(r#"[{{"a":{impossible}}},{}]"#, list(2_000, |_| format!(r#"{{"a":{other}}}"#)));
            accepted(&text);
        }
    }
}

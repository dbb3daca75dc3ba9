//! The classes of the well-known suites of JSON parsers: what RFC 8259 allows is accepted, and what it
//! does not is refused with a place. `serde_json` judges each text too.

use derek::error::Code;
use serde::de::IgnoredAny;

/// Values that the grammar allows.
const VALID: [&[&str]; 6] = [
    // Literals and space around them.
    &["null", "true", "false", " null", "true ", "\tfalse\n", "\r\n null \r\n", "\n\n\n1\n\n\n"],
    // Numbers.
    &[
        "0",
        "-0",
        "1",
        "-1",
        "10",
        "1234567890",
        "0.5",
        "-0.5",
        "1.0",
        "0.000",
        "1.10",
        "1e1",
        "1E1",
        "1e+1",
        "1E+1",
        "1e-1",
        "1E-1",
        "0e0",
        "0e+00",
        "-0.0e-0",
        "1.5e10",
        "123.456e-007",
        "1e400",
        "-1e400",
        "1e-400",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "-9223372036854775809",
        "123456789012345678901234567890",
        "0.1000000000000000055511151231257827021181583404541015625",
        "1e99999999999999999999",
    ],
    // Strings.
    &[
        r#""""#,
        r#"" ""#,
        r#""a""#,
        r#""қ Ғ № ә""#,
        r#""\"""#,
        r#""\\""#,
        r#""\/""#,
        r#""/""#,
        r#""\b\f\n\r\t""#,
        r#""\u0061""#,
        r#""\u00e9\u00E9""#,
        r#""\u0000""#,
        r#""a\u0000b""#,
        r#""\u049b""#,
        r#""\uffff\uFFFE""#,
        r#""\ud83d\ude00""#,
        r#""\uD834\uDD1E""#,
        r#""\u2028\u2029""#,
        r#""\\u0061""#,
        r#""\\\"""#,
        r#""[1, {}]""#,
        r#""null""#,
        r#""// no comment""#,
        "\"\u{7f}\"",
        "\"\u{80}\u{9f}\"",
        "\"\u{feff}\"",
        "\"\u{2028}\u{2029}\"",
        "\"\u{10ffff}\"",
        "\"\u{1f600}\"",
    ],
    // Halves of surrogate pairs: the grammar allows them, and a finding names them.
    &[
        r#""\ud800""#,
        r#""\udfff""#,
        r#""\ud800\ud800""#,
        r#""\ude00\ud83d""#,
        r#""\ud800a""#,
        r#""\ud800\n""#,
        r#""\ud83d\u0041""#,
        r#"{"\ud800": 1}"#,
    ],
    // Arrays.
    &[
        "[]",
        "[ ]",
        "[\n]",
        "[null]",
        "[1]",
        "[1,2]",
        "[ 1 , 2 ]",
        "[1,\"a\",true,null,{},[]]",
        "[[]]",
        "[[],[[]]]",
        "[[[[[[[[[[1]]]]]]]]]]",
        "[\"]\"]",
        "[-1,0.5,1e1]",
    ],
    // Objects.
    &[
        "{}",
        "{ }",
        "{\n\t}",
        r#"{"a":1}"#,
        r#"{ "a" : 1 }"#,
        r#"{"a":1,"b":2}"#,
        r#"{"":0}"#,
        r#"{"a":{"a":{"a":null}}}"#,
        r#"{"a":[],"b":{}}"#,
        r#"{"a":1,"a":2}"#,
        r#"{"a":1,"a":1}"#,
        r#"{"\u0061":1}"#,
        r#"{"\"":"}"}"#,
        r#"{"a\\":1}"#,
        r#"{"қала":"Астана"}"#,
        r#"{"a":"{\"b\":1}"}"#,
        r#"{"a b":[{"c":[{}]}]}"#,
    ],
];

/// Texts that are no value, wherever they stand.
const INVALID: [&[&str]; 6] = [
    // Literals.
    &[
        "",
        " ",
        "nul",
        "nulll",
        "Null",
        "NULL",
        "tru",
        "truee",
        "True",
        "TRUE",
        "fals",
        "FALSE",
        "nan",
        "NaN",
        "Infinity",
        "-Infinity",
        "undefined",
        "None",
        "null null",
        "true1",
        "n",
        "t",
        "f",
        "nu ll",
        "a",
        "ә",
        "*",
        "\u{1f600}",
        "\\u0031",
    ],
    // Numbers.
    &[
        "01", "-01", "00", "-", "+1", "+0", "1.", "-1.", ".5", "-.5", ".", "1.e1", "1e", "1e+", "1E-",
        "1.5e", "e1", "0e", "0x1", "0xff", "1_000", "1 000", "1,5", "1a", "1-", "1+1", "--1", "-a", "1e1.5",
        "1.2.3", "1ee1", "1e++1", "0b1", "0o7", "1f", "2n", "- 1", "１", "٣", "½", "-nan", "1/2", "1#",
        "0.e1", "1e 1",
    ],
    // Strings.
    &[
        "\"",
        "\"a",
        "\"\\\"",
        "\"\\",
        "\"\\a\"",
        "\"\\x41\"",
        "\"\\0\"",
        "\"\\'\"",
        "\"\\u\"",
        "\"\\u1\"",
        "\"\\u12\"",
        "\"\\u123\"",
        "\"\\u12g4\"",
        "\"\\u 123\"",
        "\"\\u-123\"",
        "\"\\U0041\"",
        "\"\\u{41}\"",
        "\"\\ud83d\\u\"",
        "\"\\ud83d\\ude\"",
        "\"\\ud83d\\\"",
        "\"\\\u{49b}\"",
        "\"\\\n\"",
        "'a'",
        "`a`",
        "\"a'",
        "«a»",
        "\u{201c}a\u{201d}",
        "\"a\"b",
        "\"a\" \"b\"",
        "\"a\"+\"b\"",
        "\"\n\"",
        "\"\t\"",
        "\"\r\"",
        "\"\u{0}\"",
        "\"\u{1}\"",
        "\"\u{1f}\"",
        "\"a\nb\"",
        "\\\"a\\\"",
    ],
    // Arrays.
    &[
        "[",
        "]",
        "[1",
        "[1,",
        "[1,]",
        "[,1]",
        "[,]",
        "[,",
        "[1,,2]",
        "[1 2]",
        "[1;2]",
        "[1:2]",
        "[\"a\":1]",
        "[1]]",
        "[[1]",
        "[1}",
        "[1",
        "[1,2",
        "[\"a\"",
        "[\"a",
        "[}",
        "(1)",
        "<1>",
        "[...]",
        "[1,2,]",
        "[ , ]",
        "[\"a\" \"b\"]",
        "[true false]",
        "[1]1",
        "[1],[2]",
        "[\u{a0}1]",
        "[\u{b}]",
        "[\u{c}]",
        "[\u{2060}]",
        "[1\u{0}]",
    ],
    // Objects.
    &[
        "{",
        "}",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,",
        "{\"a\":1,}",
        "{,\"a\":1}",
        "{,}",
        "{\"a\" 1}",
        "{\"a\",1}",
        "{\"a\"}",
        "{\"a\":}",
        "{:1}",
        "{a:1}",
        "{'a':1}",
        "{1:1}",
        "{null:1}",
        "{true:1}",
        "{[]:1}",
        "{{}:1}",
        "{\"a\"::1}",
        "{\"a\":1:2}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":1;\"b\":2}",
        "{\"a\":1,,\"b\":2}",
        "{\"a\":1]",
        "{\"a\":1}}",
        "{\"a\":1}{",
        "{\"a\":1,\"b\"}",
        "{\"a\"=1}",
        "{\"a\"=>1}",
        "{\"a\\\":1}",
        "{\"\\u\":1}",
        "{\"a\":1,b}",
        "{\"a\n\":1}",
        "{...}",
        "{never1}",
        "{\"a\":[}",
        "{\"a\":{]}",
        "{\"a\": 1 2}",
    ],
    // What other dialects allow, and space that is none.
    &[
        "1 // one",
        "/* one */ 1",
        "1 /* one */",
        "# one",
        "1 # one",
        "<!-- 1 -->1",
        "\u{a0}1",
        "\u{2028}1",
        "\u{3000}1",
        "\u{b}1",
        "\u{c}1",
        "\u{0}1",
        "1\u{0}",
        "\u{feff}1",
        "1\u{85}",
        "$1",
        "@1",
        "1;",
        "a:1",
        "\u{8}1",
    ],
];

/// Documents that end too early or too late.
const INVALID_DOCUMENTS: &[&str] = &[
    "{\"data\":[]}}",
    "{\"data\":[]}]",
    "{\"data\":[]} x",
    "{\"data\":[]},",
    "{\"data\":[]}{}",
    "{\"data\":[]}\u{0}",
    "{\"data\":[],}",
    "{\"data\":[]",
    "{\"data\":[",
    "{\"data\":",
    "{\"data\"",
    "{\"data",
    "{\"data\":[]]",
    "{\"data\":[}",
    "{\"data\":[,]}",
    "{\"data\":[{}{}]}",
    "{\"data\":[{},]}",
    "{\"data\":[{};{}]}",
    "{\"data\":[{\"a\":1},{never1}]}",
    "{\"data\":[{\"a\\\"b\":1},{never1}]}",
    "{\"data\":{\"result\":[]}",
    "{\"data\":{\"result\":[],}}",
    "{\"data\":{\"result\":[]]}",
    "{\"data\":{\"result\":[]}}}",
    "{\"meta\":{},,\"data\":[]}",
    "{\"meta\":{} \"data\":[]}",
    "{meta:{},\"data\":[]}",
    "{\"data\":[] \"meta\":{}}",
    "{\"data\":[],\"meta\":{\"a\":tru}}",
    "{\"data\":[],\"fields\":{\"a\":{\"type\":\"Int}}}",
    "[{}",
    "[{}]]",
    "[{}]x",
    "[{}],[]",
    "[]\u{0}",
    "\u{feff}\u{feff}[]",
    "\u{feff}",
    "[]\u{feff}",
    "data: []",
    "\u{a0}[]",
    "callback([])",
    "var data = [];",
    "{\"data\":[]}\n{\"data\":[]}",
    "----",
];

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

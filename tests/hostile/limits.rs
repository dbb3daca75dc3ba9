//! What JSON and XML allow and a table does not hold as it is: depth, keys there twice, numbers beyond
//! any type, halves of surrogate pairs.

use derek::document::{self, Document, ReadOptions};
use derek::error::Code;
use serde_json::json;

use super::{accepted, found, refusal, rows};

/// The deepest nesting that is accepted: the document itself is the first level.
const MAX_DEPTH: usize = 64;

/// A document, and how many levels are open where the marker `@` stands.
const NESTED: [(&str, usize); 14] = [
    (r#"{"data":[{"a":@}]}"#, 3),
    (r#"{"fields":{"a":{"type":"List"}},"data":[{"a":@}]}"#, 3),
    (r#"{"fields":{"a":{"type":"Object"}},"data":[{"a":@}]}"#, 3),
    (r#"{"fields":{"a":{"type":"Geoposition"}},"data":[{"a":@}]}"#, 3),
    (r#"{"data":[{"b":1},{"b":2,"c":[{"a":@}]}]}"#, 5),
    (r#"{"data":[@]}"#, 2),
    (r#"{"data":{"result":[{"a":@}]}}"#, 4),
    (r#"[{"a":@}]"#, 2),
    (r#"{"meta":@,"data":[]}"#, 1),
    (r#"{"meta":{"a":[@]},"data":[]}"#, 3),
    (r#"{"fields":{"a":@},"data":[]}"#, 2),
    (r#"{"data":{"total":@,"result":[]}}"#, 2),
    (r#"{"data":[],"meta":@}"#, 1),
    (r#"{"data":{"result":[],"total":@}}"#, 2),
];

const NESTED_XML: [(&str, usize); 8] = [
    ("<d><data><r>@</r></data></d>", 3),
    ("<d><data><r/><r><a>@</a></r></data></d>", 4),
    ("<data><r><a>@</a></r></data>", 3),
    ("<d><fields><a><type>Object</type></a></fields><data><r><a>@</a></r></data></d>", 4),
    ("<d><fields><a><type>List</type></a></fields><data><r><a>@</a></r></data></d>", 4),
    ("<d><meta>@</meta><data/></d>", 2),
    ("<d><fields><a>@</a></fields><data/></d>", 3),
    ("<d><data/><meta>@</meta></d>", 2),
];

fn nest(document: &str, open: &str, inner: &str, close: &str, levels: usize) -> Vec<u8> {
    document.replace('@', &[&open.repeat(levels), inner, &close.repeat(levels)].concat()).into_bytes()
}

#[test]
fn json_of_64_levels_is_read_and_one_more_is_refused() {
    for (document, levels) in NESTED {
        for (open, inner, close) in [("[", "1", "]"), ("{\"k\":", "1", "}"), ("[{\"a\":[", "", "]}]")] {
            let each = open.matches(['[', '{']).count();
            let left = MAX_DEPTH - levels;
            if left.is_multiple_of(each) {
                accepted(&nest(document, open, inner, close, left / each));
            }
            for beyond in [left / each + 1, 100, 10_000] {
                let code = refusal(&nest(document, open, inner, close, beyond)).0;
                assert_eq!(code, Code::DocumentTooDeep, "{beyond} times {open} in {document}");
            }
        }
        let byte = document.find('@').expect("it is there") + MAX_DEPTH - levels;
        let refusal = refusal(&nest(document, "[", "", "", 1_000_000));
        assert_eq!(refusal, (Code::DocumentTooDeep, Some(byte as u64)), "never closed: {document}");
    }
}

#[test]
fn xml_of_64_levels_is_read_and_one_more_is_refused() {
    for (document, levels) in NESTED_XML {
        for inner in ["", "1", "<!-- -->"] {
            accepted(&nest(document, "<k>", inner, "</k>", MAX_DEPTH - levels));
        }
        accepted(&nest(document, "<k>", "<k/>", "</k>", MAX_DEPTH - levels - 1));
        let beyond = nest(document, "<k>", "<k/>", "</k>", MAX_DEPTH - levels);
        assert_eq!(refusal(&beyond).0, Code::DocumentTooDeep, "an empty element is a level too: {document}");
        for beyond in [MAX_DEPTH - levels + 1, 100, 10_000] {
            let code = refusal(&nest(document, "<k>", "", "</k>", beyond)).0;
            assert_eq!(code, Code::DocumentTooDeep, "{beyond} levels in {document}");
        }
        let byte = document.find('@').expect("it is there") + 3 * (MAX_DEPTH - levels);
        let refusal = refusal(&nest(document, "<k>", "", "", 1_000_000));
        assert_eq!(refusal, (Code::DocumentTooDeep, Some(byte as u64)), "never closed: {document}");
    }
}

#[test]
fn brackets_in_texts_are_no_levels() {
    let brackets = "[{".repeat(100_000);
    accepted(format!(r#"{{"meta":{{"a":"{brackets}"}},"data":[{{"a":"{brackets}"}}]}}"#).as_bytes());
    let tags = "<k>".repeat(100_000);
    let row = format!("<a><![CDATA[{tags}]]></a><!-- {tags} -->");
    accepted(format!("<d><meta><a><![CDATA[{tags}]]></a></meta><data><r>{row}</r></data></d>").as_bytes());
}

/// The paths of keys that stand twice.
fn repeated(document: &Document) -> Vec<String> {
    found(document, "document.duplicate_key").into_iter().map(|(path, ..)| path).collect()
}

#[test]
fn of_equal_keys_beside_the_rows_the_last_counts_and_each_is_found() {
    for (text, paths, name) in [
        (r#"{"meta":{"apiUri":"a","apiUri":"b"},"data":[]}"#, vec!["meta.apiUri"], "b"),
        (r#"{"data":[],"meta":{"apiUri":"a","apiUri":"b"}}"#, vec!["meta.apiUri"], "b"),
        (r#"{"meta":{"apiUri":"a"},"meta":{"apiUri":"b"},"data":[]}"#, vec!["meta"], "b"),
        (r#"{"meta":{"apiUri":"a"},"data":[],"meta":{"apiUri":"b"}}"#, vec!["meta"], "b"),
        (r#"{"meta":{"\u0061piUri":"a","apiUri":"b"},"data":[]}"#, vec!["meta.apiUri"], "b"),
        (
            r#"{"meta":{"apiUri":"b","owner":{"phone":"1","phone":"2"}},"data":[]}"#,
            vec!["meta.owner.phone"],
            "b",
        ),
        (r#"{"meta":{"apiUri":"b","x":[{"y":1,"y":2}]},"data":[]}"#, vec!["meta.x.y"], "b"),
        (r#"{"meta":{"apiUri":"b"},"data":[],"data":[]}"#, vec!["data"], "b"),
        (r#"{"meta":{"apiUri":"b"},"other":1,"data":[],"other":2}"#, vec!["other"], "b"),
    ] {
        let document = accepted(text.as_bytes());
        assert_eq!(
            (repeated(&document), document.name.as_str()),
            (paths.into_iter().map(str::to_owned).collect(), name),
            "{text}"
        );
    }
}

#[test]
fn of_equal_keys_in_fields_the_last_counts_and_each_is_found() {
    for (fields, path) in [
        (r#"{"a":{"type":"Int"},"a":{"type":"String"}}"#, "fields.a"),
        (r#"{"a":{"type":"Int","type":"String"}}"#, "fields.a.type"),
        (r#"{"a":{"type":"Int"},"\u0061":{"type":"String"}}"#, "fields.a"),
    ] {
        for text in [
            format!(r#"{{"fields":{fields},"data":[{{"a":"x"}}]}}"#),
            format!(r#"{{"data":[{{"a":"x"}}],"fields":{fields}}}"#),
        ] {
            let document = accepted(text.as_bytes());
            assert_eq!(
                (repeated(&document), rows(&document)),
                (vec![path.to_owned()], json!([{"a": "x"}])),
                "{text}"
            );
        }
    }
    let nested = r#"{"fields":{"o":{"type":"Object","fields":{"x":{"type":"Int"},"x":{"type":"String"}}}},"data":[{"o":{"x":"y"}}]}"#;
    let document = accepted(nested.as_bytes());
    assert_eq!(
        (repeated(&document), rows(&document)),
        (vec!["fields.o.fields.x".to_owned()], json!([{"o": {"x": "y"}}]))
    );
    let xml = "<d><fields><a><type>Int</type></a><a><type>String</type></a></fields><data><r><a>x</a></r></data></d>";
    let document = accepted(xml.as_bytes());
    assert_eq!((repeated(&document), rows(&document)), (vec!["fields.a".to_owned()], json!([{"a": "x"}])));
}

#[test]
fn of_equal_keys_in_rows_the_last_counts_and_the_others_are_found() {
    let fields = r#""fields":{"a":{"type":"Int"}}"#;
    for (row, raw) in [
        (r#"{"a":1,"a":2,"a":3}"#, vec!["1", "2"]),
        (r#"{"a":1,"\u0061":3}"#, vec!["1"]),
        (r#"{"a":{"b":[1,"]"]},"a":"x","a":3}"#, vec![r#"{"b":[1,"]"]}"#, "\"x\""]),
        (r#"{"a":null,"a":3}"#, vec!["null"]),
    ] {
        let document = accepted(format!(r#"{{{fields},"data":[{{"a":0}},{row}]}}"#).as_bytes());
        let of_rule: Vec<_> =
            found(&document, "row.duplicate_key").into_iter().map(|(.., raw)| raw).collect();
        assert_eq!(
            (of_rule, rows(&document)),
            (raw.into_iter().map(str::to_owned).collect(), json!([{"a": 0}, {"a": 3}])),
            "{row}"
        );
    }
}

#[test]
fn numbers_beyond_64_bits_are_null_with_their_digits_kept() {
    let read = |declared: &str, number: &str| {
        let fields = if declared.is_empty() {
            String::new()
        } else {
            format!(r#""fields":{{"a":{{"type":"{declared}"}}}},"#)
        };
        accepted(format!(r#"{{{fields}"data":[{{"a":{number}}}]}}"#).as_bytes())
    };
    for number in ["9223372036854775807", "-9223372036854775808", "9223372036854775807.0"] {
        let document = read("Int", number);
        assert!(rows(&document)[0]["a"].is_i64(), "{number}");
        assert!(found(&document, "value.not_an_int").is_empty(), "{number}");
    }
    for number in [
        "9223372036854775808",
        "-9223372036854775809",
        "18446744073709551616",
        "123456789012345678901234567890",
        "1e400",
        "1e-400",
    ] {
        for text in [number.to_owned(), format!("\"{number}\"")] {
            let document = read("Int", &text);
            assert_eq!(rows(&document), json!([{"a": null}]), "{text}");
            assert_eq!(found(&document, "value.not_an_int"), [("a".to_owned(), Some(1), number.to_owned())]);
        }
        // What no type holds is kept as it is written, also where nothing is declared.
        assert_eq!(rows(&read("String", number)), json!([{"a": number}]));
    }
    for number in ["1e400", "-1e400", "1e99999999999999999999", &"9".repeat(400)] {
        let document = read("Double", number);
        assert_eq!(rows(&document), json!([{"a": null}]), "{number}");
        assert_eq!(found(&document, "value.not_a_double"), [("a".to_owned(), Some(1), number.to_owned())]);
        assert_eq!(rows(&read("", number)), json!([{"a": number}]), "{number}");
    }
    assert_eq!(
        rows(&read("", "123456789012345678901234567890")),
        json!([{"a": "123456789012345678901234567890"}])
    );
    let meta =
        accepted(br#"{"meta":{"apiUri":"m","version":1e400,"n":123456789012345678901234567890},"data":[]}"#);
    assert_eq!(meta.meta.members["version"], json!("1e400"));
    let digits = meta.meta.members["n"].to_string();
    assert!(digits.contains("123456789012345678901234567890"), "{digits}");
}

#[test]
fn half_a_surrogate_pair_is_a_finding_and_a_replacement_character() {
    let lone = |text: &str| {
        let document = accepted(text.as_bytes());
        let of_rule = found(&document, "text.lone_surrogate");
        (of_rule.into_iter().map(|(path, row, _)| (path, row)).collect::<Vec<_>>(), rows(&document))
    };
    let a = |row| vec![("a".to_owned(), Some(row))];
    let declared = r#""fields":{"a":{"type":"String"}}"#;
    for (text, at, expected) in [
        (format!(r#"{{{declared},"data":[{{"a":"x\ud800y"}}]}}"#), a(1), json!([{"a": "x\u{fffd}y"}])),
        (
            format!(r#"{{{declared},"data":[{{"a":"\udc00"}},{{"a":"\ud83d\ude00"}}]}}"#),
            a(1),
            json!([{"a": "\u{fffd}"}, {"a": "😀"}]),
        ),
        (
            format!(r#"{{{declared},"data":[{{"a":"b"}},{{"a":"\ud800\ud800"}}]}}"#),
            a(2),
            json!([{"a": "b"}, {"a": "\u{fffd}\u{fffd}"}]),
        ),
        (r#"{"fields":{"a":{"type":"Int"}},"data":[{"a":"\ud800"}]}"#.to_owned(), a(1), json!([{"a": null}])),
        (
            r#"{"fields":{"a":{"type":"List","elementType":"String"}},"data":[{"a":["x","\ud800"]}]}"#
                .to_owned(),
            a(1),
            json!([{"a": ["x", "\u{fffd}"]}]),
        ),
        // Only what is not read stands as it is written.
        (
            format!(r#"{{{declared},"data":[{{"a":{{"b":"\ud800"}}}}]}}"#),
            a(1),
            json!([{"a": r#"{"b":"\ud800"}"#}]),
        ),
    ] {
        assert_eq!(lone(&text), (at, expected), "{text}");
    }
    let (at, _) = lone(r#"{"fields":{"a":{"type":"String"}},"data":["\ud800",{"a":"x"},{"a":"y"}]}"#);
    assert!(
        at.iter().all(|(_, row)| *row == Some(1)),
        "a row that is no object says nothing of the next: {at:?}"
    );
    let (at, _) = lone(r#"{"meta":{"apiUri":"m","nameKk":"\ud800"},"data":[]}"#);
    assert_eq!(at, [("meta.nameKk".to_owned(), None)]);
    let (at, _) = lone(r#"{"fields":{"a":{"type":"Int","labelKk":"\ud800"}},"data":[]}"#);
    assert_eq!(at, [("fields.a.labelKk".to_owned(), None)]);
    for key in [
        r#"{"data":[{"\ud800":1}]}"#,
        r#"{"meta":{"\ud800":{}},"data":[]}"#,
        r#"{"meta":{"\ud800":1},"data":[]}"#,
    ] {
        assert!(!lone(key).0.is_empty(), "{key}");
    }
}

/// The metadata beside a document are read by the same rules, and no fault in them refuses the rows.
#[test]
fn a_hostile_file_of_metadata_is_a_finding() {
    for meta in [
        "[".repeat(1_000_000),
        "{\"a\":".repeat(1_000_000),
        format!("{{\"meta\":{}1{}}}", "[".repeat(1_000), "]".repeat(1_000)),
        "{\"nameKk\":\"ә".to_owned(),
        "{\"nameKk\":\"\\ud800\"}".to_owned(),
        "{\"version\":1e400}".to_owned(),
        "<!DOCTYPE html>".to_owned(),
        String::new(),
        "[]".to_owned(),
        "null".to_owned(),
    ] {
        let options = ReadOptions { meta_file: Some(meta.as_bytes()), ..ReadOptions::new("hostile") };
        let document =
            document::read(&br#"[{"a":1}]"#[..], &options).unwrap_or_else(|error| panic!("{error}"));
        let shown: String = meta.chars().take(40).collect();
        assert_eq!(rows(&document), json!([{"a": 1}]), "{shown}");
        assert_eq!(found(&document, "document.meta_file").len(), 1, "{shown}");
    }
    let options = ReadOptions { meta_file: Some(b"{\"nameKk\":\"\xff\"}"), ..ReadOptions::new("hostile") };
    let document = document::read(&br#"[{"a":1}]"#[..], &options).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(found(&document, "document.meta_file").len(), 1);
}

//! Bytes that are no text: refused, with the first of them named.

use derek::error::Code;
use serde_json::json;

use super::{accepted, refusal, refused, rows};

/// Bytes that are no character in UTF-8: stray, too long, too short, halves of a pair, beyond Unicode.
const NOT_UTF8: [&[u8]; 22] = [
    b"\x80",
    b"\xbf",
    b"\xff",
    b"\xfe",
    b"\xc0\x80",
    b"\xc1\xbf",
    b"\xc0\xaf",
    b"\xe0\x80\x80",
    b"\xe0\x9f\xbf",
    b"\xed\xa0\x80",
    b"\xed\xbf\xbf",
    b"\xed\xa0\xbd\xed\xb8\x80",
    b"\xf0\x80\x80\x80",
    b"\xf0\x8f\xbf\xbf",
    b"\xf4\x90\x80\x80",
    b"\xf5\x80\x80\x80",
    b"\xf8\x88\x80\x80\x80",
    b"\xc2",
    b"\xd0",
    b"\xe2\x82",
    b"\xf0\x9f\x98",
    b"\xc2\x20",
];

/// Documents in which the bytes stand for `@`.
const PLACES: [&str; 10] = [
    r#"{"data":[{"a":"@"}]}"#,
    r#"{"data":[{"a":"қала@ "}, {"a":"x"}]}"#,
    r#"{"data":[{"@":1}]}"#,
    r#"{"data":[{"a":@}]}"#,
    r#"{"meta":{"a":"@"},"data":[]}"#,
    r#"{"data":[],"meta":{"a":"@"}}"#,
    r#"{"data":[]}@ "#,
    "<d><data><r><a>@</a></r></data></d>",
    "<d><meta><a b=\"@\"/></meta><data/></d>",
    "<d><data><r><!-- @ --></r></data></d>",
];

fn with(place: &str, bytes: &[u8]) -> (Vec<u8>, u64) {
    let (before, after) = place.split_once('@').expect("it is there");
    ([before.as_bytes(), bytes, after.as_bytes()].concat(), before.len() as u64)
}

#[test]
fn bytes_that_are_no_utf8_are_refused_with_the_first_of_them() {
    for place in PLACES {
        for bytes in NOT_UTF8 {
            let (document, byte) = with(place, bytes);
            assert_eq!(refusal(&document), (Code::DocumentNotUtf8, Some(byte)), "{bytes:x?} in {place}");
        }
    }
}

/// The window through which a document is read ends inside a character, and that is no fault.
#[test]
fn a_character_may_lie_across_any_window() {
    for shift in 0..4 {
        let text = format!("{}{}", "a".repeat(shift), "қ😀".repeat(30_000));
        let row = format!(r#"{{"a":"{text}"}}"#);
        let document =
            accepted(format!(r#"{{"meta":{{"apiUri":"m","a":"{text}"}},"data":[{row},{row}]}}"#).as_bytes());
        assert_eq!(rows(&document)[1]["a"], json!(text));
        let mut cut = format!(r#"{{"data":[{row},{row}]}}"#).into_bytes();
        let last = cut.len() - 5;
        cut[last - 4] = 0xff;
        assert_eq!(refused(&cut).code, Code::DocumentNotUtf8);
        let end = format!(r#"{{"data":[{{"a":"{text}"#).into_bytes();
        assert_eq!(refused(&end[..end.len() - 1]).code, Code::DocumentNotUtf8, "the end cuts a character");
    }
}

const XML: &str =
    "<d><fields><қала><type>String</type></қала></fields><data><r><қала>Ақтөбе Ёж № 5</қала></r></data></d>";

fn utf16(text: &str, bytes_of: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes_of).collect()
}

#[test]
fn declared_encodings_give_the_same_table() {
    let expected = rows(&accepted(XML.as_bytes()));
    for (name, bytes) in [
        ("UTF-16LE with a mark", utf16(&format!("\u{feff}{XML}"), u16::to_le_bytes)),
        ("UTF-16BE with a mark", utf16(&format!("\u{feff}{XML}"), u16::to_be_bytes)),
        ("UTF-16LE", utf16(XML, u16::to_le_bytes)),
        ("UTF-16BE", utf16(XML, u16::to_be_bytes)),
        ("UTF-8 with a mark", format!("\u{feff}{XML}").into_bytes()),
        ("UTF-8 declared", format!("<?xml version='1.0' encoding='UTF-8'?>{XML}").into_bytes()),
        (
            "UTF-16 declared",
            utf16(&format!("<?xml version='1.0' encoding='UTF-16'?>{XML}"), u16::to_le_bytes),
        ),
    ] {
        assert_eq!(rows(&accepted(&bytes)), expected, "{name}");
    }
    let json = r#"{"data":[{"a":"Ақтөбе"}]}"#;
    for bytes in [utf16(json, u16::to_le_bytes), utf16(&format!("\u{feff}{json}"), u16::to_be_bytes)] {
        assert_eq!(rows(&accepted(&bytes)), json!([{"a": "Ақтөбе"}]));
    }
}

#[test]
fn bytes_that_are_not_of_the_declared_encoding_are_refused_with_their_place() {
    let cyrillic = |label: &str, byte: u8| {
        let head = format!("<?xml version=\"1.0\" encoding=\"{label}\"?>\n<d><data><r><a>");
        (([head.as_bytes(), &[0xC0, byte], b"</a></r></data></d>"].concat()), head.len() as u64 + 1)
    };
    // 0x98 is the one byte that windows-1251 leaves open; encoding_rs follows the Encoding Standard, which
    // gives it a control character, so that nothing is refused there.
    let (sound, _) = cyrillic("windows-1251", 0xC1);
    assert_eq!(rows(&accepted(&sound)), json!([{"a": "АБ"}]));
    let (bytes, byte) = cyrillic("shift_jis", 0xA0);
    let error = refused(&bytes);
    let place = error.place.expect("it has one");
    assert_eq!((error.code, place.line, place.byte), (Code::DocumentEncoding, Some(2), Some(byte)));
    for bytes in [
        [
            utf16("<d><data><r><a>", u16::to_le_bytes),
            vec![0x00, 0xD8],
            utf16("</a></r></data></d>", u16::to_le_bytes),
        ]
        .concat(),
        [utf16(XML, u16::to_le_bytes), vec![b' ']].concat(),
        [utf16(XML, u16::to_be_bytes), vec![0]].concat(),
    ] {
        assert_eq!(refused(&bytes).code, Code::DocumentEncoding);
    }
    for label in ["utf-9", "", "cp-12345", "қ", "replacement", "hz-gb-2312", "iso-2022-kr"] {
        assert_eq!(refused(&cyrillic(label, 0xC1).0).code, Code::DocumentEncoding, "{label}");
    }
    for utf32 in [&b"\xff\xfe\0\0<\0\0\0"[..], b"\0\0\xfe\xff\0\0\0<", b"<\0\0\0d\0\0\0", b"\0\0\0<\0\0\0d"] {
        assert_eq!(refused(utf32).code, Code::DocumentEncoding);
    }
}

#[test]
fn no_bytes_or_only_a_mark_are_refused() {
    for bytes in [
        &b""[..],
        b" ",
        b"\n\n",
        b"\xef\xbb\xbf",
        b"\xef\xbb",
        b"\xef",
        b"\xff\xfe",
        b"\xfe\xff",
        b"\0",
        b"\0\0\0\0",
        b"\xff",
    ] {
        let code = refused(bytes).code;
        let is_named = [Code::DocumentSyntax, Code::DocumentNotUtf8, Code::DocumentEncoding].contains(&code);
        assert!(is_named, "{bytes:x?}: {code}");
    }
}

//! The bytes of a document in XML: what it declares is honoured.

use derek::document::{self, ReadOptions};
use encoding_rs::{Encoding, KOI8_R, WINDOWS_1251};
use serde_json::json;

use super::markup::text_of;
use super::{NOTHING, findings, read, rows, values};

const RUSSIAN: &str =
    "<field name=\"название\" type=\"String\" labelRu=\"Имя\"/><число><type>Int</type></число>";
const RUSSIAN_ROWS: &str =
    "<row><название>Съезд № не ёж</название><число>5</число></row><row><число>12 тг.</число></row>";

/// Checks a document with Russian names and texts.
fn is_russian(bytes: &[u8], note: &str) {
    let document = read(bytes);
    assert_eq!(
        rows(&document),
        json!([{"название": "Съезд № не ёж", "число": 5}, {"название": null, "число": null}]),
        "{note}"
    );
    assert_eq!(document.fields[0].labels[1], "Имя", "{note}");
    assert_eq!(findings(&document), [("value.not_an_int", Some(2), Some("12 тг."))], "{note}");
}

/// A document that declares an encoding, in that encoding.
fn declared(label: &str, encoding: &'static Encoding, text: &str) -> Vec<u8> {
    let text = format!("<?xml version=\"1.0\" encoding=\"{label}\"?>\n{text}");
    let (bytes, _, is_lossy) = encoding.encode(&text);
    assert!(!is_lossy, "{label} has all of these letters");
    bytes.into_owned()
}

#[test]
fn the_encoding_is_windows_1251() {
    for label in ["windows-1251", "Windows-1251", "WINDOWS-1251"] {
        is_russian(&declared(label, WINDOWS_1251, &text_of(RUSSIAN, RUSSIAN_ROWS)), label);
    }
}

/// It has no numero sign: a number stands for it.
#[test]
fn the_encoding_is_koi8_r() {
    let text = text_of(RUSSIAN, RUSSIAN_ROWS).replace('№', "&#8470;");
    for label in ["koi8-r", "KOI8-R"] {
        is_russian(&declared(label, KOI8_R, &text), label);
    }
}

/// The bytes of a text in UTF-16, after its byte order mark.
pub(super) fn utf16(text: &str, bytes_of: fn(u16) -> [u8; 2]) -> Vec<u8> {
    std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(bytes_of).collect()
}

#[test]
fn the_encoding_is_utf_16() {
    let text = text_of(RUSSIAN, RUSSIAN_ROWS);
    for head in [
        "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\n",
        "<?xml version=\"1.0\" encoding=\"utf-16\"?>",
        "<?xml version=\"1.0\"?>",
        "",
    ] {
        let text = format!("{head}{text}");
        is_russian(&utf16(&text, u16::to_le_bytes), &format!("little end first: {head}"));
        is_russian(&utf16(&text, u16::to_be_bytes), &format!("big end first: {head}"));
    }
}

#[test]
fn the_encoding_is_utf_8() {
    let text = text_of(RUSSIAN, RUSSIAN_ROWS);
    for head in [
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
        "<?xml version=\"1.0\" encoding='utf-8' standalone='yes'?>",
        "<?xml version=\"1.0\"?>",
    ] {
        is_russian(format!("{head}{text}").as_bytes(), head);
        is_russian(format!("\u{feff}{head}{text}").as_bytes(), head);
    }
}

/// The bytes of `АЌКҐЛ` in windows-1251 are those of `АҚКӨЛ` in the Kazakh standard.
#[test]
fn the_encoding_is_kz_1048() {
    let text = text_of("<s><type>String</type></s>", "<row><s>АЌКҐЛ ЋЎЈЄЇЅ ќћўјґєїѕ Ііё №</s></row>");
    for label in ["KZ-1048", "kz-1048", "STRK1048-2002"] {
        let document = read(declared(label, WINDOWS_1251, &text));
        assert_eq!(values(&document, "s"), ["АҚКӨЛ ҺҰӘҒҮҢ қһұәөғүң Ііё №"], "{label}");
        assert_eq!(findings(&document), NOTHING, "{label}");
    }
}

/// How the damage of 4.5 comes about: the encoding that is declared is not that of the bytes.
#[test]
fn bytes_of_kz_1048_are_declared_windows_1251() {
    let bytes = declared(
        "windows-1251",
        WINDOWS_1251,
        &text_of("<s><type>String</type></s>", "<row><s>АЌКҐЛ</s></row>"),
    );
    let document = read(&bytes);
    assert_eq!(values(&document, "s"), ["АЌКҐЛ"]);
    assert_eq!(findings(&document), [("text.mojibake", Some(1), Some("АЌКҐЛ"))]);
    let options = ReadOptions { repairs_text: true, ..ReadOptions::new("test") };
    let mended = document::read(bytes.as_slice(), &options).expect("it is sound");
    assert_eq!(values(&mended, "s"), ["АҚКӨЛ"]);
}

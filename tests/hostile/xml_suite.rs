//! What is no XML, and what is XML that a stranger would not send: refused with its place, and nothing
//! is expanded, fetched or followed.

use derek::error::Code;
use serde_json::json;

use super::{accepted, found, refusal, refused, rows};

/// Documents that are not well-formed.
const ILL_FORMED: [&str; 70] = [
    // No element, or more than one.
    "<",
    "<>",
    "< d/>",
    "<d",
    "<d/",
    "</d>",
    "<d>",
    "<?xml version='1.0'?>",
    "<!-- nothing -->",
    "<d><data/></d><d/>",
    "<d><data/></d>x",
    "<d><data/></d></d>",
    "x<d><data/></d>",
    "<d><data/></d><",
    "<d><data/></d>&amp;",
    "<data/><data/>",
    // Ends that do not fit.
    "<d><data></d></data>",
    "<d><data></D></data></d>",
    "<d><data></dat></d>",
    "<d><data></row></data></d>",
    "<d><data><r></data></d>",
    "<d><data><r></q></data></d>",
    "<d><data><r><a></r></a></data></d>",
    "<d><data><r><a>1</a></r>",
    "<d><data><r><a>1</a></r></data>",
    "<d><data><r><a>1</a>",
    "<d><data><r><a>1",
    "<d><data><r><a",
    "<d><data><r></",
    "<d><data><r></r",
    "<d><data></data></dd>",
    "<d><data/><meta></d>",
    "<d><data/><meta></d></meta>",
    "<d><meta><a></meta></a><data/></d>",
    "<d><meta><data/></d>",
    "<a:d><data/></b:d>",
    // Attributes.
    "<d><data><r a></r></data></d>",
    "<d><data><r a=></r></data></d>",
    "<d><data><r a=1></r></data></d>",
    "<d><data><r a='1></r></data></d>",
    "<d><data><r a=\"1'></r></data></d>",
    "<d><data><r a='1' a='2'></r></data></d>",
    "<d><data><r ='1'></r></data></d>",
    "<d><data><r a='&'></r></data></d>",
    "<d><data><r><a b></a></r></data></d>",
    "<d><data><r><a b='1' b='1'>1</a></r></data></d>",
    "<d><meta a><b/></meta><data/></d>",
    "<d><fields><a type=Int/></fields><data/></d>",
    // Entities and characters.
    "<d><data><r><a>&</a></r></data></d>",
    "<d><data><r><a>a & b</a></r></data></d>",
    "<d><data><r><a>&amp</a></r></data></d>",
    "<d><data><r><a>&#;</a></r></data></d>",
    "<d><data><r><a>&#x;</a></r></data></d>",
    "<d><data><r><a>&#xg;</a></r></data></d>",
    "<d><data><r><a>&#1a;</a></r></data></d>",
    "<d><data><r><a>&#0;</a></r></data></d>",
    "<d><data><r><a>&#xd800;</a></r></data></d>",
    "<d><data><r><a>&#x110000;</a></r></data></d>",
    "<d><data><r><a>&#99999999999999999999;</a></r></data></d>",
    "<d><data><r><a>&#-1;</a></r></data></d>",
    // Comments, CDATA, instructions.
    "<d><!-- <data/></d>",
    "<d><data><!-- ></data></d>",
    "<d><data><!></data></d>",
    "<d><data><!x></data></d>",
    "<d><data><r><a><![CDATA[1</a></r></data></d>",
    "<d><data><r><a><![CDATA[1]></a></r></data></d>",
    "<d><data><![CDAT[1]]></data></d>",
    "<d><data><?pi </data></d>",
    "<d><data><? </data></d>",
    "<d><?xml version='1.0'?><data/></d>",
];

#[test]
fn what_is_not_well_formed_is_refused_with_its_place() {
    super::all(ILL_FORMED, Err(Code::DocumentSyntax));
}

/// XML allows all of this.
#[test]
fn what_is_well_formed_is_accepted() {
    let documents = [
        "<data/>",
        "<data></data>",
        "<d><data/></d>",
        "\n<d ><data\n></data ></d >\n",
        "<?xml version=\"1.0\"?><d><data/></d>",
        "<?xml version='1.0' standalone='yes'?>\n<!-- a --><?pi b?><d><data/></d><!-- c --><?pi d?>\n",
        "<!-- a - b --><d><data/></d>",
        "<d><data><!-- <r> ]]> &x; --></data></d>",
        "<d><data><?pi <r> &x; ?></data></d>",
        "<d><data><r a='\"' b=\"'\" c='>'/></data></d>",
        "<d><data><r a='&lt;&amp;&gt;&quot;&apos;&#65;&#x42;'/></data></d>",
        "<d><data><r><a>&lt;&amp;&gt;&quot;&apos;&#65;&#x1f600;&#10;</a></r></data></d>",
        "<d><data><r><a><![CDATA[]]></a><b><![CDATA[<>&]] >]]]]><![CDATA[>]]></b></r></data></d>",
        "<d xmlns='urn:x' xmlns:y='urn:y'><data><y:r><y:a y:b='1'>2</y:a></y:r></data></d>",
        "<қала><data><ә>1</ә></data></қала>",
        "<d><data><r><a><b><c/></b></a></r></data></d>",
        "<d><data><row/><other/><row/></data><meta/></d>",
        "<d><data><r>&#9;</r></data></d>",
    ];
    super::all(documents, Ok(()));
}

#[test]
fn an_element_that_says_it_has_no_value_is_passed_whole() {
    for (row, expected) in [
        ("<a xsi:nil='true'/><b>1</b>", json!([{"a": null, "b": "1"}])),
        ("<a xsi:nil='true'></a><b>1</b>", json!([{"a": null, "b": "1"}])),
        ("<a xsi:nil='true'>x</a><b>1</b>", json!([{"a": null, "b": "1"}])),
        ("<a xsi:nil='true'><c>x</c></a><b>1</b>", json!([{"a": null, "b": "1"}])),
        ("<a xsi:nil='true'><c>x</c><c><d/></c></a><b>1</b>", json!([{"a": null, "b": "1"}])),
        ("<a xsi:nil='1'/><b xsi:nil='false'>1</b>", json!([{"a": null, "b": "1"}])),
    ] {
        let document = accepted(format!("<d><fields><a><type>String</type></a><b><type>String</type></b></fields><data><r>{row}</r></data></d>").as_bytes());
        assert_eq!(rows(&document), expected, "{row}");
    }
    let meta = "<d><meta><apiUri>m</apiUri><note xsi:nil='true'><a>1</a><b/></note><nameKk>ә</nameKk></meta><data/></d>";
    let document = accepted(meta.as_bytes());
    assert_eq!((document.name.as_str(), document.meta.names[0].as_str()), ("m", "ә"));
    assert_eq!(document.meta.members["note"], json!(null));
}

/// Ten entities of ten entities each, nine times over: a few hundred bytes that say a gigabyte.
#[test]
fn nothing_is_expanded_fetched_or_followed() {
    let laughs: String =
        (1..10).map(|at| format!("<!ENTITY l{at} \"{}\">", format!("&l{};", at - 1).repeat(10))).collect();
    for (text, byte) in [
        (format!("<!DOCTYPE d [<!ENTITY l0 \"ha\">{laughs}]><d><data><r>&l9;</r></data></d>"), 0),
        (
            format!(
                "<?xml version='1.0'?><!DOCTYPE d [<!ENTITY l0 \"{}\">]><d><data/></d>",
                "ha".repeat(100_000)
            ),
            21,
        ),
        ("<!DOCTYPE d SYSTEM \"file:///etc/passwd\"><d><data/></d>".to_owned(), 0),
        ("<!DOCTYPE d PUBLIC \"x\" \"http://127.0.0.1:1/x.dtd\"><d><data/></d>".to_owned(), 0),
        (
            "<!DOCTYPE d [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><d><data><r>&x;</r></data></d>"
                .to_owned(),
            0,
        ),
        ("<!DOCTYPE d [<!ENTITY % x SYSTEM \"http://127.0.0.1:1/x\"> %x;]><d><data/></d>".to_owned(), 0),
        ("<!DOCTYPE d><d><data/></d>".to_owned(), 0),
        ("<!doctype d><d><data/></d>".to_owned(), 0),
        ("<d><!DOCTYPE d><data/></d>".to_owned(), 3),
        ("<d><data><!DOCTYPE d></data></d>".to_owned(), 9),
        ("<d><data/><!DOCTYPE d></d>".to_owned(), 10),
        ("<d><data/></d><!DOCTYPE d>".to_owned(), 14),
        ("<d><data><r><a>&l9;</a></r></data></d>".to_owned(), 15),
        ("<d><data><r><a>&nbsp;</a></r></data></d>".to_owned(), 15),
        ("<d><data><r><a>&қ;</a></r></data></d>".to_owned(), 15),
        ("<d><meta><a>x&l9;</a></meta><data/></d>".to_owned(), 13),
    ] {
        let shown = &text[..text.len().min(200)];
        assert_eq!(refusal(text.as_bytes()), (Code::DocumentDtdRefused, Some(byte)), "{shown}");
    }
    for text in ["<d><data><r a='&l9;'/></data></d>", "<d><meta a='&l9;'><b/></meta><data/></d>"] {
        assert_eq!(
            refused(text.as_bytes()).code,
            Code::DocumentDtdRefused,
            "an entity in an attribute: {text}"
        );
    }
    // An instruction to style the document is no instruction to read a file.
    accepted(b"<?xml-stylesheet href='file:///etc/passwd'?><d><data><r><a>1</a></r></data></d>");
    let include = "<d xmlns:xi='http://www.w3.org/2001/XInclude'><data><r><xi:include href='/etc/passwd'/></r></data></d>";
    assert!(!rows(&accepted(include.as_bytes())).to_string().contains("root:"));
}

/// White space that XML does not take for it, such as a mark of byte order, is text.
#[test]
fn a_mark_of_byte_order_inside_a_document_shifts_nothing() {
    let rows_of = |between: &str| {
        let row = |at: usize| format!("<r><a>{at}</a></r>");
        let all: String = (0..20).map(row).collect();
        let text = format!("<d><fields><a><type>Int</type></a></fields><data>{between}{all}</data></d>");
        rows(&accepted(text.as_bytes()))
    };
    assert_eq!(rows_of("\u{feff}"), rows_of(""));
    assert_eq!(rows_of("\u{feff}\u{feff}"), rows_of(""));
    assert_eq!(refused("<d><data/></d>\u{feff}".as_bytes()).code, Code::DocumentSyntax);
    assert_eq!(refused("<d><data></data></d>\u{feff}<d/>".as_bytes()).code, Code::DocumentSyntax);
}

/// Text that belongs to no element is found, in a row that is there.
#[test]
fn text_between_rows_is_found() {
    let document = accepted("<d><data>а<r/>ә<r>б</r>в</data></d>".as_bytes());
    let raw: Vec<String> = document.findings.iter().filter_map(|finding| finding.raw.clone()).collect();
    for text in ["а", "ә", "б", "в"] {
        assert!(raw.iter().any(|raw| raw == text), "{text} in {raw:?}");
    }
    assert_eq!(found(&document, "row.text").len(), 3);
}

/// Two elements of one name are a list of two, also where the first of them is a list itself.
#[test]
fn repeated_elements_lose_nothing() {
    let text = "<d><meta><x><c><item>1</item></c><c>2</c><b/></x></meta><data/></d>";
    assert_eq!(accepted(text.as_bytes()).meta.members["x"]["c"], json!([["1"], "2"]));
}

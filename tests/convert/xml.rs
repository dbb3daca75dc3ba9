//! The order's document in XML.

use derek::convert::{normal, xml};
use serde_json::{Value, json};

use crate::convert::fixture;

fn written(document: &Value) -> String {
    String::from_utf8(xml::from_document(document).unwrap()).unwrap()
}

fn refusal(text: &str) -> derek::convert::Fault {
    xml::to_document(text.as_bytes()).unwrap_err()
}

#[test]
fn the_same_dataset_in_xml_and_in_json_is_the_same_document() {
    let of_json: Value = serde_json::from_slice(&fixture("same/same.json")).unwrap();
    assert_eq!(xml::to_document(&fixture("same/same.xml")).unwrap(), normal(&of_json).unwrap());
}

/// Worked out by hand from the form.
#[test]
fn a_document_is_written_element_by_key() {
    let document = json!({
        "meta": {"apiUri": "dari", "nameKk": "Дәріхана & <шөп>", "keywords": ["дәрі", "аптека"], "owner": {"phone": "1"}},
        "fields": {"id": {"type": "Int", "pkey": true}, "4kv": {"type": "Double"},
                   "phones": {"type": "List", "elementType": "String"}},
        "data": [{"id": "11", "4kv": 1.5, "phones": ["а", null]}, {"id": null, "phones": [], "өң": 7}, {}],
    });
    let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
        <dataset xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n\
        <meta>\n<apiUri>dari</apiUri>\n<nameKk>Дәріхана &amp; &lt;шөп&gt;</nameKk>\n\
        <keywords><keyword>дәрі</keyword><keyword>аптека</keyword></keywords>\n<owner><phone>1</phone></owner>\n</meta>\n\
        <fields>\n<id><type>Int</type><pkey>true</pkey></id>\n<field name=\"4kv\"><type>Double</type></field>\n\
        <phones><type>List</type><elementType>String</elementType></phones>\n</fields>\n\
        <data>\n<row><id>11</id><field name=\"4kv\">1.5</field><phones><item>а</item><item xsi:nil=\"true\"/></phones></row>\n\
        <row><id xsi:nil=\"true\"/><phones><?json []?></phones><өң><?json 7?>7</өң></row>\n<row></row>\n</data>\n</dataset>\n";
    assert_eq!(written(&document), expected);
}

#[test]
fn a_control_character_is_told_with_its_field_and_row() {
    let document = json!({"data": [{"a": "сау"}, {"a": {"ә": ["x", "бұз\u{1}ық"]}}]});
    let fault = xml::from_document(&document).unwrap_err();
    assert_eq!((fault.row, fault.column.as_deref()), (Some(2), Some("a.ә.item")));
    assert!(fault.message.contains("U+0001"), "{fault}");
    let fault = xml::from_document(&json!({"meta": {"nameKk": "\u{b}"}, "data": []})).unwrap_err();
    assert_eq!((fault.row, fault.column.as_deref()), (None, Some("meta.nameKk")));
    assert!(xml::from_document(&json!({"data": [{"a\u{2}": 1}]})).is_err());
}

#[test]
fn rows_before_fields_attributes_and_cdata_are_read() {
    let text = "\u{feff}<d><data><row id=\"5\"><name><![CDATA[<Ә>]]></name></row><жол><id>6</id></жол></data>\
                <fields><field name=\"id\" type=\"Int\" pkey=\"true\"/><name><type>String</type></name></fields></d>";
    let expected = json!({"meta": {}, "fields": {"id": {"type": "Int", "pkey": true}, "name": {"type": "String"}},
        "data": [{"id": 5, "name": "<Ә>"}, {"id": 6}]});
    assert_eq!(xml::to_document(text.as_bytes()).unwrap(), expected);
}

#[test]
fn what_has_no_place_is_told() {
    assert!(refusal("<!DOCTYPE d [<!ENTITY a \"b\">]><d><data/></d>").message.contains("document type"));
    assert!(refusal("<d><data><row><a>&b;</a></row></data></d>").message.contains("reference"));
    assert!(refusal("<d><meta/></d>").message.contains("no element 'data'"));
    assert!(refusal("<d><data/><data/></d>").message.contains("second time"));
    assert!(refusal("<d><other/><data/></d>").message.contains("'other'"));
    assert!(refusal("<d><data>мәтін</data></d>").message.contains("between elements"));
    assert!(refusal("<d><data><row>").message.contains("end of the text"));
    assert!(refusal("<d><data><row></data></d>").message.contains("well-formed"));
    assert!(refusal("<d><data/></d><d/>").message.contains("second root"));
    assert!(
        refusal("<?xml version=\"1.0\" encoding=\"windows-1251\"?><d><data/></d>")
            .message
            .contains("windows-1251")
    );
    let deep = format!("<d><data><row>{}", "<a>".repeat(100));
    assert!(refusal(&deep).message.contains("64"));
    let fault = refusal("<d>\n<data><row/>\n<row><a>1</a><a>2</a></row></data></d>");
    assert_eq!((fault.row, fault.column.as_deref()), (Some(2), Some("a")), "{fault}");
    assert!(fault.message.starts_with("line 3"), "{fault}");
}

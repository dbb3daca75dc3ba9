//! The document in XML: one element a key.

use arrow::datatypes::DataType;
use derek::document::{Document, Type};
use derek::error::Code;
use serde_json::{Value, json};

use super::encodings::utf16;
use super::{NOTHING, findings, found, read, refused, rows, values};

/// A document with these fields and rows, in XML.
fn dataset(fields: &str, rows: &str) -> Document {
    read(text_of(fields, rows))
}

/// The text of such a document.
pub(super) fn text_of(fields: &str, rows: &str) -> String {
    format!(
        "<dataset xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n <meta><apiUri>t</apiUri></meta>\n \
         <fields>{fields}</fields>\n <data>\n{rows}\n </data>\n</dataset>"
    )
}

#[test]
fn a_field_is_an_element_of_its_name() {
    let document = dataset(
        "<id><type>Int</type><labelKk>ИД</labelKk><labelRu>Номер</labelRu><labelEn>ID</labelEn><pkey>true</pkey></id>\
         <region><type>Int</type><datapath>regions.id</datapath></region>",
        "<row><id>11</id><region>1</region></row><row><id>12</id><region>2</region></row>",
    );
    assert_eq!(rows(&document), json!([{"id": 11, "region": 1}, {"id": 12, "region": 2}]));
    let [id, region] = &document.fields[..] else { panic!("there are two fields") };
    assert_eq!(
        (id.kind, id.is_key, id.labels.clone()),
        (Type::Int, true, ["ИД", "Номер", "ID"].map(str::to_owned))
    );
    assert_eq!((region.is_key, region.datapath.as_deref()), (false, Some("regions.id")));
    assert_eq!(findings(&document), NOTHING);
}

#[test]
fn a_field_is_an_element_field_with_its_name_in_an_attribute() {
    let document = dataset(
        r#"<field name="id" type="Int" labelKk="ИД" labelRu="Номер" labelEn="ID" pkey="true"/>
           <field name="4kv2022" type="Double" labelKk="4-тоқсан"/>
           <field name="region" type="Int" datapath="regions.id"></field>"#,
        r#"<row><field name="id">11</field><field name="4kv2022">1.5</field><field name="region">1</field></row>"#,
    );
    assert_eq!(rows(&document), json!([{"id": 11, "4kv2022": 1.5, "region": 1}]));
    let [id, quarter, region] = &document.fields[..] else { panic!("there are three fields") };
    assert_eq!(
        (id.kind, id.is_key, id.labels.clone()),
        (Type::Int, true, ["ИД", "Номер", "ID"].map(str::to_owned))
    );
    assert_eq!((quarter.kind, quarter.labels[0].as_str()), (Type::Double, "4-тоқсан"));
    assert_eq!(region.datapath.as_deref(), Some("regions.id"));
    assert_eq!(findings(&document), NOTHING);
}

/// A field may be described in one form and sent in the other, in its attributes or as elements.
#[test]
fn both_forms_of_a_field_stand_in_one_document() {
    let document = dataset(
        r#"<a><type>Int</type></a><field name="b" type="Int"/><field name="c d"><type>Int</type></field>
           <o><type>Object</type><fields><field name="24h" type="Boolean"/><open><type>String</type></open></fields></o>"#,
        r#"<row><field name="a">1</field><b>2</b><field name="c d">3</field><o><field name="24h">true</field><open>9</open></o></row>
           <row><a>1</a><field name="b">2</field><field name="o"><field name="open">9</field></field></row>"#,
    );
    assert_eq!(
        rows(&document),
        json!([
            {"a": 1, "b": 2, "c d": 3, "o": {"24h": true, "open": "9"}},
            {"a": 1, "b": 2, "c d": null, "o": {"24h": null, "open": "9"}}
        ])
    );
    assert_eq!(findings(&document), NOTHING);
}

#[test]
fn metadata_is_an_element_a_key_and_keywords_are_a_list() {
    let document = read(
        "<dataset><meta><apiUri>a</apiUri><nameKk>Дәріханалар</nameKk><keywords><keyword>дәріхана</keyword><keyword>аптека</keyword></keywords>\
         <responsible><fullnameKk>Ә</fullnameKk><phone>+7</phone></responsible><changeLog>жаңа</changeLog></meta><data/></dataset>",
    );
    assert_eq!((document.name.as_str(), document.meta.names[0].as_str()), ("a", "Дәріханалар"));
    assert_eq!(document.meta.keywords, ["дәріхана", "аптека"]);
    let members = &document.meta.members;
    assert_eq!(members["responsible"], json!({"fullnameKk": "Ә", "phone": "+7"}));
    assert_eq!(members["changeLog"], "жаңа");
}

#[test]
fn the_fields_stand_inside_meta() {
    let document = read(
        "<dataset><meta><apiUri>a</apiUri><fields><id><type>Int</type></id></fields></meta><data><row><id>7</id></row></data></dataset>",
    );
    assert_eq!((document.name.as_str(), rows(&document)), ("a", json!([{"id": 7}])));
    assert_eq!(findings(&document), NOTHING);
}

/// Points of the far west, where only the publisher knows.
#[test]
fn the_publisher_states_the_order_of_a_point() {
    for field in [
        "<at><type>Geoposition</type><order>lonlat</order></at>",
        r#"<field name="at" type="Geoposition" order="lonlat"/>"#,
    ] {
        let document = dataset(field, "<row><at>51.9,47.1</at></row>");
        assert_eq!(rows(&document), json!([{"at": {"lon": 51.9, "lat": 47.1}}]), "{field}");
        assert_eq!(findings(&document), NOTHING, "{field}");
    }
}

#[test]
fn names_that_are_no_xml_names() {
    for name in ["4kv2022", "саны/жылы", "саны (жылы)", "<название_поля_1>", "-", "a b", ".", "2023"]
    {
        let escaped = name.replace('<', "&lt;").replace('>', "&gt;");
        let document = dataset(
            &format!(r#"<field name="{escaped}" type="Int"/>"#),
            &format!(
                r#"<row><field name="{escaped}">5</field></row><row><field name="{escaped}">86,4%</field></row>"#
            ),
        );
        assert_eq!(rows(&document), json!([{name: 5}, {name: null}]));
        assert_eq!(found(&document, "value.not_an_int"), [(name, Some(2), Some("86,4%"))]);
    }
}

/// They are words of the format elsewhere.
#[test]
fn fields_are_called_like_elements_of_the_format() {
    for name in ["name", "type", "fields", "data", "meta", "row", "item", "field"] {
        for (field, row) in [
            (format!("<{name}><type>Int</type></{name}>"), format!("<row><{name}>5</{name}></row>")),
            (
                format!(r#"<field name="{name}" type="Int"/>"#),
                format!(r#"<row><field name="{name}">5</field></row>"#),
            ),
        ] {
            let document = dataset(&field, &row);
            assert_eq!(rows(&document), json!([{name: 5}]), "{field}");
            assert_eq!(findings(&document), NOTHING, "{field}");
        }
    }
}

#[test]
fn any_child_of_data_is_a_row() {
    let document = dataset(
        "<id><type>Int</type></id>",
        "<row><id>1</id></row><item><id>2</id></item><дәріхана><id>3</id></дәріхана><id><id>4</id></id><field><id>5</id></field>\
         <!-- no row --><data><id>6</id></data>",
    );
    assert_eq!(values(&document, "id"), [1, 2, 3, 4, 5, 6]);
    assert_eq!(findings(&document), NOTHING);
}

/// Every type, declared.
const ALL: &str = "<n><type>Int</type></n><d><type>Double</type></d><b><type>Boolean</type></b><s><type>String</type></s>\
    <t><type>Date</type></t><g><type>Geoposition</type></g><o><type>Object</type><fields><a><type>Int</type></a></fields></o>\
    <l><type>List</type><elementType>Int</elementType></l>";
const FULL: &str = "<row><n>1</n><d>1,5</d><b>true</b><s>ә</s><t>01.01.2020</t><g>51.1,71.4</g><o><a>2</a></o><l><item>3</item><item>4</item></l></row>";

/// Checks the row after a full one: `s` in it, and null in all other fields, without a finding.
fn is_null_but(row: &str, s: &Value) {
    let document = dataset(ALL, &format!("{FULL}{row}"));
    assert_eq!(
        rows(&document),
        json!([
            {"n": 1, "d": 1.5, "b": true, "s": "ә", "t": "2020-01-01", "g": {"lon": 71.4, "lat": 51.1}, "o": {"a": 2}, "l": [3, 4]},
            {"n": null, "d": null, "b": null, "s": s, "t": null, "g": null, "o": null, "l": null}
        ]),
        "{row}"
    );
    assert_eq!(findings(&document), NOTHING, "{row}");
}

#[test]
fn a_missing_element_is_null() {
    is_null_but("<row></row>", &Value::Null);
    is_null_but("<row/>", &Value::Null);
}

#[test]
fn an_element_that_says_nil_is_null() {
    let row =
        |nil: &str| ["n", "d", "b", "s", "t", "g", "o", "l"].map(|name| format!("<{name} {nil}/>")).concat();
    is_null_but(&format!("<row>{}</row>", row(r#"xsi:nil="true""#)), &Value::Null);
    is_null_but(&format!("<row>{}</row>", row("xsi:nil='true'")), &Value::Null);
    is_null_but(r#"<row><n xsi:nil="true"></n><field name="s" xsi:nil="true"/></row>"#, &Value::Null);
}

#[test]
fn an_element_that_says_it_is_not_nil_is_read() {
    let document = dataset("<n><type>Int</type></n>", r#"<row><n xsi:nil="false">5</n></row>"#);
    assert_eq!(rows(&document), json!([{"n": 5}]));
}

#[test]
fn an_empty_element_is_an_empty_string_and_null_for_every_other_type() {
    is_null_but("<row><n/><d/><b/><s/><t/><g/><o/><l/></row>", &json!(""));
    is_null_but("<row><n></n><d></d><b></b><s></s><t></t><g></g><o></o><l></l></row>", &json!(""));
    is_null_but(r#"<row><field name="n"/><field name="s"></field></row>"#, &json!(""));
}

#[test]
fn a_text_stands_in_cdata() {
    let document = dataset(
        "<s><type>String</type></s><n><type>Int</type></n>",
        "<row><s><![CDATA[<b>Ә</b> & \"ү\"]]></s><n><![CDATA[1 234]]></n></row><row><s>а<![CDATA[&lt;]]>б</s></row>",
    );
    assert_eq!(rows(&document), json!([{"s": "<b>Ә</b> & \"ү\"", "n": 1234}, {"s": "а&lt;б", "n": null}]));
    assert_eq!(findings(&document), NOTHING);
}

#[test]
fn the_five_entities_and_characters_by_number_are_read() {
    let document = dataset(
        r#"<s><type>String</type><labelKk>&lt;ә&gt;</labelKk></s><field name="а&amp;&#1201;" type="String" labelRu="&quot;&apos;"/>"#,
        "<row><s>&lt;a&gt; &amp;amp; &quot;&apos; &#1240;&#x4D9;</s><field name=\"а&amp;&#1201;\">&amp;</field></row>",
    );
    assert_eq!(rows(&document), json!([{"s": "<a> &amp; \"' Әә", "а&ұ": "&"}]));
    assert_eq!(
        (document.fields[0].labels[0].as_str(), document.fields[1].labels[1].as_str()),
        ("<ә>", "\"'")
    );
}

#[test]
fn a_string_is_not_trimmed() {
    let document = dataset("<s><type>String</type></s>", "<row><s>  Ә \n ү </s></row><row><s> </s></row>");
    assert_eq!(values(&document, "s"), ["  Ә \n ү ", " "]);
}

/// A document after this document type definition, with this text in a row.
fn defined(dtd: &str, text: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n{dtd}\n{}",
        text_of("<s><type>String</type></s>", &format!("<row><s>{text}</s></row>"))
    )
}

#[test]
fn a_document_type_definition_is_refused() {
    for dtd in [
        "<!DOCTYPE dataset>",
        "<!-- about --><!DOCTYPE dataset [ <!ELEMENT dataset ANY> ]>",
        "<!DOCTYPE dataset [ <!ENTITY kk \"қала\"> ]>",
        "<!DOCTYPE dataset SYSTEM \"dataset.dtd\">",
        "<!DOCTYPE dataset PUBLIC \"-//KZ//DTD dataset//KK\" \"http://127.0.0.1:9/dataset.dtd\">",
    ] {
        assert_eq!(refused(defined(dtd, "&amp;")), Code::DocumentDtdRefused, "{dtd}");
        let wide = defined(dtd, "ә").replacen("?>", " encoding=\"UTF-16\"?>", 1);
        assert_eq!(refused(utf16(&wide, u16::to_le_bytes)), Code::DocumentDtdRefused, "{dtd}");
    }
}

/// Ten entities of ten entities each: a thousand million laughs out of less than a kilobyte.
#[test]
fn a_billion_laughs_are_refused() {
    let ten = |at: usize| format!("<!ENTITY lol{at} \"{}\">", format!("&lol{};", at - 1).repeat(10));
    let entities = format!("<!ENTITY lol0 \"lol\">{}", (1..10).map(ten).collect::<Vec<_>>().concat());
    let start = std::time::Instant::now();
    assert_eq!(
        refused(defined(&format!("<!DOCTYPE dataset [{entities}]>"), "&lol9;")),
        Code::DocumentDtdRefused
    );
    assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
}

#[test]
fn an_external_entity_is_refused() {
    for entity in [
        "<!ENTITY x SYSTEM \"file:///etc/hostname\">",
        "<!ENTITY x SYSTEM \"http://127.0.0.1:9/x\">",
        "<!ENTITY % x SYSTEM \"http://127.0.0.1:9/x.dtd\"> %x;",
    ] {
        assert_eq!(
            refused(defined(&format!("<!DOCTYPE dataset [{entity}]>"), "&x;")),
            Code::DocumentDtdRefused,
            "{entity}"
        );
    }
}

#[test]
fn an_entity_that_nobody_defines_is_refused() {
    assert_eq!(refused(defined("", "а&nbsp;б")), Code::DocumentDtdRefused);
    assert_eq!(
        refused(text_of("<s><type>String</type><labelKk>&x;</labelKk></s>", "")),
        Code::DocumentDtdRefused
    );
}

#[test]
fn an_entity_that_nobody_defines_in_an_attribute_is_refused() {
    let field = r#"<field name="s" type="String"/>"#;
    for text in [
        text_of(r#"<field name="s" type="String" labelKk="&x;"/>"#, ""),
        text_of(r#"<field name="&x;" type="String"/>"#, ""),
        text_of(field, r#"<row><field name="&x;">5</field></row>"#),
        text_of(field, r#"<row><s xsi:nil="&x;"/></row>"#),
        text_of(field, r#"<row at="&x;"><s>5</s></row>"#),
        text_of(field, "").replacen("<meta>", r#"<meta at="&x;">"#, 1),
    ] {
        assert_eq!(refused(&text), Code::DocumentDtdRefused, "{text}");
    }
}

#[test]
fn an_entity_that_nobody_defines_in_an_attribute_of_the_whole_is_refused() {
    assert_eq!(
        refused(r#"<dataset at="&x;"><data><row><s>5</s></row></data></dataset>"#),
        Code::DocumentDtdRefused
    );
}

#[test]
fn a_bare_list_of_rows_has_no_fields_in_xml_either() {
    let document = read("<dataset><data><row><n>1</n><s>ә</s></row><row><n>2</n></row></data></dataset>");
    assert_eq!(rows(&document), json!([{"n": 1, "s": "ә"}, {"n": 2, "s": null}]));
    assert_eq!(document.schema.field(0).data_type(), &DataType::Int64);
    assert_eq!(findings(&document), [("document.no_fields", None, None)]);
}

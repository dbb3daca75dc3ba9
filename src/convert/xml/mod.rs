//! The order's document in XML. The order allows XML (order 144, paragraph 5) and fixes no mapping; this one is:
//!
//! * `<dataset><meta>…</meta><fields>…</fields><data><row>…</row></data></dataset>`, one element a member. A name that
//!   is no XML name is `<field name="…">`. Elements of a List are `<item>`, keywords `<keyword>`.
//! * A member that is not there has no element; null is `xsi:nil="true"`; an empty element is the empty text, and null
//!   in a field declared Object or List.
//! * Texts become numbers and booleans by the declared types. In fields declared Int or Double a text that spells a
//!   number as JSON does is that number, in fields declared Boolean `true` and `false` are booleans; all else is a text.
//! * What this does not tell (`[]`, `{}`, a number in a field of texts or in `meta`) stands in a processing instruction
//!   at the start of the element, as JSON: `<name><?json 7?>7</name>`. Readers that do not know it see the plain form.
//! * Texts are kept letter for letter; a carriage return is written `&#13;`. Control characters that XML has no place
//!   for are refused.

mod elements;
mod name;
mod reader;
mod reading;
mod writer;

use quick_xml::events::Event;
use serde_json::Value;

use crate::convert::document::{self, Parts};
use crate::convert::fault::Fault;

/// The XML of a document, in UTF-8. [`to_document`] gives the document's normal form back
/// ([`crate::convert::normal`]).
///
/// # Errors
/// What [`crate::convert::normal`] refuses; with field and row, a text or a name with a control character that XML
/// has no place for.
pub fn from_document(document: &Value) -> Result<Vec<u8>, Fault> {
    let document = document::normal(document)?;
    writer::Writer::document(&Parts::of(&document)?)
}

/// The document of XML in UTF-8. Other encodings are to be turned into a text first, see [`text_to_document`].
///
/// # Errors
/// With the row and the field, where in the data: what is not well-formed, a document type definition, an element
/// that has no place, more than 64 elements in one another, another encoding.
pub fn to_document(bytes: &[u8]) -> Result<Value, Fault> {
    let hint = "save the file in UTF-8";
    let text = std::str::from_utf8(bytes).map_err(|error| {
        Fault::new(format!("found bytes that are no UTF-8 ({error}), expected UTF-8")).hint(hint)
    })?;
    match declared_encoding(text) {
        Some(encoding) if !matches!(encoding.to_lowercase().as_str(), "utf-8" | "utf8" | "us-ascii") => {
            Err(Fault::new(format!("found the encoding '{encoding}', expected UTF-8")).hint(hint))
        }
        _ => text_to_document(text),
    }
}

/// The document of a text in XML, whatever encoding it declares.
///
/// # Errors
/// As [`to_document`].
pub fn text_to_document(text: &str) -> Result<Value, Fault> {
    reader::document(text)
}

fn declared_encoding(text: &str) -> Option<String> {
    let mut reader = quick_xml::Reader::from_str(text.trim_start_matches('\u{feff}'));
    match reader.read_event().ok()? {
        Event::Decl(declaration) => declaration.encoding()?.ok().map(std::borrow::Cow::into_owned),
        _ => None,
    }
}

//! A cursor over XML: elements, texts and ends, one after the other, and the values that they are.

use std::borrow::Cow;

use quick_xml::XmlVersion;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use serde_json::Value;

use super::reading::{Reading, is_blank};
use crate::convert::fault::{Fault, shown};
use crate::convert::json;

/// Elements may lie this deep in one another.
const MOST_DEPTH: usize = 64;

/// What comes next in a text.
enum Node<'a> {
    Open(BytesStart<'a>),
    Text(Cow<'a, str>),
    /// The JSON of an instruction `<?json …?>`.
    Json(String),
    Close,
    End,
}

/// A place in an XML text.
pub(super) struct Elements<'a> {
    reader: quick_xml::Reader<&'a [u8]>,
    text: &'a str,
    depth: usize,
    /// The names of the elements around the place, below the root.
    pub(super) path: Vec<String>,
    /// The row around the place.
    pub(super) row: Option<u64>,
}

impl<'a> Elements<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let text = text.trim_start_matches('\u{feff}');
        let mut reader = quick_xml::Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        Self { reader, text, depth: 0, path: Vec::new(), row: None }
    }

    /// A fault at this place: its line, and the row and the field around it.
    #[cold]
    pub(super) fn fault(&self, message: &str) -> Fault {
        let at = usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX);
        let line = self.text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1;
        let mut fault = Fault::new(format!("line {line}: {message}"));
        fault.row = self.row;
        fault.column = Some(self.path.join(".")).filter(|path| !path.is_empty());
        fault
    }

    fn next(&mut self) -> Result<Node<'a>, Fault> {
        loop {
            let event = self.reader.read_event();
            match event.map_err(|error| self.fault(&format!("found no well-formed XML: {error}")))? {
                Event::Start(start) => {
                    self.depth += 1;
                    if self.depth > MOST_DEPTH {
                        return Err(
                            self.fault(&format!("found more than {MOST_DEPTH} elements in one another"))
                        );
                    }
                    return Ok(Node::Open(start));
                }
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    return Ok(Node::Close);
                }
                Event::Text(text) => return Ok(Node::Text(text.xml10_content())),
                Event::CData(text) => return Ok(Node::Text(text.xml10_content())),
                Event::GeneralRef(reference) => return self.letter(&reference).map(Node::Text),
                Event::PI(instruction) if instruction.target() == "json" => {
                    return Ok(Node::Json(instruction.content().trim().to_owned()));
                }
                Event::DocType(_) => {
                    let fault = self.fault("found a document type definition, expected none");
                    return Err(fault.hint("take out <!DOCTYPE …>: entities are not expanded"));
                }
                Event::Eof => return Ok(Node::End),
                _ => {}
            }
        }
    }

    fn letter(&self, reference: &BytesRef<'a>) -> Result<Cow<'a, str>, Fault> {
        if let Some(text) = resolve_xml_entity(reference) {
            return Ok(Cow::Borrowed(text));
        }
        let letter = reference.resolve_char_ref().ok().flatten();
        let letter = letter.ok_or_else(|| self.fault("found a reference that stands for no character"));
        letter.map(|letter| Cow::Owned(letter.to_string()))
    }

    pub(super) fn root(&mut self) -> Result<BytesStart<'a>, Fault> {
        match self.child_or_end()? {
            Some(start) => Ok(start),
            None => Err(self.fault("found no element, expected one around meta, fields and data")),
        }
    }

    /// That nothing follows the root.
    pub(super) fn end(&mut self) -> Result<(), Fault> {
        match self.child_or_end()? {
            None => Ok(()),
            Some(_) => Err(self.fault("found a second root, expected the end of the document")),
        }
    }

    /// The next child of an open element; none where that is closed.
    pub(super) fn child(&mut self) -> Result<Option<BytesStart<'a>>, Fault> {
        let child = self.child_or_end()?;
        if child.is_none() && self.reader.buffer_position() >= self.text.len() as u64 && self.depth > 0 {
            return Err(self.fault("found the end of the text inside of an element"));
        }
        Ok(child)
    }

    fn child_or_end(&mut self) -> Result<Option<BytesStart<'a>>, Fault> {
        loop {
            match self.next()? {
                Node::Open(start) => return Ok(Some(start)),
                Node::Close | Node::End => return Ok(None),
                Node::Text(text) if is_blank(&text) => {}
                Node::Text(text) => {
                    return Err(self.fault(&format!("found the text {} between elements", shown(&text))));
                }
                Node::Json(_) => {}
            }
        }
    }

    /// Passes what is left of the element that was opened last.
    pub(super) fn skip(&mut self) -> Result<(), Fault> {
        let outside = self.depth.saturating_sub(1);
        while self.depth > outside {
            if matches!(self.next()?, Node::End) {
                return Err(self.fault("found the end of the text inside of an element"));
            }
        }
        Ok(())
    }

    /// The value of the element that was opened last.
    pub(super) fn value(&mut self, start: &BytesStart<'a>, reading: Reading<'_>) -> Result<Value, Fault> {
        let mut members = Vec::new();
        for (key, value) in self.attributes(start)? {
            if key.rsplit(':').next() == Some("nil") {
                if matches!(value.trim(), "true" | "1") {
                    return self.skip().map(|()| Value::Null);
                }
            } else if !key.starts_with("xml:") && !is_key(start, &key) {
                let value = reading.child(&key).leaf(&value).unwrap_or_else(|| value.as_str().into());
                members.push((key, value));
            }
        }
        let attributes = members.len();
        let mut text = String::new();
        loop {
            match self.next()? {
                Node::Text(more) => text.push_str(&more),
                Node::Json(json) => {
                    let value = json::parse(&json).map_err(|fault| {
                        self.fault(&format!("found no JSON in <?json …?>: {}", fault.message))
                    })?;
                    return self.skip().map(|()| value);
                }
                Node::Open(child) => {
                    let name = self.key(&child)?;
                    self.path.push(name.clone());
                    let value = self.value(&child, reading.child(&name))?;
                    self.path.pop();
                    members.push((name, value));
                }
                Node::Close => break,
                Node::End => {
                    return Err(self.fault("found the end of the text inside of an element"));
                }
            }
        }
        self.whole(&text, members, attributes, reading)
    }

    fn whole(
        &self,
        text: &str,
        members: Vec<(String, Value)>,
        attributes: usize,
        reading: Reading<'_>,
    ) -> Result<Value, Fault> {
        if members.is_empty() {
            let value = reading.leaf(text);
            return value.ok_or_else(|| self.fault(&format!("found {}, expected elements", shown(text))));
        }
        if !is_blank(text) {
            return Err(self.fault(&format!(
                "found {} beside elements or attributes, expected one of both",
                shown(text)
            )));
        }
        reading.gather(members, attributes).map_err(|fault| {
            let place = self.fault(&fault.message);
            Fault { column: fault.column.or(place.column), ..place }
        })
    }

    /// The member that an element stands for: its name without a prefix, or the attribute `name` of a `field`.
    fn key(&self, start: &BytesStart<'a>) -> Result<String, Fault> {
        let name = start.local_name().into_inner();
        if name == "field" {
            let named = self.attributes(start)?.into_iter().find(|(key, _)| key == "name");
            if let Some((_, name)) = named {
                return Ok(name);
            }
        }
        Ok(name.to_owned())
    }

    pub(super) fn attributes(&self, start: &BytesStart<'a>) -> Result<Vec<(String, String)>, Fault> {
        if start.attributes_raw().trim().is_empty() {
            return Ok(Vec::new());
        }
        let mut attributes = Vec::new();
        for attribute in start.attributes() {
            let attribute =
                attribute.map_err(|error| self.fault(&format!("found no well-formed attribute: {error}")))?;
            let key = attribute.key.into_inner();
            if key == "xmlns" || key.starts_with("xmlns:") {
                continue;
            }
            let value = attribute.normalized_value(XmlVersion::Implicit1_0);
            let value =
                value.map_err(|error| self.fault(&format!("found no well-formed attribute: {error}")))?;
            attributes.push((key.to_owned(), value.into_owned()));
        }
        Ok(attributes)
    }
}

/// Whether an attribute only names its element.
fn is_key(start: &BytesStart<'_>, key: &str) -> bool {
    key == "name" && start.local_name().into_inner() == "field"
}

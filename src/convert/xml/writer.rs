//! Writes a document as XML.

use serde_json::{Map, Value};

use super::name;
use super::reading::Reading;
use crate::convert::document::Parts;
use crate::convert::fault::{Fault, shown};

/// Members may lie this deep in one another: three elements stand around those of a row, and 64 are read.
const MOST_DEPTH: usize = 61;

/// An XML text that grows, and where in the document it is.
#[derive(Default)]
pub(super) struct Writer {
    text: String,
    path: Vec<String>,
    row: Option<u64>,
}

impl Writer {
    /// The text of a document.
    pub(super) fn document(parts: &Parts<'_>) -> Result<Vec<u8>, Fault> {
        let mut writer = Self::default();
        writer.text.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        writer.text.push_str("<dataset xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n");
        writer.part("meta", parts.meta, Reading::Meta)?;
        writer.part("fields", parts.fields, Reading::Fields)?;
        writer.text.push_str("<data>\n");
        for (row, number) in parts.rows.iter().filter_map(Value::as_object).zip(1..) {
            writer.row = Some(number);
            writer.text.push_str("<row>");
            writer.members(row, Reading::Members(&parts.kinds))?;
            writer.text.push_str("</row>\n");
        }
        writer.text.push_str("</data>\n</dataset>\n");
        Ok(writer.text.into_bytes())
    }

    /// Writes `meta` or `fields`, a member a line.
    fn part(&mut self, name: &str, members: &Map<String, Value>, reading: Reading<'_>) -> Result<(), Fault> {
        self.path.push(name.to_owned());
        self.text.extend([format!("<{name}>\n")]);
        for (key, value) in members {
            self.element(key, value, reading.child(key))?;
            self.text.push('\n');
        }
        self.text.extend([format!("</{name}>\n")]);
        self.path.pop();
        Ok(())
    }

    fn members(&mut self, members: &Map<String, Value>, reading: Reading<'_>) -> Result<(), Fault> {
        members.iter().try_for_each(|(key, value)| self.element(key, value, reading.child(key)))
    }

    /// Writes a member as an element of its name, or as a `field` where that is no XML name.
    fn element(&mut self, key: &str, value: &Value, reading: Reading<'_>) -> Result<(), Fault> {
        self.path.push(key.to_owned());
        if self.path.len() > MOST_DEPTH {
            let fault = Fault::new(format!(
                "found more than {MOST_DEPTH} members in one another, which no reader takes"
            ));
            return Err(fault.in_column(self.path.first().cloned().unwrap_or_default()).hint("write JSON"));
        }
        let name = if name::is_element(key) { key } else { "field" };
        self.text.push('<');
        self.text.push_str(name);
        if name != key || key == "field" {
            self.text.push_str(" name=\"");
            self.escaped(key, true)?;
            self.text.push('"');
        }
        if value.is_null() {
            self.text.push_str(" xsi:nil=\"true\"/>");
        } else {
            self.text.push('>');
            self.content(value, reading)?;
            self.text.extend([format!("</{name}>")]);
        }
        self.path.pop();
        Ok(())
    }

    fn content(&mut self, value: &Value, reading: Reading<'_>) -> Result<(), Fault> {
        // What the plain form does not tell apart is told in an instruction, which other readers pass over.
        let reading = if reading.tells(value) {
            reading
        } else {
            self.instruction(value);
            Reading::Free
        };
        match value {
            Value::Null => Ok(()),
            Value::Bool(value) => {
                self.text.push_str(if *value { "true" } else { "false" });
                Ok(())
            }
            Value::Number(number) => {
                self.text.push_str(&number.to_string());
                Ok(())
            }
            Value::String(text) => self.escaped(text, false),
            Value::Array(elements) => {
                let item = if matches!(reading, Reading::Words) { "keyword" } else { "item" };
                let child = reading.child(item);
                elements.iter().try_for_each(|element| self.element(item, element, child))
            }
            Value::Object(members) => self.members(members, reading),
        }
    }

    fn instruction(&mut self, value: &Value) {
        self.text.push_str("<?json ");
        for letter in value.to_string().chars() {
            // The end of the instruction must not stand in it. What XML does not have is refused with the text.
            if letter == '>' || letter == '\r' || !name::is_letter(letter) {
                self.text.extend([format!("\\u{:04x}", u32::from(letter))]);
            } else {
                self.text.push(letter);
            }
        }
        self.text.push_str("?>");
    }

    /// Writes a text. Line ends and tabs in attributes, and carriage returns, would be altered by every reader and
    /// are written as references.
    fn escaped(&mut self, text: &str, is_attribute: bool) -> Result<(), Fault> {
        for letter in text.chars() {
            match letter {
                '&' => self.text.push_str("&amp;"),
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                '"' if is_attribute => self.text.push_str("&quot;"),
                '\n' | '\t' if is_attribute => self.text.extend([format!("&#{};", u32::from(letter))]),
                '\r' => self.text.push_str("&#13;"),
                _ if name::is_letter(letter) => self.text.push(letter),
                _ => return Err(self.no_letter(text, letter)),
            }
        }
        Ok(())
    }

    fn no_letter(&self, text: &str, letter: char) -> Fault {
        let text = shown(&text.escape_debug().to_string());
        let message = format!(
            "found the control character U+{:04X} in {text}, which XML has no place for",
            u32::from(letter)
        );
        let fault = Fault::new(message).in_column(self.path.join("."));
        let fault = fault.hint("take the character out, or write JSON");
        match self.row {
            Some(row) => fault.in_row(row),
            None => fault,
        }
    }
}

//! The order's document in JSON (order 144, annex 1 part 1).
//!
//! Numbers are read by their own digits, so that none gets lost: a whole number is one of 64 bits, all others are the
//! double that is nearest to them, spelled with the fewest digits that tell it from its neighbours, and what neither
//! holds (25 digits, `1e400`) is the text of its digits.

use serde_json::{Map, Value};

use crate::convert::document::{self, Parts};
use crate::convert::fault::{Fault, shown};
use crate::convert::number;

/// Objects and lists may lie this deep in one another.
const MOST_DEPTH: usize = 64;

/// What a message shows of a text that it cannot read, in characters.
const SHOWN: usize = 16;

/// A place in a text.
struct Cursor<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

/// The value of a text of JSON in UTF-8, with a byte order mark or without.
///
/// # Errors
/// With line and column: what is no JSON, a member that stands twice, more than 64 objects and lists in one another.
///
/// ```
/// let value = derek::convert::json::read(br#"{"n": [310.60000000000002, 12345678901234567890123]}"#)?;
/// assert_eq!(value.to_string(), r#"{"n":[310.6,"12345678901234567890123"]}"#);
/// # Ok::<(), derek::convert::Fault>(())
/// ```
pub fn read(bytes: &[u8]) -> Result<Value, Fault> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let fault = Fault::new(format!("found bytes that are no UTF-8 ({error}), expected UTF-8"));
        fault.hint("save the file in UTF-8")
    })?;
    parse(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// The JSON of a document, in UTF-8: its normal form ([`super::normal`]), a row a line. [`read`] gives that back.
///
/// # Errors
/// What [`super::normal`] refuses.
pub fn write(document: &Value) -> Result<Vec<u8>, Fault> {
    let document = document::normal(document)?;
    let parts = Parts::of(&document)?;
    let mut text = "{\n".to_owned();
    for (name, members) in [("meta", parts.meta), ("fields", parts.fields)] {
        text.extend([format!("\"{name}\": {{")]);
        for (at, (key, value)) in members.iter().enumerate() {
            text.extend([if at > 0 { ",\n" } else { "\n" }, &Value::from(key.as_str()).to_string(), ": "]);
            text.push_str(&value.to_string());
        }
        text.push_str("\n},\n");
    }
    text.push_str("\"data\": [");
    for (at, row) in parts.rows.iter().enumerate() {
        text.extend([if at > 0 { ",\n" } else { "\n" }, &row.to_string()]);
    }
    text.push_str("\n]\n}\n");
    Ok(text.into_bytes())
}

/// The value of a text of JSON.
pub(super) fn parse(text: &str) -> Result<Value, Fault> {
    let mut cursor = Cursor { text, at: 0, depth: 0 };
    let value = cursor.value()?;
    match cursor.peek() {
        None => Ok(value),
        Some(_) => Err(cursor.fault("the end of the text")),
    }
}

impl Cursor<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The next byte that is no white space, which becomes the place.
    fn peek(&mut self) -> Option<u8> {
        let rest = self.rest().bytes();
        self.at += rest.take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count();
        self.text.as_bytes().get(self.at).copied()
    }

    /// Passes a sign where it comes next.
    fn takes(&mut self, sign: u8) -> bool {
        let is_next = self.peek() == Some(sign);
        self.at += usize::from(is_next);
        is_next
    }

    #[cold]
    fn fault(&self, expected: &str) -> Fault {
        let before = self.text.get(..self.at).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        let next: String = self.rest().chars().take(SHOWN).collect();
        let found = if next.is_empty() { "the end of the text".to_owned() } else { shown(&next) };
        Fault::new(format!("line {line}, column {column}: found {found}, expected {expected}"))
    }

    fn value(&mut self) -> Result<Value, Fault> {
        match self.peek() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::list),
            Some(b'"') => self.string().map(Value::String),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => self.word(),
        }
    }

    /// What opens with the next sign.
    fn nested(&mut self, read: fn(&mut Self) -> Result<Value, Fault>) -> Result<Value, Fault> {
        if self.depth == MOST_DEPTH {
            return Err(self.fault(&format!("at most {MOST_DEPTH} objects and lists in one another")));
        }
        self.depth += 1;
        self.at += 1;
        let value = read(self);
        self.depth -= 1;
        value
    }

    fn object(&mut self) -> Result<Value, Fault> {
        let mut members = Map::new();
        if self.takes(b'}') {
            return Ok(Value::Object(members));
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.fault("the name of a member in quotation marks"));
            }
            let start = self.at;
            let name = self.string()?;
            if members.contains_key(&name) {
                self.at = start;
                return Err(self.fault("each member once"));
            }
            if !self.takes(b':') {
                return Err(self.fault("':' after the name of a member"));
            }
            let value = self.value()?;
            members.insert(name, value);
            if self.takes(b'}') {
                return Ok(Value::Object(members));
            }
            if !self.takes(b',') {
                return Err(self.fault("',' or '}'"));
            }
        }
    }

    fn list(&mut self) -> Result<Value, Fault> {
        let mut elements = Vec::new();
        if self.takes(b']') {
            return Ok(Value::Array(elements));
        }
        loop {
            elements.push(self.value()?);
            if self.takes(b']') {
                return Ok(Value::Array(elements));
            }
            if !self.takes(b',') {
                return Err(self.fault("',' or ']'"));
            }
        }
    }

    /// The text in quotation marks that starts here.
    fn string(&mut self) -> Result<String, Fault> {
        let literal = self.quoted().unwrap_or_default();
        let length = literal.len();
        match serde_json::from_str(literal) {
            Ok(text) => {
                self.at += length;
                Ok(text)
            }
            Err(_) => Err(self.fault("a text as JSON has them: quoted, control characters escaped")),
        }
    }

    /// From the quotation mark here to the one that closes it.
    fn quoted(&self) -> Option<&str> {
        let rest = self.rest();
        let mut end = 1;
        loop {
            let next = memchr::memchr2(b'"', b'\\', rest.as_bytes().get(end..)?)?;
            end += next;
            if rest.as_bytes().get(end) == Some(&b'"') {
                return rest.get(..=end);
            }
            // What stands behind a backslash is no end, whatever it is.
            end += 2;
        }
    }

    fn number(&mut self) -> Result<Value, Fault> {
        let is_part = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E');
        let length = self.rest().bytes().take_while(is_part).count();
        let literal = self.rest().get(..length).unwrap_or_default();
        if !number::is_number(literal) {
            return Err(self.fault("a number as JSON has them"));
        }
        let value = number::parse(literal).unwrap_or_else(|| literal.into());
        self.at += length;
        Ok(value)
    }

    fn word(&mut self) -> Result<Value, Fault> {
        let words = [("null", Value::Null), ("true", Value::Bool(true)), ("false", Value::Bool(false))];
        let word = words.into_iter().find(|(word, _)| self.rest().starts_with(word));
        let (word, value) = word.ok_or_else(|| self.fault("a value of JSON"))?;
        self.at += word.len();
        Ok(value)
    }
}

//! Where the rows lie in a document, and what stands beside them (format.md 4.1).

use serde_json::{Map, Value};

use super::json::{Cursor, Fault};
use crate::error::{Code, Error};

/// The members of a document but its rows.
#[derive(Debug, Clone, Default)]
pub(super) struct Envelope {
    /// Members of the document: `meta`, `fields` and whatever else there is.
    pub(super) members: Map<String, Value>,
    /// Members beside the rows, where `data` is an object that holds them (`total`, `page`).
    pub(super) paging: Map<String, Value>,
    /// How many objects are open around the rows: 0 for a bare array.
    levels: usize,
}

/// What the start of a document turned out to be.
#[derive(Debug)]
pub(super) enum Head {
    /// The rows start after the `[` that ends at this byte.
    Rows { at: usize, envelope: Envelope },
    /// The document is complete and has no rows.
    NoRows(Envelope),
}

/// The keys under which an object at `data` holds the rows.
const ROWS_KEYS: [&str; 4] = ["result", "fields", "elements", "data"];

impl Envelope {
    /// Reads a document from its start up to its first row.
    pub(super) fn head(text: &str) -> Result<Head, Fault> {
        let mut envelope = Self::default();
        let mut cursor = Cursor::new(text, 0);
        if cursor.peek("a JSON object or array")? == b'[' {
            cursor.open(b'[')?;
            return Ok(Head::Rows { at: cursor.position(), envelope });
        }
        cursor.open(b'{')?;
        envelope.levels = 1;
        let mut first = true;
        while cursor.more(first, b'}')? {
            first = false;
            let key = cursor.key()?;
            if key == "data" && envelope.enter_data(&mut cursor)? {
                return Ok(Head::Rows { at: cursor.position(), envelope });
            }
            if key != "data" {
                envelope.members.insert(key.into_owned(), value(cursor.skip_value()?));
            }
        }
        cursor.skip_space();
        if cursor.position() < text.len() {
            return Err(Fault::Syntax { at: cursor.position(), expected: "the end of the document" });
        }
        Ok(Head::NoRows(envelope))
    }

    /// Enters `data`: true where it holds rows; else its value is passed.
    fn enter_data(&mut self, cursor: &mut Cursor<'_>) -> Result<bool, Fault> {
        match cursor.peek("an array of rows")? {
            b'[' => {
                cursor.open(b'[')?;
                return Ok(true);
            }
            b'{' => cursor.open(b'{')?,
            _ => {
                cursor.skip_value()?;
                return Ok(false);
            }
        }
        let mut first = true;
        while cursor.more(first, b'}')? {
            first = false;
            let key = cursor.key()?;
            if ROWS_KEYS.contains(&key.as_ref()) && cursor.peek("an array of rows")? == b'[' {
                cursor.open(b'[')?;
                self.levels = 2;
                return Ok(true);
            }
            self.paging.insert(key.into_owned(), value(cursor.skip_value()?));
        }
        Ok(false)
    }

    /// Reads what follows the `]` of the rows, up to the end of the document.
    pub(super) fn tail(&mut self, text: &str) -> Result<(), Fault> {
        let mut cursor = Cursor::inside(text, self.levels);
        for level in (1..=self.levels).rev() {
            while cursor.more(false, b'}')? {
                let key = cursor.key()?.into_owned();
                let members = if level == 2 { &mut self.paging } else { &mut self.members };
                members.insert(key, value(cursor.skip_value()?));
            }
        }
        cursor.skip_space();
        if cursor.position() < text.len() {
            return Err(Fault::Syntax { at: cursor.position(), expected: "the end of the document" });
        }
        Ok(())
    }

    /// `fields`, at the top or inside `meta`.
    pub(super) fn fields(&self) -> Option<&Value> {
        let inside = self.members.get("meta").and_then(|meta| meta.get("fields"));
        self.members
            .get("fields")
            .filter(|fields| fields.is_object())
            .or(inside.filter(|fields| fields.is_object()))
    }

    /// Why a document without rows is refused: it may be the body of an error, saved as a dataset.
    pub(super) fn without_rows(&self) -> Error {
        let says = |key: &str| self.members.get(key).filter(|value| !value.is_null());
        let is_error = says("error").is_some()
            || (says("message").is_some() && (says("code").is_some() || says("status").is_some()));
        if is_error {
            let body = Value::Object(self.members.clone()).to_string();
            let shown: String = body.chars().take(200).collect();
            return Error::new(
                Code::DocumentErrorBody,
                format!("this is the body of an error, not a dataset: {shown}"),
            )
            .hint("download the dataset again");
        }
        Error::new(Code::DocumentNoRows, "the document has no array of rows under \"data\"")
            .hint("expected {\"meta\": {…}, \"fields\": {…}, \"data\": [{…}, …]}")
    }
}

/// A member's value. What `serde_json` cannot hold (1e400) stays as its text.
fn value(raw: &str) -> Value {
    serde_json::from_str(raw).unwrap_or_else(|_| Value::String(raw.to_owned()))
}

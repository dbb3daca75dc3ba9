//! Where the rows lie in a document, and what stands beside them (format.md 4.1).

use serde_json::{Map, Value};

use super::fault::Fault;
use super::field::join;
use super::finding::capped;
use super::json::{Cursor, Scalar};
use super::xml;
use crate::error::{Code, Error};

/// The members of a document but its rows.
#[derive(Debug, Clone, Default)]
pub(super) struct Envelope {
    /// Members of the document: `meta`, `fields` and whatever else there is.
    pub(super) members: Map<String, Value>,
    /// Members beside the rows, where `data` is an object that holds them (`total`, `page`).
    pub(super) paging: Map<String, Value>,
    /// What stands around the rows.
    pub(super) form: Form,
    /// The name of the first element, in XML.
    pub(super) root: String,
    /// Paths of keys that stand twice in one object.
    pub(super) repeated: Vec<String>,
    /// Paths of texts with half a surrogate pair.
    pub(super) lone_surrogates: Vec<String>,
}

/// The language of a document, and what stands around its rows.
#[derive(Debug, Clone)]
pub(super) enum Form {
    /// JSON, and how many objects are open around the rows: 0 for a bare array.
    Json { levels: usize },
    /// XML, and the names of the elements that are open around the rows.
    Xml(Vec<String>),
}

impl Default for Form {
    fn default() -> Self {
        Self::Json { levels: 0 }
    }
}

/// What the start of a document turned out to be.
#[derive(Debug)]
pub(super) enum Head {
    /// The rows start after the `[` or the tag that ends at this byte; a tag `<data/>` has none.
    Rows { at: usize, envelope: Envelope, are_none: bool },
    /// The document is complete and has no rows.
    NoRows(Envelope),
}

/// What may stand before a document: the white space of JSON and XML.
pub(super) const SPACE: [char; 4] = [' ', '\t', '\r', '\n'];

/// The keys under which an object at `data` holds the rows.
const ROWS_KEYS: [&str; 4] = ["result", "fields", "elements", "data"];

impl Envelope {
    /// Reads a document from its start up to its first row.
    pub(super) fn head(text: &str) -> Result<Head, Fault> {
        if text.trim_start_matches(SPACE).starts_with('<') {
            return xml::head(text);
        }
        let mut envelope = Self::default();
        let mut cursor = Cursor::new(text, 0);
        if cursor.peek("a JSON object or array")? == b'[' {
            cursor.open(b'[')?;
            return Ok(Head::Rows { at: cursor.position(), envelope, are_none: false });
        }
        cursor.open(b'{')?;
        envelope.form = Form::Json { levels: 1 };
        let mut first = true;
        while cursor.more(first, b'}')? {
            first = false;
            let key = cursor.key()?;
            if key == "data" && envelope.enter_data(&mut cursor)? {
                return Ok(Head::Rows { at: cursor.position(), envelope, are_none: false });
            }
            if key != "data" {
                let value = envelope.value(&mut cursor, &key)?;
                envelope.insert(key.into_owned(), value);
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
                self.form = Form::Json { levels: 2 };
                return Ok(true);
            }
            let value = self.value(&mut cursor.clone(), &key)?;
            cursor.skip_value()?;
            self.paging.insert(key.into_owned(), value);
        }
        Ok(false)
    }

    /// Reads what follows the rows, up to the end of the document.
    pub(super) fn tail(&mut self, text: &str) -> Result<(), Fault> {
        match self.form.clone() {
            Form::Json { levels } => self.tail_of_json(text, levels),
            Form::Xml(names) => xml::tail(text, &names, self),
        }
    }

    fn tail_of_json(&mut self, text: &str, levels: usize) -> Result<(), Fault> {
        let mut cursor = Cursor::inside(text, levels);
        for level in (1..=levels).rev() {
            while cursor.more(false, b'}')? {
                let key = cursor.key()?.into_owned();
                let value = self.value(&mut cursor, &key)?;
                if level == 2 {
                    if ROWS_KEYS.contains(&key.as_str()) && value.is_array() {
                        self.repeated.push(join("data", &key));
                    }
                    self.paging.insert(key, value);
                } else {
                    self.insert(key, value);
                }
            }
        }
        cursor.skip_space();
        if cursor.position() < text.len() {
            return Err(Fault::Syntax { at: cursor.position(), expected: "the end of the document" });
        }
        Ok(())
    }

    /// Adds a member of the document; where it stands there twice, the last one counts.
    pub(super) fn insert(&mut self, key: String, value: Value) {
        if self.members.contains_key(&key) || (key == "data" && !matches!(value, Value::Null)) {
            self.repeated.push(key.clone());
        }
        self.members.insert(key, value);
    }

    /// The value that comes next, with the keys of `path` before it. A number that no `Value` can hold
    /// (1e400, 30 digits) stays as its text.
    pub(super) fn value(&mut self, cursor: &mut Cursor<'_>, path: &str) -> Result<Value, Fault> {
        let byte = cursor.peek("a value")?;
        if let Some(scalar) = cursor.scalar()? {
            if cursor.take_lone_surrogate() {
                self.lone_surrogates.push(path.to_owned());
            }
            return Ok(match scalar {
                Scalar::Null => Value::Null,
                Scalar::Boolean(value) => Value::Bool(value),
                Scalar::Text(text) => Value::String(text.into_owned()),
                Scalar::Number(text) => number(text).unwrap_or_else(|| Value::String(text.to_owned())),
            });
        }
        cursor.open(byte)?;
        let mut first = true;
        if byte == b'[' {
            let mut values = Vec::new();
            while cursor.more(first, b']')? {
                first = false;
                values.push(self.value(cursor, path)?);
            }
            return Ok(Value::Array(values));
        }
        let mut members = Map::new();
        while cursor.more(first, b'}')? {
            first = false;
            let key = cursor.key()?.into_owned();
            let path = capped(join(path, &key));
            if cursor.take_lone_surrogate() {
                self.lone_surrogates.push(path.clone());
            }
            let value = self.value(cursor, &path)?;
            if members.insert(key, value).is_some() {
                self.repeated.push(path);
            }
        }
        Ok(Value::Object(members))
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
        let has = |key: &str| self.members.contains_key(key);
        let root = self.root.to_lowercase();
        let is_error = ["error", "errors", "fault", "exception", "html"].contains(&root.as_str())
            || says("error").is_some()
            || says("success") == Some(&Value::Bool(false))
            || (has("message") && (has("code") || has("status")));
        if is_error {
            let body = Value::Object(self.members.clone());
            let body = if root.is_empty() { body.to_string() } else { format!("<{}> {body}", self.root) };
            let shown: String = body.chars().take(200).collect();
            return Error::new(
                Code::DocumentErrorBody,
                format!("this is the body of an error, not a dataset: {shown}"),
            )
            .hint("download the dataset again");
        }
        Error::new(Code::DocumentNoRows, "the document has no array of rows under \"data\"")
            .hint("expected {\"meta\": {…}, \"fields\": {…}, \"data\": [{…}, …]}, or the same in XML")
    }
}

/// A number that keeps all its digits, or none.
fn number(text: &str) -> Option<Value> {
    let is_whole = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let fits = !is_whole || text.parse::<i64>().is_ok() || text.parse::<u64>().is_ok();
    serde_json::from_str(text).ok().filter(|_| fits)
}

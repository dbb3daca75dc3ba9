//! The header of a query's file: comments that say what is asked, with what, and what comes back.

use super::{NamedQuery, QueryColumn, QueryParameter};
use crate::document::Type;
use crate::error::{Code, Error, Place, Result};

/// The types of parameters and columns.
const TYPES: [Type; 5] = [Type::Int, Type::Double, Type::String, Type::Boolean, Type::Date];

/// Names that a request's own parameters have: a query's cannot have them too.
const TAKEN: [&str; 2] = ["format", "lang"];

/// Whether a text is a query's or a parameter's name: small letters, digits and `_`, a letter first.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// The query in the text of a file.
///
/// # Errors
/// `query.header` with line and column, and what was expected there.
pub(super) fn parse(name: &str, text: &str, is_builtin: bool) -> Result<NamedQuery> {
    let mut header = Header::default();
    for (number, line) in (1..).zip(text.lines()).take_while(|(_, line)| line.starts_with("--")) {
        header.read(&mut Cursor { line, number, rest: &line[2..] })?;
    }
    let mut paragraphs = header.paragraphs.into_iter().map(|lines| lines.join(" "));
    let expected = |what: &str| Err(wrong(format!("expected {what}"), Place::at(1, 1)));
    let Some(question) = paragraphs.next() else { return expected("a comment that asks the question") };
    if header.columns.is_empty() {
        return expected("comments that declare the columns: column NAME TYPE: what it is");
    }
    check_placeholders(text, &header.parameters)?;
    Ok(NamedQuery {
        name: name.to_owned(),
        question,
        description: paragraphs.collect::<Vec<_>>().join("\n\n"),
        parameters: header.parameters.into_iter().map(|(parameter, _)| parameter).collect(),
        columns: header.columns,
        sql: text.to_owned(),
        is_builtin,
    })
}

/// What was read of a header.
#[derive(Default)]
struct Header {
    paragraphs: Vec<Vec<String>>,
    /// Whether the next line of text starts a paragraph.
    is_between: bool,
    /// The parameters with the numbers of their lines.
    parameters: Vec<(QueryParameter, u64)>,
    columns: Vec<QueryColumn>,
}

impl Header {
    fn read(&mut self, cursor: &mut Cursor<'_>) -> Result<()> {
        let said = cursor.rest.trim();
        let is_declared = !(self.parameters.is_empty() && self.columns.is_empty());
        match said.split_once(' ') {
            Some(("param", _)) => {
                cursor.take_word();
                let parameter = cursor.parameter()?;
                self.parameters.push((parameter, cursor.number));
            }
            Some(("column", _)) => {
                cursor.take_word();
                let column = cursor.column()?;
                self.columns.push(column);
            }
            _ if said.is_empty() => self.is_between = true,
            _ if is_declared => {
                return Err(cursor.expected("'param' or 'column': a text stands before the first of them"));
            }
            _ => self.add_text(said),
        }
        self.check_repeated(cursor)
    }

    fn add_text(&mut self, said: &str) {
        match self.paragraphs.last_mut().filter(|_| !self.is_between) {
            Some(paragraph) => paragraph.push(said.to_owned()),
            None => self.paragraphs.push(vec![said.to_owned()]),
        }
        self.is_between = false;
    }

    /// Refuses a name that was declared before: only the last one of a list can be such.
    fn check_repeated(&self, cursor: &Cursor<'_>) -> Result<()> {
        fn repeated<'a>(names: impl DoubleEndedIterator<Item = &'a str>) -> Option<&'a str> {
            let mut names = names.rev();
            let last = names.next()?;
            names.any(|name| name == last).then_some(last)
        }
        let parameters = self.parameters.iter().map(|(parameter, _)| parameter.name.as_str());
        let columns = self.columns.iter().map(|column| column.name.as_str());
        match repeated(parameters).or_else(|| repeated(columns)) {
            Some(name) => {
                let place = Place::at(cursor.number, 1);
                Err(wrong(format!("expected another name: '{name}' is declared above"), place))
            }
            None => Ok(()),
        }
    }
}

/// A comment while it is read.
struct Cursor<'a> {
    line: &'a str,
    number: u64,
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    /// `severity String = 'error': only findings of this severity`
    fn parameter(&mut self) -> Result<QueryParameter> {
        let before = self.rest;
        let name = self.take_word().to_owned();
        if !is_name(&name) || TAKEN.contains(&name.as_str()) {
            self.rest = before;
            return Err(self.expected("a name of small letters, digits and _, but not format or lang"));
        }
        let kind = self.kind()?;
        let default = if self.takes('=') { Some(self.literal(kind)?) } else { None };
        let description = self.description(if default.is_some() { "':'" } else { "'=' or ':'" })?;
        Ok(QueryParameter { name, kind, default, description })
    }

    /// `findings Int [findings]: how often`
    fn column(&mut self) -> Result<QueryColumn> {
        let before = self.rest;
        let name = self.take_word().to_owned();
        if name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) {
            self.rest = before;
            return Err(self.expected("a name of letters, digits and _"));
        }
        let kind = self.kind()?;
        let unit = if self.takes('[') {
            let (unit, rest) = self.rest.split_once(']').ok_or_else(|| self.expected("a unit and ']'"))?;
            self.rest = rest;
            Some(unit.trim().to_owned())
        } else {
            None
        };
        let description = self.description(if unit.is_some() { "':'" } else { "'[' or ':'" })?;
        Ok(QueryColumn { name, kind, unit, description })
    }

    fn kind(&mut self) -> Result<Type> {
        let before = self.rest;
        let word = self.take_word();
        TYPES.into_iter().find(|kind| kind.word() == word).ok_or_else(|| {
            self.rest = before;
            self.expected("a type: Int, Double, String, Boolean or Date")
        })
    }

    /// A default, without its quotes. A text must have them.
    fn literal(&mut self, kind: Type) -> Result<String> {
        self.rest = self.rest.trim_start();
        let before = self.rest;
        let quoted = self.takes('\'');
        let mut value = String::new();
        if quoted {
            loop {
                let (part, rest) = self.rest.split_once('\'').ok_or_else(|| self.expected("a closing '"))?;
                (value, self.rest) = (value + part, rest);
                match self.rest.strip_prefix('\'') {
                    Some(rest) => (value, self.rest) = (value + "'", rest),
                    None => break,
                }
            }
        } else {
            let end = self.rest.find(':').unwrap_or(self.rest.len());
            self.rest[..end].trim().clone_into(&mut value);
            self.rest = &self.rest[end..];
        }
        let fits = super::is_value(kind, &value) && (quoted || kind != Type::String);
        if !fits {
            self.rest = before;
            return Err(self.expected(match kind {
                Type::String => "a text in single quotes",
                Type::Date => "a date, such as 2024-12-31",
                Type::Boolean => "true or false",
                Type::Int => "a whole number",
                _ => "a number",
            }));
        }
        Ok(value)
    }

    /// What follows the colon that must stand here.
    fn description(&mut self, expected: &str) -> Result<String> {
        if !self.takes(':') {
            return Err(self.expected(expected));
        }
        match self.rest.trim() {
            "" => Err(self.expected("what it is, in words")),
            description => Ok(description.to_owned()),
        }
    }

    /// Takes the letters, digits and `_` that come next.
    fn take_word(&mut self) -> &'a str {
        let rest = self.rest.trim_start();
        let word = leading_word(rest);
        self.rest = &rest[word.len()..];
        word
    }

    /// Takes a sign if it comes next.
    fn takes(&mut self, sign: char) -> bool {
        let rest = self.rest.trim_start().strip_prefix(sign);
        rest.inspect(|rest| self.rest = rest).is_some()
    }

    /// The error of something else standing here.
    fn expected(&self, what: &str) -> Error {
        let rest = self.rest.trim_start();
        let before = &self.line[..self.line.len() - rest.len()];
        let found = if rest.is_empty() { "the line's end".to_owned() } else { format!("'{rest}'") };
        let place = Place::at(self.number, before.chars().count() as u64 + 1);
        wrong(format!("expected {what}; found {found}"), place)
    }
}

fn wrong(message: String, place: Place) -> Error {
    Error::new(Code::QueryHeader, message).at(place)
}

/// The letters, digits and `_` that a text starts with.
fn leading_word(text: &str) -> &str {
    let end = text.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    &text[..end.unwrap_or(text.len())]
}

/// Refuses a placeholder that no `param` declares, and a `param` without placeholder.
fn check_placeholders(text: &str, parameters: &[(QueryParameter, u64)]) -> Result<()> {
    let used = placeholders(text);
    for (at, name) in &used {
        if !parameters.iter().any(|(parameter, _)| parameter.name == *name) {
            let before = &text[..*at];
            let line = before.rsplit('\n').next().unwrap_or_default();
            let place = Place::at(before.matches('\n').count() as u64 + 1, line.chars().count() as u64 + 1);
            return Err(wrong(
                format!("expected a declared parameter; no 'param' declares '${name}'"),
                place,
            ));
        }
    }
    for (parameter, line) in parameters {
        if !used.iter().any(|(_, name)| *name == parameter.name) {
            let message = format!("expected '${}' in the query, since it is declared here", parameter.name);
            return Err(wrong(message, Place::at(*line, 1)));
        }
    }
    Ok(())
}

/// The placeholders of a query with their bytes' offsets; not those in comments and quotes.
fn placeholders(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(offset) = text[at..].find(['\'', '"', '$', '-', '/']) {
        at += offset;
        let rest = &text[at..];
        let after =
            |from: usize, end: &str| rest[from..].find(end).map_or(rest.len(), |it| from + it + end.len());
        at += match rest.as_bytes() {
            // A quote that stands twice ends one text and starts the next.
            [b'\'', ..] => after(1, "'"),
            [b'"', ..] => after(1, "\""),
            [b'-', b'-', ..] => after(2, "\n"),
            [b'/', b'*', ..] => after(2, "*/"),
            [b'$', ..] => {
                let name = leading_word(&rest[1..]);
                found.push((at, name));
                1 + name.len()
            }
            _ => 1,
        };
    }
    found
}

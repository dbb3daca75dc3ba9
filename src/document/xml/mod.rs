//! A cursor over XML text: elements, texts and ends, one after the other (format.md 3).
//!
//! Markup is `quick-xml`'s work. What stands here is what the reader needs besides: the byte of every
//! fault, "the text ended here" told apart from "the text is wrong here", a bound on depth, and no
//! entities but the five that XML itself defines.

mod column;
mod envelope;
mod rows;
mod value;

use std::borrow::Cow;
use std::io::BufRead;

use quick_xml::errors::{Error, IllFormedError, SyntaxError};
use quick_xml::escape::{EscapeError, resolve_xml_entity};
use quick_xml::events::attributes::AttrError;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;

pub(super) use envelope::{head, tail};
pub(super) use rows::{first_key, guess_row, read_rows};

use super::fault::{Fault, MAX_DEPTH};

/// The tag that opens an element.
#[derive(Debug)]
struct Tag<'a> {
    start: BytesStart<'a>,
    /// Whether it closes the element too: `<a/>`.
    is_empty: bool,
    /// Its place in the text.
    at: usize,
}

/// What comes next in a text.
#[derive(Debug)]
enum Node<'a> {
    Open(Tag<'a>),
    Text(Cow<'a, str>),
    /// The end of an element, with its name.
    Close(String),
    /// The end of the text.
    End,
}

/// What an element holds, up to its first child.
#[derive(Debug)]
enum Content<'a> {
    /// It has no child and is closed.
    Leaf(Cow<'a, str>),
    /// Its first child, and the text before that.
    Parent { before: Cow<'a, str>, child: Tag<'a> },
}

/// A position in an XML text.
struct Elements<'a> {
    reader: Reader<&'a [u8]>,
    text: &'a str,
    /// Where the reader started in the text.
    base: usize,
    depth: usize,
    /// How many elements were open around the text.
    outside: usize,
}

impl<'a> Elements<'a> {
    /// A cursor at a place of a text that lies inside `depth` open elements.
    fn inside(text: &'a str, at: usize, depth: usize) -> Self {
        // A reader passes byte order marks at its start, and does not count them.
        let at = text.len() - text[at..].trim_start_matches('\u{feff}').len();
        let mut reader = Reader::from_str(&text[at..]);
        // An element that was opened before the text may be closed in it.
        reader.config_mut().allow_unmatched_ends = true;
        Self { reader, text, base: at, depth, outside: depth }
    }

    /// The byte that comes next.
    fn position(&self) -> usize {
        self.base + usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX)
    }

    /// The next element, text or end; comments and processing instructions are passed.
    #[inline]
    fn next(&mut self) -> Result<Node<'a>, Fault> {
        loop {
            let at = self.position();
            match self.reader.read_event() {
                Ok(Event::Start(start)) => {
                    self.depth += 1;
                    return opened(Tag { start, is_empty: false, at }, self.depth);
                }
                Ok(Event::Empty(start)) => {
                    return opened(Tag { start, is_empty: true, at }, self.depth + 1);
                }
                Ok(Event::End(end)) => {
                    if self.depth <= self.outside {
                        self.outside = self.outside.saturating_sub(1);
                        self.depth = self.outside;
                        return Ok(Node::Close(end.name().as_ref().to_owned()));
                    }
                    self.depth -= 1;
                    return Ok(Node::Close(String::new()));
                }
                Ok(Event::Text(text)) => return Ok(Node::Text(text.xml10_content())),
                Ok(Event::CData(text)) => return Ok(Node::Text(text.xml10_content())),
                Ok(Event::GeneralRef(reference)) => return entity(&reference, at).map(Node::Text),
                Ok(Event::Comment(_) | Event::PI(_)) => {}
                Ok(Event::Decl(_)) if at == 0 => {}
                Ok(Event::Decl(_)) => {
                    return Err(Fault::Syntax { at, expected: "the XML declaration at the very start only" });
                }
                Ok(Event::DocType(_)) => return Err(Fault::Dtd { at }),
                Ok(Event::Eof) => return Ok(Node::End),
                Err(error) => return Err(self.fault(&error)),
            }
        }
    }

    #[cold]
    fn fault(&self, error: &Error) -> Fault {
        let at = self.base + usize::try_from(self.reader.error_position()).unwrap_or(usize::MAX);
        match error {
            Error::Syntax(syntax) => Fault::Incomplete { at, expected: missing(*syntax) },
            // What seems wrong at the end of a window may only be cut.
            Error::IllFormed(_) if !self.text.get(at..).unwrap_or_default().contains('<') => {
                Fault::Incomplete { at, expected: "well-formed markup (& is written &amp;)" }
            }
            Error::IllFormed(IllFormedError::UnclosedReference) => {
                Fault::Syntax { at, expected: "a reference such as &amp; (which is how & is written)" }
            }
            other => {
                let message = other.to_string();
                let message = message.trim_start_matches("ill-formed document: ").to_owned();
                Fault::IllFormed { at, message }
            }
        }
    }

    fn incomplete(&self, expected: &'static str) -> Fault {
        Fault::Incomplete { at: self.text.len(), expected }
    }

    /// The place and the text of the element that comes next, where it is `<name>text</name>` after white
    /// space at most, and opens as told: most are, and need no event. To be asked only where an element
    /// was opened or closed last.
    #[inline]
    fn leaf(&mut self, opening: &[u8]) -> Option<(usize, &'a str)> {
        let from = self.position();
        let rest = &self.text.as_bytes()[from..];
        let blank = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count();
        let inner = rest[blank..].strip_prefix(opening)?;
        // A reference or a line end of another kind is quick-xml's to read.
        let end = memchr::memchr3(b'<', b'&', b'\r', inner)?;
        inner[end..].strip_prefix(b"</")?.strip_prefix(&opening[1..])?;
        if self.depth >= MAX_DEPTH {
            return None;
        }
        let (at, start) = (from + blank, from + blank + opening.len());
        self.reader.stream().consume(start + end + 1 + opening.len() - from);
        Some((at, &self.text[start..start + end]))
    }

    /// What the element that `tag` opened holds, up to its first child.
    #[inline]
    fn content(&mut self, tag: &Tag<'_>) -> Result<Content<'a>, Fault> {
        let mut text = Cow::Borrowed("");
        if tag.is_empty {
            return Ok(Content::Leaf(text));
        }
        loop {
            match self.next()? {
                Node::Text(more) if text.is_empty() => text = more,
                Node::Text(more) => text.to_mut().push_str(&more),
                Node::Close(_) => return Ok(Content::Leaf(text)),
                Node::Open(child) => return Ok(Content::Parent { before: text, child }),
                Node::End => return Err(self.incomplete("the end of an element")),
            }
        }
    }

    /// Passes what is left of the element that `tag` opened.
    fn skip(&mut self, tag: &Tag<'_>) -> Result<(), Fault> {
        let outside = self.depth - usize::from(!tag.is_empty);
        while self.depth > outside {
            if matches!(self.next()?, Node::End) {
                return Err(self.incomplete("the end of an element"));
            }
        }
        Ok(())
    }

    /// The next child of an open element, after the text before it that belongs to none; none where
    /// the element is closed.
    #[inline]
    fn sibling(&mut self, stray: &mut impl FnMut(&str)) -> Result<Option<Tag<'a>>, Fault> {
        loop {
            match self.next()? {
                Node::Text(text) => {
                    if !is_blank(&text) {
                        stray(&text);
                    }
                }
                Node::Close(_) => return Ok(None),
                Node::Open(child) => return Ok(Some(child)),
                Node::End => return Err(self.incomplete("the end of an element")),
            }
        }
    }
}

impl Tag<'_> {
    /// The name without its namespace's prefix.
    fn local_name(&self) -> &str {
        let name = self.start.name().into_inner();
        name.rsplit(':').next().unwrap_or(name)
    }

    fn has_attributes(&self) -> bool {
        !self.start.attributes_raw().is_empty()
    }

    /// The attributes with their values, in order.
    fn attributes(&self) -> Result<Vec<(String, String)>, Fault> {
        let at = self.at;
        let ill_formed = |message: &str| Fault::IllFormed { at, message: format!("{message} in this tag") };
        let mut found = Vec::new();
        for attribute in self.start.attributes() {
            let attribute = attribute.map_err(|error| ill_formed(flaw(&error)))?;
            let key = attribute.key.into_inner();
            if key == "xmlns" || key.starts_with("xmlns:") {
                continue;
            }
            let value = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0);
            let value = value.map_err(|error| match error {
                Error::Escape(EscapeError::UnrecognizedEntity(..)) => Fault::Dtd { at },
                _ => ill_formed("a reference that stands for no character"),
            })?;
            found.push((key.to_owned(), value.into_owned()));
        }
        Ok(found)
    }
}

#[inline]
fn opened(tag: Tag<'_>, depth: usize) -> Result<Node<'_>, Fault> {
    if depth > MAX_DEPTH { Err(Fault::TooDeep { at: tag.at }) } else { Ok(Node::Open(tag)) }
}

/// Whether an attribute says that the element has no value: `xsi:nil="true"`.
fn is_nil(key: &str, value: &str) -> bool {
    key.rsplit(':').next() == Some("nil") && matches!(value.trim(), "true" | "1")
}

/// Whether a text is only the white space between elements.
#[inline]
fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
}

/// The text that a reference stands for.
fn entity<'a>(reference: &BytesRef<'a>, at: usize) -> Result<Cow<'a, str>, Fault> {
    if let Some(text) = resolve_xml_entity(reference) {
        return Ok(Cow::Borrowed(text));
    }
    match reference.resolve_char_ref() {
        Ok(Some(letter)) => Ok(Cow::Owned(letter.to_string())),
        Ok(None) => Err(Fault::Dtd { at }),
        Err(error) => Err(Fault::IllFormed { at, message: error.to_string() }),
    }
}

/// What is wrong with an attribute.
fn flaw(error: &AttrError) -> &'static str {
    match error {
        AttrError::ExpectedEq(_) => "an attribute without '='",
        AttrError::ExpectedValue(_) => "an attribute without a value",
        AttrError::UnquotedValue(_) => "a value without quotes",
        AttrError::ExpectedQuote(..) => "a value without its closing quote",
        AttrError::Duplicated(..) => "an attribute that stands twice",
    }
}

/// What is missing where the text ends.
fn missing(error: SyntaxError) -> &'static str {
    match error {
        SyntaxError::InvalidBangMarkup => "a comment or CDATA after '<!'",
        SyntaxError::UnclosedPI | SyntaxError::UnclosedXmlDecl => "'?>'",
        SyntaxError::UnclosedComment => "'-->'",
        SyntaxError::UnclosedDoctype => "the end of the DOCTYPE",
        SyntaxError::UnclosedCData => "']]>'",
        SyntaxError::UnclosedTag => "'>' at the end of this tag",
        SyntaxError::UnclosedSingleQuotedAttributeValue => "a closing single quote in this tag",
        SyntaxError::UnclosedDoubleQuotedAttributeValue => "a closing double quote in this tag",
    }
}

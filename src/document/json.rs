//! A cursor over JSON text: RFC 8259 to the letter, values as slices of the text.
//!
//! The reader needs what general JSON libraries do not give at this speed: the text of a number as
//! it stands (an `Int` of 25 digits, `1e400` and `1.10` must reach a finding unchanged), the place
//! of every fault, and "the text ended here" told apart from "the text is wrong here", since large
//! documents are read window by window.

use std::borrow::Cow;

use super::fault::{Fault, MAX_DEPTH};
use crate::encode::plain_end;

/// A value that holds no other.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Scalar<'a> {
    Null,
    Boolean(bool),
    /// The number as it stands in the text.
    Number(&'a str),
    Text(Cow<'a, str>),
}

/// A position in a JSON text.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    /// Whether half a surrogate pair was met since it was asked last.
    has_lone_surrogate: bool,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str, at: usize) -> Self {
        Self { text, at, depth: 0, has_lone_surrogate: false }
    }

    /// A cursor at the start of a text that lies inside `depth` open containers.
    pub(super) fn inside(text: &'a str, depth: usize) -> Self {
        Self { text, at: 0, depth, has_lone_surrogate: false }
    }

    /// A cursor at another place of the same text.
    pub(super) fn at(&self, at: usize) -> Self {
        Self { at, ..self.clone() }
    }

    /// The byte that comes next.
    #[inline]
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// Whether half a surrogate pair was met since this was asked last.
    #[inline]
    pub(super) fn take_lone_surrogate(&mut self) -> bool {
        self.has_lone_surrogate && std::mem::take(&mut self.has_lone_surrogate)
    }

    /// The text from `start` to here.
    pub(super) fn since(&self, start: usize) -> &'a str {
        &self.text[start..self.at]
    }

    #[inline]
    fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    #[cold]
    fn fault(&self, expected: &'static str) -> Fault {
        if self.at >= self.text.len() {
            Fault::Incomplete { at: self.text.len(), expected }
        } else {
            Fault::Syntax { at: self.at, expected }
        }
    }

    #[inline]
    pub(super) fn skip_space(&mut self) {
        // Hardly any value has white space before it.
        while self.bytes().get(self.at).is_some_and(|byte| *byte <= b' ') {
            if !matches!(self.bytes()[self.at], b' ' | b'\n' | b'\t' | b'\r') {
                break;
            }
            self.at += 1;
        }
    }

    /// The next byte that is not white space, without passing it.
    #[inline]
    pub(super) fn peek(&mut self, expected: &'static str) -> Result<u8, Fault> {
        self.skip_space();
        self.bytes().get(self.at).copied().ok_or_else(|| self.fault(expected))
    }

    /// Passes white space and then `byte`, if it is the next.
    #[inline]
    pub(super) fn take(&mut self, byte: u8) -> bool {
        self.skip_space();
        let found = self.bytes().get(self.at) == Some(&byte);
        self.at += usize::from(found);
        found
    }

    /// Passes white space and `byte`, or says what was expected.
    #[inline]
    pub(super) fn expect(&mut self, byte: u8, expected: &'static str) -> Result<(), Fault> {
        if self.take(byte) { Ok(()) } else { Err(self.fault(expected)) }
    }

    /// Passes the `{` or `[` that opens a container.
    pub(super) fn open(&mut self, byte: u8) -> Result<(), Fault> {
        self.expect(byte, if byte == b'{' { "an object" } else { "an array" })?;
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(Fault::TooDeep { at: self.at - 1 }) } else { Ok(()) }
    }

    /// After `open`, or after a member: whether another member follows; passes the comma before it
    /// or the bracket that closes the container.
    #[inline]
    pub(super) fn more(&mut self, first: bool, close: u8) -> Result<bool, Fault> {
        self.skip_space();
        match self.bytes().get(self.at) {
            Some(b',') if !first => self.at += 1,
            Some(byte) if *byte == close => {
                self.at += 1;
                self.depth -= 1;
                return Ok(false);
            }
            _ if first => {}
            _ => return Err(self.fault(if close == b'}' { "',' or '}'" } else { "',' or ']'" })),
        }
        Ok(true)
    }

    /// Passes white space and then `quoted`, a key with its quotes and colon, if it comes next.
    #[inline]
    pub(super) fn take_key(&mut self, quoted: &[u8]) -> bool {
        self.skip_space();
        let found = !quoted.is_empty() && self.bytes()[self.at..].starts_with(quoted);
        self.at += if found { quoted.len() } else { 0 };
        found
    }

    /// The key of a member, and the colon after it.
    #[inline]
    pub(super) fn key(&mut self) -> Result<Cow<'a, str>, Fault> {
        if self.peek("a key in double quotes")? != b'"' {
            return Err(self.fault("a key in double quotes"));
        }
        let key = self.string()?;
        self.expect(b':', "':' after the key")?;
        Ok(key)
    }

    /// The string whose opening quote comes next.
    #[inline]
    pub(super) fn string(&mut self) -> Result<Cow<'a, str>, Fault> {
        let start = self.at + 1;
        self.at = plain_end(self.bytes(), start);
        match self.bytes().get(self.at) {
            Some(b'"') => {
                self.at += 1;
                Ok(Cow::Borrowed(&self.text[start..self.at - 1]))
            }
            Some(b'\\') => self.string_with_escapes(start).map(Cow::Owned),
            _ => Err(self.fault("a character of a string (control characters must be escaped)")),
        }
    }

    /// The rest of a string that starts at `start` and has its first backslash here.
    #[cold]
    fn string_with_escapes(&mut self, start: usize) -> Result<String, Fault> {
        let mut value = self.text[start..self.at].to_owned();
        loop {
            match self.bytes().get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(value);
                }
                Some(b'\\') => {
                    self.at += 1;
                    value.push(self.escape()?);
                }
                _ => return Err(self.fault("a character of a string (control characters must be escaped)")),
            }
            let plain = self.at;
            self.at = plain_end(self.bytes(), plain);
            value.push_str(&self.text[plain..self.at]);
        }
    }

    /// The character that an escape stands for; its backslash is passed already. Half of a
    /// surrogate pair is no character: it becomes U+FFFD.
    fn escape(&mut self) -> Result<char, Fault> {
        let Some(&byte) = self.bytes().get(self.at) else { return Err(self.fault("an escape")) };
        let plain = match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                self.at += 1;
                let high = self.four_hex_digits()?;
                return self.surrogate_pair(high);
            }
            _ => return Err(self.fault("one of the escapes \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u")),
        };
        self.at += 1;
        Ok(plain)
    }

    fn surrogate_pair(&mut self, high: u32) -> Result<char, Fault> {
        if (0xD800..0xDC00).contains(&high) && self.bytes()[self.at..].starts_with(b"\\u") {
            let after_high = self.at;
            self.at += 2;
            let low = self.four_hex_digits()?;
            if (0xDC00..0xE000).contains(&low) {
                let code = 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = after_high;
        }
        Ok(char::from_u32(high).unwrap_or_else(|| {
            self.has_lone_surrogate = true;
            char::REPLACEMENT_CHARACTER
        }))
    }

    fn four_hex_digits(&mut self) -> Result<u32, Fault> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = self.bytes().get(self.at).and_then(|byte| char::from(*byte).to_digit(16));
            let Some(digit) = digit else { return Err(self.fault("four hexadecimal digits")) };
            code = code * 16 + digit;
            self.at += 1;
        }
        Ok(code)
    }

    /// The number that starts here, as its text.
    #[inline]
    fn number(&mut self) -> Result<&'a str, Fault> {
        let start = self.at;
        self.at += usize::from(self.bytes().get(self.at) == Some(&b'-'));
        if self.bytes().get(self.at) == Some(&b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.bytes().get(self.at) == Some(&b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.bytes().get(self.at), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.bytes().get(self.at), Some(b'+' | b'-')));
            self.digits()?;
        }
        Ok(&self.text[start..self.at])
    }

    #[inline]
    fn digits(&mut self) -> Result<(), Fault> {
        let start = self.at;
        while self.bytes().get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        if self.at == start { Err(self.fault("a digit")) } else { Ok(()) }
    }

    fn word(&mut self, word: &'static str, expected: &'static str) -> Result<(), Fault> {
        let rest = &self.bytes()[self.at..];
        if rest.starts_with(word.as_bytes()) {
            self.at += word.len();
            return Ok(());
        }
        if word.as_bytes().starts_with(rest) {
            self.at = self.text.len();
        }
        Err(self.fault(expected))
    }

    /// The scalar that comes next, or none where an object or a list does.
    #[inline]
    pub(super) fn scalar(&mut self) -> Result<Option<Scalar<'a>>, Fault> {
        const VALUE: &str = "a value";
        Ok(Some(match self.peek(VALUE)? {
            b'"' => Scalar::Text(self.string()?),
            b'-' | b'0'..=b'9' => Scalar::Number(self.number()?),
            b't' => self.word("true", VALUE).map(|()| Scalar::Boolean(true))?,
            b'f' => self.word("false", VALUE).map(|()| Scalar::Boolean(false))?,
            b'n' => self.word("null", VALUE).map(|()| Scalar::Null)?,
            b'{' | b'[' => return Ok(None),
            _ => return Err(self.fault(VALUE)),
        }))
    }

    /// Passes the value that comes next, whatever it is, and returns its text.
    pub(super) fn skip_value(&mut self) -> Result<&'a str, Fault> {
        let byte = self.peek("a value")?;
        let start = self.at;
        if self.scalar()?.is_none() {
            let close = if byte == b'{' { b'}' } else { b']' };
            self.open(byte)?;
            let mut first = true;
            while self.more(first, close)? {
                first = false;
                if close == b'}' {
                    self.key()?;
                }
                self.skip_value()?;
            }
        }
        Ok(self.since(start))
    }
}

//! A text of several statements → its pieces, in order.

use crate::error::{Error, Place};

/// What a piece of a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// SQL, without the semicolon that ends it.
    Statement,
    /// A line that starts with a backslash.
    Command,
}

/// One statement or command of a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
    /// Whether its end was seen; only the last piece can lack one.
    pub(super) is_ended: bool,
    /// The byte of the whole text that it starts at.
    start: usize,
}

impl Piece<'_> {
    /// An error in this piece, as one in the text that it is a piece of.
    pub(super) fn in_text(&self, mut error: Error, text: &str) -> Error {
        if let Some(Place { line: Some(line), column, .. }) = error.place.as_deref_mut() {
            let before = &text[..self.start];
            if let Some(column) = column.as_mut().filter(|_| *line == 1) {
                let line_start = before.rfind('\n').map_or(0, |at| at + 1);
                *column += before[line_start..].chars().count() as u64;
            }
            *line += before.matches('\n').count() as u64;
        }
        error
    }
}

/// The pieces of a text: statements end with a semicolon outside quotes, comments and dollar quotes,
/// commands with their line. What holds comments alone is no piece. Cost: one pass.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let (part, length) = part(rest);
        if matches!(part, Part::Blank | Part::Semicolon) {
            at += length;
            continue;
        }
        let (kind, length, is_ended) = if rest.starts_with('\\') {
            (Kind::Command, rest.find('\n').unwrap_or(rest.len()), true)
        } else {
            let (length, is_ended) = statement(rest);
            (Kind::Statement, length, is_ended)
        };
        pieces.push(Piece { kind, text: rest[..length].trim_end(), is_ended, start: at });
        at += length;
    }
    pieces
}

/// The length of the statement that a text starts with, and whether a semicolon follows.
fn statement(text: &str) -> (usize, bool) {
    let mut at = 0;
    while at < text.len() {
        let (part, length) = part(&text[at..]);
        if part == Part::Semicolon {
            return (at, true);
        }
        at += length;
    }
    (at, false)
}

/// What a text starts with, as far as the end of a statement depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// A blank or a whole comment.
    Blank,
    Semicolon,
    /// A word, a sign, a literal; or a comment or literal that does not end.
    Other,
}

/// The part that a text starts with, and its length in bytes; the text is not empty.
fn part(text: &str) -> (Part, usize) {
    let bytes = text.as_bytes();
    let literal = |end: Option<usize>| (Part::Other, end.unwrap_or(text.len()));
    match bytes[0] {
        b';' => (Part::Semicolon, 1),
        byte if byte.is_ascii_whitespace() => (Part::Blank, 1),
        b'-' if bytes.starts_with(b"--") => (Part::Blank, text.find('\n').unwrap_or(text.len())),
        b'/' if bytes.starts_with(b"/*") => match comment_end(bytes) {
            Some(end) => (Part::Blank, end),
            None => literal(None),
        },
        quote @ (b'\'' | b'"' | b'`') => literal(quoted_end(bytes, quote, false)),
        b'$' => literal(dollar_end(text)),
        byte if is_of_word(byte) => {
            let end = bytes.iter().position(|byte| !is_of_word(*byte)).unwrap_or(text.len());
            if end == 1 && byte.eq_ignore_ascii_case(&b'e') && bytes.get(1) == Some(&b'\'') {
                // E'it\'s': the one literal with escapes.
                return literal(quoted_end(&bytes[1..], b'\'', true).map(|length| length + 1));
            }
            (Part::Other, end)
        }
        _ => (Part::Other, 1),
    }
}

/// Letters beyond ASCII are of words: so no letter is cut.
fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'@' | b'#' | b'$') || !byte.is_ascii()
}

/// Where a quoted text ends that the bytes start with; a doubled quote does not end it.
fn quoted_end(bytes: &[u8], quote: u8, has_escapes: bool) -> Option<usize> {
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        match *byte {
            b'\\' if has_escapes => at += 2,
            byte if byte == quote && bytes.get(at + 1) == Some(&quote) => at += 2,
            byte if byte == quote => return Some(at + 1),
            _ => at += 1,
        }
    }
    None
}

/// Where a comment ends that the bytes start with; comments may hold comments.
fn comment_end(bytes: &[u8]) -> Option<usize> {
    let (mut at, mut depth) = (2, 1_u32);
    while depth > 0 {
        match bytes.get(at..at + 2)? {
            b"/*" => (at, depth) = (at + 2, depth + 1),
            b"*/" => (at, depth) = (at + 2, depth - 1),
            _ => at += 1,
        }
    }
    Some(at)
}

/// Where `$tag$ … $tag$` ends, or a parameter such as `$1`.
fn dollar_end(text: &str) -> Option<usize> {
    let is_of_tag = |letter: char| letter.is_alphanumeric() || letter == '_';
    let tag_end = 1 + text[1..].find(|letter| !is_of_tag(letter)).unwrap_or(text.len() - 1);
    if !text[tag_end..].starts_with('$') {
        return Some(tag_end);
    }
    let (tag, body) = text.split_at(tag_end + 1);
    body.find(tag).map(|at| at + 2 * tag.len())
}

//! From a fault somewhere in the bytes to an error that names file line, column and byte.

use std::io;

use super::fault::{Fault, MAX_DEPTH};
use super::record::MAX_KEYS;
use super::source::Source;
use crate::error::{Code, Error, Place};

/// Why a document cannot be read.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The JSON is at fault; `base` is the offset of the text that the fault counts from.
    Fault { base: u64, fault: Fault },
    /// The bytes are no UTF-8 from this offset on.
    NotUtf8 { byte: u64 },
    /// The source could not be read.
    Io(io::Error),
    /// Anything that has a sentence of its own already.
    Other(Error),
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Refusal {
    /// The error that a user reads; finding line and column costs a pass over the bytes before.
    pub(super) fn into_error<S: Source + ?Sized>(self, source: &S) -> Error {
        let language = if is_markup(source) { "XML" } else { "JSON" };
        let (code, byte, message) = match self {
            Self::Other(error) => return error,
            Self::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Error::new(Code::DocumentChanged, "the file became shorter while it was read")
                    .hint("publish a new version by renaming a complete file into place");
            }
            Self::Io(error) => {
                return Error::new(Code::DocumentIo, format!("cannot read: {error}")).caused_by(error);
            }
            Self::NotUtf8 { byte } => {
                let message = "not UTF-8: a byte here is part of no character".to_owned();
                (Code::DocumentNotUtf8, byte, message)
            }
            Self::Fault { base, fault } => {
                let shows_found = matches!(fault, Fault::Syntax { .. } | Fault::Incomplete { .. });
                let (code, at, message) = describe(fault, language);
                let byte = base + at as u64;
                let found =
                    if shows_found { format!(", found {}", found_at(source, byte)) } else { String::new() };
                (code, byte, message + &found)
            }
        };
        let (line, column) = line_and_column(source, byte);
        let place = Place { line: Some(line), column: Some(column), byte: Some(byte), ..Place::default() };
        let error = Error::new(code, message).at(place);
        match code {
            Code::DocumentNotUtf8 => error.hint("publish it as UTF-8, or as XML that declares its encoding"),
            Code::DocumentDtdRefused => {
                error.hint("write & < > \" ' as &amp; &lt; &gt; &quot; &apos;, and no DOCTYPE")
            }
            _ => error,
        }
    }
}

/// The error of rows with more keys than a table has room for.
pub(super) fn too_many_keys() -> Error {
    Error::new(Code::DocumentTooLarge, format!("more than {MAX_KEYS} different keys in one kind of object"))
        .hint("a key that is data belongs into a value")
}

/// Whether a document is meant to be XML.
fn is_markup<S: Source + ?Sized>(source: &S) -> bool {
    let mut window = Vec::new();
    let is_read = source.read(0, 1 << 10, &mut window).is_ok();
    let start = window.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&window).trim_ascii_start();
    is_read && start.first() == Some(&b'<')
}

fn describe(fault: Fault, language: &str) -> (Code, usize, String) {
    match fault {
        Fault::Syntax { at, expected } | Fault::Incomplete { at, expected } => {
            (Code::DocumentSyntax, at, format!("not {language}: expected {expected}"))
        }
        Fault::IllFormed { at, message } => (Code::DocumentSyntax, at, format!("not XML: {message}")),
        Fault::Dtd { at } => {
            let message = "a document type definition, or an entity that only one could define, is refused";
            (Code::DocumentDtdRefused, at, message.to_owned())
        }
        Fault::TooDeep { at } => {
            (Code::DocumentTooDeep, at, format!("nested deeper than {MAX_DEPTH} objects or lists"))
        }
        Fault::TooSparse { at } => {
            let message = "the table would have far more empty cells than the document has bytes";
            (Code::DocumentTooLarge, at, message.to_owned())
        }
        Fault::TooManyKeys { at } => (Code::DocumentTooLarge, at, too_many_keys().message),
        Fault::TwoSpellings(names) => {
            (Code::Internal, 0, format!("two spellings of {} in one row", names.join(", ")))
        }
    }
}

/// What stands at a byte, as a message shows it.
fn found_at<S: Source + ?Sized>(source: &S, byte: u64) -> String {
    let mut window = Vec::new();
    match source.read(byte, 24, &mut window) {
        Ok(()) if window.is_empty() => "the end of the file".to_owned(),
        Ok(()) => {
            let text = String::from_utf8_lossy(&window);
            let line = text.lines().next().unwrap_or_default().trim_end_matches('\u{fffd}');
            match line.chars().next() {
                None => "the end of the line".to_owned(),
                Some(letter) if letter.is_control() => {
                    format!("the control character U+{:04X}", u32::from(letter))
                }
                Some(_) => format!("'{line}'"),
            }
        }
        Err(_) => "nothing that could be read".to_owned(),
    }
}

/// Line and column (in characters) of a byte, both from 1.
fn line_and_column<S: Source + ?Sized>(source: &S, byte: u64) -> (u64, u64) {
    const WINDOW_BYTES: usize = 1 << 20;
    let (mut line, mut column, mut offset) = (1, 1, 0);
    let mut window = Vec::new();
    while offset < byte {
        let length = super::source::window_bytes(byte, offset, WINDOW_BYTES);
        if source.read(offset, length, &mut window).is_err() || window.is_empty() {
            break;
        }
        line += memchr::memchr_iter(b'\n', &window).count() as u64;
        let last_line = match memchr::memrchr(b'\n', &window) {
            Some(end) => {
                column = 1;
                &window[end + 1..]
            }
            None => &window[..],
        };
        // Every byte of a character but its first has the form 10xxxxxx.
        column += last_line.iter().filter(|byte| **byte & 0xC0 != 0x80).count() as u64;
        offset += window.len() as u64;
    }
    (line, column)
}

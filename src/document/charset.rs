//! Documents that are not UTF-8: turned into it as a whole, before anything else is read.
//!
//! A byte order mark says UTF-16; an XML declaration names any encoding of the Encoding Standard, or
//! KZ-1048 (STRK 1048-2002), the standard of Kazakhstan that no library knows.

use encoding_rs::{DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1251};

use super::letters;
use super::refusal::Refusal;
use super::source::{Source, window_bytes};
use crate::error::{Code, Error, Place};

/// How much of a document is looked at for a declaration.
const HEAD_BYTES: usize = 1 << 10;
/// How much is decoded at a time.
const WINDOW_BYTES: usize = 1 << 20;

/// An encoding that a document is written in.
struct Charset {
    encoding: &'static Encoding,
    /// Whether the letters of KZ-1048 stand in the places of windows-1251.
    is_kazakh: bool,
}

/// The document as UTF-8, or none where it is that already.
///
/// Cost: one pass over the bytes, and memory for as many again, or twice that.
pub(super) fn decode<S: Source + ?Sized>(source: &S) -> Result<Option<Vec<u8>>, Refusal> {
    let mut head = Vec::new();
    source.read(0, window_bytes(source.len_bytes(), 0, HEAD_BYTES), &mut head)?;
    match charset(&head).map_err(Refusal::Other)? {
        Some(charset) => transcode(source, &charset).map(Some),
        None => Ok(None),
    }
}

/// The encoding that a document's start tells, or none for UTF-8.
fn charset(head: &[u8]) -> Result<Option<Charset>, Error> {
    let plain = |encoding| Ok(Some(Charset { encoding, is_kazakh: false }));
    match head {
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] | [b'<', 0, 0, 0, ..] | [0, 0, 0, b'<', ..] => {
            return Err(unknown("UTF-32"));
        }
        [0xFF, 0xFE, ..] | [b'<' | b'{' | b'[', 0, ..] => return plain(UTF_16LE),
        [0xFE, 0xFF, ..] | [0, b'<' | b'{' | b'[', ..] => return plain(UTF_16BE),
        _ => {}
    }
    let Some(label) = declared(head) else { return Ok(None) };
    if ["kz-1048", "kz1048", "kz_1048", "rk1048", "rk-1048", "strk1048-2002", "strk-1048-2002", "cskz1048"]
        .contains(&label.to_lowercase().as_str())
    {
        return Ok(Some(Charset { encoding: WINDOWS_1251, is_kazakh: true }));
    }
    match Encoding::for_label_no_replacement(label.as_bytes()) {
        // A declaration that can be read byte by byte is not in UTF-16, whatever it says.
        Some(encoding) if encoding == UTF_8 || encoding == UTF_16LE || encoding == UTF_16BE => Ok(None),
        Some(encoding) => plain(encoding),
        None => Err(unknown(&label)),
    }
}

/// The encoding that an XML declaration names: `<?xml version="1.0" encoding="windows-1251"?>`.
fn declared(head: &[u8]) -> Option<String> {
    let head = head.strip_prefix("\u{feff}".as_bytes()).unwrap_or(head).trim_ascii_start();
    let declaration = head.strip_prefix(b"<?xml")?;
    let end = memchr::memmem::find(declaration, b"?>")?;
    let declaration = std::str::from_utf8(&declaration[..end]).ok()?;
    let (_, value) = declaration.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    value[1..].split_once(quote).map(|(label, _)| label.trim().to_owned())
}

fn unknown(label: &str) -> Error {
    Error::new(Code::DocumentEncoding, format!("the encoding '{label}' is not known"))
        .hint("publish the document as UTF-8")
}

fn transcode<S: Source + ?Sized>(source: &S, charset: &Charset) -> Result<Vec<u8>, Refusal> {
    let mut decoder = charset.encoding.new_decoder_with_bom_removal();
    let mut text = String::new();
    let (mut window, mut offset) = (Vec::new(), 0);
    loop {
        let length = window_bytes(source.len_bytes(), offset, WINDOW_BYTES);
        source.read(offset, length, &mut window)?;
        let is_last = offset + length as u64 >= source.len_bytes();
        let mut rest = &window[..];
        loop {
            let room =
                decoder.max_utf8_buffer_length_without_replacement(rest.len()).unwrap_or(rest.len() * 3);
            text.reserve(room);
            let (result, read) = decoder.decode_to_string_without_replacement(rest, &mut text, is_last);
            rest = &rest[read..];
            match result {
                DecoderResult::InputEmpty => break,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(length, after) => {
                    let read = (window.len() - rest.len()) as u64;
                    let byte = (offset + read).saturating_sub(u64::from(length) + u64::from(after));
                    return Err(Refusal::Other(malformed(charset.encoding.name(), byte, &text)));
                }
            }
        }
        offset += length as u64;
        if is_last {
            break;
        }
    }
    Ok(if charset.is_kazakh { letters::repair(&text).into_bytes() } else { text.into_bytes() })
}

fn malformed(encoding: &str, byte: u64, before: &str) -> Error {
    let line = memchr::memchr_iter(b'\n', before.as_bytes()).count() as u64 + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() as u64 + 1;
    Error::new(Code::DocumentEncoding, format!("a byte here is part of no character of {encoding}"))
        .at(Place { byte: Some(byte), ..Place::at(line, column) })
        .hint("publish the document as UTF-8, or declare the encoding that it has")
}

//! Whether a workbook stays small when it is read.
//!
//! It is a ZIP archive, and a few kilobytes of it may unpack to more than the machine has; and its table of shared
//! texts says itself how many there are, which a reader takes for the memory that it needs. So the archive is opened
//! as its reader does, each file unpacked once into nothing, and that number compared with what is there. A reader
//! holds a text several times before anybody is asked about its length, so that one of no sensible length is refused
//! here.

use std::io::{self, Cursor, Read, Write};

use zip::ZipArchive;

use super::Fault;
use super::bounds::MOST_CELL_BYTES;

/// The start of the table of shared texts, in which it says how many there are.
const HEAD_BYTES: u64 = 4_096;

/// Bytes of a text that its reader may hold. One that is too long for a cell, but not for this, is told with its row and
/// column where it is read.
const MOST_TEXT_BYTES: usize = 16 * MOST_CELL_BYTES;

/// # Errors
/// Where the bytes are no such archive, unpack to more than so many bytes, hold a text of more than a reader may hold,
/// or say what cannot be.
pub fn check(bytes: &[u8], most_bytes: u64) -> Result<(), Fault> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| no_workbook(&error))?;
    let mut left = most_bytes;
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).map_err(|error| no_workbook(&error))?;
        let name = file.name().map_err(|error| no_workbook(&error))?.to_lowercase();
        let is_shared = name.ends_with("sharedstrings.xml");
        let mut head = Vec::new();
        (&mut file).take(HEAD_BYTES.min(left)).read_to_end(&mut head).map_err(|error| no_workbook(&error))?;
        let mut rest = (&mut file).take((left + 1).saturating_sub(head.len() as u64));
        // Whatever it is called: where its sheets lie, a workbook says itself.
        let mut text = Text { length: head.len(), is_long: false };
        let rest = io::copy(&mut rest, &mut text)
            .map_err(|error| if text.is_long { too_long(&name) } else { no_workbook(&error) })?;
        let unpacked = head.len() as u64 + rest;
        if unpacked > left {
            let message = format!("found a workbook that unpacks to more than {most_bytes} bytes");
            return Err(
                Fault::new(message).hint("write CSV, JSON or XML, or publish the rows in several documents")
            );
        }
        // A text takes some bytes of markup.
        if is_shared && said_counts(&head).any(|count| count.is_none_or(|count| count > unpacked)) {
            let fault = Fault::new("found a workbook that says to have more texts than it has bytes");
            return Err(fault.hint("save the file as 'Excel workbook (.xlsx)' again"));
        }
        left -= unpacked;
    }
    Ok(())
}

/// The numbers that the head of a table says of its texts (`count`, `uniqueCount`); none for one that is no number.
fn said_counts(head: &[u8]) -> impl Iterator<Item = Option<u64>> {
    let head = String::from_utf8_lossy(head).to_lowercase();
    let values: Vec<Option<u64>> = head
        .split("count")
        .skip(1)
        .filter_map(|rest| rest.trim_start().strip_prefix('='))
        .map(|rest| {
            let rest = rest.trim_start().trim_start_matches(['"', '\'']);
            rest.split(['"', '\'']).next().unwrap_or_default().trim().parse().ok()
        })
        .collect();
    values.into_iter()
}

/// How long the text is that is being unpacked: what stands between two signs of markup.
struct Text {
    length: usize,
    is_long: bool,
}

impl Write for Text {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        // Pieces are short: within one there is no long text.
        let first = memchr::memchr(b'<', piece).unwrap_or(piece.len());
        self.length += first;
        self.is_long = self.length > MOST_TEXT_BYTES;
        if let Some(last) = memchr::memrchr(b'<', piece) {
            self.length = piece.len() - last;
        }
        if self.is_long { Err(io::Error::other("a text is too long")) } else { Ok(piece.len()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn too_long(file: &str) -> Fault {
    let message = format!("found a text of more than {MOST_TEXT_BYTES} bytes in '{file}' of the workbook");
    Fault::new(message).hint("a cell of a workbook has 32,767 characters at most")
}

fn no_workbook(error: &dyn std::fmt::Display) -> Fault {
    let fault = Fault::new(format!("found no workbook ({error}), expected an XLSX file"));
    fault.hint("save the file as 'Excel workbook (.xlsx)'")
}

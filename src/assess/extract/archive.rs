//! Whether a packed workbook stays small when it is unpacked.
//!
//! A workbook is a ZIP archive, and a few kilobytes of it may unpack to more than the machine has. So each entry
//! is unpacked into nothing first, whatever its header says of its size.

use std::io::{self, Read};

use flate2::read::DeflateDecoder;

use crate::error::{Code, Error, Result};

/// What all entries may unpack to, in bytes.
const MOST_BYTES: u64 = 1 << 30;

/// What the texts that the cells share may unpack to, in bytes: they are held in memory.
const MOST_SHARED_BYTES: u64 = 256 << 20;

/// Where an archive's list of entries ends: its sign, and how long it is without a remark.
const END: (&[u8; 4], usize) = (b"PK\x05\x06", 22);
/// The longest remark behind it.
const MOST_REMARK: usize = 0xFFFF;
/// The sign of an entry in the list, and how long it is without its names.
const ENTRY: (&[u8; 4], usize) = (b"PK\x01\x02", 46);
/// How long the head of an entry is without its names.
const HEAD: usize = 30;
/// The way of packing that workbooks use; 0 is not packed.
const DEFLATED: u16 = 8;

/// Checks every entry. Cost: as unpacking them.
///
/// # Errors
/// `request.too_large` beyond the limits; `request.body` where this is no such archive.
pub(super) fn check(bytes: &[u8]) -> Result<()> {
    let no_archive = || {
        Error::new(Code::RequestBody, "the bytes are no workbook")
            .hint("save the file as 'Excel workbook (.xlsx)'")
    };
    let end = end_of_list(bytes).ok_or_else(no_archive)?;
    let count = short(bytes, end + 10).ok_or_else(no_archive)?;
    let mut at = long(bytes, end + 16).ok_or_else(no_archive)?;
    let mut left = MOST_BYTES;
    for _ in 0..count {
        let (entry, next) = Entry::at(bytes, at).ok_or_else(no_archive)?;
        let most = if entry.is_shared { left.min(MOST_SHARED_BYTES) } else { left };
        let unpacked = entry.unpacked(most).map_err(|error| no_archive().caused_by(error))?;
        if unpacked > most {
            let message = format!("the workbook unpacks to more than {most} bytes");
            return Err(Error::new(Code::RequestTooLarge, message).hint("save the sheet as CSV"));
        }
        left -= unpacked;
        at = next;
    }
    Ok(())
}

/// An entry of an archive.
struct Entry<'a> {
    packed: &'a [u8],
    is_deflated: bool,
    is_shared: bool,
}

impl<'a> Entry<'a> {
    /// The entry whose place in the list is `at`, and the place of the next.
    fn at(bytes: &'a [u8], at: usize) -> Option<(Self, usize)> {
        if bytes.get(at..at + 4)? != ENTRY.0 {
            return None;
        }
        let name_length = usize::from(short(bytes, at + 28)?);
        let name = bytes.get(at + ENTRY.1..at + ENTRY.1 + name_length)?;
        let next = at
            + ENTRY.1
            + name_length
            + usize::from(short(bytes, at + 30)?)
            + usize::from(short(bytes, at + 32)?);
        let head = long(bytes, at + 42)?;
        let start =
            head + HEAD + usize::from(short(bytes, head + 26)?) + usize::from(short(bytes, head + 28)?);
        let packed = bytes.get(start..start.checked_add(long(bytes, at + 20)?)?)?;
        let is_deflated = match short(bytes, at + 10)? {
            0 => false,
            DEFLATED => true,
            _ => return None,
        };
        let is_shared = name.to_ascii_lowercase().ends_with(b"sharedstrings.xml");
        Some((Self { packed, is_deflated, is_shared }, next))
    }

    /// How many bytes it unpacks to; no further than one beyond `most`.
    fn unpacked(&self, most: u64) -> io::Result<u64> {
        if !self.is_deflated {
            return Ok(self.packed.len() as u64);
        }
        io::copy(&mut DeflateDecoder::new(self.packed).take(most + 1), &mut io::sink())
    }
}

fn end_of_list(bytes: &[u8]) -> Option<usize> {
    let last = bytes.len().checked_sub(END.1)?;
    let first = last.saturating_sub(MOST_REMARK);
    (first..=last).rev().find(|at| bytes.get(*at..at + 4).is_some_and(|sign| sign == END.0))
}

/// A number of two bytes, the lowest first.
fn short(bytes: &[u8], at: usize) -> Option<u16> {
    let bytes = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes(bytes.try_into().ok()?))
}

/// A number of four bytes; archives that need more are larger than any extract.
fn long(bytes: &[u8], at: usize) -> Option<usize> {
    let bytes = bytes.get(at..at.checked_add(4)?)?;
    usize::try_from(u32::from_le_bytes(bytes.try_into().ok()?)).ok()
}

//! Whether a workbook stays small when it is read.
//!
//! It is a ZIP archive, and a few kilobytes of it may unpack to more than the machine has; and its table of shared
//! texts says itself how many there are, which a reader takes for the memory that it needs. So the archive is opened
//! as its reader does, each file unpacked once into nothing, and that number compared with what is there.

use std::io::{self, Cursor, Read};

use zip::ZipArchive;

use super::Fault;

/// The start of the table of shared texts, in which it says how many there are.
const HEAD_BYTES: u64 = 4_096;

/// # Errors
/// Where the bytes are no such archive, unpack to more than so many bytes, or say what cannot be.
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
        let rest = io::copy(&mut rest, &mut io::sink()).map_err(|error| no_workbook(&error))?;
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

fn no_workbook(error: &dyn std::fmt::Display) -> Fault {
    let fault = Fault::new(format!("found no workbook ({error}), expected an XLSX file"));
    fault.hint("save the file as 'Excel workbook (.xlsx)'")
}

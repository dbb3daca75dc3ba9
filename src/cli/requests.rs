//! `derek assess requests`: on standard output the names that were made, as CSV; all else on standard error.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::Utc;
use clap::Args;

use super::{complaint, print};
use crate::assess::requests::{filed, happened, secret, unpublished};
use crate::catalog::{Filed, Happened, RequestForm, RequestTable, Store};
use crate::error::{Code, Error, Result};

/// The longest file, in bytes: some millions of requests.
const MOST_BYTES: u64 = 1 << 30;

/// Who wrote what a command writes, as in the ledger: nobody's token.
const WRITTEN_BY: &str = "";

/// Arguments of `derek assess requests`.
#[derive(Debug, Args)]
pub(super) struct Import {
    /// The folder of the store, to which no server may be writing.
    #[arg(long, env = "DEREK_STORE", value_name = "DIR")]
    store: PathBuf,
    /// Requests to keep, as POST /requests takes them: CSV with a head (.csv), an object or a list (.json).
    #[arg(long, env = "DEREK_REQUESTS", value_name = "FILE", required_unless_present = "events")]
    requests: Option<PathBuf>,
    /// Events to keep after them, each with the id of its request in the column or member request (.csv, .json).
    #[arg(long, env = "DEREK_EVENTS", value_name = "FILE")]
    events: Option<PathBuf>,
}

impl Import {
    pub(super) fn run(&self) -> Result<ExitCode> {
        // Both files are read before anything is kept.
        let filed = self.requests.as_deref().map(read_requests).transpose()?.unwrap_or_default();
        let happened = self.events.as_deref().map(read_events).transpose()?.unwrap_or_default();
        let store = Store::open_present(&self.store).map_err(with_other_door)?;
        let requests = store.requests()?.ok_or_else(|| {
            Error::new(Code::Internal, "the store was opened for writing, and keeps no requests")
        })?;
        let kept = requests.import((&filed, &happened), (Utc::now(), WRITTEN_BY), secret);
        let ids = kept.map_err(|(table, error)| self.in_file_of(table, error))?;
        print(names(&filed, &ids).as_bytes())?;
        if self.requests.is_some() {
            self.tell(filed.len(), "request");
        }
        if self.events.is_some() {
            self.tell(happened.len(), "event");
        }
        warn_of_unpublished(&store, &happened);
        Ok(ExitCode::SUCCESS)
    }

    /// The error with the file that it is about.
    fn in_file_of(&self, table: RequestTable, error: Error) -> Error {
        let file = match table {
            RequestTable::Requests => &self.requests,
            RequestTable::Events => &self.events,
        };
        file.iter().fold(error, |error, file| in_file(error, file))
    }

    fn tell(&self, count: usize, what: &str) {
        let plural = if count == 1 { "" } else { "s" };
        complaint::note(&format!("{count} {what}{plural} kept in {}", self.store.display()));
    }
}

/// The names of the requests that came without one, as CSV with the row of each, from 1: nobody else is told. Nothing
/// where there is none.
fn names(filed: &[Filed], ids: &[String]) -> String {
    let nameless = (1..).zip(filed.iter().zip(ids)).filter(|(_, (request, _))| request.id.is_none());
    // A name that is made has neither commas nor quotation marks.
    let lines = nameless.map(|(row, (_, id)): (u64, _)| format!("{row},{id}\n"));
    let lines = lines.collect::<String>();
    if lines.is_empty() { lines } else { format!("row,id\n{lines}") }
}

/// Warns of publications that are not here. The events are kept by then, whatever becomes of this.
fn warn_of_unpublished(store: &Store, happened: &[Happened]) {
    match unpublished(happened, || store.versions()) {
        Ok(unpublished) => {
            for unpublished in unpublished {
                complaint::warn(&format!("row {}: {}", unpublished.row, unpublished.message()));
            }
        }
        Err(error) => {
            complaint::warn(&format!("whether what they tell of is published is not known: {error}"));
        }
    }
}

fn read_requests(file: &Path) -> Result<Vec<Filed>> {
    let form = RequestForm::of_file(file)?;
    filed(form, &read(file)?, Utc::now()).map(|(filed, _)| filed).map_err(|error| in_file(error, file))
}

fn read_events(file: &Path) -> Result<Vec<Happened>> {
    let form = RequestForm::of_file(file)?;
    happened(form, &read(file)?, None, Utc::now()).map_err(|error| in_file(error, file))
}

fn in_file(error: Error, file: &Path) -> Error {
    error.in_file(file.display().to_string())
}

/// A server that writes to the store takes the same files.
fn with_other_door(error: Error) -> Error {
    if error.code != Code::StoreLocked {
        return error;
    }
    error.hint(
        "stop that process, or if it is a server send it the same CSV or JSON with a token: POST /requests, then \
         POST /requests/events",
    )
}

/// The bytes of a file.
fn read(file: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = File::open(file).and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut bytes));
    let size = read.map_err(|error| {
        let message = format!("cannot read the file: {error}");
        in_file(Error::new(Code::DocumentIo, message).caused_by(error), file)
    })?;
    if size as u64 > MOST_BYTES {
        let message = format!("the file is longer than {MOST_BYTES} bytes");
        return Err(in_file(Error::new(Code::RequestTooLarge, message).hint("cut it into several"), file));
    }
    Ok(bytes)
}

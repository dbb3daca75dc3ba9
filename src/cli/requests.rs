//! `derek assess requests`.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::Utc;
use clap::Args;

use super::{complaint, print};
use crate::assess::requests::{filed, happened, secret, unpublished};
use crate::catalog::{Access, Filed, Happened, RequestForm, Requests, Store};
use crate::error::{Code, Error, Result};

/// The longest file, in bytes: some millions of requests.
const MOST_BYTES: u64 = 1 << 30;

/// Who wrote what a command writes, as in the ledger: nobody's token.
const WRITTEN_BY: &str = "";

/// Arguments of `derek assess requests`.
#[derive(Debug, Args)]
pub(super) struct Import {
    /// The folder of the store; it is made where there is none.
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
        let filed = self.requests.as_deref().map(read_requests).transpose()?;
        let happened = self.events.as_deref().map(read_events).transpose()?;
        let store = Store::open(&self.store, Access::Write).map_err(with_other_door)?;
        let requests = store.requests()?.ok_or_else(|| {
            Error::new(Code::Internal, "the store was opened for writing, and keeps no requests")
        })?;
        if let Some((file, filed)) = self.requests.as_deref().zip(filed) {
            let ids = requests.file(&filed, (Utc::now(), WRITTEN_BY), secret);
            let count = ids.map_err(|error| in_file(error, file))?.len();
            self.tell(count, "request")?;
        }
        if let Some((file, happened)) = self.events.as_deref().zip(happened) {
            self.note(&store, &requests, &happened).map_err(|error| in_file(error, file))?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn note(&self, store: &Store, requests: &Requests, happened: &[Happened]) -> Result<()> {
        requests.note(happened, (Utc::now(), WRITTEN_BY))?;
        self.tell(happened.len(), "event")?;
        for unpublished in unpublished(happened, || store.versions())? {
            complaint::warn(&format!("row {}: {}", unpublished.row, unpublished.message()));
        }
        Ok(())
    }

    fn tell(&self, count: usize, what: &str) -> Result<()> {
        let plural = if count == 1 { "" } else { "s" };
        print(format!("{count} {what}{plural} kept in {}\n", self.store.display()).as_bytes())
    }
}

fn read_requests(file: &Path) -> Result<Vec<Filed>> {
    let form = RequestForm::of_file(file)?;
    filed(form, &read(file)?, Utc::now()).map(|(filed, _)| filed).map_err(|error| in_file(error, file))
}

fn read_events(file: &Path) -> Result<Vec<Happened>> {
    let form = RequestForm::of_file(file)?;
    happened(form, &read(file)?, None).map_err(|error| in_file(error, file))
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

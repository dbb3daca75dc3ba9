//! Requests and what happened to them, in a database of their own: only ever added to.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use chrono::{DateTime, Utc};
use rusqlite::Connection;

use super::Store;
use super::database::{Commits, fault, open_readable, open_writable};
use super::grown::Grown;
use super::request_columns::{EventColumns, RequestColumns, added_events, added_requests};
use super::request_layout::prepare;
use super::request_writing::{Writing, unknown};
use super::standing::{Standing, standing};
use crate::catalog::requests::{Filed, Happened};
use crate::error::{Code, Error, Result};

/// The requests of a store, and what happened to them.
#[derive(Debug)]
pub struct Requests {
    /// For what is asked, which so waits for nothing that is being written. It is closed before the other one, which
    /// leaves no log beside the file.
    reading: Mutex<Connection>,
    /// For what is added; none where this process only reads.
    writing: Option<Mutex<Connection>>,
    path: PathBuf,
    /// What was read of them so far: they are only added to.
    read: Mutex<Tables>,
}

/// Both tables as far as they were read.
#[derive(Debug, Default)]
struct Tables {
    requests: Grown,
    events: Grown,
}

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestTable {
    /// `system.requests`
    Requests,
    /// `system.request_events`
    Events,
}

impl RequestTable {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Requests, Self::Events];

    /// Its name in the schema `system`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Events => "request_events",
        }
    }

    /// Its columns.
    #[must_use]
    pub fn schema(self) -> SchemaRef {
        match self {
            Self::Requests => RequestColumns::default().finish().schema(),
            Self::Events => EventColumns::default().finish().schema(),
        }
    }
}

impl Store {
    /// The requests of this store; none where nobody ever wrote any, and this process only reads.
    ///
    /// # Errors
    /// `store.damaged`, `store.io`.
    pub fn requests(&self) -> Result<Option<Arc<Requests>>> {
        let path = self.root.join("requests.sqlite");
        if self.lock.is_none() && !path.exists() {
            return Ok(None);
        }
        let writing = self.lock.as_ref().map(|_| prepared(&path)).transpose()?;
        let reading = open_readable(&path).map_err(|error| fault(&path, &error))?;
        let (reading, writing) = (Mutex::new(reading), writing.map(Mutex::new));
        Ok(Some(Arc::new(Requests { reading, writing, path, read: Mutex::default() })))
    }
}

fn prepared(path: &Path) -> Result<Connection> {
    let mut connection = open_writable(path, Commits::DURABLE).map_err(|error| fault(path, &error))?;
    prepare(&mut connection, path)?;
    Ok(connection)
}

fn locked(connection: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    connection.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Requests {
    fn fault(&self, error: &rusqlite::Error) -> Error {
        fault(&self.path, error)
    }

    /// Writes all that `work` adds, or nothing.
    fn write<T>(
        &self,
        kept: (DateTime<Utc>, &str),
        work: impl FnOnce(&Writing<'_>) -> Result<T>,
    ) -> Result<T> {
        let read_only = || Error::new(Code::StoreReadOnly, "the store was opened for reading only");
        let mut connection = locked(self.writing.as_ref().ok_or_else(read_only)?);
        let writing = Writing::start(&mut connection, &self.path, kept)?;
        let written = work(&writing)?;
        writing.commit()?;
        Ok(written)
    }

    /// Keeps requests, all of them or none: durable when it returns. Returns their names; `random` is what is not
    /// to be guessed of them, and the salt of the first. `kept` is the moment, which each row tells, and the name of
    /// the token.
    ///
    /// # Errors
    /// `request.body` where a request cannot be kept, or has the name of another; `store.io`, `store.read_only`.
    pub fn file(
        &self,
        filed: &[Filed],
        kept: (DateTime<Utc>, &str),
        random: impl FnMut() -> [u8; 16],
    ) -> Result<Vec<String>> {
        self.write(kept, |writing| writing.file(filed, random))
    }

    /// Keeps what happened, all of it or nothing: durable when it returns. `kept` is as of [`Self::file`].
    ///
    /// # Errors
    /// `catalog.unknown_object` where there is no such request; `request.body`; `store.io`, `store.read_only`.
    pub fn note(&self, happened: &[Happened], kept: (DateTime<Utc>, &str)) -> Result<()> {
        self.write(kept, |writing| writing.note(happened))
    }

    /// Keeps requests and what happened to them or to others, all of both or nothing, as [`Self::file`] and
    /// [`Self::note`] do.
    ///
    /// # Errors
    /// Theirs, with the table that was not to be written.
    pub fn import(
        &self,
        (filed, happened): (&[Filed], &[Happened]),
        kept: (DateTime<Utc>, &str),
        random: impl FnMut() -> [u8; 16],
    ) -> Result<Vec<String>, (RequestTable, Error)> {
        let mut table = RequestTable::Requests;
        let written = self.write(kept, |writing| {
            let ids = writing.file(filed, random)?;
            table = RequestTable::Events;
            writing.note(happened)?;
            Ok(ids)
        });
        written.map_err(|error| (table, error))
    }

    /// A request with what happened to it, for who asked: without the hash of who that was.
    ///
    /// # Errors
    /// `catalog.unknown_object`; `store.damaged`.
    pub fn status(&self, id: &str) -> Result<Standing> {
        let read = standing(&locked(&self.reading), id);
        read.map_err(|error| self.fault(&error))?.ok_or_else(|| unknown(id))
    }

    /// A table, as far as it was written until now. Cost: reading what was added since the last time; it waits for
    /// nothing that is being written.
    ///
    /// # Errors
    /// `store.damaged`.
    pub fn table(&self, table: RequestTable) -> Result<Vec<RecordBatch>> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let connection = locked(&self.reading);
        let grown = match table {
            RequestTable::Requests => {
                let grown = &mut read.requests;
                added_requests(&connection, grown.last).map(|added| (grown, added))
            }
            RequestTable::Events => {
                let grown = &mut read.events;
                added_events(&connection, grown.last).map(|added| (grown, added))
            }
        };
        let (grown, (batches, last)) = grown.map_err(|error| self.fault(&error))?;
        grown.add(batches, last)
    }
}

//! Requests and what happened to them, in a database of their own: only ever added to.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction, params};

use super::Store;
use super::database::{PATIENCE, fault, open_readable};
use super::grown::Grown;
use super::request_columns::{EventColumns, RequestColumns, added_events, added_requests};
use super::standing::{Standing, moment, shown, standing};
use crate::catalog::requests::{Filed, Happened};
use crate::error::{Code, Error, Place, Result};

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS request (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        is_named INTEGER NOT NULL,
        received_at_ms INTEGER NOT NULL,
        kind TEXT NOT NULL,
        requester TEXT NOT NULL,
        requester_hash TEXT,
        text TEXT NOT NULL,
        body TEXT NOT NULL,
        dataset TEXT,
        topic TEXT,
        written_by TEXT NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS event (
        number INTEGER PRIMARY KEY,
        request TEXT NOT NULL REFERENCES request (id),
        at_ms INTEGER NOT NULL,
        event TEXT NOT NULL,
        dataset TEXT,
        version INTEGER,
        reason TEXT,
        written_by TEXT NOT NULL
    ) STRICT;
    CREATE INDEX IF NOT EXISTS event_by_request ON event (request);
    CREATE TABLE IF NOT EXISTS salt (salt BLOB NOT NULL) STRICT;
    CREATE TRIGGER IF NOT EXISTS request_stays BEFORE UPDATE ON request
        BEGIN SELECT RAISE(ABORT, 'requests are only added'); END;
    CREATE TRIGGER IF NOT EXISTS request_is_kept BEFORE DELETE ON request
        BEGIN SELECT RAISE(ABORT, 'requests are only added'); END;
    CREATE TRIGGER IF NOT EXISTS event_stays BEFORE UPDATE ON event
        BEGIN SELECT RAISE(ABORT, 'events are only added'); END;
    CREATE TRIGGER IF NOT EXISTS event_is_kept BEFORE DELETE ON event
        BEGIN SELECT RAISE(ABORT, 'events are only added'); END;";

/// The requests of a store, and what happened to them.
#[derive(Debug)]
pub struct Requests {
    connection: Mutex<Connection>,
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
        let open = || {
            if self.lock.is_none() {
                return open_readable(&path);
            }
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
            let connection = Connection::open_with_flags(&path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
            connection.busy_timeout(PATIENCE)?;
            connection.pragma_update(None, "journal_mode", "WAL")?;
            connection.pragma_update(None, "synchronous", "FULL")?;
            connection.execute_batch(TABLES)?;
            Ok(connection)
        };
        let connection = open().map_err(|error| fault(&path, &error))?;
        let read = Mutex::default();
        Ok(Some(Arc::new(Requests { connection: Mutex::new(connection), path, read })))
    }
}

impl Requests {
    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fault(&self, error: &rusqlite::Error) -> Error {
        fault(&self.path, error)
    }

    /// Keeps requests, all of them or none: durable when it returns. Returns their names; `random` is what is not
    /// to be guessed of them, and the salt of the first.
    ///
    /// # Errors
    /// `request.body` where a request cannot be kept, or has the name of another; `store.io`.
    pub fn file(
        &self,
        filed: &[Filed],
        (now, written_by): (DateTime<Utc>, &str),
        mut random: impl FnMut() -> [u8; 16],
    ) -> Result<Vec<String>> {
        for (row, request) in (1..).zip(filed) {
            request.check(now).map_err(|error| in_row(error, row, filed.len()))?;
        }
        let mut connection = self.lock();
        let transaction = connection.transaction().map_err(|error| self.fault(&error))?;
        let salt = salt(&transaction, random()).map_err(|error| self.fault(&error))?;
        let mut ids = Vec::with_capacity(filed.len());
        for (row, request) in (1..).zip(filed) {
            let id = request.id.clone().unwrap_or_else(|| named(&random()));
            let kept = insert_request(&transaction, request, &id, &salt, (now, written_by));
            match kept {
                Ok(_) => ids.push(id),
                Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation) => {
                    let error = Error::new(Code::RequestBody, format!("there is a request '{id}' already"));
                    let error = error.at(Place::field("id")).hint("requests are only added");
                    return Err(in_row(error, row, filed.len()));
                }
                Err(error) => return Err(self.fault(&error)),
            }
        }
        transaction.commit().map_err(|error| self.fault(&error))?;
        Ok(ids)
    }

    /// Keeps what happened, all of it or nothing: durable when it returns.
    ///
    /// # Errors
    /// `catalog.unknown_object` where there is no such request; `request.body`; `store.io`.
    pub fn note(&self, happened: &[Happened], (now, written_by): (DateTime<Utc>, &str)) -> Result<()> {
        let mut connection = self.lock();
        let transaction = connection.transaction().map_err(|error| self.fault(&error))?;
        for (row, event) in (1..).zip(happened) {
            let place = |error| in_row(error, row, happened.len());
            event.check(now).map_err(place)?;
            let request = event.request.as_deref().unwrap_or_default();
            let found = "SELECT received_at_ms FROM request WHERE id = ?1";
            let received_ms = transaction.query_row(found, [request], |row| row.get::<_, i64>(0)).optional();
            let received_ms = received_ms.map_err(|error| self.fault(&error))?;
            let received_ms = received_ms.ok_or_else(|| place(unknown(request)))?;
            if event.at.is_some_and(|at| at.timestamp_millis() < received_ms) {
                let received = shown(moment(received_ms));
                let message = format!("'at' is before the request was received, which was {received}");
                return Err(place(Error::new(Code::RequestBody, message).at(Place::field("at"))));
            }
            insert_event(&transaction, event, (now, written_by)).map_err(|error| self.fault(&error))?;
        }
        transaction.commit().map_err(|error| self.fault(&error))
    }

    /// A request with what happened to it, for who asked: without the hash of who that was.
    ///
    /// # Errors
    /// `catalog.unknown_object`; `store.damaged`.
    pub fn status(&self, id: &str) -> Result<Standing> {
        let read = standing(&self.lock(), id);
        read.map_err(|error| self.fault(&error))?.ok_or_else(|| unknown(id))
    }

    /// A table, as far as it was written until now. Cost: reading what was added since the last time.
    ///
    /// # Errors
    /// `store.damaged`.
    pub fn table(&self, table: RequestTable) -> Result<Vec<RecordBatch>> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let connection = self.lock();
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
        let (grown, (batch, last)) = grown.map_err(|error| self.fault(&error))?;
        grown.add(batch, last)
    }

    /// Writes all of it into a file that is not there.
    pub(super) fn copy(&self, to: &Path) -> Result<()> {
        let copied = self.lock().execute("VACUUM INTO ?1", [to.to_string_lossy()]);
        copied.map(|_| ()).map_err(|error| self.fault(&error))
    }
}

fn in_row(error: Error, row: u64, of: usize) -> Error {
    if of < 2 {
        return error;
    }
    let place = error.place.as_deref().cloned().unwrap_or_default();
    error.at(Place { row: Some(row), ..place })
}

fn unknown(id: &str) -> Error {
    Error::new(Code::CatalogUnknownObject, format!("no request '{id}'"))
        .hint("POST /requests answers the name of each request")
}

/// A name that nobody guesses, of digits and small letters that are not taken for one another.
fn named(random: &[u8; 16]) -> String {
    const SIGNS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    random.iter().map(|byte| char::from(SIGNS[usize::from(byte % 32)])).collect()
}

/// The salt of this store, made with the first request.
fn salt(transaction: &Transaction<'_>, random: [u8; 16]) -> rusqlite::Result<Vec<u8>> {
    let known = transaction.query_row("SELECT salt FROM salt", [], |row| row.get::<_, Vec<u8>>(0));
    match known {
        Err(rusqlite::Error::QueryReturnedNoRows) => {
            transaction.execute("INSERT INTO salt (salt) VALUES (?1)", [&random[..]])?;
            Ok(random.to_vec())
        }
        known => known,
    }
}

fn insert_request(
    transaction: &Transaction<'_>,
    request: &Filed,
    id: &str,
    salt: &[u8],
    (now, written_by): (DateTime<Utc>, &str),
) -> rusqlite::Result<usize> {
    let hash = request.contact.as_ref().map(|contact| {
        let mut hasher = blake3::Hasher::new();
        hasher.update(salt).update(contact.trim().to_lowercase().as_bytes());
        hasher.finalize().to_hex()[..16].to_owned()
    });
    transaction.execute(
        "INSERT INTO request (id, received_at_ms, kind, requester, requester_hash, text, body, dataset, topic,
                              written_by, is_named)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        params![
            id,
            request.received_at.unwrap_or(now).timestamp_millis(),
            request.kind.as_str(),
            request.requester.as_str(),
            hash,
            request.text,
            request.body,
            request.dataset,
            request.topic,
            written_by,
            request.id.is_some()
        ],
    )
}

fn insert_event(
    transaction: &Transaction<'_>,
    event: &Happened,
    (now, written_by): (DateTime<Utc>, &str),
) -> rusqlite::Result<usize> {
    transaction.execute(
        "INSERT INTO event (request, at_ms, event, dataset, version, reason, written_by)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            event.request,
            event.at.unwrap_or(now).timestamp_millis(),
            event.event.as_str(),
            event.dataset,
            event.version,
            event.reason,
            written_by
        ],
    )
}

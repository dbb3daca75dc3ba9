//! What was asked, in a file of its own beside the ledger: written by a thread of its own, some at a time.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::DateTime;
use rusqlite::{Connection, params};

use super::Store;
use super::database::{Commits, fault};
use crate::catalog::query_log::LoggedQuery;
use crate::error::{Code, Result};

/// Queries that wait to be written; beyond, they are in memory only.
const WAITING: usize = 65_536;
/// What was asked is on disk after this time.
const WRITTEN_AFTER: Duration = Duration::from_secs(1);
/// Queries that are kept, most of them short, and the bytes that their file may have; how often the oldest are
/// removed.
const MOST_KEPT: i64 = 10_000_000;
const MOST_BYTES: i64 = 4 << 30;
const TRIMMED_EVERY: i64 = 100_000;

const TABLE: &str = "
    CREATE TABLE IF NOT EXISTS query (
        id INTEGER PRIMARY KEY,
        asked_at_ms INTEGER NOT NULL,
        door TEXT NOT NULL,
        text TEXT NOT NULL,
        datasets TEXT NOT NULL,
        rows INTEGER NOT NULL,
        elapsed_ms REAL NOT NULL,
        client TEXT,
        error TEXT,
        missing TEXT
    ) STRICT;";

/// The queries that a store keeps. They may be many, and to lose them is no loss of what was published: so
/// they are not in the ledger, which is checked whenever it is opened.
#[derive(Debug)]
pub(in crate::catalog) struct QueryTable {
    connection: Mutex<Connection>,
    path: PathBuf,
}

#[derive(Debug)]
enum Message {
    Asked(LoggedQuery),
    /// Write what there is, and say so.
    Flush(SyncSender<()>),
}

/// Hands queries to the thread that writes them.
#[derive(Debug)]
pub(in crate::catalog) struct QueryWriter {
    sender: SyncSender<Message>,
}

impl QueryWriter {
    /// None where no thread can be started.
    pub(in crate::catalog) fn over(table: QueryTable) -> Option<Self> {
        let (sender, receiver) = sync_channel(WAITING);
        let write = move |queries: &[LoggedQuery]| {
            if let Err(error) = table.keep(queries) {
                tracing::error!(code = %error.code, "{} queries are not kept: {error}", queries.len());
            }
        };
        let thread = std::thread::Builder::new().name("derek-queries".to_owned());
        thread.spawn(move || work(&receiver, write)).ok()?;
        Some(Self { sender })
    }

    pub(in crate::catalog) fn add(&self, query: &LoggedQuery) {
        // A disk that is too slow holds no query up.
        let _ = self.sender.try_send(Message::Asked(query.clone()));
    }

    /// Waits until all that was added is on disk, but not for ever.
    pub(in crate::catalog) fn flush(&self) {
        let (done, written) = sync_channel(1);
        if self.sender.send(Message::Flush(done)).is_ok() {
            let _ = written.recv_timeout(Duration::from_secs(10));
        }
    }
}

/// Collects queries and writes them once a second, as long as there is somebody to send any.
fn work(receiver: &Receiver<Message>, write: impl Fn(&[LoggedQuery])) {
    let mut queries = Vec::new();
    while let Ok(first) = receiver.recv() {
        let end = Instant::now() + WRITTEN_AFTER;
        let mut next = Ok(first);
        let flushed = loop {
            match next {
                Ok(Message::Asked(query)) => queries.push(query),
                Ok(Message::Flush(done)) => break Some(done),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break None,
            }
            next = receiver.recv_timeout(end.saturating_duration_since(Instant::now()));
        };
        if !queries.is_empty() {
            write(&queries);
            queries.clear();
        }
        if let Some(done) = flushed {
            let _ = done.send(());
        }
    }
}

impl Store {
    /// The queries that were kept: none where nobody ever wrote any.
    ///
    /// # Errors
    /// `store.damaged`, `store.io`.
    pub(in crate::catalog) fn queries(&self) -> Result<Option<QueryTable>> {
        let commits = Commits { patience: WRITTEN_AFTER, ..Commits::DURABLE };
        let opened = self.database("queries.sqlite", commits, TABLE)?;
        Ok(opened.map(|(connection, path)| QueryTable { connection: Mutex::new(connection), path }))
    }

    /// Whether this process writes to it.
    pub(in crate::catalog) fn is_writer(&self) -> bool {
        self.lock.is_some()
    }
}

/// The bytes of a database that hold something: what was removed is room for what comes.
fn used_bytes(connection: &Connection) -> rusqlite::Result<i64> {
    let number = |name: &str| connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0));
    Ok((number("page_count")? - number("freelist_count")?) * number("page_size")?)
}

impl QueryTable {
    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps queries: on disk when it returns.
    fn keep(&self, queries: &[LoggedQuery]) -> Result<()> {
        let keep = || {
            let mut connection = self.lock();
            let transaction = connection.transaction()?;
            {
                let mut insert = transaction.prepare(
                    "INSERT INTO query (asked_at_ms, door, text, datasets, rows, elapsed_ms, client, error, missing)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                )?;
                for query in queries {
                    insert.execute(params![
                        query.at.timestamp_millis(),
                        query.door,
                        query.text,
                        serde_json::json!(query.datasets).to_string(),
                        i64::try_from(query.rows).unwrap_or(i64::MAX),
                        query.elapsed_ms,
                        query.client.map(|client| format!("{client:016x}")),
                        query.error.map(Code::as_str),
                        query.missing,
                    ])?;
                }
            }
            // The oldest go, but not one by one.
            let last = transaction.last_insert_rowid();
            if last / TRIMMED_EVERY
                != (last - i64::try_from(queries.len()).unwrap_or_default()) / TRIMMED_EVERY
            {
                transaction.execute("DELETE FROM query WHERE id <= ?1", [last - MOST_KEPT])?;
                if used_bytes(&transaction)? > MOST_BYTES {
                    let tenth = "DELETE FROM query WHERE id <= (SELECT min(id) + (max(id) - min(id)) / 10 FROM query)";
                    transaction.execute(tenth, [])?;
                }
            }
            transaction.commit()
        };
        keep().map_err(|error| fault(&self.path, &error))
    }

    /// The queries that were asked last, the oldest first, at most so many.
    ///
    /// # Errors
    /// `store.damaged`.
    pub(in crate::catalog) fn last(&self, most: usize) -> Result<Vec<LoggedQuery>> {
        let read = || {
            let connection = self.lock();
            let mut statement = connection.prepare(
                "SELECT asked_at_ms, door, text, datasets, rows, elapsed_ms, client, error, missing FROM query
                 ORDER BY id DESC LIMIT ?1",
            )?;
            let queries = statement.query_map([i64::try_from(most).unwrap_or(i64::MAX)], |row| {
                let (client, error): (Option<String>, Option<String>) = (row.get(6)?, row.get(7)?);
                Ok(LoggedQuery {
                    at: DateTime::from_timestamp_millis(row.get(0)?).unwrap_or_default(),
                    door: row.get::<_, String>(1)?.into(),
                    text: row.get(2)?,
                    datasets: serde_json::from_str(&row.get::<_, String>(3)?).unwrap_or_default(),
                    rows: row.get::<_, i64>(4)?.unsigned_abs(),
                    elapsed_ms: row.get(5)?,
                    client: client.and_then(|client| u64::from_str_radix(&client, 16).ok()),
                    error: error.and_then(|error| Code::ALL.iter().copied().find(|it| it.as_str() == error)),
                    missing: row.get(8)?,
                })
            })?;
            queries.collect::<rusqlite::Result<Vec<_>>>()
        };
        let mut queries = read().map_err(|error| fault(&self.path, &error))?;
        queries.reverse();
        Ok(queries)
    }
}

//! Databases of `SQLite`: opened for reading wherever they lie, with errors that say what failed.

use std::path::{Path, PathBuf};
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rusqlite::{Connection, ErrorCode, OpenFlags, ffi};

use super::Store;
use crate::error::{Code, Error, Result};

/// How long a reader waits for the writer, and the other way round.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// What stays as it is in the address of a file.
const IN_PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_');

/// Whether no process has a database open, and no log beside it has commits that would be passed over.
fn is_closed(path: &Path) -> bool {
    let beside = |ending: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        Path::new(&name).metadata().map(|file| file.len()).unwrap_or_default()
    };
    beside("-wal") == 0 && beside("-shm") == 0
}

/// A database for reading. Where nothing can be written beside it, on a medium for reading or a full disk, and no
/// process has it open, it is read as it is.
pub(super) fn open_readable(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let is_readable = |connection: &Connection| {
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0)).map(|_| ())
    };
    let plain = Connection::open_with_flags(path, flags)?;
    let Err(error) = is_readable(&plain) else { return Ok(plain) };
    if !is_closed(path) {
        return Err(error);
    }
    let path = path.to_string_lossy();
    let address = format!("file:{}?immutable=1", utf8_percent_encode(&path, IN_PATH));
    let connection = Connection::open_with_flags(address, flags | OpenFlags::SQLITE_OPEN_URI)?;
    is_readable(&connection)?;
    Ok(connection)
}

/// How commits of a database are written to disk, and how long it waits for another process.
#[derive(Clone, Copy)]
pub(super) struct Commits {
    /// What `PRAGMA synchronous` takes: `FULL` loses nothing in a power cut, `NORMAL` the last commits.
    pub(super) synchronous: &'static str,
    pub(super) patience: Duration,
}

impl Commits {
    /// Durable when they are acknowledged.
    pub(super) const DURABLE: Self = Self { synchronous: "FULL", patience: PATIENCE };
}

/// A database for writing, which is made where there is none.
pub(super) fn open_writable(path: &Path, commits: Commits) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(commits.patience)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", commits.synchronous)?;
    Ok(connection)
}

impl Store {
    /// A database beside the ledger, with its path: for writing with its tables where this process writes, else for
    /// reading; none where nobody ever made it, and this process only reads.
    ///
    /// # Errors
    /// `store.damaged`, `store.io`.
    pub(super) fn database(
        &self,
        name: &str,
        commits: Commits,
        tables: &str,
    ) -> Result<Option<(Connection, PathBuf)>> {
        let path = self.root.join(name);
        if self.lock.is_none() && !path.exists() {
            return Ok(None);
        }
        let open = || {
            if self.lock.is_none() {
                return open_readable(&path);
            }
            let connection = open_writable(&path, commits)?;
            connection.execute_batch(tables)?;
            Ok(connection)
        };
        let connection = open().map_err(|error| fault(&path, &error))?;
        Ok(Some((connection, path)))
    }
}

/// What is wrong with a database; nothing where it is whole, or is not there. Cost: reading all of it.
pub(super) fn damage(path: &Path) -> Option<Error> {
    let checked = |connection: Connection| {
        let tables = "SELECT count(*) FROM sqlite_schema WHERE type = 'table'";
        // An empty file is a sound database: one that was emptied.
        if connection.query_row(tables, [], |row| row.get::<_, i64>(0))? == 0 {
            return Ok("it has no tables: it was emptied".to_owned());
        }
        connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get::<_, String>(0))
    };
    match open_readable(path).and_then(checked) {
        _ if !path.exists() => None,
        Ok(found) if found == "ok" => None,
        Ok(found) => Some(damaged_database(path, &found)),
        Err(error) => Some(fault(path, &error)),
    }
}

/// The error for a database that cannot be opened, read or written: what is damaged is told from what only cannot be
/// done now, or not by this process, since nothing is taken from a backup for that.
pub(super) fn fault(path: &Path, error: &rusqlite::Error) -> Error {
    let Some(failure) = error.sqlite_error() else { return damaged_database(path, &error.to_string()) };
    let cannot = |what: &str, hint: &str| {
        Error::new(Code::StoreIo, format!("cannot {what} {}: {error}", path.display())).hint(hint)
    };
    match (failure.code, failure.extended_code) {
        (ErrorCode::OutOfMemory, _) | (_, ffi::SQLITE_IOERR_NOMEM) => {
            cannot("use", "there is too little memory now; what was kept before is still there")
        }
        (
            ErrorCode::SystemIoFailure,
            ffi::SQLITE_IOERR_READ | ffi::SQLITE_IOERR_SHORT_READ | ffi::SQLITE_IOERR_CORRUPTFS,
        ) => cannot("read", "look at the disk; what can be read there may be whole"),
        (ErrorCode::CannotOpen | ErrorCode::PermissionDenied, _)
        | (
            _,
            // What a reader meets that may not write beside it.
            ffi::SQLITE_READONLY_RECOVERY
            | ffi::SQLITE_READONLY_CANTLOCK
            | ffi::SQLITE_READONLY_ROLLBACK
            | ffi::SQLITE_READONLY_CANTINIT
            | ffi::SQLITE_READONLY_DIRECTORY,
        ) => cannot("open", "look at who may read the file, and who may write in its folder"),
        (ErrorCode::DiskFull | ErrorCode::ReadOnly | ErrorCode::SystemIoFailure | ErrorCode::TooBig, _) => {
            cannot("write", "nothing of what was to be published counts")
        }
        (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed, _) => {
            Error::new(Code::StoreLocked, format!("{} is used by another: {error}", path.display()))
                .hint("try again when it has ended; nothing of what was to be kept counts")
        }
        (ErrorCode::ConstraintViolation | ErrorCode::ApiMisuse, _) => {
            let message = format!("{} does not take what was to be kept: {error}", path.display());
            Error::new(Code::Internal, message).hint("nothing of it was kept, and what is there is whole")
        }
        _ => damaged_database(path, &error.to_string()),
    }
}

/// The error for a database that is not as it was written.
pub(super) fn damaged_database(path: &Path, what: &str) -> Error {
    Error::new(Code::StoreDamaged, format!("{} is damaged: {what}", path.display())).hint(format!(
        "take it from a backup, without the files {0}-wal and {0}-shm of the damaged one",
        path.file_name().unwrap_or_default().to_string_lossy()
    ))
}

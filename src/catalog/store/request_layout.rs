//! The tables of requests in `SQLite`: what holds them to being only added to, and what older files lack.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::database::fault;
use crate::error::{Code, Error, Result};

/// The layout that this program writes: since 1, each row has the moment at which it was kept.
const LAYOUT: i64 = 1;

/// `INSERT OR REPLACE` puts a row into the place of another one and fires no trigger of DELETE, so that a row that
/// is there already is looked for before each INSERT; a number that was not given is negative there.
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
        written_by TEXT NOT NULL,
        kept_at_ms INTEGER
    ) STRICT;
    CREATE TABLE IF NOT EXISTS event (
        number INTEGER PRIMARY KEY,
        request TEXT NOT NULL REFERENCES request (id),
        at_ms INTEGER NOT NULL,
        event TEXT NOT NULL,
        dataset TEXT,
        version INTEGER,
        reason TEXT,
        written_by TEXT NOT NULL,
        kept_at_ms INTEGER
    ) STRICT;
    CREATE INDEX IF NOT EXISTS event_by_request ON event (request);
    CREATE TABLE IF NOT EXISTS salt (salt BLOB NOT NULL) STRICT;
    CREATE TRIGGER IF NOT EXISTS request_stays BEFORE UPDATE ON request
        BEGIN SELECT RAISE(ABORT, 'requests are only added'); END;
    CREATE TRIGGER IF NOT EXISTS request_is_kept BEFORE DELETE ON request
        BEGIN SELECT RAISE(ABORT, 'requests are only added'); END;
    CREATE TRIGGER IF NOT EXISTS request_is_new BEFORE INSERT ON request
        WHEN EXISTS (SELECT 1 FROM request WHERE id = NEW.id)
            OR EXISTS (SELECT 1 FROM request WHERE number = NEW.number AND number > 0)
        BEGIN SELECT RAISE(ABORT, 'requests are only added'); END;
    CREATE TRIGGER IF NOT EXISTS event_stays BEFORE UPDATE ON event
        BEGIN SELECT RAISE(ABORT, 'events are only added'); END;
    CREATE TRIGGER IF NOT EXISTS event_is_kept BEFORE DELETE ON event
        BEGIN SELECT RAISE(ABORT, 'events are only added'); END;
    CREATE TRIGGER IF NOT EXISTS event_is_new BEFORE INSERT ON event
        WHEN EXISTS (SELECT 1 FROM event WHERE number = NEW.number AND number > 0)
        BEGIN SELECT RAISE(ABORT, 'events are only added'); END;";

/// Makes the tables where they are not there, and brings those of an older program up to this one's layout: of the
/// rows that they hold, nobody knows when they were kept.
///
/// # Errors
/// `store.damaged` where a newer program wrote them; `store.io`.
pub(super) fn prepare(connection: &mut Connection, path: &Path) -> Result<()> {
    let prepare = |connection: &mut Connection| {
        let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if found > LAYOUT {
            return Ok(found);
        }
        connection.execute_batch(TABLES)?;
        if found < LAYOUT {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            for table in ["request", "event"] {
                if !knows_when_kept(&transaction, table)? {
                    let added = format!("ALTER TABLE {table} ADD COLUMN kept_at_ms INTEGER");
                    transaction.execute_batch(&added)?;
                }
            }
            transaction.pragma_update(None, "user_version", LAYOUT)?;
            transaction.commit()?;
        }
        Ok(LAYOUT)
    };
    match prepare(connection).map_err(|error: rusqlite::Error| fault(path, &error))? {
        LAYOUT => Ok(()),
        found => {
            let message = format!("{} has layout {found}; this program writes {LAYOUT}", path.display());
            Err(Error::new(Code::StoreDamaged, message).hint("take a newer derek"))
        }
    }
}

/// The expression for the moment at which a row of a table was kept: a file that no program of this layout has opened
/// for writing yet does not know it.
pub(super) fn kept_at(connection: &Connection, table: &str) -> rusqlite::Result<String> {
    let is_known = knows_when_kept(connection, table)?;
    Ok(if is_known { format!("{table}.kept_at_ms") } else { "NULL".to_owned() })
}

fn knows_when_kept(connection: &Connection, table: &str) -> rusqlite::Result<bool> {
    let sql = "SELECT count(*) FROM pragma_table_info(?1) WHERE name = 'kept_at_ms'";
    connection.query_row(sql, [table], |row| Ok(row.get::<_, i64>(0)? > 0))
}

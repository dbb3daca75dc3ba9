//! Which versions there are: a table in `SQLite`.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};

use super::Access;
use super::database::{PATIENCE, damaged_database, fault, open_readable};
use super::token::TokenCache;
use crate::catalog::version::Version;
use crate::document::Severity;
use crate::error::{Code, Error, Result};

/// The layout of the tables that this program reads and writes.
const LAYOUT: i64 = 1;

const TABLES: &str = "
    BEGIN IMMEDIATE;
    CREATE TABLE version (
        dataset TEXT NOT NULL,
        version INTEGER NOT NULL,
        published_at TEXT NOT NULL,
        rows INTEGER NOT NULL,
        document_hash TEXT NOT NULL,
        document_bytes INTEGER NOT NULL,
        manifest_hash TEXT NOT NULL,
        folder TEXT NOT NULL UNIQUE,
        is_deleted INTEGER NOT NULL,
        is_dropped INTEGER NOT NULL,
        findings INTEGER NOT NULL,
        errors INTEGER NOT NULL,
        warnings INTEGER NOT NULL,
        schema_changes TEXT NOT NULL,
        written_by TEXT NOT NULL,
        PRIMARY KEY (dataset, version)
    ) STRICT;
    CREATE TABLE token (
        name TEXT PRIMARY KEY,
        hash TEXT NOT NULL UNIQUE,
        can TEXT NOT NULL,
        created_at TEXT NOT NULL,
        expires_at TEXT,
        revoked_at TEXT
    ) STRICT;
    CREATE INDEX version_by_document ON version (document_hash);
    CREATE TABLE source (
        path TEXT PRIMARY KEY,
        document_hash TEXT NOT NULL
    ) STRICT;
    PRAGMA user_version = 1;
    COMMIT;";

const IS_LAST: &str =
    "version = (SELECT max(version) FROM version AS other WHERE other.dataset = version.dataset)";

/// A version of a dataset in a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRecord {
    /// The dataset.
    pub dataset: String,
    /// Its version, from 1.
    pub version: u32,
    /// When it was published.
    pub published_at: DateTime<Utc>,
    /// How many rows it has.
    pub rows: u64,
    /// BLAKE3 of the document's bytes, and of those of the file with metadata beside it.
    pub document_hash: String,
    /// Size of the document as it was published.
    pub document_bytes: u64,
    /// BLAKE3 of the list of the version's files with their checksums.
    pub manifest_hash: String,
    /// Its folder, within `versions`.
    pub folder: String,
    /// Whether the dataset was deleted: then the version has no rows and no folder.
    pub is_deleted: bool,
    /// Whether it was dropped because enough later ones are kept: then it has no folder any more.
    pub is_dropped: bool,
    /// What the document breaks, of any severity.
    pub findings: u64,
    /// Those of severity error.
    pub errors: u64,
    /// Those of severity warning.
    pub warnings: u64,
    /// Which fields are others than in the version before: empty where none is.
    pub schema_changes: String,
    /// The name of the token that it was written with; empty for the command line.
    pub written_by: String,
}

impl VersionRecord {
    /// Whether it has rows that can be read.
    #[must_use]
    pub fn is_readable(&self) -> bool {
        !self.is_deleted && !self.is_dropped
    }

    /// What is known of a version that no store has: it has no checksums.
    pub(in crate::catalog) fn of_file(version: &Version) -> Self {
        Self {
            dataset: version.name().to_owned(),
            version: version.version,
            published_at: version.published_at(),
            rows: version.document.rows,
            document_hash: String::new(),
            document_bytes: version.stamp.len_bytes,
            manifest_hash: String::new(),
            folder: String::new(),
            is_deleted: false,
            is_dropped: false,
            findings: version.document.findings.total(),
            errors: version.document.findings.total_of(Severity::Error),
            warnings: version.document.findings.total_of(Severity::Warning),
            schema_changes: String::new(),
            written_by: String::new(),
        }
    }
}

/// The ledger of a store.
#[derive(Debug)]
pub(super) struct Ledger {
    connection: Mutex<Connection>,
    /// What is asked of it with each request that has a token.
    pub(super) token_cache: Mutex<Option<TokenCache>>,
    pub(super) path: PathBuf,
}

impl Ledger {
    pub(super) fn open(root: &Path, access: Access) -> Result<Self> {
        let path = root.join("ledger.sqlite");
        if access == Access::Write {
            require_whole(root, &path)?;
        }
        let write = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = match access {
            Access::Read | Access::Tokens if !path.exists() => return Err(no_store(root)),
            Access::Read => open_readable(&path),
            Access::Tokens => Connection::open_with_flags(&path, write),
            Access::Write => Connection::open_with_flags(&path, write | OpenFlags::SQLITE_OPEN_CREATE),
        };
        let connection = opened.map_err(|error| fault(&path, &error))?;
        let ledger = Self { connection: Mutex::new(connection), token_cache: Mutex::default(), path };
        ledger.prepare(access).map_err(|error| ledger.fault(&error))??;
        Ok(ledger)
    }

    fn prepare(&self, access: Access) -> rusqlite::Result<Result<()>> {
        let connection = self.lock();
        connection.busy_timeout(PATIENCE)?;
        // Synced before a publication is acknowledged.
        connection.pragma_update(None, "synchronous", "FULL")?;
        if access == Access::Write {
            connection.pragma_update(None, "journal_mode", "WAL")?;
        }
        let checked: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if checked != "ok" {
            return Ok(Err(damaged_database(&self.path, &checked)));
        }
        let layout: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if layout == 0 && holds_versions(&self.path) {
            return Ok(Err(lost(&self.path)));
        }
        match layout {
            LAYOUT => {}
            0 if access == Access::Write => connection.execute_batch(TABLES)?,
            _ => {
                let message =
                    format!("{} has layout {layout}; this program reads {LAYOUT}", self.path.display());
                return Ok(Err(Error::new(Code::StoreDamaged, message).hint("take a newer derek")));
            }
        }
        Ok(Ok(()))
    }

    /// The ledger in a file, for reading.
    pub(super) fn open_file(path: &Path) -> Result<Self> {
        let connection = open_readable(path).map_err(|error| fault(path, &error))?;
        let (connection, token_cache) = (Mutex::new(connection), Mutex::default());
        Ok(Self { connection, token_cache, path: path.to_owned() })
    }

    /// Every version, by dataset and version.
    pub(super) fn versions(&self) -> Result<Vec<VersionRecord>> {
        self.select("ORDER BY dataset, version", &[])
    }

    /// Every version of a dataset. Cost: reading these, whatever else there is.
    pub(super) fn versions_of(&self, dataset: &str) -> Result<Vec<VersionRecord>> {
        self.select("WHERE dataset = ?1 ORDER BY version", &[dataset])
    }

    /// The last version of each dataset that is not deleted.
    pub(super) fn latest(&self) -> Result<Vec<VersionRecord>> {
        self.select(&format!("WHERE {IS_LAST} AND NOT is_deleted ORDER BY dataset"), &[])
    }

    /// The last version of a dataset.
    pub(super) fn last(&self, dataset: &str) -> Result<Option<VersionRecord>> {
        let found = self.select("WHERE dataset = ?1 ORDER BY version DESC LIMIT 1", &[dataset]);
        found.map(|found| found.into_iter().next())
    }

    /// A version of a dataset.
    pub(super) fn of_version(&self, dataset: &str, version: u32) -> Result<Option<VersionRecord>> {
        let found = self.select("WHERE dataset = ?1 AND version = ?2", &[dataset, &version.to_string()]);
        found.map(|found| found.into_iter().next())
    }

    /// The last version of each dataset that was made of a document with this hash.
    pub(super) fn of_document(&self, hash: &str) -> Result<Vec<VersionRecord>> {
        let is_last = "version = (SELECT max(version) FROM version AS other
                       WHERE other.dataset = version.dataset AND other.document_hash = ?1)";
        self.select(&format!("WHERE document_hash = ?1 AND {is_last}"), &[hash])
    }

    /// The hash of what a file held when it was published last.
    pub(super) fn source(&self, path: &str) -> Result<Option<String>> {
        let sql = "SELECT document_hash FROM source WHERE path = ?1";
        let found = self.lock().query_row(sql, [path], |row| row.get(0)).optional();
        found.map_err(|error| self.fault(&error))
    }

    /// Remembers what a file held when it was published.
    pub(super) fn note_source(&self, path: &str, document_hash: &str) -> Result<()> {
        let sql = "INSERT INTO source (path, document_hash) VALUES (?1, ?2)
                   ON CONFLICT (path) DO UPDATE SET document_hash = ?2";
        let noted = self.lock().execute(sql, [path, document_hash]);
        noted.map(|_| ()).map_err(|error| self.fault(&error))
    }

    /// Whether some version was made of a document of this size.
    pub(super) fn has_size(&self, document_bytes: u64) -> Result<bool> {
        let bytes = document_bytes.to_string();
        self.select("WHERE document_bytes = ?1 LIMIT 1", &[&bytes]).map(|found| !found.is_empty())
    }

    fn select(&self, rest: &str, values: &[&str]) -> Result<Vec<VersionRecord>> {
        let read = || {
            let connection = self.lock();
            let mut statement = connection.prepare(&format!(
                "SELECT dataset, version, published_at, rows, document_hash, manifest_hash, folder,
                 is_deleted, written_by, document_bytes, is_dropped, findings, errors, warnings, schema_changes
                 FROM version {rest}"
            ))?;
            let records = statement.query_map(rusqlite::params_from_iter(values), |row| {
                Ok(VersionRecord {
                    dataset: row.get(0)?,
                    version: row.get(1)?,
                    published_at: row.get::<_, String>(2)?.parse().unwrap_or_default(),
                    rows: row.get::<_, i64>(3)?.unsigned_abs(),
                    document_hash: row.get(4)?,
                    manifest_hash: row.get(5)?,
                    folder: row.get(6)?,
                    is_deleted: row.get(7)?,
                    written_by: row.get(8)?,
                    document_bytes: row.get::<_, i64>(9)?.unsigned_abs(),
                    is_dropped: row.get(10)?,
                    findings: row.get::<_, i64>(11)?.unsigned_abs(),
                    errors: row.get::<_, i64>(12)?.unsigned_abs(),
                    warnings: row.get::<_, i64>(13)?.unsigned_abs(),
                    schema_changes: row.get(14)?,
                })
            })?;
            records.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(|error| self.fault(&error))
    }

    /// Writes the ledger as it is at this moment into a file that is not there.
    pub(super) fn copy(&self, to: &Path) -> Result<()> {
        let copied = self.lock().execute("VACUUM INTO ?1", [to.to_string_lossy()]);
        copied.map(|_| ()).map_err(|error| self.fault(&error))
    }

    /// Durable when it returns.
    pub(super) fn append(&self, record: &VersionRecord) -> Result<()> {
        let append = || {
            let mut connection = self.lock();
            let transaction = connection.transaction()?;
            transaction.execute(
                "INSERT INTO version (dataset, version, published_at, rows, document_hash, manifest_hash, folder,
                                      is_deleted, written_by, document_bytes, is_dropped, findings, errors,
                                      warnings, schema_changes)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
                params![
                    record.dataset,
                    record.version,
                    record.published_at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
                    i64::try_from(record.rows).unwrap_or(i64::MAX),
                    record.document_hash,
                    record.manifest_hash,
                    record.folder,
                    record.is_deleted,
                    record.written_by,
                    i64::try_from(record.document_bytes).unwrap_or(i64::MAX),
                    record.is_dropped,
                    i64::try_from(record.findings).unwrap_or(i64::MAX),
                    i64::try_from(record.errors).unwrap_or(i64::MAX),
                    i64::try_from(record.warnings).unwrap_or(i64::MAX),
                    record.schema_changes,
                ],
            )?;
            transaction.commit()
        };
        append().map_err(|error| self.fault(&error))
    }

    /// Drops what is older than the last so many versions, of one dataset or of all. Durable when it returns.
    /// Returns the folders of what was dropped, now or before.
    pub(super) fn drop_older(&self, dataset: Option<&str>, kept: u32) -> Result<Vec<String>> {
        let sql = "UPDATE version SET is_dropped = 1
                   WHERE NOT is_dropped AND (?1 IS NULL OR dataset = ?1) AND version <=
                   (SELECT max(version) FROM version AS other WHERE other.dataset = version.dataset) - ?2";
        // A tombstone counts like any other version.
        let folders = || {
            let connection = self.lock();
            connection.execute(sql, params![dataset, kept])?;
            // A tombstone has no folder.
            let dropped = "SELECT folder FROM version WHERE is_dropped AND NOT is_deleted
                           AND (?1 IS NULL OR dataset = ?1) ORDER BY version DESC";
            let mut statement = connection.prepare(dropped)?;
            let folders = statement.query_map([dataset], |row| row.get(0))?;
            folders.collect::<rusqlite::Result<Vec<String>>>()
        };
        folders().map_err(|error| self.fault(&error))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn fault(&self, error: &rusqlite::Error) -> Error {
        fault(&self.path, error)
    }
}

/// That there is a store in a folder: one that has lost its ledger is one, too, and says so when it is opened.
pub(super) fn require_present(root: &Path) -> Result<()> {
    let path = root.join("ledger.sqlite");
    if path.exists() || holds_versions(&path) { Ok(()) } else { Err(no_store(root)) }
}

fn no_store(root: &Path) -> Error {
    let message = format!("{} is no store: it has no ledger.sqlite", root.display());
    Error::new(Code::StoreIo, message).hint("derek load PATH… --store DIR makes one")
}

/// A ledger that is gone is no reason to begin a new one over the versions that it knew.
fn require_whole(root: &Path, path: &Path) -> Result<()> {
    let is_empty = path.metadata().map_or(true, |file| file.len() == 0);
    if is_empty && holds_versions(path) {
        return Err(lost(&root.join("ledger.sqlite")));
    }
    Ok(())
}

/// Whether something lies where versions are kept.
fn holds_versions(ledger: &Path) -> bool {
    let versions = ledger.with_file_name("versions");
    std::fs::read_dir(versions).is_ok_and(|mut entries| entries.next().is_some())
}

fn lost(ledger: &Path) -> Error {
    let message = format!("{} is missing or empty, and there are versions beside it", ledger.display());
    Error::new(Code::StoreDamaged, message)
        .hint(
            "take it from a backup, without ledger.sqlite-wal and ledger.sqlite-shm of the lost one; versions that \
             it does not know are put into the folder lost, and can be published again from there",
        )
}

//! How good datasets were found, in a database of its own: only ever added to.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use chrono::{DateTime, SecondsFormat, Utc};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::Store;
use super::database::{Commits, fault};
use super::grown::Grown;
use super::quality_columns::{MeasureColumns, PartColumns, added_measures, added_parts};
use crate::catalog::quality::{Measure, QualityPart};
use crate::error::{Code, Error, Place, Result};

/// `INSERT OR REPLACE` fires no trigger of DELETE: so a row that is there already is looked for before each INSERT. A
/// number that was not given is negative there.
const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS measure (
        number INTEGER PRIMARY KEY,
        dataset TEXT NOT NULL,
        version INTEGER NOT NULL,
        measured_at_ms INTEGER NOT NULL,
        algorithm INTEGER NOT NULL,
        score REAL NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS part (
        number INTEGER PRIMARY KEY,
        measure INTEGER NOT NULL REFERENCES measure (number),
        part TEXT NOT NULL,
        weight REAL NOT NULL,
        good INTEGER NOT NULL,
        judged INTEGER NOT NULL,
        points REAL NOT NULL
    ) STRICT;
    CREATE INDEX IF NOT EXISTS measure_by_dataset ON measure (dataset);
    CREATE INDEX IF NOT EXISTS part_by_measure ON part (measure);
    CREATE TRIGGER IF NOT EXISTS measure_stays BEFORE UPDATE ON measure
        BEGIN SELECT RAISE(ABORT, 'measures are only added'); END;
    CREATE TRIGGER IF NOT EXISTS measure_is_kept BEFORE DELETE ON measure
        BEGIN SELECT RAISE(ABORT, 'measures are only added'); END;
    CREATE TRIGGER IF NOT EXISTS measure_is_new BEFORE INSERT ON measure
        WHEN EXISTS (SELECT 1 FROM measure WHERE number = NEW.number AND number > 0)
        BEGIN SELECT RAISE(ABORT, 'measures are only added'); END;
    CREATE TRIGGER IF NOT EXISTS part_stays BEFORE UPDATE ON part
        BEGIN SELECT RAISE(ABORT, 'parts are only added'); END;
    CREATE TRIGGER IF NOT EXISTS part_is_kept BEFORE DELETE ON part
        BEGIN SELECT RAISE(ABORT, 'parts are only added'); END;
    CREATE TRIGGER IF NOT EXISTS part_is_new BEFORE INSERT ON part
        WHEN EXISTS (SELECT 1 FROM part WHERE number = NEW.number AND number > 0)
        BEGIN SELECT RAISE(ABORT, 'parts are only added'); END;";

/// The measures of quality that a store keeps.
#[derive(Debug)]
pub struct QualityHistory {
    connection: Mutex<Connection>,
    path: PathBuf,
    /// What was read of them so far: they are only added to.
    read: Mutex<Tables>,
}

/// Both tables as far as they were read.
#[derive(Debug, Default)]
struct Tables {
    measures: Grown,
    parts: Grown,
}

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QualityTable {
    /// `system.quality`
    Measures,
    /// `system.quality_parts`
    Parts,
}

impl QualityTable {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Measures, Self::Parts];

    /// Its name in the schema `system`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Measures => "quality",
            Self::Parts => "quality_parts",
        }
    }

    /// Its columns.
    #[must_use]
    pub fn schema(self) -> SchemaRef {
        match self {
            Self::Measures => MeasureColumns::default().finish().schema(),
            Self::Parts => PartColumns::default().finish().schema(),
        }
    }
}

impl Store {
    /// The history of quality in this store; none where nobody ever wrote any, and this process only reads.
    ///
    /// # Errors
    /// `store.damaged`, `store.io`.
    pub fn quality(&self) -> Result<Option<Arc<QualityHistory>>> {
        let opened = self.database("quality.sqlite", Commits::DURABLE, TABLES)?;
        let history = |(connection, path)| {
            Arc::new(QualityHistory { connection: Mutex::new(connection), path, read: Mutex::default() })
        };
        Ok(opened.map(history))
    }
}

impl QualityHistory {
    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fault(&self, error: &rusqlite::Error) -> Error {
        fault(&self.path, error)
    }

    /// Keeps what is new of the measures of one moment, all of it or nothing: durable when it returns. Returns how
    /// many were kept: those of which the last one of their dataset says something else ([`Measure`]).
    ///
    /// # Errors
    /// `request.parameter` where a dataset was measured later already: nothing is put into the past; `store.io`.
    pub fn keep(&self, measures: &[Measure], at: DateTime<Utc>) -> Result<usize> {
        let mut connection = self.lock();
        let transaction = connection.transaction().map_err(|error| self.fault(&error))?;
        let mut kept = 0;
        for measure in measures {
            let last = last(&transaction, &measure.dataset).map_err(|error| self.fault(&error))?;
            if let Some((before, last)) = last {
                if before.timestamp_millis() > at.timestamp_millis() {
                    return Err(too_early(&measure.dataset, before, at));
                }
                if !measure.is_kept_after(&last, (before, at)) {
                    continue;
                }
            }
            insert(&transaction, measure, at).map_err(|error| self.fault(&error))?;
            kept += 1;
        }
        if kept > 0 {
            transaction.commit().map_err(|error| self.fault(&error))?;
        }
        Ok(kept)
    }

    /// A table, as far as it was written until now. Cost: reading what was added since the last time.
    ///
    /// # Errors
    /// `store.damaged`.
    pub fn table(&self, table: QualityTable) -> Result<Vec<RecordBatch>> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let connection = self.lock();
        let grown = match table {
            QualityTable::Measures => {
                let grown = &mut read.measures;
                added_measures(&connection, grown.last).map(|added| (grown, added))
            }
            QualityTable::Parts => {
                let grown = &mut read.parts;
                added_parts(&connection, grown.last).map(|added| (grown, added))
            }
        };
        let (grown, (batches, last)) = grown.map_err(|error| self.fault(&error))?;
        grown.add(batches, last)
    }
}

fn too_early(dataset: &str, before: DateTime<Utc>, at: DateTime<Utc>) -> Error {
    let moment = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let message = format!(
        "the quality of '{dataset}' was measured at {} already; expected a later moment, found {}",
        moment(before),
        moment(at)
    );
    Error::new(Code::RequestParameter, message)
        .at(Place::field("as_of"))
        .hint("measures are only added, one after the other")
}

/// The measure of a dataset that was kept last, and when it was made.
fn last(transaction: &Transaction<'_>, dataset: &str) -> rusqlite::Result<Option<(DateTime<Utc>, Measure)>> {
    let sql = "SELECT number, measured_at_ms, version, algorithm, score FROM measure
               WHERE dataset = ?1 ORDER BY number DESC LIMIT 1";
    let measure = |row: &Row<'_>| {
        let (version, algorithm, score) = (row.get(2)?, row.get(3)?, row.get(4)?);
        let measure = Measure { dataset: dataset.to_owned(), version, algorithm, score, parts: Vec::new() };
        Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, measure))
    };
    let found = transaction.query_row(sql, [dataset], measure).optional()?;
    let Some((number, at_ms, mut measure)) = found else { return Ok(None) };
    let sql = "SELECT part, weight, good, judged, points FROM part WHERE measure = ?1 ORDER BY number";
    let part = |row: &Row<'_>| {
        let (part, weight, good, judged) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
        Ok(QualityPart { part, weight, good, judged, points: row.get(4)? })
    };
    let mut statement = transaction.prepare(sql)?;
    measure.parts = statement.query_map([number], part)?.collect::<rusqlite::Result<_>>()?;
    Ok(Some((DateTime::from_timestamp_millis(at_ms).unwrap_or_default(), measure)))
}

fn insert(transaction: &Transaction<'_>, measure: &Measure, at: DateTime<Utc>) -> rusqlite::Result<()> {
    let Measure { dataset, version, algorithm, score, parts } = measure;
    let sql = "INSERT INTO measure (dataset, version, measured_at_ms, algorithm, score) VALUES (?1, ?2, ?3, ?4, ?5)";
    transaction.execute(sql, params![dataset, version, at.timestamp_millis(), algorithm, score])?;
    let number = transaction.last_insert_rowid();
    for QualityPart { part, weight, good, judged, points } in parts {
        let sql =
            "INSERT INTO part (measure, part, weight, good, judged, points) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        transaction.execute(sql, params![number, part, weight, good, judged, points])?;
    }
    Ok(())
}

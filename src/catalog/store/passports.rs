//! The steps of passports, in a database of their own: only ever added to.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow::array::{ArrayRef, Date32Array, RecordBatch, TimestampMillisecondArray};
use arrow::datatypes::{Date32Type, SchemaRef};
use chrono::{DateTime, Utc};
use rusqlite::{Connection, Row, params};

use super::Store;
use super::database::{Commits, damaged_database, fault};
use crate::catalog::passport_step::{KeptStep, NewStep};
use crate::catalog::system::{Column, batch, texts};
use crate::error::{Error, Result};

/// `INSERT OR REPLACE` fires no trigger of DELETE: so a row that is there already is looked for before each INSERT. A
/// number that was not given is negative there.
const TABLE: &str = "
    CREATE TABLE IF NOT EXISTS step (
        number INTEGER PRIMARY KEY,
        dataset TEXT NOT NULL,
        step TEXT NOT NULL,
        at TEXT NOT NULL,
        taken_by TEXT,
        note TEXT,
        written_by TEXT NOT NULL,
        kept_at_ms INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX IF NOT EXISTS step_by_dataset ON step (dataset);
    CREATE TRIGGER IF NOT EXISTS step_stays BEFORE UPDATE ON step
        BEGIN SELECT RAISE(ABORT, 'steps are only added'); END;
    CREATE TRIGGER IF NOT EXISTS step_is_kept BEFORE DELETE ON step
        BEGIN SELECT RAISE(ABORT, 'steps are only added'); END;
    CREATE TRIGGER IF NOT EXISTS step_is_new BEFORE INSERT ON step
        WHEN EXISTS (SELECT 1 FROM step WHERE number = NEW.number AND number > 0)
        BEGIN SELECT RAISE(ABORT, 'steps are only added'); END;";

/// The columns of a step, as [`kept`] reads them.
const COLUMNS: &str = "dataset, step, at, taken_by, note, written_by, kept_at_ms";

/// The steps that the passports of a store have taken.
#[derive(Debug)]
pub struct PassportSteps {
    connection: Mutex<Connection>,
    path: PathBuf,
}

impl Store {
    /// The steps of the passports of this store; none where nobody ever wrote any, and this process only reads.
    ///
    /// # Errors
    /// `store.damaged`, `store.io`.
    pub fn passport_steps(&self) -> Result<Option<Arc<PassportSteps>>> {
        let opened = self.database("passports.sqlite", Commits::DURABLE, TABLE)?;
        let steps = |(connection, path)| Arc::new(PassportSteps { connection: Mutex::new(connection), path });
        Ok(opened.map(steps))
    }
}

impl PassportSteps {
    /// The name of the table in the schema `system`.
    pub const TABLE: &'static str = "passport_steps";

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fault(&self, error: &rusqlite::Error) -> Error {
        fault(&self.path, error)
    }

    /// Keeps a step where `may` allows it after those that its dataset has; nobody else adds one in between. It is
    /// durable when this returns all steps of the dataset, the first one first.
    ///
    /// # Errors
    /// What `may` says; `request.body`; `store.io`, `store.damaged`.
    pub fn add(
        &self,
        step: &NewStep,
        (now, written_by): (DateTime<Utc>, &str),
        may: impl FnOnce(&[KeptStep]) -> Result<()>,
    ) -> Result<Vec<KeptStep>> {
        step.check()?;
        let mut connection = self.lock();
        let transaction = connection.transaction().map_err(|error| self.fault(&error))?;
        let before = self.read(&transaction, Some(&step.dataset))?;
        may(&before)?;
        let sql = format!("INSERT INTO step ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
        let NewStep { dataset, step, at, by, note } = step;
        let (day, now_ms) = (at.to_string(), now.timestamp_millis());
        let kept = transaction.execute(&sql, params![dataset, step, day, by, note, written_by, now_ms]);
        kept.map_err(|error| self.fault(&error))?;
        let all = self.read(&transaction, Some(dataset))?;
        transaction.commit().map_err(|error| self.fault(&error))?;
        Ok(all)
    }

    /// The steps that the passport of a dataset has taken, the first one first: those of its name in any letter case.
    ///
    /// # Errors
    /// `store.damaged`.
    pub fn of_dataset(&self, dataset: &str) -> Result<Vec<KeptStep>> {
        self.read(&self.lock(), Some(dataset))
    }

    /// All steps, as they were kept one after the other: dataset, step, at, `taken_by`, note, `written_by`, `kept_at`. There
    /// are a few for each dataset, so that they are read each time.
    ///
    /// # Errors
    /// `store.damaged`.
    pub fn table(&self) -> Result<RecordBatch> {
        Ok(table(&self.read(&self.lock(), None)?))
    }

    /// The columns of [`PassportSteps::table`].
    #[must_use]
    pub fn schema() -> SchemaRef {
        table(&[]).schema()
    }

    fn read(&self, connection: &Connection, dataset: Option<&str>) -> Result<Vec<KeptStep>> {
        let read = || {
            let Some(dataset) = dataset else { return of_name(connection, None) };
            let mut steps = Vec::new();
            for name in spellings(connection, dataset)? {
                steps.append(&mut of_name(connection, Some(&name))?);
            }
            // Of several spellings together: as they were kept one after the other.
            steps.sort_by_key(|(number, _)| *number);
            Ok(steps)
        };
        let steps = read().map_err(|error| self.fault(&error))?;
        let undated = || damaged_database(&self.path, "a step has no day that can be read");
        steps.into_iter().map(|(_, step)| step.ok_or_else(undated)).collect()
    }
}

/// The names in the steps that are this one but for letter case: where none is published yet, nothing says how it is
/// written. Of letters beyond ASCII `SQLite` knows no case.
fn spellings(connection: &Connection, dataset: &str) -> rusqlite::Result<Vec<String>> {
    let wanted = dataset.to_lowercase();
    let mut statement = connection.prepare("SELECT DISTINCT dataset FROM step")?;
    let names = statement.query_map([], |row| row.get::<_, String>(0))?;
    let is_other =
        |name: &rusqlite::Result<String>| name.as_ref().is_ok_and(|name| name.to_lowercase() != wanted);
    names.filter(|name| !is_other(name)).collect()
}

/// The steps of exactly this name, or all of them, each with its number.
fn of_name(connection: &Connection, dataset: Option<&str>) -> rusqlite::Result<Vec<(i64, Option<KeptStep>)>> {
    let sql = format!("SELECT {COLUMNS}, number FROM step WHERE ?1 IS NULL OR dataset = ?1 ORDER BY number");
    let mut statement = connection.prepare(&sql)?;
    let steps = statement.query_map([dataset], |row| Ok((row.get(7)?, kept(row)?)))?;
    steps.collect()
}

/// The step of a row; none where its day is none.
fn kept(row: &Row<'_>) -> rusqlite::Result<Option<KeptStep>> {
    let at: String = row.get(2)?;
    let Ok(at) = at.parse() else { return Ok(None) };
    let said = NewStep { dataset: row.get(0)?, step: row.get(1)?, at, by: row.get(3)?, note: row.get(4)? };
    let kept_at = DateTime::from_timestamp_millis(row.get(6)?).unwrap_or_default();
    Ok(Some(KeptStep { said, written_by: row.get(5)?, kept_at }))
}

fn table(steps: &[KeptStep]) -> RecordBatch {
    let days = steps.iter().map(|step| Some(Date32Type::from_naive_date(step.said.at)));
    let days: ArrayRef = Arc::new(days.collect::<Date32Array>());
    let kept = steps.iter().map(|step| Some(step.kept_at.timestamp_millis()));
    let kept = kept.collect::<TimestampMillisecondArray>().with_timezone("+00:00");
    batch(vec![
        texts("dataset", steps, |step| Some(&step.said.dataset)),
        texts("step", steps, |step| Some(&step.said.step)),
        Column("at", days),
        texts("taken_by", steps, |step| step.said.by.as_deref()),
        texts("note", steps, |step| step.said.note.as_deref()),
        texts("written_by", steps, |step| Some(&step.written_by)),
        Column("kept_at", Arc::new(kept)),
    ])
}

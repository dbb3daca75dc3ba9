//! What datasets are used for, in a file of its own: sums by the hour, to which others are added.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::PathBuf;

use arrow::array::RecordBatch;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::Store;
use super::database::{Commits, fault};
use super::grown::{self, Grown};
use super::use_columns::{Columns, DAY_MS, UseTable};
use crate::catalog::use_sums::{Asked, Sums};
use crate::error::{Error, Result};

const HOUR_MS: i64 = 3_600_000;
/// So long hours stay hours, and days days: a thousand datasets that are used in each hour are some millions of sums.
const HOURS_KEPT_DAYS: i64 = 7;
const DAYS_KEPT_DAYS: i64 = 400;
/// New pairs and names that an hour may have, and cells a day: those beyond are one, or none.
const MOST_PAIRS: i64 = 50_000;
const MOST_NAMES: i64 = 10_000;
const MOST_CELLS: i64 = 200_000;
/// Those who use what is there, or ask for what is not; who comes later is not told from them until the oldest tenth
/// goes.
const MOST_ASKERS: i64 = 1_000_000;
const ASKERS_OF_USES: &str = "what = 'use'";
const ASKERS_OF_MISSES: &str = "what <> 'use'";
/// The name of all names that an hour has no room for.
const OTHERS: &str = "…";
/// Rows of one table, beyond which the oldest tenth goes, and how often they are counted.
const MOST_ROWS: i64 = 4_000_000;
const COUNTED_EVERY_DAYS: i64 = 10;

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS uses (
        hour_ms INTEGER NOT NULL, dataset TEXT NOT NULL, door TEXT NOT NULL,
        queries INTEGER NOT NULL, rows INTEGER NOT NULL, last_ms INTEGER NOT NULL,
        PRIMARY KEY (hour_ms, dataset, door)) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS together (
        hour_ms INTEGER NOT NULL, dataset TEXT NOT NULL, other TEXT NOT NULL, queries INTEGER NOT NULL,
        PRIMARY KEY (hour_ms, dataset, other)) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS missed (
        hour_ms INTEGER NOT NULL, what TEXT NOT NULL, name TEXT NOT NULL, asked INTEGER NOT NULL, last_ms INTEGER NOT NULL,
        PRIMARY KEY (hour_ms, what, name)) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS asker (
        number INTEGER PRIMARY KEY, what TEXT NOT NULL, name TEXT NOT NULL, client TEXT NOT NULL, first_ms INTEGER NOT NULL,
        UNIQUE (what, name, client)) STRICT;
    CREATE TABLE IF NOT EXISTS look_up (
        day_ms INTEGER NOT NULL, dataset TEXT NOT NULL, cell INTEGER NOT NULL,
        look_ups INTEGER NOT NULL, without_result INTEGER NOT NULL,
        PRIMARY KEY (day_ms, dataset, cell)) STRICT, WITHOUT ROWID;";

/// The sums that are kept.
#[derive(Debug)]
pub(in crate::catalog) struct UseTables {
    connection: Connection,
    path: PathBuf,
    /// What was read of each: hours and days that are over change no more.
    read: [Grown; UseTable::ALL.len()],
    /// The last day on which the oldest hours became days.
    folded_ms: i64,
    /// How many more askers may be added, of uses and of misses, where that is known.
    room_for_askers: Option<[i64; 2]>,
}

impl Store {
    /// The sums of this store; none where nobody ever kept any, and this process only reads.
    ///
    /// # Errors
    /// `store.damaged`, `store.io`.
    pub(in crate::catalog) fn uses(&self) -> Result<Option<UseTables>> {
        // A power cut may take the last seconds of counts, and no more.
        let commits = Commits { synchronous: "NORMAL", ..Commits::DURABLE };
        let opened = self.database("uses.sqlite", commits, TABLES)?;
        Ok(opened.map(|(connection, path)| UseTables::new(connection, path)))
    }
}

impl UseTables {
    fn new(connection: Connection, path: PathBuf) -> Self {
        Self { connection, path, read: Default::default(), folded_ms: 0, room_for_askers: None }
    }

    /// Sums that are kept as long as the process lives.
    ///
    /// # Errors
    /// `store.io` where there is no memory.
    pub(in crate::catalog) fn in_memory() -> Result<Self> {
        let path = PathBuf::from("uses in memory");
        let open = || {
            let connection = Connection::open_in_memory()?;
            connection.execute_batch(TABLES)?;
            Ok(connection)
        };
        let connection = open().map_err(|error| fault(&path, &error))?;
        Ok(Self::new(connection, path))
    }

    fn fault(&self, error: &rusqlite::Error) -> Error {
        fault(&self.path, error)
    }

    /// Adds sums to those that are kept.
    ///
    /// # Errors
    /// `store.io`, `store.damaged`.
    pub(in crate::catalog) fn keep(&mut self, all: &[Sums]) -> Result<()> {
        let spans = || all.iter().filter_map(Sums::span_ms);
        let first_ms = spans().map(|span| span.0).min();
        let last_day_ms =
            spans().map(|span| span.1.div_euclid(DAY_MS) * DAY_MS).max().unwrap_or(self.folded_ms);
        let folded_ms = self.folded_ms;
        let is_folded = last_day_ms == folded_ms;
        let mut room = self.room_for_askers.take();
        let mut keep = |connection: &mut Connection| {
            let transaction = connection.transaction()?;
            for sums in all {
                add(&transaction, sums, &mut room)?;
            }
            if !is_folded {
                fold(&transaction, (folded_ms, last_day_ms))?;
                room = None;
            }
            transaction.commit()
        };
        keep(&mut self.connection).map_err(|error| fault(&self.path, &error))?;
        self.room_for_askers = room;
        // What was read may be of days now that were hours, or have got more: a clock was wrong, or somebody is late.
        if !is_folded {
            self.read = Default::default();
            self.folded_ms = last_day_ms;
        }
        for (table, read) in UseTable::ALL.into_iter().zip(&mut self.read) {
            if table != UseTable::Askers && first_ms.is_some_and(|first_ms| first_ms < read.last) {
                *read = Grown::default();
            }
        }
        Ok(())
    }

    /// A table, as far as it was kept until now. Cost: reading what was added since the last time, and the last
    /// hours or days, which may still change.
    ///
    /// # Errors
    /// `store.damaged`.
    pub(in crate::catalog) fn table(&mut self, table: UseTable) -> Result<Vec<RecordBatch>> {
        let at = UseTable::ALL.iter().position(|known| *known == table).unwrap_or_default();
        let (source, key) = table.source();
        let from = self.read[at].last;
        let read = || {
            let last = format!("SELECT {key} FROM {source} ORDER BY {key} DESC LIMIT 1");
            let last: Option<i64> = self.connection.query_row(&last, [], |row| row.get(0)).optional()?;
            let open_from = match (last, key) {
                (None, _) => from,
                (Some(last), "number") => last + 1,
                (Some(last), "day_ms") => last - DAY_MS,
                (Some(last), _) => last - HOUR_MS,
            };
            let open_from = open_from.max(from);
            let rows = |from, to| rows(&self.connection, table, from, to);
            Ok((rows(from, open_from)?, rows(open_from, i64::MAX)?, open_from))
        };
        let (over, open, open_from) = read().map_err(|error: rusqlite::Error| self.fault(&error))?;
        let mut batches = self.read[at].add(over, open_from)?;
        batches.extend(open);
        Ok(batches)
    }
}

/// The rows of a table from one key on, up to another.
fn rows(connection: &Connection, table: UseTable, from: i64, to: i64) -> rusqlite::Result<Vec<RecordBatch>> {
    let (source, key) = table.source();
    let shown: Vec<&str> = table.shown().iter().map(|(_, expression, _)| *expression).collect();
    let shown = shown.join(", ");
    let sql = format!("SELECT {shown} FROM {source} WHERE {key} >= ?1 AND {key} < ?2 ORDER BY {key}");
    let mut statement = connection.prepare(&sql)?;
    grown::read(statement.query([from, to])?, || table.columns(), Columns::add, Columns::finish)
}

fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// How many rows of an hour or a day there are.
fn count(transaction: &Transaction<'_>, table: &str, key: &str, at_ms: i64) -> rusqlite::Result<i64> {
    let sql = format!("SELECT count(*) FROM {table} WHERE {key} = ?1");
    transaction.prepare(&sql)?.query_row([at_ms], |row| row.get(0))
}

fn add(transaction: &Transaction<'_>, sums: &Sums, askers: &mut Option<[i64; 2]>) -> rusqlite::Result<()> {
    let mut insert = transaction.prepare(
        "INSERT INTO uses VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET
            queries = queries + excluded.queries, rows = rows + excluded.rows, last_ms = max(last_ms, excluded.last_ms)",
    )?;
    for ((hour_ms, dataset, door), used) in &sums.uses {
        insert.execute(params![hour_ms, dataset, door, int(used.queries), int(used.rows), used.last_ms])?;
    }
    let mut insert = transaction.prepare(
        "INSERT INTO together VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET queries = queries + excluded.queries",
    )?;
    let mut room = Room::new(transaction, ("together", "hour_ms"), MOST_PAIRS);
    for ((hour_ms, dataset, other), queries) in &sums.together {
        if room.take(*hour_ms)? {
            insert.execute(params![hour_ms, dataset, other, int(*queries)])?;
        }
    }
    add_missed(transaction, sums, askers)?;
    let mut insert = transaction.prepare(
        "INSERT INTO look_up VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET
            look_ups = look_ups + excluded.look_ups, without_result = without_result + excluded.without_result",
    )?;
    let mut room = Room::new(transaction, ("look_up", "day_ms"), MOST_CELLS);
    for ((day_ms, dataset, cell), found) in &sums.look_ups {
        // Beyond, they are look-ups of no cell.
        let cell = if room.take(*day_ms)? { int(*cell) } else { 0 };
        insert.execute(params![day_ms, dataset, cell, int(found.count), int(found.empty)])?;
    }
    Ok(())
}

/// How many askers of a kind there is room for.
fn left(transaction: &Transaction<'_>, askers: &str) -> rusqlite::Result<i64> {
    let sql = format!("SELECT count(*) FROM asker WHERE {askers}");
    transaction.query_row(&sql, [], |row| row.get::<_, i64>(0)).map(|count| MOST_ASKERS - count)
}

/// Adds what was missed, and who asked.
fn add_missed(
    transaction: &Transaction<'_>,
    sums: &Sums,
    room: &mut Option<[i64; 2]>,
) -> rusqlite::Result<()> {
    let mut insert = transaction.prepare(
        "INSERT INTO missed VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET
            asked = asked + excluded.asked, last_ms = max(last_ms, excluded.last_ms)",
    )?;
    let mut known =
        transaction.prepare("SELECT 1 FROM missed WHERE hour_ms = ?1 AND what = ?2 AND name = ?3")?;
    let mut names = Room::new(transaction, ("missed", "hour_ms"), MOST_NAMES);
    for ((hour_ms, what, name), used) in &sums.missed {
        let is_known = known.exists(params![hour_ms, what.as_str(), name])?;
        let name = if is_known || names.take(*hour_ms)? { name.as_str() } else { OTHERS };
        insert.execute(params![hour_ms, what.as_str(), name, int(used.queries), used.last_ms])?;
    }
    // Those who use what is there, and those who ask for what is not, have their room apart.
    let room = match room {
        Some(room) => room,
        none => none.insert([left(transaction, ASKERS_OF_USES)?, left(transaction, ASKERS_OF_MISSES)?]),
    };
    let mut insert = transaction.prepare(
        "INSERT INTO asker (what, name, client, first_ms) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
    )?;
    for ((what, name, client), first_ms) in &sums.askers {
        let room = &mut room[usize::from(*what != Asked::Use)];
        if *room > 0 {
            let added = insert.execute(params![what.as_str(), name, format!("{client:016x}"), first_ms])?;
            *room -= i64::try_from(added).unwrap_or_default();
        }
    }
    Ok(())
}

/// How many new rows an hour or a day may still have, so that nobody fills the disk with names that nobody else knows.
struct Room<'a> {
    transaction: &'a Transaction<'a>,
    of: (&'static str, &'static str),
    most: i64,
    left: HashMap<i64, i64>,
}

impl<'a> Room<'a> {
    fn new(transaction: &'a Transaction<'a>, of: (&'static str, &'static str), most: i64) -> Self {
        Self { transaction, of, most, left: HashMap::new() }
    }

    /// Whether there is room for one more.
    fn take(&mut self, at_ms: i64) -> rusqlite::Result<bool> {
        let left = match self.left.entry(at_ms) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                new.insert(self.most - count(self.transaction, self.of.0, self.of.1, at_ms)?)
            }
        };
        *left -= 1;
        Ok(*left >= 0)
    }
}

/// Sums that lie so many days before the last one become sums of longer times: of which table, by which column, how it
/// begins, how sums are shown, and how one is added to another.
const FOLDS: [(&str, &str, i64, &str, &str, &str); 7] = [
    ("uses", "hour_ms", HOURS_KEPT_DAYS, DAY, OF_USES, ADDED_USES),
    ("uses", "hour_ms", DAYS_KEPT_DAYS, MONTH, OF_USES, ADDED_USES),
    (
        "together",
        "hour_ms",
        HOURS_KEPT_DAYS,
        DAY,
        "dataset, other, sum(queries)",
        "queries = queries + excluded.queries",
    ),
    (
        "together",
        "hour_ms",
        DAYS_KEPT_DAYS,
        MONTH,
        "dataset, other, sum(queries)",
        "queries = queries + excluded.queries",
    ),
    ("missed", "hour_ms", HOURS_KEPT_DAYS, DAY, OF_MISSED, ADDED_MISSED),
    ("missed", "hour_ms", DAYS_KEPT_DAYS, MONTH, OF_MISSED, ADDED_MISSED),
    (
        "look_up",
        "day_ms",
        DAYS_KEPT_DAYS,
        "CAST(strftime('%s', day_ms / 1000, 'unixepoch', 'start of month') AS INTEGER) * 1000",
        "dataset, cell, sum(look_ups), sum(without_result)",
        ADDED_LOOK_UPS,
    ),
];

const DAY: &str = "hour_ms - hour_ms % 86400000";
const MONTH: &str = "CAST(strftime('%s', hour_ms / 1000, 'unixepoch', 'start of month') AS INTEGER) * 1000";
const OF_USES: &str = "dataset, door, sum(queries), sum(rows), max(last_ms)";
const ADDED_USES: &str = "queries = queries + excluded.queries, rows = rows + excluded.rows, last_ms = max(last_ms, excluded.last_ms)";
const OF_MISSED: &str = "what, name, sum(asked), max(last_ms)";
const ADDED_MISSED: &str = "asked = asked + excluded.asked, last_ms = max(last_ms, excluded.last_ms)";
const ADDED_LOOK_UPS: &str =
    "look_ups = look_ups + excluded.look_ups, without_result = without_result + excluded.without_result";

/// Makes sums of days and months of those that are old, which those before the last day that this was done for are
/// already; from time to time the oldest rows of tables that have too many go.
fn fold(transaction: &Transaction<'_>, (folded_ms, last_day_ms): (i64, i64)) -> rusqlite::Result<()> {
    for (table, key, days, start, sums, added) in FOLDS {
        let before_ms = last_day_ms - days * DAY_MS;
        // The first time all of them are looked at, and when a clock was ahead.
        let is_next = (1..=last_day_ms).contains(&folded_ms);
        let from_ms = if is_next { folded_ms - (days + 1) * DAY_MS } else { i64::MIN };
        let old = format!("{key} >= ?1 AND {key} < ?2 AND {key} <> {start}");
        let fold = format!(
            "INSERT INTO {table} SELECT {start}, {sums} FROM {table} WHERE {old} GROUP BY 1, 2, 3
             ON CONFLICT DO UPDATE SET {added}"
        );
        transaction.execute(&fold, [from_ms, before_ms])?;
        transaction.execute(&format!("DELETE FROM {table} WHERE {old}"), [from_ms, before_ms])?;
    }
    // To count rows takes a look at each: not every day.
    if last_day_ms / (COUNTED_EVERY_DAYS * DAY_MS) != folded_ms / (COUNTED_EVERY_DAYS * DAY_MS) {
        trim(transaction)?;
    }
    Ok(())
}

/// Removes the oldest rows of tables that have too many.
fn trim(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    for askers in [ASKERS_OF_USES, ASKERS_OF_MISSES] {
        if left(transaction, askers)? <= 0 {
            let oldest = format!(
                "DELETE FROM asker WHERE number IN (SELECT number FROM asker WHERE {askers} ORDER BY number LIMIT ?1)"
            );
            transaction.execute(&oldest, [MOST_ASKERS / 10])?;
        }
    }
    for table in UseTable::ALL {
        let (source, key) = table.source();
        let count = format!("SELECT count(*) FROM {source}");
        let count: i64 = transaction.query_row(&count, [], |row| row.get(0))?;
        if count > MOST_ROWS {
            let oldest = format!(
                "DELETE FROM {source} WHERE {key} <= (SELECT {key} FROM {source} ORDER BY {key} LIMIT 1 OFFSET ?1)"
            );
            transaction.execute(&oldest, [count - MOST_ROWS + MOST_ROWS / 10])?;
        }
    }
    Ok(())
}

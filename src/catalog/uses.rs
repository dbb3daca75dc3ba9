//! What datasets are used for, and what is asked for that is not there: sums, made when something is asked.
//!
//! A log of each look-up would take more than the look-up does. So there are sums by the hour in memory, and once a
//! second these are added to those that are kept ([`UseTables`]). Nothing of who asked is in them but a salted hash.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arrow::array::RecordBatch;
use chrono::{DateTime, Utc};

use super::dataset::Dataset;
use super::query_log::LoggedQuery;
use super::store::{UseTable, UseTables};
use crate::error::{Code, Result};

/// How often sums are added to those that are kept.
const KEPT_AFTER: Duration = Duration::from_secs(1);
/// Sums that are made in memory before they are added to those that are kept; of names beyond, nobody learns.
const MOST_WAITING: usize = 65_536;
/// Threads that make sums at the same time without waiting for each other.
const SHARDS: usize = 16;
/// A longer name of what is not there is cut, in bytes.
const MOST_NAME_BYTES: usize = 200;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// What somebody asked for, or named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Asked {
    /// A dataset that is there.
    Use,
    /// A dataset that is not there.
    Dataset,
    /// A column that is not there, with its dataset where that is one.
    Column,
    /// A search through the catalog that found nothing.
    Search,
}

impl Asked {
    /// The word that the tables have for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Use => "use",
            Self::Dataset => "dataset",
            Self::Column => "column",
            Self::Search => "search",
        }
    }
}

/// Uses of one dataset in one hour through one door.
#[derive(Debug, Clone, Default)]
pub(super) struct Used {
    pub(super) queries: u64,
    pub(super) rows: u64,
    /// When the last one was asked, in milliseconds since 1970.
    pub(super) last_ms: i64,
}

impl Used {
    fn add(&mut self, other: &Self) {
        self.queries += other.queries;
        self.rows += other.rows;
        self.last_ms = self.last_ms.max(other.last_ms);
    }
}

/// Look-ups of one dataset in one cell of one day.
#[derive(Debug, Clone, Default)]
pub(super) struct LookUps {
    pub(super) count: u64,
    pub(super) empty: u64,
}

/// Sums of some time. Hours and days begin in UTC and are in milliseconds since 1970.
#[derive(Debug, Default)]
pub(super) struct Sums {
    /// By hour, dataset and door.
    pub(super) uses: HashMap<(i64, String, String), Used>,
    /// By hour and two datasets that one query read, in the order of their names.
    pub(super) together: HashMap<(i64, String, String), u64>,
    /// By hour, what it is and its name in small letters.
    pub(super) missed: HashMap<(i64, Asked, String), Used>,
    /// When who asked first, by what it is, its name, and who asked.
    pub(super) askers: HashMap<(Asked, String, u64), i64>,
    /// By day, dataset and H3 cell.
    pub(super) look_ups: HashMap<(i64, String, u64), LookUps>,
}

impl Sums {
    fn len(&self) -> usize {
        self.uses.len() + self.together.len() + self.missed.len() + self.askers.len() + self.look_ups.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn used(&mut self, (dataset, door): (&str, String), client: Option<u64>, used: &Used) {
        let hour_ms = used.last_ms - used.last_ms.rem_euclid(HOUR_MS);
        self.uses.entry((hour_ms, dataset.to_owned(), door)).or_default().add(used);
        self.asked(Asked::Use, dataset, client, used.last_ms);
    }

    fn missed(&mut self, what: Asked, name: &str, client: Option<u64>, at_ms: i64) {
        let name = cut(name).to_lowercase();
        let hour_ms = at_ms - at_ms.rem_euclid(HOUR_MS);
        let used = Used { queries: 1, rows: 0, last_ms: at_ms };
        self.asked(what, &name, client, at_ms);
        self.missed.entry((hour_ms, what, name)).or_default().add(&used);
    }

    fn asked(&mut self, what: Asked, name: &str, client: Option<u64>, at_ms: i64) {
        let Some(client) = client else { return };
        let first_ms = self.askers.entry((what, name.to_owned(), client)).or_insert(at_ms);
        *first_ms = at_ms.min(*first_ms);
    }

    /// What a query says.
    fn add(&mut self, query: &LoggedQuery) {
        let at_ms = query.at.timestamp_millis();
        if let Some((what, name)) = query.error.and_then(missed_by).zip(query.missing.as_deref()) {
            self.missed(what, name, query.client, at_ms);
        }
        // What failed used nothing.
        if query.error.is_some() {
            return;
        }
        let mut datasets: Vec<&str> = query.datasets.iter().map(String::as_str).collect();
        datasets.sort_unstable();
        datasets.dedup();
        let used = Used { queries: 1, rows: query.rows, last_ms: at_ms };
        for (at, dataset) in datasets.iter().enumerate() {
            self.used((dataset, query.door.clone().into_owned()), query.client, &used);
            for other in &datasets[at + 1..] {
                let key = (at_ms - at_ms.rem_euclid(HOUR_MS), (*dataset).to_owned(), (*other).to_owned());
                *self.together.entry(key).or_default() += 1;
            }
        }
    }
}

/// What an error says is not there.
const fn missed_by(error: Code) -> Option<Asked> {
    match error {
        Code::QueryUnknownTable | Code::CatalogUnknownDataset => Some(Asked::Dataset),
        Code::QueryUnknownColumn => Some(Asked::Column),
        _ => None,
    }
}

fn cut(name: &str) -> &str {
    &name[..name.floor_char_boundary(MOST_NAME_BYTES)]
}

/// Sums of one thread: those of look-ups apart, so that one costs no copy of a name.
#[derive(Debug, Default)]
struct Shard {
    sums: Sums,
    uses: HashMap<UseKey, (String, Used)>,
    /// By day, the version's number and H3 cell.
    cells: HashMap<(i64, u64, u64), (String, LookUps)>,
}

/// A route's method and path.
type Door = (&'static str, &'static str);

/// Hour, the version's number, the door and who asked.
type UseKey = (i64, u64, Door, Option<u64>);

impl Shard {
    fn len(&self) -> usize {
        self.sums.len() + self.uses.len() + self.cells.len()
    }

    /// Its sums, which begin anew.
    fn take(&mut self) -> Sums {
        let mut sums = std::mem::take(&mut self.sums);
        for ((_, _, (method, path), client), (dataset, used)) in self.uses.drain() {
            sums.used((&dataset, format!("{method} {path}")), client, &used);
        }
        for ((day_ms, _, cell), (dataset, found)) in self.cells.drain() {
            let sum = sums.look_ups.entry((day_ms, dataset, cell)).or_default();
            sum.count += found.count;
            sum.empty += found.empty;
        }
        sums
    }
}

/// A use of a dataset that is no query in SQL.
#[derive(Debug, Clone, Copy)]
pub struct Use {
    /// The route's method and path.
    pub door: Door,
    /// Who asked, as a salted hash.
    pub client: Option<u64>,
    /// When.
    pub at: DateTime<Utc>,
    /// Rows that were sent.
    pub rows: u64,
}

/// What datasets are used for: sums in memory, and those that are kept.
#[derive(Debug, Default)]
pub struct Uses {
    shards: [Mutex<Shard>; SHARDS],
    /// Opened when the first sums are added.
    tables: Mutex<Option<UseTables>>,
    /// Whether a store is only read: then nothing is added.
    is_closed: bool,
}

impl Uses {
    /// Sums that go on from those that a store keeps; where this process writes to it they are kept once a second.
    ///
    /// # Errors
    /// `store.damaged`, `store.io`.
    pub(super) fn over(store: &super::store::Store) -> Result<Arc<Self>> {
        let tables = store.uses()?;
        let is_closed = !store.is_writer();
        let uses = Arc::new(Self { shards: Default::default(), tables: Mutex::new(tables), is_closed });
        if !is_closed {
            let (weak, thread) =
                (Arc::downgrade(&uses), std::thread::Builder::new().name("derek-uses".to_owned()));
            let keep = move || {
                while let Some(uses) = weak.upgrade() {
                    uses.flush();
                    drop(uses);
                    std::thread::sleep(KEPT_AFTER);
                }
            };
            if let Err(error) = thread.spawn(keep) {
                tracing::error!("uses are kept when somebody asks for them only: {error}");
            }
        }
        Ok(uses)
    }

    /// Counts what a query says.
    pub(super) fn add(&self, query: &LoggedQuery) {
        self.change(|shard| shard.sums.add(query));
    }

    /// Counts a use of a dataset. Cost: some 0.1 µs.
    pub fn used(&self, dataset: &Dataset, used: Use) {
        let at_ms = used.at.timestamp_millis();
        let hour_ms = at_ms - at_ms.rem_euclid(HOUR_MS);
        let one = Used { queries: 1, rows: used.rows, last_ms: at_ms };
        self.change(|shard| match shard.uses.entry((hour_ms, dataset.id, used.door, used.client)) {
            Entry::Occupied(mut known) => known.get_mut().1.add(&one),
            Entry::Vacant(new) => {
                new.insert((dataset.name().to_owned(), one));
            }
        });
    }

    /// Counts a look-up by place: the H3 cell that was asked from, and whether nothing was found.
    pub fn looked_up(&self, dataset: &Dataset, cell: u64, is_empty: bool, at: DateTime<Utc>) {
        let at_ms = at.timestamp_millis();
        let day_ms = at_ms - at_ms.rem_euclid(DAY_MS);
        self.change(|shard| {
            let new = || (dataset.name().to_owned(), LookUps::default());
            let (_, sum) = shard.cells.entry((day_ms, dataset.id, cell)).or_insert_with(new);
            sum.count += 1;
            sum.empty += u64::from(is_empty);
        });
    }

    /// Counts what was asked for and is not there.
    pub fn missed(&self, what: Asked, name: &str, client: Option<u64>, at: DateTime<Utc>) {
        self.change(|shard| shard.sums.missed(what, name, client, at.timestamp_millis()));
    }

    fn change(&self, change: impl FnOnce(&mut Shard)) {
        if self.is_closed {
            return;
        }
        let is_full = {
            let mut shard = self.shard();
            change(&mut shard);
            shard.len() > MOST_WAITING
        };
        if is_full {
            self.flush();
        }
    }

    /// The sums of this thread.
    fn shard(&self) -> MutexGuard<'_, Shard> {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        thread_local! {
            static OWN: usize = NEXT.fetch_add(1, Ordering::Relaxed) % SHARDS;
        }
        self.shards[OWN.with(|own| *own)].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds what there is in memory to what is kept. What cannot be kept is told, and lost.
    pub fn flush(&self) {
        let taken = |shard: &Mutex<Shard>| shard.lock().unwrap_or_else(PoisonError::into_inner).take();
        let sums: Vec<Sums> = self.shards.iter().map(taken).filter(|sums| !sums.is_empty()).collect();
        if sums.is_empty() {
            return;
        }
        let kept = self.with(|tables| tables.keep(&sums));
        if let Err(error) = kept {
            tracing::error!(code = %error.code, "uses are not kept: {error}");
        }
    }

    fn with<T>(&self, work: impl FnOnce(&mut UseTables) -> Result<T>) -> Result<T> {
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        let tables = match &mut *tables {
            Some(tables) => tables,
            // Without a store, as long as the process lives.
            none => none.insert(UseTables::in_memory()?),
        };
        work(tables)
    }

    /// A table of sums, as they are now. Cost: reading what was added since the last time.
    ///
    /// # Errors
    /// `store.damaged`, `store.io`.
    pub fn table(&self, table: UseTable) -> Result<Vec<RecordBatch>> {
        self.flush();
        self.with(|tables| tables.table(table))
    }
}

impl Drop for Uses {
    fn drop(&mut self) {
        self.flush();
    }
}

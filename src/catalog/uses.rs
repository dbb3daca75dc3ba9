//! What datasets are used for, and what is asked for that is not there: sums, made when something is asked.
//!
//! A log of each look-up would take more than the look-up does. So there are sums by the hour in memory, and once a
//! second these are added to those that are kept ([`UseTables`]). Nothing of who asked is in them but a salted hash.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Once, OnceLock, PoisonError, Weak};
use std::time::Duration;

use arrow::array::RecordBatch;
use chrono::{DateTime, Utc};

use super::dataset::Dataset;
use super::query_log::LoggedQuery;
use super::store::{Store, UseTable, UseTables};
use super::use_sums::{Asked, DAY_MS, HOUR_MS, LookUps, Sums, Used};
use crate::error::Result;

/// How often sums are added to those that are kept.
const KEPT_AFTER: Duration = Duration::from_secs(1);
/// Different sums of one thread that wait to be added to those that are kept.
const MOST_WAITING: usize = 65_536;
/// Threads that make sums at the same time without waiting for each other.
const SHARDS: usize = 16;
/// A longer name of what is not there is cut, in bytes.
const MOST_NAME_BYTES: usize = 200;

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

    /// All of it as sums.
    fn sums(self) -> Sums {
        let mut sums = self.sums;
        for ((_, _, (method, path), client), (dataset, used)) in self.uses {
            sums.used((&dataset, format!("{method} {path}")), client, &used);
        }
        for ((day_ms, _, cell), (dataset, found)) in self.cells {
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

/// Puts stars where a text tells of a person.
pub type Mask = fn(&mut String, DateTime<Utc>);

/// What datasets are used for: sums in memory, and those that are kept.
#[derive(Debug)]
pub struct Uses {
    shards: [Mutex<Shard>; SHARDS],
    /// Opened when the first sums are added. Held while sums are taken and kept: who has it has seen all of them.
    tables: Mutex<Option<UseTables>>,
    /// Whether a store is only read: then nothing is added.
    is_closed: bool,
    /// What hides persons in names of what is not there.
    mask: OnceLock<Mask>,
    /// Different sums that came too many at once.
    uncounted: AtomicU64,
    /// Starts the thread that keeps sums.
    thread: Once,
    own: Weak<Self>,
}

impl Uses {
    /// Sums as long as the process lives.
    #[must_use]
    pub(super) fn in_memory() -> Arc<Self> {
        Self::new(None, false)
    }

    /// Sums that go on from those that a store keeps; where this process writes to it they are kept once a second.
    ///
    /// # Errors
    /// `store.damaged`, `store.io`.
    pub(super) fn over(store: &Store) -> Result<Arc<Self>> {
        Ok(Self::new(store.uses()?, !store.is_writer()))
    }

    fn new(tables: Option<UseTables>, is_closed: bool) -> Arc<Self> {
        Arc::new_cyclic(|own| Self {
            shards: Default::default(),
            tables: Mutex::new(tables),
            is_closed,
            mask: OnceLock::new(),
            uncounted: AtomicU64::new(0),
            thread: Once::new(),
            own: Weak::clone(own),
        })
    }

    /// Says how persons are hidden in names of what is not there: everybody may read these. The first one stays.
    pub fn mask_with(&self, mask: Mask) {
        let _ = self.mask.set(mask);
    }

    /// Hides persons in a text that everybody may read. Cost: a look at each byte where it can name nobody.
    pub(super) fn hide_persons(&self, text: &mut String, at: DateTime<Utc>) {
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        let may_name = digits >= 10 || !text.is_ascii() || text.contains('@');
        if let Some(mask) = self.mask.get().filter(|_| may_name) {
            mask(text, at);
        }
    }

    fn masked(&self, name: &str, at: DateTime<Utc>) -> String {
        let mut name = cut(name).to_owned();
        self.mask.get().into_iter().for_each(|mask| mask(&mut name, at));
        name
    }

    /// Counts what a query says.
    pub(super) fn add(&self, query: &LoggedQuery) {
        let missing = query.missing.as_deref().map(|name| self.masked(name, query.at));
        self.change(|shard| shard.sums.add(query, missing.as_deref()));
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
        let name = self.masked(name, at);
        self.change(|shard| shard.sums.missed(what, &name, client, at.timestamp_millis()));
    }

    /// Changes the sums of this thread. Nobody who asks waits for a disk: what is too much for memory is not counted,
    /// which is told.
    fn change(&self, change: impl FnOnce(&mut Shard)) {
        if self.is_closed {
            return;
        }
        self.thread.call_once(|| self.keep_at_times());
        let mut shard = self.shard();
        if shard.len() < MOST_WAITING {
            change(&mut shard);
        } else {
            self.uncounted.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn keep_at_times(&self) {
        let own = Weak::clone(&self.own);
        let keep = move || {
            loop {
                std::thread::sleep(KEPT_AFTER);
                let Some(uses) = own.upgrade() else { return };
                uses.flush();
            }
        };
        let thread = std::thread::Builder::new().name("derek-uses".to_owned()).spawn(keep);
        if let Err(error) = thread {
            tracing::error!("uses are kept when somebody asks for them only: {error}");
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

    /// Adds what there is in memory to what is kept, and waits for others that do. What cannot be kept is told, and lost.
    pub fn flush(&self) {
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = self.keep(&mut tables) {
            tracing::error!(code = %error.code, "uses are not kept: {error}");
        }
    }

    fn keep(&self, tables: &mut Option<UseTables>) -> Result<()> {
        let taken =
            |shard: &Mutex<Shard>| std::mem::take(&mut *shard.lock().unwrap_or_else(PoisonError::into_inner));
        let shards: Vec<Shard> = self.shards.iter().map(taken).collect();
        let sums: Vec<Sums> = shards.into_iter().map(Shard::sums).filter(|sums| !sums.is_empty()).collect();
        let uncounted = self.uncounted.swap(0, Ordering::Relaxed);
        if uncounted > 0 {
            tracing::warn!("{uncounted} uses are not counted: too many different ones in a second");
        }
        if sums.is_empty() { Ok(()) } else { opened(tables)?.keep(&sums) }
    }

    /// A table of sums, as they are now. Cost: reading what was added since the last time.
    ///
    /// # Errors
    /// `store.damaged`, `store.io`.
    pub fn table(&self, table: UseTable) -> Result<Vec<RecordBatch>> {
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = self.keep(&mut tables) {
            tracing::error!(code = %error.code, "uses are not kept: {error}");
        }
        opened(&mut tables)?.table(table)
    }
}

/// The tables; where there is no store, some that live as long as the process.
fn opened(tables: &mut Option<UseTables>) -> Result<&mut UseTables> {
    match tables {
        Some(tables) => Ok(tables),
        none => Ok(none.insert(UseTables::in_memory()?)),
    }
}

impl Drop for Uses {
    fn drop(&mut self) {
        self.flush();
    }
}

//! Which datasets exist, in which versions?
//!
//! The catalog holds one [`Snapshot`], an immutable value that is swapped atomically: whoever took it
//! sees one state of all datasets as long as they hold it. A file that changes is read beside the
//! version that is served; a file that is refused leaves the version before it in place.

mod budget;
mod codes;
mod databases;
mod dataset;
mod diff;
mod file;
mod findings;
mod key;
mod key_value;
mod link;
mod links;
mod loading;
mod memory;
mod passport_step;
mod publication;
mod quality;
mod query_log;
mod referrers;
mod requests;
mod resolve;
mod rows;
mod search;
mod snapshot;
mod store;
mod system;
mod tabular;
mod use_sums;
mod uses;
mod version;
mod watch;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use arc_swap::ArcSwap;

pub use codes::Codes;
pub use databases::Databases;
pub use dataset::Dataset;
pub use diff::{Diff, diff};
pub use file::{ENDINGS, Stamp, TABULAR_ENDINGS, find};
pub use findings::{FindingRow, finding_rows, finding_table};
pub use key::KeyIndex;
pub use key_value::KeyValue;
pub use link::{FieldPath, Link, LinkCounts, Target};
pub use passport_step::{KeptStep, NewStep};
pub use publication::{Precondition, Upload, Uploaded, read_document};
pub use quality::{Measure, QualityPart};
pub use query_log::{LoggedQuery, QueryLog};
pub use referrers::Referrers;
pub use requests::{
    EventKind, Filed, Happened, Record, RequestForm, RequestKind, RequesterKind, When, records,
};
pub use rows::{Rows, Storage};
pub use search::search;
pub use snapshot::Snapshot;
pub use store::{
    Access, Backup, ColumnStatistics, Damage, Noted, Pages, PassportSteps, Permission, QualityHistory,
    QualityTable, RequestTable, Requests, Standing, Store, Token, UseTable, VersionRecord,
};
pub use system::{SystemTables, version_table};
pub use use_sums::Asked;
pub use uses::{Mask, Use, Uses};
pub use version::{PointColumn, Version};
pub use watch::{Watch, watch};

use crate::error::{Error, Result};

/// How documents are loaded.
#[derive(Clone, Copy)]
pub struct LoadOptions<'a> {
    /// How many threads read one document.
    pub threads: usize,
    /// What a compressed document or a workbook may unpack to, and what a template may have in bytes.
    pub max_document_bytes: u64,
    /// Whether Kazakh letters that were read in a wrong encoding are put right.
    pub repairs_text: bool,
    /// Whether a document with findings of severity `error` is refused.
    pub is_strict: bool,
    /// Is told the bytes read since it was told last, from any thread.
    pub progress: Option<&'a (dyn Fn(u64) + Sync)>,
}

impl fmt::Debug for LoadOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoadOptions")
            .field("threads", &self.threads)
            .field("max_document_bytes", &self.max_document_bytes)
            .field("repairs_text", &self.repairs_text)
            .field("is_strict", &self.is_strict)
            .finish_non_exhaustive()
    }
}

impl LoadOptions<'_> {
    /// 4 GiB: what a compressed document may unpack to unless told otherwise.
    pub const MAX_DOCUMENT_BYTES: u64 = 4 << 30;
}

impl Default for LoadOptions<'_> {
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            threads,
            max_document_bytes: Self::MAX_DOCUMENT_BYTES,
            repairs_text: false,
            is_strict: false,
            progress: None,
        }
    }
}

/// What became of one file in a load or a refresh.
#[derive(Debug)]
pub struct Loaded {
    /// The file.
    pub file: PathBuf,
    /// What happened.
    pub outcome: LoadOutcome,
    /// How long it took.
    pub elapsed: Duration,
}

/// What happened to a file.
#[derive(Debug)]
pub enum LoadOutcome {
    /// It is served.
    Published(Arc<Version>),
    /// It is refused; the version before it, if there was one, is still served.
    Refused(Arc<Error>),
    /// It is gone, and with it the dataset of this name.
    Removed(String),
    /// It was published before, and this version came after it: what came last stays.
    Superseded(Box<VersionRecord>),
}

/// The datasets under some PATHs, as they are now.
#[derive(Debug)]
pub struct Catalog {
    paths: Vec<PathBuf>,
    options: LoadOptions<'static>,
    /// Where versions are kept, if anywhere but in the files themselves.
    store: Option<Arc<Store>>,
    /// Whether a file that did not change leaves what was published after it as it is.
    yields: bool,
    current: ArcSwap<Snapshot>,
    /// The last version of each dataset by name, also of those that are gone: no number comes twice.
    /// Held while the snapshot is changed: one change at a time.
    versions: Mutex<BTreeMap<String, u32>>,
    /// Held while files are looked at.
    refreshing: Mutex<()>,
    is_loaded: AtomicBool,
    query_log: Arc<QueryLog>,
    /// What a store keeps beside its versions.
    databases: Databases,
    /// States of the catalog since the start.
    snapshots: AtomicU64,
}

impl Catalog {
    /// Loads every document under `paths`. A document that is refused is reported and does not stop
    /// the others.
    ///
    /// # Errors
    /// `catalog.no_documents` where a PATH does not exist.
    ///
    /// ```
    /// use derek::catalog::{Catalog, LoadOptions};
    /// let (catalog, loaded) = Catalog::open(&["fixtures/regions.json".into()], LoadOptions::default())?;
    /// assert_eq!(loaded.len(), 1);
    /// assert_eq!(catalog.snapshot().require("regions")?.document.rows, 20);
    /// # Ok::<(), derek::error::Error>(())
    /// ```
    pub fn open(paths: &[PathBuf], options: LoadOptions<'_>) -> Result<(Self, Vec<Loaded>)> {
        let catalog = Self::new(paths, options);
        let loaded = catalog.load_all(options.progress)?;
        Ok((catalog, loaded))
    }

    /// A catalog that will hold what is under `paths` once [`Catalog::load_all`] is done.
    #[must_use]
    pub fn new(paths: &[PathBuf], options: LoadOptions<'_>) -> Self {
        Self {
            paths: paths.to_vec(),
            options: LoadOptions { progress: None, ..options },
            store: None,
            yields: false,
            current: ArcSwap::from_pointee(Snapshot::default()),
            versions: Mutex::default(),
            refreshing: Mutex::default(),
            is_loaded: AtomicBool::new(false),
            query_log: Arc::default(),
            databases: Databases::default(),
            snapshots: AtomicU64::new(0),
        }
    }

    /// The same catalog over a store: what is published there is served, what the PATHs hold is published
    /// there, and stays when a file is gone.
    #[must_use]
    pub fn with_store(self, store: Arc<Store>) -> Self {
        let current = ArcSwap::from_pointee(Snapshot::over(Arc::clone(&store)));
        let query_log = Arc::new(QueryLog::over(&store));
        let databases = Databases::of(&store);
        Self { store: Some(store), current, query_log, databases, ..self }
    }

    /// The same catalog, which does not publish a file again that holds what it held when it was published last,
    /// though another version came after it: a server that starts again, or sees a file come back, takes
    /// nothing back that was published meanwhile.
    #[must_use]
    pub fn yielding(self) -> Self {
        Self { yields: true, ..self }
    }

    /// Where versions are kept.
    #[must_use]
    pub fn store(&self) -> Option<&Arc<Store>> {
        self.store.as_ref()
    }

    /// Loads what the store has, then every document under the PATHs; each is served as soon as it is read.
    ///
    /// # Errors
    /// `catalog.no_documents` where a PATH does not exist; `store.*` where the store cannot be read at all.
    pub fn load_all(&self, progress: Option<&(dyn Fn(u64) + Sync)>) -> Result<Vec<Loaded>> {
        let files = find(&self.paths)?;
        let mut loaded = self.load_stored()?;
        loaded.extend(self.apply(&files, self.options(progress)));
        self.is_loaded.store(true, Ordering::Release);
        Ok(loaded)
    }

    /// Whether every document under the PATHs was read once.
    #[must_use]
    pub fn is_loaded(&self) -> bool {
        self.is_loaded.load(Ordering::Acquire)
    }

    fn options<'a>(&self, progress: Option<&'a (dyn Fn(u64) + Sync)>) -> LoadOptions<'a> {
        LoadOptions { progress, ..self.options }
    }

    fn swap(&self, snapshot: Snapshot) {
        self.current.store(Arc::new(snapshot));
        self.snapshots.fetch_add(1, Ordering::Relaxed);
    }

    /// How many states it had since the start.
    #[must_use]
    pub fn snapshots(&self) -> u64 {
        self.snapshots.load(Ordering::Relaxed)
    }

    /// What was asked lately.
    #[must_use]
    pub fn query_log(&self) -> &Arc<QueryLog> {
        &self.query_log
    }

    /// What a store keeps beside its versions.
    #[must_use]
    pub fn databases(&self) -> &Databases {
        &self.databases
    }

    /// As [`Databases::requests`].
    ///
    /// # Errors
    /// `store.damaged`, `store.io`.
    pub fn requests(&self) -> Result<Option<&Arc<Requests>>> {
        self.databases.requests()
    }

    /// As [`Databases::quality`].
    ///
    /// # Errors
    /// `store.damaged`, `store.io`.
    pub fn quality(&self) -> Result<Option<&Arc<QualityHistory>>> {
        self.databases.quality()
    }

    /// As [`Databases::passport_steps`].
    ///
    /// # Errors
    /// `store.damaged`, `store.io`.
    pub fn passport_steps(&self) -> Result<Option<&Arc<PassportSteps>>> {
        self.databases.passport_steps()
    }

    /// The PATHs that it was opened with.
    #[must_use]
    pub fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// The datasets of this moment.
    #[must_use]
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.current.load_full()
    }

    /// The datasets of this moment, for a look-up that is over at once: cheaper than
    /// [`Catalog::snapshot`], since no count is shared between the cores.
    pub fn look<T>(&self, look: impl FnOnce(&Arc<Snapshot>) -> T) -> T {
        look(&self.current.load())
    }

    /// Looks at the PATHs again and loads what is new or changed, drops what is gone. Cost: one look
    /// at every file's size and time, and reading what changed.
    pub fn refresh(&self) -> Vec<Loaded> {
        // A PATH that is gone for a moment hides its files, but not those of the other PATHs.
        let files: Vec<PathBuf> =
            self.paths.iter().filter_map(|path| find(std::slice::from_ref(path)).ok()).flatten().collect();
        self.apply(&files, self.options(None))
    }
}

//! Which datasets exist, in which versions?
//!
//! The catalog holds one [`Snapshot`], an immutable value that is swapped atomically: whoever took it
//! sees one state of all datasets as long as they hold it. A file that changes is read beside the
//! version that is served; a file that is refused leaves the version before it in place.

mod budget;
mod codes;
mod dataset;
mod diff;
mod file;
mod findings;
mod key;
mod key_value;
mod link;
mod links;
mod memory;
mod publication;
mod query_log;
mod referrers;
mod resolve;
mod rows;
mod search;
mod snapshot;
mod store;
mod system;
mod version;
mod watch;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;

pub use codes::Codes;
pub use dataset::Dataset;
pub use diff::{Diff, diff};
pub use file::{ENDINGS, Stamp, find};
pub use findings::{FindingRow, finding_rows, finding_table};
pub use key::KeyIndex;
pub use key_value::KeyValue;
pub use link::{FieldPath, Link, LinkCounts, Target};
pub use publication::{Precondition, Upload, Uploaded, read_document};
pub use query_log::{LoggedQuery, QueryLog};
pub use referrers::Referrers;
pub use rows::{Rows, Storage};
pub use search::search;
pub use snapshot::Snapshot;
pub use store::{Access, Backup, ColumnStatistics, Damage, Pages, Permission, Store, Token, VersionRecord};
pub use system::{SystemTables, version_table};
pub use version::{PointColumn, Version};
pub use watch::{Watch, watch};

use crate::error::{Code, Error, Result};
use publication::{Reading, caught, forget_damage, read, store_document};
use snapshot::FileState;

/// How documents are loaded.
#[derive(Clone, Copy)]
pub struct LoadOptions<'a> {
    /// How many threads read one document.
    pub threads: usize,
    /// What a compressed document may unpack to.
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
    /// Whether the first load leaves what was published after a file as it is.
    yields: bool,
    current: ArcSwap<Snapshot>,
    /// The last version of each dataset by name, also of those that are gone: no number comes twice.
    /// Held while a change is prepared: one at a time.
    versions: Mutex<BTreeMap<String, u32>>,
    is_loaded: AtomicBool,
    query_log: Arc<QueryLog>,
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
            is_loaded: AtomicBool::new(false),
            query_log: Arc::default(),
            snapshots: AtomicU64::new(0),
        }
    }

    /// The same catalog over a store: what is published there is served, what the PATHs hold is published
    /// there, and stays when a file is gone.
    #[must_use]
    pub fn with_store(self, store: Arc<Store>) -> Self {
        let current = ArcSwap::from_pointee(Snapshot::over(Arc::clone(&store)));
        // A log that cannot be read keeps nobody from asking.
        let query_log =
            QueryLog::over(&store).inspect_err(|error| tracing::error!(code = %error.code, "{error}"));
        let query_log = Arc::new(query_log.unwrap_or_default());
        Self { store: Some(store), current, query_log, ..self }
    }

    /// The same catalog, whose first load does not publish a document again that the store had before its last
    /// version, unless the file was changed since: a server that starts again takes nothing back that was
    /// published while it ran.
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

    /// Puts the last version of each dataset of the store into the snapshot: all of them at once, their rows on
    /// disk. One that is damaged is reported and does not stop the others.
    fn load_stored(&self) -> Result<Vec<Loaded>> {
        let Some(store) = &self.store else { return Ok(Vec::new()) };
        let _turn = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        let snapshot = self.snapshot();
        let (mut datasets, mut states) = snapshot.parts();
        let mut loaded = Vec::new();
        for record in store.latest()? {
            let (start, folder) = (Instant::now(), store.folder(&record));
            let outcome = match store.on_disk(&record).map(Arc::new) {
                Ok(version) => {
                    datasets.insert(record.dataset.clone(), Arc::clone(&version));
                    LoadOutcome::Published(version)
                }
                Err(error) => {
                    let error = Arc::new(error);
                    let (stamp, refused) = (None, Some(Arc::clone(&error)));
                    states
                        .insert(folder.clone(), FileState { stamp, dataset: Some(record.dataset), refused });
                    LoadOutcome::Refused(error)
                }
            };
            loaded.push(Loaded { file: folder, outcome, elapsed: start.elapsed() });
        }
        self.swap(snapshot.next(&datasets, states, self.options.threads));
        Ok(loaded)
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

    /// Makes the catalog hold exactly what `files` hold.
    fn apply(&self, files: &[PathBuf], options: LoadOptions<'_>) -> Vec<Loaded> {
        let mut versions = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changes = self.remove_missing(files);
        for file in files {
            let stamp = Stamp::of(file).ok();
            let known = self.snapshot().files().get(file).and_then(|state| state.stamp);
            if known.is_none() || known != stamp {
                changes.push(self.load(file, &mut versions, options));
            }
        }
        if !changes.is_empty() {
            // A name that another file held may be free now.
            for file in self.refused_as_duplicates() {
                let again = self.load(&file, &mut versions, options);
                if matches!(again.outcome, LoadOutcome::Published(_)) {
                    changes.retain(|change| change.file != file);
                    changes.push(again);
                }
            }
        }
        changes
    }

    fn refused_as_duplicates(&self) -> Vec<PathBuf> {
        let snapshot = self.snapshot();
        let duplicates = snapshot.refused().filter(|(_, error)| error.code == Code::CatalogDuplicate);
        duplicates.map(|(file, _)| file.clone()).collect()
    }

    fn remove_missing(&self, files: &[PathBuf]) -> Vec<Loaded> {
        let snapshot = self.snapshot();
        let (mut datasets, mut states) = snapshot.parts();
        let mut removed = Vec::new();
        let stored = self.store.as_ref().map(|store| store.root());
        let is_stored = |file: &Path| stored.is_some_and(|root| file.starts_with(root));
        let is_gone = |file: &PathBuf| !files.contains(file) && !is_stored(file);
        for (file, state) in snapshot.files().iter().filter(|(file, _)| is_gone(file)) {
            states.remove(file);
            // What a store has stays until somebody says otherwise.
            if let Some(name) = state.dataset.as_ref().filter(|_| stored.is_none()) {
                datasets.remove(name);
                let outcome = LoadOutcome::Removed(name.clone());
                removed.push(Loaded { file: file.clone(), outcome, elapsed: Duration::ZERO });
            }
        }
        if states.len() != snapshot.files().len() {
            self.swap(snapshot.next(&datasets, states, self.options.threads));
        }
        removed
    }

    /// Reads one file and swaps the snapshot for one that has it.
    fn load(&self, file: &Path, versions: &mut BTreeMap<String, u32>, options: LoadOptions<'_>) -> Loaded {
        let start = Instant::now();
        // Before it is read: a change during the reading is then seen as one.
        let stamp = Stamp::of(file).ok();
        let snapshot = self.snapshot();
        let (mut datasets, mut states) = snapshot.parts();
        let before = states.get(file).and_then(|state| state.dataset.clone());
        let yields = self.yields && !self.is_loaded();
        let read = caught(file, || match &self.store {
            None => read(file, &snapshot, versions, options),
            Some(store) => store_document(store, file, &snapshot, (options, yields)),
        });
        let outcome = match read {
            Ok((Reading::Superseded(last), stamp)) => {
                let dataset = Some(last.dataset.clone());
                states.insert(file.to_owned(), FileState { stamp: Some(stamp), dataset, refused: None });
                LoadOutcome::Superseded(Box::new(last))
            }
            Ok((Reading::Served(dataset), stamp)) => {
                if let Some(name) = before.filter(|name| name != dataset.name() && self.store.is_none()) {
                    datasets.remove(&name);
                }
                let (stamp, name) = (Some(stamp), Some(dataset.name().to_owned()));
                states.insert(file.to_owned(), FileState { stamp, dataset: name, refused: None });
                if let Some(store) = &self.store {
                    forget_damage(store, dataset.name(), &mut states);
                }
                datasets.insert(dataset.name().to_owned(), Arc::clone(&dataset));
                LoadOutcome::Published(dataset)
            }
            Err(error) => {
                let error = Arc::new(error);
                let refused = Some(Arc::clone(&error));
                states.insert(file.to_owned(), FileState { stamp, dataset: before, refused });
                LoadOutcome::Refused(error)
            }
        };
        self.swap(snapshot.next(&datasets, states, options.threads));
        Loaded { file: file.to_owned(), outcome, elapsed: start.elapsed() }
    }
}

//! What is published at one moment: an immutable value that a query holds as long as it runs.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use arrow::array::RecordBatch;

use super::dataset::Dataset;
use super::file::Stamp;
use super::link::Link;
use super::links;
use super::store::{Store, VersionRecord};
use super::system::{SystemTables, version_table};
use super::version::Version;
use crate::error::{Code, Error, Result, nearest_name};

/// What became of a file.
#[derive(Debug, Clone)]
pub(super) struct FileState {
    /// The state of the file when it was read; none where it could not even be looked at.
    pub(super) stamp: Option<Stamp>,
    /// The dataset that the file holds, or held when it was readable last.
    pub(super) dataset: Option<String>,
    /// Why its present state is refused.
    pub(super) refused: Option<Arc<Error>>,
}

/// The datasets of one moment, and the files that were refused.
#[derive(Debug, Default)]
pub struct Snapshot {
    datasets: BTreeMap<String, Arc<Dataset>>,
    files: BTreeMap<PathBuf, FileState>,
    system: OnceLock<SystemTables>,
    version_table: OnceLock<RecordBatch>,
    surroundings: OnceLock<HashMap<String, String>>,
    /// Where versions are kept.
    store: Option<Arc<Store>>,
}

impl Snapshot {
    /// An empty one over a store.
    pub(super) fn over(store: Arc<Store>) -> Self {
        Self { store: Some(store), ..Self::default() }
    }

    /// The snapshot after this one: references that either side of changed are resolved anew, by so many
    /// threads, before anybody sees it.
    pub(super) fn next(
        &self,
        versions: &BTreeMap<String, Arc<Version>>,
        files: BTreeMap<PathBuf, FileState>,
        threads: usize,
    ) -> Self {
        let datasets = links::connect(versions, &self.datasets, threads);
        let store = self.store.clone();
        Self { datasets, files, store, ..Self::default() }
    }

    /// The dataset of this name. Exact names come first, then one that differs in letter case only.
    #[must_use]
    pub fn dataset(&self, name: &str) -> Option<&Arc<Dataset>> {
        self.datasets.get(name).or_else(|| {
            let folded = name.to_lowercase();
            let mut matches = self.datasets.iter().filter(|(known, _)| known.to_lowercase() == folded);
            let found = matches.next();
            found.filter(|_| matches.next().is_none()).map(|(_, dataset)| dataset)
        })
    }

    /// The dataset of exactly this name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Arc<Dataset>> {
        self.datasets.get(name)
    }

    /// The dataset of this name.
    ///
    /// # Errors
    /// `catalog.unknown_dataset`, with the nearest name there is.
    pub fn require(&self, name: &str) -> Result<&Arc<Dataset>> {
        self.dataset(name).ok_or_else(|| {
            let error = Error::new(Code::CatalogUnknownDataset, format!("no dataset '{name}'"));
            match nearest_name(name, self.datasets.keys().map(String::as_str)) {
                Some(nearest) => error.hint(format!("did you mean '{nearest}'?")),
                None => error.hint("/datasets lists what there is"),
            }
        })
    }

    /// The dataset of exactly this name, or with `@v3` behind it its third version.
    ///
    /// # Errors
    /// `catalog.unknown_version` where there is a dataset but no such version; `store.damaged`.
    pub fn table(&self, name: &str) -> Result<Option<Arc<Dataset>>> {
        if let Some(dataset) = self.named(name) {
            return Ok(Some(Arc::clone(dataset)));
        }
        let versioned =
            name.rsplit_once("@v").and_then(|(name, version)| Some((name, version.parse().ok()?)));
        versioned.map(|(name, version)| self.version(name, version)).transpose()
    }

    /// A version of a dataset. Cost: where it is not the last one, opening it in the store, the first time.
    ///
    /// # Errors
    /// `catalog.unknown_version`, with those that there are; `store.damaged`.
    pub fn version(&self, name: &str, version: u32) -> Result<Arc<Dataset>> {
        let current = self.dataset(name).filter(|dataset| dataset.version == version);
        if let Some(dataset) = current {
            return Ok(Arc::clone(dataset));
        }
        let exact = self.dataset(name).map_or(name, |dataset| dataset.name());
        let stored = match &self.store {
            Some(store) => store.version(exact, version)?,
            None => None,
        };
        stored.ok_or_else(|| {
            let error = Error::new(Code::CatalogUnknownVersion, format!("'{name}' has no version {version}"));
            let known = self.versions(Some(exact)).unwrap_or_default();
            let known: Vec<String> =
                known.iter().filter(|it| it.is_readable()).map(|it| it.version.to_string()).collect();
            error.hint(format!("versions: {}", known.join(", ")))
        })
    }

    /// Every dataset, by name.
    pub fn datasets(&self) -> impl ExactSizeIterator<Item = &Arc<Dataset>> {
        self.datasets.values()
    }

    /// Every file whose present state is refused, and why.
    pub fn refused(&self) -> impl Iterator<Item = (&PathBuf, &Arc<Error>)> {
        self.files.iter().filter_map(|(file, state)| Some((file, state.refused.as_ref()?)))
    }

    /// That every dataset that the store has can be read, as far as is known, and that it is known where references
    /// lead: what is found out about a dataset depends on those that it refers to. A document that is refused takes
    /// nothing away: what was published before it is served. Cost: looking up references that nobody looked up yet.
    ///
    /// # Errors
    /// `store.damaged` names one that cannot, and says why.
    pub fn require_whole(&self) -> Result<()> {
        let Some(store) = &self.store else { return Ok(()) };
        let of_store = self.files.iter().filter(|(file, _)| file.starts_with(store.root()));
        let mut lost = of_store.filter_map(|(_, state)| {
            let name = state.dataset.as_ref().filter(|name| self.named(name).is_none())?;
            Some((name, state.refused.as_ref()?))
        });
        if let Some((name, error)) = lost.next() {
            let message = format!("'{name}' was published and cannot be read: {error}");
            return Err(Error::new(Code::StoreDamaged, message).hint("publish it again, or delete it"));
        }
        let Some(other) = self.datasets.values().find(|it| it.is_uncountable()) else { return Ok(()) };
        let message =
            format!("nobody knows where the references of '{}' lead: rows are damaged", other.name());
        Err(Error::new(Code::StoreDamaged, message)
            .hint("derek verify names the file: publish its dataset again, or delete it"))
    }

    /// The table `system.versions`. Cost: reading the ledger, the first time.
    ///
    /// # Errors
    /// `store.damaged`, `store.io`.
    pub fn version_table(&self) -> Result<&RecordBatch> {
        if let Some(table) = self.version_table.get() {
            return Ok(table);
        }
        let table = version_table(&self.versions(None)?);
        Ok(self.version_table.get_or_init(|| table))
    }

    /// The other tables of the schema `system`, made when they are asked for first.
    pub fn system(&self) -> &SystemTables {
        self.system.get_or_init(|| SystemTables::of(self))
    }

    pub(super) fn files(&self) -> &BTreeMap<PathBuf, FileState> {
        &self.files
    }

    pub(super) fn parts(&self) -> (BTreeMap<String, Arc<Version>>, BTreeMap<PathBuf, FileState>) {
        let versions = self.datasets.iter();
        let versions = versions.map(|(name, it)| (name.clone(), Arc::clone(it.version_of_document())));
        (versions.collect(), self.files.clone())
    }

    /// The dataset and the column that a `datapath` such as `regions.id` means: names match exactly, or else
    /// without letter case where one only does.
    #[must_use]
    pub fn referred(&self, datapath: &str) -> Option<(Arc<Dataset>, usize)> {
        let dots = datapath.match_indices('.').map(|(at, _)| at);
        dots.rev().find_map(|at| {
            let dataset = self.dataset(&datapath[..at])?;
            Some((Arc::clone(dataset), links::column(dataset, &datapath[at + 1..])?))
        })
    }

    /// What tells the versions of all datasets that a dataset can reach through references, or that can reach
    /// it, in every process.
    #[must_use]
    pub fn surroundings<'s>(&'s self, dataset: &'s Dataset) -> &'s str {
        let all = self.surroundings.get_or_init(|| links::surroundings(&self.datasets));
        all.get(dataset.name()).map_or_else(|| dataset.fingerprint(), String::as_str)
    }

    /// The versions of a dataset, or of all: those of the store, or where there is none those that are served.
    ///
    /// # Errors
    /// `store.damaged`.
    pub fn versions(&self, dataset: Option<&str>) -> Result<Vec<VersionRecord>> {
        match (&self.store, dataset) {
            (Some(store), Some(name)) => store.versions_of(name),
            (Some(store), None) => store.versions(),
            (None, Some(name)) => {
                Ok(self.named(name).into_iter().map(|it| VersionRecord::of_file(it)).collect())
            }
            (None, None) => Ok(self.datasets.values().map(|it| VersionRecord::of_file(it)).collect()),
        }
    }

    /// The datasets, or this one and those that refer to it, whose references were not looked up yet because
    /// rows lie on disk: [`Dataset::count`] does, which may take seconds.
    pub fn uncounted(&self, name: Option<&str>) -> Vec<Arc<Dataset>> {
        let is_near = |dataset: &Dataset, name: &str| {
            let leads_here =
                |link: &Arc<Link>| link.target.as_ref().is_some_and(|it| it.version.name() == name);
            dataset.name() == name || dataset.links.iter().any(leads_here)
        };
        let all = self.datasets.values().filter(|dataset| name.is_none_or(|name| is_near(dataset, name)));
        all.filter(|dataset| !dataset.is_counted()).cloned().collect()
    }

    /// Every link between its datasets, by dataset and field.
    pub fn links(&self) -> impl Iterator<Item = &Arc<Link>> {
        self.datasets.values().flat_map(|dataset| &dataset.links)
    }

    /// The links that lead to a dataset, by dataset and field.
    pub fn links_to(&self, name: &str) -> impl Iterator<Item = &Arc<Link>> {
        self.links().filter(move |link| link.target.as_ref().is_some_and(|it| it.version.name() == name))
    }
}

//! Publications that events tell of and that are not here.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Value, json};

use crate::catalog::{EventKind, Happened, VersionRecord};
use crate::error::Result;

/// Of which so many are told: those beyond say nothing new.
const MOST: usize = 100;

/// A publication that is not known here, of which events tell. They are kept all the same: what is said may be
/// published elsewhere, or later, and the page of the request leads there once it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unpublished {
    /// The dataset.
    pub dataset: String,
    /// Its version, where an event names one.
    pub version: Option<u32>,
    /// Whether the dataset is here, in other versions.
    pub is_dataset_here: bool,
    /// The first event that tells of it, from 1.
    pub row: u64,
    /// How many do.
    pub events: u64,
}

/// The publications that events tell of, and of which there is no version: at most 100, in the order of their names.
/// `versions` are all that are known, and are only asked for where an event tells of a dataset. Cost: a look at each
/// event and at each version.
///
/// # Errors
/// Those of `versions`.
pub fn unpublished(
    happened: &[Happened],
    versions: impl FnOnce() -> Result<Vec<VersionRecord>>,
) -> Result<Vec<Unpublished>> {
    let mut told: BTreeMap<(&str, Option<u32>), (u64, u64)> = BTreeMap::new();
    for (row, event) in (1..).zip(happened).filter(|(_, event)| event.event == EventKind::Published) {
        if let Some(dataset) = event.dataset.as_deref() {
            told.entry((dataset, event.version)).or_insert((row, 0)).1 += 1;
        }
    }
    if told.is_empty() {
        return Ok(Vec::new());
    }
    let versions = versions()?;
    // Each version, and of each dataset that it has some.
    let known = versions.iter().filter(|it| !it.is_deleted);
    let known = known.flat_map(|it| [None, Some(it.version)].map(|version| (it.dataset.as_str(), version)));
    let known: HashSet<(&str, Option<u32>)> = known.collect();
    let is_here = |dataset: &str, version: Option<u32>| known.contains(&(dataset, version));
    let unknown = told.into_iter().filter(|((dataset, version), _)| !is_here(dataset, *version));
    let unpublished = unknown.take(MOST).map(|((dataset, version), (row, events))| Unpublished {
        dataset: dataset.to_owned(),
        version,
        is_dataset_here: is_here(dataset, None),
        row,
        events,
    });
    Ok(unpublished.collect())
}

impl Unpublished {
    /// What is not here, as a sentence.
    #[must_use]
    pub fn message(&self) -> String {
        let Self { dataset, version, events, .. } = self;
        let what = match version.filter(|_| self.is_dataset_here) {
            Some(version) => format!("dataset '{dataset}' has no version {version} here"),
            None => format!("no dataset '{dataset}' is published here"),
        };
        if *events > 1 { format!("{what}, and {events} events tell of it") } else { what }
    }

    /// It as an answer tells it: the row, the member and the sentence.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let field = if self.is_dataset_here { "version" } else { "dataset" };
        json!({ "row": self.row, "field": field, "message": self.message() })
    }
}

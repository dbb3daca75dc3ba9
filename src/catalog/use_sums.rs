//! Sums over what was asked: by the hour and day, of some time.

use std::collections::HashMap;

use super::query_log::LoggedQuery;
use crate::error::Code;

pub(super) const HOUR_MS: i64 = 3_600_000;
pub(super) const DAY_MS: i64 = 24 * HOUR_MS;

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
    pub(super) fn add(&mut self, other: &Self) {
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
    pub(super) fn len(&self) -> usize {
        self.uses.len() + self.together.len() + self.missed.len() + self.askers.len() + self.look_ups.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The first and the last hour or day of them, but for askers.
    pub(super) fn span_ms(&self) -> Option<(i64, i64)> {
        let uses = self.uses.keys().map(|key| key.0).chain(self.together.keys().map(|key| key.0));
        let missed = self.missed.keys().map(|key| key.0).chain(self.look_ups.keys().map(|key| key.0));
        uses.chain(missed).fold(None, |span, at| {
            let (first, last) = span.unwrap_or((at, at));
            Some((at.min(first), at.max(last)))
        })
    }

    pub(super) fn used(&mut self, (dataset, door): (&str, String), client: Option<u64>, used: &Used) {
        let hour_ms = used.last_ms - used.last_ms.rem_euclid(HOUR_MS);
        self.uses.entry((hour_ms, dataset.to_owned(), door)).or_default().add(used);
        self.asked(Asked::Use, dataset, client, used.last_ms);
    }

    pub(super) fn missed(&mut self, what: Asked, name: &str, client: Option<u64>, at_ms: i64) {
        let name = name.to_lowercase();
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

    /// What a query says, and what it named that is not there.
    pub(super) fn add(&mut self, query: &LoggedQuery, missing: Option<&str>) {
        let at_ms = query.at.timestamp_millis();
        if let Some((what, name)) = query.error.and_then(missed_by).zip(missing) {
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

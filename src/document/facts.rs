//! What all rows together say of a column: decided once the last row is read.

use std::collections::{BTreeMap, BTreeSet};

use super::date::format_has_time;
use super::position::OrderCounts;

/// Facts of the columns, by their path, gathered from all parts of a document.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts {
    /// Whether Kazakh letters that were read in a wrong encoding are put right.
    pub(super) repairs_text: bool,
    /// Paths of the fields that some row has.
    pub(super) present: BTreeSet<String>,
    /// Declared fields that the rows spell otherwise, with that spelling.
    pub(super) spelled: BTreeMap<String, String>,
    /// Date columns in which some value has a time of day.
    pub(super) timed: BTreeSet<String>,
    /// How the points of each Geoposition column lie.
    pub(super) orders: BTreeMap<String, OrderCounts>,
}

impl Facts {
    /// Whether a Date column is a timestamp: its declared format says so, or without one a value.
    pub(super) fn date_has_time(&self, path: &str, format: Option<&str>) -> bool {
        format.map_or_else(|| self.timed.contains(path), format_has_time)
    }

    /// Whether the points of a Geoposition column are to be swapped.
    pub(super) fn is_swapped(&self, path: &str) -> bool {
        self.orders.get(path).is_some_and(OrderCounts::is_swapped)
    }
}

//! What the values of a field must be, as far as its document and its profile tell: a row of table 2.2.

use super::placed::{Placed, dated};
use super::privacy::Privacy;
use super::requirement::{ListedValue, Requirement};
use crate::assess::profile::ColumnProfile;
use crate::document::{AxisOrder, Type};

/// The most values that are a list of them.
const MOST_LISTED: u64 = 20;

/// A pattern is one where so many of a hundred values look like it.
const PATTERN_PER_CENT: u64 = 95;

/// What is known of a field.
pub(super) struct Seen<'a> {
    /// Names of all fields of the key.
    pub(super) keys: &'a [&'a str],
    /// Its values, those of its elements if it is a List; none where nobody looked.
    pub(super) column: Option<&'a ColumnProfile>,
    /// Whether its points are written longitude first.
    pub(super) is_swapped: bool,
    /// Which values are shown.
    pub(super) privacy: Privacy<'a>,
}

/// What the values of a field must be; none for an Object.
pub(super) fn requirements(field: &Placed<'_>, seen: &Seen<'_>) -> Vec<Requirement> {
    let (spec, value) = (field.spec, field.value());
    let mut found = Vec::new();
    let is_key = spec.is_key && field.group.is_none();
    if is_key {
        let others = seen.keys.iter().filter(|key| **key != spec.name);
        found.push(Requirement::Key { together_with: others.map(|key| (*key).to_owned()).collect() });
    }
    let path = spec.datapath.as_deref().and_then(|path| path.rsplit_once('.'));
    if let Some((dataset, name)) = path.filter(|(dataset, name)| !dataset.is_empty() && !name.is_empty()) {
        found.push(Requirement::Reference { dataset: dataset.to_owned(), field: name.to_owned() });
    }
    let format = value.format.as_deref();
    match value.kind {
        Type::Date => found.extend(format.map(|it| Requirement::Format { format: it.to_owned() })),
        Type::Geoposition => {
            let is_lon_first = value.order.map_or(seen.is_swapped, |order| order == AxisOrder::LonLat);
            let format = if is_lon_first { "lon:lat" } else { "lat,lon" };
            found.push(Requirement::Format { format: format.to_owned() });
        }
        _ => {}
    }
    if let Some(column) = seen.column.filter(|column| column.values > 0) {
        let path = field.path();
        let is_shown = !seen.privacy.hides(&path);
        let shown = |text: &str| seen.privacy.shown(&path, dated(text, format), false);
        let listed = if is_shown && !is_key { listed(column, shown) } else { None };
        found.extend(bounds(value.kind, column, shown).filter(|it| match it {
            Requirement::Range { .. } => is_shown && (listed.is_none() || value.kind == Type::Date),
            _ => is_shown,
        }));
        let pattern = pattern(column).filter(|_| value.kind == Type::String);
        if value.kind == Type::String && listed.is_none() && pattern.is_none() {
            found.extend(column.lengths.map(|[least, most]| Requirement::Length { least, most }));
        }
        found.extend(pattern);
        found.extend(listed);
    }
    if value.kind == Type::String {
        let beyond = seen.column.map(|column| column.beyond_alphabet.as_slice()).unwrap_or_default();
        found.push(Requirement::Alphabet { beyond: beyond.iter().map(|it| it.character).collect() });
    }
    found
}

/// From where to where the values lie.
fn bounds(kind: Type, column: &ColumnProfile, shown: impl Fn(&str) -> String) -> Option<Requirement> {
    match kind {
        Type::Int | Type::Double | Type::Date => {
            let text = |text: &Option<String>| text.as_deref().map(&shown);
            Some(Requirement::Range { least: text(&column.least)?, most: text(&column.greatest)? })
        }
        Type::Geoposition => {
            let extent = column.extent?;
            Some(Requirement::Extent {
                latitude: [extent.south, extent.north],
                longitude: [extent.west, extent.east],
            })
        }
        _ => None,
    }
}

/// The different values, where they are few and each is there twice on average.
fn listed(column: &ColumnProfile, shown: impl Fn(&str) -> String) -> Option<Requirement> {
    let distinct = column.distinct.filter(|it| !it.is_more && it.count <= MOST_LISTED)?;
    if column.extent.is_some() || column.values < 2 * distinct.count {
        return None;
    }
    let all = column.top.iter().filter(|it| !it.value.trim().is_empty());
    let values: Vec<ListedValue> =
        all.map(|it| ListedValue { value: shown(&it.value), rows: it.count }).collect();
    (!values.is_empty()).then_some(Requirement::Values { values, is_complete: true })
}

/// What nearly all texts look like.
fn pattern(column: &ColumnProfile) -> Option<Requirement> {
    let of = column.values - column.blank;
    let first = column.patterns.first().filter(|it| it.count * 100 >= of * PATTERN_PER_CENT)?;
    Some(Requirement::Pattern { pattern: first.pattern.clone(), values: first.count, of })
}

//! Is an extract ready to be opened?
//!
//! A score from 0 to 100, made of parts. Each part has a weight and a share from 0 to 1, counted over the extract.
//! A part that has nothing to judge (no dates, no references, no datasets to look references up in) is left out, and
//! its weight is spread over the others in proportion to theirs: the weights of those that count are multiplied by
//! 100 and divided by their sum.

use std::collections::HashSet;
use std::hash::BuildHasher;

use arrow::array::{Array, AsArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use foldhash::quality::RandomState;
use serde::Serialize;

use super::field::Field;
use super::place::coordinate;
use super::profile::Profile;
use crate::catalog::Snapshot;
use crate::document::Type;
use crate::error::Result;

/// The parts with their weights, 100 together. The weights are derek's own: order 111 names no figures.
pub const WEIGHTS: [(&str, f64); 7] = [
    ("typed", 25.0),
    ("nulls", 15.0),
    ("key", 15.0),
    ("dates", 10.0),
    ("geo", 10.0),
    ("labels", 15.0),
    ("references", 10.0),
];

/// How ready an extract is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Readiness {
    /// From 0 to 100, rounded to a tenth.
    pub score: f64,
    /// What it is made of, in the order of [`WEIGHTS`].
    pub parts: Vec<Part>,
}

/// A part of the score.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Part {
    /// Its name.
    pub part: &'static str,
    /// Its weight before any is spread.
    pub weight: f64,
    /// Its weight in this score; 0 where it has nothing to judge.
    pub counted_weight: f64,
    /// What is in order, from 0 to 1; none where it has nothing to judge.
    pub share: Option<f64>,
    /// How many are in order.
    pub count: u64,
    /// Of how many.
    pub of: u64,
    /// What is counted.
    pub about: &'static str,
}

/// What a part counts: how many are in order, of how many, and the words for them.
type Count = (u64, u64, &'static str);

impl Readiness {
    /// That of a whole extract; of `fields`, Objects that turned out to be no fields are left out.
    ///
    /// # Errors
    /// That of rows that cannot be read.
    pub(super) fn of(profile: &Profile<'_>, fields: &[&Field], datasets: Option<&Snapshot>) -> Result<Self> {
        let references = references(profile, fields, datasets)?;
        let counts = [
            typed(fields),
            nulls(fields, profile.rows),
            key(fields, profile.rows),
            dates(fields),
            geo(fields),
            labels(fields),
            references,
        ];
        Ok(Self::of_counts(counts))
    }

    fn of_counts(counts: [Count; WEIGHTS.len()]) -> Self {
        let counted = WEIGHTS.iter().zip(counts).filter(|(_, (_, of, _))| *of > 0);
        let sum: f64 = counted.map(|((_, weight), _)| weight).sum();
        let part = |((part, weight), (count, of, about)): (&(&'static str, f64), Count)| {
            let share = (of > 0).then(|| float(count) / float(of));
            let counted_weight = if of > 0 { weight * 100.0 / sum } else { 0.0 };
            Part { part, weight: *weight, counted_weight, share, count, of, about }
        };
        let parts: Vec<Part> = WEIGHTS.iter().zip(counts).map(part).collect();
        let score: f64 = parts.iter().filter_map(|part| Some(part.counted_weight * part.share?)).sum();
        Self { score: (score * 10.0).round() / 10.0, parts }
    }
}

/// Values that are of their field's type.
fn typed(fields: &[&Field]) -> Count {
    let typed = fields.iter().map(|field| field.typed()).sum();
    (typed, fields.iter().map(|field| field.values).sum(), "values of their field's type")
}

/// Cells that have a value.
fn nulls(fields: &[&Field], rows: u64) -> Count {
    let there = fields.iter().map(|field| field.rows).sum();
    (there, rows * fields.len() as u64, "cells that are not null")
}

/// Whether a row can be named.
fn key(fields: &[&Field], rows: u64) -> Count {
    (u64::from(fields.iter().any(|field| field.is_key(rows))), 1, "a field that is a key")
}

/// Dates that can be read, in the fields of dates.
fn dates(fields: &[&Field]) -> Count {
    let dates = || fields.iter().filter(|field| field.kind() == Type::Date && field.values > 0);
    (
        dates().map(|field| field.typed()).sum(),
        dates().map(|field| field.values).sum(),
        "dates that can be read",
    )
}

/// Whether something says where a row is: points, two fields of coordinates, or addresses.
fn geo(fields: &[&Field]) -> Count {
    let has_values = |field: &&&Field| field.values > 0;
    let is_place = |field: &&Field| field.kind() == Type::Geoposition || field.is_address();
    let is_number = |field: &&Field| matches!(field.kind(), Type::Int | Type::Double);
    let has =
        |axis: usize| fields.iter().any(|field| is_number(field) && coordinate(&field.path) == Some(axis));
    let is_there = fields.iter().filter(has_values).any(is_place) || has(0) && has(1);
    (u64::from(is_there), 1, "a point or an address")
}

/// Labels of fields in Kazakh and in Russian. Only documents have them; without, they have to be written, so that
/// they count as missing.
fn labels(fields: &[&Field]) -> Count {
    let of_field = |field: &&Field| {
        let labels = field.declared.iter().flat_map(|declared| &declared.labels);
        labels.filter(|label| !label.is_empty()).count() as u64
    };
    (fields.iter().map(of_field).sum(), fields.len() as u64 * 2, "labels in Kazakh and in Russian")
}

/// References that lead to an object of a dataset, of those whose values are among the counted ones.
fn references(profile: &Profile<'_>, fields: &[&Field], datasets: Option<&Snapshot>) -> Result<Count> {
    let (mut found, mut all) = (0, 0);
    let about = "references that lead to an object";
    let Some(datasets) = datasets else { return Ok((0, 0, about)) };
    for field in fields {
        let declared = field.declared.as_ref().and_then(|declared| declared.datapath.as_deref());
        if let Some(datapath) = declared {
            let keys = keys(datapath, datasets, &profile.state)?;
            let (leading, of) = field.distinct.found_in(&keys);
            (found, all) = (found + leading, all + of);
        }
    }
    Ok((found, all, about))
}

/// The hashes of the values that a reference may have; none where its dataset is not published.
fn keys(datapath: &str, datasets: &Snapshot, state: &RandomState) -> Result<HashSet<u64, RandomState>> {
    let mut keys = HashSet::with_hasher(RandomState::default());
    let Some((dataset, column)) = datasets.referred(datapath) else { return Ok(keys) };
    for batch in 0..dataset.rows.batches() {
        let read = dataset.read(batch, &[column])?;
        let Ok(texts) = cast(read.column(0), &DataType::Utf8) else { continue };
        let texts = texts.as_string::<i32>();
        keys.extend(
            (0..texts.len()).filter(|at| texts.is_valid(*at)).map(|at| state.hash_one(texts.value(at))),
        );
    }
    Ok(keys)
}

#[expect(clippy::cast_precision_loss, reason = "a count below 2⁵³")]
pub(super) const fn float(count: u64) -> f64 {
    count as f64
}

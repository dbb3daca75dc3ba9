//! How good each dataset was found, and when: measures that are only ever added.
//!
//! What quality is, SQL says: parts, each with its weight and with how much of what is judged is as it should be. Here
//! is what a measure holds, and which ones are kept: enough to tell when a score changed and by which part, and few
//! enough for a thousand datasets over years.

use chrono::{DateTime, Utc};
use chrono_tz::Asia::Almaty;

/// Points that differ by less are the same: a tenth of a point is what is shown.
const LEAST_POINTS: f64 = 0.05;

/// How good a dataset was found at a moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    /// The dataset.
    pub dataset: String,
    /// Its version.
    pub version: u32,
    /// The number of weights and rules: scores of different ones cannot be compared.
    pub algorithm: i64,
    /// The score, of 100.
    pub score: f64,
    /// What it is made of.
    pub parts: Vec<QualityPart>,
}

/// A part of a score.
#[derive(Debug, Clone, PartialEq)]
pub struct QualityPart {
    /// Its name, such as `types`.
    pub part: String,
    /// Its full mark, in points.
    pub weight: f64,
    /// How many are as they should be.
    pub good: i64,
    /// Of how many.
    pub judged: i64,
    /// Its points, of the weight.
    pub points: f64,
}

impl Measure {
    /// Whether it is kept after `last`, the measure of the same dataset that was kept last, at these two moments.
    ///
    /// It is where another algorithm or other weights judged, or where the score or a part has other points. A new
    /// version, or other counts, with the same points are kept once a day in Kazakhstan; what says the same is not
    /// kept again.
    pub(super) fn is_kept_after(&self, last: &Self, (before, now): (DateTime<Utc>, DateTime<Utc>)) -> bool {
        let day = |at: DateTime<Utc>| at.with_timezone(&Almaty).date_naive();
        !self.is_judged_as(last) || self != last && day(before) < day(now)
    }

    /// Whether both have the same algorithm, weights and points.
    fn is_judged_as(&self, other: &Self) -> bool {
        let has = |part: &QualityPart| other.parts.iter().any(|it| it.is_judged_as(part));
        self.algorithm == other.algorithm
            && is_same(self.score, other.score)
            && self.parts.len() == other.parts.len()
            && self.parts.iter().all(has)
    }
}

impl QualityPart {
    fn is_judged_as(&self, other: &Self) -> bool {
        self.part == other.part
            && self.weight.total_cmp(&other.weight).is_eq()
            && is_same(self.points, other.points)
    }
}

fn is_same(one: f64, other: f64) -> bool {
    (one - other).abs() < LEAST_POINTS
}

//! The nearest rows of a dataset that meet a condition, found in steps between which others have their
//! turn, and after which the search can be stopped.

use arrow::array::BooleanArray;

use super::filter::Filter;
use crate::catalog::Dataset;
use crate::error::Result;
use crate::geo::{Nearest, Neighbour, Points, Position, distance_m};

/// Candidates of the first step in which a condition is tried, beside twice those that are wanted; the
/// next steps double.
const FIRST_STEP: usize = 8;
const LARGEST_STEP: usize = 8_192;
/// Trying a candidate costs about as much as scanning this many rows; a condition that is met so
/// seldom that candidates would cost more than a scan of all rows is answered by the scan.
const ROWS_A_CANDIDATE: u64 = 128;
/// Rows that a scan keeps, beside twice those that are wanted, before it leaves out the farther ones.
const KEPT_ROWS: usize = 16_384;

/// What the nearest rows are asked for.
#[derive(Debug, Clone, Copy)]
pub struct NearestRows {
    /// From where.
    pub from: Position,
    /// How many.
    pub k: usize,
    /// Not farther than this; infinity for no limit.
    pub max_m: f64,
}

/// What rows must meet, beside being near.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Conditions<'a> {
    pub(super) filter: Option<&'a Filter>,
    /// The only rows that count, ascending.
    pub(super) rows: Option<&'a [u32]>,
}

/// A search that goes on. The rows that it has found so far mean nothing before it is done.
pub(super) struct NearestSearch<'a> {
    dataset: &'a Dataset,
    /// The column of points.
    column: usize,
    asked: NearestRows,
    /// Whether rows as far as the k-th are wanted, too.
    takes_ties: bool,
    conditions: Conditions<'a>,
    /// None where there is no index: then all rows are scanned.
    candidates: Option<Nearest<'a>>,
    size: usize,
    tried: u64,
    /// The next batch to be scanned, where candidates turned out to be too many.
    scan: Option<usize>,
    found: Vec<Neighbour>,
    /// How many a scan kept when it left out the farther ones.
    kept: usize,
}

impl<'a> NearestSearch<'a> {
    pub(super) fn new(
        dataset: &'a Dataset,
        points: usize,
        asked: NearestRows,
        takes_ties: bool,
        conditions: Conditions<'a>,
    ) -> Self {
        let candidates = dataset.sphere_index(points).map(|index| index.nearest(asked.from));
        Self {
            dataset,
            column: dataset.points[points].column,
            asked,
            takes_ties,
            conditions,
            scan: candidates.is_none().then_some(0),
            candidates,
            size: FIRST_STEP.saturating_add(asked.k.saturating_mul(2)).min(LARGEST_STEP),
            tried: 0,
            found: Vec::new(),
            kept: 0,
        }
    }

    /// The memory of what was found so far.
    pub(super) fn memory_bytes(&self) -> usize {
        self.found.capacity() * size_of::<Neighbour>()
    }

    /// The rows that were tried, one by one or in a scan.
    pub(super) fn tried(&self) -> u64 {
        self.tried
    }

    /// Whether all rows were looked at instead of the nearest.
    pub(super) fn is_scan(&self) -> bool {
        self.scan.is_some()
    }

    /// Some milliseconds of work at most; true when it is done.
    ///
    /// # Errors
    /// Where the condition fails.
    pub(super) fn step(&mut self) -> Result<bool> {
        if self.asked.k == 0 {
            return Ok(true);
        }
        match self.scan {
            None => self.try_candidates(),
            Some(batch) if batch < self.dataset.rows.batches() => {
                self.scan_batch(batch)?;
                self.scan = Some(batch + 1);
                Ok(false)
            }
            Some(_) => {
                self.sort();
                Ok(true)
            }
        }
    }

    /// The rows in order of their distance, then of their number, when it is done.
    pub(super) fn into_found(self) -> Vec<Neighbour> {
        self.found
    }

    fn try_candidates(&mut self) -> Result<bool> {
        let NearestRows { k, max_m, .. } = self.asked;
        let near = self.candidates.iter_mut().flatten().take_while(|it| it.distance_m <= max_m);
        let batch: Vec<Neighbour> = near.take(self.size).collect();
        let is_last = batch.len() < self.size;
        self.tried += batch.len() as u64;
        self.keep(batch)?;
        if self.found.len() >= k && self.cut() || is_last {
            return Ok(true);
        }
        let worth = (self.dataset.document.rows / ROWS_A_CANDIDATE).max(LARGEST_STEP as u64);
        if self.found.len() < k && self.tried > worth {
            self.found.clear();
            self.scan = Some(0);
        }
        self.size = (self.size * 2).min(LARGEST_STEP);
        Ok(false)
    }

    /// Leaves out what is beyond the k-th; false where further ties may come.
    fn cut(&mut self) -> bool {
        let kth_m = self.found[self.asked.k - 1].distance_m;
        if !self.takes_ties {
            self.found.truncate(self.asked.k);
            return true;
        }
        let within = self.found.partition_point(|it| it.distance_m <= kth_m);
        let is_whole = within < self.found.len();
        self.found.truncate(within);
        is_whole
    }

    fn keep(&mut self, mut candidates: Vec<Neighbour>) -> Result<()> {
        if let Some(rows) = self.conditions.rows {
            candidates.retain(|candidate| rows.binary_search(&candidate.row).is_ok());
        }
        let Some(filter) = self.conditions.filter else {
            self.found.append(&mut candidates);
            return Ok(());
        };
        let rows: Vec<u32> = candidates.iter().map(|candidate| candidate.row).collect();
        let met = filter.of_rows(self.dataset, &rows)?;
        self.found.extend(candidates.iter().zip(met.values()).filter(|(_, met)| *met).map(|(it, _)| *it));
        Ok(())
    }

    fn scan_batch(&mut self, batch: usize) -> Result<()> {
        let NearestRows { from, k, max_m } = self.asked;
        let values = self.dataset.rows.column(batch, self.column);
        let Some(points) = Points::of(values.as_ref().as_ref()) else { return Ok(()) };
        let first = self.dataset.first_row(batch);
        for at in meeting(self.dataset, batch, self.conditions)? {
            let row = u32::try_from(first + at as u64).unwrap_or(u32::MAX);
            let near = points.get(at).filter(|point| point.is_on_globe());
            let near = near.map(|point| distance_m(from, point)).filter(|it| *it <= max_m);
            self.found.extend(near.map(|distance_m| Neighbour { row, distance_m }));
        }
        self.tried += self.dataset.rows.count(batch) as u64;
        if self.found.len() > self.kept.max(k).saturating_mul(2).saturating_add(KEPT_ROWS) {
            self.sort();
            // Of a million ties none can be left out, and they are not sorted at every batch.
            self.kept = self.found.len();
        }
        Ok(())
    }

    fn sort(&mut self) {
        self.found.sort_unstable_by(|a, b| a.distance_m.total_cmp(&b.distance_m).then(a.row.cmp(&b.row)));
        if self.found.len() >= self.asked.k {
            self.cut();
        }
    }
}

/// The places in a batch of the rows that meet the conditions.
///
/// # Errors
/// Where the condition fails.
pub(super) fn meeting(dataset: &Dataset, batch: usize, conditions: Conditions<'_>) -> Result<Vec<usize>> {
    let (first, after) = (dataset.first_row(batch), dataset.first_row(batch + 1));
    let met: Option<BooleanArray> =
        conditions.filter.map(|filter| filter.of_batch(dataset, batch)).transpose()?;
    let is_met = |at: &usize| met.as_ref().is_none_or(|met| met.value(*at));
    let Some(rows) = conditions.rows else {
        return Ok(match &met {
            Some(met) => met.values().set_indices().collect(),
            None => (0..dataset.rows.count(batch)).collect(),
        });
    };
    let start = rows.partition_point(|row| u64::from(*row) < first);
    let inside = rows[start..].iter().take_while(|row| u64::from(**row) < after);
    let places = inside.map(|row| usize::try_from(u64::from(*row) - first).unwrap_or_default());
    Ok(places.filter(is_met).collect())
}

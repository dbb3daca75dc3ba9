//! Which rows refer to this object?

use arrow::array::Array;

use super::link::{FieldPath, Target};
use super::version::Version;

/// The rows of a dataset that refer to each object of another, in two arrays: the row numbers, object by
/// object and in order, and where those of each object start.
#[derive(Debug)]
pub struct Referrers {
    starts: Vec<u32>,
    rows: Vec<u32>,
}

impl Referrers {
    pub(super) fn of(from: &Version, path: &FieldPath, target: &Target) -> Self {
        let objects = usize::try_from(target.version.document.rows).unwrap_or_default();
        let referring = referring(from, path);
        let of_value = |at: usize| {
            let row = u32::try_from(at).unwrap_or(u32::MAX);
            referring.as_ref().map_or(row, |rows| rows[at])
        };
        let mut starts = vec![0_u32; objects + 1];
        let led = target.rows();
        for row in led.iter().flatten() {
            starts[row as usize] += 1;
        }
        let mut end = 0;
        for start in &mut starts {
            end += *start;
            *start = end;
        }
        let mut rows = vec![0_u32; led.len() - led.null_count()];
        for at in (0..led.len()).rev().filter(|at| led.is_valid(*at)) {
            let place = &mut starts[led.value(at) as usize];
            *place -= 1;
            rows[*place as usize] = of_value(at);
        }
        if path.is_in_list() {
            return Self::distinct(&starts, &rows);
        }
        Self { starts, rows }
    }

    /// The same with each row once, though several elements of its List refer to one object.
    fn distinct(starts: &[u32], rows: &[u32]) -> Self {
        let (mut ends, mut kept) = (vec![0], Vec::with_capacity(rows.len()));
        for pair in starts.windows(2) {
            let start = kept.len();
            for row in &rows[pair[0] as usize..pair[1] as usize] {
                if kept[start..].last() != Some(row) {
                    kept.push(*row);
                }
            }
            ends.push(u32::try_from(kept.len()).unwrap_or(u32::MAX));
        }
        Self { starts: ends, rows: kept }
    }

    /// The numbers of the rows that refer to the object in a row, in order, each once.
    #[must_use]
    pub fn to(&self, row: u32) -> &[u32] {
        let row = row as usize;
        let (Some(start), Some(end)) = (self.starts.get(row), self.starts.get(row + 1)) else { return &[] };
        &self.rows[*start as usize..*end as usize]
    }

    pub(super) fn memory_bytes(&self) -> usize {
        (self.starts.capacity() + self.rows.capacity()) * size_of::<u32>()
    }
}

/// The row of each value, where that is not its own number.
fn referring(from: &Version, path: &FieldPath) -> Option<Vec<u32>> {
    path.is_in_list().then(|| {
        let rows = (0..from.rows.batches()).flat_map(|at| {
            let first = u32::try_from(from.first_row(at)).unwrap_or(u32::MAX);
            path.rows(&from.rows.once(at, path.column)).into_iter().map(move |row| first + row)
        });
        rows.collect()
    })
}

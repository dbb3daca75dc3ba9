//! Looks up where each value of a field leads.

use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, UInt32Array};
use arrow::buffer::{BooleanBuffer, NullBuffer, ScalarBuffer};
use arrow::compute::kernels::cmp::eq;
use arrow::compute::kernels::zip::zip;
use arrow::compute::{CastOptions, and_not, cast_with_options, is_not_null, is_null, nullif};
use arrow::datatypes::{DataType, Int64Type};

use super::key::Finder;
use super::link::FieldPath;
use super::version::Version;

/// Stands for no row while rows are looked up: a table has fewer.
pub(super) const NO_ROW: u32 = u32::MAX;
/// A table of whole numbers gets a place for each number between the least and the greatest, where these
/// are at most so many times as many as its rows.
const SPREAD: u64 = 4;

/// For each value of a field the row whose `column` has it, and how many values there are.
pub(super) fn resolve(
    from: &Version,
    path: &FieldPath,
    target: &Version,
    column: usize,
    threads: usize,
) -> (UInt32Array, u64) {
    let columns = (0..from.rows.batches()).map(|batch| from.rows.once(batch, path.column));
    let values: Vec<ArrayRef> = columns.map(|column| path.values(&column)).collect();
    let whole = whole(target, column);
    let lookup = Lookup::new(target, column, whole.as_ref(), values.iter().map(Array::len).sum());
    let mut rows = vec![NO_ROW; values.iter().map(Array::len).sum()];
    let mut rest = rows.as_mut_slice();
    let mut parts = Vec::with_capacity(values.len());
    for values in &values {
        let (part, after) = rest.split_at_mut(values.len());
        parts.push((values, part));
        rest = after;
    }
    let parts = Mutex::new(parts.into_iter());
    let next = || parts.lock().unwrap_or_else(PoisonError::into_inner).next();
    std::thread::scope(|scope| {
        for _ in 0..threads.clamp(1, values.len().max(1)) {
            scope.spawn(|| {
                while let Some((values, rows)) = next() {
                    lookup.rows(values, rows);
                }
            });
        }
    });
    let there = values.iter().map(|values| (values.len() - values.logical_null_count()) as u64).sum();
    let found = BooleanBuffer::collect_bool(rows.len(), |at| rows[at] != NO_ROW);
    let nulls = Some(NullBuffer::new(found)).filter(|nulls| nulls.null_count() > 0);
    if nulls.is_some() {
        // What is null has some row: who looks without asking stays within the table.
        rows.iter_mut().filter(|row| **row == NO_ROW).for_each(|row| *row = 0);
    }
    (UInt32Array::new(ScalarBuffer::from(rows), nulls), there)
}

/// How the rows of a column are found by its values.
struct Lookup<'a> {
    kind: &'a DataType,
    by: By<'a>,
}

enum By<'a> {
    /// The first row of each whole number from the least on.
    Number {
        least: i64,
        rows: Vec<u32>,
    },
    Index(Finder<'a>),
    Nothing,
}

impl<'a> Lookup<'a> {
    /// For `values` look-ups.
    fn new(target: &'a Version, column: usize, whole: Option<&'a ArrayRef>, values: usize) -> Self {
        let kind = target.document.schema.field(column).data_type();
        let numbers = || (values > 0).then(|| numbers(target, column)).flatten();
        let index = || target.index_of(column)?.finder(whole?);
        let by = numbers().or_else(|| index().map(By::Index)).unwrap_or(By::Nothing);
        Self { kind, by }
    }

    fn rows(&self, values: &ArrayRef, rows: &mut [u32]) {
        let Some(values) = as_keys(values, self.kind) else { return };
        match &self.by {
            By::Number { least, rows: by_number } => {
                let values = values.as_primitive::<Int64Type>();
                for (at, row) in rows.iter_mut().enumerate() {
                    let place = usize::try_from(values.value(at).wrapping_sub(*least)).unwrap_or(usize::MAX);
                    if values.is_valid(at) && values.value(at) >= *least {
                        *row = by_number.get(place).copied().unwrap_or(NO_ROW);
                    }
                }
            }
            By::Index(finder) => finder.first_rows(&values, NO_ROW, rows),
            By::Nothing => {}
        }
    }
}

/// All values of a column as one array, as long as they are looked up; none where there are too many.
fn whole(target: &Version, column: usize) -> Option<ArrayRef> {
    if target.rows.batches() == 0 { None } else { target.rows.whole(column).ok() }
}

/// The first row of each number of a column of whole numbers that lie close together.
fn numbers<'a>(target: &Version, column: usize) -> Option<By<'a>> {
    let columns: Vec<_> = (0..target.rows.batches()).map(|batch| target.rows.once(batch, column)).collect();
    let columns = || columns.iter().filter_map(|column| column.as_primitive_opt::<Int64Type>());
    let least = columns().filter_map(arrow::compute::min).min()?;
    let greatest = columns().filter_map(arrow::compute::max).max()?;
    let span = u64::try_from(i128::from(greatest) - i128::from(least) + 1).ok()?;
    if span > target.document.rows.saturating_mul(SPREAD) {
        return None;
    }
    let mut rows = vec![NO_ROW; usize::try_from(span).ok()?];
    for (value, row) in columns().flatten().zip(0_u32..) {
        if let Some(value) = value {
            let place = &mut rows[usize::try_from(value - least).ok()?];
            *place = (*place).min(row);
        }
    }
    Some(By::Number { least, rows })
}

/// Values as keys of another type. A text is what it reads as: "71" and "071" are 71, "2024-12-31" is that
/// date. A number is its text as it is written shortest, 71.0 the same as 71, and 71.5 no whole number.
/// None where no value can be one.
pub(super) fn as_keys(values: &ArrayRef, kind: &DataType) -> Option<ArrayRef> {
    let from = values.data_type();
    if from == kind {
        return Some(Arc::clone(values));
    }
    let options = CastOptions { safe: true, ..CastOptions::default() };
    match (from, kind) {
        (DataType::Float64, _) if kind.is_string() => {
            let whole = as_keys(values, &DataType::Int64)?;
            let texts = cast_with_options(&whole, kind, &options).ok()?;
            let others = cast_with_options(values, kind, &options).ok()?;
            return zip(&is_not_null(&whole).ok()?, &texts, &others).ok();
        }
        _ if from.is_string() || kind.is_string() || from.is_temporal() && kind.is_temporal() => {
            return cast_with_options(values, kind, &options).ok();
        }
        _ if !from.is_numeric() || !kind.is_numeric() => return None,
        _ => {}
    }
    let cast = cast_with_options(values, kind, &options).ok()?;
    let back = cast_with_options(&cast, values.data_type(), &options).ok()?;
    let same: BooleanArray = eq(&back, values).ok()?;
    let all = BooleanArray::new(BooleanBuffer::new_set(same.len()), None);
    let differs = and_not(&all, &same).ok()?;
    let differs = arrow::compute::or_kleene(&differs, &is_null(&same).ok()?).ok()?;
    nullif(&cast, &differs).ok()
}

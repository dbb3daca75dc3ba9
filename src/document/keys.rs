//! Is every row one of its own? Keys that are missing or there twice, and rows that repeat another.
//!
//! A key that grows from row to row, as most do, is unique at a glance. Otherwise each row is reduced to
//! 64 bits, rows with the same bits are brought together by sorting, and only those are compared.

use std::hash::BuildHasher;
use std::sync::Arc;
use std::thread::ScopedJoinHandle;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Date32Type, Float64Type, Int64Type, TimeUnit, TimestampSecondType};
use arrow::error::ArrowError;
use arrow::row::{RowConverter, SortField};

use super::field::FieldSpec;
use super::finding::Findings;
use super::rule::Rule;

/// What is compared.
struct Wanted<'a> {
    columns: &'a [usize],
    /// Whether a row without one of the values is like no other.
    needs_all: bool,
    /// Rows that are like no other in any case, from 1 and in order.
    left_out: &'a [u64],
}

/// The row of a table, from 0, with what its values were reduced to.
type Digest = (u64, u64);

/// Adds what keys and whole rows break.
///
/// # Errors
/// None that a table could cause; Arrow's where a column has a type that no document gives.
pub(super) fn check(
    specs: &[FieldSpec],
    batches: &[RecordBatch],
    unread: &[u64],
    threads: usize,
    findings: &mut Findings,
) -> Result<(), ArrowError> {
    let keys: Vec<usize> =
        specs.iter().enumerate().filter(|(_, spec)| spec.is_key).map(|(at, _)| at).collect();
    let names: Vec<&str> = keys.iter().map(|key| specs[*key].name.as_str()).collect();
    for key in &keys {
        note_missing(*key, &specs[*key].name, batches, findings);
    }
    let is_unique = match keys[..] {
        [] => false,
        [key] if grows(batches, key) => true,
        _ => {
            let wanted = Wanted { columns: &keys, needs_all: true, left_out: &[] };
            let repeated = repeated(batches, &wanted, threads)?;
            let field: Arc<str> = names.join("+").into();
            for row in &repeated {
                findings.add(Rule::KeyDuplicate, &field, Some(row + 1), || Some(text(batches, &keys, *row)));
            }
            repeated.is_empty() && !keys.iter().any(|key| has_nulls(batches, *key))
        }
    };
    if !is_unique {
        let all: Vec<usize> = (0..specs.len()).collect();
        // Rows with values that could not be read differ in what they hold, though not in the table.
        let wanted = Wanted { columns: &all, needs_all: false, left_out: unread };
        for row in repeated(batches, &wanted, threads)? {
            findings.add(Rule::RowDuplicate, &"".into(), Some(row + 1), || None);
        }
    }
    Ok(())
}

fn has_nulls(batches: &[RecordBatch], column: usize) -> bool {
    batches.iter().any(|batch| batch.column(column).null_count() > 0)
}

fn note_missing(key: usize, name: &str, batches: &[RecordBatch], findings: &mut Findings) {
    let field: Arc<str> = name.into();
    let mut first = 0;
    for batch in batches {
        let column = batch.column(key);
        let nulls =
            column.nulls().into_iter().flat_map(|nulls| (0..nulls.len()).filter(|at| nulls.is_null(*at)));
        let texts = column.as_string_opt::<i32>();
        let blank = texts.into_iter().flat_map(|texts| {
            texts
                .iter()
                .enumerate()
                .filter(|(_, text)| text.is_some_and(|text| text.trim().is_empty()))
                .map(|(at, _)| at)
        });
        let mut missing: Vec<usize> = nulls.chain(blank).collect();
        missing.sort_unstable();
        for at in missing {
            findings.add(Rule::KeyMissing, &field, Some(first + at as u64 + 1), || None);
        }
        first += batch.num_rows() as u64;
    }
}

/// Whether a column of whole numbers grows from row to row.
fn grows(batches: &[RecordBatch], column: usize) -> bool {
    let mut last = None;
    batches.iter().all(|batch| {
        let Some(numbers) = batch.column(column).as_primitive_opt::<Int64Type>() else { return false };
        let values = numbers.values();
        let follows = values.first().is_none_or(|first| last.is_none_or(|last| last < *first));
        last = values.last().copied().or(last);
        follows && numbers.null_count() == 0 && values.windows(2).all(|pair| pair[0] < pair[1])
    })
}

/// The rows that have the same values in `columns` as an earlier one, in order.
fn repeated(batches: &[RecordBatch], wanted: &Wanted<'_>, threads: usize) -> Result<Vec<u64>, ArrowError> {
    let columns = wanted.columns;
    let mut digests = digests(batches, wanted, threads)?;
    digests.sort_unstable();
    let mut found = Vec::new();
    let mut rest = &digests[..];
    while let Some((digest, _)) = rest.first() {
        let same = rest.iter().take_while(|(other, _)| other == digest).count();
        if same > 1 {
            found.extend(equal_rows(batches, columns, &rest[..same])?);
        }
        rest = &rest[same..];
    }
    found.sort_unstable();
    Ok(found)
}

/// Of rows with one digest, those that really equal an earlier one.
fn equal_rows(batches: &[RecordBatch], columns: &[usize], same: &[Digest]) -> Result<Vec<u64>, ArrowError> {
    let mut known = std::collections::HashSet::new();
    let mut found = Vec::new();
    for (_, row) in same {
        let (batch, at) = locate(batches, *row);
        let values: Vec<ArrayRef> = columns.iter().map(|column| batch.column(*column).slice(at, 1)).collect();
        if !known.insert(converter(batch, columns)?.convert_columns(&values)?.row(0).data().to_vec()) {
            found.push(*row);
        }
    }
    Ok(found)
}

fn locate(batches: &[RecordBatch], row: u64) -> (&RecordBatch, usize) {
    let mut at = usize::try_from(row).unwrap_or_default();
    for batch in batches {
        if at < batch.num_rows() {
            return (batch, at);
        }
        at -= batch.num_rows();
    }
    unreachable!("the row is one of the table's")
}

fn converter(batch: &RecordBatch, columns: &[usize]) -> Result<RowConverter, ArrowError> {
    let types = columns.iter().map(|column| SortField::new(batch.column(*column).data_type().clone()));
    RowConverter::new(types.collect())
}

/// Every row with its digest, but those that are like no other.
fn digests(batches: &[RecordBatch], wanted: &Wanted<'_>, threads: usize) -> Result<Vec<Digest>, ArrowError> {
    let mut starts = Vec::with_capacity(batches.len());
    let mut rows = 0;
    for batch in batches {
        starts.push(rows);
        rows += batch.num_rows() as u64;
    }
    let share = batches.len().div_ceil(threads.max(1)).max(1);
    let parts: Vec<_> = batches.chunks(share).zip(starts.chunks(share)).collect();
    let digested = std::thread::scope(|scope| {
        let workers: Vec<_> = parts
            .into_iter()
            .map(|(batches, starts)| {
                scope.spawn(move || {
                    let mut all = Vec::new();
                    for (batch, start) in batches.iter().zip(starts) {
                        digest(batch, wanted, *start, &mut all)?;
                    }
                    Ok::<_, ArrowError>(all)
                })
            })
            .collect();
        workers.into_iter().map(ScopedJoinHandle::join).collect::<Vec<_>>()
    });
    let mut all = Vec::with_capacity(usize::try_from(rows).unwrap_or_default());
    for part in digested {
        match part {
            Ok(part) => all.extend(part?),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
    Ok(all)
}

fn digest(
    batch: &RecordBatch,
    wanted: &Wanted<'_>,
    start: u64,
    all: &mut Vec<Digest>,
) -> Result<(), ArrowError> {
    let Wanted { columns, needs_all, left_out } = wanted;
    let mut digests = vec![0_u64; batch.num_rows()];
    for column in *columns {
        mix(batch.column(*column), &mut digests)?;
    }
    let is_null = |column: &usize, at: usize| batch.column(*column).is_null(at);
    let lacks_all = |at: usize| columns.iter().all(|column| is_null(column, at));
    let lacks_any = |at: usize| columns.iter().any(|column| is_null(column, at));
    let is_left_out = |at: usize| {
        lacks_all(at)
            || (*needs_all && lacks_any(at))
            || left_out.binary_search(&(start + at as u64 + 1)).is_ok()
    };
    let present = digests.into_iter().enumerate().filter(|(at, _)| !is_left_out(*at));
    all.extend(present.map(|(at, digest)| (digest, start + at as u64)));
    Ok(())
}

/// Mixes the values of a column into the digests of their rows.
fn mix(column: &ArrayRef, digests: &mut [u64]) -> Result<(), ArrowError> {
    // The same in every run: what is found never depends on chance.
    let state = foldhash::fast::FixedState::with_seed(0);
    let nulls = column.nulls();
    let is_null = |at: usize| nulls.is_some_and(|nulls| nulls.is_null(at));
    let mut put = |at: usize, bits: u64| {
        let bits = if is_null(at) { 0x9E37_79B9_7F4A_7C15 } else { bits };
        let mixed = (digests[at].rotate_left(23) ^ bits).wrapping_mul(0x2545_F491_4F6C_DD1D);
        digests[at] = mixed ^ (mixed >> 29);
    };
    match column.data_type() {
        DataType::Int64 => {
            let values = column.as_primitive::<Int64Type>().values();
            values.iter().enumerate().for_each(|(at, value)| put(at, value.cast_unsigned()));
        }
        DataType::Float64 => {
            let values = column.as_primitive::<Float64Type>().values();
            values.iter().enumerate().for_each(|(at, value)| put(at, value.to_bits()));
        }
        DataType::Date32 => {
            let values = column.as_primitive::<Date32Type>().values();
            values.iter().enumerate().for_each(|(at, value)| put(at, u64::from(value.cast_unsigned())));
        }
        DataType::Timestamp(TimeUnit::Second, _) => {
            let values = column.as_primitive::<TimestampSecondType>().values();
            values.iter().enumerate().for_each(|(at, value)| put(at, value.cast_unsigned()));
        }
        DataType::Utf8 => {
            let texts = column.as_string::<i32>();
            (0..texts.len()).for_each(|at| put(at, state.hash_one(texts.value(at).as_bytes())));
        }
        other => {
            let rows = RowConverter::new(vec![SortField::new(other.clone())])?
                .convert_columns(&[Arc::clone(column)])?;
            rows.iter().enumerate().for_each(|(at, row)| put(at, state.hash_one(row.data())));
        }
    }
    Ok(())
}

/// The values of a row, as a finding shows them.
fn text(batches: &[RecordBatch], columns: &[usize], row: u64) -> String {
    let (batch, at) = locate(batches, row);
    let texts = columns.iter().map(|column| {
        arrow::util::display::array_value_to_string(batch.column(*column), at).unwrap_or_default()
    });
    texts.collect::<Vec<_>>().join("/")
}

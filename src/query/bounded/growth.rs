//! What the arguments of a function say about the size of its result.

use arrow::array::{Array, AsArray};
use arrow::datatypes::{DataType, IntervalMonthDayNanoType, IntervalUnit, TimeUnit};
use datafusion::error::DataFusionError;

use super::size::Argument;

/// Nanoseconds of a day.
const DAY_NS: i128 = 86_400_000_000_000;
/// The longest text that a number or a date becomes, in bytes.
const NUMBER_BYTES: u64 = 32;

/// How the result of a function grows with its arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Growth {
    /// `repeat(text, times)`
    Repeat,
    /// `lpad(text, characters, fill)`
    Pad,
    /// `replace(text, from, to)`, at worst
    Replace,
    /// `regexp_replace(text, pattern, to, flags)`, at worst
    RegexpReplace,
    /// `regexp_match(text, pattern)`: each pair of brackets may hold the whole text
    Captures,
    /// `to_char(moment, format)`, at worst
    Format,
    /// `array_repeat(value, times)`
    ListRepeat,
    /// `array_resize(list, elements, value)`
    ListResize,
    /// `range(from, to, step)`
    Series,
    /// `array_to_string(list, delimiter, null)`
    ListToText,
    /// `array_replace(list, from, to, times)`, at worst
    ListReplace,
    /// All arguments side by side: no larger than they are, but their sum may double at every step, and
    /// one long value may be repeated in every row.
    Sum,
    /// Nothing grows but the patterns that are compiled, and kept to the end of the call.
    Patterns,
    /// Nothing grows but the time: every byte is compared with every byte.
    Pairs,
}

impl Growth {
    /// Whether what comes out may be far smaller than what is estimated.
    pub(super) fn is_at_worst(self) -> bool {
        matches!(
            self,
            Self::Replace | Self::RegexpReplace | Self::Captures | Self::Format | Self::ListReplace
        )
    }

    /// Whether the second argument is a pattern.
    pub(super) fn takes_patterns(self) -> bool {
        matches!(self, Self::Patterns | Self::Captures | Self::RegexpReplace)
    }

    /// The bytes of the result for each row, at most.
    pub(super) fn rows(self, args: &[Argument], rows: usize) -> Result<Vec<u64>, DataFusionError> {
        if self == Self::Series {
            return series(args, rows);
        }
        let is_null = |row: usize| args.iter().any(|arg| arg.is_null(row));
        let bytes = |row: usize| match (self, args) {
            (Self::Repeat, [text, times]) => text.bytes(row).saturating_mul(count(times, row)),
            (Self::Pad, [text, characters, fill @ ..]) => pad(text, characters, fill.first(), row),
            (Self::Replace, [text, from, to, ..]) => replaced(text, from, to, row),
            (Self::RegexpReplace, [text, _, to, flags @ ..]) => {
                regexp_replaced(text, to.text(row), flags.first(), row)
            }
            (Self::Captures, [text, pattern, ..]) => {
                let groups = pattern.text(row).matches('(').count() as u64;
                text.bytes(row).saturating_mul(groups.saturating_add(1))
            }
            (Self::Format, [_, format]) => format.bytes(row).saturating_mul(NUMBER_BYTES),
            (Self::ListRepeat, [value, times]) => {
                value.bytes(row).saturating_add(8).saturating_mul(count(times, row))
            }
            (Self::ListResize, [list, elements, value @ ..]) => resized(list, elements, value.first(), row),
            (Self::ListToText, [list, delimiters @ ..]) => {
                let each = delimiters.iter().fold(NUMBER_BYTES, |sum, it| sum.saturating_add(it.bytes(row)));
                list.bytes(row).saturating_add(list.elements(row).saturating_mul(each))
            }
            (Self::ListReplace, [list, _, to, ..]) => {
                list.bytes(row).saturating_add(list.elements(row).saturating_mul(to.bytes(row)))
            }
            (Self::Pairs, [left, right, ..]) => left.bytes(row).saturating_mul(right.bytes(row)),
            _ => 0,
        };
        // A null list or value is repeated as any other is.
        let of_null = |row| if self == Self::ListRepeat { bytes(row) } else { 0 };
        Ok((0..rows).map(|row| if is_null(row) { of_null(row) } else { bytes(row) }).collect())
    }
}

fn count(argument: &Argument, row: usize) -> u64 {
    argument.number(row).and_then(|number| u64::try_from(number).ok()).unwrap_or(0)
}

/// Characters take a byte each where both texts are ASCII, else four at most.
fn pad(text: &Argument, characters: &Argument, fill: Option<&Argument>, row: usize) -> u64 {
    let is_ascii = text.text(row).is_ascii() && fill.is_none_or(|fill| fill.text(row).is_ascii());
    count(characters, row).saturating_mul(if is_ascii { 1 } else { 4 })
}

fn replaced(text: &Argument, from: &Argument, to: &Argument, row: usize) -> u64 {
    let (text, from, to) = (text.bytes(row), from.bytes(row), to.bytes(row));
    let longer = (text / from.max(1)).saturating_mul(to.saturating_sub(from));
    text.saturating_add(if from == 0 { 0 } else { longer })
}

/// Without `g` there is one match, with it one before every character and at the end; matches do not
/// overlap, so that one reference to a group copies no more than the text.
fn regexp_replaced(text: &Argument, to: &str, flags: Option<&Argument>, row: usize) -> u64 {
    let matches = match flags {
        Some(flags) if flags.text(row).contains('g') => text.bytes(row).saturating_add(1),
        _ => 1,
    };
    let references = to.bytes().filter(|byte| matches!(byte, b'\\' | b'$')).count() as u64;
    matches
        .saturating_mul(to.len() as u64)
        .saturating_add(text.bytes(row).saturating_mul(references.saturating_add(1)))
}

fn resized(list: &Argument, elements: &Argument, value: Option<&Argument>, row: usize) -> u64 {
    let null = match list.array.data_type() {
        DataType::List(field) | DataType::LargeList(field) => super::size::fixed_bytes(field.data_type()),
        _ => 16,
    };
    let each = value.map_or(null, |value| value.bytes(row).max(null)).saturating_add(8);
    list.bytes(row).saturating_add(count(elements, row).saturating_mul(each))
}

/// The bytes of a series of numbers, dates or moments for each row.
fn series(args: &[Argument], rows: usize) -> Result<Vec<u64>, DataFusionError> {
    let Some(first) = args.first() else { return Ok(vec![0; rows]) };
    let (through, unit) = match first.array.data_type() {
        DataType::Date32 | DataType::Date64 => (DataType::Date32, DAY_NS),
        DataType::Timestamp(_, zone) => (DataType::Timestamp(TimeUnit::Nanosecond, zone.clone()), 1),
        _ => (DataType::Int64, 1),
    };
    let from_to = if args.len() == 1 { &args[..1] } else { &args[..2] };
    let numbers: Vec<Argument> =
        from_to.iter().map(|arg| arg.as_numbers(&through)).collect::<Result<_, _>>()?;
    let steps = args.get(2).map(|steps| steps_of(steps, rows)).transpose()?;
    let bytes = |row: usize| {
        let number = |arg: &Argument| arg.number(row).map(i128::from);
        let (from, to) = match numbers.as_slice() {
            [to] => (0, number(to)?),
            [from, to] => (number(from)?, number(to)?),
            _ => return None,
        };
        let step = steps.as_ref().map_or(Some(1), |steps| steps[row])?;
        let span = (to - from).saturating_mul(unit);
        let is_empty = step == 0 || (span != 0 && (span > 0) != (step > 0));
        let count = if is_empty { 0 } else { span / step + 1 };
        u64::try_from(count).ok().map(|count| count.saturating_mul(8))
    };
    Ok((0..rows).map(|row| bytes(row).unwrap_or(0)).collect())
}

/// The steps of a series: whole numbers, or nanoseconds at least.
///
/// # Errors
/// Where months, days and time of a step have different signs: one month less 31 days stands still
/// every other month, and a series that stands still has no end.
fn steps_of(steps: &Argument, rows: usize) -> Result<Vec<Option<i128>>, DataFusionError> {
    if *steps.array.data_type() != DataType::Interval(IntervalUnit::MonthDayNano) {
        return Ok((0..rows).map(|row| steps.number(row).map(i128::from)).collect());
    }
    let values = steps.array.as_primitive::<IntervalMonthDayNanoType>();
    let step = |row: usize| {
        if steps.is_null(row) {
            return Ok(None);
        }
        let step = values.value(if values.len() == 1 { 0 } else { row });
        let (months, days, nanoseconds) = IntervalMonthDayNanoType::to_parts(step);
        let parts = [i128::from(months) * 28 * DAY_NS, i128::from(days) * DAY_NS, i128::from(nanoseconds)];
        if parts.iter().any(|part| *part > 0) && parts.iter().any(|part| *part < 0) {
            let message = "the parts of a series' step must all lead forwards, or all backwards";
            return Err(DataFusionError::Execution(message.to_owned()));
        }
        Ok(Some(parts.iter().sum()))
    };
    (0..rows).map(step).collect()
}

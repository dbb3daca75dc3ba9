//! The days and moments that can be asked about.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};

/// The years that can be asked about. A moment in SQL is a number of nanoseconds in 64 bits, from 1677 to 2262:
/// between these years there is room for what queries add to it and take off.
const YEARS: std::ops::RangeInclusive<i32> = 1700..=2200;

/// The same in the words of an error, with the two ways to write a moment.
pub(super) const RANGE: &str =
    "such as 2026-11-01 or 2026-11-01T09:30:00+05:00, from 1700-01-01 to 2200-12-31";

/// What is expected of a day, in the words of an error.
pub const EXPECTED_DAY: &str = "a day such as 2026-11-01, from 1700-01-01 to 2200-12-31";

/// Hours by which Kazakhstan is ahead of UTC since 1 March 2024, as the queries of `sql/` reckon its days.
const HOURS_AHEAD: i64 = 5;

/// The day that a text names as `2026-11-01`, and in no other way; nothing where it cannot be asked about.
///
/// ```
/// use derek::assess::moment::day;
/// assert_eq!(day("2026-11-01").map(|day| day.to_string()).as_deref(), Some("2026-11-01"));
/// assert_eq!((day("01.11.2026"), day("2026-11-1"), day("2026-02-29")), (None, None, None));
/// assert_eq!((day("9999-12-31"), day("0001-01-01"), day("+2026-11-01")), (None, None, None));
/// ```
#[must_use]
pub fn day(text: &str) -> Option<NaiveDate> {
    let day: NaiveDate = text.parse().ok()?;
    (text.len() == 10 && day.to_string() == text && YEARS.contains(&day.year())).then_some(day)
}

/// The last second of a day in Kazakhstan: what happened on the day has happened by then.
///
/// ```
/// let day = derek::assess::moment::day("2026-11-01").expect("a day");
/// assert_eq!(derek::assess::moment::end_of(day).to_rfc3339(), "2026-11-01T18:59:59+00:00");
/// ```
#[must_use]
pub fn end_of(day: NaiveDate) -> DateTime<Utc> {
    let start = day.and_time(chrono::NaiveTime::MIN).and_utc();
    let to_the_end = TimeDelta::hours(24 - HOURS_AHEAD) - TimeDelta::seconds(1);
    // Out of reach only at the end of the calendar, where no day can be asked about.
    start.checked_add_signed(to_the_end).unwrap_or(start)
}

/// A moment as named queries take it, `2026-11-01T18:59:59`, in UTC: what happened in this second, but before it, counts,
/// so fractions of a second are written where there are any.
pub(super) fn written(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%S%.f").to_string()
}

/// Whether a text is a day as [`day`] has it, or a moment of one as [`written`], with `Z` or its offset from UTC behind
/// it where there is one, in capitals, and each number with all its digits (RFC 3339): what else chrono reads, SQL does
/// not. The offset is less than a day.
pub(super) fn is_possible(text: &str) -> bool {
    let Some((date, time)) = text.split_once('T') else { return day(text).is_some() };
    day(date).is_some() && is_time(time)
}

/// Whether a text is `18:59:59`, a fraction of up to nine digits and an offset behind it where there are any.
fn is_time(text: &str) -> bool {
    let Some((time, rest)) = text.split_at_checked(8) else { return false };
    let (fraction, offset) = match rest.strip_prefix('.') {
        Some(rest) => rest.split_at(rest.bytes().take_while(u8::is_ascii_digit).count()),
        None => ("0", rest),
    };
    let is_offset = match offset.strip_prefix(['+', '-']) {
        Some(offset) => are_numbers(offset, &[24, 60]),
        None => matches!(offset, "" | "Z"),
    };
    are_numbers(time, &[24, 60, 60]) && (1..=9).contains(&fraction.len()) && is_offset
}

/// Whether a text is numbers of two digits with colons between, each less than its bound.
fn are_numbers(text: &str, bounds: &[u8]) -> bool {
    let numbers: Vec<&str> = text.split(':').collect();
    let is_number = |(number, bound): (&&str, &u8)| {
        let has_digits = number.len() == 2 && number.bytes().all(|it| it.is_ascii_digit());
        has_digits && number.parse::<u8>().is_ok_and(|number| number < *bound)
    };
    numbers.len() == bounds.len() && numbers.iter().zip(bounds).all(is_number)
}

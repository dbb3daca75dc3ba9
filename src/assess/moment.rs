//! The days and moments that can be asked about.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeDelta, Utc};

/// The years that can be asked about. A moment in SQL is a number of nanoseconds in 64 bits, from 1677 to 2262:
/// between these years there is room for what queries add to it and take off.
const YEARS: std::ops::RangeInclusive<i32> = 1700..=2200;

/// The same in the words of an error.
pub(super) const RANGE: &str = "from 1700-01-01 to 2200-12-31";

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

/// Whether a text is a day, or a moment as [`written`] or with its offset from UTC (RFC 3339), that can be asked about.
pub(super) fn is_possible(text: &str) -> bool {
    let moment = || NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok().map(|at| at.date());
    let with_offset = || DateTime::parse_from_rfc3339(text).ok().map(|at| at.date_naive());
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().or_else(moment).or_else(with_offset);
    day.is_some_and(|day| YEARS.contains(&day.year()))
}

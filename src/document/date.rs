//! Dates as real documents write them (format.md 4.3).

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone};
use chrono_tz::Asia::Almaty;

/// A date that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    /// Seconds since 1970-01-01T00:00 of Kazakhstan's wall clock.
    pub(super) seconds: i64,
    /// Whether a time of day was written.
    pub(super) has_time: bool,
    /// Whether it was a spreadsheet's day number.
    pub(super) is_serial: bool,
}

/// Whether a declared format such as `DD.MM.YYYY HH:MM` has a time of day.
pub(super) fn format_has_time(format: &str) -> bool {
    format.contains(['H', 'h'])
}

/// Reads a date. `month_first` says that the declared format starts with the month (`MM/DD/YYYY`);
/// otherwise the day comes first, unless the year does.
///
/// A value with an offset from UTC and a time is turned into Kazakhstan's wall-clock time of that
/// day (time zone database, Asia/Almaty: UTC+5 since 1 March 2024, UTC+6 before).
pub(super) fn moment(text: &str, month_first: bool) -> Option<Moment> {
    plain_date(text.as_bytes()).map(|date| Moment::day(date, false)).or_else(|| {
        let text = text.trim().trim_end_matches(" г.").trim_end_matches("г.").trim_end();
        kazakh_words(text).or_else(|| serial_or_compact(text)).or_else(|| general(text, month_first))
    })
}

impl Moment {
    fn day(date: NaiveDate, is_serial: bool) -> Self {
        Self { seconds: seconds(date.and_time(NaiveTime::MIN)), has_time: false, is_serial }
    }
}

fn seconds(moment: NaiveDateTime) -> i64 {
    moment.and_utc().timestamp()
}

/// The fast path: exactly `DD.MM.YYYY` or `YYYY-MM-DD`.
fn plain_date(text: &[u8]) -> Option<NaiveDate> {
    let number = |from: usize, to: usize| {
        text[from..to]
            .iter()
            .try_fold(0_u32, |value, byte| byte.is_ascii_digit().then(|| value * 10 + u32::from(byte - b'0')))
    };
    if text.len() != 10 {
        return None;
    }
    let (year, month, day) = match (text[2], text[4], text[5], text[7]) {
        (b'.', _, b'.', _) => (number(6, 10)?, number(3, 5)?, number(0, 2)?),
        (_, b'-', _, b'-') => (number(0, 4)?, number(5, 7)?, number(8, 10)?),
        _ => return None,
    };
    date(year, month, day)
}

fn date(year: u32, month: u32, day: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
}

/// `2025 ж. 01.03.`: the year, its Kazakh word, then day and month.
fn kazakh_words(text: &str) -> Option<Moment> {
    let (year, rest) = text.split_once('ж')?;
    let rest = rest.trim_start_matches('.').trim().trim_end_matches('.');
    let (day, month) = rest.split_once('.')?;
    let year = year.trim();
    let is_year = year.len() == 4;
    let day = date(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)?;
    is_year.then(|| Moment::day(day, false))
}

/// Digits only: `01032025` (day, month, year), `20250301` where that is the only reading, or the
/// number of days since 1899-12-30 that a spreadsheet stores (five digits: 1927 to 2173).
fn serial_or_compact(text: &str) -> Option<Moment> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    match (is_number, text.len()) {
        (true, 8) => {
            let part = |from: usize, to: usize| text[from..to].parse::<u32>().ok();
            date(part(4, 8)?, part(2, 4)?, part(0, 2)?)
                .filter(|day| (1000..3000).contains(&chrono::Datelike::year(day)))
                .or_else(|| date(part(0, 4)?, part(4, 6)?, part(6, 8)?))
                .map(|day| Moment::day(day, false))
        }
        (true, 5) => {
            let day =
                NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(Days::new(text.parse().ok()?))?;
            Some(Moment::day(day, true))
        }
        _ => None,
    }
}

/// Three numbers with `.`, `-` or `/` between them, then an optional time of day and offset.
fn general(text: &str, month_first: bool) -> Option<Moment> {
    let (first, second, third, rest) = three_numbers(text)?;
    let day = match (first.len(), third.len()) {
        (4, 1 | 2) => date(first.parse().ok()?, second.parse().ok()?, third.parse().ok()?)?,
        (1 | 2, 4) if month_first => date(third.parse().ok()?, first.parse().ok()?, second.parse().ok()?)?,
        (1 | 2, 4) => date(third.parse().ok()?, second.parse().ok()?, first.parse().ok()?)?,
        _ => return None,
    };
    let clock = rest.trim_start_matches([' ', '\u{a0}', ',']).trim_start_matches(['T', 't']);
    if clock.is_empty() || offset(clock).is_some() {
        // A day with an offset but no time is still that day of the calendar.
        return Some(Moment::day(day, false));
    }
    let (time, clock) = time_of_day(clock)?;
    let local = day.and_time(NaiveTime::MIN).checked_add_signed(time)?;
    let clock = clock.trim_start();
    let wall = if clock.is_empty() { local } else { kazakhstan_time(local, offset(clock)?)? };
    Some(Moment { seconds: seconds(wall), has_time: true, is_serial: false })
}

/// The three runs of digits that a date starts with, and what follows them.
fn three_numbers(text: &str) -> Option<(&str, &str, &str, &str)> {
    let run = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let (first, rest) = text.split_at(run(text));
    let separator = rest.chars().next().filter(|letter| ".-/".contains(*letter))?;
    let rest = &rest[1..];
    let (second, rest) = rest.split_at(run(rest));
    let rest = rest.strip_prefix(separator)?;
    let (third, rest) = rest.split_at(run(rest));
    let is_month_or_day = (1..=2).contains(&second.len());
    is_month_or_day.then_some((first, second, third, rest))
}

/// `HH:MM[:SS[.fraction]]`, and what follows it. 24:00 is the next midnight; fractions are cut.
fn time_of_day(text: &str) -> Option<(TimeDelta, &str)> {
    let end = text.find(|letter: char| !(letter.is_ascii_digit() || letter == ':')).unwrap_or(text.len());
    let (clock, mut rest) = text.split_at(end);
    let mut parts = clock.split(':').map(|part| part.parse::<u32>().ok());
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = parts.next().map_or(Some(0), |part| part)?;
    if parts.next().is_some()
        || hour > 24
        || minute > 59
        || second > 60
        || hour * 3600 + minute * 60 + second > 86_400
    {
        return None;
    }
    if let Some(fraction) = rest.strip_prefix(['.', ',']) {
        rest = fraction.trim_start_matches(|letter: char| letter.is_ascii_digit());
    }
    Some((TimeDelta::seconds(i64::from(hour * 3600 + minute * 60 + second)), rest))
}

/// Seconds east of UTC: `Z`, `+06:00`, `+0600`, `+06`.
fn offset(text: &str) -> Option<i64> {
    if matches!(text, "Z" | "z") {
        return Some(0);
    }
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits: String = text[1..].chars().filter(|letter| *letter != ':').collect();
    if !matches!(digits.len(), 2 | 4) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let hours: i64 = digits[..2].parse().ok()?;
    let minutes: i64 =
        digits.get(2..).filter(|part| !part.is_empty()).map_or(Some(0), |part| part.parse().ok())?;
    (hours <= 18 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

fn kazakhstan_time(local: NaiveDateTime, offset_s: i64) -> Option<NaiveDateTime> {
    let utc: NaiveDateTime = local.checked_sub_signed(TimeDelta::seconds(offset_s))?;
    let utc = DateTime::from_timestamp(seconds(utc), 0)?;
    Some(Almaty.from_utc_datetime(&utc.naive_utc()).naive_local())
}

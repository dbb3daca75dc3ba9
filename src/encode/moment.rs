//! Dates and times in ISO 8601.

use chrono::{DateTime, Datelike, Timelike};

use arrow::datatypes::TimeUnit;

/// Appends the date that is this many days after 1970-01-01: `2024-12-31`.
pub(super) fn write_day(days: i32, out: &mut Vec<u8>) {
    let moment = DateTime::from_timestamp(i64::from(days) * 86_400, 0);
    if let Some(moment) = moment {
        write_date(&moment, out);
    }
}

/// Appends a moment without zone: `2024-12-31T10:00:00`, and what there is of a second's fraction.
pub(super) fn write_moment(value: i64, unit: TimeUnit, out: &mut Vec<u8>) {
    let moment = match unit {
        TimeUnit::Second => DateTime::from_timestamp(value, 0),
        TimeUnit::Millisecond => DateTime::from_timestamp_millis(value),
        TimeUnit::Microsecond => DateTime::from_timestamp_micros(value),
        TimeUnit::Nanosecond => Some(DateTime::from_timestamp_nanos(value)),
    };
    let Some(moment) = moment else { return };
    write_date(&moment, out);
    out.push(b'T');
    write_digits(moment.hour(), 2, out);
    out.push(b':');
    write_digits(moment.minute(), 2, out);
    out.push(b':');
    write_digits(moment.second(), 2, out);
    match moment.nanosecond() {
        0 => {}
        nanos if nanos % 1_000_000 == 0 => write_fraction(nanos / 1_000_000, 3, out),
        nanos if nanos % 1_000 == 0 => write_fraction(nanos / 1_000, 6, out),
        nanos => write_fraction(nanos, 9, out),
    }
}

fn write_date(moment: &DateTime<chrono::Utc>, out: &mut Vec<u8>) {
    match u32::try_from(moment.year()) {
        Ok(year @ 0..=9_999) => write_digits(year, 4, out),
        // ISO 8601's expanded years have a sign.
        _ => out.extend_from_slice(format!("{:+05}", moment.year()).as_bytes()),
    }
    out.push(b'-');
    write_digits(moment.month(), 2, out);
    out.push(b'-');
    write_digits(moment.day(), 2, out);
}

fn write_fraction(fraction: u32, digits: u32, out: &mut Vec<u8>) {
    out.push(b'.');
    write_digits(fraction, digits, out);
}

/// Appends a number with leading zeros.
fn write_digits(value: u32, digits: u32, out: &mut Vec<u8>) {
    for place in (0..digits).rev() {
        let digit = value / 10_u32.pow(place) % 10;
        out.push(b'0' + u8::try_from(digit).unwrap_or_default());
    }
}

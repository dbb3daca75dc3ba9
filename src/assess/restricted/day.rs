//! The day on which an extract is judged.

use chrono::{Datelike, NaiveDate};

/// A day of the Gregorian calendar. Nobody whose number is in an extract was born after the day of the extract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day {
    year: u16,
    month: u8,
    of_month: u8,
}

impl Day {
    /// A day, or nothing if the calendar has no such day.
    ///
    /// ```
    /// # use derek::assess::restricted::Day;
    /// assert!(Day::new(2024, 2, 29).is_some());
    /// assert!(Day::new(2023, 2, 29).is_none());
    /// ```
    #[must_use]
    pub const fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let is_leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if is_leap => 29,
            2 => 28,
            _ => 0,
        };
        if day == 0 || day > days { None } else { Some(Self { year, month, of_month: day }) }
    }

    /// The day of a date, or nothing where its year does not fit.
    #[must_use]
    pub fn of(date: NaiveDate) -> Option<Self> {
        let (month, day) = (u8::try_from(date.month()).ok()?, u8::try_from(date.day()).ok()?);
        Self::new(u16::try_from(date.year()).ok()?, month, day)
    }
}

//! When something is said to have happened: at a moment, or on a day.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// By how much Kazakhstan is ahead of UTC since 1 March 2024, as the queries of `sql/` reckon its days.
const AHEAD: TimeDelta = TimeDelta::hours(5);

/// When something happened, as somebody says. A day alone is one in Kazakhstan (UTC+5), where the clocks of requests
/// run; at which of its hours it happened is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// At a moment.
    At(DateTime<Utc>),
    /// On a day.
    On(NaiveDate),
}

impl When {
    /// The moment, or the first one of the day.
    ///
    /// ```
    /// use derek::catalog::When;
    /// let day = When::On("2026-11-01".parse()?);
    /// assert_eq!(day.start().to_rfc3339(), "2026-10-31T19:00:00+00:00");
    /// # Ok::<(), chrono::ParseError>(())
    /// ```
    #[must_use]
    pub fn start(self) -> DateTime<Utc> {
        match self {
            Self::At(at) => at,
            Self::On(day) => {
                let start = day.and_time(NaiveTime::MIN).and_utc();
                // Out of reach only at the beginning of the calendar.
                start.checked_sub_signed(AHEAD).unwrap_or(start)
            }
        }
    }

    /// The moment that is kept of what follows another one: of a day its first moment, or the other one where that is
    /// later on the same day. Nothing where it is said to have happened before.
    ///
    /// ```
    /// use derek::catalog::When;
    /// let received: chrono::DateTime<chrono::Utc> = "2026-11-01T12:00:00+05:00".parse()?;
    /// assert_eq!(When::On("2026-11-01".parse()?).since(received), Some(received));
    /// assert_eq!(When::On("2026-10-31".parse()?).since(received), None);
    /// assert_eq!(When::At("2026-11-01T11:59:59+05:00".parse()?).since(received), None);
    /// # Ok::<(), chrono::ParseError>(())
    /// ```
    #[must_use]
    pub fn since(self, before: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            // As exact as moments are kept.
            Self::At(at) => (at.timestamp_millis() >= before.timestamp_millis()).then_some(at),
            Self::On(day) => (day >= day_of(before)).then(|| self.start().max(before)),
        }
    }
}

/// The day in Kazakhstan on which a moment lies.
pub(super) fn day_of(at: DateTime<Utc>) -> NaiveDate {
    at.checked_add_signed(AHEAD).unwrap_or(at).date_naive()
}

/// A moment with its offset from UTC (RFC 3339), or a day; nothing where the text is empty or missing.
pub(super) fn when<'de, D: Deserializer<'de>>(from: D) -> Result<Option<When>, D::Error> {
    let Some(text) = Option::<String>::deserialize(from)?.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let moment = text.parse().ok().map(When::At);
    moment.or_else(|| text.parse().ok().map(When::On)).map(Some).ok_or_else(|| {
        let expected = "expected a moment such as 2026-11-01T09:30:00+05:00, or a day such as 2026-11-01";
        D::Error::custom(format!("{expected}; found '{text}'"))
    })
}

/// The same, of a day its first moment.
pub(super) fn start<'de, D: Deserializer<'de>>(from: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    Ok(when(from)?.map(When::start))
}

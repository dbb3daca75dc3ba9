//! The clocks of a request, as the named query tells them.

use chrono::{DateTime, NaiveDate, NaiveDateTime, SecondsFormat, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

/// A clock of a request: paragraphs 8 to 10 of order 144.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    /// `processing`, `publication`, `refusal` or `notification`.
    pub clock: String,
    /// The last day in time, in Kazakhstan; none where the calendar of working days does not tell.
    pub due: Option<NaiveDate>,
    /// When it was done.
    pub done_at: Option<DateTime<Utc>>,
    /// Whether it was done in time; none while it can be.
    pub is_met: Option<bool>,
    /// Days from when it was done, or from now, to the last day in time; negative is late.
    pub days_left: Option<i64>,
    /// The number of the rule, in its unit; none where the rule is at once.
    pub allowed: Option<i64>,
    /// `day_of_month` (of the next month), `days` or `working_days`.
    pub unit: Option<String>,
    /// The order of the rule.
    pub law_order: Option<String>,
    /// Its paragraph.
    pub paragraph: Option<String>,
}

/// A row of the query.
#[derive(Debug, Deserialize)]
pub(super) struct Row {
    pub(super) state: String,
    clock: String,
    due: Option<String>,
    done_at: Option<String>,
    is_met: Option<bool>,
    days_left: Option<i64>,
    allowed: Option<i64>,
    unit: Option<String>,
    law_order: Option<String>,
    paragraph: Option<String>,
}

impl From<Row> for Clock {
    fn from(row: Row) -> Self {
        let moment = |text: String| text.trim_end_matches('Z').parse::<NaiveDateTime>().ok();
        Self {
            clock: row.clock,
            due: row.due.and_then(|text| text.parse().ok()),
            done_at: row.done_at.and_then(moment).map(|at| at.and_utc()),
            is_met: row.is_met,
            days_left: row.days_left,
            allowed: row.allowed,
            unit: row.unit,
            law_order: row.law_order,
            paragraph: row.paragraph,
        }
    }
}

impl Clock {
    /// Whether its last day has passed and it is not done.
    #[must_use]
    pub fn is_overdue(&self) -> bool {
        self.done_at.is_none() && self.is_met == Some(false)
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
            "clock": self.clock,
            "due": self.due.map(|day| day.to_string()),
            "done_at": self.done_at.map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true)),
            "is_met": self.is_met,
            "days_left": self.days_left,
            "allowed": self.allowed,
            "unit": self.unit,
            "law_order": self.law_order,
            "paragraph": self.paragraph,
        })
    }
}

//! The tables of sums over what was asked, and their columns.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, Date32Builder, Int64Builder, RecordBatch, StringBuilder, TimestampMillisecondBuilder,
};
use arrow::datatypes::SchemaRef;
use rusqlite::Row;

use crate::catalog::system::{Column, batch};

pub(super) const DAY_MS: i64 = 24 * 3_600_000;

/// Which of the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UseTable {
    /// `system.uses`: queries and rows by hour, dataset and door.
    Uses,
    /// `system.uses_together`: queries by hour and two datasets that they read.
    Together,
    /// `system.missed`: what was asked for by hour and is not there.
    Missed,
    /// `system.askers`: when who asked first for what.
    Askers,
    /// `system.look_ups`: nearest look-ups by day, dataset and H3 cell.
    LookUps,
}

/// What a column holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Text,
    Int,
    /// Milliseconds since 1970.
    Moment,
    /// The same, of which the day is meant.
    Day,
}

impl UseTable {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Uses, Self::Together, Self::Missed, Self::Askers, Self::LookUps];

    /// Its name in the schema `system`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Uses => "uses",
            Self::Together => "uses_together",
            Self::Missed => "missed",
            Self::Askers => "askers",
            Self::LookUps => "look_ups",
        }
    }

    /// Its columns, without rows.
    #[must_use]
    pub fn schema(self) -> SchemaRef {
        self.columns().finish().schema()
    }

    /// Where it is kept, and the column by which it grows.
    pub(super) const fn source(self) -> (&'static str, &'static str) {
        match self {
            Self::Uses => ("uses", "hour_ms"),
            Self::Together => ("together", "hour_ms"),
            Self::Missed => ("missed", "hour_ms"),
            Self::Askers => ("asker", "number"),
            Self::LookUps => ("look_up", "day_ms"),
        }
    }

    /// What is shown of it: name, expression and kind of each column.
    pub(super) const fn shown(self) -> &'static [(&'static str, &'static str, Kind)] {
        match self {
            Self::Uses => &[
                ("hour", "hour_ms", Kind::Moment),
                ("dataset", "dataset", Kind::Text),
                ("door", "door", Kind::Text),
                ("queries", "queries", Kind::Int),
                ("rows", "rows", Kind::Int),
                ("last_at", "last_ms", Kind::Moment),
            ],
            Self::Together => &[
                ("hour", "hour_ms", Kind::Moment),
                ("dataset", "dataset", Kind::Text),
                ("other", "other", Kind::Text),
                ("queries", "queries", Kind::Int),
            ],
            Self::Missed => &[
                ("hour", "hour_ms", Kind::Moment),
                ("what", "what", Kind::Text),
                ("name", "name", Kind::Text),
                ("asked", "asked", Kind::Int),
                ("last_at", "last_ms", Kind::Moment),
            ],
            Self::Askers => &[
                ("what", "what", Kind::Text),
                ("name", "name", Kind::Text),
                ("client", "client", Kind::Text),
                ("first_at", "first_ms", Kind::Moment),
            ],
            Self::LookUps => &[
                ("day", "day_ms", Kind::Day),
                ("dataset", "dataset", Kind::Text),
                ("cell", "printf('%x', cell)", Kind::Text),
                ("look_ups", "look_ups", Kind::Int),
                ("without_result", "without_result", Kind::Int),
            ],
        }
    }

    pub(super) fn columns(self) -> Columns {
        Columns(self.shown().iter().map(|(name, _, kind)| (*name, Values::of(*kind))).collect())
    }
}

/// Values of a column under construction.
enum Values {
    Text(StringBuilder),
    Int(Int64Builder),
    Moment(TimestampMillisecondBuilder),
    Day(Date32Builder),
}

impl Values {
    fn of(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Text(StringBuilder::new()),
            Kind::Int => Self::Int(Int64Builder::new()),
            Kind::Moment => Self::Moment(TimestampMillisecondBuilder::new()),
            Kind::Day => Self::Day(Date32Builder::new()),
        }
    }
}

/// Columns under construction.
pub(super) struct Columns(Vec<(&'static str, Values)>);

impl Columns {
    pub(super) fn add(&mut self, row: &Row<'_>) -> rusqlite::Result<()> {
        for (at, (_, values)) in self.0.iter_mut().enumerate() {
            match values {
                Values::Text(texts) => texts.append_value(row.get_ref(at)?.as_str()?),
                Values::Int(numbers) => numbers.append_value(row.get(at)?),
                Values::Moment(moments) => moments.append_value(row.get(at)?),
                Values::Day(days) => {
                    let day = row.get::<_, i64>(at)?.div_euclid(DAY_MS);
                    days.append_value(i32::try_from(day).unwrap_or_default());
                }
            }
        }
        Ok(())
    }

    pub(super) fn finish(self) -> RecordBatch {
        let column = |(name, values)| {
            let array: ArrayRef = match values {
                Values::Text(mut texts) => Arc::new(texts.finish()),
                Values::Int(mut numbers) => Arc::new(numbers.finish()),
                Values::Moment(mut moments) => Arc::new(moments.finish().with_timezone("+00:00")),
                Values::Day(mut days) => Arc::new(days.finish()),
            };
            Column(name, array)
        };
        batch(self.0.into_iter().map(column).collect())
    }
}

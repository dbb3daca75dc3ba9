//! Values of a fixed width under construction, dates among them.

use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, NullBufferBuilder, TimestampSecondArray};
use arrow::datatypes::DataType;

use super::date::{self, Moment};
use super::field::FieldSpec;
use super::finding::Report;
use super::json::Scalar;
use super::number::{self, Reading};
use super::rule::Rule;

const SECONDS_A_DAY: i64 = 86_400;

/// Values of a fixed width, and which of them are there.
#[derive(Debug)]
pub(super) struct Values<T> {
    pub(super) values: Vec<T>,
    pub(super) valid: NullBufferBuilder,
}

impl<T: Copy + Default> Values<T> {
    pub(super) fn with_capacity(rows: usize) -> Self {
        Self { values: Vec::with_capacity(rows), valid: NullBufferBuilder::new(rows) }
    }

    pub(super) fn push(&mut self, value: Option<T>) {
        self.values.push(value.unwrap_or_default());
        self.valid.append(value.is_some());
    }

    pub(super) fn drop_last(&mut self) {
        self.values.pop();
        self.valid.truncate(self.values.len());
    }

    /// Appends what was read; a value that could not be is null, with a finding.
    pub(super) fn push_reading(
        &mut self,
        reading: Reading<T>,
        rule: Rule,
        raw: &Scalar<'_>,
        path: &Arc<str>,
        report: &mut Report,
    ) {
        match reading {
            Reading::Value(value) => self.push(Some(value)),
            Reading::Null => self.push(None),
            Reading::Bad => {
                report.value(rule, path, raw_text(raw));
                self.push(None);
            }
        }
    }
}

/// Dates as seconds, and whether any of them has a time of day.
#[derive(Debug)]
pub(super) struct Dates {
    pub(super) seconds: Values<i64>,
    pub(super) any_time: bool,
    /// The declared format has no time of day.
    is_day: bool,
    month_first: bool,
}

impl Dates {
    pub(super) fn new(spec: &FieldSpec) -> Self {
        let format = spec.format.as_deref();
        Self {
            seconds: Values::with_capacity(0),
            any_time: false,
            is_day: format.is_some_and(|format| !date::format_has_time(format)),
            month_first: format.is_some_and(|format| format.trim_start().starts_with("MM")),
        }
    }

    pub(super) fn push(&mut self, scalar: &Scalar<'_>, path: &Arc<str>, report: &mut Report) {
        let reading = number::read(scalar, |text| date::moment(text, self.month_first));
        if let Reading::Value(moment) = reading {
            self.note(moment, scalar, path, report);
        }
        let seconds = match reading {
            Reading::Value(moment) => Reading::Value(moment.seconds),
            Reading::Null => Reading::Null,
            Reading::Bad => Reading::Bad,
        };
        self.seconds.push_reading(seconds, Rule::ValueNotADate, scalar, path, report);
    }

    fn note(&mut self, moment: Moment, scalar: &Scalar<'_>, path: &Arc<str>, report: &mut Report) {
        self.any_time |= moment.has_time;
        if moment.is_serial {
            report.value(Rule::ValueExcelDate, path, raw_text(scalar));
        }
        if self.is_day && moment.seconds.rem_euclid(SECONDS_A_DAY) != 0 {
            report.value(Rule::ValueTimeDropped, path, raw_text(scalar));
        }
    }

    /// The finished array: days, or seconds where the column is a timestamp.
    pub(super) fn finish(self, data_type: &DataType) -> ArrayRef {
        let Values { values, mut valid } = self.seconds;
        if *data_type == DataType::Date32 {
            let days =
                values.iter().map(|second| i32::try_from(second.div_euclid(SECONDS_A_DAY)).unwrap_or(0));
            Arc::new(Date32Array::new(days.collect::<Vec<_>>().into(), valid.finish()))
        } else {
            Arc::new(TimestampSecondArray::new(values.into(), valid.finish()))
        }
    }

    /// An empty column of the same kind.
    pub(super) fn successor(&self, rows: usize) -> Self {
        Self { seconds: Values::with_capacity(rows), any_time: false, ..*self }
    }
}

/// The value as the document has it.
pub(super) fn raw_text<'a>(scalar: &'a Scalar<'_>) -> &'a str {
    match scalar {
        Scalar::Null => "null",
        Scalar::Boolean(true) => "true",
        Scalar::Boolean(false) => "false",
        Scalar::Number(text) => text,
        Scalar::Text(text) => text,
    }
}

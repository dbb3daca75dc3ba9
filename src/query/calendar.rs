//! Working days of Kazakhstan: which days are off, and the functions that count those that are not.
//!
//! A day is a working day where the calendar says so; else it is one from Monday to Friday unless the calendar has
//! it as a holiday, or as a day off that was moved there. A year is that of the dataset `kz_holidays`
//! where one is published that has it (fields `date` and `kind`: `holiday`, `moved`, `working`), else the built-in one.
//! A year of which it knows no day is an error and no guess.

use std::collections::{BTreeSet, HashMap};
use std::hash::{Hash, Hasher};
use std::sync::{Arc, LazyLock};

use arrow::array::{Array, ArrayRef, AsArray, Date32Array, Int64Array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, Int64Type};
use chrono::{Datelike, NaiveDate, TimeDelta, Weekday};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::SessionStateBuilder;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use crate::catalog::{Dataset, Snapshot};
use crate::error::{Code, Error};

/// The dataset that takes the place of the built-in calendar.
const DATASET: &str = "kz_holidays";
/// More days than this are not counted one by one.
const MOST_DAYS: i64 = 100_000;

/// What a day is, where the calendar says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Off,
    Working,
}

/// Days that are not what their day of the week says.
#[derive(Debug, Default)]
struct Calendar {
    days: HashMap<NaiveDate, Kind>,
    years: BTreeSet<i32>,
}

static BUILTIN: LazyLock<Arc<Calendar>> = LazyLock::new(|| {
    let document: serde_json::Value =
        serde_json::from_str(include_str!("../../fixtures/assess/kz_holidays.json")).unwrap_or_default();
    let rows = document["data"].as_array().into_iter().flatten();
    let day = |row: &serde_json::Value| {
        let date = row["date"].as_str()?.get(..10)?.parse().ok()?;
        Some((date, row["kind"].as_str()?.to_owned()))
    };
    Arc::new(Calendar::of(rows.filter_map(day)))
});

impl Calendar {
    fn of(days: impl Iterator<Item = (NaiveDate, String)>) -> Self {
        let mut calendar = Self::default();
        for (date, kind) in days {
            let kind = if kind == "working" { Kind::Working } else { Kind::Off };
            calendar.days.insert(date, kind);
            calendar.years.insert(date.year());
        }
        calendar
    }

    /// The calendar of a snapshot.
    fn over(snapshot: &Snapshot) -> Arc<Self> {
        let Some(mut calendar) = snapshot.named(DATASET).and_then(Self::of_dataset) else {
            return Arc::clone(&BUILTIN);
        };
        // Years that the dataset does not have are as before.
        let own = calendar.years.clone();
        let others = BUILTIN.days.iter().filter(|(day, _)| !own.contains(&day.year()));
        for (day, kind) in others {
            calendar.days.insert(*day, *kind);
            calendar.years.insert(day.year());
        }
        Arc::new(calendar)
    }

    /// The calendar in a dataset; none where it has not its fields, or cannot be read.
    fn of_dataset(dataset: &Arc<Dataset>) -> Option<Self> {
        let schema = &dataset.document.schema;
        let columns = [schema.index_of("date").ok()?, schema.index_of("kind").ok()?];
        let mut days = Vec::new();
        for number in 0..dataset.rows.batches() {
            let batch = dataset.rows.read(number, &columns).ok()?;
            let dates = cast(batch.column(0), &DataType::Date32).ok()?;
            let (dates, kinds) =
                (dates.as_primitive::<Date32Type>(), batch.column(1).as_string_opt::<i32>()?);
            let rows = (0..batch.num_rows()).filter(|row| dates.is_valid(*row) && kinds.is_valid(*row));
            days.extend(
                rows.filter_map(|row| Some((dates.value_as_date(row)?, kinds.value(row).to_owned()))),
            );
        }
        Some(Self::of(days.into_iter()))
    }

    /// # Errors
    /// `query.invalid` for a day of a year of which nothing is known.
    fn is_working(&self, day: NaiveDate) -> Result<bool, Error> {
        match self.days.get(&day) {
            Some(kind) => Ok(*kind == Kind::Working),
            None if self.years.contains(&day.year()) => {
                Ok(!matches!(day.weekday(), Weekday::Sat | Weekday::Sun))
            }
            None => {
                let years: Vec<String> = self.years.iter().map(ToString::to_string).collect();
                let message = format!(
                    "the holidays of {} are not known; those of {} are",
                    day.year(),
                    years.join(", ")
                );
                Err(Error::new(Code::QueryInvalid, message)
                    .hint("publish a dataset kz_holidays with the days of that year: fields date and kind"))
            }
        }
    }

    /// The n-th working day after a day, which does not count itself; before it where n is negative. For 0 the day
    /// itself, or the first working day after it.
    fn add(&self, day: NaiveDate, count: i64) -> Result<NaiveDate, Error> {
        check(count.unsigned_abs())?;
        let step = if count < 0 { TimeDelta::days(-1) } else { TimeDelta::days(1) };
        let (mut at, mut left) = (day, count.unsigned_abs());
        if left == 0 {
            while !self.is_working(at)? {
                at = at.checked_add_signed(step).ok_or_else(too_far)?;
            }
        }
        while left > 0 {
            at = at.checked_add_signed(step).ok_or_else(too_far)?;
            left -= u64::from(self.is_working(at)?);
        }
        Ok(at)
    }

    /// Working days after `from` up to and with `to`; where `to` is earlier, those after it up to `from`, negative.
    fn between(&self, from: NaiveDate, to: NaiveDate) -> Result<i64, Error> {
        if to < from {
            return Ok(-self.between(to, from)?);
        }
        check((to - from).num_days().unsigned_abs())?;
        let mut count = 0;
        for day in from.iter_days().skip(1).take_while(|day| *day <= to) {
            count += i64::from(self.is_working(day)?);
        }
        Ok(count)
    }
}

fn check(days: u64) -> Result<(), Error> {
    if days <= MOST_DAYS.unsigned_abs() {
        return Ok(());
    }
    Err(Error::new(Code::QueryInvalid, format!("{days} days; at most {MOST_DAYS} are counted")))
}

fn too_far() -> Error {
    Error::new(Code::QueryInvalid, "a day beyond the calendar")
}

/// The functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Count {
    Add,
    /// The same, null where a year is not known.
    TryAdd,
    Between,
}

/// A function over a calendar.
#[derive(Debug, Clone)]
struct WorkingDays {
    count: Count,
    calendar: Arc<Calendar>,
    signature: Signature,
}

impl PartialEq for WorkingDays {
    fn eq(&self, other: &Self) -> bool {
        self.count == other.count && Arc::ptr_eq(&self.calendar, &other.calendar)
    }
}

impl Eq for WorkingDays {}

impl Hash for WorkingDays {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.count.hash(state);
        Arc::as_ptr(&self.calendar).hash(state);
    }
}

/// The names of the functions.
pub(super) const NAMES: [&str; 3] = ["add_working_days", "try_add_working_days", "working_days_between"];

/// Adds `add_working_days(date, n)`, the same that is null for years that are not known, and `working_days_between(date, date)` over the snapshot's calendar.
pub(super) fn register(mut builder: SessionStateBuilder, snapshot: &Snapshot) -> SessionStateBuilder {
    let calendar = Calendar::over(snapshot);
    let functions = builder.scalar_functions().get_or_insert_default();
    for count in [Count::Add, Count::TryAdd, Count::Between] {
        // The calendar may be another one after the next publication.
        let signature = Signature::user_defined(Volatility::Stable);
        let function = WorkingDays { count, calendar: Arc::clone(&calendar), signature };
        functions.push(Arc::new(ScalarUDF::new_from_impl(function)));
    }
    builder
}

impl WorkingDays {
    /// The value of a row: days since 1970, or a count.
    fn value(&self, day: NaiveDate, second: Second<'_>, row: usize) -> Result<Option<i64>, Error> {
        match second {
            Second::Count(counts) => {
                let day = match self.calendar.add(day, counts.value(row)) {
                    Err(_) if self.count == Count::TryAdd => return Ok(None),
                    day => day?,
                };
                Ok(Some(i64::from(Date32Type::from_naive_date(day))))
            }
            Second::Day(days) => {
                let other = days.value_as_date(row).ok_or_else(too_far)?;
                self.calendar.between(day, other).map(Some)
            }
        }
    }
}

/// The second argument.
#[derive(Clone, Copy)]
enum Second<'a> {
    Count(&'a Int64Array),
    Day(&'a Date32Array),
}

impl ScalarUDFImpl for WorkingDays {
    fn name(&self) -> &str {
        match self.count {
            Count::Add => "add_working_days",
            Count::TryAdd => "try_add_working_days",
            Count::Between => "working_days_between",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        let is_day = |kind: &DataType| kind.is_temporal() || kind.is_string() || kind.is_null();
        match (self.count, given) {
            (Count::Add | Count::TryAdd, [day, count])
                if is_day(day) && (count.is_integer() || count.is_null()) =>
            {
                Ok(vec![DataType::Date32, DataType::Int64])
            }
            (Count::Between, [from, to]) if is_day(from) && is_day(to) => {
                Ok(vec![DataType::Date32, DataType::Date32])
            }
            (Count::Add | Count::TryAdd, _) => {
                let message = format!("{} takes a day and a whole number of days", self.name());
                Err(DataFusionError::Plan(message))
            }
            (Count::Between, _) => {
                Err(DataFusionError::Plan("working_days_between takes two days".to_owned()))
            }
        }
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(if self.count == Count::Between { DataType::Int64 } else { DataType::Date32 })
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let [days, second] = arrays.as_slice() else {
            return Err(DataFusionError::Plan(format!("{} takes two arguments", self.name())));
        };
        let days = days.as_primitive::<Date32Type>();
        let values = match self.count {
            Count::Add | Count::TryAdd => Second::Count(second.as_primitive::<Int64Type>()),
            Count::Between => Second::Day(second.as_primitive::<Date32Type>()),
        };
        let value = |row: usize| {
            let day = days.is_valid(row).then(|| days.value_as_date(row)).flatten();
            day.filter(|_| second.is_valid(row)).map_or(Ok(None), |day| self.value(day, values, row))
        };
        let counted = (0..days.len()).map(value).collect::<Result<Int64Array, Error>>();
        let counted: ArrayRef =
            Arc::new(counted.map_err(|error| DataFusionError::External(Box::new(error)))?);
        Ok(ColumnarValue::Array(match self.count {
            Count::Add | Count::TryAdd => cast(&cast(&counted, &DataType::Int32)?, &DataType::Date32)?,
            Count::Between => counted,
        }))
    }
}

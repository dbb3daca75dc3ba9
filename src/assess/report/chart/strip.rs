//! Days along a line: how many due dates each has, those that passed on the left and those that come on the right.

use chrono::{Datelike, Days, NaiveDate};

use super::super::day::{day, short_month};
use super::super::markup::{Markup, coordinate, percent};
use super::super::number::short;
use super::super::plural::whole;
use super::super::scale::Scale;
use super::Series;
use crate::encode::Language;

const ABOVE: f64 = 24.0;
const PLOT: f64 = 110.0;
const BELOW: f64 = 36.0;

/// What stands on one day.
#[derive(Debug)]
pub(crate) struct Mark {
    pub(crate) day: NaiveDate,
    /// How many of each series.
    pub(crate) counts: Vec<f64>,
    /// What they are, for those who point at them.
    pub(crate) told: String,
}

/// Days around a day.
#[derive(Debug)]
pub(crate) struct Strip<'a> {
    pub(crate) series: &'a [Series],
    pub(crate) marks: &'a [Mark],
    pub(crate) as_of: NaiveDate,
    /// How many days are shown before and after.
    pub(crate) days: u16,
    /// How many lie before the first day, which has an arrow with this number.
    pub(crate) older: usize,
    pub(crate) language: Language,
}

impl Strip<'_> {
    /// In pixels.
    pub(crate) const HEIGHT: f64 = ABOVE + PLOT + BELOW;

    pub(crate) fn draw(&self, into: &mut Markup) {
        let highest = self.marks.iter().map(|mark| mark.counts.iter().sum()).fold(0.0, f64::max);
        let scale = Scale::over(highest, true);
        for tick in scale.ticks() {
            let y = ABOVE + PLOT - scale.percent(tick) / 100.0 * PLOT;
            let line = coordinate(y);
            into.empty(
                "line",
                &[("class", "grid"), ("x1", "0"), ("x2", "100%"), ("y1", &line), ("y2", &line)],
            );
            let text = short(tick, self.language);
            into.leaf("text", &[("class", "tick end"), ("x", "-6"), ("y", &coordinate(y + 4.0))], &text);
        }
        self.draw_months(into);
        for mark in self.marks {
            self.draw_mark(into, mark, scale);
        }
        if self.older > 0 {
            let text = format!("← {}", short(whole(self.older), self.language));
            into.leaf("text", &[("class", "value"), ("y", "13")], &text);
        }
        self.draw_today(into);
    }

    /// Where a day stands, in per cent.
    fn place(&self, date: NaiveDate) -> f64 {
        let days = i64::from(self.days);
        let offset = (date - self.as_of).num_days().clamp(-days, days) + days;
        let share = f64::from(u32::try_from(offset).unwrap_or(0)) / (2.0 * f64::from(self.days.max(1)));
        // Half a column's width stays free at both ends.
        1.0 + share * 98.0
    }

    /// A tick at the first of each month, with the year below the first one and each January.
    fn draw_months(&self, into: &mut Markup) {
        let first = self.as_of.checked_sub_days(Days::new(u64::from(self.days)));
        let months = first.into_iter().flat_map(|first| first.iter_days().take(usize::from(self.days) * 2));
        for (at, date) in months.filter(|date| date.day() == 1).enumerate() {
            let x = percent(self.place(date));
            let (top, bottom) = (coordinate(ABOVE + PLOT), coordinate(ABOVE + PLOT + 5.0));
            into.empty("line", &[("class", "axis"), ("x1", &x), ("x2", &x), ("y1", &top), ("y2", &bottom)]);
            let y = coordinate(ABOVE + PLOT + 17.0);
            let name = short_month(date, self.language);
            into.leaf("text", &[("class", "tick mid"), ("x", &x), ("y", &y)], name);
            if at == 0 || date.month() == 1 {
                let y = coordinate(ABOVE + PLOT + 31.0);
                into.leaf("text", &[("class", "tick mid"), ("x", &x), ("y", &y)], &date.year().to_string());
            }
        }
    }

    fn draw_mark(&self, into: &mut Markup, mark: &Mark, scale: Scale) {
        let x = percent(self.place(mark.day));
        into.open("g", &[]);
        into.leaf("title", &[], &mark.told);
        let mut bottom = ABOVE + PLOT;
        for (series, count) in self.series.iter().zip(&mark.counts) {
            if *count <= 0.0 {
                continue;
            }
            let top = bottom - scale.percent(*count) / 100.0 * PLOT;
            let (y1, y2) = (coordinate(bottom), coordinate(top));
            let class = format!("pin {}", series.class);
            into.empty("line", &[("class", &class), ("x1", &x), ("x2", &x), ("y1", &y1), ("y2", &y2)]);
            bottom = top;
        }
        into.close("g");
        into.line();
    }

    fn draw_today(&self, into: &mut Markup) {
        let x = percent(self.place(self.as_of));
        let bottom = coordinate(ABOVE + PLOT);
        into.empty("line", &[("class", "limit"), ("x1", &x), ("x2", &x), ("y1", "18"), ("y2", &bottom)]);
        let text = day(self.as_of, self.language);
        into.leaf("text", &[("class", "limit-name mid"), ("x", &x), ("y", "13")], &text);
    }
}

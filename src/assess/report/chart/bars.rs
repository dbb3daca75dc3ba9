//! Horizontal bars, each under its label, of one or several parts in a row.

use super::super::label;
use super::super::markup::{Markup, coordinate, percent};
use super::super::number::short;
use super::super::scale::Scale;
use super::Series;
use crate::encode::Language;

/// Pixels from one bar to the next: its label, itself, and the gap.
const PITCH: f64 = 30.0;
const BAR_TOP: f64 = 15.0;
const BAR_HEIGHT: f64 = 10.0;
/// Above the bars, where the limit's name or ticks stand there, and where nothing does; and below, for ticks.
const ABOVE: f64 = 20.0;
const ABOVE_NOTHING: f64 = 2.0;
const BELOW: f64 = 20.0;
/// From so many bars on, ticks stand above them too.
const LONG: usize = 15;

/// A bar.
#[derive(Debug)]
pub(crate) struct Bar {
    /// What it is about.
    pub(crate) label: String,
    /// Whether its label is marked.
    pub(crate) is_marked: bool,
    /// The lengths of its parts, one for each series.
    pub(crate) parts: Vec<f64>,
    /// What stands at its end.
    pub(crate) end: String,
    /// What it says, for those who point at it; its label comes before.
    pub(crate) told: String,
}

/// A line across the bars.
#[derive(Debug)]
pub(crate) struct Limit {
    /// Where it stands.
    pub(crate) at: f64,
    /// What it is.
    pub(crate) name: String,
}

/// Bars over one axis.
#[derive(Debug)]
pub(crate) struct Bars<'a> {
    pub(crate) series: &'a [Series],
    pub(crate) rows: &'a [Bar],
    pub(crate) limit: Option<&'a Limit>,
    pub(crate) language: Language,
}

impl Bar {
    /// Its whole length.
    pub(crate) fn length(&self) -> f64 {
        self.parts.iter().sum()
    }
}

/// Sorts bars: the longest first, of equal ones by label, and keeps those that a chart shows. How many there were
/// is returned.
pub(crate) fn rank(bars: &mut Vec<Bar>, most: usize) -> usize {
    let many = bars.len();
    bars.sort_by(|one, other| {
        other.length().total_cmp(&one.length()).then_with(|| one.label.cmp(&other.label))
    });
    bars.truncate(most);
    many
}

impl Bars<'_> {
    /// In pixels.
    pub(crate) fn height(&self) -> f64 {
        self.bottom() + BELOW
    }

    /// Where the first bar starts.
    fn top(&self) -> f64 {
        if self.limit.is_some() || self.rows.len() > LONG { ABOVE } else { ABOVE_NOTHING }
    }

    /// Where the last bar ends.
    fn bottom(&self) -> f64 {
        self.top() + PITCH * super::super::plural::whole(self.rows.len())
    }

    pub(crate) fn draw(&self, into: &mut Markup) {
        let longest = self.rows.iter().map(Bar::length).fold(0.0, f64::max);
        let longest = self.limit.map_or(longest, |limit| longest.max(limit.at));
        let scale = Scale::over(longest, true);
        self.draw_axis(into, scale);
        let mut top = self.top();
        for bar in self.rows {
            self.draw_bar(into, bar, top, scale);
            top += PITCH;
        }
        if let Some(limit) = self.limit {
            let x = percent(scale.percent(limit.at));
            let bottom = coordinate(self.bottom());
            into.empty("line", &[("class", "limit"), ("x1", &x), ("x2", &x), ("y1", "16"), ("y2", &bottom)]);
            let anchor = if scale.percent(limit.at) > 50.0 { "end" } else { "start" };
            into.leaf(
                "text",
                &[("class", "limit-name"), ("x", &x), ("y", "12"), ("text-anchor", anchor)],
                &limit.name,
            );
        }
    }

    fn draw_axis(&self, into: &mut Markup, scale: Scale) {
        let (top, bottom) = (coordinate(self.top() - 2.0), self.bottom());
        for tick in scale.ticks() {
            let (x, text) = (percent(scale.percent(tick)), short(tick, self.language));
            into.empty(
                "line",
                &[("class", "grid"), ("x1", &x), ("x2", &x), ("y1", &top), ("y2", &coordinate(bottom))],
            );
            let mut write = |y: f64| {
                into.leaf("text", &[("class", "tick mid"), ("x", &x), ("y", &coordinate(y))], &text);
            };
            write(bottom + 14.0);
            if self.rows.len() > LONG && self.limit.is_none() {
                write(12.0);
            }
        }
    }

    fn draw_bar(&self, into: &mut Markup, bar: &Bar, top: f64, scale: Scale) {
        into.open("g", &[]);
        into.leaf("title", &[], &format!("{}: {}", bar.label, bar.told));
        let (text, class) = if bar.is_marked {
            (format!("◆ {}", bar.label), "label marked")
        } else {
            (bar.label.clone(), "label")
        };
        label::write(into, &text, class, &coordinate(top + 11.0));
        let (y, height) = (coordinate(top + BAR_TOP), coordinate(BAR_HEIGHT));
        let mut from = 0.0;
        for (series, length) in self.series.iter().zip(&bar.parts) {
            if *length <= 0.0 {
                continue;
            }
            let (x, to) = (scale.percent(from), scale.percent(from + length));
            let (x, width) = (percent(x), percent(to - x));
            into.empty(
                "rect",
                &[("class", series.class), ("x", &x), ("y", &y), ("width", &width), ("height", &height)],
            );
            from += length;
        }
        let (x, y) = (percent(scale.percent(from)), coordinate(top + BAR_TOP + 9.0));
        into.leaf("text", &[("class", "value"), ("x", &x), ("dx", "5"), ("y", &y)], &bar.end);
        into.close("g");
        into.line();
    }
}

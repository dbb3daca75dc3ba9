//! Upright columns in groups: months, and the bins of a histogram.

use super::super::markup::{Markup, coordinate, percent};
use super::super::number::short;
use super::super::plural::whole;
use super::super::scale::Scale;
use super::Series;
use crate::encode::Language;

const ABOVE: f64 = 16.0;
const PLOT: f64 = 160.0;
const BELOW: f64 = 36.0;

/// Columns that stand together.
#[derive(Debug)]
pub(crate) struct Group {
    /// The heights, one for each series.
    pub(crate) values: Vec<f64>,
    /// What they say, for those who point at them.
    pub(crate) told: String,
}

/// A label below the axis.
#[derive(Debug)]
pub(crate) struct Label {
    /// Its middle, in per cent of the axis.
    pub(crate) at: f64,
    pub(crate) text: String,
    /// A second line.
    pub(crate) below: Option<String>,
}

/// Columns over one axis.
#[derive(Debug)]
pub(crate) struct Columns<'a> {
    pub(crate) series: &'a [Series],
    pub(crate) groups: &'a [Group],
    pub(crate) labels: &'a [Label],
    /// What a group takes of its place, 0 to 1.
    pub(crate) fill: f64,
    pub(crate) language: Language,
}

impl Columns<'_> {
    /// In pixels.
    pub(crate) const HEIGHT: f64 = ABOVE + PLOT + BELOW;

    pub(crate) fn draw(&self, into: &mut Markup) {
        let highest = self.groups.iter().flat_map(|group| &group.values).copied().fold(0.0, f64::max);
        let scale = Scale::over(highest, true);
        draw_axis(into, scale, self.language);
        let place = 100.0 / whole(self.groups.len().max(1));
        let width = place * self.fill / whole(self.series.len().max(1));
        let mut left = place * (1.0 - self.fill) / 2.0;
        for group in self.groups {
            self.draw_group(into, group, (left, width), scale);
            left += place;
        }
        for label in self.labels {
            let x = percent(label.at);
            let mut write = |text: &str, y: f64| {
                let y = coordinate(ABOVE + PLOT + y);
                into.leaf("text", &[("class", "tick mid"), ("x", &x), ("y", &y)], text);
            };
            write(&label.text, 14.0);
            if let Some(below) = &label.below {
                write(below, 28.0);
            }
        }
    }

    fn draw_group(&self, into: &mut Markup, group: &Group, (left, width): (f64, f64), scale: Scale) {
        into.open("g", &[]);
        into.leaf("title", &[], &group.told);
        let mut x = left;
        for (series, value) in self.series.iter().zip(&group.values) {
            let height = scale.percent(*value) / 100.0 * PLOT;
            let top = ABOVE + PLOT - height;
            if height > 0.0 {
                let (x, y) = (percent(x), coordinate(top));
                let (width, height) = (percent(width), coordinate(height));
                into.empty(
                    "rect",
                    &[("class", series.class), ("x", &x), ("y", &y), ("width", &width), ("height", &height)],
                );
            }
            // Beside others there is no room for it.
            if self.series.len() == 1 && *value > 0.0 {
                let (x, y) = (percent(x + width / 2.0), coordinate(top - 4.0));
                let text = short(*value, self.language);
                into.leaf("text", &[("class", "value mid"), ("x", &x), ("y", &y)], &text);
            }
            x += width;
        }
        into.close("g");
        into.line();
    }
}

fn draw_axis(into: &mut Markup, scale: Scale, language: Language) {
    for tick in scale.ticks() {
        let y = ABOVE + PLOT - scale.percent(tick) / 100.0 * PLOT;
        let line = coordinate(y);
        into.empty("line", &[("class", "grid"), ("x1", "0"), ("x2", "100%"), ("y1", &line), ("y2", &line)]);
        let text = short(tick, language);
        into.leaf("text", &[("class", "tick end"), ("x", "-6"), ("y", &coordinate(y + 4.0))], &text);
    }
}

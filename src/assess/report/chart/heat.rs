//! A strip of coloured cells for each row: how much of the full mark each part has, with its value written in it.

use super::super::label::cut;
use super::super::markup::{Markup, coordinate, percent};
use super::super::number::{MISSING, short};
use super::super::plural::whole;
use crate::encode::Language;

const PITCH: f64 = 22.0;
/// For the names of the parts, which lean.
const ABOVE: f64 = 84.0;
/// Where cells start, in per cent: what is left of it holds the row's name.
const LEFT: f64 = 40.0;
/// How wide the row's name can be on a narrow screen and on a wide one, in ems.
const NARROW: f64 = 10.5;
const WIDE: f64 = 22.0;
/// The classes of five steps from bad to good: orange, grey and blue, which all eyes tell apart.
const STEPS: [&str; 5] = ["h0", "h1", "h2", "h3", "h4"];

/// A row of cells.
#[derive(Debug)]
pub(crate) struct HeatRow {
    pub(crate) name: String,
    /// The value of each part.
    pub(crate) values: Vec<Option<f64>>,
}

/// A heat strip.
#[derive(Debug)]
pub(crate) struct Heat<'a> {
    /// The name of each part, and its full mark.
    pub(crate) parts: &'a [(&'static str, f64)],
    pub(crate) rows: &'a [HeatRow],
    pub(crate) language: Language,
}

impl Heat<'_> {
    /// In pixels.
    pub(crate) fn height(&self) -> f64 {
        ABOVE + PITCH * whole(self.rows.len()) + 4.0
    }

    fn place(&self, at: usize) -> (f64, f64) {
        let width = (100.0 - LEFT) / whole(self.parts.len().max(1));
        (LEFT + width * whole(at), width)
    }

    pub(crate) fn draw(&self, into: &mut Markup) {
        for (at, (name, _)) in self.parts.iter().enumerate() {
            let (x, width) = self.place(at);
            // A place in per cent cannot be turned around: the inner drawing has its origin there.
            let (x, y) = (percent(x + width / 2.0), coordinate(ABOVE - 6.0));
            into.open("svg", &[("x", &x), ("y", &y), ("overflow", "visible")]);
            into.leaf("text", &[("class", "tick"), ("transform", "rotate(-60)")], name);
            into.close("svg");
        }
        let mut top = ABOVE;
        for row in self.rows {
            self.draw_row(into, row, top);
            top += PITCH;
        }
    }

    fn draw_row(&self, into: &mut Markup, row: &HeatRow, top: f64) {
        into.open("g", &[]);
        into.leaf("title", &[], &self.told(row));
        let y = coordinate(top + 15.0);
        let (narrow, wide) = (cut(&row.name, NARROW), cut(&row.name, WIDE));
        if narrow == wide {
            into.leaf("text", &[("class", "label"), ("y", &y)], &wide);
        } else {
            into.leaf("text", &[("class", "label wide"), ("y", &y)], &wide);
            into.leaf("text", &[("class", "label narrow"), ("y", &y)], &narrow);
        }
        for (at, ((_, full), value)) in self.parts.iter().zip(&row.values).enumerate() {
            let (left, width) = self.place(at);
            let class = value.map_or("h-none", |value| step(value, *full));
            let (x, cell_y) = (percent(left + 0.2), coordinate(top));
            let (size, height) = (percent(width - 0.4), coordinate(PITCH - 2.0));
            into.empty(
                "rect",
                &[("class", class), ("x", &x), ("y", &cell_y), ("width", &size), ("height", &height)],
            );
            let text = value.map_or_else(|| MISSING.to_owned(), |value| short(value, self.language));
            let (class, x) = (format!("on-{class}"), percent(left + width / 2.0));
            into.leaf("text", &[("class", &class), ("x", &x), ("y", &y)], &text);
        }
        into.close("g");
        into.line();
    }

    /// Everything that a row says, in words.
    fn told(&self, row: &HeatRow) -> String {
        let parts = self.parts.iter().zip(&row.values).map(|((name, _), value)| {
            let value = value.map_or_else(|| MISSING.to_owned(), |value| short(value, self.language));
            format!("{name} {value}")
        });
        format!("{}: {}", row.name, parts.collect::<Vec<_>>().join("; "))
    }
}

/// The step of a value among five of the same width.
fn step(value: f64, full: f64) -> &'static str {
    let share = if full > 0.0 { value / full } else { 0.0 };
    let below = [0.2, 0.4, 0.6, 0.8].into_iter().filter(|border| share >= *border).count();
    STEPS.get(below).copied().unwrap_or("h-none")
}

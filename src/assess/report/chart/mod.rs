//! Charts as inline SVG. Widths are in per cent and heights in pixels, so that letters keep their size on a narrow
//! screen and in print while bars shrink; colours and hatchings are the style's.

mod bars;
mod columns;
mod heat;
mod strip;

pub(crate) use bars::{Bar, Bars, Limit, rank};
pub(crate) use columns::{Columns, Group, Label};
pub(crate) use heat::{Heat, HeatRow};
pub(crate) use strip::{Mark, Strip};

use super::markup::{Markup, coordinate};

/// How many rows a chart shows at most; the table has them all.
pub(crate) const MOST_ROWS: usize = 40;

/// A drawing that is higher, in pixels, is made smaller in print, so that it fits a page under its heading.
const LONG: f64 = 800.0;

/// What one colour stands for.
#[derive(Debug, Clone)]
pub(crate) struct Series {
    /// The class that gives its colour and hatching.
    pub(crate) class: &'static str,
    /// What it is called.
    pub(crate) name: String,
}

/// What is around a drawing.
#[derive(Debug)]
pub(crate) struct Frame<'a> {
    /// Unique in the document.
    pub(crate) id: &'a str,
    /// The class of the drawing: which margins it has.
    pub(crate) class: &'a str,
    /// What it shows, for those who cannot see it, and for those who point at it.
    pub(crate) title: &'a str,
    /// What is to be seen in it.
    pub(crate) description: &'a str,
    /// In pixels.
    pub(crate) height: f64,
}

/// A figure: what its colours mean, the drawing, and a note where there is something to add.
pub(crate) fn figure(
    into: &mut Markup,
    frame: &Frame<'_>,
    legend: &[Series],
    note: Option<&str>,
    draw: impl FnOnce(&mut Markup),
) {
    let (title, description) = (format!("{}-title", frame.id), format!("{}-desc", frame.id));
    let class = [("class", "long")];
    into.open("figure", if frame.height > LONG { &class } else { &[] });
    into.leaf("p", &[("class", "chart-title"), ("aria-hidden", "true")], frame.title);
    write_legend(into, legend);
    into.open(
        "svg",
        &[
            ("class", &format!("chart {}", frame.class)),
            ("role", "img"),
            ("aria-labelledby", &title),
            ("aria-describedby", &description),
            ("width", "100%"),
            ("height", &coordinate(frame.height)),
        ],
    );
    into.leaf("title", &[("id", &title)], frame.title);
    into.leaf("desc", &[("id", &description)], frame.description);
    draw(into);
    into.close("svg");
    if let Some(note) = note {
        into.leaf("figcaption", &[], note);
    }
    into.close("figure");
    into.line();
}

/// What the colours mean; nothing where there is no choice.
fn write_legend(into: &mut Markup, legend: &[Series]) {
    if legend.len() < 2 {
        return;
    }
    into.open("ul", &[("class", "legend")]);
    for series in legend {
        into.open("li", &[]);
        into.open("svg", &[("width", "12"), ("height", "12"), ("aria-hidden", "true")]);
        into.empty("rect", &[("class", series.class), ("width", "12"), ("height", "12")]);
        into.close("svg");
        into.text(&series.name);
        into.close("li");
    }
    into.close("ul");
}

/// The hatchings that the style's classes fill with. They are what tells series apart where there is no colour.
pub(crate) fn write_patterns(into: &mut Markup) {
    into.open("svg", &[("class", "patterns"), ("width", "0"), ("height", "0"), ("aria-hidden", "true")]);
    into.open("defs", &[]);
    let size = [("width", "6"), ("height", "6"), ("patternUnits", "userSpaceOnUse")];
    for (id, ground, line, path) in [
        ("hatch-warm", "ground-warm", "line-warm", "M-1,1 l2,-2 M0,6 l6,-6 M5,7 l2,-2"),
        ("hatch-late", "ground-late", "line-late", "M-1,5 l2,2 M0,0 l6,6 M5,-1 l2,2"),
        ("hatch-none", "ground-none", "line-none", "M1.5,2.5 h2 M4.5,5.5 h2"),
    ] {
        into.open("pattern", &[&[("id", id)][..], &size[..]].concat());
        into.empty("rect", &[("class", ground), ("width", "6"), ("height", "6")]);
        into.empty("path", &[("class", line), ("d", path)]);
        into.close("pattern");
    }
    into.close("defs");
    into.close("svg");
    into.line();
}

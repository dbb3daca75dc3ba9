//! The figures at the top.

use super::markup::Markup;
use super::number::{MISSING, share, short};
use super::page::Report;
use super::plural::whole;
use super::table::{Table, median};
use super::words::Words;
use crate::encode::Language;

/// Datasets, requests that are open and overdue, the share of those decided in time, and the median quality.
pub(crate) fn write(into: &mut Markup, report: &Report) {
    let language = report.language;
    let (bodies, quality) = (report.table("bodies"), report.table("quality"));
    let sum = |column| bodies.and_then(|table| table.sum(column));
    let count = |number: Option<f64>| number.map(|number| short(number, language));
    into.open("section", &[("id", "summary"), ("aria-labelledby", "summary-h")]);
    into.leaf("h2", &[("id", "summary-h")], language.of(["Summary", "Қорытынды", "Сводка"]));
    into.open("dl", &[("class", "tiles")]);
    let datasets = quality.map(|table| whole(table.rows.len()));
    let (open, overdue) = (sum("open"), sum("overdue"));
    let middle =
        quality.and_then(|table| median(table.each().filter_map(|row| row.number("score")).collect()));
    tile(into, language, ["Datasets", "Жиынтықтар", "Наборы данных"], count(datasets).as_deref());
    tile(
        into,
        language,
        ["Requests open", "Қаралудағы өтінімдер", "Запросы в работе"],
        count(open).as_deref(),
    );
    tile(
        into,
        language,
        ["Requests overdue", "Мерзімі өткен өтінімдер", "Просроченные запросы"],
        count(overdue).as_deref(),
    );
    let in_time = bodies.and_then(share_in_time).map(|value| share(value, language));
    tile(into, language, ["Decided in time", "Мерзімінде шешілгені", "Решено в срок"], in_time.as_deref());
    tile(
        into,
        language,
        ["Median quality of 100", "Сапа медианасы, 100‑ден", "Медиана качества из 100"],
        count(middle).as_deref(),
    );
    into.close("dl");
    into.close("section");
    into.line();
}

fn tile(into: &mut Markup, language: Language, name: Words, value: Option<&str>) {
    into.open("div", &[]);
    into.leaf("dt", &[], language.of(name));
    into.leaf("dd", &[], value.unwrap_or(MISSING));
    into.close("div");
}

/// The share of all bodies: each one's, weighted by what it published and refused.
fn share_in_time(bodies: &Table) -> Option<f64> {
    let of_hundred = bodies.column("in_time_share").is_some_and(|column| column.unit.as_deref() == Some("%"));
    let full = if of_hundred { 100.0 } else { 1.0 };
    let (mut in_time, mut decided) = (0.0, 0.0);
    for row in bodies.each() {
        if let Some(share) = row.number("in_time_share") {
            let weight = row.length("published") + row.length("refused");
            in_time += share / full * weight;
            decided += weight;
        }
    }
    (decided > 0.0).then_some(in_time / decided)
}

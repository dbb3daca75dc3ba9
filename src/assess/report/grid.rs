//! Tables with all their values.

use super::day::{long_month, month};
use super::heading::{is_share, with_unit};
use super::markup::Markup;
use super::number;
use super::plural::ROWS;
use super::reason::phrases;
use super::section;
use super::table::{Cell, Column, Table};
use super::term;
use crate::encode::Language;

/// A table under a line that folds it, with what it rests on. Nothing where it has no columns.
pub(crate) fn write(into: &mut Markup, table: &Table, source: Option<&str>, language: Language) {
    if table.columns.is_empty() {
        return;
    }
    into.open("details", &[("open", "open")]);
    let title = language.of(["Table", "Кесте", "Таблица"]);
    into.leaf("summary", &[], &format!("{title}: {}", ROWS.count(table.rows.len(), language)));
    // What is scrolled must be reachable without a mouse.
    let name = section::title(table.name).map_or(table.name, |words| language.of(words));
    let name = format!("{title}: {name}");
    into.open("div", &[("class", "scroll"), ("role", "region"), ("tabindex", "0"), ("aria-label", &name)]);
    into.open("table", &[]);
    write_head(into, table, language);
    into.open("tbody", &[]);
    for cells in &table.rows {
        write_row(into, table, cells, language);
    }
    into.close("tbody");
    into.close("table");
    into.close("div");
    if let Some(source) = source {
        into.leaf("p", &[("class", "source")], source);
    }
    into.close("details");
    into.line();
}

fn write_head(into: &mut Markup, table: &Table, language: Language) {
    into.open("thead", &[]);
    into.open("tr", &[]);
    for column in &table.columns {
        let text = with_unit(table.name, column, language);
        let class = match (column.is_number, column.name.as_str()) {
            (true, _) => "n",
            (false, "subject" | "name" | "body" | "unit" | "reasons") => "long",
            (false, _) => "short",
        };
        into.leaf("th", &[("scope", "col"), ("class", class)], &text);
    }
    into.close("tr");
    into.close("thead");
    into.line();
}

fn write_row(into: &mut Markup, table: &Table, cells: &[Cell], language: Language) {
    into.open("tr", &[]);
    for (at, column) in table.columns.iter().enumerate() {
        let cell = cells.get(at).unwrap_or(&Cell::Missing);
        let text = shown(table.name, column, cell, language);
        // Days, months and codes of lists stay on one line.
        let is_short = matches!(cell, Cell::Date(_)) || matches!(column.name.as_str(), "list" | "month");
        match (column.is_number, is_short) {
            (true, _) => into.leaf("td", &[("class", "n")], &text),
            (false, true) => into.leaf("td", &[("class", "d")], &text),
            (false, false) => into.leaf("td", &[], &text),
        }
    }
    into.close("tr");
    into.line();
}

/// A cell as it is shown; codes of known columns in words.
fn shown(table: &str, column: &Column, cell: &Cell, language: Language) -> String {
    match (column.name.as_str(), cell) {
        ("state", Cell::Text(code)) if !code.trim().is_empty() => term::state(code, language),
        ("unit", Cell::Text(code)) if table == "rules" => term::unit(code, language),
        ("clock", Cell::Text(code)) => term::clock(code, language),
        ("paragraph", Cell::Text(place)) => term::paragraph(place, language),
        ("rule", Cell::Text(code)) => term::rule(code, language),
        ("matched_by", Cell::Text(code)) => term::matched_by(code, language),
        ("change", Cell::Number(value, decimals)) => number::signed(*value, *decimals, language),
        ("reasons", Cell::Text(reasons)) if !reasons.trim().is_empty() => {
            phrases(reasons, language).join("; ")
        }
        ("month", cell) => match month(cell) {
            Some(date) => long_month(date, language),
            None => number::cell(cell, false, language),
        },
        _ => number::cell(cell, is_share(column), language),
    }
}

//! What to publish next, and why.

use super::super::chart::{Bar, Bars, Frame, Series, figure};
use super::super::heading::heading;
use super::super::markup::Markup;
use super::super::number::short;
use super::super::page::Report;
use super::super::plural::SUBJECTS;
use super::super::reason::phrases;
use super::super::source;
use super::super::table::{Row, Table};
use super::super::words::{Words, quoted};
use super::{Section, cut_note};
use crate::encode::Language;

pub(super) const TITLE: Words = [
    "What to publish next, and why",
    "Алдымен нені жариялау керек және неге",
    "Что публиковать дальше и почему",
];
const NONE: Words =
    ["Nothing waits to be published.", "Жариялауды күтіп тұрған ештеңе жоқ.", "Ничего не ждёт публикации."];
const NAMES: [&str; 2] = ["subject", "dataset"];
/// How many the list tells of; the table has them all.
const MOST_TOLD: usize = 15;

pub(super) fn section(report: &Report) -> Section<'_> {
    let language = report.language;
    let Some(table) = report.table("publish_next") else {
        return Section::empty("next", TITLE, language.of(NONE));
    };
    let rows = ranked(table);
    let sentence = sentence(&rows, language);
    let mut charts = Markup::default();
    let first = rows.get(..MOST_TOLD).unwrap_or(&rows);
    draw(&mut charts, first, &sentence, (rows.len(), language));
    write_list(&mut charts, first, language);
    Section { id: "next", title: TITLE, sentence, charts, tables: vec![(table, source::NEXT)] }
}

/// The highest score first, of equal ones as they are given.
fn ranked(table: &Table) -> Vec<Row<'_>> {
    let mut rows: Vec<Row<'_>> = table.each().collect();
    rows.sort_by(|one, other| other.length("score").total_cmp(&one.length("score")));
    rows
}

fn sentence(rows: &[Row<'_>], language: Language) -> String {
    let all = SUBJECTS.count(rows.len(), language);
    let first = rows.first().map_or_else(String::new, |row| {
        let score = row.number("score").map(|score| format!(" ({})", short(score, language)));
        format!("{}{}", quoted(&row.name(&NAMES), language), score.unwrap_or_default())
    });
    match language {
        Language::Kazakh => format!("Жариялауды {all} күтуде; бірінші кезекте – {first}."),
        Language::Russian => format!("К публикации – {all}; в первую очередь – {first}."),
        Language::English => format!("{all} to publish; first of all: {first}."),
    }
}

fn draw(into: &mut Markup, rows: &[Row<'_>], sentence: &str, (many, language): (usize, Language)) {
    let bars: Vec<Bar> = rows
        .iter()
        .map(|row| {
            let score = row.length("score");
            let end = short(score, language);
            let told = format!("{} {end}", heading("score", language).to_lowercase());
            Bar { label: row.name(&NAMES), is_marked: false, parts: vec![score], end, told }
        })
        .collect();
    if bars.iter().all(|bar| bar.length() <= 0.0) {
        return;
    }
    let series = [Series { class: "cool", name: heading("score", language).to_owned() }];
    let chart = Bars { series: &series, rows: &bars, limit: None, language };
    let title = language.of(["Score by subject", "Тақырыптар бойынша балл", "Балл по темам"]);
    let frame =
        Frame { id: "next-chart", class: "bars", title, description: sentence, height: chart.height() };
    let note = cut_note(rows.len(), many, language);
    figure(into, &frame, &series, note.as_deref(), |into| chart.draw(into));
}

fn write_list(into: &mut Markup, rows: &[Row<'_>], language: Language) {
    into.open("ol", &[("class", "next")]);
    for row in rows {
        into.open("li", &[]);
        into.leaf("strong", &[], &row.name(&NAMES));
        let reasons = phrases(&row.text("reasons").unwrap_or_default(), language);
        if !reasons.is_empty() {
            into.open("ul", &[("class", "why")]);
            for reason in reasons {
                into.leaf("li", &[], &reason);
            }
            into.close("ul");
        }
        into.close("li");
        into.line();
    }
    into.close("ol");
}

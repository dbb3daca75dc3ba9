//! What the lists promise in the next 90 days, and what was missed.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};

use super::super::chart::{Frame, Mark, Series, Strip, figure};
use super::super::day::day;
use super::super::label::cut;
use super::super::markup::Markup;
use super::super::number::short;
use super::super::page::Report;
use super::super::plural::{DAYS, DUE_DATES, whole};
use super::super::source;
use super::super::table::{Row, Table};
use super::super::words::Words;
use super::Section;
use crate::encode::Language;

pub(super) const TITLE: Words = ["Deadlines", "Ұсыну мерзімдері", "Сроки представления"];
const NONE: Words = [
    "No list promises anything: there are no deadlines.",
    "Тізбелерде ештеңе уәде етілмеген: мерзімдер жоқ.",
    "Перечни ничего не обещают: сроков нет.",
];
/// How far the strip goes, both ways.
const DAYS_SHOWN: u16 = 90;
/// How many names a day tells.
const MOST_TOLD: usize = 3;
/// How wide each of them can be, in ems.
const WIDEST_NAME: f64 = 32.0;

/// Which side of the day of the report a due date is on.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Side {
    Missed,
    Ahead,
}

/// A due date that is missed or ahead.
#[derive(Debug)]
struct Due<'a> {
    day: NaiveDate,
    side: Side,
    row: Row<'a>,
}

pub(super) fn section(report: &Report) -> Section<'_> {
    let (language, as_of) = (report.language, report.as_of);
    let Some(table) = report.table("deadlines") else {
        return Section::empty("deadlines", TITLE, language.of(NONE));
    };
    let dues = dues(table, as_of);
    let sentence = sentence(table, &dues, language);
    let mut charts = Markup::default();
    if !dues.is_empty() {
        draw(&mut charts, &dues, &sentence, (as_of, language));
    }
    Section { id: "deadlines", title: TITLE, sentence, charts, tables: vec![(table, source::LISTS)] }
}

/// Whether the last due date passed without a version: its state says so, or, where it has none that is known, the
/// days that it is late by.
fn is_missed(row: Row<'_>) -> bool {
    match row.text("state").as_deref() {
        Some("missed" | "overdue" | "late" | "never") => true,
        Some("met" | "on_time" | "met_late" | "waits" | "waits_for_event" | "unknown" | "not_computable") => {
            false
        }
        _ => row.length("days_late") > 0.0,
    }
}

/// Due dates missed, and those of the next days; a row can have both.
fn dues(table: &Table, as_of: NaiveDate) -> Vec<Due<'_>> {
    let until = as_of.checked_add_days(Days::new(u64::from(DAYS_SHOWN))).unwrap_or(as_of);
    let mut dues = Vec::new();
    for row in table.each() {
        if is_missed(row)
            && let Some(day) = row.date("last_due").filter(|day| *day <= as_of)
        {
            dues.push(Due { day, side: Side::Missed, row });
        }
        if let Some(day) = row.date("next_due").filter(|day| (as_of..=until).contains(day)) {
            dues.push(Due { day, side: Side::Ahead, row });
        }
    }
    dues
}

fn sentence(table: &Table, dues: &[Due<'_>], language: Language) -> String {
    let ahead = || dues.iter().filter(|due| due.side == Side::Ahead);
    let first = ahead().map(|due| due.day).min().map(|date| day(date, language));
    let missed = table.each().filter(|row| is_missed(*row)).count();
    let longest =
        table.each().filter(|row| is_missed(*row)).map(|row| row.length("days_late")).fold(0.0, f64::max);
    let (due, missed) = (DUE_DATES.count(ahead().count(), language), short(whole(missed), language));
    let days = DAYS.count(usize::from(DAYS_SHOWN), language);
    let longest = (longest > 0.0).then(|| DAYS.counted(longest, language));
    let (start, end) = match language {
        Language::Kazakh => (
            first.map_or_else(String::new, |first| format!(", ең жақыны – {first}")),
            longest.map_or_else(String::new, |longest| format!(", ең ұзақ кешігу – {longest}")),
        ),
        Language::Russian => (
            first.map_or_else(String::new, |first| format!(", ближайший – {first}")),
            longest.map_or_else(String::new, |longest| format!(", наибольшее опоздание – {longest}")),
        ),
        Language::English => (
            first.map_or_else(String::new, |first| format!(", the first on {first}")),
            longest.map_or_else(String::new, |longest| format!(", the longest by {longest}")),
        ),
    };
    match language {
        Language::Kazakh => {
            format!("Алдағы {days} ішінде – {due}{start}; өткізіп алынған мерзімдер – {missed}{end}.")
        }
        Language::Russian => {
            format!("В ближайшие {days} – {due}{start}; пропущенных сроков – {missed}{end}.")
        }
        Language::English => format!("The next {days} have {due}{start}; missed: {missed}{end}."),
    }
}

fn draw(into: &mut Markup, dues: &[Due<'_>], sentence: &str, (as_of, language): (NaiveDate, Language)) {
    let series = [
        Series {
            class: "late", name: language.of(["Missed", "Өткізіп алынған", "Пропущено"]).to_owned()
        },
        Series { class: "cool", name: language.of(["Ahead", "Алда", "Предстоит"]).to_owned() },
    ];
    let edge = as_of.checked_sub_days(Days::new(u64::from(DAYS_SHOWN))).unwrap_or(as_of);
    let older = dues.iter().filter(|due| due.day < edge).count();
    let marks = marks(dues, edge, language);
    let chart = Strip { series: &series, marks: &marks, as_of, days: DAYS_SHOWN, older, language };
    let title = language.of([
        "Due dates day by day, 90 days back and ahead",
        "Күндер бойынша мерзімдер: 90 күн бұрын және кейін",
        "Сроки по дням: за 90 дней до и после",
    ]);
    let frame = Frame {
        id: "deadlines-chart",
        class: "columns",
        title,
        description: sentence,
        height: Strip::HEIGHT,
    };
    let note = (older > 0).then(|| {
        language.of([
            "The arrow: due dates missed before that.",
            "Көрсеткі: бұдан бұрын өткізіп алынған мерзімдер.",
            "Стрелка: сроки, пропущенные раньше.",
        ])
    });
    figure(into, &frame, &series, note, |into| chart.draw(into));
}

/// The due dates of each day from the first one that is shown.
fn marks(dues: &[Due<'_>], edge: NaiveDate, language: Language) -> Vec<Mark> {
    let mut days: BTreeMap<NaiveDate, Vec<&Due<'_>>> = BTreeMap::new();
    for due in dues.iter().filter(|due| due.day >= edge) {
        days.entry(due.day).or_default().push(due);
    }
    let marks = days.into_iter().map(|(date, dues)| {
        let count = |side| whole(dues.iter().filter(|due| due.side == side).count());
        Mark {
            day: date,
            counts: vec![count(Side::Missed), count(Side::Ahead)],
            told: told(date, &dues, language),
        }
    });
    marks.collect()
}

/// The day, how many are due, and the first names.
fn told(date: NaiveDate, dues: &[&Due<'_>], language: Language) -> String {
    let name = |due: &&Due<'_>| cut(&due.row.name(&["name", "dataset"]), WIDEST_NAME);
    let names: Vec<String> = dues.iter().take(MOST_TOLD).map(name).collect();
    let rest = if dues.len() > MOST_TOLD { "; …" } else { "" };
    format!("{}, {}: {}{rest}", day(date, language), DUE_DATES.count(dues.len(), language), names.join("; "))
}

//! What bodies owe, and how long they take.

use super::super::chart::{Bar, Bars, Frame, Limit, MOST_ROWS, Series, figure, rank};
use super::super::heading::heading;
use super::super::markup::Markup;
use super::super::number::short;
use super::super::page::Report;
use super::super::plural::{AT_BODIES, DAYS, REQUESTS, whole};
use super::super::source;
use super::super::table::{Row, Table};
use super::super::words::{Words, quoted};
use super::{Section, cut_note};
use crate::encode::Language;

pub(super) const TITLE: Words =
    ["Overdue by body", "Органдар бойынша мерзімі өткен өтінімдер", "Просрочка по органам"];
const NONE: Words = [
    "No body has been sent a request.",
    "Бірде-бір органға өтінім жіберілмеген.",
    "Ни одному органу запросы не направлялись.",
];
const TIME: Words =
    ["Median days to an answer", "Жауапқа дейінгі күндер медианасы", "Медиана дней до ответа"];

pub(super) fn section(report: &Report) -> Section<'_> {
    let language = report.language;
    let Some(table) = report.table("bodies") else {
        return Section::empty("overdue", TITLE, language.of(NONE));
    };
    let clocks = report.table("clocks");
    let sentence = sentence(table, language) + &of_integrator(clocks, language);
    let mut charts = Markup::default();
    draw_counts(&mut charts, table, &sentence, language);
    draw_days(&mut charts, table, report.rule("requests.publish_days"), language);
    let tables = [Some(table), clocks].into_iter().flatten().map(|table| (table, source::CLOCKS)).collect();
    Section { id: "overdue", title: TITLE, sentence, charts, tables }
}

/// What the integrator has not processed in time: nothing where there is none.
fn of_integrator(clocks: Option<&Table>, language: Language) -> String {
    let of_processing =
        clocks.into_iter().flat_map(Table::each).filter(|row| row.name(&["clock"]) == "processing");
    let overdue: f64 = of_processing.map(|row| row.length("overdue")).sum();
    if overdue <= 0.0 {
        return String::new();
    }
    let overdue = short(overdue, language);
    match language {
        Language::Kazakh => format!(" Сервистік интегратор мерзімінде өңдемеген өтінімдер – {overdue}."),
        Language::Russian => format!(" Не обработано сервисным интегратором в срок: {overdue}."),
        Language::English => format!(" Not processed in time by the service integrator: {overdue}."),
    }
}

fn sentence(table: &Table, language: Language) -> String {
    let overdue = table.sum("overdue").unwrap_or(0.0);
    let late = table.each().filter(|row| row.length("overdue") > 0.0).count();
    let all = short(whole(table.rows.len()), language);
    let worst = table
        .each()
        .reduce(|worst, row| if row.length("overdue") > worst.length("overdue") { row } else { worst });
    let Some(worst) = worst.filter(|_| overdue > 0.0) else {
        return match language {
            Language::Kazakh => format!("Мерзімі өткен өтінімдер жоқ (органдар – {all})."),
            Language::Russian => format!("Просроченных запросов нет (органов – {all})."),
            Language::English => format!("No request is overdue (bodies: {all})."),
        };
    };
    let overdue = short(overdue, language);
    let bodies = AT_BODIES.count(late, language);
    let worst = format!(
        "{} ({})",
        quoted(&worst.name(&["body"]), language),
        short(worst.length("overdue"), language)
    );
    match language {
        Language::Kazakh => format!(
            "Мерзімі өткен өтінімдер – {overdue}, {bodies} кешіктірген (барлық органдар – {all}); ең көбі – {worst}."
        ),
        Language::Russian => format!(
            "Просроченных запросов – {overdue}, у {bodies} (всего органов – {all}); больше всего – {worst}."
        ),
        Language::English => {
            format!("Requests overdue: {overdue}, at {bodies} (of {all} in all); most: {worst}.")
        }
    }
}

/// How many are overdue; nothing where none is.
fn draw_counts(into: &mut Markup, table: &Table, sentence: &str, language: Language) {
    let rows = table.each().filter(|row| row.length("overdue") > 0.0);
    let mut bars: Vec<Bar> = rows
        .map(|row| {
            let overdue = row.length("overdue");
            let days = row.number("median_days").map(|days| DAYS.counted(days, language));
            let told = REQUESTS.counted(overdue, language);
            Bar {
                label: row.name(&["body"]),
                is_marked: false,
                parts: vec![overdue],
                end: short(overdue, language),
                told: days.map_or(told.clone(), |days| format!("{told}; {}: {days}", language.of(TIME))),
            }
        })
        .collect();
    let class = Series { class: "late", name: heading("overdue", language).to_owned() };
    let title = language.of(["Overdue requests", "Мерзімі өткен өтінімдер", "Просроченные запросы"]);
    draw(into, ("overdue-count", title, sentence), &mut bars, (class, None), language);
}

/// How long they take, beside what the rules allow, if they are given.
fn draw_days(into: &mut Markup, table: &Table, allowed: Option<f64>, language: Language) {
    let days = |row: Row<'_>| row.number("median_days").filter(|days| *days >= 0.0);
    let mut bars: Vec<Bar> = table
        .each()
        .filter_map(|row| days(row).map(|days| (row, days)))
        .map(|(row, days)| Bar {
            label: row.name(&["body"]),
            is_marked: false,
            parts: vec![days],
            end: short(days, language),
            told: DAYS.counted(days, language),
        })
        .collect();
    let limit = allowed.map(|days| Limit {
        at: days,
        name: format!("{}: {}", language.of(["limit", "мерзім", "срок"]), DAYS.counted(days, language)),
    });
    let class = Series { class: "cool", name: heading("median_days", language).to_owned() };
    let longest = bars.iter().map(Bar::length).fold(0.0, f64::max);
    let description = format!(
        "{}: {}",
        language.of(["The longest", "Ең ұзағы", "Самый долгий срок"]),
        DAYS.counted(longest, language)
    );
    draw(into, ("overdue-days", language.of(TIME), &description), &mut bars, (class, limit), language);
}

fn draw(
    into: &mut Markup,
    (id, title, description): (&str, &str, &str),
    bars: &mut Vec<Bar>,
    (series, limit): (Series, Option<Limit>),
    language: Language,
) {
    let many = rank(bars, MOST_ROWS);
    if many == 0 {
        return;
    }
    let series = [series];
    let chart = Bars { series: &series, rows: bars, limit: limit.as_ref(), language };
    let frame = Frame { id, class: "bars", title, description, height: chart.height() };
    let note = cut_note(bars.len(), many, language);
    figure(into, &frame, &series, note.as_deref(), |into| chart.draw(into));
}

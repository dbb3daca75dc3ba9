//! Requests month by month.

use chrono::NaiveDate;

use super::super::chart::{Columns, Frame, Group, Label, Series, figure};
use super::super::day::{self, long_month, short_month};
use super::super::heading::heading;
use super::super::label::cut;
use super::super::markup::Markup;
use super::super::number::short;
use super::super::page::Report;
use super::super::plural::{MONTHS, REQUESTS, whole};
use super::super::source;
use super::super::table::{Row, Table};
use super::super::words::Words;
use super::{Section, cut_note};
use crate::encode::Language;

pub(super) const TITLE: Words = ["Requests by month", "Айлар бойынша өтінімдер", "Запросы по месяцам"];
const CHART: Words = [
    "Received, published and refused",
    "Түскені, жарияланғаны және бас тартылғаны",
    "Поступило, опубликовано, отказано",
];
const NONE: Words = [
    "No requests were received in any month.",
    "Бірде-бір айда өтінім түспеген.",
    "Ни в одном месяце запросов не поступало.",
];
const COUNTS: [&str; 3] = ["received", "published", "refused"];
const CLASSES: [&str; 3] = ["none", "cool", "late"];
/// As many months as fit a narrow screen.
const MOST_MONTHS: usize = 24;
/// As many labels as fit there.
const MOST_LABELS: usize = 12;

pub(super) fn section(report: &Report) -> Section<'_> {
    let language = report.language;
    let Some(table) = report.table("requests_by_month") else {
        return Section::empty("months", TITLE, language.of(NONE));
    };
    let sentence = sentence(table, language);
    let mut charts = Markup::default();
    draw(&mut charts, table, &sentence, language);
    Section { id: "months", title: TITLE, sentence, charts, tables: vec![(table, source::REQUESTS)] }
}

/// The first day of a row's month.
fn month(row: Row<'_>) -> Option<NaiveDate> {
    day::month(row.cell("month"))
}

fn name(row: Row<'_>, language: Language) -> String {
    month(row).map_or_else(|| row.name(&["month"]), |date| long_month(date, language))
}

fn sentence(table: &Table, language: Language) -> String {
    let received = REQUESTS.counted(table.sum("received").unwrap_or(0.0), language);
    let months = MONTHS.count(table.rows.len(), language);
    let number = |column| short(table.sum(column).unwrap_or(0.0), language);
    let (published, refused) = (number("published"), number("refused"));
    // Of equal months the first.
    let busiest = table
        .each()
        .reduce(|most, row| if row.length("received") > most.length("received") { row } else { most });
    let busiest = busiest.map_or_else(String::new, |row| {
        format!("{} ({})", name(row, language), short(row.length("received"), language))
    });
    match language {
        Language::Kazakh => format!(
            "{months} ішінде {received} түсті: жарияланғаны – {published}, бас тартылғаны – {refused}; ең көп өтінім түскен ай – {busiest}."
        ),
        Language::Russian => format!(
            "{received} за {months}: опубликовано – {published}, отказано – {refused}; самый загруженный месяц – {busiest}."
        ),
        Language::English => format!(
            "{received} in {months}: {published} published, {refused} refused; the busiest month: {busiest}."
        ),
    }
}

fn draw(into: &mut Markup, table: &Table, sentence: &str, language: Language) {
    let mut rows: Vec<Row<'_>> = table.each().collect();
    // Months that cannot be read come first, in the order of the table.
    rows.sort_by_key(|row| month(*row));
    let many = rows.len();
    let rows = rows.split_off(many.saturating_sub(MOST_MONTHS));
    let series: Vec<Series> = COUNTS
        .into_iter()
        .zip(CLASSES)
        .map(|(column, class)| Series { class, name: heading(column, language).to_owned() })
        .collect();
    let groups: Vec<Group> = rows.iter().map(|row| group(*row, language)).collect();
    let labels = labels(&rows, language);
    let chart = Columns { series: &series, groups: &groups, labels: &labels, fill: 0.78, language };
    let frame = Frame {
        id: "months-chart",
        class: "columns",
        title: language.of(CHART),
        description: sentence,
        height: Columns::HEIGHT,
    };
    let note = cut_note(rows.len(), many, language).map(|_| {
        language.of([
            "The chart shows the last 24 months; the table has all.",
            "Диаграммада соңғы 24 ай көрсетілген; барлығы кестеде.",
            "На диаграмме последние 24 месяца; все – в таблице.",
        ])
    });
    figure(into, &frame, &series, note, |into| chart.draw(into));
}

fn group(row: Row<'_>, language: Language) -> Group {
    let counts = COUNTS.map(|column| {
        format!("{} {}", heading(column, language).to_lowercase(), short(row.length(column), language))
    });
    Group {
        values: COUNTS.map(|column| row.length(column)).to_vec(),
        told: format!("{}: {}", name(row, language), counts.join(", ")),
    }
}

/// Each month, or each second or third, with the year below the first label and wherever it changes.
fn labels(rows: &[Row<'_>], language: Language) -> Vec<Label> {
    let place = 100.0 / whole(rows.len().max(1));
    let each = rows.len().div_ceil(MOST_LABELS).max(1);
    let mut year = None;
    let labels = rows.iter().enumerate().step_by(each).map(|(at, row)| {
        let date = month(*row);
        let text =
            date.map_or_else(|| cut(&row.name(&["month"]), 4.0), |it| short_month(it, language).to_owned());
        let now = date.map(|date| chrono::Datelike::year(&date));
        let below = (now != year).then_some(now).flatten().map(|year| year.to_string());
        year = now;
        Label { at: place * (whole(at) + 0.5), text, below }
    });
    labels.collect()
}

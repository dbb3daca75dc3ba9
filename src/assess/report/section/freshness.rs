//! How fresh the promised datasets of each body are, and what of its plan is published.

use std::collections::BTreeMap;

use super::super::chart::{Bar, Bars, Frame, MOST_ROWS, Series, figure, rank};
use super::super::heading::heading;
use super::super::markup::Markup;
use super::super::number::short;
use super::super::page::Report;
use super::super::plural::{DATASETS, whole};
use super::super::source;
use super::super::table::{Row, Table};
use super::super::term;
use super::super::words::Words;
use super::{Section, cut_note};
use crate::encode::Language;

pub(super) const TITLE: Words =
    ["Freshness by body", "Органдар бойынша өзектілік", "Актуальность по органам"];
/// What the table of the lists and units is called beside the section.
pub(super) const COVERAGE: Words = ["Coverage of the plan", "Жоспардың орындалуы", "Выполнение плана"];
const NONE: Words = [
    "No datasets are promised, so none can be late.",
    "Уәде етілген жиынтықтар жоқ, сондықтан кешігу де жоқ.",
    "Обещанных наборов нет, опаздывать нечему.",
];
const STATES: [(&str, &str, Words); 4] = [
    ("fresh", "cool", ["Fresh", "Өзекті", "Актуальные"]),
    ("due", "warm", ["Due", "Жаңарту мерзімі келген", "Пора обновить"]),
    ("overdue", "late", ["Overdue", "Мерзімі өткен", "Просроченные"]),
    ("never", "none", ["Never published", "Еш жарияланбаған", "Не публиковались"]),
];

pub(super) fn section(report: &Report) -> Section<'_> {
    let language = report.language;
    let (fresh, plan) = (report.table("freshness"), report.table("plan_coverage"));
    let mut charts = Markup::default();
    let (mut sentences, mut tables) = (Vec::new(), Vec::new());
    if let Some(table) = fresh {
        sentences.push(states_sentence(table, language));
        draw_states(&mut charts, table, &states_sentence(table, language), language);
        tables.push((table, source::LISTS));
    }
    if let Some(table) = plan {
        sentences.push(plan_sentence(table, language));
        draw_plan(&mut charts, table, &plan_sentence(table, language), language);
        tables.push((table, source::LISTS));
    }
    if tables.is_empty() {
        return Section::empty("freshness", TITLE, language.of(NONE));
    }
    Section { id: "freshness", title: TITLE, sentence: sentences.join(" "), charts, tables }
}

/// Whose a row is: a body, else a list.
fn body(row: Row<'_>, language: Language) -> String {
    row.text("body").unwrap_or_else(|| term::list(&row.name(&["list"]), language))
}

fn states_sentence(table: &Table, language: Language) -> String {
    let count = |state: &str| {
        let rows = table.each().filter(|row| row.text("state").as_deref() == Some(state));
        short(whole(rows.count()), language)
    };
    let all = DATASETS.count(table.rows.len(), language);
    let [fresh, due, overdue, never] = STATES.map(|(state, ..)| count(state));
    match language {
        Language::Kazakh => format!(
            "{all}: өзекті – {fresh}, жаңарту мерзімі келген – {due}, мерзімі өткен – {overdue}, еш жарияланбаған – {never}."
        ),
        Language::Russian => format!(
            "{all}: актуальных – {fresh}, к обновлению – {due}, просроченных – {overdue}, ни разу не опубликованных – {never}."
        ),
        Language::English => {
            format!("{all}: {fresh} fresh, {due} due, {overdue} overdue, {never} never published.")
        }
    }
}

fn draw_states(into: &mut Markup, table: &Table, sentence: &str, language: Language) {
    // States that are not known have no colour: they are in the table only.
    let mut bodies: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for row in table.each() {
        let counts = bodies.entry(body(row, language)).or_insert_with(|| vec![0.0; STATES.len()]);
        let state = row.text("state");
        for (count, (code, ..)) in counts.iter_mut().zip(&STATES) {
            *count += if state.as_deref() == Some(*code) { 1.0 } else { 0.0 };
        }
    }
    let series: Vec<Series> =
        STATES.iter().map(|(_, class, name)| Series { class, name: language.of(*name).to_owned() }).collect();
    let bars = bodies.into_iter().map(|(label, parts)| stacked(label, parts, &series, language)).collect();
    let title = language.of(["Datasets by state", "Күйі бойынша жиынтықтар", "Наборы по состоянию"]);
    draw(into, ("freshness-chart", title, sentence), bars, &series, language);
}

fn plan_sentence(table: &Table, language: Language) -> String {
    let number = |column| short(table.sum(column).unwrap_or(0.0), language);
    let (planned, published, on_time) = (number("planned"), number("published"), number("on_time"));
    match language {
        Language::Kazakh => format!(
            "Жоспар бойынша {planned} жиынтықтың жарияланғаны – {published}, оның ішінде мерзімінде – {on_time}."
        ),
        Language::Russian => {
            format!("По планам опубликовано {published} из {planned}, в том числе в срок – {on_time}.")
        }
        Language::English => {
            format!("Of the plans, {published} of {planned} are published, {on_time} on time.")
        }
    }
}

fn draw_plan(into: &mut Markup, table: &Table, sentence: &str, language: Language) {
    let series = [
        Series { class: "cool", name: heading("on_time", language).to_owned() },
        Series {
            class: "warm", name: language.of(["Late", "Кешіккен", "С опозданием"]).to_owned()
        },
        Series {
            class: "none",
            name: language.of(["Not published", "Жарияланбаған", "Не опубликовано"]).to_owned(),
        },
    ];
    let bars = table.each().map(|row| {
        let (planned, published, on_time) =
            (row.length("planned"), row.length("published"), row.length("on_time"));
        let parts = vec![on_time, (published - on_time).max(0.0), (planned - published).max(0.0)];
        let label = row.text("unit").unwrap_or_else(|| body(row, language));
        stacked(label, parts, &series, language)
    });
    let title = language.of(["Plans by unit", "Бөлімшелер бойынша жоспар", "План по подразделениям"]);
    draw(into, ("plan-chart", title, sentence), bars.collect(), &series, language);
}

/// A bar that tells each of its parts.
fn stacked(label: String, parts: Vec<f64>, series: &[Series], language: Language) -> Bar {
    let told = series.iter().zip(&parts);
    let told =
        told.map(|(series, part)| format!("{} {}", series.name.to_lowercase(), short(*part, language)));
    let told = told.collect::<Vec<_>>().join(", ");
    let end = short(parts.iter().sum(), language);
    Bar { label, is_marked: false, parts, end, told }
}

fn draw(
    into: &mut Markup,
    (id, title, description): (&str, &str, &str),
    mut bars: Vec<Bar>,
    series: &[Series],
    language: Language,
) {
    bars.retain(|bar| bar.length() > 0.0);
    let many = rank(&mut bars, MOST_ROWS);
    if many == 0 {
        return;
    }
    let chart = Bars { series, rows: &bars, limit: None, language };
    let frame = Frame { id, class: "bars", title, description, height: chart.height() };
    let note = cut_note(bars.len(), many, language);
    figure(into, &frame, series, note.as_deref(), |into| chart.draw(into));
}

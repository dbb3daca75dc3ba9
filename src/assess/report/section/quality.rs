//! How good the published data are.

use super::super::chart::{Columns, Frame, Group, Heat, HeatRow, Label, MOST_ROWS, Series, figure};
use super::super::heading::heading;
use super::super::markup::Markup;
use super::super::number::short;
use super::super::page::Report;
use super::super::plural::{DATASETS, whole};
use super::super::source;
use super::super::table::{Row, Table, median};
use super::super::words::{Words, quoted};
use super::{Section, cut_note};
use crate::encode::Language;

pub(super) const TITLE: Words = ["Quality", "Деректер сапасы", "Качество данных"];
const NONE: Words =
    ["No dataset has been judged.", "Бірде-бір жиынтық бағаланбаған.", "Ни один набор не оценён."];
const PARTS: [&str; 7] = ["metadata", "types", "nulls", "key", "refs", "geo", "freshness"];
/// The lower borders of the histogram's bins; the last one has 100 too.
const BINS: [u8; 10] = [0, 10, 20, 30, 40, 50, 60, 70, 80, 90];

pub(super) fn section(report: &Report) -> Section<'_> {
    let language = report.language;
    let Some(table) = report.table("quality") else {
        return Section::empty("quality", TITLE, language.of(NONE));
    };
    let sentence = sentence(table, language);
    let mut charts = Markup::default();
    draw_scores(&mut charts, table, &sentence, language);
    draw_parts(&mut charts, table, language);
    Section { id: "quality", title: TITLE, sentence, charts, tables: vec![(table, source::QUALITY)] }
}

fn scores(table: &Table) -> Vec<f64> {
    table.each().filter_map(|row| row.number("score")).collect()
}

/// The dataset with the lowest score, the first of equal ones.
fn weakest(table: &Table) -> Option<(Row<'_>, f64)> {
    let scored = table.each().filter_map(|row| row.number("score").map(|score| (row, score)));
    scored.reduce(|weakest, next| if next.1 < weakest.1 { next } else { weakest })
}

fn sentence(table: &Table, language: Language) -> String {
    let scores = scores(table);
    let below = short(whole(scores.iter().filter(|score| **score < 50.0).count()), language);
    let all = DATASETS.count(table.rows.len(), language);
    let middle = median(scores).map(|score| short(score, language));
    let (Some(middle), Some((row, score))) = (middle, weakest(table)) else {
        return match language {
            Language::Kazakh => format!("{all}, бірде-бірінің балы жоқ."),
            Language::Russian => format!("{all}, ни у одного нет балла."),
            Language::English => format!("{all}, none with a score."),
        };
    };
    let weakest = format!("{} ({})", quoted(&row.name(&["dataset"]), language), short(score, language));
    match language {
        Language::Kazakh => format!(
            "{all}: сапа медианасы – 100-ден {middle}, 50-ден төмені – {below}; ең төменгі балл – {weakest}."
        ),
        Language::Russian => format!(
            "{all}: медиана качества – {middle} из 100, ниже 50 – {below}; самый низкий балл – {weakest}."
        ),
        Language::English => {
            format!("{all}: the median is {middle} of 100, {below} below 50; the lowest: {weakest}.")
        }
    }
}

/// The histogram; nothing where no dataset has a score.
fn draw_scores(into: &mut Markup, table: &Table, sentence: &str, language: Language) {
    let scores = scores(table);
    if scores.is_empty() {
        return;
    }
    let name = heading("score", language).to_owned();
    let series = [Series { class: "cool", name }];
    let groups: Vec<Group> = BINS.iter().map(|from| bin(*from, &scores, language)).collect();
    let borders = (0..=10_u8).map(|at| f64::from(at) * 10.0);
    let labels: Vec<Label> =
        borders.map(|border| Label { at: border, text: short(border, language), below: None }).collect();
    let chart = Columns { series: &series, groups: &groups, labels: &labels, fill: 0.94, language };
    let title =
        language.of(["Datasets by score", "Балл бойынша жиынтықтар", "Распределение наборов по баллам"]);
    let frame = Frame {
        id: "quality-scores",
        class: "columns",
        title,
        description: sentence,
        height: Columns::HEIGHT,
    };
    figure(into, &frame, &series, None, |into| chart.draw(into));
}

/// Scores from a border up to the next; what lies outside 0 to 100 is counted at the ends.
fn bin(from: u8, scores: &[f64], language: Language) -> Group {
    let (low, high) = (f64::from(from), f64::from(from) + 10.0);
    let is_in = |score: f64| {
        let score = score.clamp(0.0, 100.0);
        score >= low && (score < high || high >= 100.0)
    };
    let count = scores.iter().filter(|score| is_in(**score)).count();
    let told =
        format!("{}–{}: {}", short(low, language), short(high, language), DATASETS.count(count, language));
    Group { values: vec![whole(count)], told }
}

/// The parts, the weakest datasets first; parts of which nothing is known are left out.
fn draw_parts(into: &mut Markup, table: &Table, language: Language) {
    let is_known = |part: &str| table.each().any(|row| row.number(part).is_some());
    let known: Vec<&'static str> = PARTS.into_iter().filter(|part| is_known(part)).collect();
    if known.is_empty() {
        return;
    }
    let parts: Vec<(&'static str, f64)> =
        known.iter().map(|part| (heading(part, language), full_mark(table, part))).collect();
    let mut rows = weakest_first(table);
    let many = rows.len();
    rows.truncate(MOST_ROWS);
    let rows: Vec<HeatRow> = rows
        .into_iter()
        .map(|row| HeatRow {
            name: row.name(&["dataset"]),
            values: known.iter().map(|part| row.number(part)).collect(),
        })
        .collect();
    let chart = Heat { parts: &parts, rows: &rows, language };
    let title = language.of([
        "Parts of the score, the weakest datasets first",
        "Балдың бөліктері, алдымен ең әлсіз жиынтықтар",
        "Составляющие балла, сначала самые слабые наборы",
    ]);
    let names: Vec<&str> = parts.iter().map(|(name, _)| *name).collect();
    let description = names.join(", ");
    let frame = Frame {
        id: "quality-parts",
        class: "heat",
        title,
        description: &description,
        height: chart.height(),
    };
    let steps = steps(language);
    let note = cut_note(rows.len(), many, language);
    figure(into, &frame, &steps, note.as_deref(), |into| chart.draw(into));
}

/// By score, of equal ones by name; those without a score last.
fn weakest_first(table: &Table) -> Vec<Row<'_>> {
    let score = |row: &Row<'_>| row.number("score").unwrap_or(f64::INFINITY);
    let mut rows: Vec<Row<'_>> = table.each().collect();
    rows.sort_by(|one, other| {
        score(one)
            .total_cmp(&score(other))
            .then_with(|| one.name(&["dataset"]).cmp(&other.name(&["dataset"])))
    });
    rows
}

/// What the colours of the strip stand for.
fn steps(language: Language) -> [Series; 5] {
    let of_full = language.of(["of the full mark", "(толық балға шаққанда)", "от полного балла"]);
    let series = |class, from: u8| {
        let name = format!("{from}–{}\u{a0}%", from + 20);
        Series { class, name: if from == 80 { format!("{name} {of_full}") } else { name } }
    };
    [series("h0", 0), series("h1", 20), series("h2", 40), series("h3", 60), series("h4", 80)]
}

/// The full mark of a part: a number in its unit, else 1 where no part of any dataset is above 1, else 100.
fn full_mark(table: &Table, part: &str) -> f64 {
    let unit = table.column(part).and_then(|column| column.unit.as_deref()).unwrap_or_default();
    let digits = unit.trim_matches(|letter: char| !letter.is_ascii_digit());
    if let Some(full) = digits.parse().ok().filter(|full: &f64| *full > 0.0) {
        return full;
    }
    let is_share =
        table.each().all(|row| PARTS.iter().all(|part| row.number(part).is_none_or(|it| it <= 1.0)));
    if is_share { 1.0 } else { 100.0 }
}

//! What is asked for, and what of it is needed.

use super::super::chart::{Bar, Bars, Frame, MOST_ROWS, Series, figure, rank};
use super::super::heading::heading;
use super::super::markup::Markup;
use super::super::number::short;
use super::super::page::Report;
use super::super::plural::{ON_SUBJECTS, REQUESTS, whole};
use super::super::source;
use super::super::table::{Row, Table};
use super::super::words::{Words, quoted};
use super::{Section, cut_note};
use crate::encode::Language;

pub(super) const TITLE: Words = ["Demand", "Сұраныс", "Спрос"];
const NONE: Words = [
    "Nothing was asked for: there are no requests to show.",
    "Ештеңе сұралмаған: көрсетілетін өтінім жоқ.",
    "Ничего не запрашивали: показывать нечего, запросов нет.",
];

pub(super) fn section(report: &Report) -> Section<'_> {
    let language = report.language;
    let Some(table) = report.table("demand") else {
        return Section::empty("demand", TITLE, language.of(NONE));
    };
    let sentence = sentence(table, language);
    let mut charts = Markup::default();
    draw(&mut charts, table, &sentence, language);
    Section { id: "demand", title: TITLE, sentence, charts, tables: vec![(table, source::DEMAND)] }
}

fn sentence(table: &Table, language: Language) -> String {
    let requests: f64 = table.each().map(requests).sum();
    let number = |column| short(table.sum(column).unwrap_or(0.0), language);
    let (citizens, businesses) = (number("citizens"), number("businesses"));
    let needed = short(whole(table.each().filter(|row| row.is("is_needed")).count()), language);
    let most = table.each().max_by(|one, other| {
        requests_of(*one, *other).then_with(|| other.name(&NAMES).cmp(&one.name(&NAMES)))
    });
    let most = most.map_or_else(String::new, |row| {
        format!("{} ({})", quoted(&row.name(&NAMES), language), short(self::requests(row), language))
    });
    let (all, subjects) =
        (REQUESTS.counted(requests, language), ON_SUBJECTS.count(table.rows.len(), language));
    match language {
        Language::Kazakh => format!(
            "{subjects} бойынша {all}: азаматтардан – {citizens}, бизнестен – {businesses}; қажетті тақырыптар – {needed}; ең көп сұралғаны – {most}."
        ),
        Language::Russian => format!(
            "{all} по {subjects}: от граждан – {citizens}, от бизнеса – {businesses}; нужных тем – {needed}; чаще всего запрашивали {most}."
        ),
        Language::English => format!(
            "{all} on {subjects}: {citizens} from citizens, {businesses} from businesses; needed subjects: {needed}; asked for most: {most}."
        ),
    }
}

const NAMES: [&str; 2] = ["subject", "dataset"];

/// Requests for a subject: as counted, else those of both kinds.
fn requests(row: Row<'_>) -> f64 {
    row.number("requests").map_or_else(|| row.length("citizens") + row.length("businesses"), |it| it.max(0.0))
}

fn requests_of(one: Row<'_>, other: Row<'_>) -> std::cmp::Ordering {
    requests(one).total_cmp(&requests(other))
}

fn draw(into: &mut Markup, table: &Table, sentence: &str, language: Language) {
    let mut bars: Vec<Bar> = table.each().map(|row| bar(row, language)).collect();
    let mut series = vec![
        Series { class: "cool", name: heading("citizens", language).to_owned() },
        Series { class: "warm", name: heading("businesses", language).to_owned() },
    ];
    if bars.iter().any(|bar| bar.parts.last().is_some_and(|rest| *rest > 0.0)) {
        let name = language.of(["Kind not given", "Түрі көрсетілмеген", "Вид не указан"]);
        series.push(Series { class: "none", name: name.to_owned() });
    }
    let many = rank(&mut bars, MOST_ROWS);
    let note = note(&bars, many, language);
    let chart = Bars { series: &series, rows: &bars, limit: None, language };
    let title = language.of(["Requests by subject", "Тақырыптар бойынша өтінімдер", "Запросы по темам"]);
    let frame =
        Frame { id: "demand-chart", class: "bars", title, description: sentence, height: chart.height() };
    figure(into, &frame, &series, note.as_deref(), |into| chart.draw(into));
}

fn bar(row: Row<'_>, language: Language) -> Bar {
    let (requests, citizens, businesses) = (requests(row), row.length("citizens"), row.length("businesses"));
    let told = format!(
        "{}; {} {}; {} {}",
        REQUESTS.counted(requests, language),
        heading("citizens", language).to_lowercase(),
        short(citizens, language),
        heading("businesses", language).to_lowercase(),
        short(businesses, language)
    );
    Bar {
        label: row.name(&NAMES),
        is_marked: row.is("is_needed"),
        parts: vec![citizens, businesses, (requests - citizens - businesses).max(0.0)],
        end: short(requests, language),
        told,
    }
}

/// What the mark means where there is one, and that there are more bars.
fn note(bars: &[Bar], many: usize, language: Language) -> Option<String> {
    let mark = language.of([
        "◆ needed: asked for often enough in consecutive calendar months (order 432, paragraph 5).",
        "◆ қажетті: кезекті күнтізбелік айларда жеткілікті рет сұратылған (№ 432 бұйрық, 5-тармақ).",
        "◆ нужный: запрошен достаточно раз за идущие подряд календарные месяцы (приказ № 432, пункт 5).",
    ]);
    let mark = bars.iter().any(|bar| bar.is_marked).then(|| mark.to_owned());
    let cut = cut_note(bars.len(), many, language);
    let parts: Vec<String> = mark.into_iter().chain(cut).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

//! A small world whose figures can be counted by hand.

use chrono::NaiveDate;
use derek::assess::report::{Cell, Column, Report, Table};
use derek::encode::Language;

pub(crate) fn date(text: &str) -> NaiveDate {
    text.parse().expect("a day in ISO 8601")
}

/// A cell of a short text: `-` is missing, `yes` and `no` are flags, ISO 8601 is a day, digits are a number with as
/// many decimals as are written, all else is text.
pub(crate) fn cell(text: &str) -> Cell {
    match text {
        "-" => return Cell::Missing,
        "yes" => return Cell::Flag(true),
        "no" => return Cell::Flag(false),
        _ => {}
    }
    if let Ok(date) = text.parse() {
        return Cell::Date(date);
    }
    match text.parse::<f64>() {
        Ok(value) => {
            let decimals = text.split_once('.').map_or(0, |(_, digits)| digits.len());
            Cell::Number(value, u8::try_from(decimals).expect("few decimals"))
        }
        Err(_) => Cell::Text(text.to_owned()),
    }
}

/// A table of columns such as `body`, `received#` (numbers) or `age_days#days` (numbers in a unit).
pub(crate) fn table(name: &'static str, columns: &str, rows: &[&str]) -> Table {
    let columns = columns.split(' ').map(|column| match column.split_once('#') {
        None => Column { name: column.to_owned(), unit: None, is_number: false },
        Some((name, unit)) => Column {
            name: name.to_owned(),
            unit: (!unit.is_empty()).then(|| unit.to_owned()),
            is_number: true,
        },
    });
    let rows = rows.iter().map(|row| row.split('|').map(|text| cell(text.trim())).collect());
    Table { name, columns: columns.collect(), rows: rows.collect() }
}

pub(crate) fn report(language: Language, tables: Vec<Table>) -> Report {
    Report { as_of: date("2026-11-01"), language, publisher: None, tables, unanswered: Vec::new() }
}

pub(crate) const DEMAND: &str =
    "subject dataset requests# citizens# businesses# to_publish# to_update# window_from window_to is_needed";
pub(crate) const BODIES: &str =
    "body received# published# refused# open# overdue# in_time_share#share median_days#days mean_days#days";
pub(crate) const MONTHS: &str = "month received# published# refused#";
pub(crate) const DEADLINES: &str = "list number# name dataset last_due next_due days_late#days state";
pub(crate) const FRESHNESS: &str = "list number# name dataset age_days#days state";
pub(crate) const PLAN: &str = "list unit planned# published# on_time#";
pub(crate) const QUALITY: &str =
    "dataset score# metadata#25 types#25 nulls#15 key#10 refs#10 geo#5 freshness#10";
pub(crate) const NEXT: &str = "subject score# reasons";

/// Every table, with three bodies, three months and a handful of datasets.
pub(crate) fn small(language: Language) -> Report {
    let tables = [requests(), plans(), judgements()].concat();
    let publisher = Some("«Ұлттық ақпараттық технологиялар» АҚ".to_owned());
    Report { as_of: date("2026-11-01"), language, publisher, tables, unanswered: Vec::new() }
}

fn requests() -> Vec<Table> {
    vec![
        table(
            "demand",
            DEMAND,
            &[
                "Дәріханалардың жұмыс кестесі | astana_pharmacies | 7 | 4 | 3 | 1 | 6 | 2026-08-01 | 2026-10-31 | yes",
                "Ремонт дорог | - | 3 | 3 | 0 | 3 | 0 | 2026-09-01 | 2026-10-31 | yes",
                "Мектептердегі бос орындар | - | 1 | 0 | 0 | 1 | 0 | - | - | no",
            ],
        ),
        table(
            "bodies",
            BODIES,
            &[
                "Қазақстан Республикасының Әділет министрлігі | 9 | 6 | 2 | 1 | 1 | 0.75 | 21.5 | 24.0",
                "Астана қаласының әкімдігі | 1240 | 2 | 0 | 1238 | 3 | 0.5 | 44 | 44.0",
                "Ұлттық статистика бюросы | 1 | 0 | 0 | 1 | 0 | - | - | -",
            ],
        ),
        table(
            "requests_by_month",
            MONTHS,
            &["2026-08 | 2 | 1 | 0", "2026-09 | 3 | 2 | 1", "2026-10 | 6 | 5 | 1"],
        ),
    ]
}

fn plans() -> Vec<Table> {
    vec![
        table(
            "deadlines",
            DEADLINES,
            &[
                "agency-113 | 1 | ҚР МҚІжСЖҚА құрылымы туралы ақпарат | agency_structure | 2026-02-20 | 2027-02-20 | 0 | met",
                "agency-113 | 4 | ҚР МҚІжСЖҚА бос орындар туралы ақпарат | - | 2026-10-15 | 2027-01-15 | 17 | missed",
                "justice-38 | 25 | Нотариустар тізілімі | notaries | 2026-10-15 | 2026-11-15 | 0 | met",
                "justice-38 | 3 | Ықпалдастыру | - | - | - | - | waits",
                "justice-38 | 42 | Сот сараптамасы | - | 2026-03-01 | 2027-03-01 | 245 | missed",
            ],
        ),
        table(
            "freshness",
            FRESHNESS,
            &[
                "agency-113 | 1 | ҚР МҚІжСЖҚА құрылымы туралы ақпарат | agency_structure | 250 | fresh",
                "agency-113 | 4 | ҚР МҚІжСЖҚА бос орындар туралы ақпарат | - | - | never",
                "justice-38 | 25 | Нотариустар тізілімі | notaries | 28 | due",
                "justice-38 | 42 | Сот сараптамасы | expertise | 610 | overdue",
            ],
        ),
        table(
            "plan_coverage",
            PLAN,
            &[
                "agency-113 | Персоналды басқару қызметі | 2 | 1 | 1",
                "justice-38 | Тіркеу қызметі | 3 | 2 | 1",
            ],
        ),
    ]
}

fn judgements() -> Vec<Table> {
    vec![
        table(
            "quality",
            QUALITY,
            &[
                "astana_pharmacies | 91.5 | 25 | 24.5 | 12 | 10 | 10 | 5 | 5",
                "notaries | 64.0 | 20 | 20 | 9 | 10 | 0 | - | 5",
                "expertise | 38.0 | 5 | 15 | 8 | 0 | 10 | - | 0",
            ],
        ),
        table(
            "publish_next",
            NEXT,
            &[
                "Ремонт дорог | 71 | requests=3; needed; searches=21",
                "Сот сараптамасы | 88 | planned; late=245; кафедра сұрайды",
            ],
        ),
        table(
            "rules",
            "code value# unit order paragraph",
            &["requests.publish_days | 30 | days | № 144/2021 | 9, part 1"],
        ),
    ]
}

/// Rows with names of 90 Kazakh letters and more.
pub(crate) fn many(name: &'static str, columns: &str, rows: usize) -> Table {
    let long = "Мемлекеттік көрсетілетін қызметтер сапасына қоғамдық мониторинг нәтижелері туралы ақпарат";
    let row = |at: usize| {
        let cells = columns.split(' ').map(|column| match column.split('#').next().unwrap_or_default() {
            "subject" | "name" | "body" | "unit" => format!("{long} {at}"),
            "dataset" => format!("dataset_with_a_name_{at}"),
            "list" => ["agency-113", "justice-38"][at % 2].to_owned(),
            "state" => ["fresh", "due", "overdue", "never", "missed"][at % 5].to_owned(),
            "month" => format!("{}-{:02}", 2024 + at / 12, at % 12 + 1),
            "last_due" | "window_from" => format!("2026-{:02}-{:02}", at % 10 + 1, at % 28 + 1),
            "next_due" | "window_to" => format!("2026-{:02}-{:02}", at % 2 + 11, at % 28 + 1),
            "is_needed" => ["yes", "no"][at % 2].to_owned(),
            "reasons" => format!("requests={at}; needed; late={at}"),
            _ => format!("{}", at * 7 % 101),
        });
        cells.collect::<Vec<_>>().join("|")
    };
    let rows: Vec<String> = (0..rows).map(row).collect();
    table(name, columns, &rows.iter().map(String::as_str).collect::<Vec<_>>())
}

/// A query of the section on demand that answers one row, and one of the section on quality that fails.
const ASKED: [(&str, &str); 2] = [
    (
        "demand",
        "\
-- What is asked for?
--
-- param as_of Date = now: the day of the report
-- column subject String: what
-- column requests Int [requests]: how often
-- column citizens Int [requests]: by citizens
-- column businesses Int [requests]: by businesses
-- column window_to Date: until when
SELECT 'Дәріханалардың кестесі' AS subject, 7 AS requests, 4 AS citizens, 3 AS businesses,
    CAST($as_of AS DATE) AS window_to",
    ),
    (
        "quality",
        "\
-- How good are they?
--
-- column dataset String: name
SELECT nam AS dataset FROM regions",
    ),
];

/// A folder with these queries, and with further ones.
pub(crate) fn asked(more: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder can be made");
    for (name, sql) in ASKED.iter().chain(more) {
        std::fs::write(folder.path().join(format!("{name}.sql")), sql).expect("it can be written");
    }
    folder
}

//! Days and months as each language writes them.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use chrono_tz::Asia::Almaty;

use super::table::Cell;
use super::words::Words;
use crate::encode::Language;

const MONTHS: [Words; 12] = [
    ["January", "қаңтар", "январь"],
    ["February", "ақпан", "февраль"],
    ["March", "наурыз", "март"],
    ["April", "сәуір", "апрель"],
    ["May", "мамыр", "май"],
    ["June", "маусым", "июнь"],
    ["July", "шілде", "июль"],
    ["August", "тамыз", "август"],
    ["September", "қыркүйек", "сентябрь"],
    ["October", "қазан", "октябрь"],
    ["November", "қараша", "ноябрь"],
    ["December", "желтоқсан", "декабрь"],
];

const SHORT_MONTHS: [Words; 12] = [
    ["Jan", "қаң", "янв"],
    ["Feb", "ақп", "фев"],
    ["Mar", "нау", "мар"],
    ["Apr", "сәу", "апр"],
    ["May", "мам", "май"],
    ["Jun", "мау", "июн"],
    ["Jul", "шіл", "июл"],
    ["Aug", "там", "авг"],
    ["Sep", "қыр", "сен"],
    ["Oct", "қаз", "окт"],
    ["Nov", "қар", "ноя"],
    ["Dec", "жел", "дек"],
];

/// The day in Kazakhstan at a moment (time zone database, Asia/Almaty: UTC+5 since 1 March 2024).
///
/// ```
/// let evening = "2026-10-31T19:00:00Z".parse().unwrap();
/// assert_eq!(derek::assess::report::today(evening).to_string(), "2026-11-01");
/// ```
#[must_use]
pub fn today(now: DateTime<Utc>) -> NaiveDate {
    now.with_timezone(&Almaty).date_naive()
}

/// A day in a table: `01.11.2026`, in English `2026-11-01`.
pub(crate) fn day(date: NaiveDate, language: Language) -> String {
    match language {
        Language::English => date.to_string(),
        Language::Kazakh | Language::Russian => {
            format!("{:02}.{:02}.{:04}", date.day(), date.month(), date.year())
        }
    }
}

/// A day in a sentence: `1 November 2026`, `2026 жылғы 1 қараша`, `1 ноября 2026 года`.
pub(crate) fn long_day(date: NaiveDate, language: Language) -> String {
    let (day, month, year) = (date.day(), month_name(date, language), date.year());
    match language {
        Language::English => format!("{day} {month} {year}"),
        Language::Kazakh => format!("{year} жылғы {day} {month}"),
        Language::Russian => format!("{day} {} {year} года", genitive(month)),
    }
}

/// The month's name in three letters, for axes.
pub(crate) fn short_month(date: NaiveDate, language: Language) -> &'static str {
    SHORT_MONTHS.get(date.month0() as usize).map_or("", |words| language.of(*words))
}

/// What a report of a day says in its head.
pub(crate) fn as_of(date: NaiveDate, language: Language) -> String {
    let day = long_day(date, language);
    match language {
        Language::English => format!("as of {day}"),
        Language::Russian => format!("по состоянию на {day}"),
        // The locative follows the last vowel and sound of the month: сәуірдегі, қыркүйектегі, қарашадағы.
        Language::Kazakh => match date.month() {
            4 | 7 => format!("{day}дегі жағдай"),
            9 => format!("{day}тегі жағдай"),
            _ => format!("{day}дағы жағдай"),
        },
    }
}

/// A month in a sentence: `May 2026`, `2026 жылғы мамыр`, `май 2026`.
pub(crate) fn long_month(date: NaiveDate, language: Language) -> String {
    let (month, year) = (month_name(date, language), date.year());
    match language {
        Language::Kazakh => format!("{year} жылғы {month}"),
        Language::English | Language::Russian => format!("{month} {year}"),
    }
}

/// The month that a cell names: the month of a date, or words such as `2026-05` or `2026-05-01`.
pub(crate) fn month(cell: &Cell) -> Option<NaiveDate> {
    match cell {
        Cell::Date(date) => Some(*date),
        Cell::Text(text) => {
            let text = text.trim();
            text.parse().or_else(|_| format!("{text}-01").parse()).ok()
        }
        _ => None,
    }
}

/// A month's name, in the nominative.
fn month_name(date: NaiveDate, language: Language) -> &'static str {
    MONTHS.get(date.month0() as usize).map_or("", |words| language.of(*words))
}

/// The genitive of a Russian month: март, август → марта, августа; the others end in ь or й, which turns to я.
fn genitive(month: &str) -> String {
    match month.strip_suffix(['ь', 'й']) {
        Some(stem) => format!("{stem}я"),
        None => format!("{month}а"),
    }
}

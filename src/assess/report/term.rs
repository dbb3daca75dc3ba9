//! Codes of the tables in words.

use super::words::Words;
use crate::encode::Language;

/// How a planned dataset stands: states of `freshness` and of `deadlines`.
const STATES: [(&str, Words); 14] = [
    ("fresh", ["fresh", "өзекті", "актуален"]),
    ("due", ["due", "жаңарту мерзімі келді", "пора обновить"]),
    ("overdue", ["overdue", "мерзімі өткен", "просрочен"]),
    ("never", ["never published", "еш жарияланбаған", "не публиковался"]),
    ("met", ["met", "мерзімінде", "выполнен в срок"]),
    ("on_time", ["on time", "мерзімінде", "в срок"]),
    ("met_late", ["met late", "кешігіп орындалған", "выполнен с опозданием"]),
    ("late", ["late", "кешіккен", "опаздывает"]),
    ("missed", ["missed", "өткізіп алынған", "пропущен"]),
    ("upcoming", ["upcoming", "алда", "предстоит"]),
    ("waits", ["waits for an event", "оқиғаны күтуде", "ждёт события"]),
    ("waits_for_event", ["waits for an event", "оқиғаны күтуде", "ждёт события"]),
    ("unknown", ["not computable", "есептелмейді", "не вычисляется"]),
    ("not_computable", ["not computable", "есептелмейді", "не вычисляется"]),
];

/// How deadlines are computed: the rules of `plan`.
const RULES: [(&str, Words); 8] = [
    ("day_of_year", ["a day of the year", "жылдың белгілі күні", "день года"]),
    ("days_of_year", ["several days of the year", "жылдың бірнеше күні", "несколько дней года"]),
    ("day_after_period", ["a day after the period", "кезең аяқталғаннан кейінгі күн", "день после периода"]),
    ("weekday", ["a day of the week", "апта күні", "день недели"]),
    ("days_after_event", ["days after an event", "оқиғадан кейін, күндермен", "через дни после события"]),
    (
        "months_after_event",
        ["months after an event", "оқиғадан кейін, айлармен", "через месяцы после события"],
    ),
    (
        "day_of_month_after_event",
        ["a day of the month after an event", "оқиғадан кейінгі айдың күні", "день месяца после события"],
    ),
    ("unknown", ["not computable", "есептелмейді", "не вычисляется"]),
];

/// By what a planned dataset was found among the published ones.
const MATCHES: [(&str, Words); 2] =
    [("apiUri", ["apiUri", "apiUri", "apiUri"]), ("name", ["name", "атауы", "наименование"])];

/// What the numbers of `rules` are counted in.
const CLOCKS: [(&str, Words); 4] = [
    ("processing", ["processing (integrator)", "өңдеу (интегратор)", "обработка (интегратор)"]),
    ("publication", ["publication (body)", "орналастыру (орган)", "размещение (орган)"]),
    ("refusal", ["refusal (body)", "бас тарту (орган)", "отказ (орган)"]),
    ("notification", ["notification (portal)", "хабарлау (портал)", "уведомление (портал)"]),
];

const UNITS: [(&str, Words); 5] = [
    ("days", ["days", "күн", "дней"]),
    ("working_days", ["working days", "жұмыс күні", "рабочих дней"]),
    ("day_of_month", ["day of the month", "айдың күні", "число месяца"]),
    ("months", ["months", "ай", "месяцев"]),
    ("requests", ["requests", "өтінім", "запросов"]),
];

/// The lists of the orders that derek knows.
const LISTS: [(&str, Words); 2] = [
    (
        "agency-113",
        [
            "Agency for Civil Service Affairs and Anti-Corruption (order 113)",
            "Мемлекеттік қызмет істері және сыбайлас жемқорлыққа қарсы іс-қимыл агенттігі (№ 113 бұйрық)",
            "Агентство по делам государственной службы и противодействию коррупции (приказ № 113)",
        ],
    ),
    (
        "justice-38",
        [
            "Ministry of Justice (order 38)",
            "Әділет министрлігі (№ 38 бұйрық)",
            "Министерство юстиции (приказ № 38)",
        ],
    ),
];

/// A state in words; an unknown one as it is.
pub(crate) fn state(code: &str, language: Language) -> String {
    words(&STATES, code, language)
}

/// What a clock of a request measures; an unknown one as it is.
pub(crate) fn clock(code: &str, language: Language) -> String {
    words(&CLOCKS, code, language)
}

/// What a number of `rules` is counted in; an unknown unit as it is.
pub(crate) fn unit(code: &str, language: Language) -> String {
    words(&UNITS, code, language)
}

/// How a deadline is computed; an unknown rule as it is.
pub(crate) fn rule(code: &str, language: Language) -> String {
    words(&RULES, code, language)
}

/// By what a planned dataset was found; an unknown way as it is.
pub(crate) fn matched_by(code: &str, language: Language) -> String {
    words(&MATCHES, code, language)
}

/// Whose list it is; an unknown one by its code.
pub(crate) fn list(code: &str, language: Language) -> String {
    words(&LISTS, code, language)
}

/// Where in an order a number stands, under a heading that says that it is a paragraph: of `9, part 1` the part in
/// words; any other place as it is.
pub(crate) fn paragraph(place: &str, language: Language) -> String {
    match (place.split_once(", part "), language) {
        (Some((paragraph, part)), Language::Kazakh) => format!("{paragraph}, {part}-бөлік"),
        (Some((paragraph, part)), Language::Russian) => format!("{paragraph}, часть {part}"),
        _ => place.to_owned(),
    }
}

fn words(known: &[(&str, Words)], code: &str, language: Language) -> String {
    known.iter().find(|(known, _)| *known == code).map_or(code, |(_, words)| language.of(*words)).to_owned()
}

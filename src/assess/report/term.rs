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

/// Whose list it is; an unknown one by its code.
pub(crate) fn list(code: &str, language: Language) -> String {
    words(&LISTS, code, language)
}

fn words(known: &[(&str, Words)], code: &str, language: Language) -> String {
    known.iter().find(|(known, _)| *known == code).map_or(code, |(_, words)| language.of(*words)).to_owned()
}

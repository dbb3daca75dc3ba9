//! Words that are counted.

use super::number::{decimals_of, number};
use crate::encode::Language;

/// A word in the forms that numbers ask for. Kazakh has one form after every number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Noun {
    /// For one, and for any other number.
    pub(crate) en: [&'static str; 2],
    /// After any number.
    pub(crate) kk: &'static str,
    /// For 1, 21, 101 …; for 2 to 4, 22 to 24 … and fractions; for 0, 5 to 20, 25 …
    pub(crate) ru: [&'static str; 3],
}

pub(crate) const REQUESTS: Noun =
    Noun {
        en: ["request", "requests"], kk: "өтінім", ru: ["запрос", "запроса", "запросов"]
    };
pub(crate) const SUBJECTS: Noun =
    Noun { en: ["subject", "subjects"], kk: "тақырып", ru: ["тема", "темы", "тем"] };
/// In Russian the dative: "по 3 темам".
pub(crate) const ON_SUBJECTS: Noun =
    Noun { en: ["subject", "subjects"], kk: "тақырып", ru: ["теме", "темам", "темам"] };
pub(crate) const DATASETS: Noun =
    Noun {
        en: ["dataset", "datasets"], kk: "жиынтық", ru: ["набор", "набора", "наборов"]
    };
pub(crate) const MONTHS: Noun =
    Noun { en: ["month", "months"], kk: "ай", ru: ["месяц", "месяца", "месяцев"] };
pub(crate) const DAYS: Noun =
    Noun { en: ["day", "days"], kk: "күн", ru: ["день", "дня", "дней"] };
pub(crate) const DUE_DATES: Noun =
    Noun {
        en: ["due date", "due dates"], kk: "мерзім", ru: ["срок", "срока", "сроков"]
    };
/// In Russian the genitive: "у 3 органов".
pub(crate) const AT_BODIES: Noun =
    Noun {
        en: ["body", "bodies"], kk: "орган", ru: ["органа", "органов", "органов"]
    };
pub(crate) const ROWS: Noun =
    Noun { en: ["row", "rows"], kk: "жол", ru: ["строка", "строки", "строк"] };

impl Noun {
    /// A number and the form that it asks for, which a line's end does not part.
    pub(crate) fn counted(self, value: f64, language: Language) -> String {
        let decimals = decimals_of(value);
        format!("{}\u{a0}{}", number(value, decimals, language), self.form(value, language))
    }

    /// As [`Noun::counted`], of how many there are.
    pub(crate) fn count(self, many: usize, language: Language) -> String {
        self.counted(whole(many), language)
    }

    fn form(self, value: f64, language: Language) -> &'static str {
        let digits = format!("{:.*}", usize::from(decimals_of(value)), value.abs());
        match language {
            Language::Kazakh => self.kk,
            Language::English => {
                let [one, other] = self.en;
                if digits == "1" { one } else { other }
            }
            Language::Russian => {
                let [one, few, many] = self.ru;
                if digits.contains('.') {
                    return few;
                }
                let is_teen = matches!(digits.as_bytes(), [.., b'1', _]);
                match digits.as_bytes().last() {
                    Some(b'1') if !is_teen => one,
                    Some(b'2'..=b'4') if !is_teen => few,
                    _ => many,
                }
            }
        }
    }
}

/// How many there are as a number that can be shown; beyond 2^32 nothing is counted here.
pub(crate) fn whole(many: usize) -> f64 {
    f64::from(u32::try_from(many).unwrap_or(u32::MAX))
}

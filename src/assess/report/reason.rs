//! Why a subject should be published: short phrases out of the cell `reasons`.
//!
//! Reasons are parted by semicolons or line ends. One that is a code, or a code with a number (`requests=5`), is put
//! into words; any other is shown as it is.

use super::number::short;
use super::plural::{DATASETS, DAYS, Noun, REQUESTS};
use crate::encode::Language;

const BUSINESS_REQUESTS: Noun = Noun {
    en: ["request from businesses", "requests from businesses"],
    kk: "бизнес өтінімі",
    ru: ["запрос от бизнеса", "запроса от бизнеса", "запросов от бизнеса"],
};
const SEARCHES: Noun = Noun {
    en: ["search without result", "searches without result"],
    kk: "нәтижесіз іздеу",
    ru: ["поиск без результата", "поиска без результата", "поисков без результата"],
};
const USES: Noun = Noun {
    en: ["query for it", "queries for it"],
    kk: "сұрау жасалды",
    ru: ["обращение", "обращения", "обращений"],
};

/// The reasons of a cell, in words.
pub(crate) fn phrases(reasons: &str, language: Language) -> Vec<String> {
    let parts = reasons.split([';', '\n']).map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| phrase(part, language).unwrap_or_else(|| part.to_owned())).collect()
}

/// A code in words; nothing where it is none.
fn phrase(part: &str, language: Language) -> Option<String> {
    let Some((code, number)) = part.split_once('=') else {
        return word(part, language).map(str::to_owned);
    };
    let number: f64 = number.trim().parse().ok().filter(|number: &f64| number.is_finite())?;
    match code.trim() {
        "requests" => Some(REQUESTS.counted(number, language)),
        "businesses" => Some(BUSINESS_REQUESTS.counted(number, language)),
        "searches" => Some(SEARCHES.counted(number, language)),
        "uses" => Some(USES.counted(number, language)),
        "references" => Some(references(number, language)),
        "late" => Some(late(number, language)),
        "score" => Some(readiness(number, language)),
        _ => None,
    }
}

fn word(code: &str, language: Language) -> Option<&'static str> {
    let words = match code {
        "needed" => {
            ["needed by the rule of demand", "сұраныс қағидасы бойынша қажетті", "нужен по правилу спроса"]
        }
        "planned" => ["promised by a list", "тізбеде бар", "обещан перечнем"],
        "unmet" => ["asked for, not published", "сұралған, жарияланбаған", "запрашивают, но не опубликован"],
        "never" => ["never published", "еш жарияланбаған", "не публиковался"],
        "overdue" => ["overdue", "мерзімі өткен", "просрочен"],
        _ => return None,
    };
    Some(language.of(words))
}

fn references(number: f64, language: Language) -> String {
    let datasets = DATASETS.counted(number, language);
    match language {
        Language::Kazakh => format!("{datasets} сілтеме жасайды"),
        Language::Russian => format!("ссылаются: {datasets}"),
        Language::English => format!("referred to by {datasets}"),
    }
}

fn late(number: f64, language: Language) -> String {
    let days = DAYS.counted(number, language);
    match language {
        Language::Kazakh => format!("{days} кешікті"),
        Language::Russian => format!("опоздание: {days}"),
        Language::English => format!("late by {days}"),
    }
}

fn readiness(number: f64, language: Language) -> String {
    let number = short(number, language);
    match language {
        Language::Kazakh => format!("дайындығы: 100-ден {number}"),
        Language::Russian => format!("готовность: {number} из 100"),
        Language::English => format!("readiness: {number} of 100"),
    }
}

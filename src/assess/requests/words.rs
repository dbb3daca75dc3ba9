//! What the page says, in Kazakh and in Russian.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::clock::Clock;
use crate::assess::passport::Language;
use crate::assess::report::{self, DAYS};
use crate::encode;

/// One text in Kazakh and in Russian.
pub(super) type Words = [&'static str; 2];

pub(super) const TITLE: Words = ["Өтінімнің жағдайы", "Состояние запроса"];
pub(super) const UNKNOWN: Words = ["Мұндай өтінім жоқ", "Такого запроса нет"];
pub(super) const UNKNOWN_WHY: Words = [
    "Мекенжайды өтінім қабылданғанда берілген түрінде толық теріңіз.",
    "Наберите адрес целиком, таким, каким он был дан при приёме запроса.",
];
pub(super) const ASKED: Words = ["Не сұралды", "Что запрошено"];
pub(super) const BODY: Words = ["Орган", "Орган"];
pub(super) const RECEIVED_AT: Words = ["Қабылданды", "Получен"];
pub(super) const KIND: Words = ["Не істеу сұралды", "Что сделать"];
pub(super) const REQUESTER: Words = ["Кім сұрады", "Кто запросил"];
pub(super) const DATASET: Words = ["Жиынтық", "Набор данных"];
pub(super) const TOPIC: Words = ["Тақырып", "Тема"];
pub(super) const STEPS: Words = ["Қадамдар", "Шаги"];
pub(super) const DECISION: Words = ["Органның шешімі", "Решение органа"];
pub(super) const REASON: Words = ["Бас тарту негізі", "Основание отказа"];
pub(super) const LATE: Words = ["Мерзімі өткен қадам бар", "Есть просроченный шаг"];
pub(super) const ORDER: Words = ["144/2021 бұйрық, 7–10-тармақтар", "Приказ 144/2021, пункты 7–10"];
/// The page in the other language.
pub(super) const OTHER: Words = ["По-русски", "Қазақша"];

/// What the order says, paragraph by paragraph; its numbers are rules, which stand beside the steps.
pub(super) const PARAGRAPHS: [(&str, Words); 4] = [
    (
        "7",
        [
            "Пайдаланушы ашық деректерді орналастыруға өтінімді еркін нысанда портал арқылы органға жібереді.",
            "Пользователь в свободной форме направляет органу через портал запрос на размещение открытых данных.",
        ],
    ),
    (
        "8",
        [
            "Сервистік интегратор ай ішінде түскен өтінімдерді келесі айда өңдейді және органның әкімшісіне \
             жібереді.",
            "Сервисный интегратор обрабатывает запросы месяца в следующем месяце и передаёт их администратору \
             органа.",
        ],
    ),
    (
        "9",
        [
            "Орган деректерді өтінімді алған күннен бастап белгіленген мерзімде орналастырады не заңда \
             көзделген негіз бойынша бас тартады.",
            "Орган размещает данные в установленный срок со дня получения запроса либо отказывает по основанию, \
             которое предусмотрено законом.",
        ],
    ),
    (
        "10",
        [
            "Шешім қабылданған кезден бастап пайдаланушыға өтінімді қарау мәртебесі туралы хабарлама автоматты \
             түрде жіберіледі.",
            "С момента решения пользователю автоматически направляется уведомление о состоянии рассмотрения \
             запроса.",
        ],
    ),
];

/// A state, in words; one that an operator's own query names is told as it is.
pub(super) fn state(state: &str, language: Language) -> &str {
    language.of(match state {
        "received" => ["Қабылданды", "Получен"],
        "processed" => ["Өңделді", "Обработан"],
        "sent" => ["Органға жіберілді", "Передан органу"],
        "published" => ["Деректер жарияланды", "Данные опубликованы"],
        "refused" => ["Бас тартылды", "Отказано"],
        _ => return state,
    })
}

/// What is asked for.
pub(super) fn kind(kind: &str, language: Language) -> &str {
    language.of(match kind {
        "publish" => ["деректерді жариялау", "опубликовать данные"],
        "update" => ["деректерді жаңарту", "обновить данные"],
        _ => return kind,
    })
}

/// Who asks.
pub(super) fn requester(requester: &str, language: Language) -> &str {
    language.of(match requester {
        "citizen" => ["азамат", "гражданин"],
        "business" => ["заңды тұлға", "юридическое лицо"],
        _ => return requester,
    })
}

/// A moment in Kazakhstan: `03.10.2026, 12:00`. One time zone for the whole country since 2024, as the clocks count.
pub(super) fn moment(at: DateTime<Utc>) -> String {
    let there = at + TimeDelta::hours(5);
    there.format("%d.%m.%Y, %H:%M").to_string()
}

/// The same for programs.
pub(super) fn iso(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// How a clock stands: done in time or late, still in time, or overdue.
pub(super) fn verdict(clock: &Clock, language: Language) -> String {
    let Some(due) = clock.due else {
        let words = [
            "соңғы күні есептелмейді: бұл жылдың жұмыс күндері белгісіз",
            "последний день не вычислен: рабочие дни этого года неизвестны",
        ];
        return if clock.done_at.is_some() { String::new() } else { language.of(words).to_owned() };
    };
    let (due, left) = (day(due, language), clock.days_left.unwrap_or_default());
    let days = days(left, language);
    match (language, clock.done_at.is_some(), left) {
        (Language::Kk, true, 0..) => format!("мерзімінде (соңғы күні {due})"),
        (Language::Ru, true, 0..) => format!("в срок (последний день {due})"),
        (Language::Kk, true, _) => format!("{days} кешігіп орындалды (соңғы күні {due})"),
        (Language::Ru, true, _) => format!("с опозданием: {days} (последний день {due})"),
        (Language::Kk, false, 0) => format!("соңғы күні – бүгін, {due}"),
        (Language::Ru, false, 0) => format!("последний день – сегодня, {due}"),
        (Language::Kk, false, 1..) => format!("соңғы күні {due}, {days} қалды"),
        (Language::Ru, false, 1..) => format!("не позднее {due}, осталось: {days}"),
        (Language::Kk, false, _) => format!("мерзімі өтті: соңғы күні {due} болды, {days} кешікті"),
        (Language::Ru, false, _) => format!("просрочено: последний день был {due}, опоздание: {days}"),
    }
}

/// Until when a body that has not decided may refuse.
pub(super) fn may_refuse(due: NaiveDate, language: Language) -> String {
    let due = day(due, language);
    match language {
        Language::Kk => format!("бас тартуға болатын соңғы күн – {due}"),
        Language::Ru => format!("отказать можно не позднее {due}"),
    }
}

/// The rule of a clock, with its number, order and paragraph.
pub(super) fn rule(clock: &Clock, language: Language) -> String {
    let order = clock.law_order.as_deref().unwrap_or_default();
    // Parts of a paragraph are told in English.
    let paragraph = clock.paragraph.as_deref().and_then(|text| text.split(',').next()).unwrap_or_default();
    let said = match (clock.unit.as_deref(), clock.allowed, language) {
        (Some("day_of_month"), Some(n), Language::Kk) => format!("келесі айдың {n}-күнінен кешіктірмей"),
        (Some("day_of_month"), Some(n), Language::Ru) => {
            format!("не позднее {n}-го числа следующего месяца")
        }
        (Some("working_days"), Some(n), Language::Kk) => {
            format!("алған күннен бастап {n} жұмыс күні ішінде")
        }
        (Some("working_days"), Some(n), Language::Ru) => format!("рабочих дней со дня получения: {n}"),
        (Some(_), Some(n), Language::Kk) if n > 0 => {
            format!("алған күннен бастап күнтізбелік {n} күн ішінде")
        }
        (Some(_), Some(n), Language::Ru) if n > 0 => format!("календарных дней со дня получения: {n}"),
        (_, _, Language::Kk) => "шешім қабылданған бойда".to_owned(),
        (_, _, Language::Ru) => "сразу после решения".to_owned(),
    };
    match language {
        Language::Kk => format!("{order} бұйрық, {paragraph}-тармақ: {said}"),
        Language::Ru => format!("приказ {order}, пункт {paragraph}: {said}"),
    }
}

/// A dataset's version.
pub(super) fn version(version: u32, language: Language) -> String {
    match language {
        Language::Kk => format!("{version}-нұсқа"),
        Language::Ru => format!("версия {version}"),
    }
}

fn day(day: NaiveDate, language: Language) -> String {
    report::day(day, labels(language))
}

/// So many days, early or late.
fn days(days: i64, language: Language) -> String {
    DAYS.count(usize::try_from(days.unsigned_abs()).unwrap_or(usize::MAX), labels(language))
}

fn labels(language: Language) -> encode::Language {
    match language {
        Language::Kk => encode::Language::Kazakh,
        Language::Ru => encode::Language::Russian,
    }
}

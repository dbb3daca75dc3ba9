//! The way of a request: received, processed, sent, decided, told.

use chrono::{DateTime, Utc};

use super::clock::Clock;
use super::status::Status;
use super::words::{Words, may_refuse, rule, verdict};
use crate::assess::passport::Language;

/// How a step stands; its name is the class of its style.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Done,
    Late,
    Open,
}

impl Mark {
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Late => "late",
            Self::Open => "open",
        }
    }
}

/// A step of the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) title: &'static str,
    pub(super) at: Option<DateTime<Utc>>,
    pub(super) mark: Mark,
    /// How its clock stands.
    pub(super) said: Vec<String>,
    /// By which rule.
    pub(super) rule: Option<String>,
}

/// The steps of a request, those to come among them.
pub(super) fn steps(status: &Status, language: Language) -> [Step; 5] {
    let received = Step {
        at: Some(status.standing.received_at),
        mark: Mark::Done,
        ..waiting(["Қабылдау", "Получение"], language)
    };
    let processing = ["Сервистік интегратордың өңдеуі", "Обработка сервисным интегратором"];
    let telling = ["Пайдаланушыға хабарлау", "Уведомление пользователя"];
    [
        received,
        of_clock(status.clock("processing"), processing, language),
        sent(status, language),
        decision(status, language),
        of_clock(status.clock("notification"), telling, language),
    ]
}

/// A step that waits for the one before it.
fn waiting(title: Words, language: Language) -> Step {
    Step { title: language.of(title), at: None, mark: Mark::Open, said: Vec::new(), rule: None }
}

/// The step of a clock; where this does not run yet, one that waits.
fn of_clock(clock: Option<&Clock>, title: Words, language: Language) -> Step {
    let step = waiting(title, language);
    let Some(clock) = clock else {
        let after = language.of(["алдыңғы қадамнан кейін", "после предыдущего шага"]);
        return Step { said: vec![after.to_owned()], ..step };
    };
    let mark = match (clock.is_met, clock.done_at) {
        (Some(false), _) => Mark::Late,
        (_, Some(_)) => Mark::Done,
        (_, None) => Mark::Open,
    };
    let said = Some(verdict(clock, language)).filter(|text| !text.is_empty());
    Step {
        at: clock.done_at,
        mark,
        said: said.into_iter().collect(),
        rule: Some(rule(clock, language)),
        ..step
    }
}

/// That the integrator has sent it to the body: no clock of its own, for it is a part of processing.
fn sent(status: &Status, language: Language) -> Step {
    let step = waiting(["Органға жіберу", "Передача органу"], language);
    let at = status.standing.events.iter().find(|event| event.event == "sent").map(|event| event.at);
    let is_decided = matches!(status.state.as_str(), "published" | "refused");
    let (mark, said) = match (at, is_decided) {
        (Some(_), _) => (Mark::Done, None),
        (None, true) => (Mark::Done, Some(["күні белгіленбеген", "день не отмечен"])),
        (None, false) => (Mark::Open, Some(["өңдеуден кейін", "после обработки"])),
    };
    Step { at, mark, said: said.map(|words| language.of(words).to_owned()).into_iter().collect(), ..step }
}

/// What the body decided, or by when it must.
fn decision(status: &Status, language: Language) -> Step {
    let (clock, title) = match status.state.as_str() {
        "published" => ("publication", ["Деректерді жариялау", "Публикация данных"]),
        "refused" => ("refusal", ["Бас тарту", "Отказ"]),
        _ => ("publication", super::words::DECISION),
    };
    let mut step = of_clock(status.clock(clock), title, language);
    let refusal = status.clock("refusal").filter(|refusal| refusal.done_at.is_none());
    step.said.extend(refusal.and_then(|refusal| refusal.due).map(|due| may_refuse(due, language)));
    step
}

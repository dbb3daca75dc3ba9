//! The four criteria by which an extract is judged (order 111/НҚ/2021, paragraph 7).

use serde::Serialize;

use super::demand::Demand;
use super::report::{READY_FROM, Reason, Report, Verdict};

/// What people say of an extract and ask for: no value tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// Whether people ask for what it is about; none where nobody can tell.
    pub demand: Option<Demand>,
    /// Why it is not restricted, whatever the scan found: the ground that a person gives.
    pub not_restricted: Option<String>,
    /// Where its data are published already, in a form that no machine reads.
    pub published_at: Option<String>,
}

/// One of the four criteria.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Criterion {
    /// Its number in the paragraph, from 1.
    pub number: u8,
    /// What it asks for, in a word for programs.
    pub code: &'static str,
    /// Whether it is met; none where nobody has said it yet.
    pub is_met: Option<bool>,
    /// The order's words.
    pub text_kk: &'static str,
    /// A translation of them.
    pub text_ru: &'static str,
    /// What that rests on.
    pub ground: String,
}

/// The criteria in the order's sequence: the word for programs, the order's words, a translation.
const CRITERIA: [(&str, &str, &str); 4] = [
    (
        "not_restricted",
        "деректер қол жеткізу шектелген ақпарат болып табылмайды",
        "данные не являются информацией с ограниченным доступом",
    ),
    (
        "demanded",
        "деректер азаматтар мен бизнес тарапынан сұранысқа ие",
        "данные востребованы гражданами и бизнесом",
    ),
    (
        "ready",
        "ашық деректер форматында жариялау үшін деректердің жоғары дайындық дәрежесі бар",
        "данные имеют высокую степень готовности к публикации в формате открытых данных",
    ),
    (
        "published_unreadable",
        "деректер қазірдің өзінде жарияланады, бірақ машинада оқуға болмайды",
        "данные уже публикуются, но не в машиночитаемом виде",
    ),
];

impl Report {
    /// The report with what people say: a table with personal data is restricted until one says otherwise, with a
    /// ground, which the report then shows. What the scan found stays, and stays masked.
    #[must_use]
    pub fn with_said(mut self, said: &Said) -> Self {
        if let (Verdict::Restricted, Some(ground)) = (self.verdict, &said.not_restricted) {
            self.verdict = Verdict::of_score(self.readiness.score);
            let text = format!("a person says that it is not restricted: {ground}");
            self.reasons.insert(0, Reason { code: "not_restricted", field: None, text });
            self.not_restricted = Some(ground.clone());
        }
        self.criteria = self.judged(said);
        self
    }

    /// The criteria, with what people say.
    pub(super) fn judged(&self, said: &Said) -> Vec<Criterion> {
        let grounds = [self.restriction(), demand(said.demand.as_ref()), self.ready(), published(said)];
        let numbered = (1..).zip(CRITERIA).zip(grounds);
        numbered
            .map(|((number, (code, text_kk, text_ru)), (is_met, ground))| Criterion {
                number,
                code,
                is_met,
                text_kk,
                text_ru,
                ground,
            })
            .collect()
    }

    fn restriction(&self) -> (Option<bool>, String) {
        let hits = self.fields.iter().filter(|field| field.restricted.iter().any(|hit| hit.is_restricting));
        let count = hits.count();
        match (count, &self.not_restricted) {
            (0, _) => (Some(true), "the scan found nothing that restricts".to_owned()),
            (_, Some(ground)) => (Some(true), format!("a person says so: {ground}")),
            (count, None) => {
                let text = format!(
                    "personal data in {count} of {} fields, until a person says otherwise",
                    self.fields.len()
                );
                (Some(false), text)
            }
        }
    }

    fn ready(&self) -> (Option<bool>, String) {
        let score = self.readiness.score;
        (Some(score >= READY_FROM), format!("score {score} of 100, ready from {READY_FROM}"))
    }
}

fn demand(demand: Option<&Demand>) -> (Option<bool>, String) {
    let Some(demand) = demand else {
        return (None, "unknown: a server with requests tells it, where a topic is given".to_owned());
    };
    let text = match (demand.requests, demand.is_needed) {
        (0, _) => "no request asks for it".to_owned(),
        (count, is_needed) => {
            let subjects =
                demand.subjects.iter().take(3).map(|it| format!("'{it}'")).collect::<Vec<_>>().join(", ");
            let window = if is_needed { "" } else { ", too few at a time" };
            format!("{count} requests for {subjects}{window}")
        }
    };
    (Some(demand.is_needed), text)
}

fn published(said: &Said) -> (Option<bool>, String) {
    match &said.published_at {
        Some(address) => (Some(true), format!("a person says so: {address}")),
        None => (None, "unknown: a person says where it is published".to_owned()),
    }
}

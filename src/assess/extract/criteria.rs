//! The four criteria by which an extract is judged (order 111/НҚ/2021, paragraph 7).

use serde::Serialize;

use super::demand::Demand;
use super::report::{READY_FROM, Reason, Report, Verdict};
use super::sheet::SheetReport;

/// What people say of an extract and ask for: no value tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// Whether people ask for what it is about; none where nobody can tell.
    pub demand: Option<Demand>,
    /// Why it is not restricted, whatever the scan found: the ground that a person gives.
    pub not_restricted: Option<String>,
    /// Where its data are published already, in a form that no machine reads: an address ([`is_link`](super::is_link)).
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
    /// What that rests on, in English.
    pub ground: String,
    /// The same in Kazakh.
    pub ground_kk: String,
    /// The same in Russian.
    pub ground_ru: String,
}

/// Whether a criterion is met, and what that rests on, in English, in Kazakh and in Russian.
type Judgement = (Option<bool>, [String; 3]);

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
        let is_open = self.verdict != Verdict::Restricted && !self.has_unknown_sheet();
        if let Some(ground) = said.not_restricted.as_ref().filter(|_| !is_open) {
            self.verdict = Verdict::of_score(self.readiness.score);
            let text = format!("a person says that it is not restricted: {ground}");
            self.reasons.insert(0, Reason { code: "not_restricted", field: None, sheet: None, text });
            self.not_restricted = Some(ground.clone());
        }
        self.criteria = self.judged(said);
        self
    }

    /// The criteria, with what people say.
    pub(super) fn judged(&self, said: &Said) -> Vec<Criterion> {
        let judgements = [self.restriction(), demand(said.demand.as_ref()), self.ready(), published(said)];
        let numbered = (1..).zip(CRITERIA).zip(judgements);
        numbered
            .map(|((number, (code, text_kk, text_ru)), (is_met, [ground, ground_kk, ground_ru]))| Criterion {
                number,
                code,
                is_met,
                text_kk,
                text_ru,
                ground,
                ground_kk,
                ground_ru,
            })
            .collect()
    }

    fn restriction(&self) -> Judgement {
        let hits = self.fields.iter().filter(|field| field.restricted.iter().any(|hit| hit.is_restricting));
        let count = hits.count();
        if let Some(ground) = &self.not_restricted {
            return (Some(true), by_person(ground));
        }
        if count > 0 || self.has_restricted_sheet() {
            return (Some(false), self.personal(count));
        }
        if self.has_unknown_sheet() {
            return (None, self.unknown_sheets());
        }
        let nothing = [
            "the scan found nothing that restricts",
            "тексеру қолжетімділікті шектейтін ештеңе таппады",
            "проверка не нашла ничего, что ограничивает доступ",
        ];
        (Some(true), words(nothing))
    }

    /// That so many fields, and other sheets, hold personal data.
    fn personal(&self, count: usize) -> [String; 3] {
        let all = self.fields.len();
        let sheets = |marks| self.named_sheets(SheetReport::is_restricted, marks);
        let [plain, quoted] = [sheets(['\'', '\'']), sheets(['«', '»'])];
        let [en, kk, ru] = match (count, plain.is_empty()) {
            (0, _) => [
                format!("on other sheets ({plain})"),
                format!("басқа парақтарда ({quoted})"),
                format!("на других листах ({quoted})"),
            ],
            (_, true) => [
                format!("in {count} of {all} fields"),
                format!("{all} өрістің {count} өрісінде"),
                format!("в полях: {count} из {all}"),
            ],
            (_, false) => [
                format!("in {count} of {all} fields, and on other sheets ({plain})"),
                format!("{all} өрістің {count} өрісінде және басқа парақтарда ({quoted})"),
                format!("в полях: {count} из {all}, и на других листах ({quoted})"),
            ],
        };
        [
            format!("personal data {en}, until a person says otherwise"),
            format!("{kk} дербес деректер бар: адам өзгеше шешкенге дейін шектеулі"),
            format!("персональные данные {ru}, пока человек не решит иначе"),
        ]
    }

    /// That nobody knows what other sheets hold.
    fn unknown_sheets(&self) -> [String; 3] {
        let sheets = |marks| self.named_sheets(|sheet| sheet.not_judged.is_some(), marks);
        let quoted = sheets(['«', '»']);
        [
            format!("unknown: not all of the sheets {} was scanned", sheets(['\'', '\''])),
            format!("белгісіз: мына парақтар толық тексерілмеді: {quoted}"),
            format!("неизвестно: не полностью проверены листы: {quoted}"),
        ]
    }

    fn ready(&self) -> Judgement {
        let score = self.readiness.score;
        let (shown, least) = (score.to_string().replace('.', ","), READY_FROM.to_string());
        let grounds = [
            format!("score {score} of 100, ready from {READY_FROM}"),
            format!("100 балдан {shown} балл, дайындық шегі – {least}"),
            format!("{shown} из 100 баллов, готовность от {least}"),
        ];
        (Some(score >= READY_FROM), grounds)
    }
}

fn words(words: [&str; 3]) -> [String; 3] {
    words.map(str::to_owned)
}

/// That a person says so, in the person's own words.
fn by_person(ground: &str) -> [String; 3] {
    [
        format!("a person says so: {ground}"),
        format!("адам айтты: {ground}"),
        format!("по словам человека: {ground}"),
    ]
}

fn demand(demand: Option<&Demand>) -> Judgement {
    let Some(demand) = demand else {
        let unknown = [
            "unknown: a store with requests tells it, where a topic is given",
            "белгісіз: тақырып берілсе, өтінімдер сақталған қоймадан анықталады",
            "неизвестно: определяется по хранилищу с запросами, если указана тема",
        ];
        return (None, words(unknown));
    };
    let (count, is_needed) = (demand.requests, demand.is_needed);
    if count == 0 {
        let none =
            ["no request asks for it", "мұны ешбір өтінім сұрамайды", "ни один запрос этого не просит"];
        return (Some(is_needed), words(none));
    }
    let subjects = |open: char, close: char| {
        let shown = demand.subjects.iter().take(3).map(|it| format!("{open}{it}{close}"));
        shown.collect::<Vec<_>>().join(", ")
    };
    let few: [&str; 3] = if is_needed {
        [""; 3]
    } else {
        [", too few at a time", ", бірақ бір кезеңде тым аз", ", но за один период слишком мало"]
    };
    let [few, few_kk, few_ru] = few;
    let quoted = subjects('«', '»');
    let grounds = [
        format!("{count} requests for {}{few}", subjects('\'', '\'')),
        format!("{count} өтінім: {quoted}{few_kk}"),
        format!("запросов: {count} – {quoted}{few_ru}"),
    ];
    (Some(is_needed), grounds)
}

fn published(said: &Said) -> Judgement {
    let unknown = [
        "unknown: a person says where it is published",
        "белгісіз: қайда жарияланғанын адам айтады",
        "неизвестно: где опубликовано, сообщает человек",
    ];
    match &said.published_at {
        Some(address) => (Some(true), by_person(address)),
        None => (None, words(unknown)),
    }
}

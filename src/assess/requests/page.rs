//! The page of a request, for who asked: its style inside, no script, nothing from the network.

use super::address::of_dataset;
use super::status::Status;
use super::steps::{Step, steps};
use super::words::{self, Words};
use crate::assess::passport::Language;
use crate::assess::report::Markup;
use crate::catalog::{EventKind, Noted};

const STYLE: &str = include_str!("page.css");

/// Nothing but the style in the page is to be run or fetched, whatever a text holds.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// The text of a page in a language.
struct Page<'a> {
    status: &'a Status,
    language: Language,
    html: Markup,
}

impl Status {
    /// The page as an HTML document in a language, in UTF-8. Every text of a stranger is escaped; search engines are
    /// asked to leave it out. Moments are Kazakhstan's (UTC+5).
    #[must_use]
    pub fn to_html(&self, language: Language) -> String {
        let mut page = Page { status: self, language, html: Markup::default() };
        write_head(&mut page.html, language);
        page.html.open("body", &[]);
        page.write_title();
        page.html.open("main", &[]);
        page.write_asked();
        page.write_steps();
        page.write_decisions();
        page.write_order();
        page.html.close("main");
        page.html.close("body");
        page.html.close("html");
        page.html.line();
        page.html.into_text()
    }
}

fn write_head(page: &mut Markup, language: Language) {
    let (language, title) = (language.code(), language.of(words::TITLE));
    page.verbatim("<!doctype html>\n");
    page.open("html", &[("lang", language)]);
    page.open("head", &[]);
    page.empty("meta", &[("charset", "utf-8")]);
    page.empty("meta", &[("http-equiv", "Content-Security-Policy"), ("content", POLICY)]);
    page.empty("meta", &[("name", "viewport"), ("content", "width=device-width, initial-scale=1")]);
    page.empty("meta", &[("name", "robots"), ("content", "noindex")]);
    page.empty("meta", &[("name", "referrer"), ("content", "no-referrer")]);
    page.empty("meta", &[("name", "color-scheme"), ("content", "light dark")]);
    page.leaf("title", &[], title);
    page.open("style", &[]);
    page.verbatim(STYLE);
    page.close("style");
    page.close("head");
    page.line();
}

/// The page of an address that no request has, in a language.
#[must_use]
pub fn unknown_page(language: Language) -> String {
    let mut html = Markup::default();
    write_head(&mut html, language);
    html.open("body", &[]);
    html.leaf("h1", &[], language.of(words::UNKNOWN));
    html.leaf("p", &[], language.of(words::UNKNOWN_WHY));
    html.close("body");
    html.close("html");
    html.line();
    html.into_text()
}

impl Page<'_> {
    fn of(&self, words: Words) -> &'static str {
        self.language.of(words)
    }

    fn write_title(&mut self) {
        let (title, other, late) = (self.of(words::TITLE), self.of(words::OTHER), self.of(words::LATE));
        let state = words::state(&self.status.state, self.language);
        let there = self.language.other().code();
        let page = &mut self.html;
        page.open("header", &[]);
        let address = format!("?format=html&lang={there}");
        page.leaf("a", &[("class", "other"), ("lang", there), ("href", &address)], other);
        page.leaf("h1", &[], title);
        page.leaf("p", &[("class", "id")], &self.status.standing.id);
        page.leaf("p", &[("class", "state")], state);
        if self.status.clocks.iter().any(super::Clock::is_overdue) {
            page.leaf("p", &[("class", "alarm"), ("role", "status")], late);
        }
        page.close("header");
        page.line();
    }

    fn write_asked(&mut self) {
        let (status, language) = (self.status, self.language);
        let asked = &status.standing;
        self.html.open("section", &[]);
        self.html.leaf("h2", &[], self.language.of(words::ASKED));
        self.html.leaf("blockquote", &[], &asked.text);
        self.html.open("dl", &[]);
        self.write_entry(words::BODY, &asked.body);
        let received = format!("{} (UTC+5)", words::moment(asked.received_at));
        self.write_entry(words::RECEIVED_AT, &received);
        self.write_entry(words::KIND, words::kind(&asked.kind, language));
        self.write_entry(words::REQUESTER, words::requester(&asked.requester, language));
        for (title, text) in [(words::DATASET, &asked.dataset), (words::TOPIC, &asked.topic)] {
            if let Some(text) = text {
                self.write_entry(title, text);
            }
        }
        self.html.close("dl");
        self.html.close("section");
        self.html.line();
    }

    fn write_entry(&mut self, title: Words, text: &str) {
        let title = self.of(title);
        self.html.leaf("dt", &[], title);
        self.html.leaf("dd", &[], text);
    }

    fn write_steps(&mut self) {
        self.html.open("section", &[]);
        self.html.leaf("h2", &[], self.language.of(words::STEPS));
        self.html.open("ol", &[("class", "steps")]);
        for step in steps(self.status, self.language) {
            self.write_step(&step);
        }
        self.html.close("ol");
        self.html.close("section");
        self.html.line();
    }

    fn write_step(&mut self, step: &Step) {
        let page = &mut self.html;
        page.open("li", &[("class", step.mark.class())]);
        page.leaf("h3", &[], step.title);
        if let Some(at) = step.at {
            page.leaf("time", &[("datetime", &words::iso(at))], &words::moment(at));
        }
        for said in &step.said {
            page.leaf("p", &[("class", "said")], said);
        }
        if let Some(rule) = &step.rule {
            page.leaf("p", &[("class", "rule")], rule);
        }
        page.close("li");
        page.line();
    }

    /// Every decision, since nothing that was said is overwritten.
    fn write_decisions(&mut self) {
        let is_decision = |noted: &&Noted| matches!(noted.event.as_str(), "published" | "refused");
        let decisions: Vec<&Noted> = self.status.standing.events.iter().filter(is_decision).collect();
        if decisions.is_empty() {
            return;
        }
        self.html.open("section", &[]);
        self.html.leaf("h2", &[], self.language.of(words::DECISION));
        for noted in decisions {
            self.write_decision(noted);
        }
        self.html.close("section");
        self.html.line();
    }

    fn write_decision(&mut self, noted: &Noted) {
        let (language, reason) = (self.language, self.of(words::REASON));
        let page = &mut self.html;
        page.open("p", &[]);
        page.leaf("time", &[("datetime", &words::iso(noted.at))], &words::moment(noted.at));
        page.text(": ");
        page.text(words::state(&noted.event, language));
        if let Some(dataset) = &noted.dataset {
            page.text(" – ");
            page.leaf("a", &[("href", &of_dataset(dataset))], dataset);
        }
        if let Some(version) = noted.version {
            page.text(", ");
            page.text(&words::version(version, language));
        }
        page.close("p");
        // The law knows grounds for a refusal, and none for a publication.
        if let Some(text) = noted.reason.as_ref().filter(|_| noted.event == EventKind::Refused.as_str()) {
            page.leaf("p", &[("class", "rule")], reason);
            page.leaf("blockquote", &[], text);
        }
    }

    fn write_order(&mut self) {
        let (language, title) = (self.language, self.of(words::ORDER));
        let page = &mut self.html;
        page.open("section", &[("class", "order")]);
        page.leaf("h2", &[], title);
        page.open("dl", &[]);
        for (number, said) in words::PARAGRAPHS {
            page.leaf("dt", &[], number);
            page.leaf("dd", &[], language.of(said));
        }
        page.close("dl");
        page.close("section");
        page.line();
    }
}

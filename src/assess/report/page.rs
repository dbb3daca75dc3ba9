//! The whole page.

use chrono::NaiveDate;

use super::chart::write_patterns;
use super::day::as_of;
use super::grid;
use super::markup::Markup;
use super::section::{self, Section};
use super::source::REPEALED;
use super::table::Table;
use super::tiles;
use crate::encode::Language;

const STYLE: &str = include_str!("style.css");

/// What a report is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The day that it speaks of; no clock is read.
    pub as_of: NaiveDate,
    /// The language of all its texts.
    pub language: Language,
    /// Who publishes it, for its head.
    pub publisher: Option<String>,
    /// Its tables, in any order; of two with one name, the first that has rows makes the section.
    pub tables: Vec<Table>,
    /// The tables that should be there and could not be counted; the page names them at its top.
    pub unanswered: Vec<&'static str>,
}

impl Report {
    /// One HTML file that needs nothing else: no script, no network, no fonts. It is well formed XML too. A table
    /// that has no rows, or is not there, gives a sentence that says so. Equal reports give equal bytes.
    #[must_use]
    pub fn to_html(&self) -> String {
        let sections = section::all(self);
        let mut page = Markup::default();
        self.write_head(&mut page);
        page.open("body", &[]);
        page.line();
        write_patterns(&mut page);
        self.write_title(&mut page, &sections);
        page.open("main", &[]);
        self.write_unanswered(&mut page);
        tiles::write(&mut page, self);
        for section in &sections {
            section.write(&mut page, self.language);
        }
        self.write_others(&mut page, &sections);
        page.close("main");
        page.open("footer", &[]);
        page.leaf("p", &[], self.language.of(REPEALED));
        page.close("footer");
        page.close("body");
        page.close("html");
        page.line();
        page.into_text()
    }

    /// The table of a name that has rows.
    pub(crate) fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name == name && !table.rows.is_empty())
    }

    /// A number of the table `rules`.
    pub(crate) fn rule(&self, code: &str) -> Option<f64> {
        let rules = self.table("rules")?;
        let row = rules.each().find(|row| row.text("code").as_deref() == Some(code))?;
        row.number("value")
    }

    fn write_head(&self, page: &mut Markup) {
        page.verbatim("<!doctype html>\n");
        page.open("html", &[("lang", self.language.code())]);
        page.open("head", &[]);
        page.empty("meta", &[("charset", "utf-8")]);
        page.empty("meta", &[("name", "viewport"), ("content", "width=device-width, initial-scale=1")]);
        page.empty("meta", &[("name", "color-scheme"), ("content", "light dark")]);
        page.leaf("title", &[], &format!("{} – {}", self.title(), as_of(self.as_of, self.language)));
        page.open("style", &[]);
        page.verbatim(STYLE);
        page.close("style");
        page.close("head");
        page.line();
    }

    fn write_title(&self, page: &mut Markup, sections: &[Section<'_>]) {
        page.open("header", &[]);
        page.leaf("h1", &[], self.title());
        let day = as_of(self.as_of, self.language);
        let publisher = self.publisher.as_deref().map(str::trim).filter(|name| !name.is_empty());
        let line = publisher.map_or_else(|| day.clone(), |publisher| format!("{day} · {publisher}"));
        page.leaf("p", &[("class", "when")], &line);
        let contents = self.language.of(["Contents", "Мазмұны", "Содержание"]);
        page.open("nav", &[("aria-label", contents)]);
        page.open("ul", &[]);
        for section in sections {
            page.open("li", &[]);
            page.leaf("a", &[("href", &format!("#{}", section.id))], self.language.of(section.title));
            page.close("li");
        }
        page.close("ul");
        page.close("nav");
        page.close("header");
        page.line();
    }

    /// What is not there is told from what is nothing.
    fn write_unanswered(&self, page: &mut Markup) {
        if self.unanswered.is_empty() {
            return;
        }
        let names: Vec<&str> = self.unanswered.iter().map(|name| self.name_of(name)).collect();
        // A name may have a comma.
        let names = names.join("; ");
        let text = match self.language {
            Language::Kazakh => {
                format!("Есептеу мүмкін болмады: {names}. Төмендегі бөлімдерде бұл деректер жоқ.")
            }
            Language::Russian => {
                format!("Не удалось посчитать: {names}. В разделах ниже этих данных нет.")
            }
            Language::English => format!("Could not be counted: {names}. The sections below lack them."),
        };
        page.leaf("p", &[("class", "seen"), ("role", "alert")], &text);
        page.line();
    }

    /// The tables that no section shows.
    fn write_others(&self, page: &mut Markup, sections: &[Section<'_>]) {
        let is_shown = |table: &Table| sections.iter().any(|section| section.shows(table));
        let is_empty_section = |table: &Table| table.rows.is_empty() && section::TABLES.contains(&table.name);
        for table in self.tables.iter().filter(|table| !is_shown(table) && !is_empty_section(table)) {
            page.open("section", &[]);
            page.leaf("h2", &[], self.name_of(table.name));
            if table.rows.is_empty() {
                let none = ["The table has no rows.", "Кестеде жолдар жоқ.", "В таблице нет строк."];
                page.leaf("p", &[("class", "empty")], self.language.of(none));
            } else {
                grid::write(page, table, None, self.language);
            }
            page.close("section");
            page.line();
        }
    }

    /// What a table is called; an unknown one by its own name.
    fn name_of<'t>(&self, table: &'t str) -> &'t str {
        section::title(table).map_or(table, |words| self.language.of(words))
    }

    fn title(&self) -> &'static str {
        self.language.of(["Report on open data", "Ашық деректер туралы есеп", "Отчёт об открытых данных"])
    }
}

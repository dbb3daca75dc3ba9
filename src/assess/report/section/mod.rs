//! The sections of a report: each a heading, a sentence that says what is seen, charts, and the tables.

mod deadlines;
mod demand;
mod freshness;
mod months;
mod next;
mod overdue;
mod quality;

use super::grid;
use super::markup::Markup;
use super::page::Report;
use super::plural::whole;
use super::table::Table;
use super::words::Words;
use crate::encode::Language;

/// The tables that sections show.
pub(crate) const TABLES: [&str; 8] = [
    "demand",
    "requests_by_month",
    "bodies",
    "deadlines",
    "freshness",
    "plan_coverage",
    "quality",
    "publish_next",
];

/// What a table of the program is called: as the section that shows it; none for any other table.
pub(crate) fn title(table: &str) -> Option<Words> {
    Some(match table {
        "demand" => demand::TITLE,
        "requests_by_month" => months::TITLE,
        "bodies" => overdue::TITLE,
        "deadlines" => deadlines::TITLE,
        "freshness" => freshness::TITLE,
        "plan_coverage" => freshness::COVERAGE,
        "quality" => quality::TITLE,
        "publish_next" => next::TITLE,
        "rules" => ["Rules", "Ережелер", "Правила"],
        _ => return None,
    })
}

/// A section that is ready to be written.
#[derive(Debug)]
pub(crate) struct Section<'a> {
    /// Its anchor.
    pub(crate) id: &'static str,
    pub(crate) title: Words,
    /// What is seen, or that there is nothing to see.
    sentence: String,
    charts: Markup,
    /// Its tables, each with what it rests on.
    tables: Vec<(&'a Table, Words)>,
}

/// Every section, in the order of the page.
pub(crate) fn all(report: &Report) -> [Section<'_>; 7] {
    [
        demand::section(report),
        months::section(report),
        overdue::section(report),
        deadlines::section(report),
        freshness::section(report),
        quality::section(report),
        next::section(report),
    ]
}

impl Section<'_> {
    /// A section without anything to show.
    fn empty(id: &'static str, title: Words, sentence: &str) -> Self {
        Self { id, title, sentence: sentence.to_owned(), charts: Markup::default(), tables: Vec::new() }
    }

    /// Whether a table stands in this section: that very one, for two can have one name.
    pub(crate) fn shows(&self, table: &Table) -> bool {
        self.tables.iter().any(|(shown, _)| std::ptr::eq(*shown, table))
    }

    pub(crate) fn write(&self, into: &mut Markup, language: Language) {
        let heading = format!("{}-h", self.id);
        into.open("section", &[("id", self.id), ("aria-labelledby", &heading)]);
        into.leaf("h2", &[("id", &heading)], language.of(self.title));
        let class = if self.tables.is_empty() { "empty" } else { "seen" };
        into.leaf("p", &[("class", class)], &self.sentence);
        into.append(&self.charts);
        for (table, source) in &self.tables {
            grid::write(into, table, Some(language.of(*source)), language);
        }
        into.close("section");
        into.line();
    }
}

/// A note where a chart does not show all there is.
fn cut_note(shown: usize, many: usize, language: Language) -> Option<String> {
    let number = |many| super::number::short(whole(many), language);
    let (first, all) = (number(shown), number(many));
    (shown < many).then(|| match language {
        Language::Kazakh => {
            format!("Диаграммада алғашқы {first} көрсетілген (барлығы – {all}); қалғаны кестеде.")
        }
        Language::Russian => format!("На диаграмме первые {first} из {all}; остальное – в таблице."),
        Language::English => format!("The chart shows the first {first} of {all}; the table has the rest."),
    })
}

//! The steps of a passport as blocks.

use chrono::{Datelike, NaiveDate};

use super::annex;
use super::contents::Passport;
use super::language::Language;
use super::sheet::{Block, Cell, Piece, Table, dash, shortened, text};
use super::state::{PassportState, Step};

/// The annex has no table here. These columns are this module's own.
const COLUMNS: [([&str; 2], u8); 4] = [
    (annex::NUMBER, 6),
    (["Қадам", "Шаг"], 52),
    (["Күні", "Дата"], 14),
    (["Кім орындады", "Кем выполнен"], 28),
];

/// What stands in place of steps that are kept, and damaged: it is not that none was taken.
const UNREAD: [&str; 2] = [
    "Паспорттың қадамдары оқылмайды: олар сақталған дерекқор бүлінген.",
    "Шаги паспорта не читаются: база данных, в которой они хранятся, повреждена.",
];

impl Passport {
    pub(crate) fn progress(&self, language: Language) -> Vec<Block> {
        let mut blocks = vec![Block::Heading(1, "", language.of(["ПАСПОРТТЫҢ КҮЙІ", "СОСТОЯНИЕ ПАСПОРТА"]))];
        if self.is_history_unread {
            blocks.push(Block::Paragraph(text(language.of(UNREAD))));
            return blocks;
        }
        let states = self.history.states();
        if states.is_empty() {
            blocks.push(Block::Paragraph(vec![Piece::Missing("")]));
        } else {
            let columns = COLUMNS.map(|(words, share)| (language.of(words), share)).to_vec();
            let rows = states.iter().zip(1..).map(|(state, number)| row(state, number, language));
            blocks.push(Block::Table(Table { columns, rows: rows.collect() }));
        }
        let last = self.history.last().map(|state| state.step);
        if last != Some(Step::Published) {
            blocks.push(Block::Note(text(next(last, language))));
        }
        blocks
    }
}

fn row(state: &PassportState, number: usize, language: Language) -> Vec<Cell> {
    let step = state.step;
    let quotation = match language {
        Language::Kk => format!("{}-тармақ: «{}»", step.paragraph(), step.quotation(language)),
        Language::Ru => format!("Пункт {}: «{}»", step.paragraph(), step.quotation(language)),
    };
    let mut words = vec![Piece::Text(step.title(language).to_owned()), Piece::Break, Piece::Small(quotation)];
    if let Some(note) = &state.note {
        words.extend([Piece::Break, Piece::Text(shortened(note).into_owned())]);
    }
    vec![text(format!("{number}.")), words, text(day(state.at)), state.by.as_ref().map_or_else(dash, text)]
}

/// The steps that may come next.
fn next(last: Option<Step>, language: Language) -> String {
    let steps: Vec<String> =
        Step::after(last).iter().map(|step| format!("«{}»", step.title(language))).collect();
    match language {
        Language::Kk => format!("Келесі қадам: {}.", steps.join(" немесе ")),
        Language::Ru => format!("Следующий шаг: {}.", steps.join(" или ")),
    }
}

/// `DD.MM.YYYY`
fn day(date: NaiveDate) -> String {
    format!("{:02}.{:02}.{:04}", date.day(), date.month(), date.year())
}

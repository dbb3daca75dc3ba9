//! What a passport says in one language, before it is HTML or Markdown.

use std::borrow::Cow;

use super::language::{Bilingual, Language};

/// The longest value of an example or a list that is shown, in characters: a page is no place for a value of
/// a megabyte. JSON has it whole.
const SHOWN_CHARACTERS: usize = 300;

/// A passport in one language.
#[derive(Debug)]
pub(crate) struct Sheet {
    pub(crate) language: Language,
    /// What programs call the document: the set's name, or only what a passport is.
    pub(crate) name: String,
    pub(crate) cover: Cover,
    pub(crate) blocks: Vec<Block>,
    /// The small print at the end.
    pub(crate) footer: Vec<Cell>,
}

/// The annex's title.
#[derive(Debug)]
pub(crate) struct Cover {
    pub(crate) annex: &'static str,
    pub(crate) title: &'static str,
    pub(crate) of_what: &'static str,
    pub(crate) dataset: Cell,
    pub(crate) source: Cell,
    pub(crate) made: Cell,
    /// What is to be known before all else; empty where nothing is.
    pub(crate) warning: Cell,
    /// Which items must still be filled in; empty where none.
    pub(crate) open: Cell,
}

/// A part of the page.
#[derive(Debug)]
pub(crate) enum Block {
    /// Level 1 or 2, the annex's number (empty where it has none), the words.
    Heading(u8, &'static str, &'static str),
    Items(Vec<Entry>),
    Table(Table),
    Paragraph(Cell),
    Note(Cell),
}

/// A numbered item.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) number: &'static str,
    pub(crate) title: &'static str,
    pub(crate) value: Cell,
}

/// A table whose header stands on every page.
#[derive(Debug)]
pub(crate) struct Table {
    /// Words over a column, and its share of the width in per cent.
    pub(crate) columns: Vec<(&'static str, u8)>,
    pub(crate) rows: Vec<Vec<Cell>>,
}

/// What stands in one place.
pub(crate) type Cell = Vec<Piece>;

/// A part of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// A value or a word.
    Text(String),
    /// A technical name.
    Name(String),
    /// Less important.
    Small(String),
    /// A value that breaks a rule.
    Broken(String),
    /// An empty field; with the words that say what belongs there, where its place does not.
    Missing(&'static str),
    /// The next line.
    Break,
}

/// A cell of one text.
pub(crate) fn text(text: impl Into<String>) -> Cell {
    vec![Piece::Text(text.into())]
}

/// What says that a value is none.
pub(crate) fn dash() -> Cell {
    vec![Piece::Small("–".to_owned())]
}

/// The text in a language, or an empty field, with the other language's text for whoever fills it in. `label`
/// says what belongs there.
pub(crate) fn bilingual(both: &Bilingual, language: Language, label: &'static str) -> Cell {
    if let Some(found) = both.get(language) {
        return text(found);
    }
    let mut cell = vec![Piece::Missing(label)];
    if let Some(other) = both.get(language.other()) {
        let named = language.of(["орысша", "на казахском"]);
        cell.extend([Piece::Break, Piece::Small(format!("{named}: {other}"))]);
    }
    cell
}

/// The words in an empty field.
pub(crate) const fn missing_words(language: Language) -> &'static str {
    language.of(["толтыру қажет", "требуется заполнить"])
}

/// A value as a page shows it: cut after 300 characters.
pub(crate) fn shortened(value: &str) -> Cow<'_, str> {
    match value.char_indices().nth(SHOWN_CHARACTERS) {
        Some((end, _)) => format!("{}…", value.get(..end).unwrap_or_default()).into(),
        None => value.into(),
    }
}

//! The two languages of a passport, and a text in both.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// A language that a passport is written in (order 144/2021, paragraph 4: data is published in both).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// Kazakh, the language of the order's text.
    Kk,
    /// Russian.
    Ru,
}

impl Language {
    /// Both languages.
    pub const ALL: [Self; 2] = [Self::Kk, Self::Ru];

    /// The language of a [`Language::code`], in any letter case; none for English, which the annex is not in.
    #[must_use]
    pub fn named(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code().eq_ignore_ascii_case(code))
    }

    /// `kk` or `ru` (ISO 639-1).
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.of(["kk", "ru"])
    }

    /// The text of this language, of one in Kazakh and one in Russian.
    #[must_use]
    pub const fn of(self, [kazakh, russian]: [&str; 2]) -> &str {
        match self {
            Self::Kk => kazakh,
            Self::Ru => russian,
        }
    }

    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Kk => Self::Ru,
            Self::Ru => Self::Kk,
        }
    }
}

impl Serialize for Language {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

/// A text in both languages, either of which may be missing. A blank text counts as missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bilingual {
    /// In Kazakh.
    pub kk: Option<String>,
    /// In Russian.
    pub ru: Option<String>,
}

impl Bilingual {
    /// The text, where a blank one is a missing one.
    #[must_use]
    pub fn new(kk: &str, ru: &str) -> Self {
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.trim().is_empty());
        Self { kk: text(kk), ru: text(ru) }
    }

    /// The text in a language, if there is one.
    #[must_use]
    pub fn get(&self, language: Language) -> Option<&str> {
        let text = match language {
            Language::Kk => &self.kk,
            Language::Ru => &self.ru,
        };
        text.as_deref().filter(|text| !text.trim().is_empty())
    }

    /// Whether there is no text in either language.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        Language::ALL.iter().all(|language| self.get(*language).is_none())
    }
}

/// Null where both are missing, else an object of `kk` and `ru`.
impl Serialize for Bilingual {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.is_missing() {
            return serializer.serialize_none();
        }
        let mut map = serializer.serialize_map(Some(2))?;
        for language in Language::ALL {
            map.serialize_entry(language.code(), &self.get(language))?;
        }
        map.end()
    }
}

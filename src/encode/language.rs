//! The languages of labels and messages.

/// A language that a user can ask for: those of the format's labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Kazakh.
    Kazakh,
    /// Russian.
    Russian,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 3] = [Self::English, Self::Kazakh, Self::Russian];

    /// The language of a code (ISO 639-1), in any letter case.
    ///
    /// ```
    /// use derek::encode::Language;
    /// assert_eq!(Language::named("KK"), Some(Language::Kazakh));
    /// assert_eq!(Language::named("de"), None);
    /// ```
    #[must_use]
    pub fn named(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code().eq_ignore_ascii_case(code))
    }

    /// `en`, `kk` or `ru`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Kazakh => "kk",
            Self::Russian => "ru",
        }
    }

    /// The text of this language, of one in English, one in Kazakh and one in Russian.
    #[must_use]
    pub const fn of(self, [english, kazakh, russian]: [&'static str; 3]) -> &'static str {
        match self {
            Self::English => english,
            Self::Kazakh => kazakh,
            Self::Russian => russian,
        }
    }
}

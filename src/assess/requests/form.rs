//! The forms in which is told how a request stands.

/// A form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// For programs.
    Json,
    /// A page for who asked.
    Html,
}

impl Form {
    /// Every form, the one that is preferred first.
    pub const ALL: [Self; 2] = [Self::Json, Self::Html];

    /// `json` or `html`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Html => "html",
        }
    }

    /// The media type.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Html => "text/html; charset=utf-8",
        }
    }
}

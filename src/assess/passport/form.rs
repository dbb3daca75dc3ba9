//! The forms of a passport.

use super::contents::Passport;
use super::language::Language;

/// A form that a passport is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Both languages at once, for programs.
    Json,
    /// A page for print.
    Html,
    /// A text with tables.
    Markdown,
}

impl Form {
    /// Every form, the one that is preferred first.
    pub const ALL: [Self; 3] = [Self::Json, Self::Html, Self::Markdown];

    /// `json`, `html` or `md`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Html => "html",
            Self::Markdown => "md",
        }
    }

    /// The form of a [`Form::name`], in any letter case.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.name().eq_ignore_ascii_case(name))
    }

    /// The media type.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Html => "text/html; charset=utf-8",
            Self::Markdown => "text/markdown; charset=utf-8",
        }
    }
}

impl Passport {
    /// The passport in a form; in JSON it is in both languages, whichever is asked for.
    #[must_use]
    pub fn written(&self, form: Form, language: Language) -> String {
        match form {
            Form::Json => format!("{}\n", self.to_json()),
            Form::Html => self.to_html(language),
            Form::Markdown => self.to_markdown(language),
        }
    }
}

//! Texts of the program in the three languages of a report.

use crate::encode::Language;

/// One text in English, in Kazakh and in Russian.
pub(crate) type Words = [&'static str; 3];

/// A text in the quotation marks of a language.
pub(crate) fn quoted(text: &str, language: Language) -> String {
    match language {
        Language::English => format!("“{text}”"),
        Language::Kazakh | Language::Russian => format!("«{text}»"),
    }
}

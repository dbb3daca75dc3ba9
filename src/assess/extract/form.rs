//! The forms that an extract comes in.

use std::path::Path;

use crate::error::{Code, Error, Result};

/// What the bytes of an extract are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A table with a head, its cells separated by commas, semicolons or tabs.
    Csv,
    /// A list of objects, or a document with `data`.
    Json,
    /// A workbook: its first sheet with a head.
    Xlsx,
}

impl Form {
    /// All forms.
    pub const ALL: [Self; 3] = [Self::Csv, Self::Json, Self::Xlsx];

    /// The media type of the form.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv",
            Self::Json => "application/json",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    /// The form that a file's ending tells: `.csv`, `.tsv`, `.json` or `.xlsx`, in any letter case.
    ///
    /// # Errors
    /// `request.body` where it tells none.
    pub fn of_file(path: &Path) -> Result<Self> {
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        match ending.as_deref() {
            Some("csv" | "tsv") => Ok(Self::Csv),
            Some("json") => Ok(Self::Json),
            Some("xlsx") => Ok(Self::Xlsx),
            _ => Err(Error::new(Code::RequestBody, "the file's ending tells no form of an extract")
                .in_file(path.display().to_string())
                .hint("expected .csv, .tsv, .json or .xlsx")),
        }
    }

    /// The form that a `Content-Type` tells; what stands behind a semicolon is left out.
    ///
    /// # Errors
    /// `request.body` where it tells none.
    pub fn of_media_type(text: &str) -> Result<Self> {
        let kind = text.split(';').next().unwrap_or_default().trim();
        let form = Self::ALL.into_iter().find(|form| form.media_type().eq_ignore_ascii_case(kind));
        form.ok_or_else(|| {
            let expected = Self::ALL.map(Self::media_type).join(", ");
            Error::new(Code::RequestBody, format!("Content-Type is '{kind}', which is no form of an extract"))
                .hint(format!("expected one of {expected}"))
        })
    }
}

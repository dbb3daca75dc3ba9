//! The forms of an answer: their names, media types and file name endings in one table.

use super::{
    ArrowEncoder, CsvEncoder, Encoder, GeoJsonEncoder, JsonEncoder, Language, NdjsonEncoder, ParquetEncoder,
    TableEncoder,
};

/// The forms of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// One JSON object: columns, rows, and how it ended.
    Json,
    /// A JSON object a line, a line a row.
    Ndjson,
    /// A header line and a line a row.
    Csv,
    /// Arrow's IPC stream.
    Arrow,
    /// A Parquet file, a `GeoParquet` one where there are points.
    Parquet,
    /// A `FeatureCollection`, a feature a row.
    GeoJson,
    /// A table for a terminal.
    Table,
}

/// What a form is called, and where.
struct Names {
    name: &'static str,
    content_type: &'static str,
    ending: &'static str,
}

impl Format {
    /// Every form, in the order of their names' lists.
    pub const ALL: [Self; 7] =
        [Self::Json, Self::Ndjson, Self::Csv, Self::Arrow, Self::Parquet, Self::GeoJson, Self::Table];

    const fn names(self) -> Names {
        let (name, content_type, ending) = match self {
            Self::Json => ("json", "application/json", "json"),
            Self::Ndjson => ("ndjson", "application/x-ndjson", "ndjson"),
            Self::Csv => ("csv", "text/csv; charset=utf-8", "csv"),
            Self::Arrow => ("arrow", "application/vnd.apache.arrow.stream", "arrows"),
            Self::Parquet => ("parquet", "application/vnd.apache.parquet", "parquet"),
            Self::GeoJson => ("geojson", "application/geo+json", "geojson"),
            Self::Table => ("table", "text/plain; charset=utf-8", "txt"),
        };
        Names { name, content_type, ending }
    }

    /// The name that `format=` and `--format` take, such as `geojson`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.names().name
    }

    /// The media type, such as `text/csv; charset=utf-8`.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        self.names().content_type
    }

    /// What stands after the dot in a file's name, such as `parquet`.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        self.names().ending
    }

    /// The form of this name, whatever its letter case.
    ///
    /// ```
    /// use derek::encode::Format;
    /// assert_eq!(Format::named("GeoJSON"), Some(Format::GeoJson));
    /// assert_eq!(Format::named("xlsx"), None);
    /// ```
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name().eq_ignore_ascii_case(name))
    }

    /// A new encoder of this form. With a language, CSV has the columns' labels in place of their names,
    /// and JSON has them beside; the other forms keep the names alone.
    #[must_use]
    pub fn encoder(self, language: Option<Language>) -> Box<dyn Encoder> {
        match self {
            Self::Json => Box::new(JsonEncoder::new(language)),
            Self::Ndjson => Box::new(NdjsonEncoder::default()),
            Self::Csv => Box::new(CsvEncoder::new(language)),
            Self::Arrow => Box::new(ArrowEncoder::default()),
            Self::Parquet => Box::new(ParquetEncoder::default()),
            Self::GeoJson => Box::new(GeoJsonEncoder::default()),
            Self::Table => Box::new(TableEncoder::default()),
        }
    }
}

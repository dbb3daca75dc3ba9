//! What went wrong, where, and what to try: one error type for every layer.
//!
//! An error is data. A user reads `message` and `hint`, a program reads `code`, an editor jumps to
//! `place`. Causes stay attached as `source` and are for the log, never for a client.

use std::any::Any;
use std::fmt;

use serde::Serialize;

/// Declares the codes together with their text, so that the list can be walked by tests and docs.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// A stable name of one kind of failure; the part before the dot is the layer it comes from.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// Every code there is, in the order of the layers.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The code as users see it, such as `query.unknown_column`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

codes! {
    /// The file could not be opened or read.
    DocumentIo = "document.io",
    /// The bytes are not JSON (or not the format that the file's name says).
    DocumentSyntax = "document.syntax",
    /// A document type definition or an entity beyond XML's own five: nothing is expanded or fetched.
    DocumentDtdRefused = "document.dtd_refused",
    /// The declared encoding is not known, or the bytes are not of it.
    DocumentEncoding = "document.encoding",
    /// The bytes are not UTF-8.
    DocumentNotUtf8 = "document.not_utf8",
    /// Valid JSON, but there is no array of rows in it.
    DocumentNoRows = "document.no_rows",
    /// The file is the body of an error that a server answered, saved as if it were a dataset.
    DocumentErrorBody = "document.error_body",
    /// Nested deeper than 64 levels.
    DocumentTooDeep = "document.too_deep",
    /// Read with `--strict`, the document has findings of severity `error`.
    DocumentStrict = "document.strict",
    /// Larger than a limit: the decompressed size, one row, or the number of rows.
    DocumentTooLarge = "document.too_large",
    /// The gzip or zstd stream is damaged.
    DocumentCompression = "document.compression",
    /// The file changed while it was being read.
    DocumentChanged = "document.changed",
    /// A workbook or a CSV file is not the tabular template, or a value in it is not of its field's type.
    ConvertTemplate = "convert.template",
    /// A document in JSON or XML is not of the order's shape, or the form to be written has no place for what it holds.
    ConvertDocument = "convert.document",
    /// The PATH does not exist or holds no document.
    CatalogNoDocuments = "catalog.no_documents",
    /// Another file already holds a dataset of this name.
    CatalogDuplicate = "catalog.duplicate_dataset",
    /// No dataset has this name.
    CatalogUnknownDataset = "catalog.unknown_dataset",
    /// The dataset has no such version.
    CatalogUnknownVersion = "catalog.unknown_version",
    /// No object of the dataset has this key.
    CatalogUnknownObject = "catalog.unknown_object",
    /// A file of the store cannot be read or written.
    StoreIo = "store.io",
    /// A file of the store is not as it was written.
    StoreDamaged = "store.damaged",
    /// Another process writes to the store.
    StoreLocked = "store.locked",
    /// The store was opened for reading, or there is none.
    StoreReadOnly = "store.read_only",
    /// A token cannot be made or found.
    StoreToken = "store.token",
    /// The text is not SQL.
    QuerySyntax = "query.syntax",
    /// The statement is not a query, or there is more than one.
    QueryReadOnly = "query.read_only",
    /// The text, its tokens, its brackets or its chain of operators is beyond the limits.
    QueryTooComplex = "query.too_complex",
    /// No table has this name.
    QueryUnknownTable = "query.unknown_table",
    /// No column has this name.
    QueryUnknownColumn = "query.unknown_column",
    /// More than one column answers to this name.
    QueryAmbiguousColumn = "query.ambiguous_column",
    /// A reference leads to a dataset or a field that is not published.
    QueryUnresolvedLink = "query.unresolved_link",
    /// No function has this name.
    QueryUnknownFunction = "query.unknown_function",
    /// SQL that cannot be planned, such as types that do not fit.
    QueryInvalid = "query.invalid",
    /// A text or bytes that should be a geometry are none.
    QueryGeometry = "query.geometry",
    /// The query failed while it ran, such as a division by zero.
    QueryFailed = "query.failed",
    /// The answer has more rows than are sent, in a form that cannot say so.
    QueryTruncated = "query.truncated",
    /// A parameter of the query is missing, unknown, or not of its type.
    QueryParameter = "query.parameter",
    /// The client left before the answer was whole. It stands in the log only.
    QueryCancelled = "query.cancelled",
    /// The query ran over its time.
    QueryTimeout = "query.timeout",
    /// The query could not get the memory it asked for.
    QueryMemory = "query.memory",
    /// As many queries are running as are allowed.
    QueryBusy = "query.busy",
    /// No named query has this name.
    QueryUnknownQuery = "query.unknown_query",
    /// The file of a named query does not say at its top what it should.
    QueryHeader = "query.header",
    /// The step of a passport may not follow the last one, or is dated before it or after today.
    AssessStep = "assess.step",
    /// A parameter is missing, unknown, or not of its type.
    RequestParameter = "request.parameter",
    /// No token, or one that is worth nothing.
    RequestUnauthorized = "request.unauthorized",
    /// The token is for something else.
    RequestForbidden = "request.forbidden",
    /// What is there is not the version that the request is about.
    RequestPrecondition = "request.precondition",
    /// The body is not what the route takes.
    RequestBody = "request.body",
    /// The body is packed in a way that is not read.
    RequestEncoding = "request.encoding",
    /// The body is larger than the limit.
    RequestTooLarge = "request.too_large",
    /// The client asks too often.
    RequestRateLimited = "request.rate_limited",
    /// The body did not come in time.
    RequestTimeout = "request.timeout",
    /// No such route.
    RequestNotFound = "request.not_found",
    /// The route exists, but not with this method.
    RequestMethod = "request.method",
    /// None of the formats asked for is available.
    RequestNotAcceptable = "request.not_acceptable",
    /// No command of the shell is called so, or it does not take this.
    ShellCommand = "shell.command",
    /// The server cannot do what was asked of it on the command line or by the machine.
    ServerSetup = "server.setup",
    /// As many connections are open as are allowed.
    ServerBusy = "server.busy",
    /// A fault of derek's own.
    Internal = "internal",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Where in a text or a table: only what is known is set. Lines, columns and rows count from 1
/// (a column counts characters), bytes from 0.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The file as the user named it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Line in the file or in the SQL text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Character in the line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u64>,
    /// Offset in the (decompressed) file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub byte: Option<u64>,
    /// Position in `data`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<u64>,
    /// Path of the field, or name of the parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

impl Place {
    /// A place in a text: its line and column.
    #[must_use]
    pub fn at(line: u64, column: u64) -> Self {
        Self { line: Some(line), column: Some(column), ..Self::default() }
    }

    /// The place named by a field or a parameter.
    #[must_use]
    pub fn field(name: impl Into<String>) -> Self {
        Self { field: Some(name.into()), ..Self::default() }
    }
}

impl fmt::Display for Place {
    /// `regions.json:3:17 (byte 120), row 2, field id`, with what is known.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        let position = match (self.line, self.column) {
            (Some(line), Some(column)) => Some(format!("{line}:{column}")),
            _ => None,
        };
        match (&self.file, position) {
            (Some(file), Some(position)) => parts.push(format!("{file}:{position}")),
            (Some(file), None) => parts.push(file.clone()),
            (None, Some(position)) => parts.push(format!("line {}", position.replace(':', ", column "))),
            (None, None) => {}
        }
        parts.extend(self.byte.map(|byte| format!("byte {byte}")));
        parts.extend(self.row.map(|row| format!("row {row}")));
        parts.extend(self.field.as_ref().map(|field| format!("field {field}")));
        f.write_str(&parts.join(", "))
    }
}

/// What failed: for a program (`code`), for a person (`message`, `hint`), for an editor (`place`).
///
/// ```
/// use derek::error::{Code, Error, Place};
/// let error = Error::new(Code::QueryUnknownColumn, "no column 'nam' in pharmacies")
///     .at(Place::at(1, 8))
///     .hint("did you mean 'name'?");
/// assert_eq!(error.to_string(), "no column 'nam' in pharmacies (line 1, column 8); did you mean 'name'?");
/// ```
#[derive(Debug, Serialize)]
pub struct Error {
    /// The stable name of this kind of failure.
    pub code: Code,
    /// What was found and what was expected, as a sentence.
    pub message: String,
    /// What to try.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Box<Place>>,
    /// The cause, for the log.
    #[serde(skip)]
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// A result whose failure is an [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error without place, hint or cause.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None, place: None, source: None }
    }

    /// The same error without its cause, for where it is told of a second time.
    #[must_use]
    pub fn again(&self) -> Self {
        let (message, hint, place) = (self.message.clone(), self.hint.clone(), self.place.clone());
        Self { code: self.code, message, hint, place, source: None }
    }

    /// What ended some work that unwound: an error that it unwound with, or else a fault of the program's own.
    #[must_use]
    pub fn of_panic(panic: &(dyn Any + Send)) -> Self {
        if let Some(error) = panic.downcast_ref::<Self>() {
            return error.again();
        }
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
        Self::new(Code::Internal, "the server met a fault of its own").caused_by(text)
    }

    /// The same error, with where it happened.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(Box::new(place));
        self
    }

    /// The same error, with the file's name added to its place.
    #[must_use]
    pub fn in_file(mut self, file: impl Into<String>) -> Self {
        self.place.get_or_insert_default().file = Some(file.into());
        self
    }

    /// The same error, with what to try.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same error, with its cause.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(place) = &self.place {
            write!(f, " ({place})")?;
        }
        if let Some(hint) = &self.hint {
            write!(f, "; {hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| source.as_ref() as _)
    }
}

/// The candidate nearest in spelling to `name`, for a hint: at most a third of its letters differ,
/// letter case aside. Cost: length × length a candidate.
///
/// ```
/// use derek::error::nearest_name;
/// assert_eq!(nearest_name("nam", ["id", "name"]), Some("name"));
/// assert_eq!(nearest_name("xyz", ["id", "name"]), None);
/// ```
#[must_use]
pub fn nearest_name<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = name.to_lowercase().chars().take(128).collect();
    candidates
        .into_iter()
        .map(|candidate| {
            let letters: Vec<char> = candidate.to_lowercase().chars().take(128).collect();
            // A name that was not written to its end is near to all that start with it.
            let is_start = wanted.len() > 1 && letters.starts_with(&wanted);
            let distance = if is_start { 1 } else { edit_distance(&wanted, &letters) };
            (distance, candidate)
        })
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance * 3 <= wanted.len().max(3))
        .map(|(_, candidate)| candidate)
}

/// Levenshtein's distance: insertions, deletions and substitutions between two texts.
fn edit_distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, right) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(left != right);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}

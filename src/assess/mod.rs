//! What do people ask about the data, again and again?
//!
//! Questions with names, each a file of SQL whose header says what is asked, with which parameters, and
//! what the columns mean. Those in `sql/` are part of the program; an operator's own folder adds to them.
//! There is no rule here that could be SQL: what [`extract`]s hold, and what of it is [`restricted`], no SQL can tell.
//!
//! ```sql
//! -- Which rules do the documents break most often?
//! --
//! -- A longer text may follow, in further paragraphs.
//! --
//! -- param severity String = 'error': only findings of this severity
//! -- param since Date: published on this day or after it (a parameter without default must be given)
//! -- column rule String: code of the rule
//! -- column findings Int [findings]: how often, with the unit in square brackets
//! SELECT … WHERE severity = $severity AND …
//! ```
//!
//! Types are those of the documents: Int, Double, String, Boolean, Date. A Date is a moment, `2026-11-01T12:00:00`, or a
//! day, which is its first moment, both in UTC ([`moment`] has the range); its default may be `now`. A query whose
//! parameters all have defaults is also a table, `assess.NAME`.

pub mod extract;
mod header;
pub mod moment;
pub mod passport;
pub mod profile;
pub mod quality;
pub mod report;
pub mod requests;
pub mod restricted;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use chrono::{DateTime, Utc};

use crate::document::Type;
use crate::encode::type_name;
use crate::error::{Code, Error, Place, Result, nearest_name};
use crate::query::{Parameter, ParameterValue, View, Views};

/// The default of a parameter of type Date that is the moment of the question.
const NOW: &str = "now";

/// The Arrow type of a declared column.
fn arrow_type(kind: Type) -> DataType {
    match kind {
        Type::Int => DataType::Int64,
        Type::Double => DataType::Float64,
        Type::Boolean => DataType::Boolean,
        Type::Date => DataType::Date32,
        _ => DataType::Utf8,
    }
}

/// The files of `sql/` by their names.
macro_rules! files {
    ($($name:literal,)*) => { &[$(($name, include_str!(concat!("../../sql/", $name, ".sql"))),)*] };
}

const BUILTIN: &[(&str, &str)] = files![
    "asked_for",
    "bodies",
    "clocks",
    "datapaths",
    "datasets",
    "deadlines",
    "demand",
    "fields_like",
    "frequent_findings",
    "freshness",
    "look_ups",
    "passport_plan",
    "plan",
    "plan_candidates",
    "plan_coverage",
    "plan_matches",
    "publish_next",
    "published",
    "quality",
    "quality_history",
    "quality_parts",
    "request_status",
    "requests_by_month",
    "requests_clock",
    "requests_story",
    "rules",
    "unmet_demand",
    "usage",
    "used_together",
];

/// A question with a name.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedQuery {
    /// The file's name without its ending.
    pub name: String,
    /// The question, as a sentence.
    pub question: String,
    /// What more there is to say, in paragraphs; may be empty.
    pub description: String,
    /// What it takes: the placeholders of `sql`, each once.
    pub parameters: Vec<QueryParameter>,
    /// What it answers.
    pub columns: Vec<QueryColumn>,
    /// The file's text, header included: so the places of errors are those of the file.
    pub sql: String,
    /// Whether it is part of the program; else it comes from the operator's folder.
    pub is_builtin: bool,
}

/// A parameter of a named query: `$name` in its SQL.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryParameter {
    /// Its name, without `$`.
    pub name: String,
    /// Its type.
    pub kind: Type,
    /// What it is where none is given, without quotes; none where one must be given.
    pub default: Option<String>,
    /// What it means.
    pub description: String,
}

/// A column that a named query answers.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryColumn {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: Type,
    /// What its numbers count or measure.
    pub unit: Option<String>,
    /// What it means.
    pub description: String,
}

impl NamedQuery {
    /// The query in the text of a file; `name` is the file's, without its ending.
    ///
    /// # Errors
    /// `query.header` with line and column, and what was expected there.
    ///
    /// ```
    /// use derek::assess::NamedQuery;
    /// let text = "-- How large?\n-- param least Int = 0: only larger ones\n-- column n Int: size\nSELECT $least AS n";
    /// let query = NamedQuery::parse("size", text, false)?;
    /// assert_eq!((query.question.as_str(), query.parameters[0].default.as_deref()), ("How large?", Some("0")));
    /// let error = NamedQuery::parse("size", &text.replace("Int =", "Integer ="), false).unwrap_err();
    /// assert_eq!(error.message, "expected a type: Int, Double, String, Boolean or Date; found 'Integer = 0: only larger ones'");
    /// # Ok::<(), derek::error::Error>(())
    /// ```
    pub fn parse(name: &str, text: &str, is_builtin: bool) -> Result<Self> {
        if header::is_name(name) {
            return header::parse(name, text, is_builtin);
        }
        let message = format!("expected a file's name of small letters, digits and _; found '{name}'");
        Err(Error::new(Code::QueryHeader, message).hint("such as frequent_findings.sql"))
    }

    /// The values of its parameters: those given, else the defaults.
    ///
    /// # Errors
    /// `request.parameter` names the one that is missing, unknown, or not of its type.
    pub fn values(
        &self,
        given: impl IntoIterator<Item = (String, String)>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Parameter>> {
        let given: Vec<(String, String)> = given.into_iter().collect();
        let names = || self.parameters.iter().map(|parameter| parameter.name.as_str());
        if let Some((unknown, _)) = given.iter().find(|(name, _)| !names().any(|known| known == name)) {
            let message = format!("the query '{}' has no parameter '{unknown}'", self.name);
            let error = Error::new(Code::RequestParameter, message).at(Place::field(unknown));
            return Err(match nearest_name(unknown, names()) {
                Some(nearest) => error.hint(format!("did you mean '{nearest}'?")),
                None => {
                    error.hint(format!("its parameters: {}", list(self.parameters.iter().map(declaration))))
                }
            });
        }
        let value = |parameter: &QueryParameter| {
            let value = given.iter().find(|(name, _)| *name == parameter.name).map(|(_, value)| value);
            parameter.value(value.or(parameter.default.as_ref()).map(String::as_str), now)
        };
        self.parameters.iter().map(value).collect()
    }

    /// Whether the columns of an answer are those declared: names, types and order.
    ///
    /// # Errors
    /// `query.header`: what is declared, and what was answered.
    pub fn check(&self, answered: &Schema) -> Result<()> {
        let declared =
            list(self.columns.iter().map(|column| format!("{} {}", column.name, column.kind.word())));
        // A column that a document declares has its own word for the type, such as Address.
        let word = |name: String| Type::named(&name).map_or(name, |kind| kind.word().to_owned());
        let fields = answered.fields().iter();
        let answered = list(fields.map(|field| format!("{} {}", field.name(), word(type_name(field)))));
        if declared == answered {
            return Ok(());
        }
        let message = format!("'{}' declares the columns {declared}; it answers {answered}", self.name);
        Err(Error::new(Code::QueryHeader, message).in_file(format!("{}.sql", self.name)))
    }
}

impl QueryParameter {
    /// The value that a text stands for.
    fn value(&self, text: Option<&str>, now: DateTime<Utc>) -> Result<Parameter> {
        let name = self.name.clone();
        let Some(text) = text else {
            let message = format!("'{name}' is missing: {}", self.description);
            return Err(Error::new(Code::RequestParameter, message).at(Place::field(name)));
        };
        self.check(text)?;
        let number = serde_json::from_str(text).ok().filter(serde_json::Value::is_number);
        let value = match (self.kind, number) {
            (Type::Int | Type::Double, Some(number)) => ParameterValue::Json(number),
            (Type::Boolean, _) => ParameterValue::Json((text == "true").into()),
            (Type::Date, _) if text == NOW => ParameterValue::Text(moment::written(now)),
            _ => ParameterValue::Text(text.to_owned()),
        };
        Ok(Parameter { name, value })
    }

    /// Its default as SQL.
    fn default_sql(&self) -> Option<String> {
        let text = self.default.as_ref()?;
        Some(match self.kind {
            Type::Date if text == NOW => "now()".to_owned(),
            Type::Int | Type::Double | Type::Boolean => text.clone(),
            _ => format!("'{}'", text.replace('\'', "''")),
        })
    }

    /// Whether a text is a value of the parameter's type.
    ///
    /// # Errors
    /// `request.parameter` names the parameter, and says what was expected.
    pub fn check(&self, text: &str) -> Result<()> {
        if is_value(self.kind, text) {
            return Ok(());
        }
        let (name, kind) = (&self.name, self.kind.word());
        let range = if self.kind == Type::Date { format!(" {}", moment::RANGE) } else { String::new() };
        let message =
            format!("'{name}' is '{text}'; expected a value of type {kind}{range}: {}", self.description);
        Err(Error::new(Code::RequestParameter, message).at(Place::field(name)))
    }
}

/// Whether a text is a value of one of the five types of parameters.
fn is_value(kind: Type, text: &str) -> bool {
    match kind {
        Type::Int => text.parse::<i64>().is_ok(),
        Type::Double => text.parse().is_ok_and(f64::is_finite),
        Type::Boolean => matches!(text, "true" | "false"),
        Type::Date => text == NOW || moment::is_possible(text),
        _ => true,
    }
}

/// The named queries that there are.
#[derive(Debug, Clone)]
pub struct NamedQueries {
    queries: BTreeMap<String, NamedQuery>,
}

impl NamedQueries {
    /// The queries that are part of the program, and the `*.sql` files of an operator's folder; one of
    /// the same name takes the place of the program's own. Folders in it are not searched.
    ///
    /// # Errors
    /// `query.header` with the file, line and column, and what was expected there; `server.setup` where
    /// the folder or a file cannot be read.
    pub fn open(folder: Option<&Path>) -> Result<Self> {
        let mut queries = BTreeMap::new();
        for (name, text) in BUILTIN {
            let query = NamedQuery::parse(name, text, true);
            queries
                .insert((*name).to_owned(), query.map_err(|error| error.in_file(format!("sql/{name}.sql")))?);
        }
        for file in folder.map(files).transpose()?.unwrap_or_default() {
            let name = file.file_stem().unwrap_or_default().to_string_lossy();
            let text = std::fs::read_to_string(&file).map_err(|error| cannot_read(&file, error))?;
            let query = NamedQuery::parse(&name, &text, false);
            let query = query.map_err(|error| error.in_file(file.display().to_string()))?;
            queries.insert(name.into_owned(), query);
        }
        Ok(Self { queries })
    }

    /// The query of this name.
    ///
    /// # Errors
    /// `query.unknown_query`, with the nearest name there is.
    pub fn get(&self, name: &str) -> Result<&NamedQuery> {
        self.queries.get(name).ok_or_else(|| {
            let error = Error::new(Code::QueryUnknownQuery, format!("no query '{name}'"));
            match nearest_name(name, self.queries.keys().map(String::as_str)) {
                Some(nearest) => error.hint(format!("did you mean '{nearest}'?")),
                None => error.hint("/queries lists what there is"),
            }
        })
    }

    /// Every query, by name.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &NamedQuery> {
        self.queries.values()
    }

    /// The queries that can be asked as tables of the schema `assess`: those whose parameters all have defaults.
    #[must_use]
    pub fn views(&self) -> Views {
        let view = |query: &NamedQuery| {
            let defaults = query.parameters.iter().map(|it| Some((it.name.clone(), it.default_sql()?)));
            let fields = query.columns.iter().map(|it| Field::new(&it.name, arrow_type(it.kind), true));
            let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
            Some((
                query.name.clone(),
                View { sql: query.sql.clone(), defaults: defaults.collect::<Option<_>>()?, schema },
            ))
        };
        self.iter().filter_map(view).collect()
    }

    /// The queries as a table: name, question, parameters and columns as their headers declare them
    /// (`severity String = 'error', most Int = 20`), and source: `builtin` or `operator`.
    #[must_use]
    pub fn table(&self) -> RecordBatch {
        let source = |query: &NamedQuery| if query.is_builtin { "builtin" } else { "operator" }.to_owned();
        batch([
            ("name", self.texts(|query| query.name.clone())),
            ("question", self.texts(|query| query.question.clone())),
            ("parameters", self.texts(|query| list(query.parameters.iter().map(declaration)))),
            ("columns", self.texts(|query| list(query.columns.iter().map(column_declaration)))),
            ("source", self.texts(source)),
        ])
    }

    fn texts(&self, text: impl Fn(&NamedQuery) -> String) -> ArrayRef {
        Arc::new(self.iter().map(|query| Some(text(query))).collect::<StringArray>())
    }
}

fn batch<const N: usize>(columns: [(&str, ArrayRef); N]) -> RecordBatch {
    RecordBatch::try_from_iter(columns).expect("columns of one table have one length")
}

/// The `*.sql` files of a folder that are not hidden, in the order of their names.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let entries = entries.map_err(|error| cannot_read(folder, error))?;
    let mut files: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
    // Editors keep hidden files of the same ending beside the one that is edited.
    let is_hidden = |path: &Path| path.file_name().is_some_and(|name| name.as_encoded_bytes()[0] == b'.');
    files.retain(|path| path.extension().is_some_and(|it| it == "sql") && path.is_file() && !is_hidden(path));
    files.sort();
    Ok(files)
}

fn cannot_read(path: &Path, error: io::Error) -> Error {
    let message = format!("cannot read the named queries in {}: {error}", path.display());
    Error::new(Code::ServerSetup, message).caused_by(error)
}

fn list(texts: impl Iterator<Item = String>) -> String {
    texts.collect::<Vec<_>>().join(", ")
}

fn declaration(parameter: &QueryParameter) -> String {
    let QueryParameter { name, kind, default, .. } = parameter;
    match default {
        Some(text) if *kind == Type::String => format!("{name} String = '{}'", text.replace('\'', "''")),
        Some(value) => format!("{name} {} = {value}", kind.word()),
        None => format!("{name} {}", kind.word()),
    }
}

fn column_declaration(column: &QueryColumn) -> String {
    let unit = column.unit.as_ref().map(|unit| format!(" [{unit}]")).unwrap_or_default();
    format!("{} {}{unit}", column.name, column.kind.word())
}

//! From what DataFusion says to what a user reads.

use datafusion::common::{Column, SchemaError, TableReference};
use datafusion::error::DataFusionError;

use crate::error::{Code, Error, Place, nearest_name};
use crate::geo::GeometryFault;

/// An error from parsing or planning: the text is at fault.
pub(super) fn planning(error: &DataFusionError) -> Error {
    let mapped = map(error, Code::QueryInvalid);
    let span = error.diagnostic().and_then(|diagnostic| diagnostic.span);
    match span {
        Some(span) if mapped.place.is_none() => mapped.at(Place::at(span.start.line, span.start.column)),
        _ => mapped,
    }
}

/// An error from a query that runs.
pub(super) fn running(error: &DataFusionError) -> Error {
    map(error, Code::QueryFailed)
}

fn map(error: &DataFusionError, otherwise: Code) -> Error {
    let root = error.find_root();
    if let DataFusionError::External(cause) = root
        && let Some(own) = cause.downcast_ref::<Error>()
    {
        return own.again();
    }
    match root {
        DataFusionError::SQL(error, _) => syntax(&error.to_string()),
        DataFusionError::SchemaError(error, _) => schema(error),
        DataFusionError::ResourcesExhausted(message) => {
            Error::new(Code::QueryMemory, format!("the query could not get the memory it needs: {message}"))
                .hint("select fewer columns or rows, or raise --memory-mb")
        }
        DataFusionError::Internal(message) => {
            Error::new(Code::Internal, "the query met a fault of the server's own").caused_by(message.clone())
        }
        DataFusionError::Plan(message) if message.starts_with("Invalid function") => {
            unknown_function(message)
        }
        DataFusionError::Plan(message)
        | DataFusionError::Execution(message)
        | DataFusionError::Configuration(message) => Error::new(otherwise, first_line(message)),
        DataFusionError::NotImplemented(message) => {
            Error::new(Code::QueryInvalid, format!("not supported: {}", first_line(message)))
        }
        DataFusionError::External(cause) if cause.is::<GeometryFault>() => {
            Error::new(Code::QueryGeometry, format!("no geometry: {cause}"))
                .hint("such as POINT(71.43 51.13), longitude first")
        }
        DataFusionError::IoError(_) | DataFusionError::ExecutionJoin(_) | DataFusionError::External(_) => {
            Error::new(Code::Internal, "the query met a fault of the server's own")
                .caused_by(error.to_string())
        }
        DataFusionError::ArrowError(error, _) => Error::new(Code::QueryFailed, error.to_string()),
        other => Error::new(otherwise, first_line(&other.strip_backtrace())),
    }
}

/// The first line of a message; of one about a function's arguments, what the function itself says.
fn first_line(message: &str) -> String {
    let own = message.split_once("coercion failed with: Error during planning: ").map(|(_, own)| own);
    let own = own.and_then(|own| own.split(" No function matches").next());
    let line = own.unwrap_or(message).lines().next().unwrap_or_default();
    if own.is_some() { line.trim_end_matches('.').to_owned() } else { line.to_owned() }
}

/// `sql parser error: Expected: …, found: … at Line: 1, Column: 8`
fn syntax(message: &str) -> Error {
    let message = message.trim_start_matches("sql parser error: ");
    if message.contains("recursion limit") {
        return Error::new(Code::QueryTooComplex, "the SQL is nested too deeply");
    }
    let Some((text, place)) = message.rsplit_once(" at Line: ") else {
        return Error::new(Code::QuerySyntax, format!("not SQL: {message}"));
    };
    let mut numbers = place.split(", Column: ").map(|number| number.trim().parse().unwrap_or(1));
    let place = Place::at(numbers.next().unwrap_or(1), numbers.next().unwrap_or(1));
    Error::new(Code::QuerySyntax, format!("not SQL: {}", text.trim_end())).at(place)
}

fn schema(error: &SchemaError) -> Error {
    match error {
        SchemaError::FieldNotFound { field, valid_fields } => unknown_column(field, valid_fields),
        SchemaError::AmbiguousReference { field } => Error::new(
            Code::QueryAmbiguousColumn,
            format!("more than one column is called '{}'", field.name()),
        )
        .hint("put the table before it: table.column"),
        other => Error::new(Code::QueryInvalid, first_line(&other.to_string())),
    }
}

/// The table or the column that an error says is not there; a column with its table, where that is one.
pub(crate) fn missing(error: &Error) -> Option<String> {
    let (before, rest) = error.message.split_once('\'')?;
    let (name, rest) = rest.split_once('\'')?;
    match error.code {
        // A table of the program's own that is not there is no dataset that somebody misses.
        Code::QueryUnknownTable if before == "no table " => {
            let is_own =
                ["system.", "assess.", "information_schema."].iter().any(|own| name.starts_with(own));
            (!is_own).then(|| name.to_owned())
        }
        Code::QueryUnknownColumn if before == "no column " => {
            let table = rest.strip_prefix(" in ").filter(|tables| !tables.contains(", "));
            Some(table.map_or_else(|| name.to_owned(), |table| format!("{table}.{name}")))
        }
        _ => None,
    }
}

fn unknown_column(field: &Column, valid: &[Column]) -> Error {
    let mut tables: Vec<&str> =
        valid.iter().filter_map(|column| column.relation.as_ref().map(TableReference::table)).collect();
    tables.sort_unstable();
    tables.dedup();
    let asked = field.relation.as_ref().map_or(tables, |relation| vec![relation.table()]);
    let within = if asked.is_empty() { String::new() } else { format!(" in {}", asked.join(", ")) };
    let error = Error::new(Code::QueryUnknownColumn, format!("no column '{}'{within}", field.name()));
    let names = || valid.iter().map(Column::name);
    match nearest_name(field.name(), names()) {
        Some(nearest) => error.hint(format!("did you mean '{nearest}'?")),
        None if valid.is_empty() => error,
        None => error.hint(format!("columns: {}", names().take(40).collect::<Vec<_>>().join(", "))),
    }
}

/// `Invalid function 'foo'.` and a second line, `Did you mean 'floor'?`
fn unknown_function(message: &str) -> Error {
    let mut parts = message.split('\'');
    let name = parts.nth(1).unwrap_or_default();
    let error = Error::new(Code::QueryUnknownFunction, format!("no function '{name}'"));
    match parts.nth(1) {
        Some(nearest) => error.hint(format!("did you mean '{nearest}'?")),
        None => error,
    }
}

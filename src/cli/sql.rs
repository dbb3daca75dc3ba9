//! `derek sql`.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use arrow::error::ArrowError;
use clap::Args;

use super::serve::Limits;
use super::{DocumentLimits, Strictness, complain, load, runtime};
use crate::catalog::{LoadOptions, LoadOutcome};
use crate::encode::{Format, Outcome};
use crate::error::{Code, Error, Result};
use crate::query::{QueryLimits, QueryService};

/// Arguments of `derek sql`.
#[derive(Debug, Args)]
pub(super) struct Sql {
    /// Documents or folders, and then the query as the last argument.
    #[arg(required = true, value_name = "PATH… SQL")]
    words: Vec<String>,
    /// The form of the answer: table, json, ndjson, csv, arrow, parquet or geojson
    /// [default: table on a terminal, else csv].
    #[arg(long, env = "DEREK_FORMAT", value_name = "FORMAT", value_parser = format)]
    format: Option<Format>,
    #[command(flatten)]
    strictness: Strictness,
    #[command(flatten)]
    documents: DocumentLimits,
    #[command(flatten)]
    limits: Limits,
}

fn format(name: &str) -> Result<Format, String> {
    let names = Format::ALL.map(Format::name).join(", ");
    Format::named(name).ok_or_else(|| format!("expected one of {names}"))
}

impl Sql {
    pub(super) fn run(&self) -> Result<ExitCode> {
        let Some((sql, paths)) = self.words.split_last() else { return Ok(ExitCode::from(2)) };
        let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
        let options = LoadOptions { is_strict: self.strictness.strict, ..self.documents.options() };
        let (catalog, loaded) = load::load(&paths, options)?;
        for file in &loaded {
            if let LoadOutcome::Refused(error) = &file.outcome {
                complain(error);
            }
        }
        let default = if io::stdout().is_terminal() { Format::Table } else { Format::Csv };
        let format = self.format.unwrap_or(default);
        let limits = QueryLimits { is_yielding: false, ..self.limits.query_limits() };
        let queries = QueryService::new(Arc::new(catalog), limits)?;
        match runtime()?.block_on(print_rows(&queries, sql, format)) {
            // The reader of the pipe left: it has what it wanted.
            Err(error) if is_broken_pipe(&error) => Ok(ExitCode::SUCCESS),
            Err(error) => Err(error),
            Ok(()) => Ok(ExitCode::SUCCESS),
        }
    }
}

fn is_broken_pipe(error: &Error) -> bool {
    let source = std::error::Error::source(error).and_then(|source| source.downcast_ref::<io::Error>());
    source.is_some_and(|source| source.kind() == io::ErrorKind::BrokenPipe)
}

async fn print_rows(queries: &QueryService, sql: &str, format: Format) -> Result<()> {
    let mut rows = queries.query(sql.to_owned()).await?;
    let mut encoder = format.encoder(None);
    let mut piece = Vec::new();
    encoder.start(&rows.schema, &mut piece).map_err(not_written)?;
    while let Some(batch) = rows.next().await? {
        encoder.batch(&batch, &mut piece).map_err(not_written)?;
        write(&mut piece)?;
    }
    let outcome =
        Outcome { is_truncated: rows.is_truncated(), elapsed: rows.elapsed(), ..Outcome::default() };
    let is_said = encoder.finish(&outcome, &mut piece).map_err(not_written)?;
    write(&mut piece)?;
    if is_said { Ok(()) } else { Err(rows.truncated()) }
}

fn not_written(error: ArrowError) -> Error {
    Error::new(Code::Internal, "a column cannot be written in this form").caused_by(error)
}

fn write(piece: &mut Vec<u8>) -> Result<()> {
    let written = io::stdout().write_all(piece);
    piece.clear();
    written.map_err(|error| Error::new(Code::ServerSetup, "cannot write to standard output").caused_by(error))
}

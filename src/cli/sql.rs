//! `derek sql`.

use std::ffi::OsString;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;

use super::serve::Limits;
use super::shell::{Display, Interrupt, Next, Shell, answer, is_broken_pipe};
use super::{DocumentLimits, StoreFolder, Strictness, complain, load, runtime};
use crate::assess::NamedQueries;
use crate::catalog::{LoadOptions, LoadOutcome};
use crate::encode::{Format, Language, Layout};
use crate::error::{Code, Error, Result};
use crate::query::{QueryLimits, QueryService};

/// Arguments of `derek sql`.
#[derive(Debug, Args)]
pub(super) struct Sql {
    /// Documents or folders, and then a query; without a query a shell, or where standard input is no
    /// terminal, the script that it holds.
    #[arg(required_unless_present = "store", value_name = "PATH… [SQL]")]
    words: Vec<String>,
    /// The form of the answer: json, ndjson, csv, arrow, parquet, geojson or table [default: table on a terminal, else csv].
    #[arg(long, env = "DEREK_FORMAT", value_name = "FORMAT", value_parser = format)]
    format: Option<Format>,
    /// The language of labels: en, kk or ru. CSV has them in place of names, JSON beside them; the shell
    /// shows them in English where this is missing.
    #[arg(long, env = "DEREK_LANG", value_name = "LANGUAGE", value_parser = super::language)]
    lang: Option<Language>,
    /// Where the shell keeps what was typed: 1,000 texts; '' keeps nothing
    /// [default: `derek/history` in `$XDG_STATE_HOME` or `~/.local/state`].
    #[arg(long, env = "DEREK_HISTORY", value_name = "FILE")]
    history: Option<OsString>,
    #[command(flatten)]
    store: StoreFolder,
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
        let (paths, sql) = self.paths_and_sql();
        let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
        let options = LoadOptions { is_strict: self.strictness.strict, ..self.documents.options() };
        let (catalog, loaded) = load::load(&paths, self.store.folder(), options)?;
        for file in &loaded {
            if let LoadOutcome::Refused(error) = &file.outcome {
                complain(error);
            }
        }
        let default = if io::stdout().is_terminal() { Format::Table } else { Format::Csv };
        let format = self.format.unwrap_or(default);
        let limits = QueryLimits { is_yielding: false, ..self.limits.query_limits() };
        let views = NamedQueries::open(None)?.views();
        let queries = QueryService::with_views(Arc::new(catalog), limits, views)?;
        if let Some(sql) = sql {
            return query(&queries, sql, format, self.lang);
        }
        let mut shell = Shell::new(queries, format, self.lang)?;
        if io::stdin().is_terminal() {
            shell.interact(self.history.as_ref().map(PathBuf::from))?;
            return Ok(ExitCode::SUCCESS);
        }
        let is_failed = shell.run(&script()?) == Next::Failed;
        Ok(if is_failed { ExitCode::from(1) } else { ExitCode::SUCCESS })
    }

    /// The last word is the query, unless a file or folder is called so.
    fn paths_and_sql(&self) -> (&[String], Option<&str>) {
        match self.words.split_last() {
            Some((last, paths)) if !Path::new(last).exists() => (paths, Some(last)),
            _ => (&self.words, None),
        }
    }
}

/// Prints the rows of one query.
fn query(queries: &QueryService, sql: &str, format: Format, language: Option<Language>) -> Result<ExitCode> {
    let is_timed = format == Format::Table;
    let display = Display { format, language, layout: Layout::Fitting, is_timed, max_shown: None };
    match runtime()?.block_on(answer(queries, sql, &display, &mut Interrupt::ignored())) {
        // The reader of the pipe left: it has what it wanted.
        Err(error) if is_broken_pipe(&error) => Ok(ExitCode::SUCCESS),
        Err(error) if error.code == Code::QuerySyntax && !sql.contains(char::is_whitespace) => {
            Err(error.hint(format!("no file or folder is called '{sql}', so it was taken for SQL")))
        }
        Err(error) => Err(error),
        Ok(_) => Ok(ExitCode::SUCCESS),
    }
}

/// What standard input holds.
fn script() -> Result<String> {
    let mut bytes = Vec::new();
    io::stdin()
        .read_to_end(&mut bytes)
        .map_err(|error| Error::new(Code::ServerSetup, "cannot read standard input").caused_by(error))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Error::new(Code::QuerySyntax, format!("the script is not UTF-8 from byte {at} on"))
    })?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

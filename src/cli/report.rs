//! `derek report`.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use chrono::{NaiveDate, Utc};
use clap::Args;

use super::serve::Limits;
use super::{Documents, complain, load, print, runtime, write_whole};
use crate::assess::NamedQueries;
use crate::assess::moment::{self, EXPECTED_DAY, end_of};
use crate::assess::report::{self, Inquiry, QUERIES, Table};
use crate::catalog::LoadOutcome;
use crate::encode::Language;
use crate::error::{Code, Error, Result};
use crate::query::{QueryLimits, QueryService};

/// Arguments of `derek report`.
#[derive(Debug, Args)]
pub(super) struct Report {
    #[command(flatten)]
    documents: Documents,
    /// The day that the report speaks of, up to its end in Kazakhstan (UTC+5), as 2026-11-01 [default: now].
    #[arg(long, env = "DEREK_AS_OF", value_name = "YYYY-MM-DD", value_parser = day)]
    as_of: Option<NaiveDate>,
    /// The language of the report: kk, ru or en.
    #[arg(long, env = "DEREK_LANG", value_name = "LANGUAGE", default_value = "kk", value_parser = super::language)]
    lang: Language,
    /// Who publishes the report, for its head.
    #[arg(long, env = "DEREK_PUBLISHER", value_name = "TEXT")]
    publisher: Option<String>,
    /// The file that takes the report, at once and whole [default: standard output].
    #[arg(long, env = "DEREK_OUT", value_name = "FILE.html")]
    out: Option<PathBuf>,
    /// A folder of named queries (.sql), beside the built-in ones and before those of the same name.
    #[arg(long, env = "DEREK_QUERIES", value_name = "DIR")]
    queries: Option<PathBuf>,
    #[command(flatten)]
    limits: Limits,
}

fn day(text: &str) -> Result<NaiveDate, String> {
    moment::day(text).ok_or_else(|| format!("expected {EXPECTED_DAY}"))
}

impl Report {
    pub(super) fn run(&self) -> Result<ExitCode> {
        let now = Utc::now();
        let (day, as_of) = self.as_of.map_or((report::today(now), now), |day| (day, end_of(day)));
        let Documents { paths, store, .. } = &self.documents;
        let (catalog, loaded) = load::load(paths, store.folder(), self.documents.options())?;
        for file in &loaded {
            if let LoadOutcome::Refused(error) = &file.outcome {
                complain(error);
            }
        }
        let limits = QueryLimits { is_yielding: false, ..self.limits.query_limits() };
        let named = NamedQueries::open(self.queries.as_deref())?;
        let queries = QueryService::with_views(Arc::new(catalog), limits, named.views())?;
        let inquiry = Inquiry { queries: &queries, named: &named, as_of };
        let (tables, unanswered) = runtime()?.block_on(ask(&inquiry));
        let status = if unanswered.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) };
        let (language, publisher) = (self.lang, self.publisher.clone());
        let html = report::Report { as_of: day, language, publisher, tables, unanswered }.to_html();
        match &self.out {
            Some(file) => write(file, html.as_bytes())?,
            None => print(html.as_bytes())?,
        }
        Ok(status)
    }
}

/// The tables that there are, and the names of those whose queries failed, which is told.
async fn ask(inquiry: &Inquiry<'_>) -> (Vec<Table>, Vec<&'static str>) {
    let (mut tables, mut unanswered) = (Vec::new(), Vec::new());
    for name in QUERIES {
        match inquiry.table(name).await {
            Ok(table) => tables.extend(table),
            Err(error) => {
                complain(&error);
                unanswered.push(name);
            }
        }
    }
    (tables, unanswered)
}

/// Writes the report, whole or not at all.
fn write(file: &Path, bytes: &[u8]) -> Result<()> {
    let cannot = |error: io::Error| {
        let message = format!("cannot write {}: {error}", file.display());
        Error::new(Code::ServerSetup, message)
            .hint("--out takes a file in a folder that is there")
            .caused_by(error)
    };
    write_whole(file, bytes, cannot, || Ok(()))
}

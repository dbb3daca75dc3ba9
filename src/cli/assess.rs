//! `derek assess`.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::Utc;
use clap::{Args, Subcommand, ValueEnum};

use super::beside::Beside;
use super::passport::language;
use super::quality::Quality;
use super::{print, requests, write_whole};
use crate::assess::extract::{EXPECTED_LINK, Form, MOST_BYTES, Options, Report, Said, analyse, is_link};
use crate::assess::moment::{self, EXPECTED_DAY};
use crate::assess::passport::{Form as DraftForm, Language};
use crate::assess::restricted::Day;
use crate::catalog::Catalog;
use crate::error::{Code, Error, Result};

/// Arguments of `derek assess`.
#[derive(Debug, Args)]
pub(super) struct Assess {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Tell what an extract of an information system holds, whether it is restricted, and how ready it is.
    Extract(Extract),
    /// Measure how good the datasets of a store are, and keep what is new of it in the store.
    Quality(Box<Quality>),
    /// Keep requests and what became of them in a store: all of a file, or none of it.
    Requests(requests::Import),
}

#[derive(Debug, Args)]
struct Extract {
    /// The extract: a table with a head (.csv, .tsv, .xlsx), or a list of objects (.json).
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The form of the report: text for a reader, json for a program.
    #[arg(long, env = "DEREK_FORMAT", value_name = "FORMAT", default_value = "text")]
    format: ReportFormat,
    /// The day on which it is judged: nobody in it was born later [default: today].
    #[arg(long, env = "DEREK_AS_OF", value_name = "YYYY-MM-DD", value_parser = day)]
    as_of: Option<Day>,
    /// The file that takes the draft of its technological passport: .html, .md or .json.
    #[arg(long, env = "DEREK_DRAFT", value_name = "FILE", value_parser = draft)]
    draft: Option<Draft>,
    /// The language of the draft: kk or ru; json has both.
    #[arg(long, env = "DEREK_LANG", value_name = "LANGUAGE", default_value = "kk", value_parser = language)]
    lang: Language,
    /// Why it is not restricted, whatever the scan finds: the ground that you give.
    #[arg(long, env = "DEREK_NOT_RESTRICTED", value_name = "GROUND", value_parser = ground)]
    not_restricted: Option<String>,
    /// Where its data are published already, in a form that no machine reads.
    #[arg(long, env = "DEREK_PUBLISHED_AT", value_name = "URL", value_parser = link)]
    published_at: Option<String>,
    #[command(flatten)]
    beside: Beside,
}

/// A file with the form that its ending tells.
#[derive(Debug, Clone)]
struct Draft {
    file: PathBuf,
    form: DraftForm,
}

fn draft(text: &str) -> std::result::Result<Draft, String> {
    let file = PathBuf::from(text);
    let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    match DraftForm::named(ending) {
        Some(form) => Ok(Draft { file, form }),
        None => Err("expected a file that ends in .html, .md or .json".to_owned()),
    }
}

/// A text that says something.
pub(super) fn ground(text: &str) -> std::result::Result<String, String> {
    let text = text.trim();
    if text.is_empty() { Err("expected a text".to_owned()) } else { Ok(text.to_owned()) }
}

/// The address of a page.
fn link(text: &str) -> std::result::Result<String, String> {
    let text = text.trim();
    if is_link(text) { Ok(text.to_owned()) } else { Err(format!("expected {EXPECTED_LINK}")) }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ReportFormat {
    // What other commands call a table: one variable serves all of them.
    #[value(alias = "table")]
    Text,
    Json,
}

fn day(text: &str) -> std::result::Result<Day, String> {
    moment::day(text).and_then(Day::of).ok_or_else(|| format!("expected {EXPECTED_DAY}"))
}

impl Assess {
    pub(super) fn run(&self) -> Result<ExitCode> {
        match &self.command {
            Command::Extract(extract) => extract.run(),
            Command::Quality(quality) => quality.run(),
            Command::Requests(import) => import.run(),
        }
    }
}

impl Extract {
    fn run(&self) -> Result<ExitCode> {
        let today = || Day::of(Utc::now().date_naive());
        let as_of = self.as_of.or_else(today).ok_or_else(|| {
            Error::new(Code::ServerSetup, "the clock tells no day").hint("give one with --as-of YYYY-MM-DD")
        })?;
        let form = Form::of_file(&self.file)?;
        let name = || self.file.display().to_string();
        let bytes = read(&self.file)?;
        let catalog = self.beside.catalog()?;
        let snapshot = catalog.as_ref().map(Catalog::snapshot);
        let options = Options { form, as_of, datasets: snapshot.as_deref(), check: &|| Ok(()) };
        let report = analyse(&bytes, &options).map_err(|error| error.in_file(name()))?;
        let report = report.with_said(&Said {
            demand: catalog.map_or(Ok(None), |catalog| self.beside.demand(catalog))?,
            not_restricted: self.not_restricted.clone(),
            published_at: self.published_at.clone(),
        });
        if let Some(draft) = &self.draft {
            self.write(draft, &report)?;
        }
        let text = match self.format {
            ReportFormat::Text => report.text(),
            ReportFormat::Json => {
                let json = serde_json::to_string_pretty(&report).map_err(|error| {
                    Error::new(Code::Internal, "the report cannot be written").caused_by(error)
                })?;
                json + "\n"
            }
        };
        print(text.as_bytes())?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Extract {
    /// Writes the draft of the passport, whole or not at all.
    fn write(&self, draft: &Draft, report: &Report) -> Result<()> {
        let cannot = |error: std::io::Error| {
            let message = format!("cannot write {}: {error}", draft.file.display());
            Error::new(Code::ServerSetup, message)
                .hint("--draft takes a file in a folder that is there")
                .caused_by(error)
        };
        let name = self.file.file_name().unwrap_or_default().to_string_lossy();
        let text = report.draft(&name).written(draft.form, self.lang);
        write_whole(&draft.file, text.as_bytes(), cannot, || Ok(()))
    }
}

/// The bytes of a file, or one more than an extract may have.
fn read(file: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = File::open(file).and_then(|file| file.take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes));
    read.map_err(|error| {
        Error::new(Code::DocumentIo, format!("cannot read the extract: {error}"))
            .in_file(file.display().to_string())
            .caused_by(error)
    })?;
    Ok(bytes)
}

//! The command line: each command is a few lines over the library.
//!
//! Exit status: 0 fine, 1 the input is at fault, 2 the call is at fault.

mod assess;
mod backup;
mod beside;
mod check;
mod complaint;
mod convert;
mod list;
mod load;
mod passport;
mod publish;
mod quality;
mod report;
mod requests;
mod serve;
mod shell;
mod show;
mod sql;
mod token;
mod verify;

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use complaint::complain;

use crate::catalog::{Access, LoadOptions, Store};
use crate::encode::Language;
use crate::error::{Code, Error, Result};

/// Published open data as tables: typed, with SQL and nearest look-ups over HTTP.
#[derive(Debug, Parser)]
#[command(name = "derek", version, propagate_version = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Load documents, then answer over HTTP; the PATHs are watched for changes.
    Serve(serve::Serve),
    /// Publish documents into a store: durable when it is done.
    Load(publish::Publish),
    /// Print the rows of a query, or of a script; without either, a shell.
    Sql(sql::Sql),
    /// List the datasets.
    List(list::List),
    /// Show one dataset: its names, fields, points and findings.
    Show(show::Show),
    /// Print what documents break; exit status 1 if there are errors.
    Check(check::Check),
    /// Print the technological passport of a dataset; what is missing in it is shown.
    Passport(passport::Passport),
    /// Write the monthly report as one HTML file; exit status 1 if a query of it failed.
    Report(report::Report),
    /// Turn a document into another form: JSON, XML, or the order's template as XLSX or CSV.
    Convert(convert::Convert),
    /// Judge an extract of an information system; take in requests; measure the quality of what is published.
    Assess(assess::Assess),
    /// Copy a store into another folder, which is then a store itself.
    Backup(backup::Backup),
    /// Make, list and revoke the tokens that publishing takes.
    Token(token::Tokens),
    /// Compare every byte of all versions with its checksum, and check how the databases of a store are built; exit
    /// status 1 if one is damaged.
    ///
    /// Every file of a version has a checksum. The databases have none: their pages, their indexes and the types of their
    /// values are checked, so that a value that became another one of its type is not seen.
    Verify(verify::Verify),
}

/// The documents that a command works on.
#[derive(Debug, Args)]
struct Documents {
    /// Documents (.json, .xml, either as .gz or .zst), or folders that are searched for them; templates (.xlsx, .csv).
    #[arg(required_unless_present = "store", value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    store: StoreFolder,
    #[command(flatten)]
    strictness: Strictness,
    #[command(flatten)]
    limits: DocumentLimits,
}

impl Documents {
    fn options(&self) -> LoadOptions<'static> {
        LoadOptions { is_strict: self.strictness.strict, ..self.limits.options() }
    }
}

/// The store that a command works on.
#[derive(Debug, Args)]
struct StoreFolder {
    /// The folder of a store: published versions that stay, whatever becomes of the documents.
    #[arg(long, env = "DEREK_STORE", value_name = "DIR")]
    store: Option<PathBuf>,
}

/// What tables of a store may take.
#[derive(Debug, Args)]
struct TableMemory {
    /// Memory for a store's tables and their indexes, in MiB; the rest is read from disk when it is asked for
    /// [default: 40 % of the machine's].
    #[arg(long, env = "DEREK_MEMORY", value_name = "MIB")]
    memory: Option<usize>,
}

/// Which versions a store keeps.
#[derive(Debug, Args)]
struct Retention {
    /// Versions of each dataset that the store keeps; older ones are dropped [default: all].
    #[arg(long, env = "DEREK_KEEP_VERSIONS", value_name = "VERSIONS")]
    keep_versions: Option<NonZeroU32>,
}

impl Retention {
    /// Opens a store for writing.
    fn open(&self, store: &Path) -> Result<Store> {
        let store = Store::open(store, Access::Write)?;
        match self.keep_versions {
            Some(kept) => store.with_kept_versions(kept),
            None => Ok(store),
        }
    }
}

impl TableMemory {
    fn bytes(&self) -> usize {
        let machine = usize::try_from(machine_memory_bytes() / 5 * 2).unwrap_or(usize::MAX);
        self.memory.map_or(machine, |mib| mib.saturating_mul(1 << 20))
    }
}

/// The machine's memory.
fn machine_memory_bytes() -> u64 {
    let mut system = sysinfo::System::new();
    system.refresh_memory();
    system.total_memory()
}

impl StoreFolder {
    fn folder(&self) -> Option<&Path> {
        self.store.as_deref()
    }
}

#[derive(Debug, Args)]
struct Strictness {
    /// Refuse documents with findings of severity error.
    #[arg(long, env = "DEREK_STRICT")]
    strict: bool,
}

#[derive(Debug, Args)]
struct DocumentLimits {
    /// What a compressed document or a workbook may unpack to, in bytes.
    #[arg(long, env = "DEREK_MAX_DOCUMENT_BYTES", value_name = "BYTES", default_value_t = LoadOptions::MAX_DOCUMENT_BYTES)]
    max_document_bytes: u64,
    /// Put Kazakh letters right that were read in a wrong encoding.
    #[arg(long, env = "DEREK_REPAIR_TEXT")]
    repair_text: bool,
}

impl DocumentLimits {
    fn options(&self) -> LoadOptions<'static> {
        LoadOptions {
            max_document_bytes: self.max_document_bytes,
            repairs_text: self.repair_text,
            ..LoadOptions::default()
        }
    }
}

/// The language of a code.
fn language(code: &str) -> Result<Language, String> {
    Language::named(code)
        .ok_or_else(|| format!("expected one of {}", Language::ALL.map(Language::code).join(", ")))
}

/// Writes a file beside its place, and moves it there once it is whole and `may_move` allows it: who reads it meets
/// the old one or the new one.
///
/// # Errors
/// What `cannot` makes of a failure to write, and what `may_move` says; nothing is left beside the file then.
fn write_whole(
    file: &Path,
    bytes: &[u8],
    cannot: impl Fn(io::Error) -> Error,
    may_move: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let name = file.file_name().ok_or_else(|| cannot(io::ErrorKind::InvalidInput.into()))?;
    let mut beside = OsString::from(".");
    beside.push(name);
    beside.push(format!(".{}.part", std::process::id()));
    let beside = file.with_file_name(beside);
    let written = File::create(&beside).and_then(|mut opened| {
        opened.write_all(bytes)?;
        opened.sync_all()
    });
    let moved = written
        .map_err(&cannot)
        .and_then(|()| may_move())
        .and_then(|()| fs::rename(&beside, file).map_err(&cannot));
    moved.inspect_err(|_| drop(fs::remove_file(&beside)))
}

/// Lets this process have as many open files as the system allows it: each dataset on disk is one, and each
/// connection.
fn raise_file_limit() {
    let _ = rlimit::increase_nofile_limit(u64::MAX);
}

/// Runs the program with the process's arguments.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    raise_file_limit();
    let result = match &cli.command {
        Command::Serve(command) => command.run(),
        Command::Load(command) => command.run(),
        Command::Sql(command) => command.run(),
        Command::List(command) => command.run(),
        Command::Show(command) => command.run(),
        Command::Check(command) => command.run(),
        Command::Passport(command) => command.run(),
        Command::Report(command) => command.run(),
        Command::Convert(command) => command.run(),
        Command::Assess(command) => command.run(),
        Command::Backup(command) => command.run(),
        Command::Token(command) => command.run(),
        Command::Verify(command) => command.run(),
    };
    result.unwrap_or_else(|error| {
        complain(&error);
        match error.code {
            Code::ServerSetup | Code::CatalogNoDocuments => ExitCode::from(2),
            _ => ExitCode::from(1),
        }
    })
}

/// Writes to standard output. A reader that left (`| head`) is no error.
fn print(bytes: &[u8]) -> Result<()> {
    match io::stdout().write_all(bytes) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::new(Code::ServerSetup, "cannot write to standard output").caused_by(error))
        }
        _ => Ok(()),
    }
}

/// A runtime for the commands that need one.
fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .thread_name("derek-io")
        .enable_all()
        .build()
        .map_err(|error| Error::new(Code::ServerSetup, "cannot start threads").caused_by(error))
}

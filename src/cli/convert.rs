//! `derek convert`.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use serde_json::Value;

use super::{print, write_whole};
use crate::catalog::LoadOptions;
use crate::convert::{Fault, json, template, xml};
use crate::document;
use crate::encode::Language;
use crate::error::{Code, Error, Result};

/// What a document may have in bytes, and a workbook unpack to.
const MAX_BYTES: u64 = LoadOptions::MAX_DOCUMENT_BYTES;

/// Arguments of `derek convert`.
#[derive(Debug, Args)]
pub(super) struct Convert {
    /// The document: .json, .xml, .xlsx or .csv, of at most 4 GiB; all of it is read into memory.
    #[arg(value_name = "FROM", required_unless_present = "template", conflicts_with = "template")]
    from: Option<PathBuf>,
    /// The file to write, in the form that its ending tells: .json, .xml, .xlsx or .csv.
    #[arg(value_name = "TO", required_unless_present = "template", conflicts_with = "template")]
    to: Option<PathBuf>,
    /// Write an empty template to fill in: this file, .xlsx.
    #[arg(long, env = "DEREK_TEMPLATE", value_name = "FILE")]
    template: Option<PathBuf>,
    /// The language of the empty template: kk or ru.
    #[arg(long, env = "DEREK_LANG", value_name = "LANGUAGE", default_value = "kk", value_parser = super::language)]
    lang: Language,
    /// Replace the file where there is one.
    #[arg(long, env = "DEREK_FORCE")]
    force: bool,
}

/// A form that a document can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Json,
    Xml,
    Xlsx,
    Csv,
}

impl Convert {
    pub(super) fn run(&self) -> Result<ExitCode> {
        if let Some(file) = &self.template {
            return self.write_template(file);
        }
        let (Some(from), Some(to)) = (&self.from, &self.to) else {
            return Err(Error::new(Code::ServerSetup, "derek convert takes FROM and TO, or --template FILE"));
        };
        let (form, new_form) = (Form::of(from)?, Form::of(to)?);
        self.require_free(to)?;
        let named = |error: Error, file: &Path| error.in_file(file.display().to_string());
        let document = form.read(from).map_err(|error| named(error, from))?;
        // What has no place in the other form is told by its place in the document.
        let bytes = new_form
            .write(&document)
            .map_err(|fault| named(fault.into_error(Code::ConvertDocument), from))?;
        self.put(to, &bytes)?;
        let rows = document.get("data").and_then(Value::as_array).map_or(0, Vec::len);
        print(format!("{}: {rows} rows\n", to.display()).as_bytes())?;
        Ok(ExitCode::SUCCESS)
    }

    fn write_template(&self, file: &Path) -> Result<ExitCode> {
        if Form::of(file)? != Form::Xlsx {
            return Err(Error::new(Code::ServerSetup, "an empty template is a workbook")
                .in_file(file.display().to_string())
                .hint("name a file that ends in .xlsx"));
        }
        if self.lang == Language::English {
            return Err(Error::new(Code::ServerSetup, "the template is in Kazakh or in Russian")
                .hint("--lang kk or --lang ru"));
        }
        self.require_free(file)?;
        let bytes = template::empty_xlsx(self.lang);
        self.put(file, &bytes.map_err(|fault| fault.into_error(Code::Internal))?)?;
        print(format!("{}: an empty template\n", file.display()).as_bytes())?;
        Ok(ExitCode::SUCCESS)
    }

    /// That nothing is lost by writing a file.
    fn require_free(&self, file: &Path) -> Result<()> {
        if self.force || fs::symlink_metadata(file).is_err() {
            return Ok(());
        }
        Err(Error::new(Code::ServerSetup, "the file is there already")
            .in_file(file.display().to_string())
            .hint("--force replaces it"))
    }

    /// Writes a file, whole or not at all.
    fn put(&self, file: &Path, bytes: &[u8]) -> Result<()> {
        let cannot = |error: io::Error| {
            Error::new(Code::ServerSetup, format!("cannot write: {error}"))
                .in_file(file.display().to_string())
                .caused_by(error)
        };
        write_whole(file, bytes, cannot, || self.require_free(file))
    }
}

impl Form {
    /// The form that a file's ending tells.
    fn of(file: &Path) -> Result<Self> {
        let ending = file.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        match ending.as_str() {
            "json" => Ok(Self::Json),
            "xml" => Ok(Self::Xml),
            "xlsx" => Ok(Self::Xlsx),
            "csv" => Ok(Self::Csv),
            _ => Err(Error::new(Code::ServerSetup, "the ending tells no form of a document")
                .in_file(file.display().to_string())
                .hint("name files that end in .json, .xml, .xlsx or .csv")),
        }
    }

    /// The document in a file.
    fn read(self, file: &Path) -> Result<Value> {
        let bytes = read_bounded(file)?;
        let in_utf8 = |bytes: Vec<u8>| Ok::<_, Error>(document::to_utf8(&bytes)?.unwrap_or(bytes));
        let (document, code) = match self {
            Self::Json => (json::read(&in_utf8(bytes)?), Code::ConvertDocument),
            Self::Xml => (read_xml(&in_utf8(bytes)?), Code::ConvertDocument),
            Self::Xlsx => (template::read_xlsx(&bytes, MAX_BYTES), Code::ConvertTemplate),
            Self::Csv => (template::read_csv(&bytes), Code::ConvertTemplate),
        };
        document.map_err(|fault| fault.into_error(code))
    }

    /// The bytes of a document in this form.
    fn write(self, document: &Value) -> Result<Vec<u8>, Fault> {
        match self {
            Self::Json => json::write(document),
            Self::Xml => xml::from_document(document),
            Self::Xlsx => template::write_xlsx(document),
            Self::Csv => template::write_csv(document),
        }
    }
}

/// The document of XML that is UTF-8 by now, whatever encoding it declares.
fn read_xml(bytes: &[u8]) -> Result<Value, Fault> {
    match std::str::from_utf8(bytes) {
        Ok(text) => xml::text_to_document(text),
        // It tells where.
        Err(_) => xml::to_document(bytes),
    }
}

fn read_bounded(file: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let opened = File::open(file).map_err(|error| {
        let code = match error.kind() {
            io::ErrorKind::NotFound => Code::CatalogNoDocuments,
            _ => Code::DocumentIo,
        };
        Error::new(code, format!("cannot read: {error}")).caused_by(error)
    })?;
    opened
        .take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Error::new(Code::DocumentIo, format!("cannot read: {error}")).caused_by(error))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Error::new(Code::DocumentTooLarge, format!("larger than {MAX_BYTES} bytes")));
    }
    Ok(bytes)
}

//! `derek check`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use arrow::array::RecordBatch;
use clap::{Args, ValueEnum};

use super::{DocumentLimits, print};
use crate::catalog::{FindingRow, find, finding_rows, finding_table, read_document};
use crate::document::{Document, Finding, Rule, Severity};
use crate::encode::{Format, Language, Outcome};
use crate::error::{Code, Error, Result};

/// How many findings of a kind are shown one by one.
const EXAMPLES: usize = 3;

/// Arguments of `derek check`.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// Documents (.json, .xml, either as .gz or .zst), or folders that are searched for them; templates (.xlsx, .csv).
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Exit status 1 on warnings too.
    #[arg(long, env = "DEREK_STRICT")]
    strict: bool,
    /// The form of the report: text for a reader; json or csv for a program, one row a finding.
    #[arg(long, env = "DEREK_FORMAT", value_name = "FORMAT", default_value = "text")]
    format: ReportFormat,
    /// The language of the report: en, kk or ru.
    #[arg(long, env = "DEREK_LANG", value_name = "LANGUAGE", default_value = "en", value_parser = super::language)]
    lang: Language,
    #[command(flatten)]
    limits: DocumentLimits,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ReportFormat {
    // What other commands call a table: one variable serves all of them.
    #[value(alias = "table")]
    Text,
    Json,
    Csv,
}

impl Check {
    pub(super) fn run(&self) -> Result<ExitCode> {
        let started = Instant::now();
        let worst = if self.strict { Severity::Warning } else { Severity::Error };
        let mut is_bad = false;
        let mut rows = Vec::new();
        let files = find(&self.files)?;
        if files.is_empty() {
            return Err(Error::new(Code::CatalogNoDocuments, "no documents in what was named"));
        }
        for file in files {
            // One document at a time: each is let go before the next is read.
            let read = read_document(&file, &self.limits.options());
            is_bad |= read.as_ref().map_or(true, |(document, _)| breaks(document, worst));
            match (self.format, read) {
                (ReportFormat::Text, read) => {
                    print(self.report(&file, read.map(|(document, _)| document)).as_bytes())?;
                }
                (_, Ok((document, _))) => {
                    rows.extend(finding_rows(&document.name, None, &document.findings, self.lang));
                }
                (_, Err(error)) => {
                    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
                    rows.push(FindingRow::refusal(name, &error));
                }
            }
        }
        if self.format != ReportFormat::Text {
            print(&self.encoded(&finding_table(&rows), started)?)?;
        }
        Ok(if is_bad { ExitCode::from(1) } else { ExitCode::SUCCESS })
    }

    fn encoded(&self, table: &RecordBatch, started: Instant) -> Result<Vec<u8>> {
        let format = if self.format == ReportFormat::Json { Format::Json } else { Format::Csv };
        let (mut encoder, mut out) = (format.encoder(None), Vec::new());
        let outcome = |started: Instant| Outcome { elapsed: started.elapsed(), ..Outcome::default() };
        let written = encoder
            .start(table.schema_ref(), &mut out)
            .and_then(|()| encoder.batch(table, &mut out))
            .and_then(|()| encoder.finish(&outcome(started), &mut out));
        written.map_err(|error| {
            Error::new(Code::Internal, "the findings cannot be written in this form").caused_by(error)
        })?;
        Ok(out)
    }

    /// What a person reads about one document.
    fn report(&self, file: &Path, read: Result<Document>) -> String {
        match read {
            Ok(document) => format!("{}: {}", file.display(), report(&document, self.lang)),
            Err(error) => {
                let refused = self.lang.of(["refused", "қабылданбады", "отклонён"]);
                format!("{}: {refused} [{}]: {error}\n", file.display(), error.code)
            }
        }
    }
}

/// Whether a document has findings that matter as much as `worst`.
fn breaks(document: &Document, worst: Severity) -> bool {
    document.findings.totals().any(|(rule, _, _)| rule.severity() >= worst)
}

/// A line about the document, then its findings by rule and field, the worst first, with examples.
fn report(document: &Document, language: Language) -> String {
    let mut lines = vec![summary(document, language)];
    for severity in Severity::ALL {
        let of_severity = document.findings.totals().filter(|(rule, ..)| rule.severity() == severity);
        for (rule, field, total) in of_severity {
            let place = if field.is_empty() { String::new() } else { format!(" {field}") };
            lines.push(format!("  {} {}{place}: {total}", severity.word(language), rule.code()));
            lines.push(format!("    {} ({})", rule.sentence(language), rule.source_in(language)));
            lines.extend(examples(document, rule, field, total, language));
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

fn summary(document: &Document, language: Language) -> String {
    let [errors, warnings, notes] = Severity::ALL.map(|severity| document.findings.total_of(severity));
    let (name, rows) = (&document.name, document.rows);
    match language {
        Language::English => {
            let counted =
                |count: u64, thing: &str| format!("{count} {thing}{}", if count == 1 { "" } else { "s" });
            let [rows, errors] = [counted(rows, "row"), counted(errors, "error")];
            let [warnings, notes] = [counted(warnings, "warning"), counted(notes, "note")];
            format!("{name}, {rows}, {errors}, {warnings}, {notes}")
        }
        Language::Kazakh => {
            format!("{name}, {rows} жол, {errors} қате, {warnings} ескерту, {notes} ескертпе")
        }
        Language::Russian => {
            format!("{name}, строк: {rows}, ошибок: {errors}, предупреждений: {warnings}, замечаний: {notes}")
        }
    }
}

/// The first findings of a kind, and how many there are beyond.
fn examples(document: &Document, rule: Rule, field: &str, total: u64, language: Language) -> Vec<String> {
    let of_kind = document.findings.iter().filter(|it| it.rule == rule && *it.field == *field);
    let shown = of_kind.filter(|it| it.row.is_some() || it.raw.is_some()).take(EXAMPLES);
    let mut lines: Vec<String> = shown.map(|finding| example(finding, language)).collect();
    let more = total - lines.len() as u64;
    if more > 0 && !lines.is_empty() {
        lines.push(format!("    {} {more}", language.of(["and more:", "тағы:", "и ещё:"])));
    }
    lines
}

/// One finding: its row, the row's key, and the value as the document has it.
fn example(finding: &Finding, language: Language) -> String {
    let mut parts = Vec::new();
    parts.extend(finding.row.map(|row| format!("{} {row}", language.of(["row", "жол", "строка"]))));
    parts.extend(finding.key.as_ref().map(|key| format!("{} {key}", language.of(["key", "кілт", "ключ"]))));
    let raw = finding.raw.as_ref().map(|raw| crate::document::quoted(raw));
    parts.extend(raw.map(|raw| format!("{} {raw}", language.of(["found", "табылғаны", "найдено"]))));
    format!("    - {}", parts.join(", "))
}

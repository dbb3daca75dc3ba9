//! `derek check`.

use std::process::ExitCode;

use clap::Args;

use super::{Documents, load, print};
use crate::catalog::{LoadOutcome, Loaded};
use crate::document::{Document, Finding, Severity};
use crate::error::Result;

/// How many findings of a kind are shown one by one.
const EXAMPLES: usize = 3;

/// Arguments of `derek check`.
#[derive(Debug, Args)]
pub(super) struct Check {
    #[command(flatten)]
    documents: Documents,
    /// Exit status 1 on warnings too.
    #[arg(long, env = "DEREK_STRICT")]
    strict: bool,
}

impl Check {
    pub(super) fn run(&self) -> Result<ExitCode> {
        let (_catalog, loaded) = load::load(&self.documents.paths, self.documents.limits.options())?;
        let worst = if self.strict { Severity::Warning } else { Severity::Error };
        let mut is_bad = false;
        for Loaded { file, outcome, .. } in &loaded {
            match outcome {
                LoadOutcome::Published(dataset) => {
                    let document = &dataset.document;
                    is_bad |= document.findings.totals().any(|(rule, _, _)| rule.severity() >= worst);
                    print(format!("{}: {}", file.display(), report(document)).as_bytes())?;
                }
                LoadOutcome::Refused(error) => {
                    is_bad = true;
                    print(format!("{}: refused [{}]: {error}\n", file.display(), error.code).as_bytes())?;
                }
                LoadOutcome::Removed(_) => {}
            }
        }
        Ok(if is_bad { ExitCode::from(1) } else { ExitCode::SUCCESS })
    }
}

/// A line about the document, then its findings by rule and field, with the first examples.
fn report(document: &Document) -> String {
    let findings = &document.findings;
    let count = |severity| findings.total_of(severity);
    let [errors, warnings, notes] = [Severity::Error, Severity::Warning, Severity::Note].map(count);
    let (name, rows) = (&document.name, document.rows);
    let mut lines = vec![format!("{name}, {rows} rows, {errors} errors, {warnings} warnings, {notes} notes")];
    for (rule, field, total) in findings.totals() {
        let place = if field.is_empty() { String::new() } else { format!(" {field}:") };
        lines.push(format!("  {} {}{place} {total} × {}", rule.severity(), rule.code(), rule.sentence()));
        let of_kind = findings.iter().filter(|it| it.rule == rule && *it.field == *field);
        let examples = of_kind.filter(|it| it.row.is_some() || it.raw.is_some()).take(EXAMPLES);
        lines.extend(examples.map(example));
    }
    lines.push(String::new());
    lines.join("\n")
}

/// One finding: its row, the row's key, and the value as the document has it.
fn example(finding: &Finding) -> String {
    let row = finding.row.map_or(String::new(), |row| format!(" row {row}"));
    let key = finding.key.as_ref().map_or(String::new(), |key| format!(" key {key}"));
    let raw = finding.raw.as_ref().map_or(String::new(), |raw| format!(" found {raw:?}"));
    format!("    at{row}{key}{raw}")
}

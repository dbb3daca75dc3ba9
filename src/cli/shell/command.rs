//! The shell's own commands: lines that start with a backslash.

use std::fmt::Write;

use crate::catalog::{Snapshot, SystemTables};
use crate::encode::{Format, Language};
use crate::error::{Code, Error, Result, nearest_name};

/// A command with what stands after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Command<'a> {
    /// `\d`, and `\d TABLE`.
    Describe(&'a str),
    /// `\format NAME`.
    Format(&'a str),
    /// `\x`.
    Expanded(&'a str),
    /// `\timing`.
    Timing(&'a str),
    /// `\?`.
    Help,
    /// `\q`.
    Quit,
}

impl<'a> Command<'a> {
    /// Every command: its name, what may stand after it, and what it does.
    pub(super) const ALL: [(&'static str, &'static str, &'static str); 6] = [
        (r"\d", "[TABLE]", "list the tables, or the columns of one"),
        (r"\format", "[NAME]", "answer in this form"),
        (r"\x", "[on|off|auto]", "show each column on a line; auto: where a table is too wide"),
        (r"\timing", "[on|off]", "show the time of each answer"),
        (r"\?", "", "show this list"),
        (r"\q", "", "leave, as Ctrl-D does"),
    ];

    /// The command that a line holds.
    ///
    /// # Errors
    /// `shell.command`, with the nearest one there is.
    pub(super) fn parse(line: &'a str) -> Result<Self> {
        let line = line.trim_end_matches([';', ' ', '\t', '\r']);
        let (name, argument) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let argument = argument.trim();
        Ok(match name {
            r"\d" => Self::Describe(argument),
            r"\format" => Self::Format(argument),
            r"\x" => Self::Expanded(argument),
            r"\timing" => Self::Timing(argument),
            r"\?" => Self::Help,
            r"\q" => Self::Quit,
            _ => return Err(unknown(name)),
        })
    }

    /// What `\?` prints.
    pub(super) fn help() -> String {
        let mut text = String::new();
        for (name, argument, what) in Self::ALL {
            let call = format!("{name} {argument}");
            let _ = writeln!(text, "  {:<20}{what}", call.trim_end());
        }
        text + "A statement ends with a semicolon, on whichever line. Ctrl-C clears it, or stops its query.\n"
    }
}

fn unknown(name: &str) -> Error {
    let error = Error::new(Code::ShellCommand, format!("no command '{name}'"));
    match nearest_name(name, Command::ALL.map(|(known, ..)| known)) {
        Some(nearest) => error.hint(format!("did you mean '{nearest}'?")),
        None => error.hint(r"\? lists the commands"),
    }
}

/// The word after a command, as one of a few.
///
/// # Errors
/// `shell.command`, with the words there are.
pub(super) fn choice<T: Copy>(argument: &str, choices: &[(&str, T)]) -> Result<T> {
    let found = choices.iter().find(|(name, _)| name.eq_ignore_ascii_case(argument));
    found.map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<&str> =
            choices.iter().map(|(name, _)| *name).filter(|name| !name.is_empty()).collect();
        let error = Error::new(Code::ShellCommand, format!("no choice '{argument}'"));
        match nearest_name(argument, names.iter().copied()) {
            Some(nearest) => error.hint(format!("did you mean '{nearest}'?")),
            None => error.hint(format!("there are {}", names.join(", "))),
        }
    })
}

/// The form of this name.
pub(super) fn format(name: &str) -> Result<Format> {
    choice(name, &Format::ALL.map(|format| (format.name(), format)))
}

/// The query that answers `\d`: the datasets, then the tables of the other schemas.
pub(super) fn tables_sql(language: Language) -> String {
    format!(
        "SELECT \"table\", rows, name FROM (
            SELECT 1 AS part, dataset AS \"table\", rows, {} AS name FROM system.datasets
            UNION ALL
            SELECT 2, table_schema || '.' || table_name, NULL, NULL FROM information_schema.tables
            WHERE table_schema NOT IN ('public', 'information_schema')
        ) ORDER BY part, \"table\"",
        in_language("name", language)
    )
}

/// The query that answers `\d TABLE`.
pub(super) fn columns_sql(table: &str, snapshot: &Snapshot, language: Language) -> String {
    let name = table.trim_matches('"');
    if let Some(dataset) = snapshot.dataset(name.strip_prefix("public.").unwrap_or(name)) {
        return format!(
            "SELECT field, type, {} AS label, CASE WHEN is_key THEN 'yes' END AS key, datapath
             FROM system.fields WHERE dataset = '{}'",
            in_language("label", language),
            dataset.name().replace('\'', "''")
        );
    }
    let schema = if SystemTables::NAMES.contains(&name) { "system." } else { "" };
    format!("DESCRIBE {schema}{table}")
}

/// The text in this language, or in another where there is none.
fn in_language(column: &str, language: Language) -> String {
    let others = Language::ALL.into_iter().filter(|other| *other != language);
    let columns: Vec<String> =
        [language].into_iter().chain(others).map(|it| format!("{column}_{}", it.code())).collect();
    format!("coalesce({})", columns.join(", "))
}

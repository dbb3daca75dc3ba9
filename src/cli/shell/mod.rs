//! An analyst's shell over the datasets: statements and commands, from a terminal or from a script.

mod answer;
mod command;
mod completion;
mod editor;
mod script;

use std::path::PathBuf;

use tokio::runtime::Runtime;

use answer::notice;
pub(super) use answer::{Display, Ending, Interrupt, answer, is_broken_pipe};
use command::{Command, choice};
use completion::Names;
use editor::{Editor, Input};
use script::{Kind, Piece, pieces};

use super::complaint::complain_in;
use super::{print, runtime};
use crate::encode::{Format, Language, Layout};
use crate::error::Result;
use crate::query::QueryService;

/// How many rows a table shows at a terminal.
const MAX_SHOWN: usize = 1_000;

/// Runs statements and commands one after the other; the commands change how answers are shown.
pub(super) struct Shell {
    queries: QueryService,
    runtime: Runtime,
    display: Display,
    language: Language,
    /// Whether Ctrl-C stops a query, and not the program.
    is_interactive: bool,
}

/// What comes after a text was run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// The next one.
    Text,
    /// Nothing: it was told to leave, or its reader left.
    Leave,
    /// It failed or was stopped, and said so; what stood behind that was not run.
    Failed,
}

impl Shell {
    /// A shell that answers in this form.
    ///
    /// # Errors
    /// `server.setup` where threads cannot be started.
    pub(super) fn new(queries: QueryService, format: Format, language: Option<Language>) -> Result<Self> {
        let display = Display { format, language, layout: Layout::Fitting, is_timed: false, max_shown: None };
        let language = language.unwrap_or_default();
        Ok(Self { queries, runtime: runtime()?, display, language, is_interactive: false })
    }

    /// Reads from the terminal until the user leaves.
    ///
    /// # Errors
    /// `server.setup` where the terminal cannot be used.
    pub(super) fn interact(&mut self, history: Option<PathBuf>) -> Result<()> {
        self.is_interactive = true;
        self.display = Display { is_timed: true, max_shown: Some(MAX_SHOWN), ..self.display };
        let names = Names::of(&self.queries.catalog().snapshot());
        let mut editor = Editor::new(names, history.or_else(editor::default_history))?;
        notice(self.welcome());
        loop {
            match editor.read()? {
                Input::Text(text) if self.run(line_of(&text)) == Next::Leave => return Ok(()),
                Input::Text(_) | Input::Cleared => {}
                Input::End => return Ok(()),
            }
        }
    }

    fn welcome(&self) -> String {
        let count = self.queries.catalog().snapshot().datasets().len();
        let datasets = if count == 1 { "dataset" } else { "datasets" };
        let version = env!("CARGO_PKG_VERSION");
        format!(r"derek {version}, {count} {datasets}: \d lists them, \? the commands, \q leaves")
    }

    /// Runs the statements and commands of a text up to the first that fails.
    pub(super) fn run(&mut self, text: &str) -> Next {
        for piece in pieces(text) {
            let done = match piece.kind {
                Kind::Statement => self.answer(piece.text),
                Kind::Command => self.obey(piece.text),
            };
            match done {
                Ok(Next::Text) => {}
                Ok(next) => return next,
                // The reader of the pipe left: it has what it wanted.
                Err(error) if is_broken_pipe(&error) => return Next::Leave,
                Err(error) => {
                    complain_in(&piece.in_text(error, text), text);
                    return Next::Failed;
                }
            }
        }
        Next::Text
    }

    /// Runs one statement.
    fn answer(&self, sql: &str) -> Result<Next> {
        let ending = self.runtime.block_on(async {
            let mut interrupt = if self.is_interactive { Interrupt::listen() } else { Interrupt::ignored() };
            answer(&self.queries, sql, &self.display, &mut interrupt).await
        })?;
        if ending == Ending::Stopped {
            notice("\nthe query was stopped");
            return Ok(Next::Failed);
        }
        Ok(Next::Text)
    }

    /// Does what a command says.
    fn obey(&mut self, line: &str) -> Result<Next> {
        match Command::parse(line)? {
            Command::Describe(table) => return self.describe(table),
            Command::Format("") => {}
            Command::Format(name) => self.display.format = command::format(name)?,
            Command::Expanded(word) => self.display.layout = expanded(word, self.display.layout)?,
            Command::Timing(word) => {
                let now = self.display.is_timed;
                self.display.is_timed = choice(word, &[("", !now), ("on", true), ("off", false)])?;
            }
            Command::Help => print(Command::help().as_bytes())?,
            Command::Quit => return Ok(Next::Leave),
        }
        if let Some(state) = self.state(line) {
            notice(state);
        }
        Ok(Next::Text)
    }

    fn describe(&self, table: &str) -> Result<Next> {
        let sql = match table {
            "" => command::tables_sql(self.language),
            table => command::columns_sql(table, &self.queries.catalog().snapshot(), self.language),
        };
        // The place is one in a text that the user did not write.
        self.answer(&sql).map_err(|mut error| {
            error.place = None;
            error
        })
    }

    /// What a command changed, for who sits there.
    fn state(&self, line: &str) -> Option<String> {
        let Display { format, layout, is_timed, .. } = self.display;
        match Command::parse(line).ok().filter(|_| self.is_interactive)? {
            Command::Format(_) => Some(format!("answers are in the form {}", format.name())),
            Command::Expanded(_) => Some(match layout {
                Layout::Fitting => "a column a line where a table is too wide".to_owned(),
                Layout::Records => "a column a line".to_owned(),
                Layout::Table => "tables, however wide".to_owned(),
            }),
            Command::Timing(_) => Some(format!("times are {}shown", if is_timed { "" } else { "not " })),
            Command::Describe(_) | Command::Help | Command::Quit => None,
        }
    }
}

fn expanded(word: &str, now: Layout) -> Result<Layout> {
    let other = if now == Layout::Records { Layout::Fitting } else { Layout::Records };
    let choices = [("", other), ("on", Layout::Records), ("off", Layout::Table), ("auto", Layout::Fitting)];
    choice(word, &choices)
}

/// Whether what was typed can be run; commands and what is no statement at all can.
fn is_complete(text: &str) -> bool {
    line_of(text) != text || pieces(text).last().is_none_or(|piece: &Piece<'_>| piece.is_ended)
}

/// What was typed, the words that other shells have for a command taken for it.
fn line_of(text: &str) -> &str {
    match text.trim_matches([' ', ';', '\n']).to_ascii_lowercase().as_str() {
        "exit" | "quit" => r"\q",
        "help" => r"\?",
        _ => text,
    }
}

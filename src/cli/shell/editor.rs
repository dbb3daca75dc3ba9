//! The line at the prompt: edited, completed, remembered.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Behavior, CompletionType, Config, Context, Helper};

use super::completion::Names;
use super::is_complete;
use crate::error::{Code, Error, Result};

const PROMPT: &str = "derek> ";
/// What stands, dimmed, in a further line of a statement as long as it is empty.
const FURTHER: &str = "   ... ; ends the statement";
/// How many texts are remembered.
const REMEMBERED: usize = 1_000;
/// A longer text is not remembered, in bytes.
const REMEMBERED_BYTES: usize = 16 << 10;

/// What a user did at the prompt.
#[derive(Debug)]
pub(super) enum Input {
    /// Statements or a command.
    Text(String),
    /// Ctrl-C: the line is gone.
    Cleared,
    /// Ctrl-D.
    End,
}

/// Reads texts from a terminal.
pub(super) struct Editor {
    editor: rustyline::Editor<Aid, FileHistory>,
    history: Option<PathBuf>,
}

impl Editor {
    /// An editor that knows the names of tables and columns, and what the file of the history holds.
    ///
    /// # Errors
    /// `server.setup` where the terminal cannot be used.
    pub(super) fn new(names: Names, history: Option<PathBuf>) -> Result<Self> {
        // Where answers go into a pipe, the prompt does not.
        let is_piped = !std::io::stdout().is_terminal();
        let config = Config::builder()
            .max_history_size(REMEMBERED)
            .map_err(unusable)?
            .completion_type(CompletionType::List)
            .behavior(if is_piped { Behavior::PreferTerm } else { Behavior::Stdio })
            .build();
        let mut editor = rustyline::Editor::with_config(config).map_err(unusable)?;
        editor.set_helper(Some(Aid { names }));
        // No device is one: the editor would change its permissions.
        let history =
            history.filter(|file| !file.as_os_str().is_empty() && (file.is_file() || !file.exists()));
        if let Some(file) = &history {
            // A history that cannot be read or written is none.
            let _ = file.parent().map(std::fs::create_dir_all);
            let _ = editor.load_history(file);
        }
        Ok(Self { editor, history })
    }

    /// The next text.
    ///
    /// # Errors
    /// `server.setup` where the terminal fails.
    pub(super) fn read(&mut self) -> Result<Input> {
        match self.editor.readline(PROMPT) {
            Ok(text) => {
                self.remember(text.trim());
                Ok(Input::Text(text))
            }
            Err(ReadlineError::Interrupted) => Ok(Input::Cleared),
            Err(ReadlineError::Eof) => Ok(Input::End),
            Err(error) => Err(unusable(error)),
        }
    }

    fn remember(&mut self, text: &str) {
        if !text.is_empty() && text.len() <= REMEMBERED_BYTES {
            let _ = self.editor.add_history_entry(text);
            if let Some(file) = &self.history {
                let _ = self.editor.append_history(file);
            }
        }
    }
}

fn unusable(error: ReadlineError) -> Error {
    Error::new(Code::ServerSetup, "the terminal cannot be used").caused_by(error)
}

/// The file of the history where none is named: in the user's folder for state, if there is one.
pub(super) fn default_history() -> Option<PathBuf> {
    let folder = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = folder("XDG_STATE_HOME").or_else(|| Some(folder("HOME")?.join(Path::new(".local/state"))));
    Some(state?.join("derek/history"))
}

/// Helps while a line is edited.
struct Aid {
    names: Names,
}

impl Helper for Aid {}

impl Completer for Aid {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        position: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        Ok(self.names.complete(&line[..position]))
    }
}

impl Validator for Aid {
    /// Enter runs what is complete, and starts a further line of what is not.
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let is_complete = is_complete(context.input());
        Ok(if is_complete { ValidationResult::Valid(None) } else { ValidationResult::Incomplete })
    }
}

impl Hinter for Aid {
    type Hint = String;

    fn hint(&self, line: &str, position: usize, _: &Context<'_>) -> Option<String> {
        let is_further = position == line.len() && line.ends_with('\n');
        is_further.then(|| FURTHER.to_owned())
    }
}

impl Highlighter for Aid {
    fn highlight_hint<'h>(&self, hint: &'h str) -> std::borrow::Cow<'h, str> {
        format!("\x1b[2m{hint}\x1b[0m").into()
    }
}

//! One statement: run, and printed as its rows come.

use std::io::{self, IsTerminal, Write};
use std::time::Instant;

use arrow::error::ArrowError;
use comfy_table::Table;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::encode::{Format, Language, Layout, Outcome, Screen};
use crate::error::{Code, Error, Result};
use crate::query::{AnswerBody, QueryService, Question, Rows};

/// How answers are shown.
#[derive(Debug, Clone, Copy)]
pub(in crate::cli) struct Display {
    pub(in crate::cli) format: Format,
    /// The language of labels, in the forms that have them.
    pub(in crate::cli) language: Option<Language>,
    pub(in crate::cli) layout: Layout,
    /// Whether the time of an answer is shown.
    pub(in crate::cli) is_timed: bool,
    /// How many rows a table shows.
    pub(in crate::cli) max_shown: Option<usize>,
}

/// How a statement ended that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Ending {
    /// All is printed.
    Whole,
    /// The user stopped it.
    Stopped,
}

/// Ctrl-C, from the moment that this was made.
#[derive(Debug)]
pub(in crate::cli) struct Interrupt(Option<Signal>);

impl Interrupt {
    /// Listens for it; where the system refuses, it ends the process as ever.
    pub(super) fn listen() -> Self {
        Self(signal(SignalKind::interrupt()).ok())
    }

    /// Leaves it alone: it ends the process.
    pub(in crate::cli) fn ignored() -> Self {
        Self(None)
    }

    /// What `work` returns, or none when it is interrupted: then it is dropped.
    async fn or<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        match &mut self.0 {
            None => Some(work.await),
            Some(signal) => tokio::select! { biased; _ = signal.recv() => None, done = work => Some(done) },
        }
    }
}

/// Runs a statement and prints its rows.
///
/// # Errors
/// `query.*`; `server.setup` where standard output takes nothing.
pub(in crate::cli) async fn answer(
    queries: &QueryService,
    sql: &str,
    display: &Display,
    interrupt: &mut Interrupt,
) -> Result<Ending> {
    let question = Question { door: "derek sql", ..Question::new(sql) };
    if display.format != Format::Table {
        return stream(queries, question, display, interrupt).await;
    }
    let Some(rows) = interrupt.or(queries.query(question)).await else { return Ok(Ending::Stopped) };
    draw(rows?, display, interrupt).await
}

/// Prints the same bytes that a server would send, as they come.
async fn stream(
    queries: &QueryService,
    question: Question,
    display: &Display,
    interrupt: &mut Interrupt,
) -> Result<Ending> {
    let Display { format, language, .. } = *display;
    if matches!(format, Format::Arrow | Format::Parquet) && io::stdout().is_terminal() {
        let message = format!("{} is no text, and standard output is a terminal", format.name());
        return Err(Error::new(Code::ServerSetup, message)
            .hint(format!("send it to a file: derek sql … > answer.{}", format.ending())));
    }
    let started = Instant::now();
    let answered = queries.answer(question, format.encoder(language), |_| false);
    let Some(answer) = interrupt.or(answered).await else { return Ok(Ending::Stopped) };
    let Some(AnswerBody { first, mut rest }) = answer?.body else { return Ok(Ending::Whole) };
    write(&first)?;
    while let Some(pieces) = &mut rest {
        let Some(piece) = interrupt.or(pieces.next()).await else { return Ok(Ending::Stopped) };
        let Some(piece) = piece? else { break };
        write(&piece)?;
    }
    if display.is_timed {
        notice(format!("{:.1} ms", started.elapsed().as_secs_f64() * 1e3));
    }
    Ok(Ending::Whole)
}

/// Prints a table, once all of its rows are there.
async fn draw(mut rows: Rows, display: &Display, interrupt: &mut Interrupt) -> Result<Ending> {
    let mut screen = Screen::new(&rows.schema);
    let mut is_cut = false;
    while !is_cut {
        let Some(batch) = interrupt.or(rows.next()).await else { return Ok(Ending::Stopped) };
        let Some(batch) = batch? else { break };
        let room = display.max_shown.map_or(usize::MAX, |most| most - screen.row_count());
        is_cut = batch.num_rows() > room;
        screen.add(&batch.slice(0, room.min(batch.num_rows()))).map_err(unwritable)?;
    }
    let outcome =
        Outcome { is_truncated: rows.is_truncated(), elapsed: rows.elapsed(), ..Outcome::default() };
    // A query whose other rows nobody sees is stopped.
    drop(rows);
    let mut text = screen.draw(Table::new().width(), display.layout);
    text.push_str(&footer(screen.row_count(), is_cut, &outcome, display));
    write(text.as_bytes())?;
    Ok(Ending::Whole)
}

/// The number of rows, and the time.
fn footer(count: usize, is_cut: bool, outcome: &Outcome, display: &Display) -> String {
    let rows = if count == 1 { "row" } else { "rows" };
    let first = if is_cut { "the first " } else { "" };
    let cut = if outcome.is_truncated { ", cut at the limit" } else { "" };
    let elapsed_ms = outcome.elapsed.as_secs_f64() * 1e3;
    let time = if display.is_timed { format!(" in {elapsed_ms:.1} ms") } else { String::new() };
    let more = if is_cut { "; \\format csv prints all, LIMIT asks for fewer" } else { "" };
    format!("{first}{count} {rows}{cut}{time}{more}\n")
}

fn unwritable(error: ArrowError) -> Error {
    Error::new(Code::Internal, "a column cannot be written in this form").caused_by(error)
}

/// Writes a piece of an answer. A reader that left is an error here: nothing more is run.
fn write(piece: &[u8]) -> Result<()> {
    let written = io::stdout().write_all(piece);
    written.map_err(|error| Error::new(Code::ServerSetup, "cannot write to standard output").caused_by(error))
}

/// Whether an error says that the reader of standard output left.
pub(in crate::cli) fn is_broken_pipe(error: &Error) -> bool {
    let source = std::error::Error::source(error).and_then(|source| source.downcast_ref::<io::Error>());
    source.is_some_and(|source| source.kind() == io::ErrorKind::BrokenPipe)
}

/// Tells who sits there something that is no part of an answer.
pub(super) fn notice(text: impl AsRef<str>) {
    let _ = writeln!(io::stderr(), "{}", text.as_ref());
}

//! An answer as bytes: written where the query runs, sent piece by piece.

use std::time::Instant;

use arrow::array::RecordBatch;
use arrow::error::ArrowError;
use datafusion::physical_plan::SendableRecordBatchStream;
use tokio::sync::{mpsc, oneshot};

use super::answer::{Message, truncated};
use super::question::{Fingerprint, Timings};
use super::run::Run;
use super::session::Session;
use crate::encode::{Encoder, Outcome};
use crate::error::{Code, Error, Result};

/// A piece of an answer is sent when it is this long.
const PIECE_BYTES: usize = 64 << 10;
/// Room for the first piece: most answers are short.
const FIRST_BYTES: usize = 4 << 10;
/// Rows that are written at once: a batch may have many more, and others want the thread.
const ROWS_AT_ONCE: usize = 4_096;

/// What an answer begins with.
pub(super) struct Head {
    pub(super) fingerprint: Option<Fingerprint>,
    pub(super) timings: Timings,
    /// The first bytes, and whether they are all; none where the asker has the answer already.
    pub(super) first: Option<(Vec<u8>, bool)>,
}

/// Plans and runs a query and writes its rows, the first ones into the head of the answer. What fails
/// before the first piece is sent is an error; what fails later ends the answer so that it cannot be
/// taken for a whole one.
pub(super) async fn write(
    mut run: Run,
    session: &Session,
    encoder: Box<dyn Encoder>,
    is_known: impl FnOnce(Option<Fingerprint>) -> bool,
    head: oneshot::Sender<Result<Head>>,
    sender: mpsc::Sender<Message<Vec<u8>>>,
) {
    let opened = match run.prepare(session).await {
        Ok(prepared) => {
            let fingerprint = prepared.fingerprint(&run.question.parameters);
            if is_known(fingerprint) {
                run.end(None);
                drop(head.send(Ok(Head { fingerprint, timings: run.timings, first: None })));
                return;
            }
            run.start(session, &prepared).await.map(|stream| (fingerprint, stream))
        }
        Err(error) => Err(error),
    };
    let written = match opened {
        Ok((fingerprint, stream)) => {
            let mut writing = Writing { run, stream, encoder, rest: None };
            writing.first().await.map(|first| (fingerprint, first, writing))
        }
        Err(error) => Err(error),
    };
    let (fingerprint, (first, next), mut writing) = match written {
        Ok(written) => written,
        Err(error) => return drop(head.send(Err(error))),
    };
    let is_whole = matches!(next, Next::Nothing);
    let begun = Head { fingerprint, timings: writing.run.timings, first: Some((first, is_whole)) };
    if head.send(Ok(begun)).is_err() {
        return;
    }
    match next {
        Next::Nothing => {}
        Next::More => writing.send_rest(&sender).await,
        Next::Broken(error) => drop(sender.send(Message::Failed(error)).await),
    }
}

/// The bytes of an answer while they are written.
struct Writing {
    run: Run,
    stream: SendableRecordBatchStream,
    encoder: Box<dyn Encoder>,
    /// A batch of which some rows are written already, and whether it is the last one that is sent.
    rest: Option<(RecordBatch, bool)>,
}

/// What comes after some bytes.
enum Next {
    More,
    /// The answer is whole, or says itself that it is broken.
    Nothing,
    /// The answer is broken and cannot say so.
    Broken(Error),
}

impl Writing {
    /// Writes the first piece. A fault that comes before it is full is an error and not an answer,
    /// unless it is only that there are more rows than the form can say.
    async fn first(&mut self) -> Result<(Vec<u8>, Next)> {
        let mut out = Vec::with_capacity(FIRST_BYTES);
        let begun = self.encoder.start(&self.stream.schema(), &mut out).map_err(not_written);
        begun.inspect_err(|error| self.run.end(Some(error.code)))?;
        match self.fill(&mut out).await {
            Next::Broken(error) if error.code != Code::QueryTruncated => Err(error),
            next => Ok((out, next)),
        }
    }

    /// Writes and sends what comes after the first piece.
    async fn send_rest(&mut self, sender: &mpsc::Sender<Message<Vec<u8>>>) {
        loop {
            let mut out = Vec::with_capacity(PIECE_BYTES + PIECE_BYTES / 4);
            let last = match self.fill(&mut out).await {
                Next::More => None,
                Next::Nothing => Some(Message::End { is_truncated: false }),
                Next::Broken(error) => {
                    let cause = std::error::Error::source(&error).map(|cause| format!(", because {cause}"));
                    tracing::warn!(code = %error.code, "an answer broke off: {error}{}", cause.unwrap_or_default());
                    let is_said = error.code != Code::QueryTruncated && self.encoder.fail(&error, &mut out);
                    Some(if is_said { Message::End { is_truncated: false } } else { Message::Failed(error) })
                }
            };
            if !out.is_empty() && !self.run.turn.send(sender, Message::Piece(out)).await {
                return;
            }
            if let Some(last) = last {
                let _ = sender.send(last).await;
                return;
            }
        }
    }

    /// Writes on until there is enough to send.
    async fn fill(&mut self, out: &mut Vec<u8>) -> Next {
        while out.len() < PIECE_BYTES {
            match self.step(out).await {
                Ok(true) => {}
                Ok(false) => {
                    self.run.end(None);
                    return Next::Nothing;
                }
                Err(error) => {
                    self.run.end(Some(error.code));
                    return Next::Broken(error);
                }
            }
        }
        Next::More
    }

    /// Writes some rows, or the end; false after the end.
    async fn step(&mut self, out: &mut Vec<u8>) -> Result<bool> {
        let (batch, is_cut) = match self.rest.take() {
            Some(rest) => rest,
            None => match self.run.next(&mut self.stream).await? {
                Some(next) => next,
                None => return self.finish(false, out),
            },
        };
        let taken = batch.num_rows().min(ROWS_AT_ONCE);
        let started = Instant::now();
        self.encoder.batch(&batch.slice(0, taken), out).map_err(not_written)?;
        self.run.timings.encode += started.elapsed();
        if taken < batch.num_rows() {
            self.rest = Some((batch.slice(taken, batch.num_rows() - taken), is_cut));
            // A query that never waits would keep the thread from others.
            tokio::task::consume_budget().await;
        } else if is_cut {
            return self.finish(true, out);
        }
        Ok(true)
    }

    fn finish(&mut self, is_truncated: bool, out: &mut Vec<u8>) -> Result<bool> {
        let elapsed = self.run.deadline.started.elapsed();
        let outcome = Outcome { is_truncated, elapsed, ..Outcome::default() };
        if self.encoder.finish(&outcome, out).map_err(not_written)? { Ok(false) } else { Err(truncated()) }
    }
}

fn not_written(error: ArrowError) -> Error {
    Error::new(Code::QueryInvalid, format!("the rows cannot be written in this form: {error}"))
        .hint("cast the column to a plain type, or take format=json")
        .caused_by(error)
}

//! One query on the threads for queries: planned, run, and sent on, until it ends or its asker leaves.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use arrow::array::RecordBatch;
use arrow::error::ArrowError;
use chrono::{DateTime, Utc};
use datafusion::physical_plan::{SendableRecordBatchStream, execute_stream};
use futures::StreamExt;
use tokio::sync::{mpsc, oneshot};

use super::answer::{Deadline, Message, truncated};
use super::prepared::Prepared;
use super::question::{Fingerprint, Question, Timings};
use super::session::Session;
use super::turn::Turn;
use super::{QueryCounts, QueryLimits, fault};
use crate::catalog::{Catalog, LoggedQuery};
use crate::encode::{Encoder, Outcome};
use crate::error::{Code, Error, Result};

/// A piece of an answer is sent when it is this long.
const PIECE_BYTES: usize = 64 << 10;
/// Room for the first piece: most answers are short.
const FIRST_BYTES: usize = 4 << 10;
/// Rows that are written at once: a batch may have many more, and others want the thread.
const ROWS_AT_ONCE: usize = 4_096;

/// A query that runs; the log and the counts learn how it ended when it is dropped.
pub(super) struct Run {
    pub(super) question: Question,
    pub(super) limits: QueryLimits,
    pub(super) deadline: Deadline,
    pub(super) timings: Timings,
    turn: Turn,
    pub(super) catalog: Arc<Catalog>,
    pub(super) counts: Arc<QueryCounts>,
    pub(super) asked_at: DateTime<Utc>,
    datasets: Vec<String>,
    rows: u64,
    /// How it ended; none while it runs.
    ended: Option<Option<Code>>,
}

impl Drop for Run {
    fn drop(&mut self) {
        let elapsed = self.deadline.started.elapsed();
        // Nobody has said how it ended: it was stopped from outside.
        let stopped =
            if elapsed >= self.deadline.timeout { Code::QueryTimeout } else { Code::QueryCancelled };
        let error = self.ended.unwrap_or(Some(stopped));
        self.counts.running.fetch_sub(1, Ordering::Relaxed);
        self.counts.ended(error, self.rows, elapsed);
        self.catalog.query_log().add(LoggedQuery {
            at: self.asked_at,
            door: self.question.door,
            text: std::mem::take(&mut self.question.sql),
            datasets: std::mem::take(&mut self.datasets),
            rows: self.rows,
            elapsed_ms: elapsed.as_secs_f64() * 1e3,
            client: self.question.client,
            error,
        });
    }
}

impl Run {
    pub(super) fn new(
        question: Question,
        limits: QueryLimits,
        deadline: Deadline,
        turn: Turn,
        catalog: Arc<Catalog>,
        counts: Arc<QueryCounts>,
    ) -> Self {
        counts.running.fetch_add(1, Ordering::Relaxed);
        Self {
            question,
            limits,
            deadline,
            timings: Timings::default(),
            turn,
            catalog,
            counts,
            asked_at: Utc::now(),
            datasets: Vec::new(),
            rows: 0,
            ended: None,
        }
    }

    /// The plan, from those that are kept or a new one.
    pub(super) async fn prepare(&mut self, session: &Session) -> Result<Arc<Prepared>> {
        let (sql, text) = (&self.question.sql, &self.limits.text);
        let prepared = session.plans.get(session, sql, text, &mut self.timings).await;
        let prepared = prepared.inspect_err(|error| self.ended = Some(Some(error.code)))?;
        self.datasets = prepared.datasets.iter().map(|dataset| dataset.name().to_owned()).collect();
        Ok(prepared)
    }

    /// Starts the plan.
    pub(super) async fn start(
        &mut self,
        session: &Session,
        prepared: &Prepared,
    ) -> Result<SendableRecordBatchStream> {
        let started = Instant::now();
        let physical = prepared.physical(session, &self.question.parameters).await;
        let stream = physical.and_then(|plan| {
            let task = session.task(prepared.keeps_order());
            execute_stream(plan, task).map_err(|error| fault::running(&error))
        });
        self.timings.plan += started.elapsed();
        stream.inspect_err(|error| self.ended = Some(Some(error.code)))
    }

    pub(super) fn end(&mut self, error: Option<Code>) {
        self.ended = Some(error);
    }

    /// The rows of the next batch that are within the limit, and whether the rest was left out; none
    /// after the last batch.
    async fn next(&mut self, stream: &mut SendableRecordBatchStream) -> Result<Option<(RecordBatch, bool)>> {
        let started = Instant::now();
        let next = stream.next().await;
        self.timings.run += started.elapsed();
        let Some(batch) = next.transpose().map_err(|error| fault::running(&error))? else { return Ok(None) };
        let left = self.limits.max_rows - self.rows;
        let taken = (batch.num_rows() as u64).min(left);
        self.rows += taken;
        let is_cut = taken < batch.num_rows() as u64;
        Ok(Some((batch.slice(0, usize::try_from(taken).unwrap_or(usize::MAX)), is_cut)))
    }

    /// Sends the batches of a query on, up to the limit on rows.
    pub(super) async fn send_batches(
        &mut self,
        mut stream: SendableRecordBatchStream,
        sender: &mpsc::Sender<Message<RecordBatch>>,
    ) {
        loop {
            let (message, is_truncated) = match self.next(&mut stream).await {
                Ok(Some((batch, is_cut))) => (Message::Piece(batch), is_cut),
                Ok(None) => {
                    self.end(None);
                    let _ = sender.send(Message::End { is_truncated: false }).await;
                    return;
                }
                Err(error) => {
                    self.end(Some(error.code));
                    let _ = sender.send(Message::Failed(error)).await;
                    return;
                }
            };
            if !self.turn.send(sender, message).await {
                return;
            }
            if is_truncated {
                self.end(None);
                let _ = sender.send(Message::End { is_truncated }).await;
                return;
            }
        }
    }
}

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
}

//! What a query sends while it runs, and how it is received: as batches, or as bytes in some form.

use std::time::{Duration, Instant};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinHandle};
use tokio::time::timeout_at;

use super::question::{Fingerprint, Timings};
use crate::error::{Code, Error, Result};

/// What a query sends while it runs.
#[derive(Debug)]
pub(super) enum Message<T> {
    Piece(T),
    End { is_truncated: bool },
    Failed(Error),
}

/// When a query must be done, and what it was allowed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline {
    pub(super) started: Instant,
    pub(super) timeout: Duration,
}

impl Deadline {
    pub(super) fn at(&self) -> tokio::time::Instant {
        (self.started + self.timeout).into()
    }

    pub(super) fn passed(&self) -> Error {
        let seconds = self.timeout.as_secs_f64();
        Error::new(Code::QueryTimeout, format!("the query ran over its time of {seconds} s"))
            .hint("select less, or raise --query-timeout-s")
    }
}

/// The receiving end of a query that runs. Dropping it stops the query.
#[derive(Debug)]
pub(super) struct Running<T> {
    pub(super) receiver: mpsc::Receiver<Message<T>>,
    pub(super) task: JoinHandle<()>,
    pub(super) deadline: Deadline,
}

impl<T> Drop for Running<T> {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl<T> Running<T> {
    async fn next(&mut self) -> Result<Message<T>> {
        match timeout_at(self.deadline.at(), self.receiver.recv()).await {
            Ok(Some(Message::Failed(error))) => Err(error),
            Ok(Some(message)) => Ok(message),
            // The query stops itself at its deadline, too.
            Ok(None) if self.deadline.started.elapsed() >= self.deadline.timeout => {
                Err(self.deadline.passed())
            }
            Ok(None) => Err(broke_off((&mut self.task).await)),
            Err(_) => {
                self.task.abort();
                Err(self.deadline.passed())
            }
        }
    }
}

/// Why a query's task ended without a word.
pub(super) fn broke_off(task: std::result::Result<(), JoinError>) -> Error {
    match task.map_err(JoinError::try_into_panic) {
        Err(Ok(panic)) => Error::of_panic(panic.as_ref()),
        _ => Error::new(Code::Internal, "the query ended without saying how"),
    }
}

/// The rows of a query as they come. Dropping it stops the query.
#[derive(Debug)]
pub struct Rows {
    /// The columns.
    pub schema: SchemaRef,
    pub(super) running: Running<RecordBatch>,
    pub(super) is_truncated: bool,
}

impl Rows {
    /// The next batch, or none when there are no more.
    ///
    /// # Errors
    /// `query.failed`, `query.memory`, or `query.timeout` when the deadline passes.
    pub async fn next(&mut self) -> Result<Option<RecordBatch>> {
        match self.running.next().await? {
            Message::Piece(batch) => Ok(Some(batch)),
            Message::End { is_truncated } => {
                self.is_truncated = is_truncated;
                Ok(None)
            }
            Message::Failed(error) => Err(error),
        }
    }

    /// Whether rows were left out because of the limit; known after the last batch.
    #[must_use]
    pub fn is_truncated(&self) -> bool {
        self.is_truncated
    }

    /// How long the query has run.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.running.deadline.started.elapsed()
    }
}

/// The error of an answer that was cut at the limit in a form that cannot say so.
pub(super) fn truncated() -> Error {
    let message = "the answer has more rows than are sent, and this form cannot say so";
    Error::new(Code::QueryTruncated, message).hint("add a LIMIT, take format=json, or raise --max-rows")
}

/// The answer to a query as bytes.
#[derive(Debug)]
pub struct Answer {
    /// What it is made of, if the same query has the same answer as long as its datasets stay.
    pub fingerprint: Option<Fingerprint>,
    /// How long its steps took.
    pub timings: Timings,
    /// The bytes; none where the asker has them already.
    pub body: Option<AnswerBody>,
}

/// The bytes of an answer.
#[derive(Debug)]
pub struct AnswerBody {
    /// The first ones: all of them where `rest` is none.
    pub first: Vec<u8>,
    /// Those that are still written.
    pub rest: Option<Pieces>,
}

/// Bytes as they are written. Dropping it stops the query.
#[derive(Debug)]
pub struct Pieces {
    pub(super) running: Running<Vec<u8>>,
}

impl Pieces {
    /// The next bytes, or none after the last ones.
    ///
    /// # Errors
    /// The answer is broken and its form cannot say so: what was sent must not end cleanly.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        match self.running.next().await? {
            Message::Piece(bytes) => Ok(Some(bytes)),
            Message::End { .. } => Ok(None),
            Message::Failed(error) => Err(error),
        }
    }
}

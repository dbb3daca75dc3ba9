//! One query on the threads for queries: planned, run, and sent on, until it ends or its asker leaves.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use arrow::array::RecordBatch;
use chrono::{DateTime, Utc};
use datafusion::physical_plan::{SendableRecordBatchStream, execute_stream};
use futures::StreamExt;
use tokio::sync::mpsc;

use super::answer::{Deadline, Message};
use super::prepared::Prepared;
use super::question::{Question, Timings};
use super::session::Session;
use super::turn::Turn;
use super::{QueryCounts, QueryLimits, fault};
use crate::catalog::{Catalog, LoggedQuery};
use crate::error::{Code, Result};

/// How a query ended.
#[derive(Debug, Clone, Copy)]
enum Ending {
    /// It runs, or was stopped from outside.
    Unknown,
    Well,
    Failed(Code),
}

/// A query that runs; the counts, and the log unless it is an inner one, learn how it ended when it is dropped.
pub(super) struct Run {
    pub(super) question: Question,
    pub(super) limits: QueryLimits,
    pub(super) deadline: Deadline,
    pub(super) timings: Timings,
    pub(super) turn: Turn,
    pub(super) catalog: Arc<Catalog>,
    pub(super) counts: Arc<QueryCounts>,
    pub(super) asked_at: DateTime<Utc>,
    datasets: Vec<String>,
    rows: u64,
    /// How it ended, as far as that is known.
    ending: Ending,
    /// What it named that is not there.
    missing: Option<String>,
}

impl Drop for Run {
    fn drop(&mut self) {
        let elapsed = self.deadline.started.elapsed();
        // Nobody has said how it ended: it was stopped from outside.
        let stopped =
            if elapsed >= self.deadline.timeout { Code::QueryTimeout } else { Code::QueryCancelled };
        let error = match self.ending {
            Ending::Unknown => Some(stopped),
            Ending::Well => None,
            Ending::Failed(code) => Some(code),
        };
        self.counts.running.fetch_sub(1, Ordering::Relaxed);
        self.counts.ended(error, self.rows, elapsed);
        if self.question.is_inner {
            return;
        }
        self.catalog.query_log().add(LoggedQuery {
            at: self.asked_at,
            door: self.question.door.into(),
            text: std::mem::take(&mut self.question.sql),
            datasets: std::mem::take(&mut self.datasets),
            rows: self.rows,
            elapsed_ms: elapsed.as_secs_f64() * 1e3,
            client: self.question.client,
            error,
            missing: self.missing.take(),
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
            ending: Ending::Unknown,
            missing: None,
        }
    }

    /// The plan, from those that are kept or a new one.
    pub(super) async fn prepare(&mut self, session: &Session) -> Result<Arc<Prepared>> {
        let (sql, text) = (&self.question.sql, &self.limits.text);
        let prepared = session.plans.get(session, sql, text, &mut self.timings).await;
        let prepared = prepared.inspect_err(|error| {
            self.ending = Ending::Failed(error.code);
            self.missing = fault::missing(error);
        })?;
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
        let stream = physical.and_then(|(plan, keeps_order)| {
            let task = session.task(keeps_order);
            execute_stream(plan, task).map_err(|error| fault::running(&error))
        });
        self.timings.plan += started.elapsed();
        stream.inspect_err(|error| self.ending = Ending::Failed(error.code))
    }

    pub(super) fn end(&mut self, error: Option<Code>) {
        self.ending = error.map_or(Ending::Well, Ending::Failed);
    }

    /// The rows of the next batch that are within the limit, and whether the rest was left out; none
    /// after the last batch.
    pub(super) async fn next(
        &mut self,
        stream: &mut SendableRecordBatchStream,
    ) -> Result<Option<(RecordBatch, bool)>> {
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

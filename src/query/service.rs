//! Runs one query at a time for each client, within the limits.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use thread_priority::{ThreadPriority, set_current_thread_priority};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout_at;

use super::answer::{Answer, AnswerBody, Deadline, Message, Pieces, Rows, Running, broke_off};
use super::area::Areas;
use super::filter::Filters;
use super::run::Run;
use super::session::{Session, Sessions};
use super::tables::Moment;
use super::turn::Turns;
use super::views::Views;
use super::writing::{Head, write};
use super::{Fingerprint, QueryCounts, QueryLimits, Question};
use crate::catalog::{Catalog, Snapshot};
use crate::encode::Encoder;
use crate::error::{Code, Error, Result};

/// Planners recurse into what a client sends; this is address space, not memory.
const STACK_BYTES: usize = 128 << 20;
/// Niceness 5 on Linux: a third of the processor's time while requests want the rest, all of it else.
const YIELDING: u8 = 36;
/// Pieces that wait between a query and its reader: a slow reader slows the query down.
const PIECES_AHEAD: usize = 2;

/// Answers queries over a catalog.
pub struct QueryService {
    catalog: Arc<Catalog>,
    sessions: Arc<Sessions>,
    filters: Arc<Filters>,
    areas: Arc<Areas>,
    limits: QueryLimits,
    counts: Arc<QueryCounts>,
    turns: Turns,
    /// Taken only when the service is dropped: a runtime must not end inside another one.
    runtime: Option<Runtime>,
    handle: Handle,
}

impl Drop for QueryService {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl QueryService {
    /// A service over a catalog, with threads of its own.
    ///
    /// # Errors
    /// `server.setup` where threads or the spill directory cannot be made.
    pub fn new(catalog: Arc<Catalog>, limits: QueryLimits) -> Result<Self> {
        Self::with_views(catalog, limits, Views::default())
    }

    /// The same, where questions are tables of the schema `assess`.
    ///
    /// # Errors
    /// As [`QueryService::new`].
    pub fn with_views(catalog: Arc<Catalog>, limits: QueryLimits, views: Views) -> Result<Self> {
        let setup = |message: &str| Error::new(Code::ServerSetup, message.to_owned());
        let runtime = Builder::new_multi_thread()
            .worker_threads(limits.threads)
            .thread_name("derek-query")
            .thread_stack_size(STACK_BYTES)
            .enable_time()
            // A new query, and one that is to stop, wait in a queue that busy threads rarely look at.
            .global_queue_interval(1)
            .on_thread_start(move || {
                if limits.is_yielding
                    && let Ok(priority) = YIELDING.try_into()
                {
                    // Where the system refuses, queries run as everything does.
                    let _ = set_current_thread_priority(ThreadPriority::Crossplatform(priority));
                }
            })
            .build()
            .map_err(|error| setup("cannot start the threads for queries").caused_by(error))?;
        let counts = Arc::<QueryCounts>::default();
        let moment = Moment { log: Arc::clone(catalog.query_log()), databases: catalog.databases().clone() };
        let sessions = Sessions::new(&limits, moment, views)
            .map_err(|error| setup("cannot make a directory for what spills").caused_by(error))?;
        Ok(Self {
            catalog,
            sessions: Arc::new(sessions),
            filters: Arc::default(),
            areas: Arc::default(),
            limits,
            turns: Turns::new(&limits, Arc::clone(&counts)),
            counts,
            handle: runtime.handle().clone(),
            runtime: Some(runtime),
        })
    }

    /// The catalog that queries see.
    #[must_use]
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// The limits of each query.
    #[must_use]
    pub fn limits(&self) -> &QueryLimits {
        &self.limits
    }

    pub(super) fn filters(&self) -> &Arc<Filters> {
        &self.filters
    }

    pub(super) fn areas(&self) -> &Arc<Areas> {
        &self.areas
    }

    /// What queries have done since the start.
    #[must_use]
    pub fn counts(&self) -> &QueryCounts {
        &self.counts
    }

    /// Whether a text of SQL may mean something else at another moment: it names a function such as
    /// `now()` or `random()`. Told by its words alone, so that a column of such a name counts, too.
    #[must_use]
    pub fn is_of_the_moment(&self, sql: &str) -> bool {
        let mut words = sql.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
        words.any(|word| !word.is_empty() && self.sessions.is_of_the_moment(word))
    }

    /// Memory that queries hold now, as far as they ask for it, in bytes.
    #[must_use]
    pub fn reserved_bytes(&self) -> usize {
        self.sessions.reserved_bytes()
    }

    /// Plans a query and starts it; its rows come as batches.
    ///
    /// # Errors
    /// `query.*`: the text is no query, names something that is not there, or the server is busy.
    pub async fn query(&self, question: Question) -> Result<Rows> {
        let (head, columns) = oneshot::channel();
        let run = async move |mut run: Run, session: Arc<Session>, sender: mpsc::Sender<_>| {
            let opened = match run.prepare(&session).await {
                Ok(prepared) => run.start(&session, &prepared).await,
                Err(error) => Err(error),
            };
            match opened {
                Ok(stream) => {
                    if head.send(Ok(stream.schema())).is_ok() {
                        run.send_batches(stream, &sender).await;
                    }
                }
                Err(error) => drop(head.send(Err(error))),
            }
        };
        let (schema, running) = self.launch(question, columns, run).await?;
        Ok(Rows { schema, running, is_truncated: false })
    }

    /// Plans a query, starts it, and writes its rows where it runs: what a slow reader does not take
    /// stops the query until the reader does. `is_known` tells, before anything runs, whether the asker
    /// has the answer with this fingerprint already.
    ///
    /// # Errors
    /// As [`QueryService::query`]. What fails after the first piece is told by the pieces.
    pub async fn answer(
        &self,
        question: Question,
        encoder: Box<dyn Encoder>,
        is_known: impl FnOnce(Option<Fingerprint>) -> bool + Send + 'static,
    ) -> Result<Answer> {
        let (head, answered) = oneshot::channel();
        let run = async move |run: Run, session: Arc<Session>, sender: mpsc::Sender<_>| {
            write(run, &session, encoder, is_known, head, sender).await;
        };
        let (head, running) = self.launch(question, answered, run).await?;
        let Head { fingerprint, timings, first } = head;
        let body = first.map(|(first, is_whole)| {
            let rest = (!is_whole).then_some(Pieces { running });
            AnswerBody { first, rest }
        });
        Ok(Answer { fingerprint, timings, body })
    }

    /// Starts a query on its own threads and waits for the first that it has to tell. Planning, too,
    /// runs there: it needs the big stack, and long plans hold no light request up.
    async fn launch<H: Send + 'static, T: Send + 'static, F: Future<Output = ()> + Send>(
        &self,
        question: Question,
        head: oneshot::Receiver<Result<H>>,
        work: impl FnOnce(Run, Arc<Session>, mpsc::Sender<Message<T>>) -> F + Send + 'static,
    ) -> Result<(H, Running<T>)> {
        let deadline = Deadline { started: Instant::now(), timeout: self.limits.timeout };
        let turn = self.turns.take(deadline).await?;
        let (catalog, counts) = (Arc::clone(&self.catalog), Arc::clone(&self.counts));
        let run = Run::new(question, self.limits, deadline, turn, catalog, counts);
        let (sessions, snapshot) = (Arc::clone(&self.sessions), self.catalog.snapshot());
        let (sender, receiver) = mpsc::channel(PIECES_AHEAD);
        let task = self.handle.spawn(async move {
            let session = sessions.over(snapshot);
            // Its reader has a clock as well, but one that does not read would hold the rows for ever.
            let _ = timeout_at(deadline.at(), work(run, session, sender)).await;
        });
        let mut running = Running { receiver, task, deadline };
        match timeout_at(deadline.at(), head).await {
            Ok(Ok(head)) => Ok((head?, running)),
            Ok(Err(_)) if deadline.started.elapsed() >= deadline.timeout => Err(deadline.passed()),
            Ok(Err(_)) => Err(broke_off((&mut running.task).await)),
            Err(_) => Err(deadline.passed()),
        }
    }

    /// Runs what may take long, but asks no planner, where queries run, under their deadline and in their
    /// turn.
    ///
    /// # Errors
    /// What `work` says; `query.busy` and `query.timeout`.
    pub async fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.run(self.catalog().snapshot(), move |_, _| work()).await
    }

    /// The same for what can be told that nobody waits any more: by an error of the check that it is given.
    ///
    /// # Errors
    /// As [`QueryService::apart`].
    pub async fn apart_checked<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Fn() -> Result<()>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.run(self.catalog().snapshot(), move |_, cancelled| work(&|| cancelled.check())).await
    }

    /// The same on a thread of its own, for what is no query and would take the place of many: whoever calls sees to it
    /// that there are few at a time.
    ///
    /// # Errors
    /// What `work` says; `query.timeout`.
    pub async fn beside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Fn() -> Result<()>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let deadline = Deadline { started: Instant::now(), timeout: self.limits.timeout };
        let cancelled = Cancelled::default();
        let _cancel_on_drop = CancelOnDrop(cancelled.clone());
        let task = tokio::task::spawn_blocking(move || work(&|| cancelled.check()));
        match timeout_at(deadline.at(), task).await {
            Ok(Ok(done)) => done,
            Ok(Err(error)) => Err(broke_off(Err(error))),
            Err(_) => Err(deadline.passed()),
        }
    }

    /// Runs `work` with the session over `snapshot`, where queries run, under their deadline.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        snapshot: Arc<Snapshot>,
        work: impl FnOnce(&Session, &Cancelled) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let deadline = Deadline { started: Instant::now(), timeout: self.limits.timeout };
        let turn = self.turns.take(deadline).await?;
        let sessions = Arc::clone(&self.sessions);
        let cancelled = Cancelled::default();
        let _cancel_on_drop = CancelOnDrop(cancelled.clone());
        let task = self.handle.spawn(async move {
            let _turn = turn;
            work(&sessions.over(snapshot), &cancelled)
        });
        match timeout_at(deadline.at(), task).await {
            Ok(Ok(done)) => done,
            Ok(Err(error)) => Err(broke_off(Err(error))),
            Err(_) => Err(deadline.passed()),
        }
    }
}

/// Whether nobody waits any more for what is being worked out; asked between batches.
#[derive(Debug, Clone, Default)]
pub(super) struct Cancelled(Arc<AtomicBool>);

impl Cancelled {
    /// # Errors
    /// `query.cancelled` where nobody waits.
    pub(super) fn check(&self) -> Result<()> {
        if self.0.load(Ordering::Relaxed) {
            return Err(Error::new(Code::QueryCancelled, "nobody waits for this any more"));
        }
        Ok(())
    }
}

struct CancelOnDrop(Cancelled);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Relaxed);
    }
}

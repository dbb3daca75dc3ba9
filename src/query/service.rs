//! Runs one query at a time for each client, within the limits.

use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::{SendableRecordBatchStream, execute_stream};
use datafusion::sql::parser::Statement;
use futures::StreamExt;
use thread_priority::{ThreadPriority, set_current_thread_priority};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout_at;

use super::filter::Filters;
use super::session::{Session, Sessions, read_only};
use super::{QueryLimits, TextLimits, extent, fault, names, text};
use crate::catalog::{Catalog, Snapshot};
use crate::error::{Code, Error, Result};

/// Planners recurse into what a client sends; this is address space, not memory.
const STACK_BYTES: usize = 128 << 20;
/// Niceness 5 on Linux: a third of the processor's time while requests want the rest, all of it else.
const YIELDING: u8 = 36;
/// Batches that wait between a query and its reader: a slow reader slows the query down.
const BATCHES_AHEAD: usize = 2;

/// Answers queries over a catalog.
pub struct QueryService {
    catalog: Arc<Catalog>,
    sessions: Arc<Sessions>,
    filters: Arc<Filters>,
    limits: QueryLimits,
    permits: Arc<Semaphore>,
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

/// What a query sends while it runs.
enum Message {
    Batch(RecordBatch),
    End { is_truncated: bool },
    Failed(Error),
}

/// The rows of a query as they come. Dropping it stops the query.
#[derive(Debug)]
pub struct Rows {
    /// The columns.
    pub schema: SchemaRef,
    receiver: mpsc::Receiver<Message>,
    task: JoinHandle<()>,
    started: Instant,
    timeout: Duration,
    is_truncated: bool,
}

impl Drop for Rows {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Rows {
    /// The next batch, or none when there are no more.
    ///
    /// # Errors
    /// `query.failed`, `query.memory`, or `query.timeout` when the deadline passes.
    pub async fn next(&mut self) -> Result<Option<RecordBatch>> {
        let deadline = (self.started + self.timeout).into();
        match timeout_at(deadline, self.receiver.recv()).await {
            Ok(Some(Message::Batch(batch))) => Ok(Some(batch)),
            Ok(Some(Message::End { is_truncated })) => {
                self.is_truncated = is_truncated;
                Ok(None)
            }
            Ok(Some(Message::Failed(error))) => Err(error),
            Ok(None) => Err(Error::new(Code::Internal, "the query ended without saying how")),
            Err(_) => {
                self.task.abort();
                Err(timed_out(self.timeout))
            }
        }
    }

    /// Whether rows were left out because of the limit; known after the last batch.
    #[must_use]
    pub fn is_truncated(&self) -> bool {
        self.is_truncated
    }

    /// The error of an answer that was cut at the limit in a form that cannot say so.
    #[must_use]
    pub fn truncated(&self) -> Error {
        Error::new(
            Code::QueryTruncated,
            "the answer has more rows than are sent, and this form cannot say so",
        )
        .hint("add a LIMIT, take format=json, or raise --max-rows")
    }

    /// How long the query has run.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

fn timed_out(limit: Duration) -> Error {
    Error::new(Code::QueryTimeout, format!("the query ran over its time of {} s", limit.as_secs_f64()))
        .hint("select less, or raise --query-timeout-s")
}

impl QueryService {
    /// A service over a catalog, with threads of its own.
    ///
    /// # Errors
    /// `server.setup` where threads or the spill directory cannot be made.
    pub fn new(catalog: Arc<Catalog>, limits: QueryLimits) -> Result<Self> {
        let setup = |message: &str| Error::new(Code::ServerSetup, message.to_owned());
        let runtime = Builder::new_multi_thread()
            .worker_threads(limits.threads)
            .thread_name("derek-query")
            .thread_stack_size(STACK_BYTES)
            .enable_time()
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
        let sessions = Sessions::new(&limits)
            .map_err(|error| setup("cannot make a directory for what spills").caused_by(error))?;
        Ok(Self {
            catalog,
            sessions: Arc::new(sessions),
            filters: Arc::default(),
            limits,
            permits: Arc::new(Semaphore::new(limits.max_queries)),
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

    /// Plans a query and starts it.
    ///
    /// # Errors
    /// `query.*`: the text is no query, names something that is not there, or the server is busy.
    pub async fn query(&self, sql: String) -> Result<Rows> {
        let started = Instant::now();
        let permit = self.permit(started).await?;
        let (sessions, snapshot, limits) = (Arc::clone(&self.sessions), self.catalog.snapshot(), self.limits);
        let (planned, columns) = oneshot::channel();
        let (sender, receiver) = mpsc::channel(BATCHES_AHEAD);
        // Planning, too, runs there: it needs the big stack, and long plans hold no light request up.
        let task = self.handle.spawn(async move {
            let _permit: OwnedSemaphorePermit = permit;
            match start(&sessions.over(snapshot), &sql, &limits).await {
                Ok(stream) => {
                    if planned.send(Ok(stream.schema())).is_ok() {
                        forward(stream, limits.max_rows, &sender).await;
                    }
                }
                Err(error) => drop(planned.send(Err(error))),
            }
        });
        let mut rows = Rows {
            schema: SchemaRef::new(arrow::datatypes::Schema::empty()),
            receiver,
            task,
            started,
            timeout: limits.timeout,
            is_truncated: false,
        };
        rows.schema = match timeout_at((started + limits.timeout).into(), columns).await {
            Ok(Ok(schema)) => schema?,
            Ok(Err(_)) => return Err(Error::new(Code::Internal, "the query could not be planned")),
            Err(_) => return Err(timed_out(limits.timeout)),
        };
        Ok(rows)
    }

    /// Runs `work` with the session over `snapshot`, where queries run, under their deadline.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        snapshot: Arc<Snapshot>,
        work: impl FnOnce(&Session) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let started = Instant::now();
        let permit = self.permit(started).await?;
        let sessions = Arc::clone(&self.sessions);
        let task = self.handle.spawn(async move {
            let _permit = permit;
            work(&sessions.over(snapshot))
        });
        match timeout_at((started + self.limits.timeout).into(), task).await {
            Ok(Ok(done)) => done,
            Ok(Err(error)) => Err(Error::new(Code::Internal, "the query broke off").caused_by(error)),
            Err(_) => Err(timed_out(self.limits.timeout)),
        }
    }

    async fn permit(&self, started: Instant) -> Result<OwnedSemaphorePermit> {
        let patience = self.limits.timeout.min(Duration::from_secs(5));
        match timeout_at((started + patience).into(), Arc::clone(&self.permits).acquire_owned()).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(Error::new(Code::QueryBusy, "as many queries are running as are allowed")
                .hint("try again in a moment, or raise --max-queries")),
        }
    }
}

/// Parses, plans and starts a query.
async fn start(session: &Session, sql: &str, limits: &QueryLimits) -> Result<SendableRecordBatchStream> {
    let mut statement = text::statement(sql, &limits.text)?;
    resolve(&mut statement, session, &limits.text)?;
    let state = session.state();
    let planned = state.statement_to_plan(statement).await;
    let plan = planned.map_err(|error| fault::planning(&error))?;
    read_only().verify_plan(&plan).map_err(|error| text::not_read_only(&error))?;
    let state = session.state_for(&plan);
    let plan = optimise(&state, &plan)?;
    let physical = state.create_physical_plan(&plan).await.map_err(|error| fault::planning(&error))?;
    execute_stream(physical, state.task_ctx()).map_err(|error| fault::running(&error))
}

fn optimise(state: &datafusion::execution::context::SessionState, plan: &LogicalPlan) -> Result<LogicalPlan> {
    state.optimize(plan).map_err(|error| fault::planning(&error))
}

fn resolve(statement: &mut Statement, session: &Session, limits: &TextLimits) -> Result<()> {
    match statement {
        Statement::Statement(statement) => {
            extent::check(statement, limits.max_tables)?;
            names::resolve(statement, &session.tables)
        }
        Statement::Explain(explain) => resolve(&mut explain.statement, session, limits),
        _ => Ok(()),
    }
}

/// Sends the batches of a query on, up to the limit on rows.
async fn forward(mut stream: SendableRecordBatchStream, max_rows: u64, sender: &mpsc::Sender<Message>) {
    let mut left = max_rows;
    while let Some(batch) = stream.next().await {
        let message = match batch {
            Ok(batch) if batch.num_rows() as u64 <= left => {
                left -= batch.num_rows() as u64;
                Message::Batch(batch)
            }
            Ok(batch) => {
                let cut = batch.slice(0, usize::try_from(left).unwrap_or(usize::MAX));
                if sender.send(Message::Batch(cut)).await.is_ok() {
                    let _ = sender.send(Message::End { is_truncated: true }).await;
                }
                return;
            }
            Err(error) => Message::Failed(fault::running(&error)),
        };
        let is_over = matches!(message, Message::Failed(_));
        if sender.send(message).await.is_err() || is_over {
            return;
        }
    }
    let _ = sender.send(Message::End { is_truncated: false }).await;
}

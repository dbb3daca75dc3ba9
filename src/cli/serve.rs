//! `derek serve`.

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use clap::{Args, ValueEnum};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

use super::{Documents, Retention, TableMemory, load, machine_memory_bytes, print, runtime};
use crate::assess::NamedQueries;
use crate::catalog::{Access, Catalog, LoadOutcome, Loaded, Store, watch};
use crate::error::{Code, Error, Result};
use crate::query::{QueryLimits, QueryService, TextLimits};
use crate::serve::{App, ConnectionLimits, Pace, keep_quality, serve};

/// The exit status of a program that was interrupted, as shells have it.
const INTERRUPTED: i32 = 130;

/// Arguments of `derek serve`.
#[derive(Debug, Args)]
pub(super) struct Serve {
    #[command(flatten)]
    documents: Documents,
    #[command(flatten)]
    memory: TableMemory,
    #[command(flatten)]
    retention: Retention,
    /// Address and port to answer on; port 0 takes any that is free.
    #[arg(long, env = "DEREK_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// A folder of named queries (.sql), beside the built-in ones and before those of the same name.
    #[arg(long, env = "DEREK_QUERIES", value_name = "DIR")]
    queries: Option<PathBuf>,
    /// The form of the log: text, or json with an object a line.
    #[arg(long, env = "DEREK_LOG_FORMAT", value_name = "FORMAT", default_value = "text")]
    log_format: LogFormat,
    /// What is logged: error, warn, info, or debug, which has a line a request.
    #[arg(long, env = "DEREK_LOG_LEVEL", value_name = "LEVEL", default_value_t = tracing::Level::INFO)]
    log_level: tracing::Level,
    /// Requests that one client may make in a second, told by its token or its address; 0 for any number
    /// [default: 0 on a loopback address, else 1000].
    #[arg(long, env = "DEREK_RATE_LIMIT", value_name = "REQUESTS")]
    rate_limit: Option<u32>,
    #[command(flatten)]
    limits: Limits,
    #[command(flatten)]
    door: Door,
}

/// Requests of one client in a second where others than this machine can ask.
const RATE_LIMIT: u32 = 1_000;

/// The forms of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

/// The limits of connections.
#[derive(Debug, Args)]
struct Door {
    /// How long a request's headers may take, in seconds.
    #[arg(long, env = "DEREK_HEADER_TIMEOUT_S", value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    header_timeout_s: Duration,
    /// How long a request's body may take, in seconds.
    #[arg(long, env = "DEREK_BODY_TIMEOUT_S", value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    body_timeout_s: Duration,
    /// How long a client may take nothing of its answer, in seconds.
    #[arg(long, env = "DEREK_WRITE_TIMEOUT_S", value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    write_timeout_s: Duration,
    /// How long a connection is kept for its next request, in seconds.
    #[arg(long, env = "DEREK_IDLE_TIMEOUT_S", value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    idle_timeout_s: Duration,
    /// Connections that are open at the same time; each is an open file (ulimit -n).
    #[arg(long, env = "DEREK_MAX_CONNECTIONS", value_name = "CONNECTIONS", default_value = "1024")]
    max_connections: NonZeroUsize,
}

impl Door {
    fn limits(&self) -> ConnectionLimits {
        ConnectionLimits {
            header_timeout: self.header_timeout_s,
            body_timeout: self.body_timeout_s,
            write_timeout: self.write_timeout_s,
            idle_timeout: self.idle_timeout_s,
            max_connections: self.max_connections.get(),
        }
    }
}

fn seconds(text: &str) -> std::result::Result<Duration, String> {
    let seconds = text.parse().ok().filter(|seconds| (0.001..=86_400.0).contains(seconds));
    seconds.map(Duration::from_secs_f64).ok_or_else(|| "expected seconds, from 0.001 to 86400".to_owned())
}

/// The limits of api.md.
#[derive(Debug, Args)]
pub(super) struct Limits {
    /// How long one query may run, in seconds.
    #[arg(long, env = "DEREK_QUERY_TIMEOUT_S", value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    query_timeout_s: Duration,
    /// Memory for all queries, in MiB [default: 40 % of the machine's].
    #[arg(long, env = "DEREK_MEMORY_MB", value_name = "MIB")]
    memory_mb: Option<usize>,
    /// Memory for one query, in MiB [default: half of that for all].
    #[arg(long, env = "DEREK_QUERY_MEMORY_MB", value_name = "MIB")]
    query_memory_mb: Option<usize>,
    /// Disk for what queries do not hold in memory, in MiB.
    #[arg(long, env = "DEREK_SPILL_MB", value_name = "MIB", default_value_t = 10_240)]
    spill_mb: u64,
    /// Rows of one answer.
    #[arg(long, env = "DEREK_MAX_ROWS", value_name = "ROWS", default_value_t = 1_000_000)]
    max_rows: u64,
    /// Length of the SQL of one query, in bytes.
    #[arg(long, env = "DEREK_MAX_SQL_BYTES", value_name = "BYTES", default_value_t = 65_536)]
    max_sql_bytes: usize,
    /// Queries that run at the same time [default: 2 for each core].
    #[arg(long, env = "DEREK_MAX_QUERIES", value_name = "QUERIES")]
    max_queries: Option<NonZeroUsize>,
}

impl Limits {
    pub(super) fn query_limits(&self) -> QueryLimits {
        let machine = QueryLimits::for_machine(machine_memory_bytes(), cores());
        let memory_bytes = self.memory_mb.map_or(machine.memory_bytes, |mb| mb.saturating_mul(1 << 20));
        QueryLimits {
            timeout: self.query_timeout_s,
            memory_bytes,
            query_memory_bytes: self
                .query_memory_mb
                .map_or(memory_bytes / 2, |mb| mb.saturating_mul(1 << 20)),
            spill_bytes: self.spill_mb.saturating_mul(1 << 20),
            max_rows: self.max_rows,
            max_queries: self.max_queries.map_or(machine.max_queries, NonZeroUsize::get),
            text: TextLimits { max_sql_bytes: self.max_sql_bytes, ..machine.text },
            ..machine
        }
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

impl Serve {
    pub(super) fn run(&self) -> Result<ExitCode> {
        let is_terminal = std::io::stderr().is_terminal();
        let log = tracing_subscriber::fmt()
            .with_writer(std::io::stderr)
            .with_max_level(self.log_level)
            .with_ansi(is_terminal)
            .with_target(false);
        match self.log_format {
            LogFormat::Text => log.init(),
            LogFormat::Json => log.json().flatten_event(true).init(),
        }
        // A fault of one request's ends that request; the log has its place.
        std::panic::set_hook(Box::new(|panic| tracing::error!("{panic}")));
        let runtime = runtime()?;
        runtime.block_on(self.answer())?;
        Ok(ExitCode::SUCCESS)
    }

    /// The store for writing; where its medium takes no writing and there are no documents to publish, for reading.
    fn opened(&self, store: &Path) -> Result<Store> {
        match self.retention.open(store) {
            Err(error) if self.documents.paths.is_empty() && Store::is_read_only(store) => {
                tracing::warn!(code = %error.code, "{error}: what is there is read, and nothing can be published");
                Store::open(store, Access::Read)
            }
            opened => opened,
        }
    }

    async fn answer(&self) -> Result<()> {
        // The address first: a port that is taken is known before much is loaded.
        let taken = |error: std::io::Error| {
            Error::new(Code::ServerSetup, format!("cannot listen on {}: {error}", self.listen))
                .hint("choose another with --listen ADDRESS:PORT")
                .caused_by(error)
        };
        let listener = TcpListener::bind(self.listen).await.map_err(taken)?;
        let address = listener.local_addr().map_err(taken)?;
        let stop = stop_signal()?;
        let mut catalog = Catalog::new(&self.documents.paths, self.documents.options());
        if let Some(store) = self.documents.store.folder() {
            let store = self.opened(store)?.with_memory_bytes(self.memory.bytes());
            catalog = catalog.with_store(Arc::new(store)).yielding();
        }
        let catalog = Arc::new(catalog);
        let named = NamedQueries::open(self.queries.as_deref())?;
        let queries =
            QueryService::with_views(Arc::clone(&catalog), self.limits.query_limits(), named.views())?;
        let otherwise = if self.listen.ip().is_loopback() { 0 } else { RATE_LIMIT };
        let rate = NonZeroU32::new(self.rate_limit.unwrap_or(otherwise));
        let app = App::limited(queries, named, rate);
        // It answers while it loads: /ready says when all is there.
        let mut server = pin!(serve(listener, Arc::clone(&app), self.door.limits(), stop));
        let to_load = Arc::clone(&catalog);
        let loading = tokio::task::spawn_blocking(move || load::load_all(&to_load));
        let loaded = tokio::select! {
            loaded = loading => loaded.map_err(|error| Error::new(Code::Internal, "loading broke off").caused_by(error))??,
            // Nothing waits for what is still being loaded.
            () = &mut server => std::process::exit(INTERRUPTED),
        };
        let unwatched = |error: &Error| tracing::warn!("changes of the documents are not seen: {error}");
        let _watch = watch(&catalog, log_change).inspect_err(unwatched);
        print(load::summary(&loaded).as_bytes())?;
        print(format!("listening on http://{address}\n").as_bytes())?;
        let to_fill = Arc::clone(&catalog);
        let (filled, is_filled) = oneshot::channel();
        // Nobody waits for it when the program ends.
        let thread = std::thread::Builder::new().name("derek-fill".to_owned());
        let filling = thread.spawn(move || {
            fill_memory(&to_fill);
            let _ = filled.send(());
        });
        filling.map_err(|error| Error::new(Code::ServerSetup, "cannot start a thread").caused_by(error))?;
        let measuring = tokio::spawn(async move {
            // What is read into memory need not be read for this, too.
            let _ = is_filled.await;
            keep_quality(&app, Pace::default(), Utc::now).await;
        });
        server.await;
        measuring.abort();
        catalog.query_log().flush();
        Ok(())
    }
}

/// Reads into memory what there is room for, while requests are answered.
fn fill_memory(catalog: &Catalog) {
    let start = std::time::Instant::now();
    match catalog.fill_memory(log_change) {
        Ok(0) => {}
        Ok(count) => {
            let on_disk = catalog.snapshot().datasets().filter(|dataset| dataset.is_on_disk()).count();
            let elapsed_ms = start.elapsed().as_millis();
            tracing::info!("{count} datasets read into memory in {elapsed_ms} ms; {on_disk} stay on disk");
        }
        Err(error) => tracing::error!(code = %error.code, "memory is not filled: {error}"),
    }
}

fn log_change(loaded: &Loaded) {
    let file = loaded.file.display();
    match &loaded.outcome {
        LoadOutcome::Published(dataset) => {
            let (rows, findings) = (dataset.document.rows, dataset.document.findings.total());
            tracing::info!(
                "published {} v{}: {rows} rows, {findings} findings, {file}",
                dataset.name(),
                dataset.version
            );
        }
        LoadOutcome::Refused(error) => tracing::error!(code = %error.code, "refused: {error}"),
        LoadOutcome::Superseded(last) => tracing::info!("{}", load::superseded(&loaded.file, last)),
        LoadOutcome::Removed(name) => tracing::info!("removed {name}, {file}"),
    }
}

/// Done at the first SIGINT or SIGTERM. The second ends the process at once.
fn stop_signal() -> Result<impl Future<Output = ()>> {
    let listen = |kind| {
        signal(kind)
            .map_err(|error| Error::new(Code::ServerSetup, "cannot listen for signals").caused_by(error))
    };
    let (mut interrupt, mut terminate) = (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
    Ok(async move {
        let mut next = async move || {
            tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
        };
        next().await;
        tracing::info!(
            "stopping: requests that are being answered may end; the same signal again stops at once"
        );
        tokio::spawn(async move {
            next().await;
            std::process::exit(INTERRUPTED);
        });
    })
}

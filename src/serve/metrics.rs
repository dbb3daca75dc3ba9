//! What the server counts, as Prometheus reads it.

use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric, text};
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::App;
use crate::error::{Code, Error, Result};

/// Bounds of the histogram of latencies, in seconds: from a look-up to the limit of a query.
const BOUNDS_S: [f64; 12] =
    [0.0001, 0.000_25, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1.0, 5.0, 30.0];

/// Counts of requests.
#[derive(Debug)]
pub(crate) struct Metrics {
    requests: Family<Answered, Counter>,
    latency_s: Family<OfRoute, Histogram, fn() -> Histogram>,
    bytes: Counter,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    route: &'static str,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfRoute {
    route: &'static str,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            requests: Family::default(),
            latency_s: Family::new_with_constructor(|| Histogram::new(BOUNDS_S)),
            bytes: Counter::default(),
        }
    }
}

impl Metrics {
    /// Counts an answer whose first byte is ready.
    pub(super) fn answered(&self, route: &'static str, status: u16, elapsed: Duration) {
        self.requests.get_or_create(&Answered { route, status }).inc();
        self.latency_s.get_or_create(&OfRoute { route }).observe(elapsed.as_secs_f64());
    }

    /// Counts bytes of answers, before they are compressed.
    pub(super) fn bytes(&self) -> &Counter {
        &self.bytes
    }

    /// Everything that is counted, in the form of `OpenMetrics`.
    pub(super) fn text(&self, app: &App) -> Result<String> {
        let mut registry = Registry::with_prefix("derek");
        registry.register("requests", "Requests that were answered", self.requests.clone());
        registry.register_with_unit(
            "latency",
            "From a request to the first byte of its answer",
            Unit::Seconds,
            self.latency_s.clone(),
        );
        registry.register_with_unit(
            "sent",
            "Bytes of answers, before compression",
            Unit::Bytes,
            self.bytes.clone(),
        );
        registry.register_collector(Box::new(Readings::of(app)));
        let mut out = String::new();
        text::encode(&mut out, &registry)
            .map_err(|error| Error::new(Code::Internal, "the counts cannot be written").caused_by(error))?;
        Ok(out)
    }
}

/// What others count, read at one moment.
#[derive(Debug)]
struct Readings {
    counters: Vec<(&'static str, &'static str, u64)>,
    gauges: Vec<(&'static str, &'static str, u64)>,
    failed: Vec<(&'static str, u64)>,
    query_seconds: f64,
}

impl Readings {
    fn of(app: &App) -> Self {
        let (queries, connections) = (app.queries.counts(), app.connections());
        let snapshot = app.catalog().snapshot();
        let datasets = snapshot.datasets();
        let table_bytes: usize = snapshot.datasets().map(|dataset| dataset.memory_bytes()).sum();
        let resident_bytes = resident_bytes();
        Self {
            counters: vec![
                ("queries", "Queries that ended", queries.done.load(Relaxed)),
                ("query_rows", "Rows that queries sent", queries.rows.load(Relaxed)),
                ("connections_accepted", "Connections that were let in", connections.accepted()),
                ("connections_refused", "Connections turned away: too many were open", connections.refused()),
                (
                    "connections_timed_out",
                    "Connections cut because their client was slow",
                    connections.timed_out(),
                ),
                ("snapshots", "States of the catalog since the start", app.catalog().snapshots()),
            ],
            gauges: vec![
                ("queries_running", "Queries that run", queries.running.load(Relaxed)),
                ("queries_waiting", "Queries that wait for their turn", queries.waiting.load(Relaxed)),
                ("query_memory_bytes", "Memory that queries asked for", app.queries.reserved_bytes() as u64),
                ("connections_open", "Connections that are open", connections.open() as u64),
                ("datasets", "Datasets that are served", datasets.len() as u64),
                ("refused_documents", "Documents that were refused", snapshot.refused().count() as u64),
                ("table_bytes", "Memory of tables and their indexes", table_bytes as u64),
                ("resident_bytes", "Memory of the process", resident_bytes),
            ],
            failed: queries.failed(),
            query_seconds: Duration::from_micros(queries.elapsed_us.load(Relaxed)).as_secs_f64(),
        }
    }
}

/// Memory of the process, or 0 where the system does not tell.
fn resident_bytes() -> u64 {
    let Ok(own) = sysinfo::get_current_pid() else { return 0 };
    let mut system = sysinfo::System::new();
    let only = sysinfo::ProcessRefreshKind::nothing().with_memory();
    system.refresh_processes_specifics(sysinfo::ProcessesToUpdate::Some(&[own]), false, only);
    system.process(own).map_or(0, sysinfo::Process::memory)
}

impl Collector for Readings {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        for (name, help, value) in &self.counters {
            let metric = ConstCounter::new(*value);
            metric.encode(encoder.encode_descriptor(name, help, None, metric.metric_type())?)?;
        }
        for (name, help, value) in &self.gauges {
            let metric = ConstGauge::new(i64::try_from(*value).unwrap_or(i64::MAX));
            metric.encode(encoder.encode_descriptor(name, help, None, metric.metric_type())?)?;
        }
        let seconds = ConstCounter::new(self.query_seconds);
        let help = "Time that queries took together";
        seconds.encode(encoder.encode_descriptor(
            "query",
            help,
            Some(&Unit::Seconds),
            seconds.metric_type(),
        )?)?;
        let failed = ConstCounter::new(0_u64);
        let mut family = encoder.encode_descriptor(
            "queries_failed",
            "Queries that failed, by code",
            None,
            failed.metric_type(),
        )?;
        for (code, count) in &self.failed {
            ConstCounter::new(*count).encode(family.encode_family(&[("code", *code)])?)?;
        }
        Ok(())
    }
}

//! How long do the service integrator's questions take over many requests, and a server that was asked much?
//!
//! `cargo bench --bench assess [-- REQUESTS [QUERIES]]`: a million requests with what became of them, ten million
//! queries, all of them kept as a server keeps them.

#![expect(clippy::print_stdout, reason = "figures are printed")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use derek::assess::NamedQueries;
use derek::catalog::{
    Access, Catalog, EventKind, Filed, Happened, LoadOptions, LoggedQuery, RequestKind, RequesterKind,
    Requests, Store, When,
};
use derek::error::Code;
use derek::query::{QueryLimits, QueryService, Question};
use fastrand::Rng;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const REPEATS: usize = 5;
/// Datasets and topics that are asked for, bodies that are asked, clients that use datasets.
const SUBJECTS: usize = 2_000;
const BODIES: usize = 100;
const CLIENTS: u64 = 5_000;
/// Requests came and queries were asked in this time, in seconds.
const SPAN_S: i64 = 640 * 86_400;
const BATCH: usize = 100_000;

const QUESTIONS: [&str; 7] =
    ["demand", "usage", "used_together", "unmet_demand", "requests_clock", "bodies", "requests_by_month"];

fn main() {
    let mut numbers = std::env::args().filter_map(|word| word.parse::<usize>().ok());
    let requests = numbers.next().unwrap_or(1_000_000);
    let queries = numbers.next().unwrap_or(10_000_000);
    let folder = tempfile::tempdir().expect("the temporary folder takes folders");
    let store = Arc::new(Store::open(folder.path(), Access::Write).expect("nobody else writes"));
    let catalog = Arc::new(Catalog::new(&[], LoadOptions::default()).with_store(store));
    let mut rng = Rng::with_seed(23);
    let started = Instant::now();
    let events =
        file(catalog.requests().expect("it is whole").expect("there is a store"), requests, &mut rng);
    println!("{requests} requests and {events} events are kept after {:?}", started.elapsed());
    let started = Instant::now();
    for at in 0..queries {
        catalog.query_log().add(logged(&mut rng, at, queries));
        // A server has a second for what comes here at once.
        if at % 10_000 == 0 {
            catalog.query_log().uses().flush();
        }
    }
    let added = started.elapsed();
    catalog.query_log().flush();
    println!("{queries} queries are logged after {added:?}, on disk after {:?}", started.elapsed());
    ask(catalog);
}

fn moment(rng: &mut Rng) -> DateTime<Utc> {
    after(rng.i64(0..SPAN_S))
}

/// Of so many moments in their order.
fn moment_of(at: usize, of: usize) -> DateTime<Utc> {
    after(i64::try_from(at).unwrap_or_default() * SPAN_S / i64::try_from(of).unwrap_or(1))
}

fn after(seconds: i64) -> DateTime<Utc> {
    let start: DateTime<Utc> = "2024-10-01T00:00:00Z".parse().expect("it is a moment");
    start + TimeDelta::seconds(seconds)
}

/// Keeps requests and what became of them: returns how many events there are.
fn file(kept: &Requests, count: usize, rng: &mut Rng) -> usize {
    let (mut events, now) = (0, Utc::now());
    for first in (0..count).step_by(BATCH) {
        let filed: Vec<Filed> = (first..count.min(first + BATCH)).map(|at| request(at, rng)).collect();
        let happened: Vec<Happened> = filed.iter().flat_map(|request| story(request, rng)).collect();
        kept.file(&filed, (now, "bench"), || [7; 16]).expect("they can be kept");
        kept.note(&happened, (now, "bench")).expect("they can be kept");
        events += happened.len();
    }
    events
}

fn request(at: usize, rng: &mut Rng) -> Filed {
    let subject = rng.usize(..SUBJECTS);
    let is_dataset = rng.bool();
    // A topic is written in some ways.
    let topic = ["тақырып", "Тақырып:", "ТАҚЫРЫП –"][rng.usize(..3)];
    Filed {
        id: Some(format!("q{at}")),
        received_at: Some(moment(rng)),
        kind: if rng.u8(..3) == 0 { RequestKind::Update } else { RequestKind::Publish },
        requester: if rng.bool() { RequesterKind::Citizen } else { RequesterKind::Business },
        contact: None,
        text: format!("Сұрау {at}"),
        body: format!("Орган {}", rng.usize(..BODIES)),
        dataset: is_dataset.then(|| format!("ds{subject}")),
        topic: (!is_dataset).then(|| format!("{topic} {subject}")),
    }
}

/// Most requests are sent, decided, and told.
fn story(request: &Filed, rng: &mut Rng) -> Vec<Happened> {
    let mut at = request.received_at.unwrap_or_default();
    let mut happened = |event, days: i64, rng: &mut Rng| {
        at += TimeDelta::seconds(rng.i64(0..=days * 86_400));
        Happened {
            request: request.id.clone(),
            at: Some(When::At(at)),
            event,
            dataset: None,
            version: None,
            reason: (event == EventKind::Refused).then(|| "11-бап".to_owned()),
        }
    };
    let mut all = vec![happened(EventKind::Processed, 40, rng), happened(EventKind::Sent, 0, rng)];
    let decision = if rng.u8(..4) == 0 { EventKind::Refused } else { EventKind::Published };
    if rng.u8(..5) > 0 {
        all.push(happened(decision, 45, rng));
        all.push(happened(EventKind::Notified, 2, rng));
    }
    all
}

/// Few datasets are used much, and many a little; some queries read two, some name what is not there.
fn logged(rng: &mut Rng, at: usize, of: usize) -> LoggedQuery {
    let dataset = |rng: &mut Rng| {
        let picks = [rng.usize(..SUBJECTS), rng.usize(..SUBJECTS), rng.usize(..SUBJECTS)];
        format!("ds{}", picks.into_iter().min().unwrap_or_default())
    };
    let is_missing = rng.u8(..20) == 0;
    let mut datasets = vec![dataset(rng)];
    if rng.u8(..5) == 0 {
        datasets.push(dataset(rng));
    }
    LoggedQuery {
        at: moment_of(at, of),
        door: if rng.bool() { "GET /sql" } else { "GET /datasets/{apiUri}/rows" }.into(),
        text: "SELECT 1".to_owned(),
        datasets: if is_missing { Vec::new() } else { datasets },
        rows: rng.u64(..100),
        elapsed_ms: 1.0,
        client: Some(rng.u64(..CLIENTS)),
        error: is_missing.then_some(Code::QueryUnknownTable),
        missing: is_missing.then(|| format!("жоқ{}", rng.u32(..5_000))),
    }
}

fn ask(catalog: Arc<Catalog>) {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let named = NamedQueries::open(None).expect("they are sound");
    let limits = QueryLimits { max_rows: u64::MAX, ..QueryLimits::for_machine(16 << 30, cores) };
    let queries = QueryService::with_views(catalog, limits, named.views()).expect("threads can be started");
    let runtime = tokio::runtime::Runtime::new().expect("threads can be started");
    let time = |sql: &str| {
        let (started, mut count) = (Instant::now(), 0);
        runtime.block_on(async {
            let mut rows = queries.query(Question::new(sql)).await.expect("it is a query");
            while let Some(batch) = rows.next().await.expect("it runs") {
                count += batch.num_rows();
            }
        });
        (started.elapsed(), count)
    };
    for question in QUESTIONS {
        let sql = format!("SELECT * FROM assess.{question}");
        let (first, rows) = time(&sql);
        let mut times: Vec<Duration> = (0..REPEATS).map(|_| time(&sql).0).collect();
        times.sort_unstable();
        println!("{question}: {rows} rows in {:?} (the first time {first:?})", times[REPEATS / 2]);
    }
}

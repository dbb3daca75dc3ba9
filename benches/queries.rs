//! How many point queries does the server answer a second in SQL, how late are light requests beside
//! heavy queries, and how long does it take to page through a million rows?
//!
//! `cargo bench --bench queries [-- ROWS]` serves a generated dataset of a million rows and drives it with
//! `wrk` (Debian's package wrk); pages are followed one after the other from one client.

#![expect(clippy::print_stdout, reason = "figures are printed")]

#[path = "generator.rs"]
mod generator;

use std::collections::HashSet;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use derek::assess::NamedQueries;
use derek::catalog::{Catalog, LoadOptions};
use derek::query::{QueryLimits, QueryService};
use derek::serve::{App, ConnectionLimits, serve};
use serde_json::Value;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Sorts a million rows by two texts, and joins the table to itself: seconds of work on both cores.
const HEAVY: &str = "/sql?q=SELECT+count(*)+FROM+(SELECT+a.name,+row_number()+OVER+(ORDER+BY+a.name,b.name)+AS+n+FROM+generated+a+JOIN+generated+b+ON+a.id=b.id)+WHERE+n%257=3";

fn main() {
    let rows = std::env::args().find_map(|word| word.parse().ok()).unwrap_or(1_000_000_usize);
    let folder = std::env::temp_dir().join(format!("derek-queries-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the temporary folder takes folders");
    let file = folder.join("generated.json");
    std::fs::write(&file, generator::document(rows, 42)).expect("the temporary folder takes files");
    let (catalog, _) = Catalog::open(&[file], LoadOptions::default()).expect("it is there");
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let queries = QueryService::new(Arc::new(catalog), QueryLimits::for_machine(8 << 30, cores));
    let named = NamedQueries::open(None).expect("the built-in queries are sound");
    let app = App::new(queries.expect("threads can be started"), named);
    let runtime = tokio::runtime::Runtime::new().expect("threads can be started");
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a port is free");
    let address = format!("http://{}", listener.local_addr().expect("it is bound"));
    runtime.spawn(serve(listener, app, ConnectionLimits::default(), std::future::pending()));
    println!("{rows} rows on {address}");
    points(&folder, &address, rows);
    light(&folder, &address);
    pages(&address, rows);
    let _ = std::fs::remove_dir_all(folder);
}

/// One object by its key, in SQL: as a parameter of one text, and written into a text that is new each
/// time.
fn points(folder: &Path, address: &str, rows: usize) {
    let texts = [
        ("SELECT 1", "/sql?q=SELECT+1".to_owned()),
        (
            "an object by its key, a parameter",
            "/sql?q=SELECT+id,name+FROM+generated+WHERE+id=$id&id=%d".to_owned(),
        ),
        ("an object by its key, in the text", "/sql?q=SELECT+id,name+FROM+generated+WHERE+id=%d".to_owned()),
        ("the same object without SQL", "/datasets/generated/rows/%d?select=id,name".to_owned()),
    ];
    for (name, path) in texts {
        println!("{name}, 8 connections: {}", wrk(folder, address, &path, rows, 8));
    }
}

/// Look-ups alone, and beside two heavy queries that run all the time.
fn light(folder: &Path, address: &str) {
    let path = "/datasets/generated/nearest?lat=43.25&lon=76.9&select=id,name&k=%d";
    println!("10 nearest alone, 4 connections: {}", wrk(folder, address, path, 10, 4));
    let stop = Arc::new(AtomicBool::new(false));
    let heavy: Vec<_> = (0..2)
        .map(|_| {
            let (stop, address) = (Arc::clone(&stop), address.to_owned());
            std::thread::spawn(move || {
                let mut count = 0;
                while !stop.load(Ordering::Relaxed) {
                    ureq::get(format!("{address}{HEAVY}")).call().expect("it answers");
                    count += 1;
                }
                count
            })
        })
        .collect();
    std::thread::sleep(Duration::from_millis(500));
    let beside = wrk(folder, address, path, 10, 4);
    stop.store(true, Ordering::Relaxed);
    let count: u64 = heavy.into_iter().map(|thread| thread.join().expect("it ends")).sum();
    println!("10 nearest beside two heavy queries ({count} were answered), 4 connections: {beside}");
}

/// Pages of 10,000 rows ordered by a column with many ties.
fn pages(address: &str, rows: usize) {
    for order in ["open24h", "region+DESC,+name"] {
        let base = format!("{address}/datasets/generated/rows?select=id&limit=10000&order={order}");
        let (started, mut seen, mut url, mut pages) = (Instant::now(), HashSet::new(), base.clone(), 0_u32);
        loop {
            let mut response = ureq::get(&url).call().expect("it answers");
            let body =
                response.body_mut().with_config().limit(1 << 30).read_json::<Value>().expect("it is JSON");
            for row in body["rows"].as_array().expect("there are rows") {
                assert!(seen.insert(row["id"].as_u64()), "a row comes once");
            }
            pages += 1;
            let Some(next) = body["next"].as_str() else { break };
            url = format!("{base}&after={next}");
        }
        assert_eq!(seen.len(), rows, "every row comes");
        let elapsed = started.elapsed();
        println!(
            "{rows} rows by {order} in {pages} pages: {:.2} s, {:.1} ms a page, each row once",
            elapsed.as_secs_f64(),
            elapsed.as_secs_f64() * 1e3 / f64::from(pages)
        );
    }
}

/// What `wrk` says of a path in which `%d` is a number up to `most`.
fn wrk(folder: &Path, address: &str, path: &str, most: usize, connections: u32) -> String {
    let script = folder.join("requests.lua");
    let text = format!(
        "math.randomseed(7)\nlocal all, at = {{}}, 0\ninit = function()\n  for i = 1, 10000 do\n    \
         all[i] = wrk.format('GET', (string.gsub('{path}', '%%d', tostring(math.random(1, {most})))))\n  end\nend\n\
         request = function()\n  at = at % 10000 + 1\n  return all[at]\nend\n"
    );
    write!(std::fs::File::create(&script).expect("it can be made"), "{text}").expect("it takes bytes");
    let output = Command::new("wrk")
        .args(["-t1", &format!("-c{connections}"), "-d8s", "--latency", "-s"])
        .arg(&script)
        .arg(address)
        .output()
        .expect("wrk is installed (Debian's package wrk)");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = |key: &str| {
        text.lines().find(|line| line.trim().starts_with(key)).unwrap_or_default().trim().to_owned()
    };
    format!("{}, p50 {}, p99 {} {}", line("Requests/sec"), line("50%"), line("99%"), line("Non-2xx"))
}

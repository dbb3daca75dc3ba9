//! How many nearest look-ups does the server answer a second, over HTTP?
//!
//! `cargo bench --bench serve [-- ROWS]` serves a generated dataset of a million rows and drives it with
//! `wrk -t1 -c16` (Debian's package wrk) from random points: in a dense city, in open country, with only
//! two columns selected, with a condition, and for comparison the route that does nothing (`/health`).

#![expect(clippy::print_stdout, reason = "figures are printed")]

#[path = "generator.rs"]
mod generator;

use std::io::Write;
use std::process::Command;
use std::sync::Arc;

use derek::assess::NamedQueries;
use derek::catalog::{Catalog, LoadOptions};
use derek::query::{QueryLimits, QueryService};
use derek::serve::{App, ConnectionLimits, serve};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What is asked: a name, the path, and the box that look-ups come from.
const QUESTIONS: [(&str, &str, [f64; 4]); 8] = [
    ("no look-up at all (/health)", "/health?", [0.0; 4]),
    ("10 nearest in a dense city", "/datasets/generated/nearest?", [76.85, 77.0, 43.2, 43.3]),
    ("10 nearest in open country", "/datasets/generated/nearest?", [47.0, 87.0, 41.0, 55.0]),
    (
        "10 nearest in a dense city, two columns",
        "/datasets/generated/nearest?select=id,name&",
        [76.85, 77.0, 43.2, 43.3],
    ),
    (
        "10 nearest in a dense city, half of the rows",
        "/datasets/generated/nearest?where=open24h&",
        [76.85, 77.0, 43.2, 43.3],
    ),
    (
        "10 nearest in a dense city, one row of 10",
        "/datasets/generated/nearest?where=id+%%25+10+=+3&",
        [76.85, 77.0, 43.2, 43.3],
    ),
    (
        "10 nearest in open country, one row of 10,000",
        "/datasets/generated/nearest?where=id+%%25+10000+=+7&",
        [47.0, 87.0, 41.0, 55.0],
    ),
    (
        "10 nearest, no condition, two columns, open country",
        "/datasets/generated/nearest?select=id,name&",
        [47.0, 87.0, 41.0, 55.0],
    ),
];

fn main() {
    let rows = std::env::args().find_map(|word| word.parse().ok()).unwrap_or(1_000_000);
    let folder = std::env::temp_dir().join(format!("derek-serve-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the temporary folder takes folders");
    let file = folder.join("generated.json");
    std::fs::write(&file, generator::document(rows, 42)).expect("the temporary folder takes files");
    let (catalog, _) = Catalog::open(&[file], LoadOptions::default()).expect("it is there");
    let limits =
        QueryLimits::for_machine(8 << 30, std::thread::available_parallelism().map_or(1, usize::from));
    let app = App::new(
        QueryService::new(Arc::new(catalog), limits).expect("threads can be started"),
        NamedQueries::open(None).expect("the built-in queries are sound"),
    );
    let runtime = tokio::runtime::Runtime::new().expect("threads can be started");
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    runtime.spawn(serve(listener, app, ConnectionLimits::default(), std::future::pending()));
    println!("{rows} rows on http://{address}");
    for (name, path, bounds) in QUESTIONS {
        let script = folder.join("look-up.lua");
        write!(std::fs::File::create(&script).expect("it can be made"), "{}", lua(path, bounds))
            .expect("it takes bytes");
        let output = Command::new("wrk")
            .args(["-t1", "-c16", "-d8s", "--latency", "-s"])
            .arg(&script)
            .arg(format!("http://{address}"))
            .output()
            .expect("wrk is installed (Debian's package wrk)");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let line = |key: &str| {
            text.lines().find(|line| line.trim().starts_with(key)).unwrap_or_default().trim().to_owned()
        };
        println!(
            "{name}: {}, p50 {}, p99 {} {}",
            line("Requests/sec"),
            line("50%"),
            line("99%"),
            line("Non-2xx")
        );
    }
    let _ = std::fs::remove_dir_all(folder);
}

/// A script that asks from 10,000 random points of the box in turn, written before the clock starts.
fn lua(path: &str, [west, east, south, north]: [f64; 4]) -> String {
    format!(
        "math.randomseed(7)\nlocal all, at = {{}}, 0\ninit = function()\n  for i = 1, 10000 do\n    \
         local lon = {west} + math.random() * ({east} - {west})\n    \
         local lat = {south} + math.random() * ({north} - {south})\n    \
         all[i] = wrk.format('GET', string.format('{path}lat=%.6f&lon=%.6f', lat, lon))\n  end\nend\n\
         request = function()\n  at = at % 10000 + 1\n  return all[at]\nend\n"
    )
}

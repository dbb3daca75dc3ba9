//! How fast does a published document become a table, and in how much memory?
//!
//! `cargo bench --bench ingest [-- ROWS]` writes a document of a million rows (or ROWS) to a temporary
//! file, reads it five times on one thread and on all, and prints wall time, rate and the process's
//! peak of resident memory. The first reading touches fresh memory; the others are warm.

#[path = "generator.rs"]
mod generator;

use std::time::Instant;

use derek::catalog::{Catalog, LoadOptions};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let rows = std::env::args().filter_map(|word| word.parse().ok()).next().unwrap_or(1_000_000);
    let path = std::env::temp_dir().join(format!("derek-ingest-{}.json", std::process::id()));
    std::fs::write(&path, generator::document(rows, 42)).expect("the temporary folder takes files");
    let bytes = path.metadata().expect("it was written").len();
    println!("{rows} rows, {bytes} bytes of JSON; {} resident before", resident("VmRSS"));
    for threads in [1, std::thread::available_parallelism().map_or(1, usize::from)] {
        for reading in 1..=5 {
            let start = Instant::now();
            let options = LoadOptions { threads, ..LoadOptions::default() };
            let (catalog, loaded) = Catalog::open(&[path.clone()], options).expect("the file is there");
            let seconds = start.elapsed().as_secs_f64();
            let rate = bytes as f64 / 1e6 / seconds;
            let snapshot = catalog.snapshot();
            let dataset = snapshot.require("generated").expect("it was loaded");
            println!(
                "{threads} threads, reading {reading}: {:.3} s with index = {rate:.0} MB/s, table {} MB, {} findings",
                loaded[0].elapsed.as_secs_f64(),
                dataset.memory_bytes() / 1_000_000,
                dataset.document.findings.total(),
            );
        }
    }
    println!("peak resident {}, document {} kB", resident("VmHWM"), bytes / 1024);
    let _ = std::fs::remove_file(path);
}

/// A line of `/proc/self/status`.
fn resident(key: &str) -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default();
    line.trim_start_matches(':').trim().to_owned()
}

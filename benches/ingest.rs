//! How fast does a published document become a table, and in how much memory?
//!
//! `cargo bench --bench ingest [-- ROWS]` writes a document of a million rows (or ROWS) to a temporary
//! file, as JSON and as XML, reads it five times on one thread and on all, and prints wall times, the rate and the peak of
//! resident memory. The first reading touches fresh memory; the others are warm. The index over the
//! points is measured on its own, too: a peer that only reads JSON builds none.

#![expect(clippy::print_stdout, reason = "figures are printed")]

#[path = "generator.rs"]
mod generator;
#[path = "generator_xml.rs"]
mod generator_xml;

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use derek::catalog::{Catalog, LoadOptions};
use derek::document::{self, ReadOptions};
use derek::geo::{Points, SphereIndex};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let rows: usize = std::env::args().find_map(|word| word.parse().ok()).unwrap_or(1_000_000);
    // As many bytes of XML as of JSON: its rows are longer.
    let documents =
        [("json", generator::document(rows, 42)), ("xml", generator_xml::xml_document(rows * 13 / 20, 42))];
    for (ending, document) in documents {
        let path = std::env::temp_dir().join(format!("derek-ingest-{}.{ending}", std::process::id()));
        std::fs::write(&path, &document).expect("the temporary folder takes files");
        let megabytes = f64::from(u32::try_from(document.len() / 1000).expect("less than 4 TB")) / 1e3;
        println!("{megabytes:.1} MB of {ending}");
        drop(document);
        for threads in [1, std::thread::available_parallelism().map_or(1, usize::from)] {
            for inspects in [true, false] {
                inspected(&path, threads, inspects, megabytes);
            }
            for reading in 1..=5 {
                measure(&path, threads, reading, megabytes);
            }
        }
        let _ = std::fs::remove_file(path);
    }
    println!("peak resident memory {}, with the generator's own copies of the documents", resident("VmHWM"));
}

/// Document → typed table alone, with texts, keys and rows inspected or not: the median of five.
fn inspected(path: &Path, threads: usize, inspects: bool, megabytes: f64) {
    let bytes = std::fs::read(path).expect("it was written");
    let mut rates: Vec<f64> = (0..5)
        .map(|_| {
            let start = Instant::now();
            let options = ReadOptions { threads, inspects, ..ReadOptions::new("generated") };
            black_box(document::read(&bytes, &options).expect("it is sound"));
            megabytes / start.elapsed().as_secs_f64()
        })
        .collect();
    rates.sort_by(f64::total_cmp);
    let word = if inspects { "inspected" } else { "not inspected" };
    println!("{threads} threads, {word}: {:.0} MB/s ({:.0} to {:.0})", rates[2], rates[0], rates[4]);
}

fn measure(path: &Path, threads: usize, reading: usize, megabytes: f64) {
    let options = LoadOptions { threads, ..LoadOptions::default() };
    let (catalog, loaded) = Catalog::open(&[path.to_owned()], options).expect("the file is there");
    let snapshot = catalog.snapshot();
    let dataset = snapshot.require("generated").expect("it was loaded");
    let start = Instant::now();
    let batches = dataset.rows.memory().expect("it was read from a file").iter().enumerate();
    let points = batches.flat_map(|(at, batch)| {
        let points =
            Points::of(batch.column(dataset.points[0].column).as_ref()).expect("it is a column of points");
        let first = dataset.first_row(at);
        points.iter().map(move |(row, point)| (u32::try_from(first + row as u64).expect("few rows"), point))
    });
    black_box(SphereIndex::build(points));
    let (all_s, index_s) = (loaded[0].elapsed.as_secs_f64(), start.elapsed().as_secs_f64());
    println!(
        "{threads} threads, reading {reading}: {all_s:.3} s = {:.0} MB/s; without the index {:.3} s = {:.0} MB/s; table {} MB",
        megabytes / all_s,
        all_s - index_s,
        megabytes / (all_s - index_s),
        dataset.memory_bytes() / 1_000_000,
    );
}

/// A line of `/proc/self/status`.
fn resident(key: &str) -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default();
    line.trim_start_matches(':').trim().to_owned()
}

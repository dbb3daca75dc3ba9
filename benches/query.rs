//! How long do an analyst's queries take over a million rows, and the smallest query of all?
//!
//! `cargo bench --bench query [-- ROWS]`: best of seven, warm. The first question is the baseline of the
//! others: what parsing, planning and handing over a single row cost.

#![expect(clippy::print_stdout, reason = "figures are printed")]

#[path = "generator.rs"]
mod generator;

use std::sync::Arc;
use std::time::Instant;

use derek::catalog::{Catalog, LoadOptions};
use derek::query::{QueryLimits, QueryService, Question};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const QUESTIONS: [(&str, &str); 8] = [
    ("nothing but one row", "SELECT 1"),
    ("a count", "SELECT count(*) FROM generated"),
    ("a filter on a number", "SELECT count(*) FROM generated WHERE area > 500"),
    ("a filter on Kazakh text", "SELECT count(*) FROM generated WHERE address LIKE '%Қабанбай%'"),
    ("totals by a number", "SELECT region, count(*), avg(area) FROM generated GROUP BY region"),
    ("totals by a text", "SELECT name, count(*) FROM generated GROUP BY name ORDER BY 2 DESC LIMIT 10"),
    (
        "totals by month",
        "SELECT date_trunc('month', licenceDate) m, count(*) FROM generated GROUP BY m ORDER BY m",
    ),
    (
        "a window",
        "SELECT max(r) FROM (SELECT rank() OVER (PARTITION BY region ORDER BY area) r FROM generated)",
    ),
];

fn main() {
    let rows = std::env::args().find_map(|word| word.parse().ok()).unwrap_or(1_000_000);
    let file = std::env::temp_dir().join(format!("derek-query-{}.json", std::process::id()));
    std::fs::write(&file, generator::document(rows, 42)).expect("the temporary folder takes files");
    let (catalog, _) =
        Catalog::open(std::slice::from_ref(&file), LoadOptions::default()).expect("it is there");
    let _ = std::fs::remove_file(file);
    let limits =
        QueryLimits::for_machine(8 << 30, std::thread::available_parallelism().map_or(1, usize::from));
    let queries = QueryService::new(Arc::new(catalog), limits).expect("threads can be started");
    let runtime = tokio::runtime::Runtime::new().expect("threads can be started");
    println!("{rows} rows");
    for (question, sql) in QUESTIONS {
        let mut best_ms = f64::INFINITY;
        for _ in 0..7 {
            let start = Instant::now();
            runtime.block_on(async {
                let mut rows = queries.query(Question::new(sql)).await.expect("the query is sound");
                while rows.next().await.expect("the query runs").is_some() {}
            });
            best_ms = best_ms.min(start.elapsed().as_secs_f64() * 1e3);
        }
        println!("{question}: {best_ms:.2} ms   {sql}");
    }
}

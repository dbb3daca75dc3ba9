//! What does the index over places save a spatial query, and how long do joins by place take?
//!
//! `cargo bench --bench spatial [-- ROWS]`: best of five, warm, in process. Each question is paired with its
//! baseline: the same rows found without the index, by a point that it does not know.

#![expect(clippy::print_stdout, reason = "figures are printed")]

#[path = "generator.rs"]
mod generator;

use std::sync::Arc;
use std::time::Instant;

use derek::catalog::{Catalog, LoadOptions};
use derek::query::{QueryLimits, QueryService, Question};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A point that the index does not know of, for the same rows without it.
const UNKNOWN: &str = "ST_Point(ST_X(geoposition), ST_Y(geoposition))";
const ASTANA: &str = "ST_Point(71.43, 51.13)";
const DISTRICT: &str =
    "ST_GeomFromText('POLYGON((71.3 51.1, 71.5 51.1, 71.55 51.2, 71.4 51.25, 71.3 51.1))')";

/// What is asked, with POINT for the point and REST for what is fixed.
const QUESTIONS: [(&str, &str); 5] = [
    ("rows within 1 km", "SELECT count(*), sum(region) FROM generated WHERE ST_DWithin(POINT, PLACE, 1000)"),
    (
        "rows within 200 km",
        "SELECT count(*), sum(region) FROM generated WHERE ST_DWithin(POINT, PLACE, 200000)",
    ),
    ("rows in a polygon", "SELECT count(*), sum(region) FROM generated WHERE ST_Within(POINT, DISTRICT)"),
    ("the 10 nearest", "SELECT id FROM generated ORDER BY ST_Distance(POINT, PLACE) LIMIT 10"),
    (
        "the 10 nearest of every tenth row",
        "SELECT id FROM generated WHERE id % 10 = 3 ORDER BY ST_Distance(POINT, PLACE) LIMIT 10",
    ),
];

/// Joins; their baseline is what comparing each row with each would cost, which nobody waits for.
const JOINS: [(&str, &str); 3] = [
    (
        "the nearest of 100,000 for each row",
        "SELECT count(*), sum(ST_Distance(a.geoposition, b.geoposition)) FROM generated a JOIN \
         (SELECT * FROM generated WHERE id <= 100000) b ON ST_KNN(a.geoposition, b.geoposition, 1)",
    ),
    (
        "the nearest in the dataset's own index",
        "SELECT count(*) FROM (SELECT * FROM generated WHERE id <= 100000) a JOIN generated b \
         ON ST_KNN(a.geoposition, b.geoposition, 2)",
    ),
    (
        "pairs within 50 m",
        "SELECT count(*) FROM generated a JOIN generated b ON ST_DWithin(a.geoposition, b.geoposition, 50)",
    ),
];

fn main() {
    let rows = std::env::args().find_map(|word| word.parse().ok()).unwrap_or(1_000_000);
    let file = std::env::temp_dir().join(format!("derek-spatial-{}.json", std::process::id()));
    std::fs::write(&file, generator::document(rows, 42)).expect("the temporary folder takes files");
    let (catalog, _) =
        Catalog::open(std::slice::from_ref(&file), LoadOptions::default()).expect("it is there");
    let _ = std::fs::remove_file(file);
    let limits =
        QueryLimits::for_machine(16 << 30, std::thread::available_parallelism().map_or(1, usize::from));
    let queries = QueryService::new(Arc::new(catalog), limits).expect("threads can be started");
    let runtime = tokio::runtime::Runtime::new().expect("threads can be started");
    let best_ms = |sql: &str, times: usize| {
        let mut best_ms = f64::INFINITY;
        for _ in 0..times {
            let start = Instant::now();
            runtime.block_on(async {
                let mut rows = queries.query(Question::new(sql)).await.expect("the query is sound");
                while rows.next().await.expect("the query runs").is_some() {}
            });
            best_ms = best_ms.min(start.elapsed().as_secs_f64() * 1e3);
        }
        best_ms
    };
    println!("{rows} rows");
    for (question, sql) in QUESTIONS {
        let sql = sql.replace("PLACE", ASTANA).replace("DISTRICT", DISTRICT);
        let with = best_ms(&sql.replace("POINT,", "geoposition,"), 5);
        let without = best_ms(&sql.replace("POINT,", &format!("{UNKNOWN},")), 5);
        println!("{question}: {with:.2} ms; without the index {without:.2} ms");
    }
    for (question, sql) in JOINS {
        println!("{question}: {:.0} ms", best_ms(sql, 3));
    }
}

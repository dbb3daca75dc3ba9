//! How long does it take to resolve references, and is reading through one as quick as it should be, beside
//! the join that it stands for?
//!
//! `cargo bench --bench datapath [-- ROWS [OBJECTS]]`: ten million rows that refer to a million objects, by a
//! whole number and by a text, both shuffled. DuckDB's join of the same rows is asked by
//! `benches/peers/datapath.py`.

#![expect(clippy::print_stdout, reason = "figures are printed")]

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use derek::catalog::{Catalog, LoadOptions};
use derek::query::{QueryLimits, QueryService, Question};
use fastrand::Rng;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const REPEATS: usize = 9;
const REGIONS: usize = 20;

/// What is asked through a reference, and the join that it stands for.
const QUESTIONS: [(&str, &str, &str); 4] = [
    (
        "a total by a field of the object, whole number",
        "SELECT org.region AS r, count(*), sum(amount) FROM payments GROUP BY org.region",
        "SELECT o.region AS r, count(*), sum(amount) FROM payments p LEFT JOIN orgs o ON p.org = o.id GROUP BY o.region",
    ),
    (
        "a total by a field of the object, text",
        "SELECT firm.region AS r, count(*), sum(amount) FROM payments GROUP BY firm.region",
        "SELECT o.region AS r, count(*), sum(amount) FROM payments p LEFT JOIN firms o ON p.firm = o.code GROUP BY o.region",
    ),
    (
        "a condition on a field of the object",
        "SELECT count(*), sum(amount) FROM payments WHERE org.region = 'Ә7'",
        "SELECT count(*), sum(amount) FROM payments p LEFT JOIN orgs o ON p.org = o.id WHERE o.region = 'Ә7'",
    ),
    (
        "a field of the object for each row",
        "SELECT max(org.name) FROM payments",
        "SELECT max(o.name) FROM payments p LEFT JOIN orgs o ON p.org = o.id",
    ),
];

fn main() {
    let mut numbers = std::env::args().filter_map(|word| word.parse::<usize>().ok());
    let rows = numbers.next().unwrap_or(10_000_000);
    let objects = numbers.next().unwrap_or(rows / 10).max(1);
    let folder = tempfile::tempdir().expect("the temporary folder takes folders");
    write(folder.path(), rows, objects);
    let (catalog, loaded) =
        Catalog::open(&[folder.path().to_owned()], LoadOptions::default()).expect("it is there");
    println!("{rows} rows refer to {objects} objects");
    for it in &loaded {
        println!("  {}: read, and its references resolved, in {:?}", it.file.display(), it.elapsed);
    }
    resolve(&catalog, folder.path());
    let catalog = Arc::new(catalog);
    for link in catalog.snapshot().links() {
        let values = link.target.as_ref().map_or(1, |target| target.rows().values().len());
        println!("  {}: {} bytes for {values} values", link.path.shown, link.memory_bytes());
    }
    ask(catalog);
}

/// The documents: every thousandth reference leads nowhere.
fn write(folder: &Path, rows: usize, objects: usize) {
    let mut rng = Rng::with_seed(17);
    let mut ids: Vec<usize> = (0..objects).map(|at| 1_000_000 + 3 * at).collect();
    rng.shuffle(&mut ids);
    let object = |at: usize, id: usize| format!(r#""name": "Ұйым {at}", "region": "Ә{}""#, id % REGIONS);
    let orgs = ids.iter().enumerate().map(|(at, id)| format!(r#"{{"id": {id}, {}}}"#, object(at, *id)));
    document(
        folder,
        "orgs",
        r#""id": {"type": "Int", "pkey": true}, "name": {"type": "String"}, "region": {"type": "String"}"#,
        orgs,
    );
    let firms =
        ids.iter().enumerate().map(|(at, id)| format!(r#"{{"code": "KZ{id:010}", {}}}"#, object(at, *id)));
    document(
        folder,
        "firms",
        r#""code": {"type": "String", "pkey": true}, "name": {"type": "String"}, "region": {"type": "String"}"#,
        firms,
    );
    let payments = (0..rows).map(|id| {
        let to = if rng.usize(..1_000) == 0 { 7 } else { ids[rng.usize(..objects)] };
        format!(r#"{{"id": {id}, "org": {to}, "firm": "KZ{to:010}", "amount": {}.25}}"#, rng.u32(..100_000))
    });
    let fields = r#""id": {"type": "Int", "pkey": true}, "org": {"type": "Int", "datapath": "orgs.id"},
        "firm": {"type": "String", "datapath": "firms.code"}, "amount": {"type": "Double"}"#;
    document(folder, "payments", fields, payments);
}

fn document(folder: &Path, name: &str, fields: &str, rows: impl Iterator<Item = String>) {
    let mut text = format!(r#"{{"meta": {{"apiUri": "{name}"}}, "fields": {{{fields}}}, "data": ["#);
    for (at, row) in rows.enumerate() {
        let separator = if at == 0 { "" } else { "," };
        let _ = write!(text, "{separator}\n{row}");
    }
    text.push_str("]}");
    std::fs::write(folder.join(format!("{name}.json")), text).expect("the temporary folder takes files");
}

/// The objects' datasets as new versions, with the rows that refer to them and without.
fn resolve(catalog: &Catalog, folder: &Path) {
    for name in ["orgs", "firms"] {
        let file = folder.join(format!("{name}.json"));
        let alone =
            Catalog::open(std::slice::from_ref(&file), LoadOptions::default()).expect("it is there").0;
        let (mut with, mut without) = (Vec::new(), Vec::new());
        for _ in 0..3 {
            let bytes = std::fs::read(&file).expect("it can be read");
            std::fs::write(&file, bytes).expect("it can be written");
            with.extend(catalog.refresh().iter().map(|it| it.elapsed));
            without.extend(alone.refresh().iter().map(|it| it.elapsed));
        }
        let (with, without) = (median(with), median(without));
        let resolving = with.saturating_sub(without);
        println!("  {name} anew: {with:?}, of which resolving what refers to it {resolving:?}");
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn ask(catalog: Arc<Catalog>) {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let queries = QueryService::new(catalog, QueryLimits::for_machine(16 << 30, cores));
    let queries = queries.expect("threads can be started");
    let runtime = tokio::runtime::Runtime::new().expect("threads can be started");
    let time = |sql: &str| {
        let started = Instant::now();
        runtime.block_on(async {
            let mut rows = queries.query(Question::new(sql)).await.expect("it is a query");
            while rows.next().await.expect("it runs").is_some() {}
        });
        started.elapsed()
    };
    for (question, through, joined) in QUESTIONS {
        let first = time(through);
        time(joined);
        let (mut reference, mut join) = (Vec::new(), Vec::new());
        for _ in 0..REPEATS {
            reference.push(time(through));
            join.push(time(joined));
        }
        println!(
            "{question}: {:?} (the first time {first:?}), the join {:?}",
            median(reference),
            median(join)
        );
    }
}

//! What datasets are used for: sums that are made when something is asked, by whatever door it came, and kept.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use chrono::{DateTime, TimeDelta, Utc};
use derek::catalog::{Access, Asked, Catalog, LoadOptions, LoggedQuery, QueryLog, Store, UseTable};
use serde_json::{Value, json};

use crate::fixtures;
use crate::site::{Answer, Site, address};

const PLACES: &str = r#"{"meta": {"apiUri": "places", "nameKk": "Орындар"},
    "fields": {"id": {"type": "Int", "pkey": true}, "name": {"type": "String"}, "at": {"type": "Geoposition"}},
    "data": [{"id": 1, "name": "Көше", "at": "51.13,71.43"}, {"id": 2, "name": "Үй", "at": "51.14,71.44"}]}"#;

/// A server over a folder with one dataset, and a store.
fn open(store: &Path, documents: &Path) -> (Site, Arc<Catalog>) {
    let opened = Arc::new(crate::site::alone(store));
    let paths = [documents.to_path_buf()];
    let catalog = Catalog::new(&paths, LoadOptions::default()).with_store(opened);
    catalog.load_all(None).expect("it can be read");
    let catalog = Arc::new(catalog);
    (Site::of_catalog(&catalog), catalog)
}

impl Site {
    /// What somebody at an address is answered.
    fn get_from(&self, client: u8, path: &str) -> Answer {
        let mut request = Request::get(address(path)).body(Body::empty()).expect("it is a request");
        let peer = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, client)), 1024);
        request.extensions_mut().insert(ConnectInfo(peer));
        self.send(request)
    }
}

/// Who asks for what, and the status of the answer.
const ASKED: [(u8, &str, u16); 15] = [
    (1, "/datasets/places/rows?limit=2", 200),
    (1, "/datasets/places/rows/1", 200),
    (2, "/datasets/places/nearest?lat=51.13&lon=71.43&k=1", 200),
    (2, "/datasets/places/nearest?lat=51.13&lon=71.43&k=1&max_m=0.001&where=id=2", 200),
    (2, "/datasets/places/document", 200),
    (2, "/datasets/places/tiles/0/0/0.mvt", 200),
    (2, "/sql?q=SELECT name FROM places WHERE id <= 2 -- Қазақша", 200),
    // What fails uses nothing.
    (3, "/datasets/places/rows/77", 404),
    (3, "/datasets/places/rows?limit=никакой", 400),
    // What is there under no name.
    (1, "/datasets/АУРУХАНА/rows", 404),
    (2, "/datasets/аурухана", 404),
    (1, "/datasets/places/rows?select=phone", 400),
    (1, "/datasets/places/rows?where=Phone IS NULL", 400),
    (1, "/sql?q=SELECT phone FROM places", 400),
    (3, "/datasets?q=жүргізуші 900101300017", 200),
];

#[test]
fn every_door_counts_and_what_is_counted_is_kept() {
    let (store, documents) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    std::fs::write(documents.path().join("places.json"), PLACES).expect("it can be written");
    let expected = json!({"dataset": "places", "queries": 7, "rows": 6, "clients": 2});
    {
        let (site, _) = open(store.path(), documents.path());
        for (client, path, status) in ASKED {
            let answer = site.get_from(client, path);
            assert_eq!(answer.status, status, "{path}: {}", answer.text());
        }
        let usage = "SELECT dataset, queries, rows, clients FROM assess.usage";
        // A query is logged when it has ended, which may be after its answer.
        let is_whole = (0..100).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(20));
            site.sql(usage) == [expected.clone()]
        });
        assert!(is_whole, "{:?}", site.sql(usage));
        let doors = site.sql("SELECT door, queries FROM system.uses ORDER BY door");
        let of = |door: &str| doors.iter().find(|row| row["door"] == door).map(|row| row["queries"].clone());
        assert_eq!(of("GET /datasets/{apiUri}/nearest"), Some(json!(2)), "{doors:?}");
        assert_eq!(of("GET /sql"), Some(json!(1)));
    }
    // The next start has the sums of the one before; a client of before is another one then.
    let (site, catalog) = open(store.path(), documents.path());
    assert_eq!(site.sql("SELECT dataset, queries, rows, clients FROM assess.usage"), [expected]);
    let places = site.sql("SELECT dataset, cell, look_ups, without_result FROM assess.look_ups");
    let cell = site.sql("SELECT h3(ST_Point(71.43, 51.13), 7) AS cell")[0]["cell"].clone();
    assert_eq!(places, [json!({"dataset": "places", "cell": cell, "look_ups": 2, "without_result": 1})]);
    let unmet = site.sql("SELECT what, name, asked, clients FROM assess.unmet_demand ORDER BY what, name");
    let row = |what: &str, name: &str, asked: u8, clients: u8| json!({"what": what, "name": name, "asked": asked, "clients": clients});
    assert_eq!(unmet.len(), 3, "{unmet:?}");
    assert_eq!(unmet[..2], [row("column", "places.phone", 3, 1), row("dataset", "аурухана", 2, 2)]);
    let search = unmet[2]["name"].as_str().expect("it is a text");
    assert!(
        search.starts_with("жүргізуші ") && !search.contains("900101300017"),
        "no number of a person: {search}"
    );
    let before = site.get("/queries/usage?as_of=2020-01-01").rows();
    assert_eq!(before, Vec::<Value>::new());
    // A backup has the sums, and who reads only reads them.
    let backup = tempfile::tempdir().expect("a folder");
    catalog.store().expect("it has one").backup(backup.path()).expect("it can be copied");
    drop((site, catalog));
    let reader = Arc::new(Store::open(backup.path(), Access::Read).expect("it is a store"));
    let catalog = Catalog::new(&[], LoadOptions::default()).with_store(reader);
    catalog.load_all(None).expect("it can be read");
    let site = Site::of_catalog(&Arc::new(catalog));
    assert_eq!(site.sql("SELECT queries FROM assess.usage"), [json!({"queries": 7})]);
    site.get_from(9, "/datasets/places/rows");
    assert_eq!(site.sql("SELECT queries FROM assess.usage"), [json!({"queries": 7})], "nothing is added");
}

fn at(hour: i64) -> DateTime<Utc> {
    let start: DateTime<Utc> = "2026-01-01T00:30:00Z".parse().expect("it is a moment");
    start + TimeDelta::hours(hour)
}

fn query(hour: i64, datasets: &[&str], client: u64) -> LoggedQuery {
    LoggedQuery {
        at: at(hour),
        door: "GET /sql".into(),
        text: "SELECT 1".to_owned(),
        datasets: datasets.iter().map(|name| (*name).to_owned()).collect(),
        rows: 3,
        elapsed_ms: 1.0,
        client: Some(client),
        error: None,
        missing: None,
    }
}

/// The sum of a column of numbers, and how many rows there are.
fn sum(log: &QueryLog, table: UseTable, column: &str) -> (i64, usize) {
    let batches = log.uses().table(table).expect("it can be read");
    let numbers = |batch: &arrow::array::RecordBatch| -> i64 {
        let column = batch.column_by_name(column).expect("it is there");
        column.as_primitive::<Int64Type>().values().iter().sum()
    };
    (batches.iter().map(numbers).sum(), batches.iter().map(arrow::array::RecordBatch::num_rows).sum())
}

/// 500 days of some hours: those of the last week stay hours, those of the last 400 days become days, the others months,
/// and no query is lost whenever somebody looks.
#[test]
fn old_hours_become_days_and_sums_stay() {
    let (log, fresh) = (QueryLog::default(), QueryLog::default());
    let mut queries = 0;
    // 1 January 2026 is day 0, and day 500 is 16 May 2027.
    for hour in (0..500 * 24).step_by(3) {
        let client = u64::try_from(hour).expect("it is positive") % 7;
        log.add(query(hour, &["а", "ә"], client));
        fresh.add(query(hour, &["ә", "а", "ә"], client));
        queries += 2;
        if hour % 501 == 0 {
            assert_eq!(sum(&log, UseTable::Uses, "queries").0, queries, "hour {hour}");
        }
    }
    for log in [&log, &fresh] {
        log.add(query(500 * 24, &["ә"], 1));
        // Day 100 is 11 April 2026: what lies before it is in four months.
        let (months, days, hours) = (4, 493 - 100, 7 * 8);
        assert_eq!(sum(log, UseTable::Uses, "queries"), (queries + 1, (months + days + hours) * 2 + 1));
        assert_eq!(sum(log, UseTable::Together, "queries"), (queries / 2, months + days + hours));
        let askers = log.uses().table(UseTable::Askers).expect("it can be read");
        assert_eq!(askers.iter().map(arrow::array::RecordBatch::num_rows).sum::<usize>(), 14);
    }
}

/// Look-ups from many threads at once are all counted.
#[test]
fn no_use_is_lost_between_threads() {
    let site = Site::over(&[&fixtures().join("astana_pharmacies.json")], None);
    std::thread::scope(|scope| {
        for client in 0..8 {
            let site = &site;
            scope.spawn(move || {
                for _ in 0..50 {
                    site.get_from(client, "/datasets/astana_pharmacies/nearest?lat=51.13&lon=71.43&k=2");
                }
            });
        }
    });
    let usage = site.sql("SELECT queries, rows, clients FROM assess.usage");
    assert_eq!(usage, [json!({"queries": 400, "rows": 800, "clients": 8})]);
    assert_eq!(site.sql("SELECT sum(look_ups) AS n FROM assess.look_ups"), [json!({"n": 400})]);
}

/// A client of before a restart is another one after it; hours that became days meanwhile, and sums that come late,
/// are counted once.
#[test]
fn sums_go_on_after_a_restart_and_a_wrong_clock() {
    let store = tempfile::tempdir().expect("a folder");
    let log = |store: &Path| {
        let catalog =
            Catalog::new(&[], LoadOptions::default()).with_store(Arc::new(crate::site::alone(store)));
        Arc::clone(catalog.query_log())
    };
    {
        let log = log(store.path());
        log.add(query(0, &["а"], 1));
        assert_eq!(sum(&log, UseTable::Uses, "queries"), (1, 1));
        // A clock that is a year ahead, and then is not.
        log.add(query(365 * 24, &["а"], 1));
        assert_eq!(sum(&log, UseTable::Uses, "queries").0, 2);
        log.add(query(5, &["а"], 2));
        assert_eq!(sum(&log, UseTable::Uses, "queries").0, 3, "what comes after it is seen");
    }
    let log = log(store.path());
    log.add(query(6, &["а"], 3));
    assert_eq!(sum(&log, UseTable::Uses, "queries").0, 4);
    let askers = log.uses().table(UseTable::Askers).expect("it can be read");
    assert_eq!(askers.iter().map(arrow::array::RecordBatch::num_rows).sum::<usize>(), 3);
}

/// What is missing has room for so many names an hour: the others are one, and none of the first is lost.
#[test]
fn nobody_fills_the_sums_with_names() {
    let log = QueryLog::default();
    let missed = |name: String| {
        log.uses().missed(Asked::Dataset, &name, Some(1), at(0));
    };
    missed("аурухана".to_owned());
    log.uses().flush();
    for number in 0..12_000 {
        missed(format!("жоқ{number}"));
        missed("аурухана".to_owned());
    }
    let (asked, names) = sum(&log, UseTable::Missed, "asked");
    assert_eq!((asked, names), (24_001, 10_001), "10,000 names, and all others");
    missed("тағы".to_owned());
    assert_eq!(sum(&log, UseTable::Missed, "asked"), (24_002, 10_001));
    let batches = log.uses().table(UseTable::Missed).expect("it can be read");
    let of = |name: &str| -> i64 {
        let batch_sum = |batch: &arrow::array::RecordBatch| -> i64 {
            let (names, asked) = (batch.column_by_name("name"), batch.column_by_name("asked"));
            let names = names.expect("it is there").as_string::<i32>();
            let asked = asked.expect("it is there").as_primitive::<Int64Type>();
            names.iter().zip(asked).filter(|(it, _)| *it == Some(name)).filter_map(|(_, asked)| asked).sum()
        };
        batches.iter().map(batch_sum).sum()
    };
    assert_eq!((of("аурухана"), of("…")), (12_001, 2_002));
}

/// Whoever waits for a flush has all that was counted before it, also while others keep sums.
#[test]
fn a_flush_waits_for_what_others_keep() {
    let log = QueryLog::default();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let log = &log;
            scope.spawn(move || {
                for number in 0..200 {
                    log.add(query(
                        number,
                        &["а", "б"],
                        u64::from(u8::try_from(thread).expect("it is small")),
                    ));
                    let counted = sum(log, UseTable::Uses, "queries").0;
                    assert!(counted >= 2 * (number + 1), "own uses are there: {counted}");
                }
            });
        }
    });
    assert_eq!(sum(&log, UseTable::Uses, "queries").0, 4 * 200 * 2);
}

/// What names a person is hidden where everybody may read it.
#[test]
fn no_name_of_a_person_is_kept() {
    let site = Site::over_fixtures();
    for path in [
        "/datasets/900101300017",
        "/sql?q=SELECT * FROM \"ЖСН 900101300017\"",
        "/datasets/regions/rows?where=nameRu = \"Ахметов Болат Серікұлы\"",
    ] {
        let answer = site.get_from(1, path);
        assert!((400..405).contains(&answer.status), "{path}: {}", answer.text());
    }
    let names = (0..100).find_map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        let names = site.sql("SELECT name FROM system.missed ORDER BY name");
        (names.len() == 3).then_some(names)
    });
    let text = json!(names).to_string();
    assert!(names.is_some() && !text.contains("900101300017") && !text.contains("серікұлы"), "{text}");
}

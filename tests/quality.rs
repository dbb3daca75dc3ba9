//! The history of quality: what is kept of it, what it tells, and that nothing of it is changed.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::Request;
use chrono::{DateTime, Utc};
use derek::catalog::{
    Access, Catalog, LoadOptions, Measure, Permission, QualityHistory, QualityPart, Store, Token,
};
use derek::error::Code;
use derek::serve::{Pace, keep_quality, router};
use serde_json::{Value, json};

use crate::site::Site;
use crate::{app, queries};

fn at(moment: &str) -> DateTime<Utc> {
    moment.parse().expect("it is a moment")
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder can be made")
}

/// A catalog over a store; whoever wrote to it before may still be about to end.
fn over(store: &Path, access: Access) -> Arc<Catalog> {
    let started = Instant::now();
    let opened = loop {
        match Store::open(store, access) {
            Err(error) if error.code == Code::StoreLocked && started.elapsed() < Duration::from_secs(10) => {
                std::thread::sleep(Duration::from_millis(20));
            }
            opened => break opened.expect("it is a store"),
        }
    };
    let catalog = Catalog::new(&[], LoadOptions::default()).with_store(Arc::new(opened));
    catalog.load_all(None).expect("it can be read");
    Arc::new(catalog)
}

fn history(catalog: &Catalog) -> &QualityHistory {
    catalog.quality().expect("it is whole").expect("it has a store")
}

/// A measure with parts such as `types 25 99/100 18.75`: name, weight, good and judged, points.
fn measure(dataset: &str, version: u32, (algorithm, score): (i64, f64), parts: &[&str]) -> Measure {
    let part = |text: &&str| {
        let words: Vec<&str> = text.split([' ', '/']).collect();
        let number = |at: usize| words[at].parse::<f64>().expect("it is a number");
        let count = |at: usize| words[at].parse::<i64>().expect("it is a count");
        QualityPart {
            part: words[0].to_owned(),
            weight: number(1),
            good: count(2),
            judged: count(3),
            points: number(4),
        }
    };
    Measure {
        dataset: dataset.to_owned(),
        version,
        algorithm,
        score,
        parts: parts.iter().map(part).collect(),
    }
}

/// Seven measures of two datasets; their rows are worked out by hand below.
fn small_history(catalog: &Catalog) {
    for (moment, measure) in [
        (
            "2026-09-15T04:00:00Z",
            measure("қалалар", 1, (1, 100.0), &["types 25 100/100 25", "key 15 10/10 15"]),
        ),
        // Half past midnight of the 16th in Kazakhstan. (18.75 + 15 + 5) of 50 are 77.5.
        (
            "2026-09-15T19:30:00Z",
            measure("қалалар", 2, (1, 77.5), &["types 25 99/100 18.75", "key 15 10/10 15", "geo 10 1/2 5"]),
        ),
        // Two of one day: the last one is that of the day.
        ("2026-10-01T04:00:00Z", measure("қалалар", 3, (1, 62.5), &["types 25 100/100 25", "key 15 0/10 0"])),
        (
            "2026-10-01T06:00:00Z",
            measure("қалалар", 4, (1, 96.3), &["types 25 100/100 25", "key 15 9/10 13.5"]),
        ),
        ("2026-10-02T04:00:00Z", measure("аудандар", 1, (1, 0.0), &["key 15 0/1 0"])),
        // Another number, and then other weights under the same number: neither is compared.
        (
            "2026-10-20T04:00:00Z",
            measure("қалалар", 4, (2, 96.3), &["types 25 100/100 25", "key 15 9/10 13.5"]),
        ),
        (
            "2026-10-21T04:00:00Z",
            measure("қалалар", 4, (2, 95.7), &["types 20 100/100 20", "key 15 9/10 13.5"]),
        ),
    ] {
        assert_eq!(history(catalog).keep(&[measure], at(moment)).expect("it can be kept"), 1, "{moment}");
    }
}

#[test]
fn a_score_is_followed_from_day_to_day() {
    let store = folder();
    let catalog = over(store.path(), Access::Write);
    small_history(&catalog);
    let site = Site::of_catalog(&catalog);
    let told = |as_of: &str| {
        let answer = site.get(&format!("/queries/quality_history?format=csv&as_of={as_of}"));
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.text().lines().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(
        told("2026-11-01"),
        [
            "dataset,day,version,algorithm,score,change,parts",
            "аудандар,2026-10-02,1,1,0.0,,",
            "қалалар,2026-09-15,1,1,100.0,,",
            // 18.75 − 25; 77.5 − 100.
            "қалалар,2026-09-16,2,1,77.5,-22.5,geo new; types -6.25",
            // Against the last of the day before: 13.5 − 15, 25 − 18.75; 96.3 − 77.5.
            "қалалар,2026-10-01,4,1,96.3,18.8,geo gone; key -1.5; types +6.25",
            "қалалар,2026-10-20,4,2,96.3,,",
            "қалалар,2026-10-21,4,2,95.7,,",
        ]
    );
    // Between the two of one day, the first one is its last.
    assert_eq!(
        told("2026-10-01T05:00:00").last().map(String::as_str),
        Some("қалалар,2026-10-01,3,1,62.5,-15.0,geo gone; key -15.0; types +6.25")
    );
    let rows = site.sql(
        "SELECT q.version, q.score, p.good, p.judged, p.points FROM system.quality q \
         JOIN system.quality_parts p ON p.measure = q.measure WHERE p.part = 'geo'",
    );
    assert_eq!(rows, [json!({"version": 2, "score": 77.5, "good": 1, "judged": 2, "points": 5.0})]);
    let moments = site.sql("SELECT measured_at FROM system.quality ORDER BY measure LIMIT 1");
    assert!(moments[0]["measured_at"].as_str().is_some_and(|at| at.starts_with("2026-09-15T04:00:00")));
}

/// What is kept after a measure of 12 October, 10:00 in Kazakhstan.
#[test]
fn what_says_the_same_is_not_kept_again() {
    let parts = ["types 25 39/40 18.75", "key 15 20/20 15"];
    let first = measure("қалалар", 1, (1, 84.4), &parts);
    let with = |version: u32, (algorithm, score): (i64, f64), parts: &[&str]| {
        measure("қалалар", version, (algorithm, score), parts)
    };
    let grown = ["types 25 78/80 18.75", "key 15 40/40 15"];
    let turned = ["key 15 20/20 15", "types 25 39/40 18.75"];
    for (what, moment, second, kept) in [
        ("the same, a year later", "2027-10-12T05:00:00Z", first.clone(), 0),
        ("a version, the same day", "2026-10-12T18:59:00Z", with(2, (1, 84.4), &parts), 0),
        ("a version, the next day", "2026-10-12T19:01:00Z", with(2, (1, 84.4), &parts), 1),
        ("counts, the same day", "2026-10-12T18:59:00Z", with(1, (1, 84.4), &grown), 0),
        ("counts, the next day", "2026-10-12T19:01:00Z", with(1, (1, 84.4), &grown), 1),
        ("parts in another order", "2026-10-12T06:00:00Z", with(1, (1, 84.4), &turned), 0),
        (
            "less than is shown",
            "2026-10-12T06:00:00Z",
            with(1, (1, 84.4), &["types 25 39/40 18.79", "key 15 20/20 15"]),
            0,
        ),
        (
            "a tenth of a point",
            "2026-10-12T06:00:00Z",
            with(1, (1, 84.4), &["types 25 39/40 18.85", "key 15 20/20 15"]),
            1,
        ),
        ("a score", "2026-10-12T06:00:00Z", with(1, (1, 84.5), &parts), 1),
        (
            "a weight",
            "2026-10-12T06:00:00Z",
            with(1, (1, 84.4), &["types 25.01 39/40 18.75", "key 15 20/20 15"]),
            1,
        ),
        ("an algorithm", "2026-10-12T06:00:00Z", with(1, (2, 84.4), &parts), 1),
        ("a part that went", "2026-10-12T06:00:00Z", with(1, (1, 84.4), &parts[..1]), 1),
        ("another dataset", "2026-10-12T05:00:00Z", measure("аудандар", 1, (1, 84.4), &parts), 1),
    ] {
        let store = folder();
        let catalog = over(store.path(), Access::Write);
        let history = history(&catalog);
        let first = history.keep(std::slice::from_ref(&first), at("2026-10-12T05:00:00Z"));
        assert_eq!(first.expect("it can be kept"), 1, "{what}");
        assert_eq!(history.keep(&[second], at(moment)).expect("it can be kept"), kept, "{what}");
    }
}

/// Small steps are compared with what was kept, not with each other.
#[test]
fn a_slow_change_is_kept_once_it_can_be_seen() {
    let store = folder();
    let catalog = over(store.path(), Access::Write);
    let mut kept = Vec::new();
    for points in ["18.75", "18.72", "18.69", "18.66"] {
        let part = format!("types 25 39/40 {points}");
        let measure = measure("қалалар", 1, (1, 75.0), &[part.as_str()]);
        kept.push(history(&catalog).keep(&[measure], at("2026-10-12T05:00:00Z")).expect("it can be kept"));
    }
    assert_eq!(kept, [1, 0, 1, 0]);
}

#[test]
fn nothing_is_put_into_the_past_and_nothing_is_changed() {
    let store = folder();
    let catalog = over(store.path(), Access::Write);
    small_history(&catalog);
    let both = [
        measure("мектептер", 1, (1, 50.0), &["key 15 1/2 7.5"]),
        measure("қалалар", 9, (1, 50.0), &["key 15 1/2 7.5"]),
    ];
    let error = history(&catalog).keep(&both, at("2026-10-21T03:59:59Z")).expect_err("it is too early");
    assert!(
        error.code == Code::RequestParameter && error.message.contains("2026-10-21T04:00:00Z already"),
        "{error}"
    );
    let database = rusqlite::Connection::open(store.path().join("quality.sqlite")).expect("it is there");
    for sql in [
        "DELETE FROM measure",
        "UPDATE measure SET score = 100",
        "DELETE FROM part",
        "UPDATE part SET points = weight",
        "REPLACE INTO measure SELECT number, dataset, version, measured_at_ms, algorithm, 100.0 FROM measure",
        "REPLACE INTO part SELECT number, measure, part, weight, good, judged, weight FROM part",
    ] {
        let error = database.execute(sql, []).expect_err("it would change what was kept");
        assert!(error.to_string().contains("only added"), "{sql}: {error}");
    }
    let site = Site::of_catalog(&catalog);
    assert_eq!(
        site.sql("SELECT count(*) AS n, count(DISTINCT dataset) AS datasets, min(score) AS least FROM system.quality"),
        [json!({"n": 7, "datasets": 2, "least": 0.0})],
        "all or nothing was kept, and all is as it was"
    );
}

/// A server that keeps the quality of what it publishes, with a clock that is set by hand.
struct Server {
    site: Site,
    catalog: Arc<Catalog>,
    clock: Arc<AtomicI64>,
    token: String,
}

impl Server {
    fn over(store: &Path, name: &str, moment: &str) -> Self {
        let catalog = over(store, Access::Write);
        let token = Token {
            name: name.to_owned(),
            can: vec![Permission::All],
            created_at: Utc::now(),
            expires_at: None,
            revoked_at: None,
        };
        let random = *blake3::hash(name.as_bytes()).as_bytes();
        let opened = catalog.store().expect("it has a store");
        let token = opened.create_token(&token, random).expect("it can be kept");
        let app = app(queries(&catalog));
        let site = Site::of_router(router(Arc::clone(&app)));
        let clock = Arc::new(AtomicI64::new(at(moment).timestamp_millis()));
        let ticking = Arc::clone(&clock);
        let now =
            move || DateTime::from_timestamp_millis(ticking.load(Ordering::Relaxed)).unwrap_or_default();
        let pace = Pace { every: Duration::from_millis(20), times: 0 };
        site.runtime.spawn(async move { keep_quality(&app, pace, now).await });
        Self { site, catalog, clock, token }
    }

    fn set(&self, moment: &str) {
        self.clock.store(at(moment).timestamp_millis(), Ordering::Relaxed);
    }

    fn put(&self, dataset: &str, seats: &str) {
        let request = Request::put(format!("/datasets/{dataset}"))
            .header("authorization", format!("Bearer {}", self.token))
            .body(Body::from(document(dataset, seats)));
        let answer = self.site.send(request.expect("it is a request"));
        assert_eq!(answer.status, 201, "{}", answer.text());
    }

    /// Waits until a query answers these rows.
    #[track_caller]
    fn wait_for(&self, sql: &str, expected: &[Value]) {
        let started = Instant::now();
        loop {
            let rows = self.site.sql(sql);
            if rows == expected {
                return;
            }
            assert!(started.elapsed() < Duration::from_secs(30), "{sql}: {rows:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Ten libraries with 25 seats each; the first one has as many as is said.
fn document(name: &str, seats: &str) -> String {
    let rows = (1..=10).map(|id| {
        let seats = if id == 1 { seats } else { "25" };
        format!(r#"{{"id": {id}, "seats": {seats}}}"#)
    });
    let rows: Vec<String> = rows.collect();
    format!(
        r#"{{"meta": {{"apiUri": "{name}", "nameKk": "Кітапханалар", "nameRu": "Библиотеки", "nameEn": "Libraries",
            "descriptionKk": "Тізім", "descriptionRu": "Список", "keywords": ["кітап"],
            "responsible": {{"fullnameKk": "Қызметкер", "fullnameRu": "Сотрудник"}}}},
        "fields": {{"id": {{"type": "Int", "pkey": true, "labelKk": "Нөмір", "labelRu": "Номер"}},
            "seats": {{"type": "Int", "labelKk": "Орын", "labelRu": "Места"}}}},
        "data": [{}]}}"#,
        rows.join(",")
    )
}

const KEPT: &str = "SELECT dataset, version, score, algorithm FROM system.quality ORDER BY measure";

fn kept(dataset: &str, version: u32, score: f64) -> Value {
    json!({"dataset": dataset, "version": version, "score": score, "algorithm": 2})
}

/// A server that published a good document on 1 October, and a worse one the day after; both were measured.
fn two_versions(store: &Path) -> Server {
    let server = Server::over(store, "first", "2026-10-01T05:00:00Z");
    server.put("libraries", "25");
    server.wait_for(KEPT, &both()[..1]);
    server.set("2026-10-02T05:00:00Z");
    server.put("libraries", "\"25 орын\"");
    server.wait_for(KEPT, &both());
    server
}

/// No references, no points, not in the plan: 15 + 10 + 25 + 10 + 15 of 75. Then one value of 20 is no number:
/// 25 × (1 − 10/20) = 12.5 points, 62.5 of 75.
fn both() -> [Value; 2] {
    [kept("libraries", 1, 100.0), kept("libraries", 2, 83.3)]
}

#[test]
fn a_worse_document_is_seen_in_the_history() {
    let store = folder();
    let server = two_versions(store.path());
    let part = |part: &str, weight: f64, (good, judged): (u32, u32), points: f64| json!({"part": part, "weight": weight, "good": good, "judged": judged, "points": points});
    let parts = server.site.sql(
        "SELECT p.part, p.weight, p.good, p.judged, p.points FROM system.quality q \
         JOIN system.quality_parts p ON p.measure = q.measure WHERE q.version = 2 ORDER BY p.part",
    );
    assert_eq!(
        parts,
        [
            part("key", 15.0, (10, 10), 15.0),
            part("labels", 10.0, (2, 2), 10.0),
            part("metadata", 15.0, (5, 5), 15.0),
            part("nulls", 10.0, (2, 2), 10.0),
            part("types", 25.0, (19, 20), 12.5),
        ]
    );
    let row = |day: &str, version: u32, score: f64, change: Value, parts: Value| {
        json!({
            "dataset": "libraries", "day": day, "version": version, "algorithm": 2, "score": score,
            "change": change, "parts": parts,
        })
    };
    assert_eq!(
        server.site.get("/queries/quality_history?as_of=2026-10-31").rows(),
        [
            row("2026-10-01", 1, 100.0, Value::Null, Value::Null),
            row("2026-10-02", 2, 83.3, json!(-16.7), json!("types -12.5")),
        ]
    );
    assert!(server.site.sql("SELECT dataset FROM system.uses").is_empty(), "to be measured is no use");
}

#[test]
fn the_change_in_a_month_is_shown() {
    let store = folder();
    let server = two_versions(store.path());
    let change =
        |as_of: &str| server.site.get(&format!("/queries/quality?as_of={as_of}")).rows()[0]["change"].clone();
    // A month before lies between both, after both, and before both.
    assert_eq!(
        [change("2026-11-02"), change("2026-11-20"), change("2026-10-20")],
        [json!(-16.7), json!(0.0), Value::Null]
    );
    let report = server.site.get("/report?as_of=2026-11-01&lang=ru");
    assert!(
        report.text().contains("Изменение за месяц, баллов") && report.text().contains(">\u{2212}16,7</td>"),
        "{}",
        report.text()
    );
}

#[test]
fn what_quality_was_outlasts_the_server_and_is_in_the_copy() {
    let (store, copy) = (folder(), folder());
    let server = two_versions(store.path());
    let backup = server.catalog.store().expect("it has a store").backup(copy.path());
    assert!(backup.expect("it can be copied").missing.is_empty());
    drop(server);
    for store in [store.path(), copy.path()] {
        let readable = Site::of_catalog(&over(store, Access::Read));
        assert_eq!(readable.sql(KEPT), both());
    }
    // All datasets are measured at once: of the first one there is nothing new.
    let server = Server::over(store.path(), "second", "2026-10-03T05:00:00Z");
    server.put("archives", "25");
    let [first, second] = both();
    server.wait_for(KEPT, &[first, second, kept("archives", 1, 100.0)]);
}

fn derek(arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_derek"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(arguments);
    let output = command.output().expect("the program starts");
    let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_store_without_a_server_is_measured_by_a_command() {
    let folder = folder();
    let store = folder.path().join("қойма").display().to_string();
    let loaded = derek(&["load", "fixtures/regions.json", "fixtures/cities.json", "--store", &store]);
    assert_eq!(loaded.0, Some(0), "{}", loaded.2);
    let mistyped = folder.path().join("койма");
    let (status, _, complaint) = derek(&["assess", "quality", "--store", &mistyped.display().to_string()]);
    assert!(status == Some(1) && complaint.contains("is no store"), "{complaint}");
    assert!(!mistyped.exists(), "none is made");
    let measure =
        |as_of: &[&str]| derek(&[&["assess", "quality", "--store", store.as_str()], as_of].concat());
    // What is there now was published today: of a day before, nothing is known.
    let (status, _, complaint) = measure(&["--as-of", "2024-05-01"]);
    assert!(status == Some(2) && complaint.contains("published at 20"), "{complaint}");
    let (status, said, complaint) = measure(&[]);
    assert_eq!(status, Some(0), "{complaint}");
    assert!(said.contains("regions") && said.contains("types 25/25"), "{said}");
    assert!(said.ends_with("2 of 2 measures are new\n"), "{said}");
    assert!(measure(&[]).1.ends_with("0 of 2 measures are new\n"));
    let (status, _, complaint) = measure(&["--as-of", "2124-04-30"]);
    assert!(status == Some(2) && complaint.contains("yet to come"), "{complaint}");
    assert_eq!(measure(&["--as-of", "30.04.2024"]).0, Some(2));
    let rows = derek(&[
        "sql",
        "--store",
        &store,
        "--format",
        "csv",
        "SELECT dataset, score, version FROM system.quality ORDER BY dataset",
    ]);
    assert_eq!(rows.1, "dataset,score,version\ncities,100.0,1\nregions,100.0,1\n", "{}", rows.2);
}

/// Spoils the table of a dataset: its version can be read no more.
fn damage(store: &Path, dataset: &str) {
    let opened = Store::open(store, Access::Read).expect("it is a store");
    let record = opened.last(dataset).expect("the ledger is whole").expect("it is there");
    std::fs::write(opened.folder(&record).join("table.parquet"), "no table").expect("it can be written");
}

/// Cities refer to regions: without these, they would be measured as worse than they are, for good.
#[test]
fn nothing_is_measured_while_a_dataset_is_damaged() {
    let folder = folder();
    let store = folder.path().join("қойма").display().to_string();
    let load = || derek(&["load", "fixtures/regions.json", "fixtures/cities.json", "--store", &store]);
    assert_eq!(load().0, Some(0));
    damage(Path::new(&store), "regions");
    let (status, _, complaint) = derek(&["assess", "quality", "--store", &store]);
    assert!(status == Some(1) && complaint.contains("no quality is kept"), "{complaint}");
    assert!(complaint.contains("table.parquet"), "{complaint}");
    let kept =
        || derek(&["sql", "--store", &store, "--format", "csv", "SELECT count(*) AS n FROM system.quality"]);
    assert_eq!(kept().1, "n\n0\n");
    assert_eq!(load().0, Some(0));
    assert_eq!(derek(&["assess", "quality", "--store", &store]).0, Some(0));
    assert_eq!(kept().1, "n\n2\n");
    // Its footer is whole, and it is served until somebody reads a row of it.
    let opened = Store::open(Path::new(&store), Access::Read).expect("it is a store");
    let record = opened.last("regions").expect("the ledger is whole").expect("it is there");
    let table = opened.folder(&record).join("table.parquet");
    let mut bytes = std::fs::read(&table).expect("it is there");
    bytes[8] ^= 1;
    std::fs::write(&table, bytes).expect("it can be written");
    let (status, _, complaint) = derek(&["assess", "quality", "--store", &store]);
    assert!(status == Some(1) && complaint.contains("the references of 'cities'"), "{complaint}");
    assert_eq!(kept().1, "n\n2\n");
}

#[test]
fn a_server_measures_nothing_while_a_dataset_is_damaged() {
    let store = folder();
    let count = "SELECT count(DISTINCT dataset) AS n FROM system.quality";
    let server = Server::over(store.path(), "first", "2026-10-01T05:00:00Z");
    server.put("libraries", "25");
    server.put("archives", "25");
    server.wait_for(count, &[json!({"n": 2})]);
    drop(server);
    damage(store.path(), "libraries");
    let server = Server::over(store.path(), "second", "2026-10-05T05:00:00Z");
    server.put("museums", "25");
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(server.site.sql(count), [json!({"n": 2})]);
    server.put("libraries", "25");
    server.wait_for(count, &[json!({"n": 3})]);
}

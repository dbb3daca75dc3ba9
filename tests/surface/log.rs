//! What is counted, timed and remembered of questions.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use serde_json::json;

use super::tags::tag;
use crate::site::{Site, address, with};

/// The counts when nothing runs any more: a query is counted and remembered after its last byte.
fn counts(site: &Site) -> BTreeMap<String, f64> {
    let start = Instant::now();
    while read(site)["derek_queries_running"] > 0.0 {
        assert!(start.elapsed() < Duration::from_secs(10), "a query never ends");
    }
    std::thread::sleep(Duration::from_millis(20));
    read(site)
}

/// The counts by name and labels; each line is read.
fn read(site: &Site) -> BTreeMap<String, f64> {
    let answer = site.get("/metrics");
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, Some("application/openmetrics-text; version=1.0.0; charset=utf-8"))
    );
    let mut counts = BTreeMap::new();
    let mut lines = answer.text().lines().peekable();
    while let Some(line) = lines.next() {
        if let Some(comment) = line.strip_prefix("# ") {
            let mut words = comment.splitn(3, ' ');
            match words.next() {
                Some("HELP" | "TYPE" | "UNIT") => {
                    assert!(words.next().is_some_and(|name| name.starts_with("derek_")), "{line}");
                    assert!(words.next().is_some_and(|rest| !rest.is_empty()), "{line}");
                }
                Some("EOF") => assert_eq!(lines.peek(), None, "it is the last line"),
                _ => panic!("{line}"),
            }
            continue;
        }
        let (name, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("{line}"));
        let plain = name.split('{').next().unwrap_or_default();
        assert!(
            plain.starts_with("derek_") && plain.bytes().all(|it| it.is_ascii_lowercase() || it == b'_'),
            "{line}"
        );
        assert!(!name.contains('{') || name.ends_with("\"}"), "{line}");
        let value: f64 = value.parse().unwrap_or_else(|_| panic!("{line}"));
        assert!(counts.insert(name.to_owned(), value).is_none(), "{line} stands there twice");
    }
    assert!(answer.text().ends_with("# EOF\n"));
    counts
}

#[test]
fn counts_go_up_by_what_happened() {
    let site = Site::over_fixtures();
    let before = counts(&site);
    site.sql("SELECT id FROM regions");
    site.get("/sql?q=SELECT nam FROM regions");
    site.get("/nowhere");
    site.get("/datasets/жоқ");
    let after = counts(&site);
    for (name, by) in [
        ("derek_queries_total", 2.0),
        ("derek_query_rows_total", 20.0),
        ("derek_queries_failed_total{code=\"query.unknown_column\"}", 1.0),
        ("derek_requests_total{route=\"sqlByBody\",status=\"200\"}", 1.0),
        ("derek_requests_total{route=\"sql\",status=\"400\"}", 1.0),
        ("derek_requests_total{route=\"none\",status=\"404\"}", 1.0),
        ("derek_requests_total{route=\"dataset\",status=\"404\"}", 1.0),
        ("derek_latency_seconds_count{route=\"sql\"}", 1.0),
        ("derek_latency_seconds_bucket{le=\"+Inf\",route=\"sql\"}", 1.0),
    ] {
        let value = |counts: &BTreeMap<String, f64>| counts.get(name).copied().unwrap_or_default();
        assert!((value(&after) - value(&before) - by).abs() < 0.1, "{name}: {before:?} {after:?}");
    }
    assert!(after["derek_sent_bytes_total"] > before["derek_sent_bytes_total"]);
    assert!((after["derek_datasets"] - 6.0).abs() < 0.1 && after["derek_queries_running"] < 0.1);
}

#[test]
fn what_the_asker_has_is_not_worked_out_again() {
    let site = Site::over_fixtures();
    for uri in [
        with("/sql", &[("q", "SELECT nameKk FROM regions WHERE nameKk <> $ат"), ("ат", "Қ")]),
        "/datasets".to_owned(),
        "/datasets/cities/rows?where=nameKk LIKE '%қ%'&order=nameKk DESC".to_owned(),
        "/datasets/cities".to_owned(),
        "/datasets/regions/rows/75".to_owned(),
        "/datasets/cities/findings".to_owned(),
        format!("{}&where=madeUp", super::NEAR),
    ] {
        let own = tag(&site.get(&uri));
        let strong = own.trim_start_matches("W/").to_owned();
        for known in [own.as_str(), &strong, &format!("\"x\", {own}")] {
            let before = counts(&site);
            let answer = site.ask("GET", &uri, &[("if-none-match", known)]);
            assert_eq!((answer.status, answer.body.len()), (304, 0), "{uri} {known}");
            assert_eq!(
                (answer.header("etag"), answer.header("content-type")),
                (Some(own.as_str()), None),
                "{uri}"
            );
            let rows = |counts: &BTreeMap<String, f64>| counts["derek_query_rows_total"].to_bits();
            assert_eq!(rows(&counts(&site)), rows(&before), "{uri}: a query ran");
        }
        assert_eq!(site.ask("GET", &uri, &[("if-none-match", "\"жоқ\"")]).status, 200, "{uri}");
    }
    counts(&site);
    let log = site.sql("SELECT rows FROM system.queries WHERE query LIKE 'SELECT nameKk FROM regions%'");
    assert_eq!(
        log.iter().map(|row| row["rows"].as_i64().unwrap_or(-1)).collect::<Vec<_>>(),
        [20, 0, 0, 0, 20]
    );
}

#[test]
fn what_was_asked_is_remembered_and_not_by_whom() {
    let site = Site::over_fixtures();
    let address_of = |last: u8| std::net::SocketAddr::from(([192, 0, 2, last], 4_000));
    let ask = |uri: &str, last: u8| {
        let request = Request::get(address(uri)).extension(ConnectInfo(address_of(last)));
        site.send(request.body(Body::empty()).expect("it is a request"));
        // It is remembered before the next one is asked.
        counts(&site);
    };
    ask(
        "/sql?q=SELECT r.nameKk FROM regions r JOIN cities c ON c.region = r.id WHERE r.nameKk = 'Ұлытау облысы'",
        1,
    );
    ask("/sql?q=SELECT nam FROM cities", 1);
    ask("/sql?q=SELECT 1/0", 2);
    ask("/queries/datasets", 2);
    site.sql("SELECT 'қ' FROM regions LIMIT 3");
    counts(&site);
    let log = site.sql("SELECT * FROM system.queries");
    let column = |name: &str| log.iter().map(|row| row[name].clone()).collect::<Vec<_>>();
    assert_eq!(column("door")[..5], ["GET /sql", "GET /sql", "GET /sql", "GET /queries/{name}", "POST /sql"]);
    assert!(log[0]["query"].as_str().is_some_and(|text| text.contains("'Ұлытау облысы'")), "{log:?}");
    let mut read: Vec<&str> =
        log[0]["datasets"].as_array().expect("a list").iter().filter_map(|it| it.as_str()).collect();
    read.sort_unstable();
    assert_eq!(read, ["cities", "regions"]);
    assert_eq!(
        column("error")[..5],
        [json!(null), json!("query.unknown_column"), json!("query.failed"), json!(null), json!(null)]
    );
    assert_eq!((log[4]["rows"].clone(), log[1]["rows"].clone()), (json!(3), json!(0)));
    let clients = column("client");
    assert!(
        clients[0].is_string()
            && clients[0] == clients[1]
            && clients[2] == clients[3]
            && clients[0] != clients[2]
    );
    assert_eq!(clients[4], json!(null), "nobody knows where it came from");
    let whole = json!(log).to_string();
    assert!(!whole.contains("192.0.2") && !whole.contains("c0000201"), "{whole}");
    assert!(log.iter().all(|row| row["elapsed_ms"].as_f64().is_some_and(|ms| ms >= 0.0)));
}

#[test]
fn the_steps_of_an_answer_are_timed() {
    let site = Site::over_fixtures();
    for uri in ["/sql?q=SELECT count(*) AS n FROM cities", "/queries/datasets"] {
        let answer = site.get(uri);
        let timing = answer.header("server-timing").expect("it is told").to_owned();
        let steps: Vec<(&str, f64)> = timing
            .split(", ")
            .map(|step| step.split_once(";dur=").expect("W3C Server Timing"))
            .map(|(name, took)| (name, took.parse().expect("milliseconds")))
            .collect();
        assert_eq!(steps.iter().map(|step| step.0).collect::<Vec<_>>(), ["parse", "plan", "run", "encode"]);
        assert!(steps.iter().all(|(_, took)| (0.0..60_000.0).contains(took)) && steps[1].1 > 0.0, "{timing}");
    }
}

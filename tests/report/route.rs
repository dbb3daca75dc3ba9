//! `GET /report`: the same page over HTTP.

use std::time::Duration;

use derek::assess::NamedQueries;
use derek::query::{QueryLimits, QueryService};
use derek::serve::{App, router};
use serde_json::json;

use super::page::require_sound;
use super::world::asked;
use crate::site::Site;
use crate::{catalog, fixtures};

/// The routes over the fixtures with the queries of [`asked`] and further ones.
fn site(more: &[(&str, &str)], timeout: Duration) -> Site {
    let folder = asked(more);
    let named = NamedQueries::open(Some(folder.path())).expect("their headers are sound");
    let limits = QueryLimits { is_yielding: false, timeout, ..QueryLimits::for_machine(4 << 30, 2) };
    let queries = QueryService::with_views(catalog(&[fixtures()]), limits, named.views());
    Site::of_router(router(App::new(queries.expect("threads can be started"), named)))
}

#[test]
fn the_report_is_a_page() {
    let site = Site::over_fixtures();
    let answer = site.get("/report?as_of=2026-11-01&lang=ru");
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, Some("text/html; charset=utf-8")),
        "{}",
        answer.text()
    );
    require_sound(answer.text());
    assert!(answer.text().contains("по состоянию на 1 ноября 2026 года"));
    assert!(!answer.text().contains("role=\"alert\""), "no query of the program fails");
    let kazakh = site.get("/report?as_of=2026-11-01");
    require_sound(kazakh.text());
    assert!(kazakh.text().contains("2026 жылғы 1 қарашадағы жағдай"));
    assert_eq!(site.get("/report").status, 200);
}

#[test]
fn a_wrong_parameter_is_named() {
    let site = Site::over_fixtures();
    for (address, field) in [
        ("/report?as_of=01.11.2026", "as_of"),
        ("/report?as_of=2026-11-31", "as_of"),
        ("/report?lang=de", "lang"),
        ("/report?asof=2026-11-01", "asof"),
        ("/report?format=csv", "format"),
    ] {
        let answer = site.get(address);
        assert_eq!(answer.error(), (400, "request.parameter".to_owned()), "{address}");
        assert_eq!(answer.field(), json!(field), "{address}");
    }
    assert!(site.get("/report?as_of=қараша").text().contains("expected a day such as 2026-11-01"));
}

#[test]
fn what_fails_is_named_and_what_takes_too_long_is_no_report() {
    let answer = site(&[], Duration::from_secs(30)).get("/report?as_of=2026-11-01&lang=kk");
    assert_eq!(answer.status, 200);
    require_sound(answer.text());
    let told = answer
        .text()
        .split("role=\"alert\">Есептеу мүмкін болмады: ")
        .nth(1)
        .and_then(|rest| rest.split('.').next());
    assert!(told.is_some_and(|names| names.contains("Деректер сапасы")), "{told:?}");
    assert!(answer.text().contains("Дәріханалардың кестесі") && !answer.text().contains("unknown_column"));
    let slow = "-- How much?\n--\n-- column n Int: all\nSELECT sum(value % 7) AS n FROM generate_series(1, 100000000000)";
    let answer = site(&[("bodies", slow)], Duration::from_secs(2)).get("/report?as_of=2026-11-01");
    assert_eq!(answer.error(), (504, "query.timeout".to_owned()));
}

#[test]
fn its_own_questions_are_no_uses() {
    let site = Site::over_fixtures();
    assert_eq!(site.get("/report?as_of=2026-11-01").status, 200);
    assert_eq!(site.get("/report").status, 200);
    assert_eq!(site.sql("SELECT * FROM assess.usage"), [] as [serde_json::Value; 0]);
    let others = "SELECT count(*) AS n FROM system.queries WHERE door <> 'POST /sql'";
    assert_eq!(site.sql(others), [json!({"n": 0})], "only what a person asked");
    assert_eq!(site.get("/queries/rules").status, 200);
    // A query is logged when it is over, which may be a moment after its last row.
    let is_logged = (0..100).any(|_| site.sql(others) == [json!({"n": 1})]);
    assert!(is_logged, "a named query that a person asks is one");
}

//! What every answer has, whatever is asked: forms, tags, ids, headers, and an end that is unmistakable.

mod bodies;
mod endings;
mod log;
mod tags;

use std::io::Read as _;

use derek::encode::Format;
use derek::serve::ROUTES;

use crate::site::Site;

const NEAR: &str = "/datasets/astana_pharmacies/nearest?lat=51.1&lon=71.4";

#[test]
fn head_is_get_without_its_body() {
    let site = Site::over_fixtures();
    for route in ROUTES.iter().filter(|route| route.method == "GET" && !route.example.is_empty()) {
        let (get, head) = (site.get(route.example), site.ask("HEAD", route.example, &[]));
        assert_eq!((head.status, head.body.len()), (get.status, 0), "{}", route.title());
        for name in
            ["content-type", "etag", "link", "x-total-count", "access-control-allow-origin", "location"]
        {
            assert_eq!(head.header(name), get.header(name), "{} {name}", route.title());
        }
    }
    let wrong = site.ask("HEAD", "/datasets/қала", &[]);
    assert_eq!((wrong.status, wrong.body.len()), (404, 0));
}

#[test]
fn compressed_answers_are_the_same_bytes() {
    let site = Site::over_fixtures();
    for uri in [
        "/sql?q=SELECT * FROM cities&format=csv",
        "/datasets/cities/rows?limit=300&format=ndjson",
        "/docs",
        "/datasets/cities/document",
    ] {
        let plain = site.get(uri);
        assert_eq!((plain.header("content-encoding"), plain.body.len() > 2_000), (None, true), "{uri}");
        for encoding in ["gzip", "zstd", "br"] {
            let packed = site.ask("GET", uri, &[("accept-encoding", encoding)]);
            assert_eq!((packed.status, packed.header("content-encoding")), (200, Some(encoding)), "{uri}");
            assert!(packed.body.len() < plain.body.len(), "{uri} {encoding}");
            assert_eq!(packed.header("content-type"), plain.header("content-type"));
            assert!(
                packed.headers.get_all("vary").iter().any(|it| it == "accept-encoding"),
                "{uri} {encoding}"
            );
            let mut unpacked = Vec::new();
            match encoding {
                "gzip" => {
                    flate2::read::GzDecoder::new(packed.body.as_slice()).read_to_end(&mut unpacked).map(drop)
                }
                "zstd" => zstd::stream::copy_decode(packed.body.as_slice(), &mut unpacked),
                // No reader of it is at hand.
                _ => continue,
            }
            .expect("it can be unpacked");
            assert!(unpacked == plain.body, "{uri} {encoding}");
        }
    }
    for (uri, why) in [
        ("/sql?q=SELECT * FROM cities&format=parquet", "it is compressed inside"),
        ("/sql?q=SELECT 1", "it is short"),
    ] {
        let answer = site.ask("GET", uri, &[("accept-encoding", "gzip, br, zstd")]);
        assert_eq!((answer.status, answer.header("content-encoding")), (200, None), "{why}");
    }
    let refused = site.ask("GET", "/docs", &[("accept-encoding", "identity, gzip;q=0")]);
    assert_eq!(refused.header("content-encoding"), None);
}

#[test]
fn pages_of_other_sites_may_ask() {
    let site = Site::over_fixtures();
    for (uri, status) in
        [("/datasets", 200), ("/sql?q=SELEC", 400), ("/nowhere", 404), ("/sql?q=SELECT 1&format=x", 406)]
    {
        let answer = site.ask("GET", uri, &[("origin", "https://example.kz")]);
        assert_eq!(
            (answer.status, answer.header("access-control-allow-origin")),
            (status, Some("*")),
            "{uri}"
        );
        assert_eq!(answer.header("access-control-expose-headers"), Some("*"), "{uri}");
    }
    let asked = [
        ("origin", "https://example.kz"),
        ("access-control-request-method", "GET"),
        ("access-control-request-headers", "if-none-match"),
    ];
    let before = site.ask("OPTIONS", "/sql", &asked);
    assert_eq!((before.status, before.header("access-control-allow-origin")), (200, Some("*")));
    assert_eq!(before.header("access-control-allow-methods"), Some("GET,HEAD"));
    assert_eq!(before.header("access-control-allow-headers"), Some("*"));
}

#[test]
fn a_request_has_an_id() {
    let site = Site::over_fixtures();
    let id = |uri: &str, given: &[(&str, &str)]| {
        let answer = site.ask("GET", uri, given);
        let id = answer.header("x-request-id").expect("every answer has one").to_owned();
        if answer.status >= 400 {
            assert_eq!(answer.json()["error"]["request_id"], *id, "{uri}");
        }
        id
    };
    let long = "a".repeat(65);
    for uri in [
        "/health",
        "/datasets",
        "/sql?q=SELECT 1",
        "/sql?q=SELEC",
        "/datasets/жоқ",
        "/nowhere",
        "/datasets/%ff",
    ] {
        let made = id(uri, &[]);
        assert!(!made.is_empty() && made != id(uri, &[]), "{uri}: each has its own");
        assert_eq!(id(uri, &[("x-request-id", "Trace-7:a_b.c")]), "Trace-7:a_b.c", "{uri}");
        assert_eq!(id(uri, &[("x-request-id", &long[1..])]), long[1..], "{uri}");
        for silly in ["", "a b", "a\"b", "<script>", "a;b", long.as_str()] {
            assert_ne!(id(uri, &[("x-request-id", silly)]), silly, "{uri}");
        }
    }
    let wrong_method = site.ask("DELETE", "/sql", &[("x-request-id", "жоқ")]);
    assert_eq!(wrong_method.header("x-request-id"), wrong_method.json()["error"]["request_id"].as_str());
}

#[test]
fn accept_is_read_as_rfc_9110_has_it() {
    let site = Site::over_fixtures();
    let formats: Vec<Format> = Format::ALL.into_iter().filter(|it| *it != Format::Table).collect();
    for (accept, format) in [
        ("*/*", "json"),
        ("", "json"),
        ("application/*", "json"),
        ("text/*", "csv"),
        ("TEXT/CSV", "csv"),
        ("text/csv; charset=utf-8", "csv"),
        ("text/csv;q=0.5, application/x-ndjson;q=0.6", "ndjson"),
        ("text/csv;q=0.5, */*;q=0.1", "csv"),
        ("text/csv ; q=0.5 , application/json;q=0.50001", "json"),
        ("application/json;q=0, */*", "ndjson"),
        ("application/geo+json, application/json;q=0.9", "geojson"),
        ("application/vnd.apache.parquet", "parquet"),
        ("application/vnd.apache.arrow.stream, image/png", "arrow"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "json"),
    ] {
        for uri in [
            "/sql?q=SELECT 1 AS n",
            "/datasets",
            "/datasets/regions/rows",
            NEAR,
            "/queries",
            "/queries/datasets",
        ] {
            let answer = site.ask("GET", uri, &[("accept", accept)]);
            let expected = Format::named(format).map(Format::content_type);
            assert_eq!((answer.status, answer.header("content-type")), (200, expected), "{accept} {uri}");
        }
    }
    for (uri, accept) in [
        ("/sql?q=SELECT 1", "image/png"),
        ("/sql?q=SELECT 1", "text/csv;q=0"),
        ("/sql?q=SELECT 1", "*/*;q=0"),
        ("/datasets", "application/xml, text/html"),
        ("/datasets/regions/rows?format=кесте", "*/*"),
        ("/sql?q=SELECT 1&format=table", "*/*"),
    ] {
        let answer = site.ask("GET", uri, &[("accept", accept)]);
        assert_eq!(answer.error(), (406, "request.not_acceptable".to_owned()), "{accept} {uri}");
        let hint = answer.json()["error"]["hint"].as_str().unwrap_or_default().to_owned();
        assert!(formats.iter().all(|it| hint.contains(it.name())), "{hint}");
    }
    let named = site.ask("GET", "/sql?q=SELECT 1&format=CSV", &[("accept", "image/png")]);
    assert_eq!(named.header("content-type"), Some("text/csv; charset=utf-8"), "format= goes first");
}

#[test]
fn what_is_not_there_and_what_is_not_taken() {
    let site = Site::over_fixtures();
    for uri in ["/nowhere", "/datasets/", "/datasets/regions/rows/", "/datasets/regions/жолдар", "/SQL"]
    {
        let answer = site.get(uri);
        assert_eq!(answer.error(), (404, "request.not_found".to_owned()), "{uri}");
    }
    let nameless = site.get("/datasets//rows");
    assert_eq!(nameless.error(), (404, "catalog.unknown_dataset".to_owned()));
    for (method, uri, allowed) in [
        ("POST", "/datasets", "GET, HEAD"),
        ("DELETE", "/datasets/regions/rows/75", "GET, HEAD"),
        ("PUT", "/sql", "GET, HEAD, POST"),
        ("PATCH", "/metrics", "GET, HEAD"),
    ] {
        let answer = site.ask(method, uri, &[]);
        assert_eq!(answer.error(), (405, "request.method".to_owned()), "{method} {uri}");
        assert_eq!(answer.header("allow"), Some(allowed), "{method} {uri}");
    }
}

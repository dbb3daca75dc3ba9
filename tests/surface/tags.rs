//! Tags: which answers are the same.

use serde_json::json;

use super::NEAR;
use crate::site::{Answer, Site, with};

#[track_caller]
pub(super) fn tag(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.header("etag").expect("it has a tag").to_owned()
}

fn same_document(rows: &str) -> Site {
    let text = format!(
        r#"{{"meta": {{"apiUri": "d"}}, "fields": {{"id": {{"type": "Int", "pkey": true}}, "at": {{"type": "Geoposition"}}}}, "data": [{rows}]}}"#
    );
    Site::of_files([("d.json", text.into())])
}

#[test]
fn a_tag_is_that_of_the_question_its_form_and_the_versions() {
    let site = Site::over_fixtures();
    let question = "SELECT id, nameKk FROM regions WHERE nameKk = $ат";
    let uris = [
        with("/sql", &[("q", question), ("ат", "Астана қаласы")]),
        with("/sql", &[("q", question), ("ат", "Алматы қаласы")]),
        with("/sql", &[("q", question), ("ат", "Астана қаласы"), ("format", "csv")]),
        with("/sql", &[("q", question), ("ат", "Астана қаласы"), ("lang", "kk")]),
        with("/sql", &[("q", question), ("ат", "Астана қаласы"), ("lang", "ru")]),
        with(
            "/sql",
            &[("q", "SELECT id, nameKk FROM regions WHERE nameKk = $ат LIMIT 9"), ("ат", "Астана қаласы")],
        ),
        "/datasets".to_owned(),
        "/datasets?q=дәріхана".to_owned(),
        "/datasets/regions".to_owned(),
        "/datasets/regions/rows".to_owned(),
        "/datasets/regions/rows?order=id".to_owned(),
        "/datasets/regions/rows?where=nameKk='Абай облысы'".to_owned(),
        "/datasets/regions/rows?format=csv".to_owned(),
        "/datasets/regions/rows/75".to_owned(),
        "/datasets/regions/rows/71".to_owned(),
        "/datasets/regions/findings".to_owned(),
        "/datasets/regions/findings?lang=kk".to_owned(),
        NEAR.to_owned(),
        format!("{NEAR}&k=2"),
        "/queries/datasets".to_owned(),
    ];
    let tags: Vec<Option<String>> =
        uris.iter().map(|uri| site.get(uri).header("etag").map(str::to_owned)).collect();
    for (at, (uri, tag)) in uris.iter().zip(&tags).enumerate() {
        // The last one reads the catalog itself.
        assert_eq!(tag.is_some(), at + 1 < uris.len(), "{uri}");
        assert_eq!(site.get(uri).header("etag"), tag.as_deref(), "{uri}");
        assert!(tag.is_none() || !tags[..at].contains(tag), "{uri} has the tag of another answer");
        let csv = site.ask("GET", uri, &[("accept", "text/csv")]);
        let takes_forms = csv.header("content-type").is_some_and(|kind| kind.starts_with("text/csv"));
        assert!(
            tag.is_none() || uri.contains("format=") || !takes_forms || csv.header("etag") != tag.as_deref(),
            "{uri}"
        );
    }
    let params = |value: serde_json::Value| {
        tag(&site
            .post("/sql", &json!({"sql": "SELECT $a AS a, nameKk FROM regions", "params": {"a": value}})))
    };
    let values = [
        json!(null),
        json!("null"),
        json!(true),
        json!("true"),
        json!(1),
        json!("1"),
        json!(1.5),
        json!([1]),
    ];
    let tags: Vec<String> = values.iter().cloned().map(params).collect();
    for (at, tag) in tags.iter().enumerate() {
        assert!(!tags[..at].contains(tag), "{} has the tag of another value", values[at]);
    }
    let text = tag(&site.get(&with("/sql", &[("q", "SELECT $a AS a, nameKk FROM regions"), ("a", "null")])));
    assert!(!tags.contains(&text), "a text is no null");
}

#[test]
fn another_version_of_a_document_has_another_tag() {
    let (one, two) =
        (same_document(r#"{"id": 1, "at": "51,71"}"#), same_document(r#"{"id": 1, "at": "51,72.5"}"#));
    for uri in [
        "/sql?q=SELECT * FROM d",
        "/datasets/d",
        "/datasets/d/rows",
        "/datasets/d/rows/1",
        "/datasets/d/findings",
        "/datasets",
        "/datasets/d/nearest?lat=51&lon=71",
    ] {
        assert_ne!(tag(&one.get(uri)), tag(&two.get(uri)), "{uri}");
        let old = tag(&one.get(uri));
        assert_eq!(two.ask("GET", uri, &[("if-none-match", &old)]).status, 200, "{uri}");
    }
}

#[test]
fn what_depends_on_the_moment_has_no_tag() {
    let site = Site::over_fixtures();
    for uri in [
        "/sql?q=SELECT now() AS n",
        "/sql?q=SELECT id FROM regions WHERE random() >= 0",
        "/sql?q=SELECT id FROM regions ORDER BY random()",
        "/sql?q=SELECT region, count(*) AS n FROM cities GROUP BY region LIMIT 3",
        "/sql?q=WITH a AS (SELECT current_date AS d) SELECT * FROM regions, a",
        "/sql?q=SELECT id FROM regions WHERE id IN (SELECT 71 WHERE now() > '2020-01-01')",
        "/sql?q=SELECT count(*) AS n FROM system.queries",
        "/sql?q=SELECT dataset FROM system.datasets",
        "/sql?q=EXPLAIN SELECT 1",
        "/datasets/regions/rows?where=now() > timestamp '2020-01-01'",
        "/datasets/regions/rows?where=RANDOM() >= 0&limit=1",
        "/queries",
        "/health",
        "/ready",
        "/metrics",
    ] {
        for _ in 0..2 {
            let answer = site.ask("GET", uri, &[("if-none-match", "W/\"a\", \"b\"")]);
            assert_eq!((answer.status, answer.header("etag")), (200, None), "{uri}");
        }
    }
}

//! Whole, cut or broken: over a real socket, in every form; and the same bytes from the command line.

use std::sync::Arc;
use std::time::Duration;

use derek::encode::Format;
use derek::serve::{ConnectionLimits, serve_router};
use serde_json::Value;

use crate::site::{Site, address, with};

const SOON: Duration = Duration::from_secs(30);

fn formats() -> impl Iterator<Item = Format> {
    Format::ALL.into_iter().filter(|format| *format != Format::Table)
}

/// The status of an answer over a socket, and its body if it came to its end.
fn over_a_socket(site: &Site, uri: &str) -> (u16, Option<Vec<u8>>) {
    let listener =
        site.runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a port is free");
    let root = format!("http://{}", listener.local_addr().expect("it is bound"));
    let limits = ConnectionLimits {
        header_timeout: SOON,
        body_timeout: SOON,
        write_timeout: SOON,
        idle_timeout: SOON,
        max_connections: 8,
    };
    let serving = site.runtime.spawn(serve_router(
        listener,
        site.router.clone(),
        limits,
        Arc::default(),
        std::future::pending(),
    ));
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut response = agent.get(format!("{root}{}", address(uri))).call().expect("it answers");
    let body = response.body_mut().with_config().limit(1 << 30).read_to_vec().ok();
    serving.abort();
    (response.status().as_u16(), body)
}

#[test]
fn an_answer_that_fails_on_its_way_is_never_whole() {
    let site = Site::over_fixtures();
    // The last row is no number; the 400,000 before it are on their way by then.
    let sql = "SELECT value, repeat('қ', 20) AS text, CAST(CASE WHEN value = 400000 THEN 'Ү' ELSE '7' END AS INT) AS n \
               FROM generate_series(1, 400000)";
    for format in formats() {
        let (status, body) = over_a_socket(&site, &with("/sql", &[("q", sql), ("format", format.name())]));
        match (format, body) {
            (Format::Json, Some(body)) => {
                let body: Value = serde_json::from_slice(&body).expect("it is JSON to its end");
                assert_eq!((status, &body["error"]["code"]), (200, &Value::from("query.failed")));
                assert!(
                    body.get("row_count").is_none()
                        && body["rows"].as_array().is_some_and(|it| it.len() > 1_000)
                );
            }
            // It is written when its rows are all there: nothing was sent yet.
            (Format::Parquet, Some(body)) => {
                let body: Value = serde_json::from_slice(&body).expect("it is an error");
                assert_eq!((status, &body["error"]["code"]), (400, &Value::from("query.failed")));
            }
            (_, body) => assert_eq!((status, body.map(|it| it.len())), (200, None), "{}", format.name()),
        }
    }
    let (status, body) = over_a_socket(&site, "/sql?q=SELECT 1 AS n&format=csv");
    assert_eq!((status, body), (200, Some(b"n\n1\n".to_vec())), "the server lives");
}

#[test]
fn an_answer_that_was_cut_says_so_or_is_never_whole() {
    let site = Site::with_most_rows(30);
    for format in formats() {
        let uri = |sql: &str| with("/sql", &[("q", sql), ("format", format.name())]);
        let (status, body) = over_a_socket(&site, &uri("SELECT * FROM cities"));
        if let Format::Json | Format::GeoJson = format {
            let body: Value = serde_json::from_slice(&body.expect("it is whole")).expect("it is JSON");
            assert_eq!(
                (status, &body["truncated"], &body["row_count"]),
                (200, &Value::from(true), &Value::from(30))
            );
        } else {
            assert_eq!((status, body.map(|it| it.len())), (200, None), "{}", format.name());
        }
        let (status, body) = over_a_socket(&site, &uri("SELECT * FROM cities LIMIT 30"));
        assert!(status == 200 && body.is_some_and(|it| !it.is_empty()), "{}: 30 rows are all", format.name());
    }
}

#[test]
fn the_command_line_prints_the_bytes_that_the_server_sends() {
    let site = Site::over_fixtures();
    let without_time = |bytes: Vec<u8>| {
        let text = String::from_utf8(bytes).expect("it is UTF-8");
        let end = text.find("\"elapsed_ms\":").expect("it is told");
        (text[..end].to_owned(), text.ends_with("}\n"))
    };
    for (sql, lang) in [
        ("SELECT * FROM astana_pharmacies", "kk"),
        (
            "SELECT r.nameKk, r.geoposition, sum(c.population) AS \"халық\" FROM cities c JOIN regions r ON r.id = c.region GROUP BY 1, 2 ORDER BY 1",
            "",
        ),
        ("SELECT id, nameKk FROM regions WHERE id < 0", "ru"),
        ("SELECT DATE '2024-12-31' AS d, 1.5 AS x, true AS b, null AS n, 'Ә\"ғ,қ' AS t, [1, 2] AS l", ""),
        ("EXPLAIN SELECT nameKk FROM regions", "en"),
    ] {
        for format in formats() {
            let mut parameters = vec![("q", sql), ("format", format.name())];
            let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_derek"));
            command.current_dir(env!("CARGO_MANIFEST_DIR")).args(["sql", "--format", format.name()]);
            if !lang.is_empty() {
                parameters.push(("lang", lang));
                command.args(["--lang", lang]);
            }
            let printed = command.args(["fixtures", sql]).output().expect("it starts");
            let sent = site.get(&with("/sql", &parameters));
            assert!(sent.is_whole && sent.status == 200, "{sql} {}: {}", format.name(), sent.text());
            assert!(printed.status.success(), "{sql}: {}", String::from_utf8_lossy(&printed.stderr));
            if format == Format::Json {
                assert_eq!(without_time(printed.stdout), without_time(sent.body), "{sql}");
            } else {
                assert!(printed.stdout == sent.body, "{sql} {}", format.name());
            }
        }
    }
}

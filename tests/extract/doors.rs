//! The command and the route.

use std::io::Read;
use std::process::{Command, Output};

use axum::body::Body;
use axum::http::Request;
use derek::assess::extract::Form;
use serde_json::Value;

use super::reading::workbook;
use super::{DOCUMENT, PERSONS, PHARMACIES, SECRETS};
use crate::site::{Answer, Site, with};

fn post(site: &Site, address: &str, kind: &str, body: impl Into<Vec<u8>>) -> Answer {
    let request = Request::post(address).header("content-type", kind);
    site.send(request.body(Body::from(body.into())).expect("it is a request"))
}

#[test]
fn the_route_judges_each_form_and_shows_no_person() {
    let site = Site::over_fixtures();
    let csv = post(&site, "/assess/extract?as_of=2026-11-01", "text/csv; charset=utf-8", PERSONS);
    assert_eq!((csv.status, csv.header("content-type")), (200, Some("application/json")), "{}", csv.text());
    assert_eq!((&csv.json()["verdict"], &csv.json()["rows"]), (&"restricted".into(), &2.into()));
    for secret in SECRETS {
        assert!(!csv.text().contains(secret), "{secret}");
    }
    let sheet = workbook(&[&["аты", "саны"], &["Ғасыр", "5"]], true);
    let xlsx = post(&site, "/assess/extract", Form::Xlsx.media_type(), sheet);
    assert_eq!((xlsx.status, &xlsx.json()["fields"][1]["type"]), (200, &"Int".into()), "{}", xlsx.text());
    // Region 71 is there, 99999 is not: (25 + 12.5 + 15 + 10 + 12.5 + 5) × 100/90 = 88.9.
    let json = post(&site, "/assess/extract", "application/json", DOCUMENT);
    let references = &json.json()["readiness"]["parts"][6];
    assert_eq!((&references["count"], &references["of"]), (&1.into(), &2.into()), "{}", json.text());
    assert_eq!(json.json()["readiness"]["score"], 88.9);
    assert_eq!(json.json()["verdict"], "ready");
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    let mut encoder = flate2::read::GzEncoder::new(bytes, flate2::Compression::fast());
    encoder.read_to_end(&mut packed).expect("a vector takes all bytes");
    packed
}

#[test]
fn a_packed_body_is_unpacked_and_its_bound_stays() {
    let site = Site::over_fixtures();
    let packed = |address: &str, coding: &str, body: Vec<u8>| {
        let request =
            Request::post(address).header("content-type", "text/csv").header("content-encoding", coding);
        site.send(request.body(Body::from(body)).expect("it is a request"))
    };
    let plain = post(&site, "/assess/extract?as_of=2026-11-01", "text/csv", PHARMACIES);
    let zstd = zstd::encode_all(PHARMACIES.as_bytes(), 1).expect("a vector takes all bytes");
    for (coding, body) in [
        ("gzip", gzip(PHARMACIES.as_bytes())),
        ("X-GZIP", gzip(PHARMACIES.as_bytes())),
        ("zstd", zstd),
        ("identity", PHARMACIES.as_bytes().to_vec()),
    ] {
        let answer = packed("/assess/extract?as_of=2026-11-01", coding, body);
        assert_eq!((answer.status, answer.text()), (200, plain.text()), "{coding}");
    }
    let sql = packed("/sql?format=csv", "gzip", gzip("SELECT 'Қала' AS a".as_bytes()));
    assert_eq!((sql.status, sql.text().trim_end()), (200, "a\nҚала"), "{}", sql.text());
    for coding in ["br", "gzip, gzip", "deflate"] {
        let answer = packed("/assess/extract", coding, PHARMACIES.as_bytes().to_vec());
        assert_eq!(answer.error(), (415, "request.encoding".to_owned()), "{coding}");
        assert!(answer.text().contains("expected gzip or zstd"), "{}", answer.text());
    }
    let wrong = packed("/assess/extract", "gzip", PHARMACIES.as_bytes().to_vec());
    assert_eq!(wrong.error(), (400, "request.body".to_owned()));
    assert!(wrong.text().contains("Content-Encoding"), "{}", wrong.text());
    let mut cut = gzip(PHARMACIES.as_bytes());
    cut.truncate(cut.len() - 9);
    assert_eq!(packed("/assess/extract", "gzip", cut).error(), (400, "request.body".to_owned()));
    // 64 KiB are the bound of a text of SQL; a kilobyte unpacks to a megabyte.
    let bomb = packed("/sql", "gzip", gzip(&vec![b' '; 1 << 20]));
    assert_eq!(bomb.error(), (413, "request.too_large".to_owned()));
}

#[test]
fn the_route_says_what_is_wrong() {
    let site = Site::over_fixtures();
    let wrong = |address: &str, kind: &str, body: &str| post(&site, address, kind, body).error();
    let body = (400, "request.body".to_owned());
    assert_eq!(wrong("/assess/extract", "text/plain", PHARMACIES), body);
    assert_eq!(wrong("/assess/extract", "text/csv", ""), body);
    assert_eq!(wrong("/assess/extract", "application/json", "[{"), body);
    let day = post(&site, "/assess/extract?as_of=2026-02-30", "text/csv", PHARMACIES);
    assert_eq!((day.error(), day.field()), ((400, "request.parameter".to_owned()), "as_of".into()));
    for address in
        ["blabla", "https://blabla", "ftp://example.kz", "https://exa mple.kz", "http://", "https://.kz"]
    {
        let link =
            post(&site, &with("/assess/extract", &[("published_at", address)]), "text/csv", PHARMACIES);
        let expected = ((400, "request.parameter".to_owned()), "published_at".into());
        assert_eq!((link.error(), link.field()), expected, "{address}");
    }
    let local = with("/assess/extract", &[("published_at", "http://localhost:8080/тізім")]);
    assert_eq!(post(&site, &local, "text/csv", PHARMACIES).status, 200);
    assert_eq!(site.get("/assess/extract").status, 405);
}

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_derek"));
    command.args(["assess", "extract"]).args(arguments).output().expect("the program starts")
}

#[test]
fn the_command_prints_a_text_or_json() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("it can be written");
        path.display().to_string()
    };
    let (persons, pharmacies) = (file("p.csv", PERSONS.as_bytes()), file("d.CSV", PHARMACIES.as_bytes()));
    for arguments in
        [vec![persons.as_str()], vec!["--format", "json", "--as-of", "2026-11-01", persons.as_str()]]
    {
        let output = run(&arguments);
        let text = String::from_utf8(output.stdout).expect("output is UTF-8");
        assert!(output.status.success() && text.contains("restricted"), "{text}");
        for secret in SECRETS {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
    }
    let open = run(&["--format", "json", &pharmacies]);
    let open: Value = serde_json::from_slice(&open.stdout).expect("it is JSON");
    assert_eq!((&open["verdict"], &open["readiness"]["score"]), (&"ready".into(), &77.3.into()));
    let text = run(&[&pharmacies]);
    let text = String::from_utf8(text.stdout).expect("output is UTF-8");
    assert!(text.starts_with("ready, score 77.3 of 100; 4 rows, 5 fields\n"), "{text}");
    assert!(text.contains("Сарыарқа даңғылы, 5") || text.contains("мекенжай"), "{text}");
    for (arguments, status) in [
        (vec!["nowhere.csv"], 1),
        (vec!["Cargo.toml"], 1),
        (vec!["--as-of", "yesterday", pharmacies.as_str()], 2),
        (vec!["--published-at", "blabla", pharmacies.as_str()], 2),
        (vec![], 2),
    ] {
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}");
        assert!(!output.stderr.is_empty(), "{arguments:?} says why");
    }
    let broken = run(&[&file("broken.json", b"[{\"a\": 1},\n {]")]);
    let error = String::from_utf8(broken.stderr).expect("output is UTF-8");
    assert!(error.contains("request.body") && error.contains("broken.json:2:"), "{error}");
}

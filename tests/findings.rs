//! What documents break, as users see it: over HTTP, in SQL and on the command line.

use std::process::{Command, Output};

use axum::body::Body;
use axum::http::Request;
use derek::document::Rule;
use derek::encode::Language;
use derek::serve::router;
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

use crate::{app, catalog, fixtures, queries};

const SAME: &str = "fixtures/same/same.json";

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_derek"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(arguments)
        .output()
        .expect("the program starts")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("output is UTF-8")
}

/// Status and body of answers over one dataset that breaks many rules.
fn get(uris: &[&str]) -> Vec<(u16, String)> {
    let path = fixtures().join("same/same.json");
    let router = router(app(queries(&catalog(&[&path]))));
    let runtime = tokio::runtime::Runtime::new().expect("threads can be started");
    let answer = |uri: &&str| {
        let request = Request::get(*uri).body(Body::empty()).expect("the address is one");
        runtime.block_on(async {
            let response = router.clone().oneshot(request).await.expect("a router answers everything");
            let status = response.status().as_u16();
            let body = response.into_body().collect().await.expect("the body is whole").to_bytes();
            (status, String::from_utf8(body.to_vec()).expect("the body is UTF-8"))
        })
    };
    uris.iter().map(answer).collect()
}

#[test]
fn the_route_gives_findings_and_totals_by_rule_and_field() {
    let answers = get(&[
        "/datasets/same/findings",
        "/datasets/same/findings?rule=key.duplicate&lang=kk",
        "/datasets/same/findings?severity=error&field=id",
        "/datasets/same/findings?rule=key.duplicate&format=csv&lang=ru",
        "/datasets/same/findings?rule=key.duplicat",
        "/datasets/same/findings?lang=de",
        "/datasets/none/findings",
    ]);
    let json = |at: usize| serde_json::from_str::<Value>(&answers[at].1).expect("it is JSON");
    let all = json(0);
    let names: Vec<&str> =
        all["columns"].as_array().into_iter().flatten().filter_map(|it| it["name"].as_str()).collect();
    let expected = ["dataset", "version", "rule", "severity", "row", "key", "field", "raw_value", "message"];
    assert_eq!(names, expected);
    let total: u64 =
        all["totals"].as_array().into_iter().flatten().filter_map(|it| it["total"].as_u64()).sum();
    assert_eq!(Some(total), all["row_count"].as_u64(), "few enough to be kept one by one");
    assert!(total > 10);
    let duplicate = json(1);
    assert_eq!(duplicate["row_count"], 1);
    let row = &duplicate["rows"][0];
    assert_eq!(
        (row["row"].as_u64(), row["key"].as_str(), row["field"].as_str()),
        (Some(5), Some("3"), Some("id"))
    );
    let sentence = Rule::KeyDuplicate.sentence(Language::Kazakh);
    assert_eq!(row["message"], format!("{sentence}; табылғаны: \"3\""));
    assert_eq!(duplicate["totals"][0]["expected"], sentence);
    assert_eq!(duplicate["totals"][0]["source"], "144/2021 бұйрық, 1-қосымша, 4-бөлім, 5-жол");
    let rules: Vec<Value> =
        json(2)["rows"].as_array().into_iter().flatten().map(|it| it["rule"].clone()).collect();
    assert_eq!(rules, ["key.missing", "key.missing", "key.duplicate", "value.not_an_int"]);
    let csv = "dataset,version,rule,severity,row,key,field,raw_value,message\n\
               same,1,key.duplicate,error,5,3,id,3,";
    assert!(answers[3].1.starts_with(csv) && answers[3].1.contains("найдено"), "{}", answers[3].1);
    assert_eq!(
        (answers[4].0, json(4)["error"]["hint"].as_str()),
        (400, Some("did you mean 'key.duplicate'?"))
    );
    assert_eq!((answers[5].0, json(5)["error"]["hint"].as_str()), (400, Some("expected one of en, kk, ru")));
    assert_eq!(answers[6].0, 404);
}

#[test]
fn check_reports_in_three_languages() {
    for (language, summary, found) in [
        ("en", "same, 7 rows, 10 errors, 4 warnings, 6 notes", "    - row 3, key 3, found \"86,4%\""),
        ("kk", "same, 7 жол, 10 қате, 4 ескерту, 6 ескертпе", "    - жол 3, кілт 3, табылғаны \"86,4%\""),
        (
            "ru",
            "same, строк: 7, ошибок: 10, предупреждений: 4, замечаний: 6",
            "    - строка 3, ключ 3, найдено \"86,4%\"",
        ),
    ] {
        let output = run(&["check", "--lang", language, SAME]);
        let report = text(&output.stdout);
        assert_eq!(output.status.code(), Some(1));
        assert!(report.starts_with(&format!("{SAME}: {summary}\n")), "{report}");
        assert!(report.lines().any(|line| line == found), "{report}");
    }
    assert_eq!(run(&["check", "--lang", "de", SAME]).status.code(), Some(2));
}

#[test]
fn check_gives_rows_for_programs() {
    let json: Value =
        serde_json::from_slice(&run(&["check", "--format", "json", SAME]).stdout).expect("it is JSON");
    assert_eq!(json["row_count"], 20);
    let csv = run(&["check", "--format", "csv", SAME, "Cargo.toml"]);
    let lines: Vec<&str> = text(&csv.stdout).lines().collect();
    assert_eq!((csv.status.code(), lines.len()), (Some(1), 22));
    assert!(lines.iter().any(|line| line.starts_with("Cargo.toml,,document.syntax,error,")), "{lines:?}");
}

#[test]
fn strict_makes_warnings_count_and_refuses_documents_with_errors() {
    let warned = "fixtures/broken/row.totals.json";
    assert_eq!(run(&["check", warned]).status.code(), Some(0));
    assert_eq!(run(&["check", "--strict", warned]).status.code(), Some(1));
    let listed = run(&["list", "--strict", SAME]);
    let output = format!("{}{}", text(&listed.stdout), text(&listed.stderr));
    assert!(output.contains("document.strict") && output.contains("10 findings"), "{output}");
    assert_eq!(run(&["list", "--strict", "fixtures/regions.json"]).status.code(), Some(0));
}

#[test]
fn repair_text_mends_the_letters_and_keeps_the_finding() {
    let folder = tempfile::tempdir().expect("the temporary folder takes files");
    let file = folder.path().join("towns.json");
    std::fs::write(&file, r#"[{"name": "АЌКҐЛ"}, {"name": "Ақтау"}]"#).expect("it takes files");
    let file = file.display().to_string();
    let query = "SELECT string_agg(name, ' ') AS n, (SELECT count(*) FROM system.findings WHERE rule = 'text.mojibake') AS f FROM towns";
    assert_eq!(text(&run(&["sql", "--format", "csv", &file, query]).stdout), "n,f\nАЌКҐЛ Ақтау,1\n");
    let mended = run(&["sql", "--repair-text", "--format", "csv", &file, query]);
    assert_eq!(text(&mended.stdout), "n,f\nАҚКӨЛ Ақтау,1\n");
}

#[test]
fn a_file_with_metadata_beside_a_document_counts_and_is_watched() {
    let folder = tempfile::tempdir().expect("the temporary folder takes files");
    let put =
        |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("it takes files");
    put("towns.json", r#"[{"id": "7", "name": "Ақтау"}]"#);
    let catalog = catalog(&[folder.path()]);
    let kind = |name: &str| {
        let snapshot = catalog.snapshot();
        snapshot.dataset(name).map(|dataset| dataset.document.fields[0].kind)
    };
    assert_eq!(kind("towns"), Some(derek::document::Type::Int));
    put("towns.meta.json", r#"{"apiUri": "qalalar", "fields": {"id": {"type": "String", "labelKk": "ИД"}}}"#);
    assert_eq!(catalog.refresh().len(), 1, "the document is read again, and nothing else");
    assert_eq!((kind("towns"), kind("qalalar")), (None, Some(derek::document::Type::String)));
    put("towns.meta.json", "{");
    catalog.refresh();
    let snapshot = catalog.snapshot();
    let rules: Vec<&str> = snapshot
        .dataset("towns")
        .into_iter()
        .flat_map(|it| it.document.findings.totals())
        .map(|it| it.0.code())
        .collect();
    assert!(rules.contains(&"document.meta_file") && rules.contains(&"document.no_fields"), "{rules:?}");
}

#[test]
fn every_rule_speaks_three_languages() {
    for rule in Rule::ALL {
        let [english, kazakh, russian] = Language::ALL.map(|language| rule.sentence(language));
        assert!(english != kazakh && kazakh != russian && english != russian, "{}", rule.code());
        let is_cyrillic = |text: &str| text.chars().any(|letter| ('а'..='я').contains(&letter));
        assert!(is_cyrillic(kazakh) && is_cyrillic(russian) && !is_cyrillic(english), "{}", rule.code());
        assert!(!english.ends_with('.') && !rule.source().is_empty());
    }
}

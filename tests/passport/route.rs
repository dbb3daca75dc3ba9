//! The route and the command.

use std::process::Command;

use derek::assess::passport::Item;
use serde_json::json;

use crate::site::Site;

const PATH: &str = "/datasets/astana_pharmacies/passport";

/// The numbers of headings and items.
fn numbers() -> Vec<&'static str> {
    ["1", "1.1", "1.2", "1.3", "2"].into_iter().chain(Item::ALL.map(Item::number)).collect()
}

#[test]
fn a_passport_in_both_languages() {
    let site = Site::over_fixtures();
    for (language, missing, name) in [
        ("kk", "толтыру қажет", "Астана қаласының дәріханалары"),
        ("ru", "требуется заполнить", "Аптеки города Астана"),
    ] {
        let html = site.get(&format!("{PATH}?lang={language}&format=html"));
        assert_eq!((html.status, html.header("content-type")), (200, Some("text/html; charset=utf-8")));
        assert_eq!(html.header("x-content-type-options"), Some("nosniff"));
        assert!(html.text().starts_with("<!DOCTYPE html>") && html.text().contains(name));
        let markdown = site.get(&format!("{PATH}?lang={language}&format=md"));
        assert_eq!(
            (markdown.status, markdown.header("content-type")),
            (200, Some("text/markdown; charset=utf-8"))
        );
        for number in numbers() {
            assert!(html.text().contains(&format!("<span>{number}</span> ")), "{language} {number}");
            let is_there = [format!("# {number} "), format!("- **{number} ")];
            assert!(is_there.iter().any(|it| markdown.text().contains(it)), "{language} {number}");
        }
        for text in [html.text(), markdown.text()] {
            // The source, the city, the year, 1.1.2, 1.1.3, 1.2.1 and the state.
            assert_eq!(text.to_lowercase().matches(missing).count(), 7 + 1, "fields, and the list of them");
        }
    }
}

#[test]
fn json_has_both_languages_and_names_what_is_missing() {
    let answer = Site::over_fixtures().get(PATH);
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    let json = answer.json();
    assert_eq!(
        json["1.1.1"]["full_name"],
        json!({"kk": "Астана қаласының дәріханалары", "ru": "Аптеки города Астана"})
    );
    assert_eq!(json["1.1.2"], json!({"short_name": null}));
    assert_eq!((&json["state"], &json["history"]), (&json!(null), &json!([])));
    assert!(json["missing"].as_array().is_some_and(|it| it.iter().any(|it| it["number"] == "1.1.2")));
    assert_eq!(json["2.1"]["attributes"].as_array().map(Vec::len), Some(14));
}

#[test]
fn the_form_is_that_of_the_parameter_or_the_header() {
    let site = Site::over_fixtures();
    let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    for (accept, kind) in [
        (browser, "text/html; charset=utf-8"),
        ("text/markdown", "text/markdown; charset=utf-8"),
        ("application/json;q=0.5, text/html;q=0.1", "application/json"),
        ("*/*", "application/json"),
    ] {
        let answer = site.ask("GET", PATH, &[("accept", accept)]);
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(kind)), "{accept}");
    }
    let named = site.ask("GET", &format!("{PATH}?format=md"), &[("accept", browser)]);
    assert_eq!(named.header("content-type"), Some("text/markdown; charset=utf-8"));
    let not_acceptable = (406, "request.not_acceptable".to_owned());
    assert_eq!(site.ask("GET", PATH, &[("accept", "image/png")]).error(), not_acceptable);
    assert_eq!(site.get(&format!("{PATH}?format=csv")).error(), not_acceptable);
    let english = site.get(&format!("{PATH}?lang=en"));
    assert_eq!((english.error(), english.field()), ((400, "request.parameter".to_owned()), json!("lang")));
    assert_eq!(site.get("/datasets/none/passport").error(), (404, "catalog.unknown_dataset".to_owned()));
}

#[test]
fn its_tag_is_of_the_dataset_the_language_and_the_form() {
    let site = Site::over_fixtures();
    let html = site.ask("GET", PATH, &[("accept", "text/html")]);
    let tag = html.header("etag").expect("it has a tag").to_owned();
    let again = site.ask("GET", PATH, &[("accept", "text/html"), ("if-none-match", &tag)]);
    assert_eq!((again.status, again.body.len()), (304, 0));
    let uris = ["", "?format=html", "?format=md", "?lang=ru&format=md", "?lang=ru"];
    let mut tags = vec![Some(tag)];
    tags.extend(uris.iter().map(|it| site.get(&format!("{PATH}{it}")).header("etag").map(str::to_owned)));
    let count = tags.len();
    tags.sort_unstable();
    tags.dedup();
    assert!(tags.len() == count && !tags.contains(&None), "{tags:?}");
}

/// A name, a label and a value that HTML and Markdown would take for their own.
#[test]
fn what_a_publisher_writes_is_no_part_of_the_page() {
    let hostile = "<script>alert('Ә')</script> а|б";
    let document = json!({
        "meta": {"apiUri": "d", "nameKk": hostile, "nameRu": hostile},
        "fields": {
            "id": {"type": "Int", "pkey": true},
            "a": {"type": "String", "labelKk": hostile, "labelRu": hostile},
        },
        "data": [{"id": 1, "a": hostile}, {"id": 2, "a": "Ақтау"}],
    });
    let site = Site::of_files([("d.json", document.to_string().into_bytes())]);
    for language in ["kk", "ru"] {
        let html = site.get(&format!("/datasets/d/passport?format=html&lang={language}"));
        assert!(html.status == 200 && !html.text().contains("<script"), "{}", html.text());
        // The page's title, the set's name twice, the label, the value, and what was found.
        let escaped = "&lt;script&gt;alert(&#39;Ә&#39;)&lt;/script&gt; а|б";
        assert!(html.text().matches(escaped).count() >= 6, "{}", html.text());
        let markdown = site.get(&format!("/datasets/d/passport?format=md&lang={language}"));
        let text = markdown.text();
        assert!(!text.contains("<script") && !text.contains("а|б"), "{text}");
        assert!(text.contains("&lt;script&gt;alert('Ә')&lt;/script&gt; а\\|б"), "{text}");
    }
}

#[test]
fn the_command_prints_what_the_server_sends() {
    let run = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_derek"))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .args(["passport", "fixtures", "--dataset"])
            .args(arguments)
            .output()
            .expect("the program starts")
    };
    let site = Site::over_fixtures();
    for (language, form) in [("kk", "html"), ("ru", "md"), ("kk", "json")] {
        let printed = run(&["astana_pharmacies", "--lang", language, "--format", form]);
        assert_eq!(printed.status.code(), Some(0));
        let sent = site.get(&format!("{PATH}?lang={language}&format={form}"));
        assert_eq!(String::from_utf8_lossy(&printed.stdout), sent.text(), "{language} {form}");
    }
    assert_eq!(run(&["none"]).status.code(), Some(1));
    assert_eq!(run(&["regions", "--lang", "en"]).status.code(), Some(2));
    assert_eq!(run(&["regions", "--format", "csv"]).status.code(), Some(2));
}

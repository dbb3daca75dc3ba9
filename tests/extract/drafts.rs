//! The draft of an extract's passport, and the four criteria.

use std::process::Command;
use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use chrono::Utc;
use derek::assess::extract::{Criterion, Demand, Form, Report, Said, Verdict};
use derek::assess::passport::{Attribute, GeoLinkKind, Geometry, Language, Passport, Requirement};
use derek::catalog::{Access, Catalog, Filed, LoadOptions, RequestKind, RequesterKind, Store};
use serde_json::{Value, json};

use super::{DOCUMENT, PERSONS, PHARMACIES, SECRETS, report};
use crate::site::{Answer, Site, with};

fn paths(passport: &Passport) -> Vec<String> {
    passport.attributes.iter().map(Attribute::path).collect()
}

fn met(report: &Report) -> Vec<(&'static str, Option<bool>)> {
    report.criteria.iter().map(|it: &Criterion| (it.code, it.is_met)).collect()
}

#[test]
fn a_draft_has_the_fields_and_what_their_values_are() {
    let draft = report(Form::Csv, PHARMACIES).draft("дәріханалар.csv");
    assert_eq!(draft.dataset.as_deref(), Some("дәріханалар.csv"));
    assert_eq!(paths(&draft), ["id", "атауы", "мекенжай", "ашылған күні", "бағасы"]);
    let mandatory: Vec<_> = draft.attributes.iter().map(|it| it.is_mandatory).collect();
    assert_eq!(mandatory, [Some(true), Some(true), Some(false), Some(true), Some(false)]);
    let of = |name: &str| {
        let found = draft.requirements.iter().find(|it| it.attribute == name).expect("it has requirements");
        found.requirements.clone()
    };
    let range =
        |least: &str, most: &str| Requirement::Range { least: least.to_owned(), most: most.to_owned() };
    assert_eq!(of("id"), [range("1", "4")]);
    assert_eq!(of("бағасы"), [range("3.25", "12.5")]);
    assert_eq!(of("ашылған күні"), [range("15.06.2022", "31.12.2024")]);
    assert!(of("атауы").iter().any(|it| matches!(it, Requirement::Alphabet { .. })));
    assert_eq!(draft.geo_link.kinds, [GeoLinkKind::Address]);
    assert_eq!(draft.geo_link.address_attribute.as_deref(), Some("мекенжай"));
    let missing: Vec<&str> = draft.missing().iter().map(|it| it.number).collect();
    for number in ["title", "1.1.1", "1.1.2", "1.1.3", "1.1.4", "1.1.5", "1.1.6", "1.2.1", "2.1", "state"] {
        assert!(missing.contains(&number), "{number}: an extract does not tell it");
    }
}

/// Rows 1 to 3 are good; the fourth has a day that cannot be read.
#[test]
fn the_first_rows_are_examples_of_checked_records() {
    let checks = report(Form::Csv, PHARMACIES).draft("d").record_checks.expect("rows were checked");
    let rows: Vec<(u64, bool)> = checks.iter().map(|check| (check.row, check.is_good())).collect();
    assert_eq!(rows, [(1, true), (2, true), (3, true), (4, false)]);
    let broken = &checks[3].broken[0];
    assert_eq!((broken.attribute.as_str(), broken.code.as_str()), ("ашылған күні", "value.not_a_date"));
    assert_eq!(broken.found.as_deref(), Some("белгісіз"));
    let values: Vec<Option<&str>> = checks[3].values.iter().map(|it| it.value.as_deref()).collect();
    assert_eq!(values, [Some("4"), Some("Қуаныш"), None, Some("белгісіз"), Some("3.25")]);
    let rows = (0..200).map(|at| format!("{at}\n")).collect::<Vec<_>>().concat();
    let many = report(Form::Csv, format!("n\n{rows}жүз\n")).draft("d").record_checks.expect("checked");
    assert_eq!(many.len(), 3, "row 201 is not among the first ones: nothing of it is kept");
}

/// `«`, `»` and `/` are no characters of String (order 144/2021, annex 1, part 3, row 3).
#[test]
fn examples_tell_of_characters_that_a_string_must_not_have() {
    let draft = report(Form::Csv, "атауы;саны\n«Өркен» / мектебі;1\nҒасыр;2\n").draft("d");
    let found = draft.requirements.iter().find(|it| it.attribute == "атауы").expect("it has requirements");
    assert!(found.requirements.contains(&Requirement::Alphabet { beyond: vec!['/', '«', '»'] }), "{found:?}");
    let checks = draft.record_checks.expect("rows were checked");
    let rows: Vec<(u64, bool)> = checks.iter().map(|check| (check.row, check.is_good())).collect();
    assert_eq!(rows, [(2, true), (1, false)]);
    let broken = &checks[1].broken[0];
    assert_eq!((broken.attribute.as_str(), broken.code.as_str()), ("атауы", "text.alphabet"));
    assert_eq!(broken.found.as_deref(), Some("«Өркен» / мектебі"));
    // What the start of a long text hides is told all the same, and persons are not.
    let long = report(Form::Csv, format!("мәтін\n{}/\n", "ә".repeat(100))).draft("d");
    assert_eq!(long.record_checks.expect("checked")[0].broken[0].code, "text.alphabet");
    let persons = report(Form::Csv, PERSONS).draft("d").record_checks.expect("checked");
    assert_eq!(persons[0].broken[0].found.as_deref(), Some("+7 7** *** ** **"));
}

#[test]
fn a_draft_of_persons_is_restricted_and_shows_none() {
    let report = report(Form::Csv, PERSONS);
    let draft = report.draft("adamdar.csv");
    for text in [
        draft.to_html(Language::Kk),
        draft.to_html(Language::Ru),
        draft.to_markdown(Language::Kk),
        draft.to_json().to_string(),
        format!("{draft:?}"),
    ] {
        for secret in SECRETS {
            assert!(!text.contains(secret), "{secret} stands in {text}");
        }
    }
    assert_eq!(draft.to_json()["restriction"]["is_restricted"], true);
    assert!(draft.to_html(Language::Kk).contains("Дербес деректер табылды"));
    let checks = draft.record_checks.expect("rows were checked");
    assert_eq!(checks[0].values[1].value.as_deref(), Some("Ү***** Б**** С*******"));
}

#[test]
fn a_document_has_labels_and_objects() {
    let shops = report(Form::Json, DOCUMENT).draft("shops");
    assert_eq!(paths(&shops), ["id", "region", "geo"]);
    assert_eq!(shops.attributes[0].name.ru.as_deref(), Some("номер"));
    assert_eq!(
        (shops.attributes[1].name.kk.as_deref(), shops.attributes[1].name.ru.as_deref()),
        (Some("өңір"), None)
    );
    assert_eq!((shops.geo_link.is_present, shops.geo_link.geometry), (Some(true), Some(Geometry::Point)));
    let nested =
        r#"[{"rooms": [{"no": 1, "түрі": "А"}], "phones": ["7"]}, {"rooms": [{"no": 2, "түрі": "Ә"}]}]"#;
    let nested = report(Form::Json, nested).draft("d");
    assert_eq!(paths(&nested), ["rooms", "rooms.no", "rooms.түрі", "phones"]);
    let kind = |at: usize| nested.attributes[at].kind.clone().expect("it has a type");
    assert_eq!((kind(0).declared.as_str(), kind(0).element.as_deref()), ("List", Some("Object")));
    assert_eq!((kind(3).declared.as_str(), kind(3).element.as_deref()), ("List", Some("Int")));
    let table = report(Form::Csv, "a.b,c[]\n1,2\n").draft("d");
    assert_eq!(paths(&table), ["a.b", "c[]"], "names of columns are no paths");
}

#[test]
fn personal_data_restrict_until_a_person_says_otherwise() {
    let open = report(Form::Csv, PHARMACIES);
    let ready = [
        ("not_restricted", Some(true)),
        ("demanded", None),
        ("ready", Some(true)),
        ("published_unreadable", None),
    ];
    assert_eq!(met(&open), ready);
    let told: Vec<_> =
        open.criteria.iter().map(|it| (it.ground_kk.as_str(), it.ground_ru.as_str())).collect();
    assert_eq!(
        told,
        [
            (
                "тексеру қолжетімділікті шектейтін ештеңе таппады",
                "проверка не нашла ничего, что ограничивает доступ"
            ),
            (
                "белгісіз: тақырып берілсе, өтінімдер сақталған қоймадан анықталады",
                "неизвестно: определяется по хранилищу с запросами, если указана тема"
            ),
            ("100 балдан 77,3 балл, дайындық шегі – 70", "77,3 из 100 баллов, готовность от 70"),
            ("белгісіз: қайда жарияланғанын адам айтады", "неизвестно: где опубликовано, сообщает человек"),
        ]
    );
    let persons = report(Form::Csv, PERSONS);
    assert!(persons.criteria[0].ground_ru.contains("персональные данные в полях: 4 из 5"));
    assert_eq!((persons.verdict, met(&persons)[0]), (Verdict::Restricted, ("not_restricted", Some(false))));
    let ground = "басшылардың аты-жөні заң бойынша ашық".to_owned();
    let said = Said {
        demand: Some(Demand { subjects: vec!["адамдар".to_owned()], requests: 1, is_needed: false }),
        not_restricted: Some(ground.clone()),
        published_at: Some("https://data.egov.kz/тізім.pdf".to_owned()),
    };
    let lifted = persons.with_said(&said);
    assert_ne!(lifted.verdict, Verdict::Restricted);
    assert_eq!(lifted.reasons[0].code, "not_restricted");
    let now: Vec<Option<bool>> = met(&lifted).into_iter().map(|(_, is_met)| is_met).collect();
    assert_eq!((now[0], now[1], now[3]), (Some(true), Some(false), Some(true)));
    assert!(lifted.criteria[0].ground_kk.contains(&ground) && lifted.criteria[0].ground_ru.contains(&ground));
    assert_eq!(lifted.criteria[1].ground_kk, "1 өтінім: «адамдар», бірақ бір кезеңде тым аз");
    assert!(lifted.criteria[0].ground.contains(&ground) && lifted.criteria[3].ground.contains("тізім.pdf"));
    let draft = lifted.draft("d");
    let text = draft.to_html(Language::Kk);
    assert!(text.contains(&ground) && !draft.restriction.expect("scanned").is_restricted());
    for secret in SECRETS {
        assert!(!text.contains(secret) && !lifted.text().contains(secret), "{secret}: it stays masked");
    }
}

fn post(site: &Site, parameters: &[(&str, &str)], body: &str) -> Answer {
    let request = Request::post(with("/assess/extract", parameters)).header("content-type", "text/csv");
    site.send(request.body(Body::from(body.to_owned())).expect("it is a request"))
}

/// A server with two requests for pharmacies within a month, and one for schools.
fn with_requests(store: &std::path::Path) -> Site {
    let opened = Arc::new(Store::open(store, Access::Write).expect("nobody else writes"));
    let catalog = Catalog::new(&[], LoadOptions::default()).with_store(opened);
    catalog.load_all(None).expect("it can be read");
    let filed = |id: &str, topic: &str| Filed {
        id: Some(id.to_owned()),
        received_at: Some("2024-10-03T12:00:00Z".parse().expect("a moment")),
        kind: RequestKind::Publish,
        requester: RequesterKind::Citizen,
        contact: None,
        text: "Деректер керек".to_owned(),
        body: "Әкімдік".to_owned(),
        dataset: None,
        topic: Some(topic.to_owned()),
    };
    let all =
        [filed("r1", "Дәріханалар тізімі"), filed("r2", "дәріханалар, тізімі!"), filed("r3", "Мектептер")];
    let requests = catalog.requests().expect("it is whole").expect("it has a store");
    requests.file(&all, (Utc::now(), "office"), || [7; 16]).expect("they can be kept");
    Site::of_catalog(&Arc::new(catalog))
}

#[test]
fn the_route_tells_demand_and_adds_the_draft() {
    let store = tempfile::tempdir().expect("a folder can be made");
    let site = with_requests(store.path());
    let demanded = |topic: &str| {
        let answer = post(&site, &[("topic", topic)], PHARMACIES);
        assert_eq!(answer.status, 200, "{}", answer.text());
        let criterion = answer.json()["criteria"][1].clone();
        assert_eq!((&criterion["number"], &criterion["code"]), (&json!(2), &json!("demanded")));
        (criterion["is_met"].clone(), criterion["ground"].as_str().expect("a text").to_owned())
    };
    let (is_met, ground) = demanded("ДӘРІХАНАЛАР");
    assert!(is_met == json!(true) && ground.contains("2 requests for 'дәріханалар тізімі'"), "{ground}");
    assert_eq!(demanded("мектептер").0, json!(false), "one request is no demand");
    assert_eq!(demanded("жолдар"), (json!(false), "no request asks for it".to_owned()));
    assert_eq!(demanded("тізімі дәріханалар").0, json!(false), "the words in their order");
    let plain = Site::over_fixtures();
    let unknown = post(&plain, &[("topic", "мектептер")], PHARMACIES).json();
    assert_eq!(unknown["criteria"][1]["is_met"], Value::Null, "nobody asks where nobody can");
    let parameters = [("passport", "json"), ("topic", "Дәріханалар"), ("published_at", "https://example.kz")];
    let answer = post(&plain, &parameters, PHARMACIES).json();
    assert_eq!((&answer["verdict"], &answer["criteria"][3]["is_met"]), (&json!("ready"), &json!(true)));
    assert_eq!(answer["passport"]["dataset"], "Дәріханалар");
    assert_eq!(answer["passport"]["2.1"]["attributes"].as_array().map(Vec::len), Some(5));
    let page = post(&plain, &[("passport", "html"), ("lang", "ru")], PERSONS);
    let html = page.json()["passport"].as_str().expect("a page").to_owned();
    assert!(html.contains("ТЕХНОЛОГИЧЕСКИЙ ПАСПОРТ") && html.contains("Найдены персональные данные"));
    for secret in SECRETS {
        assert!(!page.text().contains(secret), "{secret}");
    }
    let lifted = post(&plain, &[("not_restricted", "заң бойынша ашық")], PERSONS).json();
    assert_eq!(lifted["not_restricted"], "заң бойынша ашық");
    assert_ne!(lifted["verdict"], "restricted");
    let wrong = post(&plain, &[("passport", "pdf")], PHARMACIES);
    assert_eq!((wrong.error(), wrong.field()), ((400, "request.parameter".to_owned()), json!("passport")));
}

/// What a server knows of an extract, a store tells the command.
#[test]
fn the_command_asks_a_store_for_demand_and_references() {
    let (folder, store) = (tempfile::tempdir().expect("made"), tempfile::tempdir().expect("made"));
    drop(with_requests(store.path()));
    let regions = tempfile::tempdir().expect("a folder can be made");
    let opened = Arc::new(Store::open(regions.path(), Access::Write).expect("nobody else writes"));
    let catalog = Catalog::new(&[crate::fixtures().join("regions.json")], LoadOptions::default());
    catalog.with_store(opened).load_all(None).expect("it can be read");
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("it can be written");
        path.display().to_string()
    };
    let (pharmacies, shops) = (file("d.csv", PHARMACIES), file("shops.json", DOCUMENT));
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_derek"));
        command.args(["assess", "extract", "--format", "json"]).args(arguments).output().expect("it starts")
    };
    let judged = |arguments: &[&str]| -> Value {
        let output = run(arguments);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
    };
    let requests = store.path().display().to_string();
    let demanded =
        |topic: &str| judged(&["--store", &requests, "--topic", topic, &pharmacies])["criteria"][1].clone();
    let needed = demanded("ДӘРІХАНАЛАР");
    assert_eq!((&needed["code"], &needed["is_met"]), (&json!("demanded"), &json!(true)));
    assert_eq!(needed["ground"], "2 requests for 'дәріханалар тізімі'");
    assert_eq!(needed["ground_kk"], "2 өтінім: «дәріханалар тізімі»");
    assert_eq!(needed["ground_ru"], "запросов: 2 – «дәріханалар тізімі»");
    assert_eq!(demanded("мектептер")["is_met"], false, "one request is no demand");
    assert_eq!(judged(&["--store", &requests, &pharmacies])["criteria"][1]["is_met"], Value::Null);
    let references = |arguments: &[&str]| {
        let part = judged(arguments)["readiness"]["parts"][6].clone();
        (part["count"].clone(), part["of"].clone())
    };
    let regions = regions.path().display().to_string();
    assert_eq!(references(&["--store", &regions, &shops]), (json!(1), json!(2)), "71 is there, 99999 is not");
    assert_eq!(references(&[&shops]), (json!(0), json!(0)), "they are not judged");
    assert_eq!(run(&["--topic", "мектептер", &pharmacies]).status.code(), Some(2), "who should tell?");
    assert_eq!(run(&["--store", &requests, "--topic", " ", &pharmacies]).status.code(), Some(2));
}

#[test]
fn the_command_writes_the_draft() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let (persons, page) = (folder.path().join("adamdar.csv"), folder.path().join("жоба.html"));
    std::fs::write(&persons, PERSONS).expect("it can be written");
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_derek"));
        command
            .args(["assess", "extract"])
            .args(arguments)
            .arg(&persons)
            .output()
            .expect("the program starts")
    };
    let path = page.display().to_string();
    let output = run(&["--draft", &path, "--lang", "ru", "--format", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).expect("the report is printed all the same");
    assert_eq!(report["criteria"][0]["is_met"], false);
    let html = std::fs::read_to_string(&page).expect("it is there");
    assert!(html.contains("ТЕХНОЛОГИЧЕСКИЙ ПАСПОРТ") && html.contains("<code>adamdar.csv</code>"));
    for secret in SECRETS {
        assert!(!html.contains(secret), "{secret}");
    }
    let lifted = run(&["--not-restricted", "заң бойынша ашық", "--published-at", "https://example.kz"]);
    let text = String::from_utf8(lifted.stdout).expect("output is UTF-8");
    assert!(!text.starts_with("restricted") && text.contains("заң бойынша ашық"), "{text}");
    assert!(text.contains("4) published_unreadable"), "{text}");
    assert_eq!(run(&["--draft", "жоба.pdf"]).status.code(), Some(2));
    assert_eq!(run(&["--not-restricted", " "]).status.code(), Some(2));
    let nowhere = folder.path().join("жоқ").join("d.md").display().to_string();
    assert_eq!(run(&["--draft", &nowhere]).status.code(), Some(2));
}

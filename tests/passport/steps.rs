//! The steps of a passport, kept: over HTTP, in SQL, in the passport, in a copy of the store.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use chrono::Utc;
use derek::catalog::{Access, Catalog, LoadOptions, Permission, Store, Token};
use serde_json::{Value, json};

use crate::fixtures;
use crate::site::{Answer, Site, address};

const STEPS: &str = "/datasets/regions/passport/steps";

/// A server over a store that holds the regions.
pub(super) struct Desk {
    pub(super) site: Site,
    catalog: Arc<Catalog>,
    pub(super) token: String,
}

impl Desk {
    /// With a token of this name that may publish the regions.
    pub(super) fn over(store: &Path, name: &str) -> Self {
        let opened = Arc::new(crate::site::alone(store));
        let catalog = Catalog::new(&[fixtures().join("regions.json")], LoadOptions::default());
        let catalog = Arc::new(catalog.with_store(opened));
        catalog.load_all(None).expect("it can be read");
        let mut desk = Self { site: Site::of_catalog(&catalog), catalog, token: String::new() };
        desk.token = desk.token_for(name, Permission::Publish("regions".to_owned()));
        desk
    }

    fn token_for(&self, name: &str, can: Permission) -> String {
        let (name, created_at) = (name.to_owned(), Utc::now());
        let random = *blake3::hash(name.as_bytes()).as_bytes();
        let token = Token { name, can: vec![can], created_at, expires_at: None, revoked_at: None };
        self.catalog.store().expect("it has a store").create_token(&token, random).expect("it can be kept")
    }

    fn step(&self, step: &Value) -> Answer {
        self.with_token(STEPS, &self.token, step)
    }

    fn with_token(&self, address: &str, token: &str, step: &Value) -> Answer {
        let request = Request::post(address).header("authorization", format!("Bearer {token}"));
        self.site.send(request.body(Body::from(step.to_string())).expect("it is a request"))
    }
}

/// The steps of a passport with their days.
fn history(passport: &Value) -> Vec<(String, String)> {
    let steps = passport["history"].as_array().expect("a list");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    steps.iter().map(|step| (text(&step["step"]), text(&step["at"]))).collect()
}

#[test]
fn steps_are_kept_and_shown_wherever_the_passport_is() {
    let store = tempfile::tempdir().expect("a folder can be made");
    let desk = Desk::over(store.path(), "әділет");
    let passport = |parameters: &str| desk.site.get(&format!("/datasets/regions/passport{parameters}"));
    assert_eq!(passport("").json()["state"], Value::Null);
    let tag = passport("").header("etag").expect("it has a tag").to_owned();
    let draft = desk.step(&json!({"step": "draft", "at": "2024-11-02", "by": "Сервистік интегратор"}));
    assert_eq!((draft.status, &draft.json()["state"]), (201, &json!("draft")), "{}", draft.text());
    let note = "Ахметов Болат Серікұлы келісті, ЖСН 900101300017";
    let agreed = desk
        .step(&json!({"step": "agreed", "at": "2024-11-20", "by": "Ахметов Болат Серікұлы", "note": note}));
    assert_eq!(agreed.status, 201, "{}", agreed.text());
    assert_eq!(agreed.json()["dataset"], "regions");
    let expected = [("draft", "2024-11-02"), ("agreed", "2024-11-20")];
    let expected = expected.map(|(step, at)| (step.to_owned(), at.to_owned()));
    assert_eq!(history(&agreed.json()), expected);
    let json = passport("").json();
    assert_eq!((&json["state"], history(&json)), (&json!("agreed"), expected.to_vec()));
    assert_eq!(json["history"][0]["by"], "Сервистік интегратор");
    assert!(!json.to_string().contains("900101300017") && !json.to_string().contains("Серікұлы"));
    assert!(!json["missing"].to_string().contains("\"state\""), "it has one");
    for parameters in ["?format=html&lang=kk", "?format=html&lang=ru", "?format=md&lang=kk"] {
        let page = passport(parameters);
        assert!(page.text().contains("02.11.2024") && page.text().contains("20.11.2024"), "{parameters}");
    }
    assert!(passport("?format=md&lang=kk").text().contains("мемлекеттік органмен келісілді"));
    let now = desk.site.ask("GET", "/datasets/regions/passport", &[("if-none-match", &tag)]);
    assert_eq!(now.status, 200, "the passport is another one");
    let rows = desk.site.sql(
        "SELECT s.dataset, s.step, s.at, s.taken_by, s.written_by FROM system.passport_steps s ORDER BY s.at",
    );
    let first = json!({
        "dataset": "regions", "step": "draft", "at": "2024-11-02", "taken_by": "Сервистік интегратор",
        "written_by": "әділет",
    });
    assert_eq!((rows.len(), &rows[0]), (2, &first));
    assert_eq!(
        (&rows[1]["taken_by"], &rows[1]["written_by"]),
        (&json!("А****** Б**** С*******"), &json!("әділет"))
    );
    drop(desk);
    let desk = Desk::over(store.path(), "кейін");
    let json = desk.site.get("/datasets/regions/passport").json();
    assert_eq!(history(&json), expected, "they are there after a restart");
}

#[test]
fn a_step_that_may_not_be_taken_says_which_may() {
    let store = tempfile::tempdir().expect("a folder can be made");
    let desk = Desk::over(store.path(), "office");
    let refused = |step: &Value, status: u16, code: &str, said: &str| {
        let answer = desk.step(step);
        assert_eq!(answer.error(), (status, code.to_owned()), "{step}: {}", answer.text());
        assert!(answer.text().contains(said), "{step}: {}", answer.text());
        answer.field()
    };
    let conflict = "assess.step";
    assert_eq!(
        refused(&json!({"step": "agreed", "at": "2024-11-02"}), 409, conflict, "expected 'draft'"),
        "step"
    );
    assert_eq!(desk.step(&json!({"step": "draft", "at": "2024-11-02"})).status, 201);
    let at = json!({"step": "published", "at": "2024-11-03"});
    assert_eq!(
        refused(&at, 409, conflict, "expected 'agreed' (order 111/НҚ/2021, paragraph 8) or 'draft'"),
        "step"
    );
    let early = json!({"step": "agreed", "at": "2024-11-01"});
    assert_eq!(refused(&early, 409, conflict, "expected 2024-11-02 or later"), "at");
    let future = json!({"step": "agreed", "at": "2124-11-01"});
    assert_eq!(refused(&future, 409, conflict, "yet to come"), "at");
    let body = "request.body";
    refused(&json!({"step": "келісілді"}), 400, body, "draft, agreed, commission, approved, published");
    refused(&json!({"step": "agreed", "at": "20.11.2024"}), 400, body, "such as 2026-11-01");
    assert_eq!(refused(&json!({"step": "agreed", "who": "a"}), 400, body, "unknown field `who`"), "who");
    assert_eq!(refused(&json!({"at": "2024-11-20"}), 400, body, "'step' is missing"), "step");
    assert_eq!(refused(&json!({"step": "agreed", "note": 7}), 400, body, "'note': invalid type"), "note");
    refused(&json!([{"step": "agreed"}]), 400, body, "expected one step, which is an object; found a list");
    refused(&json!({"step": "agreed", "by": " "}), 400, body, "'by' is empty");
    refused(&json!({"step": "agreed", "note": "ә".repeat(10_001)}), 400, body, "at most 10000");
    assert_eq!(desk.site.sql("SELECT count(*) AS n FROM system.passport_steps")[0]["n"], 1);
    let request = Request::post(STEPS).header("authorization", format!("Bearer {}", desk.token));
    let broken = desk
        .site
        .send(request.body(Body::from("{\"step\": \"agreed\",\n  \"by\" \"ә\"}")).expect("a request"));
    assert_eq!(broken.error(), (400, body.to_owned()), "{}", broken.text());
    assert_eq!(broken.json()["error"]["place"]["line"], 2, "{}", broken.text());
    assert!(broken.text().contains("draft, agreed, commission, approved, published"), "{}", broken.text());
    let today = desk.step(&json!({"step": "agreed"}));
    assert_eq!(today.status, 201, "without a day it is today: {}", today.text());
    // The database itself refuses to forget.
    let database = rusqlite::Connection::open(store.path().join("passports.sqlite")).expect("it is there");
    for sql in [
        "DELETE FROM step",
        "UPDATE step SET at = '2020-01-01'",
        "REPLACE INTO step SELECT number, dataset, step, '2020-01-01', taken_by, note, written_by, kept_at_ms FROM step",
    ] {
        let error = database.execute(sql, []).expect_err("it would change what was kept");
        assert!(error.to_string().contains("only added"), "{sql}: {error}");
    }
}

#[test]
fn a_step_takes_the_right_to_publish_the_dataset() {
    let store = tempfile::tempdir().expect("a folder can be made");
    let desk = Desk::over(store.path(), "office");
    let draft = json!({"step": "draft", "at": "2024-11-02"});
    let other = desk.token_for("other", Permission::Publish("cities".to_owned()));
    let requests = desk.token_for("requests", Permission::Requests);
    for token in [&other, &requests] {
        assert_eq!(desk.with_token(STEPS, token, &draft).error(), (403, "request.forbidden".to_owned()));
    }
    let none = desk.site.post(STEPS, &draft);
    assert_eq!(none.error(), (401, "request.unauthorized".to_owned()));
    assert!(none.text().contains("publish:regions"), "{}", none.text());
    // A passport comes before its dataset.
    let all = desk.token_for("all", Permission::All);
    let planned = "/datasets/zhana_zhinaq/passport/steps";
    assert_eq!(desk.with_token(planned, &all, &draft).status, 201);
    assert_eq!(
        desk.with_token("/datasets/REGIONS/passport/steps", &all, &draft).json()["dataset"],
        "regions"
    );
    let rows = desk.site.sql("SELECT s.dataset FROM system.passport_steps s ORDER BY 1");
    assert_eq!(rows, [json!({"dataset": "regions"}), json!({"dataset": "zhana_zhinaq"})]);
    let plain = Site::over_fixtures();
    assert_eq!(plain.sql("SELECT count(*) AS n FROM system.passport_steps")[0]["n"], 0);
    assert_eq!(plain.post(STEPS, &draft).error(), (409, "store.read_only".to_owned()));
}

/// The last step publishes the dataset: until then its passport is what its steps tell.
#[test]
fn a_passport_comes_before_its_dataset_and_its_name_has_no_letter_case() {
    let store = tempfile::tempdir().expect("a folder can be made");
    let desk = Desk::over(store.path(), "office");
    let all = desk.token_for("all", Permission::All);
    let step = |name: &str, step: &str| {
        let steps = address(&format!("/datasets/{name}/passport/steps"));
        let answer =
            desk.with_token(&steps, &all, &json!({"step": step, "at": "2024-11-02", "by": "Әкімдік"}));
        assert_eq!(answer.status, 201, "{}", answer.text());
        (answer.json()["dataset"].clone(), answer.json()["state"].clone())
    };
    assert_eq!(step("Жаңа_жинақ", "draft"), (json!("Жаңа_жинақ"), json!("draft")));
    assert_eq!(step("жаңа_ЖИНАҚ", "agreed"), (json!("Жаңа_жинақ"), json!("agreed")), "one passport");
    let passport =
        |name: &str, parameters: &str| desk.site.get(&format!("/datasets/{name}/passport{parameters}"));
    for name in ["Жаңа_жинақ", "жаңа_жинақ"] {
        let answer = passport(name, "");
        assert_eq!(answer.status, 200, "{}", answer.text());
        let json = answer.json();
        assert_eq!((&json["dataset"], &json["state"]), (&json!("Жаңа_жинақ"), &json!("agreed")));
        assert_eq!(history(&json).len(), 2);
        assert_eq!((&json["2.1"]["attributes"], &json["3"]["record_checks"]), (&Value::Null, &Value::Null));
        let missing: Vec<_> =
            json["missing"].as_array().expect("a list").iter().map(|it| &it["number"]).collect();
        assert!(
            ["title", "1.1.1", "2.1", "2.2", "3"].iter().all(|it| missing.contains(&&json!(it))),
            "{json}"
        );
    }
    let page = passport("Жаңа_жинақ", "?format=html&lang=kk");
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(page.text().contains("толтыру қажет") && page.text().contains("мемлекеттік органмен келісілді"));
    let tag = page.header("etag").expect("it has a tag").to_owned();
    let uri = "/datasets/Жаңа_жинақ/passport?format=html&lang=kk";
    assert_eq!(desk.site.ask("GET", uri, &[("if-none-match", &tag)]).status, 304);
    step("ЖАҢА_жинақ", "commission");
    assert_eq!(desk.site.ask("GET", uri, &[("if-none-match", &tag)]).status, 200, "it has a step more");
    let rows = desk.site.sql("SELECT DISTINCT s.dataset FROM system.passport_steps s");
    assert_eq!(rows, [json!({"dataset": "Жаңа_жинақ"})]);
    assert_eq!(passport("басқа", "").error(), (404, "catalog.unknown_dataset".to_owned()));
}

/// What is damaged is said to be, and is not taken for a passport without steps; the rest is shown.
#[test]
fn steps_that_cannot_be_read_leave_the_rest() {
    let store = tempfile::tempdir().expect("a folder can be made");
    let desk = Desk::over(store.path(), "office");
    assert_eq!(desk.step(&json!({"step": "draft", "at": "2024-11-02"})).status, 201);
    let database = rusqlite::Connection::open(store.path().join("passports.sqlite")).expect("it is there");
    let sql = "INSERT INTO step (dataset, step, at, written_by, kept_at_ms) VALUES ('regions', 'қадам', '2024-11-03', '', 0)";
    database.execute(sql, []).expect("the database knows no words for steps");
    unread(&desk.site);
}

/// Asks for the passport of the regions, whose steps are damaged.
#[track_caller]
fn unread(site: &Site) {
    let answer = site.get("/datasets/regions/passport");
    assert_eq!(answer.status, 200, "{}", answer.text());
    let json = answer.json();
    assert_eq!((&json["history"], &json["state"]), (&Value::Null, &Value::Null));
    assert!(!json["missing"].to_string().contains("\"state\""), "nobody knows");
    assert_ne!(json["1.1.1"]["full_name"], Value::Null, "the rest is there");
    for (language, said) in [("kk", "Паспорттың қадамдары оқылмайды"), ("ru", "Шаги паспорта не читаются")]
    {
        let page = site.get(&format!("/datasets/regions/passport?format=html&lang={language}"));
        assert!(page.status == 200 && page.text().contains(said), "{}", page.text());
    }
}

#[test]
fn a_copy_has_the_steps_and_damage_is_told() {
    let (store, copy) = (tempfile::tempdir().expect("made"), tempfile::tempdir().expect("made"));
    let desk = Desk::over(store.path(), "office");
    assert_eq!(desk.step(&json!({"step": "draft", "at": "2024-11-02"})).status, 201);
    let done = desk.catalog.store().expect("it has one").backup(copy.path()).expect("it can be copied");
    assert!(done.missing.is_empty(), "{:?}", done.missing);
    let copied = Store::open(copy.path(), Access::Read).expect("it is a store");
    let steps = copied.passport_steps().expect("it is whole").expect("it is there");
    let kept = steps.of_dataset("regions").expect("it is whole");
    assert_eq!(kept.iter().map(|step| step.said.step.as_str()).collect::<Vec<_>>(), ["draft"]);
    drop(steps);
    assert!(copied.damaged_databases().is_empty());
    // A reader shows the state as well.
    drop(desk);
    let run = |command: &[&str]| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_derek"));
        program.args(command).arg("--store").arg(copy.path()).output().expect("the program starts")
    };
    let passport = run(&["passport", "--dataset", "regions", "--format", "json"]);
    let json: Value = serde_json::from_slice(&passport.stdout).expect("it is JSON");
    assert_eq!((&json["state"], history(&json).len()), (&json!("draft"), 1));
    assert_eq!(run(&["verify"]).status.code(), Some(0));
    std::fs::write(copy.path().join("passports.sqlite"), "no database, but a text of some length")
        .expect("written");
    let damaged = copied.damaged_databases();
    assert!(damaged.len() == 1 && damaged[0].message.contains("passports.sqlite"), "{damaged:?}");
    assert_eq!(run(&["verify"]).status.code(), Some(1));
    let without = run(&["passport", "--dataset", "regions"]);
    let told = String::from_utf8_lossy(&without.stderr).into_owned();
    assert!(
        without.status.code() == Some(0) && told.contains("passports.sqlite"),
        "it is without its steps: {told}"
    );
    assert!(String::from_utf8_lossy(&without.stdout).contains("Паспорттың қадамдары оқылмайды"));
    // A server that starts over it answers the rest, too.
    let copied = Arc::new(Store::open(copy.path(), Access::Read).expect("it is a store"));
    let catalog = Catalog::new(&[], LoadOptions::default()).with_store(copied);
    catalog.load_all(None).expect("it can be read");
    unread(&Site::of_catalog(&Arc::new(catalog)));
}

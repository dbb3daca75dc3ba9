//! What people ask public bodies for: filed, followed by events, counted, and never overwritten.

mod import;
mod intake;
mod keeping;
mod status;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use chrono::Utc;
use derek::catalog::{Access, Catalog, LoadOptions, Permission, Store, Token};
use serde_json::{Value, json};

use crate::site::{Answer, Site};

/// A server over a store, and a token that may file requests.
struct Office {
    site: Site,
    catalog: Arc<Catalog>,
    token: String,
}

impl Office {
    fn over(store: &Path, name: &str) -> Self {
        Self::with(&[], store, name)
    }

    /// The same, with what some PATHs hold published.
    fn with(paths: &[PathBuf], store: &Path, name: &str) -> Self {
        let opened = Arc::new(Store::open(store, Access::Write).expect("nobody else writes"));
        let catalog = Catalog::new(paths, LoadOptions::default()).with_store(opened);
        catalog.load_all(None).expect("it can be read");
        let catalog = Arc::new(catalog);
        let token = |name: &str, can: Permission| {
            let token = Token {
                name: name.to_owned(),
                can: vec![can],
                created_at: Utc::now(),
                expires_at: None,
                revoked_at: None,
            };
            let store = catalog.store().expect("it has a store");
            store.create_token(&token, *blake3::hash(name.as_bytes()).as_bytes())
        };
        let secret = token(name, Permission::Requests).expect("it can be kept");
        Self { site: Site::of_catalog(&catalog), catalog: Arc::clone(&catalog), token: secret }
    }

    fn post(&self, address: &str, kind: &str, body: impl Into<Vec<u8>>) -> Answer {
        let request = Request::post(address)
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", kind);
        self.site.send(request.body(Body::from(body.into())).expect("it is a request"))
    }

    /// Files a request, and says what became of it; its name.
    fn told(&self, request: &Value, events: &Value) -> String {
        let filed = self.file(request);
        assert_eq!(filed.status, 201, "{}", filed.text());
        let place = filed.header("location").expect("it leads to the request");
        let id = place.strip_prefix("/requests/").expect("it is a request's").to_owned();
        let noted = self.post(&format!("/requests/{id}/events"), "application/json", events.to_string());
        assert_eq!(noted.status, 201, "{}", noted.text());
        id
    }

    fn file(&self, body: &Value) -> Answer {
        self.post("/requests", "application/json", body.to_string())
    }
}

fn request(text: &str) -> Value {
    json!({
        "kind": "publish", "requester": "citizen", "text": text, "body": "ҚР Денсаулық сақтау министрлігі",
        "received_at": "2026-10-03T12:00:00+05:00", "contact": "Айгүл@example.kz",
    })
}

#[test]
fn a_request_is_kept_with_what_became_of_it() {
    let store = tempfile::tempdir().expect("a folder can be made");
    let office = Office::over(store.path(), "office");
    let filed = office.file(&request("Дәріханалар тізімі керек"));
    assert_eq!(filed.status, 201, "{}", filed.text());
    let id = filed.json()["id"].as_str().expect("it has a name").to_owned();
    assert!(id.len() == 16 && filed.header("location") == Some(format!("/requests/{id}").as_str()), "{id}");
    let events = json!([
        {"event": "processed", "at": "2026-10-04T06:00:00Z"},
        {"event": "published", "at": "2026-10-20T06:00:00Z", "dataset": "pharmacies", "version": 3},
    ]);
    let noted = office.post(&format!("/requests/{id}/events"), "application/json", events.to_string());
    assert_eq!((noted.status, &noted.json()["added"]), (201, &json!(2)), "{}", noted.text());
    let status = office.site.get(&format!("/requests/{id}")).json();
    assert_eq!(status["received_at"], "2026-10-03T07:00:00Z");
    assert_eq!(
        status["events"][1],
        json!({
            "at": "2026-10-20T06:00:00Z", "event": "published", "dataset": "pharmacies", "version": 3, "reason": null,
        })
    );
    assert!(!status.to_string().contains("hash") && !status.to_string().contains("example.kz"));
    let rows = office.site.sql("SELECT id, kind, requester, text, requester_hash FROM system.requests");
    assert_eq!(rows[0]["id"], "#1", "whoever has its name may see it: nobody else is told");
    assert_eq!(rows[0]["text"], "Дәріханалар тізімі керек");
    assert_eq!(rows[0]["requester_hash"].as_str().map(str::len), Some(16));
    let joined = office.site.sql(
        "SELECT r.id, e.event FROM system.requests r JOIN system.request_events e ON e.request = r.id ORDER BY e.at",
    );
    assert_eq!(
        joined.iter().map(|row| row["event"].as_str()).collect::<Vec<_>>(),
        [Some("processed"), Some("published")]
    );
    // One person is one hash, another store has another salt, and what reaches the person is nowhere.
    let again = office.file(&request("Менің ЖСН 900101300017, Ахметов Болат Серікұлы, тізім керек"));
    assert_eq!(again.status, 201);
    let text = office.site.sql("SELECT text FROM system.requests WHERE id = '#2'")[0]["text"].to_string();
    assert!(
        text.contains("тізім керек") && !text.contains("900101300017") && !text.contains("Серікұлы"),
        "{text}"
    );
    assert_eq!(office.site.sql("SELECT count(DISTINCT requester_hash) AS n FROM system.requests")[0]["n"], 1);
    for file in ["requests.sqlite", "requests.sqlite-wal"] {
        let bytes = std::fs::read(store.path().join(file)).unwrap_or_default();
        assert!(!bytes.windows(10).any(|it| it == b"example.kz"), "{file}");
    }
    drop(office);
    let office = Office::over(store.path(), "later");
    assert_eq!(office.site.get(&format!("/requests/{id}")).status, 200, "it is there after a restart");
    assert_eq!(office.site.sql("SELECT count(*) AS n FROM system.request_events")[0]["n"], 2);
}

#[test]
fn many_come_as_a_list_or_as_csv_all_or_none() {
    let store = tempfile::tempdir().expect("a folder can be made");
    let office = Office::over(store.path(), "office");
    let csv = "\u{feff}id;kind;requester;text;body;dataset;topic;received_at\n\
               r1;publish;business;\"Мектептер; орындар\";Әкімдік;;мектептер;2026-01-31T23:30:00+05:00\n\
               r2;update;citizen;Жаңарту;Әкімдік;regions;;2026-02-01\n";
    let filed = office.post("/requests", "text/csv; charset=utf-8", csv.to_owned());
    assert_eq!((filed.status, filed.json()["ids"].clone()), (201, json!(["r1", "r2"])), "{}", filed.text());
    let rows =
        office.site.sql("SELECT id, text, dataset, topic, received_at FROM system.requests ORDER BY id");
    assert_eq!((&rows[0]["text"], &rows[1]["dataset"]), (&json!("Мектептер; орындар"), &json!("regions")));
    assert_eq!(
        (&rows[0]["dataset"], &rows[1]["topic"]),
        (&Value::Null, &Value::Null),
        "empty cells are missing"
    );
    let twice = office.post("/requests", "text/csv", csv.replace("r1;", "r3;"));
    assert_eq!(twice.error(), (400, "request.body".to_owned()), "r2 is there");
    assert!(twice.text().contains("'r2'") && twice.json()["error"]["place"]["row"] == 2, "{}", twice.text());
    assert_eq!(office.site.sql("SELECT count(*) AS n FROM system.requests")[0]["n"], 2, "all or none");
    let open = csv.replace("r1;", "r4;").replace("r2;", "r5;").replace("Жаңарту", "\"Жаңарту");
    let open = office.post("/requests", "text/csv", open);
    assert_eq!(open.error(), (400, "request.body".to_owned()), "nothing closes the quotation mark");
    let place = &open.json()["error"]["place"];
    assert_eq!((&place["row"], &place["field"]), (&json!(2), &json!("column 4")), "{}", open.text());
    let list = Value::Array((0..300).map(|at| request(&format!("сұрау {at}"))).collect());
    assert_eq!(office.file(&list).json()["count"], 300);
    assert_eq!(office.site.sql("SELECT count(DISTINCT id) AS n FROM system.requests")[0]["n"], 302);
}

#[test]
fn what_cannot_be_kept_says_why() {
    let store = tempfile::tempdir().expect("a folder can be made");
    let office = Office::over(store.path(), "office");
    let with = |member: &str, value: Value| {
        let mut request = request("сұрау");
        match value {
            Value::Null => drop(request.as_object_mut().and_then(|members| members.remove(member))),
            value => request[member] = value,
        }
        office.file(&request)
    };
    for (member, value, said) in [
        ("kind", json!("delete"), "publish"),
        ("requester", json!(null), "requester"),
        ("text", json!("  "), "'text' is empty"),
        ("text", json!("ә".repeat(10_001)), "at most 10000"),
        ("received_at", json!("2126-01-01T00:00:00Z"), "yet to come"),
        ("received_at", json!("0202-11-01T00:00:00Z"), "from 2000 on"),
        ("received_at", json!("yesterday"), "2026-11-01T09:30:00+05:00"),
        ("phone", json!("+7 701"), "phone"),
    ] {
        let answer = with(member, value);
        assert_eq!(answer.error(), (400, "request.body".to_owned()), "{member}: {}", answer.text());
        assert!(answer.text().contains(said), "{member}: {}", answer.text());
    }
    let refused = json!({"event": "refused"}).to_string();
    let id = office.file(&request("сұрау")).json()["id"].as_str().expect("it has a name").to_owned();
    let answer = office.post(&format!("/requests/{id}/events"), "application/json", refused.clone());
    assert!(answer.status == 400 && answer.text().contains("the law's ground"), "{}", answer.text());
    assert_eq!(office.post("/requests/none/events", "application/json", refused).status, 400);
    let early = json!({"event": "sent", "at": "2020-10-05T00:00:00Z"}).to_string();
    let answer = office.post(&format!("/requests/{id}/events"), "application/json", early);
    assert!(answer.status == 400 && answer.text().contains("before the request"), "{}", answer.text());
    let event = json!({"event": "notified"}).to_string();
    assert_eq!(office.post("/requests/none/events", "application/json", event).status, 404);
    assert_eq!(office.site.get("/requests/none").status, 404);
    let without = office.site.send(
        Request::post("/requests").body(Body::from(request("сұрау").to_string())).expect("it is a request"),
    );
    assert_eq!(without.error(), (401, "request.unauthorized".to_owned()));
    assert!(without.text().contains("--can requests"), "{}", without.text());
    // The database itself refuses to forget.
    let database = rusqlite::Connection::open(store.path().join("requests.sqlite")).expect("it is there");
    for sql in ["DELETE FROM request", "UPDATE request SET text = ''", "DELETE FROM event"] {
        let failed = database.execute(sql, []);
        assert!(failed.is_err() || sql.ends_with("event"), "{sql}");
    }
    assert_eq!(office.site.sql("SELECT count(*) AS n FROM system.requests")[0]["n"], 1);
    let plain = Site::over_fixtures();
    assert_eq!(plain.sql("SELECT count(*) AS n FROM system.requests")[0]["n"], 0);
    assert_eq!(plain.get("/requests/none").error(), (409, "store.read_only".to_owned()));
    assert!(office.catalog.requests().expect("it is whole").is_some());
}

/// A large table is read in parts: each row once.
/// Of a day the report has all that happened up to its end in Kazakhstan; without one, all up to now.
#[test]
fn the_report_of_a_day_has_the_requests_of_the_day() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let office = Office::over(folder.path(), "integrator");
    for (text, at) in [
        ("Дәріханалардың жұмыс кестесі", "2026-10-03T23:59:59+05:00"),
        ("Аялдамалардың тізбесі", "2026-10-04T00:00:00+05:00"),
    ] {
        let mut request = request(text);
        request["received_at"] = json!(at);
        let answer = office.file(&request);
        assert_eq!(answer.status, 201, "{}", answer.text());
    }
    let report = |as_of: &str| {
        let page = office.site.get(&format!("/report?lang=ru{as_of}"));
        assert_eq!(page.status, 200, "{}", page.text());
        page.text().replace('\u{a0}', " ")
    };
    assert!(!report("&as_of=2026-10-02").contains("1 запрос по 1 теме:"));
    let of_the_day = report("&as_of=2026-10-03");
    assert!(of_the_day.contains("1 запрос по 1 теме:") && !of_the_day.contains("Аялдамалардың"));
    assert!(of_the_day.contains("по состоянию на 3 октября 2026 года"));
    assert!(report("&as_of=2026-10-04").contains("2 запроса по 2 темам:"));
    assert!(report("").contains("2 запроса по 2 темам:"), "nothing is left out of the report of now");
}

#[test]
fn many_requests_are_counted_once_each() {
    let store = tempfile::tempdir().expect("a folder can be made");
    let office = Office::over(store.path(), "office");
    let row = |at: u32| format!("q{at},publish,citizen,Сұрау,Орган {},Тақырып {}", at % 7, at % 11);
    let head = "id,kind,requester,text,body,topic".to_owned();
    let csv = std::iter::once(head).chain((0..60_000).map(row)).collect::<Vec<_>>().join("\n");
    assert_eq!(office.post("/requests", "text/csv", csv).json()["count"], 60_000);
    let rows = office
        .site
        .sql("SELECT count(*) AS n, count(DISTINCT id) AS ids, min(id) AS least FROM system.requests");
    assert_eq!(rows, [json!({"n": 60_000, "ids": 60_000, "least": "q0"})]);
    let demand = office
        .site
        .sql("SELECT subject, requests FROM assess.demand ORDER BY requests DESC, subject LIMIT 1");
    assert_eq!(demand, [json!({"subject": "тақырып 0", "requests": 5_455})]);
}

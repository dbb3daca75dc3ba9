//! What comes in: the place of each error, events of many requests, publications that are not here.

use serde_json::{Value, json};

use super::{Office, request};
use crate::site::Answer;

/// The row, the member and the message of an error.
#[track_caller]
fn place(answer: &Answer) -> (Value, Value, String) {
    assert_eq!(answer.error(), (400, "request.body".to_owned()), "{}", answer.text());
    let error = answer.json()["error"].clone();
    let message = error["message"].as_str().expect("it says something").to_owned();
    (error["place"]["row"].clone(), error["place"]["field"].clone(), message)
}

#[test]
fn an_error_in_json_names_its_row_and_member() {
    let store = tempfile::tempdir().expect("a folder can be made");
    let office = Office::over(store.path(), "office");
    let changed = |member: &str, value: Value| {
        let mut request = request("сұрау");
        request[member] = value;
        request
    };
    let mut without = request("сұрау");
    without.as_object_mut().expect("it is an object").remove("requester");
    for (wrong, member, said) in [
        (changed("text", json!(5)), "text", "expected a string"),
        (changed("kind", json!("delete")), "kind", "expected `publish` or `update`"),
        (changed("phone", json!("+7 701")), "phone", "expected one of `id`"),
        (changed("received_at", json!("кеше")), "received_at", "2026-11-01T09:30:00+05:00"),
        (changed("body", Value::Null), "body", "expected a string"),
        (without, "requester", "is missing in a request"),
    ] {
        let list = json!([request("бірінші"), wrong]);
        let (row, field, message) = place(&office.file(&list));
        assert_eq!((row, field), (json!(2), json!(member)), "{message}");
        assert!(message.contains(said), "{member}: {message}");
        let (row, field, message) = place(&office.file(&list[1]));
        assert_eq!((row, field), (Value::Null, json!(member)), "one alone has no row: {message}");
    }
    let (row, _, message) = place(&office.file(&json!([request("бірінші"), 7])));
    assert!(row == 2 && message.contains("found a number"), "{message}");
    let broken = office.post("/requests", "application/json", "[\n {\"kind\": }]");
    assert_eq!(broken.json()["error"]["place"]["line"], 2, "{}", broken.text());
    for (id, said) in [
        ("events", "an address of its own"),
        (".", "an address of its own"),
        ("..", "an address of its own"),
        ("#7", "begin with #"),
        ("900101300017", "tells of a person (iin)"),
        ("Ахметов Болат Серікұлы 2026/1", "tells of a person (full_name)"),
    ] {
        let list = json!([request("бірінші"), changed("id", json!(id))]);
        let (row, field, message) = place(&office.file(&list));
        assert_eq!((row, field), (json!(2), json!("id")), "{message}");
        assert!(message.contains(said) && (id.len() < 10 || !message.contains(id)), "{message}");
    }
    let (row, field, _) = place(&office.file(&changed("id", json!("900101300017"))));
    assert_eq!((row, field), (Value::Null, json!("id")));
    assert_eq!(office.site.sql("SELECT count(*) AS n FROM system.requests")[0]["n"], 0, "none was kept");
}

#[test]
fn an_error_in_a_table_names_its_row_and_column() {
    let store = tempfile::tempdir().expect("a folder can be made");
    let office = Office::over(store.path(), "office");
    let good = "publish,citizen,Мектептер,Әкімдік";
    for (head, row, member, said) in [
        ("kind,requester,text,body", "delete,citizen,Ә,Ә", "kind", "expected `publish` or `update`"),
        ("kind,requester,text,body", "publish,citizen,,Ә", "text", "empty"),
    ] {
        let (at, field, message) =
            place(&office.post("/requests", "text/csv", format!("{head}\n{good}\n{row}\n")));
        assert_eq!((at, field), (json!(2), json!(member)), "{message}");
        assert!(message.contains(said), "{message}");
    }
    let (at, field, message) =
        place(&office.post("/requests", "text/csv", format!("kind,requester,text,body,phone\n{good},\n")));
    assert_eq!((at, field), (json!(1), json!("phone")), "a column that nobody knows: {message}");
    let (at, field, message) = place(&office.post(
        "/requests",
        "text/csv",
        format!("kind,requester,text,body,received_at\n{good},2026-13-01\n"),
    ));
    assert_eq!((at, field), (json!(1), json!("received_at")), "{message}");
    let short = office.post("/requests", "text/csv", format!("kind,requester,text,body\n{good}\npublish\n"));
    let (at, _, message) = place(&short);
    assert!(at == 2 && message.contains("1 cells; expected 4"), "{message}");
    let mut windows = format!("kind,requester,text,body\n{good}\n").into_bytes();
    windows.extend(b"publish,citizen,\xcc\xe5\xea\xf2\xe5\xef,x\n");
    let (at, field, message) = place(&office.post("/requests", "text/csv", windows));
    assert_eq!((at, field), (json!(2), json!("text")), "{message}");
    let version = office.post("/requests/events", "text/csv", "request,event,version\nr1,published,үш\n");
    let (at, field, message) = place(&version);
    assert_eq!((at, field), (json!(1), json!("version")), "{message}");
    assert!(message.contains("expected a whole number; found 'үш'"), "{message}");
    assert_eq!(office.site.sql("SELECT count(*) AS n FROM system.requests")[0]["n"], 0, "none was kept");
}

#[test]
fn events_of_many_requests_come_at_once() {
    let store = tempfile::tempdir().expect("a folder can be made");
    let office = Office::over(store.path(), "office");
    let csv = "id,kind,requester,text,body,received_at\n\
               r1,publish,citizen,Мектептер,Әкімдік,2026-01-31\n\
               2026/7 ә,update,business,Жаңарту,Әкімдік,2026-02-01\n";
    assert_eq!(office.post("/requests", "text/csv", csv).json()["count"], 2);
    let events = |second: &str| {
        format!(
            "request;at;event;reason\nr1;2026-02-03;processed;\n{second};2026-02-04;refused;Заңның 11-бабы\n"
        )
    };
    let unknown = office.post("/requests/events", "text/csv", events("r9"));
    assert_eq!(unknown.error(), (404, "catalog.unknown_object".to_owned()), "{}", unknown.text());
    assert_eq!(unknown.json()["error"]["place"]["row"], 2);
    let count = || office.site.sql("SELECT count(*) AS n FROM system.request_events")[0]["n"].clone();
    assert_eq!(count(), 0, "all or none");
    let noted = office.post("/requests/events", "text/csv", events("2026/7 ә"));
    assert_eq!((noted.status, noted.json()), (201, json!({"added": 2, "warnings": []})), "{}", noted.text());
    assert_eq!(count(), 2);
    let status = office.site.get("/requests/2026%2F7%20%D3%99").json();
    assert_eq!(
        (&status["state"], &status["events"][0]["reason"]),
        (&json!("refused"), &json!("Заңның 11-бабы"))
    );
    let nameless = office.post("/requests/events", "application/json", r#"[{"event": "sent"}]"#);
    let (row, field, message) = place(&nameless);
    assert_eq!((row, field), (json!(1), json!("request")), "{message}");
    let other =
        office.post("/requests/r1/events", "application/json", r#"{"request": "r2", "event": "sent"}"#);
    let (row, field, message) = place(&other);
    assert_eq!((row, field), (Value::Null, json!("request")), "{message}");
    assert!(message.contains("'r2'") && message.contains("'r1'"), "{message}");
    let read = office.site.get("/requests/events");
    assert_eq!((read.status, read.header("allow")), (405, Some("POST")), "no request is called so");
    let open = office.site.ask("POST", "/requests/events", &[]);
    assert_eq!(open.error(), (401, "request.unauthorized".to_owned()));
}

#[test]
fn a_name_that_is_no_part_of_an_address_is_written_so_that_it_is() {
    let store = tempfile::tempdir().expect("a folder can be made");
    let office = Office::over(store.path(), "office");
    let mut named = request("сұрау");
    named["id"] = json!("Ө 1/2?");
    let filed = office.file(&named);
    let place = filed.header("location").expect("it leads to the request").to_owned();
    assert_eq!(place, "/requests/%D3%A8%201%2F2%3F");
    assert_eq!(office.site.get(&place).json()["id"], "Ө 1/2?");
}

#[test]
fn a_publication_that_is_not_here_is_kept_and_told() {
    let store = tempfile::tempdir().expect("a folder can be made");
    let office = Office::with(&[crate::fixtures().join("regions.json")], store.path(), "office");
    let published = |dataset: &str, version: Value| json!({"event": "published", "at": "2026-10-20", "dataset": dataset, "version": version});
    let events = json!([
        published("regions", json!(1)),
        published("regions", json!(9)),
        published("pharmacies", json!(3)),
        published("pharmacies", json!(3)),
        published("regions", Value::Null),
        {"event": "published", "at": "2026-10-20"},
        {"event": "notified"},
    ]);
    let id = office.file(&request("сұрау")).json()["id"].as_str().expect("it has a name").to_owned();
    let noted = office.post(&format!("/requests/{id}/events"), "application/json", events.to_string());
    assert_eq!((noted.status, &noted.json()["added"]), (201, &json!(7)), "{}", noted.text());
    assert_eq!(
        noted.json()["warnings"],
        json!([
            {"row": 3, "field": "dataset",
             "message": "no dataset 'pharmacies' is published here, and 2 events tell of it"},
            {"row": 2, "field": "version", "message": "dataset 'regions' has no version 9 here"},
        ])
    );
}

#[test]
fn what_tells_of_persons_is_masked_wherever_it_is_kept() {
    let store = tempfile::tempdir().expect("a folder can be made");
    let office = Office::over(store.path(), "office");
    let mut asked = request("Менің атым Ахметов Болат Серікұлы, тізім керек");
    asked["body"] = json!("Ахметов Болат Серікұлы, нотариус");
    asked["topic"] = json!("ЖСН 900101300017 бойынша");
    let reason = "ЖСН 900101300017 иесі туралы, заңның 11-бабы";
    let id = office.told(&asked, &json!([{"event": "refused", "at": "2026-10-05", "reason": reason}]));
    let told = [
        office.site.get(&format!("/requests/{id}")).text().to_owned(),
        office.site.get(&format!("/requests/{id}?format=html")).text().to_owned(),
        json!(office.site.sql("SELECT * FROM system.requests")).to_string(),
        json!(office.site.sql("SELECT * FROM system.request_events")).to_string(),
    ];
    for told in &told {
        assert!(!told.contains("900101300017") && !told.contains("Болат Серікұлы"), "{told}");
    }
    assert!(told[0].contains("заңның 11-бабы") && told[0].contains(", нотариус"), "{}", told[0]);
}

#[test]
fn names_and_texts_have_no_signs_that_nobody_sees() {
    let store = tempfile::tempdir().expect("a folder can be made");
    let office = Office::over(store.path(), "office");
    for (member, value) in [("id", " r1"), ("text", "сұ\u{0}рау"), ("topic", "тақы\u{1b}рып")] {
        let mut wrong = request("сұрау");
        wrong[member] = json!(value);
        let answer = office.file(&wrong);
        assert_eq!(answer.error(), (400, "request.body".to_owned()), "{member}: {}", answer.text());
        assert_eq!(answer.field(), member);
    }
    let mut lines = request("бір\nекі\tүш");
    lines["id"] = json!("r1");
    assert_eq!(office.file(&lines).status, 201);
    // One person, however the number is written.
    for (id, contact) in [("a", "+7 701 123-45-67"), ("b", "87011234567"), ("c", "8 (701) 123 45 68")] {
        let mut filed = request("сұрау");
        (filed["id"], filed["contact"]) = (json!(id), json!(contact));
        assert_eq!(office.file(&filed).status, 201);
    }
    let hashes = office
        .site
        .sql("SELECT requester_hash AS h FROM system.requests WHERE id IN ('a', 'b', 'c') ORDER BY id");
    assert_eq!(hashes[0], hashes[1]);
    assert_ne!(hashes[0], hashes[2]);
}

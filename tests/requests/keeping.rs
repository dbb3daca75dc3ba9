//! How rows are kept: when, never in the place of others, and while others are read.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::RecordBatch;
use chrono::Utc;
use derek::catalog::{
    Access, Catalog, EventKind, Filed, Happened, LoadOptions, RequestForm, RequestTable, Store, records,
};
use derek::error::Code;
use rusqlite::Connection;
use serde_json::json;

use super::{Office, request};
use crate::site::Site;

/// The file of requests, opened by somebody else.
fn foreign(store: &Path) -> Connection {
    Connection::open(store.join("requests.sqlite")).expect("it can be opened")
}

#[test]
fn when_a_row_was_written_is_told_whatever_it_says() {
    let store = tempfile::tempdir().expect("a folder can be made");
    let office = Office::over(store.path(), "Әкімдік");
    let before = Utc::now().format("%Y-%m-%dT%H:%M:%S").to_string();
    let events = json!([{"event": "published", "at": "2026-10-04T06:00:00Z", "dataset": "дәріханалар"}]);
    office.told(&request("Дәріханалар тізімі керек"), &events);
    let told = office.site.sql(&format!(
        "SELECT e.written_by, e.at < e.kept_at AS is_backdated, \
         CAST(e.kept_at AS TIMESTAMP) >= CAST('{before}' AS TIMESTAMP) AS is_now, \
         CAST(r.kept_at AS TIMESTAMP) >= CAST('{before}' AS TIMESTAMP) AS is_filed_now, \
         r.kept_at <= e.kept_at AS is_in_turn \
         FROM system.request_events e JOIN system.requests r ON r.id = e.request"
    ));
    assert_eq!(
        told,
        [json!({
            "written_by": "Әкімдік", "is_backdated": true, "is_now": true, "is_filed_now": true, "is_in_turn": true,
        })]
    );
    // Who filed a request may be one of few who go to a desk.
    let columns = office.site.sql(
        "SELECT column_name FROM information_schema.columns \
         WHERE table_schema = 'system' AND table_name = 'requests' AND column_name IN ('written_by', 'kept_at')",
    );
    assert_eq!(columns, [json!({"column_name": "kept_at"})]);
}

/// The tables as they were when no row had its moment, with a row in each.
const OLD: &str = "
    CREATE TABLE request (
        number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, is_named INTEGER NOT NULL,
        received_at_ms INTEGER NOT NULL, kind TEXT NOT NULL, requester TEXT NOT NULL, requester_hash TEXT,
        text TEXT NOT NULL, body TEXT NOT NULL, dataset TEXT, topic TEXT, written_by TEXT NOT NULL) STRICT;
    CREATE TABLE event (
        number INTEGER PRIMARY KEY, request TEXT NOT NULL REFERENCES request (id), at_ms INTEGER NOT NULL,
        event TEXT NOT NULL, dataset TEXT, version INTEGER, reason TEXT, written_by TEXT NOT NULL) STRICT;
    CREATE TABLE salt (salt BLOB NOT NULL) STRICT;
    INSERT INTO request VALUES (1, 'r1', 1, 1741590000000, 'publish', 'citizen', NULL, 'Мектептер', 'Әкімдік', NULL,
        NULL, 'office');
    INSERT INTO event VALUES (1, 'r1', 1743746400000, 'sent', NULL, NULL, NULL, '');";

const BOTH: &str = "SELECT r.id, e.event, e.written_by, r.kept_at IS NULL AS is_old_request, \
    e.kept_at IS NULL AS is_old_event FROM system.requests r JOIN system.request_events e ON e.request = r.id \
    ORDER BY r.id";

#[test]
fn a_file_of_an_older_program_is_read_and_written_on() {
    let store = tempfile::tempdir().expect("a folder can be made");
    drop(Store::open(store.path(), Access::Write).expect("it can be made"));
    foreign(store.path()).execute_batch(OLD).expect("it can be written");
    let old = json!({
        "id": "r1", "event": "sent", "written_by": null, "is_old_request": true, "is_old_event": true,
    });
    let opened = Arc::new(Store::open(store.path(), Access::Read).expect("it is a store"));
    let catalog = Catalog::new(&[], LoadOptions::default()).with_store(opened);
    catalog.load_all(None).expect("it can be read");
    let reader = Site::of_catalog(&Arc::new(catalog));
    assert_eq!(reader.sql(BOTH), std::slice::from_ref(&old), "who only reads cannot change it");
    drop(reader);
    let office = Office::over(store.path(), "office");
    let mut named = request("Жолдар");
    named["id"] = json!("r2");
    office.told(&named, &json!([{"event": "processed"}]));
    let fresh = json!({
        "id": "r2", "event": "processed", "written_by": "office", "is_old_request": false, "is_old_event": false,
    });
    assert_eq!(office.site.sql(BOTH), [old, fresh]);
    drop(office);
    drop(crate::site::alone(store.path()));
    // One that a newer program has written is not written on.
    foreign(store.path()).execute_batch("PRAGMA user_version = 2").expect("it can be written");
    let error = crate::site::alone(store.path()).requests().expect_err("its layout is not known");
    assert!(error.code == Code::StoreDamaged && error.message.contains("layout 2"), "{error}");
}

#[test]
fn no_row_takes_the_place_of_another() {
    let store = tempfile::tempdir().expect("a folder can be made");
    let office = Office::over(store.path(), "office");
    let mut named = request("Дәріханалар тізімі керек");
    named["id"] = json!("r1");
    office.told(&named, &json!([{"event": "refused", "reason": "Заңның 11-бабы"}]));
    let database = foreign(store.path());
    let others = "is_named, received_at_ms, kind, requester, body, written_by";
    for sql in [
        format!(
            "REPLACE INTO request (number, id, text, {others}) SELECT number, 'r9', 'ә', {others} FROM request"
        ),
        format!("REPLACE INTO request (id, text, {others}) SELECT id, 'ә', {others} FROM request"),
        format!(
            "INSERT INTO request (id, text, {others}) SELECT id, 'ә', {others} FROM request WHERE true \
             ON CONFLICT (id) DO UPDATE SET text = excluded.text"
        ),
        "REPLACE INTO event (number, request, at_ms, event, written_by) \
         SELECT number, request, at_ms, 'published', written_by FROM event"
            .to_owned(),
    ] {
        let error = database.execute(&sql, []).expect_err("it would overwrite a row");
        assert!(error.to_string().contains("only added"), "{sql}: {error}");
    }
    let kept = office.site.sql(
        "SELECT r.id, r.text, e.event FROM system.requests r JOIN system.request_events e ON e.request = r.id",
    );
    assert_eq!(kept, [json!({"id": "r1", "text": "Дәріханалар тізімі керек", "event": "refused"})]);
    assert_eq!(office.file(&request("Мектептер")).status, 201, "what is new is added");
}

fn filed(id: &str) -> Filed {
    let body = json!({
        "id": id, "kind": "publish", "requester": "citizen", "text": "Мектептер", "body": "Әкімдік",
        "received_at": "2025-03-10T12:00:00+05:00",
    });
    let (mut filed, _) = records(RequestForm::Json, body.to_string().as_bytes()).expect("it is a request");
    filed.pop().expect("there is one")
}

fn sent(id: &str) -> Happened {
    Happened {
        request: Some(id.to_owned()),
        at: None,
        event: EventKind::Sent,
        dataset: None,
        version: None,
        reason: None,
    }
}

#[test]
fn who_reads_waits_for_nobody_who_writes() {
    let store = tempfile::tempdir().expect("a folder can be made");
    let opened = Store::open(store.path(), Access::Write).expect("it can be made");
    let requests = opened.requests().expect("it can be opened").expect("it is opened for writing");
    requests.file(&[filed("r1")], (Utc::now(), ""), || [7; 16]).expect("it can be kept");
    // Somebody else writes, so that the writer waits, as long as an import takes; it would for ten seconds.
    let other = foreign(store.path());
    other.execute_batch("BEGIN IMMEDIATE").expect("nobody writes yet");
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| requests.note(&[sent("r1")], (Utc::now(), "")));
        std::thread::sleep(Duration::from_millis(300));
        let started = Instant::now();
        for table in RequestTable::ALL {
            let rows: usize =
                requests.table(table).expect("it can be read").iter().map(RecordBatch::num_rows).sum();
            assert_eq!(rows, usize::from(table == RequestTable::Requests), "{table:?}");
        }
        assert!(requests.status("r1").expect("it is there").events.is_empty());
        assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
        other.execute_batch("COMMIT").expect("it wrote nothing");
        writer.join().expect("it ends").expect("it has waited");
    });
    assert_eq!(requests.status("r1").expect("it is there").events.len(), 1, "what was written is read");
    drop(other);
    drop((requests, opened));
    assert!(!store.path().join("requests.sqlite-wal").exists(), "no log is left beside the file");
}

/// Of two files the one that fails is told, and neither is kept.
#[test]
fn requests_and_events_are_kept_together() {
    let store = tempfile::tempdir().expect("a folder can be made");
    let opened = Store::open(store.path(), Access::Write).expect("it can be made");
    let requests = opened.requests().expect("it can be opened").expect("it is opened for writing");
    let import = |filed: &[Filed], happened: &[Happened]| {
        requests.import((filed, happened), (Utc::now(), ""), || [7; 16])
    };
    let (table, error) = import(&[filed("r1")], &[sent("r1"), sent("r2")]).expect_err("there is no r2");
    assert_eq!((table, error.code), (RequestTable::Events, Code::CatalogUnknownObject));
    assert_eq!(requests.status("r1").expect_err("nothing was kept").code, Code::CatalogUnknownObject);
    let (table, error) = import(&[filed("r1"), filed("r1")], &[]).expect_err("both have one name");
    assert_eq!((table, error.code), (RequestTable::Requests, Code::RequestBody));
    assert_eq!(import(&[filed("r1")], &[sent("r1")]).expect("it can be kept"), ["r1"]);
    assert_eq!(requests.status("r1").expect("it is there").events.len(), 1);
    drop(requests);
    drop(opened);
    let reader = Store::open(store.path(), Access::Read).expect("it is a store");
    let requests = reader.requests().expect("it can be opened").expect("it is there");
    let error = requests.note(&[sent("r1")], (Utc::now(), "")).expect_err("it was opened for reading");
    assert_eq!(error.code, Code::StoreReadOnly);
}

/// Who is told of a fault sends again: what is kept is told to be, also where nothing more can be told of it.
#[test]
fn what_is_kept_is_answered_so_whatever_fails_afterwards() {
    let store = tempfile::tempdir().expect("a folder can be made");
    let office = Office::over(store.path(), "office");
    let id = office.file(&request("сұрау")).json()["id"].as_str().expect("it has a name").to_owned();
    let ledger = Connection::open(store.path().join("ledger.sqlite")).expect("it is there");
    ledger.execute_batch("ALTER TABLE version RENAME TO elsewhere").expect("nobody writes");
    let published = json!({"event": "published", "dataset": "дәріханалар"});
    let noted = office.post(&format!("/requests/{id}/events"), "application/json", published.to_string());
    let answer = noted.json();
    assert_eq!(
        (noted.status, &answer["added"], &answer["warnings"]),
        (201, &json!(1), &json!([])),
        "{answer}"
    );
    assert_eq!(answer["events"].as_array().map(Vec::len), Some(1), "{answer}");
    assert_eq!(office.site.sql("SELECT count(*) AS n FROM system.request_events"), [json!({"n": 1})]);
}

/// A bare day is one of Kazakhstan, and what happened on the day of receipt happened after it.
#[test]
fn a_day_without_its_hour_is_one_of_kazakhstan() {
    let store = tempfile::tempdir().expect("a folder can be made");
    let office = Office::over(store.path(), "office");
    let mut named = request("сұрау");
    named["received_at"] = json!("2025-11-01T12:00:00+05:00");
    let noted = |id: &str, at: &str| {
        let event = json!({"event": "sent", "at": at}).to_string();
        office.post(&format!("/requests/{id}/events"), "application/json", event)
    };
    for (at, kept) in [
        ("2025-11-01", Some("2025-11-01T07:00:00Z")),
        ("2025-11-02", Some("2025-11-01T19:00:00Z")),
        ("2025-10-31", None),
        ("2025-11-01T11:59:59+05:00", None),
        ("2025-11-01T00:00:00+05:00", None),
        ("2025-11-01T12:00:00+05:00", Some("2025-11-01T07:00:00Z")),
    ] {
        let id = office.file(&named).json()["id"].as_str().expect("it has a name").to_owned();
        let answer = noted(&id, at);
        let found = answer.json()["events"][0]["at"].clone();
        assert_eq!((answer.status, found), (if kept.is_some() { 201 } else { 400 }, json!(kept)), "{at}");
        assert!(kept.is_some() || answer.text().contains("2025-11-01T07:00:00Z"), "{}", answer.text());
    }
    let mut received = |day: &str| {
        named["received_at"] = json!(day);
        let id = office.file(&named).json()["id"].as_str().expect("it has a name").to_owned();
        office.site.get(&format!("/requests/{id}")).json()["received_at"].clone()
    };
    assert_eq!(received("2025-11-01"), "2025-10-31T19:00:00Z");
    assert_eq!(received("2000-01-01"), "1999-12-31T19:00:00Z");
}

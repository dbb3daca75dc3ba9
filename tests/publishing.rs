//! Publishing over HTTP: who may, what is answered, and what is there afterwards.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::Body;
use axum::http::Request;
use chrono::{TimeDelta, Utc};
use derek::catalog::{Access, Catalog, LoadOptions, Permission, Store, Token};
use serde_json::{Value, json};

use crate::site::{Answer, Site};

/// A server over a store.
struct Publisher {
    site: Site,
    catalog: Arc<Catalog>,
    folder: tempfile::TempDir,
}

impl Publisher {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let catalog = Arc::new(over(folder.path(), Access::Write));
        Self { site: Site::of_catalog(&catalog), catalog, folder }
    }

    fn token(&self, name: &str, can: &[Permission], days: i64) -> String {
        let token = Token {
            name: name.to_owned(),
            can: can.to_vec(),
            created_at: Utc::now(),
            expires_at: Some(Utc::now() + TimeDelta::days(days)),
            revoked_at: None,
        };
        let random = *blake3::hash(name.as_bytes()).as_bytes();
        self.catalog.store().expect("it has a store").create_token(&token, random).expect("it can be kept")
    }

    fn send(&self, method: &str, uri: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.site.send(request.body(Body::from(body)).expect("it is a request"))
    }

    fn put(&self, uri: &str, token: &str, body: Vec<u8>) -> Answer {
        self.send("PUT", uri, &[("authorization", &format!("Bearer {token}"))], body)
    }
}

fn over(store: &Path, access: Access) -> Catalog {
    let store = Arc::new(Store::open(store, access).expect("it is a store"));
    let catalog = Catalog::new(&[], LoadOptions::default()).with_store(store);
    catalog.load_all(None).expect("it can be read");
    catalog
}

fn document(name: &str, rows: &[Value]) -> Vec<u8> {
    let fields = json!({"id": {"type": "Int", "pkey": true}, "v": {"type": "Int"}});
    json!({"meta": {"apiUri": name}, "fields": fields, "data": rows}).to_string().into_bytes()
}

fn rows(count: i64, v: i64) -> Vec<Value> {
    (0..count).map(|id| json!({"id": id, "v": v})).collect()
}

#[test]
fn nobody_writes_without_a_token_for_it() {
    let publisher = Publisher::new();
    let body = document("a", &rows(1, 1));
    let none = publisher.send("PUT", "/datasets/a", &[], body.clone());
    assert_eq!(none.error(), (401, "request.unauthorized".to_owned()));
    assert_eq!(none.header("www-authenticate"), Some("Bearer"));
    assert!(
        none.text().contains("derek token create --store DIR --name NAME --can publish:a"),
        "{}",
        none.text()
    );
    let a = publisher.token("a", &[Permission::Publish("a".to_owned())], 1);
    let old = publisher.token("old", &[Permission::All], -1);
    let gone = publisher.token("gone", &[Permission::All], 1);
    let requests = publisher.token("requests", &[Permission::Requests], 1);
    assert!(publisher.catalog.store().expect("a store").revoke_token("gone", Utc::now()).expect("it can be"));
    let nearly = format!("{}x", &a[..a.len() - 1]);
    for wrong in [old.as_str(), &gone, &nearly, "", "derek_"] {
        assert_eq!(publisher.put("/datasets/a", wrong, body.clone()).error().0, 401, "{wrong}");
    }
    assert_eq!(
        publisher.put("/datasets/a", &requests, body.clone()).error(),
        (403, "request.forbidden".to_owned())
    );
    let other = publisher.put("/datasets/b", &a, document("b", &rows(1, 1)));
    assert!(other.status == 403 && other.text().contains("publish:a, not for publish:b"), "{}", other.text());
    assert_eq!(publisher.put("/datasets/a", &a, body.clone()).status, 201);
    for wrong in [old.as_str(), &gone, &nearly, "", "derek_"] {
        let headers = [("authorization", format!("Bearer {wrong}"))];
        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        assert_eq!(publisher.send("DELETE", "/datasets/a", &headers, Vec::new()).status, 401, "{wrong}");
    }
    let delete = publisher.send(
        "DELETE",
        "/datasets/a",
        &[("authorization", &format!("Bearer {requests}"))],
        Vec::new(),
    );
    assert_eq!(delete.status, 403);
    let twice = publisher.catalog.store().expect("a store").tokens().expect("they can be read");
    assert_eq!(twice.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["a", "gone", "old", "requests"]);
    let ledger = std::fs::read(publisher.folder.path().join("ledger.sqlite")).expect("it is there");
    let wal = std::fs::read(publisher.folder.path().join("ledger.sqlite-wal")).unwrap_or_default();
    let holds = |bytes: &[u8]| bytes.windows(a.len()).any(|it| it == a.as_bytes());
    assert!(!holds(&ledger) && !holds(&wal), "secrets are not kept");
}

#[test]
fn a_document_is_a_version_and_the_same_bytes_are_none() {
    let publisher = Publisher::new();
    let token = publisher.token("publisher", &[Permission::All], 1);
    let first = publisher.put("/datasets/a", &token, document("a", &rows(2, 1)));
    assert_eq!((first.status, first.header("etag")), (201, Some("\"v1\"")));
    let said = first.json();
    assert_eq!((&said["version"], &said["rows"], &said["is_new"]), (&json!(1), &json!(2), &json!(true)));
    assert!(said["findings"]["warnings"].as_u64().is_some_and(|count| count > 0), "{said}");
    let same = publisher.put("/datasets/a", &token, document("a", &rows(2, 1)));
    assert_eq!(
        (same.status, &same.json()["version"], &same.json()["is_new"]),
        (200, &json!(1), &json!(false))
    );
    let dry = publisher.put("/datasets/a?dry_run=true", &token, document("a", &rows(3, 2)));
    assert_eq!((dry.status, &dry.json()["version"], &dry.json()["rows"]), (200, &json!(2), &json!(3)));
    assert_eq!(publisher.site.get("/datasets/a/rows").rows().len(), 2, "nothing changed");
    assert_eq!(publisher.put("/datasets/a", &token, document("a", &rows(3, 2))).status, 201);
    assert_eq!(publisher.site.get("/datasets/a/rows").rows().len(), 3);
    let guarded = |version: &str| {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str()), ("if-match", version)];
        publisher.send("PUT", "/datasets/a", &headers, document("a", &rows(4, 3)))
    };
    let late = guarded("\"v1\"");
    assert_eq!(late.error(), (412, "request.precondition".to_owned()));
    assert!(late.text().contains("version 2 is there"), "{}", late.text());
    assert_eq!(guarded("W/\"abc\"").error().0, 412);
    assert_eq!(
        (guarded("\"v2\"").status, publisher.site.get("/datasets/a").json()["version"].clone()),
        (201, json!(3))
    );
    let versions = publisher.site.get("/datasets/a/versions").rows();
    let named: Vec<&Value> = versions.iter().map(|it| &it["written_by"]).collect();
    assert_eq!((versions.len(), named[0]), (3, &json!("publisher")));
    let incoming = std::fs::read_dir(publisher.folder.path().join("incoming")).expect("it is there");
    assert_eq!(incoming.count(), 0, "what was received is put away");
}

#[test]
fn what_was_seen_must_still_be_there() {
    let publisher = Publisher::new();
    let token = publisher.token("publisher", &[Permission::All], 1);
    let put = |v: i64, seen: Option<&str>| {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str()), ("if-match", seen.unwrap_or_default())];
        let headers = if seen.is_some() { &headers[..] } else { &headers[..1] };
        publisher.send("PUT", "/datasets/a", headers, document("a", &rows(2, v))).status
    };
    let tag = || publisher.site.get("/datasets/a").header("etag").map(str::to_owned).expect("it has a tag");
    assert_eq!(put(1, None), 201);
    let seen = tag();
    assert_eq!((put(2, None), put(3, Some(&seen))), (201, 412), "somebody was quicker");
    assert_eq!((put(3, Some(&tag())), put(4, Some("\"v3\""))), (201, 201));
}

#[test]
fn what_is_refused_changes_nothing() {
    let publisher = Publisher::new();
    let token = publisher.token("publisher", &[Permission::All], 1);
    assert_eq!(publisher.put("/datasets/a", &token, document("a", &rows(2, 1))).status, 201);
    let bad = document("a", &[json!({"id": "x", "v": 1})]);
    for (uri, body, status, code) in [
        ("/datasets/a", b"{\"data\": [".to_vec(), 422, "document.syntax"),
        ("/datasets/a", b"<html>gone</html>".to_vec(), 422, "document."),
        ("/datasets/a", Vec::new(), 422, "document."),
        ("/datasets/a", b"[]".to_vec(), 400, "request.body"),
        ("/datasets/a?strict=true", bad.clone(), 422, "document.strict"),
        ("/datasets/a", document("b", &rows(1, 1)), 400, "request.body"),
        ("/datasets/a?strict=yes", bad.clone(), 400, "request.parameter"),
        ("/datasets/a%2Fb", document("a/b", &rows(1, 1)), 400, "request.parameter"),
    ] {
        let answer = publisher.put(uri, &token, body);
        let (found, given) = answer.error();
        assert!(found == status && given.starts_with(code), "{uri}: {}", answer.text());
        assert!(!answer.text().contains("incoming"), "no folder is told: {}", answer.text());
        assert_eq!(publisher.site.get("/datasets/a/rows").rows().len(), 2);
    }
    assert_eq!(publisher.put("/datasets/a", &token, bad).status, 201, "findings are no refusal");
    let without_store = Site::over_fixtures();
    let request = Request::put("/datasets/regions").body(Body::from("{}")).expect("it is a request");
    let answer = without_store.send(request);
    assert_eq!(answer.error(), (409, "store.read_only".to_owned()));
}

#[test]
fn any_form_is_taken_and_references_heal() {
    let publisher = Publisher::new();
    let token = publisher.token("publisher", &[Permission::All], 1);
    let cities = std::fs::read(crate::fixtures().join("cities.json")).expect("it is there");
    assert_eq!(publisher.put("/datasets/cities", &token, cities).status, 201);
    let of = |site: &Site| site.get("/links").rows()[0]["is_resolved"].clone();
    assert_eq!(of(&publisher.site), json!(false));
    let regions = std::fs::read(crate::fixtures().join("regions.json")).expect("it is there");
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&regions).expect("it can be packed");
    let packed = packed.finish().expect("it can be packed");
    assert_eq!(publisher.put("/datasets/regions", &token, packed.clone()).status, 201);
    assert_eq!(of(&publisher.site), json!(true));
    assert_eq!(
        publisher.site.get("/datasets/cities/rows/1526273?select=region.nameKk").json()["region"]["nameKk"],
        "Астана қаласы"
    );
    assert_eq!(publisher.site.get("/datasets/regions/document").body, packed, "its own bytes");
    let xml = "<dataset><meta><apiUri>x</apiUri></meta><fields><id><type>Int</type></id></fields><data><row><id>7</id></row></data></dataset>";
    assert_eq!(publisher.put("/datasets/x", &token, xml.as_bytes().to_vec()).status, 201);
    assert_eq!(publisher.site.get("/datasets/x/rows").rows(), [json!({"id": 7})]);
    let nameless = publisher.put(
        "/datasets/%D2%9B%D0%B0%D0%BB%D0%B0",
        &token,
        b"{\"fields\": {\"id\": {\"type\": \"Int\"}}, \"data\": [{\"id\": 1}]}".to_vec(),
    );
    assert_eq!((nameless.status, &nameless.json()["dataset"]), (201, &json!("қала")), "named by its address");
    let Publisher { site, catalog, folder } = publisher;
    drop((site, catalog));
    let again = Site::of_catalog(&Arc::new(over(folder.path(), Access::Read)));
    assert_eq!(of(&again), json!(true));
    assert_eq!(again.get(&crate::site::address("/datasets/қала/rows")).rows(), [json!({"id": 1})]);
}

#[test]
fn a_packed_document_may_say_so() {
    let publisher = Publisher::new();
    let token = publisher.token("publisher", &[Permission::All], 1);
    let bearer = format!("Bearer {token}");
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&document("a", &rows(2, 1))).expect("a vector takes all bytes");
    let packed = encoder.finish().expect("a vector takes all bytes");
    let put = |coding: &str, body: Vec<u8>| {
        let headers = [("authorization", bearer.as_str()), ("content-encoding", coding)];
        publisher.send("PUT", "/datasets/a", &headers, body)
    };
    let unknown = put("br", packed.clone());
    assert_eq!(unknown.error(), (415, "request.encoding".to_owned()));
    assert_eq!(publisher.site.get("/datasets/a").status, 404, "nothing is published");
    let answer = put("gzip", packed);
    assert_eq!((answer.status, &answer.json()["rows"]), (201, &json!(2)), "{}", answer.text());
    assert_eq!(publisher.site.get("/datasets/a/rows").rows().len(), 2);
}

#[test]
fn a_deleted_dataset_is_gone_and_its_versions_stay() {
    let publisher = Publisher::new();
    let token = publisher.token("publisher", &[Permission::All], 1);
    let bearer = format!("Bearer {token}");
    for v in 1..3 {
        assert_eq!(publisher.put("/datasets/a", &token, document("a", &rows(2, v))).status, 201);
    }
    let late = publisher.send(
        "DELETE",
        "/datasets/a",
        &[("authorization", &bearer), ("if-match", "\"v1\"")],
        Vec::new(),
    );
    assert_eq!(late.status, 412);
    let deleted = publisher.send("DELETE", "/datasets/a", &[("authorization", &bearer)], Vec::new());
    assert_eq!((deleted.status, &deleted.json()["version"]), (200, &json!(3)));
    assert_eq!(publisher.site.get("/datasets/a/rows").error().0, 404);
    assert_eq!(
        publisher.send("DELETE", "/datasets/a", &[("authorization", &bearer)], Vec::new()).status,
        404
    );
    let versions = publisher
        .site
        .sql("SELECT version, is_deleted FROM system.versions WHERE dataset = 'a' ORDER BY version");
    assert_eq!(versions.len(), 3);
    assert_eq!(versions[2], json!({"version": 3, "is_deleted": true}));
    let listed = publisher.site.get("/datasets/a/versions");
    assert_eq!(listed.status, 200, "{}", listed.text());
    let listed: Vec<(Value, Value)> =
        listed.rows().iter().map(|it| (it["version"].clone(), it["is_deleted"].clone())).collect();
    assert_eq!(listed.len(), 3);
    assert!(listed.contains(&(json!(2), json!(false))) && listed.contains(&(json!(3), json!(true))));
    assert_eq!(
        publisher.site.get("/datasets/ә/versions").error(),
        (404, "catalog.unknown_dataset".to_owned()),
        "what never was there"
    );
    assert!(publisher.catalog.store().expect("a store").verify().expect("it can be read").is_empty());
    let again = publisher.put("/datasets/a", &token, document("a", &rows(2, 2)));
    assert_eq!(
        (again.status, &again.json()["version"]),
        (201, &json!(4)),
        "the same bytes as before it was deleted"
    );
}

/// Whoever asks for the versions of one dataset, or of none, does not have those of all others read.
#[test]
fn the_versions_of_one_dataset_are_looked_up_alone() {
    let publisher = Publisher::new();
    let token = publisher.token("publisher", &[Permission::All], 1);
    for name in ["a", "b"] {
        let address = format!("/datasets/{name}");
        assert_eq!(publisher.put(&address, &token, document(name, &rows(2, 1))).status, 201);
    }
    let ledger = rusqlite::Connection::open(publisher.folder.path().join("ledger.sqlite"));
    // No text: a row with it cannot be read.
    let spoilt = "UPDATE version SET written_by = CAST(X'FF' AS TEXT) WHERE dataset = 'b'";
    assert_eq!(ledger.expect("it is there").execute(spoilt, []).expect("it can be written"), 1);
    let versions = |name: &str| publisher.site.get(&format!("/datasets/{name}/versions"));
    assert_eq!(versions("b").error(), (500, "store.damaged".to_owned()));
    assert_eq!(versions("a").rows().len(), 1);
    assert_eq!(versions("none").error(), (404, "catalog.unknown_dataset".to_owned()));
}

#[test]
fn queries_see_whole_versions_only_while_many_are_published() {
    let publisher = Publisher::new();
    let token = publisher.token("publisher", &[Permission::All], 1);
    assert_eq!(publisher.put("/datasets/a", &token, document("a", &rows(300, 0))).status, 201);
    let (stop, site) = (AtomicBool::new(false), Site::of_catalog(&publisher.catalog));
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut seen = 0;
            while !stop.load(Ordering::Relaxed) {
                let found = site.sql("SELECT count(*) AS n, min(v) AS least, max(v) AS most FROM a");
                assert_eq!(
                    (&found[0]["n"], &found[0]["least"]),
                    (&json!(300), &found[0]["most"]),
                    "a whole version"
                );
                seen += 1;
            }
            seen
        });
        for v in 1..40 {
            assert_eq!(publisher.put("/datasets/a", &token, document("a", &rows(300, v))).status, 201);
        }
        stop.store(true, Ordering::Relaxed);
        assert!(reader.join().expect("every answer was of one version") > 0);
    });
    assert_eq!(publisher.site.get("/datasets/a").json()["version"], 40);
}

#[test]
fn every_version_can_be_asked_for_in_sql_and_in_addresses() {
    let publisher = Publisher::new();
    let token = publisher.token("publisher", &[Permission::All], 1);
    for (count, v) in [(2, 1), (3, 2), (4, 3)] {
        assert_eq!(publisher.put("/datasets/a", &token, document("a", &rows(count, v))).status, 201);
    }
    let site = &publisher.site;
    let old = site.sql("SELECT count(*) AS n, max(v) AS v FROM \"a@v1\"");
    assert_eq!(old, [json!({"n": 2, "v": 1})]);
    let changed = site.sql("SELECT n.id FROM a n LEFT JOIN \"a@v2\" o ON n.id = o.id WHERE o.id IS NULL");
    assert_eq!(changed, [json!({"id": 3})], "what came since");
    assert_eq!(site.sql("SELECT count(*) AS n FROM \"a@v3\""), [json!({"n": 4})]);
    for (address, count) in [
        ("/datasets/a/rows?version=1", 2),
        ("/datasets/a/rows?version=2&where=v=2&order=id+DESC", 3),
        ("/datasets/a/rows?version=3", 4),
        ("/datasets/a/rows", 4),
    ] {
        assert_eq!(site.get(address).rows().len(), count, "{address}");
    }
    assert_eq!(site.get("/datasets/a/rows/1?version=1").json(), json!({"id": 1, "v": 1}));
    assert_eq!(site.get("/datasets/a?version=2").json()["version"], 2);
    let tag = |address: &str| site.get(address).header("etag").map(str::to_owned);
    assert_ne!(tag("/datasets/a?version=2"), tag("/datasets/a?version=1"));
    let packed = site.get("/datasets/a/document?version=1").body;
    assert_eq!(zstd::decode_all(packed.as_slice()).expect("it is packed"), document("a", &rows(2, 1)));
    let none = site.get("/datasets/a/rows?version=9");
    assert_eq!(none.error(), (404, "catalog.unknown_version".to_owned()));
    assert!(none.text().contains("versions: 1, 2, 3"), "{}", none.text());
    assert_eq!(site.get("/datasets/a/rows?version=x").error(), (400, "request.parameter".to_owned()));
    let in_sql = site.post("/sql", &json!({"sql": "SELECT * FROM \"a@v9\""}));
    assert_eq!(in_sql.error(), (404, "catalog.unknown_version".to_owned()));
    assert_eq!(site.post("/sql", &json!({"sql": "SELECT * FROM \"b@v1\""})).error().0, 404);
    let direct = Site::over_fixtures();
    assert_eq!(direct.get("/datasets/regions?version=1").json()["version"], 1, "the one that is served");
    assert_eq!(direct.get("/datasets/regions?version=2").error().0, 404);
}

#[test]
fn an_older_version_follows_references_to_what_is_served() {
    let publisher = Publisher::new();
    let token = publisher.token("publisher", &[Permission::All], 1);
    let named = |name: &str| {
        let fields = json!({"id": {"type": "Int", "pkey": true}, "name": {"type": "String"}});
        json!({"meta": {"apiUri": "b"}, "fields": fields, "data": [{"id": 1, "name": name}]})
            .to_string()
            .into_bytes()
    };
    let referring = |rows: Value| {
        let fields = json!({"id": {"type": "Int", "pkey": true}, "b": {"type": "Int", "datapath": "b.id"}});
        json!({"meta": {"apiUri": "a"}, "fields": fields, "data": rows}).to_string().into_bytes()
    };
    assert_eq!(publisher.put("/datasets/b", &token, named("Әсем")).status, 201);
    assert_eq!(publisher.put("/datasets/a", &token, referring(json!([{"id": 1, "b": 1}]))).status, 201);
    assert_eq!(
        publisher.put("/datasets/a", &token, referring(json!([{"id": 1, "b": 9}, {"id": 2, "b": 1}]))).status,
        201
    );
    let site = &publisher.site;
    assert_eq!(site.sql("SELECT b.name AS n FROM \"a@v1\""), [json!({"n": "Әсем"})]);
    let address = "/datasets/a/rows?version=1&select=b.name&where=b.name+IS+NOT+NULL";
    assert_eq!(site.get(address).rows(), [json!({"b": {"name": "Әсем"}})]);
    let before = site.get(address).header("etag").expect("it has a tag").to_owned();
    assert_eq!(publisher.put("/datasets/b", &token, named("Болат")).status, 201);
    assert_eq!(
        site.ask("GET", address, &[("if-none-match", &before)]).rows(),
        [json!({"b": {"name": "Болат"}})]
    );
    assert_eq!(
        site.get("/datasets/b/rows?version=1&expand=a").error().0,
        400,
        "who referred to it is not known"
    );
}

#[test]
fn what_changed_between_two_versions_is_told_by_key() {
    let publisher = Publisher::new();
    let token = publisher.token("publisher", &[Permission::All], 1);
    let send = |fields: &Value, rows: &Value| {
        let body = json!({"meta": {"apiUri": "a"}, "fields": fields, "data": rows}).to_string().into_bytes();
        assert_eq!(publisher.put("/datasets/a", &token, body).status, 201);
    };
    let key = json!({"type": "String", "pkey": true});
    let list = json!({"type": "List", "elementType": "Int"});
    let fields = json!({"k": key, "n": {"type": "Int"}, "l": list, "old": {"type": "Int"}});
    send(
        &fields,
        &json!([{"k": "а", "n": 1, "l": [1]}, {"k": "ә", "n": 2, "l": [1, 2]}, {"k": "б", "n": null}, {"k": null, "n": 9}, {"k": "а", "n": 7}]),
    );
    let fields = json!({"k": key, "n": {"type": "Int"}, "l": list, "new": {"type": "Int"}});
    send(
        &fields,
        &json!([{"k": "жаңа", "n": 1}, {"k": "ә", "n": 2, "l": [1, 3]}, {"k": "а", "n": 1, "l": [1]}, {"k": null, "n": 8}]),
    );
    let answer = publisher.site.get("/datasets/a/diff?from=1&to=2");
    let told = answer.json();
    assert_eq!(
        json!([told["added"], told["removed"], told["changed"], told["new_fields"], told["old_fields"]]),
        json!([1, 1, 1, ["new"], ["old"]])
    );
    let expected = json!([
        {"change": "added", "key": "жаңа", "from_row": null, "to_row": 1, "fields": null},
        {"change": "changed", "key": "ә", "from_row": 2, "to_row": 2, "fields": "l"},
        {"change": "removed", "key": "б", "from_row": 3, "to_row": null, "fields": null},
    ]);
    assert_eq!(json!(answer.rows()), expected);
    assert!(publisher.site.get("/datasets/a/diff?from=2").rows().is_empty());
    let back = publisher.site.get("/datasets/a/diff?from=2&to=1").json();
    assert_eq!(json!([back["added"], back["removed"], back["changed"]]), json!([1, 1, 1]));
    let site = &publisher.site;
    assert_eq!(site.get("/datasets/a/diff?from=3").error(), (404, "catalog.unknown_version".to_owned()));
    assert_eq!(site.get("/datasets/a/diff").error(), (400, "request.parameter".to_owned()));
    assert_eq!(site.get("/datasets/a/diff?from=x").error().0, 400);
    assert_eq!(
        publisher
            .put("/datasets/b", &token, b"{\"meta\":{\"apiUri\":\"b\"},\"data\":[{\"x\":1}]}".to_vec())
            .status,
        201
    );
    let keyless = site.get("/datasets/b/diff?from=1");
    assert!(keyless.status == 404 && keyless.text().contains("declares no key"), "{}", keyless.text());
}

/// `If-None-Match: *` is for who wants to be the first.
#[test]
fn a_dataset_can_be_published_only_where_there_is_none() {
    let publisher = Publisher::new();
    let token = format!("Bearer {}", publisher.token("all", &[Permission::All], 1));
    let headers = [("authorization", token.as_str()), ("if-none-match", "*")];
    let put = |rows: &[Value]| publisher.send("PUT", "/datasets/a", &headers, document("a", rows));
    assert_eq!(put(&rows(1, 1)).status, 201);
    assert_eq!(put(&rows(2, 1)).error(), (412, "request.precondition".to_owned()));
    let plain = [("authorization", token.as_str())];
    assert_eq!(publisher.send("DELETE", "/datasets/a", &plain, Vec::new()).status, 200);
    let again = put(&rows(2, 1));
    assert_eq!((again.status, &again.json()["version"]), (201, &json!(3)), "a deleted one is none");
    let odd = [("authorization", token.as_str()), ("if-none-match", "\"v1\"")];
    assert_eq!(publisher.send("PUT", "/datasets/a", &odd, document("a", &rows(1, 1))).status, 400);
}

#[test]
fn nothing_is_published_before_all_is_loaded() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let store = Arc::new(Store::open(folder.path(), Access::Write).expect("it can be made"));
    let catalog = Arc::new(Catalog::new(&[], LoadOptions::default()).with_store(store));
    let publisher = Publisher { site: Site::of_catalog(&catalog), catalog, folder };
    let token = publisher.token("all", &[Permission::All], 1);
    let early = publisher.put("/datasets/a", &token, document("a", &rows(1, 1)));
    assert_eq!(early.error(), (503, "server.busy".to_owned()));
    assert!(early.header("retry-after").is_some() && early.text().contains("/ready"), "{}", early.text());
    publisher.catalog.load_all(None).expect("there is nothing to load");
    assert_eq!(publisher.put("/datasets/a", &token, document("a", &rows(1, 1))).status, 201);
}

/// Tokens are remembered, but not longer than they hold, whoever changes them.
#[test]
fn a_token_that_another_process_revokes_or_spoils_is_worth_nothing() {
    let publisher = Publisher::new();
    let (one, other) =
        (publisher.token("one", &[Permission::All], 1), publisher.token("other", &[Permission::All], 1));
    let put = |token: &str, v| publisher.put("/datasets/a", token, document("a", &rows(1, v))).status;
    assert_eq!((put(&one, 1), put(&other, 2)), (201, 201));
    let elsewhere = Store::open(publisher.folder.path(), Access::Tokens).expect("it is a store");
    assert!(elsewhere.revoke_token("one", Utc::now()).expect("it can be written"));
    assert_eq!((put(&one, 3), put(&other, 4)), (401, 201));
    let ledger =
        rusqlite::Connection::open(publisher.folder.path().join("ledger.sqlite")).expect("it is there");
    ledger
        .execute("UPDATE token SET expires_at = 'soon' WHERE name = 'other'", [])
        .expect("it can be written");
    assert_eq!(put(&other, 5), 401, "what cannot be read has expired");
}

/// Of those that saw the same version, one publishes over it.
#[test]
fn a_token_has_a_name_that_can_be_read() {
    let publisher = Publisher::new();
    let store = publisher.catalog.store().expect("a store");
    let named = |name: &str| Token {
        name: name.to_owned(),
        can: vec![Permission::All],
        created_at: Utc::now(),
        expires_at: None,
        revoked_at: None,
    };
    for name in ["", " ", "\u{a0}\t", "әкімдік\n", "a\u{1b}[2J", "\u{7f}"] {
        let error = store.create_token(&named(name), [9; 32]).expect_err(name);
        assert_eq!(error.code, derek::error::Code::StoreToken, "{name:?}");
        assert!(error.to_string().contains("expected a name of visible characters"), "{error}");
        assert!(!error.to_string().contains(char::is_control), "{error:?}");
    }
    assert_eq!(store.tokens().expect("they can be read"), []);
    store.create_token(&named("Әділет министрлігі"), [9; 32]).expect("it is a name");
}

#[test]
fn of_two_that_publish_over_one_version_one_does() {
    let publisher = Publisher::new();
    let token = format!("Bearer {}", publisher.token("all", &[Permission::All], 1));
    let plain = [("authorization", token.as_str())];
    assert_eq!(publisher.send("PUT", "/datasets/a", &plain, document("a", &rows(1, 0))).status, 201);
    let router = publisher.site.router.clone();
    for round in 1..6_i64 {
        let tag = format!("\"v{round}\"");
        let put = |v: i64| {
            let site = Site::of_router(router.clone());
            let request =
                Request::put("/datasets/a").header("authorization", &token).header("if-match", &tag);
            site.send(request.body(Body::from(document("a", &rows(300, round * 10 + v)))).expect("a request"))
                .status
        };
        let mut statuses: Vec<u16> = std::thread::scope(|scope| {
            let all: Vec<_> = (0..4).map(|v| scope.spawn(move || put(v))).collect();
            all.into_iter().map(|one| one.join().expect("it is answered")).collect()
        });
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 412, 412, 412], "{round}");
    }
}

#[test]
fn all_that_is_asked_of_what_is_there_must_hold() {
    let publisher = Publisher::new();
    let token = format!("Bearer {}", publisher.token("all", &[Permission::All], 1));
    let put = |headers: &[(&str, &str)], v: i64| {
        let headers: Vec<_> =
            [("authorization", token.as_str())].into_iter().chain(headers.iter().copied()).collect();
        publisher.send("PUT", "/datasets/a", &headers, document("a", &rows(1, v))).status
    };
    assert_eq!(put(&[("if-match", "*")], 0), 412, "there is none");
    assert_eq!(put(&[], 1), 201);
    assert_eq!(put(&[("if-match", "\"v7\", \"v1\"")], 2), 201, "one of the list is there");
    assert_eq!(put(&[("if-match", "\"v1\""), ("if-match", "\"v2\"")], 3), 201, "a list in two lines");
    assert_eq!(put(&[("if-match", "W/\"v3\"")], 4), 412, "a weak tag of the last PUT is none");
    assert_eq!(put(&[("if-match", "\"other\"")], 4), 412);
    assert_eq!(put(&[("if-match", "\"v3\""), ("if-none-match", "*")], 4), 412, "both must hold");
    let seen = publisher.site.get("/datasets/a").header("etag").map(str::to_owned).expect("it has a tag");
    assert_eq!(put(&[("if-match", &seen)], 4), 201, "the tag of the page");
    assert_eq!(put(&[("if-match", &seen)], 5), 412, "which is another one now");
    let dry = publisher.send(
        "PUT",
        "/datasets/a?dry_run=true",
        &[("authorization", &token)],
        document("a", &rows(1, 4)),
    );
    assert_eq!((&dry.json()["is_new"], &dry.json()["version"]), (&json!(false), &json!(4)), "the same bytes");
}

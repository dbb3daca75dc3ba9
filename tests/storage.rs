//! Rows on disk and rows in memory: the same answers.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use derek::catalog::{Access, Catalog, LoadOptions, Storage, Store};
use derek::serve::ROUTES;
use serde_json::json;

use crate::site::{Answer, Site, with};
use crate::sql::{Engine, FILES, answered};

/// A catalog over a store with so much memory for tables.
fn over(store: &Path, memory_bytes: usize) -> Arc<Catalog> {
    let store = Store::open(store, Access::Read).expect("it is a store").with_memory_bytes(memory_bytes);
    let catalog = Catalog::new(&[], LoadOptions::default()).with_store(Arc::new(store));
    catalog.load_all(None).expect("it can be read");
    catalog.fill_memory(|damaged| panic!("{damaged:?}")).expect("it can be read");
    Arc::new(catalog)
}

fn publish(document: &Path, store: &Path) {
    let store = Store::open(store, Access::Write).expect("nobody else writes").with_memory_bytes(0);
    let catalog = Catalog::new(&[document.to_owned()], LoadOptions::default()).with_store(Arc::new(store));
    catalog.load_all(None).expect("it is there");
}

/// The fixtures, in memory and on disk.
fn fixtures() -> (tempfile::TempDir, Arc<Catalog>, Arc<Catalog>) {
    let store = tempfile::tempdir().expect("a folder can be made");
    publish(crate::fixtures(), store.path());
    let (memory, disk) = (over(store.path(), 1 << 30), over(store.path(), 0));
    let all = |catalog: &Catalog, storage| catalog.snapshot().datasets().all(|it| it.storage() == storage);
    assert!(all(&memory, Storage::Memory) && all(&disk, Storage::Parquet));
    (store, memory, disk)
}

/// What does not depend on the moment.
fn lasting(answer: &Answer) -> (u16, String) {
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    (answer.status, text.split("\"elapsed_ms\"").next().unwrap_or_default().to_owned())
}

#[test]
fn every_query_of_the_files_has_the_same_rows() {
    let (_store, memory, disk) = fixtures();
    let (memory, disk) = (Engine::over(&memory), Engine::over(&disk));
    let mut asked = 0;
    for file in FILES {
        for sql in answered(file).iter().filter(|sql| !sql.contains("EXPLAIN") && !sql.contains("system.")) {
            let answers = (memory.ask(sql), disk.ask(sql));
            assert_eq!(
                answers.0.map_err(|it| it.to_string()),
                answers.1.map_err(|it| it.to_string()),
                "{sql}"
            );
            asked += 1;
        }
    }
    assert!(asked > 120, "{asked}");
}

#[test]
fn every_example_of_the_routes_has_the_same_answer() {
    let (_store, memory, disk) = fixtures();
    let (memory, disk) = (Site::of_catalog(&memory), Site::of_catalog(&disk));
    let of_the_moment = ["metrics", "catalog", "datasets", "dataset", "queries", "report", "health", "ready"];
    let is_asked = |route: &&derek::serve::Route| {
        route.method == "GET" && !of_the_moment.contains(&route.name) && !route.example.is_empty()
    };
    for route in ROUTES.iter().filter(is_asked) {
        let (one, other) = (memory.get(route.example), disk.get(route.example));
        assert_eq!(lasting(&one), lasting(&other), "{}", route.example);
        assert_eq!(one.header("etag"), other.header("etag"), "{}", route.example);
    }
    for address in [
        "/datasets/cities/rows?select=nameKk,region.nameKk&order=population+DESC&limit=7",
        "/datasets/cities/rows?limit=1000&format=csv",
        "/datasets/astana_pharmacies/nearest?lat=51.128&lon=71.43&k=3&where=region.id+=+71&format=geojson",
        "/datasets/regions/rows/71?expand=cities",
        "/datasets/astana_pharmacies/within?in=service_areas.1",
        "/datasets/astana_pharmacies/tiles/9/357/170.mvt?select=id,name",
        "/datasets/cities/findings",
    ] {
        assert_eq!(lasting(&memory.get(address)), lasting(&disk.get(address)), "{address}");
    }
    let of = |site: &Site| site.sql("SELECT DISTINCT storage FROM system.datasets");
    assert_eq!(
        (of(&memory), of(&disk)),
        (vec![json!({"storage": "memory"})], vec![json!({"storage": "parquet"})])
    );
}

/// A document of several row groups, sorted by id; points go from west to east, and some are missing.
fn large(rows: u32) -> String {
    let mut rng = fastrand::Rng::with_seed(11);
    let row = |id: u32| {
        let (lon, lat) = (46.0 + f64::from(id) * 40.0 / f64::from(rows), 42.0 + rng.f64() * 12.0);
        let point = if id.is_multiple_of(97) { "null".to_owned() } else { format!("\"{lat:.6},{lon:.6}\"") };
        format!(r#"{{"id":{id},"name":"Ә{}","at":{point},"n":{}}}"#, id % 1_000, id % 7)
    };
    let data: Vec<String> = (0..rows).map(row).collect();
    let fields = r#"{"id": {"type": "Int", "pkey": true}, "name": {"type": "String"},
                     "at": {"type": "Geoposition"}, "n": {"type": "Int"}}"#;
    format!(r#"{{"meta": {{"apiUri": "large"}}, "fields": {fields}, "data": [{}]}}"#, data.join(","))
}

#[test]
fn a_table_of_several_row_groups_is_read_in_part() {
    let (documents, store) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let file = documents.path().join("large.json");
    fs::write(&file, large(300_000)).expect("it can be written");
    publish(&file, store.path());
    let (memory, disk) = (over(store.path(), 1 << 30), over(store.path(), 0));
    assert_eq!(disk.snapshot().require("large").expect("it is there").rows.batches(), 3);
    let (memory, disk) = (Site::of_catalog(&memory), Site::of_catalog(&disk));
    for sql in [
        "SELECT count(*), sum(n), min(id), max(name) FROM large WHERE id BETWEEN 131000 AND 131100",
        "SELECT name, count(*) AS c FROM large WHERE n = 3 GROUP BY name ORDER BY c DESC, name LIMIT 5",
        "SELECT id FROM large WHERE ST_DWithin(at, ST_Point(66, 48), 20000) ORDER BY id",
        "SELECT id FROM large WHERE ST_Within(at, ST_MakeEnvelope(60, 44, 61, 44.1)) ORDER BY id",
        "SELECT id FROM large ORDER BY ST_Distance(at, ST_Point(70, 50)) LIMIT 5",
        "SELECT id FROM large WHERE n = 1 ORDER BY ST_Distance(at, ST_Point(70, 50)) LIMIT 5",
        "SELECT a.id, b.id AS b FROM large a JOIN large b ON ST_DWithin(a.at, b.at, 30) WHERE a.id < b.id ORDER BY 1, 2 LIMIT 9",
        "SELECT * FROM large WHERE id = 299999",
        "SELECT id FROM large WHERE at IS NULL ORDER BY id DESC LIMIT 3",
        "SELECT id FROM large ORDER BY id DESC LIMIT 3",
        "SELECT count(*) FROM large",
        "SELECT id FROM large LIMIT 3 OFFSET 131070",
    ] {
        assert_eq!(memory.sql(sql), disk.sql(sql), "{sql}");
    }
    for address in [
        with(
            "/datasets/large/rows",
            &[("where", "n = 5 AND id > 262100"), ("limit", "50"), ("count", "exact")],
        ),
        with("/datasets/large/rows", &[("order", "name,id DESC"), ("limit", "20")]),
        with("/datasets/large/nearest", &[("lat", "48"), ("lon", "66.5"), ("k", "20")]),
        with(
            "/datasets/large/nearest",
            &[("lat", "48"), ("lon", "66.5"), ("where", "n = 2"), ("max_m", "90000")],
        ),
        with("/datasets/large/within", &[("bbox", "70,45,70.5,45.5"), ("limit", "500")]),
        with("/datasets/large/within", &[("lat", "45"), ("lon", "85"), ("radius_m", "9000")]),
        "/datasets/large/rows/200000".to_owned(),
        "/datasets/large/tiles/4/11/5.mvt".to_owned(),
        "/datasets/large/tiles/9/360/180.mvt?select=id".to_owned(),
    ] {
        assert_eq!(lasting(&memory.get(&address)), lasting(&disk.get(&address)), "{address}");
    }
    let analyzed = |sql: &str| {
        let plan = disk.sql(&format!("EXPLAIN ANALYZE {sql}"));
        plan[0]["plan"].as_str().unwrap_or_default().to_owned()
    };
    let by_key = analyzed("SELECT sum(n) FROM large WHERE id + 0 > 5 AND id > 280000");
    assert!(by_key.contains("row_groups_pruned=2"), "{by_key}");
    // A table without room for an index reads the row groups whose box the circle meets.
    let near = analyzed("SELECT count(*) FROM large WHERE ST_DWithin(at, ST_Point(50, 45), 1000)");
    assert!(near.contains("index_places=131.1 K"), "{near}");
}

/// Less memory than the tables take, more than none: some are in memory, and an index may be where rows are not.
#[test]
fn what_there_is_room_for_is_in_memory_and_new_versions_take_their_part() {
    let (documents, store) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    for (name, rows) in [("small", 50), ("large", 150_000)] {
        let text = large(rows).replace("\"large\"", &format!("\"{name}\""));
        fs::write(documents.path().join(format!("{name}.json")), text).expect("it can be written");
    }
    publish(documents.path(), store.path());
    let catalog = over(store.path(), 24 << 20);
    let storage = |name: &str| catalog.snapshot().require(name).expect("it is there").storage();
    assert_eq!((storage("small"), storage("large")), (Storage::Memory, Storage::Parquet));
    let site = Site::of_catalog(&catalog);
    let rows = site.sql("SELECT dataset, storage FROM system.datasets ORDER BY dataset");
    assert_eq!(rows[0], json!({"dataset": "large", "storage": "parquet"}));
    let near = with("/datasets/large/nearest", &[("lat", "48"), ("lon", "66.5"), ("k", "3")]);
    assert_eq!(site.get(&near).rows().len(), 3);
    let snapshot = catalog.snapshot();
    assert!(snapshot.require("large").expect("it is there").built_index(0).is_some(), "there is room for it");
}

#[test]
fn damage_that_is_found_when_rows_are_read_is_an_error_and_no_wrong_answer() {
    let (documents, store) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    for name in ["one", "two"] {
        let text = large(300).replace("\"large\"", &format!("\"{name}\""));
        fs::write(documents.path().join(format!("{name}.json")), text).expect("it can be written");
    }
    publish(documents.path(), store.path());
    let opened = Store::open(store.path(), Access::Read).expect("it is a store");
    let record = opened.versions().expect("sound").into_iter().find(|it| it.dataset == "one").expect("there");
    let table = opened.folder(&record).join("table.parquet");
    let mut bytes = fs::read(&table).expect("it is there");
    bytes[200] ^= 1;
    fs::write(&table, bytes).expect("it can be written");
    let reopened = || {
        let store = Store::open(store.path(), Access::Read).expect("it is a store").with_memory_bytes(0);
        let catalog = Catalog::new(&[], LoadOptions::default()).with_store(Arc::new(store));
        catalog.load_all(None).expect("it can be read");
        Arc::new(catalog)
    };
    let site = Site::of_catalog(&reopened());
    for address in [
        "/datasets/one/rows?limit=5",
        "/datasets/one/rows/7",
        "/datasets/one/nearest?lat=48&lon=66",
        "/datasets/one/rows?where=n+%3D+2",
        "/sql?q=SELECT+sum(n)+FROM+one",
        "/sql?q=SELECT+*+FROM+one+WHERE+id+%3D+7",
    ] {
        let answer = site.get(address);
        assert_eq!(answer.error(), (500, "store.damaged".to_owned()), "{address}");
        assert!(answer.text().contains("its checksum is another one"), "{}", answer.text());
    }
    assert_eq!(site.sql("SELECT count(*) AS c FROM two"), [json!({"c": 300})]);
    // Where there is memory, it is found when the memory is filled, and told.
    let store = Store::open(store.path(), Access::Read).expect("it is a store");
    let catalog = Catalog::new(&[], LoadOptions::default()).with_store(Arc::new(store));
    catalog.load_all(None).expect("it can be read");
    let mut told = Vec::new();
    assert_eq!(catalog.fill_memory(|damaged| told.push(damaged.file.clone())).expect("sound"), 1);
    assert_eq!(
        (told.len(), catalog.snapshot().datasets().len(), catalog.snapshot().refused().count()),
        (1, 1, 1)
    );
}

//! The databases beside the ledger: damage in one is told to who asks for what is in it, and to nobody else.

use std::fs;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use arrow::array::{AsArray, RecordBatch};
use chrono::Utc;
use derek::catalog::{
    Access, Catalog, Filed, LoadOptions, Measure, RequestKind, RequestTable, RequesterKind, Store,
};
use derek::error::Code;
use serde_json::json;

use crate::fixtures;
use crate::site::{Site, alone};

const NO_DATABASE: &str = "no database, but a text of some length";

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder can be made")
}

/// A catalog over a store, with the regions where it may write.
fn over(store: &Path, access: Access) -> Arc<Catalog> {
    let (opened, paths) = match access {
        Access::Write => (alone(store), vec![fixtures().join("regions.json")]),
        _ => (Store::open(store, access).expect("it is a store"), Vec::new()),
    };
    let catalog = Catalog::new(&paths, LoadOptions::default()).with_store(Arc::new(opened));
    catalog.load_all(None).expect("it can be read");
    Arc::new(catalog)
}

fn filed(id: usize, text: &str) -> Filed {
    Filed {
        id: Some(format!("r{id}")),
        received_at: None,
        kind: RequestKind::Publish,
        requester: RequesterKind::Citizen,
        contact: None,
        text: text.to_owned(),
        body: "Әкімдік".to_owned(),
        dataset: None,
        topic: Some("Мектептер".to_owned()),
    }
}

fn file(catalog: &Catalog, all: &[Filed]) {
    let requests = catalog.requests().expect("it is whole").expect("it has a store");
    requests.file(all, (Utc::now(), "office"), || [7; 16]).expect("they can be kept");
}

/// A copy of a store with the regions and one request.
fn copied() -> tempfile::TempDir {
    let (store, copy) = (folder(), folder());
    let catalog = over(store.path(), Access::Write);
    file(&catalog, &[filed(1, "Мектептердің тізімі керек")]);
    let done = catalog.store().expect("it has a store").backup(copy.path()).expect("it can be copied");
    assert!(done.missing.is_empty(), "{:?}", done.missing);
    copy
}

/// Spoils the first page of a table's rows: its database is one still.
fn spoil(database: &Path, table: &str) {
    let number = |sql: &str| {
        let connection = rusqlite::Connection::open(database).expect("it is a database");
        connection.query_row(sql, [], |row| row.get::<_, i64>(0)).expect("it is there").unsigned_abs()
    };
    let page = number(&format!("SELECT rootpage FROM sqlite_schema WHERE name = '{table}'"));
    let opened = fs::OpenOptions::new().write(true).open(database).expect("it can be opened");
    opened.write_all_at(&[0xA5; 64], (page - 1) * number("PRAGMA page_size")).expect("it can be written");
}

/// The exit status, and what was said of it.
type Ended = (Option<i32>, String);

fn derek(arguments: &[&str]) -> Ended {
    let output = Command::new(env!("CARGO_BIN_EXE_derek")).args(arguments).output();
    let output = output.expect("the program starts");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_damaged_database_is_an_error_and_no_empty_table() {
    for (name, sql, address) in [
        ("requests.sqlite", "SELECT * FROM system.requests", "/requests/r1"),
        ("requests.sqlite", "SELECT * FROM system.request_events", "/queries/demand"),
        ("requests.sqlite", "SELECT * FROM assess.bodies", "/requests/r1"),
        ("quality.sqlite", "SELECT * FROM system.quality", "/queries/quality_history"),
        ("quality.sqlite", "SELECT * FROM system.quality_parts", "/queries/quality_history"),
        (
            "passports.sqlite",
            "SELECT * FROM system.passport_steps",
            "/sql?q=SELECT+count(*)+FROM+system.passport_steps",
        ),
    ] {
        let copy = copied();
        fs::write(copy.path().join(name), NO_DATABASE).expect("it can be written");
        for access in [Access::Read, Access::Write] {
            let site = Site::of_catalog(&over(copy.path(), access));
            for answer in [site.post("/sql", &json!({ "sql": sql })), site.get(address)] {
                assert_eq!(answer.error(), (500, "store.damaged".to_owned()), "{sql}, {access:?}");
                assert!(answer.text().contains(name), "{}", answer.text());
            }
            assert_eq!(site.get("/datasets/regions/rows").rows().len(), 20, "it is served meanwhile");
        }
    }
}

#[test]
fn no_report_says_that_nobody_asked_where_nobody_knows() {
    let copy = copied();
    let (store, out) = (copy.path().display().to_string(), copy.path().join("report.html"));
    let out = out.display().to_string();
    let report = || derek(&["report", "--store", &store, "--out", &out]);
    let sql = || derek(&["sql", "--store", &store, "SELECT * FROM assess.bodies"]);
    let measure = || derek(&["assess", "quality", "--store", &store]);
    let runs: [(&dyn Fn() -> Ended, &str); 3] =
        [(&report, "requests.sqlite"), (&sql, "requests.sqlite"), (&measure, "quality.sqlite")];
    for (run, _) in runs {
        let (status, said) = run();
        assert_eq!(status, Some(0), "{said}");
    }
    for name in ["requests.sqlite", "quality.sqlite"] {
        fs::write(copy.path().join(name), NO_DATABASE).expect("it can be written");
        for ending in ["-wal", "-shm"] {
            let _ = fs::remove_file(copy.path().join(format!("{name}{ending}")));
        }
    }
    for (run, name) in runs {
        let (status, said) = run();
        assert!(status == Some(1) && said.contains("store.damaged") && said.contains(name), "{said}");
    }
}

/// To name a table is not to read it.
#[test]
fn tables_are_listed_though_one_is_damaged() {
    let copy = copied();
    spoil(&copy.path().join("requests.sqlite"), "request");
    let site = Site::of_catalog(&over(copy.path(), Access::Read));
    let listed = site.sql("SHOW TABLES");
    let names: Vec<&str> = listed.iter().filter_map(|row| row["table_name"].as_str()).collect();
    assert!(
        names.contains(&"requests") && names.contains(&"regions") && names.contains(&"bodies"),
        "{names:?}"
    );
    let mut own = listed.iter().filter(|row| row["table_schema"] == "system");
    assert!(own.all(|row| row["table_type"] == "BASE TABLE"), "{listed:?}");
    let columns = site.sql(
        "SELECT column_name FROM information_schema.columns \
         WHERE table_schema = 'system' AND table_name = 'requests' AND column_name = 'topic'",
    );
    assert_eq!(columns, [json!({"column_name": "topic"})]);
    let read = site.post("/sql", &json!({"sql": "SELECT count(*) AS n FROM system.requests"}));
    assert_eq!(read.error(), (500, "store.damaged".to_owned()));
}

#[test]
fn the_same_text_has_new_rows_each_time() {
    let store = folder();
    let catalog = over(store.path(), Access::Write);
    let site = Site::of_catalog(&catalog);
    let sql = "SELECT count(*) AS n, count(other.id) AS others FROM system.requests r \
               LEFT JOIN system.requests other ON other.id = r.id";
    for number in 1..=3 {
        file(&catalog, &[filed(number, "Мектептер")]);
        assert_eq!(site.sql(sql), [json!({"n": number, "others": number})]);
    }
}

#[test]
fn what_only_fails_now_is_not_called_damaged() {
    let store = folder();
    let catalog = over(store.path(), Access::Write);
    let database = rusqlite::Connection::open(store.path().join("quality.sqlite")).expect("it is there");
    let trigger = "CREATE TRIGGER refused BEFORE INSERT ON measure BEGIN SELECT RAISE(ABORT, 'жоқ'); END;";
    database.execute_batch(trigger).expect("it can be made");
    let history = catalog.quality().expect("it is whole").expect("it has a store");
    let measure =
        Measure { dataset: "regions".to_owned(), version: 1, algorithm: 1, score: 50.0, parts: Vec::new() };
    let error = history.keep(&[measure], Utc::now()).expect_err("it is refused");
    assert!(error.code == Code::Internal && error.message.contains("жоқ"), "{error}");
    let closed = folder();
    let opened = Store::open(closed.path(), Access::Write).expect("nobody else writes");
    fs::create_dir(closed.path().join("quality.sqlite")).expect("it can be made");
    let error = opened.quality().expect_err("it is a folder");
    assert!(error.code == Code::StoreIo && error.message.starts_with("cannot open "), "{error}");
    assert!(!error.to_string().contains("published"), "nothing was: {error}");
}

/// Rows of all batches, and the bytes of the longest column of texts of one.
fn size(batches: &[RecordBatch]) -> (usize, usize) {
    let bytes = |batch: &RecordBatch| {
        batch.column_by_name("text").expect("it is there").as_string::<i32>().value_data().len()
    };
    (batches.iter().map(RecordBatch::num_rows).sum(), batches.iter().map(bytes).max().unwrap_or_default())
}

/// A column of texts has room for 2 GiB: no batch grows with the table.
#[test]
fn a_large_table_is_read_in_batches_of_a_bounded_size() {
    let store = folder();
    let catalog = over(store.path(), Access::Write);
    let table = || {
        let requests = catalog.requests().expect("it is whole").expect("it has a store");
        requests.table(RequestTable::Requests).expect("it can be read")
    };
    assert!(table().is_empty());
    file(&catalog, &(0..70_000).map(|id| filed(id, "Ә")).collect::<Vec<_>>());
    // 20,000 bytes each, 100 MB together.
    let long = "ә".repeat(10_000);
    file(&catalog, &(70_000..75_000).map(|id| filed(id, &long)).collect::<Vec<_>>());
    let rows = |batches: &[RecordBatch]| batches.iter().map(RecordBatch::num_rows).collect::<Vec<_>>();
    let read = table();
    assert!(read.len() == 3 && read[0].num_rows() == 65_536, "{:?}", rows(&read));
    let (count, bytes) = size(&read);
    assert!(count == 75_000 && bytes <= (64 << 20) + 20_000, "{bytes} bytes, {:?}", rows(&read));
    // What is added one by one is put together, and stays in its order.
    for id in 75_000..75_070 {
        file(&catalog, &[filed(id, "Ө")]);
        let (count, _) = size(&table());
        assert_eq!(count, id + 1);
    }
    let read = table();
    assert!(read.len() < 40 && size(&read).1 < 256 << 20, "{:?}", rows(&read));
    let ids = read.iter().flat_map(|batch| {
        batch.column_by_name("id").expect("it is there").as_string::<i32>().iter().flatten()
    });
    assert!(ids.enumerate().all(|(at, id)| id == format!("r{at}")), "each row once, in the order of coming");
}

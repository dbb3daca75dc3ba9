//! The store: what is published there is whole, stays, and comes back as it was.

use std::fs;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use derek::catalog::{
    Access, Catalog, Dataset, LoadOptions, LoadOutcome, Storage, Store, find, read_document,
};
use derek::document::Document;
use derek::error::Code;

use crate::site::Site;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder can be made")
}

fn document(name: &str, rows: &[i64]) -> String {
    let rows: Vec<String> = rows.iter().map(|id| format!(r#"{{"id": {id}, "name": "Ә{id}"}}"#)).collect();
    let fields = r#"{"id": {"type": "Int", "pkey": true}, "name": {"type": "String"}}"#;
    format!(r#"{{"meta": {{"apiUri": "{name}"}}, "fields": {fields}, "data": [{}]}}"#, rows.join(","))
}

/// A catalog that publishes what some PATHs hold into a store.
fn publish(paths: &[&Path], store: &Path) -> Catalog {
    let store = Arc::new(Store::open(store, Access::Write).expect("nobody else writes to it"));
    let paths: Vec<PathBuf> = paths.iter().map(|path| path.to_path_buf()).collect();
    let catalog = Catalog::new(&paths, LoadOptions::default()).with_store(store);
    catalog.load_all(None).expect("the PATHs are there");
    catalog
}

/// A catalog over a store alone.
fn reopen(store: &Path) -> Catalog {
    let store = Arc::new(Store::open(store, Access::Read).expect("it is a store"));
    let catalog = Catalog::new(&[], LoadOptions::default()).with_store(store);
    catalog.load_all(None).expect("it can be read");
    catalog
}

fn versions(store: &Path) -> Vec<(String, u32, u64)> {
    let store = Store::open(store, Access::Read).expect("it is a store");
    let records = store.versions().expect("its ledger is sound");
    records.into_iter().map(|it| (it.dataset, it.version, it.rows)).collect()
}

/// What is stored of a document must be all of it, with its rows.
#[track_caller]
fn assert_same(one: &Document, stored: &Dataset) {
    let other = &stored.document;
    assert_eq!(one.name, other.name);
    assert_eq!(
        (&one.meta, &one.fields, &one.schema),
        (&other.meta, &other.fields, &other.schema),
        "{}",
        one.name
    );
    let rows = |batches: &[RecordBatch]| concat_batches(&one.schema, batches).expect("batches of one table");
    let columns: Vec<usize> = (0..one.schema.fields().len()).collect();
    let read: Vec<RecordBatch> =
        (0..stored.rows.batches()).map(|at| stored.read(at, &columns).expect("sound")).collect();
    assert_eq!((one.rows, rows(&one.batches)), (other.rows, rows(&read)), "{}", one.name);
    let kept = |it: &Document| it.findings.iter().cloned().collect::<Vec<_>>();
    assert_eq!(kept(one), kept(other), "{}", one.name);
    let totals =
        |it: &Document| it.findings.totals().map(|(r, f, n)| (r, f.to_owned(), n)).collect::<Vec<_>>();
    assert_eq!(totals(one), totals(other), "{}", one.name);
    assert_eq!(one.orders, other.orders, "{}", one.name);
}

#[test]
fn every_document_comes_back_as_it_was() {
    let fixtures = crate::fixtures();
    let folders = ["", "same", "broken"].map(|name| fixtures.join(name));
    let mut files: Vec<PathBuf> =
        folders.iter().flat_map(|it| find(std::slice::from_ref(it)).expect("it is there")).collect();
    files.retain(|file| !file.components().any(|part| part.as_os_str() == "refused"));
    assert!(files.len() > 40);
    for file in files {
        let store = folder();
        drop(publish(&[&file], store.path()));
        let (document, _) = read_document(&file, &LoadOptions::default()).expect("it is sound");
        let catalog = reopen(store.path());
        let require = |storage: Storage| {
            let found = catalog.snapshot().require(&document.name).map(Arc::clone);
            let found = found.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            assert_eq!((found.version, found.storage()), (1, storage));
            found
        };
        assert_same(&document, &require(Storage::Parquet));
        assert_eq!(catalog.fill_memory(|_| {}).expect("sound"), 1);
        let stored = require(Storage::Memory);
        assert_same(&document, &stored);
        let packed = fs::read(&stored.file).expect("the document is there");
        let is_packed = file.to_string_lossy().ends_with(".gz") || file.to_string_lossy().ends_with(".zst");
        let original = fs::read(&file).expect("it is there");
        let kept =
            if is_packed { packed } else { zstd::decode_all(packed.as_slice()).expect("it is packed") };
        assert_eq!(kept, original, "{}", file.display());
    }
}

#[test]
fn a_store_answers_as_the_documents_do() {
    let store = folder();
    let catalog = publish(&[crate::fixtures()], store.path());
    drop(catalog);
    let catalog = Arc::new(reopen(store.path()));
    assert_eq!(catalog.fill_memory(|_| {}).expect("sound"), 6);
    let (stored, direct) = (Site::of_catalog(&catalog), Site::over_fixtures());
    for address in [
        "/datasets/cities/rows?select=nameKk,region.nameKk&order=population+DESC&limit=3",
        "/datasets/astana_pharmacies/nearest?lat=51.128&lon=71.43&k=3&where=region.id+=+71",
        "/datasets/regions/rows/71?expand=cities",
        "/datasets/cities/findings?lang=kk",
        "/links",
        "/sql?q=SELECT+*+FROM+system.fields",
        "/sql?q=SELECT+region.nameKk,+count(*)+FROM+cities+GROUP+BY+1+ORDER+BY+2,+1",
    ] {
        let rows = |site: &Site| {
            let answer = site.get(&crate::site::address(address));
            assert_eq!(answer.status, 200, "{address}: {}", answer.text());
            answer.text().split("\"truncated\"").next().map(str::to_owned)
        };
        assert_eq!(rows(&stored), rows(&direct), "{address}");
    }
    let versions = stored.get("/datasets/cities/versions").rows();
    assert_eq!((versions.len(), &versions[0]["version"]), (1, &serde_json::json!(1)));
    assert_eq!(versions[0]["document_blake3"].as_str().map(str::len), Some(64));
    assert_eq!(direct.get("/datasets/cities/versions").rows()[0]["document_blake3"], serde_json::Value::Null);
}

#[test]
fn the_same_bytes_are_no_new_version_and_what_is_gone_stays() {
    let (documents, store) = (folder(), folder());
    let file = documents.path().join("a.json");
    fs::write(&file, document("a", &[1, 2])).expect("it can be written");
    let catalog = publish(&[documents.path()], store.path());
    assert_eq!(versions(store.path()), [("a".to_owned(), 1, 2)]);
    fs::write(&file, document("a", &[1, 2])).expect("it can be written");
    catalog.refresh();
    assert_eq!(versions(store.path()).len(), 1, "the same bytes");
    fs::write(&file, document("a", &[1, 2, 3])).expect("it can be written");
    catalog.refresh();
    assert_eq!(catalog.snapshot().require("a").expect("it is there").version, 2);
    fs::write(&file, "{").expect("it can be written");
    catalog.refresh();
    assert_eq!(catalog.snapshot().require("a").expect("a refused one leaves it").version, 2);
    fs::remove_file(&file).expect("it can be removed");
    catalog.refresh();
    assert_eq!(catalog.snapshot().require("a").expect("it stays").document.rows, 3);
    drop(catalog);
    assert_eq!(versions(store.path()), [("a".to_owned(), 1, 2), ("a".to_owned(), 2, 3)]);
    fs::write(documents.path().join("b.json"), document("a", &[1, 2])).expect("it can be written");
    let catalog = publish(&[documents.path()], store.path());
    let (dataset, snapshot) = (versions(store.path()), catalog.snapshot());
    assert_eq!(dataset.last(), Some(&("a".to_owned(), 3, 2)), "an old one again is a new version");
    assert_eq!(snapshot.versions(Some("a")).expect("they can be read").len(), 3);
}

#[test]
fn one_process_writes_and_others_read() {
    let store = folder();
    let writer = Store::open(store.path(), Access::Write).expect("it can be made");
    let error = Store::open(store.path(), Access::Write).expect_err("one writes");
    assert_eq!(error.code, Code::StoreLocked);
    assert!(error.message.contains(&format!("process {}", std::process::id())), "{}", error.message);
    assert!(Store::open(store.path(), Access::Read).is_ok());
    drop(writer);
    assert!(Store::open(store.path(), Access::Write).is_ok());
    let none = Store::open(&store.path().join("none"), Access::Read).expect_err("it is no store");
    assert!(none.code == Code::StoreIo && none.hint.is_some());
}

/// The file of the first version of a dataset.
fn file_of(store: &Path, name: &str, file: &str) -> PathBuf {
    let store = Store::open(store, Access::Read).expect("it is a store");
    let record = store.versions().expect("sound").into_iter().find(|it| it.dataset == name);
    store.folder(&record.expect("it is there")).join(file)
}

#[test]
fn a_damaged_dataset_is_named_and_the_others_are_served() {
    let (documents, store) = (folder(), folder());
    for name in ["a", "b", "c", "d"] {
        fs::write(documents.path().join(format!("{name}.json")), document(name, &[1, 2])).expect("written");
    }
    drop(publish(&[documents.path()], store.path()));
    let table = file_of(store.path(), "a", "table.parquet");
    let length = fs::metadata(&table).expect("it is there").len();
    fs::OpenOptions::new()
        .write(true)
        .open(&table)
        .and_then(|file| file.set_len(length / 2))
        .expect("it can be cut");
    let description = file_of(store.path(), "b", "description.json");
    let opened = fs::OpenOptions::new().write(true).open(&description).expect("it can be opened");
    opened.write_all_at(b"X", 10).expect("it can be written");
    fs::remove_file(file_of(store.path(), "c", "manifest.json")).expect("it can be removed");
    let catalog = reopen(store.path());
    let snapshot = catalog.snapshot();
    let served: Vec<&str> = snapshot.datasets().map(|dataset| dataset.name()).collect();
    assert_eq!(served, ["d"]);
    let refused: Vec<String> =
        snapshot.refused().map(|(_, error)| format!("{} {}", error.code, error.message)).collect();
    assert!(refused.iter().all(|it| it.starts_with("store.damaged")) && refused.len() == 3, "{refused:?}");
    assert!(refused.iter().any(|it| it.contains("table.parquet is damaged: it has")), "{refused:?}");
    let damaged =
        Store::open(store.path(), Access::Read).and_then(|store| store.verify()).expect("it can be read");
    let named: Vec<&str> = damaged.iter().map(|it| it.dataset.as_str()).collect();
    assert_eq!(named, ["a", "b", "c"]);
    // Published again, the same bytes are a new version, since the old one is not whole.
    let catalog = publish(&[documents.path()], store.path());
    assert_eq!(catalog.snapshot().datasets().len(), 4);
    assert_eq!(catalog.snapshot().require("a").expect("it is there").version, 2);
}

#[test]
fn a_damaged_ledger_and_a_full_or_closed_disk_are_errors_that_say_so() {
    let (documents, store) = (folder(), folder());
    for name in 0..40 {
        let file = documents.path().join(format!("d{name}.json"));
        fs::write(file, document(&format!("d{name}"), &[1])).expect("it can be written");
    }
    drop(publish(&[documents.path()], store.path()));
    let ledger = store.path().join("ledger.sqlite");
    let pages = fs::metadata(&ledger).expect("it is there").len() / 4096;
    assert!(pages >= 3, "the ledger has more than one page");
    let file = fs::OpenOptions::new().write(true).open(&ledger).expect("it can be opened");
    file.write_all_at(&[0xA5; 4096], 4096).expect("it can be written");
    let error = Store::open(store.path(), Access::Read).expect_err("a page is damaged");
    assert_eq!(error.code, Code::StoreDamaged, "{error}");
    assert!(error.message.contains("ledger.sqlite"), "{error}");
    let closed = folder();
    fs::write(closed.path().join("versions"), "no folder").expect("it can be written");
    let error = Store::open(closed.path(), Access::Write).expect_err("there is a file in the way");
    assert!(error.code == Code::StoreIo && error.hint.is_some(), "{error}");
}

#[test]
fn what_was_not_finished_is_no_version_and_is_removed() {
    let (documents, store) = (folder(), folder());
    fs::write(documents.path().join("a.json"), document("a", &[1])).expect("it can be written");
    drop(publish(&[documents.path()], store.path()));
    let of_dataset = file_of(store.path(), "a", "").parent().expect("it has a folder").to_owned();
    fs::create_dir_all(store.path().join("incoming/a-2")).expect("it can be made");
    fs::create_dir_all(of_dataset.join("2")).expect("it can be made");
    fs::write(of_dataset.join("2/table.parquet"), "half").expect("it can be written");
    assert_eq!(reopen(store.path()).snapshot().require("a").expect("it is there").version, 1);
    drop(Store::open(store.path(), Access::Write).expect("it can be opened"));
    assert!(!store.path().join("incoming/a-2").exists() && !of_dataset.join("2").exists());
    fs::write(documents.path().join("a.json"), document("a", &[1, 2])).expect("it can be written");
    let catalog = publish(&[documents.path()], store.path());
    assert_eq!(catalog.snapshot().require("a").expect("it is there").version, 2);
    assert!(Store::open(store.path(), Access::Read).and_then(|it| it.verify()).expect("sound").is_empty());
}

#[test]
fn a_backup_is_a_store_and_takes_only_what_is_new() {
    let (documents, store, copy) = (folder(), folder(), folder());
    fs::write(documents.path().join("a.json"), document("a", &[1])).expect("it can be written");
    let catalog = publish(&[documents.path()], store.path());
    let backup = |copy: &Path| {
        let done = Store::open(store.path(), Access::Read)
            .and_then(|store| store.backup(copy))
            .expect("it can be copied");
        (done.versions, done.copied)
    };
    assert_eq!(backup(copy.path()), (1, 1));
    fs::write(documents.path().join("a.json"), document("a", &[1, 2])).expect("it can be written");
    fs::write(documents.path().join("b.json"), document("b", &[7])).expect("it can be written");
    catalog.refresh();
    assert_eq!(versions(copy.path()).len(), 1, "the copy is of another moment");
    assert_eq!(backup(copy.path()), (3, 2));
    assert_eq!(backup(copy.path()), (3, 0));
    assert_eq!(versions(copy.path()), versions(store.path()));
    assert!(Store::open(copy.path(), Access::Read).and_then(|it| it.verify()).expect("sound").is_empty());
    assert_eq!(reopen(copy.path()).snapshot().require("a").expect("it is there").document.rows, 2);
    drop(catalog);
    fs::write(documents.path().join("c.json"), document("c", &[1])).expect("it can be written");
    let further = publish(&[documents.path()], copy.path());
    assert_eq!(further.snapshot().datasets().len(), 3, "it is a store like any other");
    let table = file_of(store.path(), "b", "table.parquet");
    fs::OpenOptions::new().write(true).open(&table).and_then(|file| file.set_len(9)).expect("it can be cut");
    let fresh = folder();
    let damaged = Store::open(store.path(), Access::Read).and_then(|store| store.backup(fresh.path()));
    let missing = damaged.expect("the rest is copied").missing;
    assert_eq!(missing.iter().map(|error| error.code).collect::<Vec<_>>(), [Code::StoreDamaged]);
}

/// `DEREK_KILLS=1000 cargo test kill` kills more often than the gate has time for.
#[test]
fn kill_at_any_moment_leaves_whole_versions_only() {
    let kills: usize = std::env::var("DEREK_KILLS").ok().and_then(|count| count.parse().ok()).unwrap_or(12);
    // All versions are compared after each kill: a new store now and then keeps them few.
    for first in (0..kills).step_by(50) {
        kill_often(first..kills.min(first + 50));
    }
}

fn kill_often(rounds: std::ops::Range<usize>) {
    let (documents, store) = (folder(), folder());
    let mut rng = fastrand::Rng::with_seed(7 + rounds.start as u64);
    let mut acknowledged = Vec::new();
    for round in rounds {
        for name in 0..6 {
            let rows: Vec<i64> = (0..i64::from(rng.u16(1..400))).collect();
            let file = documents.path().join(format!("d{name}.json"));
            fs::write(file, document(&format!("d{name}"), &rows)).expect("it can be written");
        }
        let mut child = Command::new(env!("CARGO_BIN_EXE_derek"))
            .args(["load", &documents.path().to_string_lossy(), "--store", &store.path().to_string_lossy()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        std::thread::sleep(Duration::from_millis(rng.u64(5..250)));
        let is_done = child.try_wait().expect("it can be asked").is_some_and(|status| status.success());
        let _ = child.kill();
        let _ = child.wait();
        if !store.path().join("ledger.sqlite").exists() {
            continue;
        }
        let opened =
            Store::open(store.path(), Access::Write).unwrap_or_else(|error| panic!("round {round}: {error}"));
        let damaged = opened.verify().expect("the ledger is sound");
        assert!(damaged.is_empty(), "round {round}: {damaged:?}");
        let now = opened.versions().expect("the ledger is sound");
        assert!(acknowledged.iter().all(|known| now.contains(known)), "round {round}: a version is gone");
        let latest = opened.latest().expect("the ledger is sound");
        assert!(!is_done || latest.len() == 6, "round {round}: what was done is there");
        acknowledged = now;
    }
    let catalog = reopen(store.path());
    assert_eq!(catalog.snapshot().refused().count(), 0);
    let publishes = |it: &derek::catalog::Loaded| matches!(it.outcome, LoadOutcome::Published(_));
    assert!(catalog.load_all(None).expect("it can be read").iter().all(publishes));
}

/// Retention is an option: nothing is dropped by default.
#[test]
fn old_versions_are_dropped_where_that_is_asked_for() {
    let (documents, store) = (folder(), folder());
    let file = documents.path().join("a.json");
    for count in 1..=4 {
        fs::write(&file, document("a", &(0..count).collect::<Vec<_>>())).expect("it can be written");
        drop(publish(&[documents.path()], store.path()));
    }
    let kept = |store: &Store| {
        let records = store.versions().expect("sound").into_iter();
        records.map(|it| (!it.is_dropped, store.folder(&it).exists())).collect::<Vec<_>>()
    };
    let opened = Store::open(store.path(), Access::Write).expect("nobody else writes");
    assert_eq!(kept(&opened), [(true, true); 4]);
    let two = std::num::NonZeroU32::new(2).expect("two is not zero");
    let opened = opened.with_kept_versions(two).expect("they can be dropped");
    assert_eq!(kept(&opened), [(false, false), (false, false), (true, true), (true, true)]);
    let store_of = Arc::new(opened);
    let catalog = Catalog::new(&[documents.path().to_owned()], LoadOptions::default())
        .with_store(Arc::clone(&store_of));
    fs::write(&file, document("a", &[7])).expect("it can be written");
    catalog.load_all(None).expect("it is there");
    assert_eq!(kept(&store_of).iter().filter(|(is_kept, _)| *is_kept).count(), 2);
    let snapshot = catalog.snapshot();
    assert_eq!(snapshot.version("a", 4).expect("it is kept").document.rows, 4);
    let error = snapshot.version("a", 1).expect_err("it is dropped");
    assert_eq!((error.code, error.hint.as_deref()), (Code::CatalogUnknownVersion, Some("versions: 4, 5")));
    assert!(store_of.verify().expect("sound").is_empty());
    let backup = folder();
    assert_eq!(store_of.backup(backup.path()).expect("it can be copied").versions, 2);
}

#[test]
fn a_version_says_what_it_breaks_and_which_fields_changed() {
    let (documents, store) = (folder(), folder());
    let file = documents.path().join("a.json");
    let write = |fields: &str, row: &str| {
        let text = format!(r#"{{"meta": {{"apiUri": "a"}}, "fields": {{{fields}}}, "data": [{row}]}}"#);
        fs::write(&file, text).expect("it can be written");
        drop(publish(&[documents.path()], store.path()));
    };
    let id = r#""id": {"type": "Int", "pkey": true}"#;
    write(
        &format!(
            r#"{id}, "n": {{"type": "Int"}}, "owner": {{"type": "Object", "fields": {{"name": {{"type": "String"}}}}}}"#
        ),
        r#"{"id": 1, "n": 5, "owner": {"name": "Ә"}}"#,
    );
    write(
        &format!(
            r#"{id}, "n": {{"type": "String"}}, "tel": {{"type": "String"}}, "region": {{"type": "Int", "datapath": "regions.id"}}"#
        ),
        r#"{"id": "x", "n": "5", "tel": "7", "region": 71}"#,
    );
    let opened = Store::open(store.path(), Access::Read).expect("it is a store");
    let records = opened.versions().expect("sound");
    assert_eq!((records[0].schema_changes.as_str(), records[0].errors), ("", 0));
    assert_eq!(
        records[1].schema_changes,
        "+ region Int of regions.id; + tel String; - owner; - owner.name; n Int → String"
    );
    assert!(records[1].errors > 0 && records[1].findings >= records[1].errors + records[1].warnings);
}

/// What was asked is there after a restart.
#[test]
fn queries_are_kept_in_the_store() {
    let (documents, store) = (folder(), folder());
    fs::write(documents.path().join("a.json"), document("a", &[1, 2])).expect("it can be written");
    let catalog = Arc::new(publish(&[documents.path()], store.path()));
    let site = Site::of_catalog(&catalog);
    site.sql("SELECT name FROM a WHERE id = 2");
    assert_eq!(site.get("/sql?q=SELECT+wrong+FROM+a").status, 400);
    let asked = |site: &Site| {
        let sql = "SELECT door, query, datasets, rows, error FROM system.queries WHERE query LIKE '%a%' \
                   AND query NOT LIKE '%system%' ORDER BY asked_at";
        site.sql(sql)
    };
    // A query is noted when it is over, which may be after its answer.
    let noted = (0..200).map(|_| asked(&site)).inspect(|noted| {
        if noted.len() < 2 {
            std::thread::sleep(Duration::from_millis(10));
        }
    });
    let before = noted.into_iter().find(|noted| noted.len() == 2).expect("both are noted");
    catalog.query_log().flush();
    drop((site, catalog));
    let again = asked(&Site::of_catalog(&Arc::new(reopen(store.path()))));
    assert_eq!(again, before);
    let copy = folder();
    let opened = Store::open(store.path(), Access::Read).expect("it is a store");
    opened.backup(copy.path()).expect("it can be copied");
    assert_eq!(asked(&Site::of_catalog(&Arc::new(reopen(copy.path())))), before);
    assert_eq!(again[0]["datasets"], serde_json::json!(["a"]));
    assert_eq!(again[1]["error"], "query.unknown_column");
}

/// A disk that takes no more: a limit on the size of files stands for it, which needs no rights.
#[test]
fn a_disk_that_is_full_keeps_what_was_published() {
    let (documents, store) = (folder(), folder());
    let file = documents.path().join("a.json");
    fs::write(&file, document("a", &[1])).expect("it can be written");
    drop(publish(&[documents.path()], store.path()));
    let rows: Vec<i64> = (0..60_000).collect();
    fs::write(&file, document("a", &rows)).expect("it can be written");
    let load = |limit: &str| {
        let command = format!("trap '' XFSZ; ulimit -f {limit}; exec \"$0\" load \"$1\" --store \"$2\"");
        let mut shell = Command::new("sh");
        shell.args(["-c", &command, env!("CARGO_BIN_EXE_derek")]).args([documents.path(), store.path()]);
        let output = shell.output().expect("the program starts");
        let said =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output.status.code(), said)
    };
    for limit in ["1", "16", "60"] {
        let (status, said) = load(limit);
        assert_eq!(status, Some(1), "{said}");
        assert!(
            said.contains("store.io") && said.contains("what was published before is still there")
                || said.contains("nothing of what was to be published counts"),
            "{said}"
        );
        assert_eq!(versions(store.path()), [("a".to_owned(), 1, 1)]);
    }
    let (status, said) = load("unlimited");
    assert_eq!((status, versions(store.path()).len()), (Some(0), 2), "{said}");
    assert!(Store::open(store.path(), Access::Read).and_then(|it| it.verify()).expect("sound").is_empty());
}

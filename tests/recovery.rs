//! What a store does about what went wrong: a ledger that is gone, restarts, copies, damage.

use std::fs;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use derek::catalog::{Access, Catalog, LoadOptions, LoadOutcome, Loaded, Store, Upload, VersionRecord};
use derek::error::{Code, Result};
use serde_json::Value;

use crate::site::Site;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder can be made")
}

fn document(name: &str, rows: &[i64]) -> String {
    let rows: Vec<String> = rows.iter().map(|id| format!(r#"{{"id": {id}, "name": "Ә{id}"}}"#)).collect();
    let fields = r#"{"id": {"type": "Int", "pkey": true}, "name": {"type": "String"}}"#;
    format!(r#"{{"meta": {{"apiUri": "{name}"}}, "fields": {fields}, "data": [{}]}}"#, rows.join(","))
}

fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let file = folder.join(name);
    fs::write(&file, text).expect("it can be written");
    file
}

fn open(store: &Path, access: Access) -> Result<Store> {
    Store::open(store, access)
}

/// A catalog over a store, after its first load, and what that did with the files.
fn load(paths: &[&Path], store: &Path, yields: bool) -> (Catalog, Vec<Loaded>) {
    let opened = Arc::new(open(store, Access::Write).expect("nobody else writes"));
    let paths: Vec<PathBuf> = paths.iter().map(|path| path.to_path_buf()).collect();
    let catalog = Catalog::new(&paths, LoadOptions::default()).with_store(opened);
    let catalog = if yields { catalog.yielding() } else { catalog };
    let loaded = catalog.load_all(None).expect("the PATHs are there");
    (catalog, loaded)
}

fn upload(catalog: &Catalog, name: &str, text: &str) -> u32 {
    let sent = folder();
    let file = write(sent.path(), &format!("{name}.json"), text);
    let upload = Upload {
        file: &file,
        dataset: name,
        is_strict: false,
        is_dry_run: false,
        expected: &[],
        written_by: "somebody",
    };
    catalog.publish(&upload).expect("it is sound").version.version
}

fn version(catalog: &Catalog, name: &str) -> Option<u32> {
    catalog.snapshot().named(name).map(|dataset| dataset.version)
}

/// The last version of a dataset, and the folder that it lies in.
fn last(store: &Path, name: &str) -> (VersionRecord, PathBuf) {
    let store = open(store, Access::Read).expect("it is a store");
    let record = store.last(name).expect("sound").expect("it is there");
    let path = store.folder(&record);
    (record, path)
}

fn flip(file: &Path, at: impl FnOnce(u64) -> u64) {
    let opened = fs::OpenOptions::new().read(true).write(true).open(file).expect("it can be opened");
    let at = at(opened.metadata().expect("it is there").len());
    let mut byte = [0];
    opened.read_exact_at(&mut byte, at).expect("it can be read");
    opened.write_all_at(&[byte[0] ^ 1], at).expect("it can be written");
}

#[test]
fn a_ledger_that_is_gone_or_empty_is_no_new_store() {
    let (documents, store) = (folder(), folder());
    write(documents.path(), "a.json", &document("a", &[1, 2]));
    drop(load(&[documents.path()], store.path(), false));
    let (_, path) = last(store.path(), "a");
    let ledger = store.path().join("ledger.sqlite");
    let kept = fs::read(&ledger).expect("it is there");
    for bytes in [None, Some(&[][..])] {
        match bytes {
            None => fs::remove_file(&ledger).expect("it can be removed"),
            Some(bytes) => fs::write(&ledger, bytes).expect("it can be written"),
        }
        let error = open(store.path(), Access::Write).expect_err("the ledger is lost");
        assert_eq!(error.code, Code::StoreDamaged, "{error}");
        assert!(error.hint.as_deref().is_some_and(|hint| hint.contains("backup")), "{error}");
        assert!(path.join("table.parquet").exists(), "nothing is removed");
    }
    fs::write(&ledger, kept).expect("it can be written");
    assert_eq!(version(&load(&[], store.path(), false).0, "a"), Some(1));
}

#[test]
fn only_what_a_publication_left_behind_is_removed() {
    let (documents, store) = (folder(), folder());
    write(documents.path(), "a.json", &document("a", &[1]));
    drop(load(&[documents.path()], store.path(), false));
    let (_, path) = last(store.path(), "a");
    let versions = path.parent().expect("it has a folder").to_owned();
    for folder in ["2", "7", "note"] {
        fs::create_dir_all(versions.join(folder)).expect("it can be made");
    }
    let of_new = store.path().join("versions/new-0123456789abcdef");
    fs::create_dir_all(of_new.join("1")).expect("it can be made");
    fs::write(store.path().join("versions/README"), "by hand").expect("it can be written");
    fs::write(store.path().join("incoming/ledger.sqlite"), "half a copy").expect("it can be written");
    fs::create_dir_all(store.path().join("incoming/a-1")).expect("it can be made");
    drop(open(store.path(), Access::Write).expect("it can be opened"));
    let is_there = |path: &str| versions.join(path).exists();
    assert_eq!(["1", "2", "7", "note"].map(is_there), [true, false, true, true]);
    assert!(!of_new.join("1").exists() && store.path().join("versions/README").exists());
    assert_eq!(fs::read_dir(store.path().join("incoming")).expect("it is there").count(), 0);
}

#[test]
fn a_copy_is_made_into_no_store_that_is_used() {
    let (documents, store, other) = (folder(), folder(), folder());
    write(documents.path(), "a.json", &document("a", &[1]));
    drop(load(&[documents.path()], store.path(), false));
    let opened = open(store.path(), Access::Read).expect("it is a store");
    for within in [store.path().to_owned(), store.path().join("versions/../"), store.path().join("copy")] {
        let error = opened.backup(&within).expect_err("that is the store");
        assert_eq!(error.code, Code::StoreIo, "{error}");
    }
    assert!(!store.path().join("copy").exists(), "nothing is written before it is refused");
    let _writer = open(other.path(), Access::Write).expect("nobody else writes");
    assert_eq!(opened.backup(other.path()).expect_err("it is used").code, Code::StoreLocked);
    assert_eq!(version(&load(&[], store.path(), false).0, "a"), Some(1));
}

/// What was published while a server ran is still there when it starts again over the same files.
#[test]
fn a_restart_takes_nothing_back() {
    let (documents, store) = (folder(), folder());
    let file = write(documents.path(), "a.json", &document("a", &[1]));
    write(documents.path(), "b.json", &document("b", &[1]));
    let (catalog, _) = load(&[documents.path()], store.path(), true);
    assert_eq!(upload(&catalog, "a", &document("a", &[1, 2])), 2);
    catalog.delete("b", &[], "somebody").expect("it is there");
    drop(catalog);
    let (catalog, loaded) = load(&[documents.path()], store.path(), true);
    assert_eq!((version(&catalog, "a"), version(&catalog, "b")), (Some(2), None));
    let superseded = loaded.iter().filter_map(|it| match &it.outcome {
        LoadOutcome::Superseded(last) => Some((last.dataset.as_str(), last.version, last.is_deleted)),
        _ => None,
    });
    assert_eq!(superseded.collect::<Vec<_>>(), [("a", 2, false), ("b", 2, true)]);
    assert!(catalog.refresh().is_empty(), "the files are as they were");
    drop(catalog);
    // A checkout, a copy, a mount that comes and goes: the bytes are those that were published from here.
    let touched = fs::File::options().append(true).open(&file).expect("it is there");
    touched.set_modified(SystemTime::now() + Duration::from_hours(1)).expect("it can be touched");
    let (catalog, _) = load(&[documents.path()], store.path(), true);
    assert_eq!((version(&catalog, "a"), version(&catalog, "b")), (Some(2), None));
    let away = documents.path().join("away.txt");
    fs::rename(&file, &away).expect("it can be moved");
    assert!(catalog.refresh().is_empty(), "what the store has stays");
    fs::copy(&away, &file).expect("it can be copied");
    assert!(matches!(&catalog.refresh()[..], [Loaded { outcome: LoadOutcome::Superseded(_), .. }]));
    assert_eq!(version(&catalog, "a"), Some(2), "it came back as it was");
    fs::write(&file, document("a", &[1, 2, 3])).expect("it can be written");
    catalog.refresh();
    assert_eq!(version(&catalog, "a"), Some(3), "a file that changed is published");
    fs::write(&file, document("a", &[1])).expect("it can be written");
    catalog.refresh();
    assert_eq!(version(&catalog, "a"), Some(4), "and so is one that changed back");
    drop(catalog);
    let (catalog, _) = load(&[documents.path()], store.path(), false);
    assert_eq!(
        (version(&catalog, "a"), version(&catalog, "b")),
        (Some(4), Some(3)),
        "derek load was told to"
    );
}

/// Bytes that do not say what dataset they are belong to as many as there are files.
#[test]
fn the_same_bytes_without_a_name_are_two_datasets() {
    let (documents, store) = (folder(), folder());
    for name in ["a.json", "b.json"] {
        write(documents.path(), name, r#"{"fields": {"id": {"type": "Int"}}, "data": [{"id": 7}]}"#);
    }
    for _ in 0..2 {
        let (catalog, _) = load(&[documents.path()], store.path(), true);
        assert_eq!((version(&catalog, "a"), version(&catalog, "b")), (Some(1), Some(1)));
    }
}

/// The footer says what row groups hold: queries trust it before they read any of them.
#[test]
fn a_footer_that_is_damaged_is_seen_before_a_row_is_read() {
    let (documents, store) = (folder(), folder());
    write(documents.path(), "a.json", &document("a", &[1, 2, 3]));
    drop(load(&[documents.path()], store.path(), false));
    let (_, path) = last(store.path(), "a");
    let table = path.join("table.parquet");
    let bytes = fs::read(&table).expect("it is there");
    let footer = u64::from(u32::from_le_bytes(bytes[bytes.len() - 8..][..4].try_into().expect("four bytes")));
    for at in [9, 40, footer / 2] {
        flip(&table, |length| length - 8 - at);
        let store = Arc::new(open(store.path(), Access::Read).expect("it is a store"));
        let catalog = Catalog::new(&[], LoadOptions::default()).with_store(store);
        let loaded = catalog.load_all(None).expect("the others are served");
        assert!(
            matches!(&loaded[0].outcome, LoadOutcome::Refused(error) if error.message.contains("footer")),
            "{loaded:?}"
        );
        fs::write(&table, &bytes).expect("it can be written");
    }
}

#[test]
fn verify_names_every_file_that_is_damaged() {
    let (documents, store) = (folder(), folder());
    write(documents.path(), "a.json", &document("a", &[1, 2, 3]));
    drop(load(&[documents.path()], store.path(), false));
    let (_, path) = last(store.path(), "a");
    for file in ["table.parquet", "document.json.zst"] {
        flip(&path.join(file), |length| length / 2);
    }
    fs::remove_file(path.join("description.json")).expect("it can be removed");
    let found =
        open(store.path(), Access::Read).and_then(|store| store.verify()).expect("the ledger is sound");
    let names: Vec<String> = found.iter().map(|it| it.error.message.clone()).collect();
    assert_eq!(names.len(), 3, "{names:?}");
    for file in ["table.parquet", "document.json.zst", "description.json"] {
        assert!(names.iter().any(|name| name.contains(file)), "{file}: {names:?}");
    }
}

/// A copy of a store has the same moments, and tags of answers, though its files are others.
#[test]
fn moments_and_tags_are_those_of_the_ledger() {
    let (documents, store, copy) = (folder(), folder(), folder());
    write(documents.path(), "a.json", &document("a", &[1]));
    drop(load(&[documents.path()], store.path(), false));
    open(store.path(), Access::Read).and_then(|it| it.backup(copy.path())).expect("it can be copied");
    let (record, path) = last(copy.path(), "a");
    let stored = fs::File::options().append(true).open(path.join("document.json.zst")).expect("it is there");
    stored.set_modified(SystemTime::UNIX_EPOCH).expect("it can be changed");
    let seen = |store: &Path| {
        let (catalog, _) = load(&[], store, false);
        let published = catalog.snapshot().require("a").expect("it is there").published_at();
        let site = Site::of_catalog(&Arc::new(catalog));
        (published, site.get("/datasets/a/rows").header("etag").map(str::to_owned))
    };
    let (one, other) = (seen(store.path()), seen(copy.path()));
    assert!(one == other && one.1.is_some(), "{one:?} {other:?}");
    assert_eq!(one.0.timestamp_millis(), record.published_at.timestamp_millis());
}

/// What lists datasets and references answers while some of them cannot be read.
#[test]
fn lists_answer_though_a_table_is_damaged() {
    let store = folder();
    drop(load(&[crate::fixtures()], store.path(), false));
    let (_, path) = last(store.path(), "regions");
    // The first bytes of rows: the footer is sound, so it is served until somebody reads it.
    flip(&path.join("table.parquet"), |_| 8);
    let opened = open(store.path(), Access::Read).expect("it is a store").with_memory_bytes(0);
    let catalog = Catalog::new(&[], LoadOptions::default()).with_store(Arc::new(opened));
    catalog.load_all(None).expect("the others are served");
    let site = Site::of_catalog(&Arc::new(catalog));
    for address in ["/datasets", "/datasets/cities", "/datasets/regions", "/datasets/cities/findings"] {
        assert_eq!(site.get(address).status, 200, "{address}");
    }
    for address in ["/links", "/links?format=mermaid", "/sql?q=SELECT+*+FROM+system.links"] {
        let answer = site.get(address);
        assert_eq!(answer.status, 200, "{address}: {}", answer.text());
    }
    let links = site.get("/links").rows();
    let of_cities = links.iter().find(|link| link["dataset"] == "cities").expect("cities refers to regions");
    assert_eq!((&of_cities["is_resolved"], &of_cities["resolved"]), (&Value::Bool(true), &Value::Null));
    assert!(site.get("/links?format=dot").text().contains("cannot be read"));
    let answer = site.get("/sql?q=SELECT+*+FROM+regions");
    assert_eq!(answer.error(), (500, "store.damaged".to_owned()));
    assert_eq!(site.get("/sql?q=SELECT+count(*)+FROM+cities").status, 200);
}

#[test]
fn what_is_damaged_is_found_in_memory_or_not_and_healed_or_deleted() {
    let (documents, store) = (folder(), folder());
    for name in ["a", "b", "c"] {
        write(documents.path(), &format!("{name}.json"), &document(name, &[1, 2]));
    }
    drop(load(&[documents.path()], store.path(), false));
    for name in ["a", "b"] {
        flip(&last(store.path(), name).1.join("table.parquet"), |_| 8);
    }
    let opened = open(store.path(), Access::Write).expect("nobody else writes").with_memory_bytes(0);
    let catalog = Catalog::new(&[], LoadOptions::default()).with_store(Arc::new(opened));
    catalog.load_all(None).expect("they are there");
    let mut told = Vec::new();
    catalog.fill_memory(|loaded| told.push(loaded.file.clone())).expect("the ledger is sound");
    assert_eq!(told.len(), 2, "what does not fit into memory is looked at, too: {told:?}");
    assert_eq!((version(&catalog, "a"), version(&catalog, "c")), (None, Some(1)));
    assert_eq!(catalog.snapshot().refused().count(), 2);
    assert_eq!(upload(&catalog, "a", &document("a", &[1, 2])), 2, "the same bytes, whole");
    assert_eq!(catalog.snapshot().refused().count(), 1);
    assert_eq!(catalog.delete("b", &[], "somebody").expect("its ledger has it"), 2);
    assert_eq!(catalog.snapshot().refused().count(), 0);
    assert_eq!(version(&catalog, "a"), Some(2));
}

/// The list of versions changes when old ones are dropped, and so does its tag.
#[test]
fn the_tag_of_the_versions_is_another_once_some_are_dropped() {
    let (documents, store) = (folder(), folder());
    for count in 1..=3 {
        write(documents.path(), "a.json", &document("a", &(0..count).collect::<Vec<_>>()));
        drop(load(&[documents.path()], store.path(), false));
    }
    let tag = |kept: Option<u32>| {
        let opened = open(store.path(), Access::Write).expect("nobody else writes");
        let opened = match kept.and_then(std::num::NonZeroU32::new) {
            Some(kept) => opened.with_kept_versions(kept).expect("they can be dropped"),
            None => opened,
        };
        let catalog = Catalog::new(&[], LoadOptions::default()).with_store(Arc::new(opened));
        catalog.load_all(None).expect("it is there");
        let answer = Site::of_catalog(&Arc::new(catalog)).get("/datasets/a/versions");
        (answer.header("etag").map(str::to_owned), answer.rows().len())
    };
    let (before, again, after) = (tag(None), tag(None), tag(Some(1)));
    assert!(before == again && before.0.is_some(), "{before:?} {again:?}");
    assert!(before.0 != after.0 && after.1 == 3, "{before:?} {after:?}");
}

/// A ledger that is older than the versions beside it: what it does not know is put away, and not lost.
#[test]
fn versions_that_an_older_ledger_does_not_know_are_put_aside() {
    let (documents, store, copy) = (folder(), folder(), folder());
    write(documents.path(), "a.json", &document("a", &[1]));
    drop(load(&[documents.path()], store.path(), false));
    open(store.path(), Access::Read).and_then(|it| it.backup(copy.path())).expect("it can be copied");
    for rows in [&[1, 2][..], &[1, 2, 3]] {
        write(documents.path(), "a.json", &document("a", rows));
        drop(load(&[documents.path()], store.path(), false));
    }
    for rest in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(store.path().join(format!("ledger.sqlite{rest}")));
    }
    fs::copy(copy.path().join("ledger.sqlite"), store.path().join("ledger.sqlite"))
        .expect("it can be copied");
    write(documents.path(), "a.json", &document("a", &[7]));
    let (catalog, _) = load(&[documents.path()], store.path(), true);
    assert_eq!(version(&catalog, "a"), Some(2));
    let lost = fs::read_dir(store.path().join("lost")).expect("they are put aside");
    let mut rows: Vec<usize> = lost
        .map(|version| {
            let packed = fs::read(version.expect("it can be read").path().join("document.json.zst"));
            let text = zstd::decode_all(packed.expect("it is there").as_slice()).expect("it is whole");
            String::from_utf8(text).expect("it is UTF-8").matches("Ә").count()
        })
        .collect();
    rows.sort_unstable();
    assert_eq!(rows, [2, 3], "both documents are there");
}

/// A copy keeps what it had whole, takes what is sound, and tells the rest.
#[test]
fn a_copy_is_made_of_what_is_sound() {
    let (documents, store, copy, other) = (folder(), folder(), folder(), folder());
    for name in ["a", "b"] {
        write(documents.path(), &format!("{name}.json"), &document(name, &[1]));
    }
    drop(load(&[documents.path()], store.path(), false));
    flip(&last(store.path(), "a").1.join("table.parquet"), |_| 8);
    fs::write(store.path().join("queries.sqlite"), "no database, but a text of some length")
        .expect("written");
    let opened = open(store.path(), Access::Read).expect("it is a store");
    let done = opened.backup(copy.path()).expect("the rest is copied");
    let missing: Vec<&str> = done.missing.iter().map(|error| error.message.as_str()).collect();
    assert_eq!((done.versions, done.copied, missing.len()), (2, 1, 2), "{missing:?}");
    assert!(missing[0].contains("table.parquet") && missing[1].contains("queries.sqlite"), "{missing:?}");
    assert_eq!(version(&load(&[], copy.path(), false).0, "b"), Some(1));
    drop(load(&[&documents.path().join("b.json")], other.path(), false));
    write(documents.path(), "b.json", &document("b", &[1, 2]));
    drop(load(&[&documents.path().join("b.json")], other.path(), false));
    let error = opened.backup(other.path()).expect_err("it is another store");
    assert!(error.code == Code::StoreIo && error.message.contains("another store"), "{error}");
    assert_eq!(version(&load(&[], other.path(), false).0, "b"), Some(2), "which is as it was");
}

const DATABASES: [&str; 5] =
    ["queries.sqlite", "requests.sqlite", "uses.sqlite", "quality.sqlite", "passports.sqlite"];

#[test]
fn every_database_that_is_damaged_is_named() {
    let (documents, store, copy) = (folder(), folder(), folder());
    write(documents.path(), "a.json", &document("a", &[1]));
    let (catalog, _) = load(&[documents.path()], store.path(), false);
    catalog.store().expect("it has one").backup(copy.path()).expect("it can be copied");
    let opened = open(copy.path(), Access::Read).expect("it is a store");
    for name in DATABASES {
        let file = copy.path().join(name);
        let whole = fs::read(&file).expect("the copy has it");
        assert!(opened.damaged_databases().is_empty(), "{name} is whole still");
        // Spoiled, or emptied: SQLite takes an empty file for a database.
        for content in ["no database, but a text of some length", ""] {
            fs::write(&file, content).expect("it can be written");
            let damaged = opened.damaged_databases();
            assert!(damaged.len() == 1 && damaged[0].message.contains(name), "{name}: {damaged:?}");
            assert_eq!(damaged[0].code, Code::StoreDamaged);
        }
        fs::write(&file, whole).expect("it can be written");
    }
}

#[test]
fn a_copy_that_was_damaged_is_whole_after_the_next_backup() {
    let (documents, store, copy) = (folder(), folder(), folder());
    write(documents.path(), "a.json", &document("a", &[1]));
    let (catalog, _) = load(&[documents.path()], store.path(), false);
    let opened = catalog.store().expect("it has one");
    assert!(opened.backup(copy.path()).expect("it can be copied").missing.is_empty());
    let beside = |name: &str, ending: &str| copy.path().join(format!("{name}{ending}"));
    for name in DATABASES {
        fs::write(beside(name, ""), "no database, but a text of some length").expect("it can be written");
        fs::write(beside(name, "-wal"), "of the damaged one").expect("it can be written");
    }
    let done = opened.backup(copy.path()).expect("it can be copied");
    assert!(done.missing.is_empty(), "{:?}", done.missing);
    assert!(
        !DATABASES.iter().any(|name| beside(name, "-wal").exists()),
        "it would be read as part of the new one"
    );
    let copied = open(copy.path(), Access::Read).expect("it is a store");
    assert!(copied.damaged_databases().is_empty());
    assert!(copied.requests().expect("it is whole").is_some());
}

/// A reader opens what is there, also while old versions are dropped beside it.
#[test]
fn readers_meet_no_missing_folder_while_versions_are_dropped() {
    let (documents, store) = (folder(), folder());
    let write_version = |count: i64| {
        write(documents.path(), "a.json", &document("a", &(0..count).collect::<Vec<_>>()));
    };
    write_version(1);
    let opened = open(store.path(), Access::Write).expect("nobody else writes");
    let kept = std::num::NonZeroU32::new(1).expect("one is not zero");
    let opened = opened.with_kept_versions(kept).expect("nothing is there yet");
    let paths = [documents.path().to_owned()];
    let catalog = Catalog::new(&paths, LoadOptions::default()).with_store(Arc::new(opened));
    catalog.load_all(None).expect("it is there");
    let stop = AtomicBool::new(false);
    let reads = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut reads = 0;
            while !stop.load(Ordering::Relaxed) {
                let reader = open(store.path(), Access::Read).expect("it is a store");
                let catalog = Catalog::new(&[], LoadOptions::default()).with_store(Arc::new(reader));
                let loaded = catalog.load_all(None).expect("it can be read");
                let is_served = matches!(&loaded[..], [Loaded { outcome: LoadOutcome::Published(_), .. }]);
                assert!(is_served, "{loaded:?}");
                reads += 1;
            }
            reads
        });
        for count in 2..60 {
            write_version(count);
            catalog.refresh();
        }
        stop.store(true, Ordering::Relaxed);
        reader.join().expect("a reader does not fail")
    });
    assert_eq!(version(&catalog, "a"), Some(59));
    assert!(reads > 5, "{reads}");
}

/// More datasets than files may be open: the limit is raised where the system lets it be.
#[test]
fn a_store_of_more_datasets_than_open_files_is_served() {
    let (documents, store) = (folder(), folder());
    for number in 0..100 {
        write(documents.path(), &format!("d{number}.json"), &document(&format!("d{number}"), &[1]));
    }
    drop(load(&[documents.path()], store.path(), false));
    let list = |limit: &str| {
        let command = format!("ulimit {limit}; exec \"$0\" list --store \"$1\"");
        let output = std::process::Command::new("sh")
            .args(["-c", &command, env!("CARGO_BIN_EXE_derek")])
            .arg(store.path())
            .output()
            .expect("the program starts");
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (status, said) = list("-Sn 60");
    assert_eq!(status, Some(0), "{said}");
    // Where it cannot be raised, what is whole is not called damaged.
    let (status, said) = list("-n 60");
    assert!(status == Some(1) && said.contains("store.io") && !said.contains("store.damaged"), "{said}");
}

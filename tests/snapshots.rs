//! The catalog over files that change.

use arrow::array::AsArray;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use derek::catalog::{Catalog, LoadOptions, LoadOutcome, watch};
use derek::error::Code;

fn document(name: &str, rows: &[i64]) -> String {
    let rows: Vec<String> = rows.iter().map(|id| format!(r#"{{"id": {id}}}"#)).collect();
    format!(
        r#"{{"meta": {{"apiUri": "{name}"}}, "fields": {{"id": {{"type": "Int"}}}}, "data": [{}]}}"#,
        rows.join(",")
    )
}

fn open(folder: &Path) -> Catalog {
    Catalog::open(&[folder.to_owned()], LoadOptions::default()).expect("the folder is there").0
}

fn rows(catalog: &Catalog, name: &str) -> Option<u64> {
    catalog.snapshot().dataset(name).map(|dataset| dataset.document.rows)
}

#[test]
fn a_bad_file_is_reported_and_the_others_are_served() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    fs::write(folder.path().join("good.json"), document("good", &[1, 2])).expect("it can be written");
    fs::write(folder.path().join("bad.json"), "{\"data\": [{\"id\": 1},\n {\"id\" 2}]}")
        .expect("it can be written");
    let catalog = open(folder.path());
    assert_eq!((rows(&catalog, "good"), rows(&catalog, "bad")), (Some(2), None));
    let snapshot = catalog.snapshot();
    let (file, error) = snapshot.refused().next().expect("one is refused");
    assert!(file.ends_with("bad.json"));
    let place = error.place.as_deref().expect("it has a place");
    assert_eq!(
        (error.code, place.line, place.column, place.byte),
        (Code::DocumentSyntax, Some(2), Some(8), Some(28))
    );
    let findings = snapshot.system().table("findings").expect("it is there");
    let rules = findings.column_by_name("rule").expect("it is there").as_string::<i32>();
    let refused = rules.iter().flatten().filter(|rule| *rule == "document.syntax").count();
    assert_eq!(refused, 1, "a refused file is a finding");
}

#[test]
fn a_changed_file_is_a_new_version_and_a_bad_one_leaves_the_old() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("a.json");
    fs::write(&file, document("a", &[1])).expect("it can be written");
    let catalog = open(folder.path());
    let before = catalog.snapshot();
    assert!(catalog.refresh().is_empty(), "nothing changed");
    fs::write(&file, document("a", &[1, 2, 3])).expect("it can be written");
    assert!(matches!(catalog.refresh()[0].outcome, LoadOutcome::Published(_)));
    assert_eq!(rows(&catalog, "a"), Some(3));
    assert_eq!(catalog.snapshot().dataset("a").map(|dataset| dataset.version), Some(2));
    assert_eq!(
        before.dataset("a").map(|dataset| dataset.document.rows),
        Some(1),
        "who holds a snapshot keeps it"
    );
    fs::write(&file, "{").expect("it can be written");
    assert!(matches!(catalog.refresh()[0].outcome, LoadOutcome::Refused(_)));
    assert_eq!((rows(&catalog, "a"), catalog.snapshot().refused().count()), (Some(3), 1));
    fs::write(&file, document("b", &[1])).expect("it can be written");
    catalog.refresh();
    assert_eq!(
        (rows(&catalog, "a"), rows(&catalog, "b"), catalog.snapshot().refused().count()),
        (None, Some(1), 0)
    );
    fs::remove_file(&file).expect("it can be removed");
    assert!(matches!(&catalog.refresh()[0].outcome, LoadOutcome::Removed(name) if name == "b"));
    assert_eq!(catalog.snapshot().datasets().len(), 0);
}

#[test]
fn two_files_of_one_name_are_one_dataset_and_an_error() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    fs::write(folder.path().join("1.json"), document("same", &[1])).expect("it can be written");
    fs::write(folder.path().join("2.json"), document("same", &[1, 2])).expect("it can be written");
    let catalog = open(folder.path());
    assert_eq!(rows(&catalog, "same"), Some(1));
    assert_eq!(
        catalog.snapshot().refused().map(|(_, error)| error.code).collect::<Vec<_>>(),
        [Code::CatalogDuplicate]
    );
}

/// The ordinary way to replace a dated file: the new one arrives, then the old one goes.
#[test]
fn a_name_that_becomes_free_is_taken_by_the_file_that_waits_for_it() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = |name: &str| folder.path().join(name);
    fs::write(path("2025.json"), document("same", &[1])).expect("it can be written");
    let catalog = open(folder.path());
    fs::write(path("2026.json"), document("same", &[1, 2])).expect("it can be written");
    catalog.refresh();
    assert_eq!((rows(&catalog, "same"), catalog.snapshot().refused().count()), (Some(1), 1));
    fs::remove_file(path("2025.json")).expect("it can be removed");
    catalog.refresh();
    assert_eq!((rows(&catalog, "same"), catalog.snapshot().refused().count()), (Some(2), 0));
    assert_eq!(
        catalog.snapshot().dataset("same").map(|dataset| dataset.version),
        Some(2),
        "no version comes twice"
    );
}

#[test]
fn compressed_documents_are_read_within_a_limit() {
    use std::io::Write;
    let folder = tempfile::tempdir().expect("a folder can be made");
    let text = crate::generator::document(500, 3);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&text).expect("a vector takes all bytes");
    let gzip = gzip.finish().expect("a vector takes all bytes");
    fs::write(folder.path().join("a.json.gz"), &gzip).expect("it can be written");
    assert_eq!(rows(&open(folder.path()), "generated"), Some(500));
    fs::remove_file(folder.path().join("a.json.gz")).expect("it can be removed");
    let zstd = zstd::encode_all(text.as_slice(), 1).expect("a vector takes all bytes");
    fs::write(folder.path().join("a.json.zst"), zstd).expect("it can be written");
    assert_eq!(rows(&open(folder.path()), "generated"), Some(500));
    let limited = LoadOptions { max_document_bytes: 1_000, ..LoadOptions::default() };
    let (catalog, _) = Catalog::open(&[folder.path().to_owned()], limited).expect("the folder is there");
    assert_eq!(
        catalog.snapshot().refused().map(|(_, error)| error.code).collect::<Vec<_>>(),
        [Code::DocumentTooLarge]
    );
    fs::write(folder.path().join("b.json.gz"), &gzip[..gzip.len() / 2]).expect("it can be written");
    let codes: Vec<_> = open(folder.path()).snapshot().refused().map(|(_, error)| error.code).collect();
    assert_eq!(codes, [Code::DocumentCompression]);
}

#[test]
fn changes_under_the_paths_are_seen() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    fs::write(folder.path().join("a.json"), document("a", &[1])).expect("it can be written");
    let catalog = Arc::new(open(folder.path()));
    let _watch = watch(&catalog, |_| {}).expect("the folder can be watched");
    let wait = |name: &str, expected: Option<u64>| {
        let start = Instant::now();
        while rows(&catalog, name) != expected {
            assert!(start.elapsed() < Duration::from_secs(20), "{name} is {:?}", rows(&catalog, name));
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    fs::write(folder.path().join("b.json"), document("b", &[1, 2])).expect("it can be written");
    wait("b", Some(2));
    let beside = folder.path().join(".b.json.new");
    fs::write(&beside, document("b", &[1, 2, 3])).expect("it can be written");
    fs::rename(&beside, folder.path().join("b.json")).expect("it can be renamed");
    wait("b", Some(3));
    fs::remove_file(folder.path().join("a.json")).expect("it can be removed");
    wait("a", None);
}

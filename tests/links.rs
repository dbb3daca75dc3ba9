//! References between datasets: resolved when they are published, kept, remade, and healed.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow::array::Array;
use derek::catalog::{Catalog, Dataset, LoadOptions, Snapshot};
use derek::document::Rule;
use serde_json::{Value, json};

fn write(folder: &Path, name: &str, fields: &Value, rows: &Value) {
    let document = json!({"meta": {"apiUri": name}, "fields": fields, "data": rows}).to_string();
    fs::write(folder.join(format!("{name}.json")), document).expect("it can be written");
}

fn open(folder: &Path) -> Catalog {
    Catalog::open(&[folder.to_owned()], LoadOptions::default()).expect("the folder is there").0
}

fn dataset(snapshot: &Snapshot, name: &str) -> Arc<Dataset> {
    Arc::clone(snapshot.require(name).expect("it is there"))
}

/// The rows that a field's values lead to.
fn rows(snapshot: &Snapshot, name: &str, field: &str) -> Option<Vec<Option<u32>>> {
    let dataset = dataset(snapshot, name);
    let target = dataset.link(field).expect("the field refers").target.as_ref()?;
    Some(target.rows().iter().collect())
}

fn broken(snapshot: &Snapshot, name: &str) -> Vec<(Rule, String, u64)> {
    let dataset = dataset(snapshot, name);
    let totals = dataset.findings().totals().filter(|(rule, ..)| rule.code().starts_with("link."));
    totals.map(|(rule, field, total)| (rule, field.to_owned(), total)).collect()
}

const REGIONS: &str = r#"[{"id": 75, "name": "Алматы"}, {"id": 71, "name": "Астана"}, {"id": 71, "name": "екінші"}, {"id": null}]"#;

fn regions(folder: &Path, rows: &str) {
    let fields = json!({"id": {"type": "Int", "pkey": true}, "name": {"type": "String"}});
    write(folder, "regions", &fields, &serde_json::from_str(rows).expect("rows"));
}

fn shops(folder: &Path) {
    let fields = json!({
        "id": {"type": "Int", "pkey": true},
        "region": {"type": "Int", "datapath": "regions.id"},
        "text": {"type": "String", "datapath": "Regions.ID"},
        "number": {"type": "Double", "datapath": "regions.id"},
        "name": {"type": "String", "datapath": "regions.name"},
        "owner": {"type": "Object", "fields": {"region": {"type": "Int", "datapath": "regions.id"}}},
        "branches": {"type": "List", "elementType": "Int", "datapath": "regions.id"},
    });
    let rows = json!([
        {"id": 1, "region": 71, "text": "71", "number": 71.0, "name": "екінші", "owner": {"region": 75}, "branches": [75, 71, 9]},
        {"id": 2, "region": 9, "text": "x", "number": 71.5, "name": "жоқ", "owner": null, "branches": []},
        {"id": 3, "region": null, "text": null, "number": null, "name": null, "owner": {"region": null}},
        {"id": 4, "region": 75, "text": "075", "number": 75, "name": "Алматы", "owner": {"region": 9}, "branches": [71]},
    ]);
    write(folder, "shops", &fields, &rows);
}

#[test]
fn values_lead_to_the_first_row_that_has_them_whatever_their_type() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    regions(folder.path(), REGIONS);
    shops(folder.path());
    let catalog = open(folder.path());
    let snapshot = catalog.snapshot();
    let of = |field: &str| rows(&snapshot, "shops", field).expect("it is resolved");
    assert_eq!(of("region"), [Some(1), None, None, Some(0)]);
    assert_eq!(of("text"), [Some(1), None, None, Some(0)], "a text that is a number is that number");
    assert_eq!(of("number"), [Some(1), None, None, Some(0)], "71.5 is not 71");
    assert_eq!(of("name"), [Some(2), None, None, Some(0)]);
    assert_eq!(of("owner.region"), [Some(0), None, None, None]);
    assert_eq!(of("branches[]"), [Some(0), Some(1), None, Some(1)]);
    let shops = dataset(&snapshot, "shops");
    let target =
        |field: &str| shops.link(field).and_then(|link| link.target.as_ref()).expect("it is resolved");
    let counts = |field: &str| {
        let it = target(field);
        let counts = it.counts().expect("it can be read");
        (counts.values, counts.resolved, counts.dangling(), counts.distinct, it.is_key)
    };
    assert_eq!(counts("region"), (3, 2, 1, 2, true));
    assert_eq!(counts("name"), (3, 2, 1, 2, false));
    assert_eq!(counts("branches[]"), (4, 3, 1, 2, true));
    assert_eq!(target("region").counts().and_then(|counts| counts.share()), Some(2.0 / 3.0));
    let dangling = |field: &str| (Rule::LinkDangling, field.to_owned(), 1);
    let expected = vec![
        (Rule::LinkNotAKey, "name".to_owned(), 1),
        dangling("branches[]"),
        dangling("name"),
        (Rule::LinkDangling, "number".to_owned(), 1),
        dangling("owner.region"),
        dangling("region"),
        dangling("text"),
    ];
    assert_eq!(broken(&snapshot, "shops"), expected);
    let finding =
        shops.findings().iter().find(|it| it.rule == Rule::LinkDangling && &*it.field == "branches[]");
    let finding = finding.expect("it is kept");
    assert_eq!(
        (finding.row, finding.key.as_deref(), finding.raw.as_deref()),
        (Some(1), Some("1"), Some("9"))
    );
    assert!(shops.document.findings.totals().all(|(rule, ..)| !rule.code().starts_with("link.")));
}

#[test]
fn the_rows_that_refer_to_an_object_are_found_from_its_side() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    regions(folder.path(), REGIONS);
    shops(folder.path());
    let snapshot = open(folder.path()).snapshot();
    let shops = dataset(&snapshot, "shops");
    let to = |field: &str, row: u32| {
        let link = shops.link(field).expect("it refers");
        link.referrers().expect("it is resolved").to(row).to_vec()
    };
    assert_eq!((to("region", 0), to("region", 1), to("region", 2)), (vec![3], vec![0], vec![]));
    assert_eq!((to("branches[]", 1), to("branches[]", 0)), (vec![0, 3], vec![0]));
    assert_eq!(to("region", 99), [0_u32; 0], "no such object");
    let into: Vec<String> = snapshot.links_to("regions").map(|link| link.path.shown.clone()).collect();
    assert_eq!(into, ["region", "text", "number", "name", "owner.region", "branches[]"]);
}

#[test]
fn a_missing_dataset_leaves_the_link_unresolved_and_heals_it_when_it_comes() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    shops(folder.path());
    let catalog = open(folder.path());
    let before = catalog.snapshot();
    assert_eq!(before.refused().count(), 0, "the document is not bad for it");
    assert_eq!(rows(&before, "shops", "region"), None);
    let unknown = broken(&before, "shops");
    assert!(unknown.len() == 6 && unknown.iter().all(|(rule, ..)| *rule == Rule::LinkUnknownDataset));
    regions(folder.path(), REGIONS);
    catalog.refresh();
    let after = catalog.snapshot();
    assert_eq!(rows(&after, "shops", "region"), Some(vec![Some(1), None, None, Some(0)]));
    assert_eq!(rows(&before, "shops", "region"), None, "who holds a snapshot keeps it");
    assert_ne!(
        dataset(&before, "shops").id,
        dataset(&after, "shops").id,
        "what is kept under it is made anew"
    );
    let around = |snapshot: &Snapshot| snapshot.surroundings(&dataset(snapshot, "shops")).to_owned();
    assert_ne!(around(&before), around(&after));
    assert_ne!(dataset(&before, "shops").reach(), dataset(&after, "shops").reach());
    assert_eq!(dataset(&before, "shops").version, dataset(&after, "shops").version);
    fs::remove_file(folder.path().join("regions.json")).expect("it can be removed");
    catalog.refresh();
    assert_eq!(rows(&catalog.snapshot(), "shops", "region"), None);
}

#[test]
fn links_are_remade_where_a_side_changed_and_kept_where_not() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    regions(folder.path(), REGIONS);
    shops(folder.path());
    let fields = json!({"id": {"type": "Int", "pkey": true}});
    write(folder.path(), "other", &fields, &json!([{"id": 1}]));
    let catalog = open(folder.path());
    let link =
        |field: &str| Arc::clone(dataset(&catalog.snapshot(), "shops").link(field).expect("it refers"));
    let before = (link("region"), dataset(&catalog.snapshot(), "other"));
    write(folder.path(), "other", &fields, &json!([{"id": 1}, {"id": 2}]));
    catalog.refresh();
    assert!(Arc::ptr_eq(&before.0, &link("region")), "neither side changed");
    assert!(!Arc::ptr_eq(&before.1, &dataset(&catalog.snapshot(), "other")));
    regions(folder.path(), r#"[{"id": 9, "name": "тоғыз"}, {"id": 71, "name": "Астана"}]"#);
    catalog.refresh();
    assert!(!Arc::ptr_eq(&before.0, &link("region")));
    assert_eq!(
        rows(&catalog.snapshot(), "shops", "region"),
        Some(vec![Some(1), Some(0), None, None]),
        "9 is there now, 75 is gone"
    );
    shops(folder.path());
    let touched = open(folder.path());
    assert_eq!(touched.snapshot().links().count(), 6);
}

#[test]
fn cycles_self_references_and_empty_tables_are_fine() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let of = |to: &str| json!({"id": {"type": "Int", "pkey": true}, "up": {"type": "Int", "datapath": format!("{to}.id")}});
    write(folder.path(), "a", &of("b"), &json!([{"id": 1, "up": 2}]));
    write(folder.path(), "b", &of("a"), &json!([{"id": 2, "up": 1}, {"id": 3, "up": 3}]));
    write(folder.path(), "c", &of("c"), &json!([{"id": 1, "up": 1}, {"id": 2, "up": 1}]));
    write(folder.path(), "d", &of("e"), &json!([{"id": 1, "up": 1}]));
    write(folder.path(), "e", &of("d"), &json!([]));
    let snapshot = open(folder.path()).snapshot();
    let of = |name: &str| rows(&snapshot, name, "up");
    assert_eq!((of("a"), of("b")), (Some(vec![Some(0)]), Some(vec![Some(0), None])));
    assert_eq!(of("c"), Some(vec![Some(0), Some(0)]));
    assert_eq!((of("d"), of("e")), (Some(vec![None]), Some(Vec::new())));
    let around = |name: &str| snapshot.surroundings(&dataset(&snapshot, name)).to_owned();
    assert!(around("a") == around("b") && around("d") == around("e") && around("a") != around("c"));
}

#[test]
fn a_reference_takes_four_bytes_a_value_and_an_eighth_where_some_lead_nowhere() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let keys: Vec<Value> = (0..100).map(|id| json!({"id": id})).collect();
    write(folder.path(), "keys", &json!({"id": {"type": "Int", "pkey": true}}), &json!(keys));
    let fields =
        json!({"k": {"type": "Int", "datapath": "keys.id"}, "d": {"type": "Int", "datapath": "keys.id"}});
    let rows: Vec<Value> = (0..10_000).map(|n| json!({"k": n % 100, "d": n % 101})).collect();
    write(folder.path(), "many", &fields, &json!(rows));
    let snapshot = open(folder.path()).snapshot();
    let many = dataset(&snapshot, "many");
    let bytes = |field: &str| many.link(field).expect("it refers").memory_bytes();
    assert!((40_000..41_000).contains(&bytes("k")), "{}", bytes("k"));
    assert!((41_000..43_000).contains(&bytes("d")), "{}", bytes("d"));
    assert!(many.memory_bytes() > many.version_of_document().memory_bytes() + 80_000);
    let target = many.link("d").and_then(|link| link.target.as_ref()).expect("it is resolved");
    assert_eq!(target.rows().null_count() as u64, target.counts().expect("in memory").dangling());
}

//! Profiles of small documents, worked out by hand.

use derek::assess::profile::{CharacterCount, Distinct, Extent, Pattern, Profile, ValueCount, profile};

use crate::catalog;

fn of(text: &str) -> Profile {
    let folder = tempfile::tempdir().expect("a folder can be made");
    std::fs::write(folder.path().join("d.json"), text).expect("it can be written");
    let snapshot = catalog(&[folder.path()]).snapshot();
    profile(snapshot.require("d").expect("it is the file's name")).expect("it is in memory")
}

/// Four rows: the third has nothing but its key, the fourth an empty name.
fn small() -> Profile {
    of(r#"{"fields": {
        "id": {"type": "Int", "pkey": true}, "name": {"type": "String"}, "rate": {"type": "Double"},
        "day": {"type": "Date", "format": "DD.MM.YYYY"}, "at": {"type": "Geoposition"},
        "box": {"type": "Object", "fields": {"open": {"type": "String"}, "n": {"type": "Int"}}},
        "tags": {"type": "List", "elementType": "String"},
        "rooms": {"type": "List", "elementType": "Object", "fields": {"no": {"type": "Int"}, "kind": {"type": "String"}}}},
      "data": [
        {"id": 1, "name": "Әл-Фараби №7", "rate": 1.5, "day": "01.02.2024", "at": "51.1,71.4",
         "box": {"open": "08:00", "n": 3}, "tags": ["ақ", "көк"], "rooms": [{"no": 1, "kind": "Ә"}, {"no": null, "kind": "Б"}]},
        {"id": 2, "name": "Қала (үлгі)", "rate": -2, "day": "31.12.2023", "at": "43.2,76.9",
         "box": {"open": "09:30", "n": null}, "tags": [], "rooms": []},
        {"id": 3, "name": null, "rate": null, "day": null, "at": null, "box": null, "tags": null, "rooms": null},
        {"id": 4, "name": "", "rate": 1.5, "day": "01.02.2024", "at": "51.1,71.4",
         "box": {"open": "08:00", "n": 5}, "tags": ["ақ"], "rooms": [{"no": 2, "kind": "Ә"}]}]}"#)
}

fn counted(values: &[(&str, u64)]) -> Vec<ValueCount> {
    values.iter().map(|(value, count)| ValueCount { value: (*value).to_owned(), count: *count }).collect()
}

#[test]
fn values_and_nulls_of_columns_members_and_elements() {
    let profile = small();
    assert_eq!((profile.dataset.as_str(), profile.rows), ("d", 4));
    let found: Vec<(&str, &str, u64, u64)> =
        profile.columns.iter().map(|it| (it.path.as_str(), it.kind.as_str(), it.values, it.nulls)).collect();
    let expected = [
        ("id", "Int", 4, 0),
        ("name", "String", 3, 1),
        ("rate", "Double", 3, 1),
        ("day", "Date", 3, 1),
        ("at", "Geoposition", 3, 1),
        ("box", "Object", 3, 1),
        // Row 3 has no box, row 2 no n in it.
        ("box.open", "String", 3, 1),
        ("box.n", "Int", 2, 2),
        // An empty List is a value; the three lists have two, no and one element.
        ("tags", "List", 3, 1),
        ("tags[]", "String", 3, 0),
        ("rooms", "List", 3, 1),
        ("rooms[]", "Object", 3, 0),
        ("rooms[].no", "Int", 2, 1),
        ("rooms[].kind", "String", 3, 0),
    ];
    assert_eq!(found, expected);
    let blank: u64 = profile.columns.iter().map(|it| it.blank).sum();
    assert_eq!((blank, profile.column("name").map(|it| it.blank)), (1, Some(1)));
}

#[test]
fn distinct_bounds_and_top_values() {
    let profile = small();
    let of = |path: &str| profile.column(path).unwrap_or_else(|| panic!("no {path}"));
    let bounds = |path: &str| {
        let column = of(path);
        let distinct = column.distinct.map(|it| it.count).unwrap_or_default();
        (distinct, column.least.clone().unwrap_or_default(), column.greatest.clone().unwrap_or_default())
    };
    let texts = |count: u64, least: &str, greatest: &str| (count, least.to_owned(), greatest.to_owned());
    assert_eq!(bounds("id"), texts(4, "1", "4"));
    assert_eq!(bounds("rate"), texts(2, "-2.0", "1.5"));
    assert_eq!(bounds("day"), texts(2, "2023-12-31", "2024-02-01"));
    // Қ is U+049A, Ә is U+04D8.
    assert_eq!(bounds("name"), texts(3, "", "Әл-Фараби №7"));
    assert_eq!(bounds("box.n"), texts(2, "3", "5"));
    assert_eq!(of("rate").top, counted(&[("1.5", 2), ("-2.0", 1)]));
    assert_eq!(of("at").top, counted(&[("51.1,71.4", 2), ("43.2,76.9", 1)]));
    assert_eq!(of("tags[]").top, counted(&[("ақ", 2), ("көк", 1)]));
    assert_eq!(of("rooms[].kind").top, counted(&[("Ә", 2), ("Б", 1)]));
    assert_eq!(of("at").extent, Some(Extent { south: 43.2, north: 51.1, west: 71.4, east: 76.9 }));
    assert_eq!((of("box").distinct, of("tags").distinct), (None, None));
}

#[test]
fn lengths_patterns_and_characters_of_texts() {
    let profile = small();
    let of = |path: &str| profile.column(path).unwrap_or_else(|| panic!("no {path}"));
    let pattern =
        |pattern: &str, count: u64, share: f64| Pattern { pattern: pattern.to_owned(), count, share };
    assert_eq!(of("name").lengths, Some([0, 12]));
    assert_eq!((of("tags").lengths, of("rooms").lengths), (Some([0, 2]), Some([0, 2])));
    // The blank one has no pattern.
    assert_eq!(of("name").patterns, [pattern("Aa-Aaaaaa №9", 1, 0.5), pattern("Aaaa (aaaa)", 1, 0.5)]);
    assert_eq!(of("box.open").patterns, [pattern("99:99", 3, 1.0)]);
    assert_eq!(of("box.open").beyond_alphabet, [CharacterCount { character: ':', count: 3 }]);
    assert!(
        of("name").beyond_alphabet.is_empty(),
        "№, brackets, hyphen and space are of the order's alphabet"
    );
    let json = serde_json::to_value(&profile).expect("it is JSON");
    assert_eq!((&json["columns"][1]["type"], &json["columns"][1]["values"]), (&"String".into(), &3.into()));
}

/// 10,001 numbers and as many texts; two long texts that differ in their last letter are two.
#[test]
fn memory_is_bounded() {
    let rows: Vec<String> = (0..10_001).map(|id| format!(r#"{{"id": {id}, "name": "Ә{id}"}}"#)).collect();
    let fields = r#"{"id": {"type": "Int", "pkey": true}, "name": {"type": "String"}}"#;
    let profile = of(&format!(r#"{{"fields": {fields}, "data": [{}]}}"#, rows.join(",")));
    for path in ["id", "name"] {
        let distinct = profile.column(path).and_then(|it| it.distinct);
        assert_eq!(distinct, Some(Distinct { count: 10_000, is_more: true }), "{path}");
    }
    assert_eq!(profile.column("id").and_then(|it| it.greatest.as_deref()), Some("10000"));
    let long = "ә".repeat(1_000);
    let two = of(&format!(
        r#"{{"fields": {{"name": {{"type": "String"}}}}, "data": [{{"name": "{long}а"}}, {{"name": "{long}б"}}]}}"#
    ));
    let name = two.column("name").expect("it is there");
    assert_eq!(name.distinct, Some(Distinct { count: 2, is_more: false }));
    assert_eq!(name.lengths, Some([1_001, 1_001]));
    let cut = format!("{}…", "ә".repeat(128));
    assert_eq!(name.top, counted(&[(cut.as_str(), 1), (cut.as_str(), 1)]));
    let pattern = format!("{}…", "a".repeat(64));
    assert_eq!(name.patterns.first().map(|it| it.pattern.as_str()), Some(pattern.as_str()));
}

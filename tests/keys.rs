//! Keys → rows.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Instant;

use derek::catalog::{Catalog, Dataset, KeyValue, LoadOptions};
use derek::error::Code;

use crate::{catalog, fixtures};

/// The dataset of a document with these fields and rows.
fn dataset(fields: &str, rows: &str) -> Arc<Dataset> {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("keyed.json");
    let meta = r#"{"apiUri": "keyed"}"#;
    std::fs::write(&file, format!(r#"{{"meta": {meta}, "fields": {fields}, "data": [{rows}]}}"#))
        .expect("it can be written");
    let (catalog, _) = Catalog::open(&[file], LoadOptions::default()).expect("it is there");
    Arc::clone(catalog.snapshot().require("keyed").expect("it is sound"))
}

fn rows(dataset: &Dataset, values: &[KeyValue<'_>]) -> Vec<u32> {
    dataset.key_index().expect("it declares a key").rows(dataset, values).collect()
}

fn find(dataset: &Dataset, text: &str) -> Result<Vec<u32>, String> {
    let found = dataset.key_index().expect("it declares a key").find(dataset, text);
    found.map_err(|error| {
        assert_eq!(error.code, Code::RequestParameter);
        error.to_string()
    })
}

#[test]
fn every_object_of_the_fixtures_is_found_by_its_key() {
    let catalog = catalog(&[fixtures()]);
    let snapshot = catalog.snapshot();
    for dataset in snapshot.datasets() {
        let keys = dataset.key_index().unwrap_or_else(|| panic!("{} declares a key", dataset.name()));
        let names: Vec<&str> = keys.fields(dataset).map(|field| field.name().as_str()).collect();
        let [name] = names[..] else { panic!("{} has a key of one field", dataset.name()) };
        let mut row = 0;
        let place = dataset.document.schema.index_of(name).expect("it is there");
        for batch in 0..dataset.rows.batches() {
            let column = dataset.rows.column(batch, place);
            for at in 0..dataset.rows.count(batch) {
                let key =
                    arrow::util::display::array_value_to_string(column.as_ref(), at).expect("it has a text");
                assert_eq!(find(dataset, &key), Ok(vec![row]), "{} {key}", dataset.name());
                row += 1;
            }
        }
        assert_eq!(keys.len(), row as usize);
        assert!(keys.memory_bytes() <= 8 * row as usize + 8);
    }
}

#[test]
fn a_repeated_key_gives_its_rows_in_order_and_a_null_is_no_key() {
    let fields = r#"{"id": {"type": "Int", "pkey": true}}"#;
    let dataset = dataset(fields, r#"{"id": 7}, {"id": null}, {"id": -7}, {"id": 7}, {}, {"id": 7}"#);
    assert_eq!(rows(&dataset, &[KeyValue::Int(7)]), [0, 3, 5]);
    assert_eq!(rows(&dataset, &[KeyValue::Int(-7)]), [2]);
    assert_eq!(rows(&dataset, &[KeyValue::Int(0)]), [0_u32; 0], "a null is not 0");
    assert_eq!(dataset.key_index().map(derek::catalog::KeyIndex::len), Some(4));
}

#[test]
fn values_of_another_type_or_number_are_no_key() {
    let dataset = dataset(r#"{"id": {"type": "Int", "pkey": true}}"#, r#"{"id": 1}"#);
    for values in
        [&[][..], &[KeyValue::Text("1")], &[KeyValue::Double(1.0)], &[KeyValue::Int(1), KeyValue::Int(1)]]
    {
        assert_eq!(rows(&dataset, values), [0_u32; 0], "{values:?}");
    }
}

#[test]
fn an_empty_table_has_an_empty_index_and_one_without_key_has_none() {
    let empty = dataset(r#"{"id": {"type": "Int", "pkey": true}}"#, "");
    assert_eq!(rows(&empty, &[KeyValue::Int(1)]), [0_u32; 0]);
    assert!(empty.key_index().expect("it declares a key").is_empty());
    assert!(dataset(r#"{"id": {"type": "Int"}}"#, r#"{"id": 1}"#).key_index().is_none());
    let points = r#"{"place": {"type": "Geoposition", "pkey": true}}"#;
    assert!(dataset(points, r#"{"place": "51.1,71.4"}"#).key_index().is_none(), "no point is a key");
}

#[test]
fn keys_are_of_every_type() {
    for (kind, values, text) in [
        ("Int", ["9223372036854775807", "-1"], "9223372036854775807"),
        ("Double", ["2.5", "0"], "2.50"),
        ("Double", ["0", "2.5"], "-0"),
        ("Boolean", ["true", "false"], "true"),
        ("String", ["Қызылорда, Әйтеке би", "Кызылорда"], "Қызылорда, Әйтеке би"),
        ("String", ["\\\"Дәріхана\\\"", "Дәріхана"], "\"Дәріхана\""),
        ("Date", ["31.12.2024", "01.01.1969"], "2024-12-31"),
        ("Date", ["31.12.2024 10:00:00", "31.12.2024"], "2024-12-31T10:00:00"),
    ] {
        let fields = format!(r#"{{"key": {{"type": "{kind}", "pkey": true}}}}"#);
        let [first, second] = values;
        let dataset = dataset(&fields, &format!(r#"{{"key": "{first}"}}, {{"key": "{second}"}}"#));
        assert_eq!(find(&dataset, text), Ok(vec![0]), "{kind} {text}");
    }
}

#[test]
fn parts_of_a_composite_key_are_separated_by_commas() {
    let fields = r#"{"region": {"type": "Int", "pkey": true}, "note": {"type": "String"},
                     "name": {"type": "String", "pkey": true}, "day": {"type": "Date", "pkey": true}}"#;
    let row = |region: &str, name: &str| {
        format!(r#"{{"region": {region}, "name": "{name}", "day": "01.03.2025"}}"#)
    };
    let data = [
        row("1", "Ақмола"),
        row("11", "Ақмола"),
        row("1", "Ақмола, Көкшетау"),
        row("1", "«А\\\"Б»"),
        row("null", "Ақмола"),
        row("1", ""),
    ];
    let dataset = dataset(fields, &data.join(","));
    for (text, row) in [
        ("1,Ақмола,2025-03-01", vec![0]),
        ("11,Ақмола,2025-03-01", vec![1]),
        ("1,\"Ақмола\",2025-03-01", vec![0]),
        ("1,\"Ақмола, Көкшетау\",2025-03-01", vec![2]),
        ("1,«А\"Б»,2025-03-01", vec![3]),
        ("1,\"«А\"\"Б»\",2025-03-01", vec![3]),
        ("1,,2025-03-01", vec![5]),
        ("1,\"\",2025-03-01", vec![5]),
        ("1,Акмола,2025-03-01", vec![]),
    ] {
        assert_eq!(find(&dataset, text), Ok(row), "{text}");
    }
    let error = find(&dataset, "1,Ақмола, Көкшетау,2025-03-01").expect_err("a part too many");
    assert!(error.contains("has 4 parts; the key of keyed has 3: region,name,day"), "{error}");
}

#[test]
fn a_text_that_is_no_key_says_which_field_and_what_was_expected() {
    for (kind, text, expected) in [
        ("Int", "11.5", "a whole number, such as 11 (field key)"),
        ("Int", "", "a whole number, such as 11 (field key)"),
        ("Double", "NaN", "a number, such as 2.5 (field key)"),
        ("Boolean", "иә", "true or false (field key)"),
        ("Date", "31.12.2024", "a date, such as 2024-12-31 (field key)"),
    ] {
        let dataset = dataset(&format!(r#"{{"key": {{"type": "{kind}", "pkey": true}}}}"#), r"{}");
        assert_eq!(find(&dataset, text), Err(format!("'{text}' is no key: 'key' is {expected}")));
    }
}

/// What it costs: `cargo test --release keys -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
#[expect(clippy::print_stderr, reason = "it is for a person")]
fn a_million_keys() {
    const ROWS: u32 = 1_000_000;
    for kind in ["Int", "String"] {
        let key = |row: u32| u64::from(row).wrapping_mul(2_654_435_761) % 4_294_967_296;
        let text =
            |row: u32| if kind == "Int" { key(row).to_string() } else { format!("KZ{:012}", key(row)) };
        let mut data = String::new();
        for row in 0..ROWS {
            let comma = if row == 0 { "" } else { "," };
            write!(data, r#"{comma}{{"key": "{}"}}"#, text(row)).expect("a text takes all");
        }
        let dataset = dataset(&format!(r#"{{"key": {{"type": "{kind}", "pkey": true}}}}"#), &data);
        let start = Instant::now();
        let keys = dataset.key_index().expect("it declares a key");
        let built = start.elapsed();
        let texts: Vec<String> = (0..ROWS).map(|at| text(at.wrapping_mul(7_919) % ROWS)).collect();
        let start = Instant::now();
        for (at, text) in (0..ROWS).zip(&texts) {
            let value = text.parse().map_or(KeyValue::Text(text), KeyValue::Int);
            assert!(keys.rows(&dataset, &[value]).eq([at.wrapping_mul(7_919) % ROWS]));
        }
        let look_up = start.elapsed() / ROWS;
        eprintln!("{kind}: built in {built:?}, {look_up:?} a look-up, {} bytes", keys.memory_bytes());
    }
}

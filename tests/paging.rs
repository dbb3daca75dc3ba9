//! Pages of rows: under any order each row comes once, in the place that SQL gives it.

mod wrong;

use std::fmt::Write as _;

use arrow::record_batch::RecordBatchReader as _;
use derek::encode::Format;
use serde_json::{Value, json};

use crate::site::{Answer, Site, with};

/// Words that are often equal, empty, or differ in a Kazakh letter or its case alone.
const WORDS: [&str; 12] = [
    "Ақкөл",
    "ақкөл",
    "Акколь",
    "Әулиекөл",
    "Өскемен",
    "Үржар",
    "Ұлытау",
    "Іле",
    "Щучинск",
    "",
    " ",
    "Ңғ'\"\\u0001",
];

/// A document of rows that are hard to order. Blanks between its rows make it several batches.
fn document(name: &str, rows: u64, seed: u64) -> Vec<u8> {
    let mut rng = fastrand::Rng::with_seed(seed);
    let fields = json!({
        "id": {"type": "Int", "pkey": true}, "n": {"type": "Int"}, "x": {"type": "Double"},
        "name": {"type": "String"}, "day": {"type": "Date"}, "open": {"type": "Boolean"},
        "o": {"type": "Object", "fields": {"m": {"type": "String"}, "k": {"type": "Int"}}},
        "list": {"type": "List", "elementType": "Int"}, "nothing": {"type": "Int"},
    });
    let mut text = format!(r#"{{"meta": {{"apiUri": "{name}"}}, "fields": {fields}, "data": ["#);
    for id in 0..rows {
        let mut cells = vec![format!(r#""id": {id}"#)];
        let mut cell = |rng: &mut fastrand::Rng, name: &str, text: String| match rng.u8(..8) {
            0 => {}
            1 => cells.push(format!(r#""{name}": null"#)),
            _ => cells.push(format!(r#""{name}": {text}"#)),
        };
        let word = |rng: &mut fastrand::Rng| json!(WORDS[rng.usize(..WORDS.len())]).to_string();
        let (n, x) = (rng.i64(-3..4), ["-0.0", "0.0", "-1.5", "1e300", "2.25", "-7e-9"][rng.usize(..6)]);
        cell(&mut rng, "n", if n == 3 { i64::MIN.to_string() } else { n.to_string() });
        cell(&mut rng, "x", x.to_owned());
        let name = word(&mut rng);
        cell(&mut rng, "name", name);
        let day = format!(r#""{:02}.{:02}.{}""#, rng.u32(1..4), rng.u32(1..3), rng.u32(1969..1972));
        cell(&mut rng, "day", day);
        let open = rng.bool();
        cell(&mut rng, "open", open.to_string());
        let object = format!(r#"{{"m": {}, "k": {}}}"#, word(&mut rng), rng.i64(-1..2));
        cell(&mut rng, "o", object);
        let list = format!("[{}, {}]", rng.i64(0..3), rng.i64(0..3));
        cell(&mut rng, "list", list);
        let comma = if id == 0 { "" } else { "," };
        write!(text, "{comma}{{{}}}", cells.join(", ")).expect("a text takes all");
        if rows > 500 && id % (rows / 4) == 0 {
            text.extend(std::iter::repeat_n(' ', 5 << 20));
        }
    }
    text.push_str("]}");
    text.into_bytes()
}

fn site(rows: u64) -> Site {
    let site = Site::of_files([("d.json", document("d", rows, 7))]);
    let facts = site.get("/datasets/d").json();
    assert_eq!((&facts["rows"], &facts["findings"]["errors"]), (&json!(rows), &json!(0)));
    site
}

/// Where the header `Link` leads.
fn next_of(answer: &Answer) -> Option<String> {
    let link = answer.header("link")?;
    let (address, rest) = link.strip_prefix('<').and_then(|it| it.split_once('>')).expect("RFC 8288");
    assert_eq!(rest, "; rel=\"next\"");
    Some(address.to_owned())
}

/// The ids of all pages from this address on, and how many pages there are.
#[track_caller]
fn pages(site: &Site, first: &str, limit: usize, total: usize) -> (Vec<i64>, usize) {
    let (mut ids, mut count, mut next) = (Vec::new(), 0, Some(first.to_owned()));
    while let Some(uri) = next {
        let answer = site.get(&uri);
        assert_eq!(answer.status, 200, "{uri}: {}", answer.text());
        let body = answer.json();
        let rows = answer.rows();
        ids.extend(rows.iter().map(|row| row["id"].as_i64().expect("each row has one")));
        next = next_of(&answer);
        assert_eq!(body["next"].is_string(), next.is_some(), "{uri}");
        assert!(next.is_none() || rows.len() == limit, "only the last page is shorter: {uri}");
        assert_eq!(
            (&body["count"], answer.header("x-total-count")),
            (&json!(total), Some(&*total.to_string()))
        );
        assert_eq!(
            (body["row_count"].as_u64(), &body["truncated"]),
            (Some(rows.len() as u64), &json!(false))
        );
        count += 1;
        assert!(count <= total + 1, "it has no end: {first}");
    }
    (ids, count)
}

/// What SQL says the order is: the row's number, which is its id, decides last.
fn expected(site: &Site, order: &str, condition: &str) -> Vec<i64> {
    let comma = if order.is_empty() { "" } else { ", " };
    let rows = site.sql(&format!("SELECT id FROM d WHERE {condition} ORDER BY {order}{comma}id"));
    rows.iter().map(|row| row["id"].as_i64().expect("each row has one")).collect()
}

#[track_caller]
fn check(site: &Site, order: &str, condition: &str, limits: &[usize]) {
    let condition_or_all = if condition.is_empty() { "true" } else { condition };
    let expected = expected(site, order, condition_or_all);
    for limit in limits {
        let first = with(
            "/datasets/d/rows",
            &[
                ("select", "id"),
                ("order", order),
                ("where", condition),
                ("limit", &limit.to_string()),
                ("count", "exact"),
            ],
        );
        let (ids, count) = pages(site, &first, *limit, expected.len());
        assert!(ids == expected, "{order} / {condition} / {limit}:\n{ids:?}\n{expected:?}");
        assert_eq!(count, expected.len().div_ceil(*limit).max(1), "{order} / {condition} / {limit}");
    }
}

const ORDERS: [&str; 22] = [
    "",
    "id DESC",
    "n",
    "N desc",
    "n ASC NULLS FIRST",
    "n DESC NULLS LAST",
    "x",
    "x DESC, name",
    "name",
    "name DESC NULLS LAST, n NULLS FIRST, day DESC",
    "lower(name), name DESC",
    "day, open DESC",
    "open",
    "open DESC NULLS LAST, o.k, o.m DESC",
    "o.m",
    "o['k'] DESC",
    "list[1], list[2] DESC",
    "nothing, nothing DESC",
    "-n + id % 5 DESC",
    "coalesce(name, 'Қ') = '' DESC, length(name)",
    "CASE WHEN n > 0 THEN 'Ң' WHEN open THEN NULL ELSE name END",
    "id > 300 AND id < 400 DESC NULLS FIRST",
];

#[test]
fn each_row_comes_once_and_in_the_order_of_sql() {
    let site = site(503);
    for order in ORDERS {
        check(&site, order, "", &[7, 100, 503]);
    }
    for order in ["n, name DESC", "o.m DESC", "day NULLS FIRST, x", ""] {
        check(&site, order, "name LIKE '%көл' OR o.k = -1", &[7, 100, 10_000]);
        check(&site, order, "n IS NULL AND NOT open", &[1, 7]);
        check(&site, order, "name = 'жоқ'", &[1, 100]);
        check(&site, order, "n / 2 > 0 OR null", &[100]);
    }
    check(&site, "x DESC NULLS FIRST", "id < 41", &[1]);
    check(&site, "", "", &[1]);
}

#[test]
fn thousands_of_rows_over_several_batches() {
    let site = site(4_001);
    for order in ["name DESC, n", "open, day NULLS FIRST", "nothing"] {
        check(&site, order, "", &[400, 999, 4_001]);
    }
    check(&site, "lower(o.m) DESC", "n <> 2", &[1_000]);
}

/// Nulls are greater than everything: last in ASC, first in DESC.
#[test]
fn nulls_stand_where_postgresql_puts_them() {
    let site = Site::of_files([(
        "d.json",
        r#"{"meta": {"apiUri": "d"}, "fields": {"id": {"type": "Int"}, "n": {"type": "Int"}},
            "data": [{"id": 1, "n": null}, {"id": 2, "n": 5}, {"id": 3, "n": -5}, {"id": 4}]}"#
            .into(),
    )]);
    for (order, expected) in [
        ("n", [3, 2, 1, 4]),
        ("n ASC", [3, 2, 1, 4]),
        ("n DESC", [1, 4, 2, 3]),
        ("n NULLS FIRST", [1, 4, 3, 2]),
        ("n DESC NULLS LAST", [2, 3, 1, 4]),
        ("n IS NULL DESC, id DESC", [4, 1, 3, 2]),
    ] {
        let answer = site.get(&with("/datasets/d/rows", &[("order", order)]));
        let ids: Vec<_> = answer.rows().iter().map(|row| row["id"].clone()).collect();
        assert_eq!(ids, expected, "{order}");
        check(&site, order, "", &[1, 3]);
    }
}

#[test]
fn a_page_has_every_form() {
    let site = site(20);
    let names = ["id", "name", "n"];
    let uri = |format: Format, lang: &str| {
        let parameters =
            [("select", "id,NAME, n"), ("order", "name DESC, id"), ("limit", "5"), ("format", format.name())];
        with("/datasets/d/rows", &[&parameters[..], &[("where", "id > 2"), ("lang", lang)]].concat())
    };
    let expected = site.get(&uri(Format::Json, "")).rows();
    assert_eq!(expected.len(), 5);
    for format in Format::ALL.into_iter().filter(|format| *format != Format::Table) {
        let answer = site.get(&uri(format, ""));
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(format.content_type())));
        assert!(answer.header("link").is_some(), "{}: every form has the next page's address", format.name());
        let rows = match format {
            Format::Json => answer.rows(),
            Format::Ndjson => {
                answer.text().lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
            }
            Format::GeoJson => {
                let features = answer.json()["features"].as_array().cloned().expect("a list");
                features.iter().map(|feature| feature["properties"].clone()).collect()
            }
            Format::Csv => {
                let mut reader = csv::Reader::from_reader(answer.body.as_slice());
                assert_eq!(reader.headers().expect("there are names"), names.as_slice());
                let id = |row: csv::StringRecord| json!({"id": row[0].parse::<i64>().expect("an Int")});
                reader.records().map(|row| id(row.expect("CSV"))).collect::<Vec<Value>>()
            }
            _ => {
                let schema = if format == Format::Arrow {
                    arrow::ipc::reader::StreamReader::try_new(answer.body.as_slice(), None)
                        .map(|reader| {
                            (reader.schema(), reader.map(|it| it.expect("a batch").num_rows()).sum::<usize>())
                        })
                        .expect("an IPC stream")
                } else {
                    let bytes = bytes::Bytes::from(answer.body.clone());
                    let reader = parquet::arrow::arrow_reader::ParquetRecordBatchReader::try_new(bytes, 100);
                    let reader = reader.expect("a Parquet file");
                    (reader.schema(), reader.map(|it| it.expect("a batch").num_rows()).sum())
                };
                assert_eq!((schema.0.field(1).name().as_str(), schema.1), ("name", 5), "{}", format.name());
                continue;
            }
        };
        let ids = |rows: &[Value]| rows.iter().map(|row| row["id"].clone()).collect::<Vec<_>>();
        assert_eq!(ids(&rows), ids(&expected), "{}", format.name());
    }
    assert_eq!(
        site.get(&uri(Format::Csv, "kk")).text().lines().next(),
        Some("id,name,n"),
        "there are no labels"
    );
}

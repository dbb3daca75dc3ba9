//! One object by its key, in addresses and in SQL; the document it came from; the catalog's search.

use std::collections::BTreeSet;
use std::io::Write as _;

use serde_json::{Value, json};

use crate::site::{Site, with};

fn document(name: &str, fields: &Value, rows: &[Value]) -> Vec<u8> {
    json!({"meta": {"apiUri": name}, "fields": fields, "data": rows}).to_string().into_bytes()
}

/// A part of a path, whatever signs it holds.
fn segment(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

#[test]
fn an_object_is_found_by_its_key_whatever_signs_that_holds() {
    let texts = [
        "Қызылорда",
        "a,b",
        "a/b",
        "..",
        "100%",
        "%2F",
        "a b",
        "a+b",
        "a?b=c&d",
        "#",
        "\"Ә\"",
        "' OR 1=1",
        "Ү\n",
        "",
    ];
    let fields = json!({"key": {"type": "String", "pkey": true}, "n": {"type": "Int"}});
    let rows: Vec<Value> = texts.iter().enumerate().map(|(n, key)| json!({"key": key, "n": n})).collect();
    let again = json!({"key": "Қызылорда", "n": 99});
    let site = Site::of_files([("d.json", document("d", &fields, &[&rows[..], &[again]].concat()))]);
    for (n, key) in texts.iter().enumerate().filter(|(_, key)| !key.is_empty()) {
        let answer = site.get(&format!("/datasets/d/rows/{}", segment(key)));
        assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")), "{key}");
        assert_eq!(answer.json(), json!({"key": key, "n": n}), "{key}: the first row that has it");
        assert!(answer.text().ends_with("}\n") && answer.header("etag").is_some());
    }
    for missing in ["қызылорда", "Кызылорда", "a", "жоқ", "null", "a,b,"] {
        let answer = site.get(&format!("/datasets/d/rows/{}", segment(missing)));
        assert_eq!(answer.error(), (404, "catalog.unknown_object".to_owned()), "{missing}");
        assert!(answer.text().contains(missing), "{}", answer.text());
    }
    let selected = site.get(&format!("/datasets/d/rows/{}?select=N", segment("a/b")));
    assert_eq!(selected.json(), json!({"n": 2}));
    let wrong = site.get(&format!("/datasets/d/rows/{}?select=m", segment("a/b")));
    assert_eq!((wrong.error(), wrong.field()), ((400, "query.unknown_column".to_owned()), json!("select")));
    assert_eq!(site.get("/datasets/d/rows/%ff").status, 400);
}

#[test]
fn keys_of_other_types_and_of_several_fields() {
    let whole = json!({"id": {"type": "Int", "pkey": true}, "n": {"type": "Int"}});
    let pair = json!({"region": {"type": "Int", "pkey": true}, "n": {"type": "Int"}, "name": {"type": "String", "pkey": true}});
    let none = json!({"id": {"type": "Int"}});
    let rows = [
        json!({"id": -5, "n": 0}),
        json!({"id": null, "n": 1}),
        json!({"id": i64::MAX, "n": 2}),
        json!({"id": -5, "n": 3}),
    ];
    let pairs = [
        json!({"region": 1, "name": "Ақкөл, ауыл", "n": 0}),
        json!({"region": 1, "name": "Ақкөл", "n": 1}),
        json!({"region": null, "name": "Ақкөл", "n": 2}),
    ];
    let site = Site::of_files([
        ("whole.json", document("whole", &whole, &rows)),
        ("pair.json", document("pair", &pair, &pairs)),
        ("none.json", document("none", &none, &[json!({"id": 1})])),
    ]);
    for (uri, expected) in [
        ("/datasets/whole/rows/-5", Ok(0)),
        ("/datasets/whole/rows/9223372036854775807", Ok(2)),
        ("/datasets/whole/rows/0", Err((404, "catalog.unknown_object"))),
        ("/datasets/whole/rows/null", Err((400, "request.parameter"))),
        ("/datasets/whole/rows/5.0", Err((400, "request.parameter"))),
        ("/datasets/whole/rows/9223372036854775808", Err((400, "request.parameter"))),
        ("/datasets/pair/rows/1,Ақкөл", Ok(1)),
        ("/datasets/pair/rows/1,\"Ақкөл, ауыл\"", Ok(0)),
        ("/datasets/pair/rows/2,Ақкөл", Err((404, "catalog.unknown_object"))),
        ("/datasets/pair/rows/1", Err((400, "request.parameter"))),
        ("/datasets/pair/rows/1,Ақкөл, ауыл", Err((400, "request.parameter"))),
        ("/datasets/pair/rows/Ә,Ақкөл", Err((400, "request.parameter"))),
        ("/datasets/none/rows/1", Err((404, "catalog.unknown_object"))),
        ("/datasets/жоқ/rows/1", Err((404, "catalog.unknown_dataset"))),
        ("/datasets/whole/rows/-5?order=id", Err((400, "request.parameter"))),
    ] {
        let answer = site.get(uri);
        match expected {
            Ok(n) => assert_eq!((answer.status, &answer.json()["n"]), (200, &json!(n)), "{uri}"),
            Err((status, code)) => assert_eq!(answer.error(), (status, code.to_owned()), "{uri}"),
        }
    }
    let no_key = site.get("/datasets/none/rows/1").json()["error"].clone();
    assert!(no_key["message"].as_str().is_some_and(|it| it.contains("no key")) && no_key["hint"].is_string());
}

/// The conditions on a key of this type that are tried; `keys` are the values that there are, as texts.
fn conditions(kind: &str, keys: &[Value]) -> BTreeSet<String> {
    let is_number = matches!(kind, "Int" | "Double");
    let of_key = |row: &Value| {
        let text = row["k"].as_str().unwrap_or_default().replace('\'', "''");
        let quoted = format!("'{text}'");
        let literal = if is_number || kind == "Boolean" { text } else { quoted.clone() };
        [
            format!("k = {literal}"),
            format!("{literal} = k AND n % 2 = 0"),
            format!("k = {quoted}"),
            format!("k = {literal} OR n = 7"),
        ]
    };
    let mut conditions: BTreeSet<String> = keys.iter().flat_map(of_key).collect();
    let every = ["k = null", "k IS NULL", "k IN (null)", "k = k", "k IS NOT DISTINCT FROM null"];
    let numbers = [
        "k = 5.0",
        "k = 5",
        "k = '5'",
        "k = -0.0",
        "k = 2.5",
        "5 = k",
        "k = 3 AND k = 4",
        "k = 3 OR k = 4",
        "k = CAST('5' AS BIGINT)",
        "k + 1 = 6",
        "NOT k = 5",
    ];
    let texts = ["k = lower('Ә')", "lower(k) = 'ә'", "k = 5", "k || '' = 'Қ'", "k LIKE '5'"];
    conditions.extend(every.map(str::to_owned));
    conditions.extend(numbers.iter().filter(|_| is_number).map(|it| (*it).to_owned()));
    conditions.extend(texts.iter().filter(|_| kind == "String").map(|it| (*it).to_owned()));
    conditions
}

/// The rows that meet a condition, in the table that looks keys up, must be those of the one that cannot.
#[track_caller]
fn check(site: &Site, sql: &str, params: &Value) -> u16 {
    let of = |table: &str| site.post("/sql", &json!({"sql": sql.replace('#', table), "params": params}));
    let (by_key, by_scan) = (of("keyed"), of("plain"));
    assert_eq!(by_key.status, by_scan.status, "{sql} {params}: {}", by_key.text());
    if by_scan.status == 200 {
        assert_eq!(by_key.rows(), by_scan.rows(), "{sql} {params}");
    }
    by_scan.status
}

#[test]
fn sql_by_the_key_is_what_a_scan_finds() {
    let mut rng = fastrand::Rng::with_seed(11);
    let words = ["Ә", "ә", "Қ", "", "5", "05", " 5", "true", "2024-12-31", "жоқ"];
    for kind in ["Int", "String", "Double", "Boolean", "Date"] {
        let value = |rng: &mut fastrand::Rng| match (rng.u8(..7), kind) {
            (0, _) => Value::Null,
            (_, "Int") => json!(rng.i64(-20..20)),
            (_, "Double") => json!(f64::from(rng.i8(-8..8)) / 2.0),
            (_, "Boolean") => json!(rng.bool()),
            (_, "Date") => json!(format!("{:02}.12.2024", rng.u8(20..32))),
            _ => json!(words[rng.usize(..words.len())]),
        };
        let rows: Vec<Value> = (0..200).map(|n| json!({"k": value(&mut rng), "n": n})).collect();
        let fields = |is_key: bool| json!({"k": {"type": kind, "pkey": is_key}, "n": {"type": "Int"}});
        let site = Site::of_files([
            ("keyed.json", document("keyed", &fields(true), &rows)),
            ("plain.json", document("plain", &fields(false), &rows)),
        ]);
        let keys = site.sql("SELECT DISTINCT CAST(k AS VARCHAR) AS k FROM plain WHERE k IS NOT NULL");
        let statuses = conditions(kind, &keys).into_iter().map(|condition| {
            let join = format!(
                "SELECT a.n, b.n AS m FROM (SELECT * FROM # WHERE {condition}) a JOIN # b ON a.k = b.k AND b.n < 50
                 ORDER BY 1, 2"
            );
            check(&site, &join, &json!({}));
            check(&site, &format!("SELECT k, n FROM # WHERE {condition} ORDER BY n"), &json!({}))
        });
        let answered = statuses.filter(|status| *status == 200).count();
        assert!(answered > 2 * keys.len(), "{kind}: {answered} conditions can be asked");
        for value in rows.iter().take(40).map(|row| row["k"].clone()).chain([json!(null)]) {
            let value = if kind == "Date" && value.is_string() { json!("2024-12-25") } else { value };
            let sql = "SELECT n FROM # WHERE k = $k ORDER BY n";
            assert_eq!(check(&site, sql, &json!({"k": value})), 200, "{kind}: {value}");
        }
    }
}

#[test]
fn a_document_is_the_bytes_that_were_published() {
    let plain = document("plain", &json!({"id": {"type": "Int"}}), &[json!({"id": 1, "t": "Әуежай"})]);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(&document("packed", &json!({"id": {"type": "Int"}}), &[json!({"id": 2})]))
        .expect("a vector takes all");
    let packed = gzip.finish().expect("a vector takes all");
    let site = Site::of_files([("plain.json", plain.clone()), ("дерек packed.json.gz", packed.clone())]);
    for (name, bytes, kind) in
        [("plain", &plain, "application/json"), ("packed", &packed, "application/gzip")]
    {
        let uri = format!("/datasets/{name}/document");
        let answer = site.ask("GET", &uri, &[("accept-encoding", "gzip, br")]);
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(kind)));
        assert_eq!((&answer.body, answer.header("content-encoding")), (bytes, None), "{name}");
        let head = site.ask("HEAD", &uri, &[]);
        assert_eq!(
            (head.status, head.body.len(), head.header("content-length")),
            (200, 0, Some(&*bytes.len().to_string()))
        );
        for (range, from, to) in
            [("bytes=2-9", 2, 10), ("bytes=-4", bytes.len() - 4, bytes.len()), ("bytes=5-", 5, bytes.len())]
        {
            let part = site.ask("GET", &uri, &[("range", range), ("accept-encoding", "gzip")]);
            assert_eq!((part.status, part.body.as_slice()), (206, &bytes[from..to]), "{name} {range}");
            let place = format!("bytes {from}-{}/{}", to - 1, bytes.len());
            assert_eq!(part.header("content-range"), Some(place.as_str()));
        }
        assert_eq!(site.ask("GET", &uri, &[("range", "bytes=99999-")]).status, 416);
        let modified = answer.header("last-modified").expect("it is told").to_owned();
        let known = site.ask("GET", &uri, &[("if-modified-since", &modified)]);
        assert_eq!((known.status, known.body.len()), (304, 0));
        assert_eq!(
            site.ask("GET", &uri, &[("if-modified-since", "Thu, 01 Jan 1970 00:00:00 GMT")]).status,
            200
        );
        assert_eq!(
            site.ask("GET", &uri, &[("if-unmodified-since", "Thu, 01 Jan 1970 00:00:00 GMT")]).status,
            412
        );
    }
    let named = site.get("/datasets/packed/document").header("content-disposition").map(str::to_owned);
    let encoded = segment("дерек packed.json.gz");
    assert_eq!(named, Some(format!("attachment; filename*=UTF-8''{encoded}")));
    std::fs::write(site.file("plain.json"), b"{}").expect("it can be written");
    let changed = site.get("/datasets/plain/document");
    assert_eq!(changed.error(), (503, "document.changed".to_owned()));
    assert!(changed.header("retry-after").is_some());
    std::fs::remove_file(site.file("plain.json")).expect("it is there");
    assert_eq!(site.get("/datasets/plain/document").status, 503);
    assert_eq!(site.get("/datasets/жоқ/document").error(), (404, "catalog.unknown_dataset".to_owned()));
}

#[test]
fn the_catalog_is_searched() {
    let site = Site::over_fixtures();
    let all = [
        "astana_pharmacies",
        "cities",
        "publication_plan_agency",
        "publication_plan_justice",
        "regions",
        "service_areas",
    ];
    for (parameters, expected) in [
        (&[][..], &all[..]),
        (&[("q", "")], &all),
        (&[("q", "ДӘРІХАНА")], &all[..1]),
        (&[("q", "дәріхана"), ("lang", "ru")], &all[..1]),
        (&[("q", "өңірлері")], &all[4..5]),
        (&[("q", "жоқжоқ")], &[]),
        (&[("q", "regions' OR 1=1")], &[]),
        (&[("keyword", "жоқ")], &[]),
    ] {
        let answer = site.get(&with("/datasets", parameters));
        let mut found: Vec<String> =
            answer.rows().iter().map(|row| row["dataset"].as_str().unwrap_or_default().to_owned()).collect();
        found.sort();
        assert_eq!(found, expected, "{parameters:?}");
    }
    for (lang, name) in [("kk", "name_kk"), ("ru", "name_ru"), ("en", "name_en")] {
        let rows = site.get(&with("/datasets", &[("lang", lang)])).rows();
        assert!(
            rows.iter().all(|row| row["name"] == row[name] && row["name"].is_string()),
            "{lang}: {rows:?}"
        );
    }
    let csv = site.get("/datasets?q=дәріхана&format=csv&lang=kk");
    assert_eq!(csv.text().lines().count(), 2);
    assert!(csv.text().lines().nth(1).is_some_and(|line| line.starts_with("astana_pharmacies,")));
}

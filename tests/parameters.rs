//! `$name` and `$1`: each value of the type that the query gives it, and errors that name it.

use serde_json::{Value, json};

use crate::site::{Site, with};

/// Rows of every type; `at` is a Date with times, so a moment.
const DOCUMENT: &str = r#"{"meta": {"apiUri": "d"}, "fields": {"id": {"type": "Int", "pkey": true}, "x": {"type": "Double"},
    "open": {"type": "Boolean"}, "day": {"type": "Date"}, "at": {"type": "Date"}, "name": {"type": "String"},
    "list": {"type": "List", "elementType": "Int"}, "o": {"type": "Object", "fields": {"m": {"type": "String"}}}},
  "data": [
    {"id": 1, "x": 0.5, "open": true, "day": "01.03.2024", "at": "01.03.2024 10:00:00", "name": "Әлия", "list": [1, 2], "o": {"m": "Ң"}},
    {"id": 2, "x": -2, "open": false, "day": "31.12.2024", "at": "31.12.2024 23:59:59", "name": "' OR 1=1 --", "list": [2], "o": {"m": "Қ"}},
    {"id": 3, "x": 1e3, "open": true, "day": "01.01.1969", "at": "01.01.1969 00:00:01", "name": "5", "list": [], "o": {"m": ""}},
    {"id": 4, "x": null, "open": null, "day": null, "at": null, "name": null, "list": null, "o": null}]}"#;

fn site() -> Site {
    Site::of_files([("d.json", DOCUMENT.into())])
}

/// The answer by GET, its values being texts, must be the one by POST.
#[track_caller]
fn check(site: &Site, sql: &str, params: &Value, expected: &Value) {
    let by_post = site.post("/sql", &json!({"sql": sql, "params": params}));
    assert_eq!(by_post.status, 200, "{sql} {params}: {}", by_post.text());
    let values = |rows: &[Value]| {
        rows.iter().map(|row| row.as_object().expect("a row").values().next().cloned()).collect::<Vec<_>>()
    };
    assert_eq!(json!(values(&by_post.rows())), *expected, "{sql} {params}");
    let named = params.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), text(value)));
    let listed = params.as_array().into_iter().flatten().enumerate();
    let texts: Vec<(String, String)> =
        named.chain(listed.map(|(at, value)| ((at + 1).to_string(), text(value)))).collect();
    // An address has neither lists nor null.
    if params.to_string().contains(":[")
        || params.to_string().contains("[[")
        || params.to_string().contains("null")
    {
        return;
    }
    let mut pairs = vec![("q", sql)];
    pairs.extend(texts.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let by_get = site.get(&with("/sql", &pairs));
    assert_eq!(by_get.status, 200, "{sql} {params}: {}", by_get.text());
    assert_eq!(values(&by_get.rows()), values(&by_post.rows()), "{sql} {params}");
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[test]
fn a_value_is_read_as_the_type_that_the_query_gives_it() {
    let site = site();
    for (condition, params, expected) in [
        ("id = $id", json!({"id": 2}), json!([2])),
        ("$id = id", json!({"id": 2}), json!([2])),
        ("id > $id AND id < $most", json!({"id": 1, "most": 4}), json!([2, 3])),
        ("id = $1 OR id = $2", json!([3, 1]), json!([1, 3])),
        ("id IN ($a, $b)", json!({"a": 3, "b": 7}), json!([3])),
        ("id NOT IN ($1, $2, $1)", json!([3, 1]), json!([2, 4])),
        ("id BETWEEN $1 AND $2", json!([2, 3]), json!([2, 3])),
        ("id + $n = 4", json!({"n": 1}), json!([3])),
        ("id = $id", json!({"id": i64::MAX}), json!([])),
        ("x = $x", json!({"x": 0.5}), json!([1])),
        ("x < $x", json!({"x": -1.5}), json!([2])),
        ("x = $x", json!({"x": 1000}), json!([3])),
        ("open = $open", json!({"open": true}), json!([1, 3])),
        ("open = $open AND id > $id", json!({"open": false, "id": 0}), json!([2])),
        ("day = $day", json!({"day": "2024-12-31"}), json!([2])),
        ("day < $day", json!({"day": "1970-01-01"}), json!([3])),
        ("day BETWEEN $a AND $b", json!({"a": "2024-01-01", "b": "2024-06-01"}), json!([1])),
        ("at = $at", json!({"at": "2024-12-31T23:59:59"}), json!([2])),
        ("at >= $at", json!({"at": "2024-03-01T10:00:00"}), json!([1, 2])),
        ("name = $name", json!({"name": "Әлия"}), json!([1])),
        ("name = $аты", json!({"аты": "Әлия"}), json!([1])),
        ("name LIKE $name", json!({"name": "%ли%"}), json!([1])),
        ("lower(name) = lower($name)", json!({"name": "ӘЛИЯ"}), json!([1])),
        ("name = $name", json!({"name": "5"}), json!([3])),
        ("o.m = $m", json!({"m": "Қ"}), json!([2])),
        ("o['m'] IN ($1, $2)", json!(["Ң", ""]), json!([1, 3])),
        ("array_has(list, $n::bigint)", json!({"n": 2}), json!([1, 2])),
        ("array_has($ids, id)", json!({"ids": [1, 3, 9]}), json!([1, 3])),
        ("id = ANY($ids)", json!({"ids": [2, 3]}), json!([2, 3])),
        ("name = ANY($1)", json!([["Әлия", "5"]]), json!([1, 3])),
        ("id = $id", json!({"id": null}), json!([])),
        ("name = $name OR $name IS NULL", json!({"name": null}), json!([1, 2, 3, 4])),
        ("day > $day", json!({"day": null}), json!([])),
        ("id = $a OR id = $a + 1", json!({"a": 2}), json!([2, 3])),
        ("id IN (SELECT id FROM d WHERE name = $name)", json!({"name": "5"}), json!([3])),
        ("id = (SELECT max(id) FROM d WHERE open = $open)", json!({"open": true}), json!([3])),
        ("EXISTS (SELECT 1 FROM d e WHERE e.id = d.id + $n AND e.open)", json!({"n": 2}), json!([1])),
        ("CASE WHEN open THEN x > $x ELSE id = $id END", json!({"x": 1, "id": 2}), json!([2, 3])),
    ] {
        check(&site, &format!("SELECT id FROM d WHERE {condition} ORDER BY id"), &params, &expected);
    }
    // A function does not tell the type: the value of a body has its own.
    let has = json!({"sql": "SELECT id FROM d WHERE array_has(list, $n) ORDER BY id", "params": {"n": 2}});
    assert_eq!(site.post("/sql", &has).rows(), [json!({"id": 1}), json!({"id": 2})]);
}

#[test]
fn parameters_stand_wherever_a_value_does() {
    let site = site();
    for (sql, params, expected) in [
        ("SELECT id FROM d ORDER BY id LIMIT $n", json!({"n": 2}), json!([1, 2])),
        ("SELECT id FROM d ORDER BY id LIMIT $n OFFSET $skip", json!({"n": 2, "skip": 1}), json!([2, 3])),
        ("SELECT id FROM d ORDER BY id LIMIT $1", json!([0]), json!([])),
        (
            "SELECT id FROM (SELECT id FROM d ORDER BY id LIMIT $1) ORDER BY id DESC",
            json!([2]),
            json!([2, 1]),
        ),
        (
            "WITH e AS (SELECT id FROM d WHERE x > $x) SELECT id FROM e ORDER BY id",
            json!({"x": 0}),
            json!([1, 3]),
        ),
        (
            "SELECT a.id FROM d a JOIN d b ON a.id = b.id + $by WHERE b.name = $name",
            json!({"by": 2, "name": "Әлия"}),
            json!([3]),
        ),
        (
            "SELECT a.id FROM d a JOIN d b ON b.id = $id AND a.open = b.open ORDER BY 1",
            json!({"id": 3}),
            json!([1, 3]),
        ),
        (
            "SELECT id FROM d WHERE id = $id UNION ALL SELECT id + $by FROM d WHERE id = $id ORDER BY 1",
            json!({"id": 1, "by": 1}),
            json!([1, 2]),
        ),
        ("SELECT count(*) AS n FROM d GROUP BY open HAVING count(*) > $n", json!({"n": 1}), json!([2])),
        ("SELECT id * $n AS n FROM d WHERE id = 2", json!({"n": 21}), json!([42])),
        // A text that a cast made is of another kind than a column's.
        ("SELECT id FROM d WHERE CAST(id AS VARCHAR) = $t", json!({"t": "2"}), json!([2])),
        ("SELECT CAST($n AS INT) + 1 AS n", json!({"n": 41}), json!([42])),
        ("SELECT $n::date AS d", json!({"n": "2024-12-31"}), json!(["2024-12-31"])),
        ("SELECT coalesce(name, $қ) AS t FROM d WHERE id = 4", json!({"қ": "жоқ"}), json!(["жоқ"])),
        ("SELECT '$no' AS t FROM d WHERE id = $id -- $no", json!({"id": 1}), json!(["$no"])),
    ] {
        check(&site, sql, &params, &expected);
    }
    let plan = site.get(&with("/sql", &[("q", "EXPLAIN SELECT name FROM d WHERE id = $id"), ("id", "2")]));
    assert!(plan.status == 200 && !plan.rows().is_empty(), "{}", plan.text());
    assert!(!plan.text().contains("$id"), "the plan has the value: {}", plan.text());
}

#[test]
fn values_are_never_sql() {
    let site = site();
    for value in [
        "' OR 1=1 --",
        "1; DROP TABLE d",
        "$id",
        "Ә' UNION SELECT 1",
        "\\",
        "\u{0}",
        "NULL",
        "%",
        "(SELECT 1)",
    ] {
        let expected = if value == "' OR 1=1 --" { json!([2]) } else { json!([]) };
        check(&site, "SELECT id FROM d WHERE name = $name", &json!({"name": value}), &expected);
        check(&site, "SELECT $1 AS text", &json!([value]), &json!([value]));
    }
    assert_eq!(site.sql("SELECT count(*) AS n FROM d"), [json!({"n": 4})]);
}

#[test]
fn a_kept_plan_answers_each_value_anew() {
    let site = site();
    for (sql, column) in [
        ("SELECT name FROM d WHERE id = $id", "name"),
        ("SELECT name FROM d WHERE id + 0 = $id ORDER BY 1 LIMIT 9", "name"),
    ] {
        for _ in 0..2 {
            for (id, name) in [(1, json!(["Әлия"])), (3, json!(["5"])), (4, json!([null])), (9, json!([]))]
            {
                check(&site, sql, &json!({"id": id}), &name);
                let answer = site.post("/sql", &json!({"sql": sql, "params": {"id": id}}));
                assert!(answer.rows().iter().all(|row| row.get(column).is_some()));
            }
            let wrong = site.post("/sql", &json!({"sql": sql, "params": {"id": "Ә"}}));
            assert_eq!(wrong.error(), (400, "query.parameter".to_owned()));
        }
    }
    for n in [1, 3, 2, 0] {
        let ids: Vec<i64> = (1..=n).collect();
        check(&site, "SELECT id FROM d ORDER BY id LIMIT $n", &json!({"n": n}), &json!(ids));
    }
}

#[test]
fn a_wrong_value_is_an_error_that_names_its_parameter() {
    let site = site();
    let one = "SELECT id FROM d WHERE";
    for (condition, params, name, said) in [
        ("id = $id", json!({}), "$id", "missing"),
        ("id = $1 AND x = $2", json!([1]), "$2", "missing"),
        ("id = $2", json!([1]), "$1", "no parameter"),
        ("id = $id", json!({"id": 1, "idd": 2}), "$idd", "did you mean $id?"),
        ("id = 1", json!({"id": 1}), "$id", "write $name"),
        ("id = $аты", json!({"аты": 1, "басқа": 2}), "$басқа", "$аты"),
        ("id = $id", json!({"id": "бір"}), "$id", "a whole number"),
        ("id = $id", json!({"id": ""}), "$id", "a whole number"),
        ("id = $id", json!({"id": 1.5}), "$id", "a whole number"),
        ("id = $id", json!({"id": true}), "$id", "a whole number"),
        ("id = $id", json!({"id": {"a": 1}}), "$id", "a whole number"),
        ("id = $id", json!({"id": [1]}), "$id", "a whole number"),
        ("id = $id", json!({"id": 1e30}), "$id", "a whole number"),
        ("id = $id", json!({"id": 9_223_372_036_854_775_808_u64}), "$id", "a whole number"),
        ("id IN (1, $б)", json!({"б": "x"}), "$б", "a whole number"),
        ("x = $x", json!({"x": "NaN"}), "$x", "a number"),
        ("x = $x", json!({"x": "1,5"}), "$x", "a number"),
        ("open = $o", json!({"o": "иә"}), "$o", "true or false"),
        ("open = $o", json!({"o": 1}), "$o", "true or false"),
        ("day = $d", json!({"d": "31.12.2024"}), "$d", "such as 2024-12-31"),
        ("day = $d", json!({"d": "2024-13-01"}), "$d", "such as 2024-12-31"),
        ("day = $d", json!({"d": 20241231}), "$d", "such as 2024-12-31"),
        ("at = $at", json!({"at": "түнде"}), "$at", "2024-12-31T10:00:00"),
        ("name = $name", json!({"name": 5}), "$name", "a text"),
        ("id = 1 LIMIT $n", json!({"n": "көп"}), "$n", "a whole number"),
        ("id = 1 LIMIT $n", json!({}), "$n", "missing"),
        ("id IN (SELECT id FROM d WHERE day > $d)", json!({"d": "ертең"}), "$d", "such as 2024-12-31"),
    ] {
        let sql = format!("{one} {condition}");
        let mut answers = vec![site.post("/sql", &json!({"sql": sql, "params": params}))];
        let named = params.as_object().filter(|named| named.values().all(Value::is_string));
        if let Some(named) = named {
            let pairs = named.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap_or_default()));
            let pairs: Vec<_> = std::iter::once(("q", sql.as_str())).chain(pairs).collect();
            answers.push(site.get(&with("/sql", &pairs)));
        }
        for answer in answers {
            assert_eq!(
                answer.error(),
                (400, "query.parameter".to_owned()),
                "{condition} {params}: {}",
                answer.text()
            );
            let error = answer.json()["error"].clone();
            let words = format!("{} {}", error["message"], error["hint"]);
            assert_eq!(error["place"]["field"], name, "{condition} {params}: {error}");
            assert!(words.contains(name) && words.contains(said), "{condition} {params}: {error}");
        }
    }
}

#[test]
fn a_wrong_name_or_number_is_told_as_well() {
    let site = site();
    let mistyped = site.get("/sql?q=SELECT 1&formt=csv");
    assert!(
        mistyped.status == 400 && mistyped.text().contains("did you mean 'format'?"),
        "{}",
        mistyped.text()
    );
    let twice = site.get("/sql?q=SELECT $a AS a&a=1&a=2");
    assert_eq!((twice.error().1.as_str(), twice.field()), ("request.parameter", json!("a")));
    let below_zero = site.post("/sql", &json!({"sql": "SELECT id FROM d LIMIT $n", "params": {"n": -1}}));
    assert_eq!(below_zero.status, 400, "{}", below_zero.text());
}

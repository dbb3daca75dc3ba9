//! Pages that cannot be: each error names the parameter and says what to do.

use super::document;
use crate::site::{Site, with};

#[test]
fn a_wrong_after_is_an_error_that_names_it() {
    let site = Site::of_files([("d.json", document("d", 40, 1)), ("e.json", document("e", 40, 2))]);
    let next = |path: &str, order: &str| {
        let answer = site.get(&with(path, &[("order", order), ("limit", "3")]));
        answer.json()["next"].as_str().map(str::to_owned).expect("there are more rows")
    };
    let (by_n, by_document) = (next("/datasets/d/rows", "n"), next("/datasets/d/rows", ""));
    for (path, order, after) in [
        ("/datasets/d/rows", "", "Қ".to_owned()),
        ("/datasets/d/rows", "n", "AAAA".to_owned()),
        ("/datasets/d/rows", "n", "7".to_owned()),
        ("/datasets/d/rows", "n", "' OR 1=1 --".to_owned()),
        ("/datasets/d/rows", "n", format!("{by_n}=")),
        ("/datasets/d/rows", "n", by_document.clone()),
        ("/datasets/d/rows", "", by_n.clone()),
        ("/datasets/d/rows", "n DESC", by_n.clone()),
        ("/datasets/d/rows", "name", by_n.clone()),
        ("/datasets/e/rows", "n", by_n.clone()),
        ("/datasets/e/rows", "", by_document.clone()),
    ] {
        let answer = site.get(&with(path, &[("order", order), ("after", &after)]));
        assert_eq!(answer.error(), (400, "request.parameter".to_owned()), "{path} {order} {after}");
        assert_eq!(answer.field(), "after", "{path} {order} {after}");
    }
    let again = site.get(&with("/datasets/d/rows", &[("order", "n"), ("after", &by_n)]));
    assert_eq!((again.status, again.rows().len()), (200, 37));
}

#[test]
fn a_wrong_parameter_is_an_error_that_says_what_to_do() {
    let site = Site::of_files([("d.json", document("d", 40, 1))]);
    for (name, value, code, hint) in [
        ("limit", "0", "request.parameter", ""),
        ("limit", "10001", "request.parameter", ""),
        ("limit", "-1", "request.parameter", ""),
        ("limit", "x", "request.parameter", ""),
        ("count", "all", "request.parameter", "exact"),
        ("format", "xml", "request.not_acceptable", "ndjson"),
        ("lang", "қаз", "request.parameter", "kk"),
        ("ordr", "n", "request.parameter", "order"),
        ("select", "nam", "query.unknown_column", "name"),
        ("order", "nam", "query.unknown_column", "name"),
        ("order", "n, dey DESC", "query.unknown_column", "day"),
        ("where", "nam = 'Ақкөл'", "query.unknown_column", "name"),
        ("order", "n SIDEWAYS", "query.syntax", ""),
        ("order", "n; SELECT 1", "query.syntax", ""),
        ("order", "n,", "query.syntax", ""),
        ("order", "n LIMIT 1", "query.syntax", ""),
        ("order", "(SELECT 1)", "query.invalid", "/sql"),
        ("order", "count(*)", "query.invalid", "/sql"),
        ("order", "$1", "query.invalid", "/sql"),
        ("order", "random()", "query.invalid", "moment"),
        ("order", "n, 2 DESC", "query.invalid", "no numbers"),
        ("order", "day < now()", "query.invalid", "moment"),
        ("where", "n = 1; DROP TABLE d", "query.syntax", ""),
        ("where", "n = 1) OR (1 = 1", "query.syntax", ""),
        ("where", "COPY d TO 'x.csv'", "query.syntax", ""),
        ("where", "id IN (SELECT 1)", "query.invalid", "/sql"),
        ("where", "EXISTS (SELECT 1)", "query.invalid", "/sql"),
        ("where", "n = (SELECT max(n) FROM d)", "query.invalid", "/sql"),
        ("where", "n = $n", "query.invalid", "/sql"),
        ("where", "sum(n) > 1", "query.invalid", "/sql"),
        ("where", "row_number() OVER () = 1", "query.invalid", "/sql"),
        ("where", "n", "query.invalid", "compare"),
        ("where", "name = ", "query.syntax", ""),
        ("where", "foo(n) = 1", "query.unknown_function", ""),
        ("where", "CAST(name AS INT) = 1", "query.failed", ""),
        ("where", "10 / (id - 39) > 0", "query.failed", ""),
        ("order", "10 / (id - 39)", "query.failed", ""),
    ] {
        let answer = site.get(&with("/datasets/d/rows", &[(name, value)]));
        let status = if name == "format" { 406 } else { 400 };
        assert_eq!(answer.error(), (status, code.to_owned()), "{name}={value}: {}", answer.text());
        let error = answer.json()["error"].clone();
        assert!(error.to_string().contains(hint), "{name}={value}: {error}");
        let is_named = code != "request.parameter" || error["place"]["field"] == *name;
        assert!(
            is_named && error["message"].as_str().is_some_and(|it| !it.is_empty()),
            "{name}={value}: {error}"
        );
    }
}

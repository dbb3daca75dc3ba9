//! Request → response, through the real router.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use derek::serve::router;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::{app, catalog, fixtures, queries};

/// One router over the fixtures, and a runtime to call it on.
struct Server {
    router: axum::Router,
    runtime: tokio::runtime::Runtime,
}

struct Answer {
    status: StatusCode,
    content_type: String,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
    }
}

impl Server {
    fn new() -> Self {
        let router = router(app(queries(&catalog(&[fixtures()]))));
        let runtime = tokio::runtime::Runtime::new().expect("threads can be started");
        Self { router, runtime }
    }

    fn send(&self, request: Request<Body>) -> Answer {
        self.runtime.block_on(async {
            let response = self.router.clone().oneshot(request).await.expect("a router answers everything");
            let content_type =
                response.headers().get("content-type").map(|it| it.to_str().unwrap_or_default().to_owned());
            let status = response.status();
            let body = response.into_body().collect().await.expect("the body is whole").to_bytes();
            let body = String::from_utf8(body.to_vec()).expect("the body is UTF-8");
            Answer { status, content_type: content_type.unwrap_or_default(), body }
        })
    }

    fn get(&self, uri: &str) -> Answer {
        self.send(Request::get(uri).body(Body::empty()).expect("the address is one"))
    }

    fn post(&self, uri: &str, content_type: &str, body: &str) -> Answer {
        let request = Request::post(uri).header("content-type", content_type);
        self.send(request.body(Body::from(body.to_owned())).expect("the address is one"))
    }

    fn sql(&self, sql: &str) -> Answer {
        self.post("/sql", "text/plain", sql)
    }
}

#[test]
fn the_catalog_lists_every_dataset() {
    let answer = Server::new().get("/datasets");
    assert_eq!((answer.status, answer.content_type.as_str()), (StatusCode::OK, "application/json"));
    let rows = answer.json()["rows"].clone();
    let names: Vec<_> = rows.as_array().expect("a list").iter().map(|row| row["dataset"].clone()).collect();
    assert_eq!(
        names,
        [
            "astana_pharmacies",
            "cities",
            "publication_plan_agency",
            "publication_plan_justice",
            "regions",
            "service_areas"
        ]
    );
    assert_eq!(rows[4]["rows"], 20);
    assert_eq!(rows[4]["name_kk"], "Қазақстан Республикасының өңірлері");
}

#[test]
fn a_dataset_shows_its_fields_with_labels_and_links() {
    let answer = Server::new().get("/datasets/astana_pharmacies").json();
    assert_eq!((answer["rows"].clone(), answer["points"].clone()), (json!(24), json!(24)));
    let region = answer["fields"].as_array().expect("a list").iter().find(|field| field["name"] == "region");
    assert_eq!(region.expect("it is declared")["datapath"], "regions.id");
    assert_eq!(answer["geo"][0]["as_read"], 24);
    assert_eq!(
        (answer["findings"]["errors"].clone(), answer["findings"]["warnings"].clone()),
        (json!(0), json!(0))
    );
}

#[test]
fn sql_by_get_and_post_in_json_and_csv() {
    let server = Server::new();
    let expected = json!([{"nameKk": "Астана қаласы", "nameRu": "город Астана"}]);
    for answer in [
        server.get("/sql?q=SELECT%20namekk,%20NAMERU%20FROM%20Regions%20WHERE%20ID%20=%2071"),
        server.sql("SELECT nameKk, nameRu FROM regions WHERE id = 71"),
        server.post(
            "/sql",
            "application/json",
            r#"{"sql": "SELECT nameKk, nameRu FROM regions WHERE id = 71"}"#,
        ),
    ] {
        assert_eq!(
            (answer.status, answer.json()["rows"].clone()),
            (StatusCode::OK, expected.clone()),
            "{}",
            answer.body
        );
        assert!(answer.body.find("\"columns\"") < answer.body.find("\"rows\""), "columns stand before rows");
        assert_eq!(answer.json()["truncated"], false);
    }
    let csv =
        server.get("/sql?format=csv&q=SELECT%20id,%20geoposition%20FROM%20regions%20WHERE%20id%20=%2071");
    assert_eq!(csv.content_type, "text/csv; charset=utf-8");
    assert_eq!(csv.body.lines().next(), Some("id,geoposition"));
    let point = csv.body.lines().nth(1).expect("there is a row");
    assert!(
        point.starts_with("71,\"51.") && point.ends_with('"'),
        "a point is lat,lon in one quoted cell: {point}"
    );
}

#[test]
fn every_error_has_a_status_a_code_and_a_way_on() {
    let server = Server::new();
    let many: Vec<String> = (0..300).map(|n| format!("a{n}=1")).collect();
    let many = format!("/sql?q=SELECT+1&{}", many.join("&"));
    for (uri, status, code) in [
        (many.as_str(), 400, "request.parameter"),
        ("/nowhere", 404, "request.not_found"),
        ("/datasets/astana_pharmacy", 404, "catalog.unknown_dataset"),
        ("/sql", 400, "request.parameter"),
        ("/sql?q=SELECT+1&fromat=csv", 400, "query.parameter"),
        ("/sql?q=SELECT+1&format=xml", 406, "request.not_acceptable"),
        ("/sql?q=SELECT+nam+FROM+regions", 400, "query.unknown_column"),
        ("/sql?q=SELECT+1+FROM+region", 400, "query.unknown_table"),
        ("/sql?q=SELECT+foo(1)", 400, "query.unknown_function"),
        ("/sql?q=SELEC+1", 400, "query.syntax"),
        ("/datasets/cities/nearest?lat=51", 400, "request.parameter"),
        ("/datasets/cities/nearest?lat=51&lon=200", 400, "request.parameter"),
        ("/datasets/cities/nearest?lat=x&lon=71", 400, "request.parameter"),
        ("/datasets/cities/nearest?lat=51&lon=71&k=0", 400, "request.parameter"),
        ("/datasets/cities/nearest?lat=51&lon=71&k=1001", 400, "request.parameter"),
        ("/datasets/cities/nearest?lat=51&lon=71&max_m=-1", 400, "request.parameter"),
        ("/datasets/cities/nearest?lat=51&lon=71&select=nme", 400, "query.unknown_column"),
        ("/datasets/cities/rows?select=id,nameKk,ID", 400, "request.parameter"),
        ("/datasets/cities/nearest?lat=51&lon=71&where=nme=1", 400, "query.unknown_column"),
        ("/datasets/cities/nearest?lat=51&lon=71&where=population", 400, "query.invalid"),
        ("/datasets/cities/nearest?lat=51&lon=71&where=id+IN+(SELECT+1)", 400, "query.invalid"),
        ("/datasets/publication_plan_agency/nearest?lat=51&lon=71", 400, "request.parameter"),
    ] {
        let answer = server.get(uri);
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (status, code),
            "{uri}: {}",
            answer.body
        );
        assert!(answer.json()["error"]["message"].as_str().is_some_and(|text| !text.is_empty()));
    }
    let error = server.get("/sql?q=SELECT+nam+FROM+regions").json()["error"].clone();
    assert_eq!(
        (error["place"].clone(), error["hint"].clone()),
        (json!({"line": 1, "column": 8}), json!("did you mean 'nameKk'?"))
    );
    let wrong_method =
        server.send(Request::delete("/datasets/regions/rows").body(Body::empty()).expect("it is one"));
    assert_eq!((wrong_method.status.as_u16(), wrong_method.code().as_str()), (405, "request.method"));
    let body = server.post("/sql", "application/json", r#"{"query": "SELECT 1"}"#);
    assert_eq!((body.status.as_u16(), body.code().as_str()), (400, "request.body"));
    let long = server.sql(&format!("SELECT '{}'", "a".repeat(200_000)));
    assert_eq!((long.status.as_u16(), long.code().as_str()), (413, "request.too_large"));
}

#[test]
fn hostile_sql_is_an_error_and_the_server_lives() {
    let server = Server::new();
    let sum = format!("SELECT {}", vec!["1"; 20_000].join("+"));
    let brackets = format!("SELECT {}1{}", "(".repeat(5_000), ")".repeat(5_000));
    let union = vec!["SELECT 1"; 1_500].join(" UNION ALL ");
    let canary = std::env::temp_dir().join(format!("derek-canary-{}.csv", std::process::id()));
    let copy = format!("COPY (SELECT 1) TO '{}'", canary.display());
    for (sql, code) in [
        (sum.as_str(), "query.too_complex"),
        (&brackets, "query.too_complex"),
        (&union, "query.too_complex"),
        (&copy, "query.read_only"),
        ("CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '/etc/passwd'", "query.read_only"),
        ("CREATE TABLE t AS SELECT 1", "query.read_only"),
        ("CREATE VIEW v AS SELECT 1", "query.read_only"),
        ("INSERT INTO regions VALUES (1)", "query.read_only"),
        ("DELETE FROM regions", "query.read_only"),
        ("DROP TABLE regions", "query.read_only"),
        ("SET datafusion.execution.batch_size = 1", "query.read_only"),
        ("EXPLAIN ANALYZE INSERT INTO regions VALUES (1)", "query.read_only"),
        ("SELECT 1; SELECT 2", "query.read_only"),
        ("SELECT * INTO t FROM regions", "query.read_only"),
        ("SELECT * FROM '/etc/passwd'", "query.unknown_table"),
        ("", "query.syntax"),
        ("SELECT 1/0", "query.failed"),
    ] {
        let answer = server.sql(sql);
        let shown: String = sql.chars().take(60).collect();
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, code), "{shown}: {}", answer.body);
    }
    assert!(!canary.exists(), "a query wrote a file");
    // The longest chains that are planned must be planned, and soon.
    let sum = format!("SELECT {} AS n", vec!["1"; 1_000].join("+"));
    assert_eq!(server.sql(&sum).json()["rows"], json!([{"n": 1_000}]));
    let chain: Vec<String> = (0..333).map(|id| format!("id = {id}")).collect();
    let or = format!("SELECT count(*) AS n FROM regions WHERE {}", chain.join(" OR "));
    assert_eq!(server.sql(&or).json()["rows"], json!([{"n": 20}]));
}

#[test]
fn nearest_answers_with_distance_nearest_first() {
    let server = Server::new();
    let answer =
        server.get("/datasets/astana_pharmacies/nearest?lat=51.128&lon=71.43&k=3&select=id,NAME").json();
    let columns: Vec<_> =
        answer["columns"].as_array().expect("a list").iter().map(|it| it["name"].clone()).collect();
    assert_eq!(columns, ["id", "name", "distance_m"]);
    let ids: Vec<_> =
        answer["rows"].as_array().expect("a list").iter().map(|row| row["id"].clone()).collect();
    assert_eq!(ids, [22, 11, 112]);
    let first = answer["rows"][0]["distance_m"].as_f64().expect("a number");
    assert!((1_030.0..1_050.0).contains(&first), "{first}");
    let filtered = server
        .get("/datasets/astana_pharmacies/nearest?lat=51.128&lon=71.43&k=2&select=id&where=madeUp")
        .json();
    let ids: Vec<_> =
        filtered["rows"].as_array().expect("a list").iter().map(|row| row["id"].clone()).collect();
    assert_eq!(ids, [112, 121], "the condition is applied before the k nearest are taken");
    let near = server.get("/datasets/astana_pharmacies/nearest?lat=51.128&lon=71.43&max_m=1100").json();
    assert_eq!(near["row_count"], 1);
    assert_eq!(
        server.get("/datasets/astana_pharmacies/nearest?lat=51.128&lon=71.43&where=1=2").json()["row_count"],
        0
    );
    let all = server.get("/datasets/astana_pharmacies/nearest?lat=51.128&lon=71.43&k=1000&where=1=1").json();
    assert_eq!(all["row_count"], 24);
    let csv = server
        .get("/datasets/astana_pharmacies/nearest?lat=51.128&lon=71.43&k=1&select=id,geoposition&format=csv");
    assert_eq!(csv.body.lines().next(), Some("id,geoposition,distance_m"));
    assert!(
        csv.body.lines().nth(1).is_some_and(|line| line.starts_with("22,\"51.121077,71.419938\",1043.753")),
        "{}",
        csv.body
    );
}

#[test]
fn a_condition_may_ask_for_the_moment_but_not_for_more_than_a_row() {
    let server = Server::new();
    let near = "/datasets/astana_pharmacies/nearest?lat=51.128&lon=71.43&k=1&select=id&where=";
    for (condition, found) in [
        ("now()+%3E+timestamp+'2020-01-01'", 1),
        ("current_date+%3C+date+'2020-01-01'", 0),
        ("licenceDate+%3C+now()", 1),
        ("NAME+LIKE+'%D2%AE%25'", 0),
        ("random()+%3E=+0", 1),
    ] {
        let answer = server.get(&format!("{near}{condition}"));
        assert_eq!(answer.json()["row_count"], found, "{condition}: {}", answer.body);
    }
    let answer = server.get(&format!("{near}count(*)+%3E+0"));
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, "query.invalid"));
    assert!(!answer.body.contains("AggregateFunction"), "{}", answer.body);
}

/// A CTE that is named twice is planned twice: thirty of them are a short text and a billion plans.
#[test]
fn ctes_that_multiply_are_refused_before_they_are_planned() {
    let server = Server::new();
    let chain = |select: &str, levels: usize| {
        let ctes: Vec<String> = (1..levels)
            .map(|at| format!("a{at} AS ({})", select.replace('#', &format!("a{}", at - 1))))
            .collect();
        format!(
            "WITH a0 AS (SELECT id AS v FROM regions), {} SELECT count(*) AS n FROM a{}",
            ctes.join(", "),
            levels - 1
        )
    };
    let started = std::time::Instant::now();
    for select in [
        "SELECT * FROM #, # x",
        "SELECT l.v FROM # l JOIN # r ON l.v = r.v",
        "SELECT v FROM # WHERE v IN (SELECT v FROM #)",
        "SELECT v FROM (WITH b AS (SELECT * FROM #) SELECT l.v FROM b l, b r)",
    ] {
        let answer = server.sql(&chain(select, 30));
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (400, "query.too_complex"),
            "{select}: {}",
            answer.body
        );
        let few = server.sql(&chain(select, 3));
        assert_eq!(few.status.as_u16(), 200, "{select}: {}", few.body);
    }
    assert!(started.elapsed().as_secs() < 20);
}

#[test]
fn a_name_in_the_path_that_is_no_text_is_an_error_as_any_other() {
    let answer = Server::new().get("/datasets/%ff");
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, "request.parameter"));
}

#[test]
fn accept_chooses_the_form() {
    let server = Server::new();
    for (accept, content_type) in [
        ("text/csv", "text/csv; charset=utf-8"),
        ("text/html, */*;q=0.8", "application/json"),
        ("application/json;q=0.5, text/csv", "text/csv; charset=utf-8"),
    ] {
        let request = Request::get("/sql?q=SELECT+1").header("accept", accept).body(Body::empty());
        assert_eq!(server.send(request.expect("it is one")).content_type, content_type, "{accept}");
    }
    let request = Request::get("/sql?q=SELECT+1").header("accept", "image/png").body(Body::empty());
    assert_eq!(server.send(request.expect("it is one")).status, StatusCode::NOT_ACCEPTABLE);
}

#[test]
fn a_failure_after_the_first_byte_is_no_whole_answer() {
    let server = Server::new();
    // The last row fails; the 200,000 before it are on their way by then.
    let sql = "SELECT 10 / (200000 - v.value) AS n, repeat('қ', 8) AS t FROM generate_series(1, 200000) AS v";
    let json = server.sql(sql);
    assert_eq!(json.status, StatusCode::OK);
    let body = json.json();
    assert_eq!(body["error"]["code"], "query.failed");
    assert!(body.get("row_count").is_none(), "a broken answer has no count");
    let request = Request::post("/sql?format=csv").body(Body::from(sql)).expect("it is one");
    let broken = server.runtime.block_on(async {
        let response = server.router.clone().oneshot(request).await.expect("a router answers everything");
        response.into_body().collect().await.is_err()
    });
    assert!(broken, "CSV has no way to say that it broke off: the connection must");
}

#[test]
fn the_rows_of_one_answer_and_the_time_of_a_query_are_bounded() {
    let catalog = catalog(&[fixtures()]);
    let limits = derek::query::QueryLimits {
        max_rows: 7,
        timeout: std::time::Duration::from_millis(300),
        is_yielding: false,
        ..derek::query::QueryLimits::for_machine(1 << 30, 2)
    };
    let queries =
        derek::query::QueryService::new(Arc::clone(&catalog), limits).expect("threads can be started");
    let server =
        Server { router: router(app(queries)), runtime: tokio::runtime::Runtime::new().expect("threads") };
    let cut = server.sql("SELECT id FROM regions").json();
    assert_eq!((cut["row_count"].clone(), cut["truncated"].clone()), (json!(7), json!(true)));
    let request =
        Request::post("/sql?format=csv").body(Body::from("SELECT id FROM regions")).expect("it is one");
    let is_cut = server.runtime.block_on(async {
        let response = server.router.clone().oneshot(request).await.expect("a router answers everything");
        response.into_body().collect().await.is_err()
    });
    assert!(is_cut, "CSV has no way to say that rows were left out");
    let slow = "SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 100000) b WHERE a.value % 7 = b.value % 11";
    let started = std::time::Instant::now();
    let answer = server.sql(slow);
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (504, "query.timeout"));
    assert!(started.elapsed().as_secs() < 5);
    assert_eq!(server.sql("SELECT 1 AS n").json()["rows"], json!([{"n": 1}]), "the server lives");
}

#[test]
fn health_and_readiness() {
    let server = Server::new();
    assert_eq!(server.get("/health").json(), json!({"status": "ok"}));
    assert_eq!(server.get("/ready").json(), json!({"status": "ready", "datasets": 6, "refused": 0}));
    let empty = Arc::new(derek::catalog::Catalog::new(
        &[fixtures().to_owned()],
        derek::catalog::LoadOptions::default(),
    ));
    let router = router(app(queries(&empty)));
    let loading = Server { router, runtime: tokio::runtime::Runtime::new().expect("threads can be started") };
    let before = loading.get("/ready");
    assert_eq!((before.status.as_u16(), before.json()["status"].clone()), (503, json!("loading")));
    empty.load_all(None).expect("the fixtures are there");
    assert_eq!(loading.get("/ready").json()["datasets"], 6);
}

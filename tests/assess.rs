//! The questions of the service integrator over a small world whose answers are worked out by hand
//! (fixtures/assess/world/ANSWERS.md), the calendar of working days, and the plan of two bodies.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use derek::assess::{NamedQueries, NamedQuery};
use derek::catalog::LoggedQuery;
use derek::error::Code;
use derek::query::{QueryLimits, QueryService};
use derek::serve::{App, router};
use serde_json::{Value, json};

use crate::site::{Site, address};

fn world() -> PathBuf {
    crate::fixtures().join("assess/world")
}

/// Where the world's datasets stand for the tables of the server.
const TABLES: [(&str, &str); 6] = [
    ("system.request_events", "events"),
    ("system.requests", "requests"),
    ("system.versions", "versions"),
    ("system.datasets", "datasets"),
    ("system.fields", "fields"),
    ("system.links", "links"),
];

/// The plan of the world: its names and addresses, and the rules of the built-in one.
const PLAN: &str = "\
SELECT planned.list, planned.number, rules.part, planned.name, planned.body, planned.unit,
    planned.apiUri AS dataset, rules.rule, rules.month, rules.day, rules.weekday, rules.n, rules.n_unit, rules.period,
    rules.event, rules.deadline_text
FROM plan AS planned JOIN assess.plan_of_law AS rules ON rules.list = planned.list AND rules.number = planned.number
";

/// The routes over the world, with the program's own questions.
fn site() -> Site {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(format!("{name}.sql")), text).expect("it can be written");
    };
    for query in NamedQueries::open(None).expect("they are sound").iter() {
        let mut sql = query.sql.clone();
        for (own, of_world) in TABLES {
            sql = sql.replace(own, of_world);
        }
        write(&query.name, &sql);
        if query.name == "plan" {
            write("plan_of_law", &query.sql);
            let header: Vec<&str> = query.sql.lines().take_while(|line| line.starts_with("--")).collect();
            let header = header.join("\n");
            write("plan", &format!("{header}\n{PLAN}"));
        }
    }
    let named = NamedQueries::open(Some(folder.path())).expect("they are sound");
    let limits = QueryLimits { is_yielding: false, ..QueryLimits::for_machine(4 << 30, 2) };
    let catalog = crate::catalog(&[&world()]);
    for query in logged() {
        catalog.query_log().add(query);
    }
    let queries = QueryService::with_views(catalog, limits, named.views()).expect("threads can be started");
    Site::of_router(router(App::new(queries, named)))
}

/// The world's queries, as the server would have logged them.
fn logged() -> Vec<LoggedQuery> {
    let text = std::fs::read_to_string(world().join("queries.json")).expect("it is there");
    let document: Value = serde_json::from_str(&text).expect("it is JSON");
    let text = |row: &Value, name: &str| row[name].as_str().map(str::to_owned);
    let query = |row: &Value| LoggedQuery {
        at: text(row, "asked_at").and_then(|at| at.parse().ok()).expect("it is a moment"),
        door: text(row, "door").unwrap_or_default().into(),
        text: text(row, "query").unwrap_or_default(),
        datasets: serde_json::from_value(row["datasets"].clone()).expect("they are names"),
        rows: row["rows"].as_u64().expect("it is a count"),
        elapsed_ms: 0.0,
        client: text(row, "client").map(|client| u64::from_str_radix(&client, 16).expect("it is a hash")),
        error: text(row, "error")
            .map(|code| *Code::ALL.iter().find(|known| known.as_str() == code).expect("it is a code")),
        missing: text(row, "missing"),
    };
    document["data"].as_array().expect("they are rows").iter().map(query).collect()
}

/// The rows of a CSV file, its head first.
fn csv(bytes: &[u8]) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes);
    let rows = reader.records().map(|row| row.expect("it is CSV").iter().map(plain).collect());
    rows.collect()
}

/// A cell as both sides write it: numbers by their value, moments without their zone, which is UTC.
fn plain(cell: &str) -> String {
    match cell.parse::<f64>() {
        Ok(number) => number.to_string(),
        Err(_) => cell.strip_suffix('Z').unwrap_or(cell).to_owned(),
    }
}

#[test]
fn every_view_has_the_rows_that_were_worked_out_by_hand() {
    let (site, folder) = (site(), world().join("expected"));
    let mut compared = 0;
    for view in [
        "requests_clock",
        "bodies",
        "demand",
        "usage",
        "used_together",
        "unmet_demand",
        "deadlines",
        "freshness",
        "plan_coverage",
    ] {
        let answer = site.get(&format!("/queries/{view}?as_of=2026-11-01T00:00:00&format=csv"));
        assert_eq!(answer.status, 200, "{view}: {}", answer.text());
        let expected = csv(&std::fs::read(folder.join(format!("{view}.csv"))).expect("it is there"));
        let answered = csv(&answer.body);
        for (row, (expected, answered)) in expected.iter().zip(&answered).enumerate() {
            assert_eq!(answered, expected, "{view}, row {row}");
        }
        assert_eq!(answered.len(), expected.len(), "{view}");
        compared += expected.len() - 1;
    }
    assert_eq!(compared, 161);
}

/// One request of the world, as its page asks for it.
#[test]
fn one_request_has_its_state_and_its_clocks_with_their_rules() {
    let site = site();
    let rows = |request: &str, as_of: &str| {
        site.get(&format!("/queries/request_status?request={request}&as_of={as_of}")).rows()
    };
    let all = rows("r01", "2026-11-01T00:00:00");
    let told = all.iter().map(|row| (row["state"].as_str(), row["clock"].as_str(), row["due"].as_str()));
    let expected =
        [("notification", "2026-06-04"), ("processing", "2026-05-05"), ("publication", "2026-06-04")];
    let expected = expected.map(|(clock, due)| (Some("published"), Some(clock), Some(due)));
    assert_eq!(told.collect::<Vec<_>>(), expected);
    let rules: Vec<_> = all.iter().map(|row| (&row["allowed"], &row["unit"], &row["paragraph"])).collect();
    assert_eq!(
        rules,
        [
            (&json!(0), &json!("days"), &json!("10")),
            (&json!(5), &json!("day_of_month"), &json!("8")),
            (&json!(30), &json!("days"), &json!("9, part 1")),
        ]
    );
    // Sent on 5 May: until a body has decided, publication and refusal run both.
    let before = rows("r01", "2026-05-06T00:00:00");
    let told: Vec<_> = before.iter().map(|row| (row["state"].as_str(), row["clock"].as_str())).collect();
    let expected = ["processing", "publication", "refusal"].map(|clock| (Some("sent"), Some(clock)));
    assert_eq!(told, expected);
    assert!(rows("r99", "2026-11-01").is_empty(), "there is none");
}

#[test]
fn views_are_of_one_moment_also_within_each_other() {
    let site = site();
    let count = |sql: &str| site.sql(sql)[0]["n"].as_i64().expect("it is a number");
    // Today lies after the world: what was open is decided, or late.
    assert!(count("SELECT count(*) AS n FROM assess.requests_clock WHERE is_met IS NULL") < 9);
    let early = site.get("/queries/bodies?as_of=2026-01-10");
    let received: i64 = early.rows().iter().filter_map(|row| row["received"].as_i64()).sum();
    assert_eq!(received, 2, "r05 and r06: {}", early.text());
    let of = |as_of: &str| site.get(&address(&format!("/queries/bodies?as_of={as_of}"))).rows();
    let at = of("2026-11-01T00:00:00");
    for same in [
        "2026-11-01",
        "2026-11-01T00:00:00Z",
        "2026-11-01T05:00:00%2B05:00",
        "2026-11-01T00:00:00.000",
        "2026-10-31T19:00:00-05:00",
    ] {
        let same = site.get(&format!("/queries/bodies?as_of={same}"));
        assert_eq!(same.rows(), at, "{}", same.text());
    }
    let months = site.get("/queries/requests_by_month?as_of=2026-11-01").rows();
    let sum = |name: &str| months.iter().filter_map(|row| row[name].as_i64()).sum::<i64>();
    assert_eq!((sum("received"), sum("published"), sum("refused")), (30, 14, 7));
}

fn plain_site() -> Site {
    Site::over_fixtures()
}

/// A moment that SQL cannot hold is told before it is tried; those at both ends are answered.
#[test]
fn moments_have_a_range() {
    let site = plain_site();
    let range = "from 1700-01-01 to 2200-12-31";
    for day in ["9999-12-31", "0001-01-01", "2201-01-01", "1699-12-31", "қараша"] {
        for path in ["/queries/bodies", "/queries/deadlines", "/report"] {
            let answer = site.get(&address(&format!("{path}?as_of={day}")));
            assert_eq!(answer.error(), (400, "request.parameter".to_owned()), "{path} {day}");
            assert_eq!(answer.field(), json!("as_of"), "{path} {day}");
            assert!(answer.text().contains(range), "{}", answer.text());
        }
        let extract = site.ask("POST", &address(&format!("/assess/extract?as_of={day}")), &[]);
        assert_eq!(extract.error(), (400, "request.parameter".to_owned()), "{day}");
        assert!(extract.text().contains(range), "{}", extract.text());
    }
    // What SQL does not read as a moment is not taken for one; `%2B` is a plus sign.
    for form in [
        "2026-11-1",
        "2026-1-01",
        "%2B2026-11-01",
        " 2026-11-01",
        "2026-11-01T1:2:3",
        "2026-11-01T01:02",
        "2026-11-01T01:02:03.",
        "2026-11-01T01:02:03.1234567890",
        "2026-11-01T24:00:00",
        "2026-11-01T01:60:00",
        "2026-11-01T01:02:60",
        "2026-11-01T01:02:03%2B5:00",
        "2026-11-01T01:02:03%2B0500",
        "2026-11-01T01:02:03%2B24:00",
        "2026-11-01T01:02:03Zә",
        "2026-11-01T01:02:03ә",
        "2026-11-01t01:02:03z",
        "2026-11-01 01:02:03",
        "2026-02-30T01:02:03",
        "T01:02:03",
        "2026-11-01T",
    ] {
        let answer = site.get(&address(&format!("/queries/bodies?as_of={form}")));
        assert_eq!(answer.error(), (400, "request.parameter".to_owned()), "{form}: {}", answer.text());
        assert_eq!(answer.field(), json!("as_of"), "{form}");
    }
    for form in ["2026-11-01T01:02:03.123456789", "2026-11-01T01:02:03.5Z", "2026-11-01T01:02:03.25-11:30"] {
        let answer = site.get(&format!("/queries/bodies?as_of={form}"));
        assert_eq!(answer.status, 200, "{form}: {}", answer.text());
    }
    let late = site.get("/queries/bodies?as_of=9999-12-31T00:00:00");
    assert_eq!(late.error(), (400, "request.parameter".to_owned()));
    let named = NamedQueries::open(None).expect("they are sound");
    // Those that ask for nothing else.
    let is_of_moment = |query: &&NamedQuery| {
        query.parameters.iter().any(|it| it.name == "as_of")
            && query.parameters.iter().all(|it| it.default.is_some())
    };
    for query in named.iter().filter(is_of_moment) {
        for moment in ["1700-01-01", "2200-12-31T23:59:59"] {
            let answer = site.get(&format!("/queries/{}?as_of={moment}", query.name));
            assert_eq!(answer.status, 200, "{} {moment}: {}", query.name, answer.text());
        }
    }
}

/// The 99 active rows of both lists are all there, each computed or honestly not; some due dates are spot-checked.
#[test]
fn every_planned_dataset_has_its_deadlines_of_2026() {
    let site = plain_site();
    let planned =
        site.sql("SELECT list, count(DISTINCT number) AS n FROM assess.plan GROUP BY list ORDER BY list");
    assert_eq!(planned, [json!({"list": "agency-113", "n": 34}), json!({"list": "justice-38", "n": 65})]);
    let unknown = site.sql("SELECT number FROM assess.plan WHERE rule = 'unknown' ORDER BY number");
    assert_eq!(unknown, [1, 3, 6, 64].map(|number| json!({ "number": number })));
    let of_plan = site.sql("SELECT name FROM publication_plan_agency ORDER BY 1");
    let own = site.sql("SELECT DISTINCT name FROM assess.plan WHERE list = 'agency-113' ORDER BY 1");
    assert!(own.iter().all(|row| of_plan.contains(row)), "names are those of the order");
    let due = |as_of: &str| {
        let rows = site.get(&format!("/queries/deadlines?as_of={as_of}")).rows();
        rows.into_iter()
            .map(|row| (row["list"].clone(), row["number"].clone(), row["next_due"].clone()))
            .collect::<Vec<_>>()
    };
    let january = due("2026-01-01");
    assert_eq!(january.len(), 102);
    for (list, number, next) in [
        ("agency-113", 1, "2026-02-20"),
        ("agency-113", 2, "2026-01-15"),
        ("agency-113", 4, "2026-01-15"),
        ("justice-38", 2, "2026-03-31"),
        ("justice-38", 16, "2026-07-25"),
    ] {
        assert!(january.contains(&(json!(list), json!(number), json!(next))), "{list} {number} {next}");
    }
    let states = site.get("/queries/deadlines?as_of=2026-11-01").rows();
    let of = |state: &str| states.iter().filter(|row| row["state"] == state).count();
    assert_eq!((of("unknown"), of("waits_for_event"), of("met")), (4, 14, 0), "nothing is published here");
}

/// A name that is alike is no match, and is shown with its score.
#[test]
fn what_may_be_planned_is_shown_with_its_score() {
    let text = |name: &str| {
        format!(
            r#"{{"meta": {{"apiUri": "notaries", "nameKk": "{name}"}}, "fields": {{"id": {{"type": "Int"}}}}, "data": [{{"id": 1}}]}}"#
        )
    };
    let of = |name: &str| Site::of_files([("notaries.json", text(name).into_bytes())]);
    let matched = "SELECT number, matched_by, score FROM assess.plan_matches WHERE dataset = 'notaries'";
    let same = of("НОТАРИУСТАР – тізімі.");
    let rows = same.sql(matched);
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!((&rows[0]["matched_by"], &rows[0]["score"]), (&json!("name"), &json!(1.0)));
    assert!(same.get("/queries/plan_candidates").rows().iter().all(|row| row["number"] != rows[0]["number"]));
    let alike = of("Нотариустардың тізімі");
    assert!(alike.sql(matched).is_empty());
    let candidates = alike.get("/queries/plan_candidates").rows();
    let candidate = candidates.iter().find(|row| row["number"] == rows[0]["number"]).expect("it is alike");
    assert_eq!(candidate["dataset_name"], "Нотариустардың тізімі");
    // The planned name has 18 trigrams, the dataset's 21, both 17: 17 of 22.
    assert_eq!(candidate["score"], 0.773, "{candidate}");
    assert!(alike.get("/queries/plan_candidates?least=1").rows().is_empty());
}

#[test]
fn working_days_are_counted_over_moved_days_and_year_ends() {
    let site = plain_site();
    let add = |day: &str, count: i64| {
        site.sql(&format!("SELECT add_working_days('{day}', {count}) AS d"))[0]["d"]
            .as_str()
            .map(str::to_owned)
    };
    // Nauryz of 2026: 21 (Saturday), 22 and 23 March, moved to 24 and 25.
    for (day, count, expected) in [
        ("2026-03-19", 1, "2026-03-20"),
        ("2026-03-20", 1, "2026-03-26"),
        ("2026-04-30", 1, "2026-05-04"),
        ("2026-04-30", 5, "2026-05-12"),
        ("2025-12-31", 1, "2026-01-05"),
        ("2026-01-05", -1, "2025-12-31"),
        ("2026-03-22", 0, "2026-03-26"),
        ("2026-03-26", 0, "2026-03-26"),
        ("2026-10-23", 5, "2026-11-02"),
    ] {
        assert_eq!(add(day, count).as_deref(), Some(expected), "{day} {count}");
    }
    let between = |from: &str, to: &str| {
        site.sql(&format!("SELECT working_days_between('{from}', '{to}') AS n"))[0]["n"].as_i64()
    };
    let years = [(2024, 249), (2025, 246), (2026, 247), (2027, 247)];
    for (year, expected) in years {
        let first = if year == 2024 { format!("{year}-01-01") } else { format!("{}-12-31", year - 1) };
        assert_eq!(between(&first, &format!("{year}-12-31")), Some(expected), "{year}");
    }
    assert_eq!(between("2026-03-26", "2026-03-20"), Some(-1));
    assert_eq!(between("2026-03-26", "2026-03-26"), Some(0));
    let null = site.sql("SELECT add_working_days(NULL, 1) AS a, add_working_days('2026-03-19', NULL) AS b");
    assert_eq!(null, [json!({"a": Value::Null, "b": Value::Null})]);
    let unknown = site.get(&address("/sql?q=SELECT add_working_days('2029-03-19', 1)"));
    assert_eq!(unknown.error(), (400, "query.invalid".to_owned()));
    assert!(unknown.text().contains("2029") && unknown.text().contains("kz_holidays"), "{}", unknown.text());
    let many = site.get(&address("/sql?q=SELECT add_working_days('2026-03-19', 1000000)"));
    assert_eq!(many.status, 400);
}

/// A dataset of holidays takes the place of the built-in calendar.
#[test]
fn a_published_calendar_is_the_one_that_counts() {
    let text = r#"{"meta": {"apiUri": "kz_holidays"}, "fields": {"date": {"type": "Date", "pkey": true}, "kind": {"type": "String"}},
        "data": [{"date": "2030-03-08", "kind": "holiday"}, {"date": "2030-03-09", "kind": "working"}]}"#;
    let site = Site::of_files([("kz_holidays.json", text.as_bytes().to_vec())]);
    let rows = site.sql("SELECT add_working_days('2030-03-07', 1) AS d, working_days_between('2030-03-07', '2030-03-11') AS n");
    assert_eq!(rows, [json!({"d": "2030-03-09", "n": 2})]);
    assert_eq!(
        site.sql("SELECT add_working_days('2026-03-20', 1) AS d")[0]["d"],
        "2026-03-26",
        "others stay"
    );
    let unknown = site.sql("SELECT try_add_working_days('2029-03-19', 1) AS d");
    assert_eq!(unknown, [json!({"d": Value::Null})]);
}

#[test]
fn the_rules_have_their_orders_and_sentences() {
    let site = plain_site();
    let rules =
        site.sql("SELECT code, value, law_order, paragraph, sentence FROM assess.rules ORDER BY code");
    let value = |code: &str| rules.iter().find(|rule| rule["code"] == code).map(|rule| rule["value"].clone());
    assert_eq!(value("requests.publish_days"), Some(json!(30)));
    assert_eq!(value("requests.refuse_working_days"), Some(json!(5)));
    assert_eq!(value("demand.window_months"), Some(json!(3)));
    assert!(
        rules.iter().all(|rule| rule["sentence"]
            .as_str()
            .is_some_and(|text| text.contains('ң') || text.contains('і')))
    );
}

/// Named queries of an operator take the place of rules and plan: other numbers, other answers.
#[test]
fn an_operator_changes_the_numbers() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let rules =
        NamedQueries::open(None).expect("they are sound").get("rules").expect("it is there").sql.clone();
    let changed = rules.replace("('demand.least_requests', 2,", "('demand.least_requests', 9,");
    assert_ne!(changed, rules);
    std::fs::write(folder.path().join("rules.sql"), changed).expect("it can be written");
    let named = NamedQueries::open(Some(Path::new(folder.path()))).expect("they are sound");
    let limits = QueryLimits { is_yielding: false, ..QueryLimits::for_machine(4 << 30, 2) };
    let catalog = crate::catalog(&[crate::fixtures()]);
    let queries = QueryService::with_views(Arc::clone(&catalog), limits, named.views())
        .expect("threads can be started");
    let site = Site::of_router(router(App::new(queries, named)));
    let rows = site.sql("SELECT value FROM assess.rules WHERE code = 'demand.least_requests'");
    assert_eq!(rows, [json!({"value": 9})]);
}

/// What to publish next comes from all that asks for it.
#[test]
fn what_is_asked_for_and_owed_comes_first() {
    let rows = site().get("/queries/publish_next?as_of=2026-11-01").rows();
    let of = |subject: &str| rows.iter().find(|row| row["subject"] == subject).cloned().unwrap_or_default();
    // Two requests since May, and a window with two in September to November.
    let procurement = of("мемлекеттік сатып алу жоспары");
    assert_eq!((&procurement["score"], &procurement["reasons"]), (&json!(40), &json!("requests=2; needed")));
    // Two clients looked for it, in four queries.
    assert_eq!(
        (&of("air_quality")["score"], &of("air_quality")["reasons"]),
        (&json!(4), &json!("searches=4"))
    );
    assert_eq!(of("city_districts")["reasons"], "references=2");
    // Missed since 31 March: 215 days.
    assert_eq!(
        (&of("moj_bill_plan")["score"], &of("moj_bill_plan")["reasons"]),
        (&json!(15), &json!("late=215"))
    );
    assert_eq!(of("moj_registered_acts")["reasons"], "late=1", "late, by a day");
    assert_eq!(of("notaries"), Value::Null, "it is there, and in time");
}

/// A server over documents that stand for its own tables, as [`site`] has them, with queries of an operator.
fn site_of(documents: &[(&str, &str)], operators: &[(&str, String)]) -> Site {
    let (folder, sql) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    for (name, text) in documents {
        std::fs::write(folder.path().join(format!("{name}.json")), text).expect("it can be written");
    }
    let own = NamedQueries::open(None).expect("they are sound");
    for query in own.iter() {
        let mut text = operators
            .iter()
            .find(|(name, _)| *name == query.name)
            .map_or_else(|| query.sql.clone(), |(_, text)| text.clone());
        for (table, of_documents) in
            TABLES.into_iter().filter(|(_, name)| documents.iter().any(|it| it.0 == *name))
        {
            text = text.replace(table, of_documents);
        }
        std::fs::write(sql.path().join(format!("{}.sql", query.name)), text).expect("it can be written");
    }
    let named = NamedQueries::open(Some(sql.path())).expect("they are sound");
    let limits = QueryLimits { is_yielding: false, ..QueryLimits::for_machine(4 << 30, 2) };
    let catalog = crate::catalog(&[folder.path()]);
    let queries = QueryService::with_views(catalog, limits, named.views()).expect("threads can be started");
    Site::of_router(router(App::new(queries, named)))
}

const STRANGE_REQUESTS: &str = r#"{"meta": {"apiUri": "requests"}, "fields": {"id": {"type": "String"},
    "received_at": {"type": "String"}, "kind": {"type": "String"}, "requester": {"type": "String"},
    "text": {"type": "String"}, "body": {"type": "String"}, "dataset": {"type": "String"}, "topic": {"type": "String"}},
    "data": [
    {"id": "late", "received_at": "2026-04-20T06:00:00Z", "kind": "publish", "requester": "citizen", "text": "а", "body": "б", "dataset": "Schools"},
    {"id": "both", "received_at": "2026-04-20T06:00:00Z", "kind": "publish", "requester": "citizen", "text": "а", "body": "б", "dataset": "schools"},
    {"id": "signs", "received_at": "2026-04-20T06:00:00Z", "kind": "publish", "requester": "citizen", "text": "???", "body": "б"},
    {"id": "latin", "received_at": "2026-04-20T06:00:00Z", "kind": "publish", "requester": "citizen", "text": "т", "body": "б", "topic": "Мектептер тiзiмi"},
    {"id": "cyrillic", "received_at": "2026-05-20T06:00:00Z", "kind": "publish", "requester": "business", "text": "т", "body": "б", "topic": "мектептер тізімі"}
    ]}"#;
const STRANGE_EVENTS: &str = r#"{"meta": {"apiUri": "events"}, "fields": {"request": {"type": "String"},
    "at": {"type": "String"}, "event": {"type": "String"}, "dataset": {"type": "String"}, "version": {"type": "Int"}, "reason": {"type": "String"}},
    "data": [
    {"request": "late", "at": "2026-05-01T06:00:00Z", "event": "published"},
    {"request": "late", "at": "2026-05-10T06:00:00Z", "event": "sent"},
    {"request": "late", "at": "2026-04-30T06:00:00Z", "event": "notified"},
    {"request": "late", "at": "2026-05-03T06:00:00Z", "event": "notified"},
    {"request": "late", "at": "2026-05-02T06:00:00Z", "event": "notified"},
    {"request": "both", "at": "2026-05-02T06:00:00Z", "event": "published"},
    {"request": "both", "at": "2026-05-02T06:00:00Z", "event": "refused"}
    ]}"#;

/// What nobody should write down, and somebody does.
#[test]
fn strange_stories_have_one_reading() {
    let site = site_of(&[("requests", STRANGE_REQUESTS), ("events", STRANGE_EVENTS)], &[]);
    let story = |request: &str, column: &str| {
        site.sql(&format!("SELECT {column} AS it FROM assess.requests_story WHERE request = '{request}'"))[0]
            ["it"]
            .clone()
    };
    // Sent after it was decided: it was got when it was received, and had 30 days from 20 April on.
    assert_eq!(story("late", "receipt"), "2026-04-20");
    assert_eq!(story("late", "publication_due"), "2026-05-20");
    // The first notice from the decision on.
    assert_eq!(story("late", "notified_at"), "2026-05-02T06:00:00");
    // Published and refused at one moment is refused, everywhere.
    assert_eq!(story("both", "is_refused"), true);
    let bodies = site.get("/queries/bodies").rows();
    assert_eq!(
        (&bodies[0]["published"], &bodies[0]["refused"], &bodies[0]["mean_days"]),
        (&json!(1), &json!(1), &json!(11.5))
    );
    let months = site.get("/queries/requests_by_month").rows();
    let of_may = months.iter().find(|row| row["month"] == "2026-05-01").expect("it is there");
    assert_eq!((&of_may["published"], &of_may["refused"]), (&json!(1), &json!(1)));
    assert_eq!(site.get("/queries/request_status?request=both").rows()[0]["state"], "refused");
    // Letter case, letters that look alike, and signs alone.
    let demand = site.get("/queries/demand").rows();
    let subjects: Vec<_> = demand
        .iter()
        .map(|row| (row["subject"].as_str(), row["requests"].as_i64(), row["is_needed"].as_bool()))
        .collect();
    assert_eq!(
        subjects,
        [
            (Some("???"), Some(1), Some(false)),
            (Some("schools"), Some(2), Some(true)),
            (Some("мектептер тізімі"), Some(2), Some(true)),
        ]
    );
    assert_eq!(demand[2]["merged"], "Мектептер тiзiмi / мектептер тізімі");
    // What is decided is no longer to be published, though it was needed.
    let next = site.get("/queries/publish_next?as_of=2026-06-01").rows();
    let subjects: Vec<_> = next.iter().filter_map(|row| row["subject"].as_str()).collect();
    assert!(!subjects.contains(&"schools") && subjects.contains(&"мектептер тізімі"), "{subjects:?}");
}

/// A number counts while it is in force.
#[test]
fn rules_have_their_time() {
    let rules =
        NamedQueries::open(None).expect("they are sound").get("rules").expect("it is there").sql.clone();
    let line = "('requests.publish_days', 30, 'days', '144/2021', '9, part 1', NULL, NULL,";
    let both =
        "('requests.publish_days', 30, 'days', '144/2021', '9, part 1', NULL, DATE '2026-06-30', 'бұрын'),
    ('requests.publish_days', 15, 'days', '1/2026', '9', DATE '2026-07-01', NULL,";
    let changed = rules.replace(line, both);
    assert_ne!(changed, rules);
    let site = site_of(&[("requests", STRANGE_REQUESTS), ("events", STRANGE_EVENTS)], &[("rules", changed)]);
    let due = |as_of: &str| {
        let rows = site.get(&format!("/queries/requests_story?as_of={as_of}")).rows();
        rows.iter().find(|row| row["request"] == "late").expect("it is there")["publication_due"].clone()
    };
    assert_eq!((due("2026-06-30"), due("2026-07-01")), (json!("2026-05-20"), json!("2026-05-05")));
    let told = site.get("/queries/request_status?request=late&as_of=2026-07-01").rows();
    let publication: Vec<_> = told.iter().filter(|row| row["clock"] == "publication").collect();
    assert_eq!(publication.len(), 1, "one rule: {told:?}");
    assert_eq!((&publication[0]["allowed"], &publication[0]["law_order"]), (&json!(15), &json!("1/2026")));
}

/// Two dates in one month: each has its window, and December has no thirteenth month after it.
#[test]
fn two_dates_of_one_month_have_their_windows() {
    let plan =
        NamedQueries::open(None).expect("they are sound").get("plan").expect("it is there").sql.clone();
    let header: Vec<&str> = plan.lines().take_while(|line| line.starts_with("--")).collect();
    let rows = "SELECT * FROM (VALUES
        ('l', CAST(1 AS BIGINT), CAST(1 AS BIGINT), 'а', 'б', 'в', 'x', 'days_of_year', CAST(12 AS BIGINT), CAST(10 AS BIGINT), CAST(NULL AS BIGINT), CAST(NULL AS BIGINT), CAST(NULL AS TEXT), 'twice-a-year', CAST(NULL AS TEXT), 't'),
        ('l', 1, 2, 'а', 'б', 'в', 'x', 'days_of_year', 12, 25, NULL, NULL, NULL, 'twice-a-year', NULL, 't'),
        ('l', 2, 1, 'ә', 'б', 'в', 'y', 'each_full_moon', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 't')
    ) AS plan (list, number, part, name, body, unit, dataset, rule, month, day, weekday, n, n_unit, period, event, deadline_text)";
    let versions = r#"{"meta": {"apiUri": "versions"}, "fields": {"dataset": {"type": "String"}, "version": {"type": "Int"},
        "published_at": {"type": "String"}, "is_deleted": {"type": "Boolean"}, "document_blake3": {"type": "String"}},
        "data": [{"dataset": "x", "version": 1, "published_at": "2026-12-05T06:00:00Z", "is_deleted": false, "document_blake3": "a"},
                 {"dataset": "x", "version": 2, "published_at": "2026-12-20T06:00:00Z", "is_deleted": false, "document_blake3": "b"}]}"#;
    let site = site_of(&[("versions", versions)], &[("plan", format!("{}\n{rows}\n", header.join("\n")))]);
    let answer = site.get("/queries/deadlines?as_of=2026-12-31");
    let of = |number: i64, part: i64| {
        answer
            .rows()
            .into_iter()
            .find(|row| row["number"] == number && row["part"] == part)
            .expect("it is there")
    };
    assert_eq!(
        (&of(1, 1)["met_version"], &of(1, 1)["state"]),
        (&json!(1), &json!("met")),
        "{}",
        answer.text()
    );
    assert_eq!((&of(1, 2)["met_version"], &of(1, 2)["state"]), (&json!(2), &json!("met")));
    assert_eq!(of(2, 1)["state"], "unknown", "a rule that nobody knows");
}

/// The parts of a score, worked out by hand.
#[test]
fn a_dataset_is_judged_by_what_opens_it() {
    let whole = r#"{"meta": {"apiUri": "whole", "nameKk": "Толық", "nameRu": "Полный", "nameEn": "Whole",
        "descriptionKk": "Сипаттама", "descriptionRu": "Описание", "keywords": ["кілт"],
        "responsible": {"fullnameKk": "Қызметкер", "fullnameRu": "Сотрудник"}},
        "fields": {"id": {"type": "Int", "pkey": true, "labelKk": "Нөмір", "labelRu": "Номер"},
                   "n": {"type": "Int", "labelKk": "Сан", "labelRu": "Число"}},
        "data": [{"id": 1, "n": 5}, {"id": 2, "n": 6}]}"#;
    // No key, no labels; of 40 values one is no number: 10 × 1/40 of the points for types go.
    let rows: Vec<String> = (0..20)
        .map(|at| {
            format!(r#"{{"a": {at}, "b": {}}}"#, if at == 3 { "\"x\"".to_owned() } else { at.to_string() })
        })
        .collect();
    let poor = format!(
        r#"{{"meta": {{"apiUri": "poor"}}, "fields": {{"a": {{"type": "Int"}}, "b": {{"type": "Int"}}}}, "data": [{}]}}"#,
        rows.join(",")
    );
    let site = Site::of_files([("whole.json", whole.as_bytes().to_vec()), ("poor.json", poor.into_bytes())]);
    let scores = site.sql("SELECT * FROM assess.quality ORDER BY dataset DESC");
    assert_eq!(
        scores[0],
        json!({
            "dataset": "whole", "score": 100.0, "change": null, "metadata": 25.0, "types": 25.0, "nulls": 10.0, "key": 15.0,
            "refs": null, "geo": null, "freshness": null,
        })
    );
    // Of five rules of metadata four are broken: name, description, keywords, responsible: 15 × 1/5 = 3 points.
    assert_eq!(scores[1]["types"], 18.8, "25 × (1 − 10/40), rounded: {}", scores[1]);
    assert_eq!((&scores[1]["key"], &scores[1]["nulls"]), (&json!(0.0), &json!(10.0)));
    assert_eq!(scores[1]["metadata"], 3.0);
    // What it is made of, each part with its weight and its counts: 3 + 0 + 18.75 + 10 + 0 of 75.
    let sql = "SELECT part, weight, good, judged, points FROM assess.quality_parts WHERE dataset = 'poor' ORDER BY part";
    let part = |part: &str, weight: f64, (good, judged): (u32, u32), points: f64| json!({"part": part, "weight": weight, "good": good, "judged": judged, "points": points});
    assert_eq!(
        site.sql(sql),
        [
            part("key", 15.0, (0, 20), 0.0),
            part("labels", 10.0, (0, 2), 0.0),
            part("metadata", 15.0, (1, 5), 3.0),
            part("nulls", 10.0, (2, 2), 10.0),
            part("types", 25.0, (39, 40), 18.75),
        ]
    );
    assert_eq!(scores[1]["score"], 42.3);
}

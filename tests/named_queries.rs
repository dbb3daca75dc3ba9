//! Files of SQL with a header → questions with names.

use std::fs;
use std::path::Path;

use arrow::array::{AsArray, RecordBatch};
use arrow::compute::concat_batches;
use derek::assess::{NamedQueries, NamedQuery};
use derek::catalog::Catalog;
use derek::document::Type;
use derek::error::{Code, Error};
use derek::query::Question;
use std::sync::Arc;

use crate::{catalog, fixtures, queries};

fn builtin() -> NamedQueries {
    NamedQueries::open(None).expect("the program's own headers are sound")
}

/// The answer of a query with the given values, else defaults.
fn answer(catalog: &Arc<Catalog>, query: &NamedQuery, given: &[(&str, &str)]) -> Result<RecordBatch, Error> {
    let given = given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let parameters = query.values(given, chrono::Utc::now())?;
    let runtime = tokio::runtime::Runtime::new().expect("threads can be started");
    let queries = queries(catalog);
    runtime.block_on(async {
        let mut rows = queries.query(Question { parameters, ..Question::new(&query.sql) }).await?;
        let mut batches = Vec::new();
        while let Some(batch) = rows.next().await? {
            batches.push(batch);
        }
        Ok(concat_batches(&rows.schema, &batches).expect("batches of one answer fit together"))
    })
}

/// A column of texts.
fn texts<'a>(batch: &'a RecordBatch, column: &str) -> Vec<&'a str> {
    let column = batch.column_by_name(column).expect("it is there");
    match column.as_string_opt::<i32>() {
        Some(texts) => texts.iter().flatten().collect(),
        None => column.as_string_view().iter().flatten().collect(),
    }
}

#[test]
fn every_file_of_sql_is_a_query_and_every_query_is_a_file() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sql");
    let mut files: Vec<String> = fs::read_dir(&folder)
        .expect("it is there")
        .map(|entry| entry.expect("it can be read").file_name().to_string_lossy().into_owned())
        .collect();
    files.sort();
    let queries = builtin();
    let names: Vec<String> = queries.iter().map(|query| format!("{}.sql", query.name)).collect();
    assert_eq!(files, names);
    for query in queries.iter() {
        let text = fs::read_to_string(folder.join(format!("{}.sql", query.name))).expect("it can be read");
        assert_eq!((query.sql.as_str(), query.is_builtin), (text.as_str(), true));
        assert!(query.question.ends_with('?'), "{} asks a question", query.name);
    }
}

/// That placeholders and parameters are the same is held by the parser.
#[test]
fn every_query_answers_the_columns_that_it_declares() {
    let catalog = catalog(&[fixtures()]);
    for query in builtin().iter() {
        let needed = query.parameters.iter().filter(|parameter| parameter.default.is_none());
        let given: Vec<(&str, &str)> = needed.map(|parameter| (parameter.name.as_str(), "халық")).collect();
        let batch = answer(&catalog, query, &given);
        let batch = batch.unwrap_or_else(|error| panic!("{}: {error}", query.name));
        query.check(batch.schema_ref()).unwrap_or_else(|error| panic!("{error}"));
    }
    let queries = builtin();
    let query = queries.get("datapaths").expect("it is there");
    let other = answer(&catalog, queries.get("datasets").expect("it is there"), &[]).expect("it runs");
    let error = query.check(other.schema_ref()).expect_err("these are other columns");
    assert_eq!(error.code, Code::QueryHeader);
    assert!(error.message.contains("is_key Boolean, rows Int; it answers dataset String"), "{error}");
}

#[test]
fn the_programs_own_queries_answer_their_questions() {
    let catalog = catalog(&[fixtures()]);
    let queries = builtin();
    let run = |name: &str, given: &[(&str, &str)]| {
        answer(&catalog, queries.get(name).expect("it is there"), given).expect("it runs")
    };
    let datasets = run("datasets", &[]);
    assert_eq!(texts(&datasets, "dataset")[0], "cities", "all are sound, and it is the largest");
    let fields = run("fields_like", &[("text", "ХАЛЫҚ")]);
    assert_eq!(texts(&fields, "dataset"), ["cities"]);
    assert_eq!(texts(&fields, "field"), ["population"]);
    assert_eq!(run("fields_like", &[("text", "100%")]).num_rows(), 0, "no sign stands for others");
    assert_eq!(run("frequent_findings", &[]).num_rows(), 0, "the fixtures have no errors");
    let notes = run("frequent_findings", &[("severity", "note"), ("most", "1")]);
    assert_eq!(texts(&notes, "rule"), ["text.alphabet"]);
    let datapaths = run("datapaths", &[]);
    assert_eq!(texts(&datapaths, "dataset"), ["astana_pharmacies", "cities", "service_areas"]);
    for column in ["is_dataset_here", "is_field_here", "is_key"] {
        let column = datapaths.column_by_name(column).expect("it is there");
        assert_eq!(column.as_boolean().true_count(), 3);
    }
}

#[test]
fn a_reference_to_nothing_is_told() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let document = |name: &str, datapath: &str| {
        let fields = format!(
            r#"{{"id": {{"type": "Int", "pkey": true}}, "name": {{"type": "String"}}, "to": {{"type": "Int", "datapath": "{datapath}"}}}}"#
        );
        let text = format!(r#"{{"meta": {{"apiUri": "{name}"}}, "fields": {fields}, "data": []}}"#);
        fs::write(folder.path().join(format!("{name}.json")), text).expect("it can be written");
    };
    document("a", "nowhere.id");
    document("b", "a.other");
    document("c", "a.name");
    document("d.e", "d.e.id");
    let catalog = catalog(&[folder.path()]);
    let batch = answer(&catalog, builtin().get("datapaths").expect("it is there"), &[]).expect("it runs");
    assert_eq!(texts(&batch, "dataset"), ["a", "b", "c", "d.e"]);
    let flags = |name: &str| {
        let column = batch.column_by_name(name).expect("it is there").as_boolean();
        column.iter().map(Option::unwrap_or_default).collect::<Vec<_>>()
    };
    assert_eq!(flags("is_dataset_here"), [false, true, true, true]);
    assert_eq!(flags("is_field_here"), [false, false, true, true]);
    assert_eq!(flags("is_key"), [false, false, false, true]);
}

const TEXT: &str = "\
-- Which rows
-- are there?
--
-- More of it,
-- in two lines.
--
-- A third: paragraph.
--
-- param name String = 'Ақ ''жол'': үлкен': whose name is this: exactly
-- param most Int = -20: at most
-- param share Double = 2.5: at least
-- param is_open Boolean=true : or not
-- param since Date = 2024-12-31: from this day
-- param until Date: to this day
-- column nameKk String: its name, in Kazakh
-- column length Double [км]: how long
SELECT '$no', \"$no\", /* $no */ nameKk, $name -- $no
    , 3 / $most, $share - $is_open, $since, $until, $name";

#[test]
fn a_header_declares_parameters_and_columns() {
    let query = NamedQuery::parse("roads", TEXT, false).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(query.question, "Which rows are there?");
    assert_eq!(query.description, "More of it, in two lines.\n\nA third: paragraph.");
    let parameters: Vec<_> =
        query.parameters.iter().map(|it| (it.name.as_str(), it.kind, it.default.as_deref())).collect();
    assert_eq!(
        parameters,
        [
            ("name", Type::String, Some("Ақ 'жол': үлкен")),
            ("most", Type::Int, Some("-20")),
            ("share", Type::Double, Some("2.5")),
            ("is_open", Type::Boolean, Some("true")),
            ("since", Type::Date, Some("2024-12-31")),
            ("until", Type::Date, None),
        ]
    );
    assert_eq!(query.parameters[0].description, "whose name is this: exactly");
    let columns: Vec<_> =
        query.columns.iter().map(|it| (it.name.as_str(), it.kind, it.unit.as_deref())).collect();
    assert_eq!(columns, [("nameKk", Type::String, None), ("length", Type::Double, Some("км"))]);
}

#[test]
fn a_bad_header_says_where_and_what_was_expected() {
    for (text, place, expected) in [
        ("", (1, 1), "expected comments that declare the columns"),
        ("-- param Most Int: м\n", (2, 10), "expected a name of small letters, digits and _"),
        ("-- param format String: м\n", (2, 10), "but not format or lang; found 'format String: м'"),
        ("-- param a Integer: м\n", (2, 12), "Int, Double, String, Boolean or Date; found 'Integer: м'"),
        ("-- param a int: м\n", (2, 12), "expected a type"),
        ("-- param a Int = ү: м\n", (2, 18), "expected a whole number; found 'ү: м'"),
        ("-- param a Int = 1.5: м\n", (2, 18), "expected a whole number"),
        ("-- param a Double = NaN: м\n", (2, 21), "expected a number"),
        ("-- param a Boolean = 1: м\n", (2, 22), "expected true or false"),
        ("-- param a Date = 31.12.2024: м\n", (2, 19), "expected a date, such as 2024-12-31"),
        ("-- param a String = ү: м\n", (2, 21), "expected a text in single quotes"),
        ("-- param a String = 'ү: м\n", (2, 22), "expected a closing '"),
        ("-- param a Int м\n", (2, 16), "expected '=' or ':'; found 'м'"),
        ("-- param a Int = 1\n", (2, 19), "expected ':'; found the line's end"),
        ("-- param a Int:\n", (2, 16), "expected what it is, in words"),
        ("-- column 1a Int: м\n", (2, 11), "expected a name of letters, digits and _"),
        ("-- column a Int [м: м\n", (2, 18), "expected a unit and ']'"),
        ("-- column a Int: м\n-- тағы\n", (3, 4), "expected 'param' or 'column'"),
        ("-- column a Int: м\n-- column a Int: м\n", (3, 1), "expected another name: 'a'"),
        ("-- column a Int: м\nSELECT 'ү',\n 'ү', $a", (4, 7), "no 'param' declares '$a'"),
        ("-- column a Int: м\nSELECT $1", (3, 8), "no 'param' declares '$1'"),
        ("-- param a Int: м\n-- column b Int: м\nSELECT 1 -- $a", (2, 1), "expected '$a' in the query"),
    ] {
        let whole = format!("-- Қанша?\n{text}");
        let error = NamedQuery::parse("a", &whole, false).expect_err(text);
        let at = error.place.as_deref().map(|place| (place.line.unwrap_or(0), place.column.unwrap_or(0)));
        assert_eq!((error.code, at), (Code::QueryHeader, Some(place)), "{text}: {error}");
        assert!(error.message.contains(expected), "{text}: {error}");
    }
    for nothing in ["", "\n-- Қанша?", "SELECT 1", "--"] {
        let error = NamedQuery::parse("a", nothing, false).expect_err(nothing);
        assert_eq!(error.message, "expected a comment that asks the question");
    }
    for name in ["", "1a", "Roads", "a-b", "қ"] {
        let error = NamedQuery::parse(name, TEXT, false).expect_err(name);
        assert_eq!(error.code, Code::QueryHeader, "{name}");
    }
}

#[test]
fn an_operators_folder_adds_and_replaces() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let write =
        |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("it can be written");
    write(
        "datasets.sql",
        "-- Неше жиын бар?\n-- column n Int: саны\nSELECT count(*) AS n FROM system.datasets\n",
    );
    write(
        "roads.sql",
        "-- Жолдар?\n-- param of String = 'it''s': кімдікі\n-- column n String [км]: ұзындығы\nSELECT $of AS n\n",
    );
    write(".roads.sql", "an editor's own");
    write("notes.txt", "not SQL");
    let queries = NamedQueries::open(Some(folder.path())).unwrap_or_else(|error| panic!("{error}"));
    let names: Vec<&str> = queries.iter().map(|query| query.name.as_str()).collect();
    let own = builtin();
    let mut known: Vec<&str> = own.iter().map(|query| query.name.as_str()).chain(["roads"]).collect();
    known.sort_unstable();
    assert_eq!(names, known);
    assert_eq!(queries.get("datasets").map(|query| query.question.as_str()).ok(), Some("Неше жиын бар?"));
    let table = queries.table();
    assert_eq!(texts(&table, "name"), names);
    let of_operator = names.iter().zip(texts(&table, "source")).filter(|(_, source)| *source == "operator");
    assert_eq!(of_operator.map(|(name, _)| *name).collect::<Vec<_>>(), ["datasets", "roads"]);
    let parameters: Vec<(&str, &str)> = names.iter().copied().zip(texts(&table, "parameters")).collect();
    for of in [
        ("datapaths", ""),
        ("fields_like", "text String"),
        ("frequent_findings", "severity String = 'error', most Int = 20"),
        ("roads", "of String = 'it''s'"),
        ("deadlines", "as_of Date = now, since Date = 2026-01-01, last Int = 4"),
    ] {
        assert!(parameters.contains(&of), "{of:?}");
    }
    assert!(texts(&table, "columns").contains(&"n String [км]"));
    write("bad.sql", "-- Жолдар?\n-- column n Whole: саны\nSELECT 1 AS n\n");
    let error = NamedQueries::open(Some(folder.path())).expect_err("one is bad");
    let place = error.place.as_deref().expect("it has a place");
    assert_eq!((error.code, place.line, place.column), (Code::QueryHeader, Some(2), Some(13)));
    assert!(place.file.as_deref().is_some_and(|file| file.ends_with("/bad.sql")), "{error}");
    let error = NamedQueries::open(Some(Path::new("nowhere"))).expect_err("it is not there");
    assert_eq!(error.code, Code::ServerSetup);
}

#[test]
fn an_unknown_query_names_the_nearest() {
    let error = builtin().get("dataset").map(|query| query.name.clone()).expect_err("there is none");
    assert_eq!(error.to_string(), "no query 'dataset'; did you mean 'datasets'?");
    assert_eq!(error.code, Code::QueryUnknownQuery);
}

#[test]
fn a_value_is_of_its_parameters_type() {
    let queries = builtin();
    let most = &queries.get("frequent_findings").expect("it is there").parameters[1];
    assert!(most.check("7").is_ok());
    let error = most.check("жеті").expect_err("it is a word");
    assert_eq!(error.code, Code::RequestParameter);
    assert_eq!(
        error.to_string(),
        "'most' is 'жеті'; expected a value of type Int: at most this many rules (field most)"
    );
}

/// A question that has defaults is a table, also within other questions and with a moment of its own.
#[test]
fn questions_are_tables_of_the_schema_assess() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(format!("{name}.sql")), text).expect("it can be written");
    };
    write(
        "of_year",
        "-- Which year?\n-- param as_of Date = 2024-05-01: when\n-- column year Int: it\n\
                      SELECT CAST(date_part('year', CAST($as_of AS DATE)) AS BIGINT) AS year",
    );
    write(
        "twice",
        "-- Twice?\n-- param as_of Date = 2020-01-01: when\n-- column year Int: it\n\
                    -- column given String: the moment\n\
                    SELECT o.year, CAST(CAST($as_of AS DATE) AS TEXT) AS given FROM Assess.of_year AS o",
    );
    write("itself", "-- Again?\n-- column year Int: it\nSELECT year FROM assess.itself");
    write(
        "open",
        "-- Open?\n-- param x Int: must be given\n-- column x Int: it\nSELECT CAST($x AS BIGINT) AS x",
    );
    write(
        "moment",
        "-- Now?\n-- param as_of Date = now: when\n-- column is_now Boolean: whether it is\n\
                     SELECT CAST($as_of AS TIMESTAMP) > CAST('2026-01-01' AS TIMESTAMP) AS is_now",
    );
    let named = derek::assess::NamedQueries::open(Some(folder.path())).expect("they are sound");
    let limits = derek::query::QueryLimits {
        is_yielding: false,
        ..derek::query::QueryLimits::for_machine(4 << 30, 2)
    };
    let queries =
        derek::query::QueryService::with_views(crate::catalog(&[crate::fixtures()]), limits, named.views());
    let app = derek::serve::App::new(queries.expect("threads can be started"), named);
    let site = crate::site::Site::of_router(derek::serve::router(app));
    assert_eq!(site.sql("SELECT * FROM assess.of_year"), [serde_json::json!({"year": 2024})], "its default");
    assert_eq!(site.sql("SELECT * FROM assess.twice AS t")[0]["year"], 2020, "one moment for both");
    let asked = site.get("/queries/twice?as_of=2026-11-01");
    assert_eq!(asked.rows(), [serde_json::json!({"year": 2026, "given": "2026-11-01"})], "{}", asked.text());
    assert_eq!(site.sql("SELECT is_now FROM ASSESS.Moment")[0]["is_now"], true);
    assert_eq!(site.sql("SELECT year FROM derek.assess.of_year")[0]["year"], 2024, "as BI tools write it");
    let many = format!("/sql?q=SELECT 1 FROM {}", vec!["assess.twice"; 70].join(", "));
    assert_eq!(site.get(&crate::site::address(&many)).error().1, "query.too_complex");
    let tagged = site.get("/sql?q=SELECT+*+FROM+assess.of_year");
    assert_eq!(tagged.header("etag"), None, "an operator may change it");
    assert_eq!(site.get("/queries/moment").rows()[0]["is_now"], true);
    let failed = |sql: &str| site.get(&crate::site::address(&format!("/sql?q={sql}"))).error().1;
    assert_eq!(failed("SELECT * FROM assess.itself"), "query.header");
    assert_eq!(failed("SELECT * FROM assess.open"), "query.unknown_table", "it takes a value");
    assert_eq!(failed("SELECT wrong FROM assess.of_year"), "query.unknown_column");
    let listed = site.sql(
        "SELECT table_name, column_name, data_type FROM information_schema.columns \
         WHERE table_schema = 'assess' AND table_name IN ('twice', 'open') ORDER BY 1, 2",
    );
    assert_eq!(listed.len(), 2, "{listed:?}");
    assert_eq!(
        site.sql("SELECT count(*) AS n FROM assess.frequent_findings").len(),
        1,
        "the built-in ones, too"
    );
}

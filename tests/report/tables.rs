//! Rows of a named query → cells, each of its type.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Float32Array, Float64Array,
    Int32Array, Int64Array, LargeStringArray, ListArray, NullArray, RecordBatch, StringArray,
    StringViewArray, TimestampMicrosecondArray, TimestampMillisecondArray, TimestampNanosecondArray,
    TimestampSecondArray, UInt64Array,
};
use arrow::datatypes::{Int32Type, Int64Type};
use chrono::DateTime;
use derek::assess::moment::end_of;
use derek::assess::report::{Cell, Column, Inquiry, QUERIES, Report, Table, table};
use derek::assess::{NamedQueries, NamedQuery};
use derek::document::Type;
use derek::encode::Language;
use derek::error::Code;
use derek::query::{QueryLimits, QueryService};

use super::world::{asked, date};
use crate::{catalog, fixtures};

/// A query that declares these columns.
fn declared(columns: &str) -> NamedQuery {
    let text = format!("-- What is there?\n--\n{columns}SELECT 1 AS n");
    NamedQuery::parse("bodies", &text, false).expect("its header is sound")
}

fn of_batches(query: &NamedQuery, batches: &[RecordBatch]) -> Table {
    table("bodies", query, batches[0].schema_ref(), batches).expect("all can be shown")
}

/// The cells of one column.
fn cells(column: ArrayRef) -> Vec<Cell> {
    let batch = RecordBatch::try_from_iter_with_nullable([("c", column, true)]).expect("one column");
    let table = of_batches(&declared("-- column c String: it\n"), &[batch]);
    table.rows.into_iter().flatten().collect()
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

fn seconds(moment: &str) -> i64 {
    DateTime::parse_from_rfc3339(moment).expect("a moment").timestamp()
}

#[test]
fn numbers_and_flags_are_such() {
    use Cell::{Flag, Missing, Number};
    let flags = BooleanArray::from(vec![Some(true), None, Some(false)]);
    assert_eq!(cells(Arc::new(flags)), [Flag(true), Missing, Flag(false)]);
    let whole = Int32Array::from(vec![Some(-7), None]);
    assert_eq!(cells(Arc::new(whole)), [Number(-7.0, 0), Missing]);
    let whole = Int64Array::from(vec![Some(1_240), None]);
    assert_eq!(cells(Arc::new(whole)), [Number(1_240.0, 0), Missing]);
    // 2^60 has a Double of its own.
    assert_eq!(cells(Arc::new(UInt64Array::from(vec![1 << 60]))), [Number(1_152_921_504_606_846_976.0, 0)]);
    let double = Float64Array::from(vec![Some(21.5), None, Some(44.0)]);
    assert_eq!(cells(Arc::new(double)), [Number(21.5, 1), Missing, Number(44.0, 1)]);
    let double = Float64Array::from(vec![f64::NAN, f64::INFINITY, -0.25]);
    assert_eq!(cells(Arc::new(double)), [Missing, Missing, Number(-0.25, 2)]);
    assert_eq!(cells(Arc::new(Float32Array::from(vec![0.5_f32]))), [Number(0.5, 1)]);
    let decimal = Decimal128Array::from(vec![Some(12_500), None]);
    let decimal = decimal.with_precision_and_scale(10, 3).expect("it fits");
    assert_eq!(cells(Arc::new(decimal)), [Number(12.5, 1), Missing]);
}

#[test]
fn a_number_has_the_decimals_that_its_column_needs() {
    let decimals = |values: &[f64]| {
        let cells = cells(Arc::new(Float64Array::from(values.to_vec())));
        let of = |cell: &Cell| match cell {
            Cell::Number(_, decimals) => *decimals,
            other => panic!("{other:?}"),
        };
        cells.iter().map(of).collect::<Vec<_>>()
    };
    assert_eq!(decimals(&[1.0, 20.0]), [0, 0]);
    assert_eq!(decimals(&[1.0, 20.5]), [1, 1]);
    assert_eq!(decimals(&[0.1 + 0.2]), [1], "0.30000000000000004 is 0.3");
    assert_eq!(decimals(&[1.0 / 3.0, 0.5]), [2, 2]);
    assert_eq!(decimals(&[12.999]), [0], "13.00");
    assert_eq!(decimals(&[-0.001, 100.0]), [0, 0]);
    // Those of another batch count, too.
    let batch = |value| {
        RecordBatch::try_from_iter([("c", Arc::new(Float64Array::from(vec![value])) as ArrayRef)])
            .expect("one column")
    };
    let table = of_batches(&declared("-- column c Double: it\n"), &[batch(2.0), batch(2.25)]);
    assert_eq!(table.rows, [[Cell::Number(2.0, 2)], [Cell::Number(2.25, 2)]]);
}

#[test]
fn dates_and_moments_are_days() {
    let day = |text: &str| Cell::Date(date(text));
    // 56 years from 1970 with 14 leap days are 20,454 days to 1 January 2026, and 304 more to 1 November.
    let days = Date32Array::from(vec![Some(20_454 + 304), None, Some(-1)]);
    assert_eq!(cells(Arc::new(days)), [day("2026-11-01"), Cell::Missing, day("1969-12-31")]);
    let at = seconds("2026-10-31T19:30:00Z");
    let before = [Some(at), None, Some(-1)];
    let expected = [day("2026-10-31"), Cell::Missing, day("1969-12-31")];
    let times = |by: i64| before.map(|at| at.map(|at| at * by)).to_vec();
    let columns: [ArrayRef; 4] = [
        Arc::new(TimestampSecondArray::from(times(1))),
        Arc::new(TimestampMillisecondArray::from(times(1_000))),
        Arc::new(TimestampMicrosecondArray::from(times(1_000_000))),
        Arc::new(TimestampNanosecondArray::from(times(1_000_000_000))),
    ];
    for column in columns {
        assert_eq!(cells(Arc::clone(&column)), expected, "{}", column.data_type());
    }
    let zoned = TimestampSecondArray::from(vec![at]).with_timezone("+05:00");
    assert_eq!(cells(Arc::new(zoned)), [day("2026-11-01")], "half past midnight in Astana");
}

#[test]
fn all_else_is_text() {
    let expected = [text("Әкімдік"), Cell::Missing, text("")];
    let texts = || vec![Some("Әкімдік"), None, Some("")];
    let columns: [ArrayRef; 4] = [
        Arc::new(StringArray::from(texts())),
        Arc::new(LargeStringArray::from(texts())),
        Arc::new(StringViewArray::from(texts())),
        Arc::new(texts().into_iter().collect::<DictionaryArray<Int32Type>>()),
    ];
    for column in columns {
        assert_eq!(cells(Arc::clone(&column)), expected, "{}", column.data_type());
    }
    let lists = ListArray::from_iter_primitive::<Int64Type, _, _>([Some(vec![Some(1), None]), None]);
    assert_eq!(cells(Arc::new(lists)), [text("[1,null]"), Cell::Missing]);
    assert_eq!(cells(Arc::new(NullArray::new(2))), [Cell::Missing, Cell::Missing]);
}

#[test]
fn columns_have_the_units_that_the_query_declares() {
    let query = declared(
        "-- column body String: who\n-- column median_days Double [days]: how long\n\
         -- column open Int [requests]: how many\n-- column nothing Double [share]: no body has one\n",
    );
    let columns: [(&str, ArrayRef, bool); 5] = [
        ("body", Arc::new(StringArray::from(vec!["Әділет министрлігі"])), true),
        ("median_days", Arc::new(Float64Array::from(vec![None::<f64>])), true),
        ("open", Arc::new(Int64Array::from(vec![3])), true),
        ("nothing", Arc::new(NullArray::new(1)), true),
        ("undeclared", Arc::new(Int64Array::from(vec![1])), true),
    ];
    let batch = RecordBatch::try_from_iter_with_nullable(columns).expect("columns of one length");
    let table = of_batches(&query, &[batch.slice(0, 1)]);
    let columns: Vec<_> =
        table.columns.iter().map(|it| (it.name.as_str(), it.unit.as_deref(), it.is_number)).collect();
    assert_eq!(
        columns,
        [
            ("body", None, false),
            ("median_days", Some("days"), true),
            ("open", Some("requests"), true),
            ("nothing", Some("share"), true),
            ("undeclared", None, true),
        ]
    );
    assert_eq!(table.name, "bodies");
    let none = derek::assess::report::table("bodies", &query, batch.schema_ref(), &[]).expect("no rows");
    assert_eq!((none.columns, none.rows), (table.columns, Vec::new()));
}

/// A report over all columns that the program's own queries have shows none of them by its raw name.
#[test]
fn every_column_has_a_heading_in_both_languages() {
    let named = NamedQueries::open(None).expect("the built-in queries are sound");
    let of_query = |name: &'static str| {
        let query = named.get(name).expect("it is there");
        let columns = query.columns.iter().map(|it| Column {
            name: it.name.clone(),
            unit: it.unit.clone(),
            is_number: matches!(it.kind, Type::Int | Type::Double),
        });
        let columns: Vec<Column> = columns.collect();
        let rows = vec![vec![Cell::Missing; columns.len()]];
        Table { name, columns, rows }
    };
    let tables: Vec<Table> = QUERIES.into_iter().map(of_query).collect();
    let raw: Vec<&str> = tables.iter().flat_map(|table| &table.columns).map(|it| it.name.as_str()).collect();
    for language in [Language::Kazakh, Language::Russian] {
        let (as_of, tables) = (date("2026-11-01"), tables.clone());
        let report = Report { as_of, language, publisher: None, tables, unanswered: Vec::new() };
        let html = report.to_html();
        let heads: Vec<&str> = html
            .split("<th scope=\"col\"")
            .skip(1)
            .filter_map(|part| part.split(['>', '<']).nth(1))
            .collect();
        assert_eq!(heads.len(), raw.len(), "each column is shown");
        for head in heads {
            let is_raw = raw.contains(&head) || raw.contains(&head.split(',').next().unwrap_or_default());
            assert!(!is_raw && !head.is_ascii(), "{head} has no heading in {language:?}");
        }
    }
}

#[test]
fn codes_of_deadlines_are_words() {
    let names = ["list", "name", "rule", "matched_by", "state"];
    let columns = names.map(|name| Column { name: name.to_owned(), unit: None, is_number: false }).to_vec();
    let row = ["justice-38", "Сот сараптамасы", "day_after_period", "name", "missed"].map(text).to_vec();
    let tables = vec![Table { name: "deadlines", columns, rows: vec![row] }];
    let (as_of, language) = (date("2026-11-01"), Language::Kazakh);
    let html = Report { as_of, language, publisher: None, tables, unanswered: Vec::new() }.to_html();
    assert!(html.contains("кезең аяқталғаннан кейінгі күн") && html.contains("<td>атауы</td>"), "{html}");
    assert!(!html.contains("day_after_period"), "{html}");
}

/// The answers of an inquiry on a day over the fixtures, with the queries of [`asked`] and one more.
fn inquire(more: &[(&str, &str)], names: &[&'static str]) -> Vec<Result<Option<Table>, (Code, String)>> {
    let folder = asked(more);
    let questions = NamedQueries::open(Some(folder.path())).expect("their headers are sound");
    let limits = QueryLimits { is_yielding: false, ..QueryLimits::for_machine(4 << 30, 2) };
    let queries = QueryService::with_views(catalog(&[fixtures()]), limits, questions.views());
    let queries = queries.expect("threads can be started");
    let as_of = end_of(date("2026-11-01"));
    let inquiry = Inquiry { queries: &queries, named: &questions, as_of };
    let runtime = tokio::runtime::Runtime::new().expect("threads can be started");
    let ask = |name: &'static str| {
        runtime.block_on(inquiry.table(name)).map_err(|error| (error.code, error.to_string()))
    };
    names.iter().copied().map(ask).collect()
}

#[test]
fn a_named_query_is_asked_with_the_day() {
    let series = "-- How many?\n--\n-- column value Int: each\nSELECT value FROM generate_series(1, 100001)";
    let given = "-- Which?\n--\n-- param least Int: at least\n-- column n Int: each\nSELECT $least AS n";
    let names = ["demand", "quality", "there_is_none", "deadlines", "bodies"];
    let answers = inquire(&[("deadlines", series), ("bodies", given)], &names);
    let demand = answers[0].as_ref().expect("it runs").as_ref().expect("it is there");
    let expected = [
        text("Дәріханалардың кестесі"),
        Cell::Number(7.0, 0),
        Cell::Number(4.0, 0),
        Cell::Number(3.0, 0),
        Cell::Date(date("2026-11-01")),
    ];
    assert_eq!(demand.rows, [expected]);
    assert_eq!(demand.columns[1].unit.as_deref(), Some("requests"));
    let (code, said) = answers[1].as_ref().expect_err("regions has no such column");
    assert!(*code == Code::QueryUnknownColumn && said.contains("quality.sql"), "{said}");
    assert_eq!(answers[2], Ok(None));
    let (code, said) = answers[3].as_ref().expect_err("more rows than a report takes");
    assert!(*code == Code::QueryTruncated && said.contains("deadlines"), "{said}");
    let (code, said) = answers[4].as_ref().expect_err("nobody gives it");
    assert!(*code == Code::RequestParameter && said.contains("bodies.sql"), "{said}");
}

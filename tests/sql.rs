//! SQL → rows: the files in `tests/sql`, over the fixtures.
//!
//! `DEREK_BLESS=1 cargo test sql` writes what the engine answers into the files; read the difference
//! before it is committed.

use std::path::Path;
use std::sync::Arc;

use arrow::datatypes::Schema;
use derek::catalog::Catalog;
use derek::encode::{Format, Outcome};
use derek::error::Error;
use derek::query::{QueryService, Question};
use sqllogictest::{
    DB, DBOutput, DefaultColumnType, QueryExpect, Record, Runner, default_column_validator, default_validator,
};

use crate::{catalog, fixtures, queries};

/// The files.
pub(crate) const FILES: [&str; 12] = [
    "aggregates.slt",
    "datapath.slt",
    "likeness.slt",
    "names.slt",
    "plans.slt",
    "read_only.slt",
    "spatial_functions.slt",
    "spatial_groups.slt",
    "spatial_joins.slt",
    "spatial_plans.slt",
    "system.slt",
    "types.slt",
];

/// Answers queries of the files.
pub(crate) struct Engine {
    queries: QueryService,
    runtime: tokio::runtime::Runtime,
}

impl Engine {
    fn new() -> Self {
        Self::over(&catalog(&[fixtures()]))
    }

    pub(crate) fn over(catalog: &Arc<Catalog>) -> Self {
        let queries = queries(catalog);
        Self { queries, runtime: tokio::runtime::Runtime::new().expect("threads can be started") }
    }

    /// The rows of a query.
    pub(crate) fn ask(&self, sql: &str) -> Result<Vec<Vec<String>>, Error> {
        self.runtime.block_on(self.rows(sql)).map(|(_, rows)| rows)
    }

    /// The rows as CSV fields: what a user sees, quoted cells unquoted.
    async fn rows(&self, sql: &str) -> Result<(usize, Vec<Vec<String>>), Error> {
        let mut rows = self.queries.query(Question::new(sql)).await?;
        let columns = rows.schema.fields().len();
        let mut encoder = Format::Csv.encoder(None);
        let mut text = Vec::new();
        encoder.start(&Schema::empty(), &mut Vec::new()).expect("no columns can be written");
        while let Some(batch) = rows.next().await? {
            encoder.batch(&batch, &mut text).expect("every column can be written");
        }
        encoder.finish(&Outcome::default(), &mut text).expect("the end can be written");
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_slice());
        let cell = |cell: &str| if cell.is_empty() { "NULL".to_owned() } else { cell.to_owned() };
        let records =
            reader.records().map(|record| record.expect("it was written").iter().map(cell).collect());
        Ok((columns, records.flat_map(lines).collect()))
    }
}

/// A row whose last cell has several lines, such as a plan, as a row a line.
fn lines(mut row: Vec<String>) -> Vec<Vec<String>> {
    let last = row.pop().unwrap_or_default();
    let mut lines = last.trim_end().lines().map(str::to_owned);
    row.push(lines.next().unwrap_or_default());
    std::iter::once(row).chain(lines.map(|line| vec![line])).collect()
}

impl DB for Engine {
    type Error = Error;
    type ColumnType = DefaultColumnType;

    fn run(&mut self, sql: &str) -> Result<DBOutput<DefaultColumnType>, Error> {
        let (columns, rows) = self.runtime.block_on(self.rows(sql))?;
        Ok(DBOutput::Rows { types: vec![DefaultColumnType::Any; columns], rows })
    }
}

/// The queries of a file that are answered.
pub(crate) fn answered(file: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sql").join(file);
    let records = sqllogictest::parse_file::<DefaultColumnType>(path).expect("it is one");
    let query = |record| match record {
        Record::Query { sql, expected: QueryExpect::Results { .. }, .. } => Some(sql),
        _ => None,
    };
    records.into_iter().filter_map(query).collect()
}

fn run(file: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sql").join(file);
    let mut runner = Runner::new(|| async { Ok(Engine::new()) });
    if std::env::var_os("DEREK_BLESS").is_some() {
        let update = runner.update_test_file(
            &path,
            "\t",
            default_validator,
            sqllogictest::default_normalizer,
            default_column_validator,
        );
        futures::executor::block_on(update).unwrap_or_else(|error| panic!("{file}: {error}"));
        return;
    }
    runner.run_file(&path).unwrap_or_else(|error| panic!("{}", error.display(false)));
}

#[test]
fn every_file_is_run() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sql");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("it is there")
        .map(|entry| entry.expect("it can be read").file_name().to_string_lossy().into_owned())
        .collect();
    files.sort();
    assert_eq!(files, FILES);
}

#[test]
fn aggregates() {
    run("aggregates.slt");
}

#[test]
fn datapath() {
    run("datapath.slt");
}

#[test]
fn likeness() {
    run("likeness.slt");
}

#[test]
fn names() {
    run("names.slt");
}

#[test]
fn plans() {
    run("plans.slt");
}

#[test]
fn read_only() {
    run("read_only.slt");
}

#[test]
fn spatial_functions() {
    run("spatial_functions.slt");
}

#[test]
fn spatial_groups() {
    run("spatial_groups.slt");
}

#[test]
fn spatial_joins() {
    run("spatial_joins.slt");
}

#[test]
fn spatial_plans() {
    run("spatial_plans.slt");
}

#[test]
fn system() {
    run("system.slt");
}

#[test]
fn types() {
    run("types.slt");
}

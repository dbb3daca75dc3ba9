//! The questions that a report is made of, asked.

use chrono::{DateTime, Utc};

use super::table::Table;
use super::tables::table;
use crate::assess::{NamedQueries, NamedQuery, moment};
use crate::error::{Code, Error, Result};
use crate::query::{QueryService, Question};

/// The named queries of a report, in the order in which they are asked.
pub const QUERIES: [&str; 10] = [
    "demand",
    "bodies",
    "clocks",
    "requests_by_month",
    "deadlines",
    "freshness",
    "plan_coverage",
    "quality",
    "publish_next",
    "rules",
];

/// The parameter that is the moment of the report, in the queries that have it.
const AS_OF: &str = "as_of";

/// Rows of one table: sums over a part of them would be wrong, and a page of more is read by nobody.
const MOST_ROWS: usize = 100_000;

/// A report of which moment, asked of whom. Its questions are no uses of the datasets, and are not logged.
pub struct Inquiry<'a> {
    /// Answers the queries.
    pub queries: &'a QueryService,
    /// The queries that there are.
    pub named: &'a NamedQueries,
    /// The moment of the report: nothing later counts. Of a day it is the end ([`moment::end_of`]).
    pub as_of: DateTime<Utc>,
}

impl Inquiry<'_> {
    /// The rows of a named query as a table of the report, with the moment of the report where it takes one; nothing
    /// where there is no such query.
    ///
    /// # Errors
    /// `query.*`; `request.parameter` where the query must be given more than a moment; `query.truncated` where there
    /// are more rows than a report has.
    pub async fn table(&self, name: &'static str) -> Result<Option<Table>> {
        match self.named.get(name) {
            Ok(query) => self.asked(name, query).await.map(Some).map_err(|error| in_file(error, name)),
            Err(_) => Ok(None),
        }
    }

    async fn asked(&self, name: &'static str, query: &NamedQuery) -> Result<Table> {
        let mut rows = self.queries.query(self.question(query)?).await?;
        let (mut batches, mut count) = (Vec::new(), 0);
        while let Some(batch) = rows.next().await? {
            count += batch.num_rows();
            if count > MOST_ROWS {
                return Err(truncated(name));
            }
            batches.push(batch);
        }
        if rows.is_truncated() {
            return Err(truncated(name));
        }
        table(name, query, &rows.schema, &batches)
    }

    /// A query with its parameters. No clock is read: what is `now` by default is the report's moment.
    fn question(&self, query: &NamedQuery) -> Result<Question> {
        let takes_moment = query.parameters.iter().any(|parameter| parameter.name == AS_OF);
        let given = takes_moment.then(|| (AS_OF.to_owned(), moment::written(self.as_of)));
        let parameters = query.values(given, self.as_of)?;
        Ok(Question { parameters, is_inner: true, ..Question::new(&query.sql) })
    }
}

/// An error with the query's file, unless it is of another one that this is made of.
fn in_file(error: Error, name: &str) -> Error {
    let is_placed = error.place.as_ref().is_some_and(|place| place.file.is_some());
    if is_placed { error } else { error.in_file(format!("{name}.sql")) }
}

fn truncated(name: &str) -> Error {
    let message = format!("'{name}' has more rows than a report takes: {MOST_ROWS}, or what --max-rows says");
    Error::new(Code::QueryTruncated, message).hint("a file of this name in --queries DIR can select fewer")
}

//! Whether people ask for what an extract is about.

use arrow::array::AsArray;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type};
use chrono::{DateTime, Utc};

use crate::assess::NamedQueries;
use crate::error::Result;
use crate::query::{QueryService, Question};

/// The named query that tells it.
const QUERY: &str = "asked_for";

/// What is asked for, of what an extract is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Demand {
    /// The subjects that people ask for, the one that is asked for most first.
    pub subjects: Vec<String>,
    /// How many ask for them.
    pub requests: u64,
    /// Whether one of them is needed (order 432 of 2018, paragraph 5).
    pub is_needed: bool,
}

impl Demand {
    /// The demand for a topic, by the named query `asked_for`; none where there is no such query. Nobody uses what
    /// is read for it.
    ///
    /// # Errors
    /// `query.*`, `request.parameter` where an operator's query takes something else.
    pub async fn of_topic(
        topic: &str,
        (queries, named): (&QueryService, &NamedQueries),
        now: DateTime<Utc>,
    ) -> Result<Option<Self>> {
        let Ok(query) = named.get(QUERY) else { return Ok(None) };
        let parameters = query.values([("topic".to_owned(), topic.to_owned())], now)?;
        let mut rows =
            queries.query(Question { parameters, is_inner: true, ..Question::new(&query.sql) }).await?;
        let mut demand = Self::default();
        while let Some(batch) = rows.next().await? {
            let column = |name: &str, kind: &DataType| cast(batch.column_by_name(name)?, kind).ok();
            if let Some(subjects) = column("subject", &DataType::Utf8) {
                demand.subjects.extend(subjects.as_string::<i32>().iter().flatten().map(str::to_owned));
            }
            if let Some(requests) = column("requests", &DataType::Int64) {
                let requests = requests.as_primitive::<Int64Type>().iter().flatten();
                demand.requests += requests.filter_map(|count| u64::try_from(count).ok()).sum::<u64>();
            }
            if let Some(needed) = column("is_needed", &DataType::Boolean) {
                demand.is_needed |= needed.as_boolean().iter().any(|it| it == Some(true));
            }
        }
        Ok(Some(demand))
    }
}

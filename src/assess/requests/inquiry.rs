//! How a request stands, asked of the named query.

use arrow::error::ArrowError;
use chrono::{DateTime, Utc};

use super::clock::{Clock, Row};
use super::status::Status;
use crate::assess::{NamedQueries, moment};
use crate::catalog::Standing;
use crate::encode::{Format, Outcome};
use crate::error::{Code, Error, Result};
use crate::query::{QueryService, Question};

/// The named query that tells the state and the clocks.
const QUERY: &str = "request_status";

/// The state of a request of which the query tells nothing: one that is received a moment later than asked.
const RECEIVED: &str = "received";

/// Who asks how a request stands, and whom.
pub struct Inquiry<'a> {
    /// Answers the query.
    pub queries: &'a QueryService,
    /// The queries that there are.
    pub named: &'a NamedQueries,
    /// The moment: what happened later does not count.
    pub now: DateTime<Utc>,
}

impl Inquiry<'_> {
    /// A request with its state and its clocks. The query is asked by the name that the tables have: the secret one
    /// comes into no log.
    ///
    /// # Errors
    /// `query.*`; `query.header` where an operator's own query answers other columns.
    pub async fn status(&self, standing: Standing) -> Result<Status> {
        let mut rows = self.queries.query(self.question(&standing)?).await?;
        let (mut encoder, mut lines) = (Format::Ndjson.encoder(None), Vec::new());
        encoder.start(&rows.schema, &mut lines).map_err(unreadable)?;
        while let Some(batch) = rows.next().await? {
            encoder.batch(&batch, &mut lines).map_err(unreadable)?;
        }
        encoder.finish(&Outcome::default(), &mut lines).map_err(unreadable)?;
        let rows = serde_json::Deserializer::from_slice(&lines).into_iter();
        let rows: Vec<Row> =
            rows.collect::<std::result::Result<_, serde_json::Error>>().map_err(|error| {
                let message = format!("'{QUERY}' answers other columns than those of a status: {error}");
                Error::new(Code::QueryHeader, message).in_file(format!("{QUERY}.sql"))
            })?;
        let state = rows.first().map_or_else(|| RECEIVED.to_owned(), |row| row.state.clone());
        Ok(Status { standing, state, clocks: rows.into_iter().map(Clock::from).collect() })
    }

    fn question(&self, standing: &Standing) -> Result<Question> {
        let query = self.named.get(QUERY)?;
        let given =
            [("request".to_owned(), standing.shown.clone()), ("as_of".to_owned(), moment::written(self.now))];
        let parameters = query.values(given, self.now)?;
        Ok(Question { parameters, is_inner: true, ..Question::new(&query.sql) })
    }
}

fn unreadable(error: ArrowError) -> Error {
    Error::new(Code::Internal, format!("the rows of '{QUERY}' cannot be read")).caused_by(error)
}

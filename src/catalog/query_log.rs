//! What was asked lately: a bounded log in memory, the table `system.queries`. A store keeps all of it, and sums of it
//! ([`Uses`]) are made when something is asked.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{
    Float64Array, ListBuilder, RecordBatch, StringArray, StringBuilder, TimestampMillisecondArray,
};
use arrow::datatypes::SchemaRef;
use chrono::{DateTime, Utc};

use super::store::{QueryWriter, Store};
use super::system::{Column, batch, ints, texts};
use super::uses::Uses;
use crate::error::{Code, Error};

/// Queries that are remembered, and the bytes of their texts together.
const KEPT: usize = 10_000;
const KEPT_BYTES: usize = 16 << 20;
/// A longer text is cut.
const TEXT_BYTES: usize = 8 << 10;
/// Datasets that are remembered of one query.
const DATASETS: usize = 64;

/// One query that was asked.
#[derive(Debug, Clone)]
pub struct LoggedQuery {
    /// When it was asked.
    pub at: DateTime<Utc>,
    /// The door that it came through: a route, or the command.
    pub door: Cow<'static, str>,
    /// The text.
    pub text: String,
    /// The datasets that it read.
    pub datasets: Vec<String>,
    /// Rows that were sent.
    pub rows: u64,
    /// From the request to the end of the answer, in milliseconds.
    pub elapsed_ms: f64,
    /// Who asked, as a salted hash: the salt changes with each start, so nobody can be found by it.
    pub client: Option<u64>,
    /// Why it failed.
    pub error: Option<Code>,
    /// The table or the column that it asked for and that is not there: `dataset.column` where it is told of which.
    pub missing: Option<String>,
}

impl LoggedQuery {
    fn bytes(&self) -> usize {
        self.text.len() + self.datasets.iter().map(|name| name.len() + size_of::<String>()).sum::<usize>()
    }
}

/// The queries that were asked last.
#[derive(Debug)]
pub struct QueryLog {
    kept: Mutex<Kept>,
    /// Keeps what is asked, where there is a store that this process writes to.
    writer: Option<QueryWriter>,
    uses: Arc<Uses>,
}

#[derive(Debug, Default)]
struct Kept {
    queries: VecDeque<LoggedQuery>,
    bytes: usize,
}

impl Default for QueryLog {
    fn default() -> Self {
        Self { kept: Mutex::default(), writer: None, uses: Uses::in_memory() }
    }
}

impl QueryLog {
    /// A log that goes on from what a store has. What of it cannot be read is told, and goes on in memory: nobody is
    /// kept from asking.
    pub(super) fn over(store: &Store) -> Self {
        let told = |error: &Error| tracing::error!(code = %error.code, "{error}");
        let uses = Uses::over(store).inspect_err(told).unwrap_or_else(|_| Uses::in_memory());
        let log = Self { uses, ..Self::default() };
        let queries = store.queries().inspect_err(told).ok().flatten();
        let last = queries.as_ref().map(|table| table.last(KEPT)).transpose();
        match (queries, last.inspect_err(told)) {
            (Some(table), Ok(last)) => {
                last.into_iter().flatten().for_each(|query| log.remember(query));
                let writer = store.is_writer().then(|| QueryWriter::over(table)).flatten();
                Self { writer, ..log }
            }
            _ => log,
        }
    }

    /// Waits until all that was asked is on disk, where there is a store.
    pub fn flush(&self) {
        self.writer.iter().for_each(QueryWriter::flush);
        self.uses.flush();
    }

    /// What datasets are used for: sums of all that was asked, also of what is no query.
    #[must_use]
    pub fn uses(&self) -> &Uses {
        &self.uses
    }

    /// The columns of the table.
    #[must_use]
    pub fn schema() -> SchemaRef {
        rows(&[]).schema()
    }

    /// Remembers a query, and forgets the oldest ones where there are too many.
    pub fn add(&self, mut query: LoggedQuery) {
        if query.text.len() > TEXT_BYTES {
            let end = query.text.floor_char_boundary(TEXT_BYTES);
            query.text.truncate(end);
            query.text.push('…');
            query.text.shrink_to_fit();
        }
        self.uses.hide_persons(&mut query.text, query.at);
        query.datasets.truncate(DATASETS);
        self.writer.iter().for_each(|writer| writer.add(&query));
        self.uses.add(&query);
        self.remember(query);
    }

    fn remember(&self, query: LoggedQuery) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.bytes += query.bytes();
        kept.queries.push_back(query);
        while kept.queries.len() > KEPT || kept.bytes > KEPT_BYTES {
            let Some(oldest) = kept.queries.pop_front() else { break };
            kept.bytes -= oldest.bytes();
        }
    }

    /// The queries as a table, the oldest first. Cost: a copy of the log.
    #[must_use]
    pub fn table(&self) -> RecordBatch {
        let all: Vec<LoggedQuery> =
            self.kept.lock().unwrap_or_else(PoisonError::into_inner).queries.iter().cloned().collect();
        rows(&all)
    }
}

fn rows(all: &[LoggedQuery]) -> RecordBatch {
    let mut datasets = ListBuilder::new(StringBuilder::new());
    for query in all {
        query.datasets.iter().for_each(|name| datasets.values().append_value(name));
        datasets.append(true);
    }
    let moments = all.iter().map(|query| Some(query.at.timestamp_millis()));
    let elapsed = all.iter().map(|query| Some((query.elapsed_ms * 1e3).round() / 1e3));
    let clients = all.iter().map(|query| query.client.map(|client| format!("{client:016x}")));
    batch(vec![
        Column("asked_at", Arc::new(moments.collect::<TimestampMillisecondArray>().with_timezone("+00:00"))),
        texts("door", all, |query| Some(query.door.as_ref())),
        texts("query", all, |query| Some(&query.text)),
        Column("datasets", Arc::new(datasets.finish())),
        ints("rows", all, |query| Some(query.rows)),
        Column("elapsed_ms", Arc::new(elapsed.collect::<Float64Array>())),
        Column("client", Arc::new(clients.collect::<StringArray>())),
        texts("error", all, |query| query.error.map(Code::as_str)),
        texts("missing", all, |query| query.missing.as_deref()),
    ])
}

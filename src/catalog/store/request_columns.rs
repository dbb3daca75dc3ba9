//! Requests and events as columns: what was added since a row was read.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Builder, RecordBatch, StringBuilder, TimestampMillisecondBuilder};
use rusqlite::{Connection, Row};

use super::grown;
use super::request_layout::kept_at;
use crate::catalog::system::{Column, batch};

/// The columns of `system.requests`.
#[derive(Default)]
pub(super) struct RequestColumns {
    received_at: TimestampMillisecondBuilder,
    texts: [StringBuilder; 8],
    kept_at: TimestampMillisecondBuilder,
}

impl RequestColumns {
    /// The columns with texts, in their order.
    const TEXTS: [&str; 8] =
        ["id", "kind", "requester", "requester_hash", "text", "body", "dataset", "topic"];

    fn add(&mut self, row: &Row<'_>) -> rusqlite::Result<()> {
        self.received_at.append_value(row.get(1)?);
        for (at, column) in self.texts.iter_mut().enumerate() {
            column.append_option(row.get_ref(at + 2)?.as_str_or_null()?);
        }
        self.kept_at.append_option(row.get(2 + Self::TEXTS.len())?);
        Ok(())
    }

    pub(super) fn finish(mut self) -> RecordBatch {
        let received: ArrayRef = Arc::new(self.received_at.finish().with_timezone("+00:00"));
        let texts = self.texts.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef);
        let mut columns: Vec<Column> =
            Self::TEXTS.into_iter().zip(texts).map(|(name, column)| Column(name, column)).collect();
        columns.insert(1, Column("received_at", received));
        columns.push(Column("kept_at", Arc::new(self.kept_at.finish().with_timezone("+00:00"))));
        batch(columns)
    }
}

/// The columns of `system.request_events`.
#[derive(Default)]
pub(super) struct EventColumns {
    at: TimestampMillisecondBuilder,
    version: Int64Builder,
    texts: [StringBuilder; 5],
    kept_at: TimestampMillisecondBuilder,
}

impl EventColumns {
    const TEXTS: [&str; 5] = ["request", "event", "dataset", "reason", "written_by"];

    fn add(&mut self, row: &Row<'_>) -> rusqlite::Result<()> {
        self.at.append_value(row.get(1)?);
        self.version.append_option(row.get(2)?);
        for (at, column) in self.texts.iter_mut().enumerate() {
            column.append_option(row.get_ref(at + 3)?.as_str_or_null()?);
        }
        self.kept_at.append_option(row.get(3 + Self::TEXTS.len())?);
        Ok(())
    }

    pub(super) fn finish(mut self) -> RecordBatch {
        let at: ArrayRef = Arc::new(self.at.finish().with_timezone("+00:00"));
        let version: ArrayRef = Arc::new(self.version.finish());
        let texts = self.texts.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef);
        let mut columns: Vec<Column> =
            Self::TEXTS.into_iter().zip(texts).map(|(name, column)| Column(name, column)).collect();
        columns.insert(1, Column("at", at));
        columns.insert(4, Column("version", version));
        columns.push(Column("kept_at", Arc::new(self.kept_at.finish().with_timezone("+00:00"))));
        batch(columns)
    }
}

/// The requests after a row, and the last row.
pub(super) fn added_requests(
    connection: &Connection,
    after: i64,
) -> rusqlite::Result<(Vec<RecordBatch>, i64)> {
    // Whoever has the name of a request may see how it stands: names that were made here are told to nobody else. Nor
    // is whose token it came with: that may be a desk that few people go to.
    let sql = format!(
        "SELECT number, received_at_ms, CASE WHEN is_named THEN id ELSE '#' || number END, kind, requester,
                requester_hash, text, body, dataset, topic, {}
         FROM request WHERE number > ?1 ORDER BY number",
        kept_at(connection, "request")?
    );
    let (mut statement, mut last) = (connection.prepare(&sql)?, after);
    let add = |columns: &mut RequestColumns, row: &Row<'_>| {
        last = row.get(0)?;
        columns.add(row)
    };
    let batches =
        grown::read(statement.query([after])?, RequestColumns::default, add, RequestColumns::finish)?;
    Ok((batches, last))
}

/// The events after a row, and the last row.
pub(super) fn added_events(connection: &Connection, after: i64) -> rusqlite::Result<(Vec<RecordBatch>, i64)> {
    // Who says what became of a request is told, as who publishes is: somebody answers for it.
    let sql = format!(
        "SELECT event.number, at_ms, version,
                CASE WHEN is_named THEN event.request ELSE '#' || request.number END,
                event, event.dataset, reason, nullif(event.written_by, ''), {}
         FROM event JOIN request ON request.id = event.request
         WHERE event.number > ?1 ORDER BY event.number",
        kept_at(connection, "event")?
    );
    let (mut statement, mut last) = (connection.prepare(&sql)?, after);
    let add = |columns: &mut EventColumns, row: &Row<'_>| {
        last = row.get(0)?;
        columns.add(row)
    };
    let batches = grown::read(statement.query([after])?, EventColumns::default, add, EventColumns::finish)?;
    Ok((batches, last))
}

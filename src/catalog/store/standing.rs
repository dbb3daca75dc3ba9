//! How a request stands, for who asked.

use chrono::{DateTime, SecondsFormat, Utc};
use rusqlite::{Connection, OptionalExtension, Row};
use serde_json::{Value, json};

/// A request with what happened to it: without the hash of who asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Its name: whoever has it may see the request.
    pub id: String,
    /// What the tables of the schema `system` call it: `#` and its number where the name was made here.
    pub shown: String,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// What is asked for: `publish` or `update`.
    pub kind: String,
    /// Who asks: `citizen` or `business`.
    pub requester: String,
    /// What is asked for, in the user's words.
    pub text: String,
    /// The body that is asked.
    pub body: String,
    /// The `apiUri` of the dataset that is asked for.
    pub dataset: Option<String>,
    /// What it is about.
    pub topic: Option<String>,
    /// What happened to it, the earliest first.
    pub events: Vec<Noted>,
}

/// What happened to a request, as it was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    /// When it happened.
    pub at: DateTime<Utc>,
    /// What happened: `processed`, `sent`, `published`, `refused` or `notified`.
    pub event: String,
    /// The dataset that was published.
    pub dataset: Option<String>,
    /// Its version.
    pub version: Option<u32>,
    /// Why it was refused.
    pub reason: Option<String>,
}

impl Standing {
    /// It as a JSON object, its moments in UTC; the name in the tables is left out.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "id": self.id,
            "received_at": shown(self.received_at),
            "kind": self.kind,
            "requester": self.requester,
            "text": self.text,
            "body": self.body,
            "dataset": self.dataset,
            "topic": self.topic,
            "events": self.events.iter().map(Noted::to_json).collect::<Vec<_>>(),
        })
    }
}

impl Noted {
    fn to_json(&self) -> Value {
        let Self { at, event, dataset, version, reason } = self;
        let at = shown(*at);
        json!({"at": at, "event": event, "dataset": dataset, "version": version, "reason": reason})
    }
}

/// The request of a name.
pub(super) fn standing(connection: &Connection, id: &str) -> rusqlite::Result<Option<Standing>> {
    let sql =
        "SELECT id, CASE WHEN is_named THEN id ELSE '#' || number END, received_at_ms, kind, requester, text,
                      body, dataset, topic
               FROM request WHERE id = ?1";
    let Some(found) = connection.query_row(sql, [id], described).optional()? else { return Ok(None) };
    let sql =
        "SELECT at_ms, event, dataset, version, reason FROM event WHERE request = ?1 ORDER BY at_ms, number";
    let mut statement = connection.prepare(sql)?;
    let events = statement.query_map([id], noted)?.collect::<rusqlite::Result<_>>()?;
    Ok(Some(Standing { events, ..found }))
}

fn described(row: &Row<'_>) -> rusqlite::Result<Standing> {
    Ok(Standing {
        id: row.get(0)?,
        shown: row.get(1)?,
        received_at: moment(row.get(2)?),
        kind: row.get(3)?,
        requester: row.get(4)?,
        text: row.get(5)?,
        body: row.get(6)?,
        dataset: row.get(7)?,
        topic: row.get(8)?,
        events: Vec::new(),
    })
}

fn noted(row: &Row<'_>) -> rusqlite::Result<Noted> {
    Ok(Noted {
        at: moment(row.get(0)?),
        event: row.get(1)?,
        dataset: row.get(2)?,
        version: row.get(3)?,
        reason: row.get(4)?,
    })
}

/// The moment so many milliseconds after 1970; what no calendar has is 1970 itself.
pub(super) fn moment(at_ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at_ms).unwrap_or_default()
}

/// A moment as it is told: `2026-10-03T07:00:00Z`.
pub(super) fn shown(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

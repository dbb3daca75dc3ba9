//! Requests and events on their way into the store: all that is written at once, or nothing of it.

use std::path::Path;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Statement, Transaction, TransactionBehavior, params};

use super::database::fault;
use super::standing::{moment, shown};
use crate::catalog::requests::{Filed, Happened};
use crate::error::{Code, Error, Place, Result};

const INSERT_REQUEST: &str =
    "INSERT INTO request (id, received_at_ms, kind, requester, requester_hash, text, body, dataset, topic,
                          written_by, is_named, kept_at_ms)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";

const INSERT_EVENT: &str =
    "INSERT INTO event (request, at_ms, event, dataset, version, reason, written_by, kept_at_ms)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

const RECEIVED_AT: &str = "SELECT received_at_ms FROM request WHERE id = ?1";

/// What is written at once.
pub(super) struct Writing<'a> {
    transaction: Transaction<'a>,
    path: &'a Path,
    /// The moment, which each row keeps.
    now: DateTime<Utc>,
    /// The name of the token; empty for the command line.
    written_by: &'a str,
}

impl<'a> Writing<'a> {
    /// Waits until no other process writes to the file.
    pub(super) fn start(
        connection: &'a mut Connection,
        path: &'a Path,
        (now, written_by): (DateTime<Utc>, &'a str),
    ) -> Result<Self> {
        // One that begins with reading and writes later would not wait.
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate);
        let transaction = transaction.map_err(|error| fault(path, &error))?;
        Ok(Self { transaction, path, now, written_by })
    }

    /// Makes it count: durable when it returns.
    pub(super) fn commit(self) -> Result<()> {
        self.transaction.commit().map_err(|error| fault(self.path, &error))
    }

    fn fault(&self, error: &rusqlite::Error) -> Error {
        fault(self.path, error)
    }

    /// Adds requests, and returns their names.
    pub(super) fn file(&self, filed: &[Filed], mut random: impl FnMut() -> [u8; 16]) -> Result<Vec<String>> {
        if filed.is_empty() {
            return Ok(Vec::new());
        }
        let salt = self.salt(random()).map_err(|error| self.fault(&error))?;
        let mut statement = self.transaction.prepare(INSERT_REQUEST).map_err(|error| self.fault(&error))?;
        let mut ids = Vec::with_capacity(filed.len());
        for (row, request) in (1..).zip(filed) {
            let place = |error| in_row(error, row, filed.len());
            request.check(self.now).map_err(place)?;
            let id = request.id.clone().unwrap_or_else(|| named(&random()));
            match self.insert_request(&mut statement, request, (&id, &salt)) {
                Ok(_) => ids.push(id),
                Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation) => {
                    let error = Error::new(Code::RequestBody, format!("there is a request '{id}' already"));
                    return Err(place(error.at(Place::field("id")).hint("requests are only added")));
                }
                Err(error) => return Err(self.fault(&error)),
            }
        }
        Ok(ids)
    }

    /// Adds what happened, also to requests that were added just before.
    pub(super) fn note(&self, happened: &[Happened]) -> Result<()> {
        let prepare = |sql: &str| self.transaction.prepare(sql).map_err(|error| self.fault(&error));
        let (mut look_up, mut insert) = (prepare(RECEIVED_AT)?, prepare(INSERT_EVENT)?);
        for (row, event) in (1..).zip(happened) {
            let place = |error| in_row(error, row, happened.len());
            event.check(self.now).map_err(place)?;
            let request = event.request.as_deref().unwrap_or_default();
            let received = look_up.query_row([request], |row| row.get(0).map(moment)).optional();
            let received = received.map_err(|error| self.fault(&error))?;
            let received = received.ok_or_else(|| place(unknown(request)))?;
            let at = match event.at {
                None => self.now,
                Some(said) => said.since(received).ok_or_else(|| place(too_early(received)))?,
            };
            self.insert_event(&mut insert, event, at).map_err(|error| self.fault(&error))?;
        }
        Ok(())
    }

    /// The salt of this store, made with the first request.
    fn salt(&self, random: [u8; 16]) -> rusqlite::Result<Vec<u8>> {
        let sql = "SELECT salt FROM salt";
        let known = self.transaction.query_row(sql, [], |row| row.get::<_, Vec<u8>>(0)).optional()?;
        if let Some(salt) = known {
            return Ok(salt);
        }
        self.transaction.execute("INSERT INTO salt (salt) VALUES (?1)", [&random[..]])?;
        Ok(random.to_vec())
    }

    fn insert_request(
        &self,
        statement: &mut Statement<'_>,
        request: &Filed,
        (id, salt): (&str, &[u8]),
    ) -> rusqlite::Result<usize> {
        let hash = request.contact.as_ref().map(|contact| {
            let mut hasher = blake3::Hasher::new();
            hasher.update(salt).update(reachable(contact).as_bytes());
            hasher.finalize().to_hex()[..16].to_owned()
        });
        statement.execute(params![
            id,
            request.received_at.unwrap_or(self.now).timestamp_millis(),
            request.kind.as_str(),
            request.requester.as_str(),
            hash,
            request.text,
            request.body,
            request.dataset,
            request.topic,
            self.written_by,
            request.id.is_some(),
            self.now.timestamp_millis()
        ])
    }

    fn insert_event(
        &self,
        statement: &mut Statement<'_>,
        event: &Happened,
        at: DateTime<Utc>,
    ) -> rusqlite::Result<usize> {
        statement.execute(params![
            event.request,
            at.timestamp_millis(),
            event.event.as_str(),
            event.dataset,
            event.version,
            event.reason,
            self.written_by,
            self.now.timestamp_millis()
        ])
    }
}

fn in_row(error: Error, row: u64, of: usize) -> Error {
    if of < 2 {
        return error;
    }
    let place = error.place.as_deref().cloned().unwrap_or_default();
    error.at(Place { row: Some(row), ..place })
}

/// The error for a name that no request has.
pub(super) fn unknown(request: &str) -> Error {
    Error::new(Code::CatalogUnknownObject, format!("no request '{request}'"))
        .hint("POST /requests answers the name of each request")
}

fn too_early(received: DateTime<Utc>) -> Error {
    let message = format!("'at' is before the request was received, which was {}", shown(received));
    Error::new(Code::RequestBody, message).at(Place::field("at"))
}

/// A name that nobody guesses, of digits and small letters that are not taken for one another.
fn named(random: &[u8; 16]) -> String {
    const SIGNS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    random.iter().map(|byte| char::from(SIGNS[usize::from(byte % 32)])).collect()
}

/// How to reach somebody, in one form: a number of a telephone by its last ten digits, however it is written (`+7 701…`,
/// `8 701…`), all else in small letters.
fn reachable(contact: &str) -> String {
    let digits: String = contact.chars().filter(char::is_ascii_digit).collect();
    let is_number = contact.chars().all(|sign| sign.is_ascii_digit() || " +-()".contains(sign));
    match digits.get(digits.len().saturating_sub(10)..) {
        Some(last) if is_number && last.len() == 10 => last.to_owned(),
        _ => contact.trim().to_lowercase(),
    }
}

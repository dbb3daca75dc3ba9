//! `GET /queries` and `GET /queries/{name}`: the named queries.

use axum::response::Response;

use super::request::Call;
use super::response::{list as list_of, rows};
use crate::encode::Outcome;
use crate::error::Result;
use crate::query::Question;

/// The named queries, with their parameters and columns.
pub(super) fn list(call: &Call) -> Result<Response> {
    let params = call.params()?;
    let form = (params.format(call.headers())?, params.language()?);
    let outcome = Outcome { elapsed: call.started.elapsed(), ..Outcome::default() };
    list_of(&call.app.named.table(), form, &outcome)
}

/// The rows of a named query; what it needs and has a default may be left out.
pub(super) async fn run(call: Call) -> Result<Response> {
    let params = call.params()?;
    let (format, language) = (params.format(call.headers())?, params.language()?);
    let named = call.app.named.get(call.segment("name"))?;
    let given = params.others().map(|(name, value)| (name.to_owned(), value.to_owned()));
    let parameters = named.values(given, chrono::Utc::now())?;
    let (client, door) = (call.client(), "GET /queries/{name}");
    let question = Question { parameters, client, door, ..Question::new(&named.sql) };
    drop(params);
    rows(call, question, format, language).await
}

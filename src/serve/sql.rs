//! `GET /sql?q=…` and `POST /sql`: a query, its rows streamed.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{RawQuery, Request, State};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use serde::Deserialize;

use super::App;
use super::request::Params;
use super::response::{answer, stream};
use crate::error::{Code, Error, Result};

/// `GET /sql?q=…&format=…`
pub(super) async fn get(
    State(app): State<Arc<App>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let run = async {
        let params = Params::parse(query.as_deref(), &["q", "format"])?;
        let format = params.format(&headers)?;
        let sql = params.required("q", "/sql?q=SELECT+1")?;
        stream(app.queries.query(sql.to_owned()).await?, format).await
    };
    answer(run.await)
}

/// `POST /sql`, the body being SQL, or `{"sql": …}`.
pub(super) async fn post(State(app): State<Arc<App>>, request: Request) -> Response {
    let run = async {
        let (parts, body) = request.into_parts();
        let params = Params::parse(parts.uri.query(), &["format"])?;
        let format = params.format(&parts.headers)?;
        // Twice the limit on the text: JSON escapes make it longer.
        let limit = 2 * app.queries.limits().text.max_sql_bytes + 1024;
        let body = axum::body::to_bytes(body, limit).await.map_err(|error| {
            Error::new(Code::RequestTooLarge, format!("the body is longer than {limit} bytes"))
                .caused_by(error)
        })?;
        stream(app.queries.query(sql_of(&body, &parts.headers)?).await?, format).await
    };
    answer(run.await)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SqlBody {
    sql: String,
}

fn sql_of(body: &Bytes, headers: &HeaderMap) -> Result<String> {
    let wrong = |message: String| {
        Error::new(Code::RequestBody, message).hint("send SQL as text, or {\"sql\": \"SELECT 1\"}")
    };
    let text = std::str::from_utf8(body)
        .map_err(|error| wrong("the body is not UTF-8".to_owned()).caused_by(error))?;
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_json = content_type.starts_with("application/json") || text.trim_start().starts_with('{');
    if !is_json {
        return Ok(text.to_owned());
    }
    let body: SqlBody = serde_json::from_str(text)
        .map_err(|error| wrong(format!("the body is not what is expected: {error}")))?;
    Ok(body.sql)
}

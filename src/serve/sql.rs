//! `GET /sql?q=…` and `POST /sql`: a query, its rows streamed.

use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::request::Call;
use super::response::rows;
use crate::error::{Code, Error, Result};
use crate::query::{Parameter, ParameterValue, Question};

/// `GET /sql?q=…&name=value`
pub(super) async fn get(call: Call) -> Result<Response> {
    let params = call.params()?;
    let (format, language) = (params.format(call.headers())?, params.language()?);
    let question = Question {
        parameters: given(params.others()),
        client: call.client(),
        door: "GET /sql",
        ..Question::new(params.required("q")?)
    };
    drop(params);
    rows(call, question, format, language).await
}

/// Parameters of a query from an address.
pub(super) fn given<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<Parameter> {
    let parameter = |(name, value): (&str, &str)| Parameter {
        name: name.to_owned(),
        value: ParameterValue::Text(value.to_owned()),
    };
    pairs.map(parameter).collect()
}

/// `POST /sql`, the body being SQL, or `{"sql": …, "params": …}`.
pub(super) async fn post(mut call: Call) -> Result<Response> {
    // Twice the limit on the text: JSON escapes make it longer.
    let limit = 2 * call.app.queries.limits().text.max_sql_bytes + 1024;
    let body = call.body(limit).await?;
    let params = call.params()?;
    let (format, language) = (params.format(call.headers())?, params.language()?);
    let SqlBody { sql, params: own } = SqlBody::parse(&body, call.headers())?;
    let mut parameters = given(params.others());
    let own = own.map(SqlParams::parameters).unwrap_or_default();
    parameters.retain(|it| !own.iter().any(|own| own.name == it.name));
    parameters.extend(own);
    let question = Question { parameters, client: call.client(), door: "POST /sql", ..Question::new(sql) };
    drop(params);
    rows(call, question, format, language).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SqlBody {
    sql: String,
    params: Option<SqlParams>,
}

/// Values by name, or in order for `$1`, `$2`.
#[derive(Deserialize)]
#[serde(untagged)]
enum SqlParams {
    Named(Map<String, Value>),
    Listed(Vec<Value>),
}

impl SqlParams {
    fn parameters(self) -> Vec<Parameter> {
        let parameter = |(name, value)| Parameter { name, value: ParameterValue::Json(value) };
        match self {
            Self::Named(values) => values.into_iter().map(parameter).collect(),
            Self::Listed(values) => {
                let numbered = values.into_iter().enumerate();
                numbered.map(|(at, value)| parameter(((at + 1).to_string(), value))).collect()
            }
        }
    }
}

impl SqlBody {
    fn parse(body: &Bytes, headers: &HeaderMap) -> Result<Self> {
        let wrong = |message: String| {
            let hint = "send SQL as text, or {\"sql\": \"SELECT $1\", \"params\": [1]}";
            Error::new(Code::RequestBody, message).hint(hint)
        };
        let text = std::str::from_utf8(body)
            .map_err(|error| wrong("the body is not UTF-8".to_owned()).caused_by(error))?;
        let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let is_json = content_type.is_some_and(|kind| kind.starts_with("application/json"));
        if !is_json && !text.trim_start().starts_with('{') {
            return Ok(Self { sql: text.to_owned(), params: None });
        }
        serde_json::from_str(text)
            .map_err(|error| wrong(format!("the body is not what is expected: {error}")))
    }
}

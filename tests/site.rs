//! The routes over some documents, asked as a client asks them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use axum::body::Body;
use axum::http::{HeaderMap, Request};
use derek::query::{QueryLimits, QueryService};
use derek::serve::router;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::{app, catalog, fixtures, queries};

/// A router, and a runtime to call it on.
pub(crate) struct Site {
    pub(crate) router: axum::Router,
    pub(crate) runtime: tokio::runtime::Runtime,
    folder: Option<tempfile::TempDir>,
}

/// An answer; `is_whole` tells whether its body came to its end.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    pub(crate) is_whole: bool,
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("the body is UTF-8")
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    #[track_caller]
    pub(crate) fn rows(&self) -> Vec<Value> {
        let rows = self.json()["rows"].as_array().cloned();
        rows.unwrap_or_else(|| panic!("no rows: {}", self.text()))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("headers are ASCII"))
    }

    /// The status and code of an error.
    #[track_caller]
    pub(crate) fn error(&self) -> (u16, String) {
        (self.status, self.json()["error"]["code"].as_str().unwrap_or_default().to_owned())
    }

    /// The field that an error is about.
    #[track_caller]
    pub(crate) fn field(&self) -> Value {
        self.json()["error"]["place"]["field"].clone()
    }
}

impl Site {
    pub(crate) fn over_fixtures() -> Self {
        Self::over(&[fixtures()], None)
    }

    pub(crate) fn over(paths: &[&Path], limits: Option<QueryLimits>) -> Self {
        let catalog = catalog(paths);
        let service = match limits {
            None => queries(&catalog),
            Some(limits) => QueryService::new(catalog, limits).expect("threads can be started"),
        };
        let runtime = tokio::runtime::Runtime::new().expect("threads can be started");
        Self { router: router(app(service)), runtime, folder: None }
    }

    pub(crate) fn of_router(router: axum::Router) -> Self {
        let runtime = tokio::runtime::Runtime::new().expect("threads can be started");
        Self { router, runtime, folder: None }
    }

    /// The routes over a catalog that may change.
    pub(crate) fn of_catalog(catalog: &std::sync::Arc<derek::catalog::Catalog>) -> Self {
        let runtime = tokio::runtime::Runtime::new().expect("threads can be started");
        Self { router: router(app(queries(catalog))), runtime, folder: None }
    }

    /// The routes over the published examples, an answer having at most so many rows.
    pub(crate) fn with_most_rows(max_rows: u64) -> Self {
        let limits = QueryLimits { max_rows, is_yielding: false, ..QueryLimits::for_machine(4 << 30, 2) };
        Self::over(&[fixtures()], Some(limits))
    }

    /// The routes over files with these names and bytes.
    pub(crate) fn of_files<'a>(files: impl IntoIterator<Item = (&'a str, Vec<u8>)>) -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        for (name, bytes) in files {
            std::fs::write(folder.path().join(name), bytes).expect("it can be written");
        }
        let site = Self::over(&[folder.path()], None);
        Self { folder: Some(folder), ..site }
    }

    /// The place of a file that [`Self::of_files`] wrote.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.as_ref().expect("it has files of its own").path().join(name)
    }

    pub(crate) fn send(&self, request: Request<Body>) -> Answer {
        self.runtime.block_on(async {
            let response = self.router.clone().oneshot(request).await.expect("a router answers everything");
            let (parts, mut body) = response.into_parts();
            let (mut bytes, mut is_whole) = (Vec::new(), true);
            while let Some(frame) = body.frame().await {
                match frame {
                    Ok(frame) => bytes.extend(frame.into_data().unwrap_or_default()),
                    Err(_) => is_whole = false,
                }
            }
            Answer { status: parts.status.as_u16(), headers: parts.headers, body: bytes, is_whole }
        })
    }

    /// A request with some headers and no body.
    pub(crate) fn ask(&self, method: &str, uri: &str, headers: &[(&str, &str)]) -> Answer {
        let request = Request::builder().method(method).uri(address(uri));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        self.send(request.body(Body::empty()).expect("it is a request"))
    }

    pub(crate) fn get(&self, uri: &str) -> Answer {
        self.ask("GET", uri, &[])
    }

    pub(crate) fn post(&self, uri: &str, body: &Value) -> Answer {
        let request = Request::post(address(uri)).header("content-type", "application/json");
        self.send(request.body(Body::from(body.to_string())).expect("it is a request"))
    }

    /// A query by POST, which must have an answer.
    #[track_caller]
    pub(crate) fn sql(&self, sql: &str) -> Vec<Value> {
        let answer = self.post("/sql", &json!({ "sql": sql }));
        assert_eq!(answer.status, 200, "{sql}: {}", answer.text());
        answer.rows()
    }
}

/// An address as a browser sends it: what is not ASCII, or no part of an address, in percents.
pub(crate) fn address(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'!' | b'#'..=b';' | b'=' | b'?'..=b'_' | b'a'..=b'z' | b'~' => out.push(char::from(byte)),
            _ => write!(out, "%{byte:02X}").expect("a text takes all"),
        }
    }
    out
}

/// The address of a route with parameters, whatever signs they hold.
pub(crate) fn with(path: &str, parameters: &[(&str, &str)]) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    format!("{path}?{query}")
}

/// A store for writing, as soon as the threads of the server before have let it go.
pub(crate) fn alone(store: &Path) -> derek::catalog::Store {
    let mut opened = derek::catalog::Store::open(store, derek::catalog::Access::Write);
    for _ in 0..100 {
        if opened.is_ok() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
        opened = derek::catalog::Store::open(store, derek::catalog::Access::Write);
    }
    opened.expect("nobody else writes")
}

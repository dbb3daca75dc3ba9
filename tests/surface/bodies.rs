//! What routes that take a body answer, against what they say that they answer.

use std::path::Path;
use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use chrono::Utc;
use derek::catalog::{Access, Catalog, LoadOptions, Permission, Store, Token};
use derek::serve::{ROUTES, Route, description};
use serde_json::{Value, json};

use crate::fixtures;
use crate::site::{Answer, Site};

/// A server over a store that holds the regions, with a token for everything.
struct Everything {
    site: Site,
    token: String,
    description: Value,
}

impl Everything {
    fn over(store: &Path) -> Self {
        let opened = Arc::new(Store::open(store, Access::Write).expect("nobody else writes"));
        let catalog =
            Catalog::new(&[fixtures().join("regions.json")], LoadOptions::default()).with_store(opened);
        catalog.load_all(None).expect("it can be read");
        let token = Token {
            name: "бәрі".to_owned(),
            can: vec![Permission::All],
            created_at: Utc::now(),
            expires_at: None,
            revoked_at: None,
        };
        let token = catalog.store().expect("it has a store").create_token(&token, [7; 32]);
        let description = serde_json::to_value(description()).expect("it is JSON");
        let site = Site::of_catalog(&Arc::new(catalog));
        Self { site, token: token.expect("it can be kept"), description }
    }

    /// The operation of a route.
    fn operation(&self, route: &Route) -> &Value {
        &self.description["paths"][route.path][route.method.to_lowercase()]
    }

    /// The media types of the bodies that a route takes, each with its example.
    fn bodies(&self, route: &Route) -> Vec<(String, Vec<u8>)> {
        let content = self.operation(route)["requestBody"]["content"].as_object();
        let body = |body: &Value| match &body["example"] {
            Value::Null => Vec::new(),
            Value::String(text) => text.clone().into_bytes(),
            other => other.to_string().into_bytes(),
        };
        content.into_iter().flatten().map(|(kind, it)| (kind.clone(), body(it))).collect()
    }

    /// Sends a body; what the path names is there, or may come to be.
    fn send(&self, route: &Route, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let path = route.path.replace("{apiUri}", "regions").replace("{id}", "2026-118");
        let request = Request::builder().method(route.method).uri(path);
        let request = request.header("authorization", format!("Bearer {}", self.token));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        self.site.send(request.body(Body::from(body.to_vec())).expect("it is a request"))
    }

    fn is_declared(&self, route: &Route, status: u16) -> bool {
        let in_table = route.all_statuses().any(|declared| declared == status);
        let is_described = self.operation(route)["responses"].get(status.to_string()).is_some();
        assert_eq!(in_table, is_described, "{} {status}", route.title());
        in_table
    }
}

#[test]
fn a_body_that_is_packed_in_another_way_is_refused_as_declared() {
    let store = tempfile::tempdir().expect("a folder can be made");
    let server = Everything::over(store.path());
    let mut asked = Vec::new();
    for route in ROUTES {
        for (kind, body) in server.bodies(route) {
            let headers = [("content-type", kind.as_str()), ("content-encoding", "br")];
            let answer = server.send(route, &headers, &body);
            assert_eq!(answer.error(), (415, "request.encoding".to_owned()), "{} {kind}", route.title());
            assert!(server.is_declared(route, 415), "{} declares no 415", route.title());
            asked.push(route.name);
        }
    }
    asked.dedup();
    assert_eq!(
        asked,
        [
            "publish",
            "passportStep",
            "sqlByBody",
            "fileRequests",
            "noteAllEvents",
            "noteEvents",
            "assessExtract"
        ]
    );
}

#[test]
fn what_is_kept_is_answered_as_declared() {
    let store = tempfile::tempdir().expect("a folder can be made");
    let server = Everything::over(store.path());
    let request = json!({
        "id": "2026-118", "received_at": "2025-10-03", "kind": "publish", "requester": "citizen",
        "text": "Дәріханалар тізімі керек", "body": "Денсаулық сақтау министрлігі",
    });
    let created: Vec<&Route> =
        ROUTES.iter().filter(|route| route.method == "POST" && route.statuses.contains(&201)).collect();
    for route in &created {
        let body = match route.name {
            "passportStep" => json!({"step": "draft", "at": "2025-11-20"}),
            "fileRequests" => request.clone(),
            _ => json!({"request": "2026-118", "event": "sent", "at": "2025-11-04"}),
        };
        let headers = [("content-type", "application/json")];
        let answer = server.send(route, &headers, body.to_string().as_bytes());
        assert_eq!(answer.status, 201, "{}: {}", route.title(), answer.text());
        assert!(server.is_declared(route, 201) && !server.is_declared(route, 200), "{}", route.title());
        let content = &server.operation(route)["responses"]["201"]["content"];
        let kind = answer.header("content-type").expect("it has a type");
        assert!(content.get(kind).is_some(), "{}: {kind} is not among {content}", route.title());
    }
    let names: Vec<&str> = created.iter().map(|route| route.name).collect();
    assert_eq!(names, ["passportStep", "fileRequests", "noteAllEvents", "noteEvents"]);
    let put = ROUTES.iter().find(|route| route.name == "publish").expect("it is a route");
    assert!(server.is_declared(put, 200) && server.is_declared(put, 201), "a PUT may bring what is there");
}

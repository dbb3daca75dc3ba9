//! What routes take in their bodies, for programs, with examples.

use serde_json::{Value, json};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::{ContentBuilder, Ref, Required};

use super::openapi::schema_of;
use super::route::Route;
use crate::assess::extract::Form;

/// The body of a route; none where it takes none.
pub(super) fn of(route: &Route) -> Option<RequestBody> {
    match route.name {
        "publish" => {
            let kinds = ["application/json", "application/xml", "application/gzip", "application/zstd"];
            Some(files(&kinds))
        }
        "assessExtract" => Some(files(&Form::ALL.map(Form::media_type))),
        "passportStep" => Some(step()),
        "sqlByBody" => Some(question()),
        "fileRequests" => Some(records(&requests(), REQUESTS)),
        "noteEvents" => Some(records(&events(None), EVENTS)),
        "noteAllEvents" => Some(records(&events(Some("2026-118")), EVENTS_OF_ALL)),
        _ => None,
    }
}

/// What a route answers that has kept something.
pub(super) fn kept(route: &Route) -> Option<Value> {
    match route.name {
        "fileRequests" => Some(json!({ "id": "2026-118" })),
        "noteAllEvents" => Some(json!({ "added": 2, "warnings": [] })),
        _ => None,
    }
}

const REQUESTS: &str = "id,received_at,kind,requester,text,body,dataset,topic\n\
    2026-118,2026-10-03T12:00:00+05:00,publish,citizen,Дәріханалар тізімі керек,Денсаулық сақтау министрлігі,,дәріханалар\n";

const EVENTS: &str = "at,event,dataset,version,reason\n\
    2026-11-04T10:00:00+05:00,sent,,,\n\
    2026-11-20T10:00:00+05:00,published,pharmacies,1,\n";

const EVENTS_OF_ALL: &str = "request,at,event,dataset,version,reason\n\
    2026-118,2026-11-04T10:00:00+05:00,sent,,,\n\
    2026-118,2026-11-20T10:00:00+05:00,published,pharmacies,1,\n";

fn requests() -> Value {
    json!({
        "id": "2026-118", "received_at": "2026-10-03T12:00:00+05:00", "kind": "publish", "requester": "citizen",
        "text": "Дәріханалар тізімі керек", "body": "Денсаулық сақтау министрлігі", "topic": "дәріханалар",
    })
}

fn events(request: Option<&str>) -> Value {
    let mut sent = json!({ "event": "sent", "at": "2026-11-04T10:00:00+05:00" });
    let mut published = json!({
        "event": "published", "at": "2026-11-20T10:00:00+05:00", "dataset": "pharmacies", "version": 1,
    });
    if let Some(request) = request {
        sent["request"] = json!(request);
        published["request"] = json!(request);
    }
    json!([sent, published])
}

/// A step of a passport.
fn step() -> RequestBody {
    let example =
        json!({ "step": "agreed", "at": "2026-11-20", "by": "Әділет министрлігі", "note": "№ 12 хат" });
    let content = ContentBuilder::new().example(Some(example)).build();
    RequestBodyBuilder::new().required(Some(Required::True)).content("application/json", content).build()
}

/// A file of one of some media types.
fn files(kinds: &[&str]) -> RequestBody {
    let body = RequestBodyBuilder::new().required(Some(Required::True));
    let content = || ContentBuilder::new().build();
    kinds.iter().fold(body, |body, kind| body.content(*kind, content())).build()
}

/// SQL as a text, or with its parameters.
fn question() -> RequestBody {
    let (sql, json) =
        (schema_of(&json!({ "type": "string", "minLength": 1 })), Ref::from_schema_name("Question"));
    let text = ContentBuilder::new().schema(Some(sql)).example(Some(json!("SELECT 1")));
    let example = json!({ "sql": "SELECT $1 + 1 AS n", "params": [1] });
    let question = ContentBuilder::new().schema(Some(json)).example(Some(example));
    RequestBodyBuilder::new()
        .required(Some(Required::True))
        .content("text/plain", text.build())
        .content("application/json", question.build())
        .build()
}

/// Requests or events: an object, a list of them, or a table.
fn records(example: &Value, table: &str) -> RequestBody {
    let list = schema_of(&json!({ "oneOf": [
        { "type": "object" },
        { "type": "array", "items": { "type": "object" } }
    ] }));
    let (json, text) = (
        ContentBuilder::new().schema(Some(list)).example(Some(example.clone())),
        ContentBuilder::new()
            .schema(Some(schema_of(&json!({ "type": "string", "minLength": 1 }))))
            .example(Some(json!(table))),
    );
    RequestBodyBuilder::new()
        .required(Some(Required::True))
        .content("application/json", json.build())
        .content("text/csv", text.build())
        .build()
}

//! The description for programs and the page for people are the routes, and their examples work.

use std::collections::{BTreeMap, BTreeSet};

use derek::serve::{Kind, Parameter, ROUTES, Returns, Route, description, docs_page};
use serde_json::{Value, json};

use crate::site::{Answer, Site, with};

fn described(site: &Site) -> Value {
    let answer = site.get("/openapi.json");
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    answer.json()
}

/// The operation of a route.
fn operation<'a>(document: &'a Value, route: &Route) -> &'a Value {
    &document["paths"][route.path][route.method.to_lowercase()]
}

#[test]
fn the_description_is_openapi_3_1() {
    let document = described(&Site::over_fixtures());
    assert_eq!(document["openapi"].as_str().map(|version| &version[..4]), Some("3.1."));
    let read: utoipa::openapi::OpenApi =
        serde_json::from_value(document.clone()).expect("it is a description");
    assert_eq!(serde_json::to_value(&read).ok(), Some(document.clone()));
    assert_eq!(serde_json::to_value(description()).ok(), Some(document.clone()));
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn every_route_is_described_and_nothing_else() {
    let document = described(&Site::over_fixtures());
    let mut found = BTreeMap::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            found.insert(format!("{} {path}", method.to_uppercase()), operation["operationId"].clone());
        }
    }
    let routes: BTreeMap<String, Value> = ROUTES.iter().map(|it| (it.title(), json!(it.name))).collect();
    assert_eq!((found, routes.len()), (routes.clone(), ROUTES.len()));
    let names: BTreeSet<String> = routes.values().map(Value::to_string).collect();
    assert_eq!(names.len(), ROUTES.len(), "each operation has a name of its own");
    for route in ROUTES {
        let operation = operation(&document, route);
        assert_eq!(operation["summary"], route.summary);
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let listed: Vec<_> = parameters
            .iter()
            .map(|it| (it["name"].clone(), it["in"].clone(), it["required"].clone()))
            .collect();
        let place = |it: &Parameter| if it.is_in_path { "path" } else { "query" };
        let own = route.parameters.iter().map(|it| (json!(it.name), json!(place(it)), json!(it.is_required)));
        assert_eq!(listed, own.collect::<Vec<_>>(), "{}", route.title());
        assert!(
            parameters.iter().all(|it| it["description"].as_str().is_some_and(|text| text.ends_with('.')))
        );
        let statuses: BTreeSet<&str> =
            operation["responses"].as_object().expect("answers").keys().map(String::as_str).collect();
        let own: BTreeSet<String> = route.all_statuses().map(|status| status.to_string()).collect();
        assert_eq!(statuses, own.iter().map(String::as_str).collect(), "{}", route.title());
        let in_braces: BTreeSet<&str> =
            route.path.split('/').filter_map(|it| it.strip_prefix('{')?.strip_suffix('}')).collect();
        let in_path: BTreeSet<&str> =
            route.parameters.iter().filter(|it| it.is_in_path).map(|it| it.name).collect();
        assert_eq!(in_braces, in_path, "{}", route.title());
    }
}

/// Every `$ref` in a document.
fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| match value {
            Value::String(text) if name == "$ref" => found.push(text),
            value => references(value, found),
        }),
        Value::Array(values) => values.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_to_a_schema_and_every_schema_is_used() {
    let document = described(&Site::over_fixtures());
    let mut found = Vec::new();
    references(&document, &mut found);
    let found: BTreeSet<&str> = found.into_iter().collect();
    let schemas = document["components"]["schemas"].as_object().expect("schemas");
    let there: BTreeSet<String> = schemas.keys().map(|name| format!("#/components/schemas/{name}")).collect();
    assert_eq!(found, there.iter().map(String::as_str).collect());
}

/// The members that a schema requires are there, and those that it forbids are not.
#[track_caller]
fn fits(document: &Value, schema: &str, value: &Value) {
    let schema = &document["components"]["schemas"][schema];
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        assert!(value.get(name).is_some(), "no {name} in {value}");
    }
    for (name, _) in value.as_object().expect("an object") {
        assert!(schema["properties"].get(name).is_some(), "{name} is not described");
    }
}

#[track_caller]
fn check(document: &Value, route: &Route, answer: &Answer) {
    let title = route.title();
    assert!(matches!(answer.status, 200 | 307), "{title}: {} {}", answer.status, answer.text());
    assert_eq!(answer.status == 307, route.returns == Returns::Redirect, "{title}");
    let content = &operation(document, route)["responses"]["200"]["content"];
    if answer.status == 200 {
        let kind = answer.header("content-type").expect("it has a type");
        assert!(content.get(kind).is_some(), "{title}: {kind} is not among {content}");
    }
    if route.returns == Returns::List && answer.header("content-type") == Some("application/json") {
        assert!(answer.json()["columns"].as_array().is_some_and(|it| !it.is_empty()), "{title}");
        for column in answer.json()["columns"].as_array().into_iter().flatten() {
            fits(document, "Column", column);
        }
    }
}

#[test]
fn every_example_works() {
    let site = Site::over_fixtures();
    let document = described(&site);
    for route in ROUTES.iter().filter(|route| !route.example.is_empty()) {
        let answer = match route.method {
            "POST" => site.post(route.example, &json!({"sql": "SELECT nameKk FROM regions"})),
            // They need a store and a token: see tests/publishing.rs.
            "PUT" | "DELETE" => continue,
            _ => site.get(route.example),
        };
        check(&document, route, &answer);
        // Findings of one severity may be none, and fixtures have one version each: nothing changed.
        let may_be_empty = route.example.contains("severity=") || route.path.ends_with("/diff");
        let is_list = route.returns == Returns::List && !may_be_empty;
        assert!(!is_list || !answer.rows().is_empty(), "{}: its example finds nothing", route.title());
        let content = &operation(&document, route)["requestBody"]["content"];
        for (kind, body) in content.as_object().into_iter().flatten() {
            let body = &body["example"];
            let text = body.as_str().map_or_else(|| body.to_string(), str::to_owned);
            let request = axum::http::Request::post(route.path).header("content-type", kind);
            let answer = site.send(request.body(axum::body::Body::from(text)).expect("it is a request"));
            check(&document, route, &answer);
            assert_eq!(answer.rows().len(), 1, "{kind}");
        }
    }
}

/// A parameter's own example, or each word that it takes, beside those that the route must have.
#[test]
fn every_parameter_works() {
    let site = Site::over_fixtures();
    let document = described(&site);
    for route in ROUTES.iter().filter(|route| route.method == "GET" && !route.example.is_empty()) {
        let (path, query) = route.example.split_once('?').unwrap_or((route.example, ""));
        let own: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        for parameter in route.parameters {
            let described = operation(&document, route)["parameters"].as_array().into_iter().flatten();
            let mut described = described.filter(|it| it["name"] == parameter.name);
            let schema = described.next().expect("it is described")["schema"].clone();
            let values: Vec<String> = match parameter.kind {
                Kind::OneOf(words) => {
                    assert_eq!(schema["enum"], json!(words()), "{}", parameter.name);
                    words().into_iter().map(str::to_owned).collect()
                }
                Kind::Count { default, most } => vec!["1".to_owned(), default.to_string(), most.to_string()],
                Kind::Degrees(bound) => {
                    vec![bound.to_string(), (-bound).to_string(), parameter.example.to_owned()]
                }
                Kind::Metres(_) => vec!["0".to_owned(), "2500.5".to_owned()],
                Kind::Box => vec!["71,51,72,52".to_owned(), "179.5,-10,-179.5,10.25".to_owned()],
                Kind::Text => vec![parameter.example.to_owned()],
            };
            for value in values.iter().filter(|value| !value.is_empty()) {
                let answer = if parameter.is_in_path {
                    // The other parts of the path are those of the route's example.
                    let (mut path, example) = (route.path.to_owned(), path.split('/'));
                    for (part, known) in route.path.split('/').zip(example) {
                        let filled = if part == format!("{{{}}}", parameter.name) { value } else { known };
                        path = path.replacen(part, filled, usize::from(part.starts_with('{')));
                    }
                    let pairs: Vec<(&str, &str)> = own
                        .iter()
                        .filter(|(name, _)| {
                            // The area of rows in one can be given in several ways, of which one is there.
                            name == "bbox"
                                || route.parameters.iter().any(|it| it.is_required && it.name == name)
                        })
                        .map(|(name, value)| (name.as_str(), value.as_str()))
                        .collect();
                    site.get(&with(&path, &pairs))
                } else {
                    let kept = own.iter().filter(|(name, _)| name != parameter.name);
                    // The parameters of the query in the example are not those of another one.
                    let kept = kept.filter(|(name, _)| {
                        parameter.name != "q" || route.parameters.iter().any(|it| it.name == name)
                    });
                    let mut pairs: Vec<(&str, &str)> =
                        kept.map(|(name, value)| (name.as_str(), value.as_str())).collect();
                    if route.name == "within" {
                        // An area is given in one form.
                        let circle = [("lat", "51.1"), ("lon", "71.4"), ("radius_m", "5000")];
                        let is_circle = circle.iter().any(|(name, _)| *name == parameter.name);
                        let is_form = is_circle || ["polygon", "in"].contains(&parameter.name);
                        pairs.retain(|(name, _)| !is_form || *name != "bbox");
                        pairs.extend(circle.iter().filter(|(name, _)| is_circle && *name != parameter.name));
                    }
                    pairs.push((parameter.name, value));
                    site.get(&with(path, &pairs))
                };
                check(&document, route, &answer);
            }
        }
    }
}

#[test]
fn the_page_has_every_route_and_needs_nothing_else() {
    let site = Site::over_fixtures();
    let answer = site.get("/docs");
    let page = answer.text();
    assert_eq!((answer.status, page), (200, docs_page().as_str()));
    for route in ROUTES {
        assert!(page.contains(&format!("<code>{}</code>", route.title())), "{}", route.title());
        for parameter in route.parameters {
            assert!(
                page.contains(&format!("<code>{}", parameter.name)),
                "{} {}",
                route.title(),
                parameter.name
            );
        }
    }
    let lower = page.to_lowercase();
    for sign in [
        "http://",
        "https://",
        "<script",
        "javascript:",
        "src=",
        "@import",
        "url(",
        " on",
        "<link",
        "<iframe",
    ] {
        let found = lower.find(sign).map(|at| lower[at..].chars().take(60).collect::<String>());
        let is_fine = sign == " on" && !lower.contains(" onclick") && !lower.contains(" onload");
        assert!(found.is_none() || is_fine, "{sign}: {found:?}");
    }
    for link in page.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap_or_default()) {
        let status = site.get(&link.replace("&amp;", "&").replace("&gt;", ">").replace("&lt;", "<")).status;
        assert!(matches!(status, 200 | 307), "{link}: {status}");
    }
    let front = site.get("/");
    assert_eq!((front.status, front.header("location")), (307, Some("/docs")));
}

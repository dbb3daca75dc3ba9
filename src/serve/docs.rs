//! The routes for people: one page that needs no network and no script. Each route is a form that asks
//! it.

use std::fmt::Write;

use super::route::{Kind, Parameter, Route};
use super::routes::ROUTES;

const START: &str = r#"<!doctype html><html lang="en"><meta charset="utf-8"><title>derek</title>
<meta name="viewport" content="width=device-width"><style>
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}
details{border-top:1px solid #ccc;padding:.5rem 0}summary{cursor:pointer}code,input,textarea{font:14px ui-monospace,monospace}
label{display:grid;grid-template-columns:8rem 16rem 1fr;gap:1rem;margin:.3rem 0;align-items:baseline}small{color:#555}
textarea{width:100%}input,select{width:100%;box-sizing:border-box}@media(max-width:40rem){label{grid-template-columns:1fr;gap:0}}
</style><h1>derek</h1>
<p>Published open data as typed tables: SQL, rows and nearest look-ups. For programs: <a href="/openapi.json">openapi.json</a>.
Lists are json, ndjson, csv, arrow, parquet or geojson by <code>format=</code> or the header Accept.</p>
"#;

/// The page.
#[must_use]
pub fn page() -> String {
    let mut page = START.to_owned();
    for route in ROUTES {
        let (title, summary) = (escaped(&route.title()), escaped(route.summary));
        let _ = write!(page, "<details><summary><code>{title}</code> {summary}</summary>");
        if !route.description.is_empty() {
            let _ = write!(page, "<p>{}</p>", escaped(route.description));
        }
        if route.method == "GET" && !route.example.is_empty() {
            let example = escaped(route.example);
            let _ = write!(page, "<p>Example: <a href=\"{example}\"><code>{example}</code></a></p>");
        }
        form(route, &mut page);
        page.push_str("</details>\n");
    }
    page
}

/// A form for a route whose path has no parts to fill in; the parameters alone for one that has.
fn form(route: &Route, page: &mut String) {
    let is_fixed = !route.path.contains('{');
    if is_fixed && route.method == "GET" && !route.parameters.is_empty() {
        let _ = write!(page, "<form action=\"{}\">", route.path);
    }
    for parameter in route.parameters {
        let (name, description) = (parameter.name, escaped(parameter.description));
        let place = if parameter.is_in_path { " (in the path)" } else { "" };
        let required = if parameter.is_required { " required" } else { "" };
        let field = field(parameter, required);
        let _ = write!(
            page,
            "<label><code>{name}{place}</code>{field}<small>{description}{required}</small></label>"
        );
    }
    if is_fixed && route.method == "GET" && !route.parameters.is_empty() {
        page.push_str("<button>Ask</button></form>");
    }
}

fn field(parameter: &Parameter, required: &str) -> String {
    let (name, example) = (parameter.name, escaped(parameter.example));
    match parameter.kind {
        Kind::OneOf(words) => {
            let options = words().into_iter().map(|word| format!("<option>{word}</option>"));
            format!("<select name=\"{name}\"><option></option>{}</select>", options.collect::<String>())
        }
        Kind::Count { default, most } => {
            format!("<input name=\"{name}\" type=number min=1 max={most} placeholder={default}>")
        }
        _ => format!("<input name=\"{name}\" placeholder=\"{example}\"{required}>"),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

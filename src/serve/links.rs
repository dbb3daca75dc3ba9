//! `GET /links`: which datasets refer to which, how well, as a list or as a text for a picture.

use std::fmt::Write;

use axum::response::Response;
use serde_json::{Value, json};

use super::App;
use super::format::accepted;
use super::request::Call;
use super::response::{bytes, list as list_of, not_modified, tagged};
use crate::catalog::{Dataset, Link, Snapshot, Target};
use crate::encode::{Format, Outcome};
use crate::error::{Code, Error, Result};

/// Languages of graphs, beside the forms of a list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Picture {
    /// Graphviz.
    Dot,
    /// Mermaid, which Markdown pages draw.
    Mermaid,
}

impl Picture {
    pub(super) const ALL: [Self; 2] = [Self::Dot, Self::Mermaid];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Dot => "dot",
            Self::Mermaid => "mermaid",
        }
    }

    pub(super) const fn content_type(self) -> &'static str {
        match self {
            Self::Dot => "text/vnd.graphviz; charset=utf-8",
            Self::Mermaid => "text/plain; charset=utf-8",
        }
    }
}

/// Looks up, where queries run, what references lead to whose rows lie on disk: those of one dataset and to it, or
/// all. An answer that is made of their counts then finds them.
///
/// # Errors
/// `query.busy`, `query.timeout`.
pub(super) async fn counted(app: &App, snapshot: &Snapshot, name: Option<&str>) -> Result<()> {
    if snapshot.uncounted(name).is_empty() {
        return Ok(());
    }
    // One at a time: those that ask for the same wait here, and not in the turns of queries.
    let timeout = app.queries.limits().timeout;
    let late = |_| {
        Error::new(Code::QueryTimeout, "references are being looked up: it takes longer than a query may")
    };
    let _turn = tokio::time::timeout(timeout, app.counting.lock()).await.map_err(late)?;
    let uncounted = snapshot.uncounted(name);
    if uncounted.is_empty() {
        return Ok(());
    }
    app.queries.apart(move || uncounted.iter().try_for_each(|dataset| dataset.count())).await
}

/// What tells an answer in which counts are missing, since rows are damaged, from the whole one.
pub(super) fn completeness(mut datasets: impl Iterator<Item = impl AsRef<Dataset>>) -> &'static str {
    if datasets.any(|dataset| dataset.as_ref().is_uncountable()) { "in part" } else { "" }
}

/// The table `system.links`, or a graph of it.
pub(super) async fn list(call: Call) -> Result<Response> {
    let params = call.params()?;
    let snapshot = call.app.catalog().snapshot();
    let versions: Vec<&str> = snapshot.datasets().map(|dataset| dataset.fingerprint()).collect();
    let named = params.text("format").unwrap_or_default();
    let picture = Picture::ALL.into_iter().find(|picture| picture.name().eq_ignore_ascii_case(named));
    let format = match picture {
        Some(_) => Format::Json,
        None => accepted(params.text("format"), call.headers())?,
    };
    counted(&call.app, &snapshot, None).await?;
    let versions = versions.into_iter().chain([completeness(snapshot.datasets())]);
    let fingerprint = call.fingerprint(format, versions);
    if call.has(fingerprint) {
        return Ok(not_modified(fingerprint));
    }
    if let Some(picture) = picture {
        return Ok(tagged(bytes(picture.content_type(), drawn(&snapshot, picture)), fingerprint));
    }
    let table = snapshot.system().table("links");
    let table = table.ok_or_else(|| Error::new(Code::Internal, "the catalog has no links"))?;
    let outcome = Outcome { elapsed: call.started.elapsed(), ..Outcome::default() };
    Ok(tagged(list_of(table, (format, params.language()?), &outcome)?, fingerprint))
}

/// Datasets as nodes, links as arrows: dashed where what they lead to is not published.
fn drawn(snapshot: &Snapshot, picture: Picture) -> String {
    let mut names: Vec<&str> = snapshot.links().flat_map(|link| [link.from.name(), link.to()]).collect();
    names.sort_unstable();
    names.dedup();
    let node = |name: &str| names.binary_search(&name).unwrap_or_default();
    let mut text = match picture {
        Picture::Dot => "digraph links {\n  rankdir=LR;\n  node [shape=box];\n".to_owned(),
        Picture::Mermaid => "graph LR\n".to_owned(),
    };
    for (at, name) in names.iter().enumerate() {
        let _ = match picture {
            Picture::Dot => writeln!(text, "  n{at} [label=\"{}\"];", quoted(name)),
            Picture::Mermaid => writeln!(text, "  n{at}[\"{}\"]", quoted(name)),
        };
    }
    for link in snapshot.links() {
        let (from, to, label) = (node(link.from.name()), node(link.to()), quoted(&label(link)));
        let is_dashed = link.target.is_none();
        let _ = match picture {
            Picture::Dot => {
                let style = if is_dashed { ", style=dashed" } else { "" };
                writeln!(text, "  n{from} -> n{to} [label=\"{label}\"{style}];")
            }
            Picture::Mermaid => {
                let arrow = if is_dashed { "-.->" } else { "-->" };
                writeln!(text, "  n{from} {arrow}|\"{label}\"| n{to}")
            }
        };
    }
    if picture == Picture::Dot {
        text.push_str("}\n");
    }
    text
}

/// The field, and the share of its values that lead to an object.
fn label(link: &Link) -> String {
    let Some(target) = &link.target else { return format!("{}: not published", link.path.shown) };
    match target.counts().map(|counts| counts.share()) {
        None => format!("{}: cannot be read", link.path.shown),
        Some(None) => format!("{}: no values", link.path.shown),
        // Rounded down: 100 % means all.
        Some(Some(share)) => format!("{}: {} %", link.path.shown, (share * 1e3).floor() / 10.0),
    }
}

/// A text within double quotes, in both languages.
fn quoted(text: &str) -> String {
    let sign = |sign: char| match sign {
        '"' => "'".to_owned(),
        '\\' => "/".to_owned(),
        '\n' | '\r' => " ".to_owned(),
        other => other.to_string(),
    };
    text.chars().map(sign).collect()
}

/// The links out of a dataset and into it, for its page.
pub(super) fn of_dataset(snapshot: &Snapshot, name: &str) -> Value {
    let out = snapshot.links().filter(|link| link.from.name() == name);
    json!({
        "out": out.map(|link| described(link)).collect::<Vec<_>>(),
        "in": snapshot.links_to(name).map(|link| described(link)).collect::<Vec<_>>(),
    })
}

fn described(link: &Link) -> Value {
    let target = link.target.as_ref();
    let counts = target.and_then(Target::counts);
    json!({
        "dataset": link.from.name(),
        "field": link.path.shown,
        "to_dataset": link.to(),
        "to_field": link.to_field(),
        "is_resolved": target.is_some(),
        "values": counts.map(|it| it.values),
        "resolved": counts.map(|it| it.resolved),
        "dangling": counts.map(|it| it.dangling()),
        "distinct": counts.map(|it| it.distinct),
        "share": counts.and_then(|it| it.share()),
    })
}

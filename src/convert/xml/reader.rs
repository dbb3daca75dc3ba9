//! Reads a document from XML.

use quick_xml::events::BytesStart;
use serde_json::{Map, Value};

use super::elements::Elements;
use super::reading::Reading;
use crate::convert::document;
use crate::convert::fault::Fault;
use crate::convert::kind::Fields;

/// The document of a text.
pub(super) fn document(text: &str) -> Result<Value, Fault> {
    let mut meta = Map::new();
    let mut fields = Map::new();
    // The rows may stand before the fields that type them.
    parts(text, |elements, name, start| {
        match name {
            "meta" => meta = object(elements.value(start, Reading::Meta)?),
            "fields" => fields = object(elements.value(start, Reading::Fields)?),
            _ => elements.skip()?,
        }
        Ok(())
    })?;
    if !meta.contains_key("fields") {
        let kinds = Fields::parse(&Value::Object(fields.clone()));
        return rows(text, &kinds).and_then(|rows| document::normal(&document::join(meta, fields, rows)));
    }
    Err(Fault::new("found 'fields' inside of 'meta', expected it beside 'meta'"))
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// Hands the elements below the root to `take`, each once at most.
fn parts<'a>(
    text: &'a str,
    mut take: impl FnMut(&mut Elements<'a>, &str, &BytesStart<'a>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut elements = Elements::of(text);
    let root = elements.root()?;
    elements.attributes(&root)?;
    let mut met = Vec::new();
    while let Some(start) = elements.child()? {
        let name = start.local_name().into_inner().to_owned();
        if !matches!(name.as_str(), "meta" | "fields" | "data") {
            return Err(
                elements.fault(&format!("found the element '{name}', expected meta, fields and data"))
            );
        }
        if met.contains(&name) {
            return Err(
                elements.fault(&format!("found the element '{name}' a second time, expected it once"))
            );
        }
        elements.path.push(name.clone());
        take(&mut elements, &name, &start)?;
        elements.path.pop();
        met.push(name);
    }
    if !met.iter().any(|name| name == "data") {
        return Err(elements.fault("found no element 'data', expected the rows in it"));
    }
    elements.end()
}

fn rows(text: &str, fields: &Fields) -> Result<Vec<Value>, Fault> {
    let mut rows = Vec::new();
    parts(text, |elements, name, _| {
        if name != "data" {
            return elements.skip();
        }
        elements.path.clear();
        while let Some(start) = elements.child()? {
            elements.row = Some(rows.len() as u64 + 1);
            rows.push(elements.value(&start, Reading::Members(fields))?);
        }
        elements.row = None;
        Ok(())
    })?;
    Ok(rows)
}

//! Which fields are others than in the version before?

use std::collections::BTreeMap;

use arrow::datatypes::{DataType, FieldRef, Schema};

use super::{Store, VersionRecord};
use crate::document::Document;
use crate::encode::attribute::{DATAPATH, KEY, attribute};
use crate::encode::type_name;
use crate::geo::is_point;

impl Store {
    /// What a document's fields differ in from a version's: `+ phone String; - fax; id Int → String`. Empty
    /// where they do not, or where that version cannot be read.
    pub(super) fn schema_changes(&self, last: &VersionRecord, document: &Document) -> String {
        let before = if last.is_readable() { self.on_disk(last).ok() } else { None };
        before.map(|before| changes(&before.document.schema, &document.schema)).unwrap_or_default()
    }
}

fn changes(before: &Schema, now: &Schema) -> String {
    let (before, now) = (kinds(before), kinds(now));
    let added = now.iter().filter(|(path, _)| !before.contains_key(*path));
    let gone = before.keys().filter(|path| !now.contains_key(*path));
    let other = before.iter().filter_map(|(path, kind)| {
        let now = now.get(path).filter(|now| *now != kind)?;
        Some(format!("{path} {kind} → {now}"))
    });
    let added = added.map(|(path, kind)| format!("+ {path} {kind}"));
    added.chain(gone.map(|path| format!("- {path}"))).chain(other).collect::<Vec<_>>().join("; ")
}

/// The type of each field by its path, and what it is to others.
fn kinds(schema: &Schema) -> BTreeMap<String, String> {
    let mut kinds = BTreeMap::new();
    schema.fields().iter().for_each(|field| collect(field.name().clone(), field, &mut kinds));
    kinds
}

fn collect(path: String, field: &FieldRef, kinds: &mut BTreeMap<String, String>) {
    let mut kind = type_name(field);
    if attribute(field, KEY) == Some("true") {
        kind.push_str(" (key)");
    }
    if let Some(datapath) = attribute(field, DATAPATH) {
        kind.push_str(" of ");
        kind.push_str(datapath);
    }
    match field.data_type() {
        _ if is_point(field) => {}
        DataType::Struct(members) => {
            members.iter().for_each(|member| collect(format!("{path}.{}", member.name()), member, kinds));
        }
        DataType::List(element) => collect(format!("{path}[]"), element, kinds),
        _ => {}
    }
    kinds.insert(path, kind);
}

//! `derek show`.

use std::process::ExitCode;

use clap::Args;
use comfy_table::Table;

use super::{Documents, complain, load, print};
use crate::catalog::{Dataset, Link, LoadOutcome};
use crate::document::FieldSpec;
use crate::encode::Language;
use crate::error::Result;

/// Arguments of `derek show`.
#[derive(Debug, Args)]
pub(super) struct Show {
    /// The dataset's name: its `apiUri`.
    dataset: String,
    #[command(flatten)]
    documents: Documents,
}

impl Show {
    pub(super) fn run(&self) -> Result<ExitCode> {
        let Documents { paths, store, .. } = &self.documents;
        let (catalog, loaded) = load::load(paths, store.folder(), self.documents.options())?;
        for file in &loaded {
            if let LoadOutcome::Refused(error) = &file.outcome {
                complain(error);
            }
        }
        print(describe(catalog.snapshot().require(&self.dataset)?).as_bytes())?;
        Ok(ExitCode::SUCCESS)
    }
}

/// The dataset as a person reads it.
fn describe(dataset: &Dataset) -> String {
    let document = &dataset.document;
    let mut lines = vec![dataset.name().to_owned()];
    lines.extend(document.meta.names.iter().filter(|name| !name.is_empty()).map(|name| format!("  {name}")));
    let (points, memory_bytes) = (dataset.point_count(), dataset.memory_bytes());
    lines.push(format!("  {} rows, {points} points, {memory_bytes} bytes in memory", document.rows));
    let mut table = Table::new();
    table.load_preset(comfy_table::presets::UTF8_FULL_CONDENSED);
    table.set_header(["field", "type", "key", "datapath", "Kazakh", "Russian", "English"]);
    add_fields(&mut table, "", &document.fields);
    lines.push(table.to_string());
    lines.extend(document.orders.iter().map(|(field, counts)| {
        let order = if document.is_swapped(field) { "swapped" } else { "as read" };
        let (as_read, swapped, undecided) = (counts.as_read, counts.swapped, counts.undecided);
        format!("points of {field}: {order} ({as_read} inside as read, {swapped} inside swapped, {undecided} undecided)")
    }));
    lines.extend(dataset.links.iter().map(|link| refers(link)));
    lines.extend(dataset.findings().totals().map(|(rule, field, total)| {
        let place = if field.is_empty() { String::new() } else { format!(" in {field}") };
        format!("{} {}{place}: {total}, {}", rule.severity(), rule.code(), rule.sentence(Language::English))
    }));
    lines.push(String::new());
    lines.join("\n")
}

/// What a field refers to, and how many of its values lead to an object.
fn refers(link: &Link) -> String {
    let (field, datapath) = (&link.path.shown, &link.datapath);
    match &link.target {
        None => format!("{field} refers to {datapath}: not among these PATHs"),
        Some(target) => {
            let leads = match target.counts() {
                Some(counts) => format!("{} of {} values", counts.resolved, counts.values),
                None => "it cannot be read".to_owned(),
            };
            format!("{field} refers to {}.{}: {leads}", link.to(), link.to_field())
        }
    }
}

fn add_fields(table: &mut Table, prefix: &str, fields: &[FieldSpec]) {
    for field in fields {
        let path = format!("{prefix}{}", field.name);
        let [kk, ru, en] = &field.labels;
        let key = if field.is_key { "yes" } else { "" };
        let datapath = field.datapath.as_deref().unwrap_or_default();
        table.add_row([&path, &field.declared_type, key, datapath, kk, ru, en]);
        add_fields(table, &format!("{path}."), &field.fields);
        if let Some(element) = &field.element {
            add_fields(table, &format!("{path}[]."), &element.fields);
        }
    }
}

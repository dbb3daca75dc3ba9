//! Loads documents for a command: with a progress bar where there is much to read and someone to see it.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use comfy_table::{Cell, CellAlignment, Table};
use indicatif::{ProgressBar, ProgressStyle};

use crate::catalog::{Access, Catalog, LoadOptions, LoadOutcome, Loaded, Store, VersionRecord, find};
use crate::document::Severity;
use crate::error::{Code, Error, Result};

/// Below this, loading is over before a bar is read.
const BAR_FROM_BYTES: u64 = 50 << 20;

/// Loads what PATHs hold, or what a store has.
///
/// # Errors
/// `server.setup` where both are given: to read a store publishes nothing.
pub(super) fn load(
    paths: &[PathBuf],
    store: Option<&Path>,
    options: LoadOptions<'_>,
) -> Result<(Catalog, Vec<Loaded>)> {
    let mut catalog = Catalog::new(paths, options);
    if let Some(store) = store {
        if !paths.is_empty() {
            let message = "this command reads PATHs or a store, not both";
            return Err(Error::new(Code::ServerSetup, message)
                .hint("derek load PATH… --store DIR publishes documents into a store"));
        }
        catalog = catalog.with_store(Arc::new(Store::open(store, Access::Read)?));
    }
    let loaded = load_all(&catalog)?;
    Ok((catalog, loaded))
}

/// Loads what a catalog's PATHs hold.
pub(super) fn load_all(catalog: &Catalog) -> Result<Vec<Loaded>> {
    let files = find(catalog.paths())?;
    let sizes = files.iter().filter_map(|file| file.metadata().ok()).map(|it| it.len());
    let bytes = sizes.sum();
    if bytes < BAR_FROM_BYTES || !std::io::stderr().is_terminal() {
        return catalog.load_all(None);
    }
    let style = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {bytes_per_sec} {eta}");
    let bar = ProgressBar::new(bytes).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let loaded = catalog.load_all(Some(&|bytes| bar.inc(bytes)));
    bar.finish_and_clear();
    loaded
}

/// That a file is not what its dataset is now.
pub(super) fn superseded(file: &Path, last: &VersionRecord) -> String {
    let what = if last.is_deleted { "says that it was deleted" } else { "was published after it" };
    let VersionRecord { dataset, version, .. } = last;
    format!(
        "left as it is: {dataset}, {}: version {version} {what}; derek load publishes it again",
        file.display()
    )
}

/// What was loaded, on one screen: a line a dataset, then a line a file that was refused.
pub(super) fn summary(loaded: &[Loaded]) -> String {
    let mut table = Table::new();
    table.load_preset(comfy_table::presets::UTF8_FULL_CONDENSED);
    table.set_header(["dataset", "rows", "points", "errors", "warnings", "notes", "ms", "file"]);
    let mut others = Vec::new();
    for Loaded { file, outcome, elapsed } in loaded {
        let right = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
        match outcome {
            LoadOutcome::Published(dataset) => {
                let findings = &dataset.document.findings;
                let count = |severity| right(findings.total_of(severity).to_string());
                table.add_row([
                    Cell::new(dataset.name()),
                    right(dataset.document.rows.to_string()),
                    right(dataset.point_count().to_string()),
                    count(Severity::Error),
                    count(Severity::Warning),
                    count(Severity::Note),
                    right(format!("{:.1}", elapsed.as_secs_f64() * 1e3)),
                    Cell::new(file.display()),
                ]);
            }
            LoadOutcome::Refused(error) => others.push(format!("refused [{}]: {error}\n", error.code)),
            LoadOutcome::Superseded(last) => others.push(format!("{}\n", superseded(file, last))),
            LoadOutcome::Removed(name) => {
                others.push(format!("removed: {name}, read from {}\n", file.display()));
            }
        }
    }
    format!("{table}\n{}", others.concat())
}

//! `derek load`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;

use super::{DocumentLimits, Retention, Strictness, load, print};
use crate::catalog::{Catalog, LoadOptions, LoadOutcome};
use crate::error::Result;

/// Arguments of `derek load`.
#[derive(Debug, Args)]
pub(super) struct Publish {
    /// Documents (.json, .xml, either as .gz or .zst), or folders that are searched for them; templates (.xlsx, .csv).
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The folder of the store; it is made where there is none.
    #[arg(long, env = "DEREK_STORE", value_name = "DIR")]
    store: PathBuf,
    #[command(flatten)]
    retention: Retention,
    #[command(flatten)]
    strictness: Strictness,
    #[command(flatten)]
    limits: DocumentLimits,
}

impl Publish {
    pub(super) fn run(&self) -> Result<ExitCode> {
        let options = LoadOptions { is_strict: self.strictness.strict, ..self.limits.options() };
        let store = Arc::new(self.retention.open(&self.store)?.with_memory_bytes(0));
        let before = store.versions()?.len();
        let catalog = Catalog::new(&self.paths, options).with_store(Arc::clone(&store));
        let loaded = load::load_all(&catalog)?;
        // What the store had already is not what was asked for.
        let of_paths: Vec<_> = loaded.into_iter().filter(|it| !it.file.starts_with(&self.store)).collect();
        print(load::summary(&of_paths).as_bytes())?;
        let new = store.versions()?.len() - before;
        print(format!("{new} new versions in {}\n", self.store.display()).as_bytes())?;
        let is_refused = of_paths.iter().any(|file| matches!(file.outcome, LoadOutcome::Refused(_)));
        Ok(if is_refused { ExitCode::from(1) } else { ExitCode::SUCCESS })
    }
}

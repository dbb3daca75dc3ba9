//! `derek list`.

use std::process::ExitCode;

use clap::Args;

use super::{Documents, load, print};
use crate::catalog::LoadOutcome;
use crate::error::Result;

/// Arguments of `derek list`.
#[derive(Debug, Args)]
pub(super) struct List {
    #[command(flatten)]
    documents: Documents,
}

impl List {
    pub(super) fn run(&self) -> Result<ExitCode> {
        let (_catalog, loaded) =
            load::load(&self.documents.paths, self.documents.store.folder(), self.documents.options())?;
        print(load::summary(&loaded).as_bytes())?;
        let is_refused = loaded.iter().any(|file| matches!(file.outcome, LoadOutcome::Refused(_)));
        Ok(if is_refused { ExitCode::from(1) } else { ExitCode::SUCCESS })
    }
}

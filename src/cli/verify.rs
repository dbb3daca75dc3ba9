//! `derek verify`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::{complain, print};
use crate::catalog::{Access, Store};
use crate::error::Result;

/// Arguments of `derek verify`.
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// The folder of the store.
    #[arg(long, env = "DEREK_STORE", value_name = "DIR")]
    store: PathBuf,
}

impl Verify {
    pub(super) fn run(&self) -> Result<ExitCode> {
        let store = Store::open(&self.store, Access::Read)?;
        let (versions, damaged) = (store.versions()?.len(), store.verify()?);
        for damage in &damaged {
            print(format!("{} v{}: ", damage.dataset, damage.version).as_bytes())?;
            complain(&damage.error);
        }
        let databases = store.damaged_databases();
        databases.iter().for_each(complain);
        let count = damaged.len() + databases.len();
        print(format!("{versions} versions, {count} damaged\n").as_bytes())?;
        Ok(if count == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
    }
}

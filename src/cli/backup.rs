//! `derek backup`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::{complain, print};
use crate::catalog::{Access, Store};
use crate::error::Result;

/// Arguments of `derek backup`.
#[derive(Debug, Args)]
pub(super) struct Backup {
    /// The folder of the copy; it is a store itself, and only what is new is copied.
    #[arg(value_name = "TO")]
    to: PathBuf,
    /// The folder of the store.
    #[arg(long, env = "DEREK_STORE", value_name = "DIR")]
    store: PathBuf,
}

impl Backup {
    pub(super) fn run(&self) -> Result<ExitCode> {
        let done = Store::open(&self.store, Access::Read)?.backup(&self.to)?;
        let (versions, copied) = (done.versions - done.missing.len().min(done.versions), done.copied);
        done.missing.iter().for_each(complain);
        print(format!("{versions} versions in {}, {copied} of them new\n", self.to.display()).as_bytes())?;
        Ok(if done.missing.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
    }
}

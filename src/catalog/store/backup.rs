//! A copy of a store: the ledger of one moment, and every version that it has.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::folder::{Folder, move_into_place};
use super::ledger::Ledger;
use super::lock::WriterLock;
use super::{Store, cannot};
use crate::error::{Code, Error, Result};

/// What a backup did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backup {
    /// Versions that the copy has.
    pub versions: usize,
    /// Those of them that were not there before.
    pub copied: usize,
}

impl Store {
    /// Copies the store into a folder, which is then a store itself; what is there from the last time is not
    /// copied again. Others may publish meanwhile: what they publish is in the next backup.
    ///
    /// # Errors
    /// `store.damaged` names what cannot be copied because it is not as it was written; `store.io`.
    pub fn backup(&self, to: &Path) -> Result<Backup> {
        for folder in ["incoming", "versions"] {
            fs::create_dir_all(to.join(folder)).map_err(|error| cannot(&error, "make", to))?;
        }
        if canonical(to)?.starts_with(canonical(&self.root)?) {
            let message = format!("{} is the store itself, or within it", to.display());
            return Err(Error::new(Code::StoreIo, message).hint("copy into a folder of its own"));
        }
        // Nobody may publish into the copy meanwhile, or make it at the same time.
        let _lock = WriterLock::take(to)?;
        self.copy_to(to)
    }

    fn copy_to(&self, to: &Path) -> Result<Backup> {
        // The ledger first: every version that it has is whole, and stays.
        let (fresh, ledger) = (to.join("incoming").join("ledger.sqlite"), to.join("ledger.sqlite"));
        let _ = fs::remove_file(&fresh);
        self.ledger.copy(&fresh)?;
        let records = Ledger::open_file(&fresh)?.versions()?;
        let mut copied = 0;
        let present: Vec<_> = records.iter().filter(|record| record.is_readable()).collect();
        for record in &present {
            let (from, into) = (self.folder(record), to.join("versions").join(&record.folder));
            let is_there =
                Folder::open(&into, &record.manifest_hash).and_then(|folder| folder.verify()).is_ok();
            if is_there {
                continue;
            }
            let source = Folder::open(&from, &record.manifest_hash).and_then(|folder| folder.verify());
            let incoming = to.join("incoming").join("version");
            let copied_folder = source
                .and_then(|()| copy_folder(&from, &incoming).map_err(|error| cannot(&error, "copy", &from)));
            if copied_folder.is_err() && !self.is_there(record)? {
                // It was dropped meanwhile: the ledger of this moment has it no more.
                return self.copy_to(to);
            }
            copied_folder?;
            move_into_place(&incoming, &into)?;
            Folder::open(&into, &record.manifest_hash)?.verify()?;
            copied += 1;
        }
        if let Some(queries) = self.queries()? {
            let fresh = to.join("incoming").join("queries.sqlite");
            let _ = fs::remove_file(&fresh);
            queries.copy(&fresh)?;
            replace(&fresh, &to.join("queries.sqlite"))?;
        }
        replace(&fresh, &ledger)?;
        File::open(to).and_then(|folder| folder.sync_all()).map_err(|error| cannot(&error, "sync", to))?;
        Ok(Backup { versions: present.len(), copied })
    }
}

fn canonical(path: &Path) -> Result<PathBuf> {
    path.canonicalize().map_err(|error| cannot(&error, "find", path))
}

/// Puts a database in the place of another one, with what was written to that since.
fn replace(fresh: &Path, database: &Path) -> Result<()> {
    for rest in ["-wal", "-shm"] {
        let mut name = database.as_os_str().to_owned();
        name.push(rest);
        let _ = fs::remove_file(name);
    }
    let synced = File::open(fresh).and_then(|file| file.sync_all());
    synced.and_then(|()| fs::rename(fresh, database)).map_err(|error| cannot(&error, "write", database))
}

/// Copies the files of a folder, synced.
fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    let _ = fs::remove_dir_all(to);
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let (source, target) = (entry?.path(), to);
        let target = target.join(source.file_name().unwrap_or_default());
        fs::copy(&source, &target)?;
        File::open(&target)?.sync_all()?;
    }
    File::open(to)?.sync_all()
}

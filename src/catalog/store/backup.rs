//! A copy of a store: the ledger of one moment, and every version that it has.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use super::folder::{Folder, move_into_place};
use super::{Store, cannot};
use crate::error::Result;

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
        // The ledger first: every version that it has is whole, and stays.
        let (fresh, ledger) = (to.join("incoming").join("ledger.sqlite"), to.join("ledger.sqlite"));
        let _ = fs::remove_file(&fresh);
        self.ledger.copy(&fresh)?;
        let records = self.versions()?;
        let mut copied = 0;
        let present: Vec<_> = records.iter().filter(|record| record.is_readable()).collect();
        for record in &present {
            let (from, into) = (self.folder(record), to.join("versions").join(&record.folder));
            let is_there =
                Folder::open(&into, &record.manifest_hash).and_then(|folder| folder.verify()).is_ok();
            if is_there {
                continue;
            }
            Folder::open(&from, &record.manifest_hash)?.verify()?;
            let incoming = to.join("incoming").join("version");
            copy_folder(&from, &incoming).map_err(|error| cannot(&error, "copy", &from))?;
            move_into_place(&incoming, &into)?;
            Folder::open(&into, &record.manifest_hash)?.verify()?;
            copied += 1;
        }
        // What was written to it the last time belongs to the ledger before.
        for rest in ["ledger.sqlite-wal", "ledger.sqlite-shm"] {
            let _ = fs::remove_file(to.join(rest));
        }
        let synced = File::open(&fresh).and_then(|file| file.sync_all());
        synced
            .and_then(|()| fs::rename(&fresh, &ledger))
            .map_err(|error| cannot(&error, "write", &ledger))?;
        File::open(to).and_then(|folder| folder.sync_all()).map_err(|error| cannot(&error, "sync", to))?;
        Ok(Backup { versions: present.len(), copied })
    }
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

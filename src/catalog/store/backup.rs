//! A copy of a store: the ledger of one moment, and every version that it has.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::database::{fault, open_readable};
use super::folder::{Folder, move_into_place};
use super::ledger::{Ledger, VersionRecord};
use super::lock::WriterLock;
use super::{DATABASES, Store, cannot};
use crate::error::{Code, Error, Result};

/// What a backup did.
#[derive(Debug)]
pub struct Backup {
    /// Versions that the copy has.
    pub versions: usize,
    /// Those of them that were not there before.
    pub copied: usize,
    /// Versions that it has not, since they are not as they were written, and databases beside the ledger that
    /// cannot be copied.
    pub missing: Vec<Error>,
}

impl Store {
    /// Copies the store into a folder, which is then a store itself; what is there from the last time is not
    /// copied again. Others may publish meanwhile: what they publish is in the next backup. What is damaged here
    /// is told, and does not stop the rest; where the copy has it whole from the last time, it stays.
    ///
    /// # Errors
    /// `store.damaged` where a ledger cannot be read; `store.locked` where somebody uses the copy; `store.io`.
    pub fn backup(&self, to: &Path) -> Result<Backup> {
        if canonical(to)?.starts_with(canonical(&self.root)?) {
            let message = format!("{} is the store itself, or within it", to.display());
            return Err(Error::new(Code::StoreIo, message).hint("copy into a folder of its own"));
        }
        for folder in ["incoming", "versions"] {
            fs::create_dir_all(to.join(folder)).map_err(|error| cannot(&error, "make", to))?;
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
        require_copy(&ledger, &records)?;
        let (mut copied, mut missing) = (0, Vec::new());
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
            match copied_folder {
                // A disk that takes no more takes nothing of the next one either.
                Err(error) if error.code != Code::StoreDamaged => return Err(error),
                Err(error) => {
                    missing.push(error);
                    continue;
                }
                Ok(()) => {}
            }
            let _ = fs::remove_dir_all(&into);
            move_into_place(&incoming, &into)?;
            Folder::open(&into, &record.manifest_hash)?.verify()?;
            copied += 1;
        }
        replace(&fresh, &ledger)?;
        missing.extend(DATABASES.iter().filter_map(|name| self.copy_database(name, to).err()));
        File::open(to).and_then(|folder| folder.sync_all()).map_err(|error| cannot(&error, "sync", to))?;
        Ok(Backup { versions: present.len(), copied, missing })
    }

    /// Copies a database of this moment into a folder, where there is one. What is there from the last time gives way
    /// to it, damaged or not: the store that is copied has all of it.
    fn copy_database(&self, name: &str, to: &Path) -> Result<()> {
        let (from, fresh, database) = (self.root.join(name), to.join("incoming").join(name), to.join(name));
        if !from.exists() {
            return Ok(());
        }
        let _ = fs::remove_file(&fresh);
        let copied = open_readable(&from)
            .and_then(|connection| connection.execute("VACUUM INTO ?1", [fresh.to_string_lossy()]));
        copied.map_err(|error| fault(&from, &error))?;
        match replace(&fresh, &database) {
            Err(error) if error.code == Code::StoreDamaged => {
                for ending in ["-wal", "-shm", "-journal"] {
                    let _ = fs::remove_file(to.join(format!("{name}{ending}")));
                }
                put_in_place(&fresh, &database)
            }
            replaced => replaced,
        }
    }
}

/// That a folder holds nothing, or a copy of this store: no version that this one has not.
fn require_copy(ledger: &Path, records: &[VersionRecord]) -> Result<()> {
    if !ledger.exists() {
        return Ok(());
    }
    let name =
        |record: &VersionRecord| (record.dataset.clone(), record.version, record.manifest_hash.clone());
    let known: HashSet<_> = records.iter().map(name).collect();
    let there = Ledger::open_file(ledger)?.versions()?;
    let Some(other) = there.iter().find(|record| !known.contains(&name(record))) else { return Ok(()) };
    let message = format!(
        "{} is another store: it has version {} of '{}', which this one has not",
        ledger.display(),
        other.version,
        other.dataset
    );
    Err(Error::new(Code::StoreIo, message).hint("copy into a folder of its own"))
}

/// Writes the log of a database into it, and removes the log.
fn put_together(database: &Path) -> rusqlite::Result<()> {
    let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    connection.close().map_err(|(_, error)| error)
}

/// The place of a folder, which may not be there yet.
fn canonical(path: &Path) -> Result<PathBuf> {
    let there = path.ancestors().find_map(|above| Some((above, above.canonicalize().ok()?)));
    if let Some((above, found)) = there {
        return Ok(found.join(path.strip_prefix(above).unwrap_or(Path::new(""))));
    }
    let here = std::env::current_dir().map_err(|error| cannot(&error, "find", path))?;
    Ok(here.join(path))
}

/// Puts a database in the place of another one, with what was written to that since.
fn replace(fresh: &Path, database: &Path) -> Result<()> {
    // What was written to that since is put into it first: beside another database it would be read as part of it.
    if database.exists() {
        put_together(database).map_err(|error| fault(database, &error))?;
    }
    put_in_place(fresh, database)
}

fn put_in_place(fresh: &Path, database: &Path) -> Result<()> {
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

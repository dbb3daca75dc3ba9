//! What a process left behind that ended while it published: it never counted, and is put away.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::folder::Folder;
use super::{Store, cannot};
use crate::error::Result;

/// What the ledger has of the versions in one folder of `versions`.
#[derive(Debug, Default)]
struct Known {
    last: u32,
    /// Those that have a folder.
    kept: Vec<u32>,
}

impl Store {
    /// Removes what was being received or written, and versions that were dropped. Of versions that the ledger
    /// does not know, those that are whole are moved into the folder `lost`: a publication may have ended between
    /// its move and the ledger's entry, but the ledger may also be an older one than they are. Other folders
    /// stay: they are somebody's.
    pub(super) fn remove_unfinished(&self) -> Result<()> {
        for path in entries(&self.root.join("incoming"))? {
            remove(&path)?;
        }
        let mut known = BTreeMap::<String, Known>::new();
        for record in self.versions()? {
            let Some((folder, _)) = record.folder.rsplit_once('/') else { continue };
            let known = known.entry(folder.to_owned()).or_default();
            known.last = known.last.max(record.version);
            if record.is_readable() {
                known.kept.push(record.version);
            }
        }
        let nothing = Known::default();
        for dataset in entries(&self.root.join("versions"))?.into_iter().filter(|path| path.is_dir()) {
            let known = name(&dataset).and_then(|name| known.get(name)).unwrap_or(&nothing);
            for version in entries(&dataset)? {
                let number = name(&version).and_then(|name| name.parse::<u32>().ok());
                let Some(number) = number.filter(|number| !known.kept.contains(number)) else { continue };
                if number <= known.last {
                    remove(&version)?;
                } else if Folder::is_whole(&version) {
                    self.put_aside(&version)?;
                } else if number == known.last + 1 {
                    remove(&version)?;
                }
            }
        }
        Ok(())
    }
}

impl Store {
    /// Moves a version that the ledger does not know to where nobody looks for versions.
    pub(super) fn put_aside(&self, version: &Path) -> Result<()> {
        let lost = self.root.join("lost");
        fs::create_dir_all(&lost).map_err(|error| cannot(&error, "make", &lost))?;
        let dataset = version.parent().and_then(name).unwrap_or_default();
        let named = format!("{dataset}-{}", name(version).unwrap_or_default());
        let mut places = (1..u32::MAX).map(|number| lost.join(format!("{named}-{number}")));
        let free = places.find(|path| !path.exists());
        let to = free.unwrap_or_else(|| lost.join(named));
        fs::rename(version, &to).map_err(|error| cannot(&error, "move", version))
    }
}

fn name(path: &Path) -> Option<&str> {
    path.file_name()?.to_str()
}

fn remove(path: &Path) -> Result<()> {
    let is_folder = fs::symlink_metadata(path).is_ok_and(|it| it.is_dir());
    let removed = if is_folder { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    removed.map_err(|error| cannot(&error, "remove", path))
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).map_err(|error| cannot(&error, "read", folder))?;
    entries.map(|entry| Ok(entry.map_err(|error| cannot(&error, "read", folder))?.path())).collect()
}

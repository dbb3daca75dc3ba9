//! What a process left behind that ended while it published: it never counted, and is removed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

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
    /// Removes what was being received or written, the folder of the version after a dataset's last one, and
    /// those of versions that were dropped. Other folders that the ledger does not know stay: they were not
    /// left behind by a publication, so they are somebody's.
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
                if number.is_some_and(|number| number <= known.last + 1 && !known.kept.contains(&number)) {
                    remove(&version)?;
                }
            }
        }
        Ok(())
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

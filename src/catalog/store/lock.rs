//! One process writes: a lock that says who holds it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::cannot;
use crate::error::{Code, Error, Result};

/// Held until it is dropped, or the process ends in whatever way.
#[derive(Debug)]
pub(super) struct WriterLock {
    _file: File,
}

impl WriterLock {
    /// # Errors
    /// `store.locked` where another process holds it.
    pub(super) fn take(root: &Path) -> Result<Self> {
        let path = root.join("writer.lock");
        let failed = |error: &std::io::Error| cannot(error, "lock", &path);
        let options = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = options.map_err(|error| failed(&error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                let _ = file.read_to_string(&mut holder);
                let message = format!("{} is written to by {}", root.display(), holder.trim());
                return Err(Error::new(Code::StoreLocked, message)
                    .hint("stop that process, or ask it to publish: one process writes, others read"));
            }
            Err(TryLockError::Error(error)) => return Err(failed(&error)),
        }
        let holder = format!("process {}\n", std::process::id());
        let written = file.set_len(0).and_then(|()| file.seek(SeekFrom::Start(0)));
        let written = written.and_then(|_| file.write_all(holder.as_bytes()));
        written.map_err(|error| failed(&error))?;
        Ok(Self { _file: file })
    }
}

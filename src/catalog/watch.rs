//! Watches the PATHs and tells the catalog that something changed.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Weak};
use std::time::Duration;

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use super::{Catalog, Loaded};
use crate::error::{Code, Error, Result};

/// A burst of changes is over when nothing happened for this long: a file that is being copied
/// changes many times.
const QUIET: Duration = Duration::from_millis(200);

/// Keeps the watch going while it lives.
#[derive(Debug)]
pub struct Watch {
    _watcher: RecommendedWatcher,
}

/// Reloads what changes under the catalog's PATHs, on a thread of its own, until the returned value
/// is dropped. `report` is told what was loaded, refused or removed.
///
/// # Errors
/// `server.setup` where the system cannot watch a PATH.
pub fn watch(catalog: &Arc<Catalog>, report: impl Fn(&Loaded) + Send + 'static) -> Result<Watch> {
    let (sender, receiver) = channel();
    // What changed since the PATHs were looked at, before the watch began, is found by looking once more.
    let _ = sender.send(());
    let failed = |error: notify::Error| {
        Error::new(Code::ServerSetup, format!("cannot watch the documents: {error}")).caused_by(error)
    };
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        // Reading a file is an event too, and no change.
        if event.is_ok_and(|event| !matches!(event.kind, EventKind::Access(_))) {
            let _ = sender.send(());
        }
    })
    .map_err(failed)?;
    for folder in folders(catalog.paths()) {
        watcher.watch(&folder, RecursiveMode::Recursive).map_err(failed)?;
    }
    let catalog = Arc::downgrade(catalog);
    std::thread::Builder::new()
        .name("derek-watch".to_owned())
        .spawn(move || follow(&receiver, &catalog, report))
        .map_err(|error| Error::new(Code::ServerSetup, "cannot start a thread").caused_by(error))?;
    Ok(Watch { _watcher: watcher })
}

/// The folders to watch: a file is watched through its folder, since publishing by rename replaces it.
fn folders(paths: &[PathBuf]) -> Vec<PathBuf> {
    let folder = |path: &PathBuf| {
        if path.is_dir() {
            return path.clone();
        }
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        parent.map_or_else(|| PathBuf::from("."), PathBuf::from)
    };
    let mut folders: Vec<PathBuf> = paths.iter().map(folder).collect();
    folders.sort();
    folders.dedup();
    folders
}

fn follow(changes: &Receiver<()>, catalog: &Weak<Catalog>, report: impl Fn(&Loaded)) {
    while changes.recv().is_ok() {
        while changes.recv_timeout(QUIET) != Err(RecvTimeoutError::Timeout) {
            if catalog.strong_count() == 0 {
                return;
            }
        }
        let Some(catalog) = catalog.upgrade() else { return };
        for loaded in catalog.refresh() {
            report(&loaded);
        }
    }
}

//! Watches the PATHs and tells the catalog that something changed.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use super::{Catalog, ENDINGS, Loaded, TABULAR_ENDINGS};
use crate::error::{Code, Error, Result};

/// A burst of changes is over when nothing happened for this long: a file that is being copied
/// changes many times.
const QUIET: Duration = Duration::from_millis(200);

/// A burst that does not end is looked at all the same.
const PATIENCE: Duration = Duration::from_secs(2);

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
        if event.is_ok_and(|event| may_matter(&event)) {
            let _ = sender.send(());
        }
    })
    .map_err(failed)?;
    for (folder, mode) in folders(catalog.paths()) {
        watcher.watch(&folder, mode).map_err(failed)?;
    }
    let catalog = Arc::downgrade(catalog);
    std::thread::Builder::new()
        .name("derek-watch".to_owned())
        .spawn(move || follow(&receiver, &catalog, report))
        .map_err(|error| Error::new(Code::ServerSetup, "cannot start a thread").caused_by(error))?;
    Ok(Watch { _watcher: watcher })
}

/// Whether an event can be about a document. Reading is an event too, and no change; a log that grows
/// beside the documents is a change, and none of them.
fn may_matter(event: &Event) -> bool {
    let is_document = |path: &PathBuf| {
        let name = path.to_string_lossy().to_lowercase();
        // What is a folder, or was one, has mostly no ending.
        let has = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
        has(&ENDINGS) || has(&TABULAR_ENDINGS) || path.extension().is_none() || path.is_dir()
    };
    !matches!(event.kind, EventKind::Access(_))
        && (event.paths.is_empty() || event.paths.iter().any(is_document))
}

/// The folders to watch: a file is watched through its folder, since publishing by rename replaces it.
fn folders(paths: &[PathBuf]) -> BTreeMap<PathBuf, RecursiveMode> {
    let mut folders = BTreeMap::new();
    for path in paths {
        if path.is_dir() {
            folders.insert(path.clone(), RecursiveMode::Recursive);
        } else {
            let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
            let parent = parent.map_or_else(|| PathBuf::from("."), PathBuf::from);
            folders.entry(parent).or_insert(RecursiveMode::NonRecursive);
        }
    }
    folders
}

fn follow(changes: &Receiver<()>, catalog: &Weak<Catalog>, report: impl Fn(&Loaded)) {
    while changes.recv().is_ok() {
        let first = Instant::now();
        while first.elapsed() < PATIENCE {
            match changes.recv_timeout(QUIET) {
                Ok(()) => {}
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
        let Some(catalog) = catalog.upgrade() else { return };
        for loaded in catalog.refresh() {
            report(&loaded);
        }
    }
}

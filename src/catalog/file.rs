//! Documents as files: found under the given PATHs, read by position or unpacked.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::{LoadOptions, tabular};
use crate::document::{self, Document, ReadOptions, Severity, Source, window_bytes};
use crate::error::{Code, Error, Result};

/// The endings of the files that are taken for documents when a folder is searched.
pub const ENDINGS: [&str; 6] = [".json", ".json.gz", ".json.zst", ".xml", ".xml.gz", ".xml.zst"];

/// The endings of files in the form of the tabular template (order 144, annex 2), which are documents where they are
/// named. A folder is not searched for them: most workbooks and CSV files are something else.
pub const TABULAR_ENDINGS: [&str; 2] = [".csv", ".xlsx"];

/// The ending of the file that holds the metadata of the document `NAME.json` or `NAME.xml` beside it.
const META_ENDING: &str = ".meta.json";

/// A folder with a file of this name in it is searched only where it is a PATH itself.
const IGNORE: &str = ".derekignore";

/// The largest file with metadata that is read, in bytes.
const MAX_META_BYTES: u64 = 16 << 20;

/// What tells one state of a file from the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// When the file was changed last.
    pub modified: SystemTime,
    /// Its size.
    pub len_bytes: u64,
    /// Its number in the file system: another file in its place, of the same size and written within one
    /// tick of the clock, has another.
    inode: u64,
    /// The same of the file with metadata beside it, if there is one.
    meta_file: Option<(SystemTime, u64)>,
}

impl Stamp {
    /// The state that a file is in now.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        let metadata = std::fs::metadata(path)?;
        let beside = std::fs::metadata(meta_path(path)).ok();
        let meta_file = beside.and_then(|meta| Some((meta.modified().ok()?, meta.len())));
        let (modified, len_bytes, inode) = (metadata.modified()?, metadata.len(), metadata.ino());
        Ok(Self { modified, len_bytes, inode, meta_file })
    }

    /// The state as a text: equal for equal states only.
    pub(super) fn text(&self) -> String {
        let beside = self.meta_file.map(|(modified, len_bytes)| (nanoseconds(modified), len_bytes));
        format!("{}-{}-{}-{beside:?}", nanoseconds(self.modified), self.len_bytes, self.inode)
    }
}

/// A moment in nanoseconds since 1970; those before it count as none.
fn nanoseconds(moment: SystemTime) -> u128 {
    moment.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_nanos())
}

/// Where the metadata of a document lie that has none of its own.
fn meta_path(path: &Path) -> PathBuf {
    path.with_file_name(stem(path) + META_ENDING)
}

/// The bytes of the file with metadata beside a document, if there is one.
pub(super) fn read_meta(path: &Path) -> Result<Option<Vec<u8>>> {
    let path = meta_path(path);
    let file = match File::open(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(cannot_read)?,
    };
    let mut bytes = Vec::new();
    file.take(MAX_META_BYTES + 1).read_to_end(&mut bytes).map_err(cannot_read)?;
    if bytes.len() as u64 > MAX_META_BYTES {
        let message = format!("{} is larger than {MAX_META_BYTES} bytes", path.display());
        return Err(Error::new(Code::DocumentTooLarge, message));
    }
    Ok(Some(bytes))
}

pub(super) fn cannot_read(error: io::Error) -> Error {
    Error::new(Code::DocumentIo, format!("cannot read: {error}")).caused_by(error)
}

/// A file that is read by position.
struct FileSource {
    file: File,
    len_bytes: u64,
}

impl Source for FileSource {
    fn len_bytes(&self) -> u64 {
        self.len_bytes
    }

    fn read(&self, offset: u64, length: usize, window: &mut Vec<u8>) -> io::Result<()> {
        // Growing only: a window that was as long before is not cleared again.
        window.resize(window_bytes(self.len_bytes, offset, length), 0);
        self.file.read_exact_at(window, offset)
    }
}

/// The documents under some PATHs, in the order of their names. A PATH that is a file counts whatever
/// its ending; a folder is searched, hidden files and folders left out, as are folders in it
/// that hold a file `.derekignore`.
///
/// # Errors
/// `catalog.no_documents` where a PATH does not exist or a folder cannot be read.
pub fn find(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() {
            search(path, &mut found).map_err(|error| no_documents(path, &error))?;
        } else {
            std::fs::metadata(path).map_err(|error| no_documents(path, &error))?;
            found.push(path.clone());
        }
    }
    found.sort();
    found.dedup();
    let all = found.clone();
    found.retain(|path| partners(path).iter().all(|partner| !all.contains(partner)));
    Ok(found)
}

fn no_documents(path: &Path, error: &io::Error) -> Error {
    Error::new(Code::CatalogNoDocuments, format!("cannot read {}: {error}", path.display())).hint(
        "a PATH is a document (.json or .xml, or either as .gz or .zst, or a template as .xlsx or .csv), \
             or a folder that holds .json or .xml files",
    )
}

/// The documents whose metadata a file holds, as its name tells: none for a file that is a document.
fn partners(path: &Path) -> Vec<PathBuf> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let stem = name.strip_suffix(META_ENDING);
    stem.into_iter()
        .flat_map(|stem| {
            let endings = ENDINGS.iter().chain(&TABULAR_ENDINGS);
            endings.map(move |ending| path.with_file_name(format!("{stem}{ending}")))
        })
        .collect()
}

/// Adds the documents in a folder and the folders in it. One of these that cannot be read, or is gone
/// by now, hides what it holds and nothing else.
fn search(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let Ok(entry) = entry else { continue };
        let path = entry.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        if name.starts_with('.') {
            continue;
        }
        if path.is_dir() {
            if path.join(IGNORE).exists() {
                continue;
            }
            let _ = search(&path, found).inspect_err(|error| tracing::warn!("{}: {error}", path.display()));
        } else if ENDINGS.iter().any(|ending| name.ends_with(ending)) {
            found.push(path);
        }
    }
    Ok(())
}

/// The file's name without its endings: what a table is called where `apiUri` is no name.
pub(super) fn stem(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let lower = name.to_lowercase();
    let mut endings = ENDINGS.iter().chain(&TABULAR_ENDINGS);
    let ending = endings.find(|ending| lower.ends_with(**ending)).map_or(0, |ending| ending.len());
    name[..name.len() - ending].to_owned()
}

/// Reads the document in a file.
///
/// # Errors
/// `document.*`, and `convert.template` of a workbook or a CSV file, with the file's name.
pub(super) fn read(path: &Path, options: &LoadOptions<'_>) -> Result<(Document, Stamp)> {
    let name = path.display().to_string();
    read_stable(path, options).map_err(|error| error.in_file(name))
}

/// Reads a file; where it changed meanwhile, what was read may be of two versions and is refused.
fn read_stable(path: &Path, options: &LoadOptions<'_>) -> Result<(Document, Stamp)> {
    let before = Stamp::of(path).map_err(cannot_read)?;
    let stem = stem(path);
    let meta_file = read_meta(path)?;
    let read_options = ReadOptions {
        meta_file: meta_file.as_deref(),
        repairs_text: options.repairs_text,
        threads: options.threads,
        progress: options.progress,
        ..ReadOptions::new(&stem)
    };
    let mut file = File::open(path).map_err(cannot_read)?;
    let mut magic = [0; 4];
    let magic_bytes = file.read_at(&mut magic, 0).map_err(cannot_read)?;
    let document = match &magic[..magic_bytes] {
        _ if tabular::is_tabular(path) => {
            tabular::read(path, file, options.max_document_bytes, &read_options)
        }
        [0x1F, 0x8B, ..] => {
            document::read(&unpack(flate2::read::MultiGzDecoder::new(file), options)?, &read_options)
        }
        [0x28, 0xB5, 0x2F, 0xFD] => {
            let decoder = zstd::Decoder::new(&mut file).map_err(cannot_read)?;
            document::read(&unpack(decoder, options)?, &read_options)
        }
        _ => document::read(&FileSource { file, len_bytes: before.len_bytes }, &read_options),
    };
    if Stamp::of(path).map_err(cannot_read)? != before {
        return Err(Error::new(Code::DocumentChanged, "the file changed while it was read")
            .hint("publish a new version by renaming a complete file into place"));
    }
    let document = document?;
    let errors = document.findings.total_of(Severity::Error);
    if options.is_strict && errors > 0 {
        let message = format!("{errors} findings of severity error, and --strict allows none");
        return Err(Error::new(Code::DocumentStrict, message).hint("derek check shows them"));
    }
    Ok((document, before))
}

/// Unpacks a compressed document, up to the limit on its size.
fn unpack(decoder: impl Read, options: &LoadOptions<'_>) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = options.max_document_bytes;
    decoder.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(|error| {
        Error::new(Code::DocumentCompression, format!("the compressed file is damaged: {error}"))
            .caused_by(error)
    })?;
    if bytes.len() as u64 > limit {
        return Err(Error::new(Code::DocumentTooLarge, format!("unpacks to more than {limit} bytes"))
            .hint("raise --max-document-bytes if the file is what it should be"));
    }
    Ok(bytes)
}

//! The folder of one version: written once, with a checksum of each file.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::parallel::in_order;
use super::{DESCRIPTION, cannot, damaged, table};
use crate::catalog::file::{self, ENDINGS, TABULAR_ENDINGS};
use crate::document::Document;
use crate::error::{Code, Error, Result};

const MANIFEST: &str = "manifest.json";
/// The rows of a version.
pub(super) const TABLE: &str = "table.parquet";
/// The level at which a document is packed that is not packed already.
const PACKED: i32 = 1;
/// What is packed at once, of the document.
const PACKED_BYTES: u64 = 4 << 20;

/// The size and the checksum of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Sum {
    bytes: u64,
    blake3: String,
    /// Of a table: the checksum of its footer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    footer_blake3: Option<String>,
}

impl Sum {
    fn of(bytes: u64, hash: &blake3::Hash) -> Self {
        Self { bytes, blake3: hash.to_hex().to_string(), footer_blake3: None }
    }
}

/// The folder of a version, with what its files should be.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    files: BTreeMap<String, Sum>,
}

/// What was written.
#[derive(Debug)]
pub(super) struct Written {
    /// The name of the document's file.
    pub(super) document: String,
    pub(super) document_hash: String,
    pub(super) manifest_hash: String,
}

/// A writer that counts and hashes what goes through it.
struct Summed<W> {
    inner: W,
    hasher: blake3::Hasher,
    bytes: u64,
}

impl<W: Write> Write for Summed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.hasher.update(&bytes[..count]);
        self.bytes += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl Folder {
    /// Writes a version, synced, into a folder of its own.
    pub(super) fn write(path: &Path, document: &Document, source: &Path, threads: usize) -> Result<Written> {
        let _ = fs::remove_dir_all(path);
        fs::create_dir_all(path).map_err(|error| cannot(&error, "make", path))?;
        let description = document.description().map_err(|error| {
            Error::new(Code::Internal, "the dataset cannot be described").caused_by(error)
        })?;
        let write = |name: &str, write: &mut dyn FnMut(&mut (dyn Write + Send)) -> io::Result<()>| {
            let file = path.join(name);
            let sum = write_file(&file, write).map_err(|error| cannot(&error, "write", &file))?;
            Ok::<_, Error>((name.to_owned(), sum))
        };
        let mut hasher = blake3::Hasher::new();
        // The document is packed while the table is encoded.
        let (table, packed) = std::thread::scope(|scope| {
            let pack = scope.spawn(|| {
                let name = stored_name(source);
                let packs = (!is_packed(source)).then_some(threads);
                write(&name, &mut |out| copy_document(source, out, packs, &mut hasher))
            });
            let table = write(TABLE, &mut |out| table::write(document, threads, out));
            (table, pack.join().unwrap_or_else(|panic| Err(Error::of_panic(panic.as_ref()))))
        });
        let (name, mut sum) = table?;
        let path_of_table = path.join(&name);
        let footer = File::open(&path_of_table).and_then(|file| hash_footer(&file, sum.bytes));
        sum.footer_blake3 = Some(footer.map_err(|error| cannot(&error, "read", &path_of_table))?);
        let (document_name, packed) = packed?;
        let mut files = BTreeMap::from([(name, sum), (document_name.clone(), packed)]);
        let mut add = |name: &str, bytes: &[u8]| {
            let (name, sum) = write(name, &mut |out| out.write_all(bytes))?;
            files.insert(name, sum);
            Ok::<_, Error>(())
        };
        add(DESCRIPTION, &description)?;
        if let Some(meta) = file::read_meta(source)? {
            hasher.update(&meta);
            add("document.meta.json", &meta)?;
        }
        let manifest = serde_json::to_vec(&files).map_err(|error| {
            Error::new(Code::Internal, "the list of files cannot be written").caused_by(error)
        })?;
        let listed = path.join(MANIFEST);
        write_file(&listed, &mut |out| out.write_all(&manifest))
            .map_err(|error| cannot(&error, "write", &listed))?;
        sync_folder(path)?;
        Ok(Written {
            document: document_name,
            document_hash: hasher.finalize().to_hex().to_string(),
            manifest_hash: blake3::hash(&manifest).to_hex().to_string(),
        })
    }

    /// Whether a folder has a list of files, and all of them as they were written: then some process wrote it
    /// to its end.
    pub(super) fn is_whole(path: &Path) -> bool {
        let Ok(manifest) = fs::read(path.join(MANIFEST)) else { return false };
        let files = serde_json::from_slice(&manifest);
        files.is_ok_and(|files| Self { path: path.to_owned(), files }.verify().is_ok())
    }

    /// A version's folder, whose list of files has this checksum.
    pub(super) fn open(path: &Path, manifest_hash: &str) -> Result<Self> {
        let listed = path.join(MANIFEST);
        let manifest = fs::read(&listed).map_err(|error| unreadable(&error, &listed))?;
        if blake3::hash(&manifest).to_hex().as_str() != manifest_hash {
            return Err(damaged(&listed, "its checksum is another one"));
        }
        let files =
            serde_json::from_slice(&manifest).map_err(|error| damaged(&listed, &error.to_string()))?;
        Ok(Self { path: path.to_owned(), files })
    }

    /// The place of a file.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    fn sum(&self, name: &str) -> Result<&Sum> {
        self.files.get(name).ok_or_else(|| damaged(&self.file(name), "it is not in the list of files"))
    }

    /// Compares what a reader gives with a file's checksum.
    pub(super) fn check(&self, name: &str, mut from: impl Read) -> Result<()> {
        let (path, mut hasher) = (self.file(name), blake3::Hasher::new());
        let bytes = copy_whole(&mut from, &mut hasher).map_err(|error| unreadable(&error, &path))?;
        let found = Sum::of(bytes, &hasher.finalize());
        compare(&path, self.sum(name)?, &found)
    }

    /// The bytes of a file, which are those that were written.
    pub(super) fn verified(&self, name: &str) -> Result<Vec<u8>> {
        let (path, sum) = (self.file(name), self.sum(name)?);
        let bytes = fs::read(&path).map_err(|error| unreadable(&error, &path))?;
        let found = Sum::of(bytes.len() as u64, &blake3::hash(&bytes));
        compare(&path, sum, &found)?;
        Ok(bytes)
    }

    /// Compares every file with its checksum.
    pub(super) fn verify(&self) -> Result<()> {
        self.files.keys().try_for_each(|name| self.verify_file(name))
    }

    /// The files that are not as they were written.
    pub(super) fn damages(&self) -> Vec<Error> {
        self.files.keys().filter_map(|name| self.verify_file(name).err()).collect()
    }

    fn verify_file(&self, name: &str) -> Result<()> {
        let path = self.file(name);
        let file = File::open(&path).map_err(|error| unreadable(&error, &path))?;
        self.check(name, file)
    }

    /// Compares the end of the table, which says where everything is and what values there are, with its
    /// checksum. Cost: reading it, not the rows.
    pub(super) fn check_footer(&self, file: &File, bytes: u64) -> Result<()> {
        let (path, sum) = (self.file(TABLE), self.sum(TABLE)?);
        compare_sizes(&path, sum.bytes, bytes)?;
        let footer = hash_footer(file, bytes).map_err(|error| unreadable(&error, &path))?;
        if sum.footer_blake3.as_ref().is_some_and(|expected| *expected != footer) {
            return Err(damaged(&path, "the checksum of its footer is another one"));
        }
        Ok(())
    }

    /// The document as it was published, packed.
    pub(super) fn document_file(&self) -> PathBuf {
        let is_document = |name: &&String| {
            ENDINGS.iter().any(|ending| ***name == format!("document{ending}"))
                || TABULAR_ENDINGS.iter().any(|ending| ***name == format!("document{ending}.zst"))
        };
        self.path.join(self.files.keys().find(is_document).map_or("document.json.zst", String::as_str))
    }
}

/// The error for a file that is gone or cannot be read: what the disk cannot give is not damaged yet.
pub(super) fn unreadable(error: &io::Error, path: &Path) -> Error {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::UnexpectedEof => damaged(path, &error.to_string()),
        _ => cannot(error, "read", path),
    }
}

/// The hash of a Parquet file's footer: its metadata, their length in 4 bytes, and `PAR1`.
fn hash_footer(file: &File, bytes: u64) -> io::Result<String> {
    let mut end = [0; 8];
    file.read_exact_at(&mut end, bytes.saturating_sub(8))?;
    let length = u64::from(u32::from_le_bytes([end[0], end[1], end[2], end[3]])) + 8;
    // A length that is wrong itself is longer than the file, or its hash is another one.
    let start = bytes.checked_sub(length).ok_or(io::ErrorKind::UnexpectedEof)?;
    let mut footer = vec![0; usize::try_from(length).unwrap_or_default()];
    file.read_exact_at(&mut footer, start)?;
    Ok(blake3::hash(&footer).to_hex().to_string())
}

fn compare_sizes(path: &Path, expected: u64, found: u64) -> Result<()> {
    if expected == found {
        return Ok(());
    }
    Err(damaged(path, &format!("it has {found} bytes, {expected} were written")))
}

/// Reads to the end, in pieces that are worth a call.
fn copy_whole(from: &mut impl Read, to: &mut impl Write) -> io::Result<u64> {
    let (mut piece, mut bytes) = (vec![0; 1 << 20], 0);
    loop {
        let count = from.read(&mut piece)?;
        if count == 0 {
            return Ok(bytes);
        }
        to.write_all(&piece[..count])?;
        bytes += count as u64;
    }
}

fn compare(path: &Path, expected: &Sum, found: &Sum) -> Result<()> {
    compare_sizes(path, expected.bytes, found.bytes)?;
    if expected.blake3 != found.blake3 {
        return Err(damaged(path, "its checksum is another one"));
    }
    Ok(())
}

fn write_file(
    path: &Path,
    write: &mut dyn FnMut(&mut (dyn Write + Send)) -> io::Result<()>,
) -> io::Result<Sum> {
    let file = File::create_new(path)?;
    let mut out =
        Summed { inner: BufWriter::with_capacity(1 << 20, file), hasher: blake3::Hasher::new(), bytes: 0 };
    write(&mut out)?;
    out.flush()?;
    out.inner.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    Ok(Sum::of(out.bytes, &out.hasher.finalize()))
}

/// Whether a document is packed already.
fn is_packed(source: &Path) -> bool {
    let is = |ending: &str| source.extension().is_some_and(|it| it.eq_ignore_ascii_case(ending));
    is("gz") || is("zst")
}

/// The name of a document's copy: with its ending, and packed.
fn stored_name(source: &Path) -> String {
    let name = source.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let mut endings = ENDINGS.iter().rev().chain(&TABULAR_ENDINGS);
    let ending = endings.find(|ending| name.ends_with(**ending)).copied().unwrap_or(".json");
    let packed = if is_packed(source) { "" } else { ".zst" };
    format!("document{ending}{packed}")
}

/// Copies a document, packed by so many threads or as it is, and hashes it as it is.
fn copy_document(
    source: &Path,
    out: &mut (dyn Write + Send),
    packs: Option<usize>,
    hasher: &mut blake3::Hasher,
) -> io::Result<()> {
    let file = File::open(source)?;
    let Some(threads) = packs else { return copy(file, out, hasher) };
    let bytes = file.metadata()?.len();
    let pieces = usize::try_from(bytes.div_ceil(PACKED_BYTES)).map_err(io::Error::other)?.max(1);
    // Frames that follow one another are one document to whoever unpacks them (RFC 8878, 3).
    let pack = |at: usize| {
        let start = at as u64 * PACKED_BYTES;
        let mut piece = vec![0; usize::try_from(PACKED_BYTES.min(bytes - start)).unwrap_or_default()];
        file.read_exact_at(&mut piece, start)?;
        let packed = zstd::bulk::compress(&piece, PACKED)?;
        Ok::<_, io::Error>((piece, packed))
    };
    in_order(pieces, threads, pack, |(piece, packed)| {
        hasher.update(&piece);
        out.write_all(&packed)
    })
}

fn copy(mut from: File, to: &mut dyn Write, hasher: &mut blake3::Hasher) -> io::Result<()> {
    let mut both = Summed { inner: to, hasher: std::mem::take(hasher), bytes: 0 };
    copy_whole(&mut from, &mut both)?;
    *hasher = both.hasher;
    Ok(())
}

/// The hash of a document's bytes, and of those of the file with metadata beside it.
pub(super) fn document_hash(source: &Path) -> Result<String> {
    let mut hasher = blake3::Hasher::new();
    copy_document(source, &mut io::sink(), None, &mut hasher)
        .map_err(|error| cannot(&error, "read", source))?;
    if let Some(meta) = file::read_meta(source)? {
        hasher.update(&meta);
    }
    Ok(hasher.finalize().to_hex().to_string())
}

/// Moves a folder to where it stays and nothing lies, for good when it returns.
pub(super) fn move_into_place(from: &Path, to: &Path) -> Result<()> {
    let parent = to.parent().unwrap_or(to);
    fs::create_dir_all(parent).map_err(|error| cannot(&error, "make", parent))?;
    fs::rename(from, to).map_err(|error| cannot(&error, "move", to))?;
    sync_folder(parent)?;
    parent.parent().map_or(Ok(()), sync_folder)
}

fn sync_folder(path: &Path) -> Result<()> {
    File::open(path).and_then(|folder| folder.sync_all()).map_err(|error| cannot(&error, "sync", path))
}

/// A dataset's name as the name of a folder: what is readable of it, and a hash that tells it from others.
pub(super) fn safe(name: &str) -> String {
    let readable: String = name
        .chars()
        .filter(|sign| sign.is_ascii_alphanumeric() || matches!(sign, '_' | '-'))
        .take(60)
        .collect();
    format!("{readable}-{}", &blake3::hash(name.as_bytes()).to_hex()[..16])
}

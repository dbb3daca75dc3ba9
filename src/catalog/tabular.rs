//! Documents in the form of the tabular template (order 144, annex 2): turned into JSON, and read as such.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::file::{TABULAR_ENDINGS, cannot_read};
use crate::convert::{json, template};
use crate::document::{self, Document, ReadOptions};
use crate::error::{Code, Error, Result};

/// Whether a file's ending says that it is in the form of the template.
pub(super) fn is_tabular(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    TABULAR_ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// Reads a file of at most so many bytes, which may unpack to as many; places are those in the rows.
///
/// # Errors
/// `convert.template`; `document.*` as [`document::read`].
pub(super) fn read(path: &Path, file: File, max_bytes: u64, options: &ReadOptions<'_>) -> Result<Document> {
    let mut bytes = Vec::new();
    file.take(max_bytes.saturating_add(1)).read_to_end(&mut bytes).map_err(cannot_read)?;
    if bytes.len() as u64 > max_bytes {
        return Err(Error::new(Code::DocumentTooLarge, format!("larger than {max_bytes} bytes"))
            .hint("raise --max-document-bytes if the file is what it should be"));
    }
    let is_workbook = path.extension().is_some_and(|it| it.eq_ignore_ascii_case("xlsx"));
    let made = if is_workbook { template::read_xlsx(&bytes, max_bytes) } else { template::read_csv(&bytes) };
    drop(bytes);
    let made = made.and_then(|document| json::write(&document));
    let made = made.map_err(|fault| fault.into_error(Code::ConvertTemplate))?;
    document::read(&made, options).map_err(|mut error| {
        // These are places in the text that was made, not in the file.
        if let Some(place) = &mut error.place {
            (place.line, place.column, place.byte) = (None, None, None);
        }
        error
    })
}

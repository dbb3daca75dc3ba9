//! The bytes of a document, wherever they lie: in memory or in a file that is read by position.
//!
//! Large files are read through windows of a few megabytes and not through a memory map: a map of a
//! file that its publisher cuts short while it is being read ends the process (SIGBUS), and its pages
//! count as resident memory. A window that is used again and again stays in the processor's cache.

use std::io;

use super::refusal::Refusal;

/// Bytes that can be read at any offset.
pub trait Source: Sync {
    /// Number of bytes.
    fn len_bytes(&self) -> u64;

    /// Fills `window` with the bytes from `offset` on: `length` of them, or all up to the end.
    ///
    /// # Errors
    /// What the disk answers; [`io::ErrorKind::UnexpectedEof`] where the file became shorter.
    fn read(&self, offset: u64, length: usize, window: &mut Vec<u8>) -> io::Result<()>;
}

impl Source for [u8] {
    fn len_bytes(&self) -> u64 {
        self.len() as u64
    }

    fn read(&self, offset: u64, length: usize, window: &mut Vec<u8>) -> io::Result<()> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(self.len());
        let end = start.saturating_add(length).min(self.len());
        window.clear();
        window.extend_from_slice(&self[start..end]);
        Ok(())
    }
}

impl Source for Vec<u8> {
    fn len_bytes(&self) -> u64 {
        self.as_slice().len_bytes()
    }

    fn read(&self, offset: u64, length: usize, window: &mut Vec<u8>) -> io::Result<()> {
        self.as_slice().read(offset, length, window)
    }
}

/// Number of bytes that a window has left of a source of `len_bytes` from `offset` on, at most `length`.
#[must_use]
pub fn window_bytes(len_bytes: u64, offset: u64, length: usize) -> usize {
    usize::try_from(len_bytes.saturating_sub(offset)).map_or(length, |rest| rest.min(length))
}

/// The window as text, up to the first byte that is part of no character, and the refusal that this byte
/// earns; a character that the window's end cuts off is left out, unless it is the file's end.
pub(super) fn text(window: &[u8], offset: u64, is_last: bool) -> (&str, Option<Refusal>) {
    match simdutf8::compat::from_utf8(window) {
        Ok(text) => (text, None),
        Err(error) => {
            let (valid, _) = window.split_at(error.valid_up_to());
            let is_cut = error.error_len().is_none() && !is_last;
            let byte = offset + error.valid_up_to() as u64;
            let text = simdutf8::compat::from_utf8(valid).unwrap_or_default();
            (text, (!is_cut).then_some(Refusal::NotUtf8 { byte }))
        }
    }
}

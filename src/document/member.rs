//! A column, and how the rows name it.

use std::sync::Arc;

use super::column::Column;

/// A column with what is known of how the rows name it.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) name: Arc<str>,
    /// The name as most documents write it, with its quotes and colon: known at a glance.
    pub(super) quoted: Arc<[u8]>,
    /// The tag that opens its element in XML, where nothing else is in it: known at a glance, too.
    pub(super) opening: Arc<[u8]>,
    pub(super) column: Column,
    /// The other spelling under which the rows have it.
    pub(super) spelled: Option<String>,
    /// The spelling of the last value's key, where it was not the exact name.
    pub(super) last_spelling: Option<String>,
    /// Whether it was known before the rows were read.
    pub(super) is_known: bool,
    /// Whether some row of this part has it.
    pub(super) is_met: bool,
    /// Where the first and the last value stand in the text.
    pub(super) first_at: usize,
    pub(super) last_at: usize,
    /// The rows that there were when the last value came, and itself; 0 where there was none.
    pub(super) filled: usize,
}

impl Member {
    pub(super) fn new(name: &str, quoted: Arc<[u8]>, opening: Arc<[u8]>, column: Column) -> Self {
        let (name, spelled, last_spelling) = (Arc::from(name), None, None);
        let (is_known, is_met, first_at, last_at, filled) = (false, false, 0, 0, 0);
        Self {
            name,
            quoted,
            opening,
            column,
            spelled,
            last_spelling,
            is_known,
            is_met,
            first_at,
            last_at,
            filled,
        }
    }
}

/// A key as JSON writes it where nothing in it must be escaped, and its colon. A key that is written
/// otherwise is found by its name.
pub(super) fn quoted(name: &str) -> Arc<[u8]> {
    if name.contains(|letter: char| matches!(letter, '"' | '\\') || letter.is_control()) {
        return Arc::from(*b"");
    }
    format!("\"{name}\":").into_bytes().into()
}

/// A tag without attributes that opens the element of this name.
pub(super) fn opening(name: &str) -> Arc<[u8]> {
    format!("<{name}>").into_bytes().into()
}

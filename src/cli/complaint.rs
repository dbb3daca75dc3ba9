//! An error as a person at a terminal reads it.

use std::io::{self, Write};

use crate::error::{Error, Place};

/// How much of a long line is shown before and after the place of an error, in characters.
const AROUND: usize = 60;

/// Prints an error with its code, place, hint and causes.
pub(super) fn complain(error: &Error) {
    write(error, None);
}

/// Prints an error with the line of `text` that its place is in, and a mark below.
pub(super) fn complain_in(error: &Error, text: &str) {
    write(error, error.place.as_deref().and_then(|place| excerpt(place, text)));
}

/// Prints what was done, where standard output is for something else.
pub(super) fn note(message: &str) {
    let _ = writeln!(io::stderr(), "{message}");
}

/// Prints what is no error, and may be a mistake.
pub(super) fn warn(message: &str) {
    let _ = writeln!(io::stderr(), "warning: {message}");
}

fn write(error: &Error, excerpt: Option<String>) {
    let mut lines = vec![format!("error[{}]: {}", error.code, error.message)];
    lines.extend(error.place.iter().map(|place| format!("  at {place}")));
    lines.extend(excerpt);
    lines.extend(error.hint.iter().map(|hint| format!("  hint: {hint}")));
    let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    lines.extend(causes.map(|cause| format!("  cause: {cause}")));
    let _ = writeln!(io::stderr(), "{}", lines.join("\n"));
}

/// The line of a text that a place is in, and a caret below its column.
fn excerpt(place: &Place, text: &str) -> Option<String> {
    let position = |number: u64| usize::try_from(number).ok()?.checked_sub(1);
    let line = text.lines().nth(position(place.line?)?)?;
    let letters: Vec<char> =
        line.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let at = position(place.column?)?.min(letters.len());
    let (start, end) = (at.saturating_sub(AROUND), letters.len().min(at + AROUND));
    let mark = |is_cut| if is_cut { "…" } else { "" };
    let (before, after) = (mark(start > 0), mark(end < letters.len()));
    let shown: String = letters[start..end].iter().collect();
    let indent = at - start + before.chars().count();
    Some(format!("    {before}{shown}{after}\n    {:indent$}^", ""))
}

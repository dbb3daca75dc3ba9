//! Names of members as headings: `schedule.open`.
//!
//! A dot stands between the names of an object and of its member; a dot of a name itself is written `\.`, a
//! backslash `\\`, and a letter that not every file keeps `\uXXXX`. An apostrophe before the heading says that it is
//! a name letter for letter: no white space at its ends is cut off, and it is none of the template's own words.

use super::inert::{Medium, guarded, starts_formula};

/// A heading that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Heading {
    /// The names, from the outermost on.
    pub(super) names: Vec<String>,
    /// Whether it stands behind an apostrophe.
    pub(super) is_marked: bool,
}

impl Heading {
    pub(super) fn parse(text: &str) -> Self {
        let (text, is_marked) = match text.strip_prefix('\'') {
            Some(rest) => (rest, true),
            None => (text.trim(), false),
        };
        let mut names = vec![String::new()];
        let mut rest = text;
        while let Some(letter) = rest.chars().next() {
            let (letter, after) = match escaped(rest) {
                Some((letter, after)) => (letter, after),
                None if letter == '.' => {
                    names.push(String::new());
                    rest = rest.get(1..).unwrap_or_default();
                    continue;
                }
                None => (letter, rest.get(letter.len_utf8()..).unwrap_or_default()),
            };
            if let Some(name) = names.last_mut() {
                name.push(letter);
            }
            rest = after;
        }
        Self { names, is_marked }
    }

    /// The names as one, dots and all.
    pub(super) fn joined(&self) -> String {
        self.names.join(".")
    }
}

/// The letter that a text starts with behind a backslash, and what follows.
fn escaped(text: &str) -> Option<(char, &str)> {
    let rest = text.strip_prefix('\\')?;
    match rest.chars().next()? {
        letter @ ('.' | '\\') => Some((letter, rest.get(1..)?)),
        'u' => {
            let code = u32::from_str_radix(rest.get(1..5)?, 16).ok()?;
            Some((char::from_u32(code)?, rest.get(5..)?))
        }
        _ => None,
    }
}

/// The heading of a member. `is_own` says that it must be told apart from the template's own words.
pub(super) fn written(names: &[&str], medium: Medium, is_own: bool) -> String {
    let names: Vec<String> =
        names.iter().map(|name| name.replace('\\', "\\\\").replace('.', "\\.")).collect();
    let heading = guarded(&names.join("."), medium);
    let is_cut = heading.trim() != heading || heading.is_empty() || heading.starts_with('\'');
    let must_be_marked = is_own || is_cut || starts_formula(&heading);
    if must_be_marked { format!("'{heading}") } else { heading }
}

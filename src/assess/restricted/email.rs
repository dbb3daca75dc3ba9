//! Addresses of electronic mail.

use super::border::before;
use super::kind::Kind;
use super::sighting::{Evidence, Sighting};

/// Endings of file names, which are no domains: `plan@2x.png`.
const FILES: [&str; 10] = ["png", "jpg", "jpeg", "gif", "svg", "webp", "pdf", "css", "json", "html"];

/// Adds the addresses that a text holds: a local part, `@`, a domain of two labels or more, the last of letters.
pub(super) fn scan(text: &str, found: &mut Vec<Sighting>) {
    let bytes = text.as_bytes();
    for (at, _) in text.match_indices('@') {
        let local =
            bytes.get(..at).unwrap_or_default().iter().rev().take_while(|byte| is_local(**byte)).count();
        let start = at - local;
        if (1..=64).contains(&local)
            && is_start(text, start)
            && let Some(end) = domain_end(text, at + 1)
        {
            found.push(Sighting { kind: Kind::Email, range: start..end, evidence: Evidence::Written });
        }
    }
}

const fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'+' | b'%')
}

/// Not the name of a user in another kind of address: `https://user@host.kz`.
fn is_start(text: &str, start: usize) -> bool {
    let is_dot = text.get(start..).is_some_and(|local| local.starts_with('.'));
    !is_dot && !before(text, start).is_some_and(|sign| sign == '/' || sign == ':' && is_scheme(text, start))
}

/// Whether the colon before `start` is not that of `mailto:` or of a label such as `пошта:`.
fn is_scheme(text: &str, start: usize) -> bool {
    text.get(..start).is_some_and(|head| head.contains("://"))
}

/// Where the domain that starts at `start` ends.
fn domain_end(text: &str, start: usize) -> Option<usize> {
    let domain = text.get(start..)?;
    let is_inside = |sign: char| sign.is_alphanumeric() || matches!(sign, '-' | '.');
    let whole = domain.find(|sign| !is_inside(sign)).unwrap_or(domain.len());
    let domain = domain.get(..whole)?.trim_end_matches(['.', '-']);
    // A path behind a colon: `git@host.kz:folder`.
    let beyond = text.get(start + domain.len()..)?.strip_prefix(':');
    let is_path =
        beyond.is_some_and(|path| path.starts_with(|sign: char| sign.is_alphanumeric() || sign == '/'));
    let (rest, top) = domain.rsplit_once('.')?;
    let is_top = top.chars().count() >= 2
        && top.chars().all(char::is_alphabetic)
        && !FILES.iter().any(|file| file.eq_ignore_ascii_case(top));
    let is_host =
        rest.split('.').all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'));
    (is_top && is_host && !is_path).then_some(start + domain.len())
}

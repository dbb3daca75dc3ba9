//! Bank accounts of Kazakhstan: `KZ`, two check digits, three digits of the bank, thirteen letters or digits of the
//! account (ISO 13616).

use super::border::{before, blank};
use super::kind::Kind;
use super::sighting::{Evidence, Sighting};

/// Length without blanks.
const LENGTH: usize = 20;

/// Adds the accounts that a text holds, written in one or in groups of four.
pub(super) fn scan(text: &str, found: &mut Vec<Sighting>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(window) = bytes.get(at..at + LENGTH) {
        let is_start = window.get(..2).is_some_and(|country| country.eq_ignore_ascii_case(b"KZ"));
        match is_start.then(|| account(text, at)).flatten() {
            Some((end, evidence)) => {
                found.push(Sighting { kind: Kind::Iban, range: at..end, evidence });
                at = end;
            }
            None => at += 1,
        }
    }
}

/// Where the account that starts at `start` ends, and whether it passes.
fn account(text: &str, start: usize) -> Option<(usize, Evidence)> {
    if before(text, start).is_some_and(|sign| sign.is_alphanumeric() || "@.-_/".contains(sign)) {
        return None;
    }
    let bytes = text.as_bytes();
    let (mut signs, mut at) = ([0; LENGTH], start);
    for (place, sign) in signs.iter_mut().enumerate() {
        if place > 0 && place.is_multiple_of(4) {
            at += blank(bytes, at).unwrap_or_default();
        }
        let byte = *bytes.get(at)?;
        let fits = if (2..7).contains(&place) { byte.is_ascii_digit() } else { byte.is_ascii_alphanumeric() };
        *sign = fits.then_some(byte)?;
        at += 1;
    }
    let goes_on = text.get(at..)?.chars().next().is_some_and(char::is_alphanumeric);
    (!goes_on).then(|| (at, if remainder(&signs) == 1 { Evidence::Checked } else { Evidence::Shaped }))
}

/// The remainder modulo 97 of the account with its first four signs moved to the end, letters as 10 to 35; 1 for a
/// real one.
fn remainder(signs: &[u8; LENGTH]) -> u32 {
    let (head, tail) = signs.split_at(4);
    tail.iter().chain(head).fold(0, |rest, sign| match sign {
        b'0'..=b'9' => (rest * 10 + u32::from(sign - b'0')) % 97,
        sign => (rest * 100 + u32::from(sign.to_ascii_uppercase() - b'A') + 10) % 97,
    })
}

//! What is asked, what an answer depends on, and how long its steps took.

use std::fmt;
use std::time::Duration;

use super::parameters::Parameter;

/// A query with its parameters.
#[derive(Debug, Clone, Default)]
pub struct Question {
    /// The text: one query.
    pub sql: String,
    /// The values of `$name` and `$1` (under the name `1`).
    pub parameters: Vec<Parameter>,
    /// Who asks, for the log: a salted hash, never an address.
    pub client: Option<u64>,
    /// The door that it came through, for the log: a route, or the command.
    pub door: &'static str,
    /// Whether the program asks it on its own account, as a report asks for its tables: then nobody has used what it
    /// reads, and it is not logged.
    pub is_inner: bool,
}

impl Question {
    /// A query without parameters.
    ///
    /// ```
    /// let question = derek::query::Question::new("SELECT 1");
    /// assert!(question.parameters.is_empty());
    /// ```
    #[must_use]
    pub fn new(sql: impl Into<String>) -> Self {
        Self { sql: sql.into(), ..Self::default() }
    }
}

/// What an answer is made of: the same query over the same versions of the same datasets has the same
/// fingerprint, in every process. A query that depends on the moment or on chance has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint([u8; 16]);

impl Fingerprint {
    /// The fingerprint of these parts; where one ends and the next begins counts.
    ///
    /// ```
    /// use derek::query::Fingerprint;
    /// assert_ne!(Fingerprint::of(["ab", "c"]), Fingerprint::of(["a", "bc"]));
    /// ```
    #[must_use]
    pub fn of<T: AsRef<[u8]>>(parts: impl IntoIterator<Item = T>) -> Self {
        let mut hasher = blake3::Hasher::new();
        for part in parts {
            let part = part.as_ref();
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        Self(bytes)
    }

    /// The fingerprint of this one together with what else an answer depends on, such as its form.
    #[must_use]
    pub fn with<'a>(self, parts: impl IntoIterator<Item = &'a str>) -> Self {
        let parts: Vec<&[u8]> = parts.into_iter().map(str::as_bytes).collect();
        Self::of(std::iter::once(self.0.as_slice()).chain(parts))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let digits = self.0.map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
        f.write_str(std::str::from_utf8(digits.as_flattened()).unwrap_or_default())
    }
}

/// How long the steps of an answer took, up to its first bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timings {
    /// From the text to a statement with exact names; nothing where the plan was at hand.
    pub parse: Duration,
    /// From the statement to a plan that can run.
    pub plan: Duration,
    /// Waiting for rows.
    pub run: Duration,
    /// Writing rows as bytes.
    pub encode: Duration,
}

//! What one value holds, and how sure that is.

use std::ops::Range;

use super::kind::Kind;

/// How sure it is that a text is what it looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Evidence {
    /// The way it is written leaves nothing else to be.
    Written,
    /// A number that passes every check; others of its shape pass by chance.
    Checked,
    /// A number that fails a check, but that the words before it call by its name: who wrote it mistyped a digit.
    /// It says nothing of whether others pass by chance.
    Named,
    /// A name without its company: a patronymic that is the whole value, as where surname, given name and
    /// patronymic are fields of their own.
    Part,
    /// A given name that is the whole value.
    Given,
    /// A word that ends as surnames do, and is the whole value.
    Surname,
    /// Of the right shape, but it fails the last check.
    Shaped,
    /// Of the right length, but not even of the right shape.
    Sized,
}

/// A place in a text that is, or might have been, of a kind. Those that fail are kept too: only against them
/// can be told whether those that pass do so by chance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sighting {
    pub(super) kind: Kind,
    pub(super) range: Range<usize>,
    pub(super) evidence: Evidence,
}

impl Sighting {
    /// Whether the text is taken for this kind.
    pub(super) const fn is_hit(&self) -> bool {
        matches!(self.evidence, Evidence::Written | Evidence::Checked | Evidence::Named)
    }
}

//! A row that was checked, as an example: part 3.

use super::language::Bilingual;

/// A row of the set and what its check said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordCheck {
    /// Position of the row, from 1.
    pub row: u64,
    /// The row's key, as text.
    pub key: Option<String>,
    /// Its values, in the set's order.
    pub values: Vec<CheckedValue>,
    /// The rules that it breaks; none where it is good.
    pub broken: Vec<BrokenRule>,
}

impl RecordCheck {
    /// Whether it breaks no rule.
    #[must_use]
    pub const fn is_good(&self) -> bool {
        self.broken.is_empty()
    }

    /// Whether a rule is broken by the value of an attribute.
    #[must_use]
    pub fn is_broken_at(&self, attribute: &str) -> bool {
        self.broken.iter().any(|broken| broken.attribute == attribute)
    }
}

/// A value of a checked row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckedValue {
    /// Path of the attribute.
    pub attribute: String,
    /// The value as the document has it; none where the row has none.
    pub value: Option<String>,
}

/// A rule that a row breaks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BrokenRule {
    /// Path of the attribute; empty where the rule is about the whole row.
    pub attribute: String,
    /// Code of the rule, such as `text.alphabet`.
    pub code: String,
    /// What was expected, as a sentence without a full stop.
    pub expected: Bilingual,
    /// The value that was found.
    pub found: Option<String>,
}

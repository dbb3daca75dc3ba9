//! Why a reader could not go on.

/// Objects, arrays and elements may lie this deep in one another.
pub(super) const MAX_DEPTH: usize = 64;

/// Why a reader could not go on; `at` is a byte of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// The text is not JSON, or not XML, here.
    Syntax { at: usize, expected: &'static str },
    /// The text ends inside a value: a fault in a whole document, a reason to read on in a window.
    Incomplete { at: usize, expected: &'static str },
    /// XML that is not well-formed here, in words of its own.
    IllFormed { at: usize, message: String },
    /// A document type definition, or an entity that only one could define.
    Dtd { at: usize },
    /// Deeper than [`MAX_DEPTH`].
    TooDeep { at: usize },
    /// More cells without a value than a document of this size may have.
    TooSparse { at: usize },
    /// More different keys than a table has room for columns.
    TooManyKeys { at: usize },
    /// Declared fields are spelled in two letter cases in one row: they are two columns each.
    TwoSpellings(Vec<String>),
}

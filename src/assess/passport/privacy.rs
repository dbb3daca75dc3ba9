//! Which values of a set a passport shows: none of an attribute that restricts the set, and of all others none that
//! says who a person is. The scan counts over rows, some of them; lists and examples are of any row.

use super::fill::Known;
use crate::assess::restricted::{Day, Role, kinds_of, without_persons};

/// What stands for a value that is not to be shown.
const MASK: &str = "•••";

/// What is known of the persons of a set.
#[derive(Debug, Clone, Copy)]
pub(super) struct Privacy<'a> {
    /// Paths of attributes whose values are not shown.
    restricted: &'a [String],
    /// The day after which nobody in the rows was born; none where single values are shown as they are.
    as_of: Option<Day>,
}

impl<'a> Privacy<'a> {
    pub(super) const fn new(known: Known<'a>) -> Self {
        Self { restricted: known.restricted, as_of: known.as_of }
    }

    /// Whether the set has an attribute that restricts it.
    pub(super) const fn has_persons(&self) -> bool {
        !self.restricted.is_empty()
    }

    /// Whether the values of the attribute at a path are not shown.
    pub(super) fn hides(&self, path: &str) -> bool {
        self.restricted.iter().any(|it| it == path)
    }

    /// Whether a value says who a person is.
    pub(super) fn identifies(&self, value: &str) -> bool {
        let is_there = |as_of| kinds_of(value, as_of).any(|(kind, _)| kind.role() == Role::Identifies);
        self.as_of.is_some_and(is_there)
    }

    /// A value of the attribute at a path as it is shown. What leads to somebody, such as a telephone, is masked where
    /// it stands beside a person: in the value, in the set, or where `is_beside_person` says so. Alone it is shown, as
    /// that of an organisation.
    pub(super) fn shown(&self, path: &str, value: String, is_beside_person: bool) -> String {
        if self.hides(path) {
            return MASK.to_owned();
        }
        let is_of_person = is_beside_person || self.has_persons() || self.identifies(&value);
        let as_of = self.as_of.filter(|_| is_of_person);
        as_of.and_then(|as_of| without_persons(&value, as_of)).unwrap_or(value)
    }
}

//! How much one call may compute: nothing else can break it off.

use std::cell::Cell;
use std::fmt;

/// What a call may cost, in units of some 50 ns: about 1 s.
const LIMIT: u64 = 20_000_000;

/// Two geometries are so many edges, so near each other or so equally far apart, that a call would
/// take longer than about a second or more than about 100 MB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMuch;

impl fmt::Display for TooMuch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("two geometries have too many edges that must be compared with each other")
    }
}

impl std::error::Error for TooMuch {}

/// What is left of what a call may cost. What runs out ends without an answer.
pub(super) struct Work {
    left: Cell<u64>,
    is_limited: bool,
}

impl Work {
    pub(super) fn limited() -> Self {
        Self { left: Cell::new(LIMIT), is_limited: true }
    }

    pub(super) fn unlimited() -> Self {
        Self { left: Cell::new(u64::MAX), is_limited: false }
    }

    pub(super) fn is_limited(&self) -> bool {
        self.is_limited
    }

    /// Takes so many units; the last ones may be fewer.
    #[inline]
    pub(super) fn take(&self, units: usize) {
        if self.is_limited {
            self.left.set(self.left.get().saturating_sub(units as u64));
        }
    }

    /// Leaves nothing.
    pub(super) fn spend(&self) {
        self.left.set(0);
    }

    #[inline]
    pub(super) fn is_spent(&self) -> bool {
        self.left.get() == 0
    }

    /// The answer, if there was enough for it.
    pub(super) fn answer<T>(&self, answer: T) -> Result<T, TooMuch> {
        if self.is_spent() { Err(TooMuch) } else { Ok(answer) }
    }
}

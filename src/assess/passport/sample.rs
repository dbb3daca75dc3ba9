//! Which rows of a long set are scanned: the first ones, the last ones, and between them every n-th.

/// The most rows that are scanned.
pub const MOST_SCANNED: u64 = 20_000;

/// So many at either end are scanned one by one: what was added last may be of another kind.
pub(super) const AT_EACH_END: u64 = 2_000;

/// The rows of a set that are scanned.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample {
    rows: u64,
    /// Between the ends every row of so many; 1 where all rows are scanned.
    pub(super) step: u64,
}

impl Sample {
    /// Of a set of so many rows, at most [`MOST_SCANNED`].
    pub(super) const fn of(rows: u64) -> Self {
        let ends = 2 * AT_EACH_END;
        let between = rows.saturating_sub(ends);
        let step = if rows <= MOST_SCANNED { 1 } else { between.div_ceil(MOST_SCANNED - ends) };
        Self { rows, step }
    }

    /// Whether a row is among them, by its number from 0.
    pub(super) const fn has(self, row: u64) -> bool {
        let Some(between) = row.checked_sub(AT_EACH_END) else { return true };
        row + AT_EACH_END >= self.rows || between.is_multiple_of(self.step)
    }
}

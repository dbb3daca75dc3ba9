//! How much of a table is read: beyond it is an error that says where, not a machine without memory.

/// Bytes of one cell. A workbook's cell has at most 32,767 characters; the geometry of a region as text has some
/// million.
pub const MOST_CELL_BYTES: usize = 16 << 20;

/// Rows of a sheet (ECMA-376: 2²⁰). A reference beyond is none.
pub const MOST_SHEET_ROWS: u32 = 1_048_576;

/// Columns of a sheet (2¹⁴).
pub const MOST_SHEET_COLUMNS: u32 = 16_384;

/// Cells and rows of a template, which lie in memory together with what is made of them: some 10 GiB.
pub(super) const MOST_CELLS: u64 = 40_000_000;

/// Whether a cell of a workbook, by row and column from 0, lies in a sheet.
#[must_use]
pub const fn is_in_sheet(row: u32, column: u32) -> bool {
    row < MOST_SHEET_ROWS && column < MOST_SHEET_COLUMNS
}

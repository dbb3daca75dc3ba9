//! The tables that a report is made of.

use chrono::NaiveDate;

/// A value of a table.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Words.
    Text(String),
    /// A number, and how many decimals of it are shown. One that is not finite is shown as missing.
    Number(f64, u8),
    /// Yes or no.
    Flag(bool),
    /// A day.
    Date(NaiveDate),
    /// Nothing is known.
    Missing,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name, by which cells are taken.
    pub name: String,
    /// What its numbers are in: `days`, `share` (0 to 1, shown in per cent), `%`, … For a part of the quality a
    /// number in it is the part's full mark; without one it is 1 where no part is above 1, else 100.
    pub unit: Option<String>,
    /// Whether it holds numbers, which are then set to the right.
    pub is_number: bool,
}

/// A table of a report.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Its name, which says the section that shows it.
    pub name: &'static str,
    /// Its columns, in any order.
    pub columns: Vec<Column>,
    /// Its rows: a cell for each column; cells that a row lacks are missing.
    pub rows: Vec<Vec<Cell>>,
}

/// What a column that is not there holds.
static MISSING: Cell = Cell::Missing;

/// A row whose cells are taken by name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'a> {
    table: &'a Table,
    cells: &'a [Cell],
}

impl Table {
    /// Each row.
    pub(crate) fn each(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|cells| Row { table: self, cells })
    }

    /// The first column of a name.
    pub(crate) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The sum of a column's numbers; nothing where it has none.
    pub(crate) fn sum(&self, name: &str) -> Option<f64> {
        let mut numbers = self.each().filter_map(|row| row.number(name)).peekable();
        numbers.peek()?;
        Some(numbers.sum())
    }
}

impl<'a> Row<'a> {
    /// The cell of a column; missing where there is no such column, or no such cell.
    pub(crate) fn cell(self, column: &str) -> &'a Cell {
        let at = self.table.columns.iter().position(|it| it.name == column);
        at.and_then(|at| self.cells.get(at)).unwrap_or(&MISSING)
    }

    /// Words that are not empty, or a number or a day as they are written plainly.
    pub(crate) fn text(self, column: &str) -> Option<String> {
        match self.cell(column) {
            Cell::Text(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
            Cell::Number(value, decimals) if value.is_finite() => {
                Some(format!("{value:.*}", usize::from(*decimals)))
            }
            Cell::Date(date) => Some(date.to_string()),
            Cell::Number(..) | Cell::Flag(_) | Cell::Missing => None,
        }
    }

    /// The first of several columns that has words; an en dash where none has.
    pub(crate) fn name(self, columns: &[&str]) -> String {
        columns.iter().find_map(|column| self.text(column)).unwrap_or_else(|| "–".to_owned())
    }

    /// A finite number.
    pub(crate) fn number(self, column: &str) -> Option<f64> {
        match self.cell(column) {
            Cell::Number(value, _) if value.is_finite() => Some(*value),
            _ => None,
        }
    }

    /// A finite number that is not negative: what a bar can be as long as. Zero where there is none.
    pub(crate) fn length(self, column: &str) -> f64 {
        self.number(column).unwrap_or(0.0).max(0.0)
    }

    /// Whether a column says yes.
    pub(crate) fn is(self, column: &str) -> bool {
        matches!(self.cell(column), Cell::Flag(true))
    }

    /// A day: a date, or words that start with one in ISO 8601.
    pub(crate) fn date(self, column: &str) -> Option<NaiveDate> {
        match self.cell(column) {
            Cell::Date(date) => Some(*date),
            Cell::Text(text) => text.get(..10).and_then(|day| day.parse().ok()),
            _ => None,
        }
    }
}

/// The median of numbers; nothing for none.
pub(crate) fn median(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    let half = numbers.len() / 2;
    let upper = *numbers.get(half)?;
    if numbers.len() % 2 == 1 {
        return Some(upper);
    }
    Some(f64::midpoint(*numbers.get(half.checked_sub(1)?)?, upper))
}

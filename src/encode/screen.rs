//! Rows for a reader's screen: a table that fits it, or a line a column.

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use arrow::error::ArrowError;
use comfy_table::presets::{NOTHING, UTF8_FULL_CONDENSED};
use comfy_table::{
    Cell, CellAlignment, ColumnConstraint, ContentArrangement, Row, Table, TableComponent, Width,
};

use super::cells::{PointForm, cells};
use super::plain::plain;

/// What a text is cut down to at most, in characters: below it, a table gives way to records.
const NARROWEST: u16 = 8;
/// The blanks beside each cell.
const PADDING: u16 = 2;
/// How long the line above a record is, in characters.
const HEADING: usize = 40;

/// How rows are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Layout {
    /// A table where it fits the screen with at most its texts cut, else records.
    #[default]
    Fitting,
    /// A table, even where it is wider than the screen.
    Table,
    /// A line a column.
    Records,
}

/// The rows of an answer, held as texts until the widest is known.
///
/// Control characters in names and values are shown as their pictures (`␛`), so that no document
/// moves the cursor of who reads it.
#[derive(Debug, Default)]
pub struct Screen {
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
}

#[derive(Debug)]
struct Column {
    name: String,
    is_number: bool,
    /// The longest number, in characters.
    digits: usize,
}

impl Screen {
    /// No rows yet, of these columns.
    #[must_use]
    pub fn new(schema: &Schema) -> Self {
        let column = |name: &String| Column { name: visible(name, false), is_number: false, digits: 0 };
        let columns = schema.fields().iter().map(|field| column(field.name())).collect();
        Self { columns, rows: Vec::new() }
    }

    /// How many rows there are.
    #[must_use]
    pub fn row_count(&self) -> usize {
        self.rows.len()
    }

    /// Adds the rows of a batch.
    ///
    /// # Errors
    /// Where a column cannot be written as text.
    pub fn add(&mut self, batch: &RecordBatch) -> Result<(), ArrowError> {
        let batch = plain(batch)?;
        let cells = cells(&batch, PointForm::Members);
        for row in 0..batch.num_rows() {
            let mut texts = Vec::with_capacity(cells.len());
            for (cells, column) in cells.iter().zip(&mut self.columns) {
                let mut text = Vec::new();
                cells.write_text(row, &mut text);
                if cells.is_number() {
                    column.is_number = true;
                    column.digits = column.digits.max(text.len());
                }
                texts.push(String::from_utf8_lossy(&text).into_owned());
            }
            self.rows.push(texts);
        }
        Ok(())
    }

    /// The rows as lines, for a screen of `width` characters, or without bounds.
    #[must_use]
    pub fn draw(&self, width: Option<u16>, layout: Layout) -> String {
        if layout == Layout::Records {
            return self.records(width);
        }
        let mut table = self.table();
        let natural = table.column_max_content_widths();
        let fitted = width.map(|width| self.fit(&natural, width));
        match fitted {
            Some(None) if layout == Layout::Fitting => return self.records(width),
            Some(fitted) => narrow(&mut table, &fitted.unwrap_or_else(|| self.least(&natural))),
            None => {}
        }
        format!("{table}\n")
    }

    fn table(&self) -> Table {
        let mut table = Table::new();
        table.load_preset(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Disabled);
        // A text is cut after a letter, not after a word: no cell has this letter.
        table.set_truncation_indicator("…").set_delimiter('\0');
        table.set_header(one_line(self.columns.iter().map(|column| Cell::new(&column.name))));
        for row in &self.rows {
            table.add_row(one_line(row.iter().zip(&self.columns).map(|(text, column)| {
                let alignment = if column.is_number { CellAlignment::Right } else { CellAlignment::Left };
                Cell::new(visible(text, false)).set_alignment(alignment)
            })));
        }
        table
    }

    /// The widths of the columns in a table as wide as the screen; none where a text would be cut below
    /// [`NARROWEST`]. The longest texts are cut first.
    fn fit(&self, natural: &[u16], screen: u16) -> Option<Vec<u16>> {
        let columns = u16::try_from(natural.len()).unwrap_or(u16::MAX);
        let room = screen.saturating_sub(columns.saturating_mul(PADDING + 1).saturating_add(1));
        let least = self.least(natural);
        let cut = |at: u16| natural.iter().zip(&least).map(move |(width, least)| *least.max(&at.min(*width)));
        let sum = |at| cut(at).map(u32::from).sum::<u32>();
        let at = (NARROWEST..=room.max(NARROWEST)).rev().find(|at| sum(*at) <= u32::from(room))?;
        Some(cut(at).collect())
    }

    /// The least widths: a number is never cut, a text and a name down to [`NARROWEST`].
    fn least(&self, natural: &[u16]) -> Vec<u16> {
        let digits = self.columns.iter().map(|column| u16::try_from(column.digits).unwrap_or(u16::MAX));
        natural.iter().zip(digits).map(|(width, digits)| NARROWEST.max(digits).min(*width)).collect()
    }

    /// A heading and a line a column for each row; long texts go on below themselves.
    fn records(&self, width: Option<u16>) -> String {
        let mut names = Table::new();
        names.add_rows(self.columns.iter().map(|column| [&column.name]));
        let widest = names.column_max_content_widths().first().copied().unwrap_or_default();
        let mut lines = Vec::new();
        for (at, row) in self.rows.iter().enumerate() {
            lines.push(format!("{:─<HEADING$}", format!("──[ {} ]", at + 1)));
            let mut table = Table::new();
            table.load_preset(NOTHING).set_style(TableComponent::VerticalLines, '│');
            table.set_content_arrangement(ContentArrangement::Disabled);
            if let Some(width) = width {
                table.set_width(width).set_content_arrangement(ContentArrangement::Dynamic);
            }
            table.add_rows(
                self.columns.iter().zip(row).map(|(column, text)| [column.name.clone(), visible(text, true)]),
            );
            let name = ColumnConstraint::Absolute(Width::Fixed(widest.saturating_add(PADDING)));
            if let Some(column) = table.column_mut(0) {
                column.set_constraint(name);
            }
            lines.push(table.trim_fmt());
        }
        lines.push(String::new());
        lines.join("\n")
    }
}

/// A row that is cut where it does not fit a line.
fn one_line(cells: impl Iterator<Item = Cell>) -> Row {
    let mut row = Row::from(cells);
    row.max_height(1);
    row
}

fn narrow(table: &mut Table, widths: &[u16]) {
    for (column, width) in table.column_iter_mut().zip(widths) {
        column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width.saturating_add(PADDING))));
    }
}

/// A text with its control characters as pictures, line ends among them unless they are kept.
fn visible(text: &str, keeps_lines: bool) -> String {
    let picture = |letter: char| match letter {
        '\n' if keeps_lines => letter,
        '\0'..='\x1f' => char::from_u32(0x2400 + u32::from(letter)).unwrap_or(' '),
        '\x7f' => '␡',
        letter if letter.is_control() => char::REPLACEMENT_CHARACTER,
        letter => letter,
    };
    text.chars().map(picture).collect()
}

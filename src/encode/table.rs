//! A table for a terminal.

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use arrow::error::ArrowError;
use comfy_table::{Cell, CellAlignment, ContentArrangement, Table};

use super::cells::{PointForm, cells};
use super::plain::plain;
use super::{Encoder, Outcome};
use crate::error::Error;

/// Draws an answer as a table, and its number of rows below. It holds all rows, since the widest cell
/// decides the width of a column.
#[derive(Debug, Default)]
pub struct TableEncoder {
    table: Table,
    rows: u64,
}

impl Encoder for TableEncoder {
    fn start(&mut self, schema: &Schema, _out: &mut Vec<u8>) -> Result<(), ArrowError> {
        self.table.load_preset(comfy_table::presets::UTF8_FULL_CONDENSED);
        self.table.set_content_arrangement(ContentArrangement::Dynamic);
        self.table.set_header(schema.fields().iter().map(|field| field.name()));
        Ok(())
    }

    fn batch(&mut self, batch: &RecordBatch, _out: &mut Vec<u8>) -> Result<(), ArrowError> {
        let batch = plain(batch)?;
        let cells = cells(&batch, PointForm::Members);
        for row in 0..batch.num_rows() {
            self.table.add_row(cells.iter().map(|cells| {
                let mut text = Vec::new();
                cells.write_text(row, &mut text);
                let alignment = if cells.is_number() { CellAlignment::Right } else { CellAlignment::Left };
                Cell::new(String::from_utf8_lossy(&text)).set_alignment(alignment)
            }));
        }
        self.rows += batch.num_rows() as u64;
        Ok(())
    }

    fn finish(&mut self, outcome: &Outcome, out: &mut Vec<u8>) -> Result<bool, ArrowError> {
        let rows = if self.rows == 1 { "row" } else { "rows" };
        let cut = if outcome.is_truncated { ", cut at the limit" } else { "" };
        let elapsed_ms = outcome.elapsed.as_secs_f64() * 1e3;
        let text = format!("{}\n{} {rows}{cut} in {elapsed_ms:.1} ms\n", self.table, self.rows);
        out.extend_from_slice(text.as_bytes());
        Ok(true)
    }

    fn fail(&mut self, _error: &Error, _out: &mut Vec<u8>) -> bool {
        false
    }
}

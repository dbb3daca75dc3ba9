//! JSON: `{"columns":[…],"rows":[…],"row_count":…,"truncated":…,"next":…,"elapsed_ms":…}`.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, Schema};
use arrow::error::ArrowError;

use super::attribute::{LABEL_EN, LABEL_KK, LABEL_RU, attribute, type_name};
use super::cells::{Cells, cells, plain, write_double, write_json_string};
use super::{Encoder, Outcome};
use crate::error::Error;

/// The name of the column that a nearest look-up adds: metres on the ellipsoid.
pub const DISTANCE_M: &str = "distance_m";

/// Writes an answer as one JSON object, batch by batch.
#[derive(Debug, Default)]
pub struct JsonEncoder {
    keys: Vec<Vec<u8>>,
    rows: u64,
}

impl Encoder for JsonEncoder {
    fn content_type(&self) -> &'static str {
        "application/json"
    }

    fn start(&mut self, schema: &Schema, out: &mut Vec<u8>) {
        self.keys = keys(schema);
        write_columns(schema, out);
    }

    fn batch(&mut self, batch: &RecordBatch, out: &mut Vec<u8>) -> Result<(), ArrowError> {
        let batch = plain(batch)?;
        let cells = cells(&batch)?;
        for row in 0..batch.num_rows() {
            out.extend_from_slice(if self.rows == 0 { b"\n{" } else { b",\n{" });
            for (key, cells) in self.keys.iter().zip(&cells) {
                out.extend_from_slice(key);
                cells.write_json(row, out);
            }
            out.push(b'}');
            self.rows += 1;
        }
        Ok(())
    }

    fn finish(&mut self, outcome: &Outcome, out: &mut Vec<u8>) {
        write_outcome(self.rows, outcome, out);
    }

    fn fail(&mut self, error: &Error, out: &mut Vec<u8>) -> bool {
        out.extend_from_slice(b"],\"error\":");
        serde_json::to_writer(&mut *out, error).expect("an error is valid JSON");
        out.extend_from_slice(b"}\n");
        true
    }
}

/// Appends the answer's start: the columns, and the bracket that opens the rows.
fn write_columns(schema: &Schema, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"columns\":[");
    for (at, field) in schema.fields().iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write_column(field, out);
    }
    out.extend_from_slice(b"],\n\"rows\":[");
}

fn write_column(field: &Field, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"name\":");
    write_json_string(field.name(), out);
    out.extend_from_slice(b",\"type\":");
    write_json_string(&type_name(field), out);
    for (key, name) in [(LABEL_KK, "labelKk"), (LABEL_RU, "labelRu"), (LABEL_EN, "labelEn")] {
        if let Some(label) = attribute(field, key) {
            out.push(b',');
            write_json_string(name, out);
            out.push(b':');
            write_json_string(label, out);
        }
    }
    out.push(b'}');
}

/// Appends the answer's end, after `rows` rows.
pub fn write_outcome(rows: u64, outcome: &Outcome, out: &mut Vec<u8>) {
    out.extend_from_slice(b"],\n\"row_count\":");
    out.extend_from_slice(itoa::Buffer::new().format(rows).as_bytes());
    out.extend_from_slice(if outcome.is_truncated {
        b",\"truncated\":true"
    } else {
        b",\"truncated\":false"
    });
    out.extend_from_slice(b",\"next\":null,\"elapsed_ms\":");
    write_double((outcome.elapsed.as_secs_f64() * 1e6).round() / 1e3, out);
    out.extend_from_slice(b"}\n");
}

/// Some columns of a dataset, and `distance_m` after them, as JSON: ready to write single rows that lie
/// in many batches.
#[derive(Debug)]
pub struct JsonRows {
    columns: Vec<usize>,
    keys: Vec<Vec<u8>>,
    start: Vec<u8>,
}

impl JsonRows {
    /// The columns at these places of a dataset whose batches have this schema.
    #[must_use]
    pub fn new(schema: &Schema, columns: Vec<usize>) -> Self {
        let fields = columns.iter().map(|column| Arc::clone(&schema.fields()[*column]));
        let distance_m = Arc::new(Field::new(DISTANCE_M, DataType::Float64, false));
        let shown = Schema::new(fields.chain([distance_m]).collect::<Vec<_>>());
        let mut start = Vec::new();
        write_columns(&shown, &mut start);
        Self { columns, keys: keys(&shown), start }
    }

    /// Appends the answer's start: the columns, and the bracket that opens the rows.
    pub fn start(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.start);
    }

    /// Appends a row as a JSON object; `distance_m` is rounded to the millimetre.
    ///
    /// # Errors
    /// Where a column cannot be written as JSON.
    pub fn row(
        &self,
        batch: &RecordBatch,
        row: usize,
        distance_m: f64,
        out: &mut Vec<u8>,
    ) -> Result<(), ArrowError> {
        out.push(b'{');
        let schema = batch.schema_ref();
        for (key, column) in self.keys.iter().zip(&self.columns) {
            out.extend_from_slice(key);
            Cells::of(&schema.fields()[*column], batch.column(*column))?.write_json(row, out);
        }
        out.extend_from_slice(&self.keys[self.columns.len()]);
        write_double((distance_m * 1e3).round() / 1e3, out);
        out.push(b'}');
        Ok(())
    }
}

/// What stands before each value of a row: `"name":`, and `,"name":` for all but the first.
fn keys(schema: &Schema) -> Vec<Vec<u8>> {
    let key = |(at, field): (usize, &Arc<Field>)| {
        let mut key = if at == 0 { Vec::new() } else { vec![b','] };
        write_json_string(field.name(), &mut key);
        key.push(b':');
        key
    };
    schema.fields().iter().enumerate().map(key).collect()
}

//! JSON: `{"columns":[…],"rows":[…],"row_count":…,"truncated":…,"next":…,"elapsed_ms":…}`.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, Schema};
use arrow::error::ArrowError;

use super::attribute::{LABEL_EN, LABEL_KK, LABEL_RU, attribute, label, type_name};
use super::cells::{Cells, PointForm, cells, keys, write_object};
use super::plain::plain;
use super::text::{write_double, write_int, write_json_string};
use super::{Encoder, Language, Outcome};
use crate::error::Error;

/// The name of the column that a nearest look-up adds: metres on the ellipsoid.
pub const DISTANCE_M: &str = "distance_m";

/// Writes an answer as one JSON object, batch by batch.
#[derive(Debug, Default)]
pub struct JsonEncoder {
    language: Option<Language>,
    keys: Vec<Vec<u8>>,
    rows: u64,
}

impl JsonEncoder {
    /// With a language, each column has a further member `label`: its label in it, or else its name.
    #[must_use]
    pub fn new(language: Option<Language>) -> Self {
        Self { language, ..Self::default() }
    }
}

impl Encoder for JsonEncoder {
    fn start(&mut self, schema: &Schema, out: &mut Vec<u8>) -> Result<(), ArrowError> {
        self.keys = keys(schema.fields().iter().map(|field| field.name()));
        write_columns(schema, self.language, out);
        Ok(())
    }

    fn batch(&mut self, batch: &RecordBatch, out: &mut Vec<u8>) -> Result<(), ArrowError> {
        let batch = plain(batch)?;
        let cells = cells(&batch, PointForm::Members);
        for row in 0..batch.num_rows() {
            out.extend_from_slice(if self.rows == 0 { b"\n" } else { b",\n" });
            write_object(self.keys.iter().zip(&cells), row, out);
            self.rows += 1;
        }
        Ok(())
    }

    fn finish(&mut self, outcome: &Outcome, out: &mut Vec<u8>) -> Result<bool, ArrowError> {
        write_outcome(self.rows, outcome, out);
        Ok(true)
    }

    fn fail(&mut self, error: &Error, out: &mut Vec<u8>) -> bool {
        out.extend_from_slice(b"],\"error\":");
        serde_json::to_writer(&mut *out, error).expect("an error is valid JSON");
        out.extend_from_slice(b"}\n");
        true
    }
}

/// Appends the answer's start: the columns, and the bracket that opens the rows.
fn write_columns(schema: &Schema, language: Option<Language>, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"columns\":[");
    for (at, field) in schema.fields().iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write_column(field, language, out);
    }
    out.extend_from_slice(b"],\n\"rows\":[");
}

fn write_column(field: &Field, language: Option<Language>, out: &mut Vec<u8>) {
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
    if let Some(language) = language {
        out.extend_from_slice(b",\"label\":");
        write_json_string(label(field, language), out);
    }
    out.push(b'}');
}

/// Appends the answer's end, after `rows` rows. Cost: no memory of its own without further members.
pub fn write_outcome(rows: u64, outcome: &Outcome, out: &mut Vec<u8>) {
    out.push(b']');
    for (name, value) in &outcome.members {
        out.extend_from_slice(b",\n");
        write_json_string(name, out);
        out.push(b':');
        out.extend_from_slice(value.to_string().as_bytes());
    }
    out.extend_from_slice(b",\n\"row_count\":");
    write_int(rows, out);
    out.extend_from_slice(if outcome.is_truncated {
        b",\"truncated\":true"
    } else {
        b",\"truncated\":false"
    });
    out.extend_from_slice(b",\"next\":");
    match &outcome.next {
        Some(next) => write_json_string(next, out),
        None => out.extend_from_slice(b"null"),
    }
    out.extend_from_slice(b",\"elapsed_ms\":");
    write_double((outcome.elapsed.as_secs_f64() * 1e6).round() / 1e3, out);
    out.extend_from_slice(b"}\n");
}

/// Some columns of a dataset, and `distance_m` after them, as JSON: looked at once, so that single rows
/// that lie in many batches are written at once.
#[derive(Debug)]
pub struct JsonRows {
    /// The columns of each batch.
    batches: Vec<Vec<Cells>>,
    keys: Vec<Vec<u8>>,
    start: Vec<u8>,
}

impl JsonRows {
    /// The columns at these places of a dataset. Cost: 0.1 µs a column of a batch.
    ///
    /// # Errors
    /// Where a column cannot be written as JSON.
    pub fn new(schema: &Schema, batches: &[RecordBatch], columns: &[usize]) -> Result<Self, ArrowError> {
        let selected = schema.project(columns)?;
        let mut fields: Vec<Arc<Field>> = selected.fields().iter().map(Arc::clone).collect();
        fields.push(Arc::new(Field::new(DISTANCE_M, DataType::Float64, false)));
        let shown = Schema::new(fields);
        let batches =
            batches.iter().map(|batch| Ok(cells(&plain(&batch.project(columns)?)?, PointForm::Members)));
        let mut start = Vec::new();
        write_columns(&shown, None, &mut start);
        let keys = keys(shown.fields().iter().map(|field| field.name()));
        Ok(Self { batches: batches.collect::<Result<_, ArrowError>>()?, keys, start })
    }

    /// Appends the answer's start: the columns, and the bracket that opens the rows.
    pub fn start(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.start);
    }

    /// Brings the rows at these places (batch, row) into the processor's cache. In a table by columns
    /// every cell of a row lies elsewhere in memory; written one by one, each would be waited for, while
    /// reads that do not depend on one another are waited for together. On a million rows this halves
    /// the time that ten of them take to write.
    pub fn fetch(&self, places: &[(usize, usize)]) {
        let columns = 0..self.keys.len() - 1;
        let touched = columns.fold(0, |sum, column| {
            places.iter().fold(sum, |sum, (batch, row)| sum ^ self.batches[*batch][column].touch(*row))
        });
        std::hint::black_box(touched);
    }

    /// Appends a row of a batch as a JSON object, without a distance.
    pub fn object(&self, batch: usize, row: usize, out: &mut Vec<u8>) {
        self.cells(batch, row, out);
        out.extend_from_slice(if self.batches[batch].is_empty() { b"{}" } else { b"}" });
    }

    /// Appends a row of a batch as a JSON object; `distance_m` is rounded to the millimetre.
    pub fn row(&self, batch: usize, row: usize, distance_m: f64, out: &mut Vec<u8>) {
        self.cells(batch, row, out);
        out.extend_from_slice(&self.keys[self.batches[batch].len()]);
        write_double((distance_m * 1e3).round() / 1e3, out);
        out.push(b'}');
    }

    fn cells(&self, batch: usize, row: usize, out: &mut Vec<u8>) {
        for (key, cells) in self.keys.iter().zip(&self.batches[batch]) {
            out.extend_from_slice(key);
            cells.write_json(row, out);
        }
    }
}

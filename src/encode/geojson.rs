//! `GeoJSON` (RFC 7946): a `FeatureCollection`, a feature a row, longitude first.

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use arrow::error::ArrowError;

use super::attribute::{KEY, attribute};
use super::cells::{Cells, PointForm, cells, keys, write_object};
use super::plain::plain;
use super::text::{write_int, write_json_string};
use super::{Encoder, Outcome};
use crate::error::Error;
use crate::geo::{is_geometry, is_point};

/// Writes an answer as a `FeatureCollection`. The first column of points or geometries is the geometry,
/// null where the cell is null or there is no such column; all other columns are properties, points among
/// them as `GeoJSON` Points. A dataset's key of one field is the feature's `id` too.
///
/// How the answer ended stands after the features, in members that RFC 7946 (6.1) leaves to whoever
/// writes them: `row_count`, `truncated`, further members, and `next` where there are further rows.
#[derive(Debug, Default)]
pub struct GeoJsonEncoder {
    /// The place of the column of geometries.
    geometry: Option<usize>,
    /// The place of the column of ids.
    id: Option<usize>,
    /// What stands before each property.
    keys: Vec<Vec<u8>>,
    rows: u64,
}

impl Encoder for GeoJsonEncoder {
    fn start(&mut self, schema: &Schema, out: &mut Vec<u8>) -> Result<(), ArrowError> {
        let fields = schema.fields();
        self.geometry = fields.iter().position(|field| is_point(field) || is_geometry(field));
        let mut key_fields =
            (0..fields.len()).filter(|at| attribute(&fields[*at], KEY).is_some_and(|value| value == "true"));
        self.id = key_fields.next().filter(|_| key_fields.next().is_none());
        let properties = fields.iter().enumerate().filter(|(at, _)| Some(*at) != self.geometry);
        self.keys = keys(properties.map(|(_, field)| field.name()));
        out.extend_from_slice(b"{\"type\":\"FeatureCollection\",\"features\":[");
        Ok(())
    }

    fn batch(&mut self, batch: &RecordBatch, out: &mut Vec<u8>) -> Result<(), ArrowError> {
        let batch = plain(batch)?;
        let mut properties = cells(&batch, PointForm::GeoJson);
        let geometry = self.geometry.filter(|at| *at < properties.len()).map(|at| properties.remove(at));
        // The columns after that of the geometries stand one place further left.
        let id = self.id.and_then(|id| match self.geometry {
            Some(geometry) if geometry == id => None,
            Some(geometry) if geometry < id => Some(id - 1),
            _ => Some(id),
        });
        let id = id.and_then(|id| properties.get(id));
        for row in 0..batch.num_rows() {
            out.extend_from_slice(if self.rows == 0 { b"\n" } else { b",\n" });
            write_feature(id, geometry.as_ref(), row, out);
            write_object(self.keys.iter().zip(&properties), row, out);
            out.push(b'}');
            self.rows += 1;
        }
        Ok(())
    }

    fn finish(&mut self, outcome: &Outcome, out: &mut Vec<u8>) -> Result<bool, ArrowError> {
        out.extend_from_slice(b"],\n\"row_count\":");
        write_int(self.rows, out);
        let truncated: &[u8] =
            if outcome.is_truncated { b",\"truncated\":true" } else { b",\"truncated\":false" };
        out.extend_from_slice(truncated);
        for (name, value) in &outcome.members {
            out.push(b',');
            write_json_string(name, out);
            out.push(b':');
            out.extend_from_slice(value.to_string().as_bytes());
        }
        if let Some(next) = &outcome.next {
            out.extend_from_slice(b",\"next\":");
            write_json_string(next, out);
        }
        out.extend_from_slice(b"}\n");
        Ok(true)
    }

    fn fail(&mut self, _error: &Error, _out: &mut Vec<u8>) -> bool {
        // A reader of GeoJSON passes over members that it does not know: an error would go unread.
        false
    }
}

/// Appends a feature up to the value of its properties.
fn write_feature(id: Option<&Cells>, geometry: Option<&Cells>, row: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"type\":\"Feature\"");
    // An id is a string or a number.
    if let Some(id) = id.filter(|id| id.is_string_or_number() && !id.is_null(row)) {
        out.extend_from_slice(b",\"id\":");
        id.write_json(row, out);
    }
    out.extend_from_slice(b",\"geometry\":");
    match geometry {
        Some(geometry) => geometry.write_json(row, out),
        None => out.extend_from_slice(b"null"),
    }
    out.extend_from_slice(b",\"properties\":");
}

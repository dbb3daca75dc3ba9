//! A point that lives in two fields: latitude in one, longitude in another (format.md 4.4).

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, NullBufferBuilder, RecordBatch};
use arrow::datatypes::{DataType, Float64Type, Int64Type, Schema};
use arrow::error::ArrowError;
use serde_json::json;

use super::facts::Facts;
use super::field::{FieldSpec, Type};
use super::finding::{Findings, Report};
use super::number::double;
use super::position::{Pair, in_country, position};
use super::rule::Rule;
use crate::geo;

/// The names under which latitude and longitude come together.
const NAMES: [(&str, &str); 3] = [("latitude", "longitude"), ("lat", "long"), ("lat", "lon")];

/// The column that is added.
const GEOPOSITION: &str = "geoposition";

/// Adds a column of points where two fields hold them and no other field does.
pub(super) fn add(
    specs: &mut Vec<FieldSpec>,
    schema: &mut Arc<Schema>,
    batches: &mut [RecordBatch],
    findings: &mut Findings,
) -> Result<(), ArrowError> {
    let is_there =
        |spec: &FieldSpec| spec.kind == Type::Geoposition || spec.name.eq_ignore_ascii_case(GEOPOSITION);
    let Some((lat, lon)) = pair_of(specs).filter(|_| !specs.iter().any(is_there)) else { return Ok(()) };
    let path: Arc<str> = GEOPOSITION.into();
    let mut spec = FieldSpec::undeclared(GEOPOSITION);
    spec.kind = Type::Geoposition;
    "Geoposition".clone_into(&mut spec.declared_type);
    spec.other.insert("derivedFrom".to_owned(), json!([specs[lat].name, specs[lon].name]));
    let raw = format!("{}, {}", specs[lat].name, specs[lon].name);
    findings.add(Rule::PositionFromPair, &path, None, || Some(raw));
    let mut fields: Vec<_> = schema.fields().iter().cloned().collect();
    fields.push(Arc::new(spec.arrow_field(GEOPOSITION, &Facts::default())));
    *schema = Arc::new(Schema::new(fields));
    specs.push(spec);
    let mut rows = 0;
    for batch in batches {
        let mut report = Report::default();
        let points = points(batch.column(lat), batch.column(lon), &path, &mut report);
        findings.append(report.findings, rows);
        rows += batch.num_rows() as u64;
        let columns = batch.columns().iter().cloned().chain([points]).collect();
        *batch = RecordBatch::try_new(Arc::clone(schema), columns)?;
    }
    Ok(())
}

/// The places of the two fields.
fn pair_of(specs: &[FieldSpec]) -> Option<(usize, usize)> {
    let place = |name: &str| {
        let is_number = |spec: &FieldSpec| matches!(spec.kind, Type::Double | Type::Int | Type::String);
        specs.iter().position(|spec| is_number(spec) && spec.name.eq_ignore_ascii_case(name))
    };
    NAMES.iter().find_map(|(lat, lon)| Some((place(lat)?, place(lon)?)))
}

fn points(lat: &ArrayRef, lon: &ArrayRef, path: &Arc<str>, report: &mut Report) -> ArrayRef {
    let rows = lat.len();
    let (mut xs, mut ys) = (Vec::with_capacity(rows), Vec::with_capacity(rows));
    let mut valid = NullBufferBuilder::new(rows);
    for at in 0..rows {
        report.row = at as u64 + 1;
        let found = point(lat, lon, at, path, report);
        valid.append(found.is_some());
        let (x, y) = found.unwrap_or_default();
        xs.push(x);
        ys.push(y);
    }
    Arc::new(geo::point_array(xs, ys, valid.finish()))
}

/// The point of a row, longitude first, with a finding where it is none or elsewhere.
fn point(
    lat: &ArrayRef,
    lon: &ArrayRef,
    at: usize,
    path: &Arc<str>,
    report: &mut Report,
) -> Option<(f64, f64)> {
    let (lat_text, lon_text) = (text(lat, at)?, text(lon, at)?);
    let raw = || format!("{lat_text}, {lon_text}");
    let (Some(lat), Some(lon)) = (double(&lat_text), double(&lon_text)) else {
        report.value(Rule::ValueNotAPosition, path, &raw());
        return None;
    };
    let Some(found) = position(Pair { lon, lat, is_named: true }, false) else {
        report.value(Rule::PositionOutsideGlobe, path, &raw());
        return None;
    };
    if lon == 0.0 && lat == 0.0 {
        report.value(Rule::PositionZero, path, &raw());
    } else if !in_country(found.lon, found.lat) {
        report.value(Rule::PositionOutsideCountry, path, &raw());
    }
    Some((found.lon, found.lat))
}

/// A coordinate as text; none where it is missing.
fn text(column: &ArrayRef, at: usize) -> Option<String> {
    let text = match column.data_type() {
        _ if column.is_null(at) => return None,
        DataType::Float64 => column.as_primitive::<Float64Type>().value(at).to_string(),
        DataType::Int64 => column.as_primitive::<Int64Type>().value(at).to_string(),
        DataType::Utf8 => column.as_string::<i32>().value(at).trim().to_owned(),
        _ => return None,
    };
    Some(text).filter(|text| !matches!(text.as_str(), "" | "-" | "null"))
}

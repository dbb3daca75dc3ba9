//! `GET /datasets/{apiUri}/nearest`: snapshot → index → bytes, without SQL unless `where` needs it.

use std::sync::Arc;
use std::time::Instant;

use arrow::array::{Float64Array, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema};
use axum::response::Response;
use serde_json::{Value, json};

use super::area;
use super::parameters::K;
use super::projection::{Projection, Wanted, is_flat};
use super::request::Call;
use super::response::{bytes, list, not_modified, not_written, tagged};
use crate::catalog::Dataset;
use crate::encode::{DISTANCE_M, Format, JsonRows, Language, Outcome, write_outcome};
use crate::error::Result;
use crate::geo::{Neighbour, Position};
use crate::query::NearestRows;

/// The k nearest rows.
pub(super) async fn nearest(call: Call) -> Result<Response> {
    let params = call.params()?;
    let (format, language) = (params.format(call.headers())?, params.language()?);
    let from = Position::new(params.degrees("lon")?, params.degrees("lat")?);
    let nearest = NearestRows { from, k: params.count("k")?, max_m: params.metres("max_m")? };
    let (dataset, snapshot) = call.dataset_in()?;
    dataset.require_points()?;
    let within = area::of_object(&call, &params)?;
    let condition = params.text("where");
    let is_stable = condition.is_none_or(|condition| !call.app.queries.is_of_the_moment(condition));
    let own = call.versions(&dataset, &snapshot);
    let versions = area::versions(&own, within.as_ref());
    let fingerprint = is_stable.then(|| call.fingerprint(format, versions));
    if let Some(fingerprint) = fingerprint.filter(|fingerprint| call.has(*fingerprint)) {
        call.used(&dataset, 0);
        return Ok(not_modified(fingerprint));
    }
    let projection = call.app.projections.get(&dataset, &snapshot, &Wanted::of(&params)?)?;
    let queries = &call.app.queries;
    let known = match (condition, &within) {
        (None, None) if !dataset.is_on_disk() => {
            dataset.built_index(0).map(|index| index.nearest_k(nearest.from, nearest.k, nearest.max_m))
        }
        (Some(condition), None) => queries.nearest_known(&dataset, 0, nearest, condition),
        _ => None,
    };
    let found = if let Some(found) = known {
        found
    } else {
        let (condition, area) = (params.owned("where"), within.map(|(_, area)| area));
        queries.nearest_where(Arc::clone(&dataset), 0, nearest, condition, area).await?
    };
    call.used(&dataset, found.len());
    call.looked_up(&dataset, from, found.len());
    let response = match projection.json().filter(|_| format == Format::Json && language.is_none()) {
        Some(rows) => json(&dataset, rows, &found, call.started),
        None if projection.may_take_long() => {
            let started = call.started;
            let written = move || table(&dataset, &projection, &found, (format, language), started);
            call.app.queries.apart(written).await?
        }
        None => table(&dataset, &projection, &found, (format, language), call.started)?,
    };
    Ok(tagged(response, fingerprint))
}

fn json(dataset: &Dataset, rows: &JsonRows, found: &[Neighbour], started: Instant) -> Response {
    let mut body = Vec::with_capacity(1024 + 256 * found.len());
    rows.start(&mut body);
    let places: Vec<(usize, usize)> = found.iter().map(|neighbour| dataset.locate(neighbour.row)).collect();
    rows.fetch(&places);
    for (at, (neighbour, (batch, row))) in found.iter().zip(places).enumerate() {
        body.extend_from_slice(if at == 0 { b"\n" } else { b",\n" });
        rows.row(batch, row, neighbour.distance_m, &mut body);
    }
    let outcome = Outcome { elapsed: started.elapsed(), members: bounds(), ..Outcome::default() };
    write_outcome(found.len() as u64, &outcome, &mut body);
    bytes("application/json", body)
}

/// The rows that were found as a table, for the forms that are written by column.
fn table(
    dataset: &Dataset,
    projection: &Projection,
    found: &[Neighbour],
    form: (Format, Option<Language>),
    started: Instant,
) -> Result<Response> {
    let numbers: Vec<u32> = found.iter().map(|neighbour| neighbour.row).collect();
    let rows = projection.rows(dataset, &numbers, is_flat(form.0))?;
    let mut fields = rows.schema().fields().to_vec();
    fields.push(Arc::new(Field::new(DISTANCE_M, DataType::Float64, false)));
    let distances = found.iter().map(|neighbour| (neighbour.distance_m * 1e3).round() / 1e3);
    let mut columns = rows.columns().to_vec();
    columns.push(Arc::new(distances.collect::<Float64Array>()));
    let rows = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).map_err(not_written)?;
    list(&rows, form, &Outcome { elapsed: started.elapsed(), members: bounds(), ..Outcome::default() })
}

/// How many rows can be asked for at most.
fn bounds() -> Vec<(&'static str, Value)> {
    vec![("bounds", json!({ "k": K.most() }))]
}

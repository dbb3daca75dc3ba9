//! `GET /datasets/{apiUri}/nearest`: snapshot → index → bytes, without SQL unless `where` needs it.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use arrow::array::{ArrayRef, Float64Array, RecordBatch};
use arrow::compute::interleave_record_batch;
use arrow::datatypes::{DataType, Field, Schema};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;

use super::App;
use super::request::{Params, dataset_name};
use super::response::{answer, bytes, not_written, whole};
use crate::catalog::Dataset;
use crate::encode::{DISTANCE_M, Format, JsonRows, Outcome, write_outcome};
use crate::error::{Code, Error, Place, Result, nearest_name};
use crate::geo::{Neighbour, Position};
use crate::query::NearestRows;

const PARAMETERS: [&str; 7] = ["lat", "lon", "k", "max_m", "where", "select", "format"];
const DEFAULT_K: usize = 10;
const MOST_K: usize = 1_000;
/// Selections that are kept, with the start of the answer written, for the next request.
const KEPT_PROJECTIONS: usize = 1_024;

/// The columns that a request selects, written once and used again.
#[derive(Debug)]
pub(crate) struct Projection {
    id: u64,
    columns: Vec<usize>,
    json: JsonRows,
}

/// Projections by dataset and `select`.
#[derive(Debug, Default)]
pub(crate) struct Projections {
    kept: RwLock<HashMap<String, HashMap<String, Arc<Projection>>>>,
}

impl Projections {
    fn get(&self, dataset: &Dataset, select: &str) -> Result<Arc<Projection>> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        let found = kept.get(dataset.name()).and_then(|of| of.get(select));
        if let Some(projection) = found.filter(|projection| projection.id == dataset.id) {
            return Ok(Arc::clone(projection));
        }
        drop(kept);
        let columns = columns(dataset, select)?;
        let json = JsonRows::new(&dataset.document.schema, &dataset.document.batches, &columns)
            .map_err(not_written)?;
        let projection = Arc::new(Projection { id: dataset.id, columns, json });
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        if kept.values().map(HashMap::len).sum::<usize>() >= KEPT_PROJECTIONS {
            kept.clear();
        }
        let of_dataset = kept.entry(dataset.name().to_owned()).or_default();
        // Those of a version before this one would keep its rows in memory.
        of_dataset.retain(|_, projection| projection.id == dataset.id);
        of_dataset.insert(select.to_owned(), Arc::clone(&projection));
        Ok(projection)
    }
}

/// The places of the columns that `select` names, all of them where it is empty.
fn columns(dataset: &Dataset, select: &str) -> Result<Vec<usize>> {
    let fields = dataset.document.schema.fields();
    if select.is_empty() {
        return Ok((0..fields.len()).collect());
    }
    let find = |name: &str| {
        if let Some(exact) = fields.iter().position(|field| field.name() == name) {
            return Ok(exact);
        }
        let folded = name.to_lowercase();
        let mut alike = fields.iter().enumerate().filter(|(_, field)| field.name().to_lowercase() == folded);
        match (alike.next(), alike.next()) {
            (Some((at, _)), None) => Ok(at),
            _ => Err(unknown_column(dataset, name)),
        }
    };
    select.split(',').map(|name| find(name.trim())).collect()
}

fn unknown_column(dataset: &Dataset, name: &str) -> Error {
    let names = || dataset.document.schema.fields().iter().map(|field| field.name().as_str());
    let error = Error::new(Code::QueryUnknownColumn, format!("no column '{name}' in {}", dataset.name()));
    let hint = match nearest_name(name, names()) {
        Some(nearest) => format!("did you mean '{nearest}'?"),
        None => format!("columns: {}", names().collect::<Vec<_>>().join(", ")),
    };
    error.at(Place::field("select")).hint(hint)
}

/// `GET /datasets/{apiUri}/nearest?lat=…&lon=…`
pub(super) async fn nearest(
    State(app): State<Arc<App>>,
    name: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let run = async { find(&app, &dataset_name(name)?, query.as_deref(), &headers).await };
    answer(run.await)
}

async fn find(app: &App, name: &str, query: Option<&str>, headers: &HeaderMap) -> Result<Response> {
    let started = Instant::now();
    let params = Params::parse(query, &PARAMETERS)?;
    let format = params.format(headers)?;
    let example = "?lat=51.128&lon=71.43";
    let lat = params.degrees("lat", 90.0, example)?;
    let lon = params.degrees("lon", 180.0, example)?;
    let k = params.count("k", DEFAULT_K, MOST_K)?;
    let max_m = params.metres("max_m")?;
    let nearest = NearestRows { from: Position::new(lon, lat), k, max_m };
    let dataset = app.catalog().look(|snapshot| snapshot.require(name).cloned())?;
    let Some(points) = dataset.points.first() else {
        return Err(Error::new(
            Code::RequestParameter,
            format!("the dataset '{}' has no Geoposition", dataset.name()),
        )
        .hint("system.datasets shows how many points each dataset has"));
    };
    let projection = app.projections.get(&dataset, params.text("select").unwrap_or_default())?;
    let found = match params.text("where") {
        None => points.index.nearest_k(nearest.from, k, max_m),
        Some(condition) => {
            app.queries.nearest_where(Arc::clone(&dataset), 0, nearest, condition.to_owned()).await?
        }
    };
    if format == Format::Json {
        return Ok(json(&dataset, &projection, &found, started));
    }
    table(&dataset, &projection, &found, format, started)
}

fn json(dataset: &Dataset, projection: &Projection, found: &[Neighbour], started: Instant) -> Response {
    let mut body = Vec::with_capacity(1024 + 256 * found.len());
    projection.json.start(&mut body);
    let places: Vec<(usize, usize)> = found.iter().map(|neighbour| dataset.locate(neighbour.row)).collect();
    projection.json.fetch(&places);
    for (at, (neighbour, (batch, row))) in found.iter().zip(places).enumerate() {
        body.extend_from_slice(if at == 0 { b"\n" } else { b",\n" });
        projection.json.row(batch, row, neighbour.distance_m, &mut body);
    }
    write_outcome(
        found.len() as u64,
        &Outcome { elapsed: started.elapsed(), ..Outcome::default() },
        &mut body,
    );
    bytes("application/json", body)
}

/// The rows that were found as a table, for the forms that are written by column.
fn table(
    dataset: &Dataset,
    projection: &Projection,
    found: &[Neighbour],
    format: Format,
    started: Instant,
) -> Result<Response> {
    let schema = dataset.document.schema.project(&projection.columns).map_err(not_written)?;
    let mut fields: Vec<_> = schema.fields().iter().cloned().collect();
    fields.push(Arc::new(Field::new(DISTANCE_M, DataType::Float64, false)));
    let batches = dataset.document.batches.iter().map(|batch| batch.project(&projection.columns));
    let batches = batches.collect::<Result<Vec<_>, _>>().map_err(not_written)?;
    let places: Vec<_> = found.iter().map(|neighbour| dataset.locate(neighbour.row)).collect();
    let mut columns: Vec<ArrayRef> = if places.is_empty() {
        schema.fields().iter().map(|field| arrow::array::new_empty_array(field.data_type())).collect()
    } else {
        let rows =
            interleave_record_batch(&batches.iter().collect::<Vec<_>>(), &places).map_err(not_written)?;
        rows.columns().to_vec()
    };
    let distances = found.iter().map(|neighbour| (neighbour.distance_m * 1e3).round() / 1e3);
    columns.push(Arc::new(distances.collect::<Float64Array>()));
    let rows = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).map_err(not_written)?;
    whole(&rows, format, started)
}

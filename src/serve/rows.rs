//! `GET /datasets/{apiUri}/rows` and `/within`, page by page, and `/rows/{pkey}`, one object: without SQL
//! unless `where` or `order` need it.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;
use serde_json::{Value, json};

use super::area;
use super::parameters::{LIMIT, RADIUS_M};
use super::projection::{Projection, Wanted, is_flat};
use super::request::Call;
use super::response::{bytes, not_modified, not_written, object_bytes, tagged, whole};
use crate::catalog::{Dataset, Snapshot};
use crate::encode::{Format, JsonRows, Language, Outcome};
use crate::error::{Code, Error, Result};
use crate::query::{Page, PageRequest};

/// How many rows there are in all, where that was asked for.
const TOTAL_COUNT: HeaderName = HeaderName::from_static("x-total-count");

/// A page of this many rows is written where the request came in; larger ones would hold others up.
const MOST_IN_PLACE: usize = 200;

/// A page of rows.
pub(super) async fn page(call: Call) -> Result<Response> {
    let dataset = call.dataset_in()?;
    answer(call, dataset, None, Vec::new()).await
}

/// A page of the rows in an area, which the index finds: in a box, within a radius, in a polygon, in the
/// area of another dataset's object.
pub(super) async fn within(call: Call) -> Result<Response> {
    let (dataset, snapshot) = call.dataset_in()?;
    let (area, other) = area::of_parameters(&call, &call.params()?)?;
    dataset.require_points()?;
    let bounds = json!({ "limit": LIMIT.most(), "radius_m": RADIUS_M.most() });
    let others = other.map(|other| other.fingerprint().to_owned());
    let page = Area { area, versions: others.into_iter().collect() };
    answer(call, (dataset, snapshot), Some(page), vec![("bounds", bounds)]).await
}

/// Where the rows of a page must be, and which other versions say so.
struct Area {
    area: crate::query::Area,
    versions: Vec<String>,
}

async fn answer(
    call: Call,
    (dataset, snapshot): (Arc<Dataset>, Arc<Snapshot>),
    area: Option<Area>,
    members: Vec<(&'static str, Value)>,
) -> Result<Response> {
    let (area, versions) = area.map_or((None, Vec::new()), |it| (Some(it.area), it.versions));
    let (request, wanted, format, language) = {
        let params = call.params()?;
        let request = PageRequest {
            area,
            condition: params.owned("where"),
            order: params.owned("order"),
            after: params.owned("after"),
            limit: params.count("limit")?,
            counts: params.one_of("count", &[()], |()| "exact")?.is_some(),
        };
        (request, Wanted::of(&params)?, params.format(call.headers())?, params.language()?)
    };
    let is_stable = {
        let mut texts = [&request.condition, &request.order].into_iter().flatten();
        texts.all(|text| !call.app.queries.is_of_the_moment(text))
    };
    let own = call.versions(&dataset, &snapshot);
    let versions = std::iter::once(own.as_ref()).chain(versions.iter().map(String::as_str));
    let fingerprint = is_stable.then(|| call.fingerprint(format, versions));
    if let Some(fingerprint) = fingerprint.filter(|fingerprint| call.has(*fingerprint)) {
        call.used(&dataset, 0);
        return Ok(not_modified(fingerprint));
    }
    let projection = call.app.projections.get(&dataset, &snapshot, &wanted)?;
    let writing = Writing { projection, form: (format, language), started: call.started, members };
    let is_small = request.limit <= MOST_IN_PLACE && !writing.projection.may_take_long();
    let in_place = is_small.then(|| request.in_place(&dataset)).flatten();
    let (page, body) = if let Some(page) = in_place {
        writing.write(&dataset, page?)?
    } else {
        let finish = move |dataset: &Dataset, page| writing.write(dataset, page);
        call.app.queries.page(Arc::clone(&dataset), request, finish).await?
    };
    call.used(&dataset, page.rows.len());
    let mut response = bytes(format.content_type(), body);
    add_headers(&mut response, &page, &call)?;
    Ok(tagged(response, fingerprint))
}

/// How a page is written.
struct Writing {
    projection: Arc<Projection>,
    form: (Format, Option<Language>),
    started: std::time::Instant,
    /// Further members of the answer.
    members: Vec<(&'static str, Value)>,
}

impl Writing {
    fn write(&self, dataset: &Dataset, page: Page) -> Result<(Page, Bytes)> {
        let rows = self.projection.rows(dataset, &page.rows, is_flat(self.form.0))?;
        let outcome = Outcome {
            elapsed: self.started.elapsed(),
            next: page.next.clone(),
            members: page
                .count
                .map(|count| ("count", json!(count)))
                .into_iter()
                .chain(self.members.iter().cloned())
                .collect(),
            ..Outcome::default()
        };
        let body = whole([&rows], rows.schema_ref(), self.form, &outcome)?;
        Ok((page, body.into()))
    }
}

/// `Link` to the next page (RFC 8288), and how many rows there are.
fn add_headers(response: &mut Response, page: &Page, call: &Call) -> Result<()> {
    let headers = response.headers_mut();
    if let Some(next) = &page.next {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let given = form_urlencoded::parse(call.parts.uri.query().unwrap_or_default().as_bytes());
        query.extend_pairs(given.filter(|(name, _)| name != "after"));
        let query = query.append_pair("after", next).finish();
        let link = format!("<{}?{query}>; rel=\"next\"", call.parts.uri.path());
        let link = HeaderValue::try_from(link).map_err(|error| {
            Error::new(Code::Internal, "the address of the next page cannot be written").caused_by(error)
        })?;
        headers.insert(header::LINK, link);
    }
    if let Some(count) = page.count {
        headers.insert(TOTAL_COUNT, HeaderValue::from(count));
    }
    Ok(())
}

/// One object, by its key.
pub(super) async fn by_key(call: Call) -> Result<Response> {
    let wanted = Wanted::of(&call.params()?)?;
    let (dataset, snapshot) = call.dataset_in()?;
    let fingerprint = call.fingerprint(Format::Json, [call.versions(&dataset, &snapshot).as_ref()]);
    let key = call.segment("pkey");
    let row = if dataset.is_on_disk() {
        let (dataset, key) = (Arc::clone(&dataset), key.to_owned());
        call.app.queries.apart(move || row_of(&dataset, &key)).await?
    } else {
        row_of(&dataset, key)?
    };
    call.used(&dataset, 1);
    if call.has(fingerprint) {
        return Ok(not_modified(fingerprint));
    }
    let projection = call.app.projections.get(&dataset, &snapshot, &wanted)?;
    let mut body = if projection.may_take_long() {
        call.app.queries.apart(move || nested_object(&dataset, &projection, row)).await?
    } else {
        let (batch, at) = dataset.locate(row);
        let mut body = Vec::with_capacity(512);
        if let Some(rows) = projection.json() {
            rows.object(batch, at, &mut body);
        }
        body
    };
    body.push(b'\n');
    Ok(tagged(object_bytes(body), fingerprint))
}

/// The row of the object with a key.
fn row_of(dataset: &Dataset, key: &str) -> Result<u32> {
    let Some(index) = dataset.key_index() else {
        let message = format!("the dataset '{}' declares no key", dataset.name());
        return Err(Error::new(Code::CatalogUnknownObject, message)
            .hint("its objects can be found by a condition: /rows?where=…"));
    };
    index.find(dataset, key)?.first().copied().ok_or_else(|| {
        let message = format!("no object '{key}' in {}", dataset.name());
        Error::new(Code::CatalogUnknownObject, message)
    })
}

/// A row with others in it, as a JSON object.
fn nested_object(dataset: &Dataset, projection: &Projection, row: u32) -> Result<Vec<u8>> {
    let found = projection.rows(dataset, &[row], false)?;
    let all: Vec<usize> = (0..found.num_columns()).collect();
    let rows = JsonRows::new(found.schema_ref(), std::slice::from_ref(&found), &all);
    let mut body = Vec::new();
    rows.map_err(not_written)?.object(0, 0, &mut body);
    Ok(body)
}

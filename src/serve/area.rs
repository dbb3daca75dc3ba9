//! The area that a request asks about: a box, a circle, a polygon, or what another dataset's object covers.

use std::sync::Arc;

use super::request::{Call, Params, wrong};
use crate::catalog::{Dataset, Snapshot};
use crate::error::{Code, Error, Place, Result, nearest_name};
use crate::geo::{Geometry, GeometryFault, Position};
use crate::query::Area;

/// The forms in which an area can be given.
const FORMS: &str = "bbox=…, lat=…&lon=…&radius_m=…, polygon=… or in=apiUri.key";

/// What an area looks like.
const POLYGON_HINT: &str = "such as POLYGON((71 51, 72 51, 72 52, 71 51)), longitude first";

/// The area that a request asks about, and the other dataset that it is taken from, if any.
///
/// # Errors
/// `request.parameter` where there is none, more than one, or what is given is no area.
pub(super) fn of_parameters(call: &Call, params: &Params<'_>) -> Result<(Area, Option<Arc<Dataset>>)> {
    let has = |name: &str| params.text(name).is_some();
    let is_circle = ["lat", "lon", "radius_m"].into_iter().any(has);
    let forms = [has("bbox"), is_circle, has("polygon"), has("in")];
    if forms.into_iter().filter(|is_given| *is_given).count() != 1 {
        let message = "the area must be given in one form, and in one only";
        return Err(Error::new(Code::RequestParameter, message).hint(FORMS));
    }
    if let Some([west, south, east, north]) = params.bounds("bbox")? {
        let geometry = Geometry::envelope(west, south, east, north);
        let geometry = geometry.ok_or_else(|| {
            wrong("bbox", "'bbox' is no box: expected degrees, the south at most the north".to_owned())
                .hint("longitude first: bbox=minlon,minlat,maxlon,maxlat")
        })?;
        return Ok((Area::of(&geometry), None));
    }
    if is_circle {
        let from = Position::new(params.degrees("lon")?, params.degrees("lat")?);
        params.required("radius_m")?;
        return Ok((Area::Near { from, max_m: params.metres("radius_m")? }, None));
    }
    if let Some(text) = params.text("polygon") {
        let geometry = Geometry::from_text(text).map_err(|fault| no_area("polygon", &fault))?;
        return Ok((Area::of(&areal("polygon", geometry)?), None));
    }
    let (dataset, area) = of_object(call, params)?
        .ok_or_else(|| Error::new(Code::Internal, "an area was given and not found"))?;
    Ok((area, Some(dataset)))
}

/// The area that `in=apiUri.key` names, and its dataset; none where the parameter is missing. The outline
/// itself is read where the rows are looked for.
///
/// # Errors
/// `catalog.*` where there is no such dataset or object.
pub(super) fn of_object(call: &Call, params: &Params<'_>) -> Result<Option<(Arc<Dataset>, Area)>> {
    let Some(text) = params.text("in") else { return Ok(None) };
    let at_in = |error: Error| error.at(Place::field("in"));
    let (dataset, key) = call.app.catalog().look(|snapshot| named(snapshot, text)).map_err(at_in)?;
    let find = || {
        let index = dataset.key_index().ok_or_else(|| {
            let message = format!("the dataset '{}' declares no key", dataset.name());
            Error::new(Code::CatalogUnknownObject, message)
        })?;
        index.find(&dataset, key)?.first().copied().ok_or_else(|| {
            let message = format!("no object '{key}' in {}", dataset.name());
            Error::new(Code::CatalogUnknownObject, message)
        })
    };
    // The first look into rows on disk makes an index of their keys: others are answered meanwhile.
    let found = if dataset.is_on_disk() { tokio::task::block_in_place(find) } else { find() };
    let row = found.map_err(at_in)?;
    let area = Area::OfObject { dataset: Arc::clone(&dataset), row };
    Ok(Some((dataset, area)))
}

/// The versions that an answer is made of.
pub(super) fn versions<'a>(
    own: &'a str,
    other: Option<&'a (Arc<Dataset>, Area)>,
) -> impl Iterator<Item = &'a str> {
    let other = other.map(|(other, _)| other.fingerprint());
    std::iter::once(own).chain(other)
}

/// The dataset and the key in `apiUri.key`; both may have dots.
fn named<'t>(snapshot: &Snapshot, text: &'t str) -> Result<(Arc<Dataset>, &'t str)> {
    let dots = text.match_indices('.').map(|(at, _)| at);
    let found = dots.rev().find_map(|at| Some((Arc::clone(snapshot.dataset(&text[..at])?), &text[at + 1..])));
    found.ok_or_else(|| {
        let name = text.split('.').next().unwrap_or_default();
        let error = Error::new(Code::CatalogUnknownDataset, format!("no dataset '{name}'"));
        match nearest_name(name, snapshot.datasets().map(|dataset| dataset.name())) {
            Some(nearest) => error.hint(format!("did you mean '{nearest}'? expected apiUri.key")),
            None => error.hint("expected apiUri.key"),
        }
    })
}

fn areal(name: &str, geometry: Geometry) -> Result<Geometry> {
    if geometry.is_areal() {
        return Ok(geometry);
    }
    Err(wrong(name, format!("'{name}' is a {}; expected a polygon", geometry.kind())).hint(POLYGON_HINT))
}

fn no_area(name: &str, fault: &GeometryFault) -> Error {
    wrong(name, format!("'{name}' is no geometry: {fault}")).hint(POLYGON_HINT)
}

//! `GET /datasets/{apiUri}/passport`: the technological passport of a dataset (order 111/НҚ/2021, annex 2).

use std::sync::Arc;

use axum::http::HeaderValue;
use axum::http::header::X_CONTENT_TYPE_OPTIONS;
use axum::response::Response;

use super::format::chosen;
use super::links;
use super::request::Call;
use super::response::{bytes, not_modified, tagged};
use crate::assess::passport::{Form, Known, Language, Passport};
use crate::assess::profile::profile_checked;
use crate::encode::Format;
use crate::error::Result;

/// The passport, filled as far as the dataset tells, in the language of the order where none is asked for. Cost: the
/// profile of the dataset, each time that it is asked for.
pub(super) async fn passport(call: Call) -> Result<Response> {
    let (form, language) = {
        let params = call.params()?;
        let language = params.one_of("lang", &Language::ALL, Language::code)?;
        let told = |form: Form| (form.name(), form.content_type());
        let form = chosen(params.text("format"), call.headers(), &Form::ALL, told)?;
        (form, language.unwrap_or(Language::Kk))
    };
    let (dataset, snapshot) = call.dataset_in()?;
    links::counted(&call.app, &snapshot, Some(dataset.name())).await?;
    let parts = [
        dataset.fingerprint(),
        snapshot.surroundings(&dataset),
        links::completeness([&dataset].into_iter()),
        form.name(),
        language.code(),
    ];
    let fingerprint = call.fingerprint(Format::Json, parts);
    if call.has(fingerprint) {
        return Ok(not_modified(fingerprint));
    }
    let of = Arc::clone(&dataset);
    let write = move |check: &dyn Fn() -> Result<()>| {
        let profile = profile_checked(&of, check)?;
        Ok(Passport::of_dataset(&of, &profile, Known::default())?.written(form, language))
    };
    let body = call.app.queries.apart_checked(write).await?;
    let mut response = bytes(form.content_type(), body);
    // Whatever a publisher's values are, they are no program.
    response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok(tagged(response, fingerprint))
}

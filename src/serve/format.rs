//! Which form of an answer a request asks for: `format=`, or the header `Accept` (RFC 9110, 12.5.1).

use axum::http::HeaderMap;
use axum::http::header::ACCEPT;

use crate::encode::Format;
use crate::error::{Code, Error, Place, Result};

/// The forms that are sent over HTTP, the one that is preferred first.
pub(super) fn formats() -> impl Iterator<Item = Format> {
    Format::ALL.into_iter().filter(|format| *format != Format::Table)
}

/// The form that `format=` names, else the one that `Accept` prefers, else JSON.
///
/// # Errors
/// `request.not_acceptable`, with the forms that there are.
pub(super) fn accepted(named: Option<&str>, headers: &HeaderMap) -> Result<Format> {
    if let Some(name) = named {
        let found = Format::named(name).filter(|found| formats().any(|format| format == *found));
        return found.ok_or_else(|| not_acceptable(format!("no format '{name}'")).at(Place::field("format")));
    }
    let Some(accept) = headers.get(ACCEPT).and_then(|value| value.to_str().ok()) else {
        return Ok(Format::Json);
    };
    preferred(accept, formats(), essence)
        .ok_or_else(|| not_acceptable(format!("none of the formats in 'Accept: {accept}' is available")))
}

/// The form, of those that a route has beside the forms of lists, that `format=` names, else the one that `Accept`
/// prefers, else the first. `told` are the name and the media type of one.
///
/// # Errors
/// `request.not_acceptable`, with the forms that there are.
pub(super) fn chosen<T: Copy>(
    named: Option<&str>,
    headers: &HeaderMap,
    forms: &[T],
    told: fn(T) -> (&'static str, &'static str),
) -> Result<T> {
    let essence = |form: T| bare(told(form).1);
    let not_acceptable = |message: String| {
        let known = forms.iter().map(|form| format!("{} ({})", told(*form).0, essence(*form)));
        Error::new(Code::RequestNotAcceptable, message)
            .hint(format!("formats: {}", known.collect::<Vec<_>>().join(", ")))
    };
    if let Some(name) = named {
        let found = forms.iter().copied().find(|form| told(*form).0.eq_ignore_ascii_case(name));
        return found.ok_or_else(|| not_acceptable(format!("no format '{name}'")).at(Place::field("format")));
    }
    // Without the header any form will do.
    let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("*/*");
    preferred(accept, forms.iter().copied(), essence)
        .ok_or_else(|| not_acceptable(format!("none of the formats in 'Accept: {accept}' is available")))
}

fn not_acceptable(message: String) -> Error {
    let known = formats().map(|format| format!("{} ({})", format.name(), essence(format)));
    Error::new(Code::RequestNotAcceptable, message)
        .hint(format!("formats: {}", known.collect::<Vec<_>>().join(", ")))
}

fn essence(format: Format) -> &'static str {
    bare(format.content_type())
}

/// A media type without its parameters.
fn bare(media_type: &'static str) -> &'static str {
    media_type.split(';').next().unwrap_or_default()
}

/// The form, of some whose media types `essence` tells, that an `Accept` header prefers: the highest quality, then
/// the first that is named. A range that names a type exactly decides over `text/*`, and that over `*/*`.
fn preferred<T: Copy>(
    accept: &str,
    forms: impl Iterator<Item = T>,
    essence: impl Fn(T) -> &'static str,
) -> Option<T> {
    let ranges: Vec<(&str, f32)> = accept.split(',').map(range).collect();
    let quality = |format: T| {
        let own = essence(format);
        let group = own.split('/').next().unwrap_or_default();
        let rank = |name: &str| match name.split_once('/') {
            Some((_, _)) if name.eq_ignore_ascii_case(own) => 3,
            Some((of, "*")) if of.eq_ignore_ascii_case(group) => 2,
            Some(("*", "*")) => 1,
            _ => 0,
        };
        let matching = ranges.iter().enumerate().filter(|(_, (name, _))| rank(name) > 0);
        let (at, (_, quality)) = matching.max_by_key(|(at, (name, _))| (rank(name), usize::MAX - at))?;
        (*quality > 0.0).then_some((*quality, at, format))
    };
    let better = |best: Option<(f32, usize, T)>, next: (f32, usize, T)| match best {
        Some(best) if (best.0, usize::MAX - best.1) >= (next.0, usize::MAX - next.1) => Some(best),
        _ => Some(next),
    };
    forms.filter_map(quality).fold(None, better).map(|(_, _, format)| format)
}

/// A media range and its quality.
fn range(text: &str) -> (&str, f32) {
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next().filter(|name| !name.is_empty()).unwrap_or("*/*");
    let quality = parts.find_map(|part| part.strip_prefix("q=")?.parse().ok()).unwrap_or(1.0);
    (name, quality)
}

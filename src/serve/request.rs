//! A request's parameters, each of its type, with errors that name it.

use std::borrow::Cow;

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::HeaderMap;
use axum::http::header::ACCEPT;

use crate::encode::{Format, Language};
use crate::error::{Code, Error, Place, Result, nearest_name};

/// The dataset's name in the path.
///
/// # Errors
/// `request.parameter` where it is no text.
pub(super) fn dataset_name(path: Result<Path<String>, PathRejection>) -> Result<String> {
    let Path(name) = path.map_err(|error| wrong("apiUri", error.body_text()))?;
    Ok(name)
}

/// The parameters behind the question mark.
pub(super) struct Params<'a> {
    pairs: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> Params<'a> {
    /// The parameters of a query string, of which only `known` ones may be there, each once.
    ///
    /// # Errors
    /// `request.parameter` names the one that is unknown or there twice.
    pub(super) fn parse(query: Option<&'a str>, known: &[&str]) -> Result<Self> {
        let pairs: Vec<_> = form_urlencoded::parse(query.unwrap_or_default().as_bytes()).collect();
        for (at, (name, _)) in pairs.iter().enumerate() {
            if !known.contains(&name.as_ref()) {
                let error = wrong(name, format!("no parameter '{name}'"));
                return Err(match nearest_name(name, known.iter().copied()) {
                    Some(nearest) => error.hint(format!("did you mean '{nearest}'?")),
                    None => error.hint(format!("parameters: {}", known.join(", "))),
                });
            }
            if pairs[..at].iter().any(|(before, _)| before == name) {
                return Err(wrong(name, format!("'{name}' stands there twice")));
            }
        }
        Ok(Self { pairs })
    }

    /// The text of a parameter, or none where it is missing or empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let pair = self.pairs.iter().find(|(known, _)| known == name);
        pair.map(|(_, value)| value.as_ref()).filter(|value| !value.is_empty())
    }

    /// The text of a parameter that must be there.
    pub(super) fn required(&self, name: &str, example: &str) -> Result<&str> {
        self.text(name)
            .ok_or_else(|| wrong(name, format!("'{name}' is missing")).hint(format!("such as {example}")))
    }

    /// A number that must be there and lie between two bounds.
    pub(super) fn degrees(&self, name: &str, bound: f64, example: &str) -> Result<f64> {
        let value = number(name, self.required(name, example)?)?;
        if value.abs() <= bound {
            return Ok(value);
        }
        Err(wrong(name, format!("'{name}' is {value}; expected degrees from -{bound} to {bound}")))
    }

    /// A distance in metres, or infinity where the parameter is missing.
    pub(super) fn metres(&self, name: &str) -> Result<f64> {
        let Some(text) = self.text(name) else { return Ok(f64::INFINITY) };
        let value = number(name, text)?;
        if value >= 0.0 {
            Ok(value)
        } else {
            Err(wrong(name, format!("'{name}' is {value}; expected metres, 0 or more")))
        }
    }

    /// A count from 1 to `most`, or `default` where the parameter is missing.
    pub(super) fn count(&self, name: &str, default: usize, most: usize) -> Result<usize> {
        let Some(text) = self.text(name) else { return Ok(default) };
        match text.parse() {
            Ok(count) if (1..=most).contains(&count) => Ok(count),
            _ => Err(wrong(name, format!("'{name}' is '{text}'; expected a whole number from 1 to {most}"))),
        }
    }

    /// The language of labels and messages: `lang=`, else English.
    pub(super) fn language(&self) -> Result<Language> {
        self.one_of("lang", &Language::ALL, Language::code).map(Option::unwrap_or_default)
    }

    /// One of the values that a parameter can have, or none where it is missing.
    pub(super) fn one_of<T: Copy>(
        &self,
        name: &str,
        all: &[T],
        code: fn(T) -> &'static str,
    ) -> Result<Option<T>> {
        let Some(text) = self.text(name) else { return Ok(None) };
        if let Some(value) = all.iter().find(|value| code(**value).eq_ignore_ascii_case(text)) {
            return Ok(Some(*value));
        }
        let error = wrong(name, format!("'{name}' is '{text}'"));
        Err(match nearest_name(text, all.iter().map(|value| code(*value))) {
            Some(nearest) if all.len() > 8 => error.hint(format!("did you mean '{nearest}'?")),
            _ if all.len() > 8 => error.hint("SELECT rule FROM system.rules lists them"),
            _ => error.hint(format!(
                "expected one of {}",
                all.iter().map(|it| code(*it)).collect::<Vec<_>>().join(", ")
            )),
        })
    }

    /// The form of the answer: `format=`, else what `Accept` prefers, else JSON.
    pub(super) fn format(&self, headers: &HeaderMap) -> Result<Format> {
        if let Some(name) = self.text("format") {
            return Format::named(name)
                .filter(|format| FORMATS.contains(format))
                .ok_or_else(|| not_acceptable(format!("no format '{name}'")).at(Place::field("format")));
        }
        let Some(accept) = headers.get(ACCEPT).and_then(|value| value.to_str().ok()) else {
            return Ok(Format::Json);
        };
        accepted(accept)
            .ok_or_else(|| not_acceptable(format!("none of the formats in 'Accept: {accept}' is available")))
    }
}

/// The forms that are sent over HTTP.
const FORMATS: [Format; 2] = [Format::Json, Format::Csv];

fn not_acceptable(message: String) -> Error {
    Error::new(Code::RequestNotAcceptable, message).hint("formats: json (application/json), csv (text/csv)")
}

/// The form that an `Accept` header prefers: the highest quality, then the first.
fn accepted(accept: &str) -> Option<Format> {
    let mut best: Option<(f32, Format)> = None;
    for range in accept.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let format = match parts.next().unwrap_or_default() {
            "application/json" | "application/*" | "*/*" | "" => Format::Json,
            "text/csv" | "text/*" => Format::Csv,
            _ => continue,
        };
        let quality = parts.find_map(|part| part.strip_prefix("q=")?.parse().ok()).unwrap_or(1.0);
        if quality > 0.0 && best.is_none_or(|(known, _)| quality > known) {
            best = Some((quality, format));
        }
    }
    best.map(|(_, format)| format)
}

fn wrong(name: &str, message: String) -> Error {
    Error::new(Code::RequestParameter, message).at(Place::field(name))
}

fn number(name: &str, text: &str) -> Result<f64> {
    let value = text.trim().parse::<f64>().ok().filter(|value| value.is_finite());
    value.ok_or_else(|| wrong(name, format!("'{name}' is '{text}'; expected a number")))
}

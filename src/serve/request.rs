//! A request: what it asks of which route, each parameter of its type, with errors that name it.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use chrono::Utc;

use super::App;
use super::coding::Coding;
use super::format::accepted;
use super::route::{Kind, Parameter, Route};
use crate::catalog::{Dataset, Snapshot, Token};
use crate::encode::{Format, Language};
use crate::error::{Code, Error, Place, Result, nearest_name};
use crate::query::Fingerprint;

/// The parameters of one request: those of a query among them.
const MOST_PARAMETERS: usize = 200;

/// A request on its way through a route.
pub(super) struct Call {
    pub(super) app: Arc<App>,
    pub(super) route: &'static Route,
    /// The parts of the path that the route names.
    pub(super) path: Vec<(String, String)>,
    pub(super) parts: Parts,
    pub(super) body: Body,
    pub(super) started: Instant,
    /// Where it comes from, if that is known.
    pub(super) peer: Option<IpAddr>,
}

impl Call {
    /// The parameters, of which only those of the route may be there, each once.
    ///
    /// # Errors
    /// `request.parameter` names the one that is unknown or there twice.
    pub(super) fn params(&self) -> Result<Params<'_>> {
        Params::parse(self.parts.uri.query(), self.route)
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    /// A part of the path.
    pub(super) fn segment(&self, name: &str) -> &str {
        self.path.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The dataset that the path names.
    ///
    /// # Errors
    /// `catalog.unknown_dataset`.
    pub(super) fn dataset(&self) -> Result<Arc<Dataset>> {
        if self.version()?.is_some() {
            return self.dataset_in().map(|(dataset, _)| dataset);
        }
        self.app.catalog().look(|snapshot| snapshot.require(self.segment("apiUri")).cloned())
    }

    /// The version of the dataset that is asked for; none for the one that is served.
    fn version(&self) -> Result<Option<u32>> {
        let query = self.parts.uri.query().unwrap_or_default();
        if !query.contains("ersion") && !query.contains('%') {
            return Ok(None);
        }
        let given = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "version");
        let Some((_, text)) = given.filter(|_| self.route.parameter("version").is_some()) else {
            return Ok(None);
        };
        let version = text.trim_start_matches('v').parse().ok().filter(|version| *version > 0);
        version
            .map(Some)
            .ok_or_else(|| wrong("version", format!("'version' is '{text}'; expected a whole number from 1")))
    }

    /// The dataset that the path names, and the snapshot that it is of.
    ///
    /// # Errors
    /// `catalog.unknown_dataset`.
    pub(super) fn dataset_in(&self) -> Result<(Arc<Dataset>, Arc<Snapshot>)> {
        let (snapshot, name) = (self.app.catalog().snapshot(), self.segment("apiUri"));
        if let Some(version) = self.version()? {
            // A version that is not served is read from the store.
            let dataset = tokio::task::block_in_place(|| snapshot.version(name, version))?;
            return Ok((dataset, snapshot));
        }
        Ok((Arc::clone(snapshot.require(name)?), snapshot))
    }

    /// What tells the versions that a request is answered from: where it selects, expands, filters or orders,
    /// other datasets may be among them.
    pub(super) fn versions<'d>(&self, dataset: &'d Dataset, snapshot: &'d Snapshot) -> Cow<'d, str> {
        let query = self.parts.uri.query().unwrap_or_default().as_bytes();
        let follows = |name: &str| ["select", "expand", "where", "order"].contains(&name);
        let may_follow = form_urlencoded::parse(query).any(|(name, _)| follows(&name));
        let is_served = snapshot.named(dataset.name()).is_some_and(|served| served.id == dataset.id);
        match (may_follow, is_served) {
            (false, _) => Cow::Borrowed(dataset.fingerprint()),
            (true, true) => Cow::Borrowed(snapshot.surroundings(dataset)),
            // What an older version refers to is looked up in what is served.
            (true, false) => {
                let served = snapshot.datasets().map(|served| served.fingerprint());
                Cow::Owned(std::iter::once(dataset.fingerprint()).chain(served).collect::<Vec<_>>().join(" "))
            }
        }
    }

    /// The body, unpacked, of at most `limit` bytes.
    ///
    /// # Errors
    /// `request.too_large`; `request.encoding` where it is packed in another way than by gzip or zstd, and
    /// `request.body` where it is not packed as it says.
    pub(super) async fn body(&mut self, limit: usize) -> Result<Bytes> {
        let coding = Coding::of(self.headers())?;
        let body = std::mem::replace(&mut self.body, Body::empty());
        let body = axum::body::to_bytes(body, limit).await.map_err(|error| {
            // Of a body that is late, the door tells.
            let message = format!("the body is longer than {limit} bytes, or broke off");
            Error::new(Code::RequestTooLarge, message).caused_by(error)
        })?;
        if coding == Coding::Plain {
            return Ok(body);
        }
        tokio::task::block_in_place(|| coding.unpack(body, limit))
    }

    /// Who asks, for the log: a salted hash.
    pub(super) fn client(&self) -> Option<u64> {
        self.peer.map(|peer| self.app.client(peer))
    }

    /// The token that the request comes with: none where it has none, or one that is worth nothing.
    ///
    /// # Errors
    /// `store.damaged`.
    pub(super) fn token(&self) -> Result<Option<Token>> {
        let given = self.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let secret = given.and_then(|given| {
            let (scheme, secret) = given.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then_some(secret.trim())
        });
        let Some((store, secret)) = self.app.catalog().store().zip(secret) else { return Ok(None) };
        Ok(store.token_of(secret)?.filter(|token| token.is_valid(Utc::now())))
    }

    /// What the answer is made of: the address, the form, and versions of what is read.
    pub(super) fn fingerprint<'a>(
        &'a self,
        format: Format,
        versions: impl IntoIterator<Item = &'a str>,
    ) -> Fingerprint {
        self.fingerprint_of(self.parts.uri.query().unwrap_or_default(), format, versions)
    }

    /// The same for other parameters at the same path.
    pub(super) fn fingerprint_of<'a>(
        &'a self,
        query: &'a str,
        format: Format,
        versions: impl IntoIterator<Item = &'a str>,
    ) -> Fingerprint {
        let own = [super::response::VERSION, self.parts.uri.path(), query, format.name()];
        Fingerprint::of(own.into_iter().chain(versions))
    }

    /// Whether the asker has the answer with this fingerprint already (`If-None-Match`).
    pub(super) fn has(&self, fingerprint: Fingerprint) -> bool {
        has(self.headers(), fingerprint)
    }
}

/// Whether `If-None-Match` names this fingerprint. Compared weakly, as RFC 9110 has it for this header.
pub(super) fn has(headers: &HeaderMap, fingerprint: Fingerprint) -> bool {
    let named = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut tags = named.flat_map(|list| list.split(',')).map(|tag| tag.trim().trim_start_matches("W/"));
    let own = fingerprint.to_string();
    // `*` names whatever there is, which is not known before it is asked for.
    tags.any(|tag| tag.trim_matches('"') == own)
}

/// The parameters behind the question mark.
pub(super) struct Params<'a> {
    pairs: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    route: &'static Route,
}

impl<'a> Params<'a> {
    fn parse(query: Option<&'a str>, route: &'static Route) -> Result<Self> {
        let pairs: Vec<_> = form_urlencoded::parse(query.unwrap_or_default().as_bytes()).collect();
        if pairs.len() > MOST_PARAMETERS {
            let message = format!("{} parameters; at most {MOST_PARAMETERS} are read", pairs.len());
            return Err(Error::new(Code::RequestParameter, message));
        }
        let known =
            || route.parameters.iter().filter(|it| !it.is_in_path).map(|it: &'static Parameter| it.name);
        for (at, (name, _)) in pairs.iter().enumerate() {
            if !route.is_open && !known().any(|known| known == name) {
                let error = wrong(name, format!("no parameter '{name}'"));
                return Err(match nearest_name(name, known()) {
                    Some(nearest) => error.hint(format!("did you mean '{nearest}'?")),
                    None if known().next().is_none() => error.hint("this address takes none"),
                    None => error.hint(format!("parameters: {}", known().collect::<Vec<_>>().join(", "))),
                });
            }
            if pairs[..at].iter().any(|(before, _)| before == name) {
                return Err(wrong(name, format!("'{name}' stands there twice")));
            }
        }
        Ok(Self { pairs, route })
    }

    fn parameter(&self, name: &str) -> Result<&'static Parameter> {
        let missing = || Error::new(Code::Internal, format!("the route does not declare '{name}'"));
        self.route.parameter(name).ok_or_else(missing)
    }

    /// The text of a parameter, or none where it is missing or empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let pair = self.pairs.iter().find(|(known, _)| known == name);
        pair.map(|(_, value)| value.as_ref()).filter(|value| !value.is_empty())
    }

    pub(super) fn owned(&self, name: &str) -> Option<String> {
        self.text(name).map(str::to_owned)
    }

    /// The text of a parameter that must be there.
    pub(super) fn required(&self, name: &str) -> Result<&str> {
        let example = self.parameter(name)?.example;
        self.text(name).ok_or_else(|| {
            wrong(name, format!("'{name}' is missing")).hint(format!("such as {name}={example}"))
        })
    }

    /// Degrees that must be there.
    pub(super) fn degrees(&self, name: &str) -> Result<f64> {
        let Kind::Degrees(bound) = self.parameter(name)?.kind else { return Err(undeclared(name)) };
        let value = number(name, self.required(name)?)?;
        if value.abs() <= bound {
            return Ok(value);
        }
        Err(wrong(name, format!("'{name}' is {value}; expected degrees from -{bound} to {bound}")))
    }

    /// A distance in metres, or infinity where the parameter is missing.
    pub(super) fn metres(&self, name: &str) -> Result<f64> {
        let Kind::Metres(most) = self.parameter(name)?.kind else { return Err(undeclared(name)) };
        let Some(text) = self.text(name) else { return Ok(f64::INFINITY) };
        let value = number(name, text)?;
        if (0.0..=most).contains(&value) {
            return Ok(value);
        }
        let bound = if most.is_finite() { format!("from 0 to {most}") } else { "0 or more".to_owned() };
        Err(wrong(name, format!("'{name}' is {value}; expected metres, {bound}")))
    }

    /// West, south, east and north in degrees, or none where the parameter is missing.
    pub(super) fn bounds(&self, name: &str) -> Result<Option<[f64; 4]>> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let degrees: Vec<f64> = text.split(',').map(|part| number(name, part)).collect::<Result<_>>()?;
        degrees.try_into().map(Some).map_err(|found: Vec<f64>| {
            let message =
                format!("'{name}' has {} numbers; expected minlon,minlat,maxlon,maxlat", found.len());
            wrong(name, message)
        })
    }

    /// A count within the parameter's bounds.
    pub(super) fn count(&self, name: &str) -> Result<usize> {
        let Kind::Count { default, most } = self.parameter(name)?.kind else { return Err(undeclared(name)) };
        let Some(text) = self.text(name) else { return Ok(usize::try_from(default).unwrap_or(usize::MAX)) };
        match text.parse() {
            Ok(count) if (1..=most).contains(&count) => Ok(usize::try_from(count).unwrap_or(usize::MAX)),
            _ => Err(wrong(name, format!("'{name}' is '{text}'; expected a whole number from 1 to {most}"))),
        }
    }

    /// The language of labels and messages that is asked for.
    pub(super) fn language(&self) -> Result<Option<Language>> {
        self.one_of("lang", &Language::ALL, Language::code)
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
        let listed = || all.iter().map(|it| code(*it)).collect::<Vec<_>>().join(", ");
        Err(match nearest_name(text, all.iter().map(|value| code(*value))) {
            Some(nearest) if all.len() > 8 => error.hint(format!("did you mean '{nearest}'?")),
            _ if all.len() > 8 => error.hint("SELECT rule FROM system.rules lists them"),
            _ => error.hint(format!("expected one of {}", listed())),
        })
    }

    /// The form of the answer: `format=`, else what `Accept` prefers, else JSON.
    pub(super) fn format(&self, headers: &HeaderMap) -> Result<Format> {
        accepted(self.text("format"), headers)
    }

    /// What is given beside the parameters of the route: those of the query.
    pub(super) fn others(&self) -> impl Iterator<Item = (&str, &str)> {
        let is_other = |name: &str| self.route.parameter(name).is_none_or(|known| known.is_in_path);
        self.pairs
            .iter()
            .map(|(name, value)| (name.as_ref(), value.as_ref()))
            .filter(move |(name, _)| is_other(name))
    }
}

pub(super) fn wrong(name: &str, message: String) -> Error {
    Error::new(Code::RequestParameter, message).at(Place::field(name))
}

fn undeclared(name: &str) -> Error {
    Error::new(Code::Internal, format!("'{name}' is declared as something else"))
}

fn number(name: &str, text: &str) -> Result<f64> {
    let value = text.trim().parse::<f64>().ok().filter(|value| value.is_finite());
    value.ok_or_else(|| wrong(name, format!("'{name}' is '{text}'; expected a number")))
}

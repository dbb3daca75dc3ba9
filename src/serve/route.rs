//! What a route is: its place, its parameters and its answers. The router, the check of parameters and
//! the description for programs (`/openapi.json`) all read this.

use std::pin::Pin;

use axum::response::Response;

use super::request::Call;
use crate::error::{Code, Error, Result};

/// Answers a request.
pub(super) type Handler = fn(Call) -> Pin<Box<dyn Future<Output = Result<Response>> + Send>>;

/// One route.
pub struct Route {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The path, with `{name}` for what is part of it.
    pub path: &'static str,
    /// The name of the operation, for programs that are written from the description.
    pub name: &'static str,
    /// What it answers, in one line.
    pub summary: &'static str,
    /// More about it.
    pub description: &'static str,
    /// What it takes, in the path and behind the question mark.
    pub parameters: &'static [Parameter],
    /// Whether it takes further parameters: those of the query that is asked.
    pub is_open: bool,
    /// What it answers.
    pub returns: Returns,
    /// The statuses of its answers beside 200, in the place of which a POST has 201 where that is among them.
    pub statuses: &'static [u16],
    /// Where an answer leads.
    pub links: &'static [Link],
    /// An address that works on the published examples, with the method's body behind it if it has one; empty
    /// where it takes a store.
    pub example: &'static str,
    pub(super) handler: Handler,
}

impl Route {
    /// A list that is read with GET; the table says what differs.
    pub(super) const fn get(path: &'static str, name: &'static str) -> Self {
        Self {
            method: "GET",
            path,
            name,
            summary: "",
            description: "",
            parameters: &[],
            is_open: false,
            returns: Returns::List,
            statuses: &[304, 400, 406],
            links: &[],
            example: "",
            handler: |_| Box::pin(async { Err(Error::new(Code::Internal, "the route has no handler")) }),
        }
    }

    /// The method and the path, as the documentation names the route.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The statuses of its answers.
    pub fn all_statuses(&self) -> impl Iterator<Item = u16> {
        let limited = self.is_limited().then_some(429);
        // What a POST keeps is new each time; a PUT may bring what is there already.
        let is_new = self.method == "POST" && self.statuses.contains(&201);
        (!is_new).then_some(200).into_iter().chain(self.statuses.iter().copied()).chain(limited)
    }

    /// Whether its requests count where a client may ask so many times: what watches over the server always
    /// gets an answer.
    pub(super) fn is_limited(&self) -> bool {
        !["health", "ready", "metrics"].contains(&self.name)
    }

    pub(super) fn parameter(&self, name: &str) -> Option<&'static Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }
}

/// What a route answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returns {
    /// A list, in any form.
    List,
    /// A list, in any form, or a text for a picture of it.
    Graph,
    /// One thing, as a JSON object.
    Object,
    /// One thing, as a JSON object or a page.
    Status,
    /// The bytes of a document.
    Document,
    /// A passport: a JSON object, a page or a text.
    Passport,
    /// A vector tile.
    Tile,
    /// A page or a text, of this media type.
    Text(&'static str),
    /// Another address.
    Redirect,
}

/// Another route that an answer leads to.
#[derive(Debug)]
pub struct Link {
    /// The name of that route.
    pub to: &'static str,
    /// What its parameters are, as runtime expressions of `OpenAPI`.
    pub parameters: &'static [(&'static str, &'static str)],
}

/// The first dataset of a list of them.
const FIRST_DATASET: (&str, &str) = ("apiUri", "$response.body#/rows/0/dataset");
/// The dataset that was asked for.
const SAME_DATASET: (&str, &str) = ("apiUri", "$request.path.apiUri");

impl Link {
    pub(super) const DATASETS: &[Self] = &[
        Self { to: "dataset", parameters: &[FIRST_DATASET] },
        Self { to: "rows", parameters: &[FIRST_DATASET] },
        Self { to: "findings", parameters: &[FIRST_DATASET] },
        Self { to: "document", parameters: &[FIRST_DATASET] },
    ];
    pub(super) const ROWS: &[Self] =
        &[Self { to: "rows", parameters: &[SAME_DATASET, ("after", "$response.body#/next")] }];
    pub(super) const QUERIES: &[Self] =
        &[Self { to: "query", parameters: &[("name", "$response.body#/rows/0/name")] }];
}

/// A parameter of a route.
#[derive(Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What values it takes.
    pub kind: Kind,
    /// Whether it is part of the path; otherwise it stands behind the question mark.
    pub is_in_path: bool,
    /// Whether it must be there.
    pub is_required: bool,
    /// What it does.
    pub description: &'static str,
    /// A value that works on the published examples.
    pub example: &'static str,
}

/// The values that a parameter takes.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// Any text.
    Text,
    /// A whole number from 1, with the value it has where it is missing.
    Count {
        /// The value where it is missing.
        default: u64,
        /// The greatest value.
        most: u64,
    },
    /// Degrees from minus this to this.
    Degrees(f64),
    /// Metres, from 0 to this.
    Metres(f64),
    /// Degrees: west, south, east and north, separated by commas.
    Box,
    /// One of these words.
    OneOf(fn() -> Vec<&'static str>),
}

impl Parameter {
    pub(super) const fn new(name: &'static str, kind: Kind, description: &'static str) -> Self {
        Self { name, kind, is_in_path: false, is_required: false, description, example: "" }
    }

    /// The greatest value, where there is one.
    #[must_use]
    pub fn most(&self) -> Option<u64> {
        match self.kind {
            Kind::Count { most, .. } => Some(most),
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "it is a whole number"
            )]
            Kind::Metres(most) => most.is_finite().then_some(most as u64),
            _ => None,
        }
    }

    pub(super) const fn in_path(self) -> Self {
        Self { is_in_path: true, is_required: true, ..self }
    }

    pub(super) const fn required(self) -> Self {
        Self { is_required: true, ..self }
    }

    pub(super) const fn such_as(self, example: &'static str) -> Self {
        Self { example, ..self }
    }
}

//! What requests say of demand: which datasets they use, and what they name that is not there.

use axum::http::Uri;
use chrono::Utc;
use percent_encoding::percent_decode_str;

use super::App;
use super::request::Call;
use super::route::Route;
use crate::catalog::{Asked, Dataset, Use};
use crate::error::{Code, Error};
use crate::geo::{Position, h3_cell};

/// Cells of some 5 km²: a part of a town, and no house.
const LOOK_UP_RESOLUTION: u8 = 7;

impl Call {
    /// Counts a use of a dataset that is no query in SQL: these are logged where they run.
    pub(super) fn used(&self, dataset: &Dataset, rows: usize) {
        let door = (self.route.method, self.route.path);
        let used = Use { door, client: self.client(), at: Utc::now(), rows: rows as u64 };
        self.app.catalog().query_log().uses().used(dataset, used);
    }

    /// Counts a look-up of what is near a place.
    pub(super) fn looked_up(&self, dataset: &Dataset, from: Position, found: usize) {
        let Some(cell) = h3_cell(from, LOOK_UP_RESOLUTION) else { return };
        self.app.catalog().query_log().uses().looked_up(dataset, cell, found == 0, Utc::now());
    }

    /// Counts a search through the catalog that found nothing.
    pub(super) fn searched_in_vain(&self, q: &str) {
        let words = q.split_whitespace().collect::<Vec<_>>().join(" ");
        self.app.catalog().query_log().uses().missed(Asked::Search, &words, self.client(), Utc::now());
    }
}

/// Counts a dataset or a column that a request names and that is not there.
pub(super) fn missed(app: &App, route: &Route, uri: &Uri, client: Option<u64>, error: &Error) {
    if route.method != "GET" {
        return;
    }
    let Some(dataset) = named(route, uri) else { return };
    let (what, name) = match error.code {
        Code::CatalogUnknownDataset => (Asked::Dataset, dataset),
        Code::QueryUnknownColumn => match crate::query::missing(error) {
            Some(column) if column.contains('.') => (Asked::Column, column),
            Some(column) => (Asked::Column, format!("{dataset}.{column}")),
            None => return,
        },
        _ => return,
    };
    app.catalog().query_log().uses().missed(what, &name, client, Utc::now());
}

/// The dataset that a path names where its route has one.
fn named(route: &Route, uri: &Uri) -> Option<String> {
    let at = route.path.split('/').position(|part| part == "{apiUri}")?;
    let part = uri.path().split('/').nth(at)?;
    Some(percent_decode_str(part).decode_utf8_lossy().into_owned())
}

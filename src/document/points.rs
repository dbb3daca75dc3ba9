//! A Geoposition column under construction: pairs of numbers as they were written, until the whole
//! column is known and the order of the two can be judged.

use std::sync::Arc;

use arrow::array::{ArrayRef, NullBufferBuilder};
use arrow::buffer::NullBuffer;

use super::field::AxisOrder;
use super::finding::{Findings, KEPT_PER_RULE_AND_FIELD, Report, capped};
use super::json::Scalar;
use super::number::{Reading, read};
use super::position::{OrderCounts, Pair, in_country, pair, position};
use super::rule::Rule;
use super::values::{Values, raw_text};
use crate::geo;

/// A point that lies outside the country in one of the two orders: its row and its text.
#[derive(Debug)]
struct Stray {
    at: usize,
    row: u64,
    raw: String,
}

/// Pairs of coordinates as announced by the way they are written.
#[derive(Debug)]
pub(super) struct Points {
    lon: Values<f64>,
    lat: Vec<f64>,
    /// Places of the pairs whose numbers are named: no verdict swaps them.
    named: Vec<usize>,
    order: Option<AxisOrder>,
    counts: OrderCounts,
    /// Points elsewhere as read, and when swapped, by the rules of [`ELSEWHERE`]; as many of each as are
    /// kept, since one of the two is discarded.
    strays: [[Vec<Stray>; 3]; 2],
}

impl Points {
    pub(super) fn new(order: Option<AxisOrder>) -> Self {
        Self {
            lon: Values::with_capacity(0),
            lat: Vec::new(),
            named: Vec::new(),
            order,
            counts: OrderCounts::default(),
            strays: Default::default(),
        }
    }

    pub(super) fn successor(&self, rows: usize) -> Self {
        Self { lon: Values::with_capacity(rows), lat: Vec::with_capacity(rows), ..Self::new(self.order) }
    }

    pub(super) fn len(&self) -> usize {
        self.lat.len()
    }

    pub(super) fn counts(&self) -> OrderCounts {
        self.counts
    }

    pub(super) fn push_null(&mut self) {
        self.lon.push(None);
        self.lat.push(0.0);
    }

    pub(super) fn drop_last(&mut self) {
        let Some(at) = self.lat.len().checked_sub(1) else { return };
        let is_named = self.named.pop_if(|named| *named == at).is_some();
        if self.lon.valid.is_valid(at) && !is_named {
            self.counts.remove(Pair { lon: self.lon.values[at], lat: self.lat[at], is_named });
        }
        self.lon.drop_last();
        self.lat.pop();
        for strays in self.strays.iter_mut().flatten() {
            strays.pop_if(|stray| stray.at == at);
        }
    }

    pub(super) fn push(&mut self, scalar: &Scalar<'_>, path: &Arc<str>, report: &mut Report) {
        match read(scalar, |text| pair(text, self.order)) {
            Reading::Value(pair) => self.push_pair(pair, raw_text(scalar), report),
            Reading::Null => self.push_null(),
            Reading::Bad => {
                // The portal sends every value as a text, one of several numbers too.
                let text = raw_text(scalar);
                if text.trim_start().starts_with(['[', '{']) {
                    self.push_json(text, path, report);
                } else {
                    self.push_bad(text, path, report);
                }
            }
        }
    }

    /// A point written as a JSON value of several numbers: `[lon, lat]`, a GeoJSON Point, or an
    /// object whose members name them.
    pub(super) fn push_json(&mut self, raw: &str, path: &Arc<str>, report: &mut Report) {
        let value = serde_json::from_str(raw).unwrap_or_default();
        match json_pair(&value, self.order) {
            Some(pair) => self.push_pair(pair, raw, report),
            None => self.push_bad(raw, path, report),
        }
    }

    fn push_bad(&mut self, raw: &str, path: &Arc<str>, report: &mut Report) {
        report.value(Rule::ValueNotAPosition, path, raw);
        self.push_null();
    }

    fn push_pair(&mut self, pair: Pair, raw: &str, report: &Report) {
        let at = self.lat.len();
        if pair.is_named {
            self.named.push(at);
        } else {
            self.counts.add(pair);
        }
        let swapped = if pair.is_named { pair } else { Pair { lon: pair.lat, lat: pair.lon, ..pair } };
        for (strays, pair) in self.strays.iter_mut().zip([pair, swapped]) {
            let Some(kind) = elsewhere_of(pair) else { continue };
            if strays[kind].len() < KEPT_PER_RULE_AND_FIELD {
                strays[kind].push(Stray { at, row: report.row, raw: capped(raw.to_owned()) });
            }
        }
        self.lon.push(Some(pair.lon));
        self.lat.push(pair.lat);
    }

    /// The column of points, longitude first, and the findings about points that are elsewhere.
    pub(super) fn finish(mut self, is_swapped: bool, path: &Arc<str>, findings: &mut Findings) -> ArrayRef {
        let (valid, elsewhere) = self.settle(is_swapped);
        let [as_read, swapped] = self.strays;
        let strays = if is_swapped { swapped } else { as_read };
        for ((rule, strays), total) in ELSEWHERE.into_iter().zip(strays).zip(elsewhere) {
            let noted = strays.len() as u64;
            for Stray { row, raw, .. } in strays {
                findings.add(rule, path, Some(row), || Some(raw));
            }
            findings.count(rule, path, total.saturating_sub(noted));
        }
        Arc::new(geo::point_array(self.lon.values, self.lat, valid))
    }

    /// Puts every pair in its final order; returns which are points of the globe, and how many are
    /// elsewhere, by the rules of [`ELSEWHERE`].
    fn settle(&mut self, is_swapped: bool) -> (Option<NullBuffer>, [u64; 3]) {
        let was_valid = self.lon.valid.finish();
        let mut valid = NullBufferBuilder::new(self.lat.len());
        let mut elsewhere = [0; 3];
        let mut named = self.named.iter().peekable();
        for (at, (lon, lat)) in self.lon.values.iter_mut().zip(&mut self.lat).enumerate() {
            let is_named = named.next_if_eq(&&at).is_some();
            if was_valid.as_ref().is_some_and(|valid| valid.is_null(at)) {
                valid.append_null();
                continue;
            }
            let found = position(Pair { lon: *lon, lat: *lat, is_named }, is_swapped);
            valid.append(found.is_some());
            let (lon_now, lat_now) = if is_swapped && !is_named { (*lat, *lon) } else { (*lon, *lat) };
            if let Some(kind) = elsewhere_of(Pair { lon: lon_now, lat: lat_now, is_named }) {
                elsewhere[kind] += 1;
            }
            (*lon, *lat) = found.map_or((0.0, 0.0), |found| (found.lon, found.lat));
        }
        (valid.finish(), elsewhere)
    }
}

/// What a point can be where it is not in the country.
const ELSEWHERE: [Rule; 3] = [Rule::PositionOutsideCountry, Rule::PositionOutsideGlobe, Rule::PositionZero];
const OUTSIDE_COUNTRY: usize = 0;
const OUTSIDE_GLOBE: usize = 1;
const ZERO: usize = 2;

/// Where a pair lies, in [`ELSEWHERE`]; none in the country.
fn elsewhere_of(pair: Pair) -> Option<usize> {
    match pair {
        Pair { lon, lat, .. } if in_country(lon, lat) => None,
        Pair { lon, lat, .. } if lon == 0.0 && lat == 0.0 => Some(ZERO),
        pair if position(pair, false).is_none() => Some(OUTSIDE_GLOBE),
        _ => Some(OUTSIDE_COUNTRY),
    }
}

/// The pair that a JSON value means.
fn json_pair(value: &serde_json::Value, order: Option<AxisOrder>) -> Option<Pair> {
    let number = |value: &serde_json::Value| match value {
        serde_json::Value::Number(number) => number.as_f64(),
        serde_json::Value::String(text) => super::number::double(text),
        _ => None,
    };
    if let serde_json::Value::Array(numbers) = value {
        let [first, second, ..] = numbers.as_slice() else { return None };
        let (first, second) = (number(first)?, number(second)?);
        let (lon, lat) = if order == Some(AxisOrder::LatLon) { (second, first) } else { (first, second) };
        return Some(Pair { lon, lat, is_named: false });
    }
    if let Some(coordinates) = value.get("coordinates") {
        return json_pair(coordinates, Some(AxisOrder::LonLat));
    }
    let names = [("lon", "lat"), ("longitude", "latitude"), ("long", "lat"), ("x", "y")];
    names.iter().find_map(|(lon, lat)| {
        let (lon, lat) = (number(value.get(lon)?)?, number(value.get(lat)?)?);
        Some(Pair { lon, lat, is_named: true })
    })
}

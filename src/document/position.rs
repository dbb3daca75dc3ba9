//! Geopositions as real documents write them, and the verdict on a column's order (format.md 4.4).

use super::field::AxisOrder;
use super::number::decimal;
use crate::geo::Position;

/// Two coordinates in the order of longitude and latitude, as the writing itself announces it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pair {
    pub(super) lon: f64,
    pub(super) lat: f64,
    /// Whether each number is named (`{"lat": …, "lon": …}`), so that no verdict may swap them.
    pub(super) is_named: bool,
}

/// How the points of a column, or of a part of it, lie to Kazakhstan's box.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct OrderCounts {
    /// Points that lie inside only in the order as it was read.
    pub as_read: u64,
    /// Points that lie inside only with the two numbers swapped.
    pub swapped: u64,
    /// Points that lie inside in both orders, or in neither.
    pub undecided: u64,
}

impl OrderCounts {
    pub(super) fn add(&mut self, pair: Pair) {
        *self.count_of(pair) += 1;
    }

    pub(super) fn remove(&mut self, pair: Pair) {
        *self.count_of(pair) -= 1;
    }

    fn count_of(&mut self, pair: Pair) -> &mut u64 {
        match (in_country(pair.lon, pair.lat), in_country(pair.lat, pair.lon)) {
            (true, false) => &mut self.as_read,
            (false, true) => &mut self.swapped,
            _ => &mut self.undecided,
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.as_read += other.as_read;
        self.swapped += other.swapped;
        self.undecided += other.undecided;
    }

    /// Whether the other order puts clearly more points inside: more than twice as many.
    #[must_use]
    pub fn is_swapped(&self) -> bool {
        self.swapped > 2 * self.as_read
    }
}

/// Kazakhstan's box with a margin: latitude 40.5 to 55.5, longitude 46.4 to 87.4.
pub(super) fn in_country(lon: f64, lat: f64) -> bool {
    (40.5..=55.5).contains(&lat) && (46.4..=87.4).contains(&lon)
}

/// Reads a text of two numbers. A comma, a semicolon or a space between them means latitude first, a
/// colon means X:Y, longitude first; `order` is the publisher's own word and outweighs both.
pub(super) fn pair(text: &str, order: Option<AxisOrder>) -> Option<Pair> {
    let (first, second, announced) = two_numbers(text)?;
    Some(match order.unwrap_or(announced) {
        AxisOrder::LatLon => Pair { lon: second, lat: first, is_named: false },
        AxisOrder::LonLat => Pair { lon: first, lat: second, is_named: false },
    })
}

fn two_numbers(text: &str) -> Option<(f64, f64, AxisOrder)> {
    // As nearly all are written: two plain numbers and a comma, perhaps with a space after it.
    if let Some(comma) = text.bytes().position(|byte| byte == b',') {
        let (first, second) = (&text[..comma], &text[comma + 1..]);
        let second = second.strip_prefix(' ').unwrap_or(second);
        if let (Some(lat), Some(lon)) = (decimal(first, false), decimal(second, false)) {
            return Some((lat, lon, AxisOrder::LatLon));
        }
    }
    two_numbers_otherwise(text.trim())
}

fn two_numbers_otherwise(text: &str) -> Option<(f64, f64, AxisOrder)> {
    if !text.contains([':', ';'])
        && let Some((first, second)) = text.split_once(',')
        && !first.trim_end().contains([' ', '\u{a0}'])
        && !second.contains(',')
        && let (Some(lat), Some(lon)) = (number(first), number(second))
    {
        return Some((lat, lon, AxisOrder::LatLon));
    }
    let split = |separator: char| {
        let (first, second) = text.split_once(separator)?;
        Some((number(first)?, number(second)?))
    };
    if text.contains(':') {
        return split(':').map(|(x, y)| (x, y, AxisOrder::LonLat));
    }
    if text.contains(';') {
        return split(';').map(|(lat, lon)| (lat, lon, AxisOrder::LatLon));
    }
    let mut words = text.split_whitespace();
    let (first, second) = (words.next()?, words.next()?);
    let alone = words.next().is_none();
    let (lat, lon) = (number(first.strip_suffix(',').unwrap_or(first))?, number(second)?);
    alone.then_some((lat, lon, AxisOrder::LatLon))
}

/// One coordinate; a decimal comma is accepted.
fn number(text: &str) -> Option<f64> {
    decimal(text, true).or_else(|| super::number::double(text))
}

/// The pair as a position of the globe, in the column's order; none where it is off the globe.
pub(super) fn position(pair: Pair, is_swapped: bool) -> Option<Position> {
    let (lon, lat) = if is_swapped && !pair.is_named { (pair.lat, pair.lon) } else { (pair.lon, pair.lat) };
    Some(Position::new(lon, lat)).filter(|position| position.is_on_globe())
}

//! Cells of the globe by which positions are grouped: geohash and H3.

use super::Position;

/// The longest geohash: a cell of some 4 cm.
pub const MOST_GEOHASH_CHARACTERS: usize = 12;
/// The finest resolution of H3: cells of 0.9 m².
pub const MOST_H3_RESOLUTION: u8 = 15;

/// The geohash (Niemeyer) of a position with this many characters, 1 to
/// [`MOST_GEOHASH_CHARACTERS`]; none off the globe, or for another number.
///
/// ```
/// use derek::geo::{Position, geohash};
/// assert_eq!(geohash(Position::new(71.4304, 51.1282), 6).as_deref(), Some("v94fc7"));
/// ```
#[must_use]
pub fn geohash(position: Position, characters: usize) -> Option<String> {
    let is_asked = position.is_on_globe() && (1..=MOST_GEOHASH_CHARACTERS).contains(&characters);
    let at = geohash::Coord { x: position.lon, y: position.lat };
    is_asked.then(|| geohash::encode(at, characters).ok()).flatten()
}

/// The H3 cell of a position at a resolution of 0 to [`MOST_H3_RESOLUTION`], as 15 hexadecimal digits;
/// none off the globe, or at another resolution.
///
/// ```
/// use derek::geo::{Position, h3};
/// assert_eq!(h3(Position::new(71.4304, 51.1282), 7).as_deref(), Some("872153823ffffff"));
/// ```
#[must_use]
pub fn h3(position: Position, resolution: u8) -> Option<String> {
    h3_cell(position, resolution).map(|cell| format!("{cell:x}"))
}

/// The same cell as a number.
#[must_use]
pub fn h3_cell(position: Position, resolution: u8) -> Option<u64> {
    let resolution = h3o::Resolution::try_from(resolution).ok()?;
    let at = position.is_on_globe().then(|| h3o::LatLng::new(position.lat, position.lon).ok()).flatten()?;
    Some(at.to_cell(resolution).into())
}

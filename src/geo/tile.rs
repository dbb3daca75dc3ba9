//! The tiles of a web map (Web Mercator, XYZ) and where positions lie in them.

use super::{Bounds, Position};

/// The units along each side of a tile, as vector tiles have them.
pub const TILE_UNITS: u32 = 4_096;
/// The deepest zoom: a tile is some 2 cm wide.
pub const MOST_ZOOM: u8 = 30;
/// What is drawn beyond the edges, so that symbols are not cut: units.
const MARGIN_UNITS: f64 = 64.0;

/// A tile of a web map: column `x` from the west and row `y` from the north among 2^zoom of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tile {
    zoom: u8,
    x: u32,
    y: u32,
}

impl Tile {
    /// None where there is no such tile.
    ///
    /// ```
    /// use derek::geo::Tile;
    /// assert!(Tile::new(1, 1, 0).is_some());
    /// assert!(Tile::new(1, 2, 0).is_none());
    /// ```
    #[must_use]
    pub fn new(zoom: u8, x: u32, y: u32) -> Option<Self> {
        let is_tile = zoom <= MOST_ZOOM && x < 1 << zoom && y < 1 << zoom;
        is_tile.then_some(Self { zoom, x, y })
    }

    fn tiles(self) -> f64 {
        f64::from(1_u32 << self.zoom)
    }

    /// The tile and what is drawn beyond its edges, in degrees.
    #[must_use]
    pub fn bounds(self) -> Bounds {
        let margin = MARGIN_UNITS / f64::from(TILE_UNITS);
        let lon = |x: f64| (x / self.tiles()).clamp(0.0, 1.0) * 360.0 - 180.0;
        let lat = |y: f64| {
            let turns = std::f64::consts::PI * (1.0 - 2.0 * (y / self.tiles()).clamp(0.0, 1.0));
            turns.sinh().atan().to_degrees()
        };
        let (x, y) = (f64::from(self.x), f64::from(self.y));
        Bounds {
            west: lon(x - margin),
            south: lat(y + 1.0 + margin),
            east: lon(x + 1.0 + margin),
            north: lat(y - margin),
        }
    }

    /// Where a position lies in the tile, in units from its north-west corner; none beyond what is drawn
    /// around it, and where Web Mercator ends, at 85° north and south.
    ///
    /// ```
    /// use derek::geo::{Position, Tile};
    /// let world = Tile::new(0, 0, 0).expect("it is one");
    /// assert_eq!(world.place(Position::new(0.0, 0.0)), Some((2048, 2048)));
    /// ```
    #[must_use]
    pub fn place(self, position: Position) -> Option<(i32, i32)> {
        let units = f64::from(TILE_UNITS);
        let x = ((position.lon + 180.0) / 360.0 * self.tiles() - f64::from(self.x)) * units;
        let turns = position.lat.to_radians().tan().asinh() / std::f64::consts::PI;
        let y = ((1.0 - turns) / 2.0 * self.tiles() - f64::from(self.y)) * units;
        let is_drawn = |at: f64| (-MARGIN_UNITS..=units + MARGIN_UNITS).contains(&at);
        #[expect(clippy::cast_possible_truncation, reason = "it is within the tile and its margin")]
        let place = (x.floor() as i32, y.floor() as i32);
        (is_drawn(x) && is_drawn(y)).then_some(place)
    }
}

//! A box of longitudes and latitudes.

use super::Position;

/// A box in degrees, its borders included: `west <= east`, `south <= north`.
///
/// Longitudes may go beyond ±180: a box over the date line is one box, such as 170 to 190.
///
/// ```
/// use derek::geo::{Bounds, Position};
///
/// let fiji = Bounds { west: 176.0, south: -21.0, east: 182.0, north: -12.0 };
/// assert!(fiji.contains(Position::new(-179.0, -16.5)));
/// assert!(!fiji.contains(Position::new(175.0, -16.5)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// The lowest longitude, in degrees.
    pub west: f64,
    /// The lowest latitude, in degrees.
    pub south: f64,
    /// The highest longitude, in degrees.
    pub east: f64,
    /// The highest latitude, in degrees.
    pub north: f64,
}

impl Bounds {
    /// The smallest box around these positions, longitudes as they are; none where there is no
    /// position. Positions with a NaN are left out.
    ///
    /// Cost: a look at each.
    ///
    /// ```
    /// use derek::geo::{Bounds, Position};
    ///
    /// let bounds = Bounds::of_points([Position::new(71.0, 51.0), Position::new(77.0, 43.0)]);
    /// assert_eq!(bounds, Some(Bounds { west: 71.0, south: 43.0, east: 77.0, north: 51.0 }));
    /// assert_eq!(Bounds::of_points([]), None);
    /// ```
    #[must_use]
    pub fn of_points(points: impl IntoIterator<Item = Position>) -> Option<Self> {
        let is_number = |at: &Position| !at.lon.is_nan() && !at.lat.is_nan();
        let boxes = points.into_iter().filter(is_number).map(Self::of_point);
        boxes.reduce(Self::merge)
    }

    /// The box of one position.
    pub(super) fn of_point(at: Position) -> Self {
        Self { west: at.lon, south: at.lat, east: at.lon, north: at.lat }
    }

    /// The smallest box around both.
    ///
    /// ```
    /// use derek::geo::Bounds;
    ///
    /// let west = Bounds { west: 46.0, south: 46.0, east: 50.0, north: 50.0 };
    /// let east = Bounds { west: 80.0, south: 45.0, east: 87.0, north: 49.0 };
    /// assert_eq!(west.merge(east), Bounds { west: 46.0, south: 45.0, east: 87.0, north: 50.0 });
    /// ```
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        Self {
            west: self.west.min(other.west),
            south: self.south.min(other.south),
            east: self.east.max(other.east),
            north: self.north.max(other.north),
        }
    }

    /// Whether a position is in the box or on its border, with its longitude as it is, or 360 more
    /// or less. A NaN is nowhere.
    #[must_use]
    pub fn contains(self, position: Position) -> bool {
        let holds = |lon: f64| self.west <= lon && lon <= self.east;
        let is_between = self.south <= position.lat && position.lat <= self.north;
        is_between && (holds(position.lon) || holds(position.lon + 360.0) || holds(position.lon - 360.0))
    }

    /// Whether the two have a place in common, borders included, longitudes as they are.
    pub(super) fn meets(self, other: Self) -> bool {
        self.west <= other.east
            && other.west <= self.east
            && self.south <= other.north
            && other.south <= self.north
    }

    /// Whether the two have a place in common, borders included; longitudes mean the same with 360 more or
    /// less.
    ///
    /// ```
    /// use derek::geo::Bounds;
    ///
    /// let fiji = Bounds { west: 176.0, south: -21.0, east: 182.0, north: -12.0 };
    /// assert!(fiji.overlaps(Bounds { west: -179.5, south: -17.0, east: -179.0, north: -16.0 }));
    /// assert!(!fiji.overlaps(Bounds { west: -170.0, south: -17.0, east: -169.0, north: -16.0 }));
    /// ```
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        [-360.0, 0.0, 360.0].into_iter().any(|lon| self.shifted(lon).meets(other))
    }

    /// A box that holds every position not farther than `max_m` from one, and some that are.
    ///
    /// ```
    /// use derek::geo::{Bounds, Position};
    ///
    /// let around = Bounds::around(Position::new(71.43, 51.13), 100_000.0);
    /// assert!(around.contains(Position::new(72.8, 51.13)));
    /// assert!(!around.contains(Position::new(74.0, 51.13)));
    /// ```
    #[must_use]
    pub fn around(from: Position, max_m: f64) -> Self {
        // The least radius of curvature of the ellipsoid makes the angle rather too large, and latitudes on it
        // differ from those on a sphere by less than the slack.
        const LEAST_RADIUS_M: f64 = 6_335_439.0;
        const SLACK: f64 = 0.2;
        let angle = (max_m / LEAST_RADIUS_M).to_degrees() + SLACK;
        let (south, north) = (from.lat - angle, from.lat + angle);
        let ratio = angle.to_radians().sin() / from.lat.to_radians().cos();
        let holds_a_pole = south <= -90.0 || north >= 90.0 || !(0.0..1.0).contains(&ratio);
        let width = if holds_a_pole { 180.0 } else { ratio.asin().to_degrees() };
        Self { west: from.lon - width, south, east: from.lon + width, north }
    }

    /// The same box, this many degrees further east.
    pub(super) fn shifted(self, lon: f64) -> Self {
        Self { west: self.west + lon, east: self.east + lon, ..self }
    }
}

//! A place on the globe: in degrees as published, and in space, where distances are computed.

/// WGS 84's equatorial radius `a`, in metres.
pub(super) const EQUATOR_RADIUS_M: f64 = 6_378_137.0;
/// WGS 84's flattening `f = (a − b) / a`.
const FLATTENING: f64 = 1.0 / 298.257_223_563;
/// WGS 84's squared eccentricity `e² = 1 − b²/a²`.
pub(super) const ECCENTRICITY_2: f64 = FLATTENING * (2.0 - FLATTENING);

/// A longitude and a latitude in degrees on WGS 84 (EPSG:4326), east and north positive.
///
/// Any two numbers can be held, so that what a document says can be reported as it is; ask
/// [`is_on_globe`](Self::is_on_globe) before computing with them.
///
/// ```
/// use derek::geo::Position;
///
/// let astana = Position::new(71.4304, 51.1282);
/// assert!(astana.is_on_globe());
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Position {
    /// Degrees east of Greenwich.
    pub lon: f64,
    /// Degrees north of the equator (geodetic latitude).
    pub lat: f64,
}

impl Position {
    /// The position with this longitude and this latitude, in this order, unchecked.
    #[must_use]
    pub const fn new(lon: f64, lat: f64) -> Self {
        Self { lon, lat }
    }

    /// Whether this is a place: the longitude within −180..=180, the latitude within −90..=90.
    ///
    /// Longitudes are not wrapped: 190 is more often a mistake (a swapped or scaled column) than
    /// 170° W. Both 180 and −180 are the date line.
    ///
    /// ```
    /// use derek::geo::Position;
    ///
    /// assert!(Position::new(-180.0, 90.0).is_on_globe());
    /// assert!(!Position::new(190.0, 0.0).is_on_globe());
    /// assert!(!Position::new(0.0, f64::NAN).is_on_globe());
    /// ```
    #[must_use]
    pub fn is_on_globe(self) -> bool {
        self.lon.abs() <= 180.0 && self.lat.abs() <= 90.0
    }
}

/// A point in space, in metres from the Earth's centre: `x` towards 0° N 0° E, `y` towards 0° N
/// 90° E, `z` towards the north pole ("earth-centred, earth-fixed").
pub(super) type Ecef = [f64; 3];

/// Where a position of the ellipsoid is in space, to about 2 nm.
///
/// Both sides of every distance come through here, so that equal positions are equal points: a pole
/// is one point whatever its longitude, and 180° is −180°.
pub(super) fn ecef(position: Position) -> Ecef {
    let (sin_lat, cos_lat) = sin_cos_degrees(position.lat);
    let (sin_lon, cos_lon) = sin_cos_degrees(position.lon);
    // The normal's length down to the axis: the radius of curvature across the meridian.
    let normal_m = EQUATOR_RADIUS_M / (1.0 - ECCENTRICITY_2 * sin_lat * sin_lat).sqrt();
    let from_axis_m = normal_m * cos_lat;
    let up_m = normal_m * (1.0 - ECCENTRICITY_2) * sin_lat;
    [from_axis_m * cos_lon, from_axis_m * sin_lon, up_m]
}

/// The position of a point of the ellipsoid; for a point inside it, of a place near above.
pub(super) fn position([x, y, z]: Ecef) -> Position {
    let lat = z.atan2((1.0 - ECCENTRICITY_2) * x.hypot(y));
    Position::new(y.atan2(x).to_degrees(), lat.to_degrees())
}

/// Sine and cosine of an angle in degrees, exact at multiples of 90° (which in radians are not
/// numbers of a computer: the cosine of its π/2 is not 0, and a pole would be many points).
fn sin_cos_degrees(degrees: f64) -> (f64, f64) {
    let quarters = (degrees / 90.0).round();
    let (sin, cos) = (degrees - 90.0 * quarters).to_radians().sin_cos();
    match quarters.rem_euclid(4.0) {
        0.0 => (sin, cos),
        1.0 => (cos, -sin),
        2.0 => (-sin, -cos),
        _ => (-cos, sin),
    }
}

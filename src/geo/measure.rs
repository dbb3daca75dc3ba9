//! Length, perimeter, area, middle and direction.

use super::distance::{chord_m2, distance_m};
use super::edges::{Edge, edges_of_line, edges_of_part};
use super::geometry::{Geometry, position_of, wrapped};
use super::parts::{Part, parts, rings};
use super::position::{Ecef, Position, ecef};
use geo::{Bearing as _, Coord, GeodesicArea as _, LineString, Polygon};

/// The mean radius `(2a + b) / 3` of WGS 84 in metres, as PostGIS takes it for its sphere.
const MEAN_RADIUS_M: f64 = 6_371_008.771_4;

/// The distance in metres on a sphere of the Earth's mean radius, 6 371 008.7714 m: PostGIS'
/// `ST_DistanceSphere`, up to 0.5 % from [`distance_m`]. NaN if a position is not
/// [on the globe](Position::is_on_globe).
///
/// Cost: 30 ns.
///
/// ```
/// use derek::geo::{Position, haversine_m};
///
/// let (almaty, astana) = (Position::new(76.9286, 43.2567), Position::new(71.4304, 51.1282));
/// assert_eq!(haversine_m(almaty, astana).round(), 968_198.0);
/// ```
#[must_use]
pub fn haversine_m(from: Position, to: Position) -> f64 {
    if !from.is_on_globe() || !to.is_on_globe() {
        return f64::NAN;
    }
    let half_sine_2 = |degrees: f64| (degrees.to_radians() / 2.0).sin().powi(2);
    let cosines = from.lat.to_radians().cos() * to.lat.to_radians().cos();
    let hav = half_sine_2(to.lat - from.lat) + cosines * half_sine_2(to.lon - from.lon);
    2.0 * MEAN_RADIUS_M * hav.sqrt().min(1.0).asin()
}

/// The direction in which the geodesic from one position to another starts: radians from north,
/// clockwise, `0..2π`. None for one and the same place, or off the globe.
///
/// Cost: 1 µs.
///
/// ```
/// use derek::geo::{Position, azimuth};
///
/// let (astana, almaty) = (Position::new(71.4304, 51.1282), Position::new(76.9286, 43.2567));
/// assert_eq!(azimuth(astana, almaty).map(|turn| turn.to_degrees().round()), Some(152.0));
/// assert_eq!(azimuth(astana, astana), None);
/// ```
#[must_use]
pub fn azimuth(from: Position, to: Position) -> Option<f64> {
    let is_path = from.is_on_globe() && to.is_on_globe() && chord_m2(ecef(from), ecef(to)) > 0.0;
    let point = |at: Position| geo::Point::new(at.lon, at.lat);
    let degrees = is_path.then(|| geo::Geodesic.bearing(point(from), point(to)))?;
    let turn = degrees.to_radians().rem_euclid(std::f64::consts::TAU);
    // A turn a little below 0 is rounded to a whole one.
    Some(if turn < std::f64::consts::TAU { turn } else { 0.0 })
}

impl Geometry {
    /// The length in metres of all lines, their positions joined by geodesics; 0 for points and
    /// polygons (which have a [perimeter](Self::perimeter_m)). NaN with a position off the globe.
    ///
    /// Cost: 0.1 µs an edge, 1 µs if it is longer than 250 km.
    ///
    /// ```
    /// use derek::geo::Geometry;
    ///
    /// let road = Geometry::from_wkt("LINESTRING(71 51, 71 52)")?;
    /// assert_eq!(road.length_m().round(), 111_258.0);
    /// # Ok::<(), derek::geo::GeometryFault>(())
    /// ```
    #[must_use]
    pub fn length_m(&self) -> f64 {
        let lines = parts(&self.0).into_iter().filter(|part| part.dimension() == 1);
        total(lines.map(|line| total(edges_of_part(&line).map(edge_m))))
    }

    /// The length in metres of all polygons' rings, holes' included, their positions joined by
    /// geodesics; 0 for points and lines. NaN with a position off the globe.
    #[must_use]
    pub fn perimeter_m(&self) -> f64 {
        let areas = parts(&self.0).into_iter().filter(|part| part.dimension() == 2);
        total(areas.map(|area| total(edges_of_part(&area).map(edge_m))))
    }

    /// The area in square metres of all polygons on the ellipsoid, without their holes; 0 for points
    /// and lines. NaN with a position off the globe.
    ///
    /// Positions are joined by geodesics, as in PostGIS' geography (along a parallel these run nearer
    /// to the pole than the edge that is straight in longitude and latitude). It does not matter which
    /// way round a ring goes: the smaller of its two sides counts.
    ///
    /// Cost: 1.5 µs an edge.
    ///
    /// ```
    /// use derek::geo::Geometry;
    ///
    /// let area = Geometry::from_wkt("POLYGON((71 51, 71 51.01, 71.01 51.01, 71.01 51, 71 51))")?;
    /// assert_eq!(area.area_m2().round(), 780_854.0);
    /// # Ok::<(), derek::geo::GeometryFault>(())
    /// ```
    #[must_use]
    pub fn area_m2(&self) -> f64 {
        let parts = parts(&self.0);
        if !parts.iter().flat_map(Part::coords).all(is_near_globe) {
            return if parts.iter().any(|part| part.dimension() == 2) { f64::NAN } else { 0.0 };
        }
        let areas = parts.iter().filter_map(|part| match part {
            Part::Area(polygon) => Some(polygon_m2(polygon)),
            _ => None,
        });
        total(areas)
    }

    /// The middle of the parts of highest dimension; none if it is empty, or if there is no middle,
    /// as of two points on opposite sides of the Earth.
    ///
    /// * Points: the mean of their directions in space, right across the date line and at the poles.
    /// * Lines: the same of their edges' middles, weighed by their geodesic length.
    /// * Polygons: as PostGIS' geometry, in the plane of longitude and latitude. Each ring is kept as
    ///   it is, so that a polygon that goes beyond 180 has its middle there; a polygon split at the date
    ///   line is put together.
    ///
    /// The longitude is within ±180. A polygon without area counts as a line, a line without length
    /// as a point.
    ///
    /// ```
    /// use derek::geo::{Geometry, Position};
    ///
    /// let both = Geometry::multi_point([Position::new(179.0, 0.0), Position::new(-179.0, 0.0)]);
    /// let middle = both.centroid().expect("there is one");
    /// assert!((middle.lon.abs() - 180.0).abs() < 1e-9);
    /// # Ok::<(), derek::geo::GeometryFault>(())
    /// ```
    #[must_use]
    pub fn centroid(&self) -> Option<Position> {
        let parts = parts(&self.0);
        let highest = parts.iter().map(Part::dimension).max()?;
        let parts: Vec<Part> = parts.into_iter().filter(|part| part.dimension() == highest).collect();
        let edges = || parts.iter().flat_map(edges_of_part);
        let middle = |edge: Edge| (edge.from + edge.to) / 2.0;
        middle_of_areas(&parts)
            .or_else(|| middle_in_space(edges().map(|edge| (middle(edge), edge_m(edge)))))
            .or_else(|| middle_in_space(parts.iter().flat_map(Part::coords).map(|at| (at, 1.0))))
    }
}

/// Whether a position is a place once its longitude is brought within ±180.
pub(super) fn is_near_globe(at: Coord<f64>) -> bool {
    at.x.abs() <= 360.0 && at.y.abs() <= 90.0
}

/// The sum; of nothing it is 0, not −0 as the standard library has it.
fn total(numbers: impl Iterator<Item = f64>) -> f64 {
    numbers.sum::<f64>() + 0.0
}

fn edge_m(edge: Edge) -> f64 {
    let place = |at: Coord<f64>| Position::new(wrapped(at.x), at.y);
    distance_m(place(edge.from), place(edge.to))
}

fn polygon_m2(polygon: &Polygon<f64>) -> f64 {
    let ring_m2 =
        |ring: &LineString<f64>| Polygon::new(ring.clone(), Vec::new()).geodesic_area_signed().abs();
    let holes: f64 = polygon.interiors().iter().map(ring_m2).sum();
    (ring_m2(polygon.exterior()) - holes).max(0.0)
}

/// The mean of places by their weight: of the normals of the ellipsoid there.
fn middle_in_space(places: impl Iterator<Item = (Coord<f64>, f64)>) -> Option<Position> {
    let mut sum: Ecef = [0.0; 3];
    let mut total = 0.0;
    let (mut only, mut count) = (None, 0);
    for (at, weight) in places.filter(|(_, weight)| *weight > 0.0) {
        let (sin_lat, cos_lat) = at.y.to_radians().sin_cos();
        let (sin_lon, cos_lon) = at.x.to_radians().sin_cos();
        for (sum, axis) in sum.iter_mut().zip([cos_lat * cos_lon, cos_lat * sin_lon, sin_lat]) {
            *sum += weight * axis;
        }
        total += weight;
        (only, count) = (Some(at), count + 1);
    }
    if let (Some(at), 1) = (only, count) {
        return Some(Position::new(wrapped(at.x), at.y));
    }
    let [x, y, z] = sum;
    let is_somewhere = x.hypot(y).hypot(z) > 1e-9 * total;
    is_somewhere.then(|| Position::new(y.atan2(x).to_degrees(), z.atan2(x.hypot(y)).to_degrees()))
}

/// A ring's area in square degrees, positive counter-clockwise, and that times its middle.
fn moments(ring: &LineString<f64>, origin: Coord<f64>) -> (f64, Coord<f64>) {
    let mut moments = (0.0, Coord::zero());
    for edge in edges_of_line(ring) {
        let (a, b) = (edge.from - origin, edge.to - origin);
        let cross = a.x * b.y - b.x * a.y;
        moments.0 += cross / 2.0;
        moments.1 = moments.1 + (a + b) * (cross / 6.0);
    }
    moments
}

/// A polygon's area in square degrees and its middle.
fn middle_of_area(polygon: &Polygon<f64>) -> Option<(f64, Coord<f64>)> {
    let origin = polygon.exterior().0[0];
    let (mut area, mut moment) = (0.0, Coord::zero());
    for (index, ring) in rings(polygon).enumerate() {
        let (ring_area, ring_moment) = moments(ring, origin);
        // The outer ring adds, holes take away, whichever way round they go.
        let sign = if (ring_area < 0.0) == (index == 0) { -1.0 } else { 1.0 };
        area += sign * ring_area;
        moment = moment + ring_moment * sign;
    }
    (area > 0.0).then(|| (area, origin + moment / area))
}

/// The middle of all polygons, each by its area, and moved by whole turns to where it is nearest to
/// the first one.
fn middle_of_areas(parts: &[Part]) -> Option<Position> {
    let areas = parts.iter().filter_map(|part| match part {
        Part::Area(polygon) => middle_of_area(polygon),
        _ => None,
    });
    let mut first = None;
    let (mut total, mut sum) = (0.0, Coord::zero());
    for (area, middle) in areas {
        let first = *first.get_or_insert(middle);
        let turns = ((first.x - middle.x) / 360.0).round();
        total += area;
        sum = sum + Coord { x: middle.x + 360.0 * turns, y: middle.y } * area;
    }
    first?;
    let middle = position_of(sum / total);
    let lon = middle.lon - 360.0 * (middle.lon / 360.0).round();
    Some(Position::new(lon, middle.lat))
}

//! Many geometries as one, and one as its parts.

use super::Geometry;
use super::parts::{Part, parts, rings};
use geo::{Geometry as Inner, GeometryCollection, MultiLineString, MultiPoint, MultiPolygon, Point};

impl Geometry {
    /// These geometries as one: a multipoint, multiline or multipolygon where all are of one kind, else a
    /// collection. What is empty is left out, collections are taken apart.
    ///
    /// ```
    /// use derek::geo::{Geometry, Position};
    ///
    /// let points = [Position::new(71.0, 51.0), Position::new(72.0, 51.0)].map(Geometry::point);
    /// assert_eq!(Geometry::collect(&points).to_wkt(), "MULTIPOINT((71 51),(72 51))");
    /// ```
    #[must_use]
    pub fn collect(geometries: &[Self]) -> Self {
        let all: Vec<Part<'_>> = geometries.iter().flat_map(|geometry| parts(&geometry.0)).collect();
        let is_of = |dimension: u8| all.iter().all(|part| part.dimension() == dimension);
        Self(if is_of(0) {
            let points = all
                .iter()
                .filter_map(|part| if let Part::Point(at) = part { Some(Point(*at)) } else { None });
            Inner::MultiPoint(MultiPoint(points.collect()))
        } else if is_of(1) {
            let lines = all
                .iter()
                .filter_map(|part| if let Part::Line(line) = part { Some((*line).clone()) } else { None });
            Inner::MultiLineString(MultiLineString(lines.collect()))
        } else if is_of(2) {
            let areas = all
                .iter()
                .filter_map(|part| if let Part::Area(area) = part { Some((*area).clone()) } else { None });
            Inner::MultiPolygon(MultiPolygon(areas.collect()))
        } else {
            Inner::GeometryCollection(GeometryCollection(all.iter().map(single).collect()))
        })
    }

    /// The pieces that it is made of, each one point, line or polygon; none where it is empty.
    ///
    /// ```
    /// use derek::geo::Geometry;
    ///
    /// let two = Geometry::from_wkt("MULTIPOINT((71 51),(72 51))")?;
    /// assert_eq!(two.parts()[1].to_wkt(), "POINT(72 51)");
    /// # Ok::<(), derek::geo::GeometryFault>(())
    /// ```
    #[must_use]
    pub fn parts(&self) -> Vec<Self> {
        parts(&self.0).iter().map(|part| Self(single(part))).collect()
    }

    /// The memory of its positions, in bytes.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        let positions = |part: &Part<'_>| match part {
            Part::Point(_) => 0,
            Part::Line(line) => line.0.len(),
            Part::Area(area) => rings(area).map(|ring| ring.0.len()).sum(),
        };
        parts(&self.0).iter().map(positions).sum::<usize>() * size_of::<geo::Coord<f64>>()
    }
}

fn single(part: &Part<'_>) -> Inner<f64> {
    match part {
        Part::Point(at) => Inner::Point(Point(*at)),
        Part::Line(line) => Inner::LineString((*line).clone()),
        Part::Area(area) => Inner::Polygon((*area).clone()),
    }
}

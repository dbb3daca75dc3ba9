//! Whether a geometry is what its kind promises.

use super::edges::{Edges, edges_of_line, side};
use super::geometry::Geometry;
use super::measure::is_near_globe;
use super::parts::{Part, parts};
use super::relate::matrix;
use geo::coordinate_position::CoordPos;
use geo::dimensions::Dimensions;
use geo::{BoundingRect as _, Geometry as Inner, Intersects as _, LineString, Polygon};

type Validity = Result<(), String>;

impl Geometry {
    /// Whether it is on the globe, and valid as PostGIS and the OGC mean it: latitudes within ±90 and
    /// longitudes within ±360, lines of two different positions at least, rings of four at least that
    /// neither cross nor touch themselves, holes inside and apart, polygons of one multipolygon apart.
    /// Not looked for are holes that together cut their polygon in two.
    ///
    /// What is empty is valid. Measures and relations of what is not valid are computed without a
    /// word, and may mean nothing.
    ///
    /// Cost: the edges that are near each other, about 0.3 µs an edge.
    ///
    /// # Errors
    /// The first reason, as a sentence.
    ///
    /// ```
    /// use derek::geo::Geometry;
    ///
    /// let bow = Geometry::from_wkt("POLYGON((0 0, 1 1, 1 0, 0 1, 0 0))")?;
    /// assert_eq!(bow.validity(), Err("the outer ring crosses or touches itself near 0 0".to_owned()));
    /// # Ok::<(), derek::geo::GeometryFault>(())
    /// ```
    pub fn validity(&self) -> Result<(), String> {
        for part in parts(&self.0) {
            if let Some(at) = part.coords().find(|at| !is_near_globe(*at)) {
                return Err(format!("{} {} is not a longitude and a latitude", at.x, at.y));
            }
            match part {
                Part::Point(_) => {}
                Part::Line(line) => check_line(line)?,
                Part::Area(polygon) => check_polygon(polygon)?,
            }
        }
        check_multipolygons(&self.0)
    }
}

fn check_line(line: &LineString<f64>) -> Validity {
    let is_line = line.0.iter().any(|at| *at != line.0[0]);
    if is_line { Ok(()) } else { Err("a line has fewer than two different positions".to_owned()) }
}

fn check_polygon(polygon: &Polygon<f64>) -> Validity {
    check_ring(polygon.exterior(), "the outer ring")?;
    let holes: Vec<&LineString<f64>> = polygon.interiors().iter().filter(|ring| !ring.0.is_empty()).collect();
    for (index, hole) in holes.iter().enumerate() {
        check_ring(hole, &format!("hole {}", index + 1))?;
    }
    let outer = filled(polygon.exterior());
    let holes: Vec<Inner<f64>> = holes.into_iter().map(filled).collect();
    for (index, hole) in holes.iter().enumerate() {
        let name = format!("hole {}", index + 1);
        let found =
            matrix(&outer, hole).ok_or_else(|| format!("{name} cannot be compared with the outer ring"))?;
        if !found.is_contains() {
            return Err(format!("{name} is not inside the outer ring"));
        }
        if found.get(CoordPos::OnBoundary, CoordPos::OnBoundary) == Dimensions::OneDimensional {
            return Err(format!("{name} shares a line with the outer ring"));
        }
    }
    apart(&holes, "hole")
}

/// A ring as a polygon.
fn filled(ring: &LineString<f64>) -> Inner<f64> {
    Inner::Polygon(Polygon::new(ring.clone(), Vec::new()))
}

/// Whether a ring has four positions, and its edges meet only where one follows the other.
fn check_ring(ring: &LineString<f64>, name: &str) -> Validity {
    // A position that comes twice in a row is an edge to itself, which says nothing.
    let edges: Vec<_> = edges_of_line(ring).filter(|edge| edge.from != edge.to).collect();
    let count = edges.len();
    if count < 3 {
        return Err(format!("{name} has fewer than three different positions"));
    }
    let edges = Edges::new(edges);
    for (index, edge) in edges.all().iter().enumerate() {
        for (other_index, other) in edges.near(edge.bounds()).filter(|(other, _)| *other > index) {
            let is_next = other_index == index + 1;
            let is_previous = index == 0 && other_index == count - 1;
            let (one, two) = if is_previous { (other, *edge) } else { (*edge, other) };
            let is_fold = || {
                let back = one.from - one.to;
                let on = two.to - two.from;
                side(one.from, one.to, two.to) == 0 && back.x * on.x + back.y * on.y > 0.0
            };
            let is_wrong = if is_next || is_previous { is_fold() } else { one.touches(two) };
            if is_wrong {
                return Err(format!("{name} crosses or touches itself near {} {}", edge.from.x, edge.from.y));
            }
        }
    }
    Ok(())
}

/// Whether areas have no more than some points of their borders in common.
fn apart(areas: &[Inner<f64>], name: &str) -> Validity {
    let boxes: Vec<_> = areas.iter().map(geo::BoundingRect::bounding_rect).collect();
    for (one, area) in areas.iter().enumerate() {
        for (two, other) in areas.iter().enumerate().skip(one + 1) {
            let is_near = boxes[one].zip(boxes[two]).is_some_and(|(one, two)| one.intersects(&two));
            if !is_near {
                continue;
            }
            let both = format!("{name} {} and {name} {}", one + 1, two + 1);
            let found = matrix(area, other).ok_or_else(|| format!("{both} cannot be compared"))?;
            if found.get(CoordPos::Inside, CoordPos::Inside) == Dimensions::TwoDimensional {
                return Err(format!("{both} overlap"));
            }
            if found.get(CoordPos::OnBoundary, CoordPos::OnBoundary) == Dimensions::OneDimensional {
                return Err(format!("{both} share a line"));
            }
        }
    }
    Ok(())
}

fn check_multipolygons(geometry: &Inner<f64>) -> Validity {
    match geometry {
        Inner::MultiPolygon(all) => {
            let areas: Vec<_> = all.iter().filter(|area| area.bounding_rect().is_some()).cloned().collect();
            apart(&areas.into_iter().map(Inner::Polygon).collect::<Vec<_>>(), "polygon")
        }
        Inner::GeometryCollection(all) => all.iter().try_for_each(check_multipolygons),
        _ => Ok(()),
    }
}

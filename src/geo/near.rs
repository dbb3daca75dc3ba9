//! The rows near a geometry, without an order.

use super::distance::{longest_m, reach_m2};
use super::index::{Block, Site, SphereIndex};
use super::position::Ecef;
use super::search::{Probe, Walk, degrees};
use super::separation::SLACK_M;
use super::shape::{Cuboid, Shape, farthest_m};
use super::{Overlap, Prepared};
use std::cell::Cell;

impl SphereIndex {
    /// Every row that can be within so many metres of a geometry, in no order, and whether it is known
    /// to be: of the others, [`Prepared::is_within_m`] tells by the position as it was published, which
    /// the index does not keep. What is in the geometry is 0 from it.
    ///
    /// With NaN or a negative limit there is none, nor from a geometry that is at no distance.
    ///
    /// Cost: 10 ns a row where most of what is found lies in whole nodes inside or within the distance;
    /// 0.1 to 1 µs a node near the limit.
    ///
    /// ```
    /// use derek::geo::{Geometry, Position, Prepared, SphereIndex};
    ///
    /// let places: Vec<Position> = (0..100).map(|at| Position::new(50.0 + 0.1 * f64::from(at), 45.0)).collect();
    /// let index = SphereIndex::build((0..).zip(places.iter().copied()));
    /// let line = Prepared::new(&Geometry::from_wkt("LINESTRING(51 44, 51 46)")?);
    /// let mut rows = Vec::new();
    /// index.near(&line, 10_000.0, |row, is_known| {
    ///     if is_known || line.is_within_m(places[row as usize], 10_000.0) == Some(true) {
    ///         rows.push(row);
    ///     }
    /// });
    /// rows.sort_unstable();
    /// assert_eq!(rows, [9, 10, 11]);
    /// # Ok::<(), derek::geo::GeometryFault>(())
    /// ```
    pub fn near(&self, prepared: &Prepared, max_m: f64, mut found: impl FnMut(u32, bool)) -> Probe {
        let Some(shape) = prepared.shape().filter(|_| max_m >= 0.0) else { return Probe::default() };
        let reach_m = reach_m2(max_m).sqrt() + SLACK_M;
        let region = prepared.region();
        let decide = |lower: Ecef, upper: Ecef| {
            let cuboid = [lower, upper];
            match region.covers_box(degrees(lower, upper)) {
                Overlap::Inside => Overlap::Inside,
                Overlap::Outside if shape.is_beyond(&cuboid, reach_m) => Overlap::Outside,
                _ if is_within(shape, &cuboid, max_m) => Overlap::Inside,
                _ => Overlap::Partly,
            }
        };
        // The walk hands rows to one function; what is known of them goes through this cell.
        let is_known = Cell::new(true);
        let mut walk = Walk::new(self, |row| found(row, is_known.get()));
        walk.run(&decide, &mut |walk: &mut Walk<'_, _>, block: &Block| {
            walk.probe.places += block.range().len();
            let [lower, upper] = around(&self.sites()[block.range()]);
            // Of a block that nothing of the region reaches, each place may still be too far away.
            let is_apart = region.covers_box(degrees(lower, upper)) == Overlap::Outside;
            is_known.set(false);
            for site in &self.sites()[block.range()] {
                if !is_apart || !shape.is_beyond(&[site.at, site.at], reach_m) {
                    walk.site(site);
                }
            }
            is_known.set(true);
        });
        walk.probe
    }
}

/// The box around these places.
fn around(sites: &[Site]) -> Cuboid {
    sites.iter().fold([[f64::INFINITY; 3], [f64::NEG_INFINITY; 3]], |[low, high], site| {
        [
            std::array::from_fn(|axis| low[axis].min(site.at[axis])),
            std::array::from_fn(|axis| high[axis].max(site.at[axis])),
        ]
    })
}

/// Whether every place of the ellipsoid in a box is within so many metres of a shape, as one end of an
/// edge tells; false where it does not tell.
fn is_within(shape: &Shape, cuboid: &Cuboid, max_m: f64) -> bool {
    let middle = [0, 1, 2].map(|axis| f64::midpoint(cuboid[0][axis], cuboid[1][axis]));
    longest_m(farthest_m(shape.end_near(middle), cuboid)) <= max_m
}

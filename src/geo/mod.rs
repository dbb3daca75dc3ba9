//! What is where? Positions on WGS 84, geodesic distances, and an index that finds the nearest rows.
//!
//! A [`Position`] is a longitude and a latitude in degrees. [`distance_m`] is the length of the
//! geodesic between two of them, and [`SphereIndex`] answers with the same number, to the bit: what
//! a look-up reports and what a query computes never differ.
//!
//! Nothing here is planar. Inside, a position is a point in space (metres from the Earth's centre),
//! where the date line and the poles are places like any other; degrees come in and go out.
//!
//! ```
//! use derek::geo::{Position, SphereIndex, distance_m};
//!
//! let almaty = Position::new(76.9286, 43.2567);
//! let cities = [(0, Position::new(71.4304, 51.1282)), (1, Position::new(69.5901, 42.3417))];
//!
//! let index = SphereIndex::build(cities);
//! let nearest = index.nearest(almaty).next().expect("there are two cities");
//!
//! assert_eq!(nearest.row, 1);
//! assert_eq!(nearest.distance_m, distance_m(almaty, cities[1].1));
//! ```

mod distance;
mod frontier;
mod index;
mod nearest;
mod point;
mod position;

pub use distance::distance_m;
pub use index::SphereIndex;
pub use nearest::{Nearest, Neighbour};
pub use point::{Points, is_point, point_array, point_metadata, point_type};
pub use position::Position;

//! What is where? Positions on WGS 84, geodesic distances, and an index that finds the nearest rows.
//!
//! A [`Position`] is a longitude and a latitude in degrees. [`distance_m`] is the length of the
//! geodesic between two of them, and [`SphereIndex`] answers with the same number, to the bit: what
//! a look-up reports and what a query computes never differ.
//!
//! Points are never planar. Inside, a position is a point in space (metres from the Earth's centre),
//! where the date line and the poles are places like any other; degrees come in and go out.
//!
//! A [`Geometry`] is a point, a line, a polygon or several of these. Its edges are straight in longitude
//! and latitude, as GeoJSON has them: that is what [`Region`] and [`Regions`] tell positions by, exactly.
//! Distances to an edge are geodesic.
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

mod arc;
mod area;
mod bounds;
mod cell;
mod collect;
mod distance;
mod edges;
mod frontier;
mod geojson;
mod geometry;
mod index;
mod measure;
mod minimum;
mod near;
mod nearest;
mod parts;
mod point;
mod position;
mod prepared;
mod region;
mod regions;
mod relate;
mod search;
mod searcher;
mod separation;
mod shape;
mod tile;
mod validity;
mod wkb;
mod wkt;
mod work;

pub use bounds::Bounds;
pub use cell::{MOST_GEOHASH_CHARACTERS, MOST_H3_RESOLUTION, geohash, h3, h3_cell};
pub use distance::distance_m;
pub use geometry::{Geometry, GeometryFault};
pub use index::SphereIndex;
pub use measure::{azimuth, haversine_m};
pub use nearest::{Nearest, Neighbour};
pub use point::{Points, is_point, point_array, point_metadata, point_type};
pub use position::Position;
pub use prepared::Prepared;
pub use region::{Location, Overlap, Region};
pub use regions::Regions;
pub use search::Probe;
pub use searcher::Searcher;
pub use tile::{MOST_ZOOM, TILE_UNITS, Tile};
pub use wkb::{geometry_metadata, is_geometry, point_wkb};
pub use work::TooMuch;

//! A prepared geometry says what the geometry says, and an index loses no row near it.

use super::{at, polygon_of, star, wkt};
use derek::geo::{Geometry, Position, Prepared, SphereIndex};
use fastrand::Rng;

/// Geometries of every kind, in Kazakhstan, over the date line, at the poles and around the world.
fn geometries(rng: &mut Rng) -> Vec<Geometry> {
    let mut all: Vec<Geometry> = [
        "POINT(71.4 51.1)",
        "POINT(180 10)",
        "POINT(20 90)",
        "MULTIPOINT((71 51),(-179.5 20),(60 -89.9))",
        "LINESTRING(70 50,71 52,71.5 51)",
        "LINESTRING(-170 60,170 61)",
        "LINESTRING(-200 10,-160 20)",
        "MULTILINESTRING((70 50,71 51),(179 0,181 5))",
        "POLYGON((0 0,9 0,9 9,0 9,0 0),(3 3,6 3,6 6,3 6,3 3))",
        "POLYGON((-180 80,180 80,180 90,-180 90,-180 80))",
        "POLYGON((-180 -90,180 -90,180 -60,-180 -60,-180 -90))",
        "MULTIPOLYGON(((170 10,180 10,180 20,170 10)),((-180 10,-170 10,-180 20,-180 10)))",
        "GEOMETRYCOLLECTION(POINT(60 45),LINESTRING(65 45,66 47),POLYGON((70 40,75 40,75 44,70 40)))",
    ]
    .map(wkt)
    .into();
    for middle in [(67.0, 48.0), (179.0, -17.0), (-181.0, 65.0), (20.0, 70.0)] {
        all.push(polygon_of(&[star(rng, middle, 6.0, 60), star(rng, middle, 1.0, 7)]));
    }
    all
}

/// A position in one of the zones that the geometries are in.
fn any(rng: &mut Rng, zone: u8) -> Position {
    match zone % 4 {
        0 => at(46.0 + 42.0 * rng.f64(), 40.0 + 16.0 * rng.f64()),
        1 => at(360.0 * rng.f64() - 180.0, 180.0 * rng.f64() - 90.0),
        2 => {
            let lon = 174.0 + 12.0 * rng.f64();
            at(if lon > 180.0 { lon - 360.0 } else { lon }, 80.0 * rng.f64() - 20.0)
        }
        _ => {
            let lat = 84.0 + 6.0 * rng.f64();
            at(360.0 * rng.f64() - 180.0, if rng.bool() { lat } else { -lat })
        }
    }
}

#[test]
fn a_prepared_geometry_says_what_the_geometry_says() {
    let mut rng = Rng::with_seed(61);
    for geometry in geometries(&mut rng) {
        let prepared = Prepared::new(&geometry);
        assert_eq!(prepared.geometry(), &geometry);
        assert!(prepared.memory_bytes() > geometry.memory_bytes() + prepared.region().memory_bytes());
        let corner = geometry.centroid().filter(|at| at.is_on_globe()).unwrap_or(at(180.0, 90.0));
        let few = (0..8).map(|zone| any(&mut rng, zone));
        for from in few.chain([corner, at(180.0, 15.0), at(-180.0, 15.0), at(71.0, 51.0), at(7.0, -90.0)]) {
            let point = Geometry::point(from);
            let expected = geometry.distance_m(&point);
            let found = prepared.distance_m(from);
            assert_eq!(found.map(f64::to_bits), expected.map(f64::to_bits), "{from:?} {}", geometry.to_wkt());
            assert_eq!(found.map(f64::to_bits), point.distance_m(&geometry).map(f64::to_bits));
            assert_eq!(geometry.try_distance_m(&point), Ok(expected));
            let m = expected.expect("both are on the globe");
            for limit in [m, m + 0.01, m - 0.01, m / 2.0, 0.0, -1.0, f64::NAN, f64::INFINITY] {
                let expected = geometry.is_within_m(&point, limit);
                assert_eq!(prepared.is_within_m(from, limit), expected, "{limit} of {m}");
                assert_eq!(geometry.try_is_within_m(&point, limit), Ok(expected));
            }
            assert_eq!(prepared.is_within_m(from, m), Some(true));
        }
    }
}

#[test]
fn nothing_is_at_a_distance_from_what_is_off_the_globe_or_empty() {
    for text in ["POINT EMPTY", "POLYGON EMPTY", "POINT(190 10)", "POINT(10 95)", "LINESTRING(0 0,0 91)"] {
        let prepared = Prepared::new(&wkt(text));
        assert_eq!(prepared.distance_m(at(0.0, 0.0)), None, "{text}");
        assert_eq!(prepared.is_within_m(at(0.0, 0.0), 1e9), None, "{text}");
        let index = SphereIndex::build([(0, at(0.0, 0.0))]);
        index.near(&prepared, f64::INFINITY, |_, _| panic!("{text} is nowhere"));
    }
    let prepared = Prepared::new(&wkt("POLYGON((170 10,200 10,200 20,170 20,170 10))"));
    for from in [at(190.0, 15.0), at(175.0, 95.0), at(f64::NAN, 0.0)] {
        assert_eq!(prepared.distance_m(from), None, "{from:?}");
        assert_eq!(prepared.is_within_m(from, 1.0), None, "{from:?}");
    }
}

#[test]
fn no_row_near_a_geometry_is_lost() {
    let mut rng = Rng::with_seed(62);
    let places: Vec<Position> = (0..320)
        .map(|_| {
            let zone = rng.u8(..);
            any(&mut rng, zone)
        })
        .collect();
    let index = SphereIndex::build((0..).zip(places.iter().copied()));
    let (mut known, mut left_out) = (0, 0);
    for geometry in geometries(&mut rng) {
        let prepared = Prepared::new(&geometry);
        let all_m: Vec<f64> =
            places.iter().map(|from| prepared.distance_m(*from).expect("both are on the globe")).collect();
        for max_m in [0.0, 500.0, 50_000.0, 2_000_000.0, all_m[7]] {
            let mut found = Vec::new();
            let mut seen = 0;
            index.near(&prepared, max_m, |row, is_known| {
                let from = places[row as usize];
                let is_within = prepared.is_within_m(from, max_m) == Some(true);
                assert!(is_within || !is_known, "{from:?} within {max_m} of {}", geometry.to_wkt());
                known += usize::from(is_known);
                seen += 1;
                found.extend(is_within.then_some(row as usize));
            });
            left_out += places.len() - seen;
            found.sort_unstable();
            let expected: Vec<usize> = (0..places.len()).filter(|row| all_m[*row] <= max_m).collect();
            assert_eq!(found, expected, "{max_m} of {}", geometry.to_wkt());
        }
        for max_m in [f64::NAN, -1.0] {
            index.near(&prepared, max_m, |_, _| panic!("nothing is within {max_m}"));
        }
    }
    assert!(known > 300 && left_out > 7_000, "{known} {left_out}");
}

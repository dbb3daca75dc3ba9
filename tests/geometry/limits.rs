//! Positions off the globe, boxes of any numbers, and calls that would take too long.

use super::{at, wkt};
use derek::geo::{Bounds, Geometry, Location, Region, Regions, TooMuch};

#[test]
fn a_point_off_the_globe_is_in_nothing() {
    let areas = [
        "POLYGON((0 80,20 80,20 100,0 100,0 80))",
        "POLYGON((170 0,200 0,200 20,170 20,170 0))",
        "POLYGON((-400 -100,400 -100,400 100,-400 100,-400 -100))",
        "LINESTRING(10 90,10 95,190 10,-170 10)",
        "MULTIPOINT((10 95),(190 10),(-170 10))",
        "POINT(10 95)",
        "POINT(190 10)",
        "GEOMETRYCOLLECTION(POINT(190 10),POLYGON((180 0,200 0,200 20,180 20,180 0)))",
    ]
    .map(wkt);
    for (lon, lat) in [(10.0, 95.0), (190.0, 10.0), (-190.0, 10.0), (10.0, -91.0), (370.0, 10.0)] {
        let point = Geometry::point(at(lon, lat));
        let several = Geometry::multi_point([at(lon, lat)]);
        for area in &areas {
            let name = format!("{lon} {lat} in {}", area.to_wkt());
            assert_eq!(Region::new(area).locate(at(lon, lat)), Location::Outside, "{name}");
            for point in [&point, &several] {
                assert!(!area.intersects(point) && !point.intersects(area) && area.disjoint(point), "{name}");
                assert!(!area.covers(point) && !area.contains(point), "{name}");
                assert!(!point.covered_by(area) && !point.within(area), "{name}");
                assert!(!point.covers(area) && !point.contains(area), "{name}");
                assert_eq!((area.distance_m(point), area.is_within_m(point, 1e9)), (None, None), "{name}");
            }
        }
    }
    let over = wkt("POLYGON((170 0,200 0,200 20,170 20,170 0))");
    let beside = Geometry::point(at(-170.0, 10.0));
    assert!(over.contains(&beside) && over.intersects(&beside) && beside.within(&over));
    assert!(!wkt("POINT(190 10)").intersects(&beside) && !beside.intersects(&wkt("MULTIPOINT((190 10))")));
    let both = wkt("MULTIPOINT((190 10),(180 10))");
    assert!(both.intersects(&over) && over.intersects(&both) && !over.covers(&both));
    // Polygons keep their positions off the globe.
    let high = wkt("POLYGON((0 80,20 80,20 100,0 100,0 80))");
    assert!(high.covers(&high) && high.contains(&wkt("POINT(10 89)")));
    assert!(high.covers(&wkt("LINESTRING(5 85,5 95)")));
}

#[test]
fn a_point_is_in_a_region_where_it_is_in_the_geometry() {
    let mut rng = fastrand::Rng::with_seed(63);
    let areas = [
        "POLYGON((170 0,200 0,200 20,170 20,170 0))",
        "POLYGON((-190.3 0,-160.1 0.7,-170.9 20,-190.3 0))",
        "LINESTRING(170.1 0.3,189.9 0.3)",
        "MULTIPOINT((-180 10),(0 90),(71.1 51.7))",
    ]
    .map(wkt);
    for area in &areas {
        let region = Region::new(area);
        let corners: Vec<_> = area.parts().iter().filter_map(Geometry::centroid).collect();
        let edges = [at(-170.1, 0.3), at(180.0, 10.0), at(-180.0, 10.0), at(169.7, 0.0), at(189.9, 0.3)];
        let any = (0..300).map(|_| at(140.0 + 45.0 * rng.f64(), 30.0 * rng.f64() - 5.0));
        for place in any.chain(corners).chain(edges) {
            let is_in = region.locate(place) != Location::Outside;
            let point = Geometry::point(place);
            assert_eq!((area.intersects(&point), point.intersects(area)), (is_in, is_in), "{place:?}");
            assert_eq!((area.covers(&point), point.covered_by(area)), (is_in, is_in), "{place:?}");
        }
    }
}

#[test]
fn a_box_of_any_numbers_is_a_polygon() {
    let bounds = wkt("MULTIPOINT((10 95),(-400 -91))").bounds().expect("it is not empty");
    assert_eq!(bounds, Bounds { west: -400.0, south: -91.0, east: 10.0, north: 95.0 });
    let polygon = Geometry::of_bounds(bounds);
    assert_eq!(polygon.to_wkt(), "POLYGON((-400 -91,10 -91,10 95,-400 95,-400 -91))");
    assert_eq!(polygon.bounds(), Some(bounds));
    assert_eq!(
        Geometry::envelope(0.0, 0.0, 1.0, 2.0),
        Some(Geometry::of_bounds(Bounds { west: 0.0, south: 0.0, east: 1.0, north: 2.0 }))
    );
}

#[test]
fn a_grid_takes_no_more_than_was_said() {
    let area = |column: u32, row: u32| {
        let (west, south) = (46.0 + f64::from(column), 40.0 + f64::from(row));
        Region::new(&Geometry::envelope(west, south, west + 1.5, south + 1.5).expect("a box"))
    };
    let areas: Vec<_> = (0..20).flat_map(|column| (0..10).map(move |row| Some(area(column, row)))).collect();
    let own: usize = areas.iter().flatten().map(Region::memory_bytes).sum();
    let regions = Regions::new(areas);
    let grid = regions.memory_bytes() - own;
    assert!(grid < Regions::grid_bytes(200), "{grid} and {}", Regions::grid_bytes(200));
    assert!(Regions::grid_bytes(0) < 1 << 20 && Regions::grid_bytes(usize::MAX) > 1 << 30);
}

/// A zigzag of so many edges in a box, up and down or from side to side.
fn comb((west, south): (f64, f64), (width, height): (f64, f64), edges: u32, is_upright: bool) -> Geometry {
    let corner = |which: u32| {
        let (along, across) = (f64::from(which) / f64::from(edges), f64::from(which % 2));
        let (x, y) = if is_upright { (along, across) } else { (across, along) };
        format!("{} {}", west + width * x, south + height * y)
    };
    wkt(&format!("LINESTRING({})", (0..=edges).map(corner).collect::<Vec<_>>().join(",")))
}

#[test]
fn what_would_take_too_long_is_refused() {
    let few = [comb((70.0, 50.0), (1.0, 1.0), 40, true), comb((70.0, 50.0), (1.0, 1.0), 40, false)];
    assert_eq!(few[0].try_intersects(&few[1]), Ok(true));
    assert_eq!(few[0].try_covers(&few[1]), Ok(false));
    assert_eq!(few[0].try_distance_m(&few[1]), Ok(Some(0.0)));
    let many = [comb((70.0, 50.0), (1.0, 1.0), 3_000, true), comb((70.0, 50.0), (1.0, 1.0), 3_000, false)];
    assert_eq!(many[0].try_covers(&many[1]), Err(TooMuch), "nine million crossings");
    assert_eq!(many[0].try_contains(&many[1]), Err(TooMuch));
    assert_eq!(many[0].try_intersects(&many[1]), Ok(true), "the first is enough");
    // Points are never too much.
    let point = wkt("POINT(70.5 52)");
    assert!(many[0].try_distance_m(&point).is_ok_and(|m| m.is_some_and(|m| m > 100_000.0)));
    assert_eq!(many[0].try_contains(&point), Ok(false));
}

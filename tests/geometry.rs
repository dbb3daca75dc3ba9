//! Geometries: texts and bytes, relations, distances, and where positions are, against the `geo` crate
//! and dense sampling.

use derek::geo::{
    Bounds, Geometry, Location, Overlap, Position, Region, Regions, azimuth, distance_m, haversine_m,
    point_wkb,
};
use fastrand::Rng;
use geo::{Bearing, Distance, GeodesicArea, Length};

#[path = "geometry/limits.rs"]
mod limits;
#[path = "geometry/prepared.rs"]
mod prepared;

fn wkt(text: &str) -> Geometry {
    Geometry::from_wkt(text).expect(text)
}

fn at(lon: f64, lat: f64) -> Position {
    Position::new(lon, lat)
}

fn place(lon: f64, lat: f64) -> geo::Point {
    geo::Point::new(lon, lat)
}

/// A star of so many corners around a place: a ring, closed, counter-clockwise.
fn star(rng: &mut Rng, (lon, lat): (f64, f64), radius: f64, corners: u32) -> Vec<(f64, f64)> {
    let corner = |which: u32, rng: &mut Rng| {
        let angle = std::f64::consts::TAU * f64::from(which) / f64::from(corners);
        let radius = radius * (0.4 + 0.6 * rng.f64());
        (lon + radius * angle.cos(), lat + radius * angle.sin())
    };
    let mut outline: Vec<(f64, f64)> = (0..corners).map(|which| corner(which, rng)).collect();
    outline.push(outline[0]);
    outline
}

fn ring_text(outline: &[(f64, f64)]) -> String {
    let positions: Vec<String> = outline.iter().map(|(lon, lat)| format!("{lon} {lat}")).collect();
    format!("({})", positions.join(","))
}

fn polygon_of(rings: &[Vec<(f64, f64)>]) -> Geometry {
    let rings: Vec<String> = rings.iter().map(|outline| ring_text(outline)).collect();
    wkt(&format!("POLYGON({})", rings.join(",")))
}

/// Of every kind, also empty and in part empty.
const TEXTS: [&str; 22] = [
    "POINT(71.4 51.1)",
    "POINT(-0.1 1.0000000000000002)",
    "POINT EMPTY",
    "LINESTRING(71 51,72 52,73.25 51)",
    "LINESTRING EMPTY",
    "POLYGON((71 51,72 51,72 52,71 51))",
    "POLYGON((0 0,9 0,9 9,0 9,0 0),(1 1,1 2,2 2,1 1),(5 5,5 6,6 6,5 5))",
    "POLYGON EMPTY",
    "MULTIPOINT((1 2),(3 4))",
    "MULTIPOINT(EMPTY,(3 4))",
    "MULTIPOINT EMPTY",
    "MULTILINESTRING((0 0,1 1),(2 2,3 3,4 4))",
    "MULTILINESTRING(EMPTY,(2 2,3 3))",
    "MULTILINESTRING EMPTY",
    "MULTIPOLYGON(((0 0,1 0,1 1,0 0)),((5 5,9 5,9 9,5 5),(7 6,8 6,8 7,7 6)))",
    "MULTIPOLYGON(EMPTY,((0 0,1 0,1 1,0 0)))",
    "MULTIPOLYGON EMPTY",
    "GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(0 0,1 1))",
    "GEOMETRYCOLLECTION(POINT EMPTY,GEOMETRYCOLLECTION(POLYGON((0 0,1 0,1 1,0 0))))",
    "GEOMETRYCOLLECTION(GEOMETRYCOLLECTION EMPTY)",
    "GEOMETRYCOLLECTION EMPTY",
    "POLYGON((170 10,190 10,190 20,170 10))",
];

#[test]
fn every_kind_comes_back_from_text_and_bytes_as_it_was() {
    for text in TEXTS {
        let geometry = wkt(text);
        assert_eq!(geometry.to_wkt(), text);
        let again = Geometry::from_wkb(&geometry.to_wkb()).expect("its own bytes");
        assert_eq!(again.to_wkt(), text, "through WKB");
        let json = geometry.to_geojson();
        let again = Geometry::from_text(&json).unwrap_or_else(|fault| panic!("{json}: {fault}"));
        if text != "MULTIPOINT(EMPTY,(3 4))" {
            assert_eq!(again.to_wkt(), text, "through {json}");
        }
        assert_eq!(geometry.bounds().is_none(), geometry.is_empty());
    }
    assert_eq!(point_wkb(at(71.4, 51.1)).to_vec(), wkt("POINT(71.4 51.1)").to_wkb());
    assert_eq!(Geometry::multi_point([at(1.0, 2.0), at(3.0, 4.0)]).to_wkt(), "MULTIPOINT((1 2),(3 4))");
}

#[test]
fn what_others_write_is_read() {
    let same = |text: &str, expected: &str| assert_eq!(wkt(text).to_wkt(), expected, "{text}");
    same("  Point z ( 71.4  51.1 340 ) ", "POINT(71.4 51.1)");
    same("pointZM(1 2 3 4)", "POINT(1 2)");
    same("POINT(1 2 3)", "POINT(1 2)");
    same("srid = 4326 ; MULTIPOINT(1 2, 3 4)", "MULTIPOINT((1 2),(3 4))");
    same("MULTIPOINT Z (EMPTY, 3 4 5)", "MULTIPOINT(EMPTY,(3 4))");
    same("LINESTRING(1e1 +2.50, -.5 3.)", "LINESTRING(10 2.5,-0.5 3)");
    // PostGIS: SELECT ST_AsEWKB('SRID=4326;POINT Z (1 2 3)', 'XDR').
    let ewkb = [
        vec![0, 0xA0, 0, 0, 1, 0, 0, 0x10, 0xE6],
        1_f64.to_be_bytes().into(),
        2_f64.to_be_bytes().into(),
        3_f64.to_be_bytes().into(),
    ];
    assert_eq!(Geometry::from_wkb(&ewkb.concat()).expect("EWKB").to_wkt(), "POINT(1 2)");
    let iso = [vec![1], 3001_u32.to_le_bytes().into(), [1_f64, 2.0, 3.0, 4.0].map(f64::to_le_bytes).concat()];
    assert_eq!(Geometry::from_wkb(&iso.concat()).expect("ISO ZM").to_wkt(), "POINT(1 2)");
    let json =
        |text: &str| Geometry::from_geojson(text).unwrap_or_else(|fault| panic!("{text}: {fault}")).to_wkt();
    let point = r#"{"coordinates":[1,2],"type":"Point"}"#;
    assert_eq!(
        json(&format!(r#"{{"type":"Feature","properties":{{"a":[1]}},"geometry":{point}}}"#)),
        "POINT(1 2)"
    );
    assert_eq!(
        json(&format!(
            r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","geometry":{point}}},{{"type":"Feature","geometry":null}}]}}"#
        )),
        "GEOMETRYCOLLECTION(POINT(1 2),GEOMETRYCOLLECTION EMPTY)"
    );
}

#[test]
fn a_fault_says_what_and_where() {
    let cases = [
        ("", "'' is no kind of geometry (character 1)"),
        ("POINT(71.4 north)", "'north' is not a number (character 12)"),
        ("POINT(nan 1)", "'nan' is not a number (character 7)"),
        ("POINT(1 -inf)", "'-inf' is not a number (character 9)"),
        ("POINT(1 1e999)", "1e999 is beyond all numbers (character 9)"),
        ("POINT(1)", "a position has 2 numbers, this one 1 (character 8)"),
        ("POINT Z (1 2)", "a position has 3 numbers, this one 2 (character 13)"),
        ("POINT(1 2 3 4 5)", "more than 4 numbers in a position (character 15)"),
        ("POINT(1 2", "expected ')', found the end (character 10)"),
        ("POINT(1 2) x", "text after the geometry's end (character 12)"),
        ("POINT 1 2", "expected '(', found '1' (character 7)"),
        ("КРУГ(1 2)", "'КРУГ' is no kind of geometry (character 1)"),
        ("POINT(1 два)", "'два' is not a number (character 9)"),
        ("SRID=3857;POINT(1 2)", "SRID 3857 is not 4326 (character 6)"),
        ("POLYGON((0 0,1 0,1 1))", "a ring must end where it starts (character 9)"),
        ("{", "not JSON: EOF while parsing an object (character 1)"),
        ("{\n\"тип\": x}", "not JSON: expected value (character 10)"),
        (r#"{"type":"Circle","coordinates":[]}"#, "'Circle' is no kind of geometry"),
        (r#"{"type":"Point"}"#, "coordinates is missing"),
        (r#"{"a":1}"#, "type is missing"),
        (
            r#"{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],["0",0]]]}"#,
            "coordinates[0][3] is not a position: a longitude and a latitude are numbers",
        ),
        (
            r#"{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":3}}]}"#,
            "features[0].geometry.coordinates is not a position: two numbers at least",
        ),
        (
            r#"{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1]]]}"#,
            "coordinates[0] is open: a ring must end where it starts",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(Geometry::from_text(text).expect_err(text).to_string(), expected, "{text}");
    }
    let bytes = |bytes: &[u8]| Geometry::from_wkb(bytes).expect_err("a fault").to_string();
    let point = wkt("POINT(1 2)").to_wkb();
    assert_eq!(bytes(&[]), "the bytes end in the middle (byte 0)");
    assert_eq!(bytes(&[7, 1, 0, 0, 0]), "byte order 7 is not 0 or 1 (byte 0)");
    assert_eq!(bytes(&[&point[..], &[0]].concat()), "bytes after the geometry's end (byte 21)");
    assert_eq!(bytes(&point_wkb(at(f64::NAN, 1.0))), "a number that is not finite (byte 5)");
    assert_eq!(bytes(&point_wkb(at(1.0, f64::INFINITY))), "a number that is not finite (byte 5)");
    let many = [1, 2, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF];
    assert_eq!(bytes(&many), "4294967295 items, but too few bytes for them (byte 5)");
    assert_eq!(bytes(&[1, 10, 0, 0, 0]), "10 is no kind of geometry (byte 0)");
}

#[test]
fn collections_nest_32_deep_and_no_deeper() {
    let nested =
        |depth: usize| format!("{}POINT(1 2){}", "GEOMETRYCOLLECTION(".repeat(depth), ")".repeat(depth));
    let deep = wkt(&nested(32));
    assert_eq!(deep.to_wkt(), nested(32));
    assert_eq!(Geometry::from_wkb(&deep.to_wkb()).as_ref(), Ok(&deep));
    assert_eq!(Geometry::from_geojson(&deep.to_geojson()).as_ref(), Ok(&deep));
    for depth in [33, 100_000] {
        assert!(Geometry::from_wkt(&nested(depth)).is_err());
        let head = [1, 7, 0, 0, 0, 1, 0, 0, 0].repeat(depth);
        assert!(Geometry::from_wkb(&[head, point_wkb(at(1.0, 2.0)).to_vec()].concat()).is_err());
        let json = r#"{"type":"GeometryCollection","geometries":["#.repeat(depth);
        assert!(Geometry::from_geojson(&format!("{json}{}", "]}".repeat(depth))).is_err());
        assert!(Geometry::from_geojson(&r#"{"type":"Feature","geometry":"#.repeat(depth)).is_err());
        assert!(Geometry::from_geojson(&format!("{}{}", "[".repeat(depth), "]".repeat(depth))).is_err());
    }
}

/// Asks everything of a geometry that came from hostile bytes.
fn ask_all(geometry: &Geometry, other: &Geometry) {
    let region = Region::new(geometry);
    let _ = region.locate(at(1.0, 1.0));
    let _ = region.covers_box(Bounds { west: 0.0, south: 0.0, east: 2.0, north: 2.0 });
    let _ = (geometry.validity(), geometry.centroid(), geometry.is_areal(), geometry.kind());
    let _ = (geometry.length_m(), geometry.perimeter_m(), geometry.area_m2());
    let _ = (geometry.distance_m(other), other.is_within_m(geometry, 1e5));
    let _ = (geometry.intersects(other), geometry.covers(other), other.contains(geometry));
    let regions = Regions::new([Some(region)]);
    regions.locate(at(1.0, 1.0), &mut |_, _| {});
}

#[test]
fn hostile_texts_and_bytes_never_panic() {
    let mut rng = Rng::with_seed(404);
    let other = wkt("POLYGON((0 0,9 0,9 9,0 9,0 0),(1 1,1 2,2 2,1 1))");
    let (mut read, mut total) = (0, 0);
    for text in TEXTS {
        let (bytes, json) = (wkt(text).to_wkb(), wkt(text).to_geojson());
        for _ in 0..150 {
            let mut mutate = |source: &[u8]| {
                let mut mutated = source.to_vec();
                for _ in 0..rng.usize(1..4) {
                    let where_to = rng.usize(..mutated.len());
                    match rng.u8(..4) {
                        0 => mutated[where_to] = rng.u8(..),
                        1 => drop(mutated.drain(where_to..(where_to + rng.usize(..9)).min(mutated.len()))),
                        2 => mutated.insert(where_to, source[rng.usize(..source.len())]),
                        _ => mutated[where_to] = source[rng.usize(..source.len())],
                    }
                    mutated.push(0);
                    mutated.pop();
                    if mutated.is_empty() {
                        return mutated;
                    }
                }
                mutated
            };
            let found = [
                Geometry::from_wkb(&mutate(&bytes)),
                Geometry::from_text(&String::from_utf8_lossy(&mutate(text.as_bytes()))),
                Geometry::from_text(&String::from_utf8_lossy(&mutate(json.as_bytes()))),
            ];
            for geometry in found.iter().flatten() {
                read += 1;
                ask_all(geometry, &other);
            }
            total += 3;
        }
    }
    assert!(read * 20 > total, "some mutations are still geometries: {read} of {total}");
}

#[test]
fn relations_are_those_of_postgis() {
    let square = "POLYGON((0 0,9 0,9 9,0 9,0 0),(3 3,6 3,6 6,3 6,3 3))";
    // Text of the other; whether the square intersects, covers, contains it.
    let cases = [
        ("POINT(1 1)", true, true, true),
        ("POINT(0 5)", true, true, false),
        ("POINT(0 0)", true, true, false),
        ("POINT(3 4)", true, true, false),
        ("POINT(4 4)", false, false, false),
        ("POINT(10 4)", false, false, false),
        ("POINT EMPTY", false, false, false),
        ("MULTIPOINT((0 5),(1 1))", true, true, true),
        ("MULTIPOINT((0 5),(9 9))", true, true, false),
        ("MULTIPOINT((1 1),(4 4))", true, false, false),
        ("LINESTRING(1 1,2 2)", true, true, true),
        ("LINESTRING(0 0,9 0)", true, true, false),
        ("LINESTRING(0 0,0 1,1 1)", true, true, true),
        ("LINESTRING(1 4,8 4)", true, false, false),
        ("LINESTRING(-1 -1,0 0)", true, false, false),
        ("LINESTRING(4 4,5 5)", false, false, false),
        ("POLYGON((1 1,2 1,2 2,1 1))", true, true, true),
        ("POLYGON((0 0,9 0,9 9,0 9,0 0))", true, false, false),
        ("POLYGON((0 0,9 0,9 9,0 9,0 0),(3 3,6 3,6 6,3 6,3 3))", true, true, true),
        ("POLYGON((4 4,5 4,5 5,4 4))", false, false, false),
        ("POLYGON((9 0,12 0,12 9,9 0))", true, false, false),
        ("POLYGON((-5 -5,20 -5,20 20,-5 20,-5 -5))", true, false, false),
        ("GEOMETRYCOLLECTION(POINT(1 1),LINESTRING(0 0,1 0))", true, true, true),
        ("GEOMETRYCOLLECTION EMPTY", false, false, false),
    ];
    let square = wkt(square);
    for (text, intersects, covers, contains) in cases {
        let other = wkt(text);
        assert_eq!(square.intersects(&other), intersects, "intersects {text}");
        assert_eq!(other.intersects(&square), intersects, "{text} intersects");
        assert_eq!(square.disjoint(&other), !intersects, "disjoint {text}");
        assert_eq!((square.covers(&other), other.covered_by(&square)), (covers, covers), "covers {text}");
        assert_eq!((square.contains(&other), other.within(&square)), (contains, contains), "contains {text}");
    }
    let line = wkt("LINESTRING(0 0,2 2,4 0)");
    assert!(line.contains(&wkt("POINT(1 1)")) && line.covers(&wkt("POINT(0 0)")));
    assert!(!line.contains(&wkt("POINT(0 0)")) && line.contains(&wkt("LINESTRING(0 0,1 1)")));
    let point = wkt("POINT(1 2)");
    assert!(point.contains(&point) && point.covers(&point) && point.intersects(&point));
}

#[test]
fn relations_are_those_of_the_geo_crate() {
    use geo::Relate;
    let mut rng = Rng::with_seed(31);
    let mut found = [0; 3];
    for _ in 0..150 {
        let mut any = |radius: f64| star(&mut rng, (10.0, 10.0), radius, 9);
        let (mut one, mut two) = (any(5.0), any(3.0));
        let shift = 8.0 * rng.f64() - 2.0;
        // On whole degrees vertices and edges meet more often.
        let whole = rng.bool();
        for corner in &mut two {
            corner.0 += shift;
        }
        if whole {
            one.iter_mut().chain(&mut two).for_each(|at| *at = (at.0.round(), at.1.round()));
        }
        let (left, right) = (polygon_of(&[one.clone()]), polygon_of(&[two.clone()]));
        if left.validity().is_err() || right.validity().is_err() {
            continue;
        }
        let inner = |outline: Vec<(f64, f64)>| geo::Polygon::new(geo::LineString::from(outline), Vec::new());
        let matrix = inner(one).relate(&inner(two));
        let expected = [matrix.is_intersects(), matrix.is_covers(), matrix.is_contains()];
        let answers = [left.intersects(&right), left.covers(&right), left.contains(&right)];
        assert_eq!(answers, expected, "{} and {}", left.to_wkt(), right.to_wkt());
        (0..3).for_each(|which| found[which] += i32::from(expected[which]));
    }
    assert!(found.iter().all(|count| *count > 5), "each relation occurs: {found:?}");
}

#[test]
fn validity_gives_the_reason() {
    let reason = |text: &str| wkt(text).validity().err().unwrap_or_default();
    for text in TEXTS {
        assert_eq!(reason(text), "", "{text}");
    }
    assert_eq!(reason("POINT(71 91)"), "71 91 is not a longitude and a latitude");
    assert_eq!(reason("POINT(361 9)"), "361 9 is not a longitude and a latitude");
    assert_eq!(reason("LINESTRING(1 1,1 1)"), "a line has fewer than two different positions");
    assert_eq!(reason("POLYGON((1 1,2 2,1 1))"), "the outer ring has fewer than three different positions");
    assert_eq!(reason("POLYGON((0 0,2 2,2 0,0 2,0 0))"), "the outer ring crosses or touches itself near 0 0");
    let spike = "POLYGON((0 0,4 0,4 4,4 6,4 4,0 4,0 0))";
    assert_eq!(reason(spike), "the outer ring crosses or touches itself near 4 0");
    let square = "(0 0,9 0,9 9,0 9,0 0)";
    assert_eq!(
        reason(&format!("POLYGON({square},(8 8,8 12,12 8,8 8))")),
        "hole 1 is not inside the outer ring"
    );
    assert_eq!(
        reason(&format!("POLYGON({square},(1 1,1 3,3 1,1 1),(2 1,2 4,4 1,2 1))")),
        "hole 1 and hole 2 overlap"
    );
    assert_eq!(
        reason(&format!("MULTIPOLYGON(({square}),((8 8,8 12,12 8,8 8)))")),
        "polygon 1 and polygon 2 overlap"
    );
    assert_eq!(
        reason(&format!("MULTIPOLYGON(({square}),((9 0,12 0,12 9,9 9,9 0)))")),
        "polygon 1 and polygon 2 share a line"
    );
    assert_eq!(reason(&format!("MULTIPOLYGON(({square}),((9 9,12 9,12 12,9 9)))")), "");
}

#[test]
fn an_envelope_may_cross_the_date_line() {
    let fiji = Geometry::envelope(176.0, -21.0, -178.0, -12.0).expect("a box");
    for (lon, lat, holds) in [
        (177.0, -16.0, true),
        (-179.0, -16.0, true),
        (180.0, -16.0, true),
        (-177.0, -16.0, false),
        (175.0, -16.0, false),
    ] {
        assert_eq!(fiji.contains(&Geometry::point(at(lon, lat))), holds, "{lon}");
        assert_eq!(fiji.distance_m(&Geometry::point(at(lon, lat))) == Some(0.0), holds, "{lon}");
    }
    let both_sides =
        wkt("MULTIPOLYGON(((177 -17,178 -17,178 -16,177 -17)),((-179 -17,-178.5 -17,-179 -16,-179 -17)))");
    assert!(fiji.covers(&both_sides) && fiji.contains(&both_sides) && fiji.intersects(&both_sides));
    assert!(
        fiji.covers(&wkt("LINESTRING(-180 -15,-179 -15)"))
            && fiji.covers(&wkt("LINESTRING(179 -15,181 -15)"))
    );
    assert!(!fiji.intersects(&wkt("LINESTRING(-177 -15,-170 -15)")));
    let none = [
        (f64::NAN, 0.0, 1.0, 1.0),
        (0.0, 2.0, 1.0, 1.0),
        (0.0, -91.0, 1.0, 1.0),
        (-361.0, 0.0, 1.0, 1.0),
        (0.0, 0.0, f64::INFINITY, 1.0),
    ];
    for (west, south, east, north) in none {
        assert!(Geometry::envelope(west, south, east, north).is_none(), "{west} {south} {east} {north}");
    }
    assert!(Geometry::envelope(5.0, 5.0, 5.0, 5.0).is_some(), "a box may be one place");
}

/// The least geodesic from a place to a line straight in longitude and latitude, by sampling finer and
/// finer around the best.
fn sampled_m(from: Position, (a, b): ((f64, f64), (f64, f64))) -> f64 {
    let there = |share: f64| place(a.0 + share * (b.0 - a.0), a.1 + share * (b.1 - a.1));
    let to = |share: f64| geo::Geodesic.distance(place(from.lon, from.lat), there(share));
    let least = |low: f64, high: f64, steps: u32| {
        let share = |step: u32| low + (high - low) * f64::from(step) / f64::from(steps);
        let all = (0..=steps).map(|step| (to(share(step)), share(step)));
        all.min_by(|one, other| one.0.total_cmp(&other.0)).expect("there are steps")
    };
    let (mut best, mut width) = (least(0.0, 1.0, 400), 1.0 / 400.0);
    for _ in 0..6 {
        best = least((best.1 - width).max(0.0), (best.1 + width).min(1.0), 20);
        width /= 10.0;
    }
    best.0
}

/// A region of the Earth with lines in it.
type Zone = (&'static str, fn(&mut Rng) -> (f64, f64), f64);

const ZONES: [Zone; 5] = [
    ("mid-latitudes", |rng| (60.0 + 20.0 * rng.f64(), 40.0 + 16.0 * rng.f64()), 2.0),
    ("the date line", |rng| (178.0 + 4.0 * rng.f64(), 70.0 * rng.f64() - 35.0), 1.0),
    ("the poles", |rng| (360.0 * rng.f64() - 180.0, 88.0 + 2.0 * rng.f64()), 0.2),
    ("long lines", |rng| (300.0 * rng.f64() - 150.0, 160.0 * rng.f64() - 80.0), 60.0),
    ("far away", |rng| (60.0 + rng.f64(), 40.0 + rng.f64()), 170.0),
];

#[test]
fn distances_to_a_line_are_within_a_millimetre_of_dense_sampling() {
    let mut rng = Rng::with_seed(1812);
    for (name, zone, spread) in ZONES {
        for _ in 0..16 {
            let (a, b, seen) = (zone(&mut rng), zone(&mut rng), zone(&mut rng));
            let lon = seen.0 + spread * (rng.f64() - 0.5);
            let from = at(if lon > 180.0 { lon - 360.0 } else { lon.max(-180.0) }, seen.1);
            let line = wkt(&format!("LINESTRING{}", ring_text(&[a, b])));
            let found = Geometry::point(from).distance_m(&line).expect("on the globe");
            let expected = sampled_m(from, (a, b));
            assert!(
                (found - expected).abs() < 1e-3,
                "{name}: {found} and {expected}, {from:?} to {}",
                line.to_wkt()
            );
            assert_eq!(
                line.distance_m(&Geometry::point(from)).map(f64::to_bits),
                Some(found.to_bits()),
                "{name}"
            );
            for (m, expected) in [(found + 0.01, true), (found - 0.01, found < 0.01), (f64::NAN, false)] {
                assert_eq!(line.is_within_m(&Geometry::point(from), m), Some(expected), "{name}");
            }
        }
    }
}

#[test]
fn distances_between_lines_are_within_a_millimetre_of_dense_sampling() {
    let mut rng = Rng::with_seed(1813);
    // Along parallels both bend, so that the nearest places may be in the middle.
    let mut pairs = vec![
        (((70.0, 50.0), (70.9, 50.0)), ((70.1, 50.001), (70.8, 50.002))),
        (((70.0, 50.0), (72.9, 50.0)), ((70.4, 50.01), (72.0, 50.01))),
        (((179.0, 60.0), (181.5, 60.0)), ((179.4, 60.5), (180.9, 60.2))),
    ];
    for _ in 0..12 {
        let mut near = |lat: f64| (70.0 + 1.5 * rng.f64(), lat + 0.4 * rng.f64());
        pairs.push(((near(50.0), near(50.0)), (near(50.5), near(50.5))));
    }
    for (one, two) in pairs {
        let along =
            |share: f64| at(one.0.0 + share * (one.1.0 - one.0.0), one.0.1 + share * (one.1.1 - one.0.1));
        let least = |low: f64, width: f64| {
            let shares = (0..=30).map(|step| (low + width * f64::from(step) / 30.0).clamp(0.0, 1.0));
            let all = shares.map(|share| (sampled_quickly_m(along(share), two), share));
            all.min_by(|one, other| one.0.total_cmp(&other.0)).expect("there are steps")
        };
        let (mut best, mut width) = (least(0.0, 1.0), 1.0);
        for _ in 0..4 {
            width /= 8.0;
            best = least(best.1 - width / 2.0, width);
        }
        let lines = [one, two].map(|(a, b)| wkt(&format!("LINESTRING{}", ring_text(&[a, b]))));
        let found = lines[0].distance_m(&lines[1]).expect("on the globe");
        assert!((found - best.0).abs() < 1e-3, "{found} and {}: {one:?} {two:?}", best.0);
    }
}

/// The same as [`sampled_m`], by this crate's distance of points, which is ten times quicker.
fn sampled_quickly_m(from: Position, (a, b): ((f64, f64), (f64, f64))) -> f64 {
    let wrap = |lon: f64| if lon > 180.0 { lon - 360.0 } else { lon };
    let there = |share: f64| at(wrap(a.0 + share * (b.0 - a.0)), a.1 + share * (b.1 - a.1));
    let to = |share: f64| distance_m(at(wrap(from.lon), from.lat), there(share));
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let (left, right) = (low + (high - low) * 0.45, low + (high - low) * 0.55);
        if to(left) <= to(right) { high = right } else { low = left }
    }
    to(low).min(to(high)).min(to(0.0)).min(to(1.0))
}

#[test]
fn the_distance_of_points_is_that_of_positions_to_the_bit() {
    let mut rng = Rng::with_seed(5);
    for _ in 0..500 {
        let mut any = || at(360.0 * rng.f64() - 180.0, 180.0 * rng.f64() - 90.0);
        let (one, two) = (any(), any());
        let found = Geometry::point(one).distance_m(&Geometry::point(two)).expect("on the globe");
        assert_eq!(found.to_bits(), distance_m(one, two).to_bits());
        let several = Geometry::multi_point([any(), any(), two]);
        let nearest = several.distance_m(&Geometry::point(one)).expect("on the globe");
        assert!(nearest <= found);
    }
    let beyond = Geometry::point(at(190.0, 10.0));
    assert_eq!(beyond.distance_m(&Geometry::point(at(-170.0, 10.0))), None, "190 is off the globe");
    let line = wkt("LINESTRING(190 10,200 10)");
    assert_eq!(line.distance_m(&Geometry::point(at(-170.0, 10.0))), Some(0.0));
    assert_eq!(line.distance_m(&Geometry::point(at(-170.0, 91.0))), None);
    assert_eq!(beyond.distance_m(&wkt("LINESTRING EMPTY")), None);
    assert_eq!(wkt("POINT(400 0)").is_within_m(&beyond, 1.0), None);
}

#[test]
fn a_polygon_is_0_from_what_is_in_it_and_its_edges_from_what_is_not() {
    let area = wkt("POLYGON((0 0,9 0,9 9,0 9,0 0),(3 3,6 3,6 6,3 6,3 3))");
    let metres = |lon: f64, lat: f64| area.distance_m(&Geometry::point(at(lon, lat))).expect("on the globe");
    assert_eq!((metres(1.0, 1.0), metres(9.0, 4.0), metres(3.0, 4.0)), (0.0, 0.0, 0.0));
    assert!((metres(4.5, 3.001) - sampled_m(at(4.5, 3.001), ((3.0, 3.0), (6.0, 3.0)))).abs() < 1e-3);
    assert!((metres(4.5, -1.0) - sampled_m(at(4.5, -1.0), ((0.0, 0.0), (9.0, 0.0)))).abs() < 1e-3);
    assert_eq!(area.distance_m(&wkt("LINESTRING(4 4,5 5,9 9)")), Some(0.0));
    let in_hole = wkt("POLYGON((4 4,5 4,5 5,4 4))");
    let expected = sampled_m(at(4.0, 4.0), ((3.0, 3.0), (3.0, 6.0)))
        .min(sampled_m(at(5.0, 5.0), ((6.0, 3.0), (6.0, 6.0))))
        .min(sampled_m(at(4.5, 4.0), ((3.0, 3.0), (6.0, 3.0))))
        .min(sampled_m(at(5.0, 5.0), ((3.0, 6.0), (6.0, 6.0))));
    assert!((area.distance_m(&in_hole).expect("on the globe") - expected).abs() < 1e-3);
}

#[test]
fn lengths_and_areas_are_geodesic() {
    let mut rng = Rng::with_seed(8);
    for _ in 0..30 {
        let middle = (120.0 * rng.f64() - 60.0, 140.0 * rng.f64() - 70.0);
        let (outline, hole) = (star(&mut rng, middle, 5.0, 20), star(&mut rng, middle, 1.0, 7));
        let inner = |outline: &[(f64, f64)]| geo::LineString::from(outline.to_vec());
        let line = wkt(&format!("LINESTRING{}", ring_text(&outline)));
        let expected = geo::Geodesic.length(&inner(&outline));
        assert!((line.length_m() - expected).abs() < 1e-4, "{} and {expected}", line.length_m());
        assert_eq!((line.perimeter_m(), line.area_m2()), (0.0, 0.0));
        let expected = geo::Polygon::new(inner(&outline), vec![inner(&hole)]);
        let around_m = expected.geodesic_perimeter();
        let mut reversed = hole.clone();
        reversed.reverse();
        let area_m2 = geo::Polygon::new(inner(&outline), vec![inner(&reversed)]).geodesic_area_unsigned();
        for rings in [[outline.clone(), hole], [outline, reversed]] {
            let area = polygon_of(&rings);
            assert!((area.perimeter_m() - around_m).abs() < 1e-4);
            assert!((area.area_m2() / area_m2 - 1.0).abs() < 1e-9, "{} and {area_m2}", area.area_m2());
            assert_eq!(area.length_m().to_bits(), 0);
        }
    }
    let over = wkt("POLYGON((179 10,181 10,181 11,179 11,179 10))").area_m2();
    let beside = wkt("POLYGON((9 10,11 10,11 11,9 11,9 10))").area_m2();
    assert!((over - beside).abs() < 1.0, "{over} and {beside}");
    assert!(wkt("POLYGON((0 0,1 0,1 95,0 0))").area_m2().is_nan());
}

#[test]
fn the_middle_is_right_across_the_date_line() {
    let middle = |text: &str| wkt(text).centroid();
    let near = |text: &str, lon: f64, lat: f64| {
        let found = middle(text).unwrap_or_else(|| panic!("{text} has a middle"));
        let is_near = (found.lon - lon).rem_euclid(360.0).min((lon - found.lon).rem_euclid(360.0)) < 1e-9;
        assert!(is_near && (found.lat - lat).abs() < 1e-9, "{text}: {found:?}");
        assert!(found.is_on_globe());
    };
    near("MULTIPOINT((179 0),(-179 0))", 180.0, 0.0);
    near("MULTIPOINT((178 0),(-176 0))", -179.0, 0.0);
    let pole = middle("MULTIPOINT((10 89),(-170 89))").expect("there is one");
    assert!((pole.lat - 90.0).abs() < 1e-6, "{pole:?}");
    near("POLYGON((178 10,184 10,184 12,178 12,178 10))", -179.0, 11.0);
    near(
        "MULTIPOLYGON(((178 10,180 10,180 12,178 12,178 10)),((-180 10,-176 10,-176 12,-180 12,-180 10)))",
        -179.0,
        11.0,
    );
    near("POLYGON((0 0,9 0,9 9,0 9,0 0),(0 0,0 9,4.5 9,4.5 0,0 0))", 6.75, 4.5);
    near("GEOMETRYCOLLECTION(POINT(80 80),LINESTRING(10 0,20 0))", 15.0, 0.0);
    near("POLYGON((1 1,1 1,1 1,1 1))", 1.0, 1.0);
    assert_eq!(middle("POINT(71.43 51.13)"), Some(at(71.43, 51.13)));
    assert_eq!(middle("MULTIPOINT((0 0),(180 0))"), None, "none is the middle of two opposite places");
    assert_eq!(middle("POINT EMPTY"), None);
}

#[test]
fn directions_and_the_sphere() {
    let mut rng = Rng::with_seed(77);
    for _ in 0..200 {
        let mut any = || at(360.0 * rng.f64() - 180.0, 180.0 * rng.f64() - 90.0);
        let (one, two) = (any(), any());
        let (from, to) = (place(one.lon, one.lat), place(two.lon, two.lat));
        let expected = geo::Geodesic.bearing(from, to).to_radians();
        assert!((azimuth(one, two).expect("two places") - expected).abs() < 1e-9);
        let expected = geo::Haversine.distance(from, to) / geo::Haversine.radius() * 6_371_008.771_4;
        assert!((haversine_m(one, two) - expected).abs() < 1e-3);
    }
    assert_eq!(azimuth(at(180.0, 5.0), at(-180.0, 5.0)), None);
    assert_eq!(azimuth(at(10.0, 90.0), at(-100.0, 90.0)), None);
    assert_eq!(azimuth(at(190.0, 5.0), at(0.0, 5.0)), None);
    assert_eq!(azimuth(at(0.0, 0.0), at(0.0, 5.0)), Some(0.0));
    assert!(haversine_m(at(0.0, 91.0), at(0.0, 0.0)).is_nan());
}

/// Where a position is in rings, by the sides of all edges in turn: on one of them, or in an odd number
/// of them. The numbers are chosen so that the products are exact.
fn brute_force(polygons: &[Vec<Vec<(f64, f64)>>], (x, y): (f64, f64)) -> Location {
    let mut found = Location::Outside;
    for rings in polygons {
        let mut inside = false;
        for ((ax, ay), (bx, by)) in
            rings.iter().flat_map(|outline| outline.iter().copied().zip(outline[1..].iter().copied()))
        {
            let side = (bx - ax) * (y - ay) - (by - ay) * (x - ax);
            let is_between = ax.min(bx) <= x && x <= ax.max(bx) && ay.min(by) <= y && y <= ay.max(by);
            if side == 0.0 && is_between {
                return Location::Boundary;
            }
            if (ay <= y) != (by <= y) && (side > 0.0) == (by > ay) {
                inside = !inside;
            }
        }
        if inside {
            found = Location::Inside;
        }
    }
    found
}

/// To multiples of a 64th: then all products of differences are exact.
fn coarse(number: f64) -> f64 {
    (number * 64.0).round() / 64.0
}

fn coarse_star(rng: &mut Rng, middle: (f64, f64), radius: f64, corners: u32) -> Vec<(f64, f64)> {
    let outline = star(rng, middle, radius, corners);
    outline.into_iter().map(|(lon, lat)| (coarse(lon), coarse(lat))).collect()
}

#[test]
fn a_region_tells_positions_exactly() {
    let mut rng = Rng::with_seed(12);
    let square = |west: f64, south: f64, size: f64| {
        vec![
            (west, south),
            (west + size, south),
            (west + size, south + size),
            (west, south + size),
            (west, south),
        ]
    };
    let mut cases = vec![
        vec![vec![square(70.0, 50.0, 8.0), square(71.0, 51.0, 2.0), square(74.0, 54.0, 3.0)]],
        vec![vec![square(60.0, 40.0, 4.0)], vec![square(64.0, 44.0, 3.0)], vec![square(61.0, 45.0, 2.0)]],
    ];
    for corners in [3, 8, 40, 300] {
        let outline = coarse_star(&mut rng, (70.0, 50.0), 12.0, corners);
        let other = coarse_star(&mut rng, (95.0, 52.0), 10.0, corners);
        cases.push(vec![vec![outline, square(69.0, 49.0, 2.0)], vec![other]]);
    }
    let mut seen = [0; 3];
    for polygons in cases {
        let texts = polygons.iter().map(|rings| {
            let rings: Vec<String> = rings.iter().map(|outline| ring_text(outline)).collect();
            format!("({})", rings.join(","))
        });
        let geometry = wkt(&format!("MULTIPOLYGON({})", texts.collect::<Vec<_>>().join(",")));
        let region = Region::new(&geometry);
        let corners: Vec<(f64, f64)> = polygons.iter().flatten().flatten().copied().collect();
        let bounds = region.bounds().expect("it is not empty");
        for turn in 0..17_000 {
            let (lon, lat) = match turn % 4 {
                0 => corners[rng.usize(..corners.len())],
                1 => (corners[rng.usize(..corners.len())].0, coarse(bounds.south + 25.0 * rng.f64())),
                2 => (coarse(bounds.west + 60.0 * rng.f64()), corners[rng.usize(..corners.len())].1),
                _ => (coarse(bounds.west + 60.0 * rng.f64()), coarse(bounds.south + 25.0 * rng.f64())),
            };
            let expected = brute_force(&polygons, (lon, lat));
            assert_eq!(region.locate(at(lon, lat)), expected, "{lon} {lat} in {}", geometry.to_wkt());
            seen[expected as usize] += 1;
        }
    }
    assert!(seen.iter().all(|count| *count > 10_000), "{seen:?}");
}

#[test]
fn a_region_over_the_date_line_is_one_or_two() {
    let beyond = Region::new(&wkt("POLYGON((170 10,190 10,190 20,170 20,170 10))"));
    let before = Region::new(&wkt("POLYGON((-190 10,-170 10,-170 20,-190 20,-190 10))"));
    let split = Region::new(&wkt(
        "MULTIPOLYGON(((170 10,180 10,180 20,170 20,170 10)),((-180 10,-170 10,-170 20,-180 20,-180 10)))",
    ));
    let mut rng = Rng::with_seed(3);
    for _ in 0..5_000 {
        let lon = if rng.bool() { 160.0 + 20.0 * rng.f64() } else { -180.0 + 20.0 * rng.f64() };
        let lat = 30.0 * rng.f64();
        let is_in = 10.0 < lat && lat < 20.0 && lon.abs() > 170.0;
        let expected = if is_in { Location::Inside } else { Location::Outside };
        let found = [&beyond, &before, &split].map(|region| region.locate(at(lon, lat)));
        assert_eq!(found, [expected; 3], "{lon} {lat}");
    }
    for lon in [180.0, -180.0] {
        assert_eq!(beyond.locate(at(lon, 15.0)), Location::Inside);
        assert_eq!(split.locate(at(lon, 15.0)), Location::Boundary);
        assert_eq!(beyond.locate(at(lon, 20.0)), Location::Boundary);
    }
    assert_eq!(beyond.locate(at(-170.0, 12.0)), Location::Boundary);
    assert_eq!(beyond.locate(at(185.0, 12.0)), Location::Outside, "185 is off the globe");
    assert_eq!(beyond.locate(at(f64::NAN, 12.0)), Location::Outside);
}

#[test]
fn points_and_lines_are_regions_too() {
    let region = Region::new(&wkt("GEOMETRYCOLLECTION(POINT(5 5),MULTILINESTRING((0 0,2 2,4 0),(4 0,8 0)))"));
    let cases = [
        (5.0, 5.0, Location::Inside),
        (1.0, 1.0, Location::Inside),
        (2.0, 2.0, Location::Inside),
        (4.0, 0.0, Location::Inside),
        (0.0, 0.0, Location::Boundary),
        (8.0, 0.0, Location::Boundary),
        (1.0, 1.000_000_1, Location::Outside),
    ];
    for (lon, lat, expected) in cases {
        assert_eq!(region.locate(at(lon, lat)), expected, "{lon} {lat}");
    }
    let closed = Region::new(&wkt("LINESTRING(0 0,1 0,1 1,0 0)"));
    assert_eq!(closed.locate(at(0.0, 0.0)), Location::Inside, "a closed line has no ends");
}

#[test]
fn what_is_said_of_a_box_holds_for_its_positions() {
    let mut rng = Rng::with_seed(21);
    let mut seen = [0; 3];
    for turn in 0..40 {
        let middle = if turn % 2 == 0 { (70.0, 50.0) } else { (180.0, 50.0) };
        let outline = star(&mut rng, middle, 10.0, 30);
        let region = Region::new(&polygon_of(&[outline, star(&mut rng, middle, 2.0, 9)]));
        for _ in 0..100 {
            let lon = middle.0 + 24.0 * (rng.f64() - 0.5);
            let (west, south) = (if lon > 180.0 { lon - 360.0 } else { lon }, 38.0 + 24.0 * rng.f64());
            let (width, height) = (3.0 * rng.f64(), 3.0 * rng.f64());
            let bounds = Bounds { west, south, east: (west + width).min(180.0), north: south + height };
            let overlap = region.covers_box(bounds);
            seen[overlap as usize] += 1;
            for _ in 0..20 {
                let lon = bounds.west + (bounds.east - bounds.west) * rng.f64();
                let location = region.locate(at(lon, south + height * rng.f64()));
                match overlap {
                    Overlap::Inside => assert_eq!(location, Location::Inside),
                    Overlap::Outside => assert_eq!(location, Location::Outside),
                    Overlap::Partly => {}
                }
            }
        }
    }
    assert!(seen.iter().all(|count| *count > 100), "{seen:?}");
}

#[test]
fn regions_find_what_each_region_tells() {
    let mut rng = Rng::with_seed(55);
    let mut regions: Vec<Option<Region>> = vec![None, Some(Region::new(&wkt("POLYGON EMPTY")))];
    for which in 0..60 {
        let middle = match which % 3 {
            0 => (70.0 + 6.0 * rng.f64(), 50.0 + 4.0 * rng.f64()),
            1 => (175.0 + 8.0 * rng.f64(), 40.0 + 40.0 * rng.f64()),
            _ => (-184.0 + 8.0 * rng.f64(), -80.0 + 160.0 * rng.f64()),
        };
        let outline = coarse_star(&mut rng, middle, 6.0, 12);
        regions.push(Some(Region::new(&polygon_of(&[outline]))));
    }
    regions.push(Some(Region::new(&wkt("MULTIPOINT((70 50),(180 10))"))));
    regions.push(Some(Region::new(&wkt("POLYGON((-180 -90,180 -90,180 90,-180 90,-180 -90))"))));
    let all = Regions::new(regions);
    assert_eq!((all.len(), all.is_empty()), (64, false));
    assert!(all.region(0).is_none() && all.region(64).is_none() && all.region(2).is_some());
    let mut hits = 0;
    for turn in 0..20_000 {
        let (lon, lat) = match turn % 4 {
            0 => (coarse(68.0 + 10.0 * rng.f64()), coarse(48.0 + 8.0 * rng.f64())),
            1 => ([180.0, -180.0, 70.0][rng.usize(..3)], coarse(180.0 * rng.f64() - 90.0)),
            2 => (coarse(170.0 + 10.0 * rng.f64()), [10.0, 50.0, 90.0, -90.0][rng.usize(..4)]),
            _ => (360.0 * rng.f64() - 180.0, 180.0 * rng.f64() - 90.0),
        };
        let mut found = Vec::new();
        all.locate(at(lon, lat), &mut |region, location| found.push((region, location)));
        let located = (0..64).filter_map(|number| Some((number, all.region(number)?.locate(at(lon, lat)))));
        let expected: Vec<_> = located.filter(|(_, location)| *location != Location::Outside).collect();
        hits += expected.len();
        assert_eq!(found, expected, "{lon} {lat}");
    }
    assert!(hits > 20_000, "{hits}");
    Regions::new([]).locate(at(0.0, 0.0), &mut |_, _| panic!("there is no region"));
    Regions::new([None]).locate(at(0.0, 0.0), &mut |_, _| panic!("there is no region"));
    all.locate(at(f64::NAN, 0.0), &mut |_, _| panic!("NaN is nowhere"));
}

#[test]
fn many_regions_on_one_place_take_no_endless_memory() {
    let world = wkt("POLYGON((-180 -90,180 -90,180 90,-180 90,-180 -90))");
    let all = Regions::new((0..200).map(|_| Some(Region::new(&world))));
    assert!(all.memory_bytes() < 4_000_000, "{}", all.memory_bytes());
    let mut count = 0;
    all.locate(at(1.0, 1.0), &mut |_, _| count += 1);
    assert_eq!(count, 200);
    // Every edge from bottom to top: more stripes would each hold all of them.
    let zigzag: Vec<(f64, f64)> =
        (0..5_000).map(|x| (f64::from(x) / 100.0, f64::from(x % 2) * 80.0)).collect();
    let outline = [zigzag.as_slice(), &[(49.0, -1.0), (0.0, -1.0), (0.0, 0.0)]].concat();
    assert!(Region::new(&polygon_of(&[outline])).memory_bytes() < 2_000_000);
}

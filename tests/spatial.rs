//! Spatial SQL through the index against every row looked at, with geographiclib's distances (`geo` has a
//! port of it) and containment told by the crossings of a ray.
//!
//! `DEREK_QUERIES=10000 cargo test --release spatial` asks more than the few queries of each kind that the
//! gate has time for.

use std::collections::BTreeSet;
use std::io::Write;

use arrow::array::AsArray;
use arrow::datatypes::{Float64Type, Int64Type};
use derek::geo::Position;
use derek::query::{QueryService, Question};
use fastrand::Rng;
use geo::Distance;
use tokio::runtime::Runtime;

use crate::{catalog, queries};

/// What two computations of one distance may differ by: the bar is a millimetre.
const TOLERANCE_M: f64 = 1e-3;
const ROWS: usize = 3_000;

fn karney_m(from: Position, to: Position) -> f64 {
    geo::Geodesic.distance(geo::Point::new(from.lon, from.lat), geo::Point::new(to.lon, to.lat))
}

/// How many queries of each kind are asked.
fn asked(few: usize) -> usize {
    std::env::var("DEREK_QUERIES").ok().and_then(|count| count.parse().ok()).unwrap_or(few)
}

type Kind = (&'static str, fn(&mut Rng) -> Position);

const KINDS: [Kind; 4] = [
    ("Kazakhstan", |rng| {
        let (lon, lat) = crate::generator::point(rng);
        Position::new(lon, lat)
    }),
    ("the world", |rng| {
        Position::new(360.0 * rng.f64() - 180.0, (2.0 * rng.f64() - 1.0).asin().to_degrees())
    }),
    ("the date line", |rng| {
        let lon = 180.0 - 3.0 * rng.f64();
        Position::new(if rng.bool() { lon } else { -lon }, 20.0 * rng.f64() - 10.0)
    }),
    ("the poles", |rng| {
        let lat = 90.0 - 3.0 * rng.f64() * rng.f64();
        Position::new(360.0 * rng.f64() - 180.0, if rng.bool() { lat } else { -lat })
    }),
];

/// Points as a dataset, every eleventh missing, every thirteenth a copy of the one before.
struct World {
    queries: QueryService,
    runtime: Runtime,
    points: Vec<Option<Position>>,
    _folder: tempfile::TempDir,
}

impl World {
    fn new(kind: fn(&mut Rng) -> Position, rows: usize, rng: &mut Rng) -> Self {
        let mut points: Vec<Option<Position>> = Vec::new();
        for id in 0..rows {
            let rounded = |degrees: f64| (degrees * 1e7).round() / 1e7;
            let point = kind(rng);
            let point = Position::new(rounded(point.lon), rounded(point.lat));
            points.push(match id {
                _ if id % 11 == 10 => None,
                _ if id % 13 == 12 => points[id - 1],
                _ => Some(point),
            });
        }
        let folder = tempfile::tempdir().expect("a folder can be made");
        std::fs::write(folder.path().join("points.json"), document("points", &points))
            .expect("it can be written");
        let few: Vec<_> = points.iter().copied().take(200).collect();
        std::fs::write(folder.path().join("few.json"), document("few", &few)).expect("it can be written");
        let queries = queries(&catalog(&[folder.path()]));
        let runtime = Runtime::new().expect("threads can be started");
        Self { queries, runtime, points, _folder: folder }
    }

    fn rows(&self, sql: &str) -> Vec<(i64, i64, f64)> {
        let answer = self.runtime.block_on(async {
            let mut rows = self.queries.query(Question::new(sql)).await?;
            let mut found = Vec::new();
            while let Some(batch) = rows.next().await? {
                let int = |at: usize| batch.column(at).as_primitive::<Int64Type>().clone();
                let (one, other) = (int(0), int(1));
                let metres = batch.column(2).as_primitive::<Float64Type>();
                found.extend((0..batch.num_rows()).map(|at| {
                    let metres =
                        if arrow::array::Array::is_null(metres, at) { f64::NAN } else { metres.value(at) };
                    (one.value(at), other.value(at), metres)
                }));
            }
            Ok::<_, derek::error::Error>(found)
        });
        answer.unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    fn ids(&self, sql: &str) -> BTreeSet<usize> {
        self.rows(sql).iter().map(|(id, ..)| usize::try_from(*id).expect("ids are not negative")).collect()
    }

    fn known(&self) -> impl Iterator<Item = (usize, Position)> + '_ {
        self.points.iter().enumerate().filter_map(|(id, point)| Some((id, (*point)?)))
    }

    /// The plan of a query, or what it did, by the words before it.
    fn plan(&self, words: &str, sql: &str) -> String {
        let plan = self.runtime.block_on(async {
            let mut rows = self.queries.query(Question::new(format!("{words} {sql}"))).await?;
            let mut text = String::new();
            while let Some(batch) = rows.next().await? {
                let plans = arrow::compute::cast(batch.column(1), &arrow::datatypes::DataType::Utf8)?;
                text.extend(plans.as_string::<i32>().iter().flatten());
            }
            Ok::<_, Box<dyn std::error::Error>>(text)
        });
        plan.expect("it has a plan")
    }

    /// That a query goes through the index is part of what is tested.
    fn assert_plan(&self, sql: &str, node: &str) {
        let plan = self.plan("EXPLAIN", sql);
        assert!(plan.contains(node), "{sql}:\n{plan}");
    }
}

fn document(name: &str, points: &[Option<Position>]) -> Vec<u8> {
    let mut out = format!(
        r#"{{"meta":{{"apiUri":"{name}"}},"fields":{{"id":{{"type":"Int","pkey":true}},"kind":{{"type":"Int"}},"geoposition":{{"type":"Geoposition","order":"latlon"}}}},"data":["#
    )
    .into_bytes();
    for (id, point) in points.iter().enumerate() {
        let text = point.map_or("null".to_owned(), |point| format!("\"{},{}\"", point.lat, point.lon));
        let comma = if id == 0 { "" } else { "," };
        write!(out, "{comma}{{\"id\":{id},\"kind\":{},\"geoposition\":{text}}}", id % 10)
            .expect("a vector takes all");
    }
    out.extend_from_slice(b"]}");
    out
}

fn number(id: usize) -> i64 {
    i64::try_from(id).expect("ids are small")
}

fn sql_point(point: Position) -> String {
    format!("ST_Point({:?}, {:?})", point.lon, point.lat)
}

#[test]
fn points_within_a_distance_equal_brute_force() {
    let mut rng = Rng::with_seed(51);
    for (name, kind) in KINDS {
        let world = World::new(kind, ROWS, &mut rng);
        for at in 0..asked(40) {
            let from = kind(&mut rng);
            let max_m = 10_f64.powf(2.0 + 5.2 * rng.f64());
            let test = match at % 3 {
                0 => format!("ST_DWithin(geoposition, {}, {max_m:?})", sql_point(from)),
                1 => format!("ST_DWithin({}, geoposition, {max_m:?})", sql_point(from)),
                _ => format!("ST_Distance(geoposition, {}) <= {max_m:?}", sql_point(from)),
            };
            let sql = format!("SELECT id, kind, 0.0 FROM points WHERE {test}");
            world.assert_plan(&sql, "index=[geoposition: distance");
            let found = world.ids(&sql);
            for (id, point) in world.known() {
                let metres = karney_m(from, point);
                if (metres - max_m).abs() > TOLERANCE_M {
                    assert_eq!(found.contains(&id), metres < max_m, "{name}, {id}: {metres} m; {sql}");
                }
            }
            assert!(
                found.iter().all(|id| world.points[*id].is_some()),
                "{name}: a row without a point; {sql}"
            );
        }
    }
}

#[test]
fn the_nearest_rows_that_meet_a_condition_equal_brute_force_in_their_order() {
    let mut rng = Rng::with_seed(52);
    for (name, kind) in KINDS {
        let world = World::new(kind, ROWS, &mut rng);
        for at in 0..asked(40) {
            let from = if at % 4 == 3 { KINDS[1].1(&mut rng) } else { kind(&mut rng) };
            let k = 1 + rng.usize(0..30);
            let (condition, holds): (&str, fn(usize) -> bool) = [
                ("", (|_| true) as fn(usize) -> bool),
                ("WHERE kind = 3", |id| id % 10 == 3),
                ("WHERE id % 700 = 5", |id| id % 700 == 5),
            ][at % 3];
            let sql = format!(
                "SELECT id, kind, ST_Distance(geoposition, {}) AS metres FROM points {condition} ORDER BY metres LIMIT {k}",
                sql_point(from)
            );
            world.assert_plan(&sql, "NearestExec");
            let found = world.rows(&sql);
            let mut expected: Vec<(f64, usize)> = world
                .known()
                .filter(|(id, _)| holds(*id))
                .map(|(id, point)| (karney_m(from, point), id))
                .collect();
            expected.sort_by(|a, b| a.partial_cmp(b).expect("distances are numbers"));
            for ((id, _, metres), (expected_m, _)) in found.iter().zip(&expected) {
                assert!(
                    (metres - expected_m).abs() <= TOLERANCE_M,
                    "{name}: {metres} and {expected_m}; {sql}"
                );
                let id = usize::try_from(*id).expect("ids are not negative");
                let own = karney_m(from, world.points[id].expect("it has a point"));
                assert!(
                    (metres - own).abs() <= TOLERANCE_M && holds(id),
                    "{name}, {id}: {metres} and {own}; {sql}"
                );
            }
            for pair in found.windows(2) {
                let ((one, _, one_m), (next, _, next_m)) = (pair[0], pair[1]);
                assert!((one_m, one) < (next_m, next), "{name}: {one} before {next}; {sql}");
            }
            assert_eq!(found.len(), k.min(expected.len()), "{name}; {sql}");
        }
    }
}

/// A polygon with a star's corners around a place, as WKT; its corners, the first one again at the end.
fn star(random: &mut Rng, at: Position, reach: f64) -> Vec<(f64, f64)> {
    let corners = 3 + random.u32(0..12);
    let mut ring: Vec<(f64, f64)> = (0..corners)
        .map(|corner| {
            let turn = std::f64::consts::TAU * (f64::from(corner) + 0.7 * random.f64()) / f64::from(corners);
            let length = reach * (0.2 + 0.8 * random.f64());
            (at.lon + length * turn.cos(), (at.lat + 0.6 * length * turn.sin()).clamp(-90.0, 90.0))
        })
        .collect();
    ring.push(ring[0]);
    ring
}

fn wkt(ring: &[(f64, f64)]) -> String {
    let corners: Vec<String> = ring.iter().map(|(x, y)| format!("{x:?} {y:?}")).collect();
    format!("POLYGON(({}))", corners.join(", "))
}

/// Whether a position is inside a ring, by the crossings of a ray; it is on no edge, being seeded.
fn is_inside(ring: &[(f64, f64)], point: Position) -> bool {
    let crosses = |lon: f64| {
        ring.windows(2).fold(false, |inside, edge| {
            let ((x1, y1), (x2, y2)) = (edge[0], edge[1]);
            let crosses =
                (y1 > point.lat) != (y2 > point.lat) && lon < (x2 - x1) * (point.lat - y1) / (y2 - y1) + x1;
            inside != crosses
        })
    };
    [-360.0, 0.0, 360.0].iter().any(|turn| crosses(point.lon + turn))
}

#[test]
fn points_in_a_polygon_equal_brute_force() {
    let mut rng = Rng::with_seed(53);
    for (name, kind) in KINDS {
        let world = World::new(kind, ROWS, &mut rng);
        for at in 0..asked(40) {
            let reach = 10_f64.powf(1.6 * rng.f64() - 0.6);
            let around = kind(&mut rng);
            let corners = star(&mut rng, around, reach);
            let (one, other) = ("geoposition".to_owned(), format!("ST_GeomFromText('{}')", wkt(&corners)));
            let test = match at % 4 {
                0 => format!("ST_Within({one}, {other})"),
                1 => format!("ST_Contains({other}, {one})"),
                2 => format!("ST_Intersects({one}, {other})"),
                _ => format!("ST_Covers('{}', {one})", wkt(&corners)),
            };
            let sql = format!("SELECT id, kind, 0.0 FROM points WHERE {test}");
            world.assert_plan(&sql, "index=[geoposition: ");
            let expected: BTreeSet<usize> =
                world.known().filter(|(_, point)| is_inside(&corners, *point)).map(|(id, _)| id).collect();
            assert_eq!(world.ids(&sql), expected, "{name}; {sql}");
        }
    }
}

#[test]
fn points_in_a_box_equal_brute_force_across_the_date_line() {
    let mut rng = Rng::with_seed(54);
    for (name, kind) in KINDS {
        let world = World::new(kind, ROWS, &mut rng);
        for _ in 0..asked(40) {
            let (one, other) = (kind(&mut rng), kind(&mut rng));
            let (west, east) = (one.lon, other.lon);
            let (south, north) = (one.lat.min(other.lat), one.lat.max(other.lat));
            let sql = format!(
                "SELECT id, kind, 0.0 FROM points WHERE ST_CoveredBy(geoposition, ST_MakeEnvelope({west:?}, {south:?}, {east:?}, {north:?}))"
            );
            let holds = |point: Position| {
                let is_between = if west <= east {
                    (west..=east).contains(&point.lon)
                } else {
                    point.lon >= west || point.lon <= east
                };
                is_between && (south..=north).contains(&point.lat)
            };
            let expected: BTreeSet<usize> =
                world.known().filter(|(_, point)| holds(*point)).map(|(id, _)| id).collect();
            assert_eq!(world.ids(&sql), expected, "{name}; {sql}");
        }
    }
}

#[test]
fn joins_equal_every_row_compared_with_every_row() {
    let mut rng = Rng::with_seed(55);
    for (name, kind) in KINDS {
        let world = World::new(kind, 1_000, &mut rng);
        for at in 0..asked(4).min(200) {
            check_nearest_join(name, &world, 1 + at % 5, at % 10);
            check_distance_join(name, &world, 10_f64.powf(3.0 + 3.0 * rng.f64()));
            let mut areas = Vec::new();
            for _ in 0..20 {
                let around = kind(&mut rng);
                areas.push(star(&mut rng, around, 2.0));
            }
            check_area_join(name, &world, &areas);
        }
    }
}

/// The rows of the dataset `few` that have a point.
fn few(world: &World) -> impl Iterator<Item = (usize, Position)> + '_ {
    world.known().take_while(|(id, _)| *id < 200)
}

fn check_nearest_join(name: &str, world: &World, k: usize, of_kind: usize) {
    let sql = format!(
        "SELECT f.id, p.id, ST_Distance(f.geoposition, p.geoposition) FROM few f JOIN points p ON ST_KNN(f.geoposition, p.geoposition, {k}) WHERE p.kind = {of_kind}"
    );
    world.assert_plan(&sql, "SpatialJoinExec");
    let found = world.rows(&sql);
    for (id, from) in few(world) {
        let of_kind = world.known().filter(|(id, _)| id % 10 == of_kind);
        let mut expected: Vec<f64> = of_kind.map(|(_, point)| karney_m(from, point)).collect();
        expected.sort_by(f64::total_cmp);
        let own = found.iter().filter(|(from, ..)| *from == number(id));
        let mut own: Vec<f64> = own.map(|(.., metres)| *metres).collect();
        own.sort_by(f64::total_cmp);
        assert_eq!(own.len(), k.min(expected.len()), "{name}, {id}: {sql}");
        for (metres, expected_m) in own.iter().zip(&expected) {
            assert!((metres - expected_m).abs() <= TOLERANCE_M, "{name}, {id}: {sql}");
        }
    }
}

fn check_distance_join(name: &str, world: &World, max_m: f64) {
    let sql = format!(
        "SELECT f.id, p.id, ST_Distance(f.geoposition, p.geoposition) FROM few f JOIN points p ON ST_DWithin(f.geoposition, p.geoposition, {max_m:?})"
    );
    world.assert_plan(&sql, "SpatialJoinExec");
    let found = world.rows(&sql);
    let found: BTreeSet<(i64, i64)> = found.iter().map(|(one, other, _)| (*one, *other)).collect();
    for (one, from) in few(world) {
        for (other, to) in world.known() {
            let metres = karney_m(from, to);
            if (metres - max_m).abs() > TOLERANCE_M {
                let is_found = found.contains(&(number(one), number(other)));
                assert_eq!(is_found, metres < max_m, "{name}, {one}, {other}: {metres} m; {sql}");
            }
        }
    }
}

fn check_area_join(name: &str, world: &World, areas: &[Vec<(f64, f64)>]) {
    let values: Vec<String> =
        areas.iter().enumerate().map(|(id, area)| format!("({id}, '{}')", wkt(area))).collect();
    let sql = format!(
        "WITH areas(id, area) AS (VALUES {}) SELECT a.id, p.id, 0.0 FROM areas a JOIN points p ON ST_Within(p.geoposition, ST_GeomFromText(a.area))",
        values.join(", ")
    );
    world.assert_plan(&sql, "SpatialJoinExec");
    let mut found: Vec<(i64, i64)> = world.rows(&sql).iter().map(|(one, other, _)| (*one, *other)).collect();
    found.sort_unstable();
    let mut expected = Vec::new();
    for (area, ring) in areas.iter().enumerate() {
        let inside = world.known().filter(|(_, point)| is_inside(ring, *point));
        expected.extend(inside.map(|(id, _)| (number(area), number(id))));
    }
    assert_eq!(found, expected, "{name}");
}

#[test]
fn what_the_index_did_is_counted() {
    let mut rng = Rng::with_seed(58);
    let world = World::new(KINDS[0].1, ROWS, &mut rng);
    let plan = |sql: &str| world.plan("EXPLAIN ANALYZE", sql);
    let counter = |plan: &str, name: &str| {
        let value = plan.split(&format!("{name}=")).nth(1).unwrap_or_else(|| panic!("no {name} in {plan}"));
        value.split([',', ']']).next().and_then(|value| value.parse::<usize>().ok()).expect("a number")
    };
    let near = plan("SELECT id FROM points WHERE ST_DWithin(geoposition, ST_Point(76.93, 43.26), 2000)");
    assert!((1..200).contains(&counter(&near, "index_nodes")), "most of the tree stays closed: {near}");
    assert!(counter(&near, "index_rows") > 0, "{near}");
    let few = plan("SELECT id FROM points ORDER BY ST_Distance(geoposition, ST_Point(76.93, 43.26)) LIMIT 5");
    assert!(counter(&few, "candidates") < 100 && counter(&few, "scans") == 0, "{few}");
    let join = plan("SELECT f.id FROM few f JOIN points p ON ST_KNN(f.geoposition, p.geoposition, 2)");
    assert!(join.contains("probe_rows=200") && join.contains("build_rows=3"), "{join}");
}

#[test]
fn rows_without_a_place_come_after_the_others_in_the_documents_order() {
    let mut rng = Rng::with_seed(56);
    let world = World::new(KINDS[0].1, ROWS, &mut rng);
    for condition in ["", "WHERE kind <> 4"] {
        let sql = format!(
            "SELECT id, kind, ST_Distance(geoposition, ST_Point(71.43, 51.13)) AS metres FROM few {condition} ORDER BY metres LIMIT 500"
        );
        world.assert_plan(&sql, "NearestExec");
        let found = world.rows(&sql);
        let known = found.iter().take_while(|(.., metres)| !metres.is_nan()).count();
        let placeless: Vec<i64> = found[known..].iter().map(|(id, ..)| *id).collect();
        let is_asked = |id: &i64| condition.is_empty() || id % 10 != 4;
        let few = world.points.iter().take(200).enumerate();
        let expected = few.filter(|(_, point)| point.is_none()).map(|(id, _)| number(id)).filter(is_asked);
        assert_eq!(placeless, expected.collect::<Vec<i64>>(), "{sql}");
        assert_eq!(found.len(), if condition.is_empty() { 200 } else { 180 }, "{sql}");
    }
}

#[test]
fn each_column_of_points_has_an_index_of_its_own() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let text = r#"{"meta":{"apiUri":"routes"},"fields":{"id":{"type":"Int"},"start":{"type":"Geoposition","order":"latlon"},"end":{"type":"Geoposition","order":"latlon"}},
        "data":[{"id":1,"start":"51.1,71.4","end":"43.2,76.9"},{"id":2,"start":"43.2,76.9","end":"51.1,71.4"},{"id":3,"start":null,"end":"51.2,71.4"}]}"#;
    std::fs::write(folder.path().join("routes.json"), text).expect("it can be written");
    let queries = queries(&catalog(&[folder.path()]));
    let runtime = Runtime::new().expect("threads can be started");
    let world = World { queries, runtime, points: Vec::new(), _folder: folder };
    let ids = |sql: &str| world.rows(sql).iter().map(|(id, ..)| *id).collect::<Vec<_>>();
    for (column, near, order) in [("start", vec![1], [1, 2, 3]), ("\"end\"", vec![2, 3], [2, 3, 1])] {
        let sql = format!(
            "SELECT id, id + 1, 0.0 FROM routes WHERE ST_DWithin({column}, ST_Point(71.4, 51.1), 50000)"
        );
        world.assert_plan(&sql, &format!("index=[{}: ", column.trim_matches('"')));
        assert_eq!(ids(&sql), near);
        let sql = format!(
            "SELECT id, id + 1, 0.0 FROM routes ORDER BY ST_Distance({column}, ST_Point(71.4, 51.1)) LIMIT 3"
        );
        world.assert_plan(&sql, "NearestExec");
        assert_eq!(ids(&sql), order);
    }
    let sql = "SELECT id, id + 1, 0.0 FROM routes WHERE ST_DWithin(\"end\", ST_Point(71.4, 51.1), 50000) ORDER BY ST_Distance(start, ST_Point(71.4, 51.1)) LIMIT 3";
    world.assert_plan(sql, "rows before k=[end");
    assert_eq!(ids(sql), [2, 3], "one of them has no start");
    let sql = "SELECT a.id, b.id, ST_Distance(a.start, b.\"end\") FROM routes a JOIN routes b ON ST_DWithin(a.start, b.\"end\", 1000)";
    world.assert_plan(sql, "SpatialJoinExec");
    assert_eq!(world.rows(sql), [(1, 2, 0.0), (2, 1, 0.0)]);
}

#[test]
fn a_join_that_needs_more_memory_than_a_query_may_have_fails_alone() {
    let mut rng = Rng::with_seed(57);
    let world = World::new(KINDS[0].1, ROWS, &mut rng);
    let limits = derek::query::QueryLimits {
        query_memory_bytes: 20_000,
        is_yielding: false,
        ..derek::query::QueryLimits::for_machine(4 << 30, 2)
    };
    let queries = QueryService::new(std::sync::Arc::clone(world.queries.catalog()), limits)
        .expect("threads can be started");
    let ask = |sql: &'static str| {
        world.runtime.block_on(async {
            let mut rows = queries.query(Question::new(sql)).await?;
            while rows.next().await?.is_some() {}
            Ok::<_, derek::error::Error>(())
        })
    };
    let many = "SELECT count(*) FROM points a JOIN (SELECT * FROM points WHERE kind <> 4) b ON ST_KNN(a.geoposition, b.geoposition, 1)";
    let error = ask(many).expect_err("it does not fit");
    assert_eq!(error.code, derek::error::Code::QueryMemory, "{error}");
    ask("SELECT count(*) FROM few a JOIN points b ON ST_KNN(a.geoposition, b.geoposition, 1)")
        .expect("the index is there already");
}

//! The nearest rows of a dataset that meet a condition, against every row looked at.

use std::io::Write;
use std::sync::Arc;

use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use derek::geo::{Position, distance_m};
use derek::query::NearestRows;

use crate::{catalog, queries};

/// A document of seeded points: three in four of Kazakhstan's cities, the others on both poles and on
/// the date line, with every eleventh missing and every thirteenth a copy of the one before.
fn document(rows: usize) -> (Vec<u8>, Vec<Option<Position>>) {
    let mut rng = fastrand::Rng::with_seed(11);
    let mut out = br#"{"meta":{"apiUri":"points"},"fields":{"id":{"type":"Int"},"geoposition":{"type":"Geoposition","order":"latlon"}},"data":["#.to_vec();
    let mut points: Vec<Option<Position>> = Vec::new();
    for id in 0..rows {
        let (lon, lat) = match id % 8 {
            0 => (180.0 - 0.2 * rng.f64(), 10.0 * rng.f64()),
            1 => (-180.0 + 0.2 * rng.f64(), 10.0 * rng.f64()),
            2 => (360.0 * rng.f64() - 180.0, 89.9 + 0.1 * rng.f64()),
            3 => (360.0 * rng.f64() - 180.0, -89.9 - 0.1 * rng.f64()),
            _ => crate::generator::point(&mut rng),
        };
        let point = match id {
            _ if id % 11 == 10 => None,
            _ if id % 13 == 12 => points[id - 1],
            _ => Some(Position::new(lon, lat)),
        };
        let text = point.map_or("null".to_owned(), |point| format!("\"{},{}\"", point.lat, point.lon));
        write!(out, "{}{{\"id\":{id},\"geoposition\":{text}}}", if id == 0 { "" } else { "," })
            .expect("a vector takes all");
        points.push(point);
    }
    out.extend_from_slice(b"]}");
    (out, points)
}

/// A condition in SQL, and the same in Rust.
type Condition = (&'static str, fn(usize) -> bool);

#[test]
fn the_k_nearest_that_meet_a_condition_equal_brute_force() {
    const ROWS: usize = 6_000;
    let (bytes, points) = document(ROWS);
    let folder = tempfile::tempdir().expect("a folder can be made");
    std::fs::write(folder.path().join("points.json"), bytes).expect("it can be written");
    let catalog = catalog(&[folder.path()]);
    let queries = queries(&catalog);
    let dataset = catalog.snapshot().require("points").cloned().expect("it was loaded");
    let runtime = tokio::runtime::Runtime::new().expect("threads can be started");
    let from =
        [(71.43, 51.13), (179.99, 5.0), (-179.99, 5.0), (0.0, 90.0), (0.0, -90.0), (76.9, 43.2), (0.0, 0.0)];
    let conditions: [Condition; 5] = [
        ("id >= 0", |_| true),
        ("id % 10 = 3", |id| id % 10 == 3),
        ("id % 2000 = 7", |id| id % 2_000 == 7),
        ("id < 0", |_| false),
        ("1 = 1", |_| true),
    ];
    for ((lon, lat), (condition, holds)) in from.iter().flat_map(|from| conditions.map(|it| (*from, it))) {
        let from = Position::new(lon, lat);
        let mut expected: Vec<(f64, usize)> = points
            .iter()
            .enumerate()
            .filter(|(id, _)| holds(*id))
            .filter_map(|(id, point)| Some((distance_m(from, (*point)?), id)))
            .collect();
        expected.sort_by(|a, b| a.partial_cmp(b).expect("distances are numbers"));
        for (k, max_m) in [(1, f64::INFINITY), (10, f64::INFINITY), (1_000, 500_000.0)] {
            let nearest = NearestRows { from, k, max_m };
            let found =
                queries.nearest_where(Arc::clone(&dataset), 0, nearest, Some(condition.to_owned()), None);
            let found = runtime.block_on(found).expect("the condition is sound");
            let found: Vec<(f64, usize)> = found.iter().map(|it| (it.distance_m, it.row as usize)).collect();
            let expected: Vec<_> =
                expected.iter().copied().filter(|(distance, _)| *distance <= max_m).take(k).collect();
            assert_eq!(found, expected, "{k} nearest to {lon}, {lat} within {max_m} where {condition}");
        }
    }
    let (batch, row) = dataset.locate(4_321);
    assert_eq!(dataset.rows.column(batch, 0).as_primitive::<Int64Type>().value(row), 4_321);
}

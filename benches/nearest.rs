//! How long do the ten nearest of a million points take, in process, and are they right?
//!
//! `cargo bench --bench nearest [-- POINTS]`: seeded points of Kazakhstan and of the whole sphere. The
//! baseline is the distance to every point. The answers to 1,000 look-ups (cities, steppe, both poles,
//! the date line) are compared with it, row for row.

#![expect(clippy::print_stdout, reason = "figures are printed")]

#[expect(dead_code, reason = "points without documents")]
#[path = "generator.rs"]
mod generator;

use std::hint::black_box;
use std::time::Instant;

use derek::geo::{Neighbour, Position, SphereIndex, distance_m};
use fastrand::Rng;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const K: usize = 10;
const LOOK_UPS: u32 = 200_000;
const COMPARED: u32 = 1_000;

fn main() {
    let points = std::env::args().find_map(|word| word.parse().ok()).unwrap_or(1_000_000);
    let mut rng = Rng::with_seed(1);
    let country = |rng: &mut Rng| {
        let (lon, lat) = generator::point(rng);
        Position::new(lon, lat)
    };
    measure("Kazakhstan, three in four in cities", points, &mut rng, country);
    measure("the whole sphere", points, &mut rng, anywhere);
}

/// A point of the sphere, every place as likely as every other.
fn anywhere(rng: &mut Rng) -> Position {
    Position::new(360.0 * rng.f64() - 180.0, (2.0 * rng.f64() - 1.0).asin().to_degrees())
}

fn measure(name: &str, points: usize, rng: &mut Rng, mut point: impl FnMut(&mut Rng) -> Position) {
    let places: Vec<Position> = (0..points).map(|_| point(rng)).collect();
    let start = Instant::now();
    let index = SphereIndex::build((0_u32..).zip(places.iter().copied()));
    let build_s = start.elapsed().as_secs_f64();
    let from: Vec<Position> = (0..LOOK_UPS).map(|_| point(rng)).collect();
    let mut best_us = f64::INFINITY;
    for _ in 0..5 {
        let start = Instant::now();
        for position in &from {
            black_box(index.nearest_k(*position, K, f64::INFINITY));
        }
        best_us = best_us.min(start.elapsed().as_secs_f64() * 1e6 / f64::from(LOOK_UPS));
    }
    let bytes = index.memory_bytes() / points.max(1);
    println!(
        "{name}: {points} points, built in {build_s:.2} s, {bytes} bytes a point, {best_us:.2} µs for {K} nearest"
    );
    let start = Instant::now();
    for (at, own) in (0..COMPARED).zip(&from) {
        let position = match at % 4 {
            0 => Position::new(180.0 - 0.01 * rng.f64(), 2.0 * rng.f64() - 1.0),
            1 => Position::new(
                360.0 * rng.f64() - 180.0,
                if at % 8 == 1 { 90.0 } else { -90.0 } * (1.0 - 1e-4 * rng.f64()),
            ),
            _ => *own,
        };
        assert_eq!(
            index.nearest_k(position, K, f64::INFINITY),
            brute_force(&places, position),
            "from {position:?}"
        );
    }
    let baseline_us = start.elapsed().as_secs_f64() * 1e6 / f64::from(COMPARED);
    println!(
        "  equal to brute force from {COMPARED} positions; a distance to every point takes {baseline_us:.0} µs"
    );
}

/// The `K` nearest by the distance to every point: those whose chord lets them be, ranked by geodesic.
fn brute_force(places: &[Position], from: Position) -> Vec<Neighbour> {
    let unit = |position: Position| {
        let (lon, lat) = (position.lon.to_radians(), position.lat.to_radians());
        [lat.cos() * lon.cos(), lat.cos() * lon.sin(), lat.sin()]
    };
    let here = unit(from);
    let angle = |place: &Position| {
        let there = unit(*place);
        let chord = here.iter().zip(there).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt();
        2.0 * (chord / 2.0).min(1.0).asin()
    };
    let angles: Vec<f64> = places.iter().map(angle).collect();
    let mut sorted = angles.clone();
    let kth = *sorted.select_nth_unstable_by(K - 1, f64::total_cmp).1;
    // A radian is 6,335 to 6,400 km on the ellipsoid: nothing farther than this can be among them.
    let reach = kth * 1.012 + 1e-9;
    let near = angles.iter().enumerate().filter(|(_, angle)| **angle <= reach).map(|(row, _)| row);
    let mut near: Vec<Neighbour> = near
        .map(|row| Neighbour {
            row: u32::try_from(row).unwrap_or(u32::MAX),
            distance_m: distance_m(from, places[row]),
        })
        .collect();
    near.sort_by(|a, b| a.distance_m.total_cmp(&b.distance_m).then(a.row.cmp(&b.row)));
    near.truncate(K);
    near
}

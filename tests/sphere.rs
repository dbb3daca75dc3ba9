//! The sphere index against the geodesic to every point, by the `geo` crate alone.

use derek::geo::{Neighbour, Position, SphereIndex, distance_m};
use fastrand::Rng;
use geo::Distance;

/// What two computations of one distance may differ by: a micrometre.
const TOLERANCE_M: f64 = 1e-6;

fn karney_m(from: Position, to: Position) -> f64 {
    geo::Geodesic.distance(geo::Point::new(from.lon, from.lat), geo::Point::new(to.lon, to.lat))
}

fn anywhere(rng: &mut Rng) -> Position {
    Position::new(360.0 * rng.f64() - 180.0, (2.0 * rng.f64() - 1.0).asin().to_degrees())
}

fn kazakhstan(rng: &mut Rng) -> Position {
    let (lon, lat) = crate::generator::point(rng);
    Position::new(lon, lat)
}

fn date_line(rng: &mut Rng) -> Position {
    let lon = 180.0 - 0.5 * rng.f64();
    Position::new(if rng.bool() { lon } else { -lon }, 20.0 * rng.f64() - 10.0)
}

fn poles(rng: &mut Rng) -> Position {
    let lat = 90.0 - rng.f64() * rng.f64();
    Position::new(360.0 * rng.f64() - 180.0, if rng.bool() { lat } else { -lat })
}

/// Few places, many rows at each.
fn copies(rng: &mut Rng) -> Position {
    Position::new(f64::from(rng.u32(60..63)), f64::from(rng.u32(45..48)))
}

/// One place, of which the other side of the Earth is asked: every distance nearly alike.
fn one_town(rng: &mut Rng) -> Position {
    Position::new(71.43 + 0.01 * rng.f64(), 51.13 + 0.01 * rng.f64())
}

/// A kind of points, by name.
type Kind = (&'static str, fn(&mut Rng) -> Position);

const KINDS: [Kind; 6] = [
    ("anywhere", anywhere),
    ("Kazakhstan", kazakhstan),
    ("the date line", date_line),
    ("the poles", poles),
    ("copies", copies),
    ("one town", one_town),
];

/// All rows by distance, then by number.
fn brute_force(points: &[Position], from: Position) -> Vec<(f64, u32)> {
    let mut all: Vec<(f64, u32)> =
        (0..).zip(points).map(|(row, point)| (karney_m(from, *point), row)).collect();
    all.sort_by(|a, b| a.partial_cmp(b).expect("distances are numbers"));
    all
}

fn check(name: &str, from: Position, found: &[Neighbour], expected: &[(f64, u32)]) {
    for (rank, neighbour) in found.iter().enumerate() {
        let (distance, row) = expected[rank];
        let at = format!("{name}, rank {rank} from {from:?}");
        assert!(
            (neighbour.distance_m - distance).abs() <= TOLERANCE_M,
            "{at}: {} and {distance}",
            neighbour.distance_m
        );
        // Rows within the tolerance of each other may stand in either order.
        let is_alone = |other: Option<&(f64, u32)>| {
            other.is_none_or(|(near, _)| (near - distance).abs() > 2.0 * TOLERANCE_M)
        };
        let before = rank.checked_sub(1).and_then(|rank| expected.get(rank));
        if is_alone(before) && is_alone(expected.get(rank + 1)) {
            assert_eq!(neighbour.row, row, "{at}");
        }
    }
}

#[test]
fn the_nearest_are_those_of_brute_force() {
    let mut rng = Rng::with_seed(2026);
    for (name, point) in KINDS {
        let points: Vec<Position> = (0..2_000).map(|_| point(&mut rng)).collect();
        let index = SphereIndex::build((0..).zip(points.iter().copied()));
        assert_eq!(index.len(), points.len());
        for at in 0..24 {
            let near = point(&mut rng);
            let from = match at % 6 {
                0 => anywhere(&mut rng),
                1 => Position::new(0.0, if at % 4 == 1 { 90.0 } else { -90.0 }),
                2 => Position::new(if at % 4 == 2 { 180.0 } else { -180.0 }, near.lat),
                3 => {
                    Position::new(if near.lon > 0.0 { near.lon - 180.0 } else { near.lon + 180.0 }, -near.lat)
                }
                4 => points[at],
                _ => near,
            };
            let expected = brute_force(&points, from);
            check(name, from, &index.nearest_k(from, 20, f64::INFINITY), &expected);
            let within: Vec<Neighbour> = index.nearest_k(from, points.len(), expected[50].0 + TOLERANCE_M);
            assert!((50..=points.len()).contains(&within.len()), "{name}: all that are as near, and no more");
            check(name, from, &within, &expected);
        }
    }
}

#[test]
fn every_row_comes_once_in_order_of_distance_then_of_number() {
    let mut rng = Rng::with_seed(7);
    for (name, point) in KINDS {
        let points: Vec<Position> = (0..1_500).map(|_| point(&mut rng)).collect();
        let index = SphereIndex::build((0..).zip(points.iter().copied()));
        let from = anywhere(&mut rng);
        let all: Vec<Neighbour> = index.nearest(from).collect();
        let mut rows: Vec<u32> = all.iter().map(|neighbour| neighbour.row).collect();
        for (one, next) in all.iter().zip(&all[1..]) {
            assert!(
                (one.distance_m, one.row) < (next.distance_m, next.row),
                "{name}: {one:?} before {next:?}"
            );
        }
        rows.sort_unstable();
        assert!(rows.into_iter().eq(0..1_500), "{name}");
        let reported = all
            .iter()
            .all(|it| it.distance_m.to_bits() == distance_m(from, points[it.row as usize]).to_bits());
        assert!(reported, "{name}: the index reports the number that distance_m computes");
    }
}

#[test]
fn the_edges_of_what_can_be_asked() {
    let astana = Position::new(71.43, 51.13);
    let none = SphereIndex::build([]);
    assert!(none.is_empty() && none.nearest_k(astana, 10, f64::INFINITY).is_empty());
    let three = [(4, astana), (9, Position::new(71.43, 51.14)), (2, astana), (5, Position::new(200.0, 0.0))];
    let index = SphereIndex::build(three);
    assert_eq!(index.len(), 3, "a position off the globe is left out");
    let rows = |k, max_m| index.nearest_k(astana, k, max_m).iter().map(|it| it.row).collect::<Vec<_>>();
    assert_eq!(rows(10, f64::INFINITY), [2, 4, 9]);
    assert_eq!(rows(2, f64::INFINITY), [2, 4]);
    assert!(rows(0, f64::INFINITY).is_empty());
    assert_eq!(rows(10, 0.0), [2, 4]);
    assert!(rows(10, f64::NAN).is_empty());
    assert!(index.nearest_k(Position::new(f64::NAN, 0.0), 10, f64::INFINITY).is_empty());
}

#[test]
fn distances_are_within_a_micrometre_of_karneys_at_every_range() {
    let mut rng = Rng::with_seed(99);
    for _ in 0..20_000 {
        let from = anywhere(&mut rng);
        let reach = 10_f64.powf(-6.0 + 7.5 * rng.f64());
        let turned = |degrees: f64| reach * (2.0 * rng.clone().f64() - 1.0) + degrees;
        let to = Position::new(
            turned(from.lon).clamp(-180.0, 180.0),
            (from.lat + reach * (rng.f64() - 0.5)).clamp(-90.0, 90.0),
        );
        let (found, expected) = (distance_m(from, to), karney_m(from, to));
        assert!((found - expected).abs() <= TOLERANCE_M, "{from:?} to {to:?}: {found} and {expected}");
        assert_eq!(found.to_bits(), distance_m(to, from).to_bits(), "it is symmetric");
    }
    assert!(
        distance_m(Position::new(10.0, 90.0), Position::new(-100.0, 90.0)) < TOLERANCE_M,
        "a pole is one place"
    );
}

//! The least of a distance along an arc.

/// The golden section, 2 − φ.
const GOLDEN: f64 = 0.381_966_011_250_105_1;
/// Steps at most; some 5 are usual.
const STEPS: usize = 60;
/// What the least distance may be too long by, in metres, and the least step along the arc.
const TOLERANCE_M: f64 = 2e-6;
const LEAST_STEP_M: f64 = 1e-5;

/// The least distance in metres of all places of an arc, given the distance at each share of it,
/// 0 to 1, a share that is about the nearest, and the arc's length in metres.
///
/// Brent's method ("Algorithms for Minimization without Derivatives", 1973) on the square of the
/// distance, which near its least is a parabola also where the distance is 0. Which step is small
/// enough follows from the distance: beside a nearest place that is `s` away, a step `e` adds
/// `e²/2s`.
pub(super) fn least_m(distance_m: impl Fn(f64) -> f64, near: f64, length_m: f64) -> f64 {
    let ends_m = distance_m(0.0).min(distance_m(1.0));
    if length_m < LEAST_STEP_M {
        return ends_m;
    }
    let tolerance = |square: f64| LEAST_STEP_M.max((2.0 * TOLERANCE_M * square.sqrt()).sqrt()) / length_m;
    let square_at = |share: f64| distance_m(share).powi(2);
    // Near an end the end is the least, if a step from it leads farther away.
    let step = tolerance(ends_m * ends_m).min(0.25);
    let is_at_end =
        |end: f64, beside: f64| (near - end).abs() < step && distance_m(end) <= distance_m(beside);
    if is_at_end(0.0, step) || is_at_end(1.0, 1.0 - step) {
        return ends_m;
    }
    let start = near.clamp(step / 2.0, 1.0 - step / 2.0);
    ends_m.min(brent(square_at, start, tolerance).sqrt())
}

/// The least value between 0 and 1.
fn brent(value: impl Fn(f64) -> f64, start: f64, tolerance: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    // The best, the one before it, and that before it, each with its value.
    let mut best = (start, value(start));
    let (mut second, mut third) = (best, best);
    let (mut step, mut last_step) = (0.0_f64, 0.0_f64);
    for _ in 0..STEPS {
        let middle = f64::midpoint(low, high);
        let tolerance = tolerance(best.1);
        if (best.0 - middle).abs() <= 2.0 * tolerance - (high - low) / 2.0 {
            break;
        }
        let parabola = vertex(best, second, third).filter(|by| {
            let to = best.0 + by;
            last_step.abs() > tolerance && by.abs() < (last_step / 2.0).abs() && low < to && to < high
        });
        let golden = if best.0 < middle { high - best.0 } else { low - best.0 };
        (step, last_step) = match parabola {
            Some(by) => (by, step),
            None => (GOLDEN * golden, golden),
        };
        let to = best.0 + if step.abs() >= tolerance { step } else { tolerance.copysign(step) };
        let next = (to, value(to));
        let bound = if next.1 <= best.1 { best.0 } else { next.0 };
        if (next.1 <= best.1) == (next.0 >= best.0) {
            low = bound;
        } else {
            high = bound;
        }
        if next.1 <= best.1 {
            (third, second, best) = (second, best, next);
        } else if next.1 <= second.1 || same(second, best) {
            (third, second) = (second, next);
        } else if next.1 <= third.1 || same(third, best) || same(third, second) {
            third = next;
        }
    }
    best.1
}

fn same(one: (f64, f64), other: (f64, f64)) -> bool {
    one.0.to_bits() == other.0.to_bits()
}

/// How far from the first of three places the parabola through them has its vertex.
fn vertex(best: (f64, f64), second: (f64, f64), third: (f64, f64)) -> Option<f64> {
    let r = (best.0 - second.0) * (best.1 - third.1);
    let q = (best.0 - third.0) * (best.1 - second.1);
    let p = (best.0 - third.0) * q - (best.0 - second.0) * r;
    let by = -p / (2.0 * (q - r));
    by.is_finite().then_some(by)
}

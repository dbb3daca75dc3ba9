//! How fast fields are scanned.

use std::fs;
use std::time::Instant;

use derek::assess::restricted::FieldScan;

use super::as_of;
use super::labelled::columns;

/// Values a second that the scan has to reach over the whole labelled set, on one core.
const LEAST: f64 = 2e6;

/// `cargo test --release -- --ignored --nocapture speed`
#[test]
#[ignore = "measures; in release mode, alone"]
fn two_million_values_a_second() {
    let columns = columns(1);
    let mut slowest: Vec<(f64, &str)> = Vec::new();
    let (mut all, mut seconds, mut bytes) = (0.0, 0.0, 0.0);
    for column in columns.iter().filter(|column| column.values.len() == 1_000) {
        // The best of three: the machine does other things too.
        let mut best = f64::INFINITY;
        for _ in 0..3 {
            let started = Clock::now();
            let mut scan = FieldScan::new(as_of());
            for _ in 0..100 {
                column.values.iter().for_each(|(value, _)| scan.add(value));
            }
            assert!(scan.finish().len() <= 8);
            best = best.min(started.seconds());
        }
        slowest.push((100_000.0 / best / 1e6, column.code));
        (all, seconds) = (all + 100_000.0, seconds + best);
        bytes += column
            .values
            .iter()
            .map(|(value, _)| f64::from(u32::try_from(value.len()).unwrap_or(0)))
            .sum::<f64>();
    }
    slowest.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (millions, code) in &slowest {
        println!("  {code:<24} {millions:6.2} M values/s");
    }
    let rate = all / seconds;
    println!("all: {:.2} M values/s, {:.1} bytes a value", rate / 1e6, bytes * 100.0 / all);
    assert!(rate >= LEAST, "{rate}");
}

/// Time on a core, where the system tells it: the machine has other work. Else time on the wall.
struct Clock {
    wall: Instant,
    core_ns: Option<f64>,
}

impl Clock {
    fn now() -> Self {
        // The system counts a thread's time up when it yields.
        std::thread::yield_now();
        let counted = fs::read_to_string("/proc/thread-self/schedstat").ok();
        let core_ns = counted.and_then(|counted| counted.split(' ').next()?.parse().ok());
        Self { wall: Instant::now(), core_ns }
    }

    fn seconds(&self) -> f64 {
        match (Self::now().core_ns, self.core_ns) {
            (Some(now), Some(then)) if now > then => (now - then) / 1e9,
            _ => self.wall.elapsed().as_secs_f64(),
        }
    }
}

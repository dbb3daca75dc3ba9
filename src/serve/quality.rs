//! The history of quality goes on while a server writes to a store.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use super::App;
use super::links::counted;
use crate::assess::quality::measures;
use crate::assess::report::today;
use crate::catalog::QualityHistory;
use crate::error::{Code, Error, Result};

/// How many times longer than usual it waits when quality could not be measured.
const PATIENCE: u32 = 6;

/// How often the quality of all datasets is measured at most.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// The least time between two measurements: many publications are one.
    pub every: Duration,
    /// How many times its own duration a measurement is followed by none: the rest is for who publishes and asks.
    pub times: u32,
}

impl Default for Pace {
    /// 10 s, and at most a twentieth of the time.
    fn default() -> Self {
        Self { every: Duration::from_secs(10), times: 20 }
    }
}

/// Measures the quality of all datasets, and keeps what is new of it in the store: when all is loaded, after datasets
/// changed, and when a day begins in Kazakhstan, for freshness changes with time. One query measures all of them, where
/// queries run and in its turn: what is published also changes the references of others. Where that has no time now, it
/// is tried again later, and where a dataset is damaged, once the catalog is another: without it, what refers to it would
/// be measured as worse than it is, and nothing that is kept can be mended. The log says so once.
///
/// Ends at once where there is no store, and else never: it stops when it is dropped.
pub async fn keep_quality(app: &App, pace: Pace, now: impl Fn() -> DateTime<Utc>) {
    let history = app.catalog().quality();
    let Ok(Some(history)) =
        history.inspect_err(|error| tracing::error!(code = %error.code, "quality is not kept: {error}"))
    else {
        return;
    };
    let (mut measured, mut told) = (None, None);
    loop {
        let (at, started) = (now(), Instant::now());
        let state = (app.catalog().snapshots(), today(at));
        let mut pause = pace.every;
        if app.catalog().is_loaded() && measured != Some(state) {
            match measure(app, history, at).await {
                Ok(kept) => {
                    tracing::debug!(kept, "quality is measured");
                    (measured, told) = (Some(state), None);
                }
                Err(error) => {
                    if told.replace(error.code) != Some(error.code) {
                        tracing::warn!(code = %error.code, "quality is not measured, and will be later: {error}");
                    }
                    if error.code == Code::StoreDamaged {
                        // No time mends that.
                        measured = Some(state);
                    }
                    pause *= PATIENCE;
                }
            }
            pause = pause.max(started.elapsed() * pace.times);
        }
        tokio::time::sleep(pause).await;
    }
}

/// Measures all datasets and keeps what is new; returns of how many that is. Nothing is kept unless all can be read.
async fn measure(app: &App, history: &Arc<QualityHistory>, at: DateTime<Utc>) -> Result<usize> {
    // What references lead to is looked up under its own lock, as for who asks for it.
    counted(app, &app.catalog().snapshot(), None).await?;
    app.catalog().snapshot().require_whole()?;
    let measures = measures(&app.queries, &app.named, at).await?;
    // What was found to be damaged meanwhile may have been missing already.
    app.catalog().snapshot().require_whole()?;
    let history = Arc::clone(history);
    let kept = tokio::task::spawn_blocking(move || history.keep(&measures, at)).await;
    kept.map_err(|error| Error::new(Code::Internal, "keeping the quality broke off").caused_by(error))?
}

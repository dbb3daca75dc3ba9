//! `derek assess quality`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use clap::Args;
use comfy_table::{Cell, CellAlignment, Table};

use super::serve::Limits;
use super::{DocumentLimits, complain, load, print, runtime};
use crate::assess::NamedQueries;
use crate::assess::moment::{self, EXPECTED_DAY, end_of};
use crate::assess::quality::measures;
use crate::assess::report::today;
use crate::catalog::{Catalog, LoadOutcome, Measure, QualityPart, Snapshot, Store};
use crate::error::{Code, Error, Result};
use crate::query::{QueryLimits, QueryService};

/// Arguments of `derek assess quality`.
#[derive(Debug, Args)]
pub(super) struct Quality {
    /// The folder of the store, to which no server may be writing.
    #[arg(long, env = "DEREK_STORE", value_name = "DIR")]
    store: PathBuf,
    /// The day at whose end in Kazakhstan the datasets are measured, neither before the last measure nor before one of
    /// them was published [default: now].
    #[arg(long, env = "DEREK_AS_OF", value_name = "YYYY-MM-DD", value_parser = day)]
    as_of: Option<NaiveDate>,
    /// A folder of named queries (.sql), beside the built-in ones and before those of the same name.
    #[arg(long, env = "DEREK_QUERIES", value_name = "DIR")]
    queries: Option<PathBuf>,
    #[command(flatten)]
    documents: DocumentLimits,
    #[command(flatten)]
    limits: Limits,
}

fn day(text: &str) -> Result<NaiveDate, String> {
    moment::day(text).ok_or_else(|| format!("expected {EXPECTED_DAY}"))
}

impl Quality {
    pub(super) fn run(&self) -> Result<ExitCode> {
        let at = self.moment(Utc::now())?;
        let store = Arc::new(Store::open_present(&self.store)?);
        let catalog = Arc::new(Catalog::new(&[], self.documents.options()).with_store(store));
        let refused = load::load_all(&catalog)?.into_iter().filter_map(|stored| match stored.outcome {
            LoadOutcome::Refused(error) => Some(error),
            _ => None,
        });
        if refused.inspect(|error| complain(error)).count() > 0 {
            let message = "no quality is kept: to be measured, all datasets must be there";
            let error = Error::new(Code::StoreDamaged, message);
            return Err(error.hint("publish those that cannot be read again, or delete them"));
        }
        catalog.snapshot().require_whole()?;
        if self.as_of.is_some() {
            require_published(&catalog.snapshot(), at)?;
        }
        let history = catalog.quality()?.ok_or_else(|| {
            Error::new(Code::StoreReadOnly, format!("{} keeps no quality", self.store.display()))
        })?;
        let named = NamedQueries::open(self.queries.as_deref())?;
        let limits = QueryLimits { is_yielding: false, ..self.limits.query_limits() };
        let queries = QueryService::with_views(Arc::clone(&catalog), limits, named.views())?;
        let measures = runtime()?.block_on(measures(&queries, &named, at))?;
        let kept = history.keep(&measures, at)?;
        print(table(&measures).as_bytes())?;
        print(format!("{kept} of {} measures are new\n", measures.len()).as_bytes())?;
        Ok(ExitCode::SUCCESS)
    }

    /// The moment of the measure: nothing that is kept can be mended, so it is not one that is yet to come.
    fn moment(&self, now: DateTime<Utc>) -> Result<DateTime<Utc>> {
        let Some(day) = self.as_of else { return Ok(now) };
        if day > today(now) {
            let message = format!("--as-of is {day}, which is yet to come");
            return Err(Error::new(Code::ServerSetup, message).hint("give today or a day before"));
        }
        Ok(end_of(day).min(now))
    }
}

/// That no version would be told to have been there before it was.
fn require_published(snapshot: &Snapshot, at: DateTime<Utc>) -> Result<()> {
    let Some(later) = snapshot.datasets().find(|dataset| dataset.published_at() > at) else { return Ok(()) };
    let published = later.published_at().to_rfc3339_opts(SecondsFormat::Secs, true);
    let message = format!(
        "--as-of is before version {} of '{}', published at {published}",
        later.version,
        later.name()
    );
    Err(Error::new(Code::ServerSetup, message)
        .hint("only what is there now can be measured: leave --as-of out, or give a day since then"))
}

/// A line a dataset, the weakest first.
fn table(measures: &[Measure]) -> String {
    let mut table = Table::new();
    table.load_preset(comfy_table::presets::UTF8_FULL_CONDENSED);
    table.set_header(["dataset", "version", "score", "parts"]);
    let mut measures: Vec<&Measure> = measures.iter().collect();
    measures.sort_by(|one, other| one.score.total_cmp(&other.score));
    for measure in measures {
        let right = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
        let part = |it: &QualityPart| format!("{} {}/{}", it.part, it.points, it.weight);
        let parts: Vec<String> = measure.parts.iter().map(part).collect();
        table.add_row([
            Cell::new(&measure.dataset),
            right(measure.version.to_string()),
            right(format!("{:.1}", measure.score)),
            Cell::new(parts.join(", ")),
        ]);
    }
    format!("{table}\n")
}

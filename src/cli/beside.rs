//! What a store knows beside an extract: who asks for what it is about, and where its references lead.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::Utc;
use clap::Args;

use super::assess::ground;
use super::{complain, load, machine_memory_bytes, runtime};
use crate::assess::NamedQueries;
use crate::assess::extract::Demand;
use crate::catalog::{Catalog, LoadOptions, LoadOutcome};
use crate::error::Result;
use crate::query::{QueryLimits, QueryService};

/// A store beside an extract.
#[derive(Debug, Args)]
pub(super) struct Beside {
    /// The folder of a store: its requests tell whether the topic is demanded, its datasets where references lead.
    #[arg(long, env = "DEREK_STORE", value_name = "DIR")]
    store: Option<PathBuf>,
    /// What the extract is about, in some words, or an apiUri: compared with what the requests of --store ask for.
    #[arg(long, env = "DEREK_TOPIC", value_name = "TEXT", requires = "store", value_parser = ground)]
    topic: Option<String>,
    /// A folder of named queries (.sql), beside the built-in ones and before those of the same name.
    #[arg(long, env = "DEREK_QUERIES", value_name = "DIR")]
    queries: Option<PathBuf>,
}

impl Beside {
    /// The datasets and requests of the store; none where none is given. A dataset that cannot be read is told.
    ///
    /// # Errors
    /// `store.*`.
    pub(super) fn catalog(&self) -> Result<Option<Catalog>> {
        let Some(store) = &self.store else { return Ok(None) };
        let (catalog, loaded) = load::load(&[], Some(store), LoadOptions::default())?;
        for stored in &loaded {
            if let LoadOutcome::Refused(error) = &stored.outcome {
                complain(error);
            }
        }
        Ok(Some(catalog))
    }

    /// Who asks for the topic, by the named query that a server asks; none without a topic, or where the store keeps no
    /// requests.
    ///
    /// # Errors
    /// `query.*`, `request.parameter`.
    pub(super) fn demand(&self, catalog: Catalog) -> Result<Option<Demand>> {
        let Some(topic) = &self.topic else { return Ok(None) };
        if catalog.requests()?.is_none() {
            return Ok(None);
        }
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let limits =
            QueryLimits { is_yielding: false, ..QueryLimits::for_machine(machine_memory_bytes(), cores) };
        let named = NamedQueries::open(self.queries.as_deref())?;
        let queries = QueryService::with_views(Arc::new(catalog), limits, named.views())?;
        runtime()?.block_on(Demand::of_topic(topic, (&queries, &named), Utc::now()))
    }
}

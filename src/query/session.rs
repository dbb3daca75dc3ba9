//! DataFusion's session: made once for a snapshot, read only, with a memory pool that spills.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use datafusion::error::DataFusionError;
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::context::{SQLOptions, SessionContext, SessionState};
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::SessionConfig;

use super::tables::{PUBLIC, Schemas, Tables};
use super::yielding::Pace;
use super::{QueryLimits, bounded};
use crate::catalog::Snapshot;

const CATALOG: &str = "derek";

/// Sessions over the catalog's snapshots; they share functions, memory and spill directory.
pub(super) struct Sessions {
    runtime: Arc<RuntimeEnv>,
    threads: usize,
    latest: ArcSwapOption<Session>,
}

/// One snapshot with the sessions that plan queries over it.
pub(super) struct Session {
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) tables: Tables,
    /// Plans queries that aggregate, sort or join: on all cores.
    parallel: SessionContext,
    /// Plans queries that only pick rows and columns: rows keep the document's order.
    in_order: SessionContext,
}

impl Sessions {
    pub(super) fn new(limits: &QueryLimits) -> Result<Self, DataFusionError> {
        let disk = DiskManagerBuilder::default()
            .with_mode(DiskManagerMode::OsTmpDirectory)
            .with_max_temp_directory_size(limits.spill_bytes);
        let runtime = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(FairSpillPool::new(limits.memory_bytes)))
            .with_disk_manager_builder(disk)
            .build_arc()?;
        Ok(Self { runtime, threads: limits.threads, latest: ArcSwapOption::empty() })
    }

    /// The session over a snapshot. Cost: nothing while the snapshot is the latest one asked for.
    pub(super) fn over(&self, snapshot: Arc<Snapshot>) -> Arc<Session> {
        if let Some(session) = self.latest.load_full().filter(|it| Arc::ptr_eq(&it.snapshot, &snapshot)) {
            return session;
        }
        let tables = Tables::new(Arc::clone(&snapshot));
        let context = |threads| {
            let state = bounded::guard(SessionStateBuilder::new_with_default_features())
                .with_physical_optimizer_rule(Arc::new(Pace))
                .with_config(config(threads))
                .with_runtime_env(Arc::clone(&self.runtime))
                .build();
            let context = SessionContext::new_with_state(state);
            context.register_catalog(CATALOG, Arc::new(Schemas::new(tables.clone())));
            context
        };
        let session = Session {
            parallel: context(self.threads),
            in_order: context(1),
            tables: tables.clone(),
            snapshot,
        };
        let session = Arc::new(session);
        self.latest.store(Some(Arc::clone(&session)));
        session
    }
}

fn config(threads: usize) -> SessionConfig {
    let mut config = SessionConfig::new()
        .with_target_partitions(threads)
        .with_information_schema(true)
        .with_create_default_catalog_and_schema(false)
        .with_default_catalog_and_schema(CATALOG, PUBLIC);
    let parser = &mut config.options_mut().sql_parser;
    // Names are made exact before the planner sees them: see `names`.
    parser.enable_ident_normalization = false;
    parser.collect_spans = true;
    config
}

/// What a plan may do: read.
pub(super) fn read_only() -> SQLOptions {
    SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false)
}

impl Session {
    /// The state that plans a statement; `now()` is the moment it is taken.
    pub(super) fn state(&self) -> SessionState {
        self.parallel.state()
    }

    /// The state that runs a plan, so that a query without aggregates, sorts and joins returns its rows
    /// in the document's order, and the same rows under the same LIMIT.
    pub(super) fn state_for(&self, plan: &LogicalPlan) -> SessionState {
        if keeps_order(plan) { self.in_order.state() } else { self.parallel.state() }
    }
}

fn keeps_order(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::Projection(_)
        | LogicalPlan::Filter(_)
        | LogicalPlan::SubqueryAlias(_)
        | LogicalPlan::Limit(_)
        | LogicalPlan::Unnest(_) => plan.inputs().into_iter().all(keeps_order),
        LogicalPlan::TableScan(_) | LogicalPlan::EmptyRelation(_) | LogicalPlan::Values(_) => true,
        LogicalPlan::Explain(explain) => keeps_order(&explain.plan),
        LogicalPlan::Analyze(analyze) => keeps_order(&analyze.input),
        _ => false,
    }
}

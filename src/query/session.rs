//! DataFusion's session: made once for a snapshot, read only, with a memory pool that spills.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use datafusion::common::tree_node::TreeNode;
use datafusion::error::DataFusionError;
use datafusion::execution::context::{SQLOptions, SessionContext, SessionState};
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::execution::{SessionStateBuilder, TaskContext};
use datafusion::logical_expr::{Expr, LogicalPlan, Volatility};
use datafusion::optimizer::Optimizer;
use datafusion::optimizer::simplify_expressions::SimplifyExpressions;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_optimizer::ensure_coop::EnsureCooperative;
use datafusion::physical_optimizer::limit_pushdown::LimitPushdown;
use datafusion::physical_optimizer::optimizer::PhysicalOptimizer;
use datafusion::physical_optimizer::projection_pushdown::ProjectionPushdown;
use datafusion::prelude::SessionConfig;

use super::pool::QueryPool;
use super::prepared::Plans;
use super::tables::{Moment, PUBLIC, Schemas, Tables};
use super::views::Views;
use super::yielding::Pace;
use super::{QueryLimits, bounded, calendar, datapath, likeness, spatial};
use crate::catalog::Snapshot;

const CATALOG: &str = "derek";

/// Sessions over the catalog's snapshots; they share functions, memory and spill directory.
pub(super) struct Sessions {
    runtime: Arc<RuntimeEnv>,
    moment: Moment,
    views: Arc<Views>,
    /// Names of the functions that can have another value the next time, in lower case.
    of_the_moment: HashSet<String>,
    threads: usize,
    query_memory_bytes: usize,
    latest: ArcSwapOption<Session>,
}

/// One snapshot with the sessions that plan queries over it.
pub(super) struct Session {
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) tables: Tables,
    pub(super) plans: Plans,
    /// Plans queries that aggregate, sort or join: on all cores.
    parallel: Planner,
    /// Plans queries that only pick rows and columns: rows keep the document's order.
    in_order: Planner,
    runtime: Arc<RuntimeEnv>,
    simplifier: Optimizer,
    query_memory_bytes: usize,
}

/// DataFusion's session, and its state as it was made: taking the state from the session copies the
/// tables of all functions, to set the moment that `now()` is.
struct Planner {
    context: SessionContext,
    state: Arc<SessionState>,
}

impl Sessions {
    pub(super) fn new(limits: &QueryLimits, moment: Moment, views: Views) -> Result<Self, DataFusionError> {
        let disk = DiskManagerBuilder::default()
            .with_mode(DiskManagerMode::OsTmpDirectory)
            .with_max_temp_directory_size(limits.spill_bytes);
        let runtime = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(FairSpillPool::new(limits.memory_bytes)))
            .with_disk_manager_builder(disk)
            .build_arc()?;
        let functions = SessionStateBuilder::new_with_default_features().build();
        let functions = functions.scalar_functions().iter();
        let of_the_moment =
            functions.filter(|(_, function)| function.signature().volatility != Volatility::Immutable);
        Ok(Self {
            runtime,
            moment,
            views: Arc::new(views),
            of_the_moment: of_the_moment
                .map(|(name, _)| name.to_lowercase())
                .chain(calendar::NAMES.map(str::to_owned))
                .collect(),
            threads: limits.threads,
            query_memory_bytes: limits.query_memory_bytes,
            latest: ArcSwapOption::empty(),
        })
    }

    /// Whether a word is the name of a function that can have another value the next time.
    pub(super) fn is_of_the_moment(&self, word: &str) -> bool {
        self.of_the_moment.contains(&word.to_lowercase())
    }

    /// Memory that all queries hold now, as far as they ask for it.
    pub(super) fn reserved_bytes(&self) -> usize {
        self.runtime.memory_pool.reserved()
    }

    /// The session over a snapshot. Cost: nothing while the snapshot is the latest one asked for.
    pub(super) fn over(&self, snapshot: Arc<Snapshot>) -> Arc<Session> {
        if let Some(session) = self.latest.load_full().filter(|it| Arc::ptr_eq(&it.snapshot, &snapshot)) {
            return session;
        }
        let tables = Tables::new(Arc::clone(&snapshot), self.moment.clone(), Arc::clone(&self.views));
        let planner = |threads, rules| {
            let builder = spatial::register_all(SessionStateBuilder::new_with_default_features());
            let builder = likeness::register(calendar::register(bounded::guard(builder), &snapshot));
            let state = datapath::register(builder, &snapshot)
                .with_physical_optimizer_rules(rules)
                .with_physical_optimizer_rule(Arc::new(Pace))
                .with_config(config(threads))
                .with_runtime_env(Arc::clone(&self.runtime))
                .build();
            let context = SessionContext::new_with_state(state);
            context.register_catalog(CATALOG, Arc::new(Schemas::new(tables.clone())));
            Planner { state: Arc::new(context.state()), context }
        };
        let session = Session {
            parallel: planner(self.threads, parallel_rules()),
            in_order: planner(1, rules_in_order()),
            plans: Plans::default(),
            tables: tables.clone(),
            runtime: Arc::clone(&self.runtime),
            simplifier: Optimizer::with_rules(vec![Arc::new(SimplifyExpressions::new())]),
            query_memory_bytes: self.query_memory_bytes,
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
    // A few rows in their order are not shared out.
    config.options_mut().execution.use_row_number_estimates_to_optimize_partitioning = true;
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
        self.parallel.context.state()
    }

    /// The state that runs a plan, so that a query without aggregates, sorts and joins returns its rows
    /// in the document's order, and the same rows under the same LIMIT. It knows no moment.
    pub(super) fn state_for(&self, keeps_order: bool) -> Arc<SessionState> {
        Arc::clone(&self.planner_for(keeps_order).state)
    }

    /// The same with the moment in it.
    pub(super) fn fresh_state_for(&self, keeps_order: bool) -> Arc<SessionState> {
        Arc::new(self.planner_for(keeps_order).context.state())
    }

    /// A plan whose parameters have become values: what depends on them alone is worked out.
    pub(super) fn simplify(&self, plan: LogicalPlan) -> Result<LogicalPlan, DataFusionError> {
        self.simplifier.optimize(plan, self.parallel.state.as_ref(), |_, _| {})
    }

    fn planner_for(&self, keeps_order: bool) -> &Planner {
        if keeps_order { &self.in_order } else { &self.parallel }
    }

    /// What a plan runs with: memory of its own within that of all queries. A plan carries its
    /// functions, so their tables stay empty.
    pub(super) fn task(&self, keeps_order: bool) -> Arc<TaskContext> {
        let planner = self.planner_for(keeps_order);
        let pool = QueryPool::new(Arc::clone(&self.runtime.memory_pool), self.query_memory_bytes);
        let runtime = RuntimeEnv { memory_pool: Arc::new(pool), ..RuntimeEnv::clone(&self.runtime) };
        Arc::new(TaskContext::new(
            None,
            String::new(),
            planner.state.config().clone(),
            HashMap::new(),
            HashMap::new(),
            HashMap::new(),
            HashMap::new(),
            Arc::new(runtime),
        ))
    }
}

/// All of DataFusion's rules, after those that find what an index answers.
fn parallel_rules() -> Vec<Arc<dyn PhysicalOptimizerRule + Send + Sync>> {
    let own = spatial::rules().into_iter().chain([datapath::rule()]);
    own.chain(PhysicalOptimizer::new().rules).collect()
}

/// What there is to be improved where rows are only picked, in one piece: the other rules are about
/// joins, sorts, aggregates and parts, and take longer to find nothing than a look-up takes to run.
fn rules_in_order() -> Vec<Arc<dyn PhysicalOptimizerRule + Send + Sync>> {
    vec![
        spatial::rule_in_order(),
        Arc::new(LimitPushdown::new()),
        Arc::new(ProjectionPushdown::new()),
        Arc::new(EnsureCooperative::new()),
    ]
}

/// Whether a plan only picks rows and columns, and looks at each row by itself.
pub(super) fn keeps_order(plan: &LogicalPlan) -> bool {
    picks(plan, false)
}

/// The same of a plan that may sort as well: an index may have its rows in order.
pub(super) fn picks_and_sorts(plan: &LogicalPlan) -> bool {
    picks(plan, true)
}

fn picks(plan: &LogicalPlan, may_sort: bool) -> bool {
    let is_plain = matches!(
        plan,
        LogicalPlan::Projection(_)
            | LogicalPlan::Filter(_)
            | LogicalPlan::SubqueryAlias(_)
            | LogicalPlan::Limit(_)
            | LogicalPlan::Unnest(_)
            | LogicalPlan::TableScan(_)
            | LogicalPlan::EmptyRelation(_)
            | LogicalPlan::Values(_)
            | LogicalPlan::Explain(_)
            | LogicalPlan::Analyze(_)
    );
    // A subquery becomes a join.
    let has_subquery = |expr: &Expr| {
        expr.exists(|expr| {
            Ok(matches!(
                expr,
                Expr::Exists(_) | Expr::InSubquery(_) | Expr::ScalarSubquery(_) | Expr::SetComparison(_)
            ))
        })
        .unwrap_or(true)
    };
    let is_plain = is_plain || may_sort && matches!(plan, LogicalPlan::Sort(_));
    is_plain
        && !plan.expressions().iter().any(has_subquery)
        && plan.inputs().into_iter().all(|input| picks(input, may_sort))
}

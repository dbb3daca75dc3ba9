//! A query that is planned: what can be kept for the next time it is asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::{Expr, LogicalPlan, Volatility};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::sql::parser::Statement;

use super::parameters::{self, Parameter, ParameterTypes, ParameterValue};
use super::question::{Fingerprint, Timings};
use super::session::{Session, keeps_order, picks_and_sorts, read_only};
use super::tables::PUBLIC;
use super::{TextLimits, datapath, extent, fault, names, spatial, text, views};
use crate::catalog::Dataset;
use crate::error::Result;

/// Plans that are kept for a snapshot, and the longest text of one: a program that writes values into
/// its SQL instead of sending parameters would fill memory with plans that nobody asks for again.
const KEPT_PLANS: usize = 512;
const KEPT_SQL_BYTES: usize = 4 << 10;
/// Columns of all nodes of a plan together, beyond which it is not kept: a short text can name hundreds of
/// tables.
const KEPT_COLUMNS: usize = 2_000;

/// The plans of a snapshot that were asked for before, by their text.
#[derive(Debug, Default)]
pub(super) struct Plans {
    kept: Mutex<HashMap<String, Arc<Prepared>>>,
}

/// A planned query; its parameters have no values yet.
#[derive(Debug)]
pub(super) struct Prepared {
    plan: LogicalPlan,
    types: ParameterTypes,
    /// Whether the plan has been through the optimizer.
    is_optimised: bool,
    /// Whether there is something to work out when the parameters have values.
    is_to_simplify: bool,
    /// The datasets that it reads.
    pub(super) datasets: Vec<Arc<Dataset>>,
    /// What answers are made of; none where the same query can have another answer the next time.
    base: Option<Fingerprint>,
}

impl Plans {
    /// The plan of a query.
    ///
    /// # Errors
    /// `query.*`: the text is no query, is beyond the limits, or names something that is not there.
    pub(super) async fn get(
        &self,
        session: &Session,
        sql: &str,
        limits: &TextLimits,
        timings: &mut Timings,
    ) -> Result<Arc<Prepared>> {
        let kept = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(prepared) = kept().get(sql) {
            return Ok(Arc::clone(prepared));
        }
        let started = Instant::now();
        let mut statement = text::statement(sql, limits)?;
        let has_views = resolve(&mut statement, session, limits)?;
        timings.parse = started.elapsed();
        let prepared = Arc::new(Prepared::plan(session, sql, statement, has_views).await?);
        timings.plan = started.elapsed().saturating_sub(timings.parse);
        if prepared.base.is_some() && sql.len() <= KEPT_SQL_BYTES && columns(&prepared.plan) <= KEPT_COLUMNS {
            let mut kept = kept();
            if kept.len() >= KEPT_PLANS {
                kept.clear();
            }
            kept.insert(sql.to_owned(), Arc::clone(&prepared));
        }
        Ok(prepared)
    }
}

/// The columns of all nodes of a plan.
fn columns(plan: &LogicalPlan) -> usize {
    plan.schema().fields().len() + plan.inputs().into_iter().map(columns).sum::<usize>()
}

/// Makes names exact, and puts views in their place; whether there was one.
fn resolve(statement: &mut Statement, session: &Session, limits: &TextLimits) -> Result<bool> {
    match statement {
        Statement::Statement(statement) => {
            let has_views = views::expand(statement, session.tables.views(), limits)?;
            extent::check(statement, limits.max_tables)?;
            names::resolve(statement, &session.tables)?;
            Ok(has_views)
        }
        Statement::Explain(explain) => resolve(&mut explain.statement, session, limits),
        _ => Ok(false),
    }
}

impl Prepared {
    async fn plan(session: &Session, sql: &str, statement: Statement, has_views: bool) -> Result<Self> {
        // `now()` is the moment that the state is made.
        let state = session.state();
        let logical = state.statement_to_plan(statement).await;
        let plan = logical.map_err(|error| fault::planning(&error))?;
        read_only().verify_plan(&plan).map_err(|error| text::not_read_only(&error))?;
        let plan = datapath::by_row(plan).map_err(|error| fault::planning(&error))?;
        let types = parameters::types(&plan).map_err(|error| fault::planning(&error))?;
        let (datasets, is_stable) = reads(&plan, session);
        // The text does not say what a view is: an operator may have changed it since.
        let is_stable = is_stable && !has_views;
        let versions = datasets.iter().map(|it| format!("{} {:x}", it.fingerprint(), it.reach()));
        let parts = std::iter::once(sql.to_owned()).chain(versions);
        let base = is_stable.then(|| Fingerprint::of(parts));
        // Without its values, a parameter whose type nothing tells would be an error to the optimizer, and
        // one that LIMIT takes would not become a number any more.
        let is_typed = types.values().all(Option::is_some) && !parameters::limit(&plan);
        let optimised = if is_typed { Some(state.optimize(&plan)) } else { None };
        let (plan, is_optimised) = match optimised {
            Some(Ok(optimised)) => (optimised, true),
            Some(Err(error)) if types.is_empty() => return Err(fault::planning(&error)),
            _ => (plan, false),
        };
        let is_to_simplify = is_optimised && !types.is_empty() && parameters::are_computed_with(&plan);
        Ok(Self { plan, types, is_optimised, is_to_simplify, datasets, base })
    }

    /// What the answer to this query with these parameters is made of.
    pub(super) fn fingerprint(&self, given: &[Parameter]) -> Option<Fingerprint> {
        let mut given: Vec<&Parameter> = given.iter().collect();
        given.sort_by(|a, b| a.name.cmp(&b.name));
        let texts: Vec<String> = given.iter().map(|it| it.value.text()).collect();
        // The text `null` is not null, and 1 is not '1'.
        let kind =
            |value: &ParameterValue| if matches!(value, ParameterValue::Json(_)) { "json" } else { "text" };
        let parts = given.iter().zip(&texts);
        let parts = parts.flat_map(|(it, text)| [it.name.as_str(), kind(&it.value), text.as_str()]);
        self.base.map(|base| base.with(parts))
    }

    /// The plan that runs, with the parameters' values in it, and whether its rows keep the document's
    /// order.
    ///
    /// # Errors
    /// `query.parameter` names the one that is missing, unknown, or not of its type.
    pub(super) async fn physical(
        &self,
        session: &Session,
        given: &[Parameter],
    ) -> Result<(Arc<dyn ExecutionPlan>, bool)> {
        let values = parameters::values(&self.types, given)?;
        let planning = |error| fault::planning(&error);
        let mut plan = self.plan.clone();
        if !self.types.is_empty() {
            plan = plan.replace_params_with_values(&values).map_err(planning)?;
        }
        if !self.is_optimised {
            plan = session.state().optimize(&plan).map_err(planning)?;
        } else if self.is_to_simplify {
            plan = session.simplify(plan).map_err(planning)?;
        }
        if picks_and_sorts(&plan) && spatial::may_be_nearest(&plan) {
            // The index may have the rows in order: then a few rules are enough, and nothing is sorted.
            let nearest = self.planned(session, &plan, true).await?;
            if spatial::is_nearest(&nearest) {
                return Ok((nearest, true));
            }
        }
        let keeps_order = keeps_order(&plan);
        Ok((self.planned(session, &plan, keeps_order).await?, keeps_order))
    }

    async fn planned(
        &self,
        session: &Session,
        plan: &LogicalPlan,
        keeps_order: bool,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        // `now()` is the moment that a state is made.
        let state = if self.base.is_some() {
            session.state_for(keeps_order)
        } else {
            session.fresh_state_for(keeps_order)
        };
        // The state's own method would optimise a second time.
        let physical = state.query_planner().create_physical_plan(plan, state.as_ref()).await;
        physical.map_err(|error| fault::planning(&error))
    }
}

/// The datasets that a plan reads, and whether they alone decide what it returns.
fn reads(plan: &LogicalPlan, session: &Session) -> (Vec<Arc<Dataset>>, bool) {
    let mut datasets: Vec<Arc<Dataset>> = Vec::new();
    let mut is_stable = true;
    let visited = plan.apply_with_subqueries(|plan| {
        match plan {
            LogicalPlan::TableScan(scan) => {
                let is_public = scan.table_name.schema().is_none_or(|schema| schema == PUBLIC);
                let table = session.snapshot.table(scan.table_name.table()).ok().flatten();
                match table.filter(|_| is_public) {
                    Some(dataset) if !datasets.iter().any(|known| known.id == dataset.id) => {
                        datasets.push(dataset);
                    }
                    Some(_) => {}
                    // The catalog's own tables, and functions that return rows.
                    None => is_stable = false,
                }
            }
            LogicalPlan::Analyze(_) | LogicalPlan::Explain(_) | LogicalPlan::DescribeTable(_) => {
                is_stable = false;
            }
            // Which rows come first is another matter each time, where nothing orders them.
            LogicalPlan::Limit(limit) => {
                let is_sorted = matches!(limit.input.as_ref(), LogicalPlan::Sort(_));
                is_stable &= is_sorted || keeps_order(&limit.input);
            }
            _ => {}
        }
        plan.apply_expressions(|expr| {
            is_stable &= !expr.exists(|expr| Ok(is_of_the_moment(expr) || spatial::is_unordered(expr)))?;
            Ok(TreeNodeRecursion::Continue)
        })
    });
    let referred = datapath::reads(plan).unwrap_or_default();
    for dataset in referred {
        if !datasets.iter().any(|known| known.id == dataset.id) {
            datasets.push(dataset);
        }
    }
    (datasets, is_stable && visited.is_ok())
}

/// Whether an expression can have another value the next time: `now()`, `random()`.
pub(super) fn is_of_the_moment(expr: &Expr) -> bool {
    matches!(expr, Expr::ScalarFunction(function) if function.func.signature().volatility != Volatility::Immutable)
}

//! A condition over the rows of one dataset, and the nearest rows that meet it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch, RecordBatchOptions};
use arrow::compute::interleave_record_batch;
use datafusion::common::DFSchema;
use datafusion::common::tree_node::TreeNode;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::logical_expr::{Expr, ExprSchemable, Volatility};
use datafusion::optimizer::simplify_expressions::ExprSimplifier;
use datafusion::physical_expr::PhysicalExpr;

use super::session::Session;
use super::{QueryService, TextLimits, fault, names, text};
use crate::catalog::{Dataset, PointColumn};
use crate::error::{Code, Error, Result};
use crate::geo::{Neighbour, Points, Position, distance_m};

/// Candidates of the first batch on which a condition is tried, beside twice those that are wanted; the
/// next batches double.
const FIRST_BATCH: usize = 8;
const LARGEST_BATCH: usize = 8_192;
/// Trying a candidate costs about as much as scanning this many rows; a condition that is met so
/// seldom that candidates would cost more than a scan of all rows is answered by the scan.
const ROWS_A_CANDIDATE: u64 = 128;
/// Conditions that are kept, compiled, for the next request.
const KEPT_FILTERS: usize = 256;

/// A condition over the rows of one version of one dataset, ready to be evaluated.
#[derive(Debug, Clone)]
pub struct Filter {
    condition: Arc<dyn PhysicalExpr>,
    /// The columns of the dataset that the condition reads.
    batches: Arc<[RecordBatch]>,
}

/// Conditions that were compiled before, by a dataset's id and their text.
#[derive(Debug, Default)]
pub(super) struct Filters {
    kept: Mutex<HashMap<(u64, String), Filter>>,
}

impl Filters {
    pub(super) fn get(
        &self,
        session: &Session,
        dataset: &Dataset,
        condition: &str,
        limits: &TextLimits,
    ) -> Result<Filter> {
        let key = (dataset.id, condition.to_owned());
        let lock = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(filter) = lock().get(&key) {
            return Ok(filter.clone());
        }
        let (filter, is_stable) = Filter::compile(session, dataset, condition, limits)?;
        if is_stable {
            let mut kept = lock();
            if kept.len() >= KEPT_FILTERS {
                kept.clear();
            }
            // Conditions over versions that are no longer served would keep their rows in memory.
            kept.retain(|(id, _), _| session.snapshot.datasets().any(|dataset| dataset.id == *id));
            kept.insert(key, filter.clone());
        }
        Ok(filter)
    }
}

impl Filter {
    /// The condition, and whether it means the same at every moment (`now()` does not).
    fn compile(session: &Session, dataset: &Dataset, sql: &str, limits: &TextLimits) -> Result<(Self, bool)> {
        let mut expr = text::expression(sql, limits)?;
        let fields = dataset.document.schema.fields();
        names::resolve_expression(&mut expr.expr, dataset.name(), fields, &session.tables)?;
        let planning = |error: DataFusionError| fault::planning(&error);
        let schema = DFSchema::try_from_qualified_schema(dataset.name(), &dataset.document.schema)
            .map_err(planning)?;
        let state = session.state();
        let expr = state.create_logical_expr_from_sql_expr(expr, &schema).map_err(planning)?;
        if expr.exists(|expr| Ok(reads_more_than_a_row(expr))).unwrap_or(true) {
            let message = "a condition is about one row: it cannot hold a subquery, an aggregate or a window";
            return Err(Error::new(Code::QueryInvalid, message).hint("/sql takes whole queries"));
        }
        let is_boolean = expr.get_type(&schema).map_err(planning)?.is_null()
            || expr.get_type(&schema).map_err(planning)? == arrow::datatypes::DataType::Boolean;
        if !is_boolean {
            return Err(Error::new(Code::QueryInvalid, "the condition is neither true nor false")
                .hint("compare something: name = 'Гиппократ'"));
        }
        let is_stable = !expr.exists(|expr| Ok(is_of_the_moment(expr))).unwrap_or(true);
        let moment = SimplifyContext::builder()
            .with_schema(Arc::new(schema.clone()))
            .with_config_options(Arc::clone(state.config_options()))
            .with_query_execution_start_time(state.execution_props().query_execution_start_time)
            .build();
        // Some functions, such as now(), are values by the time that they are evaluated.
        let simplifier = ExprSimplifier::new(moment);
        let expr =
            simplifier.coerce(expr, &schema).and_then(|expr| simplifier.simplify(expr)).map_err(planning)?;
        let columns: Vec<usize> = fields
            .iter()
            .enumerate()
            .filter(|(_, field)| expr.column_refs().iter().any(|column| column.name() == field.name()))
            .map(|(at, _)| at)
            .collect();
        let read =
            dataset.document.schema.project(&columns).map_err(|error| fault::planning(&error.into()))?;
        let read = DFSchema::try_from_qualified_schema(dataset.name(), &read).map_err(planning)?;
        let condition = state.create_physical_expr(expr, &read).map_err(planning)?;
        let batches = dataset.document.batches.iter().map(|batch| batch.project(&columns));
        let batches = batches.collect::<Result<_, _>>().map_err(|error| fault::planning(&error.into()))?;
        Ok((Self { condition, batches }, is_stable))
    }

    /// Which rows meet the condition, given the columns that it reads; null counts as no.
    fn evaluate(&self, batch: &RecordBatch) -> Result<BooleanArray> {
        let running = |error: DataFusionError| fault::running(&error);
        let value = self.condition.evaluate(batch).map_err(running)?;
        let array = value.into_array(batch.num_rows()).map_err(running)?;
        Ok(match array.as_boolean_opt() {
            Some(met) => met.clone(),
            None => BooleanArray::new_null(batch.num_rows()),
        })
    }
}

fn reads_more_than_a_row(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::Exists(_)
            | Expr::InSubquery(_)
            | Expr::ScalarSubquery(_)
            | Expr::SetComparison(_)
            | Expr::AggregateFunction(_)
            | Expr::WindowFunction(_)
    )
}

/// Whether a function's value depends on the moment or on chance.
fn is_of_the_moment(expr: &Expr) -> bool {
    matches!(expr, Expr::ScalarFunction(function) if function.func.signature().volatility != Volatility::Immutable)
}

/// What the nearest rows are asked for.
#[derive(Debug, Clone)]
pub struct NearestRows {
    /// From where.
    pub from: Position,
    /// How many.
    pub k: usize,
    /// Not farther than this; infinity for no limit.
    pub max_m: f64,
}

impl QueryService {
    /// The nearest rows of a dataset that meet a SQL condition, nearest first: the condition is applied
    /// before the k nearest are taken.
    ///
    /// # Errors
    /// `query.*` where the condition cannot be planned or fails.
    pub async fn nearest_where(
        &self,
        dataset: Arc<Dataset>,
        points: usize,
        nearest: NearestRows,
        condition: String,
    ) -> Result<Vec<Neighbour>> {
        let (limits, filters) = (self.limits().text, Arc::clone(self.filters()));
        self.run(self.catalog().snapshot(), move |session| {
            let filter = filters.get(session, &dataset, &condition, &limits)?;
            Search { dataset: &dataset, points: &dataset.points[points], nearest: &nearest, filter: &filter }
                .run()
        })
        .await
    }
}

struct Search<'a> {
    dataset: &'a Dataset,
    points: &'a PointColumn,
    nearest: &'a NearestRows,
    filter: &'a Filter,
}

impl Search<'_> {
    /// Tries the candidates in order of distance, until enough of them meet the condition.
    fn run(&self) -> Result<Vec<Neighbour>> {
        let NearestRows { from, k, max_m } = *self.nearest;
        let worth = (self.dataset.document.rows / ROWS_A_CANDIDATE).max(LARGEST_BATCH as u64);
        let mut candidates = self.points.index.nearest(from).take_while(|it| it.distance_m <= max_m);
        let (mut found, mut tried, mut size) = (Vec::new(), 0, FIRST_BATCH + 2 * k);
        while found.len() < k {
            let batch: Vec<Neighbour> = candidates.by_ref().take(size).collect();
            if batch.is_empty() {
                break;
            }
            tried += batch.len() as u64;
            self.keep(&batch, &mut found)?;
            if found.len() < k && tried > worth {
                return self.scan();
            }
            size = (size * 2).min(LARGEST_BATCH);
        }
        found.truncate(k);
        Ok(found)
    }

    /// Appends the candidates that meet the condition.
    fn keep(&self, candidates: &[Neighbour], found: &mut Vec<Neighbour>) -> Result<()> {
        let places: Vec<(usize, usize)> = candidates.iter().map(|it| self.dataset.locate(it.row)).collect();
        let met = self.filter.evaluate(&self.gather(&places)?)?;
        let meets = |at: usize| met.is_valid(at) && met.value(at);
        found.extend(
            candidates.iter().enumerate().filter(|(at, _)| meets(*at)).map(|(_, candidate)| *candidate),
        );
        Ok(())
    }

    /// What the condition reads of the rows at these places, as one batch.
    fn gather(&self, places: &[(usize, usize)]) -> Result<RecordBatch> {
        let batches = &self.filter.batches;
        if batches[0].num_columns() == 0 {
            // A condition such as 1 = 1 reads no column.
            let options = RecordBatchOptions::new().with_row_count(Some(places.len()));
            let rows = RecordBatch::try_new_with_options(batches[0].schema(), Vec::new(), &options);
            return rows.map_err(|error| fault::running(&error.into()));
        }
        let mut used: Vec<usize> = places.iter().map(|(batch, _)| *batch).collect();
        used.sort_unstable();
        used.dedup();
        let place = |(batch, row): &(usize, usize)| (used.binary_search(batch).unwrap_or_default(), *row);
        let places: Vec<(usize, usize)> = places.iter().map(place).collect();
        let used: Vec<&RecordBatch> = used.iter().map(|batch| &batches[*batch]).collect();
        interleave_record_batch(&used, &places).map_err(|error| fault::running(&error.into()))
    }

    /// Evaluates the condition on all rows and ranks those that meet it.
    fn scan(&self) -> Result<Vec<Neighbour>> {
        let NearestRows { from, k, max_m } = *self.nearest;
        let mut found = Vec::new();
        for (at, batch) in self.dataset.document.batches.iter().enumerate() {
            let met = self.filter.evaluate(&self.filter.batches[at])?;
            let points = Points::of(batch.column(self.points.column).as_ref());
            let first = self.dataset.first_row(at);
            found.extend(met.values().set_indices().filter(|row| met.is_valid(*row)).filter_map(|row| {
                let position = points.as_ref()?.get(row)?;
                let distance_m = distance_m(from, position);
                let row = u32::try_from(first + row as u64).ok()?;
                (distance_m <= max_m).then_some(Neighbour { row, distance_m })
            }));
        }
        found.sort_by(|a, b| a.distance_m.total_cmp(&b.distance_m).then(a.row.cmp(&b.row)));
        found.truncate(k);
        Ok(found)
    }
}

//! SQL expressions over the rows of one dataset, compiled once: the condition of `where=`, the terms
//! of `order=`.

use std::ops::ControlFlow;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::error::ArrowError;
use datafusion::common::DFSchema;
use datafusion::common::tree_node::TreeNode;
use datafusion::error::DataFusionError;
use datafusion::execution::context::SessionState;
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::optimizer::simplify_expressions::ExprSimplifier;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::sql::sqlparser::ast::{self, ExprWithAlias, Visit, Visitor};

use super::prepared::is_of_the_moment;
use super::session::Session;
use super::{bounded, datapath, fault, names};
use crate::catalog::Dataset;
use crate::error::{Code, Error, Result};

/// Expressions over the rows of one version of one dataset, ready to be evaluated.
#[derive(Debug, Clone)]
pub(super) struct Expressions {
    compiled: Vec<Arc<dyn PhysicalExpr>>,
    /// The places of the dataset's columns that they read.
    columns: Vec<usize>,
    /// Whether they mean the same at every moment (`now()` does not).
    pub(super) is_stable: bool,
}

impl Expressions {
    /// Expressions as they were parsed, for a dataset.
    ///
    /// # Errors
    /// `query.*` where one of them cannot be planned, or is about more than one row.
    pub(super) fn compile(session: &Session, dataset: &Dataset, parsed: Vec<ast::Expr>) -> Result<Self> {
        let planning = |error: DataFusionError| fault::planning(&error);
        let schema =
            DFSchema::try_from_qualified_schema(dataset.name(), dataset.schema()).map_err(planning)?;
        let state = session.state();
        // The columns with the rows that references lead to have names that nobody writes.
        let own = DFSchema::try_from_qualified_schema(dataset.name(), &dataset.document.schema);
        let own = own.map_err(planning)?;
        let logical = parsed.into_iter().map(|expr| logical(session, &state, dataset, &own, expr));
        let logical = logical.collect::<Result<Vec<Expr>>>()?;
        let is_stable = !logical.iter().any(|it| it.exists(|it| Ok(is_of_the_moment(it))).unwrap_or(true));
        let simplified = logical.into_iter().map(|expr| simplify(&state, &schema, expr).map_err(planning));
        let simplified = simplified.collect::<Result<Vec<Expr>>>()?;
        let reads = |name: &str| {
            simplified.iter().any(|expr| expr.column_refs().iter().any(|column| column.name() == name))
        };
        let fields = dataset.schema().fields().iter().enumerate();
        let columns: Vec<usize> = fields.filter(|(_, field)| reads(field.name())).map(|(at, _)| at).collect();
        let read = dataset.schema().project(&columns).map_err(|error| fault::planning(&error.into()))?;
        let read = DFSchema::try_from_qualified_schema(dataset.name(), &read).map_err(planning)?;
        let compiled = simplified.into_iter().map(|expr| state.create_physical_expr(expr, &read));
        let compiled = compiled.collect::<Result<_, _>>().map_err(planning)?;
        Ok(Self { compiled, columns, is_stable })
    }

    /// An expression of a plan that was made for the same version of the dataset; `columns` are the places
    /// of the columns that it reads, in the order in which it counts them.
    pub(super) fn planned(compiled: Arc<dyn PhysicalExpr>, columns: Vec<usize>) -> Self {
        Self { compiled: vec![compiled], columns, is_stable: true }
    }

    /// The values of the expressions for all rows of one of the dataset's batches.
    pub(super) fn of_batch(&self, dataset: &Dataset, batch: usize) -> Result<Vec<ArrayRef>> {
        self.evaluate(&dataset.read(batch, &self.columns)?)
    }

    /// The values of the expressions for the rows with these numbers.
    pub(super) fn of_rows(&self, dataset: &Dataset, rows: &[u32]) -> Result<Vec<ArrayRef>> {
        self.evaluate(&dataset.gather(&self.columns, rows).map_err(not_read)?)
    }

    fn evaluate(&self, batch: &RecordBatch) -> Result<Vec<ArrayRef>> {
        let running = |error: DataFusionError| fault::running(&error);
        let values = self.compiled.iter().map(|expr| {
            expr.evaluate(batch).and_then(|value| value.into_array(batch.num_rows())).map_err(running)
        });
        values.collect()
    }
}

fn not_read(error: ArrowError) -> Error {
    fault::running(&error.into())
}

fn logical(
    session: &Session,
    state: &SessionState,
    dataset: &Dataset,
    schema: &DFSchema,
    mut expr: ast::Expr,
) -> Result<Expr> {
    if expr.visit(&mut Queries).is_break() {
        return Err(about_more_than_a_row());
    }
    names::resolve_expression(&mut expr, dataset.name(), dataset.document.schema.fields(), &session.tables)?;
    let expr = state
        .create_logical_expr_from_sql_expr(ExprWithAlias { expr, alias: None }, schema)
        .and_then(|expr| datapath::expression_by_row(bounded::bind(expr)?.data, dataset))
        .map_err(|error| fault::planning(&error))?;
    if expr.exists(|expr| Ok(reads_more_than_a_row(expr))).unwrap_or(true) {
        return Err(about_more_than_a_row());
    }
    Ok(expr)
}

fn about_more_than_a_row() -> Error {
    let message = "it is about one row: it cannot hold a subquery, an aggregate, a window or a parameter";
    Error::new(Code::QueryInvalid, message).hint("/sql takes whole queries")
}

/// Breaks off at the first query that an expression holds: planning it would look for its tables.
struct Queries;

impl Visitor for Queries {
    type Break = ();

    fn pre_visit_query(&mut self, _query: &ast::Query) -> ControlFlow<()> {
        ControlFlow::Break(())
    }
}

/// Some functions, such as `now()`, must be values before they are evaluated.
fn simplify(state: &SessionState, schema: &DFSchema, expr: Expr) -> Result<Expr, DataFusionError> {
    let moment = SimplifyContext::builder()
        .with_schema(Arc::new(schema.clone()))
        .with_config_options(Arc::clone(state.config_options()))
        .with_query_execution_start_time(state.execution_props().query_execution_start_time)
        .build();
    let simplifier = ExprSimplifier::new(moment);
    simplifier.coerce(expr, schema).and_then(|expr| simplifier.simplify(expr))
}

/// Queries inside are refused before they are planned: see [`Queries`].
fn reads_more_than_a_row(expr: &Expr) -> bool {
    matches!(expr, Expr::AggregateFunction(_) | Expr::WindowFunction(_) | Expr::Placeholder(_))
}

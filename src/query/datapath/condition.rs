//! Conditions about one reference alone: `region.nameRu = 'Астана'`.
//!
//! Such a condition is true or false of an object. So it is asked of each object once, and a row is told by
//! a look at its object's bit.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, BooleanBufferBuilder, RecordBatch, UInt32Array};
use arrow::buffer::BooleanBuffer;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::catalog::Session;
use datafusion::common::tree_node::TreeNode;
use datafusion::common::{DFSchema, internal_err};
use datafusion::error::Result;
use datafusion::logical_expr::Expr;
use datafusion::physical_expr::PhysicalExpr;
use tokio::sync::OnceCell;
use tokio::task::yield_now;

use crate::catalog::Dataset;
use crate::query::prepared::is_of_the_moment;

/// Objects that a condition is asked of at once.
const PIECE_ROWS: usize = 8_192;
/// A condition is asked of all objects only where these are at most so many times as many as the rows.
const OBJECTS_A_ROW: u64 = 2;
/// So many objects are always few enough.
const FEW_OBJECTS: u64 = 10_000;

/// A condition about one reference of a dataset's rows, and once it was asked, which objects meet it.
#[derive(Debug, Clone)]
pub(in crate::query) struct ReferredCondition {
    /// The column of [`Dataset::schema`] with the rows that the reference leads to.
    pub(in crate::query) column: usize,
    /// The condition over a batch of that column alone.
    pub(in crate::query) predicate: Arc<dyn PhysicalExpr>,
    objects: usize,
    shown: String,
    met: Arc<OnceCell<Option<Met>>>,
}

/// Which objects meet a condition, and whether what leads nowhere does.
#[derive(Debug)]
struct Met {
    objects: BooleanBuffer,
    nothing: bool,
}

/// The column with the row numbers that a condition is about, where it is about nothing else.
pub(in crate::query) fn condition(expr: &Expr, dataset: &Dataset) -> Option<usize> {
    let columns = expr.column_refs();
    let only = columns.iter().next().filter(|_| columns.len() == 1)?;
    let column = dataset.schema().index_of(only.name()).ok()?;
    let target = dataset.link_of_column(column)?.target.as_ref()?;
    let most = (dataset.document.rows * OBJECTS_A_ROW).max(FEW_OBJECTS);
    let is_odd = |expr: &Expr| {
        let is_query = matches!(
            expr,
            Expr::Exists(_) | Expr::InSubquery(_) | Expr::ScalarSubquery(_) | Expr::OuterReferenceColumn(..)
        );
        Ok(is_query || is_of_the_moment(expr))
    };
    let is_plain = !expr.exists(is_odd).unwrap_or(true);
    (target.version.document.rows <= most && is_plain).then_some(column)
}

impl ReferredCondition {
    /// The condition, ready to be asked.
    ///
    /// # Errors
    /// Where it cannot be planned.
    pub(in crate::query) fn new(
        expr: Expr,
        column: usize,
        dataset: &Dataset,
        session: &dyn Session,
    ) -> Result<Self> {
        let Some(target) = dataset.link_of_column(column).and_then(|link| link.target.as_ref()) else {
            return internal_err!("a condition about a reference that leads nowhere");
        };
        let objects = usize::try_from(target.version.document.rows).unwrap_or(usize::MAX);
        let shown = expr.to_string();
        let schema = DFSchema::try_from(dataset.schema().project(&[column])?)?;
        let predicate = session.create_physical_expr(expr, &schema)?;
        Ok(Self { column, predicate, objects, shown, met: Arc::default() })
    }

    /// Which rows meet it, by the objects that they lead to. Cost: the first call asks all objects; others
    /// have their turn meanwhile.
    ///
    /// # Errors
    /// Where it fails for one of these rows.
    pub(in crate::query) async fn rows(&self, rows: &UInt32Array) -> Result<BooleanArray> {
        // An object that no row leads to may be one that it fails for: then each row is asked itself.
        match self.met.get_or_init(async || self.ask().await.ok()).await {
            Some(met) => Ok(met.rows(rows)),
            None => Ok(BooleanArray::new(self.evaluate(&row_schema(), Arc::new(rows.clone()))?, None)),
        }
    }

    async fn ask(&self) -> Result<Met> {
        let schema = row_schema();
        let mut objects = BooleanBufferBuilder::new(self.objects);
        for start in (0..self.objects).step_by(PIECE_ROWS) {
            let end = self.objects.min(start + PIECE_ROWS);
            let rows: UInt32Array = (start..end).filter_map(|row| u32::try_from(row).ok()).collect();
            objects.append_buffer(&self.evaluate(&schema, Arc::new(rows))?);
            yield_now().await;
        }
        let nothing = self.evaluate(&schema, Arc::new(UInt32Array::new_null(1)))?.value(0);
        Ok(Met { objects: objects.finish(), nothing })
    }

    fn evaluate(&self, schema: &SchemaRef, rows: ArrayRef) -> Result<BooleanBuffer> {
        let batch = RecordBatch::try_new(Arc::clone(schema), vec![rows])?;
        let met = self.predicate.evaluate(&batch)?.into_array(batch.num_rows())?;
        let Some(met) = met.as_boolean_opt() else {
            return Ok(BooleanBuffer::new_unset(batch.num_rows()));
        };
        Ok(met.nulls().map_or_else(|| met.values().clone(), |nulls| met.values() & nulls.inner()))
    }

    pub(in crate::query) fn describe(&self) -> &str {
        &self.shown
    }
}

fn row_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![Field::new("row", DataType::UInt32, true)]))
}

impl Met {
    /// Which rows meet the condition, by the objects that they lead to.
    fn rows(&self, rows: &UInt32Array) -> BooleanArray {
        if self.objects.is_empty() {
            let met = if self.nothing {
                BooleanBuffer::new_set(rows.len())
            } else {
                BooleanBuffer::new_unset(rows.len())
            };
            return BooleanArray::new(met, None);
        }
        let values = rows.values();
        // What is null has some row, too: to look at it and to mend it is quicker than to ask each.
        let met = BooleanBuffer::collect_bool(rows.len(), |at| self.objects.value(values[at] as usize));
        let met = match (rows.nulls(), self.nothing) {
            (None, _) => met,
            (Some(nulls), false) => &met & nulls.inner(),
            (Some(nulls), true) => &met | &!nulls.inner(),
        };
        BooleanArray::new(met, None)
    }
}

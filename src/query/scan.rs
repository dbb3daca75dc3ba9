//! A dataset as DataFusion's table: its batches as they lie in memory, and single objects by their key.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::compute::interleave_record_batch;
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::Session;
use datafusion::common::ScalarValue;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::datasource::{TableProvider, TableType};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{BinaryExpr, Expr, Operator, TableProviderFilterPushDown};
use datafusion::physical_plan::ExecutionPlan;

use crate::catalog::{Dataset, KeyValue};

/// One version of a dataset as a table.
#[derive(Debug)]
pub(super) struct DatasetTable {
    dataset: Arc<Dataset>,
}

impl DatasetTable {
    pub(super) fn new(dataset: Arc<Dataset>) -> Self {
        Self { dataset }
    }

    /// The value that a condition asks the key to have: `id = 5`, where `id` alone is the key.
    fn key<'e>(&self, condition: &'e Expr) -> Option<&'e Expr> {
        let Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right }) = condition else { return None };
        let is_key = |expr: &Expr| matches!(expr, Expr::Column(column) if self.dataset.single_key() == Some(column.name()));
        let is_value = |expr: &Expr| matches!(expr, Expr::Literal(..) | Expr::Placeholder(_));
        match (left.as_ref(), right.as_ref()) {
            (column, value) if is_key(column) && is_value(value) => Some(value),
            (value, column) if is_key(column) && is_value(value) => Some(value),
            _ => None,
        }
    }

    /// The rows of the objects that have one of the values as their key.
    fn look_up(&self, value: &Expr) -> Option<Result<RecordBatch, DataFusionError>> {
        let Expr::Literal(value, _) = value else { return None };
        let index = self.dataset.key_index()?;
        let rows: Vec<u32> = match key_value(value)? {
            Some(value) => index.rows(&self.dataset, &[value]).collect(),
            // Nothing equals null.
            None => Vec::new(),
        };
        let document = &self.dataset.document;
        if rows.is_empty() {
            return Some(Ok(RecordBatch::new_empty(Arc::clone(&document.schema))));
        }
        let places: Vec<(usize, usize)> = rows.iter().map(|row| self.dataset.locate(*row)).collect();
        if let [(batch, row)] = places.as_slice() {
            return Some(Ok(document.batches[*batch].slice(*row, 1)));
        }
        let batches: Vec<&RecordBatch> = document.batches.iter().collect();
        Some(interleave_record_batch(&batches, &places).map_err(DataFusionError::from))
    }
}

/// A value as the key index takes it: none where it has no such type, no value where it is null.
fn key_value(value: &ScalarValue) -> Option<Option<KeyValue<'_>>> {
    match value {
        ScalarValue::Int64(value) => Some(value.map(KeyValue::Int)),
        ScalarValue::Utf8(value) | ScalarValue::LargeUtf8(value) | ScalarValue::Utf8View(value) => {
            Some(value.as_deref().map(KeyValue::Text))
        }
        _ => None,
    }
}

#[async_trait]
impl TableProvider for DatasetTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.dataset.document.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(
        &self,
        conditions: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>, DataFusionError> {
        // The filter stays above the scan: a value of another type is compared there.
        let support = |condition: &&Expr| match self.key(condition) {
            Some(_) => TableProviderFilterPushDown::Inexact,
            None => TableProviderFilterPushDown::Unsupported,
        };
        Ok(conditions.iter().map(support).collect())
    }

    async fn scan(
        &self,
        _session: &dyn Session,
        projection: Option<&Vec<usize>>,
        conditions: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
        let found = conditions.iter().filter_map(|condition| self.key(condition));
        let found = found.filter_map(|value| self.look_up(value)).next().transpose()?;
        let batches = match found {
            Some(rows) => vec![rows],
            None => self.dataset.document.batches.clone(),
        };
        Ok(MemorySourceConfig::try_new_exec(&[batches], self.schema(), projection.cloned())?)
    }
}

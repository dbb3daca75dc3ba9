//! A dataset as DataFusion's table: its batches as they lie in memory, and single objects by their key.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::Session;
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::datasource::{TableProvider, TableType};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{BinaryExpr, Expr, Operator, TableProviderFilterPushDown};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::filter::FilterExecBuilder;

use super::datapath::{self, ReferredCondition};
use super::spatial::{DatasetSource, Selection, condition, is_condition};
use crate::catalog::{Dataset, KeyValue};

/// One version of a dataset as a table.
#[derive(Debug)]
pub(super) struct DatasetTable {
    dataset: Arc<Dataset>,
    /// The name and type of the field that alone is the key, where its values can be looked up.
    key: Option<(String, DataType)>,
    /// Whether the columns with the row numbers of references can be asked for.
    has_rows: bool,
}

impl DatasetTable {
    pub(super) fn new(dataset: Arc<Dataset>) -> Self {
        let field = dataset.single_key().and_then(|name| dataset.document.schema.field_with_name(name).ok());
        let key = field.map(|field| (field.name().clone(), field.data_type().clone()));
        let key = key.filter(|(_, kind)| *kind == DataType::Int64 || is_text(kind));
        Self { dataset, key, has_rows: false }
    }

    pub(super) fn dataset(&self) -> &Arc<Dataset> {
        &self.dataset
    }

    /// The same table with the row numbers that its references lead to as further columns.
    pub(super) fn with_rows(&self) -> Self {
        Self { dataset: Arc::clone(&self.dataset), key: self.key.clone(), has_rows: true }
    }

    /// The value that a condition asks the key to have: `id = 5`, where `id` alone is the key. A value of
    /// another type is none: the planner would have cast the key.
    fn key<'e>(&self, condition: &'e Expr) -> Option<&'e Expr> {
        let Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right }) = condition else { return None };
        let (key, kind) = self.key.as_ref()?;
        let fits = |found: &DataType| found == kind || is_text(found) && is_text(kind);
        let is_key = |expr: &Expr| matches!(expr, Expr::Column(column) if column.name() == key);
        let is_value = |expr: &Expr| match expr {
            Expr::Literal(value, _) => fits(&value.data_type()),
            Expr::Placeholder(it) => it.field.as_ref().is_some_and(|field| fits(field.data_type())),
            _ => false,
        };
        match (left.as_ref(), right.as_ref()) {
            (column, value) if is_key(column) && is_value(value) => Some(value),
            (value, column) if is_key(column) && is_value(value) => Some(value),
            _ => None,
        }
    }

    /// Whether a column of this name has an index over its points.
    fn is_indexed(&self) -> impl Fn(&str) -> bool {
        let schema = &self.dataset.document.schema;
        |name| {
            let column = schema.index_of(name);
            column.is_ok_and(|column| self.dataset.points.iter().any(|points| points.column == column))
        }
    }

    /// The places of all its columns.
    fn columns(&self) -> Vec<usize> {
        (0..self.schema().fields().len()).collect()
    }

    /// The places of the columns that are asked for, and after them of those that a condition reads.
    fn read(&self, projection: Option<&Vec<usize>>, condition: &Expr) -> Vec<usize> {
        let mut columns = projection.cloned().unwrap_or_else(|| self.columns());
        let mut named: Vec<usize> = condition
            .column_refs()
            .iter()
            .filter_map(|column| self.dataset.schema().index_of(column.name()).ok())
            .filter(|column| !columns.contains(column))
            .collect();
        named.sort_unstable();
        columns.extend(named);
        columns
    }

    /// The rows of the objects whose key equals all of the values; only these columns, where they are
    /// told.
    fn look_up(
        &self,
        values: &[&Expr],
        projection: Option<&Vec<usize>>,
    ) -> Result<RecordBatch, DataFusionError> {
        let index = self.dataset.key_index().ok_or_else(unusable)?;
        let mut keys = values.iter().map(|value| match value {
            Expr::Literal(value, _) => key_value(value),
            _ => Err(unusable()),
        });
        let first = keys.next().ok_or_else(unusable)??;
        let keys = keys.collect::<Result<Vec<_>, _>>()?;
        let rows: Vec<u32> = match first.filter(|first| keys.iter().all(|key| key.as_ref() == Some(first))) {
            Some(key) => index.rows(&self.dataset, &[key]).collect(),
            // Nothing equals null, or two values at once.
            None => Vec::new(),
        };
        self.take(&rows, projection)
    }

    fn take(&self, rows: &[u32], projection: Option<&Vec<usize>>) -> Result<RecordBatch, DataFusionError> {
        match projection {
            Some(columns) => Ok(self.dataset.gather(columns, rows)?),
            None => Ok(self.dataset.gather(&self.columns(), rows)?),
        }
    }
}

fn is_text(kind: &DataType) -> bool {
    matches!(kind, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

/// A value as the key index takes it: none where it is null.
///
/// # Errors
/// Where it has another type.
fn key_value(value: &ScalarValue) -> Result<Option<KeyValue<'_>>, DataFusionError> {
    match value {
        ScalarValue::Int64(value) => Ok(value.map(KeyValue::Int)),
        ScalarValue::Utf8(value) | ScalarValue::LargeUtf8(value) | ScalarValue::Utf8View(value) => {
            Ok(value.as_deref().map(KeyValue::Text))
        }
        _ => Err(unusable()),
    }
}

fn unusable() -> DataFusionError {
    DataFusionError::Internal("a key is looked up by what is no value of its type".to_owned())
}

#[async_trait]
impl TableProvider for DatasetTable {
    fn schema(&self) -> SchemaRef {
        if self.has_rows {
            Arc::clone(self.dataset.schema())
        } else {
            Arc::clone(&self.dataset.document.schema)
        }
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(
        &self,
        conditions: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>, DataFusionError> {
        let support = |condition: &&Expr| {
            if self.key(condition).is_some()
                || is_condition(condition, &self.is_indexed())
                || datapath::condition(condition, &self.dataset).is_some()
            {
                TableProviderFilterPushDown::Exact
            } else {
                TableProviderFilterPushDown::Unsupported
            }
        };
        Ok(conditions.iter().map(support).collect())
    }

    async fn scan(
        &self,
        session: &dyn Session,
        projection: Option<&Vec<usize>>,
        conditions: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
        let all = self.columns();
        let projection = Some(projection.unwrap_or(&all));
        let mut values = Vec::new();
        let (mut selection, mut referred, mut other) = (None, Vec::new(), Vec::new());
        for expr in conditions {
            if let Some(value) = self.key(expr) {
                values.push(value);
                continue;
            }
            if let Some(column) = datapath::condition(expr, &self.dataset) {
                referred.push((column, expr));
                continue;
            }
            // The index answers one condition; what was promised may have been rewritten since: `id = NULL`
            // is NULL.
            let found = if selection.is_none() { condition(expr, &self.is_indexed()) } else { None };
            match found.and_then(|found| Selection::new(&self.dataset, found)) {
                Some(found) => selection = Some((found, expr)),
                None => other.push(expr.clone()),
            }
        }
        if !values.is_empty() {
            // A look-up by key finds so few rows that an index over places has nothing to add.
            other.extend(selection.take().map(|(_, expr)| expr.clone()));
        }
        let selection = selection.map(|(selection, _)| selection);
        if selection.is_some() || !values.is_empty() {
            // They leave few rows; what these refer to is looked at one by one.
            other.extend(referred.drain(..).map(|(_, expr)| expr.clone()));
        }
        let referred = referred
            .into_iter()
            .map(|(column, expr)| ReferredCondition::new(expr.clone(), column, &self.dataset, session));
        let referred = referred.collect::<Result<Vec<_>, _>>()?;
        let Some(other) = other.into_iter().reduce(Expr::and) else {
            if values.is_empty() {
                return DatasetSource::exec(&self.dataset, projection, selection, referred);
            }
            let found = self.look_up(&values, projection)?;
            let schema = found.schema();
            return Ok(MemorySourceConfig::try_new_exec(&[vec![found]], schema, None)?);
        };
        let columns = self.read(projection, &other);
        let scan = match values.as_slice() {
            [] => DatasetSource::exec(&self.dataset, Some(&columns), selection, referred)?,
            values => {
                let found = self.look_up(values, Some(&columns))?;
                let schema = found.schema();
                MemorySourceConfig::try_new_exec(&[vec![found]], schema, None)?
            }
        };
        let schema = DFSchema::try_from(scan.schema())?;
        let filter = FilterExecBuilder::new(session.create_physical_expr(other, &schema)?, scan);
        // The columns that are asked for come first.
        let asked = projection.map(|projection| (0..projection.len()).collect());
        Ok(Arc::new(filter.apply_projection(asked)?.build()?))
    }
}

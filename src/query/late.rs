//! A table whose rows are read when a query reads them, and not when somebody names it.

use std::fmt;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::Session;
use datafusion::datasource::{MemTable, TableProvider, TableType};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::Expr;
use datafusion::physical_plan::ExecutionPlan;
use tokio::sync::OnceCell;
use tokio::task::{JoinError, spawn_blocking};

use crate::error::{Code, Error, Result};

/// Reads the rows of a table, in parts that may be looked at side by side.
type Read = dyn Fn() -> Result<Vec<Vec<RecordBatch>>> + Send + Sync;

/// A table that is read at its first scan. No plan that names one is kept for the next time (`prepared`): its rows would
/// stay those of the first answer.
pub(super) struct LateTable {
    schema: SchemaRef,
    read: Arc<Read>,
    /// A query that names the table twice sees one state of it.
    rows: OnceCell<MemTable>,
}

impl LateTable {
    pub(super) fn new(
        schema: SchemaRef,
        read: impl Fn() -> Result<Vec<Vec<RecordBatch>>> + Send + Sync + 'static,
    ) -> Self {
        Self { schema, read: Arc::new(read), rows: OnceCell::new() }
    }

    /// Reads it where waiting for a disk holds up nobody else's query.
    async fn load(&self) -> Result<MemTable, DataFusionError> {
        let own = |error: Error| DataFusionError::External(Box::new(error));
        let broke_off =
            |error: JoinError| own(Error::new(Code::Internal, "reading a table broke off").caused_by(error));
        let read = Arc::clone(&self.read);
        let rows = spawn_blocking(move || read()).await.map_err(broke_off)?;
        MemTable::try_new(Arc::clone(&self.schema), rows.map_err(own)?)
    }
}

impl fmt::Debug for LateTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LateTable").field("schema", &self.schema).finish_non_exhaustive()
    }
}

#[async_trait]
impl TableProvider for LateTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        session: &dyn Session,
        projection: Option<&Vec<usize>>,
        conditions: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
        let rows = self.rows.get_or_try_init(|| self.load()).await?;
        rows.scan(session, projection, conditions, limit).await
    }
}

//! The catalog's datasets as tables: how names find them, and how DataFusion does.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, FieldRef, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{CatalogProvider, SchemaProvider};
use datafusion::datasource::empty::EmptyTable;
use datafusion::datasource::{TableProvider, TableType};
use datafusion::error::DataFusionError;

use super::datapath;
use super::late::LateTable;
use super::scan::DatasetTable;
use super::views::{ASSESS, Views};
use crate::catalog::{
    Databases, Dataset, PassportSteps, QualityTable, QueryLog, RequestTable, Snapshot, SystemTables,
    UseTable, version_table,
};
use crate::error::{Code, Error, Result, nearest_name};

/// The schema of the datasets.
pub(super) const PUBLIC: &str = "public";
/// The schema of the catalog's own tables.
pub(super) const SYSTEM: &str = "system";
/// The schema that SQL has for this.
pub(super) const INFORMATION_SCHEMA: &str = "information_schema";

/// The columns of its tables that have a name in lower case: all of them.
const INFORMATION_SCHEMA_COLUMNS: &str = "table_catalog table_schema table_name table_type definition \
    column_name ordinal_position column_default is_nullable data_type character_maximum_length \
    character_octet_length numeric_precision numeric_precision_radix numeric_scale datetime_precision \
    interval_type catalog_name schema_name schema_owner name value description routine_name routine_type \
    routine_schema function_type specific_name parameter_name parameter_mode";

/// Whether a schema has this name, in any letter case.
pub(super) fn is_schema(name: &str) -> bool {
    [PUBLIC, SYSTEM, ASSESS, INFORMATION_SCHEMA].iter().any(|schema| schema.eq_ignore_ascii_case(name))
}

/// The tables of one snapshot.
#[derive(Debug, Clone)]
pub(super) struct Tables {
    snapshot: Arc<Snapshot>,
    moment: Moment,
    views: Arc<Views>,
}

/// What is of the moment and not of the snapshot.
#[derive(Debug, Clone)]
pub(super) struct Moment {
    pub(super) log: Arc<QueryLog>,
    pub(super) databases: Databases,
}

/// A table of the schema `system` that a store keeps beside its versions.
#[derive(Debug, Clone, Copy)]
enum Kept {
    Request(RequestTable),
    Quality(QualityTable),
    Use(UseTable),
    PassportSteps,
}

impl Kept {
    fn all() -> impl Iterator<Item = Self> {
        let requests = RequestTable::ALL.into_iter().map(Self::Request);
        let quality = QualityTable::ALL.into_iter().map(Self::Quality);
        requests.chain(quality).chain(UseTable::ALL.into_iter().map(Self::Use)).chain([Self::PassportSteps])
    }

    fn named(name: &str) -> Option<Self> {
        Self::all().find(|table| table.as_str() == name)
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Request(table) => table.as_str(),
            Self::Quality(table) => table.as_str(),
            Self::Use(table) => table.as_str(),
            Self::PassportSteps => PassportSteps::TABLE,
        }
    }

    fn schema(self) -> SchemaRef {
        match self {
            Self::Request(table) => table.schema(),
            Self::Quality(table) => table.schema(),
            Self::Use(table) => table.schema(),
            Self::PassportSteps => PassportSteps::schema(),
        }
    }

    /// Its rows; of those that need a store none where there is none.
    ///
    /// # Errors
    /// `store.*` where it cannot be read: nobody is told that there are none.
    fn rows(self, Moment { log, databases }: &Moment) -> Result<Vec<RecordBatch>> {
        let rows = match self {
            Self::Request(table) => databases.requests()?.map(|requests| requests.table(table)),
            Self::Quality(table) => databases.quality()?.map(|quality| quality.table(table)),
            Self::Use(table) => Some(log.uses().table(table)),
            Self::PassportSteps => databases.passport_steps()?.map(|steps| Ok(vec![steps.table()?])),
        };
        rows.transpose().map(Option::unwrap_or_default)
    }
}

/// The table of the schema `system` that is of the moment and not of the snapshot.
const QUERIES: &str = "queries";

/// A table that a name means: its real name and its columns.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) name: String,
    pub(super) fields: Vec<FieldRef>,
}

impl Tables {
    pub(super) fn new(snapshot: Arc<Snapshot>, moment: Moment, views: Arc<Views>) -> Self {
        Self { snapshot, moment, views }
    }

    /// The questions that can be asked as tables.
    pub(super) fn views(&self) -> &Views {
        &self.views
    }

    /// The table that a name means; a quoted one must be exact.
    ///
    /// # Errors
    /// `query.unknown_table`, with the nearest name there is.
    pub(super) fn find(&self, schema: Option<&str>, name: &str, is_quoted: bool) -> Result<Found> {
        let schema = schema.unwrap_or(PUBLIC).to_lowercase();
        if schema == INFORMATION_SCHEMA {
            let columns = INFORMATION_SCHEMA_COLUMNS.split_whitespace();
            let fields = columns.map(|name| Arc::new(Field::new(name, DataType::Utf8, true))).collect();
            return Ok(Found { name: name.to_lowercase(), fields });
        }
        if schema == PUBLIC
            && is_quoted
            && let Some(dataset) = self.snapshot.table(name)?
        {
            let fields = dataset.document.schema.fields().to_vec();
            return Ok(Found { name: name.to_owned(), fields });
        }
        let found = self.names(&schema).into_iter().find(|known| *known == name).or_else(|| {
            let folded = name.to_lowercase();
            let matches: Vec<&str> = self
                .names(&schema)
                .into_iter()
                .filter(|known| !is_quoted && known.to_lowercase() == folded)
                .collect();
            if let [only] = matches.as_slice() { Some(*only) } else { None }
        });
        let table = found.and_then(|name| Some((name, self.columns(&schema, name)?)));
        table
            .map(|(name, schema)| Found { name: name.to_owned(), fields: schema.fields().to_vec() })
            .ok_or_else(|| {
                let within = if schema == PUBLIC { String::new() } else { format!("{schema}.") };
                let error = Error::new(Code::QueryUnknownTable, format!("no table '{within}{name}'"));
                match nearest_name(name, self.names(&schema)) {
                    Some(nearest) => error.hint(format!("did you mean '{within}{nearest}'?")),
                    None => error.hint("SHOW TABLES lists what there is"),
                }
            })
    }

    /// The dataset that a reference called `from` leads to.
    ///
    /// # Errors
    /// `query.unresolved_link` where it is not published.
    pub(super) fn referred(&self, from: &str, datapath: &str) -> Result<Arc<Dataset>> {
        datapath::target(&self.snapshot, from, datapath).map(|(dataset, _)| dataset)
    }

    fn names(&self, schema: &str) -> Vec<&str> {
        match schema {
            PUBLIC => self.snapshot.datasets().map(|dataset| dataset.name()).collect(),
            SYSTEM => {
                let own = SystemTables::NAMES.into_iter().chain([SystemTables::VERSIONS, QUERIES]);
                own.chain(Kept::all().map(Kept::as_str)).collect()
            }
            ASSESS => self.views.names().collect(),
            _ => Vec::new(),
        }
    }

    fn columns(&self, schema: &str, name: &str) -> Option<SchemaRef> {
        match schema {
            SYSTEM if name == QUERIES => Some(QueryLog::schema()),
            SYSTEM if name == SystemTables::VERSIONS => Some(version_table(&[]).schema()),
            SYSTEM => {
                let of_snapshot = || self.snapshot.system().table(name).map(RecordBatch::schema);
                Kept::named(name).map(Kept::schema).or_else(of_snapshot)
            }
            ASSESS => self.views.schema(name).cloned(),
            _ => self.snapshot.named(name).map(|dataset| Arc::clone(&dataset.document.schema)),
        }
    }

    /// The rows of a table of the schema `system`, in parts.
    fn system_rows(&self, name: &str) -> Result<Vec<Vec<RecordBatch>>> {
        if let Some(table) = Kept::named(name) {
            return Ok(shared_out(table.rows(&self.moment)?));
        }
        let rows = match name {
            QUERIES => Some(self.moment.log.table()),
            SystemTables::VERSIONS => Some(self.snapshot.version_table()?.clone()),
            _ => self.snapshot.system().table(name).cloned(),
        };
        Ok(vec![rows.into_iter().collect()])
    }

    fn provider(&self, schema: &str, name: &str) -> Result<Option<Arc<dyn TableProvider>>, DataFusionError> {
        if schema == SYSTEM {
            // Who only names it, or lists all there are, waits for no database and meets none that is damaged.
            let (tables, table) = (self.clone(), name.to_owned());
            let read = move || tables.system_rows(&table);
            let columns = self.columns(schema, name);
            return Ok(columns.map(|columns| Arc::new(LateTable::new(columns, read)) as _));
        }
        if schema == ASSESS {
            // For who lists tables and columns: in a query, the question itself stands in its place.
            let columns = self.views.schema(name).cloned();
            return Ok(columns.map(|columns| Arc::new(EmptyTable::new(columns)) as _));
        }
        let own = |error| DataFusionError::External(Box::new(error));
        let dataset = self.snapshot.table(name).map_err(own)?;
        Ok(dataset.map(|dataset| Arc::new(DatasetTable::new(dataset)) as _))
    }
}

/// From how many rows on a table is read by all cores, and how many each takes at once.
const SHARED_FROM_ROWS: usize = 50_000;
const SHARED_ROWS: usize = 16_384;

/// The rows of a table in parts that follow one another, one for each core; a small table is one part.
fn shared_out(batches: Vec<RecordBatch>) -> Vec<Vec<RecordBatch>> {
    let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
    if rows < SHARED_FROM_ROWS {
        return vec![batches];
    }
    let slices = batches.iter().flat_map(|batch| {
        let starts = (0..batch.num_rows()).step_by(SHARED_ROWS);
        starts.map(|start| batch.slice(start, SHARED_ROWS.min(batch.num_rows() - start)))
    });
    let slices: Vec<RecordBatch> = slices.collect();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    slices.chunks(slices.len().div_ceil(cores)).map(<[RecordBatch]>::to_vec).collect()
}

/// One schema of a snapshot, for DataFusion.
#[derive(Debug)]
struct Schema {
    tables: Tables,
    name: &'static str,
}

#[async_trait]
impl SchemaProvider for Schema {
    fn table_names(&self) -> Vec<String> {
        self.tables.names(self.name).into_iter().map(str::to_owned).collect()
    }

    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>, DataFusionError> {
        self.tables.provider(self.name, name)
    }

    /// Of what is listed: all are tables, and nothing is read to tell.
    async fn table_type(&self, name: &str) -> Result<Option<TableType>, DataFusionError> {
        Ok(self.table_exist(name).then_some(TableType::Base))
    }

    fn table_exist(&self, name: &str) -> bool {
        self.tables.names(self.name).contains(&name)
    }
}

/// All schemas of a snapshot, for DataFusion.
#[derive(Debug)]
pub(super) struct Schemas {
    tables: Tables,
}

impl Schemas {
    pub(super) fn new(tables: Tables) -> Self {
        Self { tables }
    }
}

impl CatalogProvider for Schemas {
    fn schema_names(&self) -> Vec<String> {
        [PUBLIC, SYSTEM, ASSESS].map(str::to_owned).to_vec()
    }

    fn schema(&self, name: &str) -> Option<Arc<dyn SchemaProvider>> {
        let name = [PUBLIC, SYSTEM, ASSESS].into_iter().find(|known| *known == name)?;
        Some(Arc::new(Schema { tables: self.tables.clone(), name }))
    }
}

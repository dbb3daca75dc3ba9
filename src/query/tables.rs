//! The catalog's datasets as tables: how names find them, and how DataFusion does.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, FieldRef, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{CatalogProvider, SchemaProvider};
use datafusion::datasource::{MemTable, TableProvider};
use datafusion::error::DataFusionError;

use crate::catalog::{Snapshot, SystemTables};
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
    [PUBLIC, SYSTEM, INFORMATION_SCHEMA].iter().any(|schema| schema.eq_ignore_ascii_case(name))
}

/// The tables of one snapshot.
#[derive(Debug, Clone)]
pub(super) struct Tables {
    snapshot: Arc<Snapshot>,
}

/// A table that a name means: its real name and its columns.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) name: String,
    pub(super) fields: Vec<FieldRef>,
}

impl Tables {
    pub(super) fn new(snapshot: Arc<Snapshot>) -> Self {
        Self { snapshot }
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

    fn names(&self, schema: &str) -> Vec<&str> {
        match schema {
            PUBLIC => self.snapshot.datasets().map(|dataset| dataset.name()).collect(),
            SYSTEM => SystemTables::NAMES.to_vec(),
            _ => Vec::new(),
        }
    }

    fn columns(&self, schema: &str, name: &str) -> Option<SchemaRef> {
        self.batches(schema, name).map(|(schema, _)| schema)
    }

    fn batches(&self, schema: &str, name: &str) -> Option<(SchemaRef, Vec<RecordBatch>)> {
        if schema == SYSTEM {
            let batch = self.snapshot.system().table(name)?;
            return Some((batch.schema(), vec![batch.clone()]));
        }
        let dataset = self.snapshot.dataset(name).filter(|dataset| dataset.name() == name)?;
        Some((Arc::clone(&dataset.document.schema), dataset.document.batches.clone()))
    }
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
        let Some((schema, batches)) = self.tables.batches(self.name, name) else { return Ok(None) };
        Ok(Some(Arc::new(MemTable::try_new(schema, vec![batches])?)))
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
        vec![PUBLIC.to_owned(), SYSTEM.to_owned()]
    }

    fn schema(&self, name: &str) -> Option<Arc<dyn SchemaProvider>> {
        let name = [PUBLIC, SYSTEM].into_iter().find(|known| *known == name)?;
        Some(Arc::new(Schema { tables: self.tables.clone(), name }))
    }
}

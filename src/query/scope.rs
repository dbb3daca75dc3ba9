//! What names can mean at one place of a query, and which of them a user means.

use std::sync::Arc;

use arrow::datatypes::{DataType, FieldRef};
use datafusion::sql::sqlparser::ast::Ident;

use super::datapath::{leads_nowhere, unknown_field};
use super::tables::{self, Tables};
use crate::encode::attribute::{DATAPATH, attribute};
use crate::error::{Code, Error, Place, Result};

/// A column that a name can mean; its field where it is a table's own.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) field: Option<FieldRef>,
    /// Whether the planner forgets what its field declares: a List's elements as rows.
    pub(super) is_unnested: bool,
}

impl Column {
    /// A column of which no more is known than its name.
    pub(super) fn unknown(name: &str) -> Self {
        Self { name: name.to_owned(), field: None, is_unnested: false }
    }
}

/// A table, subquery or CTE under the name that the query gives it.
#[derive(Debug, Clone)]
pub(super) struct Relation {
    pub(super) name: String,
    pub(super) columns: Vec<Column>,
}

/// What names can mean at one place of a query.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope {
    pub(super) relations: Vec<Relation>,
    pub(super) aliases: Vec<Column>,
    pub(super) ctes: Vec<Relation>,
    /// ORDER BY sees columns and aliases alike.
    pub(super) is_order_by: bool,
    /// How many queries it lies within.
    pub(super) depth: usize,
    /// The columns of its select that are called by their path through references: what is written, and what
    /// the column is called.
    pub(super) paths: Vec<(String, String)>,
}

/// What a path of names means: a column, and where the names behind it lead.
#[derive(Debug)]
pub(super) struct Meaning {
    pub(super) column: Column,
    /// How many names stand before the column's: of its table, and of that one's schema.
    pub(super) qualifiers: usize,
    pub(super) steps: Steps,
}

/// Where names behind a column lead.
#[derive(Debug, Default)]
pub(super) struct Steps {
    /// The last one's field, as far as it is known.
    pub(super) field: Option<FieldRef>,
    /// Whether one of them led through a reference.
    pub(super) is_followed: bool,
}

pub(super) fn own_columns(fields: &[FieldRef]) -> Vec<Column> {
    let column = |field: &FieldRef| Column {
        name: field.name().clone(),
        field: Some(Arc::clone(field)),
        is_unnested: false,
    };
    fields.iter().map(column).collect()
}

/// The one of `names` that an unquoted name means: exact, or alone in differing by letter case.
/// More than one is an error that lists them.
pub(super) fn choose<'n>(
    ident: &Ident,
    names: impl Iterator<Item = &'n str>,
) -> Result<Option<&'n str>, Box<Error>> {
    let folded = ident.value.to_lowercase();
    let mut found: Vec<&str> = Vec::new();
    for name in names {
        if name == ident.value {
            return Ok(Some(name));
        }
        if !found.contains(&name) && name.to_lowercase() == folded {
            found.push(name);
        }
    }
    match found.as_slice() {
        [] => Ok(None),
        [name] => Ok(Some(name)),
        several => {
            let listed = several.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(" and ");
            let message = format!("'{}' can mean {listed}", ident.value);
            let error = Error::new(Code::QueryAmbiguousColumn, message).at(place(ident));
            Err(Box::new(error.hint("write the exact name")))
        }
    }
}

pub(super) fn place(ident: &Ident) -> Place {
    Place::at(ident.span.start.line, ident.span.start.column)
}

/// Replaces an unquoted name by the one of `names` that it means; true where there is one.
pub(super) fn replace<'n>(
    ident: &mut Ident,
    names: impl Iterator<Item = &'n str>,
) -> Result<bool, Box<Error>> {
    if ident.quote_style.is_some() {
        let mut names = names;
        return Ok(names.any(|name| name == ident.value));
    }
    let Some(name) = choose(ident, names)? else { return Ok(false) };
    if name != ident.value {
        name.clone_into(&mut ident.value);
    }
    Ok(true)
}

impl Scope {
    pub(super) fn columns(&self) -> impl Iterator<Item = &Column> {
        self.relations.iter().flat_map(|relation| &relation.columns)
    }

    /// Replaces a column's name: what is selected from comes first, then what the select itself names.
    pub(super) fn replace(&self, ident: &mut Ident) -> Result<bool, Box<Error>> {
        let names = |columns: &mut dyn Iterator<Item = &Column>, ident: &mut Ident| {
            let names: Vec<String> = columns.map(|column| column.name.clone()).collect();
            replace(ident, names.iter().map(String::as_str))
        };
        if self.is_order_by {
            return names(&mut self.columns().chain(&self.aliases), ident);
        }
        Ok(names(&mut self.columns(), ident)? || names(&mut self.aliases.iter(), ident)?)
    }

    pub(super) fn column(&self, name: &str) -> Option<&Column> {
        self.columns().chain(&self.aliases).find(|column| column.name == name)
    }
}

impl Scope {
    /// Replaces the names of `table.column`, `schema.table.column` or `column.member`, and of what lies below:
    /// members of Objects, and fields of the objects that references lead to. None where the first name
    /// is not of this scope.
    ///
    /// # Errors
    /// `query.ambiguous_column`, `query.unknown_column` and `query.unresolved_link`, each with its place.
    pub(super) fn path(&self, tables: &Tables, idents: &mut [Ident]) -> Result<Option<Meaning>, Box<Error>> {
        let relations = || self.relations.iter().map(|relation| relation.name.as_str());
        let at = usize::from(idents.len() > 2 && tables::is_schema(&idents[0].value));
        if replace(&mut idents[at], relations())? {
            if at == 1 {
                idents[0].value = idents[0].value.to_lowercase();
            }
            let relation = self.relations.iter().find(|relation| relation.name == idents[at].value);
            let Some((relation, (name, members))) = relation.zip(idents[at + 1..].split_first_mut()) else {
                return Ok(None);
            };
            replace(name, relation.columns.iter().map(|column| column.name.as_str()))?;
            let column = relation.columns.iter().find(|known| known.name == name.value);
            return meaning(tables, column, name, at + 1, members).map(Some);
        }
        if !self.replace(&mut idents[0])? {
            return Ok(None);
        }
        let Some((name, members)) = idents.split_first_mut() else { return Ok(None) };
        let column = self.column(&name.value);
        let meaning = meaning(tables, column, name, 0, members)?;
        if meaning.steps.is_followed {
            self.require_one(name)?;
        }
        Ok(Some(meaning))
    }

    /// A column of two tables leads two ways.
    fn require_one(&self, name: &Ident) -> Result<(), Box<Error>> {
        let has = |relation: &&Relation| relation.columns.iter().any(|column| column.name == name.value);
        let having: Vec<String> = self
            .relations
            .iter()
            .filter(has)
            .map(|relation| format!("{}.{}", relation.name, name.value))
            .collect();
        if having.len() < 2 {
            return Ok(());
        }
        let message = format!("'{}' can mean {}", name.value, having.join(" and "));
        let error = Error::new(Code::QueryAmbiguousColumn, message).at(place(name));
        Err(Box::new(error.hint("put the table before it")))
    }
}

fn meaning(
    tables: &Tables,
    column: Option<&Column>,
    name: &Ident,
    qualifiers: usize,
    members: &mut [Ident],
) -> Result<Meaning, Box<Error>> {
    let column = column.cloned().unwrap_or_else(|| Column::unknown(&name.value));
    let steps = replace_steps(tables, column.field.clone(), members)?;
    Ok(Meaning { column, qualifiers, steps })
}

/// Replaces the names of what lies below a field: `schedule.OPEN`, `region.NAMERU`.
pub(super) fn replace_steps(
    tables: &Tables,
    field: Option<FieldRef>,
    idents: &mut [Ident],
) -> Result<Steps, Box<Error>> {
    let mut steps = Steps { field, is_followed: false };
    let mut of = String::new();
    for ident in idents {
        let Some(field) = steps.field.take() else { break };
        if let DataType::Struct(members) = field.data_type() {
            replace(ident, members.iter().map(|member| member.name().as_str()))?;
            steps.field = members.iter().find(|member| *member.name() == ident.value).cloned();
        } else if matches!(field.data_type(), DataType::List(_)) {
            let (list, name) = (field.name(), &ident.value);
            let message = format!("'{list}' is a List: '{name}' is in each of its elements");
            let error = Error::new(Code::QueryInvalid, message).at(place(ident));
            return Err(Box::new(error.hint(format!("unnest({list}).{name} or {list}[1].{name}"))));
        } else if let Some(datapath) = attribute(&field, DATAPATH) {
            let dataset = tables.referred(field.name(), datapath).map_err(|error| error.at(place(ident)))?;
            let fields = dataset.document.schema.fields();
            let names = fields.iter().map(|field| field.name().as_str());
            if !replace(ident, names.clone())? {
                let error = unknown_field(&ident.value, dataset.name(), names, field.name());
                return Err(Box::new(error.at(place(ident))));
            }
            steps.field = fields.iter().find(|field| *field.name() == ident.value).cloned();
            steps.is_followed = true;
            dataset.name().clone_into(&mut of);
        } else if steps.is_followed {
            return Err(Box::new(leads_nowhere(field.name(), &of, &ident.value).at(place(ident))));
        }
    }
    Ok(steps)
}

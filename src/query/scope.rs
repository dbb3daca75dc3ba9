//! What names can mean at one place of a query, and which of them a user means.

use std::sync::Arc;

use arrow::datatypes::{DataType, FieldRef};
use datafusion::sql::sqlparser::ast::Ident;

use crate::error::{Code, Error, Place, Result};

/// A column that a name can mean; its field where it is a table's own.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) field: Option<FieldRef>,
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
}

pub(super) fn own_columns(fields: &[FieldRef]) -> Vec<Column> {
    fields.iter().map(|field| Column { name: field.name().clone(), field: Some(Arc::clone(field)) }).collect()
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

/// Replaces the names of members below a column: `schedule.OPEN`.
pub(super) fn replace_members(mut field: Option<&FieldRef>, idents: &mut [Ident]) -> Result<(), Box<Error>> {
    for ident in idents {
        let Some(DataType::Struct(members)) = field.map(|field| field.data_type()) else { break };
        replace(ident, members.iter().map(|member| member.name().as_str()))?;
        field = members.iter().find(|member| *member.name() == ident.value);
    }
    Ok(())
}

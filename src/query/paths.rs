//! Paths of names: `region.nameRu`, `p.owner.region.nameRu`, `stops[1].station.nameRu`.
//!
//! The planner follows references itself. What is left to be done here: the exact names of fields of the
//! objects, errors with their place, what columns are called, and paths that the planner would lose: of an
//! outer query, and of a List's elements as rows.

use std::sync::Arc;

use arrow::datatypes::{DataType, FieldRef};
use datafusion::sql::sqlparser::ast::{
    AccessExpr, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList, FunctionArguments, Ident,
    ObjectName, SelectItem, Subscript, Value,
};
use datafusion::sql::sqlparser::tokenizer::Location;

use super::names::Resolver;
use super::scope::{Column, replace_steps};
use crate::encode::attribute::{DATAPATH, attribute};
use crate::error::{Error, Result};

impl Resolver<'_> {
    /// `table.column`, `schema.table.column` or `column.member`, and what lies below; returns what is to
    /// stand in its place, where the planner would not find its way.
    pub(super) fn replace_path(&mut self, idents: &mut [Ident]) -> Result<Option<Expr>, Box<Error>> {
        let depth = self.scopes.last().map_or(0, |scope| scope.depth);
        for scope in self.scopes.iter().rev() {
            let Some(meaning) = scope.path(self.tables, idents)? else { continue };
            let is_outer = scope.depth < depth;
            if !meaning.steps.is_followed {
                return Ok(None);
            }
            if let Some((_, name)) = scope.paths.iter().find(|(path, _)| *path == called(idents)) {
                // What is ordered by is a column of the select.
                return Ok(Some(Expr::Identifier(Ident::with_quote('"', name))));
            }
            self.followed.insert(idents[0].span.start, called(&idents[meaning.qualifiers..]));
            let (column, steps) = idents.split_at(meaning.qualifiers + 1);
            let root = match column {
                [only] => Expr::Identifier(only.clone()),
                several => Expr::CompoundIdentifier(several.to_vec()),
            };
            let datapath = meaning.column.field.as_deref().and_then(|field| attribute(field, DATAPATH));
            let root = match datapath.filter(|_| meaning.column.is_unnested) {
                Some(datapath) => reference(root, datapath),
                None if is_outer => root,
                None => return Ok(None),
            };
            let access_chain = steps.iter().map(|step| AccessExpr::Dot(text(&step.value))).collect();
            return Ok(Some(Expr::CompoundFieldAccess { root: Box::new(root), access_chain }));
        }
        Ok(None)
    }

    /// `stops[1].station.nameRu`: names behind something else than a name.
    pub(super) fn replace_access(&self, root: &mut Expr, chain: &mut [AccessExpr]) -> Result<(), Box<Error>> {
        let is_name = |access: &AccessExpr| matches!(access, AccessExpr::Dot(Expr::Identifier(_)));
        let mut first = 0;
        let mut field = match root {
            Expr::Identifier(ident) => {
                first = chain.iter().position(|access| !is_name(access)).unwrap_or(chain.len());
                let mut idents = vec![ident.clone()];
                idents.extend(chain[..first].iter().filter_map(name_of));
                let field = self.path_field(&mut idents)?;
                let mut idents = idents.into_iter();
                *ident = idents.next().unwrap_or_else(|| ident.clone());
                for (access, name) in chain.iter_mut().zip(idents) {
                    *access = AccessExpr::Dot(Expr::Identifier(name));
                }
                field
            }
            other => self.field_of(other),
        };
        for access in &mut chain[first..] {
            field = match access {
                AccessExpr::Dot(expr) => {
                    let Expr::Identifier(name) = expr else { return Ok(()) };
                    let steps = replace_steps(self.tables, field, std::slice::from_mut(name))?;
                    *expr = text(&name.value);
                    steps.field
                }
                AccessExpr::Subscript(Subscript::Index { .. }) => field.and_then(|list| element(&list)),
                AccessExpr::Subscript(Subscript::Slice { .. }) => field,
            };
        }
        Ok(())
    }

    /// The field that a path of names leads to, the names replaced.
    fn path_field(&self, idents: &mut [Ident]) -> Result<Option<FieldRef>, Box<Error>> {
        if let [only] = idents {
            for scope in self.scopes.iter().rev() {
                if scope.replace(only)? {
                    return Ok(scope.column(&only.value).and_then(|column| column.field.clone()));
                }
            }
            return Ok(None);
        }
        for scope in self.scopes.iter().rev() {
            if let Some(meaning) = scope.path(self.tables, idents)? {
                return Ok(meaning.steps.field);
            }
        }
        Ok(None)
    }

    /// The field that an expression is, as far as its names tell.
    pub(super) fn field_of(&self, expr: &Expr) -> Option<FieldRef> {
        match expr {
            Expr::Identifier(ident) => self.path_field(&mut [ident.clone()]).ok()?,
            Expr::CompoundIdentifier(idents) => self.path_field(&mut idents.clone()).ok()?,
            Expr::Nested(expr) => self.field_of(expr),
            Expr::CompoundFieldAccess { root, access_chain } => {
                access_chain.iter().try_fold(self.field_of(root)?, |field, access| accessed(&field, access))
            }
            _ => self.field_of(unnested(expr)?).and_then(|list| element(&list)),
        }
    }

    /// The column that a path of names is in the select that it is in.
    pub(super) fn named(&self, idents: &[Ident]) -> Column {
        let mut idents = idents.to_vec();
        let own = self.scopes.last();
        let meaning = match own {
            Some(scope) if idents.len() > 1 => scope.path(self.tables, &mut idents).ok().flatten(),
            _ => None,
        };
        if let Some(meaning) = meaning {
            let name = if meaning.steps.is_followed {
                called(&idents[meaning.qualifiers..])
            } else {
                idents.last().map(|ident| ident.value.clone()).unwrap_or_default()
            };
            return Column { name, field: meaning.steps.field, is_unnested: false };
        }
        let Some(ident) = idents.last_mut() else { return Column::unknown("") };
        let _ = own.map(|scope| scope.replace(ident));
        let known = own.and_then(|scope| scope.column(&ident.value)).cloned();
        known.unwrap_or_else(|| Column::unknown(&ident.value))
    }

    /// Columns through references are called by their path, without the table where that tells them apart.
    /// Returns what is written with what it is called.
    pub(super) fn name_followed(&self, items: &mut [SelectItem]) -> Vec<(String, String)> {
        let called = |item: &SelectItem| match item {
            SelectItem::UnnamedExpr(expr) => self.followed.get(&start(expr)?).cloned(),
            SelectItem::ExprWithAlias { alias, .. } => Some(alias.value.clone()),
            _ => None,
        };
        let names: Vec<Option<String>> = items.iter().map(called).collect();
        let mut paths = Vec::new();
        for (at, item) in items.iter_mut().enumerate() {
            let SelectItem::UnnamedExpr(expr) = item else { continue };
            let Some(name) = names[at].clone() else { continue };
            let is_alone = names.iter().filter(|it| it.as_deref() == Some(&name)).count() == 1;
            let written = match expr {
                Expr::CompoundIdentifier(idents) => self::called(idents),
                _ => name.clone(),
            };
            let name = if is_alone { name } else { written.clone() };
            let expr = expr.clone();
            *item = SelectItem::ExprWithAlias { expr, alias: Ident::with_quote('"', &name) };
            paths.push((written, name));
        }
        paths
    }
}

/// What a column is called that leads through references: its names without the table's.
fn called(idents: &[Ident]) -> String {
    idents.iter().map(|ident| ident.value.as_str()).collect::<Vec<_>>().join(".")
}

fn text(value: &str) -> Expr {
    Expr::Value(Value::SingleQuotedString(value.to_owned()).with_empty_span())
}

fn name_of(access: &AccessExpr) -> Option<Ident> {
    match access {
        AccessExpr::Dot(Expr::Identifier(name)) => Some(name.clone()),
        _ => None,
    }
}

fn element(list: &FieldRef) -> Option<FieldRef> {
    let DataType::List(element) = list.data_type() else { return None };
    Some(Arc::clone(element))
}

/// What `['open']`, `[1]` and `.open` reach in a field.
fn accessed(field: &FieldRef, access: &AccessExpr) -> Option<FieldRef> {
    let name = match access {
        AccessExpr::Dot(Expr::Identifier(name)) => &name.value,
        AccessExpr::Dot(Expr::Value(value)) => match &value.value {
            Value::SingleQuotedString(name) => name,
            _ => return None,
        },
        AccessExpr::Subscript(Subscript::Index { index: Expr::Value(value) }) => match &value.value {
            Value::SingleQuotedString(name) => name,
            _ => return element(field),
        },
        AccessExpr::Subscript(Subscript::Index { .. }) => return element(field),
        _ => return None,
    };
    let DataType::Struct(members) = field.data_type() else { return None };
    members.iter().find(|member| member.name() == name).cloned()
}

/// The List whose elements an expression makes rows of.
pub(super) fn unnested(expr: &Expr) -> Option<&Expr> {
    let Expr::Function(function) = expr else { return None };
    let FunctionArguments::List(list) = &function.args else { return None };
    match list.args.as_slice() {
        [FunctionArg::Unnamed(FunctionArgExpr::Expr(list))]
            if function.name.to_string().eq_ignore_ascii_case("unnest") =>
        {
            Some(list)
        }
        _ => None,
    }
}

/// Where a path through references begins.
fn start(expr: &Expr) -> Option<Location> {
    match expr {
        Expr::Identifier(ident) => Some(ident.span.start),
        Expr::CompoundIdentifier(idents) => Some(idents.first()?.span.start),
        Expr::CompoundFieldAccess { root, .. } => start(root),
        Expr::Function(function) => match &function.args {
            FunctionArguments::List(list) => match list.args.as_slice() {
                [FunctionArg::Unnamed(FunctionArgExpr::Expr(first)), _] => start(first),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

/// `datapath(value, 'regions.id')`: says again what the planner forgets.
fn reference(value: Expr, datapath: &str) -> Expr {
    let args = [value, text(datapath)].map(|arg| FunctionArg::Unnamed(FunctionArgExpr::Expr(arg)));
    let list = FunctionArgumentList { duplicate_treatment: None, args: args.to_vec(), clauses: Vec::new() };
    Expr::Function(Function {
        name: ObjectName::from(vec![Ident::new("datapath")]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(list),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    })
}

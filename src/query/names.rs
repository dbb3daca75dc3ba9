//! Names as users write them: unquoted ones match without letter case (api.md 2).
//!
//! Before a query is planned, every unquoted name in it is replaced by the one real name that it can
//! mean: exact first, else the only one that differs in letter case alone. The planner then compares
//! names exactly. Scopes are followed (subqueries, CTEs, aliases); what is not known here, such as the
//! columns of a table function, is left to the planner.

use std::collections::HashMap;
use std::ops::ControlFlow;

use arrow::datatypes::FieldRef;
use datafusion::sql::sqlparser::ast::{
    Cte, Expr, Ident, JoinConstraint, JoinOperator, ObjectName, ObjectNamePart, Query, Select, SelectItem,
    SelectItemQualifiedWildcardKind, SetExpr, Statement, TableAlias, TableFactor, TableWithJoins, VisitMut,
    VisitorMut,
};
use datafusion::sql::sqlparser::tokenizer::Location;

use super::paths::unnested;
use super::scope::{Column, Relation, Scope, own_columns, place, replace};
use super::tables::Tables;
use crate::error::{Error, Result};

/// Replaces the names in a statement.
///
/// # Errors
/// `query.unknown_table`, and `query.ambiguous_column` where two real names differ in letter case
/// only and neither is exact.
pub(super) fn resolve(statement: &mut Statement, tables: &Tables) -> Result<()> {
    finish(VisitMut::visit(statement, &mut Resolver::new(tables, Vec::new())))
}

/// Replaces the names in an expression over the columns of one dataset.
///
/// # Errors
/// `query.ambiguous_column`.
pub(super) fn resolve_expression(
    expr: &mut Expr,
    table: &str,
    fields: &[FieldRef],
    tables: &Tables,
) -> Result<()> {
    let relation = Relation { name: table.to_owned(), columns: own_columns(fields) };
    let scope = Scope { relations: vec![relation], ..Scope::default() };
    finish(VisitMut::visit(expr, &mut Resolver::new(tables, vec![scope])))
}

fn finish(flow: ControlFlow<Box<Error>>) -> Result<()> {
    match flow {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(error) => Err(*error),
    }
}

pub(super) struct Resolver<'a> {
    pub(super) tables: &'a Tables,
    pub(super) scopes: Vec<Scope>,
    /// What a column of each path through references is called, by the place of the path.
    pub(super) followed: HashMap<Location, String>,
}

impl<'a> Resolver<'a> {
    fn new(tables: &'a Tables, scopes: Vec<Scope>) -> Self {
        Self { tables, scopes, followed: HashMap::new() }
    }
}

impl Resolver<'_> {
    fn replace_column(&self, ident: &mut Ident) -> Result<(), Box<Error>> {
        for scope in self.scopes.iter().rev() {
            if scope.replace(ident)? {
                return Ok(());
            }
        }
        Ok(())
    }

    fn cte(&self, ident: &Ident) -> Result<Option<&Relation>, Box<Error>> {
        for scope in self.scopes.iter().rev() {
            let mut name = ident.clone();
            if replace(&mut name, scope.ctes.iter().map(|cte| cte.name.as_str()))? {
                return Ok(scope.ctes.iter().find(|cte| cte.name == name.value));
            }
        }
        Ok(None)
    }

    /// Replaces a table's name by the real one, and returns what it is.
    fn replace_table(&self, name: &mut ObjectName) -> Result<Relation, Box<Error>> {
        let mut parts: Vec<&mut Ident> = name
            .0
            .iter_mut()
            .filter_map(|part| match part {
                ObjectNamePart::Identifier(ident) => Some(ident),
                ObjectNamePart::Function(_) => None,
            })
            .collect();
        if let [only] = parts.as_mut_slice()
            && let Some(cte) = self.cte(only)?
        {
            cte.name.clone_into(&mut only.value);
            return Ok(cte.clone());
        }
        let (schema, table) = match parts.as_mut_slice() {
            [table] => (None, table),
            [schema, table] | [_, schema, table] => (Some(schema), table),
            _ => return Ok(Relation { name: name.to_string(), columns: Vec::new() }),
        };
        let schema_name = schema.as_ref().map(|schema| schema.value.as_str());
        let found =
            self.tables.find(schema_name, &table.value, table.quote_style.is_some()).map_err(|error| {
                Box::new(if table.span.start.line == 0 { error } else { error.at(place(table)) })
            })?;
        if let Some(schema) = schema {
            schema.value = schema.value.to_lowercase();
        }
        found.name.clone_into(&mut table.value);
        Ok(Relation { name: found.name, columns: own_columns(&found.fields) })
    }

    /// What a query selects from, tables' names replaced on the way.
    fn relations(&self, from: &mut [TableWithJoins]) -> Result<Vec<Relation>, Box<Error>> {
        let mut relations = Vec::new();
        for table in from {
            self.add_relation(&mut table.relation, &mut relations)?;
            for join in &mut table.joins {
                self.add_relation(&mut join.relation, &mut relations)?;
                if let Some(JoinConstraint::Using(columns)) = constraint(&mut join.join_operator) {
                    let names =
                        || relations.iter().flat_map(|it| &it.columns).map(|column| column.name.as_str());
                    for ident in columns.iter_mut().filter_map(last_ident) {
                        replace(ident, names())?;
                    }
                }
            }
        }
        Ok(relations)
    }

    fn add_relation(
        &self,
        factor: &mut TableFactor,
        relations: &mut Vec<Relation>,
    ) -> Result<(), Box<Error>> {
        let (relation, alias) = match factor {
            TableFactor::Table { name, alias, args: None, .. } => (self.replace_table(name)?, alias),
            TableFactor::Derived { subquery, alias, .. } => {
                (Relation { name: String::new(), columns: self.query_columns(subquery) }, alias)
            }
            TableFactor::NestedJoin { table_with_joins, alias: None } => {
                relations.extend(self.relations(std::slice::from_mut(table_with_joins))?);
                return Ok(());
            }
            _ => return Ok(()),
        };
        relations.push(aliased(relation, alias.as_ref()));
        Ok(())
    }

    /// The columns that a query returns, as far as they have names.
    fn query_columns(&self, query: &Query) -> Vec<Column> {
        let mut scopes = self.scopes.clone();
        scopes.push(Scope { ctes: self.ctes(query), ..Scope::default() });
        Resolver::new(self.tables, scopes).set_columns(&query.body)
    }

    fn set_columns(&self, body: &SetExpr) -> Vec<Column> {
        match body {
            SetExpr::Select(select) => self.select_columns(select),
            SetExpr::Query(query) => self.query_columns(query),
            SetExpr::SetOperation { left, .. } => self.set_columns(left),
            _ => Vec::new(),
        }
    }

    fn select_columns(&self, select: &Select) -> Vec<Column> {
        // Wrong names in there are reported when the visit comes to them.
        let relations = self.relations(&mut select.from.clone()).unwrap_or_default();
        let mut scopes = self.scopes.clone();
        scopes.push(Scope { relations, ..Scope::default() });
        let within = Resolver::new(self.tables, scopes);
        let mut columns = Vec::new();
        for item in &select.projection {
            match item {
                SelectItem::ExprWithAlias { alias, expr } => {
                    columns.push(Column {
                        name: alias.value.clone(),
                        field: within.field_of(expr),
                        is_unnested: unnested(expr).is_some(),
                    });
                }
                SelectItem::UnnamedExpr(Expr::Identifier(ident)) => {
                    columns.push(within.named(std::slice::from_ref(ident)));
                }
                SelectItem::UnnamedExpr(Expr::CompoundIdentifier(idents)) => {
                    columns.push(within.named(idents));
                }
                SelectItem::Wildcard(_) => {
                    let relations = within.scopes.iter().next_back().into_iter().flat_map(|it| &it.relations);
                    columns.extend(relations.flat_map(|relation| relation.columns.clone()));
                }
                SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), _) => {
                    let folded = name.to_string().to_lowercase();
                    let relations = within.scopes.iter().next_back().into_iter().flat_map(|it| &it.relations);
                    let of = relations.filter(|relation| relation.name.to_lowercase() == folded);
                    columns.extend(of.flat_map(|relation| relation.columns.clone()));
                }
                // It has a place among the columns, but no name that could be written.
                _ => columns.push(Column::unknown("")),
            }
        }
        columns
    }

    fn ctes(&self, query: &Query) -> Vec<Relation> {
        let mut resolver = Resolver::new(self.tables, self.scopes.clone());
        resolver.scopes.push(Scope::default());
        for Cte { alias, query, .. } in query.with.iter().flat_map(|with| &with.cte_tables) {
            let columns = resolver.query_columns(query);
            let cte = aliased(Relation { name: String::new(), columns }, Some(alias));
            if let Some(scope) = resolver.scopes.last_mut() {
                scope.ctes.push(cte);
            }
        }
        resolver.scopes.pop().map(|scope| scope.ctes).unwrap_or_default()
    }

    /// What ORDER BY can name: the columns and aliases of the selects below it.
    fn enter_query(&mut self, query: &mut Query) -> Result<(), Box<Error>> {
        let depth = self.scopes.last().map_or(0, |scope| scope.depth) + 1;
        self.scopes.push(Scope { ctes: self.ctes(query), is_order_by: true, depth, ..Scope::default() });
        let (relations, aliases) = self.order_by_names(&mut query.body)?;
        if let Some(scope) = self.scopes.last_mut() {
            (scope.relations, scope.aliases) = (relations, aliases);
        }
        Ok(())
    }

    fn order_by_names(&self, body: &mut SetExpr) -> Result<(Vec<Relation>, Vec<Column>), Box<Error>> {
        match body {
            SetExpr::Select(select) => {
                let relations = self.relations(&mut select.from)?;
                Ok((relations, aliases(select)))
            }
            SetExpr::Query(query) => Ok((Vec::new(), self.query_columns(query))),
            SetExpr::SetOperation { left, .. } => Ok((Vec::new(), self.set_columns(left))),
            _ => Ok((Vec::new(), Vec::new())),
        }
    }

    fn enter_select(&mut self, select: &mut Select) -> Result<(), Box<Error>> {
        let relations = self.relations(&mut select.from)?;
        for item in &mut select.projection {
            if let SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), _) = item
                && let Some(ident) = last_ident(name)
            {
                replace(ident, relations.iter().map(|relation| relation.name.as_str()))?;
            }
        }
        let depth = self.scopes.last().map_or(0, |scope| scope.depth);
        self.scopes.push(Scope { relations, aliases: aliases(select), depth, ..Scope::default() });
        Ok(())
    }
}

fn aliases(select: &Select) -> Vec<Column> {
    let alias = |item: &SelectItem| match item {
        SelectItem::ExprWithAlias { alias, .. } => Some(Column::unknown(&alias.value)),
        _ => None,
    };
    select.projection.iter().filter_map(alias).collect()
}

fn aliased(mut relation: Relation, alias: Option<&TableAlias>) -> Relation {
    if let Some(alias) = alias {
        relation.name.clone_from(&alias.name.value);
        let unknown = Column::unknown("");
        relation.columns.resize(relation.columns.len().max(alias.columns.len()), unknown);
        for (column, renamed) in relation.columns.iter_mut().zip(&alias.columns) {
            column.name.clone_from(&renamed.name.value);
        }
    }
    relation
}

fn last_ident(name: &mut ObjectName) -> Option<&mut Ident> {
    match name.0.last_mut()? {
        ObjectNamePart::Identifier(ident) => Some(ident),
        ObjectNamePart::Function(_) => None,
    }
}

fn constraint(operator: &mut JoinOperator) -> Option<&mut JoinConstraint> {
    match operator {
        JoinOperator::Join(constraint)
        | JoinOperator::Inner(constraint)
        | JoinOperator::Left(constraint)
        | JoinOperator::LeftOuter(constraint)
        | JoinOperator::Right(constraint)
        | JoinOperator::RightOuter(constraint)
        | JoinOperator::FullOuter(constraint)
        | JoinOperator::LeftSemi(constraint)
        | JoinOperator::LeftAnti(constraint) => Some(constraint),
        _ => None,
    }
}

fn flow(result: Result<(), Box<Error>>) -> ControlFlow<Box<Error>> {
    match result {
        Ok(()) => ControlFlow::Continue(()),
        Err(error) => ControlFlow::Break(error),
    }
}

impl VisitorMut for Resolver<'_> {
    type Break = Box<Error>;

    fn pre_visit_statement(&mut self, statement: &mut Statement) -> ControlFlow<Self::Break> {
        match statement {
            Statement::ExplainTable { table_name, .. } => flow(self.replace_table(table_name).map(|_| ())),
            Statement::ShowColumns { show_options, .. } => {
                let table = show_options.show_in.as_mut().and_then(|show_in| show_in.parent_name.as_mut());
                flow(table.map_or(Ok(()), |table| self.replace_table(table).map(|_| ())))
            }
            _ => ControlFlow::Continue(()),
        }
    }

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<Self::Break> {
        flow(self.enter_query(query))
    }

    fn post_visit_query(&mut self, _query: &mut Query) -> ControlFlow<Self::Break> {
        self.scopes.pop();
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<Self::Break> {
        flow(self.enter_select(select))
    }

    fn post_visit_select(&mut self, select: &mut Select) -> ControlFlow<Self::Break> {
        let paths = self.name_followed(&mut select.projection);
        self.scopes.pop();
        if let Some(query) = self.scopes.last_mut().filter(|scope| scope.is_order_by) {
            query.paths = paths;
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Self::Break> {
        flow(match expr {
            Expr::Identifier(ident) => self.replace_column(ident),
            Expr::CompoundIdentifier(idents) => self.replace_path(idents).map(|other| {
                if let Some(other) = other {
                    *expr = other;
                }
            }),
            Expr::CompoundFieldAccess { root, access_chain } => self.replace_access(root, access_chain),
            _ => Ok(()),
        })
    }
}

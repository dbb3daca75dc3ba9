//! Questions with names as tables: `assess.NAME` stands for the query of that name.
//!
//! Before anything is planned, the table's name is replaced by the query itself, so that names, references and
//! limits are those of any subquery. A parameter of the question is the one of this name that the query around it
//! has, so that `$as_of` means one moment everywhere; where there is none, it is the default.

use std::collections::{BTreeMap, HashSet};
use std::ops::ControlFlow;

use arrow::datatypes::SchemaRef;
use datafusion::sql::parser::Statement as AnyStatement;
use datafusion::sql::sqlparser::ast::{
    Expr, Ident, ObjectNamePart, Query, Statement, TableAlias, TableFactor, Value, Visit, VisitMut, Visitor,
    VisitorMut,
};

use super::{TextLimits, text};
use crate::error::{Code, Error, Result};

/// The schema of the questions.
pub(super) const ASSESS: &str = "assess";

/// Questions within questions, beyond which one can only be asking itself.
const MOST_DEEP: usize = 16;

/// A question that has an answer without being asked anything: each of its parameters has a default.
#[derive(Debug, Clone)]
pub struct View {
    /// The query.
    pub sql: String,
    /// By the name of each parameter, an expression of SQL.
    pub defaults: BTreeMap<String, String>,
    /// The columns of its answer.
    pub schema: SchemaRef,
}

/// The questions by their names.
#[derive(Debug, Clone, Default)]
pub struct Views {
    views: BTreeMap<String, View>,
}

impl FromIterator<(String, View)> for Views {
    fn from_iter<I: IntoIterator<Item = (String, View)>>(views: I) -> Self {
        Self { views: views.into_iter().collect() }
    }
}

impl Views {
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.views.keys().map(String::as_str)
    }

    pub(super) fn schema(&self, name: &str) -> Option<&SchemaRef> {
        self.views.get(name).map(|view| &view.schema)
    }
}

/// Puts queries in the place of the tables that stand for them; whether there was one.
///
/// # Errors
/// `query.header` where a question asks itself, or is no query.
pub(super) fn expand(statement: &mut Statement, views: &Views, limits: &TextLimits) -> Result<bool> {
    if views.views.is_empty() {
        return Ok(false);
    }
    let given = placeholders(statement);
    let mut expander = Expander { views, limits, given, within: Vec::new(), number: 0 };
    match VisitMut::visit(statement, &mut expander) {
        ControlFlow::Continue(()) => Ok(expander.number > 0),
        ControlFlow::Break(error) => Err(*error),
    }
}

/// The names of a statement's parameters, without `$`.
fn placeholders(statement: &Statement) -> HashSet<String> {
    struct Found(HashSet<String>);
    impl Visitor for Found {
        type Break = ();

        fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
            self.0.extend(placeholder(expr).map(str::to_owned));
            ControlFlow::Continue(())
        }
    }
    let mut found = Found(HashSet::new());
    let _ = Visit::visit(statement, &mut found);
    found.0
}

fn placeholder(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Value(value) => match &value.value {
            Value::Placeholder(name) => name.strip_prefix('$'),
            _ => None,
        },
        _ => None,
    }
}

struct Expander<'a> {
    views: &'a Views,
    limits: &'a TextLimits,
    /// The parameters of the statement.
    given: HashSet<String>,
    /// The questions that are being put in their place, one within the other; none for another table.
    within: Vec<Option<Asked>>,
    /// How many questions were put in their place.
    number: usize,
}

/// A question, and the defaults that it is asked with.
struct Asked {
    name: String,
    defaults: BTreeMap<String, Expr>,
}

impl Expander<'_> {
    fn expanded(&self, table: &TableFactor) -> Result<Option<(Asked, TableFactor)>> {
        let TableFactor::Table { name, alias, args: None, .. } = table else { return Ok(None) };
        let parts: Vec<&Ident> = name.0.iter().filter_map(ObjectNamePart::as_ident).collect();
        let ([schema, ident] | [_, schema, ident]) = parts[..] else { return Ok(None) };
        let means = |ident: &Ident, name: &str| {
            ident.value == name || ident.quote_style.is_none() && ident.value.eq_ignore_ascii_case(name)
        };
        let found = self.views.views.iter().find(|(name, _)| means(ident, name));
        let is_here = schema.value.eq_ignore_ascii_case(ASSESS);
        let Some((name, view)) = found.filter(|_| is_here) else { return Ok(None) };
        if self.number as u64 >= self.limits.max_tables {
            let message = format!("more than {} tables are read", self.limits.max_tables);
            return Err(Error::new(Code::QueryTooComplex, message));
        }
        if self.within.iter().flatten().count() > MOST_DEEP
            || self.within.iter().flatten().any(|it| it.name == *name)
        {
            let message = format!("'{name}' asks itself");
            return Err(Error::new(Code::QueryHeader, message).hint("a question can be made of others only"));
        }
        let (subquery, defaults) = self.query(name, view)?;
        let alias = Some(alias.clone().unwrap_or_else(|| aliased(ident.clone())));
        let derived = TableFactor::Derived { lateral: false, subquery, alias, sample: None };
        Ok(Some((Asked { name: name.clone(), defaults }, derived)))
    }

    /// The query of a question, with the parameters that it is asked with.
    fn query(&self, name: &str, view: &View) -> Result<(Box<Query>, BTreeMap<String, Expr>)> {
        let in_file = |error: Error| error.in_file(format!("{name}.sql"));
        let statement = text::statement(&view.sql, self.limits).map_err(in_file)?;
        let mut query = match statement {
            AnyStatement::Statement(statement) => match *statement {
                Statement::Query(query) => query,
                _ => return Err(in_file(Error::new(Code::QueryHeader, format!("'{name}' is no query")))),
            },
            _ => return Err(in_file(Error::new(Code::QueryHeader, format!("'{name}' is no query")))),
        };
        let mut defaults = BTreeMap::new();
        for (parameter, sql) in view.defaults.iter().filter(|(name, _)| !self.given.contains(*name)) {
            // That of the question around it, where it has one.
            let outer = self.within.iter().rev().flatten().find_map(|asked| asked.defaults.get(parameter));
            let value = match outer {
                Some(outer) => outer.clone(),
                None => text::expression(sql, self.limits).map_err(in_file)?,
            };
            defaults.insert(parameter.clone(), value);
        }
        let _ = VisitMut::visit(&mut query, &mut Defaults(&defaults));
        rename_ctes(&mut query, &format!("{name}${}", self.number));
        Ok((query, defaults))
    }
}

impl VisitorMut for Expander<'_> {
    type Break = Box<Error>;

    fn pre_visit_table_factor(&mut self, table: &mut TableFactor) -> ControlFlow<Box<Error>> {
        match self.expanded(table) {
            Ok(Some((asked, derived))) => {
                *table = derived;
                self.number += 1;
                self.within.push(Some(asked));
            }
            Ok(None) => self.within.push(None),
            Err(error) => return ControlFlow::Break(Box::new(error)),
        }
        ControlFlow::Continue(())
    }

    fn post_visit_table_factor(&mut self, _: &mut TableFactor) -> ControlFlow<Box<Error>> {
        self.within.pop();
        ControlFlow::Continue(())
    }
}

/// Gives the CTEs of a query names that no other query has: the planner takes each name once, also where one query
/// lies within another.
fn rename_ctes(query: &mut Query, prefix: &str) {
    let Some(with) = &mut query.with else { return };
    let mut names = BTreeMap::new();
    for cte in &mut with.cte_tables {
        let before = cte.alias.name.clone();
        cte.alias.name = Ident::with_quote('"', format!("{prefix}${}", before.value));
        names.insert(before.value, cte.alias.name.clone());
    }
    let _ = VisitMut::visit(query, &mut Ctes(names));
}

/// Puts the new names of CTEs in the place of the old ones, which stay as aliases.
struct Ctes(BTreeMap<String, Ident>);

impl VisitorMut for Ctes {
    type Break = ();

    fn pre_visit_table_factor(&mut self, table: &mut TableFactor) -> ControlFlow<()> {
        if let TableFactor::Table { name, alias, args: None, .. } = table
            && let [ObjectNamePart::Identifier(ident)] = name.0.as_mut_slice()
            && let Some(renamed) = self.0.get(&ident.value)
        {
            let before = std::mem::replace(ident, renamed.clone());
            alias.get_or_insert_with(|| aliased(before));
        }
        ControlFlow::Continue(())
    }
}

fn aliased(name: Ident) -> TableAlias {
    TableAlias { explicit: true, name, columns: Vec::new(), at: None }
}

/// Puts defaults in the place of parameters.
struct Defaults<'a>(&'a BTreeMap<String, Expr>);

impl VisitorMut for Defaults<'_> {
    type Break = ();

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Some(default) = placeholder(expr).and_then(|name| self.0.get(name)) {
            *expr = default.clone();
        }
        ControlFlow::Continue(())
    }
}

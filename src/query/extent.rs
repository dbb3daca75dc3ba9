//! How large a query becomes when its CTEs are put in where they are named.
//!
//! A CTE that is named twice is planned twice: thirty of them, each naming the one before it twice, are
//! a short text and a billion plans. So the extent is computed from the text, before anything expands.

use std::collections::HashMap;
use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{ObjectName, Query, Statement, Visit, Visitor};

use crate::error::{Code, Error, Result};

/// Refuses a statement that would read more tables than `most`, each counted as often as it would be
/// planned.
///
/// # Errors
/// `query.too_complex`.
pub(super) fn check(statement: &Statement, most: u64) -> Result<()> {
    let tables = count(statement, &HashMap::new());
    if tables <= most {
        return Ok(());
    }
    let message = format!("the query reads tables {tables} times when its CTEs are put in; at most {most}");
    Err(Error::new(Code::QueryTooComplex, message).hint("a CTE is read once for each time it is named"))
}

/// The tables below a part of a statement, where the CTEs of these names and extents can be named.
fn count(part: &impl Visit, ctes: &HashMap<String, u64>) -> u64 {
    let mut counter = Counter { ctes, tables: 0, skipping: 0 };
    let _ = part.visit(&mut counter);
    counter.tables
}

struct Counter<'a> {
    ctes: &'a HashMap<String, u64>,
    tables: u64,
    /// How many queries are open whose tables were counted when the first of them was entered.
    skipping: usize,
}

impl Visitor for Counter<'_> {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        if self.skipping == 0 && query.with.is_some() {
            self.tables = self.tables.saturating_add(with_ctes(query, self.ctes));
            self.skipping = 1;
        } else if self.skipping > 0 {
            self.skipping += 1;
        }
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _query: &Query) -> ControlFlow<()> {
        self.skipping = self.skipping.saturating_sub(1);
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> ControlFlow<()> {
        if self.skipping == 0 {
            let extent = self.ctes.get(&relation.to_string().to_lowercase()).copied().unwrap_or(1);
            self.tables = self.tables.saturating_add(extent);
        }
        ControlFlow::Continue(())
    }
}

/// The extent of a query with CTEs of its own.
fn with_ctes(query: &Query, outer: &HashMap<String, u64>) -> u64 {
    let mut ctes = outer.clone();
    for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
        let extent = count(cte.query.as_ref(), &ctes).max(1);
        ctes.insert(cte.alias.name.to_string().to_lowercase(), extent);
    }
    let body = count(query.body.as_ref(), &ctes);
    query.order_by.as_ref().map_or(body, |order| body.saturating_add(count(order, &ctes)))
}

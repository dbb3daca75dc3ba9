//! A page of a dataset's rows: those that meet a condition, in some order, after the last row of the page
//! before it.
//!
//! Where a page ends is told by values and not by a count (keyset paging): the values of the order's
//! terms in the page's last row, and its row number, which is after all other terms. So each row comes
//! once, whatever values are equal or missing, and a page costs the same wherever it stands.

use std::collections::BinaryHeap;
use std::hash::{BuildHasher, Hash};
use std::sync::Arc;

use arrow::array::BooleanArray;
use arrow::compute::SortOptions;
use arrow::row::{RowConverter, SortField};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use datafusion::sql::sqlparser::ast::{self, OrderByExpr};
use foldhash::fast::FixedState;

use super::expression::Expressions;
use super::filter::Kept;
use super::service::Cancelled;
use super::session::Session;
use super::{Area, QueryService, TextLimits, area, fault, text};
use crate::catalog::Dataset;
use crate::error::{Code, Error, Place, Result};

/// The longest place that a page can end at: texts of kilobytes do not fit in an address.
const MOST_CURSOR_BYTES: usize = 4 << 10;

/// Rows of an area that are looked at together.
const PART_ROWS: usize = 8_192;

/// What a page is asked for.
#[derive(Debug, Clone, Default)]
pub struct PageRequest {
    /// Where the rows must be: by the index over the dataset's first column of points.
    pub area: Option<Area>,
    /// A SQL condition.
    pub condition: Option<String>,
    /// The terms of an ORDER BY; none for the document's order.
    pub order: Option<String>,
    /// Where the page before it ended, as [`Page::next`] told it.
    pub after: Option<String>,
    /// How many rows at most.
    pub limit: usize,
    /// Whether all rows that meet the condition are counted.
    pub counts: bool,
}

/// The rows of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Their numbers, in order.
    pub rows: Vec<u32>,
    /// Where it ends, if there are more rows.
    pub next: Option<String>,
    /// How many rows meet the condition, if that was asked for.
    pub count: Option<u64>,
}

impl QueryService {
    /// A page of a dataset's rows, handed to `finish` on the threads for queries, so that rows are
    /// written there as well. A page in the document's order and without a condition needs no planner
    /// and is cheap everywhere: see [`PageRequest::in_place`].
    ///
    /// # Errors
    /// `query.*` where the condition or the order cannot be planned; `request.parameter` where `after` is
    /// no end of a page in this order.
    pub async fn page<T: Send + 'static>(
        &self,
        dataset: Arc<Dataset>,
        request: PageRequest,
        finish: impl FnOnce(&Dataset, Page) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (limits, filters, areas) =
            (self.limits().text, Arc::clone(self.filters()), Arc::clone(self.areas()));
        self.run(self.catalog().snapshot(), move |session, cancelled| {
            let condition = request.condition.as_deref();
            let filter = condition.map(|it| filters.get(session, &dataset, it, &limits)).transpose()?;
            let inside = request.area.clone().map(|area| {
                let rows = area.resolved(&areas)?.rows(&dataset, 0, cancelled)?;
                area::meeting(&dataset, filter.as_ref(), rows, cancelled)
            });
            let inside = inside.transpose()?;
            let search = Search { dataset: &dataset, filter, inside, request: &request, cancelled };
            let page = match (&request.order, request.in_place(&dataset)) {
                (None, Some(page)) => page?,
                (None, None) => search.in_document_order()?,
                (Some(order), _) => search.ordered(&Order::compile(session, &dataset, order, &limits)?)?,
            };
            finish(&dataset, page)
        })
        .await
    }
}

impl PageRequest {
    /// The page, where it can be told without evaluating anything. Cost: a number a row.
    ///
    /// # Errors
    /// `request.parameter` where `after` is no end of a page in this order.
    #[must_use]
    pub fn in_place(&self, dataset: &Dataset) -> Option<Result<Page>> {
        let is_plain = self.condition.is_none() && self.order.is_none() && self.area.is_none();
        is_plain.then(|| {
            let first = self.first_row(dataset)?;
            let last = u64::from(first).saturating_add(self.limit as u64).min(dataset.document.rows);
            let last = u32::try_from(last).unwrap_or(u32::MAX);
            let rows: Vec<u32> = (first..last).collect();
            let next = rows.last().filter(|_| u64::from(last) < dataset.document.rows);
            let next = next.map(|row| Cursor::of(order_id(dataset, ""), *row, &[]).text()).transpose()?;
            Ok(Page { rows, next, count: self.counts.then_some(dataset.document.rows) })
        })
    }

    /// The first row after the page before this one, in the document's order.
    fn first_row(&self, dataset: &Dataset) -> Result<u32> {
        let order = order_id(dataset, "");
        let after = self.after.as_deref().map(|after| Cursor::parse(after, order)).transpose()?;
        Ok(after.map_or(0, |cursor| cursor.row.saturating_add(1)))
    }
}

/// Tells the order of the rows of one version of a dataset from every other one; the document's order has
/// no text. In another version the same row has another number, or leads elsewhere, and pages would leave
/// rows out.
fn order_id(dataset: &Dataset, order: impl Hash) -> u32 {
    let hash = FixedState::with_seed(0).hash_one((dataset.fingerprint(), dataset.reach(), order));
    u32::try_from(hash >> 32).unwrap_or_default()
}

/// Where a page ends: an order, a row, and the values of the order's terms in that row.
#[derive(Debug, PartialEq)]
struct Cursor {
    order: u32,
    row: u32,
    values: Vec<u8>,
}

impl Cursor {
    fn of(order: u32, row: u32, values: &[u8]) -> Self {
        Self { order, row, values: values.to_vec() }
    }

    fn text(&self) -> Result<String> {
        if self.values.len() > MOST_CURSOR_BYTES {
            let message = "the values that the rows are ordered by are too long for an address";
            return Err(Error::new(Code::QueryInvalid, message)
                .at(Place::field("order"))
                .hint("order by a shorter value, such as left(name, 100)"));
        }
        let row = self.row.to_be_bytes();
        Ok(URL_SAFE_NO_PAD.encode([&self.order.to_be_bytes(), &row, self.values.as_slice()].concat()))
    }

    fn parse(text: &str, order: u32) -> Result<Self> {
        let wrong = |message: &str| {
            Error::new(Code::RequestParameter, message.to_owned()).at(Place::field("after")).hint(
                "take it from the member \"next\" of the page before, and keep where and order as they were",
            )
        };
        let bytes = URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
        let Some((known, rest)) = bytes.split_first_chunk::<4>() else {
            return Err(wrong("'after' is not where a page ended"));
        };
        let Some((row, values)) = rest.split_first_chunk::<4>() else {
            return Err(wrong("'after' is not where a page ended"));
        };
        if u32::from_be_bytes(*known) != order {
            return Err(wrong("'after' is where a page in another order or of another version ended"));
        }
        Ok(Self { order, row: u32::from_be_bytes(*row), values: values.to_vec() })
    }
}

/// The order of a dataset's rows, ready to be compared.
struct Order {
    terms: Expressions,
    fields: Vec<SortField>,
    /// Tells it from other orders.
    id: u32,
}

impl Order {
    fn compile(session: &Session, dataset: &Dataset, order: &str, limits: &TextLimits) -> Result<Self> {
        let parsed = text::order(order, limits).map_err(|error| error.at(Place::field("order")))?;
        let is_value = |expr: &ast::Expr| matches!(expr, ast::Expr::Value(it) if !matches!(it.value, ast::Value::Placeholder(_)));
        if let Some(value) = parsed.iter().find(|term| is_value(&term.expr)) {
            let message = format!("{} has one value in all rows and orders nothing", value.expr);
            return Err(Error::new(Code::QueryInvalid, message)
                .at(Place::field("order"))
                .hint("name a column: columns have no numbers here"));
        }
        let options: Vec<SortOptions> = parsed.iter().map(options).collect();
        let terms =
            Expressions::compile(session, dataset, parsed.into_iter().map(|term| term.expr).collect())?;
        if !terms.is_stable {
            let message = "an order that changes with the moment has no pages";
            return Err(Error::new(Code::QueryInvalid, message)
                .at(Place::field("order"))
                .hint("order by columns, or ask /sql for all rows at once"));
        }
        let empty = terms.of_rows(dataset, &[])?;
        let fields = empty
            .into_iter()
            .zip(&options)
            .map(|(values, options)| SortField::new_with_options(values.data_type().clone(), *options));
        let fields: Vec<SortField> = fields.collect();
        let id = order_id(dataset, (order, format!("{fields:?}")));
        Ok(Self { terms, fields, id })
    }
}

/// ASC, and nulls after everything else, unless the term says otherwise: as in `PostgreSQL`.
fn options(term: &OrderByExpr) -> SortOptions {
    let descending = term.options.asc == Some(false);
    SortOptions { descending, nulls_first: term.options.nulls_first.unwrap_or(descending) }
}

struct Search<'a> {
    dataset: &'a Dataset,
    filter: Option<Arc<Kept>>,
    /// The rows in the area, which meet the condition already.
    inside: Option<Vec<u32>>,
    request: &'a PageRequest,
    cancelled: &'a Cancelled,
}

impl Search<'_> {
    /// Which rows of a batch meet the condition; none where there is no condition.
    fn met(&self, batch: usize) -> Result<Option<BooleanArray>> {
        self.cancelled.check()?;
        self.filter.as_ref().map(|kept| kept.filter.of_batch(self.dataset, batch)).transpose()
    }

    /// The parts in which the rows are looked at, in the document's order.
    fn parts(&self) -> Vec<Part<'_>> {
        match &self.inside {
            Some(rows) => rows.chunks(PART_ROWS).map(Part::Rows).collect(),
            None => (0..self.dataset.rows.batches()).map(Part::Batch).collect(),
        }
    }

    /// The rows of a part that meet the condition, each with its place in the part.
    fn rows(&self, part: &Part<'_>) -> Result<Vec<(usize, u32)>> {
        match part {
            Part::Batch(batch) => {
                let start = self.dataset.first_row(*batch);
                let count = self.dataset.rows.count(*batch);
                let number = |at: usize| (at, u32::try_from(start + at as u64).unwrap_or(u32::MAX));
                Ok(match self.met(*batch)? {
                    Some(met) => met.values().set_indices().map(number).collect(),
                    None => (0..count).map(number).collect(),
                })
            }
            Part::Rows(rows) => {
                self.cancelled.check()?;
                Ok(rows.iter().copied().enumerate().collect())
            }
        }
    }

    fn in_document_order(&self) -> Result<Page> {
        let first = self.request.first_row(self.dataset)?;
        let (mut rows, mut count) = (Vec::new(), 0);
        let wanted = self.request.limit + 1;
        for part in self.parts() {
            let is_before = part.last_row(self.dataset) < u64::from(first);
            if !self.request.counts && (is_before || rows.len() >= wanted) {
                continue;
            }
            let met = self.rows(&part)?;
            count += met.len() as u64;
            let numbers = met.into_iter().map(|(_, row)| row);
            rows.extend(numbers.filter(|row| *row >= first).take(wanted - rows.len()));
        }
        let has_more = rows.len() > self.request.limit;
        rows.truncate(self.request.limit);
        let order = order_id(self.dataset, "");
        let next = rows.last().filter(|_| has_more);
        let next = next.map(|row| Cursor::of(order, *row, &[]).text()).transpose()?;
        Ok(Page { rows, next, count: self.request.counts.then_some(count) })
    }

    /// Keeps the least rows after the page before in a heap whose top is the greatest of them.
    fn ordered(&self, order: &Order) -> Result<Page> {
        let after = self.request.after.as_deref().map(|after| Cursor::parse(after, order.id)).transpose()?;
        let after = after.as_ref().map(|after| (after.values.as_slice(), after.row));
        let not_ordered = |error: arrow::error::ArrowError| fault::running(&error.into());
        let converter = RowConverter::new(order.fields.clone()).map_err(not_ordered)?;
        let (mut least, mut count) = (BinaryHeap::<(Box<[u8]>, u32)>::new(), 0);
        let wanted = self.request.limit + 1;
        for part in self.parts() {
            let met = self.rows(&part)?;
            count += met.len() as u64;
            let values = match part {
                Part::Batch(batch) => order.terms.of_batch(self.dataset, batch)?,
                Part::Rows(rows) => order.terms.of_rows(self.dataset, rows)?,
            };
            let values = converter.convert_columns(&values).map_err(not_ordered)?;
            for (at, row) in met {
                let value = values.row(at);
                let candidate = (value.data(), row);
                if after.is_some_and(|after| candidate <= after) {
                    continue;
                }
                let greatest = least.peek().filter(|_| least.len() == wanted);
                if greatest.is_some_and(|(greatest, row)| candidate >= (greatest, *row)) {
                    continue;
                }
                if least.len() == wanted {
                    least.pop();
                }
                least.push((value.data().into(), row));
            }
        }
        let mut least = least.into_sorted_vec();
        let has_more = least.len() > self.request.limit;
        least.truncate(self.request.limit);
        let end = least.last().filter(|_| has_more);
        let next = end.map(|(values, row)| Cursor::of(order.id, *row, values).text()).transpose()?;
        let rows = least.into_iter().map(|(_, row)| row).collect();
        Ok(Page { rows, next, count: self.request.counts.then_some(count) })
    }
}

/// Rows that are looked at together.
enum Part<'a> {
    /// All of one of the dataset's batches.
    Batch(usize),
    /// These.
    Rows(&'a [u32]),
}

impl Part<'_> {
    fn last_row(&self, dataset: &Dataset) -> u64 {
        match self {
            Self::Batch(batch) => dataset.first_row(batch + 1).saturating_sub(1),
            Self::Rows(rows) => rows.last().copied().map_or(0, u64::from),
        }
    }
}

//! SQL in, rows out.
//!
//! Every door (HTTP, the command line) goes through one [`QueryService`]: text within bounds, one
//! statement, read only, names as users write them, a deadline, a memory pool, a limit on rows, on a
//! runtime of its own whose threads have big stacks and low priority. The rows come as a stream of
//! batches; dropping it stops the query, since what multiplies rows yields (`yielding`). No function may
//! make more than a bounded number of bytes in one call (`bounded`).

mod answer;
mod area;
mod bounded;
mod calendar;
mod counts;
mod datapath;
mod expression;
mod extent;
mod fault;
mod filter;
mod late;
mod likeness;
mod names;
mod page;
mod parameters;
mod paths;
mod pool;
mod prepared;
mod question;
mod run;
mod scan;
mod scope;
mod search;
mod service;
mod session;
mod spatial;
mod stored;
mod tables;
mod text;
mod turn;
mod views;
mod writing;
mod yielding;

use std::time::Duration;

pub use answer::{Answer, AnswerBody, Pieces, Rows};
pub use area::Area;
pub use counts::QueryCounts;
pub(crate) use fault::missing;
pub use filter::Filter;
pub use page::{Page, PageRequest};
pub use parameters::{Parameter, ParameterValue};
pub use question::{Fingerprint, Question, Timings};
pub use search::NearestRows;
pub use service::QueryService;
pub use spatial::{
    AGGREGATES, FUNCTIONS, Returns, SpatialAggregate, SpatialFunction, SpatialWindow, Takes, WINDOWS,
};
pub use text::TextLimits;
pub use views::{View, Views};

/// What queries may use.
#[derive(Debug, Clone, Copy)]
pub struct QueryLimits {
    /// How long one query may run.
    pub timeout: Duration,
    /// Memory for all queries; beyond it they spill to disk.
    pub memory_bytes: usize,
    /// Memory for one query.
    pub query_memory_bytes: usize,
    /// Disk for what does not fit in memory.
    pub spill_bytes: u64,
    /// Rows of one answer.
    pub max_rows: u64,
    /// Queries that run at the same time.
    pub max_queries: usize,
    /// Queries that wait for their turn; those beyond are told to come again.
    pub max_waiting: usize,
    /// Threads of the runtime, and parts that a query is cut into.
    pub threads: usize,
    /// Whether queries leave the processor to look-ups that wait for it.
    pub is_yielding: bool,
    /// Bounds on the text.
    pub text: TextLimits,
}

impl QueryLimits {
    /// The limits of api.md for a machine of this much memory and this many cores.
    #[must_use]
    pub fn for_machine(memory_bytes: u64, cores: usize) -> Self {
        let share = memory_bytes / 10 * 4;
        Self {
            timeout: Duration::from_secs(30),
            memory_bytes: usize::try_from(share).unwrap_or(usize::MAX),
            query_memory_bytes: usize::try_from(share / 2).unwrap_or(usize::MAX),
            spill_bytes: 10 << 30,
            max_rows: 1_000_000,
            max_queries: 2 * cores.max(1),
            max_waiting: 32 * cores.max(1),
            threads: cores.max(1),
            is_yielding: true,
            text: TextLimits::default(),
        }
    }
}

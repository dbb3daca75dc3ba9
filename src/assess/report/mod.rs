//! The monthly report of the service integrator: one HTML file of tables and charts that needs no network and
//! runs no script.
//!
//! Its rows are those of named queries: [`Inquiry`] asks them, [`table()`] makes a plain [`Table`] of an answer.
//! Everything is written from such tables, whose cells are taken by the names of their columns, so that the page
//! neither counts nor knows where rows come from. Equal tables give equal bytes.
//!
//! | table | columns | section |
//! | --- | --- | --- |
//! | `demand` | subject, dataset, requests, citizens, businesses, `to_publish`, `to_update`, `window_from`, `window_to`, `is_needed` | demand |
//! | `requests_by_month` | month, received, published, refused | requests by month |
//! | `bodies` | body, received, published, refused, open, overdue, `in_time_share`, `median_days`, `mean_days` | overdue by body |
//! | `deadlines` | list, number, name, dataset, `last_due`, `next_due`, `days_late`, state | deadlines |
//! | `freshness` | list, number, name, dataset, `age_days`, state | freshness by body |
//! | `plan_coverage` | list, unit, planned, published, `on_time` | freshness by body |
//! | `quality` | dataset, score, change (may lack: against a month before), metadata, types, nulls, key, refs, geo, freshness | quality |
//! | `publish_next` | subject, score, reasons | what to publish next and why |
//! | `rules` (may lack) | code, value | the limit drawn over the bodies' days; the table itself stands at the end |
//!
//! Any other table is written as it is after the sections.

mod chart;
mod day;
mod grid;
mod heading;
mod inquiry;
mod label;
mod markup;
mod number;
mod page;
mod plural;
mod reason;
mod scale;
mod section;
mod source;
mod table;
mod tables;
mod term;
mod tiles;
mod words;

pub(crate) use day::day;
pub use day::today;
pub use inquiry::{Inquiry, QUERIES};
pub(crate) use markup::Markup;
pub use page::Report;
pub(crate) use plural::DAYS;
pub use table::{Cell, Column, Table};
pub use tables::table;
pub(crate) use term::{list, matched_by};

//! derek: published open data as typed tables, with SQL and nearest look-ups over HTTP.
//!
//! Kazakhstan's public bodies publish datasets in one legal format (order 144 of 2021): a document
//! with `meta`, `fields` and `data`. derek reads such documents as they really are, tells what they
//! break, and answers questions over them. One program, nothing else to install.
//!
//! # The house
//!
//! A module uses only what stands left of it; a test reads this line and holds it:
//!
//! Import order: `error < geo < encode < document < convert < catalog < query < assess < serve < cli`
//!
//! | module | its question | its answer | what always holds |
//! | --- | --- | --- | --- |
//! | [`error`] | what went wrong? | code, message, place, hint, cause | causes never reach a client |
//! | [`geo`] | what is where? | positions, geometries, geodesic metres, an R-tree on the sphere | order is exact at the poles and across the date line |
//! | [`encode`] | rows out, in which form? | a stream of batches as a stream of bytes | a broken answer is never taken for a whole one |
//! | [`document`] | what does this file say, and does it keep its own word? | fields, Arrow batches, findings | no deviation loses a row, a column or a raw value |
//! | [`convert`] | the same document in which other form? | JSON, XML, the order's template as XLSX and CSV | what went through a form and came back is the same in normal form |
//! | [`catalog`] | which datasets exist, in which versions, linked how, and what is asked and said of them? | an immutable snapshot, swapped atomically; beside it requests, quality and steps of passports, which are only added to, and sums of uses | who holds a snapshot sees one state of everything |
//! | [`query`] | SQL in, rows out | one service: read only, bounded in text, time, memory and rows | nothing a client sends writes, names a file, or ends the process |
//! | [`assess`] | what is asked again and again? | named queries: a file of SQL each, with its parameters and columns; what is made of their rows and of extracts: report, passport, verdict, how a request stands | no rule here that could be SQL |
//! | [`serve`] | one catalog, many clients | routes over HTTP | look-ups of microseconds never plan SQL |
//! | [`cli`] | what does a person at a terminal want? | a few lines over the rest | exit status 0 fine, 1 the input, 2 the call |
//!
//! `geo`, `rstar`, `h3o` and `geohash` are used in `geo/` only, `quick_xml` in `document/` and `convert/`, `csv` in `document/`, `convert/`, `encode/`, `catalog/` and `assess/`, `calamine` in `convert/` and `assess/`, `rust_xlsxwriter` and `zip` in `convert/`, `prost` in `encode/`, `rusqlite` in `catalog/`, `datafusion` in
//! `query/`, `axum`, `hyper` and `tower` in `serve/`, `clap` and `rustyline` in `cli/`. Arrow's types pass everywhere: they
//! are the currency.
//!
//! # Two ways through it
//!
//! *A document becomes a table*: [`catalog::find`] lists files → [`document::read`] finds the rows
//! and reads them in parts on all cores, straight into columns → what all rows together decide (a
//! date's type, a point's order) → Arrow batches and findings → [`geo::SphereIndex`] over each column of
//! points → where each reference leads, of this and to this dataset → [`catalog::Snapshot`].
//!
//! *A question becomes an answer*: [`serve::router`] → parameters by name and type → either snapshot,
//! index and bytes at once (`nearest`), or [`query::QueryService`] on threads of its own → batches as
//! they come → [`encode::Encoder`], still on those threads → bytes → the socket, with back-pressure.
//!
//! # Choices that differ from what one may expect
//!
//! * JSON is read by a cursor of our own (`document/json.rs`), not by `serde_json`: a finding needs the
//!   text of a number as it stands (`1e400`, 25 digits), a fault needs its byte, and a window of a large
//!   file must tell "ends here" from "wrong here". `serde_json` reads `meta`, `fields` and requests.
//! * Files are read through windows, not through a memory map: a map of a file that is cut short while
//!   it is read ends the process, and its pages count as resident. So the crate has no unsafe code.
//! * What a store has is served from its Parquet at once, and read into memory while there is room for it
//!   (`--memory`): one `Rows` stands for both, so that every route and query has one way to them. Row groups that
//!   cannot hold what is asked for are not read; columns that were read lately are kept.
//! * Uses are no log that is counted later, but sums by the hour that are made when somebody asks
//!   (`catalog/uses.rs`): a look-up of microseconds pays for an entry of a map, and no question reads ten million queries.
//! * A row that cannot be read unwinds with its error, which becomes the answer: no answer is made without it.
//! * Points are indexed by their place in space (metres from the Earth's centre), not by unit vectors:
//!   the chord then bounds the geodesic so closely that few candidates need one, and a short geodesic is
//!   the chord with a correction of less than a micrometre's error.
//! * Texts and rows are inspected part by part, on the thread that read the part, while it is in the
//!   cache: a byte and the one before it tell whether a text leaves the order's alphabet, without a branch.
//!   Whole rows are compared only where no key that grows from row to row tells them apart.
//! * A document without `fields` gets a type for a column only where every value is written as that type
//!   alone would be: `007`, `1 000` and `12,5` stay texts, since nothing declares them numbers.
//! * A finding of severity note keeps three examples and its exact count: most texts leave the order's
//!   alphabet, which has no Latin letters and no quotation marks.
//! * A query without aggregates, sorts and joins runs in one piece, so that its rows keep the
//!   document's order and LIMIT is the same every time; all others run on all cores.
//! * Connections are accepted by a loop of our own over `hyper`, not by `axum::serve`, which lets a client
//!   wait for ever: a limit each for headers, a body, an answer that is not read, and an idle connection
//!   share one timer a connection, so that a request costs a look at the clock.
//!
//! * What an index over points answers is found in the physical plan, before DataFusion's own rules move scans
//!   about: a condition becomes the scan's, a sort by distance with LIMIT a search, a join of each row with
//!   each a look-up for each (`query/spatial`). Rows come in the document's order, the nearest in theirs.
//! * A reference (`datapath`) is resolved when either side is published, to a column of row numbers that no
//!   query names; what follows it asks its plan for that column, and looks the key up where there is none.
//! * A condition of `nearest?where=` that is asked again and again gets an index of its own over the rows that
//!   meet it, where these are few: then a filter costs nothing.
//! * A row's key in SQL (`WHERE id = 5`) is looked up, not scanned for; plans are kept by their text, and
//!   plans that only pick rows skip the optimizer's rules about joins and parts.
//! * Pages of rows end at values and a row number, compared in Arrow's row format: no offset, no state.
//! * A query that waits for its reader gives its turn to others; it keeps its deadline.
//! * Joins are paced, functions bounded: DataFusion yields where it reads batches, not where a join makes
//!   millions of rows of two, and asks the pool for memory in operators, not in functions.
//!
//! # What is deliberately absent
//!
//! No cargo features and no `#[cfg]`; no module called utils; no planar distance; no second way into
//! DataFusion beside [`query::QueryService`]; no constant of a law in code.

pub mod assess;
pub mod catalog;
pub mod cli;
pub mod convert;
pub mod document;
pub mod encode;
pub mod error;
pub mod geo;
pub mod query;
pub mod serve;

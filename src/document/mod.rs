//! What does this file say, and does it keep its own word?
//!
//! Bytes in; fields, typed rows and findings out. A reader touches no disk, clock or network: bytes
//! come through a [`Source`]. No deviation loses a row, a column or a raw value: what does not fit its
//! declared type is null and stands in [`Findings`]. A document is refused only where no table can be
//! made of it.
//!
//! The pipeline: `charset` (bytes that are not UTF-8), `envelope` (where are the rows, in JSON or in
//! `xml`?), `rows` (all cores, part by part, into the columns of a `record`, and `inspect` each part),
//! `facts` (what all rows together decide), `table` (Arrow, and what only the whole table tells: `keys`).

mod charset;
mod column;
mod date;
mod description;
mod envelope;
mod facts;
mod fault;
mod field;
mod finding;
mod infer;
mod inspect;
mod json;
mod keys;
mod letters;
mod member;
mod meta;
mod number;
mod odd;
mod pair;
mod points;
mod position;
mod reader;
mod record;
mod refusal;
mod rows;
mod rule;
mod source;
mod table;
mod texts;
mod values;
mod xml;

use std::collections::BTreeMap;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

pub use description::TableSize;
pub use field::{AxisOrder, FieldSpec, Type};
pub use finding::{Finding, Findings, KEPT_PER_RULE_AND_FIELD, quoted};
pub use infer::{date_seconds, reads_as, type_of_text};
pub use letters::is_in_alphabet;
pub use letters::repair;
pub use meta::Meta;
pub use position::OrderCounts;
pub use rule::{Rule, Severity};
pub use source::{Source, window_bytes};

use crate::error::Result;
use reader::Reader;

/// How a document is read.
pub struct ReadOptions<'a> {
    /// The name that a table gets where the document's `apiUri` is none: the file's, without ending.
    pub file_stem: &'a str,
    /// What stands in the file with the metadata beside the document (`NAME.meta.json`): heeded where
    /// the document has no `meta` or no `fields` of its own.
    pub meta_file: Option<&'a [u8]>,
    /// Whether Kazakh letters that were read in a wrong encoding are put right.
    pub repairs_text: bool,
    /// Whether texts, keys and whole rows are inspected; values always are.
    pub inspects: bool,
    /// How many threads read rows.
    pub threads: usize,
    /// About how many bytes of rows make one batch.
    pub part_bytes: usize,
    /// Is told the bytes read since it was told last, from any thread.
    pub progress: Option<&'a (dyn Fn(u64) + Sync)>,
}

impl<'a> ReadOptions<'a> {
    /// One thread, batches of 4 MiB of the document, all inspected, nothing repaired, no progress.
    #[must_use]
    pub fn new(file_stem: &'a str) -> Self {
        Self {
            file_stem,
            meta_file: None,
            repairs_text: false,
            inspects: true,
            threads: 1,
            part_bytes: 4 << 20,
            progress: None,
        }
    }
}

/// A published document as typed tables: what it says of itself, its rows, and what it breaks.
#[derive(Debug, Clone)]
pub struct Document {
    /// The table's name: `apiUri`, or what was derived in its place.
    pub name: String,
    /// What the document says of itself.
    pub meta: Meta,
    /// The fields in their order, those met only in the rows last.
    pub fields: Vec<FieldSpec>,
    /// The fields as Arrow has them; labels and roles are in their metadata.
    pub schema: SchemaRef,
    /// The rows in the document's order.
    pub batches: Vec<RecordBatch>,
    /// Number of rows.
    pub rows: u64,
    /// What the document breaks.
    pub findings: Findings,
    /// How the points of each Geoposition field lie, by its path.
    pub orders: BTreeMap<String, OrderCounts>,
}

impl Document {
    /// Whether the points of the field at this path were swapped: its column's verdict, unless the
    /// publisher states the order.
    #[must_use]
    pub fn is_swapped(&self, path: &str) -> bool {
        self.findings.totals().any(|(rule, field, _)| rule == Rule::PositionOrder && field == path)
    }
}

/// The bytes of a document as UTF-8: of UTF-16 with a byte order mark, and of XML in any encoding that its declaration
/// names. None where they are taken for UTF-8 already.
///
/// # Errors
/// `document.encoding`, with the byte, where the encoding is not known or a byte is part of no character of it.
pub fn to_utf8<S: Source + ?Sized>(source: &S) -> Result<Option<Vec<u8>>> {
    charset::decode(source).map_err(|refusal| refusal.into_error(source))
}

/// Reads a document, in JSON or XML: its first sign tells which.
///
/// Cost: one pass over the bytes, or two where `fields` stands after `data` or is missing. Memory: the
/// table, and a window of [`ReadOptions::part_bytes`] for each thread; as much as the document again
/// where it is not UTF-8.
///
/// # Errors
/// `document.*`, with line, column and byte, where no table can be made of the bytes.
///
/// ```
/// use derek::document::{ReadOptions, read};
/// let json = br#"{"fields": {"id": {"type": "Int"}}, "data": [{"id": "1 234"}, {"id": "x"}]}"#.to_vec();
/// let xml = "<counts><fields><id><type>Int</type></id></fields>
///            <data><row><id>1 234</id></row><row><id>x</id></row></data></counts>";
/// for bytes in [json, xml.as_bytes().to_vec()] {
///     let document = read(&bytes, &ReadOptions::new("counts"))?;
///     assert_eq!((document.name.as_str(), document.rows), ("counts", 2));
///     let bad = document.findings.iter().find(|finding| finding.row == Some(2));
///     assert_eq!(bad.map(|finding| finding.rule.code()), Some("value.not_an_int"));
/// }
/// # Ok::<(), derek::error::Error>(())
/// ```
pub fn read<S: Source + ?Sized>(source: &S, options: &ReadOptions<'_>) -> Result<Document> {
    match charset::decode(source) {
        Ok(Some(utf8)) => Reader { source: &utf8, options }.read().map_err(|refusal| {
            let mut error = refusal.into_error(&utf8);
            // The byte is one of the text that was made, not one of the file.
            if let Some(place) = &mut error.place {
                place.byte = None;
            }
            error
        }),
        Ok(None) => Reader { source, options }.read().map_err(|refusal| refusal.into_error(source)),
        Err(refusal) => Err(refusal.into_error(source)),
    }
}

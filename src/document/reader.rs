//! From the bytes of a document to its parts: the envelope, then the rows as its fields declare them.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use super::ReadOptions;
use super::envelope::{Envelope, Head, SPACE};
use super::fault::Fault;
use super::field::{Broken, FieldSpec};
use super::infer::Shape;
use super::odd::Names;
use super::record::{MAX_KEYS, Separate};
use super::refusal::{Refusal, too_many_keys};
use super::rows::{Part, RowsReader};
use super::source::{Source, text, window_bytes};
use super::table::Reading;
use super::{Document, meta};
use crate::error::{Code, Error};

pub(super) struct Reader<'a, S: Source + ?Sized> {
    pub(super) source: &'a S,
    pub(super) options: &'a ReadOptions<'a>,
}

/// How much of a document is read once more to find the key that is one too many.
const WHOLE_BYTES: usize = 256 << 20;

/// How many cells without a value any document may have, and how many more for each of its bytes.
const LEAST_GAPS: u64 = 32 << 20;
const GAPS_A_BYTE: u64 = 4;

/// Where the rows lie.
#[derive(Clone, Copy)]
struct Rows {
    start: u64,
    are_none: bool,
}

impl<S: Source + ?Sized> Reader<'_, S> {
    pub(super) fn read(&self) -> Result<Document, Refusal> {
        let (mut envelope, rows) = self.head()?;
        let meta_file = self.options.meta_file.map(meta::file);
        let declared = |envelope: &Envelope| {
            let beside = meta_file.as_ref().and_then(|file| file.as_ref().ok());
            envelope.fields().or_else(|| beside.and_then(meta::fields_of)).cloned()
        };
        let before = declared(&envelope);
        let mut broken = Broken::new();
        let mut specs = before.as_ref().map_or_else(Vec::new, |it| FieldSpec::parse_all(it, "", &mut broken));
        let mut parts = self.rows(&specs, rows, &mut envelope)?;
        let after = declared(&envelope);
        if after.is_none() {
            specs = infer(&parts);
        }
        if after.is_none() || before != after {
            // What the rows are is known only now: read them again as that.
            if let Some(fields) = &after {
                broken.clear();
                specs = FieldSpec::parse_all(fields, "", &mut broken);
            }
            drop(parts);
            parts = self.rows(&specs, rows, &mut envelope.clone())?;
        }
        let known = specs.clone();
        for part in &parts {
            part.record.extend(&mut specs);
        }
        if most_undeclared(&specs) > MAX_KEYS {
            let declared: Vec<_> = known.into_iter().filter(|spec| spec.declared).collect();
            return Err(self.too_many_keys(&declared, rows, &envelope));
        }
        let missing = |part: &Part| {
            (specs.len().saturating_sub(part.record.columns().count()) * part.record.rows()) as u64
        };
        if parts.iter().map(missing).sum::<u64>() > self.gaps() {
            let fault = Fault::TooSparse { at: 0 };
            return Err(Refusal::Fault { base: rows.start, fault });
        }
        let reading = Reading { envelope, parts, meta_file, specs, broken, declares: after.is_some() };
        reading.into_document(self.options).map_err(Refusal::Other)
    }

    /// The document up to its first row, through a window that grows until it holds that much.
    fn head(&self) -> Result<(Envelope, Rows), Refusal> {
        let (mut window, mut length) = (Vec::new(), 1 << 16);
        self.source.read(0, 3, &mut window)?;
        let base = if window == "\u{feff}".as_bytes() { 3 } else { 0 };
        loop {
            let wanted = window_bytes(self.source.len_bytes(), base, length);
            self.source.read(base, wanted, &mut window)?;
            let is_last = base + wanted as u64 >= self.source.len_bytes();
            let (text, flaw) = text(&window, base, is_last);
            if is_page(text) {
                return Err(Refusal::Other(page()));
            }
            match Envelope::head(text) {
                Ok(Head::Rows { at, envelope, are_none }) => {
                    return Ok((envelope, Rows { start: base + at as u64, are_none }));
                }
                Err(Fault::Incomplete { .. }) | Ok(Head::NoRows(_)) if let Some(flaw) = flaw => {
                    return Err(flaw);
                }
                Ok(Head::NoRows(envelope)) if is_last => return Err(Refusal::Other(envelope.without_rows())),
                // What seems whole is so only at the end of the file.
                Ok(Head::NoRows(_)) => length = length.saturating_mul(4),
                Err(Fault::Incomplete { .. }) if !is_last => length = length.saturating_mul(4),
                Err(Fault::Dtd { at }) if is_page(&text[at..]) => return Err(Refusal::Other(page())),
                Err(fault) => return Err(Refusal::Fault { base, fault }),
            }
        }
    }

    /// How many cells without a value the rows may bring: more than any table that was ever published has
    /// (a row of twenty bytes may lack eighty fields), and few enough for the memory that reads it.
    fn gaps(&self) -> u64 {
        LEAST_GAPS + GAPS_A_BYTE * self.source.len_bytes()
    }

    /// The refusal of rows with more keys than a table has room for: read once more in one piece, since
    /// which key is one too many depends on how the rows were shared out.
    fn too_many_keys(&self, specs: &[FieldSpec], rows: Rows, envelope: &Envelope) -> Refusal {
        let options = ReadOptions { threads: 1, part_bytes: WHOLE_BYTES, inspects: false, ..*self.options };
        let reader = RowsReader {
            source: self.source,
            form: &envelope.form,
            specs,
            separate: &Separate::new(),
            names: Arc::default(),
            gaps_left: AtomicU64::new(self.gaps()),
            options: &options,
            start: rows.start,
        };
        match reader.read() {
            Err(refusal @ Refusal::Fault { fault: Fault::TooManyKeys { .. }, .. }) => refusal,
            _ => Refusal::Other(too_many_keys()),
        }
    }

    /// All rows as `specs` declare them; what follows them is added to `envelope`.
    fn rows(&self, specs: &[FieldSpec], rows: Rows, envelope: &mut Envelope) -> Result<Vec<Part>, Refusal> {
        let mut separate = Separate::new();
        let form = envelope.form.clone();
        let names = Arc::new(Names::new(specs));
        let (parts, end) = loop {
            if rows.are_none {
                break (Vec::new(), rows.start);
            }
            let reader = RowsReader {
                source: self.source,
                form: &form,
                specs,
                separate: &separate,
                names: Arc::clone(&names),
                gaps_left: AtomicU64::new(self.gaps()),
                options: self.options,
                start: rows.start,
            };
            match reader.read() {
                Err(Refusal::Fault { fault: Fault::TooManyKeys { .. }, .. }) => {
                    return Err(self.too_many_keys(specs, rows, envelope));
                }
                // Met once, the two spellings are two columns in every row: from the start again.
                Err(Refusal::Fault { fault: Fault::TwoSpellings(paths), .. }) => separate.extend(paths),
                other => break other?,
            }
        };
        let rest = window_bytes(self.source.len_bytes(), end, usize::MAX);
        let mut window = Vec::new();
        self.source.read(end, rest, &mut window)?;
        let (text, flaw) = text(&window, end, true);
        match (envelope.tail(text), flaw) {
            (Ok(()) | Err(Fault::Incomplete { .. }), Some(flaw)) => Err(flaw),
            (Err(fault), _) => Err(Refusal::Fault { base: end, fault }),
            (Ok(()), None) => Ok(parts),
        }
    }
}

/// The most fields that an object, or a row, has beyond those that are declared.
fn most_undeclared(specs: &[FieldSpec]) -> usize {
    let inner = |spec: &FieldSpec| {
        let of_elements = spec.element.as_ref().map_or(0, |element| most_undeclared(&element.fields));
        most_undeclared(&spec.fields).max(of_elements)
    };
    let own = specs.iter().filter(|spec| !spec.declared).count();
    specs.iter().map(inner).max().unwrap_or_default().max(own)
}

/// The fields that the rows themselves tell.
fn infer(parts: &[Part]) -> Vec<FieldSpec> {
    let mut row = Shape::default();
    for part in parts {
        part.record.add_shapes(&mut row);
    }
    row.into_fields()
}

/// Whether a text is a page of the web.
fn is_page(text: &str) -> bool {
    let start: String = text.trim_start_matches(SPACE).chars().take(15).collect::<String>().to_lowercase();
    start.starts_with("<!doctype html") || start.starts_with("<html")
}

fn page() -> Error {
    Error::new(Code::DocumentErrorBody, "this is an HTML page, not a dataset")
        .hint("the address answers with a page; download the dataset itself")
}

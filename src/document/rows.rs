//! The rows of a document, read in parts by all cores.
//!
//! Where a part starts is guessed: at the first `}, {"key":` after every few megabytes, with the key
//! that the first row starts with (in XML, at the first `<row` after an end tag). A guess may fall into a string or a nested list, so it counts only
//! when the part before it, read from a start that is known to be right, ends exactly there. Where it
//! does not, the rows in between are read once more from the right place. So the result never depends
//! on a guess, only the speed does.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};

use super::ReadOptions;
use super::envelope::Form;
use super::fault::Fault;
use super::field::FieldSpec;
use super::finding::{Findings, Report};
use super::json::Cursor;
use super::odd::{Names, OddRows};
use super::record::{Record, Separate};
use super::refusal::Refusal;
use super::rule::Rule;
use super::source::{Source, text, window_bytes};
use super::xml;
use crate::error::{Code, Error, Place};

/// Rows that follow each other in the document.
#[derive(Debug)]
pub(super) struct Part {
    end: End,
    pub(super) record: Record,
    pub(super) findings: Findings,
    /// Rows with a value that could not be read, from 1 and in order.
    pub(super) unread: Vec<u64>,
}

/// A part whose start was guessed, and that start.
type Guess = (u64, Result<Part, Refusal>);

/// How far beyond its end a part's window reaches at first, so that its last row is complete.
const OVERLAP_BYTES: usize = 64 << 10;

/// The longest row: the texts of one batch must stay below 2 GiB.
const MAX_ROW_BYTES: usize = 1 << 30;

fn row_too_long(start: u64) -> Error {
    let place = Place { byte: Some(start), ..Place::default() };
    Error::new(Code::DocumentTooLarge, format!("a row is longer than {MAX_ROW_BYTES} bytes")).at(place)
}

/// Where a part ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// At the start of the next row.
    Row(u64),
    /// After the `]` of the rows.
    Rows(u64),
}

/// The rows of one document, and what they are read as.
pub(super) struct RowsReader<'a, S: Source + ?Sized> {
    pub(super) source: &'a S,
    pub(super) form: &'a Form,
    pub(super) specs: &'a [FieldSpec],
    pub(super) separate: &'a Separate,
    pub(super) names: Arc<Names>,
    /// How many cells may still be filled for want of a value.
    pub(super) gaps_left: AtomicU64,
    pub(super) options: &'a ReadOptions<'a>,
    /// Offset after the `[` of the rows.
    pub(super) start: u64,
}

/// What a thread uses again for every part: a window of the source, and how the last part looked.
struct Scratch {
    window: Vec<u8>,
    successor: Option<Record>,
}

impl Scratch {
    fn new() -> Self {
        Self { window: Vec::new(), successor: None }
    }
}

impl<S: Source + ?Sized> RowsReader<'_, S> {
    /// All rows in order, and the offset after the `]` that closes them.
    pub(super) fn read(&self) -> Result<(Vec<Part>, u64), Refusal> {
        let part_bytes = self.options.part_bytes as u64;
        let guesses = self.source.len_bytes().saturating_sub(self.start).div_ceil(part_bytes);
        let mut scratch = Scratch::new();
        let first = self.part(self.start, self.start + part_bytes, usize::MAX, &mut scratch)?;
        if let End::Rows(end) = first.end {
            return Ok((vec![first], end));
        }
        let Some(key) = self.first_key(&mut scratch)? else {
            return self.follow(first, &mut scratch);
        };
        let guesses = usize::try_from(guesses).unwrap_or(usize::MAX);
        self.read_in_parallel(first, &key, guesses, &mut scratch)
    }

    /// One part after the other, on this thread.
    fn follow(&self, first: Part, scratch: &mut Scratch) -> Result<(Vec<Part>, u64), Refusal> {
        let mut parts = vec![first];
        loop {
            match parts[parts.len() - 1].end {
                End::Rows(end) => return Ok((parts, end)),
                End::Row(at) => {
                    parts.push(self.part(at, at + self.options.part_bytes as u64, usize::MAX, scratch)?);
                }
            }
        }
    }

    fn read_in_parallel(
        &self,
        first: Part,
        key: &str,
        guesses: usize,
        scratch: &mut Scratch,
    ) -> Result<(Vec<Part>, u64), Refusal> {
        let (next, stop) = (AtomicUsize::new(1), AtomicBool::new(false));
        let (sender, receiver) = mpsc::channel();
        std::thread::scope(|scope| {
            for _ in 0..self.options.threads.max(1) {
                let (sender, next, stop) = (sender.clone(), &next, &stop);
                scope.spawn(move || {
                    let mut scratch = Scratch::new();
                    loop {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        if index >= guesses || stop.load(Ordering::Relaxed) {
                            break;
                        }
                        let guess = self.guess(index, key, &mut scratch);
                        if sender.send((index, guess)).is_err() {
                            break;
                        }
                    }
                });
            }
            drop(sender);
            let joined = self.join(first, &receiver, scratch);
            stop.store(true, Ordering::Relaxed);
            joined
        })
    }

    /// The part whose place is `index`, from a guessed start: none where no row seems to start.
    fn guess(&self, index: usize, key: &str, scratch: &mut Scratch) -> Option<Guess> {
        let part_bytes = self.options.part_bytes as u64;
        let from = self.start + index as u64 * part_bytes;
        self.source.read(from, self.options.part_bytes, &mut scratch.window).ok()?;
        let start = from + self.form.guess_row(&scratch.window, key.as_bytes())? as u64;
        // A guess that does not end within its part and as much again is none, or for another to read.
        let part = match self.part(start, from + part_bytes, self.options.part_bytes, scratch) {
            Err(Refusal::Fault { fault: Fault::Incomplete { .. }, .. }) => return None,
            part => part,
        };
        if let Some(progress) = self.options.progress {
            progress(part_bytes);
        }
        Some((start, part))
    }

    /// Puts the parts in order; those whose start was guessed wrong are read again.
    fn join(
        &self,
        first: Part,
        guesses: &mpsc::Receiver<(usize, Option<Guess>)>,
        scratch: &mut Scratch,
    ) -> Result<(Vec<Part>, u64), Refusal> {
        let mut waiting = BTreeMap::new();
        let mut parts = vec![first];
        let mut index = 1;
        loop {
            let at = match parts[parts.len() - 1].end {
                End::Rows(end) => return Ok((parts, end)),
                End::Row(at) => at,
            };
            let guess = loop {
                match waiting.remove(&index) {
                    Some(guess) => break guess,
                    None => match guesses.recv() {
                        Ok((index, guess)) => waiting.insert(index, guess),
                        // All guesses are used up, and yet the rows go on: to the end, then.
                        Err(_) => break None,
                    },
                };
            };
            let boundary = self.start + (index as u64 + 1) * self.options.part_bytes as u64;
            index += 1;
            self.accept(guess, at, boundary, &mut parts, scratch)?;
        }
    }

    /// Appends the rows from `at` to `boundary`: the guessed part where it starts right.
    fn accept(
        &self,
        guess: Option<Guess>,
        mut at: u64,
        boundary: u64,
        parts: &mut Vec<Part>,
        scratch: &mut Scratch,
    ) -> Result<(), Refusal> {
        if let Some((start, part)) = guess {
            if at < start {
                // Rows that begin with another key stand before the one that was guessed.
                let bridge = self.part(at, start, usize::MAX, scratch)?;
                let end = bridge.end;
                parts.push(bridge);
                let End::Row(next) = end else { return Ok(()) };
                at = next;
            }
            if at == start {
                parts.push(part?);
                return Ok(());
            }
        }
        if at < boundary {
            parts.push(self.part(at, boundary, usize::MAX, scratch)?);
        }
        Ok(())
    }

    /// The rows that start at `start` or after it, but before `boundary`.
    /// A row that is not complete is read on up to `most_bytes` beyond the boundary.
    fn part(
        &self,
        start: u64,
        boundary: u64,
        most_bytes: usize,
        scratch: &mut Scratch,
    ) -> Result<Part, Refusal> {
        let mut overlap_bytes = OVERLAP_BYTES;
        loop {
            let wanted =
                usize::try_from(boundary - start).unwrap_or(usize::MAX).saturating_add(overlap_bytes);
            let length = window_bytes(self.source.len_bytes(), start, wanted);
            self.source.read(start, length, &mut scratch.window)?;
            let is_last = start + length as u64 >= self.source.len_bytes();
            let (text, flaw) = text(&scratch.window, start, is_last);
            let mut record = match &scratch.successor {
                Some(record) => record.successor(),
                None => Record::new(self.specs, "", self.separate),
            };
            let gaps_left = self.gaps_left.load(Ordering::Relaxed);
            let mut report = Report { odd: OddRows::new(&self.names), gaps_left, ..Report::default() };
            let boundary_in_text = usize::try_from(boundary - start).unwrap_or(usize::MAX);
            let is_first = start == self.start;
            match self.form.read_rows(text, boundary_in_text, is_first, &mut record, &mut report) {
                Ok(_) if !report.two_spellings.is_empty() => {
                    let fault = Fault::TwoSpellings(report.two_spellings);
                    return Err(Refusal::Fault { base: start, fault });
                }
                Ok(end) => {
                    let spent = gaps_left - report.gaps_left;
                    let take = |left: u64| Some(left.saturating_sub(spent));
                    let _ = self.gaps_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take);
                    if self.options.inspects {
                        record.inspect(&mut report);
                    }
                    scratch.successor = Some(record.successor());
                    let Report { findings, unread, .. } = report;
                    return Ok(Part { end: end.shifted(start), record, findings, unread });
                }
                // What comes before the byte that is wrong is sound: the byte is the first fault.
                Err(Fault::Incomplete { .. }) if let Some(flaw) = flaw => return Err(flaw),
                Err(fault @ Fault::Incomplete { .. }) if !is_last => {
                    overlap_bytes = overlap_bytes.saturating_mul(4).max(length);
                    if length > MAX_ROW_BYTES {
                        return Err(Refusal::Other(row_too_long(start)));
                    }
                    if overlap_bytes / 2 > most_bytes {
                        return Err(Refusal::Fault { base: start, fault });
                    }
                }
                Err(fault) => return Err(Refusal::Fault { base: start, fault }),
            }
        }
    }

    /// What the first row starts with.
    fn first_key(&self, scratch: &mut Scratch) -> Result<Option<String>, Refusal> {
        self.source.read(self.start, self.options.part_bytes, &mut scratch.window)?;
        let (text, _) = text(&scratch.window, self.start, false);
        Ok(self.form.first_key(text))
    }
}

impl Form {
    /// Reads rows until one starts at `boundary` or after it, or the rows end.
    fn read_rows(
        &self,
        text: &str,
        boundary: usize,
        is_first: bool,
        record: &mut Record,
        report: &mut Report,
    ) -> Result<End, Fault> {
        match self {
            Self::Json { levels } => read_rows(text, boundary, is_first, *levels + 1, record, report),
            Self::Xml(names) => xml::read_rows(text, boundary, names, record, report),
        }
    }

    /// What every row probably starts with: a key, as the text has it between its quotes, or a tag's name.
    fn first_key(&self, text: &str) -> Option<String> {
        match self {
            Self::Json { .. } => first_key(text),
            Self::Xml(_) => xml::first_key(text),
        }
    }

    /// Where a row seems to start in a window.
    fn guess_row(&self, window: &[u8], key: &[u8]) -> Option<usize> {
        match self {
            Self::Json { .. } => guess_row(window, key),
            Self::Xml(_) => xml::guess_row(window, key),
        }
    }
}

impl End {
    fn shifted(self, by: u64) -> Self {
        match self {
            Self::Row(at) => Self::Row(at + by),
            Self::Rows(at) => Self::Rows(at + by),
        }
    }
}

/// Reads rows until one starts at `boundary` or after it, or the rows end.
fn read_rows(
    text: &str,
    boundary: usize,
    may_be_empty: bool,
    depth: usize,
    record: &mut Record,
    report: &mut Report,
) -> Result<End, Fault> {
    let mut cursor = Cursor::inside(text, depth);
    if may_be_empty && cursor.take(b']') {
        return Ok(End::Rows(cursor.position() as u64));
    }
    loop {
        let opening = cursor.peek("a row")?;
        if cursor.position() >= boundary {
            return Ok(End::Row(cursor.position() as u64));
        }
        report.row = record.rows() as u64 + 1;
        if opening == b'{' {
            record.read(&mut cursor, report)?;
        } else {
            let raw = cursor.skip_value()?;
            report.value(Rule::RowNotAnObject, &"".into(), raw);
            if cursor.take_lone_surrogate() {
                report.value(Rule::TextLoneSurrogate, &"".into(), raw);
            }
            record.push_null();
        }
        if cursor.take(b']') {
            return Ok(End::Rows(cursor.position() as u64));
        }
        cursor.expect(b',', "',' or ']' after a row")?;
    }
}

/// The first key of the first row, as the text has it between its quotes.
fn first_key(text: &str) -> Option<String> {
    let mut cursor = Cursor::new(text, 0);
    let is_keyed = cursor.take(b'{') && cursor.peek("a key") == Ok(b'"');
    let start = cursor.position() + 1;
    let is_whole = is_keyed && cursor.string().is_ok();
    is_whole.then(|| text[start..cursor.position() - 1].to_owned())
}

/// Where a row seems to start: the `{` of the first `}, {"key":` of the window.
fn guess_row(window: &[u8], key: &[u8]) -> Option<usize> {
    let quoted = [b"\"", key, b"\""].concat();
    let before = |mut at: usize, byte: u8| {
        while at > 0 && window[at - 1].is_ascii_whitespace() {
            at -= 1;
        }
        (at > 0 && window[at - 1] == byte).then(|| at - 1)
    };
    memchr::memmem::find_iter(window, &quoted).find_map(|at| {
        let brace = before(at, b'{')?;
        let comma = before(brace, b',')?;
        before(comma, b'}')?;
        let colon = window[at + quoted.len()..].iter().find(|byte| !byte.is_ascii_whitespace());
        (colon == Some(&b':')).then_some(brace)
    })
}

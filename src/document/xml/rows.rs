//! The rows of an XML document: the children of `<data>`.

use std::borrow::Cow;

use super::{Content, Elements, Node, Tag, is_blank, is_nil};
use crate::document::fault::Fault;
use crate::document::finding::Report;
use crate::document::json::Scalar;
use crate::document::record::{Record, RowState};
use crate::document::rows::End;
use crate::document::rule::Rule;

/// Reads rows until one starts at `boundary` or after it, or the element that `names` ends with does.
pub(in crate::document) fn read_rows(
    text: &str,
    boundary: usize,
    names: &[String],
    record: &mut Record,
    report: &mut Report,
) -> Result<End, Fault> {
    let mut elements = Elements::inside(text, 0, names.len());
    loop {
        let at = elements.position();
        report.row = record.rows() as u64 + 1;
        match elements.next()? {
            Node::Open(tag) if tag.at >= boundary => return Ok(End::Row(tag.at as u64)),
            Node::Open(tag) => read_row(&mut elements, &tag, record, report)?,
            Node::Text(text) if is_blank(&text) => {}
            Node::Text(text) => {
                // It belongs to no row: the one that it follows is over.
                report.findings.add(Rule::RowText, &"".into(), None, || Some(text.trim().to_owned()));
            }
            Node::Close(name) if names.last() == Some(&name) => {
                return Ok(End::Rows(elements.position() as u64));
            }
            Node::Close(_) => return Err(Fault::Syntax { at, expected: "a row or the end of the rows" }),
            Node::End => return Err(elements.incomplete("a row or the end of the rows")),
        }
    }
}

fn read_row<'a>(
    elements: &mut Elements<'a>,
    tag: &Tag<'a>,
    record: &mut Record,
    report: &mut Report,
) -> Result<(), Fault> {
    let mut row = RowState::default();
    for (key, value) in if tag.has_attributes() { tag.attributes()? } else { Vec::new() } {
        if is_nil(&key, &value) || key.starts_with("xml:") {
            continue;
        }
        let before = |_| Ok(String::new());
        let value = Scalar::Text(Cow::Owned(value));
        record.member(&mut row, &key, tag.at, before, report)?.push(&value, report)?;
    }
    let text = elements.text;
    if !tag.is_empty {
        record.read_leaves(&mut row, |opening| elements.leaf(opening), |at| raw_value(text, at), report)?;
    }
    match elements.content(tag)? {
        Content::Leaf(text) => {
            if !is_blank(&text) {
                let is_more = !row.is_empty() || tag.has_attributes();
                let rule = if is_more { Rule::RowText } else { Rule::RowNotAnObject };
                report.value(rule, &"".into(), text.trim());
            }
            record.end_row(&row, tag.at, report)
        }
        Content::Parent { before, child } => record.read_elements(&before, child, row, elements, report),
    }
}

impl Record {
    /// Appends the object whose members are the children of an open element; the first one is `child`.
    pub(super) fn read_elements<'a>(
        &mut self,
        before: &str,
        child: Tag<'a>,
        mut row: RowState,
        elements: &mut Elements<'a>,
        report: &mut Report,
    ) -> Result<(), Fault> {
        let path = self.path();
        if !is_blank(before) {
            report.value(Rule::RowText, &path, before.trim());
        }
        let text = elements.text;
        let raw = |at: usize| raw_value(text, at);
        let mut next = Some(child);
        while let Some(tag) = next {
            let name = tag.local_name();
            let column = if name == "field" && tag.has_attributes() {
                self.member(&mut row, &tag.key()?, tag.at, raw, report)?
            } else {
                self.member(&mut row, name, tag.at, raw, report)?
            };
            column.read_element(&tag, elements, report)?;
            self.read_leaves(&mut row, |opening| elements.leaf(opening), raw, report)?;
            next = elements.sibling(&mut |stray| report.value(Rule::RowText, &path, stray.trim()))?;
        }
        self.end_row(&row, elements.position(), report)
    }
}

/// The text of the element that starts at a place, or as JSON what it holds.
fn raw_value(text: &str, at: usize) -> Result<String, Fault> {
    let mut elements = Elements::inside(text, at, 0);
    let Node::Open(tag) = elements.next()? else { return Ok(String::new()) };
    let value = elements.value(&tag, "", &mut Vec::new())?;
    Ok(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

/// The name of the first row's element.
pub(in crate::document) fn first_key(text: &str) -> Option<String> {
    let mut elements = Elements::inside(text, 0, 1);
    loop {
        match elements.next().ok()? {
            Node::Open(tag) => return Some(tag.start.name().into_inner().to_owned()),
            Node::Text(_) => {}
            Node::Close(_) | Node::End => return None,
        }
    }
}

/// Where a row seems to start: at the first `<row` of the window that follows an end tag.
pub(in crate::document) fn guess_row(window: &[u8], name: &[u8]) -> Option<usize> {
    let opening = [b"<", name].concat();
    memchr::memmem::find_iter(window, &opening).find(|at| {
        let before = window[..*at].iter().rfind(|byte| !byte.is_ascii_whitespace());
        let after = window.get(at + opening.len());
        before == Some(&b'>')
            && after.is_some_and(|byte| matches!(byte, b'>' | b' ' | b'/' | b'\n' | b'\t' | b'\r'))
    })
}

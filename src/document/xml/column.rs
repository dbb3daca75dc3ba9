//! A value of an XML row into its column.

use std::borrow::Cow;

use super::{Content, Elements, Tag, is_blank, is_nil};
use crate::document::column::{Cells, Column};
use crate::document::fault::Fault;
use crate::document::finding::Report;
use crate::document::json::Scalar;
use crate::document::record::RowState;
use crate::document::rule::Rule;

impl Column {
    /// Appends what the element holds that `tag` opened.
    #[inline]
    pub(super) fn read_element<'a>(
        &mut self,
        tag: &Tag<'a>,
        elements: &mut Elements<'a>,
        report: &mut Report,
    ) -> Result<(), Fault> {
        if tag.has_attributes() && self.heeds_attributes(tag, report)? {
            self.push_null();
            // Whatever is in it, the element says that it has no value.
            return elements.skip(tag);
        }
        match elements.content(tag)? {
            Content::Leaf(text) => self.push_leaf(text, report),
            Content::Parent { before, child } => self.read_children(&before, child, elements, report),
        }
    }

    /// An element without children. Only a String can be empty.
    #[inline]
    pub(in crate::document) fn push_leaf(
        &mut self,
        text: Cow<'_, str>,
        report: &mut Report,
    ) -> Result<(), Fault> {
        match self.cells() {
            Cells::Object { .. } | Cells::List { .. } if is_blank(&text) => {
                self.push_null();
                Ok(())
            }
            _ => self.push(&Scalar::Text(text), report),
        }
    }

    fn read_children<'a>(
        &mut self,
        before: &str,
        child: Tag<'a>,
        elements: &mut Elements<'a>,
        report: &mut Report,
    ) -> Result<(), Fault> {
        let path = self.path();
        match self.cells_mut() {
            Cells::Object { record, valid } => {
                record.read_elements(before, child, RowState::default(), elements, report)?;
                valid.append_non_null();
            }
            Cells::List { element, .. } => {
                if !is_blank(before) {
                    report.value(Rule::RowText, &path, before.trim());
                }
                let mut next = Some(child);
                while let Some(tag) = next {
                    element.read_element(&tag, elements, report)?;
                    while let Some((_, text)) = elements.leaf(b"<item>") {
                        element.push_leaf(Cow::Borrowed(text), report)?;
                    }
                    next = elements.sibling(&mut |stray| report.value(Rule::RowText, &path, stray.trim()))?;
                }
                self.end_list();
            }
            _ => {
                if !is_blank(before) {
                    report.value(Rule::RowText, &path, before.trim());
                }
                let value = elements.children(child)?;
                self.push_json(&value.to_string(), report);
            }
        }
        Ok(())
    }

    /// Whether the attributes say that there is no value; reports those that say anything else.
    #[cold]
    fn heeds_attributes(&self, tag: &Tag<'_>, report: &mut Report) -> Result<bool, Fault> {
        let mut has_no_value = false;
        for (key, value) in tag.own_attributes()? {
            if key.rsplit(':').next() == Some("nil") {
                has_no_value |= is_nil(&key, &value);
            } else if !key.starts_with("xml:") {
                report.value(Rule::RowAttribute, &self.path(), &format!("{key}=\"{value}\""));
            }
        }
        Ok(has_no_value)
    }
}

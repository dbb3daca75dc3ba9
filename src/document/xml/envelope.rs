//! Where the rows lie in an XML document, and what stands beside them.

use super::{Elements, Node, Tag, is_blank};
use crate::document::envelope::{Envelope, Form, Head};
use crate::document::fault::Fault;

/// The element whose children are the rows.
const ROWS: &str = "data";

/// Reads a document from its start up to its first row.
pub(in crate::document) fn head(text: &str) -> Result<Head, Fault> {
    let mut elements = Elements::inside(text, 0, 0);
    let root = loop {
        match elements.next()? {
            Node::Open(tag) => break tag,
            Node::Text(text) if is_blank(&text) => {}
            Node::End => return Err(elements.incomplete("an element")),
            _ => return Err(Fault::Syntax { at: elements.position(), expected: "an element" }),
        }
    };
    let mut envelope = Envelope { root: root.local_name().to_owned(), ..Envelope::default() };
    // Nobody needs them, but what they refer to must not be defined elsewhere.
    root.attributes()?;
    let name = |tag: &Tag<'_>| tag.start.name().into_inner().to_owned();
    let mut names = vec![name(&root)];
    if root.local_name() == ROWS {
        return Ok(rows(&elements, envelope, names, root.is_empty));
    }
    if root.is_empty {
        return Ok(Head::NoRows(envelope));
    }
    while let Some(tag) = elements.sibling(&mut |_| {})? {
        if tag.local_name() == ROWS {
            tag.attributes()?;
            names.push(name(&tag));
            return Ok(rows(&elements, envelope, names, tag.is_empty));
        }
        member(&mut elements, &tag, &mut envelope)?;
    }
    Ok(Head::NoRows(envelope))
}

fn rows(elements: &Elements<'_>, mut envelope: Envelope, names: Vec<String>, are_none: bool) -> Head {
    envelope.form = Form::Xml(names);
    Head::Rows { at: elements.position(), envelope, are_none }
}

fn member<'a>(elements: &mut Elements<'a>, tag: &Tag<'a>, envelope: &mut Envelope) -> Result<(), Fault> {
    let key = tag.local_name().to_owned();
    let value = elements.value(tag, &key, &mut envelope.repeated)?;
    envelope.insert(key, value);
    Ok(())
}

/// Reads what follows the end of the rows, up to the end of the document.
pub(in crate::document) fn tail(text: &str, names: &[String], envelope: &mut Envelope) -> Result<(), Fault> {
    let mut elements = Elements::inside(text, 0, names.len() - 1);
    if let [root, _] = names {
        loop {
            match elements.next()? {
                Node::Open(tag) => member(&mut elements, &tag, envelope)?,
                Node::Close(name) if name == *root => break,
                Node::Close(_) => {
                    return Err(Fault::Syntax {
                        at: elements.position(),
                        expected: "the end of the first element",
                    });
                }
                Node::Text(_) => {}
                Node::End => return Err(elements.incomplete("the end of the first element")),
            }
        }
    }
    loop {
        let at = elements.position();
        match elements.next()? {
            Node::End => return Ok(()),
            Node::Text(text) if is_blank(&text) => {}
            _ => return Err(Fault::Syntax { at, expected: "the end of the document" }),
        }
    }
}

//! An element as a JSON value: what `meta` and `fields` are read as, and a value that holds elements
//! where its column takes none.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{Content, Elements, Tag, is_blank, is_nil};
use crate::document::fault::Fault;
use crate::document::field::join;
use crate::document::finding::capped;

impl<'a> Elements<'a> {
    /// The element that `tag` opened, whole: its text, the list of its children where they have one
    /// name, or else an object of its attributes and children. A key that cannot be there twice is added
    /// to `repeated` with its path.
    pub(super) fn value(
        &mut self,
        tag: &Tag<'a>,
        path: &str,
        repeated: &mut Vec<String>,
    ) -> Result<Value, Fault> {
        let mut members = Vec::new();
        for (key, value) in tag.own_attributes()? {
            if is_nil(&key, &value) {
                self.skip(tag)?;
                return Ok(Value::Null);
            }
            members.push((key, Value::String(value)));
        }
        let child = match self.content(tag)? {
            Content::Leaf(text) if members.is_empty() || !is_blank(&text) => {
                return Ok(Value::String(text.into_owned()));
            }
            Content::Leaf(_) => return Ok(Value::Object(members.into_iter().collect())),
            Content::Parent { child, .. } => child,
        };
        let attributes = members.len();
        self.members(child, path, &mut members, repeated)?;
        Ok(gather(tag.local_name(), path, members, attributes, repeated))
    }

    /// The rest of an element whose first child is `child`, as [`Elements::value`] has it.
    pub(super) fn children(&mut self, child: Tag<'a>) -> Result<Value, Fault> {
        let mut members = Vec::new();
        self.members(child, "", &mut members, &mut Vec::new())?;
        Ok(gather("", "", members, 0, &mut Vec::new()))
    }

    fn members(
        &mut self,
        child: Tag<'a>,
        path: &str,
        members: &mut Vec<(String, Value)>,
        repeated: &mut Vec<String>,
    ) -> Result<(), Fault> {
        let mut next = Some(child);
        while let Some(child) = next {
            let key = child.key()?;
            let value = self.value(&child, &capped(join(path, &key)), repeated)?;
            members.push((key, value));
            next = self.sibling(&mut |_| {})?;
        }
        Ok(())
    }
}

impl Tag<'_> {
    /// The key that the element stands for: its name without a prefix, or the attribute `name` of a `field`, for names
    /// that are no XML names.
    pub(super) fn key(&self) -> Result<String, Fault> {
        let name = self.local_name();
        if name == "field" && self.has_attributes() {
            for (key, value) in self.attributes()? {
                if key == "name" {
                    return Ok(value);
                }
            }
        }
        Ok(name.to_owned())
    }

    /// The attributes but the one that is the element's key.
    pub(super) fn own_attributes(&self) -> Result<Vec<(String, String)>, Fault> {
        if !self.has_attributes() {
            return Ok(Vec::new());
        }
        let is_field = self.local_name() == "field";
        let mut attributes = self.attributes()?;
        attributes.retain(|(key, _)| !(is_field && key == "name"));
        Ok(attributes)
    }
}

/// A list where the members are one, else an object in which what is there twice is a list; in `fields`,
/// where a name can be there once, the last one is kept.
fn gather(
    name: &str,
    path: &str,
    members: Vec<(String, Value)>,
    attributes: usize,
    repeated: &mut Vec<String>,
) -> Value {
    let is_fields = name == "fields";
    let first = &members[members.len() - 1].0;
    let is_one_name = attributes == 0 && members.iter().all(|(key, _)| key == first);
    if !is_fields && is_one_name && (members.len() > 1 || first == "item" || name == "keywords") {
        return Value::Array(members.into_iter().map(|(_, value)| value).collect());
    }
    let mut object = Map::new();
    let mut lists: HashMap<String, Vec<Value>> = HashMap::new();
    for (key, value) in members {
        if is_fields && object.contains_key(&key) {
            repeated.push(capped(join(path, &key)));
        }
        if !is_fields {
            lists.entry(key.clone()).or_default().push(value.clone());
        }
        object.insert(key, value);
    }
    for (key, values) in lists.into_iter().filter(|(_, values)| values.len() > 1) {
        object.insert(key, Value::Array(values));
    }
    Value::Object(object)
}

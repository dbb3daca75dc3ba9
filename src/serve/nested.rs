//! What is selected of rows, of what they refer to, and of what refers to them: one level within another.

use std::cell::Cell;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Fields};

use super::projection::{column_of, place_of, unknown_column};
use super::select::Item;
use crate::catalog::{Dataset, Link, Snapshot};
use crate::encode::attribute::{DATAPATH, attribute};
use crate::error::{Code, Error, Place, Result};
use crate::geo::is_point;

/// Columns of all levels together, beyond which a selection is refused.
const MOST_COLUMNS: usize = 2_000;

/// What is selected of a dataset's rows.
#[derive(Debug)]
pub(super) struct Nested {
    pub(super) dataset: Arc<Dataset>,
    pub(super) columns: Vec<Column>,
}

/// A column of the answer.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) of: Of,
}

/// What a column is made of.
#[derive(Debug)]
pub(super) enum Of {
    /// A column of the dataset.
    Own(usize, Shape),
    /// The rows that refer to each row, so many of them.
    Referrers { link: Arc<Link>, below: Nested, most: usize },
}

/// What is made of the values of a field.
#[derive(Debug)]
pub(super) enum Shape {
    AsIs,
    /// Members of an Object, each with its place.
    Members(Vec<(String, usize, Shape)>),
    /// The same of each element of a List.
    Elements(Box<Shape>),
    /// The objects that the values refer to, by a column of theirs.
    Objects {
        key: usize,
        below: Box<Nested>,
    },
}

/// How what is selected is found.
#[derive(Clone, Copy)]
pub(super) struct Resolver<'a> {
    snapshot: &'a Snapshot,
    /// How many rows that refer to one are given with it.
    most: usize,
    /// How many columns there may be yet.
    left: &'a Cell<usize>,
}

/// What is selected of a dataset, with `most` rows that refer to each.
///
/// # Errors
/// `query.unknown_column`, `query.unresolved_link`; `request.parameter` where a name leads nowhere, or there
/// are too many columns.
pub(super) fn resolve(
    snapshot: &Snapshot,
    dataset: &Arc<Dataset>,
    items: &[Item],
    most: usize,
) -> Result<Nested> {
    let left = Cell::new(MOST_COLUMNS);
    Resolver { snapshot, most, left: &left }.nested(dataset, items)
}

impl Resolver<'_> {
    fn take(self, columns: usize) -> Result<()> {
        let left = self.left.get().checked_sub(columns).ok_or_else(|| {
            let message = format!("more than {MOST_COLUMNS} columns, those of all objects together");
            Error::new(Code::RequestParameter, message).at(Place::field("select"))
        })?;
        self.left.set(left);
        Ok(())
    }

    fn nested(self, dataset: &Arc<Dataset>, items: &[Item]) -> Result<Nested> {
        let mut columns: Vec<Column> = Vec::new();
        for item in items {
            if item.name == "*" && item.below.is_none() {
                self.take(dataset.document.schema.fields().len())?;
                for (at, field) in dataset.document.schema.fields().iter().enumerate() {
                    let of = Of::Own(at, Shape::AsIs);
                    columns.push(Column { name: field.name().clone(), of });
                }
                continue;
            }
            self.take(1)?;
            let column = self.column(dataset, item)?;
            // What is named beside `*` stands in its column's place.
            match columns.iter_mut().find(|known| known.name == column.name) {
                Some(known) => *known = column,
                None => columns.push(column),
            }
        }
        Ok(Nested { dataset: Arc::clone(dataset), columns })
    }

    fn column(self, dataset: &Arc<Dataset>, item: &Item) -> Result<Column> {
        let Some(at) = column_of(dataset, &item.name) else { return self.referrers(dataset, item) };
        let field = dataset.document.schema.field(at);
        let shape = match &item.below {
            None => Shape::AsIs,
            Some(below) => self.shape(field, below)?,
        };
        let name = item.alias.clone().unwrap_or_else(|| field.name().clone());
        Ok(Column { name, of: Of::Own(at, shape) })
    }

    fn shape(self, field: &Field, below: &[Item]) -> Result<Shape> {
        match field.data_type() {
            DataType::List(element) => Ok(Shape::Elements(Box::new(self.shape(element, below)?))),
            DataType::Struct(members) if !is_point(field) => self.members(field, members, below),
            _ => {
                let Some(datapath) = attribute(field, DATAPATH) else {
                    let message = format!("'{}' refers to nothing and is no Object", field.name());
                    return Err(Error::new(Code::RequestParameter, message)
                        .at(Place::field("select"))
                        .hint("/links shows what refers to what"));
                };
                let (to, key) = self.snapshot.referred(datapath).ok_or_else(|| {
                    let message =
                        format!("'{}' refers to '{datapath}', which is not published", field.name());
                    Error::new(Code::QueryUnresolvedLink, message).at(Place::field("select"))
                })?;
                Ok(Shape::Objects { key, below: Box::new(self.nested(&to, below)?) })
            }
        }
    }

    fn members(self, object: &Field, members: &Fields, below: &[Item]) -> Result<Shape> {
        let mut shapes: Vec<(String, usize, Shape)> = Vec::new();
        for item in below {
            if item.name == "*" {
                self.take(members.len())?;
                let all = members.iter().enumerate();
                shapes.extend(all.map(|(at, member)| (member.name().clone(), at, Shape::AsIs)));
                continue;
            }
            self.take(1)?;
            let names = members.iter().map(|member| member.name().as_str());
            let at = place_of(names.clone(), &item.name)
                .ok_or_else(|| unknown_column(&item.name, object.name(), names))?;
            let shape = item.below.as_ref().map(|below| self.shape(&members[at], below)).transpose()?;
            let (name, shape) = (item.called().to_owned(), shape.unwrap_or(Shape::AsIs));
            match shapes.iter_mut().find(|(known, ..)| *known == name) {
                Some(known) => *known = (name, at, shape),
                None => shapes.push((name, at, shape)),
            }
        }
        Ok(Shape::Members(shapes))
    }

    /// What refers to a dataset: `cities`, or `cities.region` where it does so in several ways.
    fn referrers(self, dataset: &Arc<Dataset>, item: &Item) -> Result<Column> {
        let links: Vec<&Arc<Link>> = self.snapshot.links_to(dataset.name()).collect();
        let mut names: Vec<&str> = links.iter().map(|link| link.from.name()).collect();
        names.dedup();
        let from = place_of(names.iter().copied(), &item.name).map(|at| names[at]);
        let of_name: Vec<&Arc<Link>> =
            links.iter().copied().filter(|link| Some(link.from.name()) == from).collect();
        // Where there are several ways, the names behind the dataset's are those of the field that refers.
        let several = of_name.iter().filter(|_| of_name.len() > 1);
        let by_field = several.clone().find_map(|link| Some((*link, behind(item, &link.path.shown)?)));
        let (link, below) = match (by_field, of_name.as_slice()) {
            (Some((link, below)), _) => (link, Some(below)),
            (_, [only]) => (*only, item.below.as_deref()),
            (_, []) => return Err(no_such(dataset, &item.name, &links)),
            (_, several) => {
                let way = |link: &&Arc<Link>| format!("{}.{}", item.name, link.path.shown.replace("[]", ""));
                let ways = several.iter().map(way);
                let message = format!("{} refers to {} in several ways", item.name, dataset.name());
                return Err(Error::new(Code::QueryAmbiguousColumn, message)
                    .at(Place::field("expand"))
                    .hint(format!("name one: {}", ways.collect::<Vec<_>>().join(", "))));
            }
        };
        if !link.target.as_ref().is_some_and(|it| Arc::ptr_eq(&it.version, dataset.version_of_document())) {
            let message = format!("what refers to an older version of '{}' is not known", dataset.name());
            return Err(Error::new(Code::RequestParameter, message).at(Place::field("expand")));
        }
        let from = self.snapshot.require(link.from.name())?;
        let all = [Item::all()];
        let below = self.nested(from, below.filter(|below| !below.is_empty()).unwrap_or(&all))?;
        let of = Of::Referrers { link: Arc::clone(link), below, most: self.most };
        Ok(Column { name: item.called().to_owned(), of })
    }
}

/// What is selected behind the names of a field, where these stand behind the item's: `owner.region` of
/// `shops.owner.region`.
fn behind<'i>(item: &'i Item, shown: &str) -> Option<&'i [Item]> {
    let path = shown.replace("[]", "");
    let (mut names, mut item) = (String::new(), item);
    loop {
        let below = item.below.as_deref().unwrap_or_default();
        let mut inner = below.iter().filter(|inner| inner.name != "*");
        item = inner.next().filter(|_| inner.next().is_none())?;
        names.push_str(&item.name);
        if names == path {
            return Some(item.below.as_deref().unwrap_or_default());
        }
        names.push('.');
    }
}

fn no_such(dataset: &Dataset, name: &str, links: &[&Arc<Link>]) -> Error {
    let names = dataset.document.schema.fields().iter().map(|field| field.name().as_str());
    let error = unknown_column(name, dataset.name(), names);
    if links.is_empty() {
        return error;
    }
    let mut referring: Vec<&str> = links.iter().map(|link| link.from.name()).collect();
    referring.dedup();
    let hint = error.hint.clone().unwrap_or_default();
    error.hint(format!("{hint}; datasets that refer to it: {}", referring.join(", ")))
}

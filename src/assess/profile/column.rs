//! One column while its values are looked at: of whatever type, with all that lies in it.

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, BooleanBufferBuilder, ListArray, StructArray};
use arrow::buffer::NullBuffer;
use arrow::compute::filter;
use arrow::datatypes::{DataType, FieldRef};
use arrow::error::ArrowError;

use super::ColumnProfile;
use super::number::Numbers;
use super::place::Places;
use super::text::Texts;
use crate::encode::type_name;
use crate::geo::is_point;

/// The most frequent values that are told of.
pub(super) const MOST_TOP: usize = 20;

/// What was seen of a column.
#[derive(Debug)]
pub(super) struct Column {
    path: String,
    kind: String,
    values: u64,
    nulls: u64,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Numbers(Numbers),
    Texts(Box<Texts>),
    Places(Places),
    Object(Vec<Column>),
    List {
        element: Box<Column>,
        /// The fewest and the most elements.
        lengths: Option<[u64; 2]>,
    },
    /// A type that documents do not have: its values are only counted.
    Other,
}

impl Column {
    /// Nothing yet of the column at a path.
    pub(super) fn new(path: String, field: &FieldRef) -> Self {
        let content = match field.data_type() {
            _ if is_point(field) => Content::Places(Places::new()),
            DataType::Utf8 => Content::Texts(Box::new(Texts::new())),
            DataType::Struct(members) => {
                let member = |it: &FieldRef| Self::new(format!("{path}.{}", it.name()), it);
                Content::Object(members.iter().map(member).collect())
            }
            DataType::List(item) => {
                let element = Box::new(Self::new(format!("{path}[]"), item));
                Content::List { element, lengths: None }
            }
            other => Numbers::of(other).map_or(Content::Other, Content::Numbers),
        };
        Self { path, kind: type_name(field), values: 0, nulls: 0, content }
    }

    /// Takes over the values of a batch; those that `outside` has no place for are none.
    ///
    /// # Errors
    /// Arrow's, where the elements of a List cannot be picked.
    pub(super) fn add(&mut self, array: &ArrayRef, outside: Option<&NullBuffer>) -> Result<(), ArrowError> {
        let nulls = NullBuffer::union(outside, array.logical_nulls().as_ref());
        let nulls = nulls.as_ref();
        let rows = array.len() as u64;
        let there = rows - nulls.map_or(0, |nulls| nulls.null_count() as u64);
        let values = match &mut self.content {
            Content::Numbers(numbers) => numbers.add(array, nulls),
            Content::Texts(texts) => texts.add(array, nulls),
            Content::Places(places) => places.add(array, nulls),
            Content::Object(members) => {
                let columns = array.as_struct_opt().map(StructArray::columns).unwrap_or_default();
                for (member, column) in members.iter_mut().zip(columns) {
                    member.add(column, nulls)?;
                }
                there
            }
            Content::List { element, lengths } => {
                if let Some(list) = array.as_list_opt::<i32>() {
                    *lengths = merged(*lengths, list, nulls);
                    element.add(&elements(list, nulls)?, None)?;
                }
                there
            }
            Content::Other => there,
        };
        self.values += values;
        self.nulls += rows - values;
        Ok(())
    }

    /// What was seen: of the column, then of what lies in it.
    pub(super) fn finish(self, into: &mut Vec<ColumnProfile>) {
        let Self { path, kind, values, nulls, content } = self;
        let mut own = ColumnProfile { path, kind, values, nulls, ..ColumnProfile::default() };
        let inside = match content {
            Content::Numbers(numbers) => {
                numbers.finish(&mut own);
                Vec::new()
            }
            Content::Texts(texts) => {
                texts.finish(&mut own);
                Vec::new()
            }
            Content::Places(places) => {
                places.finish(&mut own);
                Vec::new()
            }
            Content::Object(members) => members,
            Content::List { element, lengths } => {
                own.lengths = lengths;
                vec![*element]
            }
            Content::Other => Vec::new(),
        };
        into.push(own);
        for column in inside {
            column.finish(into);
        }
    }
}

/// The fewest and the most elements, with those of further lists.
fn merged(known: Option<[u64; 2]>, lists: &ListArray, nulls: Option<&NullBuffer>) -> Option<[u64; 2]> {
    let there = (0..lists.len()).filter(|row| nulls.is_none_or(|nulls| nulls.is_valid(*row)));
    let lengths = there.map(|row| u64::from(lists.value_length(row).unsigned_abs()));
    lengths.fold(known, |known, length| {
        let [least, most] = known.unwrap_or([length, length]);
        Some([least.min(length), most.max(length)])
    })
}

/// The elements of the lists that are there. Cost: nothing is copied where all are.
fn elements(lists: &ListArray, nulls: Option<&NullBuffer>) -> Result<ArrayRef, ArrowError> {
    let place = |offset: Option<&i32>| offset.map_or(0, |offset| offset.unsigned_abs() as usize);
    let (first, end) = (place(lists.value_offsets().first()), place(lists.value_offsets().last()));
    let values = lists.values().slice(first, end - first);
    let Some(nulls) = nulls.filter(|nulls| nulls.null_count() > 0) else { return Ok(values) };
    let mut kept = BooleanBufferBuilder::new(values.len());
    for row in 0..lists.len() {
        kept.append_n(lists.value_length(row).unsigned_abs() as usize, nulls.is_valid(row));
    }
    filter(&values, &BooleanArray::new(kept.finish(), None))
}

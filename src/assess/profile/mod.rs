//! What the values of a dataset are: by column, how many, how different, from where to where, and what they look
//! like. It is what a passport's requirements and the judgement of an extract are made of.

mod column;
mod number;
mod place;
mod tally;
mod text;

use serde::Serialize;

use column::Column;

use crate::catalog::Dataset;
use crate::error::{Code, Error, Result};

/// What the values of a dataset are.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Profile {
    /// The dataset's name.
    pub dataset: String,
    /// Its version.
    pub version: u32,
    /// How many rows were looked at: all.
    pub rows: u64,
    /// The columns in the document's order; after an Object its members, after a List its elements.
    pub columns: Vec<ColumnProfile>,
}

/// What the values of one column are.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ColumnProfile {
    /// Its path, as findings have it: `schedule.open`, `phones[]` for the elements of a List.
    pub path: String,
    /// The name of its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// How many values there are. A member has no value where its Object is missing; an empty List is a value.
    pub values: u64,
    /// How many rows (of the elements of a List: elements) have none.
    pub nulls: u64,
    /// How many of the values are texts of spaces, or of nothing.
    pub blank: u64,
    /// How many different values there are; none for Objects and Lists.
    pub distinct: Option<Distinct>,
    /// The least number, the earliest day, the first text by its characters' codes; a text of more than 256 bytes
    /// is cut and ends in `…`.
    pub least: Option<String>,
    /// The greatest number, the latest day, the last text.
    pub greatest: Option<String>,
    /// The fewest and the most characters of a text, or elements of a List.
    pub lengths: Option<[u64; 2]>,
    /// The most frequent values, at most 20, the most frequent first. Where there are more different values than
    /// were counted, these are the most frequent of the first ones.
    pub top: Vec<ValueCount>,
    /// What the texts look like, the most frequent first, at most 5.
    pub patterns: Vec<Pattern>,
    /// Characters that the order does not list for String (order 144/2021, annex 1, part 3, row 3), at most 20, the
    /// most frequent first.
    pub beyond_alphabet: Vec<CharacterCount>,
    /// The box around the points.
    pub extent: Option<Extent>,
    /// Where every text is a geometry (WKT or `GeoJSON`): which kinds there are, such as `ST_Polygon`.
    pub geometries: Vec<&'static str>,
}

/// How many different values there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Distinct {
    /// So many.
    pub count: u64,
    /// Whether there are more than these: values are told apart up to 10,000 of them, or 4 MiB.
    pub is_more: bool,
}

/// A value and how often it is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ValueCount {
    /// The value as a text; one of more than 256 bytes is cut and ends in `…`.
    pub value: String,
    /// How often.
    pub count: u64,
}

/// What some texts look like.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pattern {
    /// `9` for a digit, `A` for a capital, `a` for any other letter, all else as it is; after 64 characters `…`.
    pub pattern: String,
    /// How many texts look like it.
    pub count: u64,
    /// Their share of the texts that are not blank, from 0 to 1.
    pub share: f64,
}

/// A character and how often it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct CharacterCount {
    /// The character.
    pub character: char,
    /// How often.
    pub count: u64,
}

/// A box around points, in degrees of WGS 84; it does not cross the date line.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Extent {
    /// The least latitude.
    pub south: f64,
    /// The greatest latitude.
    pub north: f64,
    /// The least longitude.
    pub west: f64,
    /// The greatest longitude.
    pub east: f64,
}

impl Profile {
    /// The column at a path, such as `schedule.open` or `phones[]`.
    #[must_use]
    pub fn column(&self, path: &str) -> Option<&ColumnProfile> {
        self.columns.iter().find(|column| column.path == path)
    }
}

/// What the values of a dataset are.
///
/// Cost: one pass over all values on one thread: a look-up in a hash table for each, and for a text a look at each
/// of its characters. Memory: one batch of rows, and for each column at most some 10 MiB (10,000 values of together
/// 4 MiB, 1,000 patterns, 1,000 characters).
///
/// # Errors
/// `store.damaged`, `store.io` where rows cannot be read.
///
/// ```
/// use derek::assess::profile::profile;
/// use derek::catalog::{Catalog, LoadOptions};
/// let (catalog, _) = Catalog::open(&["fixtures/regions.json".into()], LoadOptions::default())?;
/// let profile = profile(catalog.snapshot().require("regions")?)?;
/// let id = profile.column("id").expect("it has an id");
/// assert_eq!((profile.rows, id.nulls, id.distinct.map(|it| it.count)), (20, 0, Some(20)));
/// # Ok::<(), derek::error::Error>(())
/// ```
pub fn profile(dataset: &Dataset) -> Result<Profile> {
    profile_checked(dataset, &|| Ok(()))
}

/// The same, where `check` is asked again and again whether somebody still waits.
///
/// # Errors
/// As [`profile`], and what `check` says.
pub fn profile_checked(dataset: &Dataset, check: &dyn Fn() -> Result<()>) -> Result<Profile> {
    let fields = dataset.document.schema.fields();
    let mut columns: Vec<Column> =
        fields.iter().map(|field| Column::new(field.name().clone(), field)).collect();
    let all: Vec<usize> = (0..fields.len()).collect();
    for batch in 0..dataset.rows.batches() {
        check()?;
        let rows = dataset.rows.read(batch, &all)?;
        for (column, values) in columns.iter_mut().zip(rows.columns()) {
            check()?;
            column.add(values, None).map_err(|error| {
                Error::new(Code::Internal, "a column cannot be looked through").caused_by(error)
            })?;
        }
    }
    let mut found = Vec::new();
    for column in columns {
        column.finish(&mut found);
    }
    let (name, version) = (dataset.name().to_owned(), dataset.version);
    Ok(Profile { dataset: name, version, rows: dataset.document.rows, columns: found })
}

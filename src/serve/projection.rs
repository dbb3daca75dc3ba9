//! The columns that a request selects, looked at once and kept for the next request.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use arrow::array::RecordBatch;

use super::nested::{self, Nested};
use super::request::Params;
use super::response::not_written;
use super::select::{self, Item};
use crate::catalog::{Dataset, Snapshot};
use crate::encode::{Format, JsonRows};
use crate::error::{Code, Error, Place, Result, nearest_name};

/// Selections that are kept, with the start of the answer written, for the next request, and the columns
/// of batches that they have together: each takes about 200 bytes.
const KEPT_PROJECTIONS: usize = 1_024;
const KEPT_PIECES: usize = 400_000;

/// What a request selects of one version of a dataset.
#[derive(Debug)]
pub(crate) struct Projection {
    id: u64,
    /// Tells the versions of all that can be nested in its rows.
    surroundings: Option<String>,
    form: Form,
}

#[derive(Debug)]
enum Form {
    Columns(Columns),
    /// With objects that rows refer to, or that refer to them.
    Nested(Nested),
}

/// Some columns of a dataset.
#[derive(Debug)]
struct Columns {
    places: Vec<usize>,
    /// Ready to be written row by row, where they are in memory.
    json: Option<JsonRows>,
    /// How many columns of batches these are.
    pieces: usize,
}

/// What a request says of the columns that it wants.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted {
    select: String,
    expand: String,
    /// How many rows that refer to one are given with it.
    most: usize,
}

impl Wanted {
    /// Columns without more.
    pub(super) fn columns(select: &str) -> Self {
        Self { select: select.to_owned(), ..Self::default() }
    }

    /// What the parameters of a route say that takes `expand`.
    ///
    /// # Errors
    /// `request.parameter`.
    pub(super) fn of(params: &Params<'_>) -> Result<Self> {
        let text = |name| params.owned(name).unwrap_or_default();
        let (select, expand) = (text("select"), text("expand"));
        Ok(Self { select, expand, most: params.count("expand_limit")? })
    }

    /// Tells it from other ones of the same dataset.
    fn key(&self) -> Cow<'_, str> {
        if self.expand.is_empty() && !self.select.contains(['(', ':', '.']) {
            return Cow::Borrowed(&self.select);
        }
        Cow::Owned(format!("{}\u{0}{}\u{0}{}", self.select, self.expand, self.most))
    }
}

/// Projections by dataset and `select`.
#[derive(Debug, Default)]
pub(crate) struct Projections {
    kept: RwLock<HashMap<String, HashMap<String, Arc<Projection>>>>,
}

impl Projections {
    /// What a request wants of a dataset; `snapshot` is the one that the dataset is of.
    ///
    /// # Errors
    /// `query.unknown_column`, `query.unresolved_link`, `request.parameter`.
    pub(super) fn get(
        &self,
        dataset: &Arc<Dataset>,
        snapshot: &Snapshot,
        wanted: &Wanted,
    ) -> Result<Arc<Projection>> {
        let select = wanted.key();
        let select = select.as_ref();
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        let found = kept.get(dataset.name()).and_then(|of| of.get(select));
        if let Some(projection) = found.filter(|projection| projection.is_of(dataset, snapshot)) {
            return Ok(Arc::clone(projection));
        }
        drop(kept);
        let projection = Arc::new(Projection::new(dataset, snapshot, wanted)?);
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        let all = || kept.values().flat_map(HashMap::values);
        let pieces: usize = all().map(|projection| projection.pieces()).sum();
        if all().count() >= KEPT_PROJECTIONS || pieces + projection.pieces() > KEPT_PIECES {
            kept.clear();
        }
        let of_dataset = kept.entry(dataset.name().to_owned()).or_default();
        // Those of a version before this one would keep its rows in memory.
        of_dataset.retain(|_, projection| projection.is_of(dataset, snapshot));
        of_dataset.insert(select.to_owned(), Arc::clone(&projection));
        Ok(projection)
    }
}

impl Projection {
    fn new(dataset: &Arc<Dataset>, snapshot: &Snapshot, wanted: &Wanted) -> Result<Self> {
        let plain = if wanted.expand.is_empty() { Some(columns(dataset, &wanted.select)) } else { None };
        let form = match plain {
            Some(Ok(columns)) => Form::Columns(Columns::new(dataset, &columns)?),
            other => {
                let items = select::items(&wanted.select, &wanted.expand);
                let is_nested =
                    |items: &Vec<Item>| items.iter().any(|it| it.below.is_some() || it.alias.is_some());
                match (items, other) {
                    // Names may hold any sign: what reads as a name alone is one.
                    (Ok(items), Some(Err(error)))
                        if !is_nested(&items)
                            && !items.contains(&Item::all())
                            && !wanted.select.contains('"') =>
                    {
                        return Err(error);
                    }
                    (Ok(items), _) => {
                        let nested = nested::resolve(snapshot, dataset, &items, wanted.most.max(1));
                        let nested = nested.map_err(|error| {
                            let is_of_expand = wanted.select.is_empty() && !wanted.expand.is_empty();
                            if is_of_expand { error.at(Place::field("expand")) } else { error }
                        });
                        Form::Nested(nested?)
                    }
                    (Err(_), Some(Err(error))) if !wanted.select.contains(['(', ':', '.']) => {
                        return Err(error);
                    }
                    (Err(error), _) => return Err(error),
                }
            }
        };
        let is_nested = matches!(form, Form::Nested(_));
        let surroundings = is_nested.then(|| snapshot.surroundings(dataset).to_owned());
        Ok(Self { id: dataset.id, surroundings, form })
    }

    fn is_of(&self, dataset: &Dataset, snapshot: &Snapshot) -> bool {
        let is_same = |known: &String| known == snapshot.surroundings(dataset);
        self.id == dataset.id && self.surroundings.as_ref().is_none_or(is_same)
    }

    /// Whether its rows hold others or lie on disk, so that writing them may take long.
    pub(super) fn may_take_long(&self) -> bool {
        self.json().is_none()
    }

    fn pieces(&self) -> usize {
        match &self.form {
            Form::Columns(it) => it.pieces,
            Form::Nested(_) => 1,
        }
    }

    /// The columns ready to be written row by row, where the rows are in memory and hold nothing else.
    pub(super) fn json(&self) -> Option<&JsonRows> {
        match &self.form {
            Form::Columns(columns) => columns.json.as_ref(),
            Form::Nested(_) => None,
        }
    }

    /// The rows of these numbers, as one batch. `dataset` is the one that the projection is of; with
    /// `is_flat` the fields of objects that rows refer to are columns.
    pub(super) fn rows(&self, dataset: &Dataset, rows: &[u32], is_flat: bool) -> Result<RecordBatch> {
        match &self.form {
            Form::Columns(columns) => dataset.gather(&columns.places, rows).map_err(not_written),
            Form::Nested(nested) => nested.batch(rows, is_flat),
        }
    }
}

/// Whether what is nested is written as columns of their own: by column and as CSV.
pub(super) fn is_flat(format: Format) -> bool {
    matches!(format, Format::Csv | Format::Arrow | Format::Parquet)
}

impl Columns {
    fn new(dataset: &Dataset, places: &[usize]) -> Result<Self> {
        let batches = dataset.rows.memory();
        let json = batches.map(|batches| JsonRows::new(&dataset.document.schema, batches, places));
        let json = json.transpose().map_err(not_written)?;
        let pieces = batches.map_or(1, <[RecordBatch]>::len) * places.len();
        Ok(Self { places: places.to_vec(), json, pieces })
    }
}

/// The places of the columns that `select` names, all of them where it is empty.
fn columns(dataset: &Dataset, select: &str) -> Result<Vec<usize>> {
    let fields = dataset.document.schema.fields();
    if select.is_empty() {
        return Ok((0..fields.len()).collect());
    }
    let find = |name: &str| {
        let names = fields.iter().map(|field| field.name().as_str());
        column_of(dataset, name).ok_or_else(|| unknown_column(name, dataset.name(), names))
    };
    let mut columns = Vec::new();
    for name in select.split(',') {
        let column = find(name.trim())?;
        if columns.contains(&column) {
            let message = format!("'select' names the column '{}' twice", name.trim());
            return Err(Error::new(Code::RequestParameter, message).at(Place::field("select")));
        }
        columns.push(column);
    }
    Ok(columns)
}

/// The place of a column: exactly, or alone in differing by letter case.
pub(super) fn column_of(dataset: &Dataset, name: &str) -> Option<usize> {
    place_of(dataset.document.schema.fields().iter().map(|field| field.name().as_str()), name)
}

/// The place of a name: exactly, or alone in differing by letter case.
pub(super) fn place_of<'n>(names: impl Iterator<Item = &'n str> + Clone, name: &str) -> Option<usize> {
    names.clone().position(|known| known == name).or_else(|| {
        let folded = name.to_lowercase();
        let mut alike = names.enumerate().filter(|(_, known)| known.to_lowercase() == folded);
        let first = alike.next()?;
        alike.next().is_none().then_some(first.0)
    })
}

pub(super) fn unknown_column<'n>(
    name: &str,
    of: &str,
    names: impl Iterator<Item = &'n str> + Clone,
) -> Error {
    let error = Error::new(Code::QueryUnknownColumn, format!("no column '{name}' in {of}"));
    let hint = match nearest_name(name, names.clone()) {
        Some(nearest) => format!("did you mean '{nearest}'?"),
        None => format!("columns: {}", names.collect::<Vec<_>>().join(", ")),
    };
    error.at(Place::field("select")).hint(hint)
}

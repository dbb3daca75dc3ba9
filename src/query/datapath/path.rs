//! From a reference to a field: through one dataset or several.

use std::fmt::Write;
use std::sync::{Arc, OnceLock};

use arrow::array::{Array, ArrayRef, AsArray, UInt32Array, new_null_array};
use arrow::compute::{is_null, nullif, take};
use arrow::datatypes::{DataType, FieldRef};
use arrow::error::ArrowError;

use crate::catalog::{Codes, Dataset, Link, Snapshot};
use crate::encode::attribute::{DATAPATH, attribute};
use crate::error::{Code, Error, Result, nearest_name};
use crate::geo::is_point;

/// A field of the objects that a reference leads to, such as `nameRu` of `region.nameRu`, or the field of
/// those that a further reference leads to.
#[derive(Debug, Clone)]
pub(in crate::query) struct Path {
    /// The dataset that the reference leads to, and the column that has its values.
    first: (Arc<Dataset>, usize),
    /// Further references on the way.
    through: Vec<Arc<Link>>,
    end: End,
    /// The names behind the reference, as they are.
    pub(super) names: Vec<String>,
    codes: OnceLock<Arc<PathCodes>>,
}

/// The field that is read.
#[derive(Debug, Clone)]
struct End {
    dataset: Arc<Dataset>,
    column: usize,
    members: Vec<usize>,
    /// Its names within the dataset, such as `address`, `city`.
    names: Vec<String>,
    field: FieldRef,
}

/// For each object that the first reference can lead to the number of the value that is read.
#[derive(Debug)]
pub(super) struct PathCodes {
    /// The different values, and null as the last one.
    pub(super) values: ArrayRef,
    pub(super) of_row: Vec<u32>,
}

impl PathCodes {
    /// The code of what leads nowhere.
    pub(super) fn of_nothing(&self) -> u32 {
        u32::try_from(self.values.len() - 1).unwrap_or(u32::MAX)
    }
}

impl Path {
    /// The field `name` of the objects that a reference leads to; `datapath` is what it declares, `from`
    /// what it is called.
    ///
    /// # Errors
    /// `query.unresolved_link` where that is not published, `query.unknown_column` where it has no such field.
    pub(in crate::query) fn start(
        snapshot: &Snapshot,
        from: &str,
        datapath: &str,
        name: &str,
    ) -> Result<Self> {
        let (dataset, column) = target(snapshot, from, datapath)?;
        let end = field_of(&dataset, name, from)?;
        let first = (dataset, column);
        Ok(Self { first, through: Vec::new(), end, names: vec![name.to_owned()], codes: OnceLock::new() })
    }

    /// The field `name` of what this path reads: of an Object, or of the object that it refers to.
    ///
    /// # Errors
    /// As [`Path::start`]; `query.invalid` where it has no fields.
    pub(in crate::query) fn then(&self, snapshot: &Snapshot, name: &str) -> Result<Self> {
        let mut names = self.names.clone();
        names.push(name.to_owned());
        let mut longer = Self { names, codes: OnceLock::new(), ..self.clone() };
        let End { dataset, field, .. } = &self.end;
        let shown = &self.end.shown();
        if let DataType::Struct(members) = field.data_type()
            && !is_point(field)
        {
            let known = members.iter().map(|member| member.name().as_str());
            let at = position(known.clone(), name)
                .ok_or_else(|| unknown_field(name, &format!("{}.{shown}", dataset.name()), known, shown))?;
            longer.end.members.push(at);
            longer.end.names.push(members[at].name().clone());
            longer.end.field = Arc::clone(&members[at]);
            return Ok(longer);
        }
        let Some(datapath) = attribute(field, DATAPATH) else {
            return Err(leads_nowhere(shown, dataset.name(), name));
        };
        let (to, _) = target(snapshot, shown, datapath)?;
        let names: Vec<&str> = self.end.names.iter().map(String::as_str).collect();
        let link = dataset.link_of(&names).filter(|link| link.target.is_some()).ok_or_else(|| {
            let message = format!("the references of {}.{shown} are many in a row", dataset.name());
            Error::new(Code::QueryInvalid, message).hint("unnest the List first")
        })?;
        longer.through.push(Arc::clone(link));
        longer.end = field_of(&to, name, shown)?;
        Ok(longer)
    }

    /// The field that is read, as its dataset declares it.
    pub(in crate::query) fn field(&self) -> &FieldRef {
        &self.end.field
    }

    /// The dataset that the reference itself leads to.
    pub(super) fn objects(&self) -> &Arc<Dataset> {
        &self.first.0
    }

    /// The rows that keys lead to; those that lead nowhere are null. Cost: a look-up each, and the first
    /// time an index over the keys.
    pub(super) fn rows_of(&self, keys: &ArrayRef) -> UInt32Array {
        let (dataset, column) = &self.first;
        dataset.rows_of_keys(*column, keys)
    }

    /// The values for the objects in these rows of the dataset that the reference leads to.
    pub(super) fn values(&self, rows: &UInt32Array) -> Result<ArrayRef, ArrowError> {
        let mut at_end = None;
        for target in self.through.iter().filter_map(|link| link.target.as_ref()) {
            let rows = at_end.as_ref().unwrap_or(rows);
            at_end = Some(take(target.rows(), rows, None)?.as_primitive().clone());
        }
        self.end.values(at_end.as_ref().unwrap_or(rows))
    }

    /// The codes of the values by the rows of the dataset that the reference leads to. Cost: the first call
    /// hashes the column that is read; then a look at each row of each dataset on the way.
    pub(super) fn codes(&self) -> Result<Arc<PathCodes>, ArrowError> {
        if let Some(codes) = self.codes.get() {
            return Ok(Arc::clone(codes));
        }
        let own: Arc<Codes> = self.end.codes()?;
        let nothing = u32::try_from(own.values.len()).unwrap_or(u32::MAX);
        let mut of_row = own.of_row.clone();
        for target in self.through.iter().rev().filter_map(|link| link.target.as_ref()) {
            let code = |row: Option<u32>| row.and_then(|row| of_row.get(row as usize)).copied();
            of_row = target.rows().iter().map(|row| code(row).unwrap_or(nothing)).collect();
        }
        let null = new_null_array(own.values.data_type(), 1);
        let values = arrow::compute::concat(&[own.values.as_ref(), null.as_ref()])?;
        let codes = Arc::new(PathCodes { values, of_row });
        Ok(Arc::clone(self.codes.get_or_init(|| codes)))
    }

    /// What is followed and what is read, as EXPLAIN shows it: `regions.id → country → countries.code → name`.
    pub(super) fn describe(&self) -> String {
        let (dataset, column) = &self.first;
        let mut text = format!("{}.{}", dataset.name(), dataset.document.schema.field(*column).name());
        for link in &self.through {
            let _ = write!(text, " → {} → {}.{}", link.path.shown, link.to(), link.to_field());
        }
        format!("{text} → {}", self.end.shown())
    }

    /// What tells this path from others over one snapshot.
    pub(super) fn identity(&self) -> (u64, usize, &[String]) {
        (self.first.0.id, self.first.1, &self.names)
    }
}

impl End {
    fn shown(&self) -> String {
        self.names.join(".")
    }

    /// The values of the rows with these numbers; null where there is no number.
    fn values(&self, rows: &UInt32Array) -> Result<ArrayRef, ArrowError> {
        if self.dataset.is_on_disk() {
            return self.interleaved(rows);
        }
        match self.dataset.whole_column(self.column) {
            Ok(column) => take(&self.member(&column)?, rows, None),
            // The texts of all rows together are longer than one array takes.
            Err(_) => self.interleaved(rows),
        }
    }

    fn interleaved(&self, rows: &UInt32Array) -> Result<ArrayRef, ArrowError> {
        self.member(&self.dataset.values(self.column, rows)?)
    }

    /// The member of a column that is read: null where an Object is.
    fn member(&self, column: &ArrayRef) -> Result<ArrayRef, ArrowError> {
        let mut array = Arc::clone(column);
        for at in &self.members {
            let objects = array.as_struct();
            let values = Arc::clone(objects.column(*at));
            array = match objects.nulls() {
                Some(_) => nullif(&values, &is_null(objects)?)?,
                None => values,
            };
        }
        Ok(array)
    }

    fn codes(&self) -> Result<Arc<Codes>, ArrowError> {
        if self.members.is_empty() {
            return self.dataset.codes(self.column);
        }
        Ok(Arc::new(Codes::of(&self.member(&self.dataset.whole_column(self.column)?)?)?))
    }
}

/// What a reference leads to.
///
/// # Errors
/// `query.unresolved_link` where that is not published.
pub(in crate::query) fn target(
    snapshot: &Snapshot,
    from: &str,
    datapath: &str,
) -> Result<(Arc<Dataset>, usize)> {
    snapshot.referred(datapath).ok_or_else(|| {
        let message = format!("'{from}' refers to '{datapath}', which is not published");
        let error = Error::new(Code::QueryUnresolvedLink, message);
        error.hint("its own value can be read; /links shows what refers to what")
    })
}

/// A field of a dataset that a reference called `from` leads to.
fn field_of(dataset: &Arc<Dataset>, name: &str, from: &str) -> Result<End> {
    let fields = dataset.document.schema.fields();
    let names = fields.iter().map(|field| field.name().as_str());
    let column =
        position(names.clone(), name).ok_or_else(|| unknown_field(name, dataset.name(), names, from))?;
    let field = Arc::clone(&fields[column]);
    let names = vec![field.name().clone()];
    Ok(End { dataset: Arc::clone(dataset), column, members: Vec::new(), names, field })
}

/// The place of a name: exactly, or alone in differing by letter case.
fn position<'n>(names: impl Iterator<Item = &'n str> + Clone, name: &str) -> Option<usize> {
    names.clone().position(|known| known == name).or_else(|| {
        let folded = name.to_lowercase();
        let mut alike = names.enumerate().filter(|(_, known)| known.to_lowercase() == folded);
        let first = alike.next()?;
        alike.next().is_none().then_some(first.0)
    })
}

/// The error for a name behind a field that has nothing behind it.
pub(in crate::query) fn leads_nowhere(field: &str, of: &str, name: &str) -> Error {
    let message = format!("'{field}' of {of} refers to nothing and is no Object");
    Error::new(Code::QueryInvalid, message)
        .hint(format!("there is no '{name}' in it; system.links shows what refers to what"))
}

/// The error for a field that is not in what a reference leads to; it lists those that are.
pub(in crate::query) fn unknown_field<'n>(
    name: &str,
    of: &str,
    names: impl Iterator<Item = &'n str> + Clone,
    from: &str,
) -> Error {
    let error =
        Error::new(Code::QueryUnknownColumn, format!("no field '{name}' in {of}, to which '{from}' refers"));
    let listed = names.clone().take(40).collect::<Vec<_>>().join(", ");
    match nearest_name(name, names) {
        Some(nearest) => error.hint(format!("did you mean '{nearest}'? fields: {listed}")),
        None => error.hint(format!("fields: {listed}")),
    }
}

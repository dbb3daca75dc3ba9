//! Where do the values of a field lead?
//!
//! A field with a `datapath` (order 144, annex 1 part 4) holds the key of an object of another dataset. When
//! a version is published, each of its values is looked up once, and the object's row number is kept beside
//! it: reading through the reference is then a look into a column.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use arrow::array::{Array, ArrayRef, AsArray, StructArray, UInt32Array};
use arrow::buffer::NullBuffer;
use arrow::compute::{is_null, nullif};
use arrow::datatypes::{DataType, Field, FieldRef, Schema};

use super::referrers::Referrers;
use super::resolve::resolve;
use super::rows::must;
use super::version::Version;
use crate::encode::attribute::{DATAPATH, attribute};
use crate::error::{Code, Error, Result};
use crate::geo::is_point;

/// The place of a field in a table: of a column, of a member of an Object, of the elements of a List.
#[derive(Debug, Clone)]
pub struct FieldPath {
    /// As users write it: `region`, `owner.region`, `stops[].station`. Names may hold dots, so two fields can
    /// be shown alike.
    pub shown: String,
    /// The names one by one, `[]` for the elements of a List.
    pub names: Vec<String>,
    /// The column.
    pub column: usize,
    steps: Vec<Step>,
    /// The field itself.
    pub field: FieldRef,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Step {
    Member(usize),
    Elements,
}

impl FieldPath {
    /// Whether a row can have more than one value.
    #[must_use]
    pub fn is_in_list(&self) -> bool {
        self.steps.contains(&Step::Elements)
    }

    /// The field's values in a batch, of which `column` is the one that it is in: one a row, or one an element
    /// of the lists of all rows.
    #[must_use]
    pub fn values(&self, column: &ArrayRef) -> ArrayRef {
        let mut array = Arc::clone(column);
        for step in &self.steps {
            array = match step {
                Step::Member(at) => member(array.as_struct(), *at),
                Step::Elements => Arc::clone(array.as_list::<i32>().values()),
            };
        }
        array
    }

    /// The row of the batch that each of the field's values is in.
    #[must_use]
    pub fn rows(&self, column: &ArrayRef) -> Vec<u32> {
        let mut array = Arc::clone(column);
        let mut rows: Vec<u32> = (0..u32::try_from(column.len()).unwrap_or(u32::MAX)).collect();
        for step in &self.steps {
            array = match step {
                Step::Member(at) => member(array.as_struct(), *at),
                Step::Elements => {
                    let list = array.as_list::<i32>();
                    let elements = |at: usize| {
                        std::iter::repeat_n(
                            rows[at],
                            usize::try_from(list.value_length(at)).unwrap_or_default(),
                        )
                    };
                    rows = (0..list.len()).flat_map(elements).collect();
                    Arc::clone(list.values())
                }
            };
        }
        rows
    }
}

/// A member of Objects: null where the Object is.
fn member(objects: &StructArray, at: usize) -> ArrayRef {
    let values = objects.column(at);
    match objects.nulls() {
        Some(_) => {
            is_null(objects).and_then(|gone| nullif(values, &gone)).unwrap_or_else(|_| Arc::clone(values))
        }
        None => Arc::clone(values),
    }
}

/// Every field that declares a `datapath`, at any depth, with what it declares.
pub(super) fn declared(schema: &Schema) -> Vec<(FieldPath, String)> {
    let mut found = Vec::new();
    for (column, field) in schema.fields().iter().enumerate() {
        let path = FieldPath {
            shown: String::new(),
            names: Vec::new(),
            column,
            steps: Vec::new(),
            field: Arc::clone(field),
        };
        collect(path, field.name(), &mut found);
    }
    found
}

fn collect(mut path: FieldPath, name: &str, found: &mut Vec<(FieldPath, String)>) {
    let separator = if path.shown.is_empty() || name == "[]" { "" } else { "." };
    path.shown = format!("{}{separator}{name}", path.shown);
    path.names.push(name.to_owned());
    let below = |path: &FieldPath, field: &FieldRef, step: Step| FieldPath {
        shown: path.shown.clone(),
        names: path.names.clone(),
        column: path.column,
        steps: path.steps.iter().copied().chain([step]).collect(),
        field: Arc::clone(field),
    };
    match path.field.data_type() {
        _ if is_point(&path.field) => {}
        DataType::Struct(members) => {
            for (at, field) in members.iter().enumerate() {
                collect(below(&path, field, Step::Member(at)), field.name(), found);
            }
        }
        // What a List declares is said of its elements.
        DataType::List(element) => collect(below(&path, element, Step::Elements), "[]", found),
        _ => {
            if let Some(datapath) = attribute(&path.field, DATAPATH) {
                let datapath = datapath.to_owned();
                found.push((path, datapath));
            }
        }
    }
}

/// A field of one dataset whose values are keys of another's objects.
#[derive(Debug)]
pub struct Link {
    /// The dataset that refers.
    pub from: Arc<Version>,
    /// The field that refers.
    pub path: FieldPath,
    /// What the field declares: `<apiUri>.<field>`.
    pub datapath: String,
    /// What it leads to; none where that is not published.
    pub target: Option<Target>,
}

/// The dataset that a link leads to, and the row of it that each value leads to.
#[derive(Debug)]
pub struct Target {
    /// The dataset.
    pub version: Arc<Version>,
    /// The column whose values are looked up.
    pub column: usize,
    /// Whether that column alone is the dataset's key.
    pub is_key: bool,
    from: Arc<Version>,
    path: FieldPath,
    threads: usize,
    /// Where each value leads: at once where both datasets are in memory, else once somebody asked.
    led: OnceLock<Result<Led>>,
    leading: Mutex<()>,
    /// The rows that refer to each object, once somebody asked.
    referrers: OnceLock<Referrers>,
}

/// Where the values of a link lead.
#[derive(Debug)]
struct Led {
    rows: UInt32Array,
    counts: LinkCounts,
}

impl Link {
    /// The link of a field, resolved where both datasets are in memory. Cost: then a look-up for each value,
    /// 0.1 s for ten million on two cores where keys are whole numbers.
    pub(super) fn new(
        from: &Arc<Version>,
        path: FieldPath,
        datapath: String,
        target: Option<(Arc<Version>, usize)>,
        threads: usize,
    ) -> Self {
        let target = target.map(|(version, column)| {
            let name = version.document.schema.field(column).name();
            let target = Target {
                is_key: version.single_key() == Some(name),
                version,
                column,
                from: Arc::clone(from),
                path: path.clone(),
                threads,
                led: OnceLock::new(),
                leading: Mutex::default(),
                referrers: OnceLock::new(),
            };
            if !from.is_on_disk() && !target.version.is_on_disk() {
                let _ = target.led();
            }
            target
        });
        Self { from: Arc::clone(from), path, datapath, target }
    }

    /// The name of the dataset that it should lead to.
    #[must_use]
    pub fn to(&self) -> &str {
        let named = || self.datapath.rsplit_once('.').map_or(self.datapath.as_str(), |(dataset, _)| dataset);
        self.target.as_ref().map_or_else(named, |target| target.version.name())
    }

    /// The name of the field that it should lead to.
    #[must_use]
    pub fn to_field(&self) -> &str {
        let named = || self.datapath.rsplit_once('.').map_or("", |(_, field)| field);
        self.target.as_ref().map_or_else(named, |target| target.field().name())
    }

    /// The rows that refer to each object, in order. Cost: the first call counts them, 0.1 s for ten
    /// million, and keeps 4 bytes for each value and for each object.
    #[must_use]
    pub fn referrers(&self) -> Option<&Referrers> {
        let target = self.target.as_ref()?;
        Some(target.referrers.get_or_init(|| Referrers::of(&self.from, &self.path, target)))
    }

    /// Whether rows that it takes to look its values up lie on disk.
    pub(super) fn is_on_disk(&self) -> bool {
        let target = self.target.as_ref();
        target.is_some_and(|target| self.from.is_on_disk() || target.version.is_on_disk())
    }

    /// Bytes of the row numbers in memory.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        let Some(target) = &self.target else { return 0 };
        let referrers = target.referrers.get().map_or(0, Referrers::memory_bytes);
        let led = target.led.get().and_then(|led| led.as_ref().ok());
        led.map_or(0, |led| led.rows.get_array_memory_size()) + referrers
    }
}

impl Target {
    /// The field whose values are looked up.
    #[must_use]
    pub fn field(&self) -> &Field {
        self.version.document.schema.field(self.column)
    }

    /// Where each value leads. Cost: where a dataset is on disk, the first call looks all values up.
    ///
    /// # Errors
    /// `store.damaged`, and `store.io` where a dataset cannot be read now.
    fn led(&self) -> Result<&Led> {
        if let Some(led) = self.led.get() {
            return led.as_ref().map_err(Error::again);
        }
        // Who comes meanwhile waits for the one that looks up.
        let _turn = self.leading.lock().unwrap_or_else(PoisonError::into_inner);
        if self.led.get().is_none() {
            let led = self.look_up();
            if let Err(error) = &led
                && error.code != Code::StoreDamaged
            {
                // The next time it may be readable.
                return Err(error.again());
            }
            let _ = self.led.set(led);
        }
        match self.led.get() {
            Some(led) => led.as_ref().map_err(Error::again),
            None => Err(Error::new(Code::Internal, "a link was looked up and is not there")),
        }
    }

    fn look_up(&self) -> Result<Led> {
        let look_up = || resolve(&self.from, &self.path, &self.version, self.column, self.threads);
        let looked_up = catch_unwind(AssertUnwindSafe(look_up));
        let (rows, values) = looked_up.map_err(|panic| Error::of_panic(panic.as_ref()))?;
        let resolved = (rows.len() - rows.null_count()) as u64;
        let distinct = distinct(&rows, self.version.document.rows);
        Ok(Led { rows, counts: LinkCounts { values, resolved, distinct } })
    }

    /// Looks all values up, so that [`Target::counts`] costs nothing. A table that is damaged is no error here.
    ///
    /// # Errors
    /// `store.io` where a dataset cannot be read now.
    pub(super) fn count(&self) -> Result<()> {
        match self.led() {
            Err(error) if error.code != Code::StoreDamaged => Err(error),
            _ => Ok(()),
        }
    }

    /// For each value the row that it leads to, in the document's order; null where there is no value, or no
    /// such object. The first row where several have the key.
    ///
    /// Rows on disk that cannot be read unwind with the error, as those of [`Rows`](super::Rows) do.
    #[must_use]
    pub fn rows(&self) -> &UInt32Array {
        &must(self.led()).rows
    }

    /// How many of its values lead where; none where one of the two datasets cannot be read.
    #[must_use]
    pub fn counts(&self) -> Option<LinkCounts> {
        self.led().ok().map(|led| led.counts)
    }
}

/// How many values of a link lead where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkCounts {
    /// Values that are there.
    pub values: u64,
    /// Values that lead to an object.
    pub resolved: u64,
    /// Different objects that they lead to.
    pub distinct: u64,
}

impl LinkCounts {
    /// Values that lead to no object.
    #[must_use]
    pub fn dangling(&self) -> u64 {
        self.values - self.resolved
    }

    /// The share of the values that lead to an object; none where there are no values.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a share of counts below 2⁵³")]
    pub fn share(&self) -> Option<f64> {
        (self.values > 0).then(|| self.resolved as f64 / self.values as f64)
    }
}

/// How many different rows there are.
fn distinct(rows: &UInt32Array, of: u64) -> u64 {
    let mut seen = vec![0_u64; usize::try_from(of / 64 + 1).unwrap_or_default()];
    let nulls: Option<&NullBuffer> = rows.nulls();
    for (at, row) in rows.values().iter().enumerate() {
        if nulls.is_none_or(|nulls| nulls.is_valid(at)) {
            seen[*row as usize / 64] |= 1 << (row % 64);
        }
    }
    seen.iter().map(|word| u64::from(word.count_ones())).sum()
}

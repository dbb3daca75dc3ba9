//! Fields where they stand: in which Object, at which path.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Field, Fields};

use crate::document::{FieldSpec, Type};
use crate::encode::cell_text;

/// A field in its place.
pub(super) struct Placed<'a> {
    pub(super) spec: &'a FieldSpec,
    /// Path of the Object, or the List of Objects, that it lies in.
    pub(super) group: Option<String>,
    /// Its path as findings and profiles have it: `rooms[].number`.
    pub(super) shown: String,
}

impl Placed<'_> {
    /// Its path as a passport has it: `rooms.number`.
    pub(super) fn path(&self) -> String {
        match &self.group {
            Some(group) => format!("{group}.{}", self.spec.name),
            None => self.spec.name.clone(),
        }
    }

    /// What its values are: of a List its elements.
    pub(super) fn value(&self) -> &FieldSpec {
        self.spec.element.as_deref().unwrap_or(self.spec)
    }

    /// The path of its values.
    pub(super) fn values_shown(&self) -> String {
        if self.spec.kind == Type::List { format!("{}[]", self.shown) } else { self.shown.clone() }
    }

    /// Whether it has values of its own, and not only members that have.
    pub(super) fn is_leaf(&self) -> bool {
        self.value().kind != Type::Object
    }
}

/// Whether a field is a column that derek added: it is no part of the document.
pub(super) fn is_derived(spec: &FieldSpec) -> bool {
    !spec.declared && spec.other.contains_key("derivedFrom")
}

/// The fields of a document and all in them, an Object before its members.
pub(super) fn placed(fields: &[FieldSpec]) -> Vec<Placed<'_>> {
    let mut found = Vec::new();
    place(fields, None, "", &mut found);
    found
}

fn place<'a>(fields: &'a [FieldSpec], group: Option<&str>, before: &str, found: &mut Vec<Placed<'a>>) {
    for spec in fields.iter().filter(|spec| !is_derived(spec)) {
        let shown = format!("{before}{}", spec.name);
        let field = Placed { spec, group: group.map(str::to_owned), shown };
        let (path, inside) = (field.path(), format!("{}.", field.values_shown()));
        let members = spec.element.as_deref().map_or(&spec.fields, |element| &element.fields);
        found.push(field);
        place(members, Some(&path), &inside, found);
    }
}

/// Appends the values of some rows as texts, a list for each field that [`Placed::is_leaf`], in the order of
/// [`placed`]. What lies in a List may have several.
pub(super) fn texts(
    specs: &[FieldSpec],
    fields: &Fields,
    columns: &[ArrayRef],
    rows: &[usize],
    found: &mut Vec<Vec<String>>,
) {
    for ((spec, field), column) in specs.iter().zip(fields).zip(columns) {
        if is_derived(spec) {
            continue;
        }
        match (&spec.element, field.data_type()) {
            (Some(element), DataType::List(item)) => {
                let (values, rows) = elements(column, rows);
                texts_of((element.as_ref(), item.as_ref()), values, &rows, found);
            }
            _ => texts_of((spec, field.as_ref()), column, rows, found),
        }
    }
}

/// The elements of the Lists in some rows.
fn elements<'a>(lists: &'a ArrayRef, rows: &[usize]) -> (&'a ArrayRef, Vec<usize>) {
    let lists = lists.as_list::<i32>();
    let offset = |at: usize| lists.value_offsets().get(at).map_or(0, |it| it.unsigned_abs() as usize);
    let there = rows.iter().filter(|row| lists.is_valid(**row));
    (lists.values(), there.flat_map(|row| offset(*row)..offset(row + 1)).collect())
}

/// The same for what is no List.
fn texts_of(
    (spec, field): (&FieldSpec, &Field),
    column: &ArrayRef,
    rows: &[usize],
    found: &mut Vec<Vec<String>>,
) {
    let there: Vec<usize> = rows.iter().copied().filter(|row| column.is_valid(*row)).collect();
    if let (Type::Object, DataType::Struct(members)) = (spec.kind, field.data_type()) {
        texts(&spec.fields, members, column.as_struct().columns(), &there, found);
    } else {
        let text = |row: &usize| dated(&cell_text(field, column, *row), spec.format.as_deref());
        found.push(there.iter().map(text).collect());
    }
}

/// A day or a moment (`2024-12-31T10:00:00`) in a declared format, such as `DD.MM.YYYY HH:MM`; what is none, or
/// has no format that is understood, as it is.
pub(super) fn dated(text: &str, format: Option<&str>) -> String {
    let as_it_is = || text.to_owned();
    let (day, time) = text.split_once('T').unwrap_or((text, "00:00:00"));
    let (day, time): (Vec<&str>, Vec<&str>) = (day.split('-').collect(), time.split(':').collect());
    let (&[year, month, day], &[hour, minute, second]) = (day.as_slice(), time.as_slice()) else {
        return as_it_is();
    };
    let is_day = year.len() == 4 && [year, month, day].concat().bytes().all(|it| it.is_ascii_digit());
    let Some(mut rest) = format.filter(|_| is_day) else { return as_it_is() };
    let (mut out, mut is_after_hours) = (String::new(), false);
    while let Some(letter) = rest.chars().next() {
        let end = rest.find(|other: char| other != letter).unwrap_or(rest.len());
        let (token, after) = rest.split_at(end);
        rest = after;
        out.push_str(match token.to_ascii_uppercase().as_str() {
            "YYYY" => year,
            "YY" => year.get(2..).unwrap_or_default(),
            "MM" if is_after_hours => minute,
            "MM" => month,
            "DD" => day,
            "HH" => hour,
            "SS" => second,
            _ if letter.is_alphabetic() => return as_it_is(),
            _ => token,
        });
        is_after_hours = letter.eq_ignore_ascii_case(&'H') || (is_after_hours && letter == ':');
    }
    out
}

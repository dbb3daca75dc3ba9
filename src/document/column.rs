//! One column under construction: values are appended as the document has them, and become an
//! Arrow array when all rows are known.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, ListArray, NullBufferBuilder, StringArray, StructArray,
};
use arrow::buffer::{BooleanBuffer, OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{DataType, Field};

use super::facts::Facts;
use super::fault::Fault;
use super::field::{FieldSpec, Type, elements};
use super::finding::{Findings, Report};
use super::json::{Cursor, Scalar};
use super::letters;
use super::number::{self, Reading};
use super::points::Points;
use super::record::{Record, Separate};
use super::rule::Rule;
use super::texts::Texts;
use super::values::{Dates, Values, raw_text};

/// A column under construction, and the path of its field.
#[derive(Debug)]
pub(super) struct Column {
    path: Arc<str>,
    cells: Cells,
}

/// The values of a column, by its type.
#[derive(Debug)]
pub(super) enum Cells {
    Int(Values<i64>),
    Double(Values<f64>),
    Boolean(Values<bool>),
    String(Texts),
    Date(Dates),
    Points(Points),
    Object { record: Box<Record>, valid: NullBufferBuilder },
    List { element: Box<Column>, ends: Vec<i32>, valid: NullBufferBuilder },
}

impl Column {
    pub(super) fn new(spec: &FieldSpec, path: &str, separate: &Separate) -> Self {
        let valid = NullBufferBuilder::new(0);
        let cells = match spec.kind {
            Type::Int => Cells::Int(Values::with_capacity(0)),
            Type::Double => Cells::Double(Values::with_capacity(0)),
            Type::Boolean => Cells::Boolean(Values::with_capacity(0)),
            Type::String => Cells::String(Texts::with_capacity(0, 0)),
            Type::Date => Cells::Date(Dates::new(spec)),
            Type::Geoposition => Cells::Points(Points::new(spec.order)),
            Type::Object => {
                Cells::Object { record: Box::new(Record::new(&spec.fields, path, separate)), valid }
            }
            Type::List => {
                let path = elements(path);
                let item = FieldSpec::undeclared("item");
                let element = spec.element.as_deref().unwrap_or(&item);
                Cells::List {
                    element: Box::new(Self::new(element, &path, separate)),
                    ends: Vec::new(),
                    valid,
                }
            }
        };
        Self { path: Arc::from(path), cells }
    }

    pub(super) fn path(&self) -> Arc<str> {
        Arc::clone(&self.path)
    }

    pub(super) fn cells(&self) -> &Cells {
        &self.cells
    }

    pub(super) fn cells_mut(&mut self) -> &mut Cells {
        &mut self.cells
    }

    /// An empty column of the same kind, with room for as many values as this one holds.
    pub(super) fn successor(&self) -> Self {
        let rows = self.len() + self.len() / 16;
        let valid = NullBufferBuilder::new(rows);
        let cells = match &self.cells {
            Cells::Int(_) => Cells::Int(Values::with_capacity(rows)),
            Cells::Double(_) => Cells::Double(Values::with_capacity(rows)),
            Cells::Boolean(_) => Cells::Boolean(Values::with_capacity(rows)),
            Cells::String(texts) => Cells::String(texts.successor()),
            Cells::Date(dates) => Cells::Date(dates.successor(rows)),
            Cells::Points(points) => Cells::Points(points.successor(rows)),
            Cells::Object { record, .. } => Cells::Object { record: Box::new(record.successor()), valid },
            Cells::List { element, .. } => {
                Cells::List { element: Box::new(element.successor()), ends: Vec::with_capacity(rows), valid }
            }
        };
        Self { path: self.path(), cells }
    }

    pub(super) fn len(&self) -> usize {
        match &self.cells {
            Cells::Int(values) => values.values.len(),
            Cells::Double(values) => values.values.len(),
            Cells::Boolean(values) => values.values.len(),
            Cells::String(texts) => texts.len(),
            Cells::Date(dates) => dates.seconds.values.len(),
            Cells::Points(points) => points.len(),
            Cells::Object { record, .. } => record.rows(),
            Cells::List { ends, .. } => ends.len(),
        }
    }

    /// Appends the JSON value that comes next.
    #[inline]
    pub(super) fn read(&mut self, cursor: &mut Cursor<'_>, report: &mut Report) -> Result<(), Fault> {
        if let Cells::String(texts) = &mut self.cells
            && cursor.peek("a value")? == b'"'
        {
            texts.push(Some(&cursor.string()?));
            return Ok(());
        }
        match cursor.scalar()? {
            Some(scalar) => self.push(&scalar, report),
            None => self.read_container(cursor, report),
        }
    }

    /// Appends a scalar as the column's type; what does not fit is null, with a finding.
    pub(super) fn push(&mut self, scalar: &Scalar<'_>, report: &mut Report) -> Result<(), Fault> {
        let path = &self.path;
        match &mut self.cells {
            Cells::Int(values) => {
                values.push_reading(
                    number::read(scalar, number::int),
                    Rule::ValueNotAnInt,
                    scalar,
                    path,
                    report,
                );
            }
            Cells::Double(values) => {
                let reading = number::read(scalar, number::double);
                values.push_reading(reading, Rule::ValueNotADouble, scalar, path, report);
            }
            Cells::Boolean(values) => {
                values.push_reading(number::boolean(scalar), Rule::ValueNotABoolean, scalar, path, report);
            }
            Cells::String(texts) => texts.push(Some(raw_text(scalar)).filter(|_| *scalar != Scalar::Null)),
            Cells::Date(dates) => dates.push(scalar, path, report),
            Cells::Points(points) => points.push(scalar, path, report),
            Cells::Object { .. } | Cells::List { .. } => {
                if !self.push_container_in_text(scalar, report)? {
                    self.push_no_container(scalar, report);
                }
            }
        }
        Ok(())
    }

    /// Appends an object or a list that is sent as a text, as the portal sends every value; false where
    /// the text is none of this column's kind.
    fn push_container_in_text(&mut self, scalar: &Scalar<'_>, report: &mut Report) -> Result<bool, Fault> {
        let Scalar::Text(text) = scalar else { return Ok(false) };
        let opening = if matches!(self.cells, Cells::List { .. }) { b'[' } else { b'{' };
        let mut cursor = Cursor::new(text, 0);
        let is_whole = cursor.peek("a value") == Ok(opening) && cursor.skip_value().is_ok() && {
            cursor.skip_space();
            cursor.position() == text.len()
        };
        if is_whole {
            self.read_container(&mut Cursor::new(text, 0), report)?;
        }
        Ok(is_whole)
    }

    fn push_no_container(&mut self, scalar: &Scalar<'_>, report: &mut Report) {
        let is_list = matches!(self.cells, Cells::List { .. });
        let rule = if is_list { Rule::ValueNotAList } else { Rule::ValueNotAnObject };
        if !matches!(number::read(scalar, |_| None::<()>), Reading::Null) {
            report.value(rule, &self.path, raw_text(scalar));
        }
        self.push_null();
    }

    pub(super) fn push_null(&mut self) {
        match &mut self.cells {
            Cells::Int(values) => values.push(None),
            Cells::Double(values) => values.push(None),
            Cells::Boolean(values) => values.push(None),
            Cells::String(texts) => texts.push(None),
            Cells::Date(dates) => dates.seconds.push(None),
            Cells::Points(points) => points.push_null(),
            Cells::Object { record, valid } => {
                record.push_null();
                valid.append_null();
            }
            Cells::List { element, ends, valid } => {
                ends.push(offset(element.len()));
                valid.append_null();
            }
        }
    }

    /// Takes the last value back.
    pub(super) fn drop_last(&mut self) {
        match &mut self.cells {
            Cells::Int(values) => values.drop_last(),
            Cells::Double(values) => values.drop_last(),
            Cells::Boolean(values) => values.drop_last(),
            Cells::String(texts) => texts.drop_last(),
            Cells::Date(dates) => dates.seconds.drop_last(),
            Cells::Points(points) => points.drop_last(),
            Cells::Object { record, valid } => {
                record.drop_last();
                valid.truncate(record.rows());
            }
            Cells::List { element, ends, valid } => {
                ends.pop();
                valid.truncate(ends.len());
                let kept = ends.last().map_or(0, |end| usize::try_from(*end).unwrap_or(0));
                while element.len() > kept {
                    element.drop_last();
                }
            }
        }
    }

    /// Appends the object or the list that comes next.
    fn read_container(&mut self, cursor: &mut Cursor<'_>, report: &mut Report) -> Result<(), Fault> {
        let opens_object = cursor.peek("a value")? == b'{';
        match &mut self.cells {
            Cells::Object { record, valid } if opens_object => {
                record.read(cursor, report)?;
                valid.append_non_null();
            }
            Cells::List { element, .. } if !opens_object => {
                cursor.open(b'[')?;
                let mut first = true;
                while cursor.more(first, b']')? {
                    first = false;
                    element.read(cursor, report)?;
                }
                self.end_list();
            }
            _ => {
                let raw = cursor.skip_value()?;
                self.push_json(raw, report);
            }
        }
        Ok(())
    }

    /// Ends a List's value, the elements of which are appended.
    pub(super) fn end_list(&mut self) {
        if let Cells::List { element, ends, valid } = &mut self.cells {
            ends.push(offset(element.len()));
            valid.append_non_null();
        }
    }

    /// Appends an object or a list, as JSON text, to a column that takes no such thing.
    pub(super) fn push_json(&mut self, raw: &str, report: &mut Report) {
        match &mut self.cells {
            Cells::Points(points) => points.push_json(raw, &self.path, report),
            Cells::String(texts) => {
                texts.push_container(raw);
                report.value(Rule::ValueNotAString, &self.path, raw);
            }
            _ => {
                report.value(self.rule(), &self.path, raw);
                self.push_null();
            }
        }
    }

    /// The rule that a value of another type breaks.
    fn rule(&self) -> Rule {
        match &self.cells {
            Cells::Int(_) => Rule::ValueNotAnInt,
            Cells::Double(_) => Rule::ValueNotADouble,
            Cells::Boolean(_) => Rule::ValueNotABoolean,
            Cells::String(_) => Rule::ValueNotAString,
            Cells::Date(_) => Rule::ValueNotADate,
            Cells::Points(_) => Rule::ValueNotAPosition,
            Cells::Object { .. } => Rule::ValueNotAnObject,
            Cells::List { .. } => Rule::ValueNotAList,
        }
    }

    /// Adds what the rows say of the column.
    pub(super) fn gather(&self, facts: &mut Facts) {
        match &self.cells {
            Cells::Date(dates) if dates.any_time => {
                facts.timed.insert(self.path.to_string());
            }
            Cells::Points(points) => {
                facts.orders.entry(self.path.to_string()).or_default().merge(points.counts());
            }
            Cells::Object { record, .. } => record.gather(facts),
            Cells::List { element, .. } => element.gather(facts),
            _ => {}
        }
    }

    /// Adds to `spec` the fields of objects that were met in the rows only.
    pub(super) fn extend(&self, spec: &mut FieldSpec) {
        match (&self.cells, &mut spec.element) {
            (Cells::Object { record, .. }, _) => record.extend(&mut spec.fields),
            (Cells::List { element, .. }, Some(item)) => element.extend(item),
            _ => {}
        }
    }

    /// The finished array, of the type of `field`.
    pub(super) fn finish(
        self,
        spec: &FieldSpec,
        field: &Field,
        facts: &Facts,
        findings: &mut Findings,
    ) -> ArrayRef {
        match self.cells {
            Cells::Int(Values { values, mut valid }) => {
                Arc::new(Int64Array::new(values.into(), valid.finish()))
            }
            Cells::Double(Values { values, mut valid }) => {
                Arc::new(Float64Array::new(values.into(), valid.finish()))
            }
            Cells::Boolean(Values { values, mut valid }) => {
                Arc::new(BooleanArray::new(BooleanBuffer::from(values), valid.finish()))
            }
            Cells::String(texts) if facts.repairs_text => Arc::new(repaired(&texts.finish())),
            Cells::String(texts) => Arc::new(texts.finish()),
            Cells::Date(dates) => dates.finish(field.data_type()),
            Cells::Points(points) => {
                points.finish(spec.order.is_none() && facts.is_swapped(&self.path), &self.path, findings)
            }
            Cells::Object { record, mut valid } => {
                let DataType::Struct(fields) = field.data_type() else {
                    unreachable!("an Object is a struct")
                };
                let rows = record.rows();
                let columns = record.finish(&spec.fields, fields, facts, findings);
                let array = StructArray::try_new_with_length(fields.clone(), columns, valid.finish(), rows);
                Arc::new(array.expect("the columns were built from these fields"))
            }
            Cells::List { element, ends, mut valid } => {
                let DataType::List(item) = field.data_type() else { unreachable!("a List is a list") };
                let starts = std::iter::once(0).chain(ends).collect::<Vec<i32>>();
                let offsets = OffsetBuffer::new(ScalarBuffer::from(starts));
                let undeclared = FieldSpec::undeclared("item");
                let spec = spec.element.as_deref().unwrap_or(&undeclared);
                let values = element.finish(spec, item, facts, findings);
                Arc::new(ListArray::new(Arc::clone(item), offsets, values, valid.finish()))
            }
        }
    }
}

/// The texts with their Kazakh letters put right.
fn repaired(texts: &StringArray) -> StringArray {
    texts.iter().map(|text| text.map(letters::repaired)).collect()
}

/// A list's end; a part of a document is far smaller than 2³¹ elements.
fn offset(elements: usize) -> i32 {
    i32::try_from(elements).unwrap_or(i32::MAX)
}

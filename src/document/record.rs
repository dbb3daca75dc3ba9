//! The columns of a row, or of an Object: keys are matched to declared fields (format.md 4.2).

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::Fields;

use super::column::Column;
use super::facts::Facts;
use super::field::{FieldSpec, join};
use super::finding::{Findings, Rule};
use super::json::{Cursor, Fault};

/// Where findings go while rows are read, and which row is being read.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) findings: Findings,
    /// Position of the row in its part of the document, from 1.
    pub(super) row: u64,
}

impl Report {
    pub(super) fn value(&mut self, rule: Rule, field: &Arc<str>, raw: &str) {
        self.findings.add(rule, field, Some(self.row), || Some(raw.to_owned()));
    }
}

/// How many columns a kind of object may have: a key of its own in every row would make a table of
/// nothing but nulls, as large as the square of the document.
pub(super) const MAX_KEYS: usize = 1_000;

/// Declared fields whose two spellings stand in one row, so that they are two columns.
pub(super) type Separate = HashSet<String>;

/// A column with what is known of how the rows name it.
#[derive(Debug)]
struct Member {
    name: Arc<str>,
    /// The name as most documents write it, with its quotes and colon: known at a glance.
    quoted: Arc<[u8]>,
    column: Column,
    /// The other spelling under which the rows have it.
    spelled: Option<String>,
    /// The spelling of the last value's key, where it was not the exact name.
    last_spelling: Option<String>,
    /// Where the last value stands in the text.
    last_at: usize,
    /// The rows that there were when the last value came, and itself; 0 where there was none.
    filled: usize,
}

impl Member {
    fn is_present(&self) -> bool {
        self.filled > 0
    }
}

/// The columns of one kind of object, filled row by row.
#[derive(Debug)]
pub(super) struct Record {
    path: Arc<str>,
    members: Vec<Member>,
    slots: HashMap<String, usize>,
    /// Declared names in lower case, where only one field has them.
    folded: HashMap<String, usize>,
    rows: usize,
}

impl Record {
    /// Empty columns for the declared fields; `path` is that of the Object, or empty for a row.
    pub(super) fn new(specs: &[FieldSpec], path: &str, separate: &Separate) -> Self {
        let mut record = Self {
            path: Arc::from(path),
            members: Vec::with_capacity(specs.len()),
            slots: HashMap::new(),
            folded: HashMap::new(),
            rows: 0,
        };
        for spec in specs {
            let path = join(path, &spec.name);
            record.add_member(spec, &path, separate);
        }
        for spec in specs.iter().filter(|spec| !separate.contains(&join(path, &spec.name))) {
            let folded = spec.name.to_lowercase();
            let is_unique = specs.iter().filter(|other| other.name.to_lowercase() == folded).count() == 1;
            if is_unique {
                record.folded.insert(folded, record.slots[&spec.name]);
            }
        }
        record
    }

    fn add_member(&mut self, spec: &FieldSpec, path: &str, separate: &Separate) -> usize {
        let slot = self.members.len();
        self.members.push(Member {
            name: Arc::from(spec.name.as_str()),
            quoted: quoted(&spec.name),
            column: Column::new(spec, path, separate),
            spelled: None,
            last_spelling: None,
            last_at: 0,
            filled: 0,
        });
        self.slots.insert(spec.name.clone(), slot);
        slot
    }

    /// An empty record of the same columns, with room for as many values as this one holds.
    pub(super) fn successor(&self) -> Self {
        let members = self.members.iter().map(|member| Member {
            name: Arc::clone(&member.name),
            quoted: Arc::clone(&member.quoted),
            column: member.column.successor(),
            spelled: member.spelled.clone(),
            last_spelling: None,
            last_at: 0,
            filled: 0,
        });
        Self {
            path: Arc::clone(&self.path),
            members: members.collect(),
            slots: self.slots.clone(),
            folded: self.folded.clone(),
            rows: 0,
        }
    }

    /// Number of rows that are complete.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Appends a row in which everything is null.
    pub(super) fn push_null(&mut self) {
        for member in &mut self.members {
            member.column.push_null();
        }
        self.rows += 1;
    }

    /// Takes the last row back.
    pub(super) fn drop_last(&mut self) {
        self.rows -= 1;
        for member in &mut self.members {
            member.column.drop_last();
            member.filled = member.filled.min(self.rows);
        }
    }

    /// Appends the JSON object that comes next.
    pub(super) fn read(&mut self, cursor: &mut Cursor<'_>, report: &mut Report) -> Result<(), Fault> {
        cursor.open(b'{')?;
        // Objects of one kind mostly have their keys in one order.
        let (mut filled, mut expected, mut first) = (0, 0, true);
        while cursor.more(first, b'}')? {
            first = false;
            let slot = match self.members.get(expected) {
                Some(member) if cursor.take_key(&member.quoted) => {
                    filled += usize::from(self.claim(expected, None, cursor, report)?);
                    expected
                }
                _ => {
                    let key = cursor.key()?;
                    let found = self.find_slot(&key);
                    let (slot, is_exact) = found.ok_or(Fault::TooManyKeys { at: cursor.position() })?;
                    let spelling = Some(key.as_ref()).filter(|_| !is_exact);
                    filled += usize::from(self.claim(slot, spelling, cursor, report)?);
                    slot
                }
            };
            expected = slot + 1;
            self.members[slot].column.read(cursor, report)?;
        }
        if filled < self.members.len() {
            self.fill_gaps();
        }
        self.rows += 1;
        Ok(())
    }

    fn fill_gaps(&mut self) {
        for member in &mut self.members {
            if member.filled <= self.rows {
                member.column.push_null();
            }
        }
    }

    /// Makes a column ready for the row's value, which comes next, under the exact name or another
    /// `spelling`; true where it is the row's first value for it.
    #[inline]
    fn claim(
        &mut self,
        slot: usize,
        spelling: Option<&str>,
        cursor: &Cursor<'_>,
        report: &mut Report,
    ) -> Result<bool, Fault> {
        let rows = self.rows;
        let is_first = self.members[slot].filled <= rows;
        if !is_first {
            self.take_back(slot, spelling, cursor, report)?;
        }
        let member = &mut self.members[slot];
        if member.last_spelling.as_deref() != spelling {
            member.last_spelling = spelling.map(str::to_owned);
        }
        member.last_at = cursor.position();
        member.filled = rows + 1;
        Ok(is_first)
    }

    /// Takes back the row's value of a column that gets another one: the last value is kept, and the one
    /// before it stands in the finding. Another spelling is another column.
    #[cold]
    fn take_back(
        &mut self,
        slot: usize,
        spelling: Option<&str>,
        cursor: &Cursor<'_>,
        report: &mut Report,
    ) -> Result<(), Fault> {
        let member = &mut self.members[slot];
        if member.last_spelling.as_deref() != spelling {
            return Err(Fault::TwoSpellings(join(&self.path, &member.name)));
        }
        let before = cursor.at(member.last_at).skip_value()?;
        report.value(Rule::RowDuplicateKey, &member.column.path(), before);
        member.column.drop_last();
        Ok(())
    }

    /// The column that a key names, and whether under its exact name; a new one where none does, or none
    /// where there are too many.
    fn find_slot(&mut self, key: &str) -> Option<(usize, bool)> {
        if let Some(&slot) = self.slots.get(key) {
            return Some((slot, true));
        }
        if let Some(&slot) = self.folded.get(&key.to_lowercase()) {
            self.members[slot].spelled.get_or_insert_with(|| key.to_owned());
            return Some((slot, false));
        }
        if self.members.len() >= MAX_KEYS {
            return None;
        }
        let path = join(&self.path, key);
        let slot = self.add_member(&FieldSpec::undeclared(key), &path, &Separate::new());
        for _ in 0..self.rows {
            self.members[slot].column.push_null();
        }
        Some((slot, true))
    }

    /// Adds what the rows say of the columns.
    pub(super) fn gather(&self, facts: &mut Facts) {
        for member in &self.members {
            let path = member.column.path();
            if member.is_present() {
                facts.present.insert(path.to_string());
                if let Some(spelled) = &member.spelled {
                    facts.spelled.insert(path.to_string(), spelled.clone());
                }
            }
            member.column.gather(facts);
        }
    }

    /// Adds to `specs` the columns that it lacks: keys met in these rows only.
    pub(super) fn extend(&self, specs: &mut Vec<FieldSpec>) {
        for member in self.members.iter().filter(|member| member.is_present()) {
            match specs.iter_mut().find(|spec| spec.name == *member.name) {
                Some(spec) => member.column.extend(spec),
                None => specs.push(FieldSpec::undeclared(&member.name)),
            }
        }
    }

    /// The finished columns, in the order of `specs`, which has all of them.
    pub(super) fn finish(
        self,
        specs: &[FieldSpec],
        fields: &Fields,
        facts: &Facts,
        findings: &mut Findings,
    ) -> Vec<ArrayRef> {
        let mut columns: HashMap<Arc<str>, Column> =
            self.members.into_iter().map(|member| (member.name, member.column)).collect();
        specs
            .iter()
            .zip(fields)
            .map(|(spec, field)| match columns.remove(spec.name.as_str()) {
                Some(column) => column.finish(spec, field, facts, findings),
                None => arrow::array::new_null_array(field.data_type(), self.rows),
            })
            .collect()
    }
}

/// A key as JSON writes it where nothing in it must be escaped, and its colon. A key that is written
/// otherwise is found by its name.
fn quoted(name: &str) -> Arc<[u8]> {
    if name.contains(|letter: char| matches!(letter, '"' | '\\') || letter.is_control()) {
        return Arc::from(*b"never");
    }
    format!("\"{name}\":").into_bytes().into()
}

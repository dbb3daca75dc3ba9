//! The columns of a row, or of an Object: keys are matched to declared fields (format.md 4.2).

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::Fields;

use super::column::{Cells, Column};
use super::facts::Facts;
use super::fault::Fault;
use super::field::{FieldSpec, join};
use super::finding::{Findings, Report};
use super::infer::Shape;
use super::json::Cursor;
use super::member::{Member, opening, quoted};
use super::rule::Rule;

/// How many columns a kind of object may have: a key of its own in every row would make a table of
/// nothing but nulls, as large as the square of the document.
pub(super) const MAX_KEYS: usize = 1_000;

/// Declared fields whose two spellings stand in one row, so that they are two columns.
pub(super) type Separate = HashSet<String>;

/// How far a row is read.
#[derive(Debug, Default)]
pub(super) struct RowState {
    /// How many columns have a value.
    filled: usize,
    /// The column that probably comes next.
    expected: usize,
    /// The spelling of the key that was found last, where it is not the exact name.
    spelling: Option<String>,
}

impl RowState {
    /// Whether no column has a value yet.
    pub(super) fn is_empty(&self) -> bool {
        self.filled == 0
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
    /// How many columns some row of this part has that were not known before.
    met: usize,
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
            met: 0,
            rows: 0,
        };
        for spec in specs {
            let path = join(path, &spec.name);
            record.add_member(spec, &path, separate, true);
        }
        let mut spellings: HashMap<String, usize> = HashMap::new();
        for spec in specs {
            *spellings.entry(spec.name.to_lowercase()).or_default() += 1;
        }
        for spec in specs.iter().filter(|spec| !separate.contains(&join(path, &spec.name))) {
            let folded = spec.name.to_lowercase();
            if spellings[&folded] == 1 {
                record.folded.insert(folded, record.slots[&spec.name]);
            }
        }
        record
    }

    fn add_member(&mut self, spec: &FieldSpec, path: &str, separate: &Separate, is_known: bool) -> usize {
        let slot = self.members.len();
        self.members.push(Member {
            is_known,
            ..Member::new(
                &spec.name,
                quoted(&spec.name),
                opening(&spec.name),
                Column::new(spec, path, separate),
            )
        });
        self.slots.insert(spec.name.clone(), slot);
        slot
    }

    /// An empty record of the same columns, with room for as many values as this one holds; columns that
    /// rows brought, but none of this part, are let go, since a wrong guess may have brought them.
    pub(super) fn successor(&self) -> Self {
        let kept = self.members.iter().filter(|member| member.is_known || member.is_met);
        let members: Vec<Member> = kept
            .map(|member| {
                let (quoted, opening) = (Arc::clone(&member.quoted), Arc::clone(&member.opening));
                let column = member.column.successor();
                Member { is_known: member.is_known, ..Member::new(&member.name, quoted, opening, column) }
            })
            .collect();
        let slots =
            members.iter().enumerate().map(|(slot, member)| (member.name.to_string(), slot)).collect();
        // Columns that were known come first, and stay where they are.
        Self { path: Arc::clone(&self.path), members, slots, folded: self.folded.clone(), met: 0, rows: 0 }
    }

    /// The path of the Object, or empty for a row.
    pub(super) fn path(&self) -> Arc<str> {
        Arc::clone(&self.path)
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
        let (mut row, mut first) = (RowState::default(), true);
        while cursor.more(first, b'}')? {
            first = false;
            let slot = match self.members.get(row.expected) {
                Some(member) if cursor.take_key(&member.quoted) => row.expected,
                _ => {
                    let key = cursor.key()?;
                    self.find_slot(&key, &mut row, cursor.position(), report)?
                }
            };
            let at = cursor.position();
            self.claim(slot, &mut row, at, |at| cursor.at(at).skip_value().map(str::to_owned), report)?;
            let column = &mut self.members[slot].column;
            column.read(cursor, report)?;
            if cursor.take_lone_surrogate() {
                report.value(Rule::TextLoneSurrogate, &column.path(), cursor.since(at).trim());
            }
        }
        self.end_row(&row, cursor.position(), report)
    }

    /// The column of a row's member, made ready for its value, which stands at `at` in the text; `raw` is
    /// the value that stands at a place, as the text has it.
    #[inline]
    pub(super) fn member(
        &mut self,
        row: &mut RowState,
        key: &str,
        at: usize,
        raw: impl FnOnce(usize) -> Result<String, Fault>,
        report: &mut Report,
    ) -> Result<&mut Column, Fault> {
        let slot = match self.members.get(row.expected) {
            Some(member) if *member.name == *key => row.expected,
            _ => self.find_slot(key, row, at, report)?,
        };
        self.claim(slot, row, at, raw, report)?;
        Ok(&mut self.members[slot].column)
    }

    /// Reads members that follow each other as the columns do, each a text and nothing else: `leaf` gives
    /// the next element's place and text where it opens with the tag that it is told.
    pub(super) fn read_leaves<'a>(
        &mut self,
        row: &mut RowState,
        mut leaf: impl FnMut(&[u8]) -> Option<(usize, &'a str)>,
        raw: impl Fn(usize) -> Result<String, Fault>,
        report: &mut Report,
    ) -> Result<(), Fault> {
        while let Some(member) = self.members.get(row.expected)
            && let Some((at, text)) = leaf(&member.opening)
        {
            let slot = row.expected;
            self.claim(slot, row, at, &raw, report)?;
            self.members[slot].column.push_leaf(Cow::Borrowed(text), report)?;
        }
        Ok(())
    }

    /// Ends a row, which ends at `at` in the text: what it lacks is null.
    #[inline]
    pub(super) fn end_row(&mut self, row: &RowState, at: usize, report: &mut Report) -> Result<(), Fault> {
        if row.filled < self.members.len() {
            Self::spend((self.members.len() - row.filled) as u64, at, report)?;
            for member in self.members.iter_mut().filter(|member| member.filled <= self.rows) {
                member.column.push_null();
            }
        }
        self.rows += 1;
        Ok(())
    }

    /// Takes cells that no row fills from those that there may be: ten bytes can ask for a thousand.
    fn spend(cells: u64, at: usize, report: &mut Report) -> Result<(), Fault> {
        report.gaps_left = report.gaps_left.checked_sub(cells).ok_or(Fault::TooSparse { at })?;
        Ok(())
    }

    /// Makes a column ready for the row's value, which stands at `at`, under the exact name or another
    /// spelling.
    #[inline]
    fn claim(
        &mut self,
        slot: usize,
        row: &mut RowState,
        at: usize,
        raw: impl FnOnce(usize) -> Result<String, Fault>,
        report: &mut Report,
    ) -> Result<(), Fault> {
        let rows = self.rows;
        let spelling = row.spelling.take();
        if self.members[slot].filled > rows {
            let before = raw(self.members[slot].last_at)?;
            self.take_back(slot, spelling.as_deref(), &before, report);
        } else {
            row.filled += 1;
        }
        let member = &mut self.members[slot];
        if member.last_spelling != spelling {
            member.last_spelling = spelling;
        }
        if !member.is_met {
            member.is_met = true;
            member.first_at = at;
            self.met += usize::from(!member.is_known);
            if self.met > MAX_KEYS {
                return Err(Fault::TooManyKeys { at });
            }
        }
        member.last_at = at;
        member.filled = rows + 1;
        // Objects of one kind mostly have their keys in one order.
        row.expected = slot + 1;
        Ok(())
    }

    /// Takes back the row's value of a column that gets another one: the last value is kept, and the one
    /// before it stands in the finding. Another spelling is another column.
    #[cold]
    fn take_back(&mut self, slot: usize, spelling: Option<&str>, before: &str, report: &mut Report) {
        let member = &mut self.members[slot];
        if member.last_spelling.as_deref() != spelling {
            // All such names are gathered before the rows are read once more.
            report.two_spellings.push(join(&self.path, &member.name));
        }
        report.value(Rule::RowDuplicateKey, &member.column.path(), before);
        member.column.drop_last();
    }

    /// The column that a key names, a new one where none does; tells `row` where it is spelled otherwise.
    fn find_slot(
        &mut self,
        key: &str,
        row: &mut RowState,
        at: usize,
        report: &mut Report,
    ) -> Result<usize, Fault> {
        if let Some(&slot) = self.slots.get(key) {
            return Ok(slot);
        }
        if let Some(&slot) = self.folded.get(&key.to_lowercase()) {
            self.members[slot].spelled.get_or_insert_with(|| key.to_owned());
            row.spelling = Some(key.to_owned());
            return Ok(slot);
        }
        Self::spend(self.rows as u64, at, report)?;
        let path = join(&self.path, key);
        let slot = self.add_member(&FieldSpec::undeclared(key), &path, &Separate::new(), false);
        for _ in 0..self.rows {
            self.members[slot].column.push_null();
        }
        Ok(slot)
    }

    /// The columns, in the order in which they were declared or met.
    pub(super) fn columns(&self) -> impl Iterator<Item = &Column> {
        self.members.iter().map(|member| &member.column)
    }

    /// The columns that some row has, in the order in which the text has them: a record that follows
    /// another keeps the order of that one, which may be of any part.
    fn members_as_met(&self) -> Vec<&Member> {
        let mut members: Vec<&Member> = self.members.iter().filter(|member| member.is_met).collect();
        members.sort_by_key(|member| member.first_at);
        members
    }

    /// Adds the shapes of the columns, where nothing is declared and all are texts.
    pub(super) fn add_shapes(&self, row: &mut Shape) {
        for member in self.members_as_met() {
            if let Cells::String(texts) = member.column.cells() {
                row.member(&member.name).add_texts(texts);
            }
        }
    }

    /// Adds what the rows say of the columns.
    pub(super) fn gather(&self, facts: &mut Facts) {
        for member in &self.members {
            let path = member.column.path();
            if member.is_met {
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
        let mut places: HashMap<String, usize> =
            specs.iter().enumerate().map(|(at, spec)| (spec.name.clone(), at)).collect();
        for member in self.members_as_met() {
            if let Some(at) = places.get(&*member.name) {
                member.column.extend(&mut specs[*at]);
            } else {
                places.insert(member.name.to_string(), specs.len());
                specs.push(FieldSpec::undeclared(&member.name));
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

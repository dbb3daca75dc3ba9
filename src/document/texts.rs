//! A column of texts under construction, of which the last ones can be taken back.

use std::collections::BTreeMap;

use arrow::array::{Array, ArrayBuilder, StringArray, StringBuilder};

/// Texts straight in Arrow's form. Those that are taken back stay in it until the end: what comes in
/// their place is kept beside, so that taking one back costs the same in a column of any length.
#[derive(Debug)]
pub(super) struct Texts {
    builder: StringBuilder,
    /// How many of the last texts were taken back.
    taken_back: usize,
    amended: BTreeMap<usize, Option<String>>,
}

impl Texts {
    pub(super) fn with_capacity(rows: usize, bytes: usize) -> Self {
        Self { builder: StringBuilder::with_capacity(rows, bytes), taken_back: 0, amended: BTreeMap::new() }
    }

    /// An empty column with room for as much as this one holds, and a little more.
    pub(super) fn successor(&self) -> Self {
        let (rows, bytes) = (self.builder.len(), self.builder.values_slice().len());
        Self::with_capacity(rows + rows / 16, bytes + bytes / 16)
    }

    pub(super) fn len(&self) -> usize {
        self.builder.len() - self.taken_back
    }

    #[inline]
    pub(super) fn push(&mut self, text: Option<&str>) {
        if self.taken_back > 0 {
            self.amended.insert(self.len(), text.map(str::to_owned));
            self.taken_back -= 1;
            return;
        }
        match text {
            Some(text) => self.builder.append_value(text),
            None => self.builder.append_null(),
        }
    }

    pub(super) fn drop_last(&mut self) {
        self.taken_back += 1;
    }

    pub(super) fn finish(mut self) -> StringArray {
        let rows = self.len();
        let mut texts = self.builder.finish();
        if self.amended.is_empty() && self.taken_back == 0 {
            texts.shrink_to_fit();
            return texts;
        }
        let amended = |row: usize| self.amended.get(&row).map(Option::as_deref);
        let kept = |row: usize| texts.is_valid(row).then(|| texts.value(row));
        (0..rows).map(|row| amended(row).unwrap_or_else(|| kept(row))).collect()
    }
}

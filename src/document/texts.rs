//! A column of texts under construction, of which the last ones can be taken back.

use std::collections::BTreeMap;

use arrow::array::{Array, ArrayBuilder, StringArray, StringBuilder};

use super::letters;

/// Texts straight in Arrow's form. Those that are taken back stay in it until the end: what comes in
/// their place is kept beside, so that taking one back costs the same in a column of any length.
#[derive(Debug)]
pub(super) struct Texts {
    builder: StringBuilder,
    /// How many of the last texts were taken back.
    taken_back: usize,
    amended: BTreeMap<usize, Option<String>>,
    /// The rows whose texts are objects or lists, as JSON.
    containers: Vec<usize>,
}

impl Texts {
    pub(super) fn with_capacity(rows: usize, bytes: usize) -> Self {
        Self {
            builder: StringBuilder::with_capacity(rows, bytes),
            taken_back: 0,
            amended: BTreeMap::new(),
            containers: Vec::new(),
        }
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

    /// Appends an object or a list, as JSON.
    pub(super) fn push_container(&mut self, json: &str) {
        self.containers.push(self.len());
        self.push(Some(json));
    }

    /// How many of the texts are objects or lists, as JSON.
    pub(super) fn containers(&self) -> usize {
        self.containers.len()
    }

    /// Whether the text of a row is an object or a list.
    pub(super) fn is_container(&self, row: usize) -> bool {
        self.containers.binary_search(&row).is_ok()
    }

    /// The text of a row as bytes, or none where it is null.
    #[inline]
    pub(super) fn bytes(&self, row: usize) -> Option<&[u8]> {
        if !self.amended.is_empty()
            && let Some(text) = self.amended.get(&row)
        {
            return text.as_ref().map(String::as_bytes);
        }
        let (offsets, validity) = (self.builder.offsets_slice(), self.builder.validity_slice());
        if validity.is_some_and(|bits| bits[row / 8] & (1 << (row % 8)) == 0) {
            return None;
        }
        self.builder.values_slice().get(place(offsets[row])..place(offsets[row + 1]))
    }

    /// The text of a row, or none where it is null.
    pub(super) fn text(&self, row: usize) -> Option<&str> {
        self.bytes(row).and_then(|bytes| std::str::from_utf8(bytes).ok())
    }

    /// Calls `look` for every text that is there, with its row.
    #[inline]
    pub(super) fn for_each(&self, mut look: impl FnMut(usize, &[u8])) {
        if self.amended.is_empty() {
            // A null has no bytes, and neither says anything.
            let (offsets, values) = (self.builder.offsets_slice(), self.builder.values_slice());
            let rows = offsets.windows(2).take(self.len()).enumerate();
            for (row, pair) in rows.filter(|(_, pair)| pair[0] < pair[1]) {
                look(row, &values[place(pair[0])..place(pair[1])]);
            }
            return;
        }
        for row in 0..self.len() {
            if let Some(bytes) = self.bytes(row) {
                look(row, bytes);
            }
        }
    }

    /// Calls `look` for every text that has something outside the order's alphabet, or may have.
    pub(super) fn for_each_odd(&self, marks: &mut Vec<u8>, mut look: impl FnMut(usize, &[u8])) {
        if self.taken_back > 0 || !self.amended.is_empty() {
            self.for_each(|row, bytes| {
                letters::mark(bytes, marks);
                if memchr::memchr(1, marks).is_some() {
                    look(row, bytes);
                }
            });
            return;
        }
        let (offsets, values) = (self.builder.offsets_slice(), self.builder.values_slice());
        letters::mark(values, marks);
        let (mut row, mut from) = (0, 0);
        while let Some(found) = memchr::memchr(1, &marks[from..]) {
            while place(offsets[row + 1]) <= from + found {
                row += 1;
            }
            from = place(offsets[row + 1]);
            look(row, &values[place(offsets[row])..from]);
        }
    }

    pub(super) fn drop_last(&mut self) {
        self.taken_back += 1;
        let row = self.len();
        self.containers.pop_if(|container| *container == row);
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

/// An offset of Arrow's as a place in the bytes.
#[inline]
fn place(offset: i32) -> usize {
    usize::try_from(offset).unwrap_or_default()
}

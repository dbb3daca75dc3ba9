//! The columns of a table, which its head names.

use std::collections::HashMap;

use super::profile::Profile;
use crate::error::Result;

/// Which field each column is.
#[derive(Debug, Default)]
pub(super) struct Columns {
    fields: Vec<Option<usize>>,
}

impl Columns {
    /// The columns of a head. A name that is there already gets a number; a column without a name is a field
    /// where it has values.
    pub(super) fn of_head<'c>(
        head: impl Iterator<Item = &'c str>,
        profile: &mut Profile<'_>,
    ) -> Result<Self> {
        let mut columns = Self::default();
        let mut last_numbers = HashMap::new();
        for (column, name) in head.enumerate() {
            let name = name.trim();
            let field = if name.is_empty() {
                None
            } else if profile.takes_as_value(name) {
                let field = profile.field(&unnamed(column))?;
                profile.value(field, name)?;
                Some(field)
            } else {
                let name = free(name, profile, &mut last_numbers);
                Some(profile.field(&name)?)
            };
            columns.fields.push(field);
        }
        Ok(columns)
    }

    /// Takes in a cell of the row that is being read.
    pub(super) fn cell(&mut self, column: usize, text: &str, profile: &mut Profile<'_>) -> Result<()> {
        if text.trim().is_empty() {
            return Ok(());
        }
        let field = if let Some(Some(field)) = self.fields.get(column) {
            *field
        } else {
            let field = profile.field(&unnamed(column))?;
            if let Some(place) = self.fields.get_mut(column) {
                *place = Some(field);
            }
            field
        };
        profile.value(field, text)
    }
}

/// What a column without a name is called.
fn unnamed(column: usize) -> String {
    format!("column {}", column + 1)
}

/// The name, or where it is taken, the name with a number.
fn free(name: &str, profile: &Profile<'_>, last_numbers: &mut HashMap<String, usize>) -> String {
    if !profile.has_field(name) {
        return name.to_owned();
    }
    // The next after the last one that was given: many columns may have one name.
    let last = last_numbers.entry(name.to_owned()).or_insert(1);
    loop {
        *last += 1;
        let numbered = format!("{name} ({last})");
        if !profile.has_field(&numbered) {
            return numbered;
        }
    }
}

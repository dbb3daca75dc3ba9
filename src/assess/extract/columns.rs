//! The columns of a table, which its head names.

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
        for name in head {
            let name = name.trim();
            let field = if name.is_empty() { None } else { Some(profile.field(&free(name, profile))?) };
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
            let field = profile.field(&format!("column {}", column + 1))?;
            if let Some(place) = self.fields.get_mut(column) {
                *place = Some(field);
            }
            field
        };
        profile.value(field, text);
        Ok(())
    }
}

/// The name, or where it is taken, the name with a number.
fn free(name: &str, profile: &Profile<'_>) -> String {
    let is_taken = |name: &str| profile.fields.iter().any(|field| field.path == name);
    if !is_taken(name) {
        return name.to_owned();
    }
    // One more number than there are fields is free.
    let mut numbers = 2..=profile.fields.len() + 2;
    let numbered =
        numbers.find_map(|number| Some(format!("{name} ({number})")).filter(|name| !is_taken(name)));
    numbered.unwrap_or_else(|| name.to_owned())
}

//! The other sheets of a workbook. Each is a table of its own: it is scanned for restricted data and for nothing else.

use serde::Serialize;

use super::Options;
use super::profile::Profile;
use super::report::{Reason, Report, RuleHit, field_hits, rule_hit};
use crate::assess::restricted::{Day, FieldHit, Kind, restricting, without_persons};
use crate::error::Error;

/// Sheets that a sentence names.
const MOST_NAMED: usize = 5;

/// A sheet of a workbook beside the one that is judged: what the scan for restricted data found there.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SheetReport {
    /// Its name; what in it tells of a person is masked.
    pub sheet: String,
    /// Its rows that were scanned.
    pub rows: u64,
    /// Why the rest of it, or all of it, was not scanned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_judged: Option<String>,
    /// What was found in which field.
    pub restricted: Vec<SheetHit>,
}

/// What the scan found of one kind in a field of such a sheet.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SheetHit {
    /// The field's name.
    pub field: String,
    /// The field's values that are not empty.
    pub values: u64,
    /// What was found.
    #[serde(flatten)]
    pub hit: RuleHit,
}

impl SheetReport {
    /// Of a sheet that was taken in, as far as an error let it.
    pub(super) fn of(
        name: &str,
        mut profile: Profile<'_>,
        options: &Options<'_>,
        error: Option<&Error>,
    ) -> Self {
        let hits = field_hits(&mut profile, options);
        let fields = profile.fields.iter().map(|field| field.path.as_str());
        let table: Vec<(&str, Vec<FieldHit>)> = fields.zip(hits).collect();
        let restricting: Vec<(&str, &FieldHit)> = restricting(&table).collect();
        let restricts = |hit: &FieldHit| restricting.iter().any(|(_, it)| std::ptr::eq(*it, hit));
        let all = table.iter().flat_map(|(field, hits)| hits.iter().map(move |hit| (*field, hit)));
        let hits = all.map(|(field, hit)| SheetHit {
            field: field.to_owned(),
            values: hit.values,
            hit: rule_hit(hit, restricts(hit)),
        });
        Self {
            sheet: shown(name, options.as_of),
            rows: profile.rows,
            not_judged: error.map(|error| error.message.clone()),
            restricted: hits.collect(),
        }
    }

    /// Whether the scan found anything there, or did not look at all of it, or there are rows.
    pub(super) fn is_told(&self) -> bool {
        self.rows > 0 || self.not_judged.is_some() || !self.restricted.is_empty()
    }

    /// Whether what was found restricts it.
    #[must_use]
    pub fn is_restricted(&self) -> bool {
        self.restricted.iter().any(|it| it.hit.is_restricting)
    }

    /// Why the workbook is restricted, and that nobody knows it of this sheet.
    fn reasons(&self) -> impl Iterator<Item = Reason> {
        let sheet = &self.sheet;
        let found = self.restricted.iter().filter(|it| it.hit.is_restricting).map(move |it| {
            let (SheetHit { field, values, hit }, code) = (it, it.hit.rule);
            let RuleHit { name_kk, name_ru, count, .. } = hit;
            let text = format!("{name_kk} ({name_ru}) in {count} of {values} values of the sheet '{sheet}'");
            Reason { code, field: Some(field.clone()), sheet: Some(sheet.clone()), text }
        });
        let unknown = self.not_judged.iter().map(move |why| Reason {
            code: "not_judged",
            field: None,
            sheet: Some(sheet.clone()),
            text: format!("the sheet '{sheet}' was not scanned whole: {why}"),
        });
        found.chain(unknown)
    }
}

impl Report {
    /// The reasons that lie in other sheets.
    pub(super) fn reasons_of_sheets(&self) -> Vec<Reason> {
        self.sheets.iter().flat_map(SheetReport::reasons).collect()
    }

    /// Whether another sheet is restricted.
    pub(super) fn has_restricted_sheet(&self) -> bool {
        self.sheets.iter().any(SheetReport::is_restricted)
    }

    /// Whether of another sheet not all was scanned.
    pub(super) fn has_unknown_sheet(&self) -> bool {
        self.sheets.iter().any(|sheet| sheet.not_judged.is_some())
    }

    /// The names of other sheets, each between two marks; of many the first ones.
    pub(super) fn named_sheets(
        &self,
        is_meant: impl Fn(&SheetReport) -> bool,
        [open, close]: [char; 2],
    ) -> String {
        let names: Vec<&str> =
            self.sheets.iter().filter(|sheet| is_meant(sheet)).map(|it| it.sheet.as_str()).collect();
        let shown = names.iter().take(MOST_NAMED).map(|name| format!("{open}{name}{close}"));
        let more = if names.len() > MOST_NAMED { ", …" } else { "" };
        shown.collect::<Vec<_>>().join(", ") + more
    }

    /// What the scan found beyond chance in other sheets, of persons: the field with its sheet, the kind, and the hit.
    pub(super) fn found_in_sheets(&self) -> impl Iterator<Item = (String, Kind, &SheetHit)> {
        let all = self.sheets.iter().flat_map(|sheet| sheet.restricted.iter().map(move |it| (sheet, it)));
        all.filter(|(_, it)| it.hit.is_beyond_chance).filter_map(|(sheet, it)| {
            let kind = Kind::ALL.into_iter().find(|kind| kind.code() == it.hit.rule && kind.is_personal())?;
            Some((format!("{}: {}", sheet.sheet, it.field), kind, it))
        })
    }
}

/// A sheet's name as it may be shown.
fn shown(name: &str, as_of: Day) -> String {
    without_persons(name, as_of).unwrap_or_else(|| name.to_owned())
}

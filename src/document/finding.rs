//! What a document breaks, as data: rules with a stable code, and findings counted exactly but kept
//! one by one only up to a cap, so that a column of bad values costs no memory.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// How many findings of one rule in one field are kept one by one; the total is always exact.
pub const KEPT_PER_RULE_AND_FIELD: usize = 1_000;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; nothing to mend.
    Note,
    /// Breaks the format, but the value was understood.
    Warning,
    /// A value, a row or a key could not be taken for what the document says it is.
    Error,
}

impl Severity {
    /// `note`, `warning` or `error`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Declares the rules, each with its code, its severity and the sentence that a user reads.
macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $severity:ident, $sentence:literal;)*) => {
        /// A rule of the format that a document can break.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule { $($(#[$doc])* $name,)* }

        impl Rule {
            /// Every rule there is.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stable dotted code, such as `value.not_an_int`.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// How much breaking it matters.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }

            /// What was expected, as a sentence.
            #[must_use]
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence,)* }
            }
        }
    };
}

// Sources: order 144 of 2021, annex 1 part 2 (the document) and annex 2 (the template).
rules! {
    /// There is no `fields`.
    DocumentNoFields = "document.no_fields", Warning, "the document declares no fields: every column is a String";
    /// `meta.apiUri` is missing, empty, a URL or too long: a table name was derived.
    MetaApiUri = "meta.api_uri", Warning, "meta.apiUri is not an identifier of at most 100 characters: a table name was derived";
    /// A declared type that is not one of the format's.
    FieldUnknownType = "field.unknown_type", Warning, "the declared type is not one of the format's: read as String";
    /// A key of the rows that `fields` does not declare.
    FieldUndeclared = "field.undeclared", Warning, "the rows have a key that fields does not declare: read as String";
    /// A declared field that no row has.
    FieldAbsent = "field.absent", Warning, "the field is declared, but no row has it: the column is null";
    /// A declared field whose key is spelled in another letter case in the rows.
    FieldCase = "field.case", Warning, "the rows spell the field in another letter case";
    /// An element of `data` that is not an object.
    RowNotAnObject = "row.not_an_object", Error, "a row must be an object: it is kept as a row of nulls";
    /// The same key twice in one object.
    RowDuplicateKey = "row.duplicate_key", Warning, "the key stands twice in one object: its last value is kept";
    /// Not a whole number of 64 bits.
    ValueNotAnInt = "value.not_an_int", Error, "expected a whole number of at most 64 bits";
    /// Not a number.
    ValueNotADouble = "value.not_a_double", Error, "expected a number";
    /// Not true or false.
    ValueNotABoolean = "value.not_a_boolean", Error, "expected true, false, 0 or 1";
    /// Not a date.
    ValueNotADate = "value.not_a_date", Error, "expected a date such as 31.12.2024 or 2024-12-31T10:00";
    /// A date that a spreadsheet stored as a number of days.
    ValueExcelDate = "value.excel_date", Warning, "a spreadsheet's day number was read as a date";
    /// A time of day in a field whose format has none.
    ValueTimeDropped = "value.time_dropped", Warning, "the field's format has no time of day: it was left out";
    /// Not a pair of coordinates.
    ValueNotAPosition = "value.not_a_geoposition", Error, "expected a point such as 51.117469,71.428171";
    /// Not an object.
    ValueNotAnObject = "value.not_an_object", Error, "expected an object";
    /// Not a list.
    ValueNotAList = "value.not_a_list", Error, "expected a list";
    /// An object or a list where a text was declared.
    ValueNotAString = "value.not_a_string", Warning, "expected a text: the JSON is kept as text";
    /// The column's points are in the order that its separator does not announce.
    PositionOrder = "position.order", Warning, "the column's points lie in Kazakhstan only with the two numbers swapped: they were swapped";
    /// A point on the globe, but not in Kazakhstan's box.
    PositionOutsideCountry = "position.outside_country", Warning, "the point is outside Kazakhstan (latitude 40.5 to 55.5, longitude 46.4 to 87.4)";
    /// Not a point of the globe.
    PositionOutsideGlobe = "position.outside_globe", Error, "latitude is at most 90 and longitude at most 180: the point is null";
}

/// One place where a document breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule that is broken.
    pub rule: Rule,
    /// Position in `data`, from 1; none where the finding is about a whole column or document.
    pub row: Option<u64>,
    /// The row's primary key, as text.
    pub key: Option<String>,
    /// Path of the field, such as `schedule.open`; empty for the document itself.
    pub field: Arc<str>,
    /// The value as the document has it.
    pub raw: Option<String>,
}

impl Finding {
    /// The finding as a sentence.
    #[must_use]
    pub fn message(&self) -> String {
        match &self.raw {
            Some(raw) => format!("{}; found {}", self.rule.sentence(), shown(raw)),
            None => self.rule.sentence().to_owned(),
        }
    }
}

/// A raw value as a message shows it: quoted, and cut after 120 characters.
fn shown(raw: &str) -> String {
    match raw.char_indices().nth(120) {
        Some((end, _)) => format!("\"{}…\"", &raw[..end]),
        None => format!("\"{raw}\""),
    }
}

/// The findings of one rule in one field.
#[derive(Debug, Clone, Default)]
struct Tally {
    total: u64,
    kept: Vec<Finding>,
}

/// The findings of a document: at most [`KEPT_PER_RULE_AND_FIELD`] of each kind, and exact totals.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    tallies: BTreeMap<(Rule, Arc<str>), Tally>,
}

impl Findings {
    /// Notes one more finding. `raw` is called only when the finding is kept.
    pub(crate) fn add(
        &mut self,
        rule: Rule,
        field: &Arc<str>,
        row: Option<u64>,
        raw: impl FnOnce() -> Option<String>,
    ) {
        let tally = self.tallies.entry((rule, Arc::clone(field))).or_default();
        tally.total += 1;
        if tally.kept.len() < KEPT_PER_RULE_AND_FIELD {
            tally.kept.push(Finding { rule, row, key: None, field: Arc::clone(field), raw: raw() });
        }
    }

    /// Notes findings that were only counted, beyond those that were kept.
    pub(crate) fn count(&mut self, rule: Rule, field: &Arc<str>, more: u64) {
        if more > 0 {
            self.tallies.entry((rule, Arc::clone(field))).or_default().total += more;
        }
    }

    /// Takes over the findings of a later part of the document, whose first row is `rows_before` + 1.
    pub(crate) fn append(&mut self, later: Self, rows_before: u64) {
        for (kind, tally) in later.tallies {
            let own = self.tallies.entry(kind).or_default();
            own.total += tally.total;
            let room = KEPT_PER_RULE_AND_FIELD.saturating_sub(own.kept.len());
            own.kept.extend(tally.kept.into_iter().take(room).map(|mut finding| {
                finding.row = finding.row.map(|row| row + rows_before);
                finding
            }));
        }
    }

    /// Every finding that was kept, by rule, field and row.
    pub fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.tallies.values().flat_map(|tally| &tally.kept)
    }

    /// Every finding that was kept, to fill in what was not known when it was noted.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Finding> {
        self.tallies.values_mut().flat_map(|tally| &mut tally.kept)
    }

    /// Exact number of findings by rule and field.
    pub fn totals(&self) -> impl Iterator<Item = (Rule, &str, u64)> {
        self.tallies.iter().map(|((rule, field), tally)| (*rule, field.as_ref(), tally.total))
    }

    /// Exact number of findings of all rules.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.tallies.values().map(|tally| tally.total).sum()
    }

    /// Exact number of findings of one severity.
    #[must_use]
    pub fn total_of(&self, severity: Severity) -> u64 {
        self.totals().filter(|(rule, _, _)| rule.severity() == severity).map(|(_, _, total)| total).sum()
    }
}
